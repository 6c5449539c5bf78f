/*
 * Goals of the peer of a node that lost something, with everything around the registry played (spec/rxp-1.md section 44):
 * what it cannot have had is refused, too often is not now (RXP-RCV-006); it gets the answers
 * and then the messages, each behind its receipt, also after a start and a line that was down (RXP-RCV-007, 008, 010);
 * when it loses more meanwhile, all is brought anew. One that pulls fetches its answers, and its messages behind the last
 * (RXP-RCV-009, RXP-PUL-013); none is given up but those of which it says that it does not take them.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_recovery_rig.h"

#include "daemon/registry/recovery/recovery.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/log/logchain.h"

/* A Ping of ours is receipted; the receipt names that log of the peer with so many entries. */
static struct fake_answer receipted_in(struct world *w, uint8_t log, uint64_t count, uint8_t id[16])
{
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	unsigned n = w->n_deliveries;

	world_ping(w, id);
	world_until(w, &w->n_deliveries, n + 1);
	d = &w->deliveries[n];
	f = world_receipt(d);
	f.checked.received_ms = clock_wall_ms();
	f.checked.log_count = count;
	memset(f.checked.log_id, log, sizeof f.checked.log_id);
	memset(f.checked.log_head, (int)count, sizeof f.checked.log_head);
	world_deliver(w, d, HTTP_OK, &f);
	world_until_state(w, id, "delivered", &row);
	return f;
}

static struct fake_answer receipted(struct world *w, uint64_t count, uint8_t id[16])
{
	return receipted_in(w, 0x44, count, id);
}

static void refused(struct world *w, uint8_t id, struct rec_node_restored says, uint32_t status)
{
	struct fake_envelope e = recovery_restored(id, &says);
	struct store_bringing b;

	assert_int_equal(world_admit(w, &e)->http_status, status);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), RXP_ERR_NOT_FOUND);
}

static void test_restored_refused(void **state)
{
	struct world *w = *state;
	struct rec_node_restored good = {.count = 1}, r;
	struct fake_envelope e;
	uint8_t id[16];

	receipted(w, 0, id);
	receipted(w, 1, id);
	memset(good.log_id, 0x44, sizeof good.log_id);
	memset(good.head, 1, sizeof good.head);
	r = good;
	r.log_id[0]++; /* a log that it never kept */
	refused(w, 1, r, 409);
	r = good;
	r.count = 3; /* more than we ever sent */
	refused(w, 2, r, 409);
	r = good;
	r.head[0]++; /* not the head that a receipt names */
	refused(w, 3, r, 409);
	r = good;
	r.count = 0; /* all is lost, but not so */
	refused(w, 4, r, 409);
	e = recovery_restored(5, &good);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	world_until(w, &told.posts, 1);
	e = recovery_restored(6, &good); /* while it is under way */
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_BUSY);
}

/* Who lost something itself knows not all that it sent, and not all logs: a head that it holds still tells (RXP-RCV-015). */
static void test_both_lost(void **state)
{
	struct world *w = *state;
	struct rec_node_restored says = {.count = 3};
	struct fake_envelope e;
	uint8_t id[16];

	receipted(w, 1, id);
	recovery_put_back(w);
	memset(says.log_id, 0x44, sizeof says.log_id);
	says.count = 1;
	refused(w, 1, says, 409);
	says.count = 3;
	says.log_id[0]++;
	e = recovery_restored(2, &says);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
}

/* RXP-RCV-022: of a peer that lost answers which it was brought, since it disputed what was said of a loss here, no head tells; of one
 * that lost none it does. */
static void test_lost_what_it_was_brought(void **state)
{
	struct world *w = *state;
	struct rec_node_restored says = {.count = 1}; /* with a head that its log never had */
	struct store_bringing b = {.peer = PEER, .seen = true, .began_ms = clock_wall_ms()};
	struct fake_envelope e;
	uint8_t id[16];

	receipted(w, 1, id);
	memset(says.log_id, 0x44, sizeof says.log_id);
	assert_int_equal(store_bringing_put(db_of(w), &b), 0);
	e = recovery_restored(1, &says);
	assert_int_equal(world_admit(w, &e)->http_status, 409);
	b.lost = 1;
	assert_int_equal(store_bringing_put(db_of(w), &b), 0);
	e = recovery_restored(2, &says);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_int_equal(b.n, 0);
}

/* When what was lost here is back, and the log of the peer was read since, that explains nothing any more. */
static void test_both_lost_long_ago(void **state)
{
	struct world *w = *state;
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct rec_node_restored known = {.count = 3}, unknown = known, longer = {.count = 99};
	struct store_watch read = {.compared_ms = 0};
	struct fake_envelope e;
	uint8_t id[16];

	receipted(w, 1, id);
	recovery_put_back(w);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	memset(known.log_id, 0x44, sizeof known.log_id);
	memset(longer.log_id, 0x44, sizeof longer.log_id);
	memset(unknown.log_id, 0x45, sizeof unknown.log_id);
	read.compared_ms = recovery_of(w).ended_ms + 1;
	memcpy(read.agreed.log_id, known.log_id, sizeof known.log_id);
	assert_int_equal(store_watch_put(db_of(w), &read, PEER), 0);
	refused(w, 1, unknown, 409);
	refused(w, 2, longer, 409);
	read.compared_ms = recovery_of(w).ended_ms; /* not since */
	assert_int_equal(store_watch_put(db_of(w), &read, PEER), 0);
	e = recovery_restored(3, &longer);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
}

/* It showed entries of messages that are lost here: it may have lost what is behind them. */
static void test_shown_since(void **state)
{
	struct world *w = *state;
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct rec_node_restored says = {.count = 8};
	struct rxp_log_entry entry = {.outcome = RXP_OUTCOME_RECEIPT};
	struct store_watch read = {.compared_ms = 0};
	struct fake_envelope e;
	uint8_t id[16];

	receipted_in(w, 0x46, 0, id);
	recovery_put_back(w);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	memset(says.log_id, 0x44, sizeof says.log_id);
	memcpy(read.agreed.log_id, says.log_id, sizeof says.log_id);
	read.compared_ms = recovery_of(w).ended_ms + 1;
	assert_int_equal(rxp_logchain_start(says.head, PEER, OWN, says.log_id), 0);
	memcpy(read.agreed.head, says.head, sizeof read.agreed.head);
	assert_int_equal(store_watch_put(db_of(w), &read, PEER), 0);
	refused(w, 1, says, 409);
	for (uint64_t n = 1; n <= says.count; n++) {
		entry.message_id[0] = (uint8_t)n;
		assert_int_equal(store_watched_add(db_of(w), PEER, n, &entry, false, 1), 0);
		assert_int_equal(rxp_logchain_extend(says.head, n, &entry), 0);
	}
	e = recovery_restored(9, &says);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
}

static void post_answer(struct world *w, uint32_t outcome, uint32_t status)
{
	const struct msg_posted m = {.outcome = outcome, .http_status = status};

	assert_int_equal(link_answer(w->gateway, IPC_posted, told.post, &m, NULL, 0), 0);
}

static bool is_open(struct world *w)
{
	struct store_bringing b;

	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	return b.open;
}

static void until_closed(struct world *w)
{
	pump_while(w->loop, is_open(w));
	assert_false(is_open(w));
}

static void test_too_often(void **state)
{
	struct world *w = *state;
	struct rec_node_restored all = {.count = 0};
	struct fake_envelope e;

	memset(all.log_id, 0x44, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	for (unsigned i = 0; i < REGISTRY_RESTORES_DAY; i++) {
		e = recovery_restored((uint8_t)(10 + i), &all);
		assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
		until_closed(w);
	}
	e = recovery_restored(50, &all);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_BUSY);
}

/* Two answers are brought, the line being down in between and the node started anew; then the message of a case goes
 * again, and before it its receipt. */
static void test_brought(void **state)
{
	struct world *w = *state;
	struct rec_node_restored all = {.count = 0};
	uint8_t ping[16], case_id[16], id[16];
	struct fake_answer first, second;
	struct fake_envelope e;
	unsigned n;

	memset(all.log_id, 0x44, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	first = receipted(w, 0, ping);
	n = w->n_deliveries;
	case_accepted(w, "sent", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	case_receipt(w, n + 1, id);
	e = recovery_restored(5, &all);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	world_until(w, &told.posts, 1);
	assert_memory_equal(told.posted.checked.message_id, first.checked.message_id, 16);
	post_answer(w, (uint32_t)RXP_ERR_IO, 0);
	world_until(w, &told.posts, 2); /* again */
	assert_memory_equal(told.posted.checked.message_id, first.checked.message_id, 16);
	recovery_restart(w);
	world_until(w, &told.posts, 3);
	assert_memory_equal(told.posted.checked.message_id, first.checked.message_id, 16);
	post_answer(w, 0, HTTP_NOTHING); /* it has that one */
	world_until(w, &told.posts, 4);
	second = told.posted;
	assert_memory_not_equal(second.checked.message_id, first.checked.message_id, 16);
	post_answer(w, 0, HTTP_LOST);
	world_until(w, &told.posts, 5);
	assert_false(is_open(w));
	assert_memory_equal(&told.posted, &second, sizeof second);
	assert_int_equal(w->n_deliveries, 0); /* not before it has the receipt */
	post_answer(w, 0, HTTP_LOST);
	world_until(w, &w->n_deliveries, 1);
	assert_memory_equal(
	    w->deliveries[0].envelope.message_id, second.checked.message_id, RXP_ID_OCTETS);
}

/* RXP-RCV-019: what it did not take comes once more behind the last, when it has shown that it lost another. */
static void test_left_comes_again(void **state)
{
	static const struct {
		uint32_t second;
		unsigned posts; /* in all */
	} rows[] = {{HTTP_LOST, 3}, {HTTP_NOTHING, 2}};
	struct world *w = *state;
	struct rec_node_restored all = {.count = 0};
	struct fake_answer first;
	struct fake_envelope e;
	uint8_t id[16];

	memset(all.log_id, 0x44, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	first = receipted(w, 0, id);
	receipted(w, 0, id);
	for (uint8_t i = 0; i < 2; i++) {
		unsigned before = told.posts;

		e = recovery_restored((uint8_t)(5 + i), &all);
		assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
		world_until(w, &told.posts, before + 1);
		assert_memory_equal(
		    told.posted.checked.message_id, first.checked.message_id, RXP_ID_OCTETS);
		post_answer(w, 0, HTTP_UNPROCESSABLE);
		world_until(w, &told.posts, before + 2);
		post_answer(w, 0, rows[i].second);
		world_until(w, &told.posts, before + rows[i].posts);
		if (rows[i].posts > 2) {
			assert_memory_equal(told.posted.checked.message_id,
			    first.checked.message_id, RXP_ID_OCTETS);
			recovery_restart(w); /* it is not forgotten */
			world_until(w, &told.posts, before + rows[i].posts + 1);
			assert_memory_equal(told.posted.checked.message_id,
			    first.checked.message_id, RXP_ID_OCTETS);
			post_answer(w, 0, HTTP_UNPROCESSABLE); /* and no third time */
		}
		until_closed(w);
	}
}

/* RXP-RCV-007: a receipt of fewer entries than one that was here before; of as many it says nothing. */
static void test_peer_went_back(void **state)
{
	struct world *w = *state;
	struct store_bringing b;
	uint8_t id[16];

	receipted(w, 5, id);
	world_move_clock(w, 1000);
	receipted(w, 5, id);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), RXP_ERR_NOT_FOUND);
	world_move_clock(w, 2000);
	receipted(w, 4, id);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_true(b.seen);
	world_until(w, &told.posts, 1);
}

/* So does the first receipt after a start, by what the database remembers, also if it names no fewer entries, of another log. */
static void test_went_back_unremembered(void **state)
{
	struct world *w = *state;
	struct store_bringing b;
	uint8_t id[16];

	receipted(w, 0, id);
	world_move_clock(w, 1000);
	recovery_restart(w);
	receipted(w, 0, id);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), RXP_ERR_NOT_FOUND);
	world_move_clock(w, 2000);
	recovery_restart(w);
	receipted_in(w, 0x55, 7, id);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_true(b.seen);
}

/* After a start receipts of before its last loss are no measure, and those since are (RXP-RCV-007). */
static void test_went_back_again(void **state)
{
	struct world *w = *state;
	struct store_bringing b = {.peer = PEER};
	uint8_t id[16];

	receipted(w, 9, id);
	world_move_clock(w, 1000);
	b.began_ms = clock_wall_ms();
	assert_int_equal(store_bringing_put(db_of(w), &b), 0);
	world_move_clock(w, 2000);
	receipted(w, 3, id);
	world_move_clock(w, 3000);
	recovery_restart(w);
	receipted(w, 2, id);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_true(b.open && b.seen);
}

/* Who has no receipt from before it was said cannot know the log: it lost all, and has answered since (RXP-RCV-006). */
static void test_nothing_from_before(void **state)
{
	struct world *w = *state;
	struct rec_node_restored says = {.count = 3};
	struct fake_envelope e;
	uint8_t id[16];

	receipted(w, 0, id);
	memset(says.log_id, 0x45, sizeof says.log_id);
	e = recovery_restored(1, &says);
	e.created_ms = clock_wall_ms();
	world_move_clock(w, 1000);
	assert_int_equal(world_admit(w, &e)->http_status, 409);
	e = recovery_restored(2, &says);
	e.created_ms = clock_wall_ms() - 60000;
	receipted(w, 0, id);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
}

/* While an answer is on its way to it the peer says that it lost more: that stands, and all is brought anew. */
static void test_lost_more(void **state)
{
	struct world *w = *state;
	struct rec_node_restored all = {.count = 0};
	struct store_bringing b;
	struct fake_envelope e;
	uint8_t id[16];

	receipted(w, 5, id);
	world_move_clock(w, 1000);
	receipted(w, 4, id);
	world_until(w, &told.posts, 1);
	world_move_clock(w, 2000);
	memset(all.log_id, 0x44, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	e = recovery_restored(5, &all);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	post_answer(w, 0, HTTP_NOTHING);
	world_until(w, &told.posts, 2);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_memory_equal(b.log_id, all.log_id, sizeof b.log_id);
	assert_true(b.open && !b.seen);
	assert_int_equal(b.brought, 0);
	post_answer(w, 0, HTTP_NOTHING);
	world_until(w, &told.posts, 3);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_int_equal(b.brought, 1);
}

/* --- a peer that pulls ---------------------------------------------------------------------------- */

/* It asks; wait_ms 0: there must be nothing. */
static void asks(struct world *w, uint32_t wait_ms)
{
	const struct msg_pickup m = {.party = PEER, .wait_ms = wait_ms};
	unsigned before = told.picks;

	assert_int_equal(link_request(w->gateway, IPC_pickup, &m, NULL, 0, NULL), 0);
	world_until(w, &told.picks, before + 1);
	assert_int_equal(told.pick_status, wait_ms == 0 ? HTTP_NOTHING : HTTP_OK);
}

/* It fetches one message of ours, and posts the receipt. */
static void fetches(struct world *w, const uint8_t id[16])
{
	struct rec_message_row row;
	struct fake_answer f;

	asks(w, 30000);
	assert_false(told.gave_own);
	f = world_receipt(&told.message);
	f.checked.received_ms = clock_wall_ms();
	memset(f.checked.log_id, 0x44, sizeof f.checked.log_id);
	brought(w, &f, HTTP_NOTHING);
	world_until_state(w, id, "delivered", &row);
}

/* Two messages of ours, which it receipted, and then its notice that all is lost. */
static void loses_all(struct world *w)
{
	struct rec_node_restored all = {.count = 0};
	uint8_t ping[16], case_id[16], id[16];
	struct fake_envelope e;

	world_ping(w, ping);
	fetches(w, ping);
	case_accepted(w, "sent", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	fetches(w, id);
	memset(all.log_id, 0x44, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	e = recovery_restored(5, &all);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
}

/* It fetches its answers one after the other, each until it has posted it, also over a start; no message before the last;
 * then those that it lost (RXP-PUL-013). */
static void test_fetched(void **state)
{
	struct world *w = *state;
	struct fake_answer first, second;
	unsigned again = 0;
	uint8_t ping[16];

	loses_all(w);
	world_ping(w, ping);
	asks(w, 30000);
	assert_true(told.gave_own);
	first = told.own;
	recovery_restart(w);
	asks(w, 30000);
	assert_true(told.gave_own);
	assert_memory_equal(&told.own, &first, sizeof first);
	brought(w, &first, HTTP_NOTHING);
	assert_true(is_open(w));
	asks(w, 30000);
	assert_true(told.gave_own);
	second = told.own;
	assert_memory_not_equal(second.checked.message_id, first.checked.message_id, 16);
	brought(w, &second, HTTP_NOTHING);
	until_closed(w);
	assert_int_equal(told.posts, 0);
	/* The Ping that waited, and the document of the case. */
	for (unsigned i = 0; i < 2; i++) {
		asks(w, 30000);
		assert_false(told.gave_own);
		again +=
		    memcmp(told.message.envelope.message_id, second.checked.message_id, 16) == 0;
	}
	assert_int_equal(again, 1);
}

/* It asks, and says that it does not take these octets. */
static void leaves(struct world *w, const void *octets, size_t len)
{
	struct msg_pickup m = {.party = PEER, .wait_ms = 0};
	unsigned before = told.picks;

	assert_int_equal(node_digest(m.left, octets, len), 0);
	assert_int_equal(link_request(w->gateway, IPC_pickup, &m, NULL, 0, NULL), 0);
	world_until(w, &told.picks, before + 1);
}

/* Nothing is heard of what it was given, as often as the line may be down: it is given again, after its rest, and
 * no other in its place. What it says that it does not take is left out, and nothing else. */
static void test_never_posted(void **state)
{
	struct world *w = *state;
	struct store_bringing b;
	struct fake_answer first = {0};

	loses_all(w);
	for (unsigned i = 0; i < 8; i++) {
		asks(w, 30000);
		assert_true(told.gave_own);
		if (i == 0)
			first = told.own;
		assert_memory_equal(&told.own, &first, sizeof first);
		asks(w, 0); /* it rests */
		peer_of(w)->own_rests_mono -= REGISTRY_GIVEN_MS;
	}
	leaves(w, "something else", 14);
	peer_of(w)->own_rests_mono -= REGISTRY_GIVEN_MS;
	asks(w, 30000);
	assert_memory_equal(&told.own, &first, sizeof first);
	leaves(w, &first, sizeof first);
	leaves(w, &first, sizeof first); /* said twice */
	peer_of(w)->own_rests_mono = 0; /* one of the two may have got the next one */
	asks(w, 30000);
	assert_true(told.gave_own);
	assert_memory_not_equal(&told.own, &first, sizeof first);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_int_equal(b.not_taken, 1);
	assert_int_equal(b.brought, 0);
	brought(w, &told.own, HTTP_NOTHING);
	for (unsigned i = 0; i < 400 && memcmp(told.own.checked.message_id,
					    first.checked.message_id, RXP_ID_OCTETS) != 0;
	     i++) {
		peer_of(w)->own_rests_mono = 0;
		asks(w, 30000); /* once more, behind the last (RXP-RCV-019) */
	}
	leaves(w, &first, sizeof first);
	until_closed(w);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_int_equal(b.brought, 1);
}

/* After its rest also to a request that waits, by itself. */
static void test_rests(void **state)
{
	const struct msg_pickup m = {.party = PEER, .wait_ms = 30000};
	struct world *w = *state;
	unsigned before;

	loses_all(w);
	asks(w, 30000);
	before = told.picks;
	assert_int_equal(link_request(w->gateway, IPC_pickup, &m, NULL, 0, NULL), 0);
	pump_for(w->loop, 50);
	assert_int_equal(told.picks, before);
	peer_of(w)->own_rests_mono -= REGISTRY_GIVEN_MS;
	recovery_kick(w->assembly->recovery);
	world_until(w, &told.picks, before + 1);
	assert_true(told.gave_own);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, recovery_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_restored_refused),
	    TEST(test_both_lost),
	    TEST(test_lost_what_it_was_brought),
	    TEST(test_both_lost_long_ago),
	    TEST(test_shown_since),
	    TEST(test_too_often),
	    TEST(test_brought),
	    TEST(test_left_comes_again),
	    TEST(test_peer_went_back),
	    TEST(test_went_back_unremembered),
	    TEST(test_went_back_again),
	    TEST(test_nothing_from_before),
	    TEST(test_lost_more),
	    cmocka_unit_test_setup_teardown(test_fetched, recovery_set_up_pulls, world_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_never_posted, recovery_set_up_pulls, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_rests, recovery_set_up_pulls, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
