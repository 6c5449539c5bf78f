#include "protocol/evidence/dossier_log.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/log/logchain.h"
#include "protocol/log/logpage.h"

#define LOGS "logs"

/* A page and the heads at each of its entries, as they follow from the head before the first. */
struct leaf {
	struct rxp_log_page page;
	uint8_t heads[RXP_MAX_LOG_PAGE_ENTRIES][RXP_DIGEST_OCTETS];
	unsigned number; /* of its entry */
	enum rxp_dossier_doubt doubt; /* about its seal */
	const struct leaf *next; /* the page that goes on where this one ends; NULL: none */
	char path[RXP_ENTRY_TEXT];
};

struct rxp_dossier_leaves {
	struct leaf *leaf[RXP_EVIDENCE_PAGES_MAX];
	size_t n;
};

static uint64_t end_of(const struct leaf *l)
{
	return l->page.after + l->page.n_entries;
}

/* The head at entry n, which the page has or begins behind. */
static const uint8_t *head_at(const struct leaf *l, uint64_t n)
{
	return n == l->page.after ? l->page.after_head : l->heads[n - l->page.after - 1];
}

static bool holds(const struct leaf *l, uint64_t n)
{
	return n >= l->page.after && n <= end_of(l);
}

static bool same_log(const struct leaf *l, const char *owner, const uint8_t log_id[RXP_ID_OCTETS])
{
	return strcmp(l->page.owner, owner) == 0 &&
	       memcmp(l->page.log_id, log_id, RXP_ID_OCTETS) == 0;
}

static bool same_head(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, RXP_DIGEST_OCTETS) == 0;
}

/* doubtful: one of the two that do not go together is under a seal that proves nothing (RXP-EVI-030). */
static void contradicts(struct rxp_dossier_work *w, const char *owner, const char *entry,
    const char *text, bool doubtful)
{
	struct rxp_dossier *d = w->out;
	struct rxp_dossier_contradiction *c;

	if (d->n_contradictions++ >= RXP_DOSSIER_CONTRADICTIONS_MAX)
		return;
	c = &d->contradictions[d->n_contradictions - 1];
	memcpy(c->owner, owner, sizeof c->owner);
	memcpy(c->entry, entry, strlen(entry) + 1);
	c->text = text;
	c->doubtful = doubtful;
}

static bool in_doubt(const struct leaf *l)
{
	return l->doubt != RXP_DOUBT_NONE;
}

/* --- one page -------------------------------------------------------------------------------------- */

static int compute_heads(struct leaf *l)
{
	uint8_t head[RXP_DIGEST_OCTETS];
	int rc = 0;

	memcpy(head, l->page.after_head, sizeof head);
	for (size_t i = 0; rc == 0 && i < l->page.n_entries; i++) {
		rc = rxp_logchain_extend(head, l->page.after + 1 + i, &l->page.entries[i]);
		memcpy(l->heads[i], head, sizeof head);
	}
	return rc;
}

/* By itself: from the beginning of its log, and to the end that it names. */
static int judge_page(struct rxp_dossier_work *w, const struct leaf *l)
{
	const bool doubtful = in_doubt(l);
	uint8_t start[RXP_DIGEST_OCTETS];
	int rc = rxp_logchain_start(start, l->page.owner, l->page.peer, l->page.log_id);

	if (rc != 0)
		return rc;
	if (l->page.after == 0 && !same_head(start, l->page.after_head))
		contradicts(
		    w, l->page.owner, l->path, "does not begin where its log begins", doubtful);
	if (end_of(l) == l->page.count && !same_head(head_at(l, l->page.count), l->page.head))
		contradicts(w, l->page.owner, l->path,
		    "its entries do not lead to the end of the log that it names", doubtful);
	return 0;
}

static int open_page(struct rxp_log_page *page, const struct rxp_evidence_party *owner,
    const char *peer, const uint8_t *octets, size_t len)
{
	int rc = rxp_log_page_open(page, octets, len, owner->certs, owner->n);

	if (rc != 0)
		return rc;
	return strcmp(page->owner, owner->party) == 0 && strcmp(page->peer, peer) == 0
		   ? 0
		   : RXP_ERR_MISMATCH;
}

int rxp_dossier_log_verify(size_t *cert, const struct rxp_evidence_party *owner, const char *peer,
    const uint8_t *octets, size_t len)
{
	struct rxp_log_page *page = calloc(1, sizeof *page);
	int rc = page == NULL ? RXP_ERR_NOMEM : open_page(page, owner, peer, octets, len);

	if (rc == 0)
		*cert = rxp_evidence_party_find(owner, page->cert);
	free(page);
	return rc;
}

static bool read_page(struct rxp_dossier_work *w, struct leaf *l, const struct rxp_entry *entry,
    const struct rxp_evidence_name *name)
{
	const struct rxp_dossier *d = w->out;
	bool first = strcmp(d->parties[0]->party, name->party) == 0;
	const struct rxp_evidence_party *owner = d->parties[first ? 0 : 1];
	int rc;

	if (strcmp(owner->party, name->party) != 0)
		return rxp_dossier_wrong(w, entry->name, "of a party whose descriptor is not here");
	rc = open_page(&l->page, owner, d->parties[first ? 1 : 0]->party, entry->octets.data,
	    entry->octets.len);
	if (rc != 0)
		return rxp_dossier_error(w, entry->name, rc,
		    rc == RXP_ERR_MISMATCH ? "not a page of the log between these States" : NULL);
	if ((rc = compute_heads(l)) != 0)
		return rxp_dossier_error(w, entry->name, rc, NULL);
	return true;
}

static int add_page(struct rxp_dossier_work *w, struct rxp_dossier_leaves *all,
    const struct rxp_entry *entry, const struct rxp_evidence_name *name)
{
	struct leaf *l;

	if (name->number != all->n + 1) {
		rxp_dossier_wrong(w, LOGS, "numbers from 1, each once, without a gap");
		return RXP_ERR_MISMATCH;
	}
	l = calloc(1, sizeof *l);
	if (l == NULL)
		return RXP_ERR_NOMEM;
	all->leaf[all->n++] = l;
	l->number = name->number;
	memcpy(l->path, entry->name, sizeof l->path);
	return read_page(w, l, entry, name) ? 0 : RXP_ERR_MISMATCH;
}

static const struct leaf *next_leaf(const struct rxp_dossier_leaves *all, const struct leaf *l)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct leaf *next = all->leaf[i];

		if (next != l && next->page.after == end_of(l) && next->page.n_entries > 0 &&
		    same_log(next, l->page.owner, l->page.log_id) &&
		    same_head(next->page.after_head, head_at(l, end_of(l))))
			return next;
	}
	return NULL;
}

/* The entries are in the order of their names, and so of their numbers. RXP_ERR_MISMATCH: one is wrong. */
static int read_pages(struct rxp_dossier_work *w, struct rxp_dossier_leaves *all)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->container->n; i++) {
		const struct rxp_entry *entry = &w->container->entries[i];
		struct rxp_evidence_name name;

		if (rxp_evidence_name_parse(&name, entry->name) == 0 &&
		    name.kind == RXP_EVIDENCE_NAME_LOG)
			rc = add_page(w, all, entry, &name);
	}
	for (size_t i = 0; rc == 0 && i < all->n; i++)
		all->leaf[i]->next = next_leaf(all, all->leaf[i]);
	return rc;
}

/* --- pages among each other -------------------------------------------------------------------------- */

/* Of one log, at every entry that both have or begin behind: the first at which they differ says all. */
static void judge_pair(struct rxp_dossier_work *w, const struct leaf *a, const struct leaf *b)
{
	uint64_t from = a->page.after > b->page.after ? a->page.after : b->page.after;

	for (uint64_t n = from; holds(a, n) && holds(b, n); n++)
		if (!same_head(head_at(a, n), head_at(b, n))) {
			contradicts(w, b->page.owner, b->path,
			    "shows another history of its log than an earlier page",
			    in_doubt(a) || in_doubt(b));
			return;
		}
}

static void judge_pairs(struct rxp_dossier_work *w, const struct rxp_dossier_leaves *all)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < i; k++)
			if (same_log(
				all->leaf[i], all->leaf[k]->page.owner, all->leaf[k]->page.log_id))
				judge_pair(w, all->leaf[k], all->leaf[i]);
}

/* --- pages and answers ------------------------------------------------------------------------------- */

/* The head that a receipt names. */
static void judge_head(struct rxp_dossier_work *w, const struct rxp_dossier_leaves *all,
    const struct rxp_dossier_document *d)
{
	char path[RXP_ENTRY_TEXT];

	if (d->answer.kind != RXP_ANSWER_RECEIPT)
		return;
	rxp_evidence_path(path, d->folder, RXP_EVIDENCE_FILE_RECEIPT);
	for (size_t i = 0; i < all->n; i++) {
		const struct leaf *l = all->leaf[i];

		if (same_log(l, d->answer.from, d->answer.log_id) &&
		    holds(l, d->answer.log_count) &&
		    !same_head(head_at(l, d->answer.log_count), d->answer.log_head))
			contradicts(w, l->page.owner, path,
			    "names another history of its log than a page of it shows",
			    in_doubt(l) || d->answer_seal != RXP_DOUBT_NONE);
	}
}

static bool entry_fits(const struct rxp_log_entry *e, const struct rxp_dossier_document *d)
{
	bool receipt = d->answer.kind == RXP_ANSWER_RECEIPT;

	return e->outcome == (receipt ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL) &&
	       memcmp(e->fingerprint, d->proof.fingerprint, sizeof e->fingerprint) == 0 &&
	       (!receipt || e->received_ms == d->answer.received_ms);
}

/* The entry of the document in a page of its receiver's log; NULL: it shows none. *at: its place. */
static const struct rxp_log_entry *entry_of(
    size_t *at, const struct leaf *l, const struct rxp_dossier_document *d)
{
	if (strcmp(l->page.owner, d->answer.from) != 0)
		return NULL;
	for (*at = 0; *at < l->page.n_entries; ++*at)
		if (memcmp(l->page.entries[*at].message_id, d->proof.header.outer.message_id,
			RXP_ID_OCTETS) == 0)
			return &l->page.entries[*at];
	return NULL;
}

/* What the entry at that place of the page shows of its document's answer; NULL: nothing else than that says. */
static const char *entry_differs(
    const struct leaf *l, size_t at, const struct rxp_dossier_document *d)
{
	const struct rxp_answer *a = &d->answer;

	if (!entry_fits(&l->page.entries[at], d))
		return "its answer says something else than its entry in the log";
	if (a->kind == RXP_ANSWER_RECEIPT && same_log(l, a->from, a->log_id) &&
	    l->page.after + at < a->log_count)
		return "names entries of its log among which its own stands already";
	return NULL;
}

static void judge_entry(struct rxp_dossier_work *w, const struct rxp_dossier_leaves *all,
    const struct rxp_dossier_document *d)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct leaf *l = all->leaf[i];
		char path[RXP_ENTRY_TEXT];
		const char *text;
		size_t at;

		if (entry_of(&at, l, d) == NULL || (text = entry_differs(l, at, d)) == NULL)
			continue;
		rxp_evidence_path(path, d->folder,
		    entry_fits(&l->page.entries[at], d) ? RXP_EVIDENCE_FILE_RECEIPT
							: RXP_EVIDENCE_FILE_HEADER);
		contradicts(
		    w, l->page.owner, path, text, in_doubt(l) || d->answer_seal != RXP_DOUBT_NONE);
	}
}

/* Does an answer that is proved name that log as one that was there at that time, with fewer entries? */
static bool was_there(const struct rxp_dossier *e, const struct leaf *l, uint64_t n, int64_t at_ms)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct rxp_dossier_document *d = &e->documents[i];
		const struct rxp_answer *a = &d->answer;

		if (a->kind == RXP_ANSWER_RECEIPT && rxp_dossier_answered(d) &&
		    same_log(l, a->from, a->log_id) && a->log_count < n && a->received_ms <= at_ms)
			return true;
	}
	return false;
}

/* Was the entry made when its owner answered, and not when the answer had come back to it (RXP-EVI-029)? A refusal names no log, and
 * is asked last. */
static bool made_then(const struct rxp_dossier *e, const struct leaf *l, uint64_t n,
    const struct rxp_dossier_document *d)
{
	const struct rxp_answer *a = &d->answer;

	return a->kind == RXP_ANSWER_RECEIPT ? same_log(l, a->from, a->log_id) && n > a->log_count
					     : was_there(e, l, n, a->created_ms);
}

/* Its entry, in the first page that has it and proves most. */
static void find_entry(const struct rxp_dossier *e, const struct rxp_dossier_leaves *all,
    struct rxp_dossier_document *d)
{
	int best = -1;

	d->log_n = 0;
	d->log_page = d->log_bound = 0;
	d->log_then = d->log_named = false;
	for (size_t i = 0; i < all->n; i++) {
		const struct leaf *l = all->leaf[i];
		size_t at;
		const struct rxp_log_entry *entry = entry_of(&at, l, d);
		const uint64_t n = l->page.after + 1 + at;
		bool then;

		if (entry == NULL || !entry_fits(entry, d))
			continue;
		then = made_then(e, l, n, d);
		if (2 * then + !in_doubt(l) <= best)
			continue;
		best = 2 * then + !in_doubt(l);
		d->log_n = n;
		d->log_page = l->number;
		d->log_then = then;
		d->log_named = d->answer.kind == RXP_ANSWER_RECEIPT &&
			       same_log(l, d->answer.from, d->answer.log_id);
	}
}

/* Do the entries lead from the document's to the head that a receipt of the same log names? */
static bool leads_to(const struct rxp_dossier_leaves *all, const struct rxp_dossier_document *d,
    const struct rxp_answer *receipt)
{
	const struct leaf *l = all->leaf[d->log_page - 1];

	if (receipt->kind != RXP_ANSWER_RECEIPT || receipt->log_count < d->log_n ||
	    !same_log(l, receipt->from, receipt->log_id))
		return false;
	while (l != NULL && !holds(l, receipt->log_count))
		l = l->next;
	return l != NULL && same_head(head_at(l, receipt->log_count), receipt->log_head);
}

/* By which other document's receipt, under a seal that stands, its owner stands to the entry as well. */
static void find_bond(const struct rxp_dossier *e, const struct rxp_dossier_leaves *all,
    struct rxp_dossier_document *d)
{
	for (size_t i = 0; d->log_n != 0 && d->log_bound == 0 && i < e->n; i++)
		if (e->documents[i].answer_seal == RXP_DOUBT_NONE &&
		    leads_to(all, d, &e->documents[i].answer))
			d->log_bound = e->documents[i].number;
}

/* Does the entry, also by its time, prove the answer, whatever seal that bears (RXP-EVI-029)? */
static bool proves(const struct rxp_dossier_leaves *all, const struct rxp_dossier_document *d)
{
	const struct rxp_answer *a = &d->answer;
	const struct rxp_log_entry *entry;
	const struct leaf *l;
	size_t at;

	if (d->log_n == 0)
		return false;
	l = all->leaf[d->log_page - 1];
	entry = entry_of(&at, l, d);
	return entry != NULL && d->log_then && (!in_doubt(l) || d->log_bound != 0) &&
	       entry->received_ms ==
		   (a->kind == RXP_ANSWER_RECEIPT ? a->received_ms : a->created_ms);
}

static void judge_pages(
    const struct rxp_dossier *e, struct rxp_dossier_leaves *all, enum rxp_dossier_trust trust)
{
	for (size_t i = 0; i < all->n; i++) {
		struct leaf *l = all->leaf[i];
		bool first = strcmp(e->parties[0]->party, l->page.owner) == 0;
		int64_t revoked_ms;

		l->doubt = rxp_dossier_doubt_of(
		    &revoked_ms, e->parties[first ? 0 : 1], l->page.cert, trust);
	}
}

static void place_answers(
    struct rxp_dossier *e, const struct rxp_dossier_leaves *all, enum rxp_answer_kind kind)
{
	for (size_t i = 0; i < e->n; i++) {
		struct rxp_dossier_document *d = &e->documents[i];

		if (d->answer.kind != kind)
			continue;
		find_entry(e, all, d);
		find_bond(e, all, d);
		d->logged = proves(all, d);
	}
}

void rxp_dossier_log_entries(struct rxp_dossier_work *w, enum rxp_dossier_trust trust)
{
	struct rxp_dossier *e = w->out;
	struct rxp_dossier_leaves *all = w->logs;

	if (all == NULL)
		return;
	judge_pages(e, all, trust);
	for (size_t i = 0; i < e->n; i++)
		e->documents[i].logged = false;
	place_answers(e, all, RXP_ANSWER_RECEIPT);
	place_answers(e, all, RXP_ANSWER_REFUSAL);
}

void rxp_dossier_log_contradictions(struct rxp_dossier_work *w)
{
	const struct rxp_dossier_leaves *all = w->logs;
	int rc = 0;

	if (all == NULL)
		return;
	for (size_t i = 0; rc == 0 && i < all->n; i++)
		rc = judge_page(w, all->leaf[i]);
	if (rc != 0) {
		w->failed = rc;
		return;
	}
	judge_pairs(w, all);
	for (size_t i = 0; i < w->out->n; i++) {
		judge_head(w, all, &w->out->documents[i]);
		judge_entry(w, all, &w->out->documents[i]);
	}
}

void rxp_dossier_read_logs(struct rxp_dossier_work *w)
{
	int rc = RXP_ERR_NOMEM;

	w->logs = calloc(1, sizeof *w->logs);
	if (w->logs != NULL)
		rc = read_pages(w, w->logs);
	if (rc == RXP_ERR_NOMEM)
		w->failed = rc;
	if (w->logs != NULL)
		w->out->n_pages = w->logs->n;
}

void rxp_dossier_close_logs(struct rxp_dossier_work *w)
{
	for (size_t i = 0; w->logs != NULL && i < w->logs->n; i++)
		free(w->logs->leaf[i]);
	free(w->logs);
	w->logs = NULL;
}
