/*
 * Goal of this test: what stands at a node is named in its status, each alarm of the table, of the peer of which it is, and not
 * before; what is an error is counted there besides. Those that need more than a row or a word in memory are named in tests of
 * their own: `store` in registry_in_test, `boxes-damaged` in registry_rewrap_test, `overdue` in registry_clock_test.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_file_rig.h"
#include "daemon/test/unit/registry_recovery_rig.h"

#include <inttypes.h>

#include "daemon/base/alarm.h"
#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_left.h"
#include "daemon/registry/store/store_unproved.h"

#define LEAST_FREE 1 /* octets */

/* Of the figure, or -1. */
static int64_t figure(struct world *w, const char *metric, const char *label)
{
	const struct world_answer *a = world_ask(w, IPC_status, &(struct msg_status){0});
	struct record_cursor c = {.at = a->octets, .left = a->len};
	struct rec_metric_row row;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_metric_row, fields.data, fields.len), 0);
		if (strcmp(row.metric, metric) == 0 && strcmp(row.label, label) == 0)
			return row.value;
	}
	return -1;
}

static int64_t alarm_of(struct world *w, enum alarm a, const char *party)
{
	char label[RECORD_NAME_MAX];

	snprintf(label, sizeof label, party != NULL ? "alarm=%s,peer=%s" : "alarm=%s",
	    alarm_words(a).word, party);
	return figure(w, "alarms", label);
}

static void refused(struct world *w, uint8_t id[RXP_ID_OCTETS])
{
	struct rec_message_row row;
	unsigned n = w->n_deliveries;
	struct fake_answer a;

	world_ping(w, id);
	world_until(w, &w->n_deliveries, n + 1);
	a = world_refusal(&w->deliveries[n], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[n], 409, &a);
	world_until_state(w, id, "refused", &row);
}

/* Answers that lead nowhere, as many as park a message. */
static void struck(struct world *w)
{
	for (unsigned n = 1; n <= REGISTRY_STRIKES_MAX; n++)
		recovery_unopenable(w, n);
}

static void parked(struct world *w, uint8_t id[RXP_ID_OCTETS])
{
	struct rec_message_row row;

	world_ping(w, id);
	struck(w);
	world_until_state(w, id, "parked", &row);
}

static struct store_recovery held(enum recovery_stage stage)
{
	return (struct store_recovery){
	    .peer = PEER, .why = RECOVERY_WHY_PERSON, .stage = stage, .began_ms = 1};
}

/* Nobody works with it any more: only what is stored counts. */
static void put_held(struct world *w, const struct store_recovery *r)
{
	assert_int_equal(store_recovery_put(db_of(w), r), 0);
}

/* Let it stand; false: in a test of its own. */
static bool let_stand(struct world *w, enum alarm a)
{
	struct store_recovery r = held(RECOVERY_OVER);
	struct store_asked asked = {.peer = PEER, .ended_ms = 1};
	static const uint8_t some[RXP_DIGEST_OCTETS] = {7};
	const struct store_back_row back = {.peer = PEER,
	    .own = true,
	    .message_id = some,
	    .fingerprint = some,
	    .seal = some,
	    .unproved = true};
	const struct store_left behind = {.peer = PEER, .case_id = their_case, .seen = some};
	struct peer *peer = peer_of(w);
	uint8_t id[RXP_ID_OCTETS];

	switch (a) {
	case ALARM_SEAL_KEY:
		w->assembly->node.seal = TOKEN_ABSENT;
		break;
	case ALARM_LOGS_DIFFER:
		peer->differences = 2;
		break;
	case ALARM_LOSS_STUCK:
		r = held(RECOVERY_STUCK);
		put_held(w, &r);
		break;
	case ALARM_LOSS_HELD:
		r = held(RECOVERY_ASKED);
		put_held(w, &r);
		break;
	case ALARM_LOSS_DOUBTED:
		peer->loss_doubted = true;
		peer->differences = 1;
		break;
	case ALARM_LOSS_DISPUTED:
		refused(w, id);
		r = held(RECOVERY_STUCK);
		memcpy(r.notice, id, sizeof r.notice);
		put_held(w, &r);
		break;
	case ALARM_LOSS_UNHEARD:
		world_ping(w, id);
		r = held(RECOVERY_TOLD);
		memcpy(r.notice, id, sizeof r.notice);
		put_held(w, &r);
		peer->recovering = true;
		struck(w);
		break;
	case ALARM_UNPROVED:
		put_held(w, &r);
		assert_int_equal(store_back_put(db_of(w), &back), 0);
		break;
	case ALARM_GIVEN_UP:
		r.given_up = 2;
		put_held(w, &r);
		break;
	case ALARM_HISTORY_FORKED:
		asked.forked = 2;
		assert_int_equal(store_asked_put(db_of(w), &asked), 0);
		break;
	case ALARM_HISTORY_LEFT:
		assert_int_equal(store_left_add(db_of(w), &behind), 0);
		break;
	case ALARM_PARKED:
		parked(w, id);
		break;
	case ALARM_QUARANTINED:
		peer->counts[STATE_QUARANTINED] = 2;
		break;
	case ALARM_PEER_KEYLESS:
		peer->keyless = true;
		break;
	case ALARM_PEER_STRANGE:
		peer->strange = true;
		break;
	case ALARM_LOG_UNSEEN:
		peer->compared_ms = clock_wall_ms() - REGISTRY_WATCH_BLIND_MS;
		peer->blind_told_ms = 1;
		break;
	case ALARM_PEER_FULL:
		peer->counts[STATE_QUARANTINED] = REGISTRY_QUARANTINE_MAX;
		break;
	case ALARM_DISPLACED:
		assert_int_equal(unlink("readmit.db-wal"), 0);
		break;
	case ALARM_DISK_FULL:
		rig_disk_free = LEAST_FREE;
		break;
	case ALARM_DISK_LOW:
		rig_disk_free = REGISTRY_DISK_RESERVE_OCTETS;
		break;
	case ALARM_OWN_AHEAD:
		w->assembly->node.config.identity_created_ms =
		    clock_wall_ms() + RXP_MAX_PART_AHEAD_MS + 60000;
		break;
	case ALARM_ENDS_SOON:
		peer->dates.until_ms[ENDING_SEAL] = clock_wall_ms();
		break;
	case ALARM_STORE:
	case ALARM_NO_DESCRIPTOR:
	case ALARM_BOXES_DAMAGED:
	case ALARM_OVERDUE:
	case ALARM_COUNT:
		return false;
	}
	return true;
}

static bool is_of_node(enum alarm a)
{
	return a == ALARM_SEAL_KEY || a == ALARM_DISPLACED || a == ALARM_DISK_FULL ||
	       a == ALARM_DISK_LOW || a == ALARM_OWN_AHEAD;
}

static void each_is_named(enum alarm a)
{
	void *state = NULL;
	struct world *w;

	assert_int_equal(recovery_set_up(&state), 0);
	w = state;
	for (int k = 0; k < ALARM_COUNT; k++) {
		assert_int_equal(alarm_of(w, (enum alarm)k, NULL), -1);
		assert_int_equal(alarm_of(w, (enum alarm)k, PEER), -1);
	}
	if (let_stand(w, a) && alarm_of(w, a, is_of_node(a) ? NULL : PEER) < 1)
		fail_msg("%s is not named", alarm_words(a).word);
	rig_disk_free = DISK_LARGE;
	world_tear_down(&state);
}

static void test_each(void **state)
{
	(void)state;
	for (int a = 0; a < ALARM_COUNT; a++)
		each_is_named((enum alarm)a);
}

/* What a person had asked for before is no part of the hold. */
static void test_asked_before(void **state)
{
	struct world *w = *state;
	struct store_asked asked = {.peer = PEER};
	struct store_recovery r = held(RECOVERY_TOLD);

	parked(w, asked.request);
	assert_int_equal(store_asked_put(db_of(w), &asked), 0);
	put_held(w, &r);
	assert_int_equal(alarm_of(w, ALARM_LOSS_HELD, PEER), 1);
	assert_int_equal(alarm_of(w, ALARM_LOSS_UNHEARD, PEER), -1);
}

/* A day ahead peers take a part (RXP-DSC-038), and a moment more they do not; each of ours counts. */
static void test_ahead(void **state)
{
	struct world *w = *state;
	int64_t *identity = &w->assembly->node.config.identity_created_ms;

	*identity = clock_wall_ms() + RXP_MAX_PART_AHEAD_MS - 60000;
	assert_int_equal(alarm_of(w, ALARM_OWN_AHEAD, NULL), -1);
	*identity += 120000;
	assert_int_equal(alarm_of(w, ALARM_OWN_AHEAD, NULL), 1);
	world_move_clock(w, 120000);
	assert_int_equal(alarm_of(w, ALARM_OWN_AHEAD, NULL), -1);
	world_move_clock(w, 120000 - RXP_MAX_PART_AHEAD_MS); /* the working part is of today */
	assert_int_equal(alarm_of(w, ALARM_OWN_AHEAD, NULL), 1);
	world_move_clock(w, -RXP_MAX_PART_AHEAD_MS - 60000);
	assert_int_equal(alarm_of(w, ALARM_OWN_AHEAD, NULL), 2);
}

/* Whatever its event says of it then. */
static void test_errors(void **state)
{
	struct world *w = *state;
	int64_t before = figure(w, "errors_total", "event=answer_twice");

	assert_int_equal(before, -1);
	log_event(LOG_ANSWER_TWICE, LOG_S(PEER), LOG_S("-"));
	assert_int_equal(figure(w, "errors_total", "event=answer_twice"), 1);
	log_event(LOG_PEER_PUT_BACK, LOG_S(PEER), LOG_N(1));
	assert_int_equal(figure(w, "errors_total", "event=peer_put_back"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each),
	    cmocka_unit_test_setup_teardown(test_asked_before, recovery_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_ahead, recovery_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_errors, recovery_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
