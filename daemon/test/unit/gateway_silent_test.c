/*
 * Goal: what the gateway as a client does when nothing comes back on its connection, with a server that the test plays frame by
 * frame, and what the system says of the connection played.
 *  - another connection is tried beside it; when that is open, and the first still silent, the first ends, and what was under way
 *    has the outcome of one that moved; a file goes on, from what the peer says that it holds by then
 *  - if the first speaks meanwhile, the second ends, and nothing of what is under way; unless half of what was on its way on the first is still
 *    not acknowledged
 *  - where what is on its way takes too long at the pace at which it comes, the connection ends, and a file goes on alike on the next;
 *    not where all of it is of messages
 *  - the same where something came, and packets before it do not: the other connection has short ones
 *  - where connections end that owe an answer and have brought little, the next has short packets; not where they owe none
 *  - no more waits in the socket, and goes to TLS at a time, than what the line brings in GATEWAY_WAIT_MS
 *  - nothing of a file goes while what is on its way takes long, and then the rest
 *  - the same of one that is silent in its handshake, and of the second one itself
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_calling.h"

#include <linux/tcp.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "protocol/base/err.h"

#define DOUBT_MS 200
#define LISTEN_MS 20
#define FILE_OCTETS 1000
#define MOVED "nothing came back, and another connection took its place"

/* Of the sockets of the node under test: nothing comes back on this one, or -1. */
static struct {
	int fd;
	bool next; /* on whichever is asked for next */
	bool speaks; /* something comes, and acknowledges not all */
	bool all;
	bool lacks; /* all is acknowledged, and packets come before whose turn it is */
	unsigned early; /* of those so far */
	uint64_t
	    slow; /* so many octets are on their way, of which a packet comes at each look; or 0 */
	unsigned delivered; /* of those so far */
} silent;

static unsigned narrow; /* sockets whose packets are to be short */
static int unsent; /* octets that may wait in a socket, as was said last */
static uint32_t rate; /* octets a second that go on each; 0: what the system says */

int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict len)
{
	struct tcp_info info = {.tcpi_unacked = 1,
	    .tcpi_last_ack_recv = silent.speaks ? 0 : UINT32_MAX / 2,
	    .tcpi_bytes_sent = 4,
	    .tcpi_bytes_acked = silent.speaks};
	long rc = syscall(SYS_getsockopt, fd, level, name, value, len);

	if (level != IPPROTO_TCP || name != TCP_INFO)
		return (int)rc;
	if (silent.next)
		silent.fd = fd;
	silent.next = false;
	if (silent.lacks)
		info = (struct tcp_info){.tcpi_rcv_ooopack = ++silent.early};
	if (silent.slow != 0)
		info = (struct tcp_info){.tcpi_unacked = UINT16_MAX,
		    .tcpi_bytes_sent = silent.slow,
		    .tcpi_delivered = ++silent.delivered};
	info.tcpi_last_data_recv = info.tcpi_last_ack_recv;
	if (silent.all || fd == silent.fd)
		memcpy(value, &info, *len < sizeof info ? *len : sizeof info);
	else if (rate != 0)
		((struct tcp_info *)value)->tcpi_delivery_rate = rate;
	return (int)rc;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	narrow += level == IPPROTO_TCP && name == TCP_MAXSEG;
	if (level == IPPROTO_TCP && name == TCP_NOTSENT_LOWAT)
		unsent = *(const int *)value;
	return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
}

/* The next socket may have its number, and is another one. */
int close(int fd)
{
	if (fd == silent.fd)
		silent.fd = -1;
	return (int)syscall(SYS_close, fd);
}

static struct {
	unsigned n;
	struct msg_uploaded last;
} uploaded;

static void on_more(void *arg, struct link *l, const struct link_message *m)
{
	(void)arg;
	(void)l;
	assert_int_equal(m->type, IPC_uploaded);
	uploaded.n++;
	uploaded.last = *(const struct msg_uploaded *)m->body;
}

static int silent_setup(void **state)
{
	int rc = setup(state);
	struct fixture *f = *state;

	silent.fd = -1;
	silent.next = silent.all = silent.speaks = silent.lacks = false;
	silent.slow = 0;
	uploaded.n = narrow = rate = 0;
	f->node.times.doubt_ms = DOUBT_MS;
	f->node.times.listen_ms = LISTEN_MS;
	f->node.more = on_more;
	restart(f);
	return rc;
}

static void moves(struct fixture *f)
{
	deliver(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.ended == 1);
	silent.next = true;
	serve(f, &f->next);
	rig_until(&f->rig, f->node.deliveries == 1);
	assert_int_equal((int32_t)f->node.delivery.outcome, RXP_ERR_EXISTS);
	assert_string_equal(f->node.delivery.transport, MOVED);
	until(&f->raw, f->raw.closed);
	goes_on(f, &f->next, 2);
	raw_end(&f->raw);
	raw_end(&f->next);
}

static void moved(void **state)
{
	moves(*state);
	assert_int_equal(narrow, 0);
}

static void lacks(void **state)
{
	silent.lacks = true;
	moves(*state);
	assert_int_equal(narrow, 1);
}

/* Its twin: the first speaks before the second is open. */
static void speaks(void **state)
{
	struct fixture *f = *state;

	deliver(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.ended == 1);
	silent.next = true;
	rig_until(&f->rig, f->node.contacts == 1);
	assert_true(
	    raw_accept(&f->next, &f->rig, f->listener, &(struct raw_options){.key = &f->peer}));
	silent.fd = -1;
	raw_frame(&f->next, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
	until(&f->next, f->next.closed);
	assert_int_equal(f->node.deliveries, 0);
	give_answer(&f->raw, f->raw.last_stream);
	rig_until(&f->rig, f->node.deliveries == 1);
	assert_int_equal(f->node.delivery.http_status, 200);
	goes_on(f, &f->raw, 2);
	raw_end(&f->raw);
	raw_end(&f->next);
}

/* And the first speaks before the second is open, of which nothing comes of what it had. */
static void speaks_behind(void **state)
{
	struct fixture *f = *state;

	deliver(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.ended == 1);
	silent.next = true;
	rig_until(&f->rig, f->node.contacts == 1);
	take(f, &f->next);
	silent.speaks = true;
	raw_frame(&f->next, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
	rig_until(&f->rig, f->node.deliveries == 1);
	assert_string_equal(f->node.delivery.transport, MOVED);
	until(&f->raw, f->raw.closed);
	goes_on(f, &f->next, 2);
	raw_end(&f->raw);
	raw_end(&f->next);
}

static void upload(struct fixture *f)
{
	struct msg_upload m = {.peer = "QRB", .length = FILE_OCTETS};
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, FILE_OCTETS), 0);
	assert_int_equal(link_request(f->node.link, IPC_upload, &m, &fd, 1, NULL), 0);
	close(fd);
}

/* The server holds so many octets, and gets the rest. */
static void takes(struct raw *w, const char *held, size_t octets)
{
	unsigned requests = w->requests;
	size_t before = w->data_len;

	until(w, w->requests > 0);
	raw_headers(w, END, w->last_stream, FIELDS({":status", "200"}, {"rxp-offset", held}));
	until(w, w->requests == requests + 1 || w->data_len - before == octets);
	until(w, w->data_len - before == octets);
}

static void owed(void **state)
{
	struct fixture *f = *state;

	ends(f, GATEWAY_BARREN, true);
	ends(f, GATEWAY_BARREN, false);
	assert_int_equal(narrow, 0);
	ends(f, 1, true);
	assert_int_equal(narrow, 1);
}

static void thin(void **state)
{
	struct fixture *f = *state;

	rate = 16000;
	upload(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.requests == 1 && unsent == 16000 * GATEWAY_WAIT_MS / 1000);
	takes(&f->raw, "100", FILE_OCTETS - 100);
	rate = 1;
	until(&f->raw, unsent == GATEWAY_PIECE_LEAST);
	rate = UINT32_MAX;
	until(&f->raw, unsent == GATEWAY_OUT_OCTETS);
	raw_headers(&f->raw, END, f->raw.last_stream, FIELDS({":status", "201"}));
	rig_until(&f->rig, uploaded.n == 1);
	raw_end(&f->raw);
}

/* Neither of the first two comes to an end with its handshake. */
static void silent_in_handshake(void **state)
{
	struct fixture *f = *state;
	int fds[2];

	silent.all = true;
	deliver(f);
	for (size_t i = 0; i < 2; i++)
		rig_until(&f->rig, (fds[i] = came(f)) >= 0);
	serve(f, &f->raw);
	silent.all = false;
	until(&f->raw, f->raw.ended == 1);
	assert_int_equal(f->node.deliveries, 0);
	give_answer(&f->raw, f->raw.last_stream);
	rig_until(&f->rig, f->node.deliveries == 1);
	assert_int_equal(f->node.delivery.http_status, 200);
	raw_end(&f->raw);
	close(fds[0]);
	close(fds[1]);
}

static void file_goes_on(void **state)
{
	struct fixture *f = *state;

	upload(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.requests == 1);
	takes(&f->raw, "100", FILE_OCTETS - 100);
	silent.next = true;
	serve(f, &f->next);
	until(&f->next, f->next.requests == 1);
	takes(&f->next, "600", FILE_OCTETS - 600);
	assert_int_equal(uploaded.n, 0);
	raw_headers(&f->next, END, f->next.last_stream, FIELDS({":status", "201"}));
	rig_until(&f->rig, uploaded.n == 1);
	assert_int_equal(uploaded.last.http_status, 201);
	assert_int_equal(uploaded.last.held, 600);
	raw_end(&f->raw);
	raw_end(&f->next);
}

static void file_goes_on_faster(void **state)
{
	silent.slow = GATEWAY_CLOGGED_OCTETS + 1;
	file_goes_on(state);
}

static void looks(struct raw *w, unsigned more)
{
	const unsigned before = silent.delivered;

	until(w, silent.delivered >= before + more);
}

static void message_is_waited_for(void **state)
{
	struct fixture *f = *state;

	deliver(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.ended == 1);
	silent.slow = GATEWAY_CLOGGED_OCTETS + 1;
	silent.next = true;
	looks(&f->raw, 20);
	assert_int_equal(f->node.deliveries, 0);
	silent.fd = -1;
	give_answer(&f->raw, f->raw.last_stream);
	rig_until(&f->rig, f->node.deliveries == 1);
	assert_int_equal(f->node.delivery.http_status, 200);
	raw_end(&f->raw);
}

static void file_waits(void **state)
{
	struct fixture *f = *state;

	upload(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.requests == 1);
	silent.slow = GATEWAY_CLOGGED_OCTETS;
	silent.next = true;
	looks(&f->raw, 10);
	raw_headers(
	    &f->raw, END, f->raw.last_stream, FIELDS({":status", "200"}, {"rxp-offset", "100"}));
	until(&f->raw, f->raw.requests == 2);
	looks(&f->raw, 10);
	assert_int_equal(f->raw.data_len, 0);
	silent.fd = -1;
	until(&f->raw, f->raw.data_len == FILE_OCTETS - 100);
	raw_headers(&f->raw, END, f->raw.last_stream, FIELDS({":status", "201"}));
	rig_until(&f->rig, uploaded.n == 1);
	raw_end(&f->raw);
}

/* The peer never holds more: the registry hears of it, and leaves the peer alone for a while. */
static void file_ends(void **state)
{
	struct fixture *f = *state;
	struct raw *w[GATEWAY_MOVES + 1];

	upload(f);
	for (size_t i = 0; i <= GATEWAY_MOVES; i++) {
		w[i] = calloc(1, sizeof *w[i]);
		serve(f, w[i]);
		until(w[i], w[i]->requests == 1);
		takes(w[i], "100", FILE_OCTETS - 100);
		assert_int_equal(uploaded.n, 0);
		silent.next = true;
	}
	serve(f, &f->next);
	rig_until(&f->rig, uploaded.n == 1);
	assert_int_equal((int32_t)uploaded.last.outcome, RXP_ERR_EXISTS);
	assert_int_equal(uploaded.last.held, 100);
	raw_end(&f->next);
	for (size_t i = 0; i <= GATEWAY_MOVES; i++) {
		raw_end(w[i]);
		free(w[i]);
	}
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, silent_setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(moved),
	    TEST(lacks),
	    TEST(speaks),
	    TEST(speaks_behind),
	    TEST(owed),
	    TEST(thin),
	    TEST(silent_in_handshake),
	    TEST(file_goes_on),
	    TEST(file_goes_on_faster),
	    TEST(message_is_waited_for),
	    TEST(file_waits),
	    TEST(file_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
