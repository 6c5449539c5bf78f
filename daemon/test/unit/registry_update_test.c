/*
 * Goals of a descriptor that a person brings of a known peer (RXP-DSC-007, 021, 025 and 033):
 * - one that is newer is taken, is in force and stays over a restart; who brought it is journalled; a change of root
 *   that its chain proves is followed;
 * - a broken chain, another key, a weak key, dates that go back, a false seal, a lower serial, another part of the same
 *   serial, another party's, a pin of another party are refused with the reason, and the old one stands;
 * - a party that is not known, or distrusted, is not updated;
 * - what it would change is told of any party, with whether it would be taken, and nothing is taken.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

static struct peer *the_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static const struct world_answer *update(struct world *w)
{
	struct msg_peer_update m = {
	    .user = "officer", .party = PEER, .descriptor = {(const uint8_t *)"newer", 5}};

	return world_ask(w, IPC_peer_update, &m);
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
	assert_int_equal(w->last_check.any_root, 0);
	assert_int_equal(w->last_check.known_serial, 1);
	assert_memory_equal(w->last_check.known, the_peer(w)->identity, 32);
	assert_memory_equal(w->last_check.root, the_peer(w)->root, 32);
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
	/* From then on the new root is what a check goes by. */
	w->changed_root = 0;
	w->descriptor.working_created_ms++;
	assert_int_equal(update(w)->result, 0);
	assert_int_equal(w->last_check.root[0], 5);
}

/* Change one thing of what is newer and would be taken. */
struct fault {
	const char *what;
	const char *party;
	const char *words;
	uint64_t serial;
	int result; /* of the sealer */
	int refused;
	uint8_t identity; /* first octet */
	uint8_t pin;
};

static void test_refused(void **state)
{
	static const struct fault faults[] = {
	    {"chain", PEER, "its chain is broken", 3, RXP_ERR_MISMATCH, RXP_ERR_MISMATCH, 3, 0},
	    {"root", PEER, "under another key", 3, RXP_ERR_SIGNER, RXP_ERR_SIGNER, 3, 0},
	    {"weak key", PEER, "too weak", 3, RXP_ERR_KEY, RXP_ERR_KEY, 3, 0},
	    {"dates", PEER, "dates", 3, RXP_ERR_DATES, RXP_ERR_DATES, 3, 0},
	    {"seal", PEER, "does not verify", 3, RXP_ERR_SEAL, RXP_ERR_SEAL, 3, 0},
	    {"no descriptor", PEER, "no whole", 3, RXP_ERR_STRUCTURE, RXP_ERR_STRUCTURE, 3, 0},
	    {"lower serial", PEER, "a newer descriptor", 1, 0, RXP_ERR_EXISTS, 3, 0},
	    {"same serial", PEER, "another identity part", 2, 0, RXP_ERR_MISMATCH, 9, 0},
	    {"the same", PEER, "known already", 2, 0, RXP_ERR_EXISTS, 2, 0},
	    {"another party", "QRC", "another party", 3, 0, RXP_ERR_MISMATCH, 3, 0},
	    {"pin of another", PEER, "TLS pin", 3, 0, RXP_ERR_MISMATCH, 3, 60},
	};
	struct world *w = *state;
	unsigned told;

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

		w->descriptor.result = (uint32_t)f->result;
		w->descriptor.identity_serial = f->serial;
		w->descriptor.identity[0] = f->identity;
		snprintf(w->descriptor.party, sizeof w->descriptor.party, "%s", f->party);
		w->pin = f->pin != 0 ? f->pin : 50;
		a = update(w);
		if ((int)a->result != f->refused || strstr(a->words, f->words) == NULL)
			fail_msg("%s: %d, %s", f->what, (int)a->result, a->words);
		assert_int_equal(the_peer(w)->identity_serial, 2);
		assert_int_equal(the_peer(w)->identity[0], 2);
		assert_int_equal(w->pins_told, told);
	}
	w->descriptor.result = 0;
	w->pin = 50;
	w->descriptor.identity_serial = 3;
	strcpy(w->descriptor.party, PEER);
	assert_int_equal(update(w)->result, 0);
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
	assert_true(w->last_check.any_root == 0 && w->last_check.known_serial == 1);
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
	    WORLD_TEST(test_refused),
	    WORLD_TEST(test_whom),
	    WORLD_TEST(test_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
