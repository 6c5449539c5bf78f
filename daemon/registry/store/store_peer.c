#include "daemon/registry/store/store_peer.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_former.h"
#include "daemon/registry/store/tally.h"
#include "daemon/registry/store/tally_sum.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

/* --- the node itself ---------------------------------------------------------------------------- */

static int read_node(struct db *db, struct store_node *n)
{
	const enum sql q = SQL_NODE_GET;

	n->test_node = db_number(db, q, 1) != 0;
	n->identity_serial = (uint64_t)db_number(db, q, 2);
	n->working_created_ms = db_number(db, q, 5);
	if (!db_name(db, q, 0, n->own, sizeof n->own))
		return RXP_ERR_DAMAGED;
	if (n->working_created_ms == 0)
		return 0;
	return db_fill(db, q, 3, n->identity, sizeof n->identity) &&
		       db_fill(db, q, 4, n->root, sizeof n->root)
		   ? 0
		   : RXP_ERR_DAMAGED;
}

static int put_octets(struct rxp_buf *out, struct bytes b)
{
	return rxp_buf_put(out, b.data, b.len);
}

int store_node_get(
    struct db *db, struct store_node *out, struct rxp_buf *working, struct rxp_buf *descriptor)
{
	const enum sql q = SQL_NODE_GET;
	struct store_node n = {0};
	int rc = db_first(db, q, NULL, 0);

	if (rc <= 0)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	if ((rc = read_node(db, &n)) == 0 && (rc = put_octets(working, db_octets(db, q, 6))) == 0)
		rc = put_octets(descriptor, db_octets(db, q, 7));
	db_end(db, q);
	if (rc == 0)
		*out = n;
	return rc;
}

int store_node_add(struct db *db, const char *own, bool test_node)
{
	return db_run(db, SQL_NODE_ADD, DB_VALUES(DB_T(own), DB_N(test_node)));
}

int store_node_working(struct db *db, const struct store_node *node)
{
	int rc = store_former_keep_own(db, node->identity_serial);

	if (rc != 0)
		return rc;
	return db_run(db, SQL_NODE_WORKING,
	    DB_VALUES(DB_N(node->identity_serial), DB_O(node->identity, sizeof node->identity),
		DB_O(node->root, sizeof node->root), DB_N(node->working_created_ms),
		DB_B(node->working), DB_B(node->descriptor)));
}

/* --- own agreement keys ------------------------------------------------------------------------- */

int store_key_add(struct db *db, const struct rec_own_key *key, int64_t made_ms)
{
	return db_run(db, SQL_KEY_ADD,
	    DB_VALUES(DB_O(key->key_id, sizeof key->key_id), DB_B(key->spki), DB_B(key->wrapped),
		DB_N(made_ms), DB_N(key->from_ms), DB_N(key->until_ms), DB_N(key->destroy_ms)));
}

int store_key_each(struct db *db, store_key_fn *fn, void *arg)
{
	const enum sql q = SQL_KEY_ALL;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		struct rec_own_key key = {.spki = db_octets(db, q, 1),
		    .wrapped = db_octets(db, q, 2),
		    .from_ms = db_number(db, q, 4),
		    .until_ms = db_number(db, q, 5),
		    .destroy_ms = db_number(db, q, 6)};
		bool sound = db_fill(db, q, 0, key.key_id, sizeof key.key_id);
		int called = sound ? fn(arg, &key, db_number(db, q, 3)) : RXP_ERR_DAMAGED;

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_key_destroy(struct db *db, const uint8_t key_id[32])
{
	return db_run(db, SQL_KEY_DESTROY, DB_VALUES(DB_O(key_id, 32)));
}

/* --- peers -------------------------------------------------------------------------------------- */

/* Who writes a key of his own there would get what is for the peer before anybody is told of it: so what is not proved is not used. Nor
 * does a proof of one that is trusted hold for one that is not, or who writes the one word for the other would end a distrust. */
static int prove(struct tally_sum *out, struct db *db, const struct store_peer *p, bool active)
{
	const struct tally_cell cells[] = {
	    {.kind = TALLY_WORDS, .at = p->party, .len = strlen(p->party)},
	    {.kind = TALLY_NUMBER, .number = active},
	    {.kind = TALLY_OCTET_RUN, .at = p->root, .len = sizeof p->root},
	    {.kind = TALLY_NUMBER, .number = (int64_t)p->identity_serial},
	    {.kind = TALLY_OCTET_RUN, .at = p->identity, .len = sizeof p->identity},
	    {.kind = TALLY_NUMBER, .number = p->working_created_ms},
	    {.kind = TALLY_OCTET_RUN, .at = p->records.data, .len = p->records.len},
	};

	return tally_prove(
	    db_tally(db), "peer as it was taken", cells, sizeof cells / sizeof cells[0], out);
}

/* From now on this is what is known of it, and a row of before that is put back is not. Nobody proves it where nobody follows the
 * database. */
static int hold(struct db *db, const struct store_peer *p, bool active)
{
	struct tally_sum proof;
	int rc;

	if (db_tally(db) == NULL)
		return 0;
	rc = prove(&proof, db, p, active);
	return rc != 0 ? rc : tally_hold(db_tally(db), p->party, &proof);
}

/* Is that what was written last? Where nobody follows the database, it is. */
static int is_held(bool *out, struct db *db, const struct store_peer *p, bool active)
{
	struct tally_sum proof;
	int rc;

	*out = true;
	if (db_tally(db) == NULL)
		return 0;
	rc = prove(&proof, db, p, active);
	if (rc == 0)
		*out = tally_holds(db_tally(db), p->party, &proof);
	return rc;
}

/* Its records, or none if they are not held. */
static int take_proved(struct store_peer *p, struct db *db)
{
	bool held;
	int rc = is_held(&held, db, p, p->active);

	if (rc == 0 && !held)
		p->records.len = 0;
	return rc;
}

/* A row in which something else has no length that it can have is of a peer of which no records are known. */
static int read_peer(struct db *db, enum sql q, struct store_peer *p)
{
	*p = (struct store_peer){.active = strcmp(db_words(db, q, 1), "active") == 0,
	    .identity_serial = (uint64_t)db_number(db, q, 3),
	    .working_created_ms = db_number(db, q, 5),
	    .records = db_octets(db, q, 6),
	    .added_ms = db_number(db, q, 7),
	    .last_contact_ms = db_number(db, q, 8),
	    .log_count = (uint64_t)db_number(db, q, 10)};
	if (!db_name(db, q, 0, p->party, sizeof p->party) || !rxp_party_valid(p->party))
		return RXP_ERR_DAMAGED;
	if (!db_fill(db, q, 2, p->root, sizeof p->root) ||
	    !db_fill(db, q, 4, p->identity, sizeof p->identity) ||
	    !db_fill(db, q, 9, p->log_id, sizeof p->log_id) ||
	    !db_fill(db, q, 11, p->log_head, sizeof p->log_head))
		p->records.len = 0;
	return take_proved(p, db);
}

int store_peer_each(struct db *db, store_peer_fn *fn, void *arg)
{
	int rc = db_first(db, SQL_PEER_ALL, NULL, 0);

	while (rc == 1) {
		struct store_peer p;
		int called = read_peer(db, SQL_PEER_ALL, &p);

		if (called == 0)
			called = fn(arg, &p);

		if (called != 0) {
			db_end(db, SQL_PEER_ALL);
			return called;
		}
		rc = db_next(db, SQL_PEER_ALL);
	}
	return rc;
}

/* RXP-TLS-005 also for the pins of a distrusted party: what was one party's is no other's. */
static int add_pin(struct db *db, const uint8_t digest[32], const char *party)
{
	int rc = db_first(db, SQL_PIN_OWNER, DB_VALUES(DB_O(digest, 32)));

	if (rc == 1) {
		rc = strcmp(db_words(db, SQL_PIN_OWNER, 0), party) == 0 ? 0 : RXP_ERR_MISMATCH;
		db_end(db, SQL_PIN_OWNER);
		return rc;
	}
	return rc != 0 ? rc : db_run(db, SQL_PIN_ADD, DB_VALUES(DB_O(digest, 32), DB_T(party)));
}

/* Those of its past are its own as well (RXP-DSC-031). */
static int put_pins(struct db *db, const struct store_peer *peer)
{
	struct record_cursor cursor = {.at = peer->records.data, .left = peer->records.len};
	struct rec_former_pin former;
	struct bytes fields;
	struct rec_pin pin;
	uint16_t tag;
	int rc = db_run(db, SQL_PIN_CLEAR, DB_VALUES(DB_T(peer->party)));

	while (rc == 0 && (rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		rc = 0;
		if (tag == REC_pin &&
		    (rc = record_decode(&pin, &record_pin, fields.data, fields.len)) == 0)
			rc = add_pin(db, pin.spki_digest, peer->party);
		else if (tag == REC_former_pin && (rc = record_decode(&former, &record_former_pin,
						       fields.data, fields.len)) == 0)
			rc = add_pin(db, former.spki_digest, peer->party);
	}
	return rc;
}

/* With its pins, if the statement found what it is for. */
static int put_if(struct db *db, const struct store_peer *p, int rc)
{
	if (rc == 0 && db_changes(db) == 0)
		rc = RXP_ERR_EXISTS;
	if (rc == 0)
		rc = put_pins(db, p);
	return rc != 0 ? rc : hold(db, p, true);
}

static int change(struct db *db, enum sql how, const struct store_peer *p)
{
	return put_if(db, p,
	    db_run(db, how,
		DB_VALUES(DB_T(p->party), DB_O(p->root, sizeof p->root), DB_N(p->identity_serial),
		    DB_O(p->identity, sizeof p->identity), DB_N(p->working_created_ms),
		    DB_B(p->descriptor), DB_B(p->records))));
}

int store_peer_add(struct db *db, const struct store_peer *p)
{
	return put_if(db, p,
	    db_run(db, SQL_PEER_ADD,
		DB_VALUES(DB_T(p->party), DB_O(p->root, sizeof p->root), DB_N(p->identity_serial),
		    DB_O(p->identity, sizeof p->identity), DB_N(p->working_created_ms),
		    DB_B(p->descriptor), DB_B(p->records), DB_N(p->added_ms),
		    DB_O(p->log_id, sizeof p->log_id), DB_O(p->log_head, sizeof p->log_head))));
}

int store_peer_renew(struct db *db, const struct store_peer *p)
{
	int rc = store_former_keep(db, p->party, p->identity_serial);

	return rc != 0 ? rc : change(db, SQL_PEER_RENEW, p);
}

int store_peer_is(struct db *db, bool *out, const struct store_peer *p)
{
	const enum sql q = SQL_PEER_IS;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(p->party), DB_O(p->root, sizeof p->root), DB_N(p->identity_serial),
		DB_O(p->identity, sizeof p->identity), DB_N(p->working_created_ms),
		DB_B(p->descriptor), DB_B(p->records)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*out = db_number(db, q, 0) != 0;
	db_end(db, q);
	if (*out)
		rc = is_held(out, db, p, true);
	return rc < 0 ? rc : 0;
}

int store_peer_mark(struct db *db, char mark[STORE_PEER_MARK], const char *party)
{
	const enum sql q = SQL_PEER_MARK;
	int rc = db_first(db, q, DB_VALUES(DB_T(party)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_name(db, q, 0, mark, STORE_PEER_MARK) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

int store_peer_renumber(struct db *db, const struct store_peer *p, const char *mark)
{
	int rc = db_run(db, SQL_PEER_RENUMBER,
	    DB_VALUES(DB_T(p->party), DB_N(p->identity_serial),
		DB_O(p->identity, sizeof p->identity), DB_N(p->working_created_ms), DB_T(mark)));

	return rc == 0 && db_changes(db) == 0 ? RXP_ERR_EXISTS : rc;
}

int store_peer_mend(struct db *db, const struct store_peer *p)
{
	return change(db, SQL_PEER_MEND, p);
}

int store_peer_trust_anew(struct db *db, const struct store_peer *p)
{
	int rc = store_former_end(db, p->party, p->identity);

	return rc != 0 ? rc : change(db, SQL_PEER_TRUST_ANEW, p);
}

int store_peer_descriptor(struct db *db, struct rxp_buf *descriptor, const char *party)
{
	const enum sql q = SQL_PEER_DESCRIPTOR;
	struct bytes octets;
	int rc = db_first(db, q, DB_VALUES(DB_T(party)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 0);
	rc = rxp_buf_put(descriptor, octets.data, octets.len);
	db_end(db, q);
	return rc;
}

int store_peer_weigh(struct db *db, const char *party, int64_t octets)
{
	return db_run(db, SQL_PEER_WEIGH, DB_VALUES(DB_T(party), DB_N(octets)));
}

int store_peer_octets(struct db *db, const char *party, uint64_t *octets)
{
	int rc = db_first(db, SQL_PEER_OCTETS, DB_VALUES(DB_T(party)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*octets = (uint64_t)db_number(db, SQL_PEER_OCTETS, 0);
	db_end(db, SQL_PEER_OCTETS);
	return 0;
}

int store_peer_sums(struct db *db, store_sum_fn *fn, void *arg)
{
	const enum sql q = SQL_PEER_SUMS;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		int called = fn(arg, db_words(db, q, 0), (uint64_t)db_number(db, q, 1),
		    (uint64_t)db_number(db, q, 2));

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

/* As one that is distrusted; what is not proved now is not then either. */
static int hold_distrusted(struct db *db, const char *party)
{
	const enum sql q = SQL_PEER_ONE;
	struct store_peer p;
	int rc = db_first(db, q, DB_VALUES(DB_T(party)));

	if (rc != 1)
		return rc;
	rc = read_peer(db, q, &p);
	if (rc == 0 && p.records.len > 0)
		rc = hold(db, &p, false);
	else if (rc == 0 && db_tally(db) != NULL)
		rc = tally_hold(db_tally(db), party, NULL);
	db_end(db, q);
	return rc;
}

int store_peer_distrust(struct db *db, const char *party)
{
	int rc = hold_distrusted(db, party);

	return rc != 0 ? rc : db_run(db, SQL_PEER_DISTRUST, DB_VALUES(DB_T(party)));
}

int store_peer_contact(struct db *db, const char *party, int64_t at_ms)
{
	return db_run(db, SQL_PEER_CONTACT, DB_VALUES(DB_T(party), DB_N(at_ms)));
}
