/*
 * Goals:
 *  - the C tables and the tables that spec/rxp-1.md prints have the same rows under the same numbers;
 *  - the table as a whole: nothing leads from one procedure into another, there is a cell for each
 *    physical fact, nobody is stuck, and only safe moves lead to a planned transfer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/case/case_table.h"
#include "protocol/safeguard/safeguard_table.h"
#include "protocol/test/casebook.h"

static struct casebook *book;

static size_t type_of(enum rxp_type type)
{
	return casebook_type(book, rxp_type_row(type)->wire);
}

/* --- the rows ------------------------------------------------------------------------------ */

/* So that a number of the one is a number of the other. */
static void test_rows(void **unused)
{
	size_t types = 0;

	(void)unused;
	assert_int_equal(book->n_states, RXP_CASE_STATE_COUNT);
	for (unsigned i = 0; i < RXP_CASE_STATE_COUNT; i++) {
		assert_string_equal(book->states[i].word, rxp_case_state_name(i));
		assert_int_equal(book->states[i].ends, rxp_case_state_ends(i));
	}
	assert_int_equal(book->n_traits, RXP_CASE_TRAIT_COUNT);
	for (unsigned i = 0; i < RXP_CASE_TRAIT_COUNT; i++)
		assert_string_equal(book->traits[i].word, rxp_case_trait_name(i));
	assert_int_equal(book->n_events, RXP_CASE_EVENT_COUNT);
	for (unsigned i = 0; i < RXP_CASE_EVENT_COUNT; i++) {
		const struct rxp_case_event_row *row = rxp_case_event_row(i);
		enum rxp_case_event parsed;

		assert_string_equal(book->events[i].word, row->word);
		assert_string_equal(book->events[i].mark, row->mark);
		assert_int_equal(book->events[i].type, type_of(row->type));
		assert_int_equal(book->events[i].gives, row->gives);
		assert_int_equal(rxp_case_event_parse(&parsed, row->word), 0);
		assert_int_equal(parsed, i);
	}
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++) {
		const struct rxp_case_type *row = rxp_case_type(type);

		assert_int_equal(row->in_case, rxp_type_row(type)->scope == RXP_SCOPE_CASE);
		if (!row->in_case)
			continue;
		types++;
		assert_int_equal(book->types[type_of(type)].rank, row->rank);
		assert_int_equal(book->types[type_of(type)].opens, row->opens);
		assert_int_equal(book->types[type_of(type)].whole, !row->names_persons);
	}
	assert_int_equal(book->n_types, types);
}

static void test_marks_and_answers(void **unused)
{
	size_t n = 0;

	(void)unused;
	for (const struct rxp_case_mark *m; (m = rxp_case_mark(n)) != NULL; n++) {
		assert_int_equal(book->marks[n].type, type_of(m->type));
		assert_string_equal(book->marks[n].element, m->element);
		assert_string_equal(book->marks[n].text, m->value);
		assert_int_equal(book->marks[n].gives, 1u << m->trait);
	}
	assert_int_equal(book->n_marks, n);
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++) {
		const struct rxp_case_answers *row = rxp_case_answers(type);

		if (!rxp_case_type(type)->in_case) {
			assert_null(row);
			continue;
		}
		assert_int_equal(row == NULL, casebook_answers(book, type_of(type)) == NULL);
		for (unsigned of = 0; of < RXP_TYPE_COUNT; of++) {
			if (!rxp_case_type(of)->in_case)
				continue;
			assert_int_equal(rxp_case_concerns(type, of, true),
			    casebook_concerns(book, type_of(type), type_of(of), CASEBOOK_OWN));
			assert_int_equal(rxp_case_concerns(type, of, false),
			    casebook_concerns(book, type_of(type), type_of(of), CASEBOOK_OTHER));
		}
	}
}

/* --- the table as a whole ------------------------------------------------------------------- */

static bool is_record(size_t event)
{
	return strcmp(book->types[book->events[event].type].wire, "TransferRecord") == 0;
}

static unsigned trait(const char *word)
{
	return 1u << casebook_trait(book, word);
}

/* A procedure's own events lead nowhere else; what has no procedure yet enters one. */
static void test_procedures_are_apart(void **unused)
{
	(void)unused;
	for (size_t from = 1; from < book->n_states; from++)
		for (size_t event = 0; event < book->n_events; event++) {
			const struct casebook_cell *cell = &book->cells[from][event];

			assert_string_not_equal(book->states[from].kind, "any");
			if (cell->is)
				assert_string_equal(
				    book->states[cell->to].kind, book->states[from].kind);
		}
}

/* Each record that one state of a procedure knows, all its states know; only a hand-over is barred. */
static void test_every_fact_is_taken(void **unused)
{
	(void)unused;
	for (size_t event = 0; event < book->n_events; event++) {
		if (!is_record(event))
			continue;
		for (size_t some = 1; some < book->n_states; some++) {
			if (!book->cells[some][event].is)
				continue;
			for (size_t state = 1; state < book->n_states; state++)
				if (strcmp(book->states[state].kind, book->states[some].kind) == 0)
					assert_true(book->cells[state][event].is);
			assert_int_equal(book->cells[some][event].sealed,
			    book->cells[some][event].foreseen ||
				strcmp(book->events[event].word, "deliver") != 0);
		}
		assert_int_equal(book->cells[0][event].is, false);
	}
}

/* Silence is a claim of the procedure of readmission before the reply, and nothing else can be claimed from it
 * (RXP-TKB-008, RXP-TRN-010). */
static void test_silence_speaks_of_the_reply_alone(void **unused)
{
	static const char *const before[] = {"received", "examination", "extended"};
	size_t deem = casebook_event(book, "deem");
	size_t found = 0;

	(void)unused;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
		assert_true(book->cells[casebook_state(book, before[i])][deem].is);
	for (size_t state = 0; state < book->n_states; state++)
		found += book->cells[state][deem].is;
	assert_int_equal(found, sizeof before / sizeof before[0]);
}

/* From each state that does not end the case a foreseen move leads on, and some chain of them to an end. */
static void test_nobody_is_stuck(void **unused)
{
	bool ends[CASEBOOK_MAX] = {false};

	(void)unused;
	for (size_t round = 0; round < book->n_states; round++)
		for (size_t state = 0; state < book->n_states; state++) {
			ends[state] = ends[state] || book->states[state].ends;
			for (size_t event = 0; event < book->n_events; event++)
				if (book->cells[state][event].is &&
				    book->cells[state][event].foreseen)
					ends[state] =
					    ends[state] || ends[book->cells[state][event].to];
		}
	for (size_t state = 0; state < book->n_states; state++)
		assert_true(ends[state]);
}

static bool needs(size_t event, const char *given, const char *wanted)
{
	for (size_t i = 0; i < book->n_conditions; i++)
		if (book->conditions[i].event == event &&
		    book->conditions[i].given == trait(given) &&
		    book->conditions[i].needs == trait(wanted))
			return true;
	return false;
}

/* Planned only after an agreement that knows the guardian, notified only with the guardian's confirmation and
 * after the child's interests were assessed; and a child that is found, a contest and a travel document that
 * is gone stop it. */
static void test_plans_are_safe(void **unused)
{
	static const char *const stops[] = {
	    "find-minor", "contest", "decline-document", "change-transfer", "withdraw", "refuse"};
	size_t planned = casebook_state(book, "planned");
	size_t notified = casebook_state(book, "notified");

	(void)unused;
	for (size_t from = 0; from < book->n_states; from++)
		for (size_t event = 0; event < book->n_events; event++) {
			const struct casebook_cell *cell = &book->cells[from][event];

			if (!cell->is || cell->to == from)
				continue;
			if (cell->to == planned) {
				assert_string_equal(book->events[event].word, "agree-transfer");
				assert_true(needs(event, "unaccompanied", "guardian-named"));
			}
			if (cell->to != notified)
				continue;
			assert_true(needs(event, "unaccompanied", "guardian-confirmed"));
			if (book->types[book->events[event].type]
				.opens) /* its document is judged alone */
				continue;
			assert_true(needs(event, "unaccompanied", "guardian-named"));
			assert_true(needs(event, "child", "best-interests"));
		}
	for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
		size_t event = casebook_event(book, stops[i]);

		assert_true(book->cells[planned][event].is && book->cells[notified][event].is);
		assert_int_not_equal(book->cells[planned][event].to, planned);
		assert_int_not_equal(book->cells[notified][event].to, notified);
	}
}

/* Whoever hears `not-acceptable` from the case hears what to do. */
static void test_safeguards_are_told(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < book->n_conditions; i++) {
		const char *requirement = book->conditions[i].requirement;

		assert_int_equal(strcmp(book->conditions[i].code, "not-acceptable") == 0 ||
				     strncmp(requirement, "RXP-SAF-", 8) == 0,
		    rxp_safeguard_of_case(requirement) != NULL);
	}
	for (size_t i = 0; i < book->n_duties; i++)
		assert_non_null(rxp_safeguard_of_case(book->duties[i].requirement));
}

/* Only a physical fact moves on a person whom the requesting State withdrew. */
static void test_withdrawn_is_withdrawn(void **unused)
{
	static const char *const withdrawn[] = {"withdrawn", "transit-withdrawn"};

	(void)unused;
	for (size_t i = 0; i < sizeof withdrawn / sizeof withdrawn[0]; i++)
		for (size_t event = 0; event < book->n_events; event++) {
			size_t state = casebook_state(book, withdrawn[i]);

			if (book->cells[state][event].is && !is_record(event))
				assert_int_equal(book->cells[state][event].to, state);
		}
}

static int set_up(void **unused)
{
	(void)unused;
	book = casebook_read();
	return 0;
}

static int tear_down(void **unused)
{
	(void)unused;
	free(book);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_marks_and_answers),
	    cmocka_unit_test(test_procedures_are_apart),
	    cmocka_unit_test(test_every_fact_is_taken),
	    cmocka_unit_test(test_silence_speaks_of_the_reply_alone),
	    cmocka_unit_test(test_nobody_is_stuck),
	    cmocka_unit_test(test_plans_are_safe),
	    cmocka_unit_test(test_safeguards_are_told),
	    cmocka_unit_test(test_withdrawn_is_withdrawn),
	};

	return cmocka_run_group_tests_name("case_table", tests, set_up, tear_down);
}
