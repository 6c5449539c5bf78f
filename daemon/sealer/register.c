#include "daemon/sealer/register.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/memfile.h"
#include "daemon/sealer/keys.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/compartment.h"
#include "protocol/envelope/agreement.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/seal/cert.h"

struct own_entry {
	struct rec_own_key rec;
	struct rxp_agreement_key *key; /* owned; NULL until first used */
};

struct cert_entry {
	struct rec_seal_cert rec;
	struct rxp_cert *cert; /* owned; NULL: there is none in it */
};

/* What one register file holds; BYTES of the records point into the mapping. */
struct content {
	uint8_t *octets; /* owned mapping */
	size_t len;
	struct rec_register_head head;
	struct own_entry *own;
	struct cert_entry *certs;
	struct rec_peer_key *peers;
	struct rec_office_key *offices;
	struct rxp_evidence_descriptor *former;
	size_t n_own, n_certs, n_peers, n_offices, n_former;
};

struct register_map {
	const char *own; /* our party */
	const struct box_ring *storage;
	struct content now; /* number 0: none yet */
};

static void content_clear(struct content *c)
{
	for (size_t i = 0; i < c->n_own; i++)
		rxp_agreement_key_free(c->own[i].key);
	for (size_t i = 0; i < c->n_certs; i++)
		rxp_cert_free(c->certs[i].cert);
	free(c->own);
	free(c->certs);
	free(c->peers);
	free(c->offices);
	free(c->former);
	memfile_unmap(c->octets, c->len);
	memset(c, 0, sizeof *c);
}

int register_new(struct register_map **out, const char *own, const struct box_ring *storage)
{
	struct register_map *map = calloc(1, sizeof *map);

	if (map == NULL)
		return RXP_ERR_NOMEM;
	map->own = own;
	map->storage = storage;
	*out = map;
	return 0;
}

void register_free(struct register_map *map)
{
	if (map == NULL)
		return;
	content_clear(&map->now);
	free(map);
}

static int take_head(struct content *c, struct bytes fields)
{
	if (c->head.number != 0)
		return RXP_ERR_STATE;
	return record_decode(&c->head, &record_register_head, fields.data, fields.len);
}

static int take_own_key(struct content *c, struct bytes fields)
{
	int rc = record_decode(&c->own[c->n_own].rec, &record_own_key, fields.data, fields.len);

	if (rc == 0)
		c->n_own++;
	return rc;
}

static int take_peer_key(struct content *c, struct bytes fields)
{
	int rc = record_decode(&c->peers[c->n_peers], &record_peer_key, fields.data, fields.len);

	if (rc == 0)
		c->n_peers++;
	return rc;
}

static int take_office_key(struct content *c, struct bytes fields)
{
	int rc =
	    record_decode(&c->offices[c->n_offices], &record_office_key, fields.data, fields.len);

	if (rc == 0)
		c->n_offices++;
	return rc;
}

static int take_seal_cert(struct content *c, struct bytes fields)
{
	struct cert_entry *entry = &c->certs[c->n_certs];
	size_t of_party = 1;
	int rc = record_decode(&entry->rec, &record_seal_cert, fields.data, fields.len);

	if (rc == 0)
		rc = rxp_cert_parse(&entry->cert, entry->rec.der.data, entry->rec.der.len);
	if (rc == RXP_ERR_KEY)
		rc =
		    0; /* of a hand in the database: its party is out of use (is_spoilt()), and no other */
	if (rc != 0)
		return rc;
	for (size_t i = 0; i < c->n_certs; i++)
		of_party += strcmp(c->certs[i].rec.party, entry->rec.party) == 0;
	c->n_certs++;
	return of_party <= REGISTER_MAX_PARTY_CERTS ? 0 : RXP_ERR_BOUND;
}

static int take_former(struct content *c, struct bytes fields)
{
	struct rec_evidence_former r;
	int rc = record_decode(&r, &record_evidence_former, fields.data, fields.len);

	if (rc != 0)
		return rc;
	if (c->n_former == RXP_EVIDENCE_FORMER_MAX)
		return RXP_ERR_BOUND;
	c->former[c->n_former++] = (struct rxp_evidence_descriptor){r.octets.data, r.octets.len};
	return 0;
}

typedef int take_fn(struct content *c, struct bytes fields);

static take_fn *const takers[REC_COUNT] = {
    [REC_register_head] = take_head,
    [REC_own_key] = take_own_key,
    [REC_seal_cert] = take_seal_cert,
    [REC_peer_key] = take_peer_key,
    [REC_office_key] = take_office_key,
    [REC_evidence_former] = take_former,
};

static bool known(uint16_t tag)
{
	return tag < REC_COUNT && takers[tag] != NULL;
}

/* Room for as many entries as the file has records of each kind. */
static int make_room(struct content *c)
{
	struct record_cursor cursor = {.at = c->octets, .left = c->len};
	struct bytes fields;
	uint16_t tag;
	size_t count[REC_COUNT] = {0};
	int rc;

	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		if (!known(tag))
			return RXP_ERR_STATE;
		count[tag]++;
	}
	if (rc != 0)
		return rc;
	c->own = calloc(count[REC_own_key] + 1, sizeof *c->own);
	c->certs = calloc(count[REC_seal_cert] + 1, sizeof *c->certs);
	c->peers = calloc(count[REC_peer_key] + 1, sizeof *c->peers);
	c->offices = calloc(count[REC_office_key] + 1, sizeof *c->offices);
	c->former = calloc(count[REC_evidence_former] + 1, sizeof *c->former);
	return c->own != NULL && c->certs != NULL && c->peers != NULL && c->offices != NULL &&
		       c->former != NULL
		   ? 0
		   : RXP_ERR_NOMEM;
}

static int read_records(struct content *c)
{
	struct record_cursor cursor = {.at = c->octets, .left = c->len};
	struct bytes fields;
	uint16_t tag;
	int rc = make_room(c);

	while (rc == 0 && record_list_next(&cursor, &tag, &fields) == 1)
		rc = takers[tag](c, fields);
	return rc;
}

int register_use(struct register_map *map, int fd, uint64_t number)
{
	struct content next = {0};
	int rc;

	if (number == 0)
		return RXP_ERR_STATE;
	if (number <= map->now.head.number)
		return 0;
	rc = memfile_map(&next.octets, &next.len, fd, REGISTER_MAX_OCTETS);
	if (rc == 0)
		rc = read_records(&next);
	if (rc == 0 && (next.head.number != number || strcmp(next.head.own, map->own) != 0))
		rc = RXP_ERR_STATE;
	if (rc != 0) {
		content_clear(&next);
		return rc == RXP_ERR_SYNTAX || rc == RXP_ERR_KEY || rc == RXP_ERR_PEER
			   ? RXP_ERR_STATE
			   : rc;
	}
	content_clear(&map->now);
	map->now = next;
	return 0;
}

/* Is a certificate of the party none? Of what is stored of it nothing is used then. */
static bool is_spoilt(const struct register_map *map, const char *party)
{
	for (size_t i = 0; i < map->now.n_certs; i++)
		if (map->now.certs[i].cert == NULL &&
		    strcmp(map->now.certs[i].rec.party, party) == 0)
			return true;
	return false;
}

const struct rxp_evidence_descriptor *register_former(
    const struct register_map *map, size_t *n, uint64_t *number)
{
	*n = map->now.n_former;
	*number = map->now.head.number;
	return map->now.former;
}

void register_seals(
    const struct register_map *map, const char *party, int64_t at_ms, struct register_seals *out)
{
	const size_t n = is_spoilt(map, party) ? 0 : map->now.n_certs;

	*out = (struct register_seals){0};
	for (size_t i = 0; i < n; i++) {
		const struct cert_entry *e = &map->now.certs[i];

		if (strcmp(e->rec.party, party) != 0 ||
		    (e->rec.revoked_ms != 0 && e->rec.revoked_ms <= at_ms))
			continue;
		out->retired_ms[out->n] = e->rec.retired_ms;
		out->revoked_ms[out->n] = e->rec.revoked_ms;
		out->certs[out->n++] = e->cert;
	}
}

bool register_seals_good(const struct register_seals *seals, const struct rxp_cert *cert,
    int64_t created_ms, int64_t received_ms)
{
	for (size_t i = 0; i < seals->n; i++) {
		int64_t retired_ms = seals->retired_ms[i], revoked_ms = seals->revoked_ms[i];

		if (seals->certs[i] != cert)
			continue;
		if (revoked_ms != 0 && revoked_ms <= received_ms)
			return false;
		return retired_ms == 0 ||
		       (created_ms < retired_ms && received_ms - RXP_RETIRED_SEAL_MS <= retired_ms);
	}
	return false;
}

int register_own_key(
    struct register_map *map, const uint8_t key_id[32], const struct rxp_agreement_key **out)
{
	for (size_t i = 0; i < map->now.n_own; i++) {
		struct own_entry *e = &map->now.own[i];
		const struct bytes *wrapped = &e->rec.wrapped;
		int rc = 0;

		if (memcmp(e->rec.key_id, key_id, sizeof e->rec.key_id) != 0)
			continue;
		if (e->key == NULL)
			rc = keys_unwrap_agreement(
			    &e->key, map->storage, key_id, wrapped->data, wrapped->len);
		if (rc == 0)
			*out = e->key;
		return rc;
	}
	return RXP_ERR_NOT_FOUND;
}

int register_peer_key(
    const struct register_map *map, const char *party, const uint8_t key_id[32], struct bytes *spki)
{
	const size_t n = is_spoilt(map, party) ? 0 : map->now.n_peers;

	for (size_t i = 0; i < n; i++) {
		const struct rec_peer_key *p = &map->now.peers[i];

		if (strcmp(p->party, party) != 0 ||
		    memcmp(p->key_id, key_id, sizeof p->key_id) != 0)
			continue;
		*spki = p->spki;
		return 0;
	}
	return RXP_ERR_NOT_FOUND;
}

int register_office_keys(
    const struct register_map *map, const char *party, struct rxp_office_keys *out)
{
	struct rxp_office_keys keys = {0};
	int rc = is_spoilt(map, party) ? RXP_ERR_STATE : 0;

	for (size_t i = 0; i < map->now.n_offices && rc == 0; i++) {
		const struct rec_office_key *k = &map->now.offices[i];
		enum rxp_compartment compartment;

		if (strcmp(k->party, party) != 0)
			continue;
		rc = rxp_compartment_of_office(&compartment, k->office);
		if (rc == 0)
			rc = rxp_office_keys_add(&keys, compartment, k->spki.data, k->spki.len);
	}
	if (rc == 0)
		*out = keys;
	else
		rxp_office_keys_clear(&keys);
	return rc == 0 || rc == RXP_ERR_NOMEM ? rc : RXP_ERR_STATE;
}
