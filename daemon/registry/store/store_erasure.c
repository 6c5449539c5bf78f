#include "daemon/registry/store/store_erasure.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"
#include "protocol/case/correction.h"

/* Not at all, by the row of a document, or because it is not here, which it may be again. */
enum owed { NOT_OWED, OWED, AWAITED };

static int put(struct db *db, const struct erasure *e, enum owed owed)
{
	return db_run(db, SQL_ERASURE_ADD,
	    DB_VALUES(DB_N(e->n), DB_N(e->at_ms), DB_O(e->local_id, sizeof e->local_id),
		DB_N(e->attachment), e->named ? DB_O(e->name, sizeof e->name) : DB_NONE,
		DB_O(e->head, sizeof e->head), DB_N(owed)));
}

/* --- documents ------------------------------------------------------------------------------------ */

/* RXP_ERR_NOT_FOUND: it never had a MessageId. */
static int read_document(struct db *db, enum sql q, struct erasure_document *out)
{
	struct erasure_document d = {.own = db_number(db, q, 0) != 0};

	if (db_is_null(db, q, 2) || db_is_null(db, q, 3))
		return RXP_ERR_NOT_FOUND;
	if (!db_name(db, q, 1, d.peer, sizeof d.peer) ||
	    !db_fill(db, q, 2, d.message_id, sizeof d.message_id) ||
	    !db_fill(db, q, 3, d.fingerprint, sizeof d.fingerprint))
		return RXP_ERR_DAMAGED;
	*out = d;
	return 0;
}

static int name_it(struct db *db, struct erasure *e)
{
	const enum sql q = SQL_ERASURE_DOCUMENT;
	struct erasure_document d;
	int rc = db_first(db, q, DB_VALUES(DB_O(e->local_id, sizeof e->local_id)));

	if (rc != 1)
		return rc;
	rc = read_document(db, q, &d);
	db_end(db, q);
	if (rc == RXP_ERR_NOT_FOUND)
		return 0;
	if (rc == 0)
		rc = erasure_name(e->name, &d);
	e->named = rc == 0;
	return rc;
}

int store_erasure_document_next(struct db *db, struct erasure_document *out, uint8_t local_id[16])
{
	const enum sql q = SQL_ERASURE_DOCUMENT_NEXT;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_fill(db, q, 4, local_id, 16) ? read_document(db, q, out) : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

/* --- entries -------------------------------------------------------------------------------------- */

int store_erasure_add(struct db *db, const uint8_t local_id[16], uint32_t attachment, int64_t at_ms)
{
	struct erasure e = {.at_ms = at_ms, .attachment = attachment};
	uint8_t before[32];
	int rc = store_erasure_last(db, &e.n, before);

	if (rc != 0)
		return rc;
	e.n++;
	memcpy(e.local_id, local_id, sizeof e.local_id);
	rc = name_it(db, &e);
	if (rc == 0)
		rc = erasure_head(e.head, before, &e);
	return rc != 0 ? rc : put(db, &e, NOT_OWED);
}

int store_erasure_owe(struct db *db, const struct erasure *e)
{
	return put(db, e, OWED);
}

int store_erasure_last(struct db *db, uint64_t *n, uint8_t head[32])
{
	const enum sql q = SQL_ERASURE_LAST;
	int rc = db_first(db, q, NULL, 0);

	if (rc < 0)
		return rc;
	*n = 0;
	memset(head, 0, 32);
	if (rc == 0)
		return 0;
	*n = (uint64_t)db_number(db, q, 0);
	rc = db_fill(db, q, 1, head, 32) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

static int read_one(struct db *db, enum sql q, int first, struct erasure *out)
{
	struct erasure e = {.n = 0};
	int rc;

	if (first != 1)
		return first == 0 ? RXP_ERR_NOT_FOUND : first;
	e.n = (uint64_t)db_number(db, q, 0);
	e.at_ms = db_number(db, q, 1);
	e.attachment = (uint32_t)db_number(db, q, 3);
	e.named = !db_is_null(db, q, 4);
	rc = db_fill(db, q, 2, e.local_id, sizeof e.local_id) &&
		     db_fill(db, q, 4, e.name, sizeof e.name) &&
		     db_fill(db, q, 5, e.head, sizeof e.head)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = e;
	return rc;
}

int store_erasure_next(struct db *db, struct erasure *out, uint64_t n)
{
	const enum sql q = SQL_ERASURE_NEXT;

	return read_one(db, q, db_first(db, q, DB_VALUES(DB_N(n))), out);
}

int store_erasure_owed(struct db *db, struct erasure *out, uint64_t n)
{
	const enum sql q = SQL_ERASURE_OWED;

	return read_one(db, q, db_first(db, q, DB_VALUES(DB_N(n))), out);
}

int store_erasure_done(struct db *db, uint64_t n)
{
	return db_run(db, SQL_ERASURE_DONE, DB_VALUES(DB_N(n)));
}

int store_erasure_owes(struct db *db, const uint8_t local_id[16], uint32_t attachment)
{
	const enum sql q = SQL_ERASURE_OWES;
	int rc = db_first(db, q,
	    DB_VALUES(DB_O(local_id, 16), DB_N(attachment), DB_N(RXP_CORRECTION_EVERY_FILE)));

	if (rc == 1)
		db_end(db, q);
	return rc == 1 ? 0 : rc == 0 ? RXP_ERR_NOT_FOUND : rc;
}

int store_erasure_await(struct db *db, uint64_t n)
{
	return db_run(db, SQL_ERASURE_AWAIT, DB_VALUES(DB_N(n)));
}

int store_erasure_awaited(
    struct db *db, struct erasure *out, const struct erasure_document *d, uint64_t n)
{
	const enum sql q = SQL_ERASURE_AWAITED;
	uint8_t name[32];
	int rc = erasure_name(name, d);

	return rc != 0 ? rc
		       : read_one(db, q,
			     db_first(db, q, DB_VALUES(DB_O(name, sizeof name), DB_N(n))), out);
}

int store_erasure_here(struct db *db, uint64_t n, const uint8_t local_id[16])
{
	return db_run(db, SQL_ERASURE_HERE, DB_VALUES(DB_N(n), DB_O(local_id, 16)));
}
