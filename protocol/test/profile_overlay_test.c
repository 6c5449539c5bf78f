/*
 * Goals:
 *  - an overlay takes from its base what it does not say, and lies on no other profile and binds no
 *    other parties (RXP-PRF-014, 015);
 *  - a version follows another only if it is higher and starts later (RXP-PRF-016).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/init.h"
#include "protocol/terms/profile.h"
#include "protocol/terms/terms.h"
#include "protocol/test/fixture.h"
#include "protocol/test/terms_file.h"

static struct fixture_key key;
static struct rxp_profile p, q, r; /* big; each test begins by reading into them */

static struct rxp_buf seal(struct rxp_buf draft, const char *party)
{
	return terms_seal(draft, RXP_KIND_PROFILE, party, &key, FIXTURE_TIME_MS);
}

static void must_seal(struct rxp_profile *out, const char *name, const char *party)
{
	assert_int_equal(terms_open(out, seal(terms_read(name), party), party, &key, NULL), 0);
}

#define SIDES(one, other) \
	"</Starts><Side><Party>" one "</Party></Side><Side><Party>" other "</Party></Side>"

/* An overlay of QRA and QRB on the sealed generic-test in p, read into q. */
static void make_overlay(const char *sides, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	struct rxp_buf text;

	rxp_buf_init(&text, RXP_MAX_TERMS_OCTETS);
	rxp_buf_puts(&text, "<ProfileDraft xmlns=\"urn:rxp:1:profile\"><Id>qra-qrb</Id>"
			    "<Version>3</Version><Status>test</Status><Title>A protocol</Title>"
			    "<Starts>2026-06-01T00:00:00.000Z</Starts>"
			    "<Base id=\"generic-test\" version=\"1\" digest=\"");
	rxp_base64_put(&text, digest, RXP_DIGEST_OCTETS);
	rxp_buf_puts(&text, "\"/>");
	rxp_buf_puts(&text, sides);
	rxp_buf_puts(&text,
	    "<Clock of=\"reply\" value=\"4\" unit=\"working-days\" source=\"X\"/>"
	    "<Silence for=\"own-nationals\" after=\"reply\" means=\"nothing\" source=\"X\"/>"
	    "<Language>pt</Language></ProfileDraft>");
	assert_int_equal(terms_open(&q, seal(text, "QRA"), "QRA", &key, NULL), 0);
}

#define PAIR "<Side><Party>QRB</Party></Side><Side><Party>QRA</Party></Side>"

static void test_overlay(void **state)
{
	(void)state;
	must_seal(&p, "generic-test", "QRB");
	make_overlay(PAIR, p.digest);
	assert_true(q.has_base);
	assert_false(rxp_profile_fits(&q, "QRA", "QRB"));
	assert_int_equal(rxp_profile_overlay(&r, &p, &q, NULL), 0);
	assert_false(r.has_base);
	assert_true(rxp_profile_fits(&r, "QRA", "QRB"));
	assert_string_equal(r.id, "qra-qrb");
	assert_int_equal(r.version, 3);
	assert_memory_equal(r.digest, q.digest, sizeof r.digest);
	assert_true(r.starts_ms == q.starts_ms);
	assert_int_equal(r.clocks[RXP_CLOCK_REPLY].value, 4);
	assert_int_equal(r.clocks[RXP_CLOCK_REPLY].start, RXP_WORD_ABSENT);
	assert_int_equal(r.clocks[RXP_CLOCK_TRANSFER].value, 3);
	assert_int_equal(r.silences.n, 1);
	assert_int_equal(rxp_profile_silence(&r, RXP_PERSONS_OWN_NATIONALS, RXP_AFTER_REPLY),
	    RXP_SILENCE_NOTHING);
	assert_int_equal(r.languages.n, 1);
	assert_int_equal(r.evidence.n, 5);
	assert_int_equal(r.counting.roll, RXP_ROLL_NEXT);
	assert_int_equal(rxp_profile_overlay(&q, &p, &q, NULL), 0);
	assert_memory_equal(&q, &r, sizeof q);
}

/* Also the digest in the shipped overlay is that of the shipped base. */
static void test_shipped_overlay(void **state)
{
	(void)state;
	must_seal(&p, "generic-test", "QRB");
	must_seal(&q, "overlay-test", "QRA");
	assert_int_equal(rxp_profile_overlay(&r, &p, &q, NULL), 0);
	assert_int_equal(r.clocks[RXP_CLOCK_NOTICE].value, 2);
	assert_int_equal(r.clocks[RXP_CLOCK_TRANSFER].value, 3);
}

static void assert_no_overlay(const char *requirement)
{
	struct rxp_reason reason = {.requirement = "none"};

	assert_int_equal(rxp_profile_overlay(&r, &p, &q, &reason), RXP_ERR_MISMATCH);
	assert_string_equal(reason.requirement, requirement);
}

static void test_overlay_refused(void **state)
{
	uint8_t digest[RXP_DIGEST_OCTETS];

	(void)state;
	must_seal(&p, "generic-test", "QRB");
	memcpy(digest, p.digest, sizeof digest);
	digest[31] ^= 1;
	make_overlay(PAIR, digest);
	assert_no_overlay("RXP-PRF-014");
	make_overlay(PAIR, p.digest);
	p.version = 2;
	assert_no_overlay("RXP-PRF-014");
	p.version = 1;
	p.has_base = true;
	assert_no_overlay("RXP-PRF-014");
	p.has_base = false;
	assert_int_equal(rxp_profile_overlay(&r, &p, &q, NULL), 0);
	q = p;
	assert_no_overlay("RXP-PRF-014");
	assert_int_equal(
	    terms_open(&p,
		seal(terms_change("generic-test", "</Starts>", SIDES("QRA", "QRB")), "QRB"), "QRB",
		&key, NULL),
	    0);
	make_overlay(PAIR, p.digest);
	assert_int_equal(rxp_profile_overlay(&r, &p, &q, NULL), 0);
	make_overlay("<Side><Party>QRA</Party></Side><Side><Party>QRC</Party></Side>", p.digest);
	assert_no_overlay("RXP-PRF-015");
	make_overlay("", p.digest);
	assert_no_overlay("RXP-PRF-015");
}

static void test_status_of_overlay(void **state)
{
	static const enum rxp_word cases[][3] = {
	    {RXP_STATUS_VERIFIED, RXP_STATUS_VERIFIED, RXP_STATUS_VERIFIED},
	    {RXP_STATUS_VERIFIED, RXP_STATUS_UNVERIFIED, RXP_STATUS_UNVERIFIED},
	    {RXP_STATUS_UNVERIFIED, RXP_STATUS_VERIFIED, RXP_STATUS_UNVERIFIED},
	    {RXP_STATUS_VERIFIED, RXP_STATUS_TEST, RXP_STATUS_TEST},
	    {RXP_STATUS_TEST, RXP_STATUS_UNVERIFIED, RXP_STATUS_TEST},
	};

	(void)state;
	must_seal(&p, "generic-test", "QRB");
	make_overlay(PAIR, p.digest);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		p.status = cases[i][0];
		q.status = cases[i][1];
		assert_int_equal(rxp_profile_overlay(&r, &p, &q, NULL), 0);
		assert_int_equal(r.status, cases[i][2]);
	}
}

static void test_versions(void **state)
{
	struct rxp_reason reason;

	(void)state;
	must_seal(&p, "generic-test", "QRA");
	q = p;
	q.version = 2;
	q.starts_ms++;
	assert_int_equal(rxp_profile_succeeds(&p, &q, &reason), 0);
	assert_int_equal(rxp_profile_succeeds(&q, &p, &reason), RXP_ERR_MISMATCH);
	assert_string_equal(reason.requirement, "RXP-PRF-016");
	q.starts_ms--;
	assert_int_equal(rxp_profile_succeeds(&p, &q, &reason), RXP_ERR_MISMATCH);
	q.starts_ms++;
	q.version = 1;
	assert_int_equal(rxp_profile_succeeds(&p, &q, &reason), RXP_ERR_MISMATCH);
	q.version = 2;
	memcpy(q.publisher, "QRB", sizeof q.publisher);
	assert_int_equal(rxp_profile_succeeds(&p, &q, &reason), RXP_ERR_MISMATCH);
}

static int set_up(void **state)
{
	(void)state;
	fixture_key_make(&key, RXP_SEAL_ECDSA_P256);
	return rxp_init();
}

static int tear_down(void **state)
{
	(void)state;
	fixture_key_clear(&key);
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_overlay),
	    cmocka_unit_test(test_shipped_overlay),
	    cmocka_unit_test(test_overlay_refused),
	    cmocka_unit_test(test_status_of_overlay),
	    cmocka_unit_test(test_versions),
	};

	return cmocka_run_group_tests_name("profile_overlay", tests, set_up, tear_down);
}
