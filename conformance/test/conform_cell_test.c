/*
 * Goals, for the matrix of state, document and sender, without a product:
 * - each state has a cell for each thing that can be said, from each side that can be led there; those that need no product
 *   are known;
 * - each content of saying.def satisfies schema and rules, says what its row says, and of P1 alone;
 * - what each cell expects, and the state that its history leads to, are what the fold of the library says of the very
 *   documents that are sent; what shows a move is legal on one side of it only;
 * - what the product is asked for, it may seal.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/cases/cell.h"
#include "conformance/message/history.h"
#include "conformance/message/saying.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "protocol/base/err.h"
#include "protocol/case/case.h"
#include "protocol/document/facts.h"
#include "protocol/message/answer.h"

#define P1 1u
#define MAX_DOCUMENTS (CELL_MAX_PATH + 2)

/* A case as it is told, as either State holds it, and the facts of its documents. */
struct telling {
	const struct world *world;
	enum rxp_case_side own; /* the side of the State that is played */
	struct history history, back;
	struct rxp_case_document docs[MAX_DOCUMENTS];
	size_t n;
};

static void read_facts(
    struct rxp_case_document *out, const struct parties *by, const struct draft *d)
{
	const struct rxp_cert *certs[1] = {by->own->seal.cert};
	struct rxp_document *opened = NULL;
	struct rxp_buf place;

	rxp_buf_init(&place, 4096);
	assert_int_equal(rxp_document_open(&opened, d->document.data, d->document.len,
			     &d->header.outer, certs, 1),
	    0);
	if (rxp_document_check(opened, &place) != 0)
		fail_msg("%s: %.*s", d->header.type, (int)place.len, (const char *)place.data);
	assert_int_equal(rxp_facts_read(out, opened), 0);
	rxp_document_free(opened);
	rxp_buf_free(&place);
}

/* The next document, made by whoever is on that side, and its facts read. */
static void make(
    struct draft *d, struct rxp_case_document *facts, const struct telling *t, struct cell_step s)
{
	const struct parties *by = s.side == t->own ? &t->world->parties : &t->world->back;

	assert_int_equal(saying_begin(d, by, s.event, s.side, NOW_MS), 0);
	assert_int_equal(history_follow(s.side == t->own ? &t->history : &t->back, d), 0);
	assert_int_equal(draft_make(d, NULL), 0);
	read_facts(facts, by, d);
}

static void tell(struct telling *t, struct cell_step s)
{
	struct draft d;

	make(&d, &t->docs[t->n], t, s);
	t->n++;
	assert_int_equal(history_add(&t->history, &d.header, s.side == t->own, d.fingerprint), 0);
	assert_int_equal(history_add(&t->back, &d.header, s.side != t->own, d.fingerprint), 0);
	draft_clear(&d);
}

static struct rxp_case *fold(const struct telling *t)
{
	const struct state *asks = t->own == RXP_CASE_REQUESTING ? t->world->own : t->world->other;
	struct rxp_case *c = NULL;

	assert_int_equal(rxp_case_replay(&c, t->docs, t->n, asks->party), 0);
	return c;
}

/* Does the library take this next? */
static int check(struct rxp_case_verdict *v, const struct telling *t, struct cell_step s)
{
	struct rxp_case_document facts;
	struct rxp_case *c = fold(t);
	struct draft d;
	int rc;

	make(&d, &facts, t, s);
	rc = rxp_case_check(v, c, &facts, RXP_CASE_RECEIVING);
	draft_clear(&d);
	rxp_case_free(c);
	return rc;
}

static void judge_witness(const struct cell *c, const struct telling *after)
{
	struct rxp_case_verdict v;
	struct cell_step s;
	bool takes;

	for (size_t i = 0; i < 3 && cell_witness(&s, &takes, c, i); i++)
		if ((check(&v, after, s) == 0) != takes)
			fail_msg("%s: '%s' is not what shows it", c->facts.id,
			    rxp_case_event_row(s.event)->word);
}

static void judge_cell(const struct cell *c, struct telling *t)
{
	struct rxp_case_verdict v = {0};
	struct rxp_case *now = fold(t);
	int rc;

	if (rxp_case_person(now, P1) != c->state)
		fail_msg("%s: the history leads to '%s'", c->facts.id,
		    rxp_case_state_name(rxp_case_person(now, P1)));
	rxp_case_free(now);
	rc = check(&v, t, c->said);
	if ((rc == 0) != (c->expected.kind == EXPECT_RECEIPT) ||
	    (rc != 0 && (int)v.code != c->expected.value) ||
	    (rc == 0 && v.unplanned != c->unplanned))
		fail_msg(
		    "%s: the library says %d, %s", c->facts.id, rc, rc == 0 ? "" : v.requirement);
	if (rc != 0)
		assert_string_equal(v.requirement, c->facts.requirement);
	else {
		tell(t, c->said);
		judge_witness(c, t);
	}
}

/* Would the product seal what it is asked for? */
static void judge_asked(const struct cell *c, const struct telling *t, struct cell_step s)
{
	struct rxp_case_verdict v;
	struct rxp_case_document facts;
	struct rxp_case *now = fold(t);
	struct draft d;

	make(&d, &facts, t, s);
	if (rxp_case_check(&v, now, &facts, RXP_CASE_SEALING) != 0)
		fail_msg("%s: the product must not say '%s'", c->facts.id,
		    rxp_case_event_row(s.event)->word);
	draft_clear(&d);
	rxp_case_free(now);
}

/* The cells of a state and side stand together, and have one history. */
static void test_expectations(void **state)
{
	for (size_t i = 0; i < cell_total(); i += RXP_CASE_EVENT_COUNT) {
		const struct cell *first = cell_at(i);
		struct telling there = {.world = *state, .own = first->said.side};

		for (size_t k = 0; k < first->n_path; k++) {
			if (first->path[k].side != there.own)
				judge_asked(first, &there, first->path[k]);
			tell(&there, first->path[k]);
		}
		for (size_t e = 0; e < RXP_CASE_EVENT_COUNT; e++) {
			struct telling t = there;

			assert_int_equal(cell_at(i + e)->state, first->state);
			judge_cell(cell_at(i + e), &t);
		}
	}
}

static void test_sayings(void **state)
{
	for (unsigned e = 0; e < RXP_CASE_EVENT_COUNT; e++) {
		struct cell_step s = {(enum rxp_case_event)e, RXP_CASE_REQUESTING};
		struct telling t = {.world = *state, .own = RXP_CASE_REQUESTING};
		struct rxp_case_document facts;
		const struct rxp_case_type *type;
		struct draft d;

		make(&d, &facts, &t, s);
		type = rxp_case_type(facts.type);
		assert_int_equal(facts.n_persons, type->names_persons ? 1 : 0);
		assert_int_equal(type->names_persons ? facts.persons[0].event : facts.event, e);
		assert_true(!type->names_persons || facts.persons[0].key == P1);
		draft_clear(&d);
	}
}

/* Those that a side is led to at all, and those that the State that asks leads to without the product. */
static const enum rxp_case_state not_requested[] = {
    RXP_CASE_UNKNOWN, RXP_CASE_DEEMED, RXP_CASE_CONTESTED};
static const enum rxp_case_state alone[] = {RXP_CASE_UNKNOWN, RXP_CASE_RECEIVED, RXP_CASE_READY,
    RXP_CASE_NOTIFIED, RXP_CASE_IN_TRANSFER, RXP_CASE_TAKEN_BACK, RXP_CASE_WITHDRAWN,
    RXP_CASE_TRANSIT_ASKED, RXP_CASE_TRANSIT_CONSENTED, RXP_CASE_TRANSIT_REVOKED,
    RXP_CASE_IN_TRANSIT, RXP_CASE_TRANSIT_WITHDRAWN, RXP_CASE_TRANSIT_TAKEN_BACK, RXP_CASE_REFERRED,
    RXP_CASE_CONSENT_WITHDRAWN};

static bool among(enum rxp_case_state s, const enum rxp_case_state *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == s)
			return true;
	return false;
}

static void judge_place(const struct cell *c)
{
	bool asks = c->said.side == RXP_CASE_REQUESTING;

	if (!asks && among(c->state, not_requested, sizeof not_requested / sizeof not_requested[0]))
		fail_msg("%s: nobody can be led there", c->facts.id);
	if (c->needs_product == (asks && among(c->state, alone, sizeof alone / sizeof alone[0])))
		fail_msg("%s: it needs the product, or it does not", c->facts.id);
	if (facts_negative(&c->facts) == (c->expected.kind == EXPECT_RECEIPT))
		fail_msg("%s: n or p is not what it expects", c->facts.id);
}

static void test_whole(void **state)
{
	size_t n_states =
	    (size_t)2 * RXP_CASE_STATE_COUNT - sizeof not_requested / sizeof not_requested[0];

	(void)state;
	assert_int_equal(cell_total(), n_states * RXP_CASE_EVENT_COUNT);
	for (size_t i = 0; i < cell_total(); i++) {
		assert_int_equal(cell_at(i)->said.event, i % RXP_CASE_EVENT_COUNT);
		judge_place(cell_at(i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_sayings),
	    cmocka_unit_test(test_expectations),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
