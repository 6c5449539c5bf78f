/*
 * Goals of what comes back to a node that lost it, with everything around the registry played (spec/rxp-1.md section 44):
 * - an answer of ours that comes back is stored at its time and in its octets, begins the same if nobody knew, and is asked
 *   for no twice, nor under another seal (RXP-DSC-035); one that was given since shows that more is lost (RXP-RCV-021); one to another party, one that was not final, another one to the
 *   same document are not taken (RXP-RCV-004);
 * - the message under it is received at that time and gets those octets, though it expired; before its place is there it
 *   waits, and is not refused, and what waits of one peer holds up no other (RXP-RCV-005).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_recovery_rig.h"

#include "daemon/base/clock.h"
#include "daemon/registry/out/returned.h"
#include "daemon/registry/recovery/loss.h"
#include "daemon/registry/recovery/tray.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_tray.h"

static void test_answer_came_back(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer f = own_receipt(&e);
	const struct world_answer *a;
	uint8_t log_id[RXP_ID_OCTETS];

	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	e.expires_ms = clock_wall_ms() - 1; /* long since, but not when it was received */
	f = own_receipt(&e);
	brought(w, &f, HTTP_LOST);
	assert_true(peer_of(w)->recovering);
	assert_memory_not_equal(peer_of(w)->log_id, log_id, sizeof log_id);
	assert_int_equal(peer_of(w)->log.count, 1);
	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	brought(w, &f, HTTP_LOST); /* the message is not back */
	assert_int_equal(peer_of(w)->log.count, 1);
	a = world_admit(w, &e);
	assert_int_equal(a->http_status, HTTP_OK);
	assert_int_equal(a->len, sizeof f);
	assert_memory_equal(a->octets, &f, sizeof f);
	assert_int_equal(w->sealed, 0); /* it needs no other answer */
	brought(w, &f, HTTP_NOTHING);
	assert_memory_equal(peer_of(w)->log_id, log_id, sizeof log_id);
	a = world_admit(w, &e);
	assert_memory_equal(a->octets, &f, sizeof f);
	recovery_restart(w);
	a = world_admit(w, &e);
	assert_memory_equal(a->octets, &f, sizeof f);
}

/* RXP-RCV-021: a receipt that names the log which began with the loss, and is not known, was lost since; one of another log, or
 * that is known, was not. */
static void test_lost_since(void **state)
{
	struct world *w = *state;
	struct fake_envelope e[3];
	struct fake_answer f[3];
	uint8_t log_id[RXP_ID_OCTETS];

	for (uint8_t i = 0; i < 3; i++) {
		e[i] = world_envelope(3 + i);
		f[i] = own_receipt(&e[i]);
	}
	brought(w, &f[0], HTTP_LOST);
	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	memset(f[1].checked.log_id, 0x44, sizeof f[1].checked.log_id);
	brought(w, &f[1], HTTP_LOST);
	assert_memory_equal(peer_of(w)->log_id, log_id, sizeof log_id);
	assert_int_equal(peer_of(w)->log.count, 2);
	memcpy(f[2].checked.log_id, log_id, sizeof log_id);
	brought(w, &f[2], HTTP_LOST);
	assert_memory_not_equal(peer_of(w)->log_id, log_id, sizeof log_id);
	assert_int_equal(peer_of(w)->log.count, 1);
	assert_int_equal(recovery_of(w).stage, RECOVERY_TOLD);
	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	brought(w, &f[2], HTTP_LOST);
	assert_memory_equal(peer_of(w)->log_id, log_id, sizeof log_id);
}

/* Another document of the peer, and a refusal of ours for it, made at that time. */
static struct fake_answer own_refusal(uint8_t id, int64_t created_ms)
{
	struct fake_envelope e = world_envelope(id);
	struct fake_answer f = own_receipt(&e);

	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + RXP_REFUSAL_STATE;
	f.checked.created_ms = created_ms;
	return f;
}

/* It comes back, and another log begins, or none. */
static void refused(struct world *w, const struct fake_answer *f, bool another)
{
	uint64_t count = peer_of(w)->log.count;
	uint8_t log_id[RXP_ID_OCTETS];

	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	brought(w, f, HTTP_LOST);
	assert_int_equal(memcmp(peer_of(w)->log_id, log_id, sizeof log_id) != 0, another);
	assert_int_equal(peer_of(w)->log.count, another ? 1 : count + 1);
	assert_int_equal(recovery_of(w).stage, RECOVERY_TOLD);
	brought(w, f, HTTP_NOTHING);
}

/* The same of a refusal, which names no log: while no receipt names the log that began with the loss no date makes one of it, and then
 * one that is not of before that receipt may be (RXP-EVI-033). */
static void test_refused_since(void **state)
{
	struct world *w = *state;
	struct fake_envelope named = world_envelope(3);
	int64_t now_ms = clock_wall_ms(), ahead_ms = now_ms + 86400000;
	struct fake_answer f[5];

	for (uint8_t i = 0; i < 5; i++)
		f[i] = own_refusal(4 + i, i == 2 ? now_ms - 1 : ahead_ms);
	refused(w, &f[0], true);
	refused(w, &f[1], false);
	assert_int_equal(world_admit(w, &named)->http_status, HTTP_OK);
	refused(w, &f[2], false);
	refused(w, &f[3], true);
	refused(w, &f[4], false);
}

/* The database may be older since each start: then one that is not known may be of the log that there is, and its date, which a clock
 * that went back gave it, says nothing. The next one is not. */
static void test_refused_before_a_start(void **state)
{
	struct world *w = *state;
	struct fake_answer f[4];

	for (uint8_t i = 0; i < 4; i++)
		f[i] = own_refusal(3 + i, clock_wall_ms() - 86400000);
	refused(w, &f[0], true);
	refused(w, &f[1], false);
	recovery_restart(w);
	refused(w, &f[2], true);
	refused(w, &f[3], false);
}

static unsigned former_logs(struct world *w)
{
	struct store_log_of former = {.peer = PEER};
	uint8_t head[RXP_DIGEST_OCTETS];
	unsigned logs = 0;
	uint64_t n;

	while (store_log_former(db_of(w), &former, &n, head) == 0)
		logs++;
	return logs;
}

/* What was told of those that were taken, and whether in one commit. */
struct at_once {
	const struct store *store;
	unsigned taken;
	uint64_t commits[2];
};

static void taken_at_once(void *arg, int result)
{
	struct at_once *at = arg;

	assert_int_equal(result, RETURNED_LOST);
	at->commits[at->taken++] = store_counts(at->store).commits;
}

/* Two in one commit of which each alone would end the log: it ends once. */
static void test_refused_at_once(void **state)
{
	struct world *w = *state;
	struct at_once at = {.taken = 0};
	struct fake_answer f[3];

	for (uint8_t i = 0; i < 3; i++) {
		f[i] = own_refusal(3 + i, clock_wall_ms());
		f[i].checked.flags = (struct bytes){(const uint8_t *)f[i].flags, 0};
	}
	refused(w, &f[0], true);
	assert_int_equal(former_logs(w), 1);
	recovery_restart(w);
	at.store = w->assembly->node.store;
	for (unsigned i = 1; i < 3; i++)
		came_back_take(&w->assembly->came_back, PEER,
		    (struct bytes){(const uint8_t *)&f[i], sizeof f[i]}, &f[i].checked,
		    taken_at_once, &at);
	world_until(w, &at.taken, 2);
	assert_int_equal(at.commits[0], at.commits[1]);
	assert_int_equal(peer_of(w)->log.count, 2);
	assert_int_equal(former_logs(w), 2);
}

/* The log that a loss ended is found again, however close another loss is. */
static void test_losses_within_a_millisecond(void **state)
{
	struct world *w = *state;
	int64_t now_ms = clock_wall_ms();

	for (unsigned i = 0; i < 8; i++) {
		struct store_log_of ended = {.peer = PEER};
		uint8_t log_id[RXP_ID_OCTETS], head[RXP_DIGEST_OCTETS];
		struct loss loss;
		uint64_t n;

		memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
		assert_int_equal(loss_begin_anew(&loss, db_of(w), &w->assembly->node, peer_of(w),
				     RECOVERY_WHY_RECEIPT, now_ms),
		    0);
		loss_begun(&loss, peer_of(w));
		assert_int_equal(
		    store_log_ended(db_of(w), &ended, &n, head, recovery_of(w).began_ms), 0);
		assert_memory_equal(ended.log_id, log_id, sizeof log_id);
	}
}

/* Two that name the log which was lost, in one commit: it ends once, and is said to have ended where it did. */
static void test_at_once(void **state)
{
	struct world *w = *state;
	struct fake_answer f[2];
	struct rec_node_restored says;
	uint8_t log_id[RXP_ID_OCTETS];

	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	for (uint8_t i = 0; i < 2; i++) {
		struct fake_envelope e = world_envelope(3 + i);

		f[i] = own_receipt(&e);
		memcpy(f[i].checked.log_id, log_id, sizeof log_id);
		brings(w, &f[i]);
	}
	world_until(w, &told.returns, 2);
	assert_int_equal(told.return_status, HTTP_LOST);
	assert_int_equal(peer_of(w)->log.count, 2);
	world_until(w, &w->n_deliveries, 1);
	says = recovery_said(&w->deliveries[0]);
	assert_memory_equal(says.log_id, log_id, sizeof log_id);
	assert_int_equal(says.count, 0);
}

/* Each differs in one thing from the first, which is taken. */
static void test_answers_not_taken(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer good = own_receipt(&e), f = good;

	memcpy(f.checked.to, CASE_OTHER, sizeof f.checked.to);
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.checked.has_fingerprint = 0;
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + RXP_REFUSAL_GAP;
	f.checked.final = 0;
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.result = (uint32_t)RXP_ERR_SIGNER; /* edited, or under another seal */
	brought(w, &f, HTTP_UNPROCESSABLE);
	assert_false(peer_of(w)->recovering);
	assert_int_equal(peer_of(w)->log.count, 0);
	brought(w, &good, HTTP_LOST);
	f = good;
	f.checked.received_ms++;
	brought(w, &f, HTTP_UNPROCESSABLE); /* another one stands */
	assert_int_equal(peer_of(w)->log.count, 1);
}

/* The same under another seal is no other answer (RXP-DSC-035); one that says another thing is. */
static void test_another_seal(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer good = own_receipt(&e), f;

	snprintf(good.flags, sizeof good.flags, "%s", rxp_flag_word(RXP_FLAG_PENDING));
	brought(w, &good, HTTP_LOST);
	assert_memory_equal(world_admit(w, &e)->octets, &good, sizeof good);
	f = good;
	f.words[0] = 's'; /* in other octets */
	brought(w, &f, HTTP_NOTHING);
	assert_memory_equal(world_admit(w, &e)->octets, &good, sizeof good);
	f = good;
	f.flags[0] = '\0';
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.checked.envelope_digest[0]++;
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + RXP_REFUSAL_STATE;
	brought(w, &f, HTTP_UNPROCESSABLE);
	assert_int_equal(peer_of(w)->log.count, 1);
}

/* A final refusal lacks nothing: it is there at once. */
static void test_refusal_came_back(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(4);
	struct fake_answer f = own_refusal(4, clock_wall_ms() - LOST_MS);
	const struct world_answer *a;

	brought(w, &f, HTTP_LOST);
	brought(w, &f, HTTP_NOTHING);
	a = world_admit(w, &e);
	assert_int_equal(a->http_status, 409);
	assert_memory_equal(a->octets, &f, sizeof f);
	assert_int_equal(w->opened, 0);
}

/* The second document of a case before the first: it waits, and is placed when the first is there. */
static void test_waits_for_its_place(void **state)
{
	struct world *w = *state;
	struct fake_envelope first = case_document(
				 5, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL)),
			     second = case_document(
				 6, their_case, WITHDRAWAL, 2, case_facts("withdraw", 1, 1, NULL));
	struct fake_answer r1 = own_receipt(&first), r2;
	struct shown s;

	world_until(w, &w->log_fetches, 1); /* its tray had the turn of this minute */
	case_previous(&second, &first);
	r2 = own_receipt(&second);
	brought(w, &r1, HTTP_LOST);
	brought(w, &r2, HTTP_LOST);
	assert_memory_equal(world_admit(w, &second)->octets, &r2, sizeof r2);
	/* Once more at once, since the first may have come while this one was judged; then not before something comes. */
	world_until(w, &w->opened, 2);
	pump_for(w->loop, 100);
	assert_int_equal(w->opened, 2);
	assert_int_equal(recovery_of(w).waiting, 1);
	assert_int_equal(recovery_of(w).documents, 0);
	recovery_restart(w);
	assert_memory_equal(world_admit(w, &first)->octets, &r1, sizeof r1);
	pump_while(w->loop, recovery_of(w).waiting > 0);
	assert_int_equal(recovery_of(w).waiting, 0);
	assert_int_equal(recovery_of(w).documents, 2);
	case_show(w, their_case, &s);
	assert_int_equal(s.row.documents, 2);
	assert_int_equal(w->sealed, 0);
}

/* What finds no place, of a peer with which something was lost. */
static void keep_waiting(struct world *w, const char *party)
{
	static const uint8_t key_id[RXP_DIGEST_OCTETS] = {1}; /* the first that was made */
	struct store_recovery r = {.why = RECOVERY_WHY_RECEIPT, .stage = RECOVERY_OVER};
	static const uint8_t id[RXP_ID_OCTETS] = {7}, octet[1];
	const struct store_trayed t = {.peer = party,
	    .message_id = id,
	    .case_id = id,
	    .envelope = {octet, 1},
	    .key_id = key_id};

	snprintf(r.peer, sizeof r.peer, "%s", party);
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
	assert_int_equal(store_tray_put(db_of(w), &t), 0);
	assert_int_equal(store_tray_tried(db_of(w), party, id, 0), 0);
	assert_int_equal(store_tray_rests(db_of(w), party, id), 0);
}

/* Is what waits of the peer due? It is not any more then. */
static bool was_due(struct world *w, const char *party)
{
	uint8_t id[RXP_ID_OCTETS];
	struct rxp_buf envelope;
	int rc;

	rxp_buf_init(&envelope, 1);
	rc = store_tray_next(db_of(w), id, &envelope, party);
	rxp_buf_free(&envelope);
	if (rc != 0)
		return false;
	assert_int_equal(store_tray_tried(db_of(w), party, id, clock_wall_ms()), 0);
	assert_int_equal(store_tray_rests(db_of(w), party, id), 0);
	return true;
}

/* What has rested long enough is due, of whatever peer, and then rests again (RXP-RET-023). */
static void test_turns(void **state)
{
	struct world *w = *state;
	struct tray *tray = NULL;
	int64_t minute = 60000;

	world_until(w, &w->log_fetches, 1); /* its own tray had its turn */
	recovery_beside(w);
	keep_waiting(w, CASE_OTHER);
	keep_waiting(w, PEER);
	assert_int_equal(
	    tray_new(&tray, &w->assembly->node, w->assembly->peers, w->assembly->admit), 0);
	for (unsigned i = 0; i < 2; i++) {
		tray_tick(tray, (i + 1) * minute);
		pump_for(w->loop, 20);
		assert_int_equal(was_due(w, CASE_OTHER), i == 0);
		assert_int_equal(was_due(w, PEER), i == 0);
	}
	tray_free(tray);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, recovery_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_answer_came_back),
	    TEST(test_lost_since),
	    TEST(test_refused_since),
	    TEST(test_refused_before_a_start),
	    TEST(test_refused_at_once),
	    TEST(test_losses_within_a_millisecond),
	    TEST(test_at_once),
	    TEST(test_answers_not_taken),
	    TEST(test_another_seal),
	    TEST(test_refusal_came_back),
	    TEST(test_waits_for_its_place),
	    TEST(test_turns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
