#include "daemon/registry/store/store_former.h"

#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_party.h"

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

int store_former_rows(struct db *db, struct rxp_buf *rows, const char *party)
{
	const enum sql q = SQL_EVIDENCE_FORMER_THEIRS;
	int rc = db_first(db, q, DB_VALUES(DB_T(party), DB_N(RXP_EVIDENCE_FORMER_MAX)));

	while (rc == 1) {
		const struct rec_evidence_former r = {.octets = db_octets(db, q, 0)};
		int put =
		    r.octets.len > RXP_MAX_DESCRIPTOR_OCTETS
			? 0 /* of a hand: the look at tables tells of it */
			: record_list_put(rows, REC_evidence_former, &record_evidence_former, &r);

		if (put != 0) {
			db_end(db, q);
			return put;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_former_give(struct db *db, const char *party, uint64_t serial, struct bytes descriptor)
{
	int rc = db_first(db, SQL_FORMER_COUNT, DB_VALUES(DB_T(party)));
	int64_t n = rc == 1 ? db_number(db, SQL_FORMER_COUNT, 0) : 0;

	if (rc == 1)
		db_end(db, SQL_FORMER_COUNT);
	if (rc < 0)
		return rc;
	return n >= RXP_EVIDENCE_FORMER_MAX
		   ? RXP_ERR_FULL
		   : db_run(db, SQL_FORMER_GIVE,
			 DB_VALUES(DB_T(party), DB_N(serial), DB_B(descriptor)));
}
