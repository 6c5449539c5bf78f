#include "daemon/registry/desk/stopping.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/halt.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/halt.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_halt.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define CODE_MAX 15 /* characters of a crossing point's code, as in travel.xsd */

/* One order on its way to its commit. */
struct ordered {
	struct store_item item;
	const struct stopping *by;
	uint64_t request;
	int64_t at_ms;
	char user[RECORD_NAME_MAX];
	struct rec_stop_row row; /* as the commit makes it; its state is the answer */
	enum journal_action action;
	const char *problem;
};

static int fail(struct ordered *o, int result, const char *problem)
{
	o->problem = problem;
	return result;
}

static void answer(struct node *n, uint64_t request, int result, const struct ordered *o)
{
	struct msg_stop_ordered m = {.result = (uint32_t)result};

	if (o != NULL)
		snprintf(m.problem, sizeof m.problem, "%s", o->problem);
	if (o != NULL && result == 0) {
		memcpy(m.id, o->row.id, sizeof m.id);
		memcpy(m.state, o->row.state, sizeof m.state);
	}
	link_answer(n->desk, IPC_stop_ordered, request, &m, NULL, 0);
}

static void to_state(struct ordered *o, const char *state, enum journal_action action)
{
	snprintf(o->row.state, sizeof o->row.state, "%s", state);
	o->action = action;
}

/* --- proposing --------------------------------------------------------------------------------------- */

static bool is_crossing(const char *what)
{
	static const char *const schemes[] = {"iata", "icao", "locode", "local"};
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *code = strchr(what, ':');
	size_t len = code != NULL ? strlen(code + 1) : 0;

	if (len == 0 || len > CODE_MAX || strspn(code + 1, allowed) != len)
		return false;
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
		if (strncmp(schemes[i], what, (size_t)(code - what)) == 0 &&
		    schemes[i][code - what] == '\0')
			return true;
	return false;
}

/* A trait that stays: one that is known of the person when a transfer is asked for. */
static bool is_category(const char *what)
{
	enum rxp_case_trait trait;

	return rxp_case_trait_parse(&trait, what) == 0 &&
	       rxp_case_keeps(RXP_CASE_EVENT_APPLY, (rxp_traits)1 << trait) != 0;
}

static int check_what(struct ordered *o)
{
	const struct rec_stop_row *s = &o->row;
	enum stop_kind kind;

	if (!halt_reason_known(s->reason))
		return fail(o, RXP_ERR_SYNTAX, "there is no such reason");
	if (stop_kind_parse(&kind, s->kind) != 0)
		return fail(o, RXP_ERR_SYNTAX, "a stop is of a peer, a crossing or a category");
	if (kind == STOP_PEER && peers_find(o->by->peers, s->what) == NULL)
		return fail(o, RXP_ERR_NOT_FOUND, "the party is no peer");
	if (kind == STOP_CROSSING && !is_crossing(s->what))
		return fail(o, RXP_ERR_SYNTAX, "a crossing is scheme:CODE, as iata:XYZ");
	if (kind == STOP_CATEGORY && !is_category(s->what))
		return fail(o, RXP_ERR_SYNTAX,
		    "a category is child, third-country or another lasting trait");
	return 0;
}

static int count(void *arg, const struct rec_stop_row *row)
{
	unsigned *n = arg;

	(void)row;
	++*n;
	return 0;
}

static int propose(struct ordered *o, struct db *db)
{
	unsigned n = 0;
	int rc = check_what(o);

	if (rc == 0)
		rc = store_stop_each(db, count, &n);
	if (rc == 0 && n >= REGISTRY_STOPS_MAX)
		return fail(o, RXP_ERR_FULL, "there are too many stops: lift one");
	memcpy(o->row.proposed_by, o->user, sizeof o->row.proposed_by);
	o->row.proposed_ms = o->at_ms;
	to_state(o, STORE_STOP_PROPOSED, JOURNAL_STOP_PROPOSE);
	return rc != 0 ? rc : store_stop_add(db, &o->row);
}

/* --- confirming and lifting -------------------------------------------------------------------------- */

static bool is_in(const struct ordered *o, const char *state)
{
	return strcmp(o->row.state, state) == 0;
}

static int confirm(struct ordered *o, struct db *db)
{
	int rc = store_stop_get(db, &o->row, o->row.id);

	if (rc == 0 && !is_in(o, STORE_STOP_PROPOSED))
		return fail(o, RXP_ERR_STATE, "it is in force already");
	if (rc == 0 && strcmp(o->row.proposed_by, o->user) == 0)
		return fail(o, RXP_ERR_STATE, "RXP-HLD-008: another officer confirms it");
	memcpy(o->row.confirmed_by, o->user, sizeof o->row.confirmed_by);
	o->row.confirmed_ms = o->at_ms;
	to_state(o, STORE_STOP_IN_FORCE, JOURNAL_STOP_CONFIRM);
	return rc != 0 ? rc : store_stop_confirm(db, &o->row);
}

/* What is not in force is taken back by one officer. */
static int lift(struct ordered *o, struct db *db)
{
	int rc = store_stop_get(db, &o->row, o->row.id);

	if (rc != 0)
		return rc;
	if (is_in(o, STORE_STOP_IN_FORCE)) {
		memcpy(o->row.lift_by, o->user, sizeof o->row.lift_by);
		o->row.lift_ms = o->at_ms;
		to_state(o, STORE_STOP_LIFTING, JOURNAL_STOP_LIFT_PROPOSE);
		return store_stop_lift(db, &o->row);
	}
	if (is_in(o, STORE_STOP_LIFTING) && strcmp(o->row.lift_by, o->user) == 0)
		return fail(o, RXP_ERR_STATE, "RXP-HLD-008: another officer lifts it");
	to_state(
	    o, "lifted", is_in(o, STORE_STOP_LIFTING) ? JOURNAL_STOP_LIFT : JOURNAL_STOP_TAKE_BACK);
	return store_stop_drop(db, o->row.id);
}

/* --- the order --------------------------------------------------------------------------------------- */

/* RXP-JRN-006: of closed forms alone (check_what). */
static int journal(struct ordered *o, struct db *db)
{
	char why[RECORD_NAME_MAX];

	snprintf(why, sizeof why, "%.16s %.24s %.16s", o->row.kind, o->row.what, o->row.reason);
	return store_journal(db, &(struct store_journal_entry){.at_ms = o->at_ms,
				     .user = o->user,
				     .action = o->action,
				     .reason = why,
				     .local_id = o->row.id});
}

static int apply(struct ordered *o, struct db *db, int (*act)(struct ordered *o, struct db *db))
{
	int rc = act(o, db);

	if (rc == RXP_ERR_NOT_FOUND && o->problem[0] == '\0')
		return fail(o, rc, "there is no such stop");
	return rc != 0 ? rc : journal(o, db);
}

static int propose_apply(void *arg, struct db *db)
{
	return apply(arg, db, propose);
}

static int confirm_apply(void *arg, struct db *db)
{
	return apply(arg, db, confirm);
}

static int lift_apply(void *arg, struct db *db)
{
	return apply(arg, db, lift);
}

static store_apply *act_of(const char *word)
{
	static const struct {
		const char *word;
		store_apply *apply;
	} acts[] = {{"propose", propose_apply}, {"confirm", confirm_apply}, {"lift", lift_apply}};

	for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
		if (strcmp(acts[i].word, word) == 0)
			return acts[i].apply;
	return NULL;
}

static void done(void *arg, int result)
{
	struct ordered *o = arg;

	if (result == 0)
		log_event(LOG_STOP_CHANGED, LOG_S(o->row.kind), LOG_S(o->row.what),
		    LOG_S(o->row.state), LOG_S(o->user));
	answer(o->by->node, o->request, result, o);
	free(o);
}

static int read_order(struct ordered *o, const struct msg_stop_order *m, bool is_new)
{
	memcpy(o->user, m->user, sizeof o->user);
	memcpy(o->row.id, m->id, sizeof o->row.id);
	memcpy(o->row.kind, m->kind, sizeof o->row.kind);
	memcpy(o->row.what, m->what, sizeof o->row.what);
	memcpy(o->row.reason, m->reason, sizeof o->row.reason);
	return is_new ? rxp_id_make_v7(o->row.id, o->at_ms, &o->by->node->random) : 0;
}

void stopping_order(const struct stopping *by, uint64_t request, const struct msg_stop_order *m)
{
	store_apply *act = act_of(m->act);
	struct ordered *o = act != NULL ? calloc(1, sizeof *o) : NULL;
	int rc = act == NULL ? RXP_ERR_SYNTAX : (o == NULL ? RXP_ERR_NOMEM : 0);

	if (rc == 0) {
		o->by = by;
		o->request = request;
		o->at_ms = clock_wall_ms();
		o->problem = "";
		rc = read_order(o, m, act == propose_apply);
	}
	if (rc != 0) {
		answer(by->node, request, rc, NULL);
		free(o);
		return;
	}
	o->item = (struct store_item){.apply = act, .done = done, .arg = o};
	store_submit(by->node->store, &o->item);
}

/* --- the list ---------------------------------------------------------------------------------------- */

static int put_stop(void *arg, const struct rec_stop_row *row)
{
	return record_list_put(arg, REC_stop_row, &record_stop_row, row);
}

void stopping_list(const struct stopping *by, uint64_t request, const struct msg_stop_list *m)
{
	struct msg_stop_listed a = {0};
	struct rxp_buf rows;
	int rc;

	(void)m;
	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	rc = store_stop_each(store_db(by->node->store), put_stop, &rows);
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(by->node->desk, IPC_stop_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}

/* --- whom it concerns -------------------------------------------------------------------------------- */

/* Facts of our last document that asked for a transfer of this person, in the chain. */
static int facts_of(struct rxp_buf *facts, struct db *db, const struct cases *c, unsigned person)
{
	struct store_halted m;

	for (size_t i = c->n; i-- > 0;) {
		const struct rxp_case_document *d = &c->docs[i];

		for (unsigned k = 0; c->entries[i].own && k < d->n_persons; k++)
			if (d->persons[k].key == person &&
			    rxp_case_step((enum rxp_case_event)d->persons[k].event,
				d->persons[k].gives) == RXP_CASE_TRANSFER)
				return store_halt_message(db, &m, facts, c->entries[i].local_id);
	}
	return 0;
}

static int put_transfer(
    struct rxp_buf *rows, const struct store_case *of, unsigned person, enum rxp_case_state state)
{
	struct rec_transfer_row row = {.person = person};

	memcpy(row.case_id, of->case_id, sizeof row.case_id);
	memcpy(row.peer, of->peer, sizeof row.peer);
	snprintf(row.state, sizeof row.state, "%s", rxp_case_state_name(state));
	return record_list_put(rows, REC_transfer_row, &record_transfer_row, &row);
}

static int put_person(struct rxp_buf *rows, struct db *db, const struct rec_stop_row *stop,
    const struct cases *c, const struct rxp_case *folded, unsigned person)
{
	enum rxp_case_state state = rxp_case_person(folded, person);
	struct rxp_buf facts;
	bool concerns = false;
	int rc;

	if (!halt_planned(state))
		return 0;
	rxp_buf_init(&facts, IPC_INLINE_MAX);
	rc = facts_of(&facts, db, c, person);
	if (rc == 0)
		concerns = halt_concerns(stop, c->row.peer, rxp_case_traits(folded, person),
		    (struct bytes){.data = facts.data, .len = facts.len});
	rxp_buf_free(&facts);
	return rc == 0 && concerns ? put_transfer(rows, &c->row, person, state) : rc;
}

/* A case that cannot be folded is left out: its messages are parked, and its timeline says so. */
static int put_case(struct rxp_buf *rows, struct db *db, const char *own,
    const struct rec_stop_row *stop, const struct rec_case_row *of)
{
	struct rxp_case *folded = NULL;
	struct cases c = {.n = 0};
	int rc = cases_load(&c, db, own, of->peer, of->case_id);

	if (rc == 0)
		rc = cases_fold(&folded, &c);
	for (unsigned person = 1; person <= RXP_MAX_PERSONS && rc == 0 && c.row.requesting;
	     person++)
		rc = put_person(rows, db, stop, &c, folded, person);
	rxp_case_free(folded);
	cases_clear(&c);
	return rc == RXP_ERR_STATE ? 0 : rc;
}

static int put_page(struct rxp_buf *rows, struct msg_transfers_listed *a, struct node *n,
    const struct msg_transfers_list *m)
{
	struct db *db = store_db(n->store);
	struct rec_stop_row stop;
	struct rec_case_row row;
	struct record_cursor at;
	struct rxp_buf cases;
	struct bytes fields;
	bool more = false;
	uint16_t tag;
	int rc = store_stop_get(db, &stop, m->id);

	rxp_buf_init(&cases, IPC_MESSAGE_MAX / 2);
	if (rc == 0)
		rc = store_case_page(db, &cases, &more, m->unseen,
		    strcmp(stop.kind, "peer") == 0 ? stop.what : "", m->after,
		    REGISTRY_FOLDED_CASES);
	at = (struct record_cursor){.at = cases.data, .left = cases.len};
	while (rc == 0 && record_list_next(&at, &tag, &fields) == 1) {
		rc = record_decode(&row, &record_case_row, fields.data, fields.len);
		if (rc == 0)
			rc = put_case(rows, db, n->own, &stop, &row);
		memcpy(a->next, row.case_id, sizeof a->next);
	}
	a->more = more;
	rxp_buf_free(&cases);
	return rc;
}

void stopping_transfers(
    const struct stopping *by, uint64_t request, const struct msg_transfers_list *m)
{
	struct msg_transfers_listed a = {0};
	struct rxp_buf rows;
	int rc;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	rc = put_page(&rows, &a, by->node, m);
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(by->node->desk, IPC_transfers_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}
