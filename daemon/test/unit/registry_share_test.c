/*
 * Goals of the bounds of one peer (RXP-ANS-021), with everything around the registry played:
 * - a peer that has filled its share is answered 503 without a sealer, its stored answers are given to
 *   it all the same, and another peer feels nothing; what it stores is counted as it is put and dropped,
 *   the same after a start, and set right if the count was wrong;
 * - its requests in work leave room for others, those for the same octets too;
 * - a disk that is nearly full turns everything new away, shows in the health, and is over by itself;
 * - behind the envelopes kept in quarantine digests go on turning repetitions away, until the peer is not
 *   served any more.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_file_rig.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_peer.h"

#define OTHER "QRC"

static void add_peers(struct world *w)
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	strcpy(w->descriptor.party, OTHER);
	w->pin = 2;
	assert_int_equal(world_add_peer(w, 2)->result, 0);
}

static void send_of(struct world *w, const char *party, const struct fake_envelope *e)
{
	struct msg_admit m = {
	    .received_ms = clock_wall_ms(), .envelope = {(const uint8_t *)e, sizeof *e}};

	memcpy(m.party, party, sizeof m.party);
	assert_int_equal(link_request(w->gateway, IPC_admit, &m, NULL, 0, NULL), 0);
}

static uint32_t admit_of(struct world *w, const char *party, uint8_t id)
{
	struct fake_envelope e = world_envelope(id);
	unsigned before = w->n_admitted;

	send_of(w, party, &e);
	world_until(w, &w->n_admitted, before + 1);
	return w->admitted[before].http_status;
}

static uint64_t octets_of(struct world *w, const char *party)
{
	uint64_t octets = 0;

	assert_int_equal(store_peer_octets(store_db(w->assembly->node.store), party, &octets), 0);
	return octets;
}

static void restart_with(struct world *w, uint64_t peer_octets)
{
	w->peer_octets = peer_octets;
	world_restart(w);
}

static void test_share(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait");
	struct fake_envelope first;
	unsigned opened;
	uint64_t octets;

	w->proves_nothing = true; /* the node looks at its own rows whenever it comes to that */
	add_peers(w);
	first = world_envelope(1);
	assert_int_equal(world_admit(w, &first)->http_status, 200);
	octets = octets_of(w, PEER);
	assert_true(octets > 0);
	restart_with(w, octets + REGISTRY_MESSAGE_OCTETS);
	assert_int_equal(admit_of(w, PEER, 2), 200);
	assert_true(octets_of(w, PEER) > octets);
	opened = w->opened;
	assert_int_equal(admit_of(w, PEER, 3), 503);
	assert_int_equal(w->opened, opened);
	assert_int_equal(world_admit(w, &first)->http_status, 200);
	assert_int_equal(admit_of(w, OTHER, 3), 200);
	assert_string_equal(world_ask(w, IPC_status, &(struct msg_status){0})->words, "");

	restart_with(w, octets_of(w, PEER) + s.total - 1);
	rig_put(w, &s, 0);
	rig_expect(503, 0);
	restart_with(w, octets_of(w, PEER) + s.total);
	rig_put(w, &s, 0);
	rig_expect(0, 0);
}

static void test_counted(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), wrong = s;
	uint64_t octets;
	sqlite3 *db = NULL;

	add_peers(w);
	rig_bring(w, &s);
	assert_int_equal(octets_of(w, PEER), s.total);
	wrong = rig_sample("passport");
	rig_put(w, &wrong, 0);
	assert_int_equal(octets_of(w, PEER), s.total + wrong.total);
	wrong.octets[0] ^= 1;
	rig_write_part(&wrong, 0, wrong.total);
	rig_end_put(w, &wrong, wrong.total);
	rig_expect(422, 0);
	assert_int_equal(octets_of(w, PEER), s.total);
	assert_int_equal(admit_of(w, PEER, 1), 200);
	octets = octets_of(w, PEER);
	assert_true(octets > s.total);
	assert_int_equal(octets_of(w, OTHER), 0);

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE peer SET octets = 77 + octets", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	assert_int_equal(octets_of(w, PEER), octets);
	assert_int_equal(octets_of(w, OTHER), 0);
}

static void test_places(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;

	add_peers(w);
	link_pause(w->sealer, true);
	for (uint8_t i = 0; i < REGISTRY_PEER_ADMITS_MAX; i++) {
		e = world_envelope(i / 2); /* each comes twice */
		e.created_ms = 1;
		send_of(w, PEER, &e);
	}
	pump_for(w->loop, 5);
	assert_int_equal(w->n_admitted, 0);
	e = world_envelope(99);
	send_of(w, PEER, &e);
	world_until(w, &w->n_admitted, 1);
	assert_int_equal(w->admitted[0].http_status, 503);
	send_of(w, OTHER, &e);
	pump_for(w->loop, 5);
	assert_int_equal(w->n_admitted, 1);
	link_pause(w->sealer, false);
	world_until(w, &w->n_admitted, REGISTRY_PEER_ADMITS_MAX + 2);
	for (unsigned i = 1; i < REGISTRY_PEER_ADMITS_MAX + 2; i++)
		assert_int_equal(w->admitted[i].http_status, 200);
	assert_int_equal(admit_of(w, PEER, 100), 200);
}

static void test_disk(void **state)
{
	struct world *w = *state;
	struct fake_envelope first;
	unsigned opened;

	w->proves_nothing = true; /* the node looks at its own rows whenever it comes to that */
	add_peers(w);
	first = world_envelope(1);
	assert_int_equal(world_admit(w, &first)->http_status, 200);
	rig_disk_free = REGISTRY_DISK_RESERVE_OCTETS + REGISTRY_MESSAGE_OCTETS;
	assert_int_equal(admit_of(w, PEER, 2), 200);
	opened = w->opened;
	rig_disk_free = REGISTRY_DISK_RESERVE_OCTETS - 1;
	assert_int_equal(admit_of(w, PEER, 3), 503);
	assert_int_equal(admit_of(w, OTHER, 4), 503);
	assert_int_equal(w->opened, opened);
	assert_int_equal(world_admit(w, &first)->http_status, 200);
	assert_string_equal(world_ask(w, IPC_status, &(struct msg_status){0})->words,
	    "the disk is nearly full; peers are answered busy");
	rig_disk_free = DISK_LARGE;
	assert_int_equal(admit_of(w, PEER, 3), 200);
	assert_string_equal(world_ask(w, IPC_status, &(struct msg_status){0})->words, "");
}

/* --- quarantine ---------------------------------------------------------------------------------- */

struct noting {
	struct store_item item;
	unsigned from, to, done;
	int result;
};

static const uint8_t octets[] = "octets of which a sealer dies";

static int note(void *arg, struct db *db)
{
	const struct noting *n = arg;
	int rc = 0;

	for (unsigned i = n->from; rc == 0 && i < n->to; i++) {
		uint8_t id[16] = {(uint8_t)(i >> 8), (uint8_t)i};
		uint8_t digest[32] = {(uint8_t)(i >> 8), (uint8_t)i, 1};

		rc = store_quarantine_put(
		    db, id, PEER, digest, (struct bytes){octets, sizeof octets}, 1);
	}
	return rc;
}

static void noted(void *arg, int result)
{
	struct noting *n = arg;

	n->result = result;
	n->done = 1;
}

static int quarantine(struct world *w, unsigned from, unsigned to)
{
	struct noting n = {.from = from, .to = to};

	n.item = (struct store_item){.apply = note, .done = noted, .arg = &n};
	store_submit(w->assembly->node.store, &n.item);
	store_round(w->assembly->node.store);
	assert_int_equal(n.done, 1);
	return n.result;
}

static void test_quarantined(void **state)
{
	struct world *w = *state;
	uint8_t last[32] = {(uint8_t)((REGISTRY_QUARANTINE_MAX - 1) >> 8),
	    (uint8_t)(REGISTRY_QUARANTINE_MAX - 1), 1};

	add_peers(w);
	assert_int_equal(quarantine(w, 0, REGISTRY_QUARANTINE_MAX - 1), 0);
	assert_int_equal(octets_of(w, PEER), REGISTRY_QUARANTINE_KEPT * sizeof octets);
	world_restart(w);
	assert_int_equal(octets_of(w, PEER), REGISTRY_QUARANTINE_KEPT * sizeof octets);
	assert_int_equal(admit_of(w, PEER, 1), 200);
	assert_int_equal(quarantine(w, REGISTRY_QUARANTINE_MAX - 1, REGISTRY_QUARANTINE_MAX), 0);
	assert_int_equal(store_quarantine_has(store_db(w->assembly->node.store), PEER, last), 0);
	assert_int_equal(
	    quarantine(w, REGISTRY_QUARANTINE_MAX, REGISTRY_QUARANTINE_MAX + 1), RXP_ERR_FULL);
	world_restart(w);
	assert_int_equal(admit_of(w, PEER, 2), 503);
	assert_int_equal(admit_of(w, OTHER, 2), 200);
}

static uint32_t discard(struct world *w, const uint8_t id[RXP_ID_OCTETS])
{
	struct msg_message_discard m = {.user = "operator"};

	memcpy(m.local_id, id, sizeof m.local_id);
	return world_ask(w, IPC_message_discard, &m)->result;
}

static off_t write_ahead(void)
{
	struct stat is;

	assert_int_equal(stat("readmit.db-wal", &is), 0);
	return is.st_size;
}

/* A person ends it: the octets go, also from the write-ahead log, the digest turns them away as before, and there is room for another. */
static void test_set_aside(void **state)
{
	static const uint8_t first[RXP_ID_OCTETS] = {0}, digest[RXP_DIGEST_OCTETS] = {0, 0, 1};
	struct world *w = *state;
	struct peer *peer;
	struct db *db;

	add_peers(w);
	assert_int_equal(quarantine(w, 0, REGISTRY_QUARANTINE_MAX), 0);
	world_restart(w);
	db = store_db(w->assembly->node.store);
	peer = peers_find(w->assembly->peers, PEER);
	assert_int_equal(peer->counts[STATE_QUARANTINED], REGISTRY_QUARANTINE_MAX);
	assert_int_equal(admit_of(w, PEER, 2), 503);
	assert_int_equal(discard(w, first), 0);
	assert_int_equal(write_ahead(), 0);
	assert_int_equal(peer->counts[STATE_QUARANTINED], REGISTRY_QUARANTINE_MAX - 1);
	assert_int_equal(octets_of(w, PEER), (REGISTRY_QUARANTINE_KEPT - 1) * sizeof octets);
	assert_int_equal(store_quarantine_has(db, PEER, digest), 0);
	assert_int_equal(discard(w, first), (uint32_t)RXP_ERR_NOT_FOUND); /* it is none any more */
	assert_int_equal(admit_of(w, PEER, 2), 200);
	assert_int_equal(quarantine(w, REGISTRY_QUARANTINE_MAX, REGISTRY_QUARANTINE_MAX + 1), 0);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_share),
	    TEST(test_counted),
	    TEST(test_places),
	    TEST(test_disk),
	    TEST(test_quarantined),
	    TEST(test_set_aside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
