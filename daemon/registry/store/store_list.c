#include "daemon/registry/store/store_list.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/page.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

enum order { RISING, FALLING };

static const struct {
	const char *name;
	enum order order;
	enum sql all, of_peer;
} lists[STORE_LIST_COUNT] = {
#define LIST(name, order, all, of_peer) \
	[STORE_LIST_##name] = {#name, order, SQL_##all, SQL_##of_peer},
#include "daemon/registry/store/list.def"
#undef LIST
};

int store_list_parse(enum store_list *out, const char *name)
{
	for (int i = 0; i < STORE_LIST_COUNT; i++) {
		if (strcmp(lists[i].name, name) == 0) {
			*out = (enum store_list)i;
			return 0;
		}
	}
	return RXP_ERR_NOT_FOUND;
}

/* The columns of MESSAGE_ROW_OUTBOX and MESSAGE_ROW_INBOX in sql_message.def. */
static int read_row(struct db *db, enum sql q, struct rec_message_row *r)
{
	struct rec_message_row row = {.created_ms = db_number(db, q, 6),
	    .expires_ms = db_number(db, q, 7),
	    .attempts = (uint32_t)db_number(db, q, 8),
	    .next_try_ms = db_number(db, q, 9),
	    .received_ms = db_number(db, q, 14),
	    .answered_ms = db_number(db, q, 15),
	    .log_count = (uint64_t)db_number(db, q, 17),
	    .flags = db_octets(db, q, 18),
	    .position = (uint64_t)db_number(db, q, 20),
	    .unproved = db_number(db, q, 21) != 0};

	if (!db_fill(db, q, 0, row.local_id, sizeof row.local_id) ||
	    !db_fill(db, q, 1, row.message_id, sizeof row.message_id) ||
	    !db_name(db, q, 2, row.direction, sizeof row.direction) ||
	    !db_name(db, q, 3, row.peer, sizeof row.peer) ||
	    !db_name(db, q, 4, row.type, sizeof row.type) ||
	    !db_name(db, q, 5, row.state, sizeof row.state) ||
	    !db_name(db, q, 10, row.last_error, sizeof row.last_error) ||
	    !db_name(db, q, 11, row.refusal, sizeof row.refusal) ||
	    !db_fill(db, q, 12, row.fingerprint, sizeof row.fingerprint) ||
	    !db_fill(db, q, 13, row.envelope_digest, sizeof row.envelope_digest) ||
	    !db_fill(db, q, 16, row.log_id, sizeof row.log_id) ||
	    !db_fill(db, q, 19, row.case_id, sizeof row.case_id))
		return RXP_ERR_DAMAGED;
	*r = row;
	return 0;
}

static int first_row(struct db *db, enum store_list list, uint32_t unseen, const char *peer,
    const uint8_t after[16], uint32_t limit)
{
	static const uint8_t zeros[16];
	uint8_t first[16];
	struct db_value from = DB_O(first, sizeof first);

	memcpy(first, after, sizeof first);
	if (lists[list].order == FALLING && memcmp(after, zeros, sizeof zeros) == 0)
		memset(first, 0xff, sizeof first); /* the list begins behind all ids */
	return db_first(db, peer[0] == '\0' ? lists[list].all : lists[list].of_peer,
	    DB_VALUES(from, DB_N(limit + 1), DB_T(peer), DB_N(unseen)));
}

static int put_row(struct db *db, enum sql q, struct rxp_buf *rows)
{
	struct rec_message_row row;
	int rc = read_row(db, q, &row);

	return rc != 0 ? rc : record_list_put(rows, REC_message_row, &record_message_row, &row);
}

int store_list_page(struct db *db, struct rxp_buf *rows, bool *more, enum store_list list,
    uint32_t unseen, const char *peer, const uint8_t after[16], uint32_t limit)
{
	enum sql q = peer[0] == '\0' ? lists[list].all : lists[list].of_peer;

	return page_read(
	    db, rows, more, q, first_row(db, list, unseen, peer, after, limit), limit, put_row);
}

/* Append octets of the present row, if they are wanted, and say where they are then. */
static int keep(struct rxp_buf *to, struct bytes *octets)
{
	size_t at;
	int rc;

	if (to == NULL) {
		*octets = (struct bytes){.data = NULL, .len = 0};
		return 0;
	}
	at = to->len;
	rc = rxp_buf_put(to, octets->data, octets->len);
	if (rc == 0)
		octets->data = to->data + at;
	return rc;
}

static int show(struct db *db, enum sql q, struct rec_message_row *row, struct rxp_buf *flags,
    struct rxp_buf *answer, const uint8_t local_id[16])
{
	struct bytes octets;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 22); /* behind the row */
	rc = read_row(db, q, row);
	if (rc == 0)
		rc = keep(flags, &row->flags);
	if (rc == 0)
		rc = keep(answer, &octets);
	db_end(db, q);
	return rc;
}

int store_list_message(struct db *db, struct rec_message_row *row, struct rxp_buf *flags,
    struct rxp_buf *answer, const uint8_t local_id[16])
{
	int rc = show(db, SQL_OUTBOX_SHOW, row, flags, answer, local_id);

	return rc == RXP_ERR_NOT_FOUND ? show(db, SQL_INBOX_SHOW, row, flags, answer, local_id)
				       : rc;
}
