/*
 * Goals: the order of RXP-ANS-011; the boundaries of RXP-TIM-003 and RXP-TIM-004 to the millisecond; what is
 * final and what is not, for every refusal code; what names its requirement; what no sealer says.
 *
 * links: registry
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/registry/in/judge.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define NOW INT64_C(1800000000000)
#define DAY INT64_C(86400000)

static struct msg_opened good(void)
{
	return (struct msg_opened){.opened = 1, .created_ms = NOW - 1000, .expires_ms = NOW + DAY};
}

static struct verdict judged(const struct msg_opened *facts, bool conflict)
{
	struct verdict v;

	assert_int_equal(judge_message(&v, facts, conflict, NOW), 0);
	return v;
}

static void test_receipt(void **s)
{
	struct msg_opened facts = good();
	struct verdict v = judged(&facts, false);

	(void)s;
	assert_null(v.refusal);
	assert_true(v.final);
	assert_int_equal(v.http_status, 200);
}

static void test_expires(void **s)
{
	struct msg_opened facts = good();
	struct verdict v;

	(void)s;
	facts.expires_ms = NOW + 1;
	assert_null(judged(&facts, false).refusal);
	facts.expires_ms = NOW;
	v = judged(&facts, false);
	assert_string_equal(v.refusal, "expired");
	assert_true(v.final);
}

/* RXP-VOI-005: what is judged of a Void then is the rest. */
static void test_void_expires(void **s)
{
	struct msg_opened facts = good();

	(void)s;
	facts.expires_ms = NOW;
	memcpy(facts.type, "Void", sizeof "Void");
	assert_null(judged(&facts, false).refusal);
	facts.refusal = 1 + RXP_REFUSAL_SCHEMA;
	assert_string_equal(judged(&facts, false).refusal, "schema");
	facts.created_ms = NOW + 2 * RXP_MAX_CLOCK_AHEAD_MS;
	assert_string_equal(judged(&facts, false).refusal, "future");
	memcpy(facts.type, "Ping", sizeof "Ping");
	assert_string_equal(judged(&facts, false).refusal, "expired");
}

static void test_future(void **s)
{
	struct msg_opened facts = good();
	struct verdict v;

	(void)s;
	facts.created_ms = NOW + RXP_MAX_CLOCK_AHEAD_MS;
	assert_null(judged(&facts, false).refusal);
	facts.created_ms++;
	v = judged(&facts, false);
	assert_string_equal(v.refusal, "future");
	assert_false(v.final);
	assert_int_equal(v.retry_ms, NOW + 1);
}

static void test_order(void **s)
{
	struct msg_opened facts = good();

	(void)s;
	facts.refusal = 1 + RXP_REFUSAL_SCHEMA;
	assert_string_equal(judged(&facts, false).refusal, "schema");
	facts.created_ms = NOW + 2 * RXP_MAX_CLOCK_AHEAD_MS;
	assert_string_equal(judged(&facts, false).refusal, "future");
	facts.expires_ms = NOW - 1;
	assert_string_equal(judged(&facts, false).refusal, "expired");
	assert_string_equal(judged(&facts, true).refusal, "conflict");
}

static void test_final(void **s)
{
	(void)s;
	for (int code = 0; code < RXP_REFUSAL_COUNT; code++) {
		const struct rxp_refusal_row *row = rxp_refusal_row((enum rxp_refusal)code);
		struct msg_opened facts = good();
		struct verdict v;

		facts.refusal = 1 + (uint32_t)code;
		v = judged(&facts, false);
		assert_string_equal(v.refusal, row->wire);
		assert_int_equal(v.http_status, row->http_status);
		assert_int_equal(v.final, row->class != RXP_CLASS_LATER);
		facts.opened = 0; /* no fingerprint: never final */
		assert_false(judged(&facts, false).final);
	}
}

/* RXP-CMP-007 is said; the twin without a requirement is a schema that is broken. */
static void test_office_key(void **s)
{
	struct msg_opened facts = good();
	struct verdict v;

	(void)s;
	facts.refusal = 1 + RXP_REFUSAL_OFFICE_KEY;
	v = judged(&facts, false);
	assert_string_equal(v.refusal, "office-key");
	assert_string_equal(v.requirement, "RXP-CMP-007");
	assert_true(v.final);
	facts.refusal = 1 + RXP_REFUSAL_SCHEMA;
	assert_string_equal(judged(&facts, false).requirement, "");
}

/* What no sealer says is damage, and no end of the registry. */
static void test_impossible(void **s)
{
	struct msg_opened facts = good();
	struct verdict v;

	(void)s;
	facts.refusal = 1 + RXP_REFUSAL_COUNT;
	assert_int_equal(judge_message(&v, &facts, false, NOW), RXP_ERR_DAMAGED);
	facts.refusal = UINT32_MAX;
	assert_int_equal(judge_message(&v, &facts, false, NOW), RXP_ERR_DAMAGED);
	facts.refusal = 0;
	facts.opened = 0;
	assert_int_equal(judge_message(&v, &facts, false, NOW), RXP_ERR_DAMAGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_receipt),
	    cmocka_unit_test(test_expires),
	    cmocka_unit_test(test_void_expires),
	    cmocka_unit_test(test_future),
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_final),
	    cmocka_unit_test(test_office_key),
	    cmocka_unit_test(test_impossible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
