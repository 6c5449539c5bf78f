#include "daemon/registry/store/store_erasure.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

static int put(struct db *db, const struct erasure *e, bool owed)
{
	return db_run(db, SQL_ERASURE_ADD,
	    DB_VALUES(DB_N(e->n), DB_N(e->at_ms), DB_O(e->local_id, sizeof e->local_id),
		DB_N(e->attachment), DB_O(e->head, sizeof e->head), DB_N(owed)));
}

int store_erasure_add(struct db *db, const uint8_t local_id[16], uint32_t attachment, int64_t at_ms)
{
	struct erasure e = {.at_ms = at_ms, .attachment = attachment};
	uint8_t before[32];
	int rc = store_erasure_last(db, &e.n, before);

	if (rc != 0)
		return rc;
	e.n++;
	memcpy(e.local_id, local_id, sizeof e.local_id);
	rc = erasure_head(e.head, before, &e);
	return rc != 0 ? rc : put(db, &e, false);
}

int store_erasure_owe(struct db *db, const struct erasure *e)
{
	return put(db, e, true);
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

static int read_one(struct db *db, enum sql q, struct erasure *out, uint64_t n)
{
	struct erasure e = {.n = 0};
	int rc = db_first(db, q, DB_VALUES(DB_N(n)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	e.n = (uint64_t)db_number(db, q, 0);
	e.at_ms = db_number(db, q, 1);
	e.attachment = (uint32_t)db_number(db, q, 3);
	rc = db_fill(db, q, 2, e.local_id, sizeof e.local_id) &&
		     db_fill(db, q, 4, e.head, sizeof e.head)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = e;
	return rc;
}

int store_erasure_next(struct db *db, struct erasure *out, uint64_t n)
{
	return read_one(db, SQL_ERASURE_NEXT, out, n);
}

int store_erasure_owed(struct db *db, struct erasure *out, uint64_t n)
{
	return read_one(db, SQL_ERASURE_OWED, out, n);
}

int store_erasure_done(struct db *db, uint64_t n)
{
	return db_run(db, SQL_ERASURE_DONE, DB_VALUES(DB_N(n)));
}
