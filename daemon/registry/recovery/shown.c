#include "daemon/registry/recovery/shown.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/entries.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_recovery.h"
#include "protocol/base/err.h"

/* --- what was shown ------------------------------------------------------------------------------- */

void shown_clear(struct shown *s)
{
	free(s->entries);
	*s = (struct shown){.n = 0};
}

/* At most as many as messages were sent to it. */
static int begin(struct shown *s, struct db *db, const char *peer, const struct rxp_log_page *page)
{
	const struct store_ended_log of = {.peer = peer, .log_id = page->log_id};
	struct store_known_log known;
	int rc = store_bringing_known(db, &known, &of);

	shown_clear(s);
	if (rc == 0)
		s->max = (size_t)known.sent;
	memcpy(s->log_id, page->log_id, sizeof s->log_id);
	return rc;
}

static int keep(struct shown *s, struct db *db, const char *peer, const struct rxp_log_entry *e)
{
	struct rxp_log_known known;
	int rc = store_log_sent(db, &known, peer, e->message_id, 0);

	if (rc == 0 && known.sent && s->n < s->max)
		s->entries[s->n++] = *e;
	return rc;
}

int shown_add(struct shown *s, struct db *db, const char *peer, const struct rxp_log_page *page)
{
	struct rxp_log_entry *more;
	int rc = page->after == 0 ? begin(s, db, peer, page) : 0;

	if (rc != 0 || page->n_entries == 0 || page->after != s->up_to ||
	    memcmp(page->log_id, s->log_id, sizeof s->log_id) != 0)
		return rc;
	more = reallocarray(s->entries, s->n + page->n_entries, sizeof *more);
	if (more == NULL)
		return RXP_ERR_NOMEM;
	s->entries = more;
	for (size_t i = 0; rc == 0 && i < page->n_entries; i++)
		rc = keep(s, db, peer, &page->entries[i]);
	if (rc != 0) {
		shown_clear(s);
		return rc;
	}
	s->up_to += page->n_entries;
	s->whole = s->up_to == page->count;
	s->sorted = s->looked = false;
	return 0;
}

bool shown_counts(const struct store_bringing *b, const struct rxp_log_page *page)
{
	return page->created_ms >= b->began_ms - REGISTRY_DISPUTE_MS &&
	       (b->seen || memcmp(page->log_id, b->log_id, sizeof b->log_id) != 0);
}

static int by_message(const void *a, const void *b)
{
	const struct rxp_log_entry *x = a, *y = b;

	return memcmp(x->message_id, y->message_id, RXP_ID_OCTETS);
}

static const struct rxp_log_entry *find(struct shown *s, const uint8_t id[RXP_ID_OCTETS])
{
	struct rxp_log_entry wanted = {.received_ms = 0};

	if (s->n == 0)
		return NULL;
	if (!s->sorted)
		qsort(s->entries, s->n, sizeof *s->entries, by_message);
	s->sorted = true;
	memcpy(wanted.message_id, id, RXP_ID_OCTETS);
	return bsearch(&wanted, s->entries, s->n, sizeof *s->entries, by_message);
}

/* Was that message of ours put on its way for the first time since then? Each bundle that has it has all answers, too. */
static bool is_later(struct db *db, const uint8_t message_id[RXP_ID_OCTETS], int64_t since_ms)
{
	struct store_outbox row;
	uint8_t local_id[RXP_ID_OCTETS];

	return store_outbox_of_message(db, local_id, message_id) == 0 &&
	       store_outbox_get(db, &row, NULL, local_id) == 0 && row.first_attempt_ms >= since_ms;
}

/* A peer writes in its log what it likes, and many entries: they are looked through once for all answers. Of one that is sent later no
 * page has an entry that came before. */
static bool has_later(struct shown *s, struct db *db, int64_t since_ms)
{
	if (s->looked && s->since_ms == since_ms)
		return s->later;
	s->looked = true;
	s->since_ms = since_ms;
	s->later = false;
	for (size_t i = s->n; i > 0 && !s->later; i--)
		s->later = is_later(db, s->entries[i - 1].message_id, since_ms);
	return s->later;
}

enum shown_word shown_of(struct shown *s, struct db *db, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], int64_t since_ms)
{
	const struct rxp_log_entry *e = find(s, message_id);
	struct rxp_log_known known;

	if (e != NULL) {
		if (store_log_sent(db, &known, peer, message_id, 0) != 0 || !known.answered)
			return SHOWN_NOTHING;
		return memcmp(known.own.fingerprint, e->fingerprint, sizeof e->fingerprint) == 0 &&
			       known.own.received_ms == e->received_ms &&
			       known.own.outcome == e->outcome
			   ? SHOWN_HAS
			   : SHOWN_OTHER;
	}
	return since_ms != 0 && s->whole && has_later(s, db, since_ms) ? SHOWN_MISSING
								       : SHOWN_NOTHING;
}

/* --- a page, as a sealer sees it ------------------------------------------------------------------ */

struct checking {
	char party[RXP_PARTY_TEXT];
	shown_checked *done;
	void *arg;
};

static void checked(void *arg, int result, const struct link_message *answer)
{
	struct checking *c = arg;
	const struct msg_log_page_checked *m = answer != NULL ? answer->body : NULL;
	struct rxp_log_page *page = calloc(1, sizeof *page);
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc != 0 && rc != RXP_ERR_DAMAGED && rc != RXP_ERR_NOMEM) {
		log_event(LOG_LOG_FALSE, LOG_S(c->party), LOG_S(rxp_err_text(rc)));
		rc = RXP_ERR_MISMATCH;
	}
	if (rc == 0)
		rc = page == NULL ? RXP_ERR_NOMEM : entries_checked(page, m);
	c->done(c->arg, rc, rc == 0 ? page : NULL);
	free(page);
	free(c);
}

int shown_check(struct node *n, const struct publish *publish, const char *party,
    struct bytes octets, shown_checked *done, void *arg)
{
	struct msg_check_log_page q = {.octets = octets};
	struct checking *c;
	int fd, rc;

	if (octets.len == 0 || octets.len > RXP_MAX_LOG_PAGE_OCTETS)
		return RXP_ERR_MISMATCH;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return RXP_ERR_NOMEM;
	c->done = done;
	c->arg = arg;
	memcpy(c->party, party, sizeof c->party);
	memcpy(q.peer, party, sizeof q.peer);
	q.register_number = publish_register(publish, &fd);
	rc = work_submit(n->work, IPC_check_log_page, &q, &fd, 1, checked, c);
	if (rc != 0)
		free(c);
	return rc;
}
