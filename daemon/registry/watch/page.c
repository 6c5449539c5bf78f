#include "daemon/registry/watch/page.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_recovery.h"
#include "protocol/base/err.h"

/* What is looked up for one page; too large for the stack. */
struct looked_up {
	struct rxp_log_known known[RXP_MAX_LOG_PAGE_ENTRIES];
	struct rxp_log_claim claims[REGISTRY_WATCH_CLAIMS_MAX];
	struct rxp_log_claim furthest;
};

/* The first page of a log that nobody has read says which log it is. */
static int begin(struct page_pass *p, const struct rxp_log_page *page)
{
	int rc = 0;

	if (p->begun)
		return 0;
	memcpy(p->at.log_id, page->log_id, sizeof p->at.log_id);
	rc = rxp_logchain_start(p->at.head, p->peer, p->own, page->log_id);
	p->watch.agreed = p->at;
	p->begun = rc == 0;
	return rc;
}

/* One that names another log than the page says that all of it is another, however many entries the others name (RXP-LOG-027). */
static const struct rxp_log_claim *of_another(
    const struct looked_up *l, size_t n, const struct rxp_log_page *page)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(l->claims[i].at.log_id, page->log_id, sizeof page->log_id) != 0)
			return &l->claims[i];
	return NULL;
}

static int look_up(struct looked_up *l, struct rxp_log_held *held, struct db *db,
    const struct page_pass *p, const struct rxp_log_page *page)
{
	const struct store_log_span span = {.peer = p->peer,
	    .from = page->after,
	    .to = page->after + page->n_entries,
	    .since_ms = p->watch.since_ms};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < page->n_entries; i++) {
		const uint8_t *id = page->entries[i].message_id;

		rc = store_log_sent(db, &l->known[i], p->peer, id, p->watch.since_ms);
		if (rc == 0)
			rc = store_watched_get(db, &l->known[i], p->peer, id, p->watch.pass);
	}
	if (rc == 0)
		rc = store_log_claims(
		    db, l->claims, &held->n_claims, REGISTRY_WATCH_CLAIMS_MAX, &span);
	if (rc != 0)
		return rc;
	held->known = l->known;
	held->claims = l->claims;
	held->before_n = p->watch.shown;
	rc = store_log_furthest(db, &l->furthest, p->peer, p->watch.since_ms);
	held->furthest = of_another(l, held->n_claims, page);
	if (held->furthest == NULL && rc == 0)
		held->furthest = &l->furthest;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* What each entry says, for the next time; those that stand there already are met. */
static int keep_entries(struct db *db, const struct page_pass *p, const struct rxp_log_page *page,
    const struct rxp_log_known *known)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < page->n_entries; i++)
		rc = known[i].before_n != 0
			 ? store_watched_meet(db, p->peer, known[i].before_n, p->watch.pass)
			 : store_watched_add(db, p->peer, page->after + 1 + i, &page->entries[i],
			       known[i].sent, p->watch.pass);
	return rc;
}

/* It ends before what it showed, or is another log: the first entry that is not there is named. */
static int tell_end(
    struct db *db, const struct page_pass *p, const struct rxp_log_page *page, struct found *found)
{
	uint8_t id[RXP_ID_OCTETS];
	int rc;

	if (page->count >= p->watch.shown ||
	    memcmp(page->log_id, p->watch.agreed.log_id, sizeof page->log_id) != 0)
		return 0;
	rc = store_watched_at(db, id, p->peer, page->count + 1);
	if (rc == 0)
		found_tell(found, RXP_LOG_REMOVED, page->count + 1, id);
	return rc;
}

static void agree(struct page_pass *p)
{
	if (p->differences == 0 && p->at.n > p->watch.agreed.n)
		p->watch.agreed = p->at;
}

/* Up to which entry of this log messages of ours were asked for. Another one begins with entry 1. */
static uint64_t asked_in(const struct page_pass *p, const struct rxp_log_page *page)
{
	return memcmp(page->log_id, p->asked_log, sizeof page->log_id) == 0 ? p->asked_n : 0;
}

/* Who is told of differences that are none of what was lost here. */
struct telling {
	struct page_pass *pass;
	struct found *found;
	uint64_t asked_n;
};

static void tell(
    void *arg, enum rxp_log_difference what, uint64_t n, const uint8_t message_id[RXP_ID_OCTETS])
{
	const struct telling *t = arg;
	bool asked = what == RXP_LOG_UNKNOWN && n <= t->asked_n;

	if (asked && t->pass->lost)
		return;
	t->pass->unknown = t->pass->unknown || (what == RXP_LOG_UNKNOWN && !asked);
	found_tell(t->found, what, n, message_id);
}

/* The log that is expected, and the one that is shown: where it is another than the pages before it, or than the Receipts say. */
static void name_logs(struct page_pass *p, const struct rxp_log_page *page,
    const struct rxp_log_held *held, struct found *found)
{
	const struct rxp_log_point *expected = &p->at;

	if (memcmp(page->log_id, p->at.log_id, sizeof page->log_id) == 0 && held->furthest != NULL)
		expected = &held->furthest->at;
	found_in(found, expected->log_id);
	memcpy(found->shown, page->log_id, sizeof found->shown);
	p->another = memcmp(found->log_id, found->shown, sizeof found->shown) != 0;
}

/* Also of another log: messages that we do not know show that something is lost here (RXP-RCV-001). */
static void look_for_unknown(
    struct page_pass *p, const struct rxp_log_page *page, const struct rxp_log_known *known)
{
	for (size_t i = 0; i < page->n_entries; i++)
		p->unknown =
		    p->unknown || (!known[i].sent && page->after + 1 + i > asked_in(p, page));
}

static int compare(struct page_pass *p, struct db *db, const struct rxp_log_page *page,
    struct found *found, struct looked_up *l)
{
	struct telling telling = {p, found, asked_in(p, page)};
	struct rxp_log_held held = {.n_claims = 0};
	int rc = look_up(l, &held, db, p, page);

	if (rc == 0) {
		name_logs(p, page, &held, found);
		rc = rxp_log_compare(&p->at, page, &held, tell, &telling);
	}
	if (rc == RXP_ERR_MISMATCH) {
		look_for_unknown(p, page, l->known);
		rc = tell_end(db, p, page, found);
		p->differences += found->all;
		return rc != 0 ? rc : RXP_ERR_MISMATCH;
	}
	if (rc != 0)
		return rc;
	p->differences += found->all;
	agree(p);
	rc = keep_entries(db, p, page, held.known);
	return rc != 0 ? rc
		       : store_bringing_settle(
			     db, p->peer, page->entries, page->n_entries, clock_wall_ms());
}

int page_compare(struct page_pass *p, struct db *db, const struct rxp_log_page *page,
    struct found *found, bool *over)
{
	struct looked_up *l = calloc(1, sizeof *l);
	int rc;

	if (l == NULL)
		return RXP_ERR_NOMEM;
	rc = begin(p, page);
	if (rc == 0)
		rc = compare(p, db, page, found, l);
	*over = rc == RXP_ERR_MISMATCH || p->at.n >= page->count || page->n_entries == 0;
	if (rc == RXP_ERR_MISMATCH)
		rc = 0;
	if (rc == 0)
		rc = store_watch_put(db, &p->watch, p->peer);
	free(l);
	return rc;
}
