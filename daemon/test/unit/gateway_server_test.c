/*
 * Goal: what a peer, honest or not, gets of the gateway as a server.
 *  - who is not known by a key over TLS 1.3 with ALPN h2 gets no octet of HTTP
 *  - each malformed request has its status, and nothing of it reaches the registry
 *  - floods, resets and stalls end the connection and leave the node serving
 *  - while the registry has no room, requests wait and none is lost
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_raw.h"

#include <signal.h>
#include <stdlib.h>

#include "protocol/base/limits.h"

struct fixture {
	struct rig rig;
	struct node node;
	struct rig_key peer; /* QRA's */
	struct raw raw;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	signal(SIGPIPE, SIG_IGN);
	rig_init(&f->rig);
	node_init(&f->node, &f->rig, "QRB");
	f->peer = rig_key_new();
	node_pins(&f->node, (struct pin_row[]){{"QRA", &f->peer, 0}}, 1);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rig_key_free(&f->peer);
	node_end(&f->node);
	rig_end(&f->rig);
	free(f);
	return 0;
}

static void restart(struct fixture *f)
{
	node_down(&f->node);
	node_up(&f->node);
	node_pins(&f->node, (struct pin_row[]){{"QRA", &f->peer, 0}}, 1);
}

static struct raw *open_raw(struct fixture *f)
{
	assert_true(raw_connect(&f->raw, &f->node, &(struct raw_options){.key = &f->peer}));
	assert_true(raw_hello(&f->raw));
	return &f->raw;
}

#define until(w, condition) rig_until((w)->rig, (raw_poll(w), (condition)))

/* The node still serves a peer that behaves. */
static void assert_serving(struct fixture *f)
{
	static struct raw w;
	unsigned before = f->node.admits;

	assert_true(raw_connect(&w, &f->node, &(struct raw_options){.key = &f->peer}));
	assert_true(raw_hello(&w));
	raw_headers(&w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
	raw_frame(&w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "<E/>", 4);
	until(&w, w.ended == 1);
	assert_int_equal(w.status[1], 200);
	assert_int_equal(f->node.admits, before + 1);
	raw_end(&w);
}

/* --- before any HTTP ---------------------------------------------------------------------------- */

static void assert_no_http(struct fixture *f, const struct raw_options *o)
{
	struct raw *w = &f->raw;

	if (raw_connect(w, &f->node, o)) {
		(void)raw_hello(w);
		until(w, w->closed);
	}
	assert_int_equal(w->frames, 0);
	assert_int_equal(f->node.contacts, 0);
	raw_end(w);
}

static void strangers(void **state)
{
	struct fixture *f = *state;
	struct rig_key unknown = rig_key_new();

	assert_no_http(f, &(struct raw_options){.key = NULL});
	assert_no_http(f, &(struct raw_options){.key = &unknown});
	assert_no_http(f, &(struct raw_options){.key = &f->peer, .version = TLS1_2_VERSION});
	assert_no_http(f, &(struct raw_options){.key = &f->peer, .alpn = ""});
	assert_no_http(f, &(struct raw_options){.key = &f->peer, .alpn = "\10http/1.1"});
	assert_serving(f);
	assert_int_equal(f->node.contacts, 1);
	rig_key_free(&unknown);
}

static void no_resumption(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);
	SSL_SESSION *session;

	until(w, w->frames > 0);
	session = SSL_get1_session(w->ssl);
	assert_false(SSL_SESSION_is_resumable(session));
	assert_int_equal(SSL_get_early_data_status(w->ssl), SSL_EARLY_DATA_NOT_SENT);
	SSL_SESSION_free(session);
	raw_end(w);
}

static void slow_handshake(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fds[GATEWAY_HALF_OPEN_PER_ADDRESS + 1];
	size_t i;
	char octet;

	f->node.times.handshake_ms = 100;
	restart(f);
	address.sin_port = htons(f->node.port);
	for (i = 0; i < sizeof fds / sizeof fds[0]; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(connect(fds[i], (void *)&address, sizeof address), 0);
	}
	/* One too many of one address is turned away at once, the others when their time is over. */
	rig_settle(&f->rig);
	rig_until(&f->rig, recv(fds[i - 1], &octet, 1, MSG_DONTWAIT) == 0);
	assert_int_equal(recv(fds[0], &octet, 1, MSG_DONTWAIT), -1);
	rig_until(&f->rig, recv(fds[0], &octet, 1, MSG_DONTWAIT) == 0);
	for (i = 0; i < sizeof fds / sizeof fds[0]; i++)
		close(fds[i]);
	assert_serving(f);
}

static void key_update_flood(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);
	int i;

	for (i = 0; i <= GATEWAY_POST_HANDSHAKE_MESSAGES && !w->closed; i++) {
		assert_int_equal(SSL_key_update(w->ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		(void)raw_frame(w, NGHTTP2_WINDOW_UPDATE, 0, 0, "\0\0\0\1", 4);
	}
	until(w, w->closed);
	raw_end(w);
	assert_serving(f);
}

/* --- requests --------------------------------------------------------------------------------- */

static void one_octet_at_a_time(void **state)
{
	struct fixture *f = *state;
	struct raw *w;
	uint8_t frame[9];
	int i;

	assert_true(raw_connect(&f->raw, &f->node, &(struct raw_options){.key = &f->peer}));
	w = &f->raw;
	for (i = 0; i < (int)sizeof RAW_PREFACE - 1; i++)
		raw_send(w, RAW_PREFACE + i, 1);
	raw_frame(w, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
	raw_headers(
	    w, 0, 1, (struct raw_field[]){RAW_POST, {"content-length", "300"}, {NULL, NULL}});
	for (i = 0; i < 300; i++) {
		raw_head(frame, NGHTTP2_DATA, i == 299 ? NGHTTP2_FLAG_END_STREAM : 0, 1, 1);
		raw_send(w, frame, 4);
		raw_send(w, frame + 4, 5);
		raw_send(w, i == 299 ? "z" : "a", 1);
		rig_turn(&f->rig);
	}
	until(w, w->ended == 1);
	assert_int_equal(w->status[1], 200);
	assert_int_equal(w->data_len, strlen(RIG_ANSWER));
	assert_int_equal(f->node.admit_len, 300);
	assert_int_equal(f->node.admit_last, 'z');
	raw_end(w);
}

#define LONG_VALUE_OCTETS 3000

static void statuses(void **state)
{
	static char longer[LONG_VALUE_OCTETS + 1];
	static const struct {
		unsigned status;
		uint8_t flags;
		struct raw_field fields[RAW_FIELDS];
	} cases[] = {
	    {404, NGHTTP2_FLAG_END_STREAM, {RAW_REQUEST("GET", "/")}},
	    {404, NGHTTP2_FLAG_END_STREAM, {RAW_REQUEST("GET", "/rxp/1/descriptor?")}},
	    {404, 0, {RAW_REQUEST("POST", "/rxp/1/message"), {"content-type", RAW_TYPE}}},
	    {405, NGHTTP2_FLAG_END_STREAM, {RAW_REQUEST("PUT", "/rxp/1/messages")}},
	    {415, NGHTTP2_FLAG_END_STREAM, {RAW_REQUEST("POST", "/rxp/1/log")}},
	    {405, 0, {RAW_REQUEST("PUT", "/rxp/1/descriptor"), {"content-type", RAW_TYPE}}},
	    {413, 0, {RAW_POST, {"content-length", "262145"}}},
	    {413, 0, {RAW_POST, {"content-length", "999999999999999999"}}},
	    {413, 0, {RAW_REQUEST("GET", "/rxp/1/descriptor"), {"content-length", "1"}}},
	    {415, 0, {RAW_REQUEST("POST", "/rxp/1/messages")}},
	    {415, 0, {RAW_REQUEST("POST", "/rxp/1/messages"), {"content-type", "text/xml"}}},
	    {415, 0, {RAW_POST, {"content-type", RAW_TYPE}}},
	    {415, 0, {RAW_POST, {"content-encoding", "gzip"}}},
	    {417, 0, {RAW_POST, {"expect", "100-continue"}}},
	    {431, 0, {RAW_POST, {"a", longer}, {"b", longer}, {"c", longer}}},
	    {503, NGHTTP2_FLAG_END_STREAM, {RAW_REQUEST("GET", "/rxp/1/descriptor")}},
	};
	struct fixture *f = *state;
	struct raw *w = open_raw(f);
	uint32_t id = 1;
	size_t i;

	memset(longer, 'x', LONG_VALUE_OCTETS);
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++, id += 2) {
		raw_headers(w, cases[i].flags, id, cases[i].fields);
		until(w, w->ended == i + 1);
		assert_int_equal(w->status[id], cases[i].status);
		if (cases[i].status == 405)
			assert_string_equal(w->allow, "POST, GET");
	}
	assert_int_equal(w->data_len, 0);
	assert_int_equal(f->node.admits, 0);
	/* Their valid twin on the same connection, with all that was left open reset. */
	raw_headers(
	    w, 0, id, (struct raw_field[]){RAW_POST, {"content-length", "4"}, {NULL, NULL}});
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, id, "<E/>", 4);
	until(w, w->ended == i + 1);
	assert_int_equal(w->status[id], 200);
	assert_int_equal(w->reset_code, NGHTTP2_NO_ERROR);
	assert_int_equal(w->goaways, 0);
	raw_end(w);
}

static void descriptor(void **state)
{
	struct fixture *f = *state;
	struct msg_own_descriptor m = {.octets = {(const uint8_t *)"<Descriptor/>", 13}};
	struct raw *w = open_raw(f);

	assert_int_equal(link_request(f->node.link, IPC_own_descriptor, &m, NULL, 0, NULL), 0);
	rig_settle(&f->rig);
	raw_headers(w, NGHTTP2_FLAG_END_STREAM, 1,
	    (struct raw_field[]){RAW_REQUEST("GET", "/rxp/1/descriptor"), {NULL, NULL}});
	until(w, w->ended == 1);
	assert_int_equal(w->status[1], 200);
	assert_int_equal(w->data_len, 13);
	raw_end(w);
}

/* All send the same copy, and who has begun gets the one that he began with. */
static void descriptor_replaced(void **state)
{
	static const uint8_t no_window[6] = {0, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0, 0, 0, 0};
	struct fixture *f = *state;
	struct msg_own_descriptor first = {.octets = {(const uint8_t *)"<Descriptor/>", 13}},
				  second = {.octets = {(const uint8_t *)"<Other/>", 8}};
	struct raw *w = open_raw(f);

	assert_int_equal(link_request(f->node.link, IPC_own_descriptor, &first, NULL, 0, NULL), 0);
	rig_settle(&f->rig);
	raw_frame(w, NGHTTP2_SETTINGS, 0, 0, no_window, sizeof no_window);
	for (uint32_t id = 1; id <= 3; id += 2)
		raw_headers(w, NGHTTP2_FLAG_END_STREAM, id,
		    (struct raw_field[]){RAW_REQUEST("GET", "/rxp/1/descriptor"), {NULL, NULL}});
	until(w, w->status[1] == 200 && w->status[3] == 200);
	assert_int_equal(w->data_len, 0);
	assert_int_equal(link_request(f->node.link, IPC_own_descriptor, &second, NULL, 0, NULL), 0);
	rig_settle(&f->rig);
	raw_frame(w, NGHTTP2_RST_STREAM, 0, 3, "\0\0\0\10", 4);
	raw_frame(w, NGHTTP2_WINDOW_UPDATE, 0, 1, "\0\0\1\0", 4);
	until(w, w->ended == 1);
	assert_int_equal(w->data_len, 13);
	raw_end(w);
}

/* Without content-length the limit is found while the octets come. */
static void too_large_by_data(void **state)
{
	static uint8_t octets[16384];
	struct fixture *f = *state;
	struct raw *w = open_raw(f);
	size_t sent;
	uint32_t id;

	for (id = 1; id <= 3; id += 2) {
		raw_headers(w, 0, id, (struct raw_field[]){RAW_POST, {NULL, NULL}});
		for (sent = 0; sent < RXP_MAX_ENVELOPE_OCTETS; sent += sizeof octets)
			raw_frame(w, NGHTTP2_DATA, 0, id, octets, sizeof octets);
		raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, id, octets, id == 1 ? 0 : 1);
		until(w, w->ended == (id + 1) / 2);
		assert_int_equal(w->status[id], id == 1 ? 200 : 413);
	}
	assert_int_equal(f->node.admits, 1);
	assert_int_equal(f->node.admit_len, RXP_MAX_ENVELOPE_OCTETS);
	raw_end(w);
}

static void trailers(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);

	raw_headers(w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
	raw_frame(w, NGHTTP2_DATA, 0, 1, "<E/>", 4);
	raw_headers(w, NGHTTP2_FLAG_END_STREAM, 1, (struct raw_field[]){{"x", "y"}, {NULL, NULL}});
	until(w, w->ended == 1);
	assert_int_equal(w->status[1], 400);
	assert_int_equal(f->node.admits, 0);
	raw_end(w);
}

static void wrong_length(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);

	raw_headers(w, 0, 1, (struct raw_field[]){RAW_POST, {"content-length", "5"}, {NULL, NULL}});
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "<E/>", 4);
	until(w, w->resets == 1);
	assert_int_equal(w->reset_code, NGHTTP2_PROTOCOL_ERROR);
	assert_int_equal(w->status[1], 0);
	assert_int_equal(f->node.admits, 0);
	raw_end(w);
}

static void cut_off(void **state)
{
	struct fixture *f = *state;
	struct raw *w = open_raw(f);

	raw_headers(w, 0, 1, (struct raw_field[]){RAW_POST, {NULL, NULL}});
	raw_frame(w, NGHTTP2_DATA, 0, 1, "<E/>", 4);
	raw_end(w);
	rig_settle(&f->rig);
	assert_int_equal(f->node.admits, 0);
	assert_serving(f);
}

/* --- abuse ------------------------------------------------------------------------------------ */

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

	f->node.times.body_ms = 50;
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

	f->node.times.head_ms = 50;
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

	f->node.times.stall_ms = 100;
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

static void answer_held(struct fixture *f, unsigned *answered)
{
	while (*answered < f->node.n_admit)
		node_answer(&f->node, f->node.admit[(*answered)++]);
}

/* More requests than the registry takes: they wait, then all are answered. */
static void registry_full(void **state)
{
	enum { CONNECTIONS = 4 }; /* two fill the window, one waits, one goes away */
	struct fixture *f = *state;
	struct raw *w = calloc(CONNECTIONS, sizeof *w);
	unsigned window = ipc_row(IPC_admit)->window, answered = 0;
	uint32_t id;
	size_t i;

	assert_true(window < CONNECTIONS * GATEWAY_STREAMS);
	f->node.hold = true;
	for (i = 0; i < CONNECTIONS; i++) {
		assert_true(raw_connect(&w[i], &f->node, &(struct raw_options){.key = &f->peer}));
		raw_hello(&w[i]);
		for (id = 1; id < 2 * GATEWAY_STREAMS; id += 2) {
			raw_headers(&w[i], 0, id, (struct raw_field[]){RAW_POST, {NULL, NULL}});
			raw_frame(&w[i], NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, id, "<E/>", 4);
		}
	}
	rig_until(&f->rig, f->node.admits == window);
	rig_settle(&f->rig);
	assert_int_equal(f->node.admits, window);
	/* One of those that wait goes away meanwhile. */
	raw_end(&w[CONNECTIONS - 1]);
	rig_settle(&f->rig);
	for (i = 0; i < CONNECTIONS - 1; i++)
		until(&w[i], (answer_held(f, &answered), w[i].ended == GATEWAY_STREAMS));
	answer_held(f, &answered);
	for (i = 0; i < CONNECTIONS - 1; i++) {
		assert_int_equal(w[i].status[1], 200);
		assert_int_equal(w[i].status[2 * GATEWAY_STREAMS - 1], 200);
		raw_end(&w[i]);
	}
	free(w);
	f->node.hold = false;
	rig_settle(&f->rig);
	assert_serving(f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(strangers),
	    TEST(no_resumption),
	    TEST(slow_handshake),
	    TEST(key_update_flood),
	    TEST(one_octet_at_a_time),
	    TEST(statuses),
	    TEST(descriptor),
	    TEST(descriptor_replaced),
	    TEST(too_large_by_data),
	    TEST(trailers),
	    TEST(wrong_length),
	    TEST(cut_off),
	    TEST(rapid_reset),
	    TEST(made_you_reset),
	    TEST(answered_early),
	    TEST(floods),
	    TEST(unknown_frames),
	    TEST(window_too_large),
	    TEST(not_http2),
	    TEST(too_many_streams),
	    TEST(too_many_connections),
	    TEST(slow_body),
	    TEST(slow_head),
	    TEST(slow_reader),
	    TEST(registry_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
