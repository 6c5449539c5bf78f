/*
 * Goals of what comes back to us under a seal of ours that was revoked since, with everything around the registry played:
 * - an answer and a document of ours under such a seal come back while their peer is held, and at no other time
 *   (RXP-RCV-013), if it is sure that something was lost; the hold waits for a person then (RXP-RCV-014);
 * - until a person lets it stand such an answer is none: it is not given, in no log, and sealed anew for nobody; one under a
 *   good seal takes its place; to its message, and to what is built on such a document, the answer is `busy` (RXP-RCV-014);
 *   what the person was not shown does not stand (RXP-RCV-016); what stands is an entry of no log that a receipt names.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_revoked_rig.h"

#include "daemon/registry/recovery/recovery.h"

/* --- our answers ---------------------------------------------------------------------------------- */

static void test_answer(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer f = revoked_receipt(&e);
	uint64_t count;

	brought(w, &f, HTTP_UNPROCESSABLE); /* it proves no loss */
	assert_false(peer_of(w)->recovering);
	assert_int_equal(peer_of(w)->log.count, 0);
	recovery_put_back(w);
	brought(w, &f, HTTP_LOST);
	assert_int_equal(recovery_of(w).answers, 1);
	assert_int_equal(recovery_of(w).unproved, 1);
	count = peer_of(w)->log.count;
	waits(w, &e);
	brought(w, &f, HTTP_LOST); /* the peer may ask as often as it likes */
	assert_int_equal(recovery_of(w).answers, 1);
	recovery_restart(w);
	waits(w, &e);
	assert_int_equal(peer_of(w)->log.count, count);
	stands(w, 1);
	assert_int_equal(peer_of(w)->log.count, count + 1);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	assert_int_equal(recovery_of(w).documents, 1);
	assert_int_equal(confirms(w, 0), 0);
	assert_int_equal(recovery_of(w).stage, RECOVERY_OVER);
	assert_false(peer_of(w)->recovering);
}

/* Also a final Refusal, which lacks nothing, and what its sender says of a message with such an answer. */
static void test_answer_kinds(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), v = world_envelope(5),
			     other = world_envelope(3);
	struct fake_answer f = revoked_receipt(&e);

	recovery_put_back(w);
	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + (uint32_t)RXP_REFUSAL_STATE;
	brought(w, &f, HTTP_LOST);
	waits(w, &e);
	other.fingerprint[0]++;
	other.salt += 7;
	waits(w, &other); /* what is proved of this message is for people to say */
	void_of(&v, &e);
	waits(w, &v);
	w->lapsed_seal = true;
	waits(w, &e);
	w->lapsed_seal = false;
	stands(w, 1);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY); /* no other since */
}

/* Whoever has the key may date it behind a receipt that names the log, or name that in it: when it stands it is an entry of no log that a
 * receipt has named before (RXP-RCV-014, RXP-EVI-033). */
static void stands_behind_receipt(struct world *w, bool receipted, bool refusal)
{
	struct fake_envelope e = world_envelope(3), before = world_envelope(4);
	struct fake_answer f = revoked_receipt(&e);
	struct rec_node_restored says;
	uint8_t log_id[RXP_ID_OCTETS];
	uint64_t count;

	recovery_put_back(w);
	world_until(w, &w->n_deliveries, 1);
	if (receipted)
		assert_int_equal(world_admit(w, &before)->http_status, HTTP_OK);
	if (refusal) {
		f.checked.kind = RXP_ANSWER_REFUSAL;
		f.checked.refusal = 1 + (uint32_t)RXP_REFUSAL_STATE;
	}
	f.checked.created_ms = f.checked.received_ms = clock_wall_ms();
	memcpy(f.checked.log_id, peer_of(w)->log_id, sizeof f.checked.log_id);
	brought(w, &f, HTTP_LOST);
	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	count = peer_of(w)->log.count;
	stands(w, 1);
	assert_int_equal(memcmp(log_id, peer_of(w)->log_id, sizeof log_id) != 0, receipted);
	assert_int_equal(peer_of(w)->log.count, receipted ? 1 : count + 1);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	if (!receipted)
		return;
	world_until(w, &w->n_deliveries, 2);
	says = recovery_said(&w->deliveries[1]);
	assert_memory_equal(says.log_id, log_id, sizeof log_id);
	assert_int_equal(says.count, count);
	recovery_restart(w);
	assert_int_equal(peer_of(w)->log.count, 1);
}

static void test_refusal_behind_receipt(void **state)
{
	stands_behind_receipt(*state, true, true);
}

static void test_receipt_behind_receipt(void **state)
{
	stands_behind_receipt(*state, true, false);
}

static void test_before_any_receipt(void **state)
{
	stands_behind_receipt(*state, false, true);
}

/* The same, or another one, under the seal in force. */
static void test_answer_proved(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), same = world_envelope(4);
	struct fake_answer f = revoked_receipt(&e), good = own_receipt(&e);
	uint64_t count;

	recovery_put_back(w);
	f.checked.received_ms -= 5000;
	f.checked.created_ms -= 5000;
	brought(w, &f, HTTP_LOST);
	f.checked.received_ms += 1000; /* another date */
	brought(w, &f, HTTP_UNPROCESSABLE);
	count = peer_of(w)->log.count;
	brought(w, &good, HTTP_LOST);
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_int_equal(peer_of(w)->log.count, count + 1);
	assert_memory_equal(world_admit(w, &e)->octets, &good, sizeof good);
	f = revoked_receipt(&same);
	brought(w, &f, HTTP_LOST);
	good = own_receipt(&same);
	good.checked.received_ms = f.checked.received_ms;
	good.checked.created_ms = f.checked.created_ms;
	brought(w, &good, HTTP_LOST);
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_memory_equal(world_admit(w, &same)->octets, &good, sizeof good);
}

/* What was answered here gets its answer, whatever is brought for another document under its id. */
static void test_answer_beside(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), same = again(&e), other = again(&same);
	struct fake_answer f;
	uint32_t len;

	len = (uint32_t)world_admit(w, &e)->len;
	recovery_put_back(w);
	other.fingerprint[0]++;
	f = revoked_receipt(&other);
	brought(w, &f, HTTP_LOST);
	assert_int_equal(recovery_of(w).unproved, 1);
	waits(w, &other);
	assert_int_equal(world_admit(w, &same)->http_status, HTTP_OK);
	assert_int_equal(world_admit(w, &same)->len, len);
}

/* All of our documents are back, and answers under such a seal may still come: the hold does not end before they do not. */
static void test_answer_late(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	struct fake_answer f;
	uint8_t request_id[16];

	w->has_revoked = true;
	recovery_put_back(w);
	recovery_receipt(w, 1);
	until_stage(w, RECOVERY_ASKED);
	recovery_receipt(w, 2);
	memcpy(request_id, w->deliveries[1].envelope.message_id, sizeof request_id);
	e = copy_of(60, request_id, 1, NULL);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	pump_for(w->loop, 100);
	assert_true(peer_of(w)->recovering);
	e = world_envelope(3);
	f = revoked_receipt(&e);
	brought(w, &f, HTTP_LOST);
	stands(w, 1);
	recovery_receipt(w, 3); /* of the notice that this log ended too */
	until_stage(w, RECOVERY_ASKED);
	recovery_receipt(w, 4);
	memcpy(request_id, w->deliveries[3].envelope.message_id, sizeof request_id);
	e = copy_of(61, request_id, 1, NULL);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
	until_stage(w, RECOVERY_OVER);
}

/* Of two made up ones to one message, and of one whose envelope was answered otherwise meanwhile. */
static void test_answer_made_up(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), true_one = world_envelope(4);
	struct fake_answer f;

	recovery_put_back(w);
	f = revoked_receipt(&true_one);
	memset(f.checked.message_id, 0x77, sizeof f.checked.message_id);
	brought(w, &f, HTTP_LOST);
	assert_int_equal(world_admit(w, &true_one)->http_status, HTTP_OK);
	f = revoked_receipt(&e);
	brought(w, &f, HTTP_LOST);
	stands(w, 2);
	assert_int_equal(peer_of(w)->log.count, 1); /* of a log that began with it */
	assert_int_equal(world_admit(w, &true_one)->http_status, HTTP_OK);
}

/* Held, because the log of the peer names what this node does not know: that is the peer's word alone. */
static void test_answer_unsure(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer good = own_receipt(&e), f;
	uint8_t id[16];

	world_ping(w, id);
	recovery_receipt(w, 1); /* there is a past with this peer */
	recovery_suspect(w->assembly->recovery, peer_of(w));
	pump_while(w->loop, !peer_of(w)->recovering);
	assert_true(peer_of(w)->recovering);
	e = world_envelope(4);
	f = revoked_receipt(&e);
	brought(w, &f, HTTP_UNPROCESSABLE);
	assert_int_equal(recovery_of(w).answers, 0);
	brought(w, &good, HTTP_LOST); /* under the seal in force: something was lost */
	brought(w, &f, HTTP_LOST);
	assert_int_equal(recovery_of(w).answers, 2);
	assert_int_equal(recovery_of(w).unproved, 1);
	waits(w, &e);
}

/* --- our documents -------------------------------------------------------------------------------- */

/* A Receipt that is older than the revocation proves nothing either: the peer may have the key. */
static void test_document(void **state)
{
	struct world *w = *state;
	struct fake_envelope reply;

	one_copy(w, 1, clock_wall_ms() - LOST_MS);
	receipted_at(w, 3, history_back.revoked_ms - 1);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	/* Something came since it was asked for: it is asked for once more. */
	world_until(w, &w->n_deliveries, 4);
	assert_int_equal(recovery_of(w).unproved, 1);
	assert_true(peer_of(w)->recovering);
	/* The peer builds on it. */
	reply = case_document(
	    70, other_case, REPLY, 1, case_facts("accept", 1, 1, history_back.of[0].fingerprint));
	case_seen(&reply, &history_back.of[0]);
	waits(w, &reply);
	stands(w, 1);
	assert_int_equal(world_admit(w, &reply)->http_status, HTTP_OK);
	/* It is asked for once more, when what waited for it has had time to come; a start after it knows that too. */
	recovery_restart(w);
	recovery_receipt(w, 1);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	world_until(w, &w->n_deliveries, 2);
	assert_true(peer_of(w)->recovering);
	assert_int_equal(recovery_of(w).unproved, 0);
}

/* Asked for by a person while nothing is held: whoever has the key could begin a case of ours so. */
static void test_document_unheld(void **state)
{
	struct world *w = *state;
	struct msg_history_ask ask = {.user = "operator", .peer = PEER};
	const struct msg_history_list list = {.unused = 0};
	struct fake_envelope e;
	uint8_t request_id[16];
	struct rec_history_row r;
	struct record_cursor c;
	struct bytes fields;
	const struct world_answer *a;
	uint16_t tag;

	w->other = history_restore;
	assert_int_equal(world_ask(w, IPC_history_ask, &ask)->result, 0);
	recovery_receipt(w, 1);
	memcpy(request_id, w->deliveries[0].envelope.message_id, sizeof request_id);
	lose();
	history_back.revoked_ms = clock_wall_ms();
	e = copy_of(60, request_id, 1, &history_back.of[0]);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	pump_for(w->loop, 100);
	a = world_ask(w, IPC_history_list, &list);
	c = (struct record_cursor){a->octets, a->len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&r, &record_history_row, fields.data, fields.len), 0);
	assert_int_equal(r.spoilt, 1);
	assert_int_equal(r.taken, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, recovery_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_answer),
	    TEST(test_answer_kinds),
	    TEST(test_refusal_behind_receipt),
	    TEST(test_receipt_behind_receipt),
	    TEST(test_before_any_receipt),
	    TEST(test_answer_proved),
	    TEST(test_answer_beside),
	    TEST(test_answer_late),
	    TEST(test_answer_made_up),
	    TEST(test_answer_unsure),
	    TEST(test_document),
	    TEST(test_document_unheld),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
