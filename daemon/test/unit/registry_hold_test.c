/*
 * Goals of a hold, with everything around the registry played (RXP-HLD-001 to 007):
 * - while somebody is held nothing leaves that the table of steps stops for this person, and the same goes on for
 *   the others, for what is free, and after the hold; a document that is refused for it is not kept;
 * - what waits is given up at once and for good: a draft, one that waits, one that is with the sealer just then,
 *   one that is sealed; what comes behind it in its case goes on;
 * - what may be at the peer is not sent again, also after a crash, but for the one try that a person orders;
 * - what is given up so is journalled in the commit that destroys it, the node itself being who did it;
 * - a hold and what it stopped outlive a crash; who set it, first or again, does not lift it, another officer does;
 * - whose transfer is notified is told; only where we ask is anybody held.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>

#define NOTIFICATION "TransferNotification"
#define TRAVEL_NOTICE "TravelDocumentNotice"
#define BY_HOLD "RXP-HLD-002: a hold stops it"

static const struct world_answer *hold_by(struct world *w, const char *user,
    const uint8_t case_id[16], uint32_t persons, const char *reason)
{
	struct msg_case_hold m = {.persons = persons};

	snprintf(m.user, sizeof m.user, "%s", user);
	snprintf(m.reason, sizeof m.reason, "%s", reason);
	memcpy(m.case_id, case_id, sizeof m.case_id);
	return world_ask(w, IPC_case_hold, &m);
}

static const struct world_answer *hold(
    struct world *w, const uint8_t case_id[16], uint32_t persons, const char *reason)
{
	return hold_by(w, "uid:1001", case_id, persons, reason);
}

static const struct world_answer *held(struct world *w, const uint8_t case_id[16], uint32_t persons)
{
	const struct world_answer *a = hold(w, case_id, persons, "legal");

	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	return a;
}

static const struct world_answer *lift(struct world *w, const uint8_t case_id[16], uint32_t persons,
    const char *user, const char *reason)
{
	struct msg_case_lift m = {.persons = persons};

	snprintf(m.user, sizeof m.user, "%s", user);
	snprintf(m.reason, sizeof m.reason, "%s", reason);
	memcpy(m.case_id, case_id, sizeof m.case_id);
	return world_ask(w, IPC_case_lift, &m);
}

static void met(const struct world_answer *a, size_t i, const uint8_t id[16], const char *outcome)
{
	struct record_cursor c = {a->octets, a->len};
	struct rec_halted_row row;
	struct bytes fields;
	uint16_t tag;

	do
		assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	while (i-- > 0);
	assert_int_equal(tag, REC_halted_row);
	assert_int_equal(record_decode(&row, &record_halted_row, fields.data, fields.len), 0);
	assert_memory_equal(row.local_id, id, sizeof row.local_id);
	assert_string_equal(row.outcome, outcome);
}

static void given_up(struct world *w, const uint8_t id[16])
{
	struct rec_message_row row;

	world_until_state(w, id, "discarded", &row);
	assert_string_equal(row.last_error, BY_HOLD);
	assert_int_equal(row.attempts, 0);
}

/* Nothing more than n has left, however long one waits. */
static void only(struct world *w, unsigned n)
{
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->n_deliveries, n);
}

static int journal_count(struct world *w, const char *action, const char *reason)
{
	sqlite3_stmt *query = NULL;
	sqlite3 *db = NULL;
	int n;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(db, "SELECT COUNT(*) FROM journal WHERE action = ?1 AND reason = ?2",
		-1, &query, NULL),
	    SQLITE_OK);
	sqlite3_bind_text(query, 1, action, -1, SQLITE_STATIC);
	sqlite3_bind_text(query, 2, reason, -1, SQLITE_STATIC);
	assert_int_equal(sqlite3_step(query), SQLITE_ROW);
	n = sqlite3_column_int(query, 0);
	sqlite3_finalize(query);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(world_start(w), 0);
	return n;
}

/* --- tests ------------------------------------------------------------------------------------------ */

static void test_desk(void **state)
{
	struct world *w = *state;
	struct facts supplement = case_facts("supplement", 1, 1, NULL);
	struct fake_envelope asked;
	struct shown shown;
	uint8_t case_id[16], id[16];

	asked = case_asked(w, case_id);
	(void)asked;
	held(w, case_id, 1);
	case_show(w, case_id, &shown);
	assert_int_equal(shown.n_holds, 1);
	assert_int_equal(shown.row.holds, 1);
	assert_int_equal(shown.holds[0].person, 1);
	assert_string_equal(shown.holds[0].reason, "legal");
	assert_string_equal(shown.holds[0].user, "uid:1001");
	case_not_accepted(w, case_id, "Supplement", supplement, RXP_ERR_STATE, BY_HOLD);
	case_not_accepted(
	    w, case_id, "Supplement", case_facts("supplement", 1, 2, NULL), RXP_ERR_STATE, BY_HOLD);
	case_not_accepted(
	    w, case_id, "Reminder", case_facts_all("remind-reply", NULL), RXP_ERR_STATE, BY_HOLD);
	case_not_accepted(w, case_id, "InterviewArrangement",
	    case_facts("arrange-interview", 1, 1, NULL), RXP_ERR_STATE, BY_HOLD);
	only(w, 1);
	/* The other person, and what is free. */
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 2, 2, NULL), id);
	case_receipt(w, 2, id);
	case_accepted(w, "key-3", case_id, "InterviewArrangement",
	    case_facts_marked("arrange-interview", 1, 1, "interview-cancelled", NULL), id);
	case_receipt(w, 3, id);
	assert_int_equal(lift(w, case_id, 1, "uid:1002", "")->result, 0);
	case_show(w, case_id, &shown);
	assert_int_equal(shown.n_holds, 0);
	assert_int_equal(shown.row.holds, 0);
	case_accepted(w, "key-4", case_id, "Supplement", supplement, id);
	case_receipt(w, 4, id);
	held(w, case_id, 1);
	case_accepted(w, "key-5", case_id, WITHDRAWAL, case_facts("withdraw", 1, 2, NULL), id);
	case_receipt(w, 5, id);
}

static void test_whole_case(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16];

	case_asked(w, case_id);
	held(w, case_id, 0);
	case_not_accepted(
	    w, case_id, "Supplement", case_facts("supplement", 2, 2, NULL), RXP_ERR_STATE, BY_HOLD);
	/* Another hold, of one person, is another matter. */
	held(w, case_id, 2);
	assert_int_equal((int)lift(w, case_id, 1, "uid:1002", "")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(lift(w, case_id, 0, "uid:1002", "")->result, 0);
	case_not_accepted(
	    w, case_id, "Supplement", case_facts("supplement", 2, 2, NULL), RXP_ERR_STATE, BY_HOLD);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	case_receipt(w, 2, id);
	assert_int_equal(journal_count(w, "case-hold", "all"), 1);
	assert_int_equal(journal_count(w, "case-hold", "P2"), 1);
	assert_int_equal(journal_count(w, "case-lift", "all"), 1);
}

/* A draft behind one that is on its way, and one that waits for a sealer. */
static void test_queued(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;
	struct peer *peer;
	uint8_t case_id[16], first[16], draft[16], free_one[16];

	case_asked(w, case_id);
	case_accepted(
	    w, "key-2", case_id, "Supplement", case_facts("supplement", 2, 2, NULL), first);
	world_delivered(w, 2);
	case_accepted(
	    w, "key-3", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), draft);
	case_accepted(
	    w, "key-4", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), free_one);
	a = held(w, case_id, 1);
	met(a, 0, draft, "stopped");
	given_up(w, draft);
	case_receipt(w, 2, first);
	case_receipt(w, 3, free_one);
	only(w, 3);
	peer = peers_find(w->assembly->peers, PEER);
	assert_int_equal(peer->counts[STATE_DISCARDED], 1);
	assert_int_equal(peer->counts[STATE_DRAFT] + peer->counts[STATE_WAITING], 0);
	world_restart(w); /* which counts from nothing */
	given_up(w, draft);
	only(w, 0);
	assert_int_equal(journal_count(w, "message-discard", BY_HOLD), 1);
}

/* The sealer has it when the hold comes; what it gives is not stored. */
static void test_at_sealer(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;
	uint8_t case_id[16], id[16], other[16];
	bool holds = true;

	case_asked(w, case_id);
	for (unsigned i = 0; i < 2; i++, holds = false) {
		link_pause(w->sealer, true);
		case_accepted(w, i == 0 ? "key-2" : "key-3", case_id, "Supplement",
		    case_facts("supplement", 1, 1, NULL), i == 0 ? id : other);
		pump_for(w->loop, 50);
		if (holds) {
			a = held(w, case_id, 1);
			met(a, 0, id, "stopped");
		}
		link_pause(w->sealer, false);
		if (holds)
			given_up(w, id);
		else
			case_receipt(w, 2, other); /* its twin leaves */
		if (holds)
			assert_int_equal(lift(w, case_id, 1, "uid:1002", "legal")->result, 0);
	}
	only(w, 2);
	assert_int_equal(journal_count(w, "message-discard", BY_HOLD), 1);
}

/* Sealed, and never on a line: the peer is distrusted meanwhile. */
static void test_sealed(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct rec_message_row row;
	uint8_t case_id[16], id[16], next[16];

	case_asked(w, case_id);
	link_pause(w->sealer, true);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	pump_for(w->loop, 50);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	link_pause(w->sealer, false);
	world_until_state(w, id, "closed", &row);
	assert_int_equal(row.attempts, 0);
	pump_for(w->loop, 50);
	met(held(w, case_id, 1), 0, id, "stopped");
	given_up(w, id);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	only(w, 1);
	/* Its Position is free. */
	assert_int_equal(lift(w, case_id, 1, "uid:1002", "")->result, 0);
	case_accepted(
	    w, "key-3", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), next);
	world_delivered(w, 2);
	assert_int_equal(w->last_close.position, 2);
	case_receipt(w, 2, next);
}

/* Nothing of the case has left yet. */
static void test_unsent_application(void **state)
{
	struct world *w = *state;
	struct shown shown;
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	pump_for(w->loop, 50);
	met(held(w, case_id, 1), 0, id, "stopped");
	link_pause(w->sealer, false);
	given_up(w, id);
	only(w, 0);
	case_show(w, case_id, &shown);
	assert_string_equal(shown.row.state, "opening");
	case_not_accepted(
	    w, case_id, APPLICATION, case_facts("apply", 1, 1, NULL), RXP_ERR_STATE, BY_HOLD);
	assert_int_equal(lift(w, case_id, 1, "uid:1002", "")->result, 0);
	case_accepted(w, "key-3", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	case_receipt(w, 1, id);
}

/* A crash right behind the commit of the hold: what was in work then is given up by the next set. */
static void test_crash(void **state)
{
	struct world *w = *state;
	struct shown shown;
	uint8_t case_id[16], id[16];
	unsigned closed;

	case_asked(w, case_id);
	link_pause(w->sealer, true);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	pump_for(w->loop, 50);
	held(w, case_id, 1);
	closed = w->closed;
	world_restart(w);
	link_pause(w->sealer, false);
	given_up(w, id);
	only(w, 0);
	assert_int_equal(w->closed, closed); /* it is not even sealed */
	case_show(w, case_id, &shown);
	assert_int_equal(shown.n_holds, 1);
	case_not_accepted(
	    w, case_id, "Supplement", case_facts("supplement", 1, 1, NULL), RXP_ERR_STATE, BY_HOLD);
}

static void requeue(struct world *w, const uint8_t id[16])
{
	struct msg_message_requeue m = {.user = "officer"};

	memcpy(m.local_id, id, sizeof m.local_id);
	assert_int_equal(world_ask(w, IPC_message_requeue, &m)->result, 0);
}

static void test_in_doubt(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;
	struct rec_message_row row;
	struct fake_envelope sent;
	uint8_t case_id[16], id[16], behind[16];

	case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	sent = world_delivered(w, 2)->envelope;
	a = held(w, case_id, 1);
	met(a, 0, id, "in-doubt");
	world_deliver_fault(w, &w->deliveries[1]);
	world_until_state(w, id, "in-doubt", &row);
	world_move_clock(w, REGISTRY_RETRY_LAST_MS);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(
	    row.last_error, "a hold stops it, in doubt: void it, or requeue and withdraw");
	assert_int_equal(row.attempts, 1);
	case_accepted(w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), behind);
	only(w, 2);
	/* One try for one order. */
	requeue(w, id);
	world_deliver_fault(w, world_delivered(w, 3));
	world_until_state(w, id, "in-doubt", &row);
	world_move_clock(w, 2 * REGISTRY_RETRY_LAST_MS);
	world_until_state(w, id, "parked", &row);
	only(w, 3);
	requeue(w, id);
	world_delivered(w, 4);
	assert_memory_equal(w->deliveries[3].envelope.fingerprint, sent.fingerprint, 32);
	case_receipt(w, 4, id);
	case_receipt(w, 5, behind);
}

/* A Void goes through, and with its answer the case goes on. */
static void test_void(void **state)
{
	struct world *w = *state;
	struct msg_message_void m = {.user = "officer"};
	struct world_delivery sent;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t case_id[16], id[16], behind[16];

	case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	sent = *world_delivered(w, 2);
	held(w, case_id, 1);
	world_deliver_fault(w, &w->deliveries[1]);
	world_until_state(w, id, "in-doubt", &row);
	world_move_clock(w, REGISTRY_RETRY_LAST_MS);
	world_until_state(w, id, "parked", &row);
	memcpy(m.local_id, id, sizeof m.local_id);
	assert_int_equal(world_ask(w, IPC_message_void, &m)->result, 0);
	assert_string_equal(world_delivered(w, 3)->envelope.type, "Void");
	met(hold(w, case_id, 1, "health"), 0, id, "in-doubt"); /* held once more meanwhile */
	f = world_refusal(&sent, RXP_REFUSAL_VOIDED, true);
	memcpy(f.checked.envelope_digest, w->deliveries[2].digest, sizeof w->deliveries[2].digest);
	world_deliver(w, &w->deliveries[2], 409, &f);
	world_until_state(w, id, "refused", &row);
	case_accepted(w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), behind);
	case_receipt(w, 4, behind);
}

/* Its attempt was committed, and nobody knows whether it left. */
static void test_crash_sending(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t case_id[16], id[16];

	case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	world_delivered(w, 2);
	held(w, case_id, 1);
	world_restart(w);
	world_until_state(w, id, "parked", &row);
	only(w, 0);
	assert_int_equal(lift(w, case_id, 1, "uid:1002", "")->result, 0);
	requeue(w, id);
	case_receipt(w, 1, id);
}

/* The hold and the attempt share a commit, and the hold is before it: what was judged free may leave no more. */
static void test_same_commit(void **state)
{
	struct world *w = *state;
	struct msg_case_hold m = {.user = "uid:1001", .persons = 1, .reason = "legal"};
	const struct msg_contact contact = {.party = PEER};
	struct rec_message_row row;
	uint8_t case_id[16], id[16];
	bool holds = false;

	case_asked(w, case_id);
	memcpy(m.case_id, case_id, sizeof m.case_id);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	for (unsigned n = 2; n <= 3; n++, holds = true) {
		world_deliver_fault(w, world_delivered(w, n));
		world_until_state(w, id, "in-doubt", &row);
		peers_find(w->assembly->peers, PEER)->deaf_until_mono =
		    0; /* a contact counts again */
		world_move_clock(w, 2 * REGISTRY_RETRY_LAST_MS * (n - 1));
		if (holds)
			assert_int_equal(
			    link_request(w->desk, IPC_case_hold, &m, NULL, 0, NULL), 0);
		assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
	}
	world_until_state(w, id, "parked", &row);
	only(w, 3);
}

/* The one try that was ordered is over when it has begun, also if nobody saw its end. */
static void test_crash_ordered(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t case_id[16], id[16];

	case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, "Supplement", case_facts("supplement", 1, 1, NULL), id);
	world_delivered(w, 2);
	held(w, case_id, 1);
	world_restart(w);
	world_until_state(w, id, "parked", &row);
	requeue(w, id);
	world_delivered(w, 1);
	world_restart(w);
	world_until_state(w, id, "parked", &row);
	only(w, 0);
}

/* The peer accepts, issues a travel document and agrees to nothing yet. */
static void test_notified(void **state)
{
	struct world *w = *state;
	struct fake_envelope asked, reply, document;
	uint8_t case_id[16], id[16];
	const struct world_answer *a;

	asked = case_asked(w, case_id);
	reply = case_document(50, case_id, REPLY, 1, case_facts("accept", 1, 2, asked.fingerprint));
	case_seen(&reply, &asked);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	document =
	    case_document(51, case_id, TRAVEL_NOTICE, 2, case_facts("issue-document", 1, 2, NULL));
	case_seen(&document, &asked);
	case_previous(&document, &reply);
	assert_int_equal(world_admit(w, &document)->http_status, 200);
	a = held(w, case_id, 1);
	assert_int_equal(a->more, 0); /* nobody yet */
	case_not_accepted(
	    w, case_id, NOTIFICATION, case_facts("notify", 1, 1, NULL), RXP_ERR_STATE, BY_HOLD);
	case_accepted(w, "key-2", case_id, NOTIFICATION, case_facts("notify", 2, 2, NULL), id);
	case_receipt(w, 2, id);
	a = hold(w, case_id, 0, "health");
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 2); /* P2 */
	a = hold(w, case_id, 0, "health");
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 2); /* offered again */
	case_accepted(
	    w, "key-3", case_id, "TransferChange", case_facts("change-transfer", 2, 2, NULL), id);
	case_receipt(w, 3, id);
}

static void test_refused(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;
	struct fake_envelope theirs;
	uint8_t case_id[16], none[16] = {9};

	case_asked(w, case_id);
	assert_int_equal((int)hold(w, none, 0, "legal")->result, RXP_ERR_NOT_FOUND);
	a = hold(w, case_id, 4, "legal");
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	assert_string_equal(a->words, "the case has no such person");
	assert_int_equal((int)hold(w, case_id, 1, "appeal")->result, RXP_ERR_SYNTAX);
	held(w, case_id, 1);
	assert_int_equal(hold(w, case_id, 1, "legal")->result, 0); /* as it was */
	assert_int_equal(hold(w, case_id, 1, "health")->result, 0);
	assert_int_equal((int)lift(w, case_id, 1, "uid:1002", "data")->result, RXP_ERR_NOT_FOUND);
	a = lift(w, case_id, 1, "uid:1001", "health");
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "RXP-HLD-005: who set a hold does not lift it");
	assert_int_equal(lift(w, case_id, 1, "uid:1002", "health")->result, 0);
	assert_int_equal((int)lift(w, case_id, 1, "uid:1002", "health")->result, RXP_ERR_NOT_FOUND);
	/* A case in which the peer asks. */
	theirs = case_document(60, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	assert_int_equal(world_admit(w, &theirs)->http_status, 200);
	a = hold(w, their_case, 0, "legal");
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "the other State asks, and we hand nobody over");
}

/* RXP-HLD-005: who says a hold of another again has set it too; a third officer lifts it for both. */
static void test_said_again(void **state)
{
	static const char *const setters[] = {"uid:1001", "uid:1002"};
	struct world *w = *state;
	const struct world_answer *a;
	struct shown shown;
	uint8_t case_id[16];

	case_asked(w, case_id);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(hold_by(w, setters[i % 2], case_id, 3, "health")->result, 0);
	case_show(w, case_id, &shown);
	assert_int_equal(shown.n_holds, 4);
	for (size_t i = 0; i < 2; i++) {
		a = lift(w, case_id, 3, setters[i], "");
		assert_int_equal((int)a->result, RXP_ERR_STATE);
		assert_string_equal(a->words, "RXP-HLD-005: who set a hold does not lift it");
	}
	assert_int_equal(lift(w, case_id, 3, "uid:1003", "")->result, 0);
	case_show(w, case_id, &shown);
	assert_int_equal(shown.n_holds, 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_desk),
	    WORLD_TEST(test_whole_case),
	    WORLD_TEST(test_queued),
	    WORLD_TEST(test_at_sealer),
	    WORLD_TEST(test_sealed),
	    WORLD_TEST(test_unsent_application),
	    WORLD_TEST(test_crash),
	    WORLD_TEST(test_in_doubt),
	    WORLD_TEST(test_void),
	    WORLD_TEST(test_crash_sending),
	    WORLD_TEST(test_crash_ordered),
	    WORLD_TEST(test_same_commit),
	    WORLD_TEST(test_notified),
	    WORLD_TEST(test_said_again),
	    WORLD_TEST(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
