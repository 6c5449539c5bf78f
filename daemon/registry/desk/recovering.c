#include "daemon/registry/desk/recovering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/recovery/loss.h"
#include "daemon/registry/recovery/recovery.h"
#include "daemon/registry/recovery/regain.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_unproved.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

static struct bytes words(const char *text)
{
	return (struct bytes){.data = (const uint8_t *)text, .len = strlen(text)};
}

/* Where the peer does not believe it (RXP-RCV-020). */
#define DISPUTED \
	"the peer refused what this node says of its loss: it knows no such log, or another head of it"
#define DISPUTED_NEXT \
	"a person: ask the peer's operator whether its own database is older than it was. If so, there: readmitctl recovery begin " \
	"with this State, and both come together by themselves; if not, compare the cases on both sides, and recovery confirm ends the hold"

/* What this node lost. */
static int put_own(struct rxp_buf *rows, struct db *db, const char *own, const char *peer)
{
	struct rec_recovery_row r = {.held = 0};
	struct recovery_words stage, why;
	struct store_recovery s;
	int rc = store_recovery_get(db, &s, peer);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	stage = recovery_stage_words(s.stage);
	why = recovery_why_words(s.why);
	snprintf(r.peer, sizeof r.peer, "%s", peer);
	snprintf(r.lost_by, sizeof r.lost_by, "%s", own);
	snprintf(r.stage, sizeof r.stage, "%s", stage.word);
	snprintf(r.why, sizeof r.why, "%s", why.word);
	r.held = recovery_holds(s.stage);
	r.began_ms = s.began_ms;
	r.ended_ms = s.ended_ms;
	r.answers = s.answers;
	r.documents = s.documents;
	r.own = s.own;
	r.waiting = s.waiting;
	r.unproved = s.unproved;
	r.caseless = s.caseless;
	r.given_up = s.given_up;
	r.how = words(why.meaning);
	r.meaning = words(stage.meaning);
	r.next = words(stage.next);
	if (s.stage == RECOVERY_STUCK && s.disputed) {
		r.meaning = words(DISPUTED);
		r.next = words(DISPUTED_NEXT);
	}
	return record_list_put(rows, REC_recovery_row, &record_recovery_row, &r);
}

/* What the peer lost. */
static int put_theirs(struct rxp_buf *rows, struct db *db, const char *peer)
{
	struct rec_recovery_row r = {.held = 0};
	struct store_bringing b;
	int rc = store_bringing_get(db, &b, peer);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	snprintf(r.peer, sizeof r.peer, "%s", peer);
	snprintf(r.lost_by, sizeof r.lost_by, "%s", peer);
	snprintf(r.stage, sizeof r.stage, "%s", b.open ? "brought" : "over");
	r.began_ms = b.began_ms;
	r.answers = b.brought;
	r.how = words("the peer, or its answers, say so");
	r.meaning = words(b.open ? "its lost answers are brought to it"
				 : "it has its answers, and gets the messages again");
	return record_list_put(rows, REC_recovery_row, &record_recovery_row, &r);
}

void recovering_list(
    const struct recovering *by, uint64_t request, const struct msg_recovery_list *m)
{
	struct node *n = by->node;
	struct db *db = store_db(n->store);
	struct msg_recovery_listed a = {0};
	const struct peer *peer;
	struct rxp_buf rows;
	int rc = 0;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	for (size_t i = 0; rc == 0 && (peer = peers_at(by->peers, i)) != NULL; i++) {
		if (m->peer[0] != '\0' && strcmp(m->peer, peer->party) != 0)
			continue;
		rc = put_own(&rows, db, n->own, peer->party);
		if (rc == 0)
			rc = put_theirs(&rows, db, peer->party);
	}
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(n->desk, IPC_recovery_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}

/* --- what is not proved ------------------------------------------------------------------------------ */

static int put_unproved(struct rxp_buf *rows, uint64_t *all, struct db *db, const char *peer)
{
	struct store_recovery s;
	int rc = store_recovery_get(db, &s, peer);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	*all += s.unproved;
	return store_unproved_rows(db, rows, peer, REGISTRY_UNPROVED_SHOWN);
}

void recovering_unproved(
    const struct recovering *by, uint64_t request, const struct msg_unproved_list *m)
{
	struct node *n = by->node;
	struct msg_unproved_listed a = {0};
	const struct peer *peer;
	struct rxp_buf rows;
	int rc = 0;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	for (size_t i = 0; rc == 0 && (peer = peers_at(by->peers, i)) != NULL; i++)
		if (m->peer[0] == '\0' || strcmp(m->peer, peer->party) == 0)
			rc = put_unproved(&rows, &a.all, store_db(n->store), peer->party);
	if (rc == RXP_ERR_BOUND)
		rc = 0; /* the others are counted, and a list of each peer has them */
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(n->desk, IPC_unproved_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}

/* --- a person says that something is lost ----------------------------------------------------------- */

struct beginning {
	struct store_item item;
	const struct recovering *by;
	uint64_t request;
	struct msg_recovery_begin of;
	struct peer *peer;
	struct loss loss;
	int64_t now_ms;
};

static void answer_begun(const struct recovering *by, uint64_t request, int result)
{
	const struct msg_recovery_begun a = {.result = (uint32_t)result};

	link_answer(by->node->desk, IPC_recovery_begun, request, &a, NULL, 0);
}

static int begin_apply(void *arg, struct db *db)
{
	struct beginning *b = arg;
	int rc = loss_begin(&b->loss, db, b->by->node, b->peer, RECOVERY_WHY_PERSON, b->now_ms);

	if (rc == 0 && !b->loss.begun)
		rc = RXP_ERR_STATE;
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = b->now_ms,
					       .user = b->of.user,
					       .action = JOURNAL_RECOVERY_BEGIN,
					       .peer = b->of.peer});
}

static void begin_done(void *arg, int result)
{
	struct beginning *b = arg;

	if (result == 0) {
		loss_begun(&b->loss, b->peer);
		recovery_kick(b->by->recovery);
	}
	answer_begun(b->by, b->request, result);
	free(b);
}

void recovering_begin(
    const struct recovering *by, uint64_t request, const struct msg_recovery_begin *m)
{
	struct peer *peer = peers_find(by->peers, m->peer);
	int rc = peer == NULL ? RXP_ERR_NOT_FOUND : peer->active ? 0 : RXP_ERR_STATE;
	struct beginning *b = rc == 0 ? calloc(1, sizeof *b) : NULL;

	if (b == NULL) {
		answer_begun(by, request, rc != 0 ? rc : RXP_ERR_NOMEM);
		return;
	}
	*b = (struct beginning){
	    .by = by, .request = request, .of = *m, .peer = peer, .now_ms = clock_wall_ms()};
	b->item = (struct store_item){.apply = begin_apply, .done = begin_done, .arg = b};
	store_submit(by->node->store, &b->item);
}

/* --- a person has compared -------------------------------------------------------------------------- */

struct confirming {
	struct store_item item;
	const struct recovering *by;
	uint64_t request;
	struct msg_recovery_confirm of;
	struct peer *peer;
	struct regain_word word;
	int64_t now_ms;
};

static void answer(const struct recovering *by, uint64_t request, int result)
{
	const struct msg_recovery_confirmed a = {.result = (uint32_t)result};

	link_answer(by->node->desk, IPC_recovery_confirmed, request, &a, NULL, 0);
}

static int apply(void *arg, struct db *db)
{
	struct confirming *c = arg;
	int rc = regain_confirm(&c->word, db, c->by->node, c->peer, c->now_ms);

	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = c->now_ms,
					       .user = c->of.user,
					       .action = c->word.ends ? JOURNAL_RECOVERY_CONFIRM
								      : JOURNAL_RECOVERY_STAND,
					       .peer = c->of.peer});
}

static void done(void *arg, int result)
{
	struct confirming *c = arg;

	if (result == 0) {
		if (c->word.ends)
			log_event(LOG_LOSS_CONFIRMED, LOG_S(c->of.peer), LOG_S(c->of.user));
		else
			log_event(LOG_UNPROVED_STANDS, LOG_S(c->of.peer), LOG_S(c->of.user),
			    LOG_N(c->word.unproved));
		recovery_confirmed(c->by->recovery, c->peer, &c->word);
	}
	answer(c->by, c->request, result);
	free(c);
}

void recovering_confirm(
    const struct recovering *by, uint64_t request, const struct msg_recovery_confirm *m)
{
	struct confirming *c = calloc(1, sizeof *c);
	struct peer *peer = peers_find(by->peers, m->peer);

	if (c == NULL || peer == NULL) {
		answer(by, request, c == NULL ? RXP_ERR_NOMEM : RXP_ERR_NOT_FOUND);
		free(c);
		return;
	}
	*c = (struct confirming){.by = by,
	    .request = request,
	    .of = *m,
	    .peer = peer,
	    .word = {.unproved = m->unproved},
	    .now_ms = clock_wall_ms()};
	c->item = (struct store_item){.apply = apply, .done = done, .arg = c};
	store_submit(by->node->store, &c->item);
}
