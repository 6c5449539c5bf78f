/*
 * Goals of the journey in, with everything around the registry played:
 * - a receipt leaves after its commit, is stored, and comes again octet for octet: for the same
 *   octets without a sealer, for other octets of the document by its fingerprint, after Expires too,
 *   and after a crash (RXP-ANS-006); the log grows by one for each final answer and never names the own entry;
 * - the same octets in work join; the same message id in work waits; another fingerprint conflicts;
 * - what is not final leaves no trace; what cannot name a message id is unsigned
 *   (RXP-OPN-004);
 * - a full disk gives 503 and nothing else, and passes; two dead sealers give quarantine;
 * - a distrusted or unknown party gets 503;
 * - a gateway dates nothing back or ahead (RXP-TIM-006).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include <signal.h>
#include <sys/resource.h>

#include "daemon/base/packet.h"
#include "daemon/registry/in/admit.h"
#include "protocol/log/logchain.h"

#define MANY REGISTRY_PEER_ADMITS_MAX

static void same_answer(const struct world_answer *a, const struct world_answer *b)
{
	assert_int_equal(a->http_status, b->http_status);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->octets, b->octets, a->len);
}

static const struct peer *the_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static void test_receipt(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, other;
	const struct world_answer *first;
	struct rxp_log_entry entry = {.outcome = RXP_OUTCOME_RECEIPT};
	uint8_t head[32];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	memcpy(head, the_peer(w)->log.head, sizeof head);
	e = world_envelope(1);
	first = world_admit(w, &e);
	assert_int_equal(first->http_status, 200);
	assert_true(first->len > 0);
	assert_int_equal(w->last_seal.log_count, 0);
	assert_memory_equal(w->last_seal.log_head, head, sizeof head);
	assert_int_equal(the_peer(w)->log.count, 1);
	memcpy(entry.message_id, e.message_id, sizeof entry.message_id);
	memcpy(entry.fingerprint, e.fingerprint, sizeof entry.fingerprint);
	entry.received_ms = w->last_seal.received_ms;
	assert_int_equal(rxp_logchain_extend(head, 1, &entry), 0);
	assert_memory_equal(the_peer(w)->log.head, head, sizeof head);

	same_answer(world_admit(w, &e), first);
	assert_int_equal(w->opened, 1);
	other = e;
	other.salt = 1;
	same_answer(world_admit(w, &other), first);
	assert_int_equal(w->opened, 2);
	assert_int_equal(w->sealed, 1);
	world_move_clock(w, RXP_MAX_LIFETIME_MS);
	same_answer(world_admit(w, &e), first);
	same_answer(world_admit(w, &other), first);
	assert_int_equal(the_peer(w)->counts[STATE_HANDED_OVER], 1);
	assert_int_equal(the_peer(w)->log.count, 1);
}

static void test_after_crash(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	struct world_answer first;
	struct store_log log;

	world_add_peer(w, 1);
	e = world_envelope(1);
	first = *world_admit(w, &e);
	log = the_peer(w)->log;
	world_restart(w);
	assert_int_equal(the_peer(w)->log.count, log.count);
	assert_memory_equal(the_peer(w)->log.head, log.head, sizeof log.head);
	same_answer(world_admit(w, &e), &first);
	assert_int_equal(w->sealed, 1);
}

/* The process ends while the answer is sealed and not committed. */
static void test_crash_before_commit(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	world_add_peer(w, 1);
	e = world_envelope(1);
	world_send(w, &e);
	world_until(w, &w->sealed, 1);
	world_restart(w);
	/* Committed or not, there is one receipt and one entry when it comes again. */
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal(the_peer(w)->log.count, 1);
	assert_int_equal(the_peer(w)->counts[STATE_HANDED_OVER], 1);
}

static void test_join_and_wait(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, other;

	world_add_peer(w, 1);
	e = world_envelope(1);
	other = e;
	other.salt = 1;
	link_pause(w->sealer, true);
	world_send(w, &e);
	world_send(w, &e);
	world_send(w, &other);
	pump_for(w->loop, 5);
	link_pause(w->sealer, false);
	world_until(w, &w->n_admitted, 3);
	same_answer(&w->admitted[0], &w->admitted[1]);
	same_answer(&w->admitted[0], &w->admitted[2]);
	assert_int_equal(w->opened, 2);
	assert_int_equal(w->receipts, 1);
	assert_int_equal(the_peer(w)->log.count, 1);
}

static void test_conflict(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, other;
	struct world_answer first, conflict;

	world_add_peer(w, 1);
	e = world_envelope(1);
	first = *world_admit(w, &e);
	other = e;
	other.fingerprint[0] = 99;
	conflict = *world_admit(w, &other);
	assert_int_equal(conflict.http_status, 409);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_CONFLICT);
	same_answer(world_admit(w, &other), &conflict);
	same_answer(world_admit(w, &e), &first);
	other.salt = 1;
	same_answer(world_admit(w, &other), &conflict);
	assert_int_equal(the_peer(w)->log.count, 2);
}

/* Both arrive before either is decided: the first committed stands. */
static void test_conflict_in_work(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, other;

	world_add_peer(w, 1);
	e = world_envelope(1);
	other = e;
	other.fingerprint[0] = 99;
	link_pause(w->sealer, true);
	world_send(w, &e);
	world_send(w, &other);
	pump_for(w->loop, 5);
	link_pause(w->sealer, false);
	world_until(w, &w->n_admitted, 2);
	assert_int_equal(w->admitted[0].http_status + w->admitted[1].http_status, 200 + 409);
	assert_int_equal(w->receipts, 1);
}

static void test_times(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	const struct world_answer *a;
	int64_t ahead;

	world_add_peer(w, 1);
	e = world_envelope(1);
	e.created_ms += RXP_MAX_CLOCK_AHEAD_MS + 60000;
	ahead = e.created_ms;
	assert_int_equal(world_admit(w, &e)->http_status, 422);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_FUTURE);
	assert_int_equal(w->last_seal.retry_ms, ahead - RXP_MAX_CLOCK_AHEAD_MS);
	assert_int_equal(the_peer(w)->log.count, 0);
	world_move_clock(w, 61000);
	assert_int_equal(world_admit(w, &e)->http_status, 200);

	e = world_envelope(2);
	e.expires_ms = clock_wall_ms() - 1;
	a = world_admit(w, &e);
	assert_int_equal(a->http_status, 422);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_EXPIRED);
	assert_int_equal(the_peer(w)->log.count, 2);
	same_answer(world_admit(w, &e), a);
}

static const struct world_answer *admit_told(
    struct world *w, const struct fake_envelope *e, int64_t told_ms)
{
	struct msg_admit m = {
	    .party = PEER, .received_ms = told_ms, .envelope = {(const uint8_t *)e, sizeof *e}};
	unsigned before = w->n_admitted;

	assert_int_equal(link_request(w->gateway, IPC_admit, &m, NULL, 0, NULL), 0);
	world_until(w, &w->n_admitted, before + 1);
	return &w->admitted[before];
}

/* RXP-TIM-006: what the gateway says is believed for the last ten minutes, and not for the future. */
static void test_times_told(void **state)
{
	static const int64_t told[] = {
	    -REGISTRY_GATEWAY_LAG_MS - 60000, 60000, INT64_MAX / 2, INT64_MIN / 2, -60000};
	struct world *w = *state;
	size_t n = sizeof told / sizeof told[0];
	struct fake_envelope e;

	world_add_peer(w, 1);
	for (size_t i = 0; i < n; i++) {
		int64_t before = clock_wall_ms(), ms;

		e = world_envelope((uint8_t)(i + 1));
		assert_int_equal(admit_told(w, &e, before + told[i])->http_status, 200);
		ms = w->last_seal.received_ms;
		if (i == n - 1)
			assert_int_equal(ms, before + told[i]);
		else
			assert_true(ms >= before && ms <= clock_wall_ms());
	}
	e = world_envelope(99);
	e.created_ms = clock_wall_ms() - 2 * RXP_DEFAULT_LIFETIME_MS;
	e.expires_ms = e.created_ms + RXP_DEFAULT_LIFETIME_MS;
	assert_int_equal(admit_told(w, &e, e.created_ms + 1)->http_status, 422);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_EXPIRED);
}

static void test_refusals(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, nameless;
	const struct world_answer *a;

	world_add_peer(w, 1);
	e = world_envelope(1);
	e.refusal = 1 + RXP_REFUSAL_SCHEMA;
	a = world_admit(w, &e);
	assert_int_equal(a->http_status, 422);
	assert_int_equal(w->last_seal.has_fingerprint, 1);
	same_answer(world_admit(w, &e), a);
	assert_int_equal(w->opened, 1);

	e = world_envelope(2);
	e.unopened = 1;
	e.refusal = 1 + RXP_REFUSAL_UNOPENABLE;
	world_admit(w, &e);
	assert_int_equal(w->last_seal.has_fingerprint, 0);
	world_admit(w, &e);
	assert_int_equal(w->opened, 3); /* no trace: opened anew */

	e.refusal = 1 + RXP_REFUSAL_REKEY;
	e.salt = 1;
	assert_int_equal(world_admit(w, &e)->http_status, 409);
	nameless = e;
	memset(nameless.message_id, 0, sizeof nameless.message_id);
	a = world_admit(w, &nameless);
	assert_int_equal(a->http_status, 409);
	assert_int_equal(a->len, 0);
	assert_int_equal(the_peer(w)->log.count, 1);
}

/* A sealer in a stranger's hands does not end the registry. */
static void test_impossible_verdict(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	world_add_peer(w, 1);
	e = world_envelope(1);
	e.refusal = 1 + RXP_REFUSAL_COUNT;
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	e = world_envelope(1);
	e.unopened = 1;
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	e = world_envelope(1);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

static void limit_files(rlim_t octets_max)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = octets_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void test_full_disk(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	const struct world_answer *a;
	struct store_log log;

	world_until(w, &w->own_told, 1); /* so that only the envelope meets the full disk */
	w->proves_nothing = true;
	world_add_peer(w, 1);
	log = the_peer(w)->log;
	e = world_envelope(1);
	signal(SIGXFSZ, SIG_IGN);
	limit_files(4096);
	a = world_admit(w, &e);
	assert_int_equal(a->http_status, 503);
	assert_int_equal(a->len, 0);
	assert_int_equal(the_peer(w)->log.count, log.count);
	assert_string_equal(world_ask(w, IPC_status, &(struct msg_status){0})->words,
	    "the database cannot be written");
	limit_files(RLIM_INFINITY);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal(the_peer(w)->log.count, log.count + 1);
	assert_string_equal(world_ask(w, IPC_status, &(struct msg_status){0})->words, "");
}

/* Take the next request as a raw sealer that dies of it. */
static void take_and_die(struct world *w, uint32_t number)
{
	static struct packet_in in;
	struct msg_taken taken = {.number = number};
	struct packet *p;

	pump_while(w->loop, packet_receive(&in, w->sealer_fd) != 0);
	assert_int_equal(in.type, IPC_open);
	assert_int_equal(packet_new(&p, IPC_taken, in.request, &taken, NULL, 0), 0);
	assert_int_equal(packet_send(w->sealer_fd, p), 0);
	packet_free(p);
	packet_done(&in);
	pump_for(w->loop, 5);
	assembly_sealer_died(w->assembly, number);
}

static void test_quarantine(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	world_add_peer(w, 1);
	e = world_envelope(1);
	link_pause(w->sealer, true);
	world_send(w, &e);
	take_and_die(w, 0);
	take_and_die(w, 1);
	link_pause(w->sealer, false);
	world_until(w, &w->n_admitted, 1);
	assert_int_equal(w->admitted[0].http_status, 422);
	assert_int_equal(w->admitted[0].len, 0);
	assert_int_equal(the_peer(w)->counts[STATE_QUARANTINED], 1);
	/* Those octets cost no further sealer, and others are served. */
	assert_int_equal(world_admit(w, &e)->http_status, 422);
	assert_int_equal(w->opened, 0);
	e.salt = 1;
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

static void test_strangers(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1);
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};

	assert_int_equal(world_admit(w, &e)->http_status, 503);
	world_add_peer(w, 1);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	assert_int_equal(w->pin_rows, 0);
}

/* A flood leaves no gap and no fork in the log. */
static void test_many(void **state)
{
	struct world *w = *state;

	world_add_peer(w, 1);
	for (uint8_t i = 0; i < MANY; i++) {
		struct fake_envelope e = world_envelope(i);

		world_send(w, &e);
	}
	world_until(w, &w->n_admitted, MANY);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(w->admitted[i].http_status, 200);
	assert_int_equal(the_peer(w)->log.count, MANY);
	world_restart(w);
	assert_int_equal(the_peer(w)->log.count, MANY);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_receipt),
	    WORLD_TEST(test_after_crash),
	    WORLD_TEST(test_crash_before_commit),
	    WORLD_TEST(test_join_and_wait),
	    WORLD_TEST(test_conflict),
	    WORLD_TEST(test_conflict_in_work),
	    WORLD_TEST(test_times),
	    WORLD_TEST(test_times_told),
	    WORLD_TEST(test_refusals),
	    WORLD_TEST(test_impossible_verdict),
	    WORLD_TEST(test_full_disk),
	    WORLD_TEST(test_quarantine),
	    WORLD_TEST(test_strangers),
	    WORLD_TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
