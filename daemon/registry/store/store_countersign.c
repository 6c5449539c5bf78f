#include "daemon/registry/store/store_countersign.h"

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

#define TEXT_OCTETS 32

static int check_room(struct db *db)
{
	const enum sql q = SQL_COUNTERSIGN_COUNT;
	int rc = db_first(db, q, NULL, 0);
	int64_t n;

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	n = db_number(db, q, 0);
	db_end(db, q);
	return n < REGISTRY_COUNTERSIGNS_MAX ? 0 : RXP_ERR_FULL;
}

int store_countersign_add(struct db *db, const struct store_countersign *c, int64_t since_ms)
{
	int rc = db_run(db, SQL_COUNTERSIGN_FORGET, DB_VALUES(DB_N(since_ms)));

	if (rc == 0)
		rc = check_room(db);
	return rc != 0 ? rc
		       : db_run(db, SQL_COUNTERSIGN_PUT,
			     DB_VALUES(DB_O(c->text, TEXT_OCTETS), DB_T(c->user), DB_T(c->officer),
				 DB_N(c->names), DB_N(c->at_ms)));
}

int store_countersign_use(struct db *db, const struct store_countersign *c)
{
	int rc = db_run(db, SQL_COUNTERSIGN_USE,
	    DB_VALUES(DB_O(c->text, TEXT_OCTETS), DB_T(c->user), DB_T(c->officer), DB_N(c->names),
		DB_N(c->at_ms)));

	return rc == 0 && db_changes(db) == 0 ? RXP_ERR_NOT_FOUND : rc;
}
