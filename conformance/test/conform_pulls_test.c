/*
 * Goals:
 * - what the suite has for a product that fetches is given as section 42 says: once, not while the product has it in work, again
 *   once it has answered (RXP-PUL-014), and to a request that waits as soon as it is there;
 * - an answer is taken to what was given, also again and behind others, and to nothing else (RXP-PUL-006);
 * - a query of another form is refused (RXP-PUL-002);
 * - a product that asks for others and has it not in work passed it over, each time; what it says once that it leaves is known then;
 * - what did not go, since whoever asked was gone, was not given;
 * - a file is given from any octet of it on, and a Range of another form or behind its end is refused (RXP-ATT-030).
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/hear/pulls.h"

#define LEFT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ID "01980000-0000-7000-8000-000000000001"

static const uint8_t id[RXP_ID_OCTETS] = {
    0x01, 0x98, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1};

static struct pulls *offering(void)
{
	struct pulls *p = pulls_new();

	assert_non_null(p);
	assert_int_equal(pulls_offer(p, id, (const uint8_t *)"<Envelope/>", 11), 0);
	return p;
}

static int ask(struct pulls *p, const char *query)
{
	struct host_request r = {.place = {1, 1}, .method = "GET"};
	struct host_reply out;

	(void)snprintf(r.path, sizeof r.path, "/rxp/1/messages%s", query);
	pulls_ask(p, &r, &out);
	return out.later ? 0 : out.status;
}

static bool post(struct pulls *p, const char *text)
{
	struct rxp_buf octets;
	bool good;

	rxp_buf_init(&octets, HOST_MAX_BODY);
	assert_int_equal(rxp_buf_puts(&octets, text), 0);
	good = pulls_posted(p, &octets);
	rxp_buf_free(&octets);
	return good;
}

static void test_given(void **state)
{
	struct pulls *p = offering();

	(void)state;
	assert_int_equal(ask(p, "?skip=" ID), 204);
	assert_int_equal(ask(p, ""), 200);
	assert_int_equal(ask(p, "?skip=" ID), 204);
	assert_int_equal(pulls_passed_ms(p), 0);
	assert_int_equal(ask(p, "?wait=0"), 204); /* it rests */
	assert_int_not_equal(pulls_passed_ms(p), 0);
	assert_null(pulls_answer(p));
	assert_false(post(p, "<MessageId>01980000-0000-7000-8000-000000000002</MessageId>"));
	assert_true(post(p, "<MessageId>" ID "</MessageId>"));
	assert_non_null(pulls_answer(p));
	assert_int_equal(pulls_offer(p, id, (const uint8_t *)"<Envelope/>", 11), 0);
	assert_int_equal(ask(p, "?skip=" ID), 200);
	assert_int_equal(ask(p, "?skip=" ID), 204);
	pulls_free(p);
}

/* An answer that is posted again when the next message is given already, or none is, is an answer still (RXP-PUL-006). */
static void test_posted_again(void **state)
{
	static const char answer[] = "<MessageId>" ID "</MessageId>";
	uint8_t next[sizeof id];
	struct pulls *p = offering();

	(void)state;
	pulls_take_back(p);
	assert_false(post(p, answer)); /* it was never given */
	assert_int_equal(pulls_offer(p, id, (const uint8_t *)"<Envelope/>", 11), 0);
	assert_int_equal(ask(p, ""), 200);
	assert_true(post(p, answer));
	memcpy(next, id, sizeof next);
	next[sizeof next - 1] = 2;
	assert_int_equal(pulls_offer(p, next, (const uint8_t *)"<Envelope/>", 11), 0);
	assert_true(post(p, answer));
	assert_null(pulls_answer(p));
	assert_false(post(p, "<MessageId>01980000-0000-7000-8000-000000000003</MessageId>"));
	pulls_take_back(p);
	assert_true(post(p, answer));
	assert_false(post(p, "<MessageId>01980000-0000-7000-8000-000000000002</MessageId>"));
	pulls_free(p);
}

static void test_waiting(void **state)
{
	struct pulls *p = pulls_new();
	struct host_place at;
	struct host_reply out;
	int64_t until_ms = INT64_MAX;

	(void)state;
	assert_non_null(p);
	assert_int_equal(ask(p, "?wait=30&skip=01980000-0000-7000-8000-000000000002"), 0);
	assert_false(pulls_due(p, &at, &out, &until_ms));
	assert_true(until_ms < INT64_MAX);
	assert_int_equal(pulls_offer(p, id, (const uint8_t *)"<Envelope/>", 11), 0);
	assert_true(pulls_due(p, &at, &out, &until_ms));
	assert_int_equal(out.status, 200);
	assert_false(pulls_due(p, &at, &out, &until_ms));
	pulls_free(p);
}

static void test_again(void **state)
{
	static const uint8_t left[] = {0x00, 0x11, 0x22, 0x33};
	struct pulls *p = offering();
	struct host_place at;
	struct host_reply out;
	int64_t until_ms = INT64_MAX;

	(void)state;
	assert_int_equal(ask(p, ""), 200);
	assert_null(pulls_left(p));
	assert_int_equal(ask(p, "?left=" LEFT), 204);
	assert_int_equal(ask(p, "?wait=30"), 0);
	assert_int_equal(pulls_passed(p), 2);
	assert_non_null(pulls_left(p)); /* of the one before */
	assert_memory_equal(pulls_left(p), left, sizeof left);
	assert_false(pulls_due(p, &at, &out, &until_ms));
	pulls_rest_no_more(p);
	assert_true(pulls_due(p, &at, &out, &until_ms));
	assert_int_equal(out.status, 200);
	assert_int_equal(ask(p, "?skip=" ID), 204);
	assert_int_equal(pulls_passed(p), 2);
	pulls_not_given(p);
	assert_int_equal(ask(p, ""), 200);
	assert_int_equal(pulls_offer(p, id, (const uint8_t *)"<Envelope/>", 11), 0);
	assert_null(pulls_left(p));
	assert_int_equal(pulls_passed(p), 0);
	pulls_free(p);
}

static void test_file(void **state)
{
	static const struct {
		const char *range;
		int status;
		size_t first;
	} cases[] = {{"", 200, 0}, {"bytes=0-", 206, 0}, {"bytes=3-", 206, 3},
	    {"bytes=10-", 206, 10}, {"bytes=11-", 416, 0}, {"bytes=999999999999999-", 416, 0},
	    {"bytes=9999999999999999-", 400, 0}, {"bytes=03-", 400, 0}, {"bytes=-3", 400, 0},
	    {"bytes=0-3", 400, 0}, {"bytes=", 400, 0}, {"octets=0-", 400, 0}};
	struct host_request r = {.method = "GET",
	    .path = "/rxp/1/attachments/"
		    "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"};
	struct pulls *p = pulls_new();
	struct rxp_buf file;
	struct host_reply out;

	(void)state;
	rxp_buf_init(&file, 100);
	assert_int_equal(rxp_buf_puts(&file, "hello world"), 0);
	assert_int_equal(pulls_hold_file(p, &file), 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(r.wanted, sizeof r.wanted, "%s", cases[i].range);
		pulls_give_file(p, &r, &out);
		if (out.status != cases[i].status)
			fail_msg("'%s' gets %d", cases[i].range, out.status);
		if (out.status > 206)
			continue;
		assert_int_equal(out.body_len, 11 - cases[i].first);
		assert_memory_equal(out.body, file.data + cases[i].first, out.body_len);
		assert_int_equal(out.fields[0].name != NULL, out.status == 206);
	}
	(void)snprintf(r.wanted, sizeof r.wanted, "bytes=3-");
	pulls_give_file(p, &r, &out);
	assert_string_equal(out.fields[0].name, "content-range");
	assert_string_equal(out.fields[0].value, "bytes 3-10/11");
	r.path[20]++;
	pulls_give_file(p, &r, &out);
	assert_int_equal(out.status, 404);
	pulls_free(p);
	rxp_buf_free(&file);
}

static void test_queries(void **state)
{
	static const char *const others[] = {"?", "?wait=", "?wait=31", "?wait=1&",
	    "?skip=", "?skip=x", "?skip=" ID ",", "?skip=" ID "&wait=1", "?wait=1&wait=1",
	    "?zebra=1", "?left=0", "?left=" LEFT "&wait=1", "x"};
	struct pulls *p = offering();

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(ask(p, others[i]), 400);
	assert_int_equal(
	    ask(p, "?wait=1&skip=01980000-0000-7000-8000-000000000002&left=" LEFT), 200);
	pulls_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_given),
	    cmocka_unit_test(test_posted_again),
	    cmocka_unit_test(test_waiting),
	    cmocka_unit_test(test_again),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_queries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
