/*
 * Goal: what the gateway as a client makes of a server that the test plays frame by frame.
 *  - a body under the content type of RXP is an answer, whatever the status; nothing else is
 *  - every other end has its own outcome and text, and exactly one
 *  - a request that the server surely did not process is tried once more, and no other is
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_calling.h"

#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* Deliver, and have the whole request at the server. */
static struct raw *request(struct fixture *f)
{
	deliver(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.ended == 1);
	assert_int_equal(f->raw.data_len, sizeof ENVELOPE - 1);
	assert_int_equal(f->raw.last_stream, 1);
	return &f->raw;
}

static void assert_outcome(struct fixture *f, int outcome, unsigned status, const char *why)
{
	rig_until(&f->rig, f->node.deliveries == 1);
	rig_settle(&f->rig);
	assert_int_equal(f->node.deliveries, 1);
	assert_string_equal(f->node.delivery.transport, why);
	assert_int_equal((int32_t)f->node.delivery.outcome, outcome);
	assert_int_equal(f->node.delivery.http_status, status);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void answer(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_headers(w, 0, 1, FIELDS({":status", "422"}, {"content-type", "Application/RXP+XML"}));
	raw_frame(w, NGHTTP2_DATA, END, 1, "<Refusal/>", 10);
	assert_outcome(f, 0, 422, "");
	assert_string_equal(f->node.answer, "<Refusal/>");
	raw_end(w);
}

static void answer_after_interim(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_headers(w, 0, 1, FIELDS({":status", "103"}, {"content-type", "text/html"}));
	raw_headers(w, 0, 1, FIELDS({":status", "200"}, {"content-type", RAW_TYPE}));
	raw_frame(w, NGHTTP2_DATA, END, 1, RIG_ANSWER, sizeof RIG_ANSWER - 1);
	assert_outcome(f, 0, 200, "");
	assert_string_equal(f->node.answer, RIG_ANSWER);
	raw_end(w);
}

static void status_alone(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_headers(w, END, 1, FIELDS({":status", "503"}));
	assert_outcome(f, 0, 503, "");
	assert_int_equal(f->node.delivery.answer.len, 0);
	raw_end(w);
}

static void not_an_answer(void **state)
{
	static const struct {
		const char *why;
		struct raw_field fields[RAW_FIELDS];
		unsigned status, body;
	} cases[] = {
	    {"not an RXP answer", {{":status", "502"}, {"content-type", "text/html"}}, 502, 9},
	    {"not an RXP answer", {{":status", "200"}, {"content-type", "text/html"}}, 200, 0},
	    {"not an RXP answer", {{":status", "200"}}, 200, 9},
	    {"not an RXP answer", {{":status", "200"}, {"content-type", RAW_TYPE ";charset=utf-8"}},
		200, 9},
	    {"not an RXP answer",
		{{":status", "200"}, {"content-type", RAW_TYPE}, {"content-encoding", "gzip"}}, 200,
		9},
	    {"redirected", {{":status", "307"}, {"content-type", RAW_TYPE}, {"location", "/"}}, 307,
		9},
	    {"answer too large", {{":status", "200"}, {"content-type", RAW_TYPE}}, 200,
		RXP_MAX_ANSWER_OCTETS + 1},
	};
	static uint8_t octets[16384];
	struct fixture *f = *state;
	struct raw *w = request(f);
	uint32_t id = 1;
	size_t i;
	unsigned left, n;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++, id += 2) {
		if (i > 0) {
			f->node.deliveries = 0;
			deliver(f);
			until(w, w->last_stream == id);
		}
		raw_headers(w, cases[i].body == 0 ? END : 0, id, cases[i].fields);
		for (left = cases[i].body; left > 0; left -= n) {
			n = left < sizeof octets ? left : sizeof octets;
			raw_frame(w, NGHTTP2_DATA, n == left ? END : 0, id, octets, n);
		}
		assert_outcome(f,
		    cases[i].body > RXP_MAX_ANSWER_OCTETS ? RXP_ERR_BOUND : RXP_ERR_PEER,
		    cases[i].status, cases[i].why);
		assert_int_equal(f->node.delivery.answer.len, 0);
	}
	raw_end(w);
}

static void largest_answer(void **state)
{
	static uint8_t octets[16384];
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_headers(w, 0, 1, FIELDS({":status", "200"}, {"content-type", RAW_TYPE}));
	raw_frame(w, NGHTTP2_DATA, 0, 1, octets, sizeof octets);
	raw_frame(w, NGHTTP2_DATA, END, 1, octets, sizeof octets);
	assert_outcome(f, 0, 200, "");
	assert_int_equal(f->node.delivery.answer.len, RXP_MAX_ANSWER_OCTETS);
	raw_end(w);
}

static void answer_with_trailers(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_headers(w, 0, 1, FIELDS({":status", "200"}, {"content-type", RAW_TYPE}));
	raw_frame(w, NGHTTP2_DATA, 0, 1, RIG_ANSWER, sizeof RIG_ANSWER - 1);
	raw_headers(w, END, 1, FIELDS({"x", "y"}));
	assert_outcome(f, RXP_ERR_PEER, 200, "not an RXP answer");
	raw_end(w);
}

static void interim_flood(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);
	int i;

	for (i = 0; i <= GATEWAY_INTERIM_RESPONSES; i++)
		raw_headers(w, 0, 1, FIELDS({":status", "100"}));
	assert_outcome(f, RXP_ERR_PEER, 100, "not an RXP answer");
	raw_end(w);
}

/* Push is switched off by our SETTINGS: refused before the peer has acknowledged them, the end of
 * the connection afterwards. */
static void pushed(void **state)
{
	static const char push[] = "\0\0\0\2\x82";
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_frame(w, NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, 1, push, 5);
	until(w, w->resets == 1);
	assert_int_equal(w->goaways, 0);
	raw_frame(w, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, NULL, 0);
	raw_frame(w, NGHTTP2_PUSH_PROMISE, NGHTTP2_FLAG_END_HEADERS, 1, push, 5);
	until(w, w->closed);
	assert_int_equal(w->goaway_code, NGHTTP2_PROTOCOL_ERROR);
	assert_outcome(f, RXP_ERR_PEER, 0, "limit of HTTP/2 broken");
	raw_end(w);
}

/* --- ends ------------------------------------------------------------------------------------- */

static void closed_before_answer(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_end(w);
	assert_outcome(f, RXP_ERR_CLOSED, 0, "closed before the answer");
}

/* Half an answer is none. */
static void closed_in_answer(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_headers(w, 0, 1, FIELDS({":status", "200"}, {"content-type", RAW_TYPE}));
	raw_frame(w, NGHTTP2_DATA, 0, 1, "<Rec", 4);
	raw_end(w);
	assert_outcome(f, RXP_ERR_CLOSED, 0, "closed before the answer");
	assert_int_equal(f->node.delivery.answer.len, 0);
}

static void reset_by_peer(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_frame(w, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\2", 4);
	assert_outcome(f, RXP_ERR_PEER, 0, "request was reset by the peer");
	raw_end(w);
}

static void wrong_length(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_headers(w, 0, 1,
	    FIELDS({":status", "200"}, {"content-type", RAW_TYPE}, {"content-length", "5"}));
	raw_frame(w, NGHTTP2_DATA, END, 1, "<R/>", 4);
	assert_outcome(f, RXP_ERR_PEER, 0, "request was reset by the peer");
	raw_end(w);
}

static void another_key(void **state)
{
	struct fixture *f = *state;
	struct rig_key other = rig_key_new();

	deliver(f);
	(void)raw_accept(&f->raw, &f->rig, f->listener, &(struct raw_options){.key = &other});
	assert_outcome(f, RXP_ERR_PEER, 0, "pin does not match");
	assert_int_equal(f->node.contacts, 0);
	raw_end(&f->raw);
	rig_key_free(&other);
}

static void old_tls(void **state)
{
	struct fixture *f = *state;

	deliver(f);
	assert_false(raw_accept(&f->raw, &f->rig, f->listener,
	    &(struct raw_options){.key = &f->peer, .version = TLS1_2_VERSION}));
	assert_outcome(f, RXP_ERR_PEER, 0, "not TLS 1.3");
	raw_end(&f->raw);
}

/* --- tried once more ---------------------------------------------------------------------------- */

static void assert_answered(struct fixture *f, struct raw *w, uint32_t id)
{
	give_answer(w, id);
	assert_outcome(f, 0, 200, "");
}

static void refused_stream(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_frame(w, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\7", 4);
	until(w, w->last_stream == 3);
	assert_answered(f, w, 3);
	raw_end(w);
}

static void refused_twice(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_frame(w, NGHTTP2_RST_STREAM, 0, 1, "\0\0\0\7", 4);
	until(w, w->last_stream == 3);
	raw_frame(w, NGHTTP2_RST_STREAM, 0, 3, "\0\0\0\7", 4);
	assert_outcome(f, RXP_ERR_CLOSED, 0, "request was not accepted by the peer");
	raw_end(w);
}

/* The last stream named is below ours: not processed, and the connection takes no more. */
static void goaway_below(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_frame(w, NGHTTP2_GOAWAY, 0, 0, "\0\0\0\0\0\0\0\0", 8);
	serve(f, &f->next);
	until(&f->next, f->next.ended == 1);
	assert_answered(f, &f->next, 1);
	until(w, w->closed);
	raw_end(w);
	raw_end(&f->next);
}

/* Ours is named: it goes on there, and the next request on a new connection. */
static void goaway_at(void **state)
{
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_frame(w, NGHTTP2_GOAWAY, 0, 0, "\0\0\0\1\0\0\0\0", 8);
	rig_settle(&f->rig);
	deliver(f);
	serve(f, &f->next);
	until(&f->next, f->next.ended == 1);
	assert_answered(f, w, 1);
	f->node.deliveries = 0;
	assert_answered(f, &f->next, 1);
	until(w, w->closed);
	raw_end(w);
	raw_end(&f->next);
}

/* Requests beyond what the peer allows at a time wait; if it goes, they were not sent. */
static void waiting_requests_move(void **state)
{
	static const uint8_t one[6] = {0, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 0, 0, 0, 1};
	struct fixture *f = *state;
	struct raw *w = request(f);

	raw_frame(w, NGHTTP2_SETTINGS, 0, 0, one, sizeof one);
	rig_settle(&f->rig);
	deliver(f);
	rig_settle(&f->rig);
	raw_poll(w);
	assert_int_equal(w->last_stream, 1);
	raw_end(w);
	/* The first was sent: its end is reported. The second comes on a new connection. */
	assert_outcome(f, RXP_ERR_CLOSED, 0, "closed before the answer");
	f->node.deliveries = 0;
	serve(f, &f->next);
	until(&f->next, f->next.ended == 1);
	assert_answered(f, &f->next, 1);
	raw_end(&f->next);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(answer),
	    TEST(answer_after_interim),
	    TEST(status_alone),
	    TEST(not_an_answer),
	    TEST(largest_answer),
	    TEST(answer_with_trailers),
	    TEST(interim_flood),
	    TEST(pushed),
	    TEST(closed_before_answer),
	    TEST(closed_in_answer),
	    TEST(reset_by_peer),
	    TEST(wrong_length),
	    TEST(another_key),
	    TEST(old_tls),
	    TEST(refused_stream),
	    TEST(refused_twice),
	    TEST(goaway_below),
	    TEST(goaway_at),
	    TEST(waiting_requests_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
