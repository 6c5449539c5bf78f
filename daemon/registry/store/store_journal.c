#include "daemon/registry/store/store_journal.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/page.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define THE_NODE "node" /* as user and as role, for what it does by itself */

/* --- adding -------------------------------------------------------------------------------------- */

/* Number and head of the last entry; zeros before the first. */
static int read_last(struct db *db, uint64_t *n, uint8_t head[32])
{
	int rc = db_first(db, SQL_JOURNAL_LAST, NULL, 0);

	*n = 0;
	memset(head, 0, 32);
	if (rc != 1)
		return rc;
	*n = (uint64_t)db_number(db, SQL_JOURNAL_LAST, 0);
	rc = db_fill(db, SQL_JOURNAL_LAST, 1, head, 32) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, SQL_JOURNAL_LAST);
	return rc;
}

/* The case of a message of either box; zeros if it has none. */
static int read_case(struct db *db, uint8_t case_id[RXP_ID_OCTETS], const uint8_t local_id[16])
{
	int rc = db_first(db, SQL_JOURNAL_CASE, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc;
	rc = db_fill(db, SQL_JOURNAL_CASE, 0, case_id, RXP_ID_OCTETS) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, SQL_JOURNAL_CASE);
	return rc;
}

static int fill(struct db *db, struct rec_journal_row *row, const struct store_journal_entry *e)
{
	const char *role =
	    e->user != NULL ? api_role_word(journal_action_role(e->action)) : THE_NODE;

	row->at_ms = e->at_ms;
	row->number = e->number;
	snprintf(row->user, sizeof row->user, "%s", e->user != NULL ? e->user : THE_NODE);
	snprintf(row->role, sizeof row->role, "%s", role);
	snprintf(row->action, sizeof row->action, "%s", journal_action_word(e->action));
	snprintf(row->reason, sizeof row->reason, "%s", e->reason != NULL ? e->reason : "");
	snprintf(row->peer, sizeof row->peer, "%s", e->peer != NULL ? e->peer : "");
	if (e->local_id != NULL)
		memcpy(row->local_id, e->local_id, sizeof row->local_id);
	if (e->case_id != NULL)
		memcpy(row->case_id, e->case_id, sizeof row->case_id);
	else if (e->local_id != NULL)
		return read_case(db, row->case_id, e->local_id);
	return 0;
}

int store_journal(struct db *db, const struct store_journal_entry *e)
{
	struct rec_journal_row row = {0};
	uint8_t before[32];
	uint64_t last;
	int rc = read_last(db, &last, before);

	row.n = last + 1;
	if (rc == 0)
		rc = fill(db, &row, e);
	if (rc == 0)
		rc = journal_head(row.head, before, &row);
	if (rc != 0)
		return rc;
	return db_run(db, SQL_JOURNAL_ADD,
	    DB_VALUES(DB_N(row.n), DB_N(row.at_ms), DB_T(row.user), DB_T(row.role),
		DB_T(row.action), DB_T(row.reason), DB_T(row.peer),
		DB_O(row.case_id, sizeof row.case_id), DB_O(row.local_id, sizeof row.local_id),
		DB_N(row.number), DB_O(row.head, sizeof row.head)));
}

void store_journal_officers(char out[RECORD_NAME_MAX], const struct store_officers *officers)
{
	bool has_second = officers->second[0] != '\0';

	snprintf(out, RECORD_NAME_MAX, "by %.16s%s%.16s%s",
	    officers->first[0] != '\0' ? officers->first : "?", has_second ? ", read by " : "",
	    officers->second, officers->names_confirmed ? ", names confirmed" : "");
}

/* --- reading ------------------------------------------------------------------------------------- */

/* The columns of JOURNAL_ROW in sql_node.def. */
static int read_row(struct db *db, enum sql q, struct rec_journal_row *r)
{
	struct rec_journal_row row = {.n = (uint64_t)db_number(db, q, 0),
	    .at_ms = db_number(db, q, 1),
	    .number = (uint32_t)db_number(db, q, 9)};

	if (!db_name(db, q, 2, row.user, sizeof row.user) ||
	    !db_name(db, q, 3, row.role, sizeof row.role) ||
	    !db_name(db, q, 4, row.action, sizeof row.action) ||
	    !db_name(db, q, 5, row.reason, sizeof row.reason) ||
	    !db_name(db, q, 6, row.peer, sizeof row.peer) ||
	    !db_fill(db, q, 7, row.case_id, sizeof row.case_id) ||
	    !db_fill(db, q, 8, row.local_id, sizeof row.local_id) ||
	    !db_fill(db, q, 10, row.head, sizeof row.head))
		return RXP_ERR_DAMAGED;
	*r = row;
	return 0;
}

static int first_row(struct db *db, enum sql q, const struct store_journal_of *of)
{
	struct db_value after = DB_N(of->after), since = DB_N(of->since_ms),
			limit = DB_N((int64_t)of->limit + 1);

	if (q == SQL_PAGE_JOURNAL_CASE)
		return db_first(db, q,
		    DB_VALUES(after, since, limit, DB_O(of->case_id, RXP_ID_OCTETS), DB_T(of->user),
			DB_T(of->peer)));
	if (q == SQL_PAGE_JOURNAL_USER)
		return db_first(db, q, DB_VALUES(after, since, limit, DB_T(of->user)));
	return db_first(db, q, DB_VALUES(after, since, limit));
}

static int put_row(struct db *db, enum sql q, struct rxp_buf *rows)
{
	struct rec_journal_row row;
	int rc = read_row(db, q, &row);

	return rc != 0 ? rc : record_list_put(rows, REC_journal_row, &record_journal_row, &row);
}

int store_journal_page(
    struct db *db, struct rxp_buf *rows, bool *more, const struct store_journal_of *of)
{
	enum sql q = of->case_id != NULL
			 ? SQL_PAGE_JOURNAL_CASE
			 : (of->user[0] != '\0' ? SQL_PAGE_JOURNAL_USER : SQL_PAGE_JOURNAL);

	return page_read(db, rows, more, q, first_row(db, q, of), of->limit, put_row);
}
