#include "daemon/registry/store/store_file.h"

#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

uint64_t store_file_ciphertext_length(uint64_t length)
{
	uint64_t segments = length == 0 ? 1 : (length - 1) / RXP_SEGMENT_OCTETS + 1;

	return length + segments * REGISTRY_TAG_OCTETS;
}

/* --- reading ------------------------------------------------------------------------------------- */

/* The columns of ATTACHMENT_ROW in sql_message.def. */
static int take(struct db *db, enum sql q, struct store_file *out, struct rxp_buf *key)
{
	struct store_file f = {.state = state_of_word(db_words(db, q, 2)),
	    .ciphertext_length = (uint64_t)db_number(db, q, 4),
	    .length = (uint64_t)db_number(db, q, 5),
	    .since_ms = db_number(db, q, 10),
	    .number = (uint32_t)db_number(db, q, 12)};
	struct bytes octets = db_octets(db, q, 13);
	int rc;

	if (f.state == STATE_NONE || state_box(f.state) != STATE_ATTACHMENT ||
	    !db_fill(db, q, 0, f.id, sizeof f.id) || !db_name(db, q, 1, f.party, sizeof f.party) ||
	    !db_fill(db, q, 3, f.ciphertext_digest, sizeof f.ciphertext_digest) ||
	    !db_fill(db, q, 6, f.file_digest, sizeof f.file_digest) ||
	    !db_name(db, q, 7, f.type, sizeof f.type) ||
	    !db_name(db, q, 8, f.media_type, sizeof f.media_type) ||
	    !db_name(db, q, 9, f.checked_by, sizeof f.checked_by) ||
	    !db_fill(db, q, 11, f.message, sizeof f.message))
		return RXP_ERR_DAMAGED;
	rc = key != NULL ? rxp_buf_put(key, octets.data, octets.len) : 0;
	if (rc == 0)
		*out = f;
	return rc;
}

static int take_first(
    struct db *db, enum sql q, int first, struct store_file *out, struct rxp_buf *key)
{
	int rc;

	if (first != 1)
		return first == 0 ? RXP_ERR_NOT_FOUND : first;
	rc = take(db, q, out, key);
	db_end(db, q);
	return rc;
}

int store_file_get(struct db *db, struct store_file *out, const uint8_t id[16])
{
	const enum sql q = SQL_ATTACHMENT_GET;

	return take_first(db, q, db_first(db, q, DB_VALUES(DB_O(id, 16))), out, NULL);
}

int store_file_next(struct db *db, struct store_file *out, const uint8_t id[16])
{
	const enum sql q = SQL_ATTACHMENT_NEXT;

	return take_first(db, q, db_first(db, q, DB_VALUES(DB_O(id, 16))), out, NULL);
}

int store_file_find(
    struct db *db, struct store_file *out, const char *party, const uint8_t digest[32])
{
	const enum sql q = party[0] == '\0' ? SQL_ATTACHMENT_OWN : SQL_ATTACHMENT_PEER;
	int rc;

	if (q == SQL_ATTACHMENT_OWN)
		rc = db_first(db, q, DB_VALUES(DB_O(digest, 32)));
	else
		rc = db_first(db, q, DB_VALUES(DB_T(party), DB_O(digest, 32)));
	return take_first(db, q, rc, out, NULL);
}

int store_file_of_message(struct db *db, struct store_file *out, struct rxp_buf *key,
    const uint8_t local_id[16], uint32_t number)
{
	const enum sql q = SQL_ATTACHMENT_OF_MESSAGE;

	return take_first(
	    db, q, db_first(db, q, DB_VALUES(DB_O(local_id, 16), DB_N(number))), out, key);
}

static struct rec_attachment_row row_of(
    const struct store_file *f, uint32_t number, struct bytes key)
{
	struct rec_attachment_row r = {.number = number,
	    .length = f->length,
	    .ciphertext_length = f->ciphertext_length,
	    .key = key};

	memcpy(r.type, f->type, sizeof r.type);
	memcpy(r.media_type, f->media_type, sizeof r.media_type);
	memcpy(r.checked_by, f->checked_by, sizeof r.checked_by);
	memcpy(r.file_digest, f->file_digest, sizeof r.file_digest);
	memcpy(r.ciphertext_digest, f->ciphertext_digest, sizeof r.ciphertext_digest);
	return r;
}

static const struct bytes no_key;

int store_file_put(struct rxp_buf *rows, const struct store_file *f, uint32_t number)
{
	const struct rec_attachment_row r = row_of(f, number, no_key);

	return record_list_put(rows, REC_attachment_row, &record_attachment_row, &r);
}

int store_file_encode(struct rxp_buf *row, const struct store_file *f)
{
	const struct rec_attachment_row r = row_of(f, f->number, no_key);

	return record_encode(row, &record_attachment_row, &r);
}

int store_file_rows(struct db *db, struct rxp_buf *rows, const uint8_t local_id[16])
{
	const enum sql q = SQL_ATTACHMENT_OF_MESSAGE;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16), DB_N(1)));

	while (rc == 1) {
		struct store_file f;
		int put = take(db, q, &f, NULL);

		if (put == 0) {
			const struct rec_attachment_row r =
			    row_of(&f, f.number, db_octets(db, q, 13));

			put = record_list_put(rows, REC_attachment_row, &record_attachment_row, &r);
		}
		if (put != 0) {
			db_end(db, q);
			return put;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_file_unclaimed(struct db *db, const char *party, uint64_t *files, uint64_t *octets)
{
	const enum sql q = SQL_ATTACHMENT_UNCLAIMED;
	int rc = db_first(db, q, DB_VALUES(DB_T(party)));

	if (rc < 0)
		return rc;
	*files = (uint64_t)db_number(db, q, 0);
	*octets = (uint64_t)db_number(db, q, 1);
	db_end(db, q);
	return 0;
}

int store_file_old(struct db *db, int64_t before_ms, struct store_file *out, size_t max)
{
	const enum sql q = SQL_ATTACHMENT_OLD;
	int rc = db_first(db, q, DB_VALUES(DB_N(before_ms), DB_N(max)));
	int n = 0;

	while (rc == 1) {
		rc = take(db, q, &out[n], NULL);
		if (rc != 0) {
			db_end(db, q);
			return rc;
		}
		n++;
		rc = db_next(db, q);
	}
	return rc != 0 ? rc : n;
}

/* --- changing ------------------------------------------------------------------------------------ */

int store_file_add(struct db *db, const struct store_file *f, struct bytes key)
{
	int rc =
	    f->party[0] != '\0' ? store_peer_weigh(db, f->party, (int64_t)f->ciphertext_length) : 0;

	if (rc != 0)
		return rc;
	return db_run(db, SQL_ATTACHMENT_ADD,
	    DB_VALUES(DB_O(f->id, sizeof f->id), f->party[0] != '\0' ? DB_T(f->party) : DB_NONE,
		DB_T(state_word(f->state)), DB_O(f->ciphertext_digest, sizeof f->ciphertext_digest),
		DB_N(f->ciphertext_length), DB_N(f->length),
		f->party[0] != '\0' ? DB_NONE : DB_O(f->file_digest, sizeof f->file_digest),
		DB_T(f->type), DB_T(f->media_type), DB_T(f->checked_by),
		key.len > 0 ? DB_B(key) : DB_NONE, DB_N(f->since_ms)));
}

int store_file_whole(struct db *db, const uint8_t id[16], int64_t now_ms)
{
	struct store_file f;
	int rc = store_file_get(db, &f, id);

	if (rc != 0)
		return rc;
	if (!state_allows(f.state, EVENT_WHOLE))
		return RXP_ERR_STATE;
	return db_run(db, SQL_ATTACHMENT_MOVE,
	    DB_VALUES(
		DB_O(id, 16), DB_T(state_word(state_next(f.state, EVENT_WHOLE))), DB_N(now_ms)));
}

int store_file_asked(struct db *db, const uint8_t id[16], int64_t now_ms)
{
	return db_run(db, SQL_ATTACHMENT_ASKED, DB_VALUES(DB_O(id, 16), DB_N(now_ms)));
}

static int remove_row(struct db *db, const uint8_t id[16], enum state_event event)
{
	struct store_file f;
	int rc = store_file_get(db, &f, id);

	if (rc != 0)
		return rc;
	if (!state_allows(f.state, event))
		return RXP_ERR_STATE;
	if (f.party[0] != '\0')
		rc = store_peer_weigh(db, f.party, -(int64_t)f.ciphertext_length);
	return rc != 0 ? rc : db_run(db, SQL_ATTACHMENT_DROP, DB_VALUES(DB_O(id, 16)));
}

int store_file_drop(struct db *db, const uint8_t id[16])
{
	return remove_row(db, id, EVENT_DROP);
}

int store_file_let_go(struct db *db, const uint8_t id[16])
{
	return remove_row(db, id, EVENT_DISCARD);
}

int store_file_erase(struct db *db, const uint8_t id[16])
{
	return remove_row(db, id, EVENT_ERASE);
}

/* --- rows of others ------------------------------------------------------------------------------ */

/* The row whose number is due. 1, 0 at the end, RXP_ERR_SYNTAX. */
static int next_row(struct record_cursor *c, struct rec_attachment_row *r, uint32_t *number)
{
	struct bytes fields;
	uint16_t tag;
	int rc = record_list_next(c, &tag, &fields);

	if (rc != 1)
		return rc;
	if (tag != REC_attachment_row ||
	    record_decode(r, &record_attachment_row, fields.data, fields.len) != 0 ||
	    *number == RXP_MAX_ATTACHMENTS || r->number != *number + 1)
		return RXP_ERR_SYNTAX;
	(*number)++;
	return 1;
}

/* The statement names one row, or none that it may change. */
static int changed_one(const struct db *db, int rc)
{
	if (rc != 0)
		return rc == RXP_ERR_EXISTS ? RXP_ERR_STATE : rc;
	return db_changes(db) == 1 ? 0 : RXP_ERR_STATE;
}

int store_file_claim_own(
    struct db *db, const uint8_t local_id[16], struct bytes rows, uint32_t *number)
{
	const char *attached = state_word(state_next(STATE_KEPT, EVENT_CLAIM));
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct rec_attachment_row r;
	int rc;

	*number = 0;
	while ((rc = next_row(&c, &r, number)) == 1) {
		rc = changed_one(
		    db, db_run(db, SQL_ATTACHMENT_CLAIM_OWN,
			    DB_VALUES(DB_O(r.ciphertext_digest, sizeof r.ciphertext_digest),
				DB_T(attached), DB_O(local_id, 16), DB_N(*number),
				DB_T(state_word(STATE_KEPT)))));
		if (rc != 0)
			return rc;
	}
	return rc;
}

static int is_held(struct db *db, const char *party, const struct rec_attachment_row *r)
{
	struct store_file f;
	int rc = store_file_find(db, &f, party, r->ciphertext_digest);

	if (rc != 0)
		return rc;
	if (f.state == STATE_ATTACHED)
		return RXP_ERR_EXISTS;
	if (f.state != STATE_HELD || r->length > REGISTRY_FILE_OCTETS ||
	    f.ciphertext_length != store_file_ciphertext_length(r->length))
		return RXP_ERR_NOT_FOUND;
	return 0;
}

int store_file_check(struct db *db, const char *party, struct bytes rows)
{
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	uint8_t seen[RXP_MAX_ATTACHMENTS][32];
	struct rec_attachment_row r;
	uint32_t number = 0;
	bool lacks = false;
	int rc;

	while ((rc = next_row(&c, &r, &number)) == 1) {
		for (uint32_t i = 0; i + 1 < number; i++)
			if (memcmp(seen[i], r.ciphertext_digest, sizeof seen[i]) == 0)
				return RXP_ERR_EXISTS;
		memcpy(seen[number - 1], r.ciphertext_digest, sizeof seen[0]);
		rc = is_held(db, party, &r);
		if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
			return rc;
		lacks = lacks || rc == RXP_ERR_NOT_FOUND;
	}
	return rc == 0 && lacks ? RXP_ERR_NOT_FOUND : rc;
}

int store_file_claim_one(struct db *db, const char *party, const uint8_t local_id[16],
    const struct rec_attachment_row *r)
{
	const char *attached = state_word(state_next(STATE_HELD, EVENT_CLAIM));

	return changed_one(db,
	    db_run(db, SQL_ATTACHMENT_CLAIM_PEER,
		DB_VALUES(DB_T(party), DB_O(r->ciphertext_digest, sizeof r->ciphertext_digest),
		    DB_T(attached), DB_O(local_id, 16), DB_N(r->number), DB_N(r->length),
		    DB_O(r->file_digest, sizeof r->file_digest), DB_T(r->type), DB_T(r->media_type),
		    DB_T(r->checked_by), DB_B(r->key), DB_T(state_word(STATE_HELD)))));
}
