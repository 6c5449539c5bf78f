/*
 * Goal: what a peer, honest or not, gets of the gateway as a server.
 *  - who is not known by a key over TLS 1.3 with ALPN h2 gets no octet of HTTP
 *  - each malformed request has its status, and nothing of it reaches the registry
 *  - while the registry has no room, requests wait and none is lost
 *  - what was sent to one that has gone is not sent again for long
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_served.h"

#include <netinet/tcp.h>
#include <sys/syscall.h>

#include "protocol/base/limits.h"

static int
    forsaken_ms; /* for which the last connection that ended is sent again what it did not take */

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	if (level == IPPROTO_TCP && name == TCP_USER_TIMEOUT) {
		assert_int_equal(len, sizeof forsaken_ms);
		memcpy(&forsaken_ms, value, sizeof forsaken_ms);
	}
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
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

	f->node.times.handshake_ms = 1000;
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
	forsaken_ms = 0;
	raw_end(w);
	rig_settle(&f->rig);
	assert_int_equal(forsaken_ms, GATEWAY_UNHEARD_MS);
	assert_int_equal(f->node.admits, 0);
	assert_serving(f);
}

/* --- a registry without room -------------------------------------------------------------------- */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SERVED_TEST(strangers),
	    SERVED_TEST(no_resumption),
	    SERVED_TEST(slow_handshake),
	    SERVED_TEST(key_update_flood),
	    SERVED_TEST(one_octet_at_a_time),
	    SERVED_TEST(statuses),
	    SERVED_TEST(descriptor),
	    SERVED_TEST(descriptor_replaced),
	    SERVED_TEST(too_large_by_data),
	    SERVED_TEST(trailers),
	    SERVED_TEST(wrong_length),
	    SERVED_TEST(cut_off),
	    SERVED_TEST(registry_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
