/*
 * Goals of a former descriptor that a person brings, to be kept as evidence (RXP-EVI-034):
 * - it is held against the one in force and all that are kept, kept behind them, and journalled with who brought it; of this State's
 *   own as of a peer's
 * - what is in force stays, no pin is told anew, and it is not served
 * - one that joins nothing, that is later, of another party, no descriptor, or one too many is refused with the reason, and nothing is
 *   kept; one that says nothing more is known; of a party that is not known there is none
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/base/memfile.h"
#include "daemon/registry/store/store_former.h"
#include "daemon/registry/store/store_peer.h"

static struct {
	int result;
	bool newest;
	unsigned asked, known; /* descriptors in the file */
	char in_force[32]; /* the first of them */
	bool own;
} judged;

static void on_join(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_join_descriptor *q = m->body;
	const struct msg_descriptor_joined a = {
	    .result = (uint32_t)judged.result, .first = 3, .last = 9, .newest = judged.newest};
	struct record_cursor c = {NULL, 0};
	struct rec_evidence_former r;
	struct bytes fields;
	uint8_t *octets;
	uint16_t tag;
	size_t len;

	(void)w;
	assert_int_equal(m->type, IPC_join_descriptor);
	assert_memory_equal(q->octets.data, "old", q->octets.len);
	assert_int_equal(memfile_map(&octets, &len, m->fds[0], IPC_CONTAINER_ROWS_MAX), 0);
	c = (struct record_cursor){octets, len};
	for (judged.known = 0; record_list_next(&c, &tag, &fields) == 1; judged.known++) {
		assert_int_equal(
		    record_decode(&r, &record_evidence_former, fields.data, fields.len), 0);
		if (judged.known > 0)
			continue;
		judged.own = r.own != 0;
		snprintf(judged.in_force, sizeof judged.in_force, "%.*s", (int)r.octets.len,
		    (const char *)r.octets.data);
	}
	memfile_unmap(octets, len);
	judged.asked++;
	assert_int_equal(link_answer(l, IPC_descriptor_joined, m->request, &a, NULL, 0), 0);
}

static const struct world_answer *keep(struct world *w, const char *party, int result, bool newest)
{
	struct msg_descriptor_keep m = {
	    .user = "officer", .descriptor = {(const uint8_t *)"old", 3}};

	memcpy(m.party, party, sizeof m.party);
	w->other = on_join;
	judged.result = result;
	judged.newest = newest;
	return world_ask(w, IPC_descriptor_keep, &m);
}

static void test_kept(void **state)
{
	struct world *w = *state;
	unsigned told;
	struct rxp_buf in_force;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	told = w->pins_told;
	assert_int_equal(keep(w, PEER, 0, false)->result, 0);
	assert_int_equal(judged.known, 1);
	assert_string_equal(judged.in_force, "d");
	assert_false(judged.own);
	assert_int_equal(
	    world_on_disk(w, "SELECT COUNT(*) FROM former WHERE party = '" PEER
			     "' AND serial = 9 AND ended = 0 AND descriptor = x'6f6c64'"),
	    1);
	assert_int_equal(
	    world_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'descriptor-keep' AND "
			     "user = 'officer' AND peer = '" PEER "'"),
	    1);
	rxp_buf_init(&in_force, 4096);
	assert_int_equal(
	    store_peer_descriptor(store_db(w->assembly->node.store), &in_force, PEER), 0);
	assert_int_equal(in_force.len, 1);
	assert_int_equal(w->pins_told, told);
	rxp_buf_free(&in_force);
	assert_int_equal(keep(w, PEER, 0, false)->result, 0);
	assert_int_equal(judged.known, 2);
	assert_int_equal(world_published(w, REC_evidence_former), 0);

	assert_int_equal(keep(w, OWN, 0, false)->result, 0);
	assert_int_equal(world_published(w, REC_evidence_former),
	    1); /* what is ours may come back under its seals */
	assert_true(judged.own);
	assert_string_equal(judged.in_force, "descriptor");
	assert_int_equal(judged.known, 1);
	assert_int_equal(
	    world_on_disk(w, "SELECT COUNT(*) FROM former WHERE party = '" OWN "'"), 1);
}

static void test_refused(void **state)
{
	static const struct {
		int result;
		bool newest;
		int says;
		const char *why;
	} rows[] = {
	    {RXP_ERR_STATE, false, RXP_ERR_STATE, "it joins no identity part that is known"},
	    {RXP_ERR_STATE, true, RXP_ERR_STATE,
		"it is later than the one in force: peer update takes such a one"},
	    {RXP_ERR_MISMATCH, false, RXP_ERR_MISMATCH, "it is the descriptor of another party"},
	    {RXP_ERR_FULL, false, RXP_ERR_STATE, "as many are kept of it as a container may have"},
	    {RXP_ERR_SYNTAX, false, RXP_ERR_SYNTAX, NULL},
	    {RXP_ERR_SEAL, false, RXP_ERR_SEAL, NULL},
	    {RXP_ERR_EXISTS, false, RXP_ERR_EXISTS, ""},
	};
	struct world *w = *state;
	const struct world_answer *a;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		a = keep(w, PEER, rows[i].result, rows[i].newest);
		assert_int_equal((int)a->result, rows[i].says);
		if (rows[i].why != NULL)
			assert_string_equal(a->words, rows[i].why);
	}
	judged.asked = 0;
	assert_int_equal((int)keep(w, "QRX", 0, false)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(judged.asked, 0);
	assert_int_equal(world_on_disk(w, "SELECT COUNT(*) FROM former"), 0);
	assert_int_equal(
	    world_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'descriptor-keep'"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST(kept), TEST(refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
