/*
 * Goal: what a peer that floods, resets or stalls gets of the gateway as a server: its connection ends, and the node serves on.
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_served.h"

static void assert_thrown_out(struct fixture *f, struct raw *w)
{
	until(w, w->closed);
	assert_int_equal(w->goaways, 1);
	assert_int_not_equal(w->goaway_code, NGHTTP2_NO_ERROR);
	raw_end(w);
	assert_serving(f);
}

static void rapid_reset(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);
	uint32_t id;

	for (id = 1; id < 2000 && !w->closed; id += 2) {
		raw_headers(w, 0, id, (struct raw_field[]){RAW_POST, {NULL, NULL}});
		raw_frame(w, NGHTTP2_RST_STREAM, 0, id, "\0\0\0\10", 4);
	}
	assert_thrown_out(f, w);
	assert_int_equal(f->node.admits, 1);
}

/* Each request makes the server reset a stream, which costs the client nothing. */
static void made_you_reset(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);
	uint32_t id;

	for (id = 1; id < 2000 && !w->closed; id += 2) {
		raw_headers(w, 0, id,
		    (struct raw_field[]){RAW_POST, {"content-length", "5"}, {NULL, NULL}});
		raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, id, "<E/>", 4);
		rig_turn(&f->rig);
		raw_poll(w);
	}
	assert_in_range(w->resets, 60, 70);
	assert_thrown_out(f, w);
	assert_int_equal(f->node.admits, 1);
}

/* Uploads that a busy node does not want are answered early, which is no fault of who brings them. */
static void answered_early(void **state)
{
	enum { REQUESTS = 150 };
	struct fixture *f = *state;
	struct raw *w = open_raw(f);
	uint32_t id = 1;
	unsigned i;

	for (i = 1; i <= REQUESTS; i++, id += 2) {
		raw_headers(w, 0, id, (struct raw_field[]){RAW_REQUEST("PUT", "/"), {NULL, NULL}});
		until(w, w->ended == i && w->resets == i);
		assert_int_equal(w->status[id], 404);
		assert_int_equal(w->reset_code, NGHTTP2_NO_ERROR);
	}
	assert_int_equal(w->goaways, 0);
	assert_false(w->closed);
	raw_end(w);
}

static void floods(void **state)
{
	static const struct {
		uint8_t type;
		uint32_t id;
		size_t len;
	} cases[] = {
	    {NGHTTP2_PING, 0, 8},
	    {NGHTTP2_SETTINGS, 0, 0},
	    {NGHTTP2_WINDOW_UPDATE, 0, 4},
	    {NGHTTP2_PRIORITY, 5, 5},
	    {NGHTTP2_DATA, 1, 0},
	    {NGHTTP2_CONTINUATION + 1, 0, 8},
	    {UINT8_MAX, 1, 0},
	};
	static const uint8_t octets[8] = {0, 0, 0, 1};
	struct fixture *f = *state;
	size_t i;
	int n;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct raw *w = open_raw(f);

		raw_headers(w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
		for (n = 0; n < 20000 && !w->closed; n++)
			raw_frame(w, cases[i].type, 0, cases[i].id, octets, cases[i].len);
		assert_thrown_out(f, w);
	}
}

/* What HTTP/2 does not know is passed over, and the request that it comes in between is answered. */
static void unknown_frames(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);

	raw_headers(w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
	raw_frame(w, NGHTTP2_CONTINUATION + 1, 0xff, 0, "unknown", 7);
	raw_frame(w, UINT8_MAX, 0, 1, NULL, 0);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "<E/>", 4);
	until(w, w->ended == 1);
	assert_int_equal(w->status[1], 200);
	raw_end(w);
}

/* SETTINGS that make a window too large are an error of the connection (RXP-HTTP-011). */
static void window_too_large(void **state)
{
	static const uint8_t widest[6] = {
	    0, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0x7f, 0xff, 0xff, 0xff};
	struct fixture *f = *state;
	struct raw *w = open_raw(f);

	raw_headers(w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
	raw_frame(w, NGHTTP2_WINDOW_UPDATE, 0, 1, "\x7f\0\0\0", 4);
	raw_frame(w, NGHTTP2_SETTINGS, 0, 0, widest, sizeof widest);
	until(w, w->closed);
	assert_int_equal(w->goaways, 1);
	assert_int_equal(w->goaway_code, NGHTTP2_FLOW_CONTROL_ERROR);
	raw_end(w);
	assert_serving(f);
}

static void not_http2(void **state)
{
	struct fixture *f = *state;

	assert_true(raw_connect(&f->raw, &f->node, &(struct raw_options){.key = &f->peer}));
	raw_send(&f->raw, "GET / HTTP/1.1\r\nhost: x\r\n\r\n", 27);
	until(&f->raw, f->raw.closed);
	assert_int_equal(f->raw.data_len, 0);
	raw_end(&f->raw);
	assert_serving(f);
}

static void too_many_streams(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);
	uint32_t id;

	f->node.hold = true;
	for (id = 1; id <= 2 * GATEWAY_STREAMS + 1; id += 2) {
		raw_headers(w, 0, id, (struct raw_field[]){RAW_POST, {NULL, NULL}});
		raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, id, "<E/>", 4);
	}
	until(w, w->resets == 1);
	assert_int_equal(w->reset_code, NGHTTP2_REFUSED_STREAM);
	assert_int_equal(f->node.admits, GATEWAY_STREAMS);
	raw_end(w);
}

static void too_many_connections(void **state)
{
	struct fixture *f = *state;
	struct raw *w = calloc(GATEWAY_INBOUND_PER_PARTY + 1, sizeof *w);
	size_t i;

	for (i = 0; i <= GATEWAY_INBOUND_PER_PARTY; i++) {
		assert_true(raw_connect(&w[i], &f->node, &(struct raw_options){.key = &f->peer}));
		(void)raw_hello(&w[i]);
		if (i < GATEWAY_INBOUND_PER_PARTY)
			until(&w[i], w[i].frames > 0);
		else
			until(&w[i], w[i].closed);
	}
	assert_int_equal(w[i - 1].frames, 0);
	for (i = 0; i <= GATEWAY_INBOUND_PER_PARTY; i++)
		raw_end(&w[i]);
	free(w);
	rig_settle(&f->rig);
	assert_serving(f);
}

/* --- time and room ---------------------------------------------------------------------------- */

static void slow_body(void **state)
{
	struct fixture *f = *state;
	struct raw *w;

	f->node.times.body_ms = 500;
	restart(f);
	w = open_raw(f);
	raw_headers(w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
	raw_frame(w, NGHTTP2_DATA, 0, 1, "<E", 2);
	until(w, w->ended == 1);
	assert_int_equal(w->status[1], 408);
	raw_end(w);
	assert_serving(f);
}

static void slow_head(void **state)
{
	struct fixture *f = *state;
	struct raw *w;

	f->node.times.head_ms = 500;
	restart(f);
	w = open_raw(f);
	/* HEADERS that announce a CONTINUATION, which does not come. */
	raw_frame(w, NGHTTP2_HEADERS, 0, 1, "\x82", 1);
	assert_thrown_out(f, w);
}

static void slow_reader(void **state)
{
	static const uint8_t no_window[6] = {0, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0, 0, 0, 0};
	struct fixture *f = *state;
	struct raw *w;

	f->node.times.stall_ms = 500;
	restart(f);
	w = open_raw(f);
	raw_frame(w, NGHTTP2_SETTINGS, 0, 0, no_window, sizeof no_window);
	raw_headers(w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "<E/>", 4);
	until(w, w->status[1] == 200);
	assert_int_equal(w->data_len, 0);
	until(w, w->closed);
	assert_int_equal(w->data_len, 0);
	raw_end(w);
	assert_serving(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SERVED_TEST(rapid_reset),
	    SERVED_TEST(made_you_reset),
	    SERVED_TEST(answered_early),
	    SERVED_TEST(floods),
	    SERVED_TEST(unknown_frames),
	    SERVED_TEST(window_too_large),
	    SERVED_TEST(not_http2),
	    SERVED_TEST(too_many_streams),
	    SERVED_TEST(too_many_connections),
	    SERVED_TEST(slow_body),
	    SERVED_TEST(slow_head),
	    SERVED_TEST(slow_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
