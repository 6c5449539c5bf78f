/*
 * Goals of profiles and calendars at a sealer:
 * - what we sealed and what a peer sealed opens, and says what it holds; a draft is read as one;
 * - what another sealed in a State's name, a changed octet, a party that is not known or was revoked, a draft
 *   given as sealed and any other object open nothing;
 * - what is wrong is said by requirement and element, without a value.
 *
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_fixture.h"

#include "daemon/base/terms.h"
#include "daemon/sealer/terms.h"
#include "protocol/init.h"
#include "protocol/terms/terms.h"

static struct test_state a, b, stranger;

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	state_new(&a, "QRA");
	state_new(&b, "QRB");
	state_new(&stranger, "QRC");
	introduce(&a, &b, 5, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	state_free(&a);
	state_free(&b);
	state_free(&stranger);
	rxp_cleanup();
	return 0;
}

/* spec/profiles/NAME.xml, without the line end behind it. */
static struct rxp_buf draft(const char *name)
{
	char path[128];
	struct rxp_buf octets;

	snprintf(path, sizeof path, "../profiles/%s.xml", name);
	octets = example(path);
	octets.len--;
	return octets;
}

static struct rxp_buf sealed(
    const char *name, enum rxp_kind kind, const char *party, const struct test_state *by)
{
	struct rxp_buf d = draft(name);
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_TERMS_OCTETS);
	assert_int_equal(
	    rxp_terms_seal(&out, kind, d.data, d.len, party, NOW_MS, &by->node->signer, NULL), 0);
	rxp_buf_free(&d);
	return out;
}

/* The result; on success the reply is the caller's. The octets are freed. */
static int open_terms(struct reply *reply, struct rxp_buf octets, bool is_draft)
{
	const struct msg_open_terms q = {.register_number = 5,
	    .draft = is_draft,
	    .at_ms = NOW_MS,
	    .octets = reply_bytes(&octets)};
	int rc;

	reply_init(reply);
	assert_int_equal(terms_open_handle(a.node, &q, reply), 0);
	rc = (int)reply->body.terms_opened.result;
	if (rc != 0)
		assert_int_equal(reply->body.terms_opened.rows.len, 0);
	rxp_buf_free(&octets);
	return rc;
}

static void assert_refused(struct rxp_buf octets, bool is_draft, int rc, const char *requirement)
{
	struct reply reply;

	assert_int_equal(open_terms(&reply, octets, is_draft), rc);
	assert_string_equal(reply.body.terms_opened.requirement, requirement);
	reply_clear(&reply);
}

static void assert_profile(struct rxp_buf octets, bool is_draft, const char *publisher)
{
	static struct rxp_profile p;
	struct reply reply;

	assert_int_equal(open_terms(&reply, octets, is_draft), 0);
	assert_string_equal(reply.body.terms_opened.root, "Profile");
	assert_int_equal(terms_read_profile(&p, reply.body.terms_opened.rows), 0);
	assert_string_equal(p.id, "generic-test");
	assert_string_equal(p.publisher, publisher);
	assert_int_equal(p.created_ms, is_draft ? 0 : NOW_MS);
	assert_int_equal(p.clocks[RXP_CLOCK_REPLY].value, 8);
	reply_clear(&reply);
}

static void profiles(void **state)
{
	(void)state;
	assert_profile(sealed("generic-test", RXP_KIND_PROFILE, "QRA", &a), false, "QRA");
	assert_profile(sealed("generic-test", RXP_KIND_PROFILE, "QRB", &b), false, "QRB");
	assert_profile(draft("generic-test"), true, "");
}

static void calendars(void **state)
{
	static struct rxp_calendar c;
	struct reply reply;

	(void)state;
	assert_int_equal(
	    open_terms(&reply, sealed("calendars/qrb-1", RXP_KIND_CALENDAR, "QRB", &b), false), 0);
	assert_string_equal(reply.body.terms_opened.root, "Calendar");
	assert_int_equal(terms_read_calendar(&c, reply.body.terms_opened.rows), 0);
	assert_string_equal(c.owner, "QRB");
	assert_int_equal(c.n_holidays, 15);
	reply_clear(&reply);
	/* a State says of its own days alone which they are (RXP-CAL-002) */
	assert_refused(sealed("calendars/qrb-1", RXP_KIND_CALENDAR, "QRA", &a), false,
	    RXP_ERR_MISMATCH, "RXP-CAL-002");
}

static void what_others_sealed(void **state)
{
	struct rxp_buf octets;

	(void)state;
	assert_refused(sealed("generic-test", RXP_KIND_PROFILE, "QRB", &a), false, RXP_ERR_SIGNER,
	    "RXP-PRF-003");
	assert_refused(sealed("generic-test", RXP_KIND_PROFILE, "QRA", &b), false, RXP_ERR_SIGNER,
	    "RXP-PRF-003");
	assert_refused(
	    sealed("generic-test", RXP_KIND_PROFILE, "QRC", &stranger), false, RXP_ERR_SIGNER, "");
	octets = sealed("generic-test", RXP_KIND_PROFILE, "QRB", &b);
	*(char *)memmem(octets.data, octets.len, "value=\"8\"", 9) = 'V';
	assert_refused(octets, false, RXP_ERR_SEAL, "RXP-PRF-003");
}

static void what_is_no_terms(void **state)
{
	static const char broken[] = "<Profile";
	struct rxp_buf octets;

	(void)state;
	assert_refused(draft("generic-test"), false, RXP_ERR_STRICT, "");
	assert_refused(example("withdrawal.xml"), true, RXP_ERR_SYNTAX, "");
	rxp_buf_init(&octets, sizeof broken);
	rxp_buf_puts(&octets, broken);
	assert_refused(octets, false, RXP_ERR_SYNTAX, "");
	octets = draft("generic-test");
	*(char *)memmem(octets.data, octets.len, "unit=\"hours\"", 12) = 'x';
	assert_refused(octets, true, RXP_ERR_SCHEMA, "RXP-PRF-002");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(profiles),
	    cmocka_unit_test(calendars),
	    cmocka_unit_test(what_others_sealed),
	    cmocka_unit_test(what_is_no_terms),
	};

	return cmocka_run_group_tests_name("sealer_terms", tests, set_up, tear_down);
}
