/*
 * Goals of outages, with everything around the registry played. Declared here: one row and one notice for each trusted
 * peer, in one commit; none while one lasts; its end keeps its id. Declared by a peer: kept once for each id, an end
 * whichever comes first; no more than may last at once; what is no outage of this form is not decided; a crash leaves all of it or nothing.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/registry/store/store_disturbance.h"

#define NOTICE "NodeNotice"

static struct rec_outage_row rows[RXP_MAX_LASTING_OUTAGES + 2];

/* Of both sides, into rows; how many. */
static unsigned listed(struct world *w)
{
	const struct msg_outage_list m = {.peer = ""};
	const struct world_answer *a = world_ask(w, IPC_outage_list, &m);
	struct record_cursor c = {a->octets, a->len};
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(tag, REC_outage_row);
		assert_int_equal(
		    record_decode(&rows[n++], &record_outage_row, fields.data, fields.len), 0);
	}
	return n;
}

static const struct world_answer *begin(struct world *w, int64_t from_ms, int64_t until_ms)
{
	struct msg_outage_begin m = {.user = "operator", .from_ms = from_ms, .until_ms = until_ms};

	return world_ask(w, IPC_outage_begin, &m);
}

static const struct world_answer *end(struct world *w, int64_t from_ms, int64_t until_ms)
{
	struct msg_outage_end m = {
	    .user = "operator", .peer = PEER, .from_ms = from_ms, .until_ms = until_ms};

	return world_ask(w, IPC_outage_end, &m);
}

static void assert_answer(
    const struct world_answer *a, int result, const char *words, unsigned peers)
{
	assert_string_equal(a->words, words);
	assert_int_equal((int)a->result, result);
	assert_int_equal(a->more, peers);
}

static struct rec_node_outage said(struct world *w, unsigned n)
{
	const struct world_delivery *d = world_delivered(w, n);
	struct record_cursor c = {.at = d->envelope.facts, .left = d->envelope.facts_len};
	struct rec_node_outage r;
	struct bytes fields;
	uint16_t tag;

	assert_string_equal(d->envelope.type, NOTICE);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&r, &record_node_outage, fields.data, fields.len), 0);
	return r;
}

static void test_declared(void **state)
{
	struct world *w = *state;
	struct rec_node_outage first, second;

	assert_answer(begin(w, 0, 0), RXP_ERR_STATE,
	    "an outage is declared already, or there is no peer to tell", 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_answer(end(w, 0, 0), RXP_ERR_STATE, "no outage lasts that this node declared", 0);
	assert_answer(begin(w, 1000, 2000), 0, "", 1);
	first = said(w, 1);
	assert_int_equal(first.ends, 0);
	assert_int_equal(first.from_ms, 1000);
	assert_int_equal(first.until_ms, 2000);
	case_receipt(w, 1, NULL);
	assert_answer(begin(w, 0, 0), RXP_ERR_STATE,
	    "an outage is declared already, or there is no peer to tell", 0);
	/* A planned end ends nothing. */
	assert_int_equal(listed(w), 1);
	assert_string_equal(rows[0].declared_by, OWN);
	assert_int_equal(rows[0].until_ms, 0);
	world_restart(w);
	assert_answer(end(w, 1500, 3000), 0, "", 1);
	second = said(w, 1);
	assert_int_equal(second.ends, 1);
	assert_memory_equal(second.outage_id, first.outage_id, sizeof first.outage_id);
	assert_int_equal(second.from_ms, 1500);
	assert_int_equal(second.until_ms, 3000);
	assert_int_equal(listed(w), 1);
	assert_int_equal(rows[0].from_ms, 1500);
	assert_int_equal(rows[0].until_ms, 3000);
	assert_answer(end(w, 0, 0), RXP_ERR_STATE, "no outage lasts that this node declared", 0);
}

static void test_times(void **state)
{
	struct world *w = *state;
	int64_t now;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	now = clock_wall_ms();
	assert_answer(begin(w, 1000, 999), RXP_ERR_SYNTAX, "it would end before it began", 0);
	assert_answer(begin(w, 0, now - DAY), RXP_ERR_SYNTAX, "it would end before it began", 0);
	assert_answer(
	    begin(w, RXP_MAX_TIME_MS + 1, 0), RXP_ERR_SYNTAX, "it would end before it began", 0);
	assert_answer(begin(w, 0, now + DAY), 0, "", 1);
	assert_answer(end(w, 0, now - DAY), RXP_ERR_SYNTAX, "it would end before it began", 0);
	assert_answer(end(w, now - 2 * DAY, now - DAY), 0, "", 1);
}

static void test_distrusted(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "operator", .party = PEER};
	struct msg_outage_begin stranger = {.user = "operator", .peer = "QRC"};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_answer(world_ask(w, IPC_outage_begin, &stranger), RXP_ERR_NOT_FOUND,
	    "the party is no peer", 0);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	assert_answer(begin(w, 0, 0), RXP_ERR_STATE,
	    "an outage is declared already, or there is no peer to tell", 0);
	assert_int_equal(listed(w), 0);
}

/* --- of a peer ------------------------------------------------------------------------------------ */

static struct fake_envelope notice(
    uint8_t id, uint8_t outage, int64_t from_ms, int64_t until_ms, uint32_t ends)
{
	struct fake_envelope e = world_envelope(id);
	struct rec_node_outage says = {
	    .outage_id = {outage}, .from_ms = from_ms, .until_ms = until_ms, .ends = ends};
	struct rxp_buf list;

	snprintf(e.type, sizeof e.type, NOTICE);
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(record_list_put(&list, REC_node_outage, &record_node_outage, &says), 0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return e;
}

static void take(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, 200);
}

static void test_told(void **state)
{
	struct world *w = *state;
	struct fake_envelope begins = notice(1, 7, 1000, 5000, 0),
			     ends = notice(2, 7, 900, 2000, 1);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	take(w, &begins);
	assert_int_equal(listed(w), 1);
	assert_string_equal(rows[0].declared_by, PEER);
	assert_int_equal(rows[0].from_ms, 1000);
	assert_int_equal(rows[0].until_ms, 0);
	take(w, &ends);
	take(w, &ends);
	assert_int_equal(listed(w), 1);
	assert_int_equal(rows[0].from_ms, 900);
	assert_int_equal(rows[0].until_ms, 2000);
	/* A peer's is none of ours to end. */
	assert_answer(end(w, 0, 0), RXP_ERR_STATE, "no outage lasts that this node declared", 0);
}

/* The end first, and nothing behind it opens it again (RXP-NOT-007). */
static void test_end_first(void **state)
{
	struct world *w = *state;
	struct fake_envelope begins = notice(1, 7, 1000, 0, 0), ends = notice(2, 7, 900, 2000, 1);
	struct fake_envelope other = notice(3, 8, 1000, 0, 0);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	take(w, &ends);
	take(w, &begins);
	assert_int_equal(listed(w), 1);
	assert_int_equal(rows[0].from_ms, 900);
	assert_int_equal(rows[0].until_ms, 2000);
	take(w, &other);
	assert_int_equal(listed(w), 2);
}

/* Ours and the peer's of one id are two. */
static void test_two_sides(void **state)
{
	struct world *w = *state;
	struct fake_envelope begins;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_answer(begin(w, 1000, 0), 0, "", 1);
	assert_int_equal(listed(w), 1);
	begins = notice(1, 0, 3000, 0, 0);
	assert_int_equal(world_admit(w, &begins)->http_status, 200);
	assert_int_equal(listed(w), 2);
	assert_answer(end(w, 0, 0), 0, "", 1);
	assert_int_equal(listed(w), 2);
	assert_string_equal(rows[0].declared_by, PEER);
	assert_int_equal(rows[0].until_ms, 0);
}

/* However many the peer declares, and however late: ours is found, to be ended and not to be doubled. */
static void test_many_of_the_peer(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_answer(begin(w, 1000, 0), 0, "", 1);
	for (unsigned i = 0; i < REGISTRY_PAGE_MAX; i++) {
		struct fake_envelope e = notice((uint8_t)(i + 1), (uint8_t)(i + 1), 2000, 3000, 1);

		take(w, &e);
	}
	assert_answer(begin(w, 0, 0), RXP_ERR_STATE,
	    "an outage is declared already, or there is no peer to tell", 0);
	assert_answer(end(w, 0, 0), 0, "", 1);
}

static void too_much(struct world *w, struct fake_envelope e)
{
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY);
	assert_string_equal(w->last_seal.requirement, "RXP-NOT-012");
	assert_int_equal(listed(w), RXP_MAX_LASTING_OUTAGES);
}

/* So many last, however their end is told; one that is over, one that is known and one that ends are taken. */
static void test_many_last(void **state)
{
	const int64_t ahead = clock_wall_ms() + INT64_C(3600) * 1000;
	struct world *w = *state;
	struct fake_envelope e;
	uint8_t id = 0;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 1; i <= RXP_MAX_LASTING_OUTAGES; i++) {
		e = notice(++id, (uint8_t)i, 1000, i % 2 == 0 ? ahead : 0, i % 2 == 0);
		take(w, &e);
	}
	too_much(w, notice(++id, 100, 1000, 0, 0));
	too_much(w, notice(++id, 100, 1000, ahead, 1));
	e = notice(++id, 1, 900, 0, 0);
	take(w, &e);
	e = notice(++id, 1, 900, 2000, 1);
	take(w, &e);
	e = notice(++id, 1, 900, 0, 0); /* behind its end */
	take(w, &e);
	e = notice(++id, 100, 1000, 0, 0);
	take(w, &e);
	assert_int_equal(listed(w), RXP_MAX_LASTING_OUTAGES + 1);
	e = notice(++id, 101, 1000, 2000, 1);
	take(w, &e);
	assert_int_equal(listed(w), RXP_MAX_LASTING_OUTAGES + 2);
}

/* Two that come together for the last place are decided one after the other. */
static void test_last_place(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, one, other;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 1; i < RXP_MAX_LASTING_OUTAGES; i++) {
		e = notice((uint8_t)i, (uint8_t)i, 1000, 0, 0);
		take(w, &e);
	}
	one = notice(100, 100, 1000, 0, 0);
	other = notice(101, 101, 1000, 0, 0);
	link_pause(w->sealer, true);
	world_send(w, &one);
	world_send(w, &other);
	pump_for(w->loop, 20);
	link_pause(w->sealer, false);
	pump_for(w->loop, 100);
	assert_int_equal(listed(w), RXP_MAX_LASTING_OUTAGES);
}

static void test_crash(void **state)
{
	struct world *w = *state;
	struct fake_envelope begins = notice(1, 7, 1000, 0, 0);
	uint64_t before;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	world_send(w, &begins);
	pump_for(w->loop, 20);
	world_restart(w);
	assert_int_equal(listed(w), 0);
	before = peers_find(w->assembly->peers, PEER)->log.count;
	link_pause(w->gateway, true);
	world_send(w, &begins);
	pump_while(w->loop, peers_find(w->assembly->peers, PEER)->log.count == before);
	world_restart(w);
	assert_int_equal(listed(w), 1);
	take(w, &begins);
	assert_int_equal(listed(w), 1);
}

/* What no sealer of ours says leaves no trace; the twin is test_told. */
static void test_no_record(void **state)
{
	struct world *w = *state;
	struct fake_envelope cut = notice(1, 7, 1000, 0, 0), late = notice(2, 7, -1, 0, 0);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	cut.facts_len--;
	assert_int_equal(world_admit(w, &cut)->http_status, 503);
	assert_int_equal(world_admit(w, &late)->http_status, 503);
	assert_int_equal(listed(w), 0);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->log.count, 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_declared),
	    WORLD_TEST(test_times),
	    WORLD_TEST(test_distrusted),
	    WORLD_TEST(test_told),
	    WORLD_TEST(test_end_first),
	    WORLD_TEST(test_two_sides),
	    WORLD_TEST(test_many_of_the_peer),
	    WORLD_TEST(test_many_last),
	    WORLD_TEST(test_last_place),
	    WORLD_TEST(test_crash),
	    WORLD_TEST(test_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
