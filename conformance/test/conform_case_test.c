/*
 * Goals, for every case of the suite, without a product:
 * - its requirement is in the specification, and its id is its own;
 * - its id has the letter of its plan, and its stage a usual cause in reports, but where it is a fault on the line between two;
 * - an exchange expects what its id says;
 * - it is selected by one of several patterns, of which each is meant;
 * - its change can be made, and changes what is sent or how: it is no valid message by mistake;
 * - what a case of a seal made right again sends has digests and a signature that fit, unless its point is that they do not.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/cases/case.h"
#include "conformance/cases/exchange.h"
#include "conformance/report/cause.h"
#include "conformance/requirement/requirement.h"
#include "conformance/run/plan.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"

/* One pattern of several is enough, and each is a whole id. */
static void test_patterns(void **state)
{
	static const struct {
		const char *id, *patterns;
		bool matches;
	} rows[] = {
	    {"XML-004.R.n1", "*", true},
	    {"XML-004.R.n1", "XML-004.R.n1", true},
	    {"XML-004.R.n1", "SEA-* XML-*", true},
	    {"XML-004.R.n1", "  SEA-*   XML-*  ", true},
	    {"XML-004.R.n1", "SEA-* XML-005*", false},
	    {"XML-004.R.n1", "XML-004", false},
	    {"XML-004.R.n1", "XML-004 .R.n1", false},
	    {"XML-004.R.n1", "", false},
	    {"XML-004.R.n1", "  ", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (facts_matches(rows[i].id, rows[i].patterns) != rows[i].matches)
			fail_msg("%s, %s", rows[i].id, rows[i].patterns);
}

static const struct case_facts *fact_at(size_t i)
{
	static const struct case_facts facts[] = {{.id = "XML-004.R.n1"}, {.id = "SEA-001.S.p1"}};

	return &facts[i];
}

static void test_meant(void **state)
{
	static const struct {
		const char *patterns, *missed; /* NULL: none is */
	} rows[] = {
	    {"*", NULL},
	    {"XML-* SEA-*", NULL},
	    {" XML-004.R.n1  *.p1 ", NULL},
	    {"", NULL},
	    {"XML-005*", "XML-005*"},
	    {"XML-* SEA-002* TIM-*", "SEA-002*"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char missed[FACTS_PATTERN] = "untouched";

		assert_int_equal(
		    facts_all_meant(missed, rows[i].patterns, fact_at, 2), rows[i].missed == NULL);
		assert_string_equal(missed, rows[i].missed == NULL ? "untouched" : rows[i].missed);
	}
}

static bool is_taken(const struct conform_case *c)
{
	return c->expected.kind == EXPECT_RECEIPT || c->expected.kind == EXPECT_SAME;
}

/* The letter of its plan stands in each id, and no plan has an id of another or twice. */
static void test_ids(void **state)
{
	(void)state;
	for (size_t p = 0; p < plan_total(); p++)
		for (size_t i = 0; i < plan_at(p)->total(); i++) {
			const char *id = plan_at(p)->facts(i)->id;
			const char letter[] = {'.', plan_at(p)->letter, '.', '\0'};
			size_t found = 0;

			if (strstr(id, letter) == NULL)
				fail_msg("%s has not the letter of %s", id, plan_at(p)->name);
			if (requirement_find(plan_at(p)->facts(i)->requirement) == NULL)
				fail_msg("%s: the specification has no such requirement", id);
			if (plan_find(id, &found) != plan_at(p) || found != i)
				fail_msg("%s is the id of two cases", id);
		}
}

/* What a product must not take is refused, and the steps that lead there and those behind it are not. */
static void test_exchanges(void **state)
{
	(void)state;
	for (size_t i = 0; i < exchange_total(); i++) {
		const struct exchange *e = exchange_at(i);
		const struct expect *x = &e->tried.expected;
		bool refused =
		    x->kind == EXPECT_REFUSAL || (x->kind == EXPECT_STATUS && x->value >= 400);

		if (refused != facts_negative(&e->facts))
			fail_msg("%s: n or p is not what it expects", e->facts.id);
		assert_non_null(e->tried.method);
		assert_true(e->tried.method[0] == '\0' || e->tried.path != NULL);
	}
}

static void test_causes(void **state)
{
	(void)state;
	for (size_t p = 0; p < plan_total(); p++)
		for (size_t i = 0; i < plan_at(p)->total() && plan_at(p)->letter != 'P'; i++) {
			struct outcome o;

			plan_at(p)->describe(&o, i);
			if (cause_find(o.stage, true) == NULL)
				fail_msg("%s: the stage %s has no cause", o.facts->id, o.stage);
			outcome_clear(&o);
		}
}

/* Is there a case in which something may be taken wrongly, of that stage ("": any) and area? */
static bool is_tried(const char *stage, const char *area)
{
	bool found = false;

	for (size_t p = 0; p < plan_total(); p++)
		for (size_t i = 0; i < plan_at(p)->total() && !found; i++) {
			struct outcome o;

			plan_at(p)->describe(&o, i);
			found = facts_negative(o.facts) &&
				strncmp(o.facts->id, area, strlen(area)) == 0 &&
				o.facts->id[strlen(area)] == '-' &&
				(stage[0] == '\0' || strcmp(o.stage, stage) == 0);
			outcome_clear(&o);
		}
	return found;
}

static void test_causes_of_areas(void **state)
{
	static const struct {
		const char *stage, *area, *cause;
	} rows[] = {
#define WITHIN(stage, area, cause) {stage, area, cause},
#include "conformance/report/cause.def"
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char requirement[32];

		(void)snprintf(requirement, sizeof requirement, "RXP-%s-001", rows[i].area);
		if (!is_tried(rows[i].stage, rows[i].area))
			fail_msg("no case of %s at the stage %s", rows[i].area, rows[i].stage);
		assert_string_equal(cause_within(rows[i].stage, requirement), rows[i].cause);
	}
	assert_non_null(cause_within("history", "RXP-TIM-001"));
	assert_null(cause_within("history", "RXP-DOC-001"));
	assert_null(cause_within("resealed", "RXP-SEA-001"));
	assert_null(cause_within("resealed", "RXP-DO"));
}

static void test_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < case_total(); i++) {
		const struct conform_case *c = case_at(i);

		if (facts_negative(&c->facts) == is_taken(c))
			fail_msg("%s: n or p is not what it expects", c->facts.id);
	}
}

/* A valid message and the changed one. False: it cannot be made for this product; nothing else is asked of it. */
static bool make_pair(
    const struct world *w, const struct conform_case *c, struct draft *valid, struct draft *changed)
{
	enum base before = base_before(c->base);
	int rc;

	assert_int_equal(draft_begin(valid, &w->parties, c->base, NOW_MS), 0);
	if (before != BASE_NONE) {
		struct draft first;

		assert_int_equal(draft_begin(&first, &w->parties, before, NOW_MS), 0);
		assert_int_equal(draft_make(&first, NULL), 0);
		draft_follow(valid, &first);
		draft_clear(&first);
	}
	assert_int_equal(draft_twin(changed, valid), 0);
	assert_int_equal(draft_make(valid, NULL), 0);
	changed->sent = base_again(c->base) ? valid : NULL;
	rc = draft_make(changed, &c->change);
	if (rc == RXP_ERR_KEY) /* the other State has no key of that office */
		return false;
	if (rc != 0)
		fail_msg("%s cannot be made: %s", c->facts.id, rxp_err_text(rc));
	return true;
}

static int opens(const struct world *w, const struct draft *d)
{
	const struct rxp_cert *certs[] = {
	    w->own->seal.cert, w->own->seal_384.cert, w->own->seal_rsa.cert};
	struct rxp_document *opened = NULL;
	int rc = rxp_document_open(&opened, d->document.data, d->document.len, &d->outer, certs, 3);

	rxp_document_free(opened);
	return rc;
}

static void test_changes(void **state)
{
	const struct world *w = *state;

	for (size_t i = 0; i < case_total(); i++) {
		const struct conform_case *c = case_at(i);
		struct draft valid, changed;

		if (!make_pair(w, c, &valid, &changed))
			goto next;
		if (opens(w, &valid) != 0)
			fail_msg("%s: the valid message does not open", c->facts.id);
		if ((c->change.stage == STAGE_RESEALED || c->change.stage == STAGE_SEALED) &&
		    c->expected.kind == EXPECT_REFUSAL &&
		    c->expected.value == RXP_REFUSAL_UNOPENABLE && opens(w, &changed) == 0)
			fail_msg("%s: the changed message opens", c->facts.id);
		if (is_taken(c) && opens(w, &changed) != 0)
			fail_msg("%s: the message does not open", c->facts.id);
	next:
		draft_clear(&changed);
		draft_clear(&valid);
	}
}

/* Digests and signature fit: the library refuses for the shape, before any cryptography. */
static void test_resealed(void **state)
{
	const struct world *w = *state;

	for (size_t i = 0; i < case_total(); i++) {
		const struct conform_case *c = case_at(i);
		struct draft valid, changed;
		int rc;

		if (c->change.stage != STAGE_RESEALED)
			continue;
		rc = make_pair(w, c, &valid, &changed) ? opens(w, &changed) : 0;
		if (rc == RXP_ERR_SEAL)
			fail_msg("%s: its seal is wrong, which is another defect than its own",
			    c->facts.id);
		draft_clear(&changed);
		draft_clear(&valid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ids),
	    cmocka_unit_test(test_causes),
	    cmocka_unit_test(test_causes_of_areas),
	    cmocka_unit_test(test_exchanges),
	    cmocka_unit_test(test_patterns),
	    cmocka_unit_test(test_meant),
	    cmocka_unit_test(test_named),
	    cmocka_unit_test(test_changes),
	    cmocka_unit_test(test_resealed),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
