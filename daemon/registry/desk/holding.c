#include "daemon/registry/desk/holding.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/halt.h"
#include "daemon/base/link.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/halt.h"
#include "daemon/registry/desk/poll.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/drop.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_halt.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* A document that was given up with the hold. */
struct dropped {
	struct drop drop;
	struct dropped *next;
};

/* One request on its way to its commit. */
struct held {
	struct store_item item;
	const struct holding *by;
	uint64_t request;
	int64_t at_ms;
	char user[RECORD_NAME_MAX], reason[RECORD_NAME_MAX];
	struct store_hold hold; /* peer and case */
	uint32_t persons; /* asked for; 0: the whole case */
	/* the answer */
	const char *problem;
	uint32_t notified;
	struct rxp_buf rows;
	struct dropped *first, **end;
	/* lifting */
	size_t n_lifted;
	struct rec_hold_row lifted[(RXP_MAX_PERSONS + 1) * 8];
};

static void held_free(struct held *h)
{
	if (h == NULL)
		return;
	while (h->first != NULL) {
		struct dropped *d = h->first;

		h->first = d->next;
		free(d);
	}
	rxp_buf_free(&h->rows);
	free(h);
}

static int fail(struct held *h, int result, const char *problem)
{
	h->problem = problem;
	return result;
}

static bool is_asked(const struct held *h, unsigned person)
{
	return h->persons == 0 ? person == 0
			       : person != 0 && (h->persons & UINT32_C(1) << (person - 1)) != 0;
}

/* Whom: "P1 P3" or "all"; what is too long ends with an ellipsis. Why they are held stands in the row of the hold
 * alone, which goes with the case (RXP-JRN-004). */
static int journal(struct held *h, struct db *db, enum journal_action action)
{
	char whom[RECORD_NAME_MAX] = "all", keys[RXP_MAX_PERSONS * 4 + 1] = "";
	size_t n = 0;

	for (unsigned p = 1; p <= RXP_MAX_PERSONS && h->persons != 0; p++)
		if (is_asked(h, p))
			n += (size_t)snprintf(
			    keys + n, sizeof keys - n, "%sP%u", n > 0 ? " " : "", p);
	if (h->persons != 0)
		snprintf(whom, sizeof whom, "%.40s%s", keys, n > 40 ? "..." : "");
	return store_journal(db, &(struct store_journal_entry){.at_ms = h->at_ms,
				     .user = h->user,
				     .action = action,
				     .reason = whom,
				     .peer = h->hold.peer,
				     .case_id = h->hold.case_id});
}

/* --- what a hold meets ------------------------------------------------------------------------------- */

static int put_halted(struct held *h, const struct store_outbox *m, bool stopped)
{
	struct rec_halted_row row;

	memcpy(row.local_id, m->local_id, sizeof row.local_id);
	snprintf(row.type, sizeof row.type, "%s", m->type);
	snprintf(row.outcome, sizeof row.outcome, "%s", stopped ? "stopped" : "in-doubt");
	return record_list_put(&h->rows, REC_halted_row, &record_halted_row, &row);
}

/* What is in work is kept back at its own next commit (flight_halt.h). */
static int meet(struct held *h, struct db *db, const uint8_t local_id[16])
{
	const char *own = h->by->node->own;
	struct dropped *d;
	enum halt halt;
	int rc = halt_judge_message(&halt, db, own, local_id);

	if (rc != 0 || halt != HALT_HOLD)
		return rc;
	d = calloc(1, sizeof *d);
	if (d == NULL)
		return RXP_ERR_NOMEM;
	memcpy(d->drop.row.local_id, local_id, sizeof d->drop.row.local_id);
	rc = drop_read(&d->drop, db);
	if (rc == 0)
		rc = put_halted(h, &d->drop.row, drop_may(&d->drop));
	if (rc != 0 || !drop_may(&d->drop) || outbox_in_work(h->by->outbox, local_id)) {
		free(d);
		return rc;
	}
	*h->end = d;
	h->end = &d->next;
	return drop_apply(&d->drop, db, h->by->clocks, NULL, halt_words(HALT_HOLD), h->at_ms);
}

static int meet_all(struct held *h, struct db *db, const struct cases *c)
{
	int rc = 0;

	for (size_t i = 0; i < c->n_all && rc == 0; i++)
		if (c->entries[i].own && !state_final(c->entries[i].state))
			rc = meet(h, db, c->entries[i].local_id);
	return rc;
}

/* Those whose transfer a TransferChange takes back. */
static int find_notified(struct held *h, const struct cases *c)
{
	const struct rxp_case_why *why;
	struct rxp_case *folded = NULL;
	int rc = cases_fold(&folded, c);

	if (rc == RXP_ERR_STATE)
		return 0; /* what is damaged can be held all the same */
	for (unsigned p = 1; p <= RXP_MAX_PERSONS && rc == 0; p++)
		if ((h->persons == 0 || is_asked(h, p)) &&
		    rxp_case_find(&why, rxp_case_person(folded, p), rxp_case_traits(folded, p),
			RXP_CASE_EVENT_CHANGE_TRANSFER, RXP_CASE_REQUESTING) != NULL)
			h->notified |= UINT32_C(1) << (p - 1);
	rxp_case_free(folded);
	return rc;
}

/* --- holding ----------------------------------------------------------------------------------------- */

static bool is_named(const struct cases *c, unsigned person)
{
	for (size_t i = 0; i < c->n_all; i++)
		for (unsigned k = 0; k < c->docs[i].n_persons; k++)
			if (c->docs[i].persons[k].key == person)
				return true;
	return false;
}

/* What this officer said already stays as it is: the answer offers the same again (RXP-HLD-007). What another said
 * he says too, and lifts no more than the other (RXP-HLD-005). */
static int put_holds(struct held *h, struct db *db, const struct cases *c)
{
	struct rec_hold_row *row = &h->hold.row;
	int rc = 0;

	row->at_ms = h->at_ms;
	memcpy(row->user, h->user, sizeof row->user);
	memcpy(row->reason, h->reason, sizeof row->reason);
	for (unsigned p = 0; p <= RXP_MAX_PERSONS && rc == 0; p++) {
		if (!is_asked(h, p))
			continue;
		if (p != 0 && !is_named(c, p))
			return fail(h, RXP_ERR_NOT_FOUND, "the case has no such person");
		row->person = p;
		rc = store_hold_add(db, &h->hold);
		if (rc == RXP_ERR_EXISTS)
			rc = 0;
	}
	return rc;
}

static int find_case(struct held *h, struct db *db)
{
	struct store_case first;
	int rc = store_case_get(db, &first, h->hold.peer, h->hold.case_id);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? fail(h, rc, "there is no such case") : rc;
	if (!first.requesting)
		return fail(h, RXP_ERR_STATE, "the other State asks, and we hand nobody over");
	if (strcmp(first.state, CASES_ERASED) == 0)
		return fail(h, RXP_ERR_STATE, "nothing is left of the case that could be held");
	return 0;
}

static int hold_apply(void *arg, struct db *db)
{
	struct held *h = arg;
	struct cases c = {.n = 0};
	int rc = find_case(h, db);

	if (rc == 0)
		rc = cases_load(&c, db, h->by->node->own, h->hold.peer, h->hold.case_id);
	if (rc == RXP_ERR_STATE && h->problem[0] == '\0')
		return fail(h, rc, "what is stored of the case is damaged");
	if (rc == 0)
		rc = put_holds(h, db, &c);
	if (rc == 0)
		rc = journal(h, db, JOURNAL_CASE_HOLD);
	if (rc == 0)
		rc = find_notified(h, &c);
	if (rc == 0)
		rc = meet_all(h, db, &c);
	cases_clear(&c);
	return rc;
}

static void on_changed(void *arg, const uint8_t local_id[16])
{
	poll_changed(arg, local_id);
}

static void hold_done(void *arg, int result)
{
	struct held *h = arg;
	const struct holding *by = h->by;
	struct msg_case_held m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", h->problem);
	if (result == 0) {
		for (const struct dropped *d = h->first; d != NULL; d = d->next)
			drop_done(&d->drop, by->node, by->peers, on_changed, by->poll);
		memcpy(m.peer, h->hold.peer, sizeof m.peer);
		m.notified = h->notified;
		m.rows = (struct bytes){.data = h->rows.data, .len = h->rows.len};
		pace_kick(by->pace);
	}
	link_answer(by->node->desk, IPC_case_held, h->request, &m, NULL, 0);
	held_free(h);
}

/* --- lifting ----------------------------------------------------------------------------------------- */

static bool is_last(const struct held *h, const struct rec_hold_row *row)
{
	const struct rec_hold_row *last = &h->lifted[h->n_lifted - (h->n_lifted > 0)];

	return h->n_lifted > 0 && last->person == row->person &&
	       strcmp(last->reason, row->reason) == 0;
}

static int collect(void *arg, const struct rec_hold_row *row)
{
	struct held *h = arg;

	if (!is_asked(h, row->person) ||
	    (h->reason[0] != '\0' && strcmp(h->reason, row->reason) != 0))
		return 0;
	if (strcmp(row->user, h->user) == 0)
		return fail(h, RXP_ERR_STATE, "RXP-HLD-005: who set a hold does not lift it");
	if (is_last(h, row))
		return 0; /* by another officer too */
	if (h->n_lifted == sizeof h->lifted / sizeof h->lifted[0])
		return RXP_ERR_DAMAGED; /* more reasons than there are */
	h->lifted[h->n_lifted++] = *row;
	return 0;
}

static int lift_apply(void *arg, struct db *db)
{
	struct held *h = arg;
	int rc = find_case(h, db);

	if (rc == 0)
		rc = store_hold_each(db, h->hold.peer, h->hold.case_id, collect, h);
	if (rc == 0 && h->n_lifted == 0)
		return fail(h, RXP_ERR_NOT_FOUND, "there is no such hold");
	for (size_t i = 0; i < h->n_lifted && rc == 0; i++) {
		h->hold.row = h->lifted[i];
		rc = store_hold_drop(db, &h->hold);
	}
	return rc != 0 ? rc : journal(h, db, JOURNAL_CASE_LIFT);
}

/* What was stopped is not sent now: it is written anew (RXP-HLD-003). */
static void lift_done(void *arg, int result)
{
	struct held *h = arg;
	struct msg_case_lifted m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", h->problem);
	link_answer(h->by->node->desk, IPC_case_lifted, h->request, &m, NULL, 0);
	held_free(h);
}

/* --- the requests ------------------------------------------------------------------------------------ */

static int held_new(struct held **out, const struct holding *by, uint64_t request)
{
	struct held *h = calloc(1, sizeof *h);

	if (h == NULL)
		return RXP_ERR_NOMEM;
	h->by = by;
	h->request = request;
	h->at_ms = clock_wall_ms();
	h->problem = "";
	h->end = &h->first;
	rxp_buf_init(&h->rows, IPC_MESSAGE_MAX / 2);
	*out = h;
	return 0;
}

void holding_hold(const struct holding *by, uint64_t request, const struct msg_case_hold *m)
{
	struct msg_case_held answer = {0};
	struct held *h = NULL;
	int rc = halt_reason_known(m->reason) ? held_new(&h, by, request) : RXP_ERR_SYNTAX;

	if (rc != 0) {
		answer.result = (uint32_t)rc;
		if (rc == RXP_ERR_SYNTAX)
			snprintf(answer.problem, sizeof answer.problem, "there is no such reason");
		link_answer(by->node->desk, IPC_case_held, request, &answer, NULL, 0);
		return;
	}
	memcpy(h->user, m->user, sizeof h->user);
	memcpy(h->reason, m->reason, sizeof h->reason);
	memcpy(h->hold.case_id, m->case_id, sizeof h->hold.case_id);
	memcpy(h->hold.peer, m->peer, sizeof h->hold.peer);
	h->persons = m->persons;
	h->item = (struct store_item){.apply = hold_apply, .done = hold_done, .arg = h};
	store_submit(by->node->store, &h->item);
}

void holding_lift(const struct holding *by, uint64_t request, const struct msg_case_lift *m)
{
	struct msg_case_lifted answer = {0};
	struct held *h = NULL;
	int rc = held_new(&h, by, request);

	if (rc != 0) {
		answer.result = (uint32_t)rc;
		link_answer(by->node->desk, IPC_case_lifted, request, &answer, NULL, 0);
		return;
	}
	memcpy(h->user, m->user, sizeof h->user);
	memcpy(h->reason, m->reason, sizeof h->reason);
	memcpy(h->hold.case_id, m->case_id, sizeof h->hold.case_id);
	memcpy(h->hold.peer, m->peer, sizeof h->hold.peer);
	h->persons = m->persons;
	h->item = (struct store_item){.apply = lift_apply, .done = lift_done, .arg = h};
	store_submit(by->node->store, &h->item);
}
