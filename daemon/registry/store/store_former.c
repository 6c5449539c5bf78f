#include "daemon/registry/store/store_former.h"

#include "daemon/registry/store/db.h"
#include "protocol/base/limits.h"

int store_former_keep(struct db *db, const char *party, uint64_t serial)
{
	return db_run(db, SQL_FORMER_KEEP,
	    DB_VALUES(DB_N(serial), DB_N(RXP_MAX_IDENTITY_PARTS - 1), DB_T(party)));
}

int store_former_keep_own(struct db *db, uint64_t serial)
{
	return db_run(
	    db, SQL_FORMER_KEEP_OWN, DB_VALUES(DB_N(serial), DB_N(RXP_MAX_IDENTITY_PARTS - 1)));
}

int store_former_end(struct db *db, const char *party, const uint8_t identity[32])
{
	return db_run(db, SQL_FORMER_END, DB_VALUES(DB_T(party), DB_O(identity, 32)));
}
