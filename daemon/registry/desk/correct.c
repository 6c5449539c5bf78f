#include "daemon/registry/desk/correct.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_list.h"
#include "daemon/registry/store/store_retention.h"
#include "protocol/base/err.h"

/* One request on its way to its commit. */
struct correcting {
	struct store_item item;
	const struct correct *by;
	uint64_t request;
	char what[RECORD_NAME_MAX];
	uint8_t local_id[16];
	struct correct_act act;
};

void correct_answer(struct node *n, uint64_t request, int result, const struct correct_act *act)
{
	struct msg_content_corrected a = {.result = (uint32_t)result};

	if (act != NULL) {
		snprintf(a.problem, sizeof a.problem, "%s", act->problem);
		snprintf(a.became, sizeof a.became, "%s", result == 0 ? act->became : "");
	}
	link_answer(n->desk, IPC_content_corrected, request, &a, NULL, 0);
}

void correct_end(const struct correct *by, uint64_t request, int result, struct correct_act *act)
{
	if (result == 0 && act->erased.documents + act->erased.n_files > 0)
		erase_end(&act->erased, by->node, by->peers, act->peer);
	correct_answer(by->node, request, result, act);
	erase_clear(&act->erased);
}

/* --- the transaction ------------------------------------------------------------------------------ */

int correct_block(
    struct correct_act *act, struct db *db, const struct plan_document *d, bool blocked)
{
	int rc = store_retention_block(db, d->local_id, blocked ? act->now_ms : 0);

	act->became = plan_content_word(blocked ? PLAN_BLOCKED : PLAN_HELD);
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = act->now_ms,
					       .user = act->user,
					       .action = blocked ? JOURNAL_CONTENT_BLOCK
								 : JOURNAL_CONTENT_UNBLOCK,
					       .reason = "correction",
					       .peer = act->peer,
					       .local_id = d->local_id});
}

int correct_erase(
    struct correct_act *act, struct db *db, const struct plan *p, const struct plan_document *d)
{
	const struct erase_order order = {.peer = act->peer,
	    .user = act->user,
	    .why = "correction",
	    .now_ms = act->now_ms,
	    .erased_ms = act->now_ms};

	if (p->row.legal_hold_ms != 0) {
		act->problem = CORRECT_LEGAL_HOLD;
		return d->blocked_ms != 0 ? RXP_ERR_STATE : correct_block(act, db, d, true);
	}
	act->became = plan_content_word(PLAN_ERASED);
	return erase_document(&act->erased, db, d, &order);
}

int correct_is_open(struct correct_act *act, const struct plan_document *d)
{
	if (d->content == PLAN_ERASED || d->content == PLAN_NONE) {
		act->problem = "nothing of its content is held";
		return RXP_ERR_NOT_FOUND;
	}
	if (d->content == PLAN_ON_ITS_WAY) {
		act->problem = "it has no final answer: give it up, or wait for the answer";
		return RXP_ERR_STATE;
	}
	return 0;
}

/* RXP-COR-017: what they say must stay true until then. */
static bool answers_on_their_way(const struct plan *p)
{
	const char *answer = rxp_type_row(RXP_TYPE_DATA_CORRECTION_REPLY)->wire;

	for (size_t i = 0; i < p->n; i++)
		if (p->documents[i].content == PLAN_ON_ITS_WAY &&
		    strcmp(p->documents[i].type, answer) == 0)
			return true;
	return false;
}

static int carry_out(
    struct correcting *c, struct db *db, const struct plan *p, const struct plan_document *d)
{
	bool block = strcmp(c->what, "block") == 0;
	int rc = correct_is_open(&c->act, d);

	if (rc != 0)
		return rc;
	if (strcmp(c->what, "erase") == 0)
		return correct_erase(&c->act, db, p, d);
	if (!block && strcmp(c->what, "unblock") != 0)
		return RXP_ERR_SYNTAX;
	if (!block && answers_on_their_way(p)) {
		c->act.problem = "an answer to a correction has no receipt yet";
		return RXP_ERR_STATE;
	}
	if ((d->blocked_ms != 0) == block) {
		c->act.problem = block ? "it is blocked already" : "no correction blocks it";
		return RXP_ERR_STATE;
	}
	return correct_block(&c->act, db, d, block);
}

/* Its case is looked at next, so that lists say what it has become. */
static int on_plan(struct correcting *c, struct db *db, const struct plan *p)
{
	int rc = RXP_ERR_NOT_FOUND;

	for (size_t i = 0; i < p->n; i++)
		if (memcmp(p->documents[i].local_id, c->local_id, sizeof c->local_id) == 0)
			rc = carry_out(c, db, p, &p->documents[i]);
	return rc != 0 ? rc : store_retention_look(db, c->act.peer, p->row.case_id, c->act.now_ms);
}

static int apply(void *arg, struct db *db)
{
	struct correcting *c = arg;
	struct rec_message_row message;
	struct plan p = {.n = 0};
	struct store_case row;
	int rc = store_list_message(db, &message, NULL, NULL, c->local_id);

	if (rc == 0)
		rc = store_case_get(db, &row, message.peer, message.case_id);
	if (rc != 0)
		return rc;
	memcpy(c->act.peer, message.peer, sizeof c->act.peer);
	rc = plan_make(&p, c->by->node, c->by->terms, db, &row, c->act.now_ms);
	if (rc == 0)
		rc = on_plan(c, db, &p);
	plan_clear(&p);
	return rc;
}

static void done(void *arg, int result)
{
	struct correcting *c = arg;

	correct_end(c->by, c->request, result, &c->act);
	free(c);
}

struct correct_act correct_act(const struct msg_content_correct *m)
{
	struct correct_act act = {.now_ms = clock_wall_ms(), .problem = "", .became = ""};

	memcpy(act.user, m->user, sizeof act.user);
	return act;
}

void correct_content(
    const struct correct *by, uint64_t request, const struct msg_content_correct *m)
{
	struct correcting *c = calloc(1, sizeof *c);

	if (c == NULL) {
		correct_answer(by->node, request, RXP_ERR_NOMEM, NULL);
		return;
	}
	c->by = by;
	c->request = request;
	c->act = correct_act(m);
	memcpy(c->what, m->what, sizeof c->what);
	memcpy(c->local_id, m->local_id, sizeof c->local_id);
	c->item = (struct store_item){.apply = apply, .done = done, .arg = c};
	store_submit(by->node->store, &c->item);
}

/* --- legal hold ----------------------------------------------------------------------------------- */

struct holding {
	struct store_item item;
	struct node *node;
	uint64_t request;
	struct msg_case_legal_hold m;
};

static void answer_hold(struct node *n, uint64_t request, int result)
{
	const struct msg_case_legally_held a = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_case_legally_held, request, &a, NULL, 0);
}

static int hold_apply(void *arg, struct db *db)
{
	const struct holding *h = arg;
	int64_t now_ms = clock_wall_ms();
	struct store_case row;
	int rc = store_case_get(db, &row, h->m.peer, h->m.case_id);

	if (rc == 0 && (row.legal_hold_ms != 0) != (h->m.lift != 0))
		rc = RXP_ERR_STATE;
	if (rc == 0)
		rc = store_retention_hold(db, row.peer, row.case_id, h->m.lift != 0 ? 0 : now_ms);
	if (rc == 0)
		rc = store_retention_look(db, row.peer, row.case_id, now_ms);
	if (rc == 0)
		rc = store_journal(
		    db, &(struct store_journal_entry){.at_ms = now_ms,
			    .user = h->m.user,
			    .action = h->m.lift != 0 ? JOURNAL_LEGAL_HOLD_LIFT : JOURNAL_LEGAL_HOLD,
			    .peer = row.peer,
			    .case_id = row.case_id});
	return rc;
}

static void hold_done(void *arg, int result)
{
	struct holding *h = arg;

	answer_hold(h->node, h->request, result);
	free(h);
}

void correct_legal_hold(
    const struct correct *by, uint64_t request, const struct msg_case_legal_hold *m)
{
	struct holding *h = calloc(1, sizeof *h);

	if (h == NULL) {
		answer_hold(by->node, request, RXP_ERR_NOMEM);
		return;
	}
	*h = (struct holding){.node = by->node, .request = request, .m = *m};
	h->item = (struct store_item){.apply = hold_apply, .done = hold_done, .arg = h};
	store_submit(by->node->store, &h->item);
}
