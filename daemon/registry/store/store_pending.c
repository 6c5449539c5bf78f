#include "daemon/registry/store/store_pending.h"

#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define ROW_MAX 4096 /* octets of a record attachment_row with its key */

/* --- documents ------------------------------------------------------------------------------------- */

int store_pending_add(struct db *db, const struct store_pending *p)
{
	return db_run(db, SQL_PENDING_ADD,
	    DB_VALUES(DB_O(p->local_id, sizeof p->local_id), DB_N(p->own), DB_T(p->peer),
		DB_O(p->case_id, sizeof p->case_id)));
}

int store_pending_drop(struct db *db, const uint8_t local_id[16])
{
	int rc = db_run(db, SQL_AWAITED_FORGET, DB_VALUES(DB_O(local_id, 16)));

	return rc != 0 ? rc : db_run(db, SQL_PENDING_DROP, DB_VALUES(DB_O(local_id, 16)));
}

/* The columns of PENDING_ROW in sql_message.def. */
static int read_pending(struct db *db, enum sql q, struct store_pending *out)
{
	struct store_pending p = {.own = db_number(db, q, 1) != 0,
	    .complete_ms = db_number(db, q, 4),
	    .received_ms = db_number(db, q, 5)};

	if (!db_fill(db, q, 0, p.local_id, sizeof p.local_id) ||
	    !db_name(db, q, 2, p.peer, sizeof p.peer) ||
	    !db_fill(db, q, 3, p.case_id, sizeof p.case_id))
		return RXP_ERR_DAMAGED;
	*out = p;
	return 0;
}

static int read_first(struct db *db, enum sql q, int first, struct store_pending *out)
{
	int rc;

	if (first != 1)
		return first == 0 ? RXP_ERR_NOT_FOUND : first;
	rc = read_pending(db, q, out);
	db_end(db, q);
	return rc;
}

int store_pending_get(struct db *db, struct store_pending *out, const uint8_t local_id[16])
{
	const enum sql q = SQL_PENDING_GET;

	return read_first(db, q, db_first(db, q, DB_VALUES(DB_O(local_id, 16))), out);
}

static int each(struct db *db, enum sql q, int rc, store_pending_fn *fn, void *arg)
{
	while (rc == 1) {
		struct store_pending p;
		int called = read_pending(db, q, &p);

		if (called == 0)
			called = fn(arg, &p);
		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_pending_each(
    struct db *db, const char *peer, const uint8_t case_id[16], store_pending_fn *fn, void *arg)
{
	const enum sql q = SQL_PENDING_CASE;

	return each(db, q, db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, 16))), fn, arg);
}

struct late {
	struct store_pending *out;
	int n;
};

static int take_late(void *arg, const struct store_pending *p)
{
	struct late *l = arg;

	l->out[l->n++] = *p;
	return 0;
}

int store_pending_late(struct db *db, struct store_pending *out, const uint8_t from[16], size_t max)
{
	const enum sql q = SQL_PENDING_LATE;
	struct late l = {.out = out};
	int rc = each(db, q,
	    db_first(
		db, q, DB_VALUES(DB_T(state_word(STATE_DELIVERED)), DB_N(max), DB_O(from, 16))),
	    take_late, &l);

	return rc != 0 ? rc : l.n;
}

int store_pending_heard(
    struct db *db, const uint8_t local_id[16], int64_t complete_ms, int64_t received_ms)
{
	return db_run(db, SQL_PENDING_HEARD,
	    DB_VALUES(DB_O(local_id, 16), DB_N(complete_ms), DB_N(received_ms)));
}

int store_pending_say(
    struct db *db, const uint8_t local_id[16], const uint8_t said[16], int64_t complete_ms)
{
	return db_run(
	    db, SQL_PENDING_SAY, DB_VALUES(DB_O(local_id, 16), DB_O(said, 16), DB_N(complete_ms)));
}

int store_pending_said(
    struct db *db, struct store_pending *out, const uint8_t said[16], int64_t received_ms)
{
	const enum sql q = SQL_PENDING_OF_SAID;
	int rc = read_first(db, q, db_first(db, q, DB_VALUES(DB_O(said, 16))), out);

	return rc != 0 ? rc : store_pending_heard(db, out->local_id, out->complete_ms, received_ms);
}

/* --- attachments ----------------------------------------------------------------------------------- */

static int count_awaited(struct db *db, uint64_t *n, const char *party)
{
	const enum sql q = SQL_AWAITED_COUNT;
	int rc = db_first(db, q, DB_VALUES(DB_T(party)));

	if (rc < 0)
		return rc;
	*n = (uint64_t)db_number(db, q, 0);
	db_end(db, q);
	return 0;
}

/* What a document says of an attachment, and behind it the box with the key, which is kept apart so that it can be made anew
 * (spec/storage.md, "Storage keys"). */
struct awaited_row {
	struct rxp_buf octets;
	size_t key_at;
};

/* Who awaits it, and what its document says of it, if row is not NULL. RXP_ERR_NOT_FOUND. */
static int find_awaited(struct db *db, uint8_t local_id[16], struct awaited_row *row,
    const char *party, const uint8_t digest[32])
{
	const enum sql q = SQL_AWAITED_GET;
	int rc = db_first(db, q, DB_VALUES(DB_T(party), DB_O(digest, 32)));
	struct bytes says, key;

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	says = db_octets(db, q, 1);
	key = db_octets(db, q, 2);
	rc = db_fill(db, q, 0, local_id, 16) ? 0 : RXP_ERR_DAMAGED;
	if (rc == 0 && row != NULL) {
		row->key_at = says.len;
		rxp_buf_put(&row->octets, says.data, says.len);
		rc = rxp_buf_put(&row->octets, key.data, key.len);
	}
	db_end(db, q);
	return rc;
}

/* One of the document; seen: those before it. */
static int may_one(
    struct db *db, struct rxp_buf *held, const char *party, const struct rec_attachment_row *r)
{
	uint64_t length = store_file_ciphertext_length(r->length);
	uint8_t other[RXP_ID_OCTETS];
	struct store_file f;
	int rc = store_file_find(db, &f, party, r->ciphertext_digest);

	if (r->length > REGISTRY_FILE_OCTETS)
		return RXP_ERR_NOT_FOUND;
	if (rc == 0 && f.state == STATE_HELD && f.ciphertext_length == length)
		return record_list_put(held, REC_attachment_row, &record_attachment_row, r);
	if (rc == 0 && f.state == STATE_ATTACHED)
		return RXP_ERR_EXISTS;
	if (rc == 0 && (f.state != STATE_STAGING || f.ciphertext_length != length))
		return RXP_ERR_NOT_FOUND;
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	rc = find_awaited(db, other, NULL, party, r->ciphertext_digest);
	if (rc == 0)
		return RXP_ERR_EXISTS;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

int store_awaited_drop(struct db *db, const uint8_t local_id[16], uint32_t first, uint32_t last)
{
	const enum sql q = SQL_AWAITED_NEXT;
	uint8_t digest[RXP_DIGEST_OCTETS] = {0};
	char party[RXP_PARTY_TEXT];
	int rc;

	while ((rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16), DB_O(digest, sizeof digest)))) ==
	       1) {
		struct rec_attachment_row r = {.number = 0};
		struct bytes says = db_octets(db, q, 2);
		bool whole = db_name(db, q, 0, party, sizeof party) &&
			     db_fill(db, q, 1, digest, sizeof digest) &&
			     record_decode(&r, &record_attachment_row, says.data, says.len) == 0;

		db_end(db, q);
		if (!whole)
			return RXP_ERR_DAMAGED;
		if (r.number < first || r.number > last)
			continue;
		rc = db_run(
		    db, SQL_AWAITED_DROP, DB_VALUES(DB_T(party), DB_O(digest, sizeof digest)));
		if (rc != 0)
			return rc;
	}
	return rc;
}

int store_pending_may(struct db *db, struct rxp_buf *held, const char *party, struct bytes rows)
{
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	uint8_t seen[RXP_MAX_ATTACHMENTS][RXP_DIGEST_OCTETS];
	struct rec_attachment_row r;
	struct bytes fields;
	uint64_t awaited = 0;
	uint32_t n = 0;
	uint16_t tag;
	int rc = count_awaited(db, &awaited, party);

	while (rc == 0 && record_list_next(&c, &tag, &fields) == 1) {
		if (n == RXP_MAX_ATTACHMENTS || tag != REC_attachment_row ||
		    record_decode(&r, &record_attachment_row, fields.data, fields.len) != 0 ||
		    r.number != n + 1)
			return RXP_ERR_SYNTAX;
		for (uint32_t i = 0; i < n; i++)
			if (memcmp(seen[i], r.ciphertext_digest, sizeof seen[i]) == 0)
				return RXP_ERR_EXISTS;
		memcpy(seen[n++], r.ciphertext_digest, sizeof seen[0]);
		rc = may_one(db, held, party, &r);
	}
	return rc == 0 && awaited + n > REGISTRY_AWAITED_MAX ? RXP_ERR_NOT_FOUND : rc;
}

static int await(struct db *db, const char *party, const uint8_t local_id[16],
    const struct rec_attachment_row *r)
{
	struct rec_attachment_row keyless = *r;
	struct rxp_buf octets;
	int rc;

	keyless.key = (struct bytes){NULL, 0};
	rxp_buf_init(&octets, ROW_MAX);
	rc = record_encode(&octets, &record_attachment_row, &keyless);
	if (rc == 0)
		rc = db_run(db, SQL_AWAITED_ADD,
		    DB_VALUES(DB_T(party), DB_O(r->ciphertext_digest, sizeof r->ciphertext_digest),
			DB_O(local_id, 16), DB_O(octets.data, octets.len), DB_B(r->key)));
	rxp_buf_free(&octets);
	return rc;
}

int store_pending_claim(
    struct db *db, bool *awaits, const char *party, const uint8_t local_id[16], struct bytes rows)
{
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct rec_attachment_row r;
	struct bytes fields;
	uint16_t tag;
	bool any = false;
	int rc = 0;

	while (rc == 0 && record_list_next(&c, &tag, &fields) == 1) {
		if (tag != REC_attachment_row ||
		    record_decode(&r, &record_attachment_row, fields.data, fields.len) != 0)
			return RXP_ERR_SYNTAX;
		rc = store_file_claim_one(db, party, local_id, &r);
		if (rc == RXP_ERR_STATE) {
			rc = await(db, party, local_id, &r);
			any = true;
		}
	}
	if (rc == 0)
		*awaits = any;
	return rc;
}

/* A file of another length than the document says is not what it names (RXP-ATT-008). */
static int claim_awaited(
    struct db *db, const char *party, const uint8_t local_id[16], const struct awaited_row *row)
{
	const struct rxp_buf *o = &row->octets;
	struct rec_attachment_row r;
	struct store_file f;
	int rc;

	if (record_decode(&r, &record_attachment_row, o->data, row->key_at) != 0)
		return RXP_ERR_DAMAGED;
	r.key = (struct bytes){o->data + row->key_at, o->len - row->key_at};
	rc = store_file_find(db, &f, party, r.ciphertext_digest);
	if (rc == 0 && f.ciphertext_length != store_file_ciphertext_length(r.length))
		return RXP_ERR_NOT_FOUND;
	return rc != 0 ? rc : store_file_claim_one(db, party, local_id, &r);
}

int store_pending_arrived(
    struct db *db, uint8_t local_id[16], bool *all, const char *party, const uint8_t digest[32])
{
	const enum sql q = SQL_AWAITED_OF;
	struct awaited_row row;
	int rc;

	rxp_buf_init(&row.octets, ROW_MAX);
	rc = find_awaited(db, local_id, &row, party, digest);
	if (rc == 0)
		rc = claim_awaited(db, party, local_id, &row);
	rxp_buf_free(&row.octets);
	if (rc == 0)
		rc = db_run(db, SQL_AWAITED_DROP, DB_VALUES(DB_T(party), DB_O(digest, 32)));
	if (rc != 0)
		return rc;
	rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));
	if (rc == 1)
		db_end(db, q);
	if (rc >= 0)
		*all = rc == 0;
	return rc < 0 ? rc : 0;
}

int store_pending_names(struct db *db, struct rec_node_attachments *out, const uint8_t local_id[16])
{
	const enum sql q = SQL_PENDING_NAMES;
	struct rec_node_attachments r = {.complete_ms = 0};
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_fill(db, q, 0, r.message_id, sizeof r.message_id) &&
		     db_fill(db, q, 1, r.fingerprint, sizeof r.fingerprint)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = r;
	return rc;
}
