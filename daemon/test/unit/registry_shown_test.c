/*
 * Goals of answers that a peer lost and gets back in bundles, with everything around the registry played (RXP-BND-009, RXP-BND-010):
 * - all of them are in each bundle, as often as one is written, until its own log shows that it has them; then no more
 * - a page of the log that ended, or of before the loss, says nothing; nor does an answer that comes, which may be as old
 * - what its log lacks though it has later messages keeps nothing open for ever, but is in each bundle for a year, until the log has it
 *   or a line brings it (RXP-BND-013); but on a line nothing is concluded from what a page lacks
 * - an answer of ours under a seal that we revoked, which nobody lost, is told as that (RXP-RCV-013)
 *
 * links: registry
 */
#include "daemon/test/unit/registry_recovery_rig.h"
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/registry/store/store_watch.h"

#define ANSWERS 4
#define HTTP_CONFLICT 409
#define OLD_LOG 0x44
#define NEW_LOG 0x55

/* What desk and gateway heard. */
static struct {
	unsigned given, owns, brought, picks;
	uint32_t status;
	uint8_t own[RXP_ID_OCTETS]; /* zeros: there is none */
	uint8_t picked[RXP_DIGEST_OCTETS]; /* of what it was given last */
	struct world_delivery message;
} heard;

static void on_desk(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_bundle_given *g = m->body;
	const struct msg_bundle_own_given *o = m->body;

	if (m->type == IPC_bundle_given) {
		heard.given++;
		assert_int_equal(g->envelope.len, sizeof heard.message.envelope);
		memcpy(&heard.message.envelope, g->envelope.data, g->envelope.len);
		node_digest(heard.message.digest, g->envelope.data, g->envelope.len);
	} else if (m->type == IPC_bundle_own_given) {
		heard.owns++;
		assert_int_equal(o->result, 0);
		memcpy(heard.own, o->message_id, sizeof heard.own);
	} else if (m->type == IPC_bundle_brought) {
		heard.brought++;
		heard.status = ((const struct msg_bundle_brought *)m->body)->http_status;
	} else {
		world_on_desk(arg, l, m);
	}
}

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	const struct msg_picked_up *p = m->body;

	if (m->type != IPC_picked_up) {
		watch_log_check(l, m);
		return;
	}
	heard.picks++;
	assert_int_equal(node_digest(heard.picked, p->envelope.data, p->envelope.len), 0);
}

static struct rxp_log_entry answers[ANSWERS]; /* of the peer, in the order of their messages */

/* The peer gave four answers, pulls, and lost them all; its log is another one, which is empty. */
static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;
	struct rec_node_restored all = {.count = 0};
	struct fake_envelope e;

	memset(&heard, 0, sizeof heard);
	watch_log_empty();
	watch_log.page_max = WATCH_ENTRIES_MAX;
	w->desk_handler = on_desk;
	world_restart(w);
	w->other = other;
	w->proves_nothing = true;
	w->log_is_read = true;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	watch_log_begin(w);
	memcpy(answers, watch_log.entries, sizeof answers);
	watch_peer(w)->pulls = true;
	memset(all.log_id, OLD_LOG, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	e = recovery_restored(5, &all);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	memset(watch_log.log_id, NEW_LOG, sizeof watch_log.log_id);
	watch_log.n = 0;
	return rc;
}

static struct store_bringing row(struct world *w)
{
	struct store_bringing b;

	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	return b;
}

static uint8_t heard_last[RXP_ID_OCTETS]; /* the last answer of a bundle */

/* How many answers a bundle for it has, of these at most. */
static unsigned in_bundle(struct world *w)
{
	struct msg_bundle_own m = {.peer = PEER};
	unsigned before, n = 0;

	for (;; n++) {
		before = heard.owns;
		assert_int_equal(link_request(w->desk, IPC_bundle_own, &m, NULL, 0, NULL), 0);
		world_until(w, &heard.owns, before + 1);
		if (memcmp(heard.own, (uint8_t[RXP_ID_OCTETS]){0}, sizeof heard.own) == 0)
			return n;
		assert_true(memcmp(heard.own, m.after, sizeof m.after) > 0);
		memcpy(m.after, heard.own, sizeof m.after);
		memcpy(heard_last, heard.own, sizeof heard_last);
	}
}

static void bring(struct world *w, const char *kind, const void *octets, size_t len)
{
	struct msg_bundle_bring m = {.user = "officer", .peer = PEER, .octets = {octets, len}};
	unsigned before = heard.brought;

	snprintf(m.kind, sizeof m.kind, "%s", kind);
	assert_int_equal(link_request(w->desk, IPC_bundle_bring, &m, NULL, 0, NULL), 0);
	world_until(w, &heard.brought, before + 1);
}

/* A bundle has its log from the first entry on. */
static void shows(struct world *w)
{
	uint64_t after = 0;

	bring(w, "log", &after, sizeof after);
	assert_int_equal(heard.status, HTTP_NOTHING);
	pump_for(w->loop, 20);
}

/* What it showed is stored, one after the other. */
static void until_brought(struct world *w, uint64_t n, bool open)
{
	pump_while(w->loop, (row(w).brought != n || row(w).open != open));
	assert_int_equal(row(w).brought, n);
	assert_true(row(w).open == open);
}

static void takes(size_t i)
{
	watch_log.entries[watch_log.n++] = answers[i];
}

/* A message of ours is put into a bundle and answered there. */
static void answers_another(struct world *w)
{
	struct msg_bundle_next m = {.user = "officer", .peer = PEER};
	struct rxp_log_entry *e = &watch_log.entries[watch_log.n];
	struct fake_answer f;
	unsigned before = heard.given;
	uint8_t id[16];

	world_ping(w, id);
	assert_int_equal(link_request(w->desk, IPC_bundle_next, &m, NULL, 0, NULL), 0);
	world_until(w, &heard.given, before + 1);
	f = world_receipt(&heard.message);
	f.checked.received_ms = clock_wall_ms();
	memset(f.checked.log_id, NEW_LOG, sizeof f.checked.log_id);
	*e = (struct rxp_log_entry){
	    .received_ms = f.checked.received_ms, .outcome = RXP_OUTCOME_RECEIPT};
	memcpy(e->message_id, heard.message.envelope.message_id, sizeof e->message_id);
	memcpy(e->fingerprint, heard.message.envelope.fingerprint, sizeof e->fingerprint);
	watch_log.n++;
	bring(w, "answer", &f, sizeof f);
	assert_int_equal(heard.status, HTTP_NOTHING);
}

static void test_until_shown(void **state)
{
	struct world *w = *state;

	assert_int_equal(in_bundle(w), ANSWERS);
	assert_int_equal(in_bundle(w), ANSWERS); /* the first was lost on its way */
	shows(w);
	assert_int_equal(in_bundle(w), ANSWERS);
	takes(1);
	takes(0);
	shows(w);
	until_brought(w, 2, true);
	assert_int_equal(in_bundle(w), 2);
	recovery_restart(w); /* what was shown is no more in memory */
	w->other = other;
	watch_peer(w)->pulls = true;
	assert_int_equal(in_bundle(w), 2);
	takes(3);
	takes(2);
	assert_true(row(w).open);
	shows(w);
	until_brought(w, ANSWERS, false);
	assert_int_equal(row(w).lost, ANSWERS);
	assert_int_equal(in_bundle(w), 0);
}

/* Each is turned away by one thing, and taken without it. */
static void test_older(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ANSWERS; i++)
		takes(i);
	memset(watch_log.log_id, OLD_LOG, sizeof watch_log.log_id);
	shows(w);
	assert_int_equal(row(w).brought, 0);
	memset(watch_log.log_id, NEW_LOG, sizeof watch_log.log_id);
	watch_log.made_ms = row(w).began_ms - REGISTRY_DISPUTE_MS - 1;
	shows(w);
	assert_int_equal(row(w).brought, 0);
	watch_log.check_result = RXP_ERR_SIGNER;
	watch_log.made_ms++;
	bring(w, "log", &(uint64_t){0}, sizeof(uint64_t));
	assert_int_equal(heard.status, HTTP_UNPROCESSABLE);
	assert_int_equal(row(w).brought, 0);
	watch_log.check_result = 0;
	shows(w);
	until_brought(w, ANSWERS, false);
}

/* It is given the first on a line, and says nothing; then a bundle of before the loss comes, with that same answer in it. */
static void test_old_answer(void **state)
{
	struct world *w = *state;
	const struct msg_pickup ask = {.party = PEER, .wait_ms = 30000};
	struct rxp_buf octets;
	uint8_t local_id[RXP_ID_OCTETS];

	assert_int_equal(link_request(w->gateway, IPC_pickup, &ask, NULL, 0, NULL), 0);
	world_until(w, &heard.picks, 1);
	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	assert_int_equal(store_outbox_of_message(db_of(w), local_id, answers[0].message_id), 0);
	assert_int_equal(store_outbox_answer(db_of(w), &octets, local_id), 0);
	bring(w, "answer", octets.data, octets.len);
	assert_int_equal(heard.status, HTTP_NOTHING);
	pump_for(w->loop, 20);
	assert_int_equal(row(w).brought, 0);
	rxp_buf_free(&octets);
}

/* All but the second, with an entry for a later message, twice: nothing is open any more. */
static void all_but_one(struct world *w)
{
	takes(0);
	takes(2);
	takes(3);
	shows(w);
	until_brought(w, 1, true);
	assert_int_equal(in_bundle(w), 3); /* the second may be on its way */
	answers_another(w);
	shows(w);
	until_brought(w, 4, true); /* with that of the other one */
	pump_while(w->loop, !row(w).again);
	assert_int_equal(in_bundle(w), 1); /* once more (RXP-RCV-019) */
	shows(w); /* the same again, and nothing new was sent meanwhile */
	until_brought(w, 4, false);
	assert_int_equal(row(w).not_taken, 1);
}

static void until_in_bundle(struct world *w, unsigned n)
{
	pump_while(w->loop, in_bundle(w) != n);
	assert_int_equal(in_bundle(w), n);
}

static void test_owed(void **state)
{
	struct world *w = *state;
	const struct store_difference missing = {.peer = PEER,
	    .what = RXP_LOG_MISSING,
	    .message_id = answers[1].message_id,
	    .at_ms = clock_wall_ms()};
	bool open;

	all_but_one(w);
	assert_int_equal(store_difference_put(db_of(w), &missing, &open), 0);
	assert_int_equal(in_bundle(w), 1);
	assert_memory_equal(heard_last, answers[1].message_id, sizeof heard_last);
	recovery_restart(w);
	w->other = other;
	watch_peer(w)->pulls = true;
	assert_int_equal(in_bundle(w), 1);
	shows(w); /* and it is compared */
	assert_int_equal(in_bundle(w), 1);
	watch_assert_found(w, "answer-missing", 0);
	takes(1);
	world_move_clock(w, watch_moved + 2000);
	shows(w);
	until_in_bundle(w, 0);
	assert_false(row(w).open);
	assert_false(watch_found(w, "answer-missing", 0));
}

/* Others are being brought, and it stands before the place where that is. */
static void test_owed_before(void **state)
{
	struct world *w = *state;
	struct store_bringing b = row(w);

	memcpy(b.after, answers[1].message_id, sizeof b.after);
	assert_int_equal(store_bringing_put(db_of(w), &b), 0);
	recovery_restart(w);
	w->other = other;
	watch_peer(w)->pulls = true;
	assert_int_equal(in_bundle(w), 2); /* the third and the fourth */
	assert_int_equal(store_bringing_leave(db_of(w), &b, false), 0);
	assert_int_equal(in_bundle(w), 2);
	assert_int_equal(store_bringing_leave(db_of(w), &b, true), 0);
	assert_true(row(w).open);
	assert_int_equal(in_bundle(w), 3);
	memcpy(b.after, answers[2].message_id, sizeof b.after);
	assert_int_equal(store_bringing_leave(db_of(w), &b, true), 0);
	assert_int_equal(in_bundle(w), 3); /* each once */
}

static void test_owed_a_year(void **state)
{
	struct world *w = *state;

	all_but_one(w);
	world_move_clock(w, REGISTRY_ANSWER_OWED_MS - 60000);
	assert_int_equal(in_bundle(w), 1);
	world_move_clock(w, REGISTRY_ANSWER_OWED_MS);
	assert_int_equal(in_bundle(w), 0);
}

/* A line comes up: it is brought there, and not once more. */
static void test_owed_on_a_line(void **state)
{
	struct world *w = *state;
	const struct msg_pickup ask = {.party = PEER, .wait_ms = 30000};
	struct msg_pickup left = ask;

	all_but_one(w);
	world_move_clock(w, watch_moved + 2000);
	watch_peer(w)->last_contact_ms = clock_wall_ms();
	assert_int_equal(link_request(w->gateway, IPC_pickup, &ask, NULL, 0, NULL), 0);
	world_until(w, &heard.picks, 1);
	assert_true(row(w).open);
	memcpy(left.left, heard.picked, sizeof left.left);
	assert_int_equal(link_request(w->gateway, IPC_pickup, &left, NULL, 0, NULL), 0);
	until_in_bundle(w, 0);
	assert_false(row(w).open);
	assert_int_equal(row(w).not_taken, 1);
}

static void test_revoked(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(7);
	struct fake_answer f = own_receipt(&e);

	f.checked.revoked_ms = clock_wall_ms();
	bring(w, "answer", &f, sizeof f);
	assert_int_equal(heard.status, HTTP_CONFLICT);
	f.checked.revoked_ms = 0;
	bring(w, "answer", &f, sizeof f);
	assert_int_equal(heard.status, HTTP_NOTHING);
}

/* An entry that is another one is no word that it has what is held here. */
static void test_differs(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < ANSWERS; i++)
		takes(i);
	watch_log.entries[2].received_ms++;
	shows(w);
	pump_while(w->loop, !row(w).again);
	shows(w); /* and it differs still when it is looked at once more */
	until_brought(w, 3, false);
	assert_int_equal(row(w).not_taken, 1);
}

static void test_on_a_line(void **state)
{
	struct world *w = *state;
	const struct msg_contact contact = {.party = PEER};

	watch_peer(w)->last_contact_ms =
	    clock_wall_ms() - 1; /* stored before the loss, a moment ago */
	assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
	recovery_restart(w);
	w->other = other;
	watch_peer(w)->pulls = true;
	takes(0);
	answers_another(w);
	shows(w);
	until_brought(w, 1, true);
	assert_int_equal(row(w).not_taken, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_until_shown),
	    TEST(test_older),
	    TEST(test_old_answer),
	    TEST(test_owed),
	    TEST(test_owed_before),
	    TEST(test_owed_a_year),
	    TEST(test_owed_on_a_line),
	    TEST(test_revoked),
	    TEST(test_differs),
	    TEST(test_on_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
