/*
 * Goals: what makes and changes a peer, and what is refused in words: own party, test and live, other
 * root, older descriptor, a pin of another party; the same descriptor changes nothing; agreement keys
 * are made at the first start, weekly, and destroyed; the working part follows keys and identity, and there is no descriptor until
 * it does;
 * lists are paged by key; long polls end by change and by time; the data of another party or of a
 * running daemon are refused; a process that goes takes this one along quietly.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_retention_rig.h"

#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_peer.h"

static int added(struct world *w, uint8_t root)
{
	const struct world_answer *a = world_add_peer(w, root);

	/* A party is named exactly when the peer is, or was already, what the descriptor says. */
	assert_int_equal(a->result == 0 || a->words[0] == '\0', a->party[0] != '\0');
	return (int)a->result;
}

static void test_peer_add(void **state)
{
	struct world *w = *state;
	unsigned told = w->pins_told;

	assert_int_equal(added(w, 1), 0);
	world_until(w, &w->pins_told, told + 1);
	assert_true(w->pin_rows > 0);
	assert_int_equal(added(w, 1), RXP_ERR_EXISTS);
	w->chain_lost = true;
	assert_int_equal(added(w, 2), RXP_ERR_MISMATCH);
	w->chain_lost = false;
	w->descriptor.working_created_ms = 0;
	assert_int_equal(added(w, 1), RXP_ERR_STATE);
	w->descriptor.working_created_ms = 2;
	assert_int_equal(added(w, 1), 0);
	w->descriptor.identity[0] = 9;
	assert_int_equal(added(w, 1), RXP_ERR_EXISTS);
	w->descriptor.identity_serial = 2;
	assert_int_equal(
	    added(w, 2), 0); /* the chain holds what is known and leads to another root */
	w->descriptor.identity_serial = 1;
	assert_int_equal(added(w, 1), RXP_ERR_STATE);
	world_restart(w);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->identity_serial, 2);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->root[0], 2);
}

static void test_peer_refused(void **state)
{
	struct world *w = *state;

	assert_int_equal(added(w, 1), 0);
	strcpy(w->descriptor.party, "QRC");
	assert_int_equal(added(w, 1), RXP_ERR_MISMATCH); /* the same pin */
	assert_null(peers_find(w->assembly->peers, "QRC"));
	w->pin = 2;
	w->descriptor.test_node = 0;
	assert_int_equal(added(w, 1), RXP_ERR_CONFIG);
	w->descriptor.test_node = 1;
	assert_int_equal(added(w, 1), 0);
	strcpy(w->descriptor.party, OWN);
	w->pin = 3;
	assert_int_equal(added(w, 1), RXP_ERR_CONFIG);
	strcpy(w->descriptor.party, "QRD");
	w->descriptor.result = (uint32_t)RXP_ERR_SIGNER;
	assert_int_equal((int)world_add_peer(w, 1)->result, RXP_ERR_SIGNER);
}

static void test_distrust(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct msg_peer_ping ping = {.user = "officer", .party = PEER};

	assert_int_equal((int)world_ask(w, IPC_peer_distrust, &m)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)world_ask(w, IPC_peer_ping, &ping)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(added(w, 1), 0);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	assert_int_equal((int)world_ask(w, IPC_peer_distrust, &m)->result, RXP_ERR_STATE);
	assert_int_equal((int)world_ask(w, IPC_peer_ping, &ping)->result, RXP_ERR_STATE);
	world_restart(w);
	assert_false(peers_find(w->assembly->peers, PEER)->active);
	assert_int_equal(added(w, 2), 0); /* under a new root, which people compared */
	assert_true(peers_find(w->assembly->peers, PEER)->active);
}

static bool is_in_files(unsigned key)
{
	char text[64];

	snprintf(text, sizeof text, WORLD_OWN_KEY, key);
	return retention_in_files(text);
}

/* A key that is over is nowhere any more: not with the sealers, not in the database, and not in what it wrote before. */
static void test_keys(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;

	world_until(w, &w->own_told, 1);
	assert_int_equal(w->made_keys, 1);
	a = world_ask(w, IPC_descriptor_get, &(struct msg_descriptor_get){0});
	assert_int_equal(a->result, 0);
	assert_memory_equal(a->octets, "descriptor", a->len);
	assert_int_equal(a->id[0], 0x0a);
	world_restart(w);
	world_until(w, &w->own_told, 2);
	pump_for(w->loop, 20);
	assert_int_equal(w->made_keys, 1);
	world_move_clock(w, 7 * DAY - 60000);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->made_keys, 1);
	world_move_clock(w, 7 * DAY + 60000);
	world_until(w, &w->own_told, 3);
	assert_int_equal(w->made_keys, 2);
	assert_int_equal(world_stored_keys(w), 2);
	assert_int_equal(world_published(w, REC_own_key), 2);
	assert_int_equal(w->listed_keys, 2);
	world_move_clock(w, 44 * DAY - 60000);
	world_until(w, &w->own_told, 4);
	assert_int_equal(world_stored_keys(w), 3);
	assert_int_equal(w->listed_keys, 1); /* of the others nobody makes use any more */
	assert_true(is_in_files(1));
	world_move_clock(w, 44 * DAY + 60000); /* 14 in use and 30 kept: the first goes */
	pump_while(w->loop, world_published(w, REC_own_key) == 3);
	assert_int_equal(world_published(w, REC_own_key), 2);
	assert_int_equal(world_stored_keys(w), 2);
	assert_false(is_in_files(1));
	assert_true(is_in_files(2));
	assert_int_equal(w->made_keys, 3);
}

static int64_t sealed_ms(struct world *w)
{
	struct store_node row = {.working_created_ms = 0};
	struct rxp_buf working, descriptor;

	rxp_buf_init(&working, 4096);
	rxp_buf_init(&descriptor, 4096);
	assert_int_equal(
	    store_node_get(store_db(w->assembly->node.store), &row, &working, &descriptor), 0);
	rxp_buf_free(&working);
	rxp_buf_free(&descriptor);
	return row.working_created_ms;
}

/* Peers take no working part that is older than the one that they have (RXP-DSC-034), also of a clock that went back. */
static void test_clock_back(void **state)
{
	struct world *w = *state;
	int64_t first;

	world_until(w, &w->own_told, 1);
	first = sealed_ms(w);
	world_move_clock(w, -DAY);
	w->parts_before = 1;
	world_restart(w);
	world_until(w, &w->own_told, 2);
	assert_true(sealed_ms(w) > first);
}

/* RXP-DSC-034: from its start on a node with another identity part gives no descriptor that lacks it. */
static void test_outgrown(void **state)
{
	struct world *w = *state;
	unsigned before;
	uint8_t root[32];

	world_until(w, &w->own_told, 1);
	world_move_clock(w, 44 * DAY + 60000); /* a key is to be made, and one to be destroyed */
	w->parts_before = 1;
	before = w->own_told;
	world_restart(w);
	assert_int_equal(keys_descriptor(w->assembly->keys, root).len, 0);
	assert_int_equal(keys_working(w->assembly->keys).len, 0);
	world_until(w, &w->own_told, before + 1);
	assert_true(keys_descriptor(w->assembly->keys, root).len > 0);
	pump_while(w->loop, world_stored_keys(w) == 2);
	assert_int_equal(world_stored_keys(w), 1);
	assert_int_equal(w->own_told, before + 1);
	/* The twin: what is sealed is of the part that it has. */
	world_restart(w);
	assert_true(keys_descriptor(w->assembly->keys, root).len > 0);
	world_until(w, &w->own_told, before + 2);
}

static uint8_t last_id[16];
static const uint8_t zeros[16];

static unsigned page(
    struct world *w, const char *list, const char *peer, uint32_t limit, uint32_t *more)
{
	struct msg_list m = {.limit = limit};
	const struct world_answer *a;
	struct record_cursor c;
	struct rec_message_row row;
	struct bytes fields;
	uint16_t tag;
	unsigned n = 0;

	snprintf(m.list, sizeof m.list, "%s", list);
	snprintf(m.peer, sizeof m.peer, "%s", peer);
	memcpy(m.after, last_id, sizeof m.after);
	a = world_ask(w, IPC_list, &m);
	assert_int_equal(a->result, 0);
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(tag, REC_message_row);
		assert_int_equal(
		    record_decode(&row, &record_message_row, fields.data, fields.len), 0);
		if (strcmp(list, "newest") != 0)
			assert_true(memcmp(row.local_id, last_id, 16) > 0);
		else if (memcmp(last_id, zeros, 16) != 0)
			assert_true(memcmp(row.local_id, last_id, 16) < 0);
		memcpy(last_id, row.local_id, 16);
		n++;
	}
	*more = a->more;
	return n;
}

static void test_lists(void **state)
{
	struct world *w = *state;
	struct msg_list bad = {.list = "nothing"}, peers = {.list = "peers"};
	uint32_t more;
	uint8_t id[16];

	added(w, 1);
	for (uint8_t i = 1; i <= 3; i++) {
		struct fake_envelope e = world_envelope(i);

		world_admit(w, &e);
		world_ping(w, id);
	}
	memset(last_id, 0, sizeof last_id);
	assert_int_equal(page(w, "messages", "", 4, &more), 4);
	assert_int_equal(more, 1);
	assert_int_equal(page(w, "messages", PEER, 4, &more), 2);
	assert_int_equal(more, 0);
	memset(last_id, 0, sizeof last_id);
	assert_int_equal(page(w, "newest", PEER, 4, &more), 4);
	assert_int_equal(more, 1);
	assert_int_equal(page(w, "newest", "", 4, &more), 2);
	assert_int_equal(more, 0);
	memset(last_id, 0, sizeof last_id);
	assert_int_equal(page(w, "queue", PEER, 0, &more), 3);
	memset(last_id, 0, sizeof last_id);
	assert_int_equal(page(w, "inbox", "", 3, &more), 0); /* a Ping is nobody's to collect */
	assert_int_equal(more, 0);
	memset(last_id, 0, sizeof last_id);
	assert_int_equal(page(w, "messages", "QRC", 4, &more), 0);
	assert_int_equal((int)world_ask(w, IPC_list, &bad)->result, RXP_ERR_NOT_FOUND);
	assert_true(world_ask(w, IPC_list, &peers)->len > 0);
	memcpy(peers.after, PEER, 3);
	assert_int_equal(world_ask(w, IPC_list, &peers)->len, 0);
}

static void test_long_polls(void **state)
{
	struct world *w = *state;
	struct msg_message_show show = {.wait_ms = 30000}, brief = {.wait_ms = 50};
	struct fake_answer f;
	unsigned n;

	added(w, 1);
	world_ping(w, show.local_id);
	memcpy(brief.local_id, show.local_id, sizeof brief.local_id);
	world_until(w, &w->n_deliveries, 1);
	assert_int_equal(world_ask(w, IPC_message_show, &brief)->final, 0);
	n = w->n_answers;
	assert_int_equal(link_request(w->desk, IPC_message_show, &show, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
	assert_int_equal(w->n_answers, n);
	f = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &f);
	world_until(w, &w->n_answers, n + 1);
	assert_int_equal(w->answers[n].final, 1);
	memset(show.local_id, 1, sizeof show.local_id);
	assert_int_equal((int)world_ask(w, IPC_message_show, &show)->result, RXP_ERR_NOT_FOUND);
}

static void test_status(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;

	world_until(w, &w->own_told, 1);
	a = world_ask(w, IPC_status, &(struct msg_status){0});
	assert_string_equal(a->words, "");
	assert_true(a->len > 0);
}

static const uint8_t other_storage[32] = {1};

/* The data are in use first; then each row differs from their owner in one thing. */
static void test_data_refused(void **state)
{
	static const struct {
		struct msg_registry_config own;
		enum unfit why;
	} rows[] = {
	    {{.own = OWN, .test_node = 1}, UNFIT_DATA_USED},
	    {{.own = "QRC", .test_node = 1}, UNFIT_DATA_PARTY},
	    {{.own = OWN, .test_node = 0}, UNFIT_DATA_PARTY},
	    {{.own = OWN, .test_node = 1, .storage_checks = {other_storage, sizeof other_storage}},
		UNFIT_STORAGE_OTHER},
	    {{.own = OWN, .test_node = 1}, UNFIT_IDENTITY_OLDER},
	    {{.own = OWN, .test_node = 1, .identity_serial = 1, .identity = {99}},
		UNFIT_IDENTITY_OLDER},
	};
	struct world *w = *state;
	struct assembly *a = NULL;
	struct link *links[3];

	for (int i = 0;
	     world_ask(w, IPC_descriptor_get, &(struct msg_descriptor_get){0})->result != 0; i++) {
		assert_true(i < 10);
		pump_for(w->loop, 20);
	}
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct assembly_config c = {.own = rows[i].own,
		    .loop = w->loop,
		    .end = world_on_end,
		    .unfit = world_on_unfit,
		    .arg = w};

		w->unfit = UNFIT_REASONS;
		if (c.own.storage_checks.len == 0)
			c.own.storage_checks = (struct bytes){world_storage, sizeof world_storage};
		c.own.table_keys = c.own.storage_checks;
		c.gateway_fd = world_join(w, &links[0], IPC_GATEWAY, false, world_on_gateway, NULL);
		c.desk_fd = world_join(w, &links[1], IPC_DESK, false, world_on_desk, NULL);
		c.sealers_fd = world_join(w, &links[2], IPC_SEALER, true, world_on_sealer, NULL);
		assert_int_equal(assembly_new(&a, &c), RXP_ERR_CONFIG);
		assert_null(a);
		assert_int_equal(w->unfit, rows[i].why);
		for (int l = 0; l < 3; l++)
			link_free(links[l]);
		if (i == 0) {
			assembly_free(w->assembly);
			w->assembly = NULL;
			link_free(w->gateway);
			link_free(w->desk);
			link_free(w->sealer);
			w->gateway = w->desk = w->sealer = NULL;
		}
	}
	world_restart(w); /* the owner's own key is the right one */
}

/* Another process has gone: the set ends, and this one has nothing to say about it. */
static void test_quiet_end(void **state)
{
	struct world *w = *state;

	link_free(w->gateway);
	w->gateway = NULL;
	world_until(w, &w->ended, 1);
	assert_int_equal(w->end_status, NODE_STATUS_QUIET);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_peer_add),
	    WORLD_TEST(test_peer_refused),
	    WORLD_TEST(test_distrust),
	    WORLD_TEST(test_keys),
	    WORLD_TEST(test_outgrown),
	    WORLD_TEST(test_clock_back),
	    WORLD_TEST(test_lists),
	    WORLD_TEST(test_long_polls),
	    WORLD_TEST(test_status),
	    WORLD_TEST(test_data_refused),
	    WORLD_TEST(test_quiet_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
