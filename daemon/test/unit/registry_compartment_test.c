/*
 * Goals of compartments at the registry, with everything around it played:
 * - what is for an office is not taken from the desk while the peer publishes no key of that office, with words
 *   that name it, and nothing is queued; with a key of another office neither; with its key it is sent;
 * - the key reaches the sealers in their register;
 * - once a document is sealed its draft is nowhere in the database (RXP-CMP-005);
 * - what cannot be closed any more waits for a person at once, and says why; it goes on when there is a key;
 * - a refusal `office-key` carries requirement and place, and of ours has the peer asked for its descriptor.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/base/memfile.h"
#include "daemon/registry/peers/publish.h"
#include "protocol/document/compartment.h"

#define HEALTH (1u << RXP_COMPARTMENT_HEALTH)
#define SOCIAL (1u << RXP_COMPARTMENT_SOCIAL)
#define NO_HEALTH "RXP-CMP-011: QRB publishes no key of its office HEALTH"
#define NO_SOCIAL "RXP-CMP-011: QRB publishes no key of its office SOCIAL"

static const struct world_answer *submit_for(struct world *w, const char *key, unsigned offices)
{
	const struct facts apply = case_facts("apply", 1, 2, NULL);
	struct msg_submit m = case_submission(key, NULL, APPLICATION, &apply);

	m.offices = offices;
	return world_ask(w, IPC_submit, &m);
}

static unsigned queued(struct world *w)
{
	const struct msg_list list = {.list = "messages"};

	return case_listed(w, &list);
}

static void not_taken(struct world *w, unsigned offices, const char *words)
{
	const struct world_answer *a = submit_for(w, "key-of-refused", offices);

	assert_int_equal((int)a->result, RXP_ERR_KEY);
	assert_string_equal(a->words, words);
	assert_int_equal(queued(w), 0);
}

static void test_no_key_of_the_office(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	not_taken(w, HEALTH, NO_HEALTH);
	not_taken(w, SOCIAL, NO_SOCIAL);
	w->office = "SOCIAL";
	w->descriptor.working_created_ms++;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	not_taken(w, HEALTH, NO_HEALTH);
	not_taken(w, HEALTH | SOCIAL, NO_HEALTH);
	assert_int_equal(submit_for(w, "key-1", SOCIAL)->result, 0);
	assert_int_equal(submit_for(w, "key-2", 0)->result, 0);
	assert_int_equal(queued(w), 2);
}

static void test_key_reaches_the_sealers(void **state)
{
	struct world *w = *state;
	struct record_cursor cursor;
	struct rec_office_key key = {.party = ""};
	uint8_t *octets = NULL;
	struct bytes fields;
	size_t len = 0;
	uint16_t tag;
	int fd = -1;

	w->office = "HEALTH";
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	publish_register(w->assembly->publish, &fd);
	assert_int_equal(memfile_map(&octets, &len, fd, REGISTRY_REGISTER_MAX), 0);
	cursor = (struct record_cursor){octets, len};
	while (record_list_next(&cursor, &tag, &fields) == 1)
		if (tag == REC_office_key)
			assert_int_equal(
			    record_decode(&key, &record_office_key, fields.data, fields.len), 0);
	assert_string_equal(key.party, PEER);
	assert_string_equal(key.office, "HEALTH");
	assert_int_equal(key.spki.len, 6);
	memfile_unmap(octets, len);
}

static size_t draft_octets(struct world *w, const uint8_t id[16])
{
	struct rxp_buf draft, facts;
	size_t len;

	rxp_buf_init(&draft, IPC_MESSAGE_MAX);
	rxp_buf_init(&facts, IPC_MESSAGE_MAX);
	assert_int_equal(
	    store_case_draft(store_db(w->assembly->node.store), &draft, &facts, id), 0);
	assert_true(facts.len > 0); /* they stay */
	len = draft.len;
	rxp_buf_free(&draft);
	rxp_buf_free(&facts);
	return len;
}

static void test_draft_goes_when_it_is_sealed(void **state)
{
	struct world *w = *state;
	uint8_t id[16], case_id[16], next[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), next);
	world_delivered(w, 1); /* sealed, and without an answer yet */
	assert_int_equal(draft_octets(w, id), 0);
	assert_true(draft_octets(w, next) > 0);
	world_restart(w);
	case_receipt(w, 1, id);
	case_receipt(w, 2, next);
	assert_int_equal(draft_octets(w, next), 0);
}

static void test_no_key_any_more(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct msg_message_requeue again = {.user = "officer"};
	struct world_answer a;

	w->office = "HEALTH";
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->close_result = RXP_ERR_KEY;
	a = *submit_for(w, "key-1", HEALTH);
	world_until_state(w, a.id, "parked", &row);
	assert_string_equal(row.last_error, "the peer publishes no key of an office any more");
	assert_int_equal(w->closed, 1);
	w->close_result = 0;
	memcpy(again.local_id, a.id, sizeof again.local_id);
	assert_int_equal(world_ask(w, IPC_message_requeue, &again)->result, 0);
	case_receipt(w, 1, a.id);
}

/* The twin is refused for another reason, which no descriptor mends. */
static void test_the_peer_is_asked_after_a_refusal(void **state)
{
	static const enum rxp_refusal codes[] = {RXP_REFUSAL_SCHEMA, RXP_REFUSAL_OFFICE_KEY};
	struct world *w = *state;
	struct rec_message_row row;

	w->office = "HEALTH";
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < 2; i++) {
		const char *key = i == 0 ? "key-1" : "key-2";
		const struct world_answer a = *submit_for(w, key, HEALTH);
		const struct world_delivery *d = world_delivered(w, i + 1);
		const struct fake_answer f = world_refusal(d, codes[i], true);

		world_deliver(w, d, 422, &f);
		world_until_state(w, a.id, "refused", &row);
		if (i == 1)
			world_until(w, &w->fetches, 1);
		assert_int_equal(w->fetches, i);
	}
}

static void test_refusal_says_where(void **state)
{
	static const char place[] = "ReadmissionApplication/Person/ForHealth";
	struct world *w = *state;
	struct fake_envelope e;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->place = place;
	e = case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	e.refusal = 1 + RXP_REFUSAL_OFFICE_KEY;
	assert_int_equal(world_admit(w, &e)->http_status, 422);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_OFFICE_KEY);
	assert_string_equal(w->last_seal.requirement, "RXP-CMP-007");
	assert_int_equal(w->last_seal.place.len, strlen(place));
	e = case_document(2, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	e.refusal = 1 + RXP_REFUSAL_NOT_ACCEPTABLE; /* which says nothing (RXP-ANS-008) */
	assert_int_equal(world_admit(w, &e)->http_status, 422);
	assert_string_equal(w->last_seal.requirement, "");
	assert_int_equal(w->last_seal.place.len, 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_no_key_of_the_office),
	    WORLD_TEST(test_key_reaches_the_sealers),
	    WORLD_TEST(test_draft_goes_when_it_is_sealed),
	    WORLD_TEST(test_no_key_any_more),
	    WORLD_TEST(test_the_peer_is_asked_after_a_refusal),
	    WORLD_TEST(test_refusal_says_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
