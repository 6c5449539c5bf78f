/*
 * Goal of this test: what came back while its seal was in force, and since which that is revoked, is unproved from the start on that
 * knows it, and named, until a person lets it stand or a seal in force proves it (RXP-RCV-018), with everything around the registry
 * played.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_revoked_rig.h"

#include "daemon/registry/recovery/recovery.h"

static const uint8_t SEAL[RXP_DIGEST_OCTETS] = {0x5e}, OTHER_SEAL[RXP_DIGEST_OCTETS] = {0x5f};

/* From this start on that seal is revoked since then. */
static void revoked_since(struct world *w, const uint8_t *seal, int64_t since_ms)
{
	static struct rxp_buf rows;
	struct rec_own_revoked r = {.since_ms = since_ms};

	rxp_buf_free(&rows);
	rxp_buf_init(&rows, 256);
	memcpy(r.seal, seal, sizeof r.seal);
	assert_int_equal(record_list_put(&rows, REC_own_revoked, &record_own_revoked, &r), 0);
	w->revoked = (struct bytes){rows.data, rows.len};
	recovery_restart(w);
	w->revoked = (struct bytes){NULL, 0};
	rxp_buf_free(&rows);
}

/* The only one that is listed. */
static void named(struct world *w, const char *what, const uint8_t *message_id, const char *proof)
{
	const struct msg_unproved_list list = {.peer = PEER};
	const struct world_answer *a = world_ask(w, IPC_unproved_list, &list);
	struct record_cursor c = {a->octets, a->len};
	struct rec_unproved_row r;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&r, &record_unproved_row, fields.data, fields.len), 0);
	assert_string_equal(r.what, what);
	assert_memory_equal(r.message_id, message_id, sizeof r.message_id);
	assert_string_equal(r.proof, proof);
	assert_int_equal(record_list_next(&c, &tag, &fields), 0);
}

/* An answer is back under SEAL, its message is here, and the hold is over. */
static struct fake_answer back_and_over(struct world *w, const struct fake_envelope *e)
{
	struct fake_answer f = own_receipt(e);

	memcpy(f.checked.seal, SEAL, sizeof f.checked.seal);
	recovery_put_back(w);
	brought(w, &f, HTTP_LOST);
	assert_memory_equal(world_admit(w, e)->octets, &f, sizeof f);
	assert_int_equal(confirms(w, 0), 0);
	assert_false(peer_of(w)->recovering);
	return f;
}

static void test_revoked_later(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), same = again(&e), after = world_envelope(4);
	int64_t before = clock_wall_ms();
	struct fake_answer f = back_and_over(w, &e);
	uint64_t count = peer_of(w)->log.count;

	revoked_since(w, SEAL, clock_wall_ms() + 1); /* what came before that was made before it */
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	revoked_since(w, SEAL, before);
	assert_int_equal(recovery_of(w).unproved, 1);
	assert_int_equal(recovery_of(w).stage, RECOVERY_STUCK);
	assert_true(peer_of(w)->recovering);
	named(w, "answer", e.message_id, "log");
	waits(w, &e);
	waits(w, &same);
	assert_int_equal(world_admit(w, &after)->http_status, HTTP_OK); /* of no case */
	assert_int_equal(peer_of(w)->log.count, count + 1);
	revoked_since(w, SEAL, before); /* the next start finds nothing new */
	stands(w, 1);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	revoked_since(w, SEAL, before); /* and a person is asked once */
	assert_int_equal(recovery_of(w).unproved, 0);
}

/* All of our documents are asked for, as the n-th delivery, and there are none. */
static void asked_in_vain(struct world *w, unsigned n, uint8_t id)
{
	struct fake_envelope e;
	uint8_t request_id[16];

	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
	recovery_receipt(w, n);
	memcpy(request_id, w->deliveries[n - 1].envelope.message_id, sizeof request_id);
	e = copy_of(id, request_id, 1, NULL);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
}

/* The same answer under a seal in force proves it, and the hold ends by itself; under the revoked one it says nothing new.
 * Also the seal that proved it may be revoked later. */
static void test_revoked_later_proved(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	int64_t before = clock_wall_ms();
	struct fake_answer f = back_and_over(w, &e), good = f;

	revoked_since(w, SEAL, before);
	f.checked.revoked_ms = before;
	brought(w, &f, HTTP_NOTHING);
	assert_int_equal(recovery_of(w).unproved, 1);
	memcpy(good.checked.seal, OTHER_SEAL, sizeof good.checked.seal);
	recovery_receipt(w, 1); /* the notice */
	asked_in_vain(w, 2, 60);
	until_stage(w, RECOVERY_STUCK);
	brought(w, &good, HTTP_NOTHING);
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	asked_in_vain(w, 3, 61);
	until_stage(w, RECOVERY_OVER);
	revoked_since(w, OTHER_SEAL, before);
	assert_int_equal(recovery_of(w).unproved, 1);
	waits(w, &e);
}

/* Also in the hold of another loss, in which nothing came back. */
static void test_proved_in_another(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	int64_t before = clock_wall_ms();
	struct fake_answer f = back_and_over(w, &e);

	recovery_put_back(w);
	revoked_since(w, SEAL, before);
	assert_int_equal(recovery_of(w).unproved, 1);
	recovery_receipt(w, 2); /* the notice of this loss, behind that of the first */
	asked_in_vain(w, 3, 60);
	until_stage(w, RECOVERY_STUCK);
	assert_int_equal(recovery_of(w).answers, 0);
	memcpy(f.checked.seal, OTHER_SEAL, sizeof f.checked.seal);
	brought(w, &f, HTTP_NOTHING);
	assert_int_equal(recovery_of(w).unproved, 0);
	asked_in_vain(w, 4, 61);
	until_stage(w, RECOVERY_OVER);
}

/* The peer had refused what was said of the loss, and a person has ended that hold: in this one nothing is disputed. */
static void test_revoked_later_disputed(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	int64_t before = clock_wall_ms();
	struct fake_answer f = own_receipt(&e), refusal;

	memcpy(f.checked.seal, SEAL, sizeof f.checked.seal);
	recovery_put_back(w);
	brought(w, &f, HTTP_LOST);
	world_until(w, &w->n_deliveries, 1);
	refusal = world_refusal(&w->deliveries[0], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[0], 409, &refusal);
	until_stage(w, RECOVERY_STUCK);
	assert_true(recovery_of(w).disputed);
	assert_int_equal(confirms(w, 0), 0);
	revoked_since(w, SEAL, before);
	assert_int_equal(recovery_of(w).stage, RECOVERY_STUCK);
	assert_int_equal(recovery_of(w).unproved, 1);
	assert_false(recovery_of(w).disputed);
}

static void test_document_revoked_later(void **state)
{
	struct world *w = *state;
	struct fake_envelope reply;
	int64_t before = clock_wall_ms();

	memcpy(history_back.seal, SEAL, sizeof history_back.seal);
	one_copy(w, 1, 0);
	receipted_at(w, 3, clock_wall_ms() - LOST_MS);
	world_until_delivered(w, history_back.of[0].message_id);
	until_stage(w, RECOVERY_OVER);
	assert_int_equal(recovery_of(w).unproved, 0);
	revoked_since(w, SEAL, before);
	w->other = history_restore;
	assert_int_equal(recovery_of(w).unproved, 1);
	named(w, "document", history_back.of[0].message_id, "receipt");
	reply = case_document(
	    70, other_case, REPLY, 1, case_facts("accept", 1, 1, history_back.of[0].fingerprint));
	case_seen(&reply, &history_back.of[0]);
	waits(w, &reply);
	stands(w, 1);
	assert_int_equal(world_admit(w, &reply)->http_status, HTTP_OK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, recovery_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_revoked_later),
	    TEST(test_revoked_later_proved),
	    TEST(test_proved_in_another),
	    TEST(test_revoked_later_disputed),
	    TEST(test_document_revoked_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
