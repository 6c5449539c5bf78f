/*
 * Goals of cases of two States under one CaseId, by chance or malice, with everything around the registry played:
 * - each request that names a case names its peer too, and its answer can ask which;
 * - without a peer such a request does nothing and names the peers; with one it reaches that case and no other;
 * - a hold, a legal hold, a sheet and the view of what is held are of the case that is meant: a peer that uses the
 *   CaseId of another neither hides it from them nor is reached by them;
 * - what the caller does not see is not counted, so that nobody learns of it.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/base/api_role.h"
#include "daemon/base/halt.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_halt.h"

#define REQUEST_MAX 2048

/* --- requests ------------------------------------------------------------------------------------ */

static bool names_a_case(enum ipc_type type)
{
	const struct ipc_row *row = ipc_row(type);

	return row->from == IPC_DESK && row->to == IPC_REGISTRY && type != IPC_journal_list &&
	       record_field(&row->type, "case_id") != NULL;
}

static enum ipc_type answer_of(enum ipc_type type)
{
	for (int t = IPC_NONE + 1; t < IPC_TYPES; t++)
		if (ipc_row((enum ipc_type)t)->answers == type &&
		    ipc_row((enum ipc_type)t)->from == IPC_REGISTRY)
			return (enum ipc_type)t;
	fail_msg("%s has no answer", ipc_row(type)->name);
	return IPC_NONE;
}

static void test_each_request_can_say_whose(void **state)
{
	unsigned n = 0;

	(void)state;
	for (int t = IPC_NONE + 1; t < IPC_TYPES; t++) {
		enum ipc_type type = (enum ipc_type)t;
		const struct record_type *answer;

		if (!names_a_case(type))
			continue;
		answer = &ipc_row(answer_of(type))->type;
		if (record_field(&ipc_row(type)->type, "peer") == NULL ||
		    record_field(answer, "result") == NULL ||
		    record_field(answer, "problem") == NULL)
			fail_msg("%s cannot say, or its answer ask, whose case it is",
			    ipc_row(type)->name);
		n++;
	}
	assert_true(n >= 8);
}

static void set_name(
    uint8_t *body, const struct record_type *row, const char *field, const char *text)
{
	const struct field *f = record_field(row, field);

	if (f != NULL)
		snprintf((char *)body + f->offset, RECORD_NAME_MAX, "%s", text);
}

/* Any request about the case, of this peer or of none. */
static const struct world_answer *ask_seeing(struct world *w, enum ipc_type type,
    const uint8_t case_id[16], const char *peer, uint32_t unseen)
{
	const bool holds = type == IPC_case_hold || type == IPC_case_lift;
	const struct record_type *row = &ipc_row(type)->type;
	_Alignas(max_align_t) uint8_t body[REQUEST_MAX] = {0};
	const uint32_t person = 1;

	assert_true(row->size <= sizeof body);
	set_name(body, row, "user", "uid:1001");
	set_name(body, row, "reason", holds ? "legal" : "case-work");
	if (record_field(row, "person") != NULL)
		memcpy(body + record_field(row, "person")->offset, &person, sizeof person);
	memcpy(body + record_field(row, "case_id")->offset, case_id, 16);
	memcpy(body + record_field(row, "peer")->offset, peer, strlen(peer) + 1);
	memcpy(body + record_field(row, "unseen")->offset, &unseen, sizeof unseen);
	return world_ask(w, type, body);
}

static const struct world_answer *ask(
    struct world *w, enum ipc_type type, const uint8_t case_id[16], const char *peer)
{
	return ask_seeing(w, type, case_id, peer, 0);
}

/* --- two cases ----------------------------------------------------------------------------------- */

/* Our case with PEER, which we asked for, and behind it one of the other peer, who took its CaseId. */
static void two(struct world *w, uint8_t case_id[16])
{
	struct fake_envelope e;

	case_asked_beside(w, case_id);
	e = case_document(1, case_id, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	assert_int_equal(case_admit_other(w, &e)->http_status, 200);
}

static int count_hold(void *arg, const struct rec_hold_row *row)
{
	(void)row;
	++*(unsigned *)arg;
	return 0;
}

static unsigned holds(struct world *w, const char *peer, const uint8_t case_id[16])
{
	unsigned n = 0;

	assert_int_equal(
	    store_hold_each(store_db(w->assembly->node.store), peer, case_id, count_hold, &n), 0);
	return n;
}

static bool legally_held(struct world *w, const char *peer, const uint8_t case_id[16])
{
	struct store_case row;

	assert_int_equal(store_case_get(store_db(w->assembly->node.store), &row, peer, case_id), 0);
	return row.legal_hold_ms != 0;
}

static void test_an_id_alone_asks_which(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16];
	unsigned n = 0;

	two(w, case_id);
	for (int t = IPC_NONE + 1; t < IPC_TYPES; t++) {
		const struct world_answer *a;

		if (!names_a_case((enum ipc_type)t) || t == IPC_submit)
			continue;
		a = ask(w, (enum ipc_type)t, case_id, "");
		if ((int)a->result != RXP_ERR_AMBIGUOUS)
			fail_msg("%s: %d", ipc_row((enum ipc_type)t)->name, (int)a->result);
		assert_string_equal(a->words, PEER ", " CASE_OTHER); /* the older one first */
		n++;
	}
	assert_true(n >= 7);
	assert_int_equal(holds(w, PEER, case_id) + holds(w, CASE_OTHER, case_id), 0);
	assert_false(legally_held(w, PEER, case_id));
	assert_false(legally_held(w, CASE_OTHER, case_id));
}

static void test_a_hold_is_of_the_case_that_is_meant(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;
	struct facts f = case_facts("withdraw", 1, 1, NULL);
	uint8_t case_id[16];

	two(w, case_id);
	/* We hand nobody over to whom asks us. */
	a = ask(w, IPC_case_hold, case_id, CASE_OTHER);
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	a = ask(w, IPC_case_hold, case_id, PEER);
	assert_int_equal((int)a->result, 0);
	assert_int_equal(holds(w, PEER, case_id), 1);
	assert_int_equal(holds(w, CASE_OTHER, case_id), 0);
	/* It is held: what brings the person nearer is refused, what does not is not. */
	f = case_facts_all("remind-reply", NULL);
	a = case_submit(w, "key-2", case_id, "Reminder", &f);
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	f = case_facts("withdraw", 1, 1, NULL);
	assert_int_equal((int)case_submit(w, "key-3", case_id, WITHDRAWAL, &f)->result, 0);
}

static void test_a_legal_hold_is_of_the_case_that_is_meant(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16];

	two(w, case_id);
	assert_int_equal((int)ask(w, IPC_case_legal_hold, case_id, CASE_OTHER)->result, 0);
	assert_true(legally_held(w, CASE_OTHER, case_id));
	assert_false(legally_held(w, PEER, case_id));
	assert_int_equal((int)ask(w, IPC_case_legal_hold, case_id, PEER)->result, 0);
	assert_true(legally_held(w, PEER, case_id));
}

static const char *shown_peer(struct world *w, const uint8_t case_id[16], const char *peer)
{
	static struct rec_case_row row;
	const struct world_answer *a = ask(w, IPC_case_show, case_id, peer);

	assert_int_equal((int)a->result, 0);
	assert_int_equal(record_decode(&row, &record_case_row, a->octets, a->row_len), 0);
	return row.peer;
}

static void test_each_is_shown(void **state)
{
	static const char *const peers[] = {PEER, CASE_OTHER};
	static const enum ipc_type reading[] = {IPC_case_retention, IPC_case_sheet};
	struct world *w = *state;
	uint8_t case_id[16];

	two(w, case_id);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(shown_peer(w, case_id, peers[i]), peers[i]);
		for (size_t k = 0; k < sizeof reading / sizeof reading[0]; k++) {
			const struct world_answer *a = ask(w, reading[k], case_id, peers[i]);

			assert_int_equal((int)a->result, 0);
			assert_string_equal(a->party, peers[i]);
		}
	}
	assert_int_equal((int)ask(w, IPC_case_show, case_id, "QMC")->result, RXP_ERR_NOT_FOUND);
}

/* --- what is not seen ------------------------------------------------------------------------------ */

static void test_the_only_one_that_is_seen(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	uint8_t case_id[16];

	case_asked_beside(w, case_id);
	e = case_document(1, case_id, "ReintegrationReferral", 1, case_facts("refer", 1, 1, NULL));
	assert_int_equal(case_admit_other(w, &e)->http_status, 200);
	assert_int_equal((int)ask(w, IPC_case_show, case_id, "")->result, RXP_ERR_AMBIGUOUS);
	assert_int_equal(
	    (int)ask_seeing(w, IPC_case_show, case_id, "", API_CASES_REFERRALS)->result, 0);
	assert_int_equal(
	    (int)ask_seeing(w, IPC_case_show, case_id, CASE_OTHER, API_CASES_REFERRALS)->result,
	    RXP_ERR_NOT_FOUND);
	assert_int_equal(
	    (int)ask_seeing(w, IPC_case_show, case_id, CASE_OTHER, API_CASES_OTHER)->result, 0);
	assert_int_equal((int)ask_seeing(w, IPC_case_show, case_id, PEER, API_CASES_OTHER)->result,
	    RXP_ERR_NOT_FOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_request_can_say_whose),
	    TEST(test_an_id_alone_asks_which),
	    TEST(test_a_hold_is_of_the_case_that_is_meant),
	    TEST(test_a_legal_hold_is_of_the_case_that_is_meant),
	    TEST(test_each_is_shown),
	    TEST(test_the_only_one_that_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
