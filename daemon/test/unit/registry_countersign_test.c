/*
 * Goals of second officers, with everything around the registry played (RXP-SAF-038):
 * - a document that needs one is taken only after an act of another user, about the same text, under the pseudonym that is
 *   named; one thing that differs, and it is not, and the desk is told what to do;
 * - the act serves once, for seven days, and not for a document that is refused for something else;
 * - what needs none, a repetition, and a node whose operator leaves it to the caller, are taken without;
 * - both acts stand in the journal, and of the text nothing but its digest is kept, until then.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/base/second.h"

#define WEEK (7 * DAY)

static const uint8_t text_of[2][32] = {{1}, {2}};

struct given {
	const char *user, *second;
	unsigned text;
	uint32_t needs;
};

static int countersign(
    struct world *w, const char *user, const char *officer, unsigned text, bool names)
{
	struct msg_countersign m = {.names_confirmed = names};

	snprintf(m.user, sizeof m.user, "%s", user);
	snprintf(m.officer, sizeof m.officer, "%s", officer);
	memcpy(m.text, text_of[text], sizeof m.text);
	return (int)world_ask(w, IPC_countersign, &m)->result;
}

static const struct world_answer *give_as(struct world *w, const char *key, const struct given *g)
{
	static struct facts apply;
	struct msg_submit m;

	apply = case_facts("apply", 1, 1, NULL);
	m = case_submission(key, NULL, APPLICATION, &apply);
	snprintf(m.user, sizeof m.user, "%s", g->user);
	snprintf(m.officer, sizeof m.officer, "S-3001");
	snprintf(m.second_officer, sizeof m.second_officer, "%s", g->second);
	memcpy(m.text, text_of[g->text], sizeof m.text);
	m.second = g->needs;
	return world_ask(w, IPC_submit, &m);
}

static void assert_taken(struct world *w, const struct given *g)
{
	static unsigned n;
	char key[32];

	snprintf(key, sizeof key, "taken-%u", ++n);
	assert_int_equal(give_as(w, key, g)->result, 0);
}

static void assert_not_taken(struct world *w, const struct given *g)
{
	const struct world_answer *a = give_as(w, "not-taken", g);
	struct record_cursor c = {a->octets, a->len};
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "RXP-SAF-038: another user says first that it was read");
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
	assert_string_equal(v.requirement, "RXP-SAF-038");
	assert_true(v.action.len > 0);
}

static const struct given prose = {"uid:1", "S-3002", 0, CHECK_PROSE};

static void test_two_users(void **state)
{
	static const struct given wrong[] = {{"uid:2", "S-3002", 0, CHECK_PROSE},
	    {"uid:1", "S-3003", 0, CHECK_PROSE}, {"uid:1", "S-3002", 1, CHECK_PROSE},
	    {"uid:1", "S-3002", 0, CHECK_NAMES}};
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_not_taken(w, &prose);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, false), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_not_taken(w, &wrong[i]);
	assert_taken(w, &prose);
	assert_not_taken(w, &prose); /* once */
}

/* One who gives the document cannot have acted before, whatever the pseudonym. */
static void test_one_user(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(countersign(w, "uid:1", "S-3002", 0, true), 0);
	assert_not_taken(w, &prose);
	assert_int_equal(countersign(w, "uid:2", "", 0, true), RXP_ERR_SYNTAX);
	assert_not_taken(w, &prose);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, true), 0);
	assert_taken(w, &prose);
}

static void test_names(void **state)
{
	static const struct given both = {"uid:1", "S-3002", 0, CHECK_PROSE | CHECK_NAMES};
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, false), 0);
	assert_not_taken(w, &both);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, true), 0); /* in its place */
	assert_taken(w, &both);
}

static void test_for_a_week(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, false), 0);
	world_move_clock(w, WEEK + 60000);
	assert_not_taken(w, &prose);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, false), 0);
	world_move_clock(w, 2 * WEEK);
	assert_taken(w, &prose);
}

/* What is refused for something else uses nothing up. */
static void test_refused_otherwise(void **state)
{
	struct facts withdraw = case_facts("withdraw", 1, 1, NULL);
	struct msg_submit m = case_submission("no-case", their_case, WITHDRAWAL, &withdraw);
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, false), 0);
	snprintf(m.user, sizeof m.user, "uid:1");
	snprintf(m.second_officer, sizeof m.second_officer, "S-3002");
	memcpy(m.text, text_of[0], sizeof m.text);
	m.second = CHECK_PROSE;
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_NOT_FOUND);
	assert_taken(w, &prose);
}

static void test_without(void **state)
{
	static const struct given none = {"uid:1", "", 0, 0};
	struct world *w = *state;
	const struct world_answer *a;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_taken(w, &none);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, false), 0);
	assert_int_equal(give_as(w, "again", &prose)->result, 0);
	a = give_as(w, "again", &prose); /* a client that did not hear of it */
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 1);
	assert_not_taken(w, &prose);
	w->assembly->node.config.second_named = 1;
	assert_taken(w, &prose);
}

static void test_journal(void **state)
{
	struct msg_journal_list m = {.limit = 100};
	struct world *w = *state;
	const struct world_answer *a;
	struct rec_journal_row r;
	struct record_cursor c;
	struct bytes fields;
	char all[256] = "";
	uint16_t tag;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(countersign(w, "uid:2", "S-3002", 0, true), 0);
	assert_taken(w, &prose);
	a = world_ask(w, IPC_journal_list, &m);
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		size_t used = strlen(all);

		assert_int_equal(
		    record_decode(&r, &record_journal_row, fields.data, fields.len), 0);
		if (strcmp(r.role, "submit") == 0)
			snprintf(
			    all + used, sizeof all - used, "%s %s %s;", r.user, r.action, r.reason);
	}
	assert_string_equal(all, "uid:2 text-countersign by S-3002, names confirmed;"
				 "uid:1 message-submit by S-3001, read by S-3002;");
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_two_users),
	    WORLD_TEST(test_one_user),
	    WORLD_TEST(test_names),
	    WORLD_TEST(test_for_a_week),
	    WORLD_TEST(test_refused_otherwise),
	    WORLD_TEST(test_without),
	    WORLD_TEST(test_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
