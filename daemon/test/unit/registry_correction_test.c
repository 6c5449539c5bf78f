/*
 * Goals of corrections, with everything around the registry played (RXP-COR-008, RXP-COR-009, RXP-COR-011 to 016):
 * - a reply that says Done of what is not carried out here, Blocked without a legal hold, or that leaves an item out, is
 *   not taken, and says of which item and what to do; what is carried out may be said, for each kind of item;
 * - an item of All is carried out by the content itself, that of a field by an order, and all when nothing is held;
 * - what is carried out is laid on what is shown, and gone with the content of either document;
 * - only a DataCorrection with a receipt is carried out, once; under a legal hold nothing of it is erased;
 * - what both did and said is listed.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/registry/node.h"
#include "protocol/case/correction.h"

#define CORRECTION "DataCorrection"
#define ANSWER "DataCorrectionReply"
#define BOX "a-field-and-its-value"

struct asked {
	const char *word;
	bool all;
	unsigned attachment;
};

/* What the next correction asks for; the sealer played reads it, too. */
static struct asked asked[4];
static size_t n_asked;
static uint8_t application_id[16], correction_id[16];
static struct fake_envelope application;

/* --- what is played --------------------------------------------------------------------------------- */

static void on_read_correction(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_read_correction *q = m->body;
	struct msg_correction_read a = {.result = 0};
	struct rxp_buf items;

	(void)w;
	assert_int_equal(m->type, IPC_read_correction);
	assert_int_equal(q->envelope.len, sizeof(struct fake_envelope));
	rxp_buf_init(&items, 4096);
	for (size_t i = 0; i < n_asked; i++) {
		struct rec_correction_asked r = {
		    .item = (uint32_t)i + 1, .attachment = asked[i].attachment};

		snprintf(r.asked, sizeof r.asked, "%s", asked[i].word);
		if (!asked[i].all)
			r.box = (struct bytes){(const uint8_t *)BOX, strlen(BOX)};
		record_list_put(&items, REC_correction_asked, &record_correction_asked, &r);
	}
	a.items = (struct bytes){items.data, items.len};
	link_answer(l, IPC_correction_read, m->request, &a, NULL, 0);
	rxp_buf_free(&items);
}

static struct facts with_items(
    const char *event, const uint8_t *about, const struct asked *items, size_t n)
{
	struct facts f = case_facts_all(event, about);
	struct rxp_buf b;

	rxp_buf_init(&b, WORLD_FACTS_MAX);
	rxp_buf_put(&b, f.octets, f.len);
	for (size_t i = 0; i < n; i++) {
		struct rec_fact_item r = {.number = (uint32_t)i + 1, .all = items[i].all};

		snprintf(r.word, sizeof r.word, "%s", items[i].word);
		record_list_put(&b, REC_fact_item, &record_fact_item, &r);
	}
	assert_int_equal(rxp_buf_error(&b), 0);
	memcpy(f.octets, b.data, b.len);
	f.len = b.len;
	rxp_buf_free(&b);
	return f;
}

static void last_received(struct world *w, uint8_t id[16])
{
	struct msg_list list = {.list = "newest", .limit = 1};
	const struct world_answer *a = world_ask(w, IPC_list, &list);
	struct record_cursor c = {a->octets, a->len};
	struct rec_message_row row;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&row, &record_message_row, fields.data, fields.len), 0);
	memcpy(id, row.local_id, 16);
}

/* The peer opens a case, and asks to correct what it said. */
static struct fake_envelope begin(struct world *w, const struct asked *items, size_t n)
{
	struct fake_envelope e;

	w->other = on_read_correction;
	memcpy(asked, items, n * sizeof *items);
	n_asked = n;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	application = case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	last_received(w, application_id);
	e = case_document(
	    2, their_case, CORRECTION, 2, with_items("correct", application.fingerprint, items, n));
	case_previous(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	last_received(w, correction_id);
	return e;
}

static const struct world_answer *act(struct world *w, const uint8_t id[16], const char *what)
{
	struct msg_content_correct m = {.user = "uid:9"};

	snprintf(m.what, sizeof m.what, "%s", what);
	memcpy(m.local_id, id, sizeof m.local_id);
	return world_ask(w, IPC_content_correct, &m);
}

static int hold(struct world *w, bool lift)
{
	struct msg_case_legal_hold m = {.user = "uid:9", .lift = lift};

	memcpy(m.case_id, their_case, sizeof m.case_id);
	return (int)world_ask(w, IPC_case_legal_hold, &m)->result;
}

/* Try to answer with these words, one an item; "" is taken, else the first path that is objected to. */
static void answered(struct world *w, const struct fake_envelope *e, const char *const *words,
    size_t n, const char *path)
{
	static unsigned keys;
	struct asked items[4];
	const struct world_answer *a;
	struct rec_violation v;
	struct record_cursor c;
	struct bytes fields;
	struct facts f;
	char key[32];
	uint16_t tag;

	for (size_t i = 0; i < n; i++)
		items[i] = (struct asked){.word = words[i]};
	f = with_items("answer-correction", e->fingerprint, items, n);
	snprintf(key, sizeof key, "key-%u", ++keys);
	a = case_submit(w, key, their_case, ANSWER, &f);
	if (path[0] == '\0') {
		assert_string_equal(a->words, "");
		assert_int_equal(a->result, 0);
		return;
	}
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "RXP-COR-013: it says what is not so here");
	c = (struct record_cursor){a->octets, a->len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
	assert_string_equal(v.requirement, "RXP-COR-013");
	assert_int_equal(v.path.len, strlen(path));
	assert_memory_equal(v.path.data, path, v.path.len);
	assert_true(v.action.len > 0);
}

#define ANSWERED(w, e, path, ...) \
	answered((w), (e), (const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), (path))

/* The last row of the list, as "asked scope here answer". */
static void assert_listed(struct world *w, const char *want)
{
	struct msg_case_corrections m = {.unseen = 0};
	const struct world_answer *a;
	struct rec_correction_row r;
	struct record_cursor c;
	struct bytes fields;
	char all[512] = "";
	size_t used = 0;
	uint16_t tag;

	memcpy(m.case_id, their_case, sizeof m.case_id);
	a = world_ask(w, IPC_case_corrections, &m);
	assert_int_equal(a->result, 0);
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&r, &record_correction_row, fields.data, fields.len), 0);
		used += (size_t)snprintf(all + used, sizeof all - used, "%u %s %s %s %s;", r.item,
		    r.asked, r.scope, r.here[0] != '\0' ? r.here : "-",
		    r.answer[0] != '\0' ? r.answer : "-");
		assert_memory_equal(r.document, application_id, sizeof r.document);
		assert_string_equal(r.from, PEER);
	}
	assert_string_equal(all, want);
}

/* --- answering -------------------------------------------------------------------------------------- */

static const struct asked three[] = {
    {"rectify", false, 0}, {"erase", false, 0}, {"block", false, 2}};

static void test_fields(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = begin(w, three, 3);

	ANSWERED(w, &e, "DataCorrectionReply/Item[1]/Done", "done", "done", "done");
	assert_listed(w, "1 rectify field - -;2 erase field - -;3 block field - -;");
	assert_int_equal(act(w, correction_id, "carry-out")->result, 0);
	ANSWERED(w, &e, "DataCorrectionReply", "done", "done");
	ANSWERED(w, &e, "DataCorrectionReply/Item[2]/Blocked", "done", "blocked", "done");
	assert_listed(w, "1 rectify field rectify -;2 erase field erase -;3 block field block -;");
	ANSWERED(w, &e, "", "done", "done", "done");
	case_receipt(w, 1, NULL);
	pump_for(w->loop, 3 * REGISTRY_TEST_TICK_MS);
	assert_listed(
	    w, "1 rectify field rectify done;2 erase field erase done;3 block field block done;");
}

/* Of All the content decides, whoever changed it and how. */
static void test_all(void **state)
{
	static const struct asked erase[] = {{"erase", true, 0}};
	struct world *w = *state;
	struct fake_envelope e = begin(w, erase, 1);

	ANSWERED(w, &e, "DataCorrectionReply/Item[1]/Done", "done");
	assert_int_equal(act(w, application_id, "block")->result, 0);
	ANSWERED(w, &e, "DataCorrectionReply/Item[1]/Done", "done");
	ANSWERED(w, &e, "DataCorrectionReply/Item[1]/Blocked", "blocked"); /* there is no hold */
	assert_int_equal(act(w, application_id, "erase")->result, 0);
	assert_listed(w, "1 erase all erase -;");
	ANSWERED(w, &e, "", "done");
}

static void test_block_all(void **state)
{
	static const struct asked block[] = {{"block", true, 0}};
	struct world *w = *state;
	const struct world_answer *a;
	struct fake_envelope e = begin(w, block, 1);

	ANSWERED(w, &e, "DataCorrectionReply/Item[1]/Done", "done");
	assert_int_equal(act(w, correction_id, "carry-out")->result, 0);
	assert_int_equal(act(w, application_id, "unblock")->result, 0);
	ANSWERED(w, &e, "DataCorrectionReply/Item[1]/Done", "done"); /* not any more */
	assert_int_equal(act(w, correction_id, "carry-out")->result, 0);
	ANSWERED(w, &e, "", "done");
	/* RXP-COR-017: nor while it is said */
	a = act(w, application_id, "unblock");
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "an answer to a correction has no receipt yet");
	case_receipt(w, 1, NULL);
	pump_for(w->loop, 3 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(act(w, application_id, "unblock")->result, 0);
}

/* RXP-COR-012 */
static void test_legal_hold(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = begin(w, three, 3);
	const struct world_answer *a;

	assert_int_equal(hold(w, false), 0);
	a = act(w, correction_id, "carry-out");
	assert_int_equal(a->result, 0);
	assert_string_equal(a->words, "the case is under a legal hold");
	assert_listed(w, "1 rectify field rectify -;2 erase field block -;3 block field block -;");
	ANSWERED(w, &e, "DataCorrectionReply/Item[2]/Done", "done", "done", "done");
	ANSWERED(w, &e, "DataCorrectionReply/Item[1]/Blocked", "blocked", "blocked", "done");
	ANSWERED(w, &e, "", "done", "blocked", "done");
	assert_int_equal((int)act(w, correction_id, "carry-out")->result, RXP_ERR_STATE);
	assert_int_equal(hold(w, true), 0);
	assert_int_equal(act(w, correction_id, "carry-out")->result, 0);
	ANSWERED(w, &e, "DataCorrectionReply/Item[2]/Blocked", "done", "blocked", "done");
	ANSWERED(w, &e, "", "done", "done", "done");
}

/* --- carrying out ----------------------------------------------------------------------------------- */

static void assert_not_carried_out(
    struct world *w, const uint8_t id[16], int result, const char *words)
{
	const struct world_answer *a = act(w, id, "carry-out");

	assert_int_equal((int)a->result, result);
	assert_string_equal(a->words, words);
}

static void test_what_is_carried_out(void **state)
{
	static const uint8_t unknown[16] = {9};
	struct world *w = *state;

	begin(w, three, 3);
	assert_not_carried_out(w, unknown, RXP_ERR_NOT_FOUND, "");
	assert_not_carried_out(w, application_id, RXP_ERR_STATE, "it is no DataCorrection");
	assert_int_equal(act(w, correction_id, "carry-out")->result, 0);
	assert_not_carried_out(w, correction_id, RXP_ERR_STATE, "it is carried out already");
	assert_int_equal(act(w, application_id, "erase")->result, 0);
	assert_not_carried_out(
	    w, correction_id, RXP_ERR_NOT_FOUND, "nothing of its content is held");
	assert_int_equal(act(w, correction_id, "erase")->result, 0);
	assert_not_carried_out(
	    w, correction_id, RXP_ERR_STATE, "there is no content of it that can be read");
}

/* Our own, as soon as the other State has it. */
static void test_our_own(void **state)
{
	static const struct asked one[] = {{"rectify", false, 0}};
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t id[16], case_id[16];

	begin(w, one, 1);
	memcpy(case_id, their_case, sizeof case_id);
	case_accepted(w, "key-own", case_id, CORRECTION,
	    with_items("correct", application.fingerprint, one, 1), id);
	world_delivered(w, 1);
	assert_not_carried_out(w, id, RXP_ERR_STATE, "the other State has not received it yet");
	case_receipt(w, 1, id);
	world_show(w, id, &row);
	assert_string_equal(row.state, "delivered");
	assert_int_equal(act(w, id, "carry-out")->result, 0);
}

/* --- showing ---------------------------------------------------------------------------------------- */

static const struct world_answer *open_content(struct world *w, bool disputes)
{
	struct msg_content_get m = {.user = "uid:7", .reason = "review", .disputes = disputes};

	memcpy(m.local_id, application_id, sizeof m.local_id);
	return world_ask(w, IPC_content_get, &m);
}

static int open_file(struct world *w, unsigned number, bool disputes)
{
	struct msg_attachment_get m = {
	    .user = "uid:7", .reason = "review", .number = number, .disputes = disputes};

	memcpy(m.local_id, application_id, sizeof m.local_id);
	return (int)world_ask(w, IPC_attachment_get, &m)->result;
}

/* How many entries of the journal are of an action, of the role dispute. */
static unsigned journalled(struct world *w, const char *action)
{
	struct msg_journal_list m = {.limit = 100};
	const struct world_answer *a = world_ask(w, IPC_journal_list, &m);
	struct record_cursor c = {a->octets, a->len};
	struct rec_journal_row r;
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&r, &record_journal_row, fields.data, fields.len), 0);
		n += strcmp(r.action, action) == 0 && strcmp(r.role, "dispute") == 0;
	}
	return n;
}

static void test_shown(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;
	uint8_t nothing[32];
	size_t len;

	begin(w, three, 3);
	node_digest(nothing, NULL, 0);
	a = open_content(w, false);
	assert_int_equal(a->persons_len, 0);
	assert_int_equal(a->more, 0);
	assert_memory_equal(w->last_ticket.corrections, nothing, sizeof nothing);
	assert_int_equal(a->final, 3); /* RXP-COR-017 */
	assert_int_equal(act(w, correction_id, "carry-out")->result, 0);
	assert_int_equal(journalled(w, "correction"), 1);
	a = open_content(w, false);
	len = a->persons_len;
	assert_true(len > 3 * strlen(BOX));
	assert_int_equal(a->final, 0);
	assert_int_equal(a->more, 1);
	assert_memory_not_equal(w->last_ticket.corrections, nothing, sizeof nothing);
	assert_int_equal(journalled(w, "blocked-read"), 0);
	a = open_content(
	    w, true); /* who decides on a dispute sees what is blocked, and not what is erased */
	assert_true(a->persons_len > 0 && a->persons_len < len);
	assert_int_equal(a->more, 1);
	assert_int_equal(journalled(w, "blocked-read"), 1);
	assert_int_equal(open_file(w, 1, false), RXP_ERR_NOT_FOUND); /* there is none */
	assert_int_equal(open_file(w, 2, false), RXP_ERR_STATE);
	assert_int_equal(open_file(w, 2, true), RXP_ERR_NOT_FOUND);
	/* Its value goes with the correction; what it took out stays out. */
	assert_int_equal(act(w, correction_id, "erase")->result, 0);
	a = open_content(w, false);
	assert_true(a->persons_len > 0 && a->persons_len < len);
	assert_int_equal(a->more, 1);
}

/* A value alone takes nothing out. */
static void test_shown_whole(void **state)
{
	static const struct asked one[] = {{"rectify", false, 0}};
	struct world *w = *state;
	const struct world_answer *a;

	begin(w, one, 1);
	assert_int_equal(act(w, correction_id, "carry-out")->result, 0);
	a = open_content(w, false);
	assert_true(a->persons_len > strlen(BOX));
	assert_int_equal(a->more, 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_fields),
	    WORLD_TEST(test_all),
	    WORLD_TEST(test_block_all),
	    WORLD_TEST(test_legal_hold),
	    WORLD_TEST(test_what_is_carried_out),
	    WORLD_TEST(test_our_own),
	    WORLD_TEST(test_shown),
	    WORLD_TEST(test_shown_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
