#include "daemon/sealer/descriptor.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/ending.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/keys.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/peering/descriptor.h"
#include "protocol/peering/descriptor_diff.h"
#include "protocol/seal/cert.h"

#define FORMER_PINS_MAX 16 /* of one party */

/* A descriptor file taken apart; owns its buffers. */
struct parts {
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS];
	size_t n;
	struct rxp_buf working;
};

static int parts_take(struct parts *out, const uint8_t *octets, size_t len)
{
	struct parts p = {0};
	int rc = rxp_descriptor_split(p.identities, &p.n, &p.working, octets, len);

	if (rc == 0)
		*out = p;
	return rc;
}

static void parts_clear(struct parts *p)
{
	for (size_t i = 0; i < p->n; i++)
		rxp_buf_free(&p->identities[i]);
	rxp_buf_free(&p->working);
}

/* The rows are lists of records, one function for each kind; errors stick in the buffer. */

/* Of those that are not put yet the one in force, or else the one that was retired last; p->n: none is left. */
static size_t next_cert(const struct rxp_evidence_party *p, const bool put[RXP_EVIDENCE_MAX_CERTS])
{
	size_t best = p->n;

	for (size_t i = 0; i < p->n; i++) {
		if (put[i])
			continue;
		if (p->retired_ms[i] == 0)
			return i;
		if (best == p->n || p->retired_ms[i] > p->retired_ms[best])
			best = i;
	}
	return best;
}

/* Retired ones too, as far as a register takes them: what they sealed before may still come (RXP-DSC-027). */
static void put_certs(struct rxp_buf *rows, const struct rxp_evidence_party *p)
{
	bool put[RXP_EVIDENCE_MAX_CERTS] = {false};

	for (size_t n = 0; n < REGISTER_MAX_PARTY_CERTS && n < p->n; n++) {
		size_t at = next_cert(p, put), len;
		const uint8_t *der = rxp_cert_der(p->certs[at], &len);
		struct rec_seal_cert r = {.der = {.data = der, .len = len},
		    .retired_ms = p->retired_ms[at],
		    .revoked_ms = p->revoked_ms[at]};

		put[at] = true;
		memcpy(r.party, p->party, sizeof r.party);
		record_list_put(rows, REC_seal_cert, &record_seal_cert, &r);
	}
}

/* The latest ones. */
static void put_former_pins(struct rxp_buf *rows, const struct rxp_evidence_party *p)
{
	for (size_t n = 0; n < FORMER_PINS_MAX && n < p->n_pins; n++) {
		struct rec_former_pin r = {0};

		memcpy(r.party, p->party, sizeof r.party);
		memcpy(r.spki_digest, p->former_pins[p->n_pins - 1 - n], sizeof r.spki_digest);
		record_list_put(rows, REC_former_pin, &record_former_pin, &r);
	}
}

static void put_pins(struct rxp_buf *rows, const struct rxp_descriptor *d)
{
	for (size_t i = 0; i < d->identity.n_pins; i++) {
		struct rec_pin r = {0};

		memcpy(r.party, d->identity.party, sizeof r.party);
		memcpy(r.spki_digest, d->identity.pins[i], sizeof r.spki_digest);
		record_list_put(rows, REC_pin, &record_pin, &r);
	}
}

static void put_endpoints(struct rxp_buf *rows, const struct rxp_descriptor *d)
{
	for (size_t i = 0; i < d->identity.n_endpoints; i++) {
		const char *url = d->identity.endpoints[i];
		struct rec_endpoint r = {.url = {(const uint8_t *)url, strlen(url)}};

		memcpy(r.party, d->identity.party, sizeof r.party);
		record_list_put(rows, REC_endpoint, &record_endpoint, &r);
	}
}

static void put_keys(struct rxp_buf *rows, const struct rxp_descriptor *d)
{
	for (size_t i = 0; i < d->working.n_keys; i++) {
		const struct rxp_working_key *k = &d->working.keys[i];
		struct rec_peer_key r = {
		    .from_ms = k->from_ms, .until_ms = k->until_ms, .spki = reply_bytes(&k->spki)};

		memcpy(r.party, d->identity.party, sizeof r.party);
		memcpy(r.key_id, k->key_id, sizeof r.key_id);
		record_list_put(rows, REC_peer_key, &record_peer_key, &r);
	}
}

static void put_offices(struct rxp_buf *rows, const struct rxp_descriptor *d)
{
	for (size_t i = 0; i < d->identity.n_offices; i++) {
		struct rec_office r = {0};

		memcpy(r.party, d->identity.party, sizeof r.party);
		memcpy(r.office, d->identity.offices[i], RXP_OFFICE_TEXT);
		record_list_put(rows, REC_office, &record_office, &r);
	}
}

static void put_office_keys(struct rxp_buf *rows, const struct rxp_descriptor *d)
{
	const struct rxp_office_keys *keys = &d->identity.office_keys;

	for (size_t i = 0; i < keys->n; i++) {
		struct rec_office_key r = {.spki = reply_bytes(&keys->key[i].spki)};

		memcpy(r.party, d->identity.party, sizeof r.party);
		snprintf(r.office, sizeof r.office, "%s",
		    rxp_compartment_office(keys->key[i].compartment));
		record_list_put(rows, REC_office_key, &record_office_key, &r);
	}
}

static void put_ending(struct rxp_buf *rows, const char *party, enum ending e, int64_t until_ms)
{
	struct rec_ending r = {.until_ms = until_ms};

	if (until_ms == 0)
		return;
	memcpy(r.party, party, sizeof r.party);
	snprintf(r.what, sizeof r.what, "%s", ending_word(e));
	record_list_put(rows, REC_ending, &record_ending, &r);
}

/* The end of the seal certificate that lasts longest, of those that the latest part lists. */
static int64_t seals_until(const struct rxp_evidence_party *p)
{
	int64_t last_ms = 0;

	for (size_t i = 0; i < p->n; i++) {
		int64_t from_ms, until_ms;

		rxp_cert_validity(p->certs[i], &from_ms, &until_ms);
		if (p->retired_ms[i] == 0 && p->revoked_ms[i] == 0 && until_ms > last_ms)
			last_ms = until_ms;
	}
	return last_ms;
}

static void put_endings(
    struct rxp_buf *rows, const struct rxp_descriptor *d, const struct rxp_evidence_party *p)
{
	const char *party = d->identity.party;

	put_ending(rows, party, ENDING_SEAL, seals_until(p));
	put_ending(rows, party, ENDING_ROOT, d->root_until_ms);
	put_ending(rows, party, ENDING_NEXT_ROOT,
	    d->announced_ms == 0 ? 0 : d->announced_ms + ENDING_NEXT_ROOT_MS);
}

static void put_levels(struct rxp_buf *rows, const struct rxp_descriptor *d)
{
	for (int level = 0; level < RXP_LEVEL_COUNT; level++) {
		const char *name = rxp_level_name((enum rxp_level)level);
		struct rec_level r = {0};

		if ((d->identity.levels & 1u << level) == 0)
			continue;
		memcpy(r.party, d->identity.party, sizeof r.party);
		memcpy(r.level, name, strlen(name));
		record_list_put(rows, REC_level, &record_level, &r);
	}
}

typedef void put_fn(struct rxp_buf *rows, const struct rxp_descriptor *d);

static put_fn *const row_kinds[] = {
    put_pins, put_endpoints, put_keys, put_offices, put_office_keys, put_levels};

/* octets: of the whole descriptor, which was verified. */
static int put_rows(struct rxp_buf *rows, const struct rxp_descriptor *d, struct bytes octets)
{
	struct rxp_evidence_party *p = NULL;
	int rc = rxp_evidence_party_open(&p, octets.data, octets.len, NULL);

	if (rc != 0)
		return rc;
	put_certs(rows, p);
	put_former_pins(rows, p);
	put_endings(rows, d, p);
	for (size_t i = 0; i < sizeof row_kinds / sizeof row_kinds[0]; i++)
		row_kinds[i](rows, d);
	rxp_evidence_party_free(p);
	return rxp_buf_error(rows);
}

static int write_facts(struct msg_descriptor_checked *a, const struct rxp_descriptor *d,
    struct bytes whole, const struct rxp_buf *working, struct rxp_buf octets[REPLY_BUFFERS])
{
	int rc;

	if (!d->has_working)
		return RXP_ERR_STRUCTURE;
	memcpy(a->party, d->identity.party, sizeof a->party);
	a->test_node = d->identity.test;
	a->identity_serial = d->identity.serial;
	memcpy(a->identity, d->identity_digest, sizeof a->identity);
	a->identity_created_ms = d->identity.created_ms;
	a->working_created_ms = d->working.created_ms;
	memcpy(a->root, d->root, sizeof a->root);
	rxp_buf_put(&octets[0], working->data, working->len);
	if ((rc = rxp_buf_error(&octets[0])) != 0 || (rc = put_rows(&octets[1], d, whole)) != 0)
		return rc;
	a->working = reply_bytes(&octets[0]);
	a->rows = reply_bytes(&octets[1]);
	return 0;
}

/* A chain that ends before the known part is older, which the registry sees by its serial. */
static int check_known(
    const struct parts *parts, uint64_t serial, uint64_t known_serial, const uint8_t known[32])
{
	struct rxp_descriptor *d = NULL;
	struct rxp_buf chain;
	int rc;

	if (known_serial == 0 || known_serial > serial)
		return 0;
	if (serial - known_serial >= parts->n)
		return RXP_ERR_MISMATCH;
	rxp_buf_init(&chain, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = rxp_descriptor_write(
	    &chain, parts->identities, parts->n - (size_t)(serial - known_serial), NULL);
	if (rc == 0)
		rc = rxp_descriptor_open(&d, chain.data, chain.len, NULL);
	if (rc == 0 && memcmp(d->identity_digest, known, sizeof d->identity_digest) != 0)
		rc = RXP_ERR_MISMATCH;
	rxp_descriptor_free(d);
	rxp_buf_free(&chain);
	return rc;
}

static bool is_own_seal(const struct node *node, const struct rxp_buf *der)
{
	for (size_t i = 0; i < node->seals->n; i++) {
		size_t len;
		const uint8_t *own = rxp_cert_der(node->seals->certs[i], &len);

		if (len == der->len && memcmp(own, der->data, len) == 0)
			return true;
	}
	return false;
}

/* Does another party name a key of ours (RXP-DSC-037)? */
static bool names_own(const struct node *node, const struct rxp_descriptor *d)
{
	const struct rxp_identity *own = &node->own->identity;
	const struct rxp_identity *other = &d->identity;
	bool found = memcmp(d->root, node->own->root, sizeof d->root) == 0;

	if (strcmp(other->party, own->party) == 0)
		return false;
	for (size_t i = 0; i < other->n_pins; i++)
		for (size_t k = 0; k < own->n_pins; k++)
			found =
			    found || memcmp(other->pins[i], own->pins[k], sizeof own->pins[k]) == 0;
	for (size_t i = 0; i < other->n_certs; i++)
		found = found || is_own_seal(node, &other->certs[i]);
	return found;
}

static int put_change(void *arg, enum rxp_change change, bool added, const char *value)
{
	const char *text = rxp_change_text(change, added);
	struct rec_change_row r = {.added = added,
	    .text = {(const uint8_t *)text, strlen(text)},
	    .value = {(const uint8_t *)value, strlen(value)}};

	snprintf(r.change, sizeof r.change, "%s", rxp_change_word(change));
	return record_list_put(arg, REC_change_row, &record_change_row, &r);
}

/* Against what is known, which was verified when it was stored. */
static int put_changes(struct rxp_buf *rows, const struct rxp_descriptor *d, struct bytes earlier)
{
	struct rxp_descriptor *before = NULL;
	int rc = 0;

	if (earlier.len > 0)
		rc = rxp_descriptor_open(&before, earlier.data, earlier.len, NULL);
	if (rc == 0)
		rc = rxp_descriptor_diff(before, d, put_change, rows);
	rxp_descriptor_free(before);
	return rc;
}

int descriptor_check_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_check_descriptor *q = request;
	struct rxp_descriptor *d = NULL;
	struct parts parts = {0};
	int rc;

	rc = rxp_descriptor_open(
	    &d, q->octets.data, q->octets.len, q->any_root != 0 ? NULL : q->root);
	if (rc == 0 && names_own(node, d))
		rc = RXP_ERR_PEER;
	if (rc == 0)
		rc = parts_take(&parts, q->octets.data, q->octets.len);
	if (rc == 0)
		rc = check_known(&parts, d->identity.serial, q->known_serial, q->known);
	if (rc == 0)
		rc = write_facts(
		    &reply->body.descriptor_checked, d, q->octets, &parts.working, reply->octets);
	if (rc == 0 && q->differ != 0)
		rc = put_changes(&reply->octets[2], d, q->earlier);
	if (rc == 0)
		reply->body.descriptor_checked.changes = reply_bytes(&reply->octets[2]);
	reply->body.descriptor_checked.result = (uint32_t)rc;
	parts_clear(&parts);
	rxp_descriptor_free(d);
	return 0;
}

/* Write the chain of a descriptor with another working part behind it, and read it again. */
static int join_parts(struct rxp_buf *out, struct rxp_descriptor **d, const uint8_t *root,
    struct bytes chain, const struct rxp_buf *working)
{
	struct parts parts = {0};
	int rc = parts_take(&parts, chain.data, chain.len);

	if (rc == 0)
		rc = rxp_descriptor_write(out, parts.identities, parts.n, working);
	if (rc == 0)
		rc = rxp_descriptor_open(d, out->data, out->len, root);
	parts_clear(&parts);
	return rc;
}

int descriptor_renew_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_renew_descriptor *q = request;
	struct msg_descriptor_renewed *a = &reply->body.descriptor_renewed;
	struct rxp_descriptor *d = NULL;
	struct rxp_buf working;
	int rc;

	(void)node;
	rxp_buf_init(&working, RXP_MAX_PART_OCTETS);
	rc = rxp_buf_put(&working, q->working.data, q->working.len);
	if (rc == 0)
		rc = join_parts(&reply->octets[0], &d, q->root, q->descriptor, &working);
	if (rc == 0)
		rc = put_rows(&reply->octets[1], d, reply_bytes(&reply->octets[0]));
	if (rc == 0) {
		a->working_created_ms = d->working.created_ms;
		a->descriptor = reply_bytes(&reply->octets[0]);
		a->rows = reply_bytes(&reply->octets[1]);
	}
	a->result = (uint32_t)rc;
	rxp_buf_free(&working);
	rxp_descriptor_free(d);
	return 0;
}

/* Is the private part in the box the one to it? Else somebody wrote it into the database, who may have that himself. 1: it is. */
static int is_own(const struct node *node, const struct rec_own_key *r)
{
	struct rxp_agreement_key *key = NULL;
	uint8_t id[RXP_DIGEST_OCTETS];
	int rc = digest_make(id, r->spki.data, r->spki.len);

	if (rc == 0)
		rc = keys_unwrap_agreement(
		    &key, &node->storage, r->key_id, r->wrapped.data, r->wrapped.len);
	rxp_agreement_key_free(key);
	if (rc != 0)
		return rc == RXP_ERR_DAMAGED ? 0 : rc;
	return memcmp(id, r->key_id, sizeof id) == 0;
}

static int add_key(struct rxp_working *w, const struct node *node, struct bytes fields)
{
	struct rec_own_key r;
	struct rxp_working_key *k;
	int rc = record_decode(&r, &record_own_key, fields.data, fields.len);

	if (rc != 0 || w->n_keys == RXP_MAX_AGREEMENT_KEYS)
		return RXP_ERR_STATE;
	rc = is_own(node, &r);
	if (rc != 1)
		return rc;
	k = &w->keys[w->n_keys++];
	memcpy(k->key_id, r.key_id, sizeof k->key_id);
	k->from_ms = r.from_ms;
	k->until_ms = r.until_ms;
	return rxp_buf_put(&k->spki, r.spki.data, r.spki.len);
}

static int read_request(
    struct rxp_working *w, const struct node *node, const struct msg_seal_working *q)
{
	struct record_cursor cursor = {.at = q->keys.data, .left = q->keys.len};
	struct bytes fields;
	uint16_t tag;
	int rc;

	memcpy(w->party, node_party(node), sizeof w->party);
	w->identity_serial = node->own->identity.serial;
	memcpy(w->identity, node->own->identity_digest, sizeof w->identity);
	w->created_ms = q->created_ms;
	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		if (tag != REC_own_key || add_key(w, node, fields) != 0)
			return RXP_ERR_STATE;
	}
	if (rc != 0 || q->keys.len == 0 || q->created_ms < 0 || q->created_ms > RXP_MAX_TIME_MS)
		return RXP_ERR_STATE;
	return 0;
}

/* The identity chain as it is, with the new working part behind it; read again before it leaves.
 * root: that of the latest identity part. */
static int whole(struct rxp_buf *out, uint8_t root[RXP_DIGEST_OCTETS], const struct node *node,
    const struct rxp_buf *working)
{
	struct rxp_descriptor *d = NULL;
	int rc = join_parts(out, &d, NULL, reply_bytes(&node->identity), working);

	if (rc == 0)
		memcpy(root, d->root, RXP_DIGEST_OCTETS);
	rxp_descriptor_free(d);
	return rc;
}

int descriptor_seal_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_seal_working *q = request;
	struct msg_working_sealed *a = &reply->body.working_sealed;
	struct rxp_buf *part = &reply->octets[0];
	struct rxp_working working;
	int rc;

	rxp_working_init(&working);
	rc = read_request(&working, node, q);
	if (rc != 0) {
		rxp_working_clear(&working);
		return rc;
	}
	rc = working.n_keys == 0 ? RXP_ERR_DAMAGED
				 : rxp_working_seal(part, &working, q->created_ms, &node->signer);
	if (rc == 0)
		rc = whole(&reply->octets[1], a->root, node, part);
	if (rc == 0) {
		a->working = reply_bytes(part);
		a->descriptor = reply_bytes(&reply->octets[1]);
	}
	a->result = (uint32_t)rc;
	rxp_working_clear(&working);
	return 0;
}
