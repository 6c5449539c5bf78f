/*
 * Confirmations of erasure (RXP-NOT-014, RXP-NOT-015): what a peer says is kept beside the case with what proves it, once, the first day
 * stands, also where both come back after a loss in another order; of a case that is not there nothing is kept, and nothing is erased because of it; what we erased is said once.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_recovery_rig.h"

#include "daemon/registry/store/store_confirmation.h"

static struct fake_envelope notice(uint8_t id, const uint8_t case_id[16], const char *day)
{
	struct rec_node_erased says = {.case_id = {0}};
	struct fake_envelope e = world_envelope(id);
	struct rxp_buf list;

	memcpy(says.case_id, case_id, sizeof says.case_id);
	snprintf(says.day, sizeof says.day, "%s", day);
	snprintf(e.type, sizeof e.type, "NodeNotice");
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(record_list_put(&list, REC_node_erased, &record_node_erased, &says), 0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return e;
}

static void test_heard(void **state)
{
	static const uint8_t nowhere[16] = {0x77};
	struct world *w = *state;
	struct fake_envelope first, other_day, unknown;
	uint8_t case_id[16];
	char day[RXP_DAY_TEXT];
	struct shown before, after;
	struct db *db;

	(void)case_asked(w, case_id);
	db = store_db(w->assembly->node.store);
	case_show(w, case_id, &before);
	assert_int_equal(store_confirmation_get(db, day, PEER, case_id), RXP_ERR_NOT_FOUND);
	first = notice(101, case_id, "2027-03-01");
	other_day = notice(102, case_id, "2027-03-02");
	unknown = notice(103, nowhere, "2027-03-01");
	assert_int_equal(world_admit(w, &first)->http_status, 200);
	assert_int_equal(store_confirmation_get(db, day, PEER, case_id), 0);
	assert_string_equal(day, "2027-03-01");
	assert_int_equal(world_admit(w, &other_day)->http_status, 200);
	assert_int_equal(store_confirmation_get(db, day, PEER, case_id), 0);
	assert_string_equal(day, "2027-03-01");
	assert_int_equal(world_admit(w, &unknown)->http_status, 200);
	assert_int_equal(store_confirmation_get(db, day, PEER, nowhere), RXP_ERR_NOT_FOUND);
	case_show(w, case_id, &after);
	assert_string_equal(after.row.state, before.row.state);
	world_restart(w);
	assert_int_equal(
	    store_confirmation_get(store_db(w->assembly->node.store), day, PEER, case_id), 0);
}

/* After a loss both come back, the later one first: what was received first stands. */
static void test_back(void **state)
{
	struct world *w = *state;
	struct fake_envelope first, later;
	struct fake_answer to_first, to_later;
	uint8_t case_id[16];
	char day[RXP_DAY_TEXT];

	recovery_restart(w);
	(void)case_asked(w, case_id);
	first = notice(101, case_id, "2027-03-01");
	later = notice(102, case_id, "2027-03-02");
	to_first = own_receipt(&first);
	to_later = own_receipt(&later);
	to_later.checked.received_ms = to_later.checked.created_ms =
	    to_first.checked.received_ms + 1;
	brought(w, &to_later, HTTP_LOST);
	brought(w, &to_first, HTTP_LOST);
	assert_memory_equal(world_admit(w, &later)->octets, &to_later, sizeof to_later);
	assert_int_equal(store_confirmation_get(db_of(w), day, PEER, case_id), 0);
	assert_string_equal(day, "2027-03-02");
	assert_memory_equal(world_admit(w, &first)->octets, &to_first, sizeof to_first);
	assert_int_equal(store_confirmation_get(db_of(w), day, PEER, case_id), 0);
	assert_string_equal(day, "2027-03-01");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_heard, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_back, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
