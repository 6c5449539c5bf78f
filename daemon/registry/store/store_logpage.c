#include "daemon/registry/store/store_logpage.h"

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

#define AFTER_MAX INT64_MAX

bool store_logpage_fits(const struct rxp_log_page *page)
{
	return page->n_entries > 0 && page->after % RXP_MAX_LOG_PAGE_ENTRIES == 0 &&
	       page->after <= AFTER_MAX;
}

/* How many entries of it are kept already; 0 if none are. */
static int kept(struct db *db, size_t *out, const struct store_logpage *p)
{
	const enum sql q = SQL_LOGPAGE_KEPT;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(p->peer), DB_N(p->own), DB_O(p->page->log_id, RXP_ID_OCTETS),
		DB_N(p->page->after)));

	*out = rc == 1 ? (size_t)db_number(db, q, 0) : 0;
	if (rc == 1)
		db_end(db, q);
	return rc < 0 ? rc : 0;
}

int store_logpage_keep(struct db *db, const struct store_logpage *p)
{
	size_t n = 0;
	int rc = store_logpage_fits(p->page) ? kept(db, &n, p) : 0;

	if (rc != 0 || !store_logpage_fits(p->page) || n > p->page->n_entries)
		return rc;
	rc = db_run(db, SQL_LOGPAGE_PUT,
	    DB_VALUES(DB_T(p->peer), DB_N(p->own), DB_O(p->page->log_id, RXP_ID_OCTETS),
		DB_N(p->page->after), DB_N(p->page->n_entries),
		DB_O(p->octets.data, p->octets.len)));
	for (size_t i = n; rc == 0 && i < p->page->n_entries; i++)
		rc = db_run(db, SQL_LOGPAGE_ENTRY,
		    DB_VALUES(DB_T(p->peer), DB_N(p->own),
			DB_O(p->page->entries[i].message_id, RXP_ID_OCTETS),
			DB_O(p->page->log_id, RXP_ID_OCTETS), DB_N(p->page->after)));
	return rc;
}
