/*
 * Goals of offers, with everything around the registry played (RXP-NOT-010): what a peer offers is listed with its file
 * and joins nothing that is held; the newest of a name stays, whichever comes first, and of each peer at most
 * REGISTRY_OFFERS_MAX; what is no whole record is not decided. What we offer is what was taken, as it was sealed; the
 * profile of the specification, what nobody holds, and a stranger are told apart.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_terms_rig.h"

#define NOTICE "NodeNotice"

static struct rec_offer_row rows[2 * REGISTRY_OFFERS_MAX];

static unsigned listed(struct world *w, const char *peer)
{
	struct msg_offer_list m = {.peer = ""};
	const struct world_answer *a;
	struct record_cursor c;
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	snprintf(m.peer, sizeof m.peer, "%s", peer);
	a = world_ask(w, IPC_offer_list, &m);
	assert_int_equal(a->result, 0);
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1)
		assert_int_equal(
		    record_decode(&rows[n++], &record_offer_row, fields.data, fields.len), 0);
	return n;
}

static unsigned held(struct world *w, bool calendars)
{
	const struct msg_terms_list m = {.calendars = calendars};

	return (unsigned)world_ask(w, IPC_terms_list, &m)->len;
}

static struct fake_envelope notice(
    uint8_t id, const char *name, const char *version, bool calendar, int64_t created_ms)
{
	struct fake_envelope e = world_envelope(id);
	struct rec_node_offer says = {.calendar = calendar,
	    .from = "2027-01-01",
	    .digest = {id},
	    .file = {(const uint8_t *)version, strlen(version)}};
	struct rxp_buf list;

	snprintf(says.name, sizeof says.name, "%s", name);
	snprintf(says.version, sizeof says.version, "%s", version);
	snprintf(e.type, sizeof e.type, NOTICE);
	e.created_ms += created_ms;
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(record_list_put(&list, REC_node_offer, &record_node_offer, &says), 0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return e;
}

static void take(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, 200);
}

static void assert_file(struct world *w, unsigned row, const char *file)
{
	struct msg_offer_get m = {{0}};
	const struct world_answer *a;

	memcpy(m.offer_id, rows[row].offer_id, sizeof m.offer_id);
	a = world_ask(w, IPC_offer_get, &m);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->len, strlen(file));
	assert_memory_equal(a->octets, file, a->len);
}

static void test_told(void **state)
{
	struct world *w = *state;
	struct fake_envelope first = notice(1, "agreement", "1", false, 0),
			     calendar = notice(2, PEER, "7", true, 1);
	const struct msg_offer_get unknown = {{0}};
	unsigned profiles, calendars;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	profiles = held(w, false);
	calendars = held(w, true);
	take(w, &first);
	take(w, &first);
	assert_int_equal(listed(w, ""), 1);
	take(w, &calendar);
	world_restart(w);
	assert_int_equal(listed(w, PEER), 2);
	assert_string_equal(rows[0].kind, "calendar");
	assert_string_equal(rows[0].name, PEER);
	assert_string_equal(rows[1].kind, "profile");
	assert_string_equal(rows[1].peer, PEER);
	assert_string_equal(rows[1].name, "agreement");
	assert_string_equal(rows[1].version, "1");
	assert_string_equal(rows[1].from_day, "2027-01-01");
	assert_int_equal(rows[1].digest[0], 1);
	assert_file(w, 0, "7");
	assert_file(w, 1, "1");
	assert_int_equal(listed(w, "QRC"), 0);
	assert_int_equal((int)world_ask(w, IPC_offer_get, &unknown)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(held(w, false), profiles);
	assert_int_equal(held(w, true), calendars);
}

static void test_newest(void **state)
{
	struct world *w = *state;
	struct fake_envelope second = notice(1, "agreement", "2", false, 0),
			     first = notice(2, "agreement", "1", false, -1000),
			     third = notice(3, "agreement", "3", false, 1000);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	take(w, &second);
	take(w, &first);
	assert_int_equal(listed(w, ""), 1);
	assert_file(w, 0, "2");
	take(w, &third);
	assert_int_equal(listed(w, ""), 1);
	assert_file(w, 0, "3");
}

static void test_bound(void **state)
{
	struct world *w = *state;
	char name[RECORD_NAME_MAX];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i <= REGISTRY_OFFERS_MAX; i++) {
		struct fake_envelope e;

		snprintf(name, sizeof name, "agreement-%u", i);
		e = notice((uint8_t)(1 + i), name, "1", false, i);
		take(w, &e);
	}
	assert_int_equal(listed(w, ""), REGISTRY_OFFERS_MAX);
	assert_string_equal(rows[0].name, name);
	assert_string_equal(rows[REGISTRY_OFFERS_MAX - 1].name, "agreement-1");
}

/* The twin is test_told. */
static void test_no_record(void **state)
{
	struct world *w = *state;
	struct fake_envelope cut = notice(1, "agreement", "1", false, 0);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	cut.facts_len--;
	assert_int_equal(world_admit(w, &cut)->http_status, 503);
	assert_int_equal(listed(w, ""), 0);
}

/* --- ours ----------------------------------------------------------------------------------------- */

static const struct world_answer *offer(
    struct world *w, const char *peer, const char *id, uint32_t version)
{
	struct msg_offer_make m = {.user = "officer", .version = version};

	snprintf(m.peer, sizeof m.peer, "%s", peer);
	snprintf(m.id, sizeof m.id, "%s", id);
	return world_ask(w, IPC_offer_make, &m);
}

static void assert_refused(const struct world_answer *a, int result, const char *words)
{
	assert_string_equal(a->words, words);
	assert_int_equal((int)a->result, result);
}

static struct rec_node_offer said(struct world *w, unsigned n)
{
	const struct world_delivery *d = world_delivered(w, n);
	struct record_cursor c = {.at = d->envelope.facts, .left = d->envelope.facts_len};
	struct rec_node_offer r;
	struct bytes fields;
	uint16_t tag;

	assert_string_equal(d->envelope.type, NOTICE);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(tag, REC_node_offer);
	assert_int_equal(record_decode(&r, &record_node_offer, fields.data, fields.len), 0);
	assert_int_equal(r.file.len, 6);
	assert_memory_equal(r.file.data, "sealed", 6);
	return r;
}

static void test_made(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_profile();
	const struct rxp_calendar ours = terms_rig_calendar(OWN);
	struct rec_node_offer r;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_refused(
	    offer(w, PEER, "", 0), RXP_ERR_NOT_FOUND, "this node holds no calendar of its own");
	terms_rig_take_profile(w, &p);
	terms_rig_take_calendar(w, &ours);
	assert_refused(offer(w, "QRC", p.id, p.version), RXP_ERR_NOT_FOUND, "the party is no peer");
	assert_refused(offer(w, PEER, "customary", 1), RXP_ERR_NOT_FOUND,
	    "it belongs to the specification, and the peer holds it");
	assert_int_equal((int)offer(w, PEER, p.id, p.version + 1)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(offer(w, PEER, p.id, p.version)->result, 0);
	r = said(w, 1);
	assert_int_equal(r.calendar, 0);
	assert_string_equal(r.name, p.id);
	assert_string_equal(r.version, "1");
	assert_string_equal(r.from, "1970-01-01");
	case_receipt(w, 1, NULL);
	assert_int_equal(offer(w, PEER, "", 0)->result, 0);
	r = said(w, 2);
	assert_int_equal(r.calendar, 1);
	assert_string_equal(r.name, OWN);
	assert_int_equal(listed(w, ""), 0);
}

static void test_distrusted(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_profile();
	struct msg_peer_distrust m = {.user = "operator", .party = PEER};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	terms_rig_take_profile(w, &p);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	assert_refused(
	    offer(w, PEER, p.id, p.version), RXP_ERR_STATE, "the peer is not trusted any more");
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_told),
	    WORLD_TEST(test_newest),
	    WORLD_TEST(test_bound),
	    WORLD_TEST(test_no_record),
	    WORLD_TEST(test_made),
	    WORLD_TEST(test_distrusted),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
