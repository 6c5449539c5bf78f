#include "daemon/registry/watch/pass.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/entries.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/peers/refresh.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_logpage.h"
#include "daemon/registry/store/store_recovery.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"

#define HTTP_ACCEPTED 202
#define HTTP_NOTHING 204
#define HTTP_UNPROCESSABLE 422
#define HTTP_BUSY 503

/* --- what a peer hears that posts ------------------------------------------------------------------ */

void pass_reply(const struct logwatch *w, uint64_t request, uint32_t status, uint64_t after)
{
	const struct msg_log_taken m = {.http_status = status, .after = after};

	link_answer(w->config.node->gateway, IPC_log_taken, request, &m, NULL, 0);
}

static void tell_carrier(struct pass *p, uint32_t status)
{
	logwatch_carried_done *done = p->done;

	p->done = NULL;
	if (done != NULL)
		done(p->done_arg, status == HTTP_UNPROCESSABLE ? RXP_ERR_MISMATCH
				  : status == HTTP_BUSY        ? RXP_ERR_FULL
							       : 0);
}

/* Nothing is said to one that is asked. */
static void tell_poster(struct pass *p, uint32_t status)
{
	tell_carrier(p, status);
	if (!p->posted || p->request == 0)
		return;
	pass_reply(p->by, p->request, status, p->at.at.n);
	p->request = 0;
}

/* --- the end of a pass --------------------------------------------------------------------------- */

void pass_free(struct pass *p)
{
	rxp_buf_free(&p->octets);
	free(p);
}

static void unlink_pass(struct pass *p)
{
	struct pass **at = &p->by->first;

	while (*at != NULL && *at != p)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every pass is in the list */
	*at = p->next;
}

int64_t pass_compared_ms(const struct peer *peer)
{
	return peer->compared_ms != 0 ? peer->compared_ms : peer->added_ms;
}

static bool is_unread(const struct peer *peer, int64_t now_ms)
{
	return now_ms - pass_compared_ms(peer) >= REGISTRY_WATCH_BLIND_MS;
}

bool pass_is_blind(const struct peer *peer, int64_t now_ms)
{
	return peer->blind_told_ms != 0 && is_unread(peer, now_ms);
}

/* Once a day. */
void pass_tell_blind(struct peer *peer, const char *why)
{
	int64_t now = clock_wall_ms();

	if (!is_unread(peer, now) ||
	    (now >= peer->blind_told_ms && now - peer->blind_told_ms < REGISTRY_WATCH_MS))
		return;
	peer->blind_told_ms = now;
	log_event(LOG_LOG_UNSEEN, LOG_S(peer->party), LOG_S(why));
}

void pass_tell_unread(struct peer *peer, const char *why)
{
	if (clock_wall_ms() - peer->last_contact_ms <= REGISTRY_WATCH_MS)
		pass_tell_blind(peer, why);
}

/* It was not read to its end; the next tick after an hour, or page that is posted, begins anew. why NULL: nobody can
 * connect to it. */
void pass_give_up(struct pass *p, const char *why)
{
	tell_poster(p, HTTP_BUSY);
	if (why != NULL)
		pass_tell_unread(p->peer, why);
	unlink_pass(p);
	pass_free(p);
}

static void finish(struct pass *p)
{
	tell_poster(p, HTTP_NOTHING);
	p->peer->compared_ms = p->at.watch.compared_ms;
	p->peer->log_wanted = false;
	p->peer->read_since_start = true;
	log_event(
	    LOG_LOG_COMPARED, LOG_S(p->peer->party), LOG_N(p->at.at.n), LOG_N(p->at.differences));
	unlink_pass(p);
	if (!p->at.unknown)
		p->peer->loss_doubted = false;
	else
		p->by->config.unknown(p->by->config.arg, p->peer);
	pass_free(p);
}

/* While either of the two gets back what it lost, their logs are no ones to compare: RXP_ERR_STATE (RXP-LOG-022). What was
 * lost here and is in the peer's log is no difference (RXP-LOG-023). */
static int look_recovery(struct pass *p, struct db *db)
{
	struct store_bringing bringing = {.open = false};
	struct store_recovery recovery = {.stage = RECOVERY_OVER};
	int rc = store_bringing_get(db, &bringing, p->peer->party);

	if (rc == 0 || rc == RXP_ERR_NOT_FOUND)
		rc = store_recovery_get(db, &recovery, p->peer->party);
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	memcpy(p->at.asked_log, recovery.told_log, sizeof p->at.asked_log);
	p->at.asked_n = recovery.told_at;
	p->at.lost = recovery.proven;
	return bringing.open || (recovery.proven && recovery_holds(recovery.stage)) ? RXP_ERR_STATE
										    : 0;
}

/* The same of what is under way: RXP_ERR_STATE also if the log is to be read anew since it began. */
static int look_on(struct pass *p, struct db *db)
{
	struct store_watch now = {.since_ms = 0};
	int rc = look_recovery(p, db);

	if (rc == 0)
		rc = store_watch_get(db, &now, p->peer->party);
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	return now.since_ms != p->at.watch.since_ms ? RXP_ERR_STATE : 0;
}

/* --- what is in no entry, and what is there no more ------------------------------------------------ */

static void last_step(struct pass *p);

static int tell_missing(void *arg, const uint8_t message_id[RXP_ID_OCTETS])
{
	found_tell(arg, RXP_LOG_MISSING, 0, message_id);
	return 0;
}

static int tell_removed(void *arg, uint64_t n, const uint8_t message_id[RXP_ID_OCTETS])
{
	found_tell(arg, RXP_LOG_REMOVED, n, message_id);
	return 0;
}

/* RXP-RCV-025: of a database that was put back in silence this answer alone may be lost. */
static int note_missed(const struct pass *p, struct db *db)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < p->found.n; i++)
		if (p->found.of[i].what == RXP_LOG_MISSING)
			rc = store_bringing_missed(db, p->at.peer, p->found.of[i].message_id);
	return rc;
}

/* What was noted, now or on a day that had no more room for it, is brought, as where it is not known in which log the peer lost
 * something. */
static int bring_missed(const struct pass *p, struct db *db)
{
	int64_t now = clock_wall_ms();
	struct store_bringing last = {.open = false},
			      b = {.open = true, .seen = true, .again = true, .began_ms = now};
	int rc = store_bringing_get(db, &last, p->at.peer);
	bool today = last.day == now / RXP_DAY_MS;

	if (rc == 0 || rc == RXP_ERR_NOT_FOUND)
		rc = store_bringing_noted(db, p->at.peer);
	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	if (today && last.times >= REGISTRY_RESTORES_DAY)
		return 0;
	snprintf(b.peer, sizeof b.peer, "%s", p->at.peer);
	b.day = now / RXP_DAY_MS;
	b.times = (today ? last.times : 0) + 1;
	rc = store_bringing_carried(db, &b.beyond, b.peer);
	return rc != 0 ? rc : store_bringing_put(db, &b);
}

/* Behind the last answer of ours: what was read whole lacks what was not met. Where a log ends too early the first entry
 * behind its end says all. */
static int apply_end(struct pass *p, struct db *db)
{
	struct store_watch *w = &p->at.watch;
	size_t most = p->page.count < w->shown ? 1 : FOUND_MAX;
	bool beyond = false; /* a log that ended named what is not known here (RXP-RCV-024) */
	int rc = !p->whole || p->at.another ? 0
					    : store_watched_left(db, p->at.peer, 0, w->pass, most,
						  tell_removed, &p->found);

	w->compared_ms = p->asked_ms;
	if (p->whole)
		w->whole_ms = p->asked_ms;
	p->over = true;
	if (rc == 0)
		rc = store_bringing_exceeds(db, &beyond, p->at.peer);
	p->at.unknown = p->at.unknown || beyond;
	if (rc == 0)
		rc = bring_missed(p, db);
	return rc != 0 ? rc : store_watch_put(db, w, p->at.peer);
}

static int last_apply(void *arg, struct db *db)
{
	struct pass *p = arg;
	const struct store_log_answers of = {.peer = p->at.peer,
	    .since_ms = p->at.watch.since_ms,
	    .until_ms = p->asked_ms,
	    .limit = REGISTRY_WATCH_SLICE};
	int rc = look_on(p, db);

	if (rc == 0)
		rc = p->at.another
			 ? RXP_ERR_NOT_FOUND
			 : store_log_missing(db, p->answered, &of, tell_missing, &p->found);
	if (rc == 0 || rc == RXP_ERR_NOT_FOUND) {
		int noted = note_missed(p, db);

		rc = noted != 0 ? noted : rc;
	}
	if (rc == RXP_ERR_NOT_FOUND)
		rc = apply_end(p, db);
	return rc != 0 ? rc
		       : found_store(&p->found, db, p->at.peer, (struct bytes){0}, p->asked_ms);
}

static void last_done(void *arg, int result)
{
	struct pass *p = arg;

	if (result != 0) {
		pass_give_up(p, rxp_err_text(result));
		return;
	}
	p->at.differences += p->found.all;
	found_told(&p->found, p->by->config.node, p->peer);
	if (p->over)
		finish(p);
	else
		last_step(p);
}

static void last_step(struct pass *p)
{
	p->over = false;
	found_clear(&p->found);
	found_in(&p->found, p->at.at.log_id);
	p->item = (struct store_item){.apply = last_apply, .done = last_done, .arg = p};
	store_submit(p->by->config.node->store, &p->item);
}

/* --- pages --------------------------------------------------------------------------------------- */

int pass_ask(struct pass *p)
{
	struct msg_fetch_log m = {.after = p->at.at.n};
	struct link *gateway = p->by->config.node->gateway;

	if (p->posted) {
		tell_poster(p, HTTP_ACCEPTED);
		return 0;
	}
	if (!link_has_room(gateway, IPC_fetch_log))
		return RXP_ERR_FULL;
	memcpy(m.peer, p->peer->party, sizeof m.peer);
	return link_request(gateway, IPC_fetch_log, &m, NULL, 0, &p->request);
}

/* A time of the peer, which cannot be later than now. */
static void note_made(struct pass *p)
{
	int64_t now = clock_wall_ms();
	int64_t made_ms = p->page.created_ms < now ? p->page.created_ms : now;

	if (made_ms > p->at.watch.made_ms)
		p->at.watch.made_ms = made_ms;
}

static int page_apply(void *arg, struct db *db)
{
	struct pass *p = arg;
	const struct bytes octets = {.data = p->octets.data, .len = p->octets.len};
	int rc = look_on(p, db);

	if (rc == 0) {
		note_made(p);
		rc = page_compare(&p->at, db, &p->page, &p->found, &p->over);
	}
	if (rc != 0)
		return rc;
	if (p->found.all > 0)
		return found_store(&p->found, db, p->at.peer, octets, p->asked_ms);
	return store_logpage_keep(
	    db, &(struct store_logpage){.peer = p->at.peer, .page = &p->page, .octets = octets});
}

static void page_done(void *arg, int result)
{
	struct pass *p = arg;
	int rc;

	if (result != 0) {
		pass_give_up(p, rxp_err_text(result));
		return;
	}
	found_told(&p->found, p->by->config.node, p->peer);
	if (p->over)
		last_step(p);
	else if ((rc = pass_ask(p)) != 0)
		pass_give_up(p, rxp_err_text(rc));
}

/* Of what is asked for, page.c judges that; what is posted may be another one. */
static bool is_wanted(struct pass *p)
{
	const struct rxp_log_page *page = &p->page;
	uint64_t after = p->at.at.n < page->count ? p->at.at.n : page->count;
	bool begins = p->begins;

	p->begins = false;
	return !p->posted || (!begins && page->after == after);
}

static void descriptor_came(void *arg, enum refresh_outcome outcome, const char *why)
{
	struct pass *p = arg;
	int rc = pass_check(p); /* by what is known then */

	(void)outcome;
	(void)why;
	if (rc != 0)
		pass_give_up(p, rxp_err_text(rc));
}

/* Once, if its seal is not known (RXP-DSC-036). */
static bool ask_for_seal(struct pass *p, int rc)
{
	if (rc != RXP_ERR_SIGNER || p->asked_seal)
		return false;
	p->asked_seal = true;
	return refresh_suspect(p->by->config.refresh, p->peer, descriptor_came, p) == 1;
}

static int false_apply(void *arg, struct db *db)
{
	struct pass *p = arg;
	const struct bytes octets = {.data = p->octets.data, .len = p->octets.len};

	return found_store(&p->found, db, p->at.peer, octets, p->asked_ms);
}

static void false_done(void *arg, int result)
{
	struct pass *p = arg;

	tell_poster(p, HTTP_UNPROCESSABLE);
	if (result == 0)
		found_told(&p->found, p->by->config.node, p->peer);
	pass_give_up(p, "what it gives as a page of its log cannot be taken");
}

/* RXP-LOG-024: a log that cannot be read hides as much as one that differs. Under a seal that the peer's descriptor does not
 * name, even after it was asked, it need not be the peer's; nor in a file, which anybody on its way can have changed. */
static void tell_false(struct pass *p, int rc)
{
	static const uint8_t none[RXP_ID_OCTETS];

	log_event(LOG_LOG_FALSE, LOG_S(p->peer->party), LOG_S(rxp_err_text(rc)));
	/* Who posted it hears of it when that is stored: until then no other page is taken into this pass. */
	if (rc == RXP_ERR_SIGNER || rc == RXP_ERR_NOMEM || p->carried) {
		tell_poster(p, HTTP_UNPROCESSABLE);
		pass_give_up(p, rxp_err_text(rc));
		return;
	}
	found_clear(&p->found);
	found_in(&p->found, p->at.at.log_id);
	found_tell(&p->found, RXP_LOG_FALSE_PAGE, 0, none);
	p->item = (struct store_item){.apply = false_apply, .done = false_done, .arg = p};
	store_submit(p->by->config.node->store, &p->item);
}

/* --- where a pass begins, and whether a page of a bundle is for it ------------------------------------ */

/* RXP-LOG-008 */
static bool is_whole(const struct store_watch *w, int64_t now)
{
	return w->agreed.n <= REGISTRY_WATCH_WHOLE_MAX || now < w->whole_ms ||
	       now - w->whole_ms >= REGISTRY_WATCH_WHOLE_MS;
}

static int place(struct pass *p)
{
	static const uint8_t unread[RXP_ID_OCTETS];
	const struct node *n = p->by->config.node;
	int rc = look_recovery(p, store_db(n->store));

	if (rc == 0)
		rc = store_watch_get(store_db(n->store), &p->at.watch, p->peer->party);

	p->at.begun = rc == 0 && memcmp(p->at.watch.agreed.log_id, unread, sizeof unread) != 0;
	p->whole = true;
	if (p->at.begun) {
		p->whole = p->carried || is_whole(&p->at.watch, p->asked_ms);
		p->at.at = p->at.watch.agreed;
	}
	if (p->at.begun && p->whole) {
		p->at.at.n = 0;
		rc = rxp_logchain_start(
		    p->at.at.head, p->peer->party, n->own, p->at.watch.agreed.log_id);
	}
	p->at.watch.pass++;
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* From the first entry on. */
static int begin_anew(struct pass *p)
{
	p->at.differences = 0;
	p->at.unknown = false;
	p->asked_ms = clock_wall_ms();
	return place(p);
}

/* RXP-BND-008: 1, it is to be compared; 0, it is passed over. With the page behind entry 0 a reading begins. */
static int is_new(struct pass *p)
{
	const struct rxp_log_page *page = &p->page;
	int64_t newest_ms = 0;
	int rc = store_log_newest(store_db(p->by->config.node->store), &newest_ms, p->at.peer);

	if (rc == 0 && page->after == 0 && p->at.at.n != 0)
		rc = begin_anew(p);
	if (rc != 0)
		return rc;
	return page->created_ms >= p->at.watch.made_ms && page->created_ms >= newest_ms &&
	       page->after == p->at.at.n;
}

/* Without a reading that has begun nothing is left to wait for. */
static void pass_over(struct pass *p)
{
	tell_poster(p, HTTP_NOTHING);
	if (p->at.at.n != 0)
		return;
	unlink_pass(p);
	pass_free(p);
}

/* true: it is not compared. */
static bool is_passed_over(struct pass *p)
{
	int rc = p->carried ? is_new(p) : 1;

	if (rc < 0)
		pass_give_up(p, rxp_err_text(rc));
	else if (rc == 0)
		pass_over(p);
	return rc != 1;
}

/* --- what a sealer says of a page ----------------------------------------------------------------------- */

static void checked(void *arg, int result, const struct link_message *answer)
{
	struct pass *p = arg;
	const struct msg_log_page_checked *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : 0;

	if (rc == 0 && m->result != 0) {
		rc = (int)(int32_t)m->result;
		if (!ask_for_seal(p, rc))
			tell_false(p, rc);
		return;
	}
	if (rc == 0)
		rc = entries_checked(&p->page, m);
	if (rc != 0) {
		tell_poster(p, HTTP_BUSY);
		pass_give_up(p, rxp_err_text(rc));
		return;
	}
	if (is_passed_over(p))
		return;
	if (!is_wanted(p)) {
		tell_poster(p, HTTP_ACCEPTED);
		return;
	}
	found_clear(&p->found);
	p->item = (struct store_item){.apply = page_apply, .done = page_done, .arg = p};
	store_submit(p->by->config.node->store, &p->item);
}

/* The page that was kept. */
int pass_check(struct pass *p)
{
	struct msg_check_log_page q = {.octets = {.data = p->octets.data, .len = p->octets.len}};
	int fd;

	q.register_number = publish_register(p->by->config.publish, &fd);
	memcpy(q.peer, p->peer->party, sizeof q.peer);
	return work_submit(p->by->config.node->work, IPC_check_log_page, &q, &fd, 1, checked, p);
}

int pass_keep(struct pass *p, struct bytes octets)
{
	rxp_buf_reset(&p->octets);
	p->asked_seal = false;
	return rxp_buf_put(&p->octets, octets.data, octets.len);
}

/* --- the beginning of a pass ---------------------------------------------------------------------- */

int pass_open(struct pass **out, struct logwatch *w, struct peer *peer, bool carried)
{
	struct pass *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	p->by = w;
	p->peer = peer;
	p->carried = p->posted = carried;
	p->at.own = w->config.node->own;
	p->at.peer = peer->party;
	p->asked_ms = peer->watch_tried_ms = clock_wall_ms();
	rxp_buf_init(&p->octets, RXP_MAX_LOG_PAGE_OCTETS);
	rc = place(p);
	if (rc != 0) {
		if (rc == RXP_ERR_STATE)
			peer->watch_tried_ms = 0;
		pass_free(p);
		return rc;
	}
	p->next = w->first;
	w->first = p;
	*out = p;
	return 0;
}
