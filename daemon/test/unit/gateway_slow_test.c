/*
 * Goal: peers that fetch and post here, and wear a node out (RXP-PUL-002, 006, 010, RXP-ATT-030): each costs the node a
 * bounded time and a bounded place, and the next request is served.
 *  - one that does not read what it asked for, a message or a file, of which little waits in the socket, or reads it
 *    octet by octet
 *  - one that posts half of an answer, a descriptor or a page, often; one that posts the same answer without end
 *  - a query of more ids than there may be; more requests that wait than it may have
 * and peers from whom this node fetches: one whose message does not end, or does not come, whose file is longer than its
 * document says, or comes octet by octet.
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_raw.h"

#include <linux/sockios.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "daemon/gateway/limits.h"
#include "protocol/base/limits.h"

#define SHORT_MS 100 /* of what a peer may make wait, in these tests */
#define ANSWER_MS 1500 /* and for an answer, on a machine that is busy */
#define MESSAGE_OCTETS 200000 /* more than a window */
#define FILE_OCTETS ((size_t)4 << 20)
#define ANSWERS 1000
#define FDS 1024
#define RECORD_OCTETS 64 /* that TLS adds to what it is given, at most */
#define WINDOW 65535 /* of a stream and a connection, if nobody says another */

static struct {
	struct rig rig;
	struct node node;
	struct rig_key peer; /* QRA's */
	struct raw raw;
	int file;
	unsigned picks, gives, returns, descriptors, pages;
	bool hold; /* let those wait who ask for messages */
	uint64_t pick;
	/* what came of what this node asked for */
	unsigned polls, downloads;
	struct msg_polled polled;
	struct msg_downloaded downloaded;
} t;

static uint8_t message[MESSAGE_OCTETS];

static void answer_pick(uint64_t request)
{
	const struct msg_picked_up m = {.http_status = 200, .envelope = {message, sizeof message}};

	assert_int_equal(link_answer(t.node.link, IPC_picked_up, request, &m, NULL, 0), 0);
}

/* Of what is written here: it is all new, and nothing is wrong with it. */
static void stage(struct link *l, const struct link_message *m)
{
	const struct msg_staged staged = {.http_status = 404};
	const struct msg_stage_opened opened = {.held = 0};
	const struct msg_stage_ended ended = {.http_status = 202};

	if (m->type == IPC_stage_end)
		link_answer(l, IPC_stage_ended, m->request, &ended, NULL, 0);
	else if (((const struct msg_stage *)m->body)->head != 0)
		link_answer(l, IPC_staged, m->request, &staged, NULL, 0);
	else
		link_answer(l, IPC_stage_opened, m->request, &opened, &t.file, 1);
}

static void registry(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_given given = {.length = FILE_OCTETS};
	const struct msg_return_taken taken = {.http_status = 204};
	const struct msg_descriptor_taken described = {.http_status = 204};
	const struct msg_log_taken page = {.http_status = 204};

	(void)arg;
	if (m->type == IPC_pickup) {
		t.picks++;
		t.pick = m->request;
		if (!t.hold)
			answer_pick(m->request);
	} else if (m->type == IPC_give) {
		t.gives++;
		link_answer(l, IPC_given, m->request, &given, &t.file, 1);
	} else if (m->type == IPC_returned) {
		t.returns++;
		link_answer(l, IPC_return_taken, m->request, &taken, NULL, 0);
	} else if (m->type == IPC_descriptor_posted) {
		t.descriptors++;
		link_answer(l, IPC_descriptor_taken, m->request, &described, NULL, 0);
	} else if (m->type == IPC_log_posted) {
		t.pages++;
		link_answer(l, IPC_log_taken, m->request, &page, NULL, 0);
	} else if (m->type == IPC_polled) {
		t.polls++;
		t.polled = *(const struct msg_polled *)m->body;
	} else if (m->type == IPC_downloaded) {
		t.downloads++;
		t.downloaded = *(const struct msg_downloaded *)m->body;
	} else {
		stage(l, m);
	}
}

static int setup(void **state)
{
	char path[] = "/tmp/readmit-slow.XXXXXX";

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	memset(&t, 0, sizeof t);
	rig_init(&t.rig);
	node_init(&t.node, &t.rig, "QRB");
	t.peer = rig_key_new();
	t.node.times.stall_ms = t.node.times.body_ms = SHORT_MS;
	t.node.times.answer_ms = ANSWER_MS;
	t.node.more = registry;
	node_down(&t.node);
	node_up(&t.node);
	node_pins(&t.node, (struct pin_row[]){{"QRA", &t.peer, 0}}, 1);
	t.file = mkstemp(path);
	assert_true(t.file >= 0);
	unlink(path);
	return ftruncate(t.file, FILE_OCTETS);
}

static int teardown(void **state)
{
	(void)state;
	rig_key_free(&t.peer);
	node_end(&t.node);
	rig_end(&t.rig);
	return close(t.file);
}

#define until(w, condition) rig_until((w)->rig, (raw_poll(w), (condition)))

static struct raw *open_raw(void)
{
	assert_true(raw_connect(&t.raw, &t.node, &(struct raw_options){.key = &t.peer}));
	assert_true(raw_hello(&t.raw));
	return &t.raw;
}

static void get(struct raw *w, uint32_t id, const char *path)
{
	raw_headers(w, NGHTTP2_FLAG_END_STREAM, id,
	    (struct raw_field[]){RAW_REQUEST("GET", path), {NULL, NULL}});
}

static void post(struct raw *w, uint32_t id, const char *path, const char *body, bool whole)
{
	raw_headers(w, 0, id,
	    (struct raw_field[]){
		RAW_REQUEST("POST", path), {"content-type", RAW_TYPE}, {NULL, NULL}});
	raw_frame(w, NGHTTP2_DATA, whole ? NGHTTP2_FLAG_END_STREAM : 0, id, body, strlen(body));
}

/* A peer that behaves gets what there is, on a connection of its own. */
static void assert_serving(void)
{
	static struct raw w;
	unsigned returns = t.returns;

	assert_true(raw_connect(&w, &t.node, &(struct raw_options){.key = &t.peer}));
	assert_true(raw_hello(&w));
	post(&w, 1, "/rxp/1/answers", "<Receipt/>", true);
	until(&w, w.ended == 1);
	assert_int_equal(w.status[1], 204);
	assert_int_equal(t.returns, returns + 1);
	raw_end(&w);
}

#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define FILE_PATH "/rxp/1/attachments/" DIGEST

static void test_message_not_read(void **state)
{
	struct raw *w = open_raw();

	(void)state;
	for (uint32_t id = 1; id < 2 * GATEWAY_PICKUPS_PER_PARTY; id += 2)
		get(w, id, "/rxp/1/messages");
	until(w, t.picks == GATEWAY_PICKUPS_PER_PARTY && w->data_len == WINDOW);
	until(w, w->closed); /* the connection, since nothing of it goes on */
	raw_end(w);
	assert_serving();
}

static void test_file_not_read(void **state)
{
	struct raw *w = open_raw();

	(void)state;
	get(w, 1, FILE_PATH);
	until(w, w->data_len == WINDOW);
	until(w, w->resets == 1);
	assert_int_equal(w->status[1], 200);
	raw_end(w);
	assert_serving();
}

/* One octet more at a time: what it reads so is less than what keeps a stream open. */
static void test_file_read_slowly(void **state)
{
	struct raw *w = open_raw();
	const uint8_t one[4] = {0, 0, 0, 1};
	unsigned rounds = 0;

	(void)state;
	get(w, 1, FILE_PATH);
	until(w, w->data_len == WINDOW);
	for (; w->resets == 0 && rounds < 2 * SHORT_MS;
	     rounds++) { /* fewer frames than would be a flood */
		raw_frame(w, NGHTTP2_WINDOW_UPDATE, 0, 1, one, sizeof one);
		raw_frame(w, NGHTTP2_WINDOW_UPDATE, 0, 0, one, sizeof one);
		for (unsigned turn = 0; turn < 5; turn++)
			rig_turn(&t.rig);
		raw_poll(w);
	}
	assert_int_equal(w->resets, 1);
	assert_int_equal(w->goaways, 0);
	assert_true(w->data_len < WINDOW + GATEWAY_PUT_OCTETS);
	raw_end(w);
	assert_serving();
}

/* Octets that wait unsent in the sockets of this process: the most of one. */
static int most_unsent(void)
{
	int unsent, most = 0;

	for (int fd = 0; fd < FDS; fd++)
		if (ioctl(fd, SIOCOUTQNSD, &unsent) == 0 && unsent > most)
			most = unsent;
	return most;
}

/* What comes next would wait behind it, on a thin line for seconds. */
static void test_little_waits_in_the_socket(void **state)
{
	struct raw *w = open_raw();
	const uint8_t more[4] = {0, 0x20, 0, 0};
	int most = 0;

	(void)state;
	raw_frame(w, NGHTTP2_WINDOW_UPDATE, 0, 0, more, sizeof more);
	get(w, 1, FILE_PATH);
	raw_frame(w, NGHTTP2_WINDOW_UPDATE, 0, 1, more, sizeof more);
	rig_until(&t.rig, most_unsent() >= GATEWAY_UNSENT_OCTETS);
	do {
		if (most_unsent() > most)
			most = most_unsent();
		rig_turn(&t.rig);
	} while (most_unsent() > 0); /* for it is not read: the connection is ended */
	assert_true(most < GATEWAY_UNSENT_OCTETS + GATEWAY_OUT_OCTETS + RECORD_OCTETS);
	raw_end(w);
	assert_serving();
}

static void test_half_bodies(void **state)
{
	static const char *const paths[] = {
	    "/rxp/1/answers", "/rxp/1/descriptor", "/rxp/1/log", "/rxp/1/messages"};
	struct raw *w = open_raw();
	uint32_t id = 1;

	(void)state;
	for (unsigned round = 0; round < 8; round++)
		for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++, id += 2)
			post(w, id, paths[i], "<Rec", false);
	until(w, w->ended == 32);
	for (uint32_t i = 1; i < id; i += 2)
		assert_int_equal(w->status[i], 408);
	assert_int_equal(t.returns + t.descriptors + t.pages + t.node.admits, 0);
	post(w, id, "/rxp/1/log", "<LogPage/>", true); /* on the same connection too */
	until(w, w->ended == 33);
	assert_int_equal(w->status[id], 204);
	raw_end(w);
	assert_serving();
}

/* It is asked each time: what it means stands in the registry's database, and costs a look there. */
static void test_the_same_answer(void **state)
{
	struct raw *w = open_raw();
	unsigned taken = 0, later = 0;

	(void)state;
	for (uint32_t id = 1; id < 2 * ANSWERS && !w->closed; id += 2) {
		post(w, id, "/rxp/1/answers", "<Receipt/>", true);
		if (id % 40 == 1)
			until(w, w->ended == (id + 1) / 2 || w->closed);
	}
	until(w, w->ended == ANSWERS || w->closed);
	for (uint32_t id = 1; id < 2 * ANSWERS; id += 2) {
		taken += w->status[id] == 204;
		later += w->status[id] == 503;
	}
	assert_int_equal(taken, t.returns);
	assert_true(taken > 0 && (w->closed || taken + later == ANSWERS));
	raw_end(w);
	assert_serving();
}

static void test_queries(void **state)
{
	static char path[2048];
	struct raw *w = open_raw();
	size_t n;

	(void)state;
	t.hold = true;
	n = (size_t)snprintf(path, sizeof path, "/rxp/1/messages?skip=");
	for (int i = 0; i < 33; i++)
		n += (size_t)snprintf(path + n, sizeof path - n, "%s01980000-0000-7000-8000-%012d",
		    i > 0 ? "," : "", i);
	get(w, 1, path);
	until(w, w->ended == 1);
	assert_int_not_equal(w->status[1], 200);
	assert_int_equal(w->status[1] / 100, 4);
	path[n - 37] = '\0'; /* its valid twin: 32 */
	get(w, 3, path);
	until(w, t.picks == 1);
	for (uint32_t id = 5; id < 5 + 2 * 20; id += 2)
		get(w, id, "/rxp/1/messages?wait=30");
	until(w, w->ended == 1 + 20 - (GATEWAY_PICKUPS_PER_PARTY - 1));
	assert_int_equal(w->status[43], 503);
	assert_int_equal(t.picks, GATEWAY_PICKUPS_PER_PARTY);
	assert_serving();
	raw_end(w);
}

/* --- what this node fetches ---------------------------------------------------------------------- */

static int listen_as_peer(uint16_t *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(bind(fd, (void *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (void *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void poll_peer(void)
{
	const struct msg_poll m = {.peer = "QRA"};

	assert_int_equal(link_request(t.node.link, IPC_poll, &m, NULL, 0, NULL), 0);
}

static struct raw *accept_node(int listener)
{
	char preface[sizeof RAW_PREFACE - 1]; /* which is no frame */

	assert_true(raw_accept(&t.raw, &t.rig, listener, &(struct raw_options){.key = &t.peer}));
	rig_until(&t.rig, SSL_peek(t.raw.ssl, preface, 1) == 1);
	assert_int_equal(SSL_read(t.raw.ssl, preface, sizeof preface), sizeof preface);
	raw_frame(&t.raw, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
	until(&t.raw, t.raw.requests == 1);
	return &t.raw;
}

static void ok(struct raw *w, uint32_t id, const char *type)
{
	raw_headers(w, 0, id,
	    (struct raw_field[]){{":status", "200"}, {"content-type", type}, {NULL, NULL}});
}

static void test_messages_of_a_peer(void **state)
{
	uint16_t port;
	int listener = listen_as_peer(&port);
	struct raw *w;

	(void)state;
	node_pins(&t.node, (struct pin_row[]){{"QRA", &t.peer, port}}, 1);
	poll_peer();
	w = accept_node(listener);
	ok(w, 1, RAW_TYPE); /* it does not end */
	for (size_t sent = 0; t.polls == 0 && sent <= 2UL * RXP_MAX_ENVELOPE_OCTETS;
	     sent += 16384) {
		raw_frame(w, NGHTTP2_DATA, 0, 1, message, 16384);
		rig_turn(&t.rig);
		raw_poll(w);
	}
	rig_until(&t.rig, t.polls == 1);
	assert_string_equal(t.polled.transport, "answer too large");
	poll_peer(); /* it does not come */
	until(w, w->requests == 2);
	rig_until(&t.rig, t.polls == 2);
	assert_int_not_equal(t.polled.outcome, 0);
	until(w, w->closed);
	raw_end(w);
	poll_peer(); /* and the next one does, on another connection */
	w = accept_node(listener);
	ok(w, 1, RAW_TYPE);
	raw_frame(w, NGHTTP2_DATA, NGHTTP2_FLAG_END_STREAM, 1, "<Envelope/>", 11);
	rig_until(&t.rig, t.polls == 3);
	assert_int_equal(t.polled.envelope.len, 11);
	raw_end(w);
	close(listener);
}

static void download(void)
{
	const struct msg_download m = {.peer = "QRA", .total = FILE_OCTETS};

	assert_int_equal(link_request(t.node.link, IPC_download, &m, NULL, 0, NULL), 0);
}

static void test_files_of_a_peer(void **state)
{
	uint16_t port;
	int listener = listen_as_peer(&port);
	struct raw *w;

	(void)state;
	node_pins(&t.node, (struct pin_row[]){{"QRA", &t.peer, port}}, 1);
	download();
	w = accept_node(listener);
	ok(w, 1, "application/octet-stream");
	while (t.downloads == 0) { /* octet by octet */
		raw_frame(w, NGHTTP2_DATA, 0, 1, message, 1);
		rig_turn(&t.rig);
		raw_poll(w);
	}
	assert_true(t.downloaded.outcome != 0 || t.downloaded.http_status != 201);
	download();
	until(w, w->requests == 2 || w->closed);
	if (w->closed) {
		raw_end(w);
		w = accept_node(listener);
	}
	ok(w, w->last_stream, "application/octet-stream");
	for (size_t sent = 0; t.downloads == 1 && sent <= 2 * FILE_OCTETS; sent += 16384) {
		raw_frame(w, NGHTTP2_DATA, 0, w->last_stream, message, 16384); /* more than all */
		rig_turn(&t.rig);
		raw_poll(w);
	}
	rig_until(&t.rig, t.downloads == 2);
	assert_true(t.downloaded.outcome != 0 || t.downloaded.http_status != 201);
	raw_end(w);
	close(listener);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(test_message_not_read),
	    TEST(test_file_not_read),
	    TEST(test_file_read_slowly),
	    TEST(test_little_waits_in_the_socket),
	    TEST(test_half_bodies),
	    TEST(test_the_same_answer),
	    TEST(test_queries),
	    TEST(test_messages_of_a_peer),
	    TEST(test_files_of_a_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
