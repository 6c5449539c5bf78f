/*
 * Goals of the terms under which a case runs, with everything around the registry played:
 * - a document of a peer opens a case only under a profile that is held and in force, and the next one names the
 *   same; a refusal leaves nothing, and the next document is taken (RXP-PRF-023, 024);
 * - what we send runs under the profile chosen for the peer then, or the one named; two versions run side by side;
 * - a part of the agreement that is suspended takes no new application (RXP-PRF-019);
 * - a profile that ends while a document waits keeps it from being sealed;
 * - on a node that is no test node an unverified profile waits for an attestation, and other cases do not
 *   (RXP-PRF-007); an attestation is of one version (RXP-PRF-026).
 * What a node holds, and what it takes, is registry_terms_test.c's.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_terms_rig.h"

#define HOUR INT64_C(3600000)

/* --- a peer's documents -------------------------------------------------------------------------- */

static void turned_away(struct world *w, const struct fake_envelope *e, enum rxp_refusal code)
{
	unsigned receipts = w->receipts;
	const struct world_answer *a = world_admit(w, e);

	assert_int_equal(a->http_status, rxp_refusal_row(code)->http_status);
	assert_int_equal(w->last_seal.refusal, code + 1);
	assert_int_equal(w->receipts, receipts);
}

static void receipted(struct world *w, const struct fake_envelope *e)
{
	unsigned receipts = w->receipts;

	assert_int_equal(world_admit(w, e)->http_status, 200);
	assert_int_equal(w->receipts, receipts + 1);
}

static void test_opened_under(void **state)
{
	struct world *w = *state;
	const struct rxp_profile p = terms_rig_agreement(PEER, 1);
	struct fake_envelope e, next;
	struct store_case row;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->profile = &p;
	e = case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	turned_away(w, &e, RXP_REFUSAL_UNSUPPORTED);
	assert_int_equal(store_case_get(store_db(w->assembly->node.store), &row, PEER, their_case),
	    RXP_ERR_NOT_FOUND);
	terms_rig_taken(w, &p);
	e = case_document(2, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	e.created_ms = p.starts_ms - 1; /* before the profile starts */
	turned_away(w, &e, RXP_REFUSAL_UNSUPPORTED);
	e = case_document(3, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	receipted(w, &e);
	assert_int_equal(
	    store_case_get(store_db(w->assembly->node.store), &row, PEER, their_case), 0);
	assert_string_equal(row.profile_id, "generic-test");
	next = case_document(4, their_case, WITHDRAWAL, 2, case_facts("withdraw", 1, 1, NULL));
	case_previous(&next, &e);
	w->profile = NULL; /* another than that of its case */
	turned_away(w, &next, RXP_REFUSAL_STATE);
	next.message_id[0] = 5;
	next.fingerprint[0] = 5;
	w->profile = &p;
	receipted(w, &next);
}

/* --- ours ---------------------------------------------------------------------------------------- */

static const struct world_answer *submit(
    struct world *w, const char *key, const char *id, const char *version)
{
	struct facts f = case_facts("apply", 1, 1, NULL);
	struct msg_submit m = case_submission(key, NULL, APPLICATION, &f);

	snprintf(m.profile_id, sizeof m.profile_id, "%s", id);
	snprintf(m.profile_version, sizeof m.profile_version, "%s", version);
	return world_ask(w, IPC_submit, &m);
}

static void sent_under(struct world *w, const char *key, const char *id, const char *version)
{
	unsigned n = w->n_deliveries;

	assert_int_equal(submit(w, key, "", "")->result, 0);
	world_delivered(w, n + 1);
	assert_string_equal(w->last_close.profile_id, id);
	assert_string_equal(w->last_close.profile_version, version);
}

static void test_chosen(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_agreement(PEER, 1), q;
	const struct world_answer *a;
	int64_t now = clock_wall_ms();

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	q = p;
	q.version = 2;
	q.digest[0] = 2;
	q.starts_ms = now + 2 * HOUR;
	terms_rig_taken(w, &p);
	terms_rig_taken(w, &q);
	sent_under(w, "key-1", "customary", "1");
	a = terms_rig_use(w, "generic-test", 3, 0);
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	a = terms_rig_use(w, "generic-test", 1, now - HOUR);
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_int_equal(terms_rig_use(w, "generic-test", 1, 0)->result, 0);
	assert_int_equal(terms_rig_use(w, "generic-test", 2, now + 3 * HOUR)->result, 0);
	sent_under(w, "key-2", "generic-test", "1");
	a = submit(w, "key-3", "generic-test", "2"); /* named, and it has not begun */
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "RXP-PRF-017: the profile is not in force now");
	a = submit(w, "key-4", "other", "1");
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	world_restart(w);
	world_move_clock(w, 4 * HOUR);
	sent_under(w, "key-5", "generic-test", "2");
	assert_int_equal(submit(w, "key-6", "customary", "1")->result, 0);
}

/* RXP-PRF-019: an application of own nationals and one of others, under either part suspended. */
static void test_suspended(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_agreement(PEER, 1);
	struct facts own = case_facts("apply", 1, 1, NULL);
	struct facts foreign = case_facts_marked("apply", 1, 1, "third-country", NULL);
	struct fake_envelope e;
	struct msg_submit m;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(p.chapters.rows[1].name, RXP_CHAPTER_THIRD_COUNTRY);
	p.chapters.rows[1].state = RXP_CHAPTER_STATE_SUSPENDED;
	terms_rig_taken(w, &p);
	assert_int_equal(terms_rig_use(w, "generic-test", 1, 0)->result, 0);
	m = case_submission("key-1", NULL, APPLICATION, &foreign);
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_STATE);
	m = case_submission("key-2", NULL, APPLICATION, &own);
	assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
	w->profile = &p;
	e = case_document(1, their_case, APPLICATION, 1, foreign);
	turned_away(w, &e, RXP_REFUSAL_UNSUPPORTED);
	e = case_document(2, their_case, APPLICATION, 1, own);
	receipted(w, &e);
	/* a part that is suspended only from tomorrow on takes applications today */
	p.version = 2;
	p.digest[0]++;
	p.starts_ms++;
	p.chapters.rows[1].from_day = (int32_t)(clock_wall_ms() / RXP_DAY_MS) + 2;
	terms_rig_taken(w, &p);
	assert_int_equal(terms_rig_use(w, "generic-test", 2, 0)->result, 0);
	m = case_submission("key-3", NULL, APPLICATION, &foreign);
	assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
}

/* It ends while the document waits: it is never sealed, and the desk is told why. */
static void test_ended_before_closing(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_agreement(PEER, 1);
	struct rec_message_row row;
	const struct world_answer *a;
	uint8_t id[16];

	w->key_from_ms = clock_wall_ms() + HOUR; /* until then nothing can be closed */
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	p.ends_ms = clock_wall_ms() + HOUR;
	terms_rig_taken(w, &p);
	a = submit(w, "key-1", "generic-test", "1");
	assert_int_equal(a->result, 0);
	memcpy(id, a->id, sizeof id);
	world_until(w, &w->fetches, 1);
	world_move_clock(w, 2 * HOUR);
	world_restart(w);
	world_until_state(w, id, "refused", &row);
	assert_string_equal(row.refusal, "unsupported");
	assert_int_equal(w->closed, 0);
}

/* --- attestation --------------------------------------------------------------------------------- */

static const struct world_answer *attest(struct world *w, const char *id, uint32_t version)
{
	struct msg_profile_attest m = {
	    .user = "officer", .officer = "L-1001", .publisher = PEER, .version = version};

	snprintf(m.id, sizeof m.id, "%s", id);
	return world_ask(w, IPC_profile_attest, &m);
}

static void test_unverified(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_agreement(PEER, 1);
	struct fake_envelope e =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	const struct world_answer *a;

	world_stop(w);
	(void)unlink("readmit.db");
	(void)unlink("readmit.db-wal");
	(void)unlink("readmit.lock");
	w->production = true;
	w->descriptor.test_node = 0;
	assert_int_equal(world_start(w), 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	p.status = RXP_STATUS_UNVERIFIED;
	terms_rig_taken(w, &p);
	assert_int_equal(terms_rig_use(w, "generic-test", 1, 0)->result, 0);
	a = submit(w, "key-1", "", "");
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "RXP-PRF-007: the profile is unverified, not attested");
	w->profile = &p;
	turned_away(w, &e, RXP_REFUSAL_UNSUPPORTED);
	assert_int_equal(submit(w, "key-2", "customary", "1")->result, 0); /* others go on */
	a = attest(w, "generic-test", 2);
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(attest(w, "generic-test", 1)->result, 0);
	assert_int_equal((int)attest(w, "generic-test", 1)->result, RXP_ERR_EXISTS);
	world_restart(w);
	assert_int_equal(submit(w, "key-3", "", "")->result, 0);
	e = case_document(2, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	receipted(w, &e);
}

static void test_verified_needs_none(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = terms_rig_agreement(PEER, 1);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	p.status = RXP_STATUS_VERIFIED;
	terms_rig_taken(w, &p);
	assert_int_equal((int)attest(w, "generic-test", 1)->result, RXP_ERR_STATE);
	p = terms_rig_agreement(PEER, 2);
	p.version = 2;
	p.starts_ms++;
	p.status = RXP_STATUS_UNVERIFIED;
	terms_rig_taken(w, &p);
	assert_int_equal(submit(w, "key-1", "generic-test", "2")->result, 0); /* a test node */
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_opened_under),
	    WORLD_TEST(test_chosen),
	    WORLD_TEST(test_suspended),
	    WORLD_TEST(test_ended_before_closing),
	    WORLD_TEST(test_unverified),
	    WORLD_TEST(test_verified_needs_none),
	};

	return cmocka_run_group_tests_name("registry_terms_case", tests, terms_rig_read, NULL);
}
