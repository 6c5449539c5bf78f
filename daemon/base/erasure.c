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
#define NAMED (HASHED + 32)

static const char label[] = "readmit erasure";

static uint8_t *put(uint8_t *at, uint64_t value, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		at[i] = (uint8_t)(value >> (8 * (octets - 1 - i)));
	return at + octets;
}

static int hash(uint8_t out[32], const uint8_t *octets, size_t len)
{
	return EVP_Digest(octets, len, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : RXP_ERR_CRYPTO;
}

int erasure_name(uint8_t out[32], const struct erasure_document *d)
{
	uint8_t octets[sizeof label + 1 + 3 + 16 + 32], *at = octets;

	memcpy(at, label, sizeof label); /* with its NUL */
	at = put(at + sizeof label, d->own ? 2 : 1, 1);
	memcpy(at, d->peer, 3);
	memcpy(at + 3, d->message_id, sizeof d->message_id);
	memcpy(at + 3 + sizeof d->message_id, d->fingerprint, sizeof d->fingerprint);
	return hash(out, octets, sizeof octets);
}

int erasure_head(uint8_t out[32], const uint8_t before[32], const struct erasure *e)
{
	uint8_t octets[NAMED], *at = octets;

	memcpy(at, before, 32);
	at = put(at + 32, e->n, 8);
	at = put(at, (uint64_t)e->at_ms, 8);
	memcpy(at, e->local_id, sizeof e->local_id);
	at = put(at + sizeof e->local_id, e->attachment, 4);
	memcpy(at, e->name, sizeof e->name);
	return hash(out, octets, e->named ? NAMED : HASHED);
}

void erasure_write(char out[ERASURE_LINE], const struct erasure *e)
{
	char id[HEX(16)], name[HEX(32)] = "", head[HEX(32)];

	rxp_hex_put(id, e->local_id, sizeof e->local_id, false);
	if (e->named)
		rxp_hex_put(name, e->name, sizeof e->name, false);
	rxp_hex_put(head, e->head, sizeof e->head, false);
	snprintf(out, ERASURE_LINE, "%" PRIu64 " %" PRId64 " %s %" PRIu32 " %s%s%s\n", e->n,
	    e->at_ms, id, e->attachment, name, e->named ? " " : "", head);
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
	memcpy(e.name, e.head, sizeof e.name);
	e.named = word_octets(e.head, sizeof e.head, &at) == 0;
	if (!e.named)
		memset(e.name, 0, sizeof e.name);
	e.at_ms = (int64_t)at_ms;
	e.attachment = (uint32_t)attachment;
	erasure_write(again, &e);
	if (strcmp(again, line) != 0)
		return RXP_ERR_SYNTAX;
	*out = e;
	return 0;
}
