#include "daemon/base/erasure.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "daemon/base/word.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define HEX(octets) (2 * (octets) + 1)
#define HASHED (32 + 8 + 8 + 16 + 4)

static uint8_t *put(uint8_t *at, uint64_t value, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		at[i] = (uint8_t)(value >> (8 * (octets - 1 - i)));
	return at + octets;
}

int erasure_head(uint8_t out[32], const uint8_t before[32], const struct erasure *e)
{
	uint8_t octets[HASHED], *at = octets;

	memcpy(at, before, 32);
	at = put(at + 32, e->n, 8);
	at = put(at, (uint64_t)e->at_ms, 8);
	memcpy(at, e->local_id, sizeof e->local_id);
	put(at + sizeof e->local_id, e->attachment, 4);
	return EVP_Digest(octets, sizeof octets, out, NULL, EVP_sha256(), NULL) == 1
		   ? 0
		   : RXP_ERR_CRYPTO;
}

void erasure_write(char out[ERASURE_LINE], const struct erasure *e)
{
	char id[HEX(16)], head[HEX(32)];

	rxp_hex_put(id, e->local_id, sizeof e->local_id, false);
	rxp_hex_put(head, e->head, sizeof e->head, false);
	snprintf(out, ERASURE_LINE, "%" PRIu64 " %" PRId64 " %s %" PRIu32 " %s\n", e->n, e->at_ms,
	    id, e->attachment, head);
}

int erasure_read(struct erasure *out, const char *line)
{
	struct erasure e = {.n = 0};
	char again[ERASURE_LINE];
	uint64_t at_ms, attachment;
	const char *at = line;

	if (word_number(&e.n, &at) != 0 || word_number(&at_ms, &at) != 0 ||
	    word_octets(e.local_id, sizeof e.local_id, &at) != 0 ||
	    word_number(&attachment, &at) != 0 || attachment > UINT32_MAX ||
	    word_octets(e.head, sizeof e.head, &at) != 0)
		return RXP_ERR_SYNTAX;
	e.at_ms = (int64_t)at_ms;
	e.attachment = (uint32_t)attachment;
	erasure_write(again, &e);
	if (strcmp(again, line) != 0)
		return RXP_ERR_SYNTAX;
	*out = e;
	return 0;
}
