#include "protocol/peering/identity_known.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/err.h"

#define FIRST_ROOM 32

struct known_part {
	uint8_t octets[RXP_DIGEST_OCTETS]; /* their SHA-256 */
	struct rxp_identity_part *part; /* owned */
};

struct rxp_identity_known {
	size_t n, room;
	struct known_part *parts;
};

struct rxp_identity_known *rxp_identity_known_new(void)
{
	return calloc(1, sizeof(struct rxp_identity_known));
}

static void part_free(struct rxp_identity_part *part)
{
	if (part != NULL)
		rxp_identity_clear(&part->identity);
	free(part);
}

void rxp_identity_known_free(struct rxp_identity_known *known)
{
	if (known == NULL)
		return;
	for (size_t i = 0; i < known->n; i++)
		part_free(known->parts[i].part);
	free(known->parts);
	free(known);
}

static int make_room(struct rxp_identity_known *known)
{
	size_t room = known->room == 0 ? FIRST_ROOM : 2 * known->room;
	struct known_part *parts;

	if (known->n < known->room)
		return 0;
	parts = realloc(known->parts, room * sizeof *parts);
	if (parts == NULL)
		return RXP_ERR_NOMEM;
	known->parts = parts;
	known->room = room;
	return 0;
}

/* Parts of one chain are mostly read one behind the other, and list the same certificates. */
static const struct rxp_identity *last_read(const struct rxp_identity_known *known)
{
	return known->n == 0 ? NULL : &known->parts[known->n - 1].part->identity;
}

static int read_part(struct rxp_identity_part **out, const uint8_t *octets, size_t len,
    const struct rxp_identity *before)
{
	struct rxp_identity_part *part = calloc(1, sizeof *part);
	int rc;

	if (part == NULL)
		return RXP_ERR_NOMEM;
	rxp_identity_init(&part->identity);
	rc =
	    rxp_identity_read(&part->identity, &part->root, part->fingerprint, octets, len, before);
	if (rc != 0)
		part_free(part);
	else
		*out = part;
	return rc;
}

int rxp_identity_known_read(struct rxp_identity_known *known, const struct rxp_identity_part **out,
    const uint8_t *octets, size_t len)
{
	struct known_part one;
	int rc;

	if (EVP_Digest(octets, len, one.octets, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	for (size_t i = 0; i < known->n; i++)
		if (memcmp(known->parts[i].octets, one.octets, sizeof one.octets) == 0) {
			*out = known->parts[i].part;
			return 0;
		}
	if ((rc = make_room(known)) != 0 ||
	    (rc = read_part(&one.part, octets, len, last_read(known))) != 0)
		return rc;
	known->parts[known->n++] = one;
	*out = one.part;
	return 0;
}
