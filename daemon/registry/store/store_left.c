#include "daemon/registry/store/store_left.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

int store_left_add(struct db *db, const struct store_left *l)
{
	return db_run(db, SQL_LEFT_ADD,
	    DB_VALUES(DB_T(l->peer), DB_O(l->case_id, RXP_ID_OCTETS),
		l->previous != NULL ? DB_O(l->previous, RXP_DIGEST_OCTETS) : DB_NONE,
		l->seen != NULL ? DB_O(l->seen, RXP_DIGEST_OCTETS) : DB_NONE, DB_N(l->held)));
}

int store_left_count(struct db *db, uint64_t *documents, const char *peer)
{
	int rc = db_first(db, SQL_LEFT_COUNT, DB_VALUES(DB_T(peer)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*documents = (uint64_t)db_number(db, SQL_LEFT_COUNT, 0);
	db_end(db, SQL_LEFT_COUNT);
	return 0;
}

bool store_left_of(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	int rc = db_first(db, SQL_LEFT_OF, DB_VALUES(DB_T(peer), DB_O(case_id, RXP_ID_OCTETS)));

	if (rc == 1)
		db_end(db, SQL_LEFT_OF);
	return rc != 0;
}

static bool names(const struct store_named *n, const uint8_t case_id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < n->n; i++)
		if (memcmp(n->ids[i], case_id, RXP_ID_OCTETS) == 0)
			return true;
	return false;
}

/* RXP_ERR_FULL: there is no room for it. */
static int add_case(void *arg, struct db *db, enum sql q)
{
	struct store_named *n = arg;
	uint8_t case_id[RXP_ID_OCTETS];

	if (!db_fill(db, q, 0, case_id, sizeof case_id))
		return RXP_ERR_DAMAGED;
	if (names(n, case_id))
		return 0;
	if (n->n == STORE_CASES_MAX)
		return RXP_ERR_FULL;
	memcpy(n->ids[n->n++], case_id, sizeof case_id);
	return 0;
}

int store_left_due(struct db *db, struct store_named *out, const char *peer, bool over)
{
	const enum sql q = SQL_LEFT_DUE;

	out->n = 0;
	return db_each(db, q,
	    db_first(db, q, DB_VALUES(DB_T(peer), DB_N(over), DB_N(STORE_CASES_MAX))), add_case,
	    out);
}

int store_left_trayed(struct db *db, struct store_named *out, const char *peer)
{
	const enum sql q = SQL_LEFT_TRAYED;

	return db_each(db, q, db_first(db, q, DB_VALUES(DB_T(peer))), add_case, out);
}

int store_left_drop(struct db *db, const char *peer, bool all)
{
	return db_run(db, SQL_LEFT_DROP, DB_VALUES(DB_T(peer), DB_N(all)));
}
