#include "daemon/registry/store/store_epoch.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define NAME_AT 1 /* behind the version of a box */
#define NO_PUT SQL_COUNT

_Static_assert(BOX_PEER_ATTACHMENT == BOX_OWN_ATTACHMENT + 1, "a file is ours or a peer's");

#define SQL_NONE NO_PUT
static const struct {
	enum box_purpose purpose;
	int find, put; /* enum sql */
} kinds[STORE_WRAPPED_KINDS] = {
#define WRAPPED(name, purpose, find, put, meaning) \
	[STORE_WRAPPED_##name] = {purpose, SQL_##find, SQL_##put},
#include "daemon/registry/store/wrapped.def"
#undef WRAPPED
};
#undef SQL_NONE

/* --- epochs ---------------------------------------------------------------------------------------- */

int store_epochs(struct db *db, struct store_epoch out[STORE_EPOCHS_MAX], size_t *n)
{
	const enum sql q = SQL_EPOCH_ALL;
	size_t count = 0;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		struct store_epoch *e = &out[count];
		int bad = count == STORE_EPOCHS_MAX ? RXP_ERR_FULL : 0;

		if (bad == 0 && !db_fill(db, q, 1, e->check, sizeof e->check))
			bad = RXP_ERR_DAMAGED;
		if (bad != 0) {
			db_end(db, q);
			return bad;
		}
		e->n = (uint64_t)db_number(db, q, 0);
		e->begun_ms = db_number(db, q, 2);
		count++;
		rc = db_next(db, q);
	}
	if (rc == 0)
		*n = count;
	return rc;
}

int store_epoch_begin(struct db *db, const uint8_t check[32], int64_t now_ms)
{
	return db_run(db, SQL_EPOCH_BEGIN, DB_VALUES(DB_O(check, 32), DB_N(now_ms)));
}

int store_epoch_end(struct db *db, const uint8_t check[32], int64_t now_ms)
{
	return db_run(db, SQL_EPOCH_END, DB_VALUES(DB_O(check, 32), DB_N(now_ms)));
}

/* --- boxes ----------------------------------------------------------------------------------------- */

/* Names begin with the name of the key: all of them lie between two. */
static void name_end(uint8_t out[BOX_NAME_OCTETS], const uint8_t check[32], uint8_t fill)
{
	memset(out, fill, BOX_NAME_OCTETS);
	memcpy(out, check, BOX_ID_OCTETS);
}

static int read_place(struct db *db, enum sql q, struct store_box *b)
{
	struct bytes first = db_octets(db, q, 1), second = db_octets(db, q, 2);
	uint8_t item = (uint8_t)db_number(db, q, 2);

	if (b->purpose == BOX_CORRECTION)
		second = (struct bytes){&item, sizeof item};
	if (first.len + second.len > sizeof b->place)
		return RXP_ERR_DAMAGED;
	if (first.len > 0)
		memcpy(b->place, first.data, first.len);
	if (second.len > 0)
		memcpy(b->place + first.len, second.data, second.len);
	b->place_len = first.len + second.len;
	return 0;
}

static int read_box(
    struct db *db, enum store_wrapped kind, struct store_box *out, struct rxp_buf *octets)
{
	const enum sql q = (enum sql)kinds[kind].find;
	struct bytes box = db_octets(db, q, 0);
	struct store_box b = {.purpose = kinds[kind].purpose};
	int rc;

	if (box.len < NAME_AT + sizeof b.name)
		return RXP_ERR_DAMAGED;
	memcpy(b.name, box.data + NAME_AT, sizeof b.name);
	if (kind == STORE_WRAPPED_FILE && db_number(db, q, 3) != 0)
		b.purpose = BOX_PEER_ATTACHMENT;
	rc = octets != NULL ? rxp_buf_put(octets, box.data, box.len) : 0;
	if (rc == 0)
		rc = read_place(db, q, &b);
	if (rc == 0)
		*out = b;
	return rc;
}

int store_box_next(struct db *db, struct store_box *out, struct rxp_buf *octets,
    enum store_wrapped kind, const uint8_t check[32], const uint8_t *after)
{
	const enum sql q = (enum sql)kinds[kind].find;
	uint8_t from[BOX_NAME_OCTETS], to[BOX_NAME_OCTETS];
	int rc;

	name_end(from, check, 0);
	name_end(to, check, 0xff);
	if (after != NULL)
		memcpy(from, after, sizeof from);
	rc = db_first(db, q, DB_VALUES(DB_O(from, sizeof from), DB_O(to, sizeof to)));
	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = read_box(db, kind, out, octets);
	db_end(db, q);
	return rc;
}

bool store_box_stays(enum store_wrapped kind)
{
	return kinds[kind].put != NO_PUT;
}

int store_box_put(
    struct db *db, enum store_wrapped kind, const uint8_t name[BOX_NAME_OCTETS], struct bytes made)
{
	return db_run(
	    db, (enum sql)kinds[kind].put, DB_VALUES(DB_B(made), DB_O(name, BOX_NAME_OCTETS)));
}

/* --- boxes within a copy that is to be closed -------------------------------------------------------- */

static bool holds(struct bytes draft, const uint8_t check[32])
{
	struct record_cursor c = {.at = draft.data, .left = draft.len};
	struct rec_node_history_copy copy;
	struct bytes fields;
	uint16_t tag;

	return record_list_next(&c, &tag, &fields) == 1 && tag == REC_node_history_copy &&
	       record_decode(&copy, &record_node_history_copy, fields.data, fields.len) == 0 &&
	       copy.wrapped_key.len > NAME_AT + BOX_ID_OCTETS &&
	       memcmp(copy.wrapped_key.data + NAME_AT, check, BOX_ID_OCTETS) == 0;
}

int store_box_copy(
    struct db *db, struct store_box_copy *out, struct rxp_buf *draft, const uint8_t check[32])
{
	const enum sql q = SQL_BOX_COPIES;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		struct bytes octets = db_octets(db, q, 2);

		if (holds(octets, check)) {
			rc = db_fill(db, q, 0, out->local_id, sizeof out->local_id) &&
				     db_name(db, q, 1, out->peer, sizeof out->peer)
				 ? 0
				 : RXP_ERR_DAMAGED;
			if (rc == 0 && draft != NULL)
				rc = rxp_buf_put(draft, octets.data, octets.len);
			db_end(db, q);
			return rc;
		}
		rc = db_next(db, q);
	}
	return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
}

int store_box_copy_put(
    struct db *db, const uint8_t local_id[16], struct bytes before, struct bytes after)
{
	return db_run(
	    db, SQL_BOX_PUT_COPY, DB_VALUES(DB_B(after), DB_O(local_id, 16), DB_B(before)));
}

int store_box_any(struct db *db, const uint8_t check[32])
{
	struct store_box_copy copy;
	struct store_box box;
	int rc = RXP_ERR_NOT_FOUND;

	for (int kind = 0; rc == RXP_ERR_NOT_FOUND && kind < STORE_WRAPPED_KINDS; kind++)
		rc = store_box_next(db, &box, NULL, (enum store_wrapped)kind, check, NULL);
	if (rc == RXP_ERR_NOT_FOUND)
		rc = store_box_copy(db, &copy, NULL, check);
	if (rc == RXP_ERR_NOT_FOUND)
		return 0;
	return rc == 0 ? 1 : rc;
}
