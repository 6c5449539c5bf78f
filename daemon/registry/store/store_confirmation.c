#include "daemon/registry/store/store_confirmation.h"

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

int store_confirmation_add(struct db *db, const struct store_confirmation *c)
{
	int rc = db_run(db, SQL_CONFIRMATION_ADD,
	    DB_VALUES(DB_T(c->peer), DB_O(c->case_id, 16), DB_T(c->day), DB_N(c->received_ms),
		DB_O(c->message_id, 16), DB_B(c->evidence), DB_B(c->body)));

	return rc == 0 && db_changes(db) == 0 ? RXP_ERR_EXISTS : rc;
}

int store_confirmation_get(
    struct db *db, char day[RXP_DAY_TEXT], const char *peer, const uint8_t case_id[16])
{
	const enum sql q = SQL_CONFIRMATION_GET;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_name(db, q, 0, day, RXP_DAY_TEXT) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}
