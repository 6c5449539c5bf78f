#include "daemon/registry/store/store_recovery.h"

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

int store_put_back_mark(struct db *db, int64_t at_ms)
{
	return db_run(db, SQL_PUT_BACK_MARK, DB_VALUES(DB_N(at_ms)));
}

int store_put_back_get(struct db *db, int64_t *at_ms)
{
	const enum sql q = SQL_PUT_BACK_GET;
	int rc = db_first(db, q, NULL, 0);

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*at_ms = db_number(db, q, 0);
	db_end(db, q);
	return 0;
}

int store_put_back_done(struct db *db)
{
	return db_run(db, SQL_PUT_BACK_DONE, NULL, 0);
}
