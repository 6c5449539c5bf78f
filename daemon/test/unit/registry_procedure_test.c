/*
 * Goals of the procedure, with everything around the registry played:
 * - a safeguard is named to our own desk alone, and neither to the peer nor in our log;
 * - a physical fact is receipted with its flag, which the desk sees; a hand-over without a plan is not
 *   sealed, not even if there was a plan when it was submitted;
 * - a type that the node itself reads does not wait for the desk;
 * - the offices are those of the type, or of the document that opened the case.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

/* Neither the peer nor our own log learns which safeguard it was (RXP-ANS-008). */
static void test_not_acceptable_there(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, e;
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", case_id, APPLICATION,
	    case_facts_marked("apply", 1, 1, "unaccompanied", NULL), id);
	application = case_receipt(w, 1, id);
	e = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
	case_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 422);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_NOT_ACCEPTABLE);
	assert_string_equal(w->last_seal.requirement, "");
	assert_int_equal(w->last_seal.place.len, 0);
	assert_false(w->last_seal.has_view);
	/* It took no Position. */
	e = case_document(2, case_id, REPLY, 1,
	    case_facts_marked("accept", 1, 1, "guardian-named", application.fingerprint));
	case_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_string_equal(w->last_flags, "");
}

/* A document that a safeguard of the case forbids: the desk is told of whom, and what to do. */
static void not_acceptable(struct world *w, const uint8_t *case_id, const char *type,
    struct facts f, const char *requirement, const char *const *paths)
{
	const struct world_answer *a = case_submit(w, "key-of-refused", case_id, type, &f);
	struct record_cursor c = {.at = a->octets, .left = a->len};
	struct bytes fields;
	uint16_t tag;

	assert_int_equal((int)a->result, RXP_ERR_NOT_ACCEPTABLE);
	assert_string_equal(a->words, "");
	for (; *paths != NULL; paths++) {
		struct rec_violation v;

		assert_int_equal(record_list_next(&c, &tag, &fields), 1);
		assert_int_equal(tag, REC_violation);
		assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
		assert_string_equal(v.requirement, requirement);
		assert_int_equal(v.line, 0);
		assert_int_equal(v.path.len, strlen(*paths));
		assert_memory_equal(v.path.data, *paths, v.path.len);
		assert_true(v.text.len > 0 && v.action.len > 0);
	}
	assert_int_equal(record_list_next(&c, &tag, &fields), 0);
}

/* Our own officers learn it. */
static void test_not_acceptable_here(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = case_document(
	    1, their_case, APPLICATION, 1, case_facts_marked("apply", 1, 2, "unaccompanied", NULL));
	uint8_t case_id[16], id[16];
	struct shown s;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	memcpy(case_id, their_case, sizeof case_id);
	not_acceptable(w, case_id, REPLY, case_facts("accept", 2, 2, application.fingerprint),
	    "RXP-SAF-024", (const char *const[]){"ReadmissionReply/Person", NULL});
	not_acceptable(w, case_id, REPLY, case_facts("accept", 1, 2, application.fingerprint),
	    "RXP-SAF-024",
	    (const char *const[]){
		"ReadmissionReply/Person[1]", "ReadmissionReply/Person[2]", NULL});
	case_accepted(w, "key-1", case_id, REPLY,
	    case_facts_marked("accept", 2, 2, "guardian-named", application.fingerprint), id);
	case_receipt(w, 1, id);
	case_show(w, case_id, &s);
	assert_string_equal(s.traits[1], "unaccompanied");
	assert_string_equal(s.traits[2], "unaccompanied guardian-named by-reply");
}

/* P1 comes, although nobody planned it; we hand nobody over without a plan. */
static void test_unplanned(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, e;
	struct msg_list list = {.list = "inbox"};
	const struct world_answer *a;
	struct rec_message_row row;
	struct record_cursor c;
	struct bytes fields;
	struct shown s;
	uint8_t case_id[16];
	uint16_t tag;

	application = case_asked(w, case_id);
	case_not_accepted(w, case_id, RECORD, case_facts("deliver", 1, 1, NULL), RXP_ERR_STATE,
	    "RXP-CAS-011: P1 is received");
	e = case_document(1, case_id, RECORD, 1, case_facts("arrive", 1, 1, NULL));
	case_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_string_equal(w->last_flags, "unplanned");
	case_show(w, case_id, &s);
	assert_string_equal(s.persons[1], "completed");
	assert_string_equal(s.persons[2], "received");
	a = world_ask(w, IPC_list, &list);
	c = (struct record_cursor){a->octets, a->len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&row, &record_message_row, fields.data, fields.len), 0);
	assert_int_equal(row.flags.len, strlen("unplanned"));
	assert_memory_equal(row.flags.data, "unplanned", row.flags.len);
}

/* What the node itself reads does not wait for the desk. */
static void test_not_for_the_desk(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, e;
	struct msg_list list = {.list = "inbox"};
	struct shown s;
	uint8_t case_id[16];

	application = case_asked(w, case_id);
	e = case_document(1, case_id, "HandedOver", 1,
	    case_facts_all("reach-requested-desk", application.fingerprint));
	case_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal(case_listed(w, &list), 0);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_HANDED_OVER], 1);
	case_show(w, case_id, &s);
	assert_string_equal(s.timeline[1].effect, "effective");
	assert_string_equal(s.traits[1], "at-desk");
}

/* A reminder in a case of reintegration is for nobody but the social bodies (RXP-DOC-012, RXP-RIN-007). */
static void test_offices_of_the_opening(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16] = {0}, id[16];
	struct facts refer = case_facts("refer", 1, 1, NULL);
	const struct world_answer *a;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	a = case_submit(w, "key-1", NULL, "ReintegrationReferral", &refer);
	assert_int_equal(a->result, 0);
	memcpy(case_id, a->case_id, sizeof case_id);
	memcpy(id, a->id, sizeof id);
	case_receipt(w, 1, id);
	assert_string_equal(w->last_close.from_office, "SOCIAL");
	case_accepted(w, "key-2", case_id, "Reminder", case_facts_all("remind", NULL), id);
	case_receipt(w, 2, id);
	assert_string_equal(w->last_close.from_office, "SOCIAL");
	assert_string_equal(w->last_close.to_office, "SOCIAL");
}

/* The document of ours that the desk gives next is receipted at once. */
static struct fake_envelope tell(
    struct world *w, unsigned n, const uint8_t case_id[16], const char *type, struct facts f)
{
	char key[16];
	uint8_t id[16], same[16];

	snprintf(key, sizeof key, "key-%u", n);
	memcpy(same, case_id, sizeof same);
	case_accepted(w, key, same, type, f, id);
	return case_receipt(w, n, id);
}

/* The peer's next document, which has seen that one of ours. */
static struct fake_envelope hear(struct world *w, const uint8_t case_id[16], uint8_t position,
    const struct fake_envelope *previous, const struct fake_envelope *seen, const char *type,
    struct facts f)
{
	struct fake_envelope e = case_document(position, case_id, type, position, f);

	if (previous != NULL)
		case_previous(&e, previous);
	case_seen(&e, seen);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	return e;
}

static void test_plan_is_gone(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, reply, issued, notified, agreed;
	struct rec_message_row row;
	uint8_t case_id[16], waiting[16], id[16];

	application = case_asked(w, case_id);
	reply = hear(w, case_id, 1, NULL, &application, REPLY,
	    case_facts("accept", 1, 1, application.fingerprint));
	issued = hear(w, case_id, 2, &reply, &application, "TravelDocumentNotice",
	    case_facts("issue-document", 1, 1, NULL));
	notified = tell(w, 2, case_id, "TransferNotification", case_facts("notify", 1, 1, NULL));
	assert_string_equal(w->last_close.to_office, "BORDER");
	agreed = hear(w, case_id, 3, &issued, &notified, "TransferReply",
	    case_facts("agree-transfer", 1, 1, notified.fingerprint));
	case_accepted(w, "key-3", case_id, "Reminder", case_facts_all("remind", NULL), waiting);
	world_delivered(w, 3);
	case_accepted(w, "key-4", case_id, RECORD, case_facts("deliver", 1, 1, NULL), id);
	hear(w, case_id, 4, &agreed, &notified, "TransferChange",
	    case_facts("change-transfer", 1, 1, NULL));
	case_receipt(w, 3, waiting);
	world_until_state(w, id, "refused", &row);
	assert_string_equal(row.last_error, "not sent: the case does not allow it, RXP-CAS-011");
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_not_acceptable_there),
	    WORLD_TEST(test_not_acceptable_here),
	    WORLD_TEST(test_unplanned),
	    WORLD_TEST(test_plan_is_gone),
	    WORLD_TEST(test_not_for_the_desk),
	    WORLD_TEST(test_offices_of_the_opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
