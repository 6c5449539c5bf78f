/*
 * Goals of contacts, with everything around the registry played (RXP-NOT-013). Told here: a notice to each trusted peer
 * in one commit, or to one; nothing that no Contact is written as, each row one change from one that is told. Told by a
 * peer: the newest by its Created stays, whichever comes first; a crash leaves all of it or nothing.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#define NOTICE "NodeNotice"
#define EMAIL "node@utopia.example"

static struct rec_contact_row row;
static char email[128]; /* of row */

static unsigned listed(struct world *w)
{
	const struct msg_contact_list m = {.unused = 0};
	const struct world_answer *a = world_ask(w, IPC_contact_list, &m);
	struct record_cursor c = {a->octets, a->len};
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	for (; record_list_next(&c, &tag, &fields) == 1; n++) {
		assert_int_equal(tag, REC_contact_row);
		assert_int_equal(
		    record_decode(&row, &record_contact_row, fields.data, fields.len), 0);
		snprintf(
		    email, sizeof email, "%.*s", (int)row.email.len, (const char *)row.email.data);
	}
	return n;
}

static const struct world_answer *tell(
    struct world *w, const char *peer, const char *office, const char *telephone, const char *at)
{
	struct msg_contact_tell m = {
	    .user = "operator", .email = {(const uint8_t *)at, strlen(at)}};

	snprintf(m.peer, sizeof m.peer, "%s", peer);
	snprintf(m.office, sizeof m.office, "%s", office);
	snprintf(m.telephone, sizeof m.telephone, "%s", telephone);
	return world_ask(w, IPC_contact_tell, &m);
}

static void test_told_to_peers(void **state)
{
	struct world *w = *state;
	const struct world_answer *a = tell(w, "", "NODE", "+99955505678", EMAIL);
	struct rec_node_contact said;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "there is no trusted peer to tell");
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	a = tell(w, "", "NODE", "+99955505678", EMAIL);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 1);
	assert_string_equal(world_delivered(w, 1)->envelope.type, NOTICE);
	c = (struct record_cursor){
	    w->deliveries[0].envelope.facts, w->deliveries[0].envelope.facts_len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&said, &record_node_contact, fields.data, fields.len), 0);
	assert_string_equal(said.office, "NODE");
	assert_string_equal(said.telephone, "+99955505678");
	assert_int_equal(said.email.len, strlen(EMAIL));
	assert_memory_equal(said.email.data, EMAIL, strlen(EMAIL));
	case_receipt(w, 1, NULL);
	assert_int_equal(tell(w, PEER, "BORDER", "+99955505678", "")->result, 0);
	assert_int_equal(
	    (int)tell(w, "QRC", "NODE", "+99955505678", "")->result, RXP_ERR_NOT_FOUND);
	/* What we say of ourselves is none of what peers said. */
	assert_int_equal(listed(w), 0);
}

static void test_not_a_contact(void **state)
{
	static const struct {
		const char *office, *telephone, *at;
	} wrong[] = {{"NODE", "", ""}, {"KITCHEN", "+99955505678", EMAIL},
	    {"NODE", "99955505678", EMAIL}, {"NODE", "+09955505678", EMAIL},
	    {"NODE", "+9995", EMAIL}, {"NODE", "+9995550567812345", EMAIL},
	    {"NODE", "+9995550 5678", EMAIL}, {"NODE", "", "utopia.example"},
	    {"NODE", "", "@utopia.example"}, {"NODE", "", "node@utopia"},
	    {"NODE", "", "node@Utopia.example"}, {"NODE", "", "node@utopia..example"},
	    {"NODE", "", "node@utopia.example."}, {"NODE", "", "no<de@utopia.example"}};
	struct world *w = *state;
	char longest[128], longer[128];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(
		    (int)tell(w, PEER, wrong[i].office, wrong[i].telephone, wrong[i].at)->result,
		    RXP_ERR_SYNTAX);
	snprintf(longest, sizeof longest, "%0*d@utopia.example", 100 - 15, 0);
	snprintf(longer, sizeof longer, "%0*d@utopia.example", 101 - 15, 0);
	assert_int_equal((int)tell(w, PEER, "NODE", "", longer)->result, RXP_ERR_SYNTAX);
	assert_int_equal(tell(w, PEER, "NODE", "", longest)->result, 0);
	assert_int_equal(tell(w, PEER, "NODE", "+99955", "")->result, 0);
	assert_int_equal(tell(w, PEER, "NODE", "+999555056781234", "")->result, 0);
}

static struct fake_envelope notice(uint8_t id, const char *telephone, int64_t later_ms)
{
	struct rec_node_contact says = {
	    .office = "NODE", .email = {(const uint8_t *)EMAIL, strlen(EMAIL)}};
	struct fake_envelope e = world_envelope(id);
	struct rxp_buf list;

	snprintf(says.telephone, sizeof says.telephone, "%s", telephone);
	snprintf(e.type, sizeof e.type, NOTICE);
	e.created_ms += later_ms;
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(record_list_put(&list, REC_node_contact, &record_node_contact, &says), 0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return e;
}

static void test_told_by_a_peer(void **state)
{
	struct world *w = *state;
	struct fake_envelope second = notice(1, "+99955500002", 0),
			     first = notice(2, "+99955500001", -1000),
			     third = notice(3, "+99955500003", 1000);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &second)->http_status, 200);
	assert_int_equal(world_admit(w, &first)->http_status, 200);
	assert_int_equal(listed(w), 1);
	assert_string_equal(row.peer, PEER);
	assert_string_equal(row.office, "NODE");
	assert_string_equal(row.telephone, "+99955500002");
	assert_string_equal(email, EMAIL);
	assert_int_equal(row.told_ms, second.created_ms);
	assert_int_equal(world_admit(w, &third)->http_status, 200);
	world_restart(w);
	assert_int_equal(listed(w), 1);
	assert_string_equal(row.telephone, "+99955500003");
}

/* What no sealer of ours says leaves no trace. */
static void test_no_record(void **state)
{
	struct fake_envelope cut = notice(1, "+99955500001", 0);
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	cut.facts_len--;
	assert_int_equal(world_admit(w, &cut)->http_status, 503);
	assert_int_equal(listed(w), 0);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->log.count, 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_told_to_peers),
	    WORLD_TEST(test_not_a_contact),
	    WORLD_TEST(test_told_by_a_peer),
	    WORLD_TEST(test_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
