/*
 * Goals, for the matrix of state, document and sender, without a product:
 * - each state that a sender can lead to by itself has a cell for each thing that can be said, and no two cells have one id;
 * - each content of saying.def satisfies schema and rules, says what its row says, and of P1 alone;
 * - what each cell expects, and the state that its history leads to, are what the fold of the library says of the very
 *   documents that are sent; what shows a move is legal on one side of it only.
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
#include "conformance/message/saying.h"
#include "conformance/requirement/requirement.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "protocol/base/err.h"
#include "protocol/case/case.h"
#include "protocol/document/facts.h"
#include "protocol/message/answer.h"

#define P1 1u
#define MAX_DOCUMENTS (CELL_MAX_PATH + 2)

/* A case as it is told: the facts of its documents. */
struct telling {
	const struct world *world;
	struct draft last;
	uint8_t opening[32];
	struct rxp_case_document docs[MAX_DOCUMENTS];
	size_t n;
};

static void read_facts(struct rxp_case_document *out, const struct world *w, const struct draft *d)
{
	const struct rxp_cert *certs[1] = {w->own->seal.cert};
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

/* The next document, made and its facts read. False: the other State has no key of an office that it needs. */
static bool make(
    struct draft *d, struct rxp_case_document *facts, const struct telling *t, struct cell_step s)
{
	int rc;

	assert_int_equal(saying_begin(d, &t->world->parties, s.event, s.side, NOW_MS), 0);
	if (t->n > 0) {
		draft_follow(d, &t->last);
		assert_int_equal(saying_about(d, t->opening), 0);
	}
	rc = draft_make(d, NULL);
	if (rc == RXP_ERR_KEY)
		return false;
	assert_int_equal(rc, 0);
	read_facts(facts, t->world, d);
	return true;
}

static bool tell(struct telling *t, struct cell_step s)
{
	struct draft d;

	if (!make(&d, &t->docs[t->n], t, s)) {
		draft_clear(&d);
		return false;
	}
	if (t->n++ == 0)
		memcpy(t->opening, d.fingerprint, sizeof t->opening);
	draft_clear(&t->last);
	t->last = d;
	return true;
}

static struct rxp_case *fold(const struct telling *t)
{
	struct rxp_case *c = NULL;

	assert_int_equal(rxp_case_replay(&c, t->docs, t->n, t->world->own->party), 0);
	return c;
}

/* Does the library take this next? */
static int check(struct rxp_case_verdict *v, const struct telling *t, struct cell_step s)
{
	struct rxp_case_document facts;
	struct rxp_case *c = fold(t);
	struct draft d;
	int rc = 1;

	if (make(&d, &facts, t, s))
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
	if (rc == 1)
		return;
	if ((rc == 0) != (c->expected.kind == EXPECT_RECEIPT) ||
	    (rc != 0 && (int)v.code != c->expected.value) ||
	    (rc == 0 && v.unplanned != c->unplanned))
		fail_msg(
		    "%s: the library says %d, %s", c->facts.id, rc, rc == 0 ? "" : v.requirement);
	if (rc != 0)
		assert_string_equal(v.requirement, c->facts.requirement);
	else if (tell(t, c->said))
		judge_witness(c, t);
}

static void test_expectations(void **state)
{
	for (size_t i = 0; i < cell_total(); i++) {
		const struct cell *c = cell_at(i);
		struct telling t = {.world = *state};
		bool told = true;

		for (size_t k = 0; k < c->n_path && told; k++)
			told = tell(&t, c->path[k]);
		if (told)
			judge_cell(c, &t);
		draft_clear(&t.last);
	}
}

static void test_sayings(void **state)
{
	const struct world *w = *state;

	for (unsigned e = 0; e < RXP_CASE_EVENT_COUNT; e++) {
		struct cell_step s = {(enum rxp_case_event)e, RXP_CASE_REQUESTING};
		struct telling t = {.world = w};
		struct rxp_case_document facts;
		struct draft d;

		if (make(&d, &facts, &t, s)) {
			const struct rxp_case_type *type = rxp_case_type(facts.type);

			assert_int_equal(facts.n_persons, type->names_persons ? 1 : 0);
			assert_int_equal(
			    type->names_persons ? facts.persons[0].event : facts.event, e);
			assert_true(!type->names_persons || facts.persons[0].key == P1);
		}
		draft_clear(&d);
	}
}

static void test_whole(void **state)
{
	static const enum rxp_case_state alone[] = {RXP_CASE_UNKNOWN, RXP_CASE_RECEIVED,
	    RXP_CASE_READY, RXP_CASE_NOTIFIED, RXP_CASE_IN_TRANSFER, RXP_CASE_TAKEN_BACK,
	    RXP_CASE_WITHDRAWN, RXP_CASE_TRANSIT_ASKED, RXP_CASE_TRANSIT_CONSENTED,
	    RXP_CASE_TRANSIT_REVOKED, RXP_CASE_IN_TRANSIT, RXP_CASE_TRANSIT_WITHDRAWN,
	    RXP_CASE_TRANSIT_TAKEN_BACK, RXP_CASE_REFERRED, RXP_CASE_CONSENT_WITHDRAWN};
	size_t n_alone = sizeof alone / sizeof alone[0];

	(void)state;
	assert_int_equal(cell_total(), n_alone * RXP_CASE_EVENT_COUNT);
	for (size_t i = 0; i < cell_total(); i++) {
		const struct cell *c = cell_at(i);

		assert_int_equal(c->state, alone[i / RXP_CASE_EVENT_COUNT]);
		assert_int_equal(c->said.event, i % RXP_CASE_EVENT_COUNT);
		if (requirement_find(c->facts.requirement) == NULL)
			fail_msg("%s: no such requirement", c->facts.id);
		if (facts_negative(&c->facts) == (c->expected.kind == EXPECT_RECEIPT))
			fail_msg("%s: n or p is not what it expects", c->facts.id);
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
