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
	char path[RXP_ENTRY_TEXT];
};

struct leaves {
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

static void contradicts(
    struct rxp_dossier_work *w, const char *owner, const char *entry, const char *text)
{
	struct rxp_dossier *d = w->out;
	struct rxp_dossier_contradiction *c;

	if (d->n_contradictions++ >= RXP_DOSSIER_CONTRADICTIONS_MAX)
		return;
	c = &d->contradictions[d->n_contradictions - 1];
	memcpy(c->owner, owner, sizeof c->owner);
	memcpy(c->entry, entry, strlen(entry) + 1);
	c->text = text;
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
	uint8_t start[RXP_DIGEST_OCTETS];
	int rc = rxp_logchain_start(start, l->page.owner, l->page.peer, l->page.log_id);

	if (rc != 0)
		return rc;
	if (l->page.after == 0 && !same_head(start, l->page.after_head))
		contradicts(w, l->page.owner, l->path, "does not begin where its log begins");
	if (end_of(l) == l->page.count && !same_head(head_at(l, l->page.count), l->page.head))
		contradicts(w, l->page.owner, l->path,
		    "its entries do not lead to the end of the log that it names");
	return 0;
}

static int open_page(struct rxp_log_page *page, const struct rxp_evidence_party *owner,
    const char *peer, const uint8_t *octets, size_t len)
{
	int rc = rxp_log_page_open(page, octets, len, owner->certs, owner->n);
	int64_t revoked_ms;

	if (rc != 0)
		return rc;
	if (strcmp(page->owner, owner->party) != 0 || strcmp(page->peer, peer) != 0)
		return RXP_ERR_MISMATCH;
	revoked_ms = rxp_evidence_party_revoked(owner, page->cert);
	return revoked_ms != 0 && revoked_ms <= page->created_ms ? RXP_ERR_SIGNER : 0;
}

int rxp_dossier_log_verify(
    const struct rxp_evidence_party *owner, const char *peer, const uint8_t *octets, size_t len)
{
	struct rxp_log_page *page = calloc(1, sizeof *page);
	int rc = page == NULL ? RXP_ERR_NOMEM : open_page(page, owner, peer, octets, len);

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
	if ((rc = compute_heads(l)) != 0 || (rc = judge_page(w, l)) != 0)
		return rxp_dossier_error(w, entry->name, rc, NULL);
	return true;
}

static int add_page(struct rxp_dossier_work *w, struct leaves *all, const struct rxp_entry *entry,
    const struct rxp_evidence_name *name)
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

/* The entries are in the order of their names, and so of their numbers. RXP_ERR_MISMATCH: one is wrong. */
static int read_pages(struct rxp_dossier_work *w, struct leaves *all)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < w->container->n; i++) {
		const struct rxp_entry *entry = &w->container->entries[i];
		struct rxp_evidence_name name;

		if (rxp_evidence_name_parse(&name, entry->name) == 0 &&
		    name.kind == RXP_EVIDENCE_NAME_LOG)
			rc = add_page(w, all, entry, &name);
	}
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
			    "shows another history of its log than an earlier page");
			return;
		}
}

static void judge_pairs(struct rxp_dossier_work *w, const struct leaves *all)
{
	for (size_t i = 0; i < all->n; i++)
		for (size_t k = 0; k < i; k++)
			if (same_log(
				all->leaf[i], all->leaf[k]->page.owner, all->leaf[k]->page.log_id))
				judge_pair(w, all->leaf[k], all->leaf[i]);
}

/* --- pages and answers ------------------------------------------------------------------------------- */

/* The head that a receipt names. */
static void judge_head(
    struct rxp_dossier_work *w, const struct leaves *all, const struct rxp_dossier_document *d)
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
			    "names another history of its log than a page of it shows");
	}
}

static bool entry_fits(const struct rxp_log_entry *e, const struct rxp_dossier_document *d)
{
	bool receipt = d->answer.kind == RXP_ANSWER_RECEIPT;

	return e->outcome == (receipt ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL) &&
	       memcmp(e->fingerprint, d->proof.fingerprint, sizeof e->fingerprint) == 0 &&
	       (!receipt || e->received_ms == d->answer.received_ms);
}

/* Its entry, in the first page that has it. */
static void find_entry(
    struct rxp_dossier_work *w, const struct leaves *all, struct rxp_dossier_document *d)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct leaf *l = all->leaf[i];

		if (strcmp(l->page.owner, d->answer.from) != 0)
			continue;
		for (size_t k = 0; k < l->page.n_entries; k++) {
			const struct rxp_log_entry *e = &l->page.entries[k];

			if (memcmp(e->message_id, d->proof.header.outer.message_id,
				sizeof e->message_id) != 0)
				continue;
			if (!entry_fits(e, d)) {
				char path[RXP_ENTRY_TEXT];

				rxp_evidence_path(path, d->folder, RXP_EVIDENCE_FILE_HEADER);
				contradicts(w, l->page.owner, path,
				    "its answer says something else than its entry in the log");
			} else if (d->log_n == 0) {
				d->log_n = l->page.after + 1 + k;
				d->log_page = l->number;
			}
		}
	}
}

/* The page that goes on where this one ends; NULL: none. */
static const struct leaf *next_leaf(const struct leaves *all, const struct leaf *l)
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

/* Do the entries lead from the document's to the head that a receipt of the same log names? */
static bool leads_to(const struct leaves *all, const struct rxp_dossier_document *d,
    const struct rxp_answer *receipt)
{
	const struct leaf *l = all->leaf[d->log_page - 1];

	if (receipt->kind != RXP_ANSWER_RECEIPT || receipt->log_count < d->log_n ||
	    !same_log(l, receipt->from, receipt->log_id))
		return false;
	while (l != NULL && !holds(l, receipt->log_count))
		l = next_leaf(all, l);
	return l != NULL && same_head(head_at(l, receipt->log_count), receipt->log_head);
}

/* By which other document's receipt its owner stands to the entry as well. */
static void find_bond(
    const struct rxp_dossier *e, const struct leaves *all, struct rxp_dossier_document *d)
{
	for (size_t i = 0; d->log_n != 0 && d->log_bound == 0 && i < e->n; i++)
		if (leads_to(all, d, &e->documents[i].answer))
			d->log_bound = e->documents[i].number;
}

void rxp_dossier_read_logs(struct rxp_dossier_work *w)
{
	struct rxp_dossier *d = w->out;
	struct leaves all = {.n = 0};
	int rc = read_pages(w, &all);

	if (rc == RXP_ERR_NOMEM)
		w->failed = rc;
	d->n_pages = all.n;
	if (rc == 0) {
		judge_pairs(w, &all);
		for (size_t i = 0; i < d->n; i++) {
			judge_head(w, &all, &d->documents[i]);
			find_entry(w, &all, &d->documents[i]);
		}
		for (size_t i = 0; i < d->n; i++)
			find_bond(d, &all, &d->documents[i]);
	}
	for (size_t i = 0; i < all.n; i++)
		free(all.leaf[i]);
}
