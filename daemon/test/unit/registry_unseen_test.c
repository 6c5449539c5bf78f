/*
 * Goals of what is not there for a caller of the desk (RXP-RIN-007), with everything around the registry played:
 * - every request that names a message or a case, the journal's apart, can say what its caller does not see;
 * - a referral, sent or received, is as unknown to a caller who does not see referrals, whatever he asks of it,
 *   and all else to one who sees referrals alone; for others nothing changes;
 * - lists leave it out, also from their pages, and so do figures, so that nothing shows that there is one;
 * - only who sees such cases opens one, or adds to it.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/base/api_role.h"

#define REFERRAL "ReintegrationReferral"
#define REQUEST_MAX 2048

/* A referral and an application, each sent by us and receipted; and each of the peer's, received. */
struct shelf {
	uint8_t referral[16], referral_case[16];
	uint8_t application[16], application_case[16];
};

static void fill(struct world *w, struct shelf *s)
{
	static const uint8_t their_referral[16] = {2, 2, 3, 4, 5, 6, 0x47, 8, 0x89};
	const struct facts refer = case_facts("refer", 1, 1, NULL);
	const struct world_answer *a;
	struct fake_envelope e;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	a = case_submit(w, "key-r", NULL, REFERRAL, &refer);
	assert_int_equal(a->result, 0);
	memcpy(s->referral, a->id, sizeof s->referral);
	memcpy(s->referral_case, a->case_id, sizeof s->referral_case);
	case_receipt(w, 1, s->referral);
	case_accepted(w, "key-a", s->application_case, APPLICATION, case_facts("apply", 1, 2, NULL),
	    s->application);
	case_receipt(w, 2, s->application);
	e = case_document(1, their_referral, REFERRAL, 1, refer);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	e = case_document(2, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

static bool is_of_the_desk(enum ipc_type type)
{
	const struct ipc_row *row = ipc_row(type);

	return row->from == IPC_DESK && row->to == IPC_REGISTRY;
}

static void test_each_request_says_it(void **state)
{
	unsigned n = 0;

	(void)state;
	for (int type = IPC_NONE + 1; type < IPC_TYPES; type++) {
		const struct record_type *row = &ipc_row((enum ipc_type)type)->type;
		bool names =
		    record_field(row, "local_id") != NULL || record_field(row, "case_id") != NULL;

		if (!is_of_the_desk((enum ipc_type)type) || !names || type == IPC_journal_list)
			continue;
		if (record_field(row, "unseen") == NULL)
			fail_msg("%s names a message or a case and has no field unseen", row->name);
		n++;
	}
	assert_true(n >= 9);
	assert_non_null(record_field(&ipc_row(IPC_list)->type, "unseen"));
}

static int ask(
    struct world *w, enum ipc_type type, const char *field, const uint8_t id[16], uint32_t unseen)
{
	const bool holds = type == IPC_case_hold || type == IPC_case_lift;
	const char *const words[][2] = {
	    {"user", "officer"}, {"reason", holds ? "legal" : "case-work"}};
	const struct record_type *row = &ipc_row(type)->type;
	_Alignas(max_align_t) uint8_t body[REQUEST_MAX] = {0};

	assert_true(row->size <= sizeof body);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (record_field(row, words[i][0]) != NULL)
			snprintf((char *)body + record_field(row, words[i][0])->offset,
			    RECORD_NAME_MAX, "%s", words[i][1]);
	memcpy(body + record_field(row, field)->offset, id, 16);
	memcpy(body + record_field(row, "unseen")->offset, &unseen, sizeof unseen);
	return (int)world_ask(w, type, body)->result;
}

/* The others change what they name, so that nothing is to be asked twice. */
static bool reads(enum ipc_type type)
{
	static const enum ipc_type all[] = {IPC_message_show, IPC_content_get, IPC_case_show,
	    IPC_case_retention, IPC_evidence_get, IPC_attachment_get};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i] == type)
			return true;
	return false;
}

/* Each request about it: unknown to who does not see it; to who does not see the rest, as to who sees all. */
static void asked(struct world *w, const char *field, const uint8_t id[16], uint32_t kind)
{
	for (int type = IPC_NONE + 1; type < IPC_TYPES; type++) {
		const struct record_type *row = &ipc_row((enum ipc_type)type)->type;
		enum ipc_type t = (enum ipc_type)type;
		int all;

		if (!is_of_the_desk(t) || t == IPC_submit || record_field(row, field) == NULL ||
		    record_field(row, "unseen") == NULL)
			continue;
		assert_int_equal(ask(w, t, field, id, kind), RXP_ERR_NOT_FOUND);
		assert_int_equal(ask(w, t, field, id, API_CASES_ALL), RXP_ERR_NOT_FOUND);
		if (!reads(t))
			continue;
		all = ask(w, t, field, id, 0);
		assert_int_equal(ask(w, t, field, id, API_CASES_ALL & ~kind), all);
		assert_int_equal(all, t == IPC_attachment_get ? RXP_ERR_NOT_FOUND : 0);
	}
}

/* The oldest message in the inbox that this caller sees. */
static void oldest(struct world *w, uint32_t unseen, uint8_t id[16])
{
	const struct msg_list list = {.list = "inbox", .limit = 1, .unseen = unseen};
	const struct world_answer *a = world_ask(w, IPC_list, &list);
	struct record_cursor c = {a->octets, a->len};
	struct rec_message_row row;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&row, &record_message_row, fields.data, fields.len), 0);
	memcpy(id, row.local_id, 16);
}

static void test_it_is_unknown(void **state)
{
	struct world *w = *state;
	uint8_t received[16], other[16];
	struct shelf s;

	fill(w, &s);
	oldest(w, API_CASES_OTHER, received);
	oldest(w, API_CASES_REFERRALS, other);
	assert_true(memcmp(received, other, sizeof other) != 0);
	asked(w, "local_id", s.referral, API_CASES_REFERRALS);
	asked(w, "local_id", s.application, API_CASES_OTHER);
	asked(w, "case_id", s.referral_case, API_CASES_REFERRALS);
	asked(w, "case_id", s.application_case, API_CASES_OTHER);
	asked(w, "local_id", received, API_CASES_REFERRALS);
	asked(w, "local_id", other, API_CASES_OTHER);
}

static void test_a_ping_is_for_all(void **state)
{
	struct world *w = *state;
	uint8_t id[16];

	world_begin(w, id);
	assert_int_equal(ask(w, IPC_message_show, "local_id", id, API_CASES_ALL), 0);
}

static void test_lists(void **state)
{
	static const struct {
		const char *list;
		unsigned rows; /* of either kind */
	} lists[] = {{"messages", 2}, {"newest", 2}, {"inbox", 1}, {"cases", 2}, {"queue", 0}};
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		for (int of_peer = 0; of_peer < 2; of_peer++) {
			struct msg_list list = {.limit = 0};

			snprintf(list.list, sizeof list.list, "%s", lists[i].list);
			if (of_peer)
				snprintf(list.peer, sizeof list.peer, PEER);
			assert_int_equal(case_listed(w, &list), 2 * lists[i].rows);
			list.unseen = API_CASES_REFERRALS;
			assert_int_equal(case_listed(w, &list), lists[i].rows);
			list.limit = lists[i].rows;
			assert_int_equal(case_listed(w, &list), lists[i].rows);
			assert_int_equal(w->answers[w->n_answers - 1].more, 0);
			list.limit = 0;
			list.unseen = API_CASES_OTHER;
			assert_int_equal(case_listed(w, &list), lists[i].rows);
			list.unseen = API_CASES_ALL;
			assert_int_equal(case_listed(w, &list), 0);
		}
	}
}

/* The queue has both kinds while the peer is silent. */
static void test_queue(void **state)
{
	struct world *w = *state;
	struct msg_list list = {.list = "queue"};
	const struct facts refer = case_facts("refer", 1, 1, NULL);
	uint8_t id[16], case_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(case_submit(w, "key-r", NULL, REFERRAL, &refer)->result, 0);
	case_accepted(w, "key-a", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	assert_int_equal(case_listed(w, &list), 2);
	list.unseen = API_CASES_REFERRALS;
	assert_int_equal(case_listed(w, &list), 1);
	snprintf(list.peer, sizeof list.peer, PEER);
	list.unseen = API_CASES_OTHER;
	assert_int_equal(case_listed(w, &list), 1);
}

/* What walks over all cases a page at a time: where it came to shows no case that it left out. */
static void test_walks(void **state)
{
	static const uint8_t none[16];
	struct world *w = *state;
	struct msg_statistics_count count = {.period = "2026-Q4"};
	struct msg_stop_order propose = {.user = "officer",
	    .act = "propose",
	    .kind = "peer",
	    .what = PEER,
	    .reason = "situation"};
	struct msg_transfers_list list = {.unseen = 0};
	const struct world_answer *a;
	struct shelf s;

	fill(w, &s);
	a = world_ask(w, IPC_stop_order, &propose);
	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	memcpy(list.id, a->id, sizeof list.id);
	assert_memory_not_equal(world_ask(w, IPC_statistics_count, &count)->case_id, none, 16);
	assert_memory_not_equal(world_ask(w, IPC_transfers_list, &list)->case_id, none, 16);
	count.unseen = list.unseen = API_CASES_ALL;
	assert_memory_equal(world_ask(w, IPC_statistics_count, &count)->case_id, none, 16);
	assert_memory_equal(world_ask(w, IPC_transfers_list, &list)->case_id, none, 16);
}

static void test_submit(void **state)
{
	struct world *w = *state;
	const struct facts refer = case_facts("refer", 1, 1, NULL);
	const struct facts remind = case_facts_all("remind", NULL);
	const struct world_answer *a;
	struct msg_submit m;
	struct shelf s;

	fill(w, &s);
	m = case_submission("key-1", NULL, REFERRAL, &refer);
	m.unseen = API_CASES_REFERRALS;
	a = world_ask(w, IPC_submit, &m);
	assert_int_equal((int)a->result, RXP_ERR_CONFIG);
	assert_string_equal(a->words, "another office opens such a case");
	m.unseen = API_CASES_OTHER;
	assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
	m = case_submission("key-2", s.referral_case, "Reminder", &remind);
	m.unseen = API_CASES_REFERRALS;
	a = world_ask(w, IPC_submit, &m);
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	assert_string_equal(a->words, "there is no such case with this peer");
	m.unseen = API_CASES_OTHER;
	assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_request_says_it),
	    WORLD_TEST(test_it_is_unknown),
	    WORLD_TEST(test_a_ping_is_for_all),
	    WORLD_TEST(test_lists),
	    WORLD_TEST(test_queue),
	    WORLD_TEST(test_walks),
	    WORLD_TEST(test_submit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
