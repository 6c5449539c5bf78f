/*
 * rewrap: at a new storage key every box under an older one is made anew, once, also if the node is killed in between; then, and
 * not before, the older key is said to be over; a box that does not open keeps its key. Keys that are missing, of other
 * data or the older one again keep the node from starting (RXP-RET-013 to 015).
 * links: registry
 */
#include "daemon/registry/history/copy.h"
#include "daemon/registry/keeping/rewrap.h"
#include "daemon/registry/store/store_claim.h"
#include "daemon/registry/store/store_epoch.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/test/unit/registry_watch_rig.h"

#define BOXES 20
#define COPIES 3 /* of histories, with a box in each … */
#define COPY_BOX 100 /* … whose number is that of the copy, and this */
#define BOX_OCTETS 40

static uint8_t two_keys[64]; /* the next key's check, and that of the data */
static unsigned asked, spoil_at, kill_at;

static void make_box(uint8_t out[BOX_OCTETS], const uint8_t check[32], uint8_t number)
{
	memset(out, 0x77, BOX_OCTETS);
	out[0] = 2;
	memcpy(out + 1, check, 8);
	out[9] = number;
}

/* Each box is bound to its own place: a key of ours to its id, that of a document to who sent it and its MessageId. */
static void assert_bound(const struct msg_rewrap *q)
{
	const uint8_t number = q->box.data[9];
	const bool copy = number > COPY_BOX;

	assert_int_equal(q->purpose, copy ? BOX_CONTENT_KEY : BOX_AGREEMENT_KEY);
	assert_int_equal(q->context.len, copy ? 3 + RXP_ID_OCTETS : 32);
	if (copy)
		assert_memory_equal(q->context.data, PEER, 3);
	assert_int_equal(q->context.data[copy ? 3 : 0], number);
}

/* The sealer: the same box under the next key. */
static void wrap(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_rewrap *q = m->body;
	const struct msg_taken taken = {.number = 0};
	struct msg_rewrapped a = {.result = 0};
	uint8_t box[BOX_OCTETS];

	assert_int_equal(m->type, IPC_rewrap);
	asked++;
	assert_int_equal(q->box.len, BOX_OCTETS);
	assert_memory_equal(q->box.data + 1, world_storage, 8);
	assert_bound(q);
	make_box(box, two_keys, q->box.data[9]);
	a.box = (struct bytes){box, sizeof box};
	if (spoil_at != 0 && q->box.data[9] == spoil_at)
		a = (struct msg_rewrapped){.result = (uint32_t)RXP_ERR_DAMAGED};
	/* From here on nothing is done any more: the test stops the registry next. */
	if (kill_at != 0 && asked >= kill_at) {
		w->ended = 1;
		a = (struct msg_rewrapped){.result = (uint32_t)RXP_ERR_NOMEM};
	}
	assert_int_equal(link_answer(l, IPC_taken, m->request, &taken, NULL, 0), 0);
	assert_int_equal(link_answer(l, IPC_rewrapped, m->request, &a, NULL, 0), 0);
}

static void add_boxes(struct world *w)
{
	struct db *db = store_db(w->assembly->node.store);
	uint8_t box[BOX_OCTETS];

	for (uint8_t i = 1; i <= BOXES; i++) {
		struct rec_own_key key = {.key_id = {i, 0x33},
		    .spki = {(const uint8_t *)"spki", 4},
		    .wrapped = {box, sizeof box},
		    .until_ms = 1,
		    .destroy_ms = INT64_MAX};

		make_box(box, world_storage, i);
		assert_int_equal(store_key_add(db, &key, 1), 0);
	}
}

/* Of a peer that never asks for them. */
static void add_copies(struct world *w)
{
	const struct store_given given = {
	    .peer = PEER, .open = true, .number = COPIES, .not_before_ms = INT64_MAX};
	struct db *db = store_db(w->assembly->node.store);
	uint8_t box[BOX_OCTETS], local_id[RXP_ID_OCTETS] = {0};

	w->peer_pulls = true;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(store_given_put(db, &given, (struct bytes){.len = 0}), 0);
	for (uint8_t i = 1; i <= COPIES; i++) {
		struct rec_node_history_copy says = {.number = i,
		    .message_id = {COPY_BOX + i},
		    .pieces = 1,
		    .octets = {(const uint8_t *)"envelope", 8},
		    .wrapped_key = {box, sizeof box}};

		local_id[0] = COPY_BOX + i;
		make_box(box, world_storage, COPY_BOX + i);
		assert_int_equal(copy_write(db, &given, &says, NULL, local_id, clock_wall_ms()), 0);
	}
}

/* The first copy whose box is under that key says what it said. */
static void assert_copy(struct world *w, const uint8_t check[32])
{
	struct record_cursor c;
	struct store_box_copy copy;
	struct rec_node_history_copy says;
	uint8_t box[BOX_OCTETS];
	struct rxp_buf draft;
	struct bytes fields;
	uint16_t tag;

	rxp_buf_init(&draft, IPC_MESSAGE_MAX);
	assert_int_equal(
	    store_box_copy(store_db(w->assembly->node.store), &copy, &draft, check), 0);
	c = (struct record_cursor){.at = draft.data, .left = draft.len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(
	    record_decode(&says, &record_node_history_copy, fields.data, fields.len), 0);
	assert_int_equal(says.message_id[0], copy.local_id[0]);
	assert_int_equal(says.number, copy.local_id[0] - COPY_BOX);
	assert_int_equal(says.octets.len, 8);
	make_box(box, check, copy.local_id[0]);
	assert_int_equal(says.wrapped_key.len, sizeof box);
	assert_memory_equal(says.wrapped_key.data, box, sizeof box);
	rxp_buf_free(&draft);
}

static size_t count_under(struct world *w, const uint8_t check[32])
{
	struct db *db = store_db(w->assembly->node.store);
	struct store_box box;
	size_t n = 0;

	while (
	    store_box_next(db, &box, NULL, STORE_WRAPPED_KEY, check, n > 0 ? box.name : NULL) == 0)
		n++;
	return n;
}

static void next_key(struct world *w)
{
	memset(two_keys, 0x66, 32);
	memcpy(two_keys + 32, world_storage, 32);
	w->storage = (struct bytes){two_keys, sizeof two_keys};
	w->other = wrap;
	asked = spoil_at = kill_at = 0;
}

static int start_with(struct world *w, const uint8_t *checks, size_t len)
{
	world_stop(w);
	w->storage = (struct bytes){checks, len};
	w->unfit = UNFIT_REASONS;
	return world_start(w);
}

static void test_all_and_over(void **state)
{
	struct world *w = *state;

	add_boxes(w);
	next_key(w);
	world_restart(w);
	world_until(w, &w->epochs_over, 1);
	assert_memory_equal(w->epoch_over, world_storage, 32);
	assert_int_equal(asked, BOXES);
	assert_int_equal(count_under(w, two_keys), BOXES);
	assert_int_equal(count_under(w, world_storage), 0);
	/* the parent has destroyed it */
	assert_int_equal(start_with(w, two_keys, 32), 0);
	/* and it is not the present one again */
	assert_int_equal(start_with(w, world_storage, 32), RXP_ERR_CONFIG);
	assert_int_equal(w->unfit, UNFIT_STORAGE_OTHER);
}

/* The copies of a history that are under way keep the older key as a row does. */
static void test_copies(void **state)
{
	struct world *w = *state;

	add_copies(w);
	add_boxes(w);
	next_key(w);
	assert_copy(w, world_storage);
	world_restart(w);
	world_until(w, &w->epochs_over, 1);
	assert_memory_equal(w->epoch_over, world_storage, 32);
	assert_int_equal(asked, BOXES + COPIES);
	assert_int_equal(store_box_any(store_db(w->assembly->node.store), world_storage), 0);
	assert_copy(w, two_keys);
}

/* One that does not open keeps the key, and is told. */
static void test_a_spoilt_copy_keeps_its_key(void **state)
{
	struct world *w = *state;

	add_copies(w);
	next_key(w);
	spoil_at = COPY_BOX + 1;
	world_restart(w);
	pump_while(w->loop, rewrap_state(w->assembly->rewrap).damaged == 0);
	assert_int_equal(rewrap_state(w->assembly->rewrap).damaged, 1);
	assert_int_equal(w->epochs_over, 0);
	assert_copy(w, world_storage);
}

static void test_killed_anywhere(void **state)
{
	struct world *w = *state;

	add_boxes(w);
	next_key(w);
	for (kill_at = 1; kill_at <= 7; kill_at += 3) {
		w->ended = 0;
		asked = 0;
		world_restart(w);
		world_until(w, &w->ended, 1);
		assert_int_equal(count_under(w, two_keys) + count_under(w, world_storage), BOXES);
		assert_int_equal(w->epochs_over, 0);
		assert_true(count_under(w, world_storage) > 0);
	}
	assert_true(count_under(w, two_keys) > 0);
	kill_at = 0;
	world_restart(w);
	world_until(w, &w->epochs_over, 1);
	assert_int_equal(count_under(w, two_keys), BOXES);
}

static void test_a_spoilt_box_keeps_its_key(void **state)
{
	struct world *w = *state;

	add_boxes(w);
	next_key(w);
	spoil_at = 7;
	world_restart(w);
	pump_while(w->loop, rewrap_state(w->assembly->rewrap).damaged == 0);
	assert_int_equal(rewrap_state(w->assembly->rewrap).damaged, 1);
	assert_int_equal(w->epochs_over, 0);
	assert_int_equal(count_under(w, two_keys), BOXES - 1);
	assert_int_equal(start_with(w, two_keys, 32), RXP_ERR_CONFIG);
	assert_int_equal(w->unfit, UNFIT_STORAGE_OTHER);
	assert_int_equal(start_with(w, two_keys, sizeof two_keys), 0);
}

/* RXP-LOG-032: that nothing needs the older key may be the word of a hand. */
static void test_unproved(void **state)
{
	struct world *w = *state;

	watch_moved = 0;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	add_boxes(w);
	next_key(w);
	watch_by_hand(w, "INSERT INTO contact VALUES ('QRB', '', '', '', 0)");
	pump_while(w->loop, count_under(w, world_storage) > 0);
	pump_for(w->loop, 100);
	assert_int_equal(count_under(w, two_keys), BOXES);
	assert_int_equal(w->epochs_over, 0);
}

/* A look changes nothing; an older key cannot become the present one again. */
static void test_claims(void **state)
{
	struct world *w = *state;
	struct db *db = store_db(w->assembly->node.store);
	const struct bytes one = {world_storage, 32};
	struct store_epoch living[STORE_EPOCHS_MAX];
	uint8_t turned[64],
	    third[64]; /* the older one again; a new one, and the present one away */
	uint64_t begun = 9;
	size_t n = 0;

	add_boxes(w);
	next_key(w);
	memcpy(turned, world_storage, 32);
	memcpy(turned + 32, two_keys, 32);
	memset(third, 0x55, 32);
	memcpy(third + 32, world_storage, 32);
	assert_int_equal(store_claim(db, w->storage, true, 5, &begun), 0);
	assert_int_equal(begun, 0);
	assert_int_equal(store_claim(db, one, false, 5, &begun), 0);
	assert_int_equal(store_claim(db, w->storage, false, 5, &begun), 0);
	assert_int_equal(begun, 2);
	assert_int_equal(store_claim(db, w->storage, false, 6, &begun), 0);
	assert_int_equal(begun, 0);
	assert_int_equal(store_epochs(db, living, &n), 0);
	assert_int_equal(n, 2);
	assert_memory_equal(living[0].check, two_keys, 32);
	assert_int_equal(living[0].begun_ms, 5);
	assert_int_equal(
	    store_claim(db, (struct bytes){turned, sizeof turned}, false, 7, &begun), RXP_ERR_KEY);
	assert_int_equal(store_claim(db, one, false, 7, &begun), RXP_ERR_KEY);
	assert_int_equal(
	    store_claim(db, (struct bytes){third, sizeof third}, false, 7, &begun), RXP_ERR_KEY);
	assert_int_equal(
	    store_claim(db, (struct bytes){two_keys, 32}, false, 7, &begun), RXP_ERR_KEY);
	assert_int_equal(
	    store_claim(db, (struct bytes){two_keys, 31}, false, 7, &begun), RXP_ERR_KEY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_all_and_over, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_copies, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_a_spoilt_copy_keeps_its_key, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_killed_anywhere, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_a_spoilt_box_keeps_its_key, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_unproved, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_claims, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
