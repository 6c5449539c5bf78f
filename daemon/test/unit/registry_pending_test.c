/*
 * Goals of documents that come before their attachments, with everything around the registry played:
 * - under a profile that lets them, a peer's document is receipted without its files, and under any other refused
 *   (RXP-ATT-014); one whose file is another document's, or comes twice, is refused for good (RXP-ATT-035);
 * - the files follow, in parts and across a restart; with the last the peer is told, once, and not before
 *   (RXP-ATT-016);
 * - when the peer has receipted that, the attachments count as received at CompleteAt (RXP-CLK-050);
 * - a file of another length than the document says is not taken for it (RXP-ATT-008).
 * That our own go first is scenario/57-clocks.sh's.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_file_rig.h"
#include "daemon/test/unit/registry_terms_rig.h"

#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_pending.h"

#define RECEIVED "AttachmentsReceived"

/* The peer's application with these files; the status of the answer. */
static uint32_t receive(struct world *w, uint8_t number, const struct sample *s, size_t n)
{
	static uint8_t rows[WORLD_ANSWER_MAX];
	uint8_t case_id[16] = {number, 2, 3, 4, 5, 6, 0x47, 8, 0x89};
	struct fake_envelope e =
	    case_document(number, case_id, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	uint32_t status;

	w->attachments = (struct bytes){rows, rig_name(rows, sizeof rows, s, n)};
	status = world_admit(w, &e)->http_status;
	w->attachments = (struct bytes){.len = 0};
	return status;
}

/* The profile as the agreement has it, with this word for what may follow. */
static void agree(struct world *w, enum rxp_word pending)
{
	void (*const files)(struct world *, struct link *, const struct link_message *) = w->other;
	struct rxp_profile p = terms_rig_profile();

	p.attachments.pending = pending;
	w->takes_all = true;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, &p);
	w->other = files; /* the profile's rig has answered what it is asked */
}

static void received(struct world *w, struct rec_message_row *row)
{
	static const struct msg_list m = {.list = "inbox"};
	const struct world_answer *a = world_ask(w, IPC_list, &m);
	struct record_cursor c = {a->octets, a->len};
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(row, &record_message_row, fields.data, fields.len), 0);
}

static void pending_of(struct world *w, struct store_pending *p)
{
	struct rec_message_row row;

	received(w, &row);
	assert_int_equal(store_pending_get(store_db(w->assembly->node.store), p, row.local_id), 0);
}

/* The officer who asks for a file that is not there is told why. */
static void not_there(struct world *w, uint32_t number, const char *why)
{
	struct msg_attachment_get m = {.user = "officer", .reason = "case-work", .number = number};
	const struct world_answer *a;
	struct rec_message_row row;

	received(w, &row);
	memcpy(m.local_id, row.local_id, sizeof m.local_id);
	a = world_ask(w, IPC_attachment_get, &m);
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	assert_string_equal(a->words, why);
}

static void nothing_is_said(struct world *w)
{
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->n_deliveries, 0);
}

static void test_files_follow(void **state)
{
	struct world *w = *state;
	struct sample s[2] = {rig_sample("portrait"), rig_sample("passport")};
	struct fake_answer receipt;
	struct store_pending p;

	agree(w, RXP_PENDING_CLOCK_WAITS);
	assert_int_equal(receive(w, 1, s, 2), 200);
	assert_string_equal(w->last_flags, "pending");
	rig_bring(w, &s[0]);
	rig_put(w, &s[1], 0);
	rig_write_part(&s[1], 0, 5);
	rig_end_put(w, &s[1], 5);
	nothing_is_said(w);
	not_there(w, 2, "the files follow the document, and this one has not come yet");
	pending_of(w, &p);
	assert_false(p.own);
	assert_true(p.complete_ms == 0);
	rig_restart(w);
	rig_put(w, &s[1], 5);
	rig_write_part(&s[1], 5, s[1].total);
	rig_end_put(w, &s[1], s[1].total);
	world_delivered(w, 1);
	not_there(w, 3, "");
	assert_string_equal(w->last_close.type, RECEIVED);
	pending_of(w, &p);
	assert_true(p.complete_ms != 0 && p.received_ms == 0);
	receipt = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &receipt);
	for (int64_t end = clock_mono_ms() + PUMP_MAX_MS;
	     p.received_ms == 0 && clock_mono_ms() < end;) {
		pump_for(w->loop, 1);
		pending_of(w, &p);
	}
	assert_true(p.received_ms != 0);
	assert_int_equal(w->n_deliveries, 1);
}

static void test_refused_otherwise(void **state)
{
	struct world *w = *state;
	struct sample s[2] = {rig_sample("portrait"), rig_sample("passport")};

	agree(w, RXP_PENDING_REFUSED);
	assert_int_equal(receive(w, 1, s, 2), 409);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_ATTACHMENT);
	rig_bring(w, &s[0]);
	rig_bring(w, &s[1]);
	assert_int_equal(receive(w, 1, s, 2), 200);
	assert_string_equal(w->last_flags, "");
	nothing_is_said(w);
}

static void test_what_may_not_follow(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), twice[2] = {s, s};

	agree(w, RXP_PENDING_CLOCK_RUNS);
	assert_int_equal(receive(w, 1, twice, 2), 422);
	assert_string_equal(w->last_seal.requirement, "RXP-ATT-035");
	assert_int_equal(receive(w, 2, &s, 1), 200);
	assert_int_equal(receive(w, 3, &s, 1), 422); /* another document awaits it */
	assert_string_equal(w->last_seal.requirement, "RXP-ATT-035");
	rig_bring(w, &s);
	world_delivered(w, 1);
	assert_int_equal(receive(w, 4, &s, 1), 422); /* and has it */
}

static void test_of_another_length(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), said = s;

	agree(w, RXP_PENDING_CLOCK_WAITS);
	said.length++;
	said.total++;
	assert_int_equal(receive(w, 1, &said, 1), 200);
	rig_bring(w, &s);
	nothing_is_said(w);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_files_follow),
	    TEST(test_refused_otherwise),
	    TEST(test_what_may_not_follow),
	    TEST(test_of_another_length),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
