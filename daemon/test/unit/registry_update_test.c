/*
 * Goals of a descriptor that a person brings of a known peer (RXP-DSC-007, 021, 025 and 033):
 * - one that is newer is taken, is in force and stays over a restart; who brought it is journalled; a change of root
 *   that its chain proves is followed;
 * - a broken chain, another key, a weak key, dates that go back, a false seal, a lower serial, another part of the same
 *   serial, another party's, a pin of another party are refused with the reason, and the old one stands;
 * - nor is one with a key of another party or of this node, or of another day (RXP-DSC-037, RXP-DSC-038); one that is added
 *   again holds the part that is known, or the party was distrusted before (RXP-DSC-039);
 * - a revocation that is dated back has what was answered since asked for again, once (RXP-DSC-042);
 * - one that was judged before the peer was distrusted, or before a newer one was taken, changes nothing when it is to be
 *   stored after that;
 * - one that people brought before they ended the trust does not put it back (RXP-DSC-044);
 * - a party that is not known, or distrusted, is not updated;
 * - what it would change is told of any party, with whether it would be taken, and nothing is taken.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include <sqlite3.h>

#include "daemon/registry/store/store_peer.h"

#define DAY INT64_C(86400000)
#define TAKEN "d" /* what world_add_peer() brings */

static struct peer *the_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static const struct world_answer *update_with(struct world *w, const char *octets)
{
	struct msg_peer_update m = {.user = "officer",
	    .party = PEER,
	    .descriptor = {(const uint8_t *)octets, strlen(octets)}};

	return world_ask(w, IPC_peer_update, &m);
}

static const struct world_answer *update(struct world *w)
{
	return update_with(w, "newer");
}

static const struct world_answer *diff(struct world *w)
{
	struct msg_peer_diff m = {.party = PEER, .descriptor = {(const uint8_t *)"newer", 5}};

	return world_ask(w, IPC_peer_diff, &m);
}

static void assert_journalled(struct world *w)
{
	const struct world_answer *a =
	    world_ask(w, IPC_journal_list, &(struct msg_journal_list){.limit = 10});
	struct record_cursor cursor = {.at = a->octets, .left = a->len};
	struct rec_journal_row row = {.n = 0};
	struct bytes fields;
	uint16_t tag;
	unsigned found = 0;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_journal_row, fields.data, fields.len), 0);
		found += strcmp(row.action, "peer-update") == 0 &&
			 strcmp(row.user, "officer") == 0 && strcmp(row.peer, PEER) == 0;
	}
	assert_int_equal(found, 1);
}

static void test_taken(void **state)
{
	struct world *w = *state;
	unsigned told;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	told = w->pins_told;
	w->descriptor.working_created_ms++;
	assert_int_equal(update(w)->result, 0);
	assert_int_equal(w->last_check.any_root, 1);
	assert_int_equal(w->last_check.known_serial, 1);
	assert_memory_equal(w->last_check.known, the_peer(w)->identity, 32);
	assert_int_equal(w->pins_told, told + 1);
	assert_journalled(w);
	w->descriptor.identity_serial = 2;
	w->descriptor.identity[0] = 77;
	w->changed_root = 5;
	assert_int_equal(update(w)->result, 0);
	assert_int_equal(the_peer(w)->root[0], 5);
	world_restart(w);
	assert_int_equal(the_peer(w)->identity_serial, 2);
	assert_int_equal(the_peer(w)->identity[0], 77);
	assert_int_equal(the_peer(w)->root[0], 5);
}

static void assert_stored(struct world *w, const char *octets)
{
	struct rxp_buf stored;

	rxp_buf_init(&stored, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(
	    store_peer_descriptor(store_db(w->assembly->node.store), &stored, PEER), 0);
	assert_int_equal(stored.len, strlen(octets));
	assert_memory_equal(stored.data, octets, stored.len);
	rxp_buf_free(&stored);
}

/* What a hand made of it gives way to what was taken, which is not newer (RXP-EVI-032); then that is known already. */
static void test_put_right(void **state)
{
	struct world *w = *state;
	sqlite3 *db = NULL;

	w->key_from_ms = 1;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_stored(w, TAKEN);
	assert_int_equal((int)update_with(w, TAKEN)->result, RXP_ERR_EXISTS);
	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(db, "UPDATE peer SET descriptor = x'00'", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	assert_int_equal(update_with(w, TAKEN)->result, 0);
	assert_stored(w, TAKEN);
	assert_int_equal((int)update_with(w, TAKEN)->result, RXP_ERR_EXISTS);
}

/* Change one thing of what is newer and would be taken. */
struct fault {
	const char *what;
	const char *words;
	const char *party; /* NULL: the peer */
	const char *seal;
	uint64_t serial; /* 0: 3 */
	int64_t ahead_ms, working_ahead_ms; /* Created of the parts, of our clock; 0: long ago */
	int result; /* of the sealer */
	bool taken; /* the octets that were taken before; else others */
	int refused; /* 0: as the sealer says, or else RXP_ERR_MISMATCH */
	uint8_t identity; /* first octet; 0: 3 */
	uint8_t pin;
};

static void test_refused(void **state)
{
	static const struct fault faults[] = {
	    {"chain", "its chain is broken", .result = RXP_ERR_MISMATCH},
	    {"root", "under another key", .result = RXP_ERR_SIGNER},
	    {"weak key", "too weak", .result = RXP_ERR_KEY},
	    {"dates", "dates", .result = RXP_ERR_DATES},
	    {"seal", "does not verify", .result = RXP_ERR_SEAL},
	    {"no descriptor", "no whole", .result = RXP_ERR_STRUCTURE},
	    {"a key of ours", "key of this node", .result = RXP_ERR_PEER},
	    {"missing", "missing, named twice", .result = RXP_ERR_SCHEMA},
	    {"too large", "larger", .result = RXP_ERR_BOUND},
	    {"lower serial", "a newer descriptor", .serial = 1, .refused = RXP_ERR_EXISTS},
	    {"same serial", "another identity part", .serial = 2, .identity = 9},
	    {"the same", "known already", .taken = true, .serial = 2, .identity = 2,
		.refused = RXP_ERR_EXISTS},
	    {"another party", "another party", .party = "QRC"},
	    {"pin of another", "TLS pin", .pin = 60},
	    {"seal of another", "seal certificate", .seal = "QRD"},
	    {"identity ahead", "later than this node's clock", .ahead_ms = DAY + 60000},
	    {"working part ahead", "later than this node's clock", .working_ahead_ms = DAY + 60000},
	};
	struct world *w = *state;
	unsigned told;

	w->key_from_ms = 1;
	w->pin = 60;
	strcpy(w->descriptor.party, "QRD");
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->pin = 50;
	strcpy(w->descriptor.party, PEER);
	w->descriptor.identity_serial = 2;
	w->descriptor.identity[0] = 2;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	told = w->pins_told;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		const struct fault *f = &faults[i];
		const struct world_answer *a;
		int refused = f->refused != 0  ? f->refused
			      : f->result != 0 ? f->result
					       : RXP_ERR_MISMATCH;

		w->descriptor.result = (uint32_t)f->result;
		w->descriptor.identity_serial = f->serial != 0 ? f->serial : 3;
		w->descriptor.identity[0] = f->identity != 0 ? f->identity : 3;
		snprintf(w->descriptor.party, sizeof w->descriptor.party, "%s",
		    f->party != NULL ? f->party : PEER);
		w->pin = f->pin != 0 ? f->pin : 50;
		w->seal = f->seal;
		w->descriptor.identity_created_ms =
		    f->ahead_ms != 0 ? clock_wall_ms() + f->ahead_ms : 1;
		w->descriptor.working_created_ms =
		    f->working_ahead_ms != 0 ? clock_wall_ms() + f->working_ahead_ms : 1;
		a = diff(w);
		if (strstr(a->words, f->words) == NULL)
			fail_msg("%s: told %s", f->what, a->words);
		a = f->taken ? update_with(w, TAKEN) : update(w);
		if ((int)a->result != refused || strstr(a->words, f->words) == NULL)
			fail_msg("%s: %d, %s", f->what, (int)a->result, a->words);
		assert_int_equal(the_peer(w)->identity_serial, 2);
		assert_int_equal(the_peer(w)->identity[0], 2);
		assert_int_equal(w->pins_told, told);
	}
	/* The twin, a day ahead at most. */
	w->descriptor.result = 0;
	w->pin = 50;
	w->seal = NULL;
	w->descriptor.identity_created_ms = clock_wall_ms() + DAY - 60000;
	w->descriptor.working_created_ms = clock_wall_ms() + DAY - 60000;
	w->descriptor.identity_serial = 3;
	strcpy(w->descriptor.party, PEER);
	assert_int_equal(update(w)->result, 0);
}

/* Brought as if it were a new one, it has to hold what is known, and is no way round the rules of an update. */
static void test_added_again(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust distrust = {.user = "officer", .party = PEER};
	const struct world_answer *a;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(w->last_check.known_serial, 0);
	w->descriptor.identity_serial = 2;
	w->descriptor.identity[0] = 2;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(w->last_check.known_serial, 1);
	assert_memory_equal(w->last_check.known, (uint8_t[32]){0}, 32);
	w->chain_lost = true;
	w->descriptor.identity_serial = 3;
	w->descriptor.identity[0] = 3;
	a = world_add_peer(w, 1);
	assert_int_equal((int)a->result, RXP_ERR_MISMATCH);
	assert_non_null(strstr(a->words, "lacks the identity part that is known"));
	assert_int_equal(the_peer(w)->identity_serial, 2);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(w->last_check.known_serial, 0);
	assert_int_equal(the_peer(w)->identity_serial, 3);
}

/* The octets that are stored as the answer to the message. */
static bool has_answer(struct world *w, const uint8_t id[16], const struct fake_answer *f)
{
	struct fake_answer said = *f;
	const struct bytes want = {(const uint8_t *)&said, sizeof said};
	struct db *db = store_db(w->assembly->node.store);
	const enum sql q = SQL_OUTBOX_SHOW;
	struct bytes answer;
	bool same;
	int column = 0;

	world_say(&said);
	assert_int_equal(db_first(db, q, DB_VALUES(DB_O(id, 16))), 1);
	while (db_octets(db, q, column).len != want.len)
		assert_true(++column < 64);
	answer = db_octets(db, q, column);
	same = memcmp(answer.data, want.data, want.len) == 0;
	db_end(db, q);
	return same;
}

/* The answer that is stored is brought first, as to a peer that lost it (RXP-RCV-008): it has it. */
static void has_it(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_posted posted = {.http_status = 204};

	(void)w;
	assert_int_equal(m->type, IPC_post);
	assert_int_equal(link_answer(l, IPC_posted, m->request, &posted, NULL, 0), 0);
}

/* RXP-DSC-042: a revocation that is dated back has the answers of after that time asked for again. */
static void test_dated_back(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_answer first, anew, other;
	uint8_t id[16];

	w->other = has_it;
	world_begin(w, id);
	world_until(w, &w->n_deliveries, 1);
	first = world_receipt(&w->deliveries[0]);
	first.checked.log_count = 7;
	world_deliver(w, &w->deliveries[0], 200, &first);
	world_until_state(w, id, "delivered", &row);
	/* A part that revokes nothing asks for nothing, nor one that revokes since later. */
	w->descriptor.identity_serial = w->descriptor.identity[0] = 2;
	assert_int_equal(update(w)->result, 0);
	w->descriptor.identity_serial = w->descriptor.identity[0] = 3;
	w->revoked_ms = clock_wall_ms() + DAY;
	assert_int_equal(update(w)->result, 0);
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, 1);
	w->descriptor.identity_serial = w->descriptor.identity[0] = 4;
	w->revoked_ms = clock_wall_ms() - DAY;
	assert_int_equal(update(w)->result, 0);
	world_until(w, &w->n_deliveries, 2);
	/* The same under another seal: other octets. */
	anew = first;
	anew.flags[sizeof anew.flags - 1] = 'x';
	world_deliver(w, &w->deliveries[1], 200, &anew);
	pump_while(w->loop, !has_answer(w, id, &anew));
	assert_true(has_answer(w, id, &anew));
	/* News of the same revocation are none. */
	w->descriptor.identity_serial = w->descriptor.identity[0] = 5;
	assert_int_equal(update(w)->result, 0);
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, 2);
	/* One that says something else does not take its place. */
	w->descriptor.identity_serial = w->descriptor.identity[0] = 6;
	w->revoked_ms -= DAY;
	assert_int_equal(update(w)->result, 0);
	world_until(w, &w->n_deliveries, 3);
	other = first;
	other.checked.log_count = 8;
	world_deliver(w, &w->deliveries[2], 200, &other);
	pump_for(w->loop, 50);
	assert_true(has_answer(w, id, &anew));
	world_show(w, id, &row);
	assert_string_equal(row.state, "delivered");
}

static void test_whom(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};

	assert_int_equal((int)update(w)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	w->descriptor.working_created_ms++;
	assert_int_equal((int)update(w)->result, RXP_ERR_STATE);
	assert_false(the_peer(w)->active);
	assert_int_equal(diff(w)->result, 0);
	assert_non_null(strstr(w->answers[w->n_answers - 1].words, "distrusted"));
}

static void distrust(struct world *w)
{
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};

	w->checking = NULL;
	assert_int_equal(link_request(w->desk, IPC_peer_distrust, &m, NULL, 0, NULL), 0);
}

/* The order to distrust and what a sealer found are heard in one round, and stored together. */
static void test_distrusted_meanwhile(void **state)
{
	struct world *w = *state;
	unsigned n;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	n = w->n_answers;
	w->checking = distrust;
	w->descriptor.identity_serial = w->descriptor.identity[0] = 2;
	update(w);
	world_until(w, &w->n_answers, n + 2);
	assert_int_equal(w->answers[n].type, IPC_peer_distrusted);
	assert_int_equal(w->answers[n].result, 0);
	assert_int_equal((int)w->answers[n + 1].result, RXP_ERR_STATE);
	assert_false(the_peer(w)->active);
	assert_int_equal(the_peer(w)->identity_serial, 1);
	world_restart(w);
	assert_false(the_peer(w)->active);
	assert_int_equal(the_peer(w)->identity_serial, 1);
}

static unsigned checks_before; /* the order to distrust is given */

static void distrust_then(struct world *w)
{
	if (checks_before == 0)
		distrust(w);
	else
		checks_before--;
}

/* People end the trust while a descriptor that they brought is looked at, for the first or for the second time, or waits to be
 * stored: nothing of it puts the trust back. Brought again it does (RXP-DSC-044). */
static void test_added_before_distrust(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < 2; i++) {
		unsigned n = w->n_answers;

		checks_before = i;
		w->checking = distrust_then;
		w->descriptor.identity_serial++;
		w->descriptor.identity[0]++;
		world_add_peer(w, 1);
		world_until(w, &w->n_answers, n + 2);
		assert_int_equal(w->answers[n].type, IPC_peer_distrusted);
		assert_int_equal(w->answers[n].result, 0);
		assert_int_not_equal((int)w->answers[n + 1].result, 0);
		assert_non_null(strstr(w->answers[n + 1].words, "distrusted meanwhile"));
		assert_false(the_peer(w)->active);
		world_restart(w);
		assert_false(the_peer(w)->active);
		assert_int_equal(world_add_peer(w, 1)->result, 0);
		assert_true(the_peer(w)->active);
	}
}

/* A new identity part, which revokes a stolen seal, is stored; who judges what comes next does not know of it yet. */
static void store_genuine(struct world *w)
{
	struct store_peer row = {.party = PEER,
	    .identity_serial = 2,
	    .identity = {2},
	    .working_created_ms = 1,
	    .descriptor = {(const uint8_t *)"genuine", 7}};

	w->checking = NULL;
	memcpy(row.root, the_peer(w)->root, sizeof row.root);
	assert_int_equal(store_peer_renew(store_db(w->assembly->node.store), &row), 0);
}

static void test_newer_meanwhile(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->checking = store_genuine;
	w->descriptor.working_created_ms++; /* under the seal that was stolen */
	a = update(w);
	assert_int_equal((int)a->result, RXP_ERR_EXISTS);
	assert_string_equal(a->words, "what came just before it is as new");
	world_restart(w);
	assert_int_equal(the_peer(w)->identity_serial, 2);
	assert_int_equal(the_peer(w)->identity[0], 2);
	assert_int_equal(the_peer(w)->working_created_ms, 1);
}

static void test_told(void **state)
{
	struct world *w = *state;
	const struct world_answer *a = diff(w);
	unsigned told;

	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 0);
	assert_string_equal(a->words, "");
	assert_true(w->last_check.any_root == 1 && w->last_check.differ == 1);
	assert_int_equal(w->last_check.earlier.len, 0);
	assert_null(the_peer(w));
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	told = w->pins_told;
	a = diff(w);
	assert_int_equal(a->more, 1);
	assert_string_equal(a->words, "it is what is known already");
	assert_true(w->last_check.any_root == 1 && w->last_check.known_serial == 1);
	assert_int_equal(w->last_check.earlier.len, 1);
	w->descriptor.identity_serial = 2;
	w->descriptor.identity[0] = 2;
	assert_string_equal(diff(w)->words, "");
	strcpy(w->descriptor.party, "QRC");
	a = diff(w);
	assert_int_equal((int)a->result, RXP_ERR_MISMATCH);
	assert_string_equal(a->words, "it is the descriptor of another party");
	assert_int_equal(the_peer(w)->identity_serial, 1);
	assert_int_equal(w->pins_told, told);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_taken),
	    WORLD_TEST(test_put_right),
	    WORLD_TEST(test_refused),
	    WORLD_TEST(test_added_again),
	    WORLD_TEST(test_dated_back),
	    WORLD_TEST(test_whom),
	    WORLD_TEST(test_distrusted_meanwhile),
	    WORLD_TEST(test_added_before_distrust),
	    WORLD_TEST(test_newer_meanwhile),
	    WORLD_TEST(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
