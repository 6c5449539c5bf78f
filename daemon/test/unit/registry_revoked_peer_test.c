/*
 * Goal of this test: a document of the peer under a seal that was revoked since gets the answer that it had, is taken under a receipt
 * that was brought back, and does not open if it was never receipted (RXP-DSC-043), with everything around the registry played.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_revoked_rig.h"

static void test_receipted_before(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1), other = again(&e), unknown = world_envelope(2);
	struct world_answer first = *world_admit(w, &e);
	const struct world_answer *a;

	assert_int_equal(first.http_status, HTTP_OK);
	w->lapsed_seal = true;
	a = world_admit(w, &other);
	assert_int_equal(a->http_status, HTTP_OK);
	assert_int_equal(a->len, first.len);
	assert_memory_equal(a->octets, first.octets, first.len);
	/* What was not receipted does not open, also if it names the message of another. */
	assert_int_equal(world_admit(w, &unknown)->http_status, HTTP_UNPROCESSABLE);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_UNOPENABLE);
	assert_int_equal(w->last_seal.has_fingerprint, 0);
	other = again(&other);
	other.fingerprint[0]++;
	assert_int_equal(world_admit(w, &other)->http_status, HTTP_UNPROCESSABLE);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_UNOPENABLE);
	assert_int_equal(peer_of(w)->log.count, 1);
	assert_int_equal(w->fetches, 0); /* nobody is asked for a seal that is known */
	w->lapsed_seal = false;
	assert_int_equal(world_admit(w, &unknown)->http_status, HTTP_OK);
}

/* A Void gets the answer that what it names has, also if that was given to this Void; where there is none it voids nothing. */
static void test_void(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1), v = world_envelope(2);
	struct fake_envelope other = world_envelope(3), early = world_envelope(4);
	struct world_answer first = *world_admit(w, &e), voided;
	const struct world_answer *a;

	assert_int_equal(first.http_status, HTTP_OK);
	void_of(&v, &e);
	void_of(&early, &other);
	w->lapsed_seal = true;
	a = world_admit(w, &v);
	assert_int_equal(a->http_status, HTTP_OK);
	assert_memory_equal(a->octets, first.octets, first.len);
	assert_int_equal(world_admit(w, &early)->http_status, HTTP_UNPROCESSABLE);
	assert_memory_equal(w->last_seal.message_id, early.message_id, RXP_ID_OCTETS);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_UNOPENABLE);
	assert_int_equal(w->last_seal.has_fingerprint, 0);
	w->lapsed_seal = false;
	voided = *world_admit(w, &early);
	w->lapsed_seal = true;
	a = world_admit(w, &early); /* its answer was lost, and its seal revoked */
	assert_int_equal(a->http_status, voided.http_status);
	assert_int_equal(a->len, voided.len);
	assert_memory_equal(a->octets, voided.octets, voided.len);
	w->lapsed_seal = false;
}

static void test_brought_back(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer f = own_receipt(&e);

	w->lapsed_seal = true;
	brought(w, &f, HTTP_LOST);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	assert_int_equal(recovery_of(w).documents, 1);
	brought(w, &f, HTTP_NOTHING); /* the message is here too */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, recovery_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_receipted_before),
	    TEST(test_void),
	    TEST(test_brought_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
