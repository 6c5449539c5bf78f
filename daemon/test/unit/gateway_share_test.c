/*
 * Goal: what goes first on a connection, octet by octet, between two ends in memory.
 *  - a message that is begun behind files leaves before them, and they have their share all the same
 *  - without a message nothing of the line is left unused; messages go in their order, each whole before the next, which has time
 *    as long as octets of others go before it
 *  - where records are small the frames of a file are no longer than they
 *  - a message that the peer takes no octet of keeps back no file
 *  - a deadline is put off as long as octets go, and only so long
 *
 * links: gateway
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/h2.h"
#include "daemon/gateway/limits.h"

#define FILE_OCTETS ((size_t)4 << 20)
#define MESSAGE_OCTETS ((size_t)200000)
#define STREAMS 4
#define FAR_MS INT64_MAX

struct stream {
	bool is_file;
	size_t came; /* at the server */
	bool late, gone;
	struct h2_stream *client;
};

struct pair {
	struct h2 *client, *server;
	struct stream streams[STREAMS]; /* in the order in which they were begun */
	size_t n_begun, n_come;
	bool deaf; /* the server gives no octet back */
};

static void on_client(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	(void)arg;
	(void)s;
	(void)fault;
}

static void on_late(void *arg, struct h2_stream *s)
{
	struct stream *stream = h2_stream_user(s);

	(void)arg;
	stream->late = true;
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end end)
{
	struct stream *stream = h2_stream_user(s);

	(void)arg;
	(void)end;
	if (stream != NULL)
		stream->gone = true;
}

static void server_head(void *arg, struct h2_stream *s)
{
	struct pair *p = arg;

	assert_true(p->n_come < STREAMS);
	h2_stream_set_user(s, &p->streams[p->n_come++]);
	h2_stream_bound(s, FILE_OCTETS, FAR_MS);
}

static void server_octets(void *arg, struct h2_stream *s, const uint8_t *octets, size_t len)
{
	struct pair *p = arg;
	struct stream *stream = h2_stream_user(s);

	(void)octets;
	stream->came += len;
	if (!p->deaf)
		h2_stream_consume(s, len);
}

static void server_gone(void *arg, struct h2_stream *s, enum h2_end end)
{
	(void)arg;
	(void)s;
	(void)end;
}

static const struct h2_calls client_calls = {
    on_client, on_client, on_fault, on_client, on_late, on_gone, NULL};
static const struct h2_calls server_calls = {
    server_head, on_client, on_fault, on_client, on_client, server_gone, server_octets};

static void host_wake(void *arg)
{
	(void)arg;
}

static void host_abuse(void *arg, const char *why)
{
	(void)arg;
	fail_msg("%s", why);
}

static const struct h2_host host = {.wake = host_wake, .settled = host_wake, .abuse = host_abuse};

static struct h2 *end_of(struct pair *p, enum h2_side side)
{
	const struct h2_config config = {.side = side,
	    .calls = side == H2_SERVER ? &server_calls : &client_calls,
	    .arg = p,
	    .host = &host,
	    .head_ms = GATEWAY_HEAD_MS};
	struct h2 *h = NULL;

	assert_int_equal(h2_new(&h, &config), 0);
	return h;
}

static size_t record = GATEWAY_OUT_OCTETS; /* octets of a record */

/* What one end has for the other, at most a record of it; how much that was. */
static size_t carry(struct h2 *from, struct h2 *to)
{
	static uint8_t octets[GATEWAY_OUT_OCTETS];
	size_t n = 0;

	assert_int_equal(h2_fill(from, octets, record, &n), 0);
	h2_flushed(from);
	assert_int_equal(h2_recv(to, octets, n), 0);
	return n;
}

/* One record of the client's goes, and all that the server says to it. */
static size_t step(struct pair *p)
{
	size_t n = carry(p->client, p->server);

	while (carry(p->server, p->client) > 0)
		;
	return n;
}

static int set_up(void **state)
{
	struct pair *p = calloc(1, sizeof *p);

	assert_non_null(p);
	p->client = end_of(p, H2_CLIENT);
	p->server = end_of(p, H2_SERVER);
	while (carry(p->server, p->client) + carry(p->client, p->server) > 0)
		;
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct pair *p = *state;

	h2_free(p->client);
	h2_free(p->server);
	free(p);
	return 0;
}

static int read_file(void *arg, struct h2_stream *s, size_t at, uint8_t *out, size_t len)
{
	(void)arg;
	(void)s;
	(void)at;
	memset(out, 'f', len);
	return 0;
}

static struct stream *begin(struct pair *p, bool is_file, int64_t deadline_ms, int64_t patience_ms)
{
	static uint8_t message[MESSAGE_OCTETS];
	struct stream *stream = &p->streams[p->n_begun];
	const struct h2_request request = {.method = is_file ? "PUT" : "POST",
	    .path = "/",
	    .authority = "node.example",
	    .body = is_file ? NULL : message,
	    .read = is_file ? read_file : NULL,
	    .len = is_file ? FILE_OCTETS : sizeof message,
	    .deadline_ms = deadline_ms,
	    .patience_ms = patience_ms,
	    .user = stream};

	assert_true(p->n_begun++ < STREAMS);
	stream->is_file = is_file;
	assert_int_equal(h2_request(p->client, &request, &stream->client), 0);
	return stream;
}

static void message_first(void **state)
{
	struct pair *p = *state;
	const struct stream *file = begin(p, true, FAR_MS, 0), *second = begin(p, true, FAR_MS, 0);
	const struct stream *message;
	size_t before, octets = 0;

	while (file->came < FILE_OCTETS / 8)
		assert_true(step(p) > 0);
	message = begin(p, false, FAR_MS, 0);
	before = file->came + second->came;
	while (message->came < MESSAGE_OCTETS) {
		octets = step(p) + octets;
		assert_true(octets < 2 * MESSAGE_OCTETS);
	}
	before = file->came + second->came - before;
	/* One octet in eight, but for a frame or two at either end. */
	assert_in_range(before, MESSAGE_OCTETS / 7 - 16384, MESSAGE_OCTETS / 7 + 4 * 16384UL);
}

static void files_alone(void **state)
{
	struct pair *p = *state;
	const struct stream *file = begin(p, true, FAR_MS, 0), *second = begin(p, true, FAR_MS, 0);
	size_t octets = 0;

	while (file->came < FILE_OCTETS || second->came < FILE_OCTETS)
		octets += step(p);
	assert_in_range(octets, 2 * FILE_OCTETS, 2 * FILE_OCTETS + 2 * FILE_OCTETS / 100);
}

static void messages_in_order(void **state)
{
	struct pair *p = *state;
	const struct stream *one = begin(p, false, FAR_MS, 0), *other = begin(p, false, FAR_MS, 0);
	const struct stream *file = begin(p, true, FAR_MS, 0);

	while (one->came < MESSAGE_OCTETS) {
		assert_true(step(p) > 0);
		assert_true(other->came == 0 || one->came == MESSAGE_OCTETS);
	}
	assert_true(file->came > 0);
	while (other->came < MESSAGE_OCTETS)
		assert_true(step(p) > 0);
}

/* It waits longer than its own time, and the octets of the other go as long as that. */
static void behind_another(void **state)
{
	struct pair *p = *state;
	int64_t now = clock_mono_ms();
	const struct stream *one = begin(p, false, now + 1000, GATEWAY_ANSWER_MS);
	const struct stream *other = begin(p, false, now + 1000, GATEWAY_ANSWER_MS);

	(void)step(p);
	(void)step(p);
	assert_true(one->came > 0 && other->came == 0);
	h2_expire(p->client, now + 2000);
	assert_false(other->late);
	h2_expire(p->client, clock_mono_ms() + GATEWAY_ANSWER_MS);
	assert_true(one->late && other->late);
}

/* On a thin line, where a record is small, what was begun of a file holds up no more than that. */
static void small_records(void **state)
{
	struct pair *p = *state;
	const struct stream *file = begin(p, true, FAR_MS, 0), *message;

	record = GATEWAY_PIECE_LEAST;
	while (file->came == 0)
		assert_true(step(p) > 0);
	message = begin(p, false, FAR_MS, 0);
	(void)step(p);
	(void)step(p);
	record = GATEWAY_OUT_OCTETS;
	assert_true(message->came > 0);
}

static void stuck_message(void **state)
{
	struct pair *p = *state;
	const struct stream *message, *file;

	/* The window of the second of two such ends before the message does. */
	p->deaf = true;
	message = begin(p, false, FAR_MS, 0);
	while (message->came < MESSAGE_OCTETS)
		assert_true(step(p) > 0);
	begin(p, false, FAR_MS, 0);
	file = begin(p, true, FAR_MS, 0);
	while (step(p) > 0)
		;
	assert_true(file->came >= GATEWAY_STREAM_WINDOW);
}

static void patience(void **state)
{
	struct pair *p = *state;
	int64_t now = clock_mono_ms();
	const struct stream *message;

	message = begin(p, false, now + 1000, GATEWAY_ANSWER_MS);
	(void)step(p);
	assert_true(message->came > 0 && message->came < MESSAGE_OCTETS);
	h2_expire(p->client, now + 2000);
	assert_false(message->late);
	h2_expire(p->client, now + GATEWAY_ANSWER_MS - 1000);
	assert_false(message->late);
	h2_expire(p->client, clock_mono_ms() + GATEWAY_ANSWER_MS);
	assert_true(message->late);
	/* Its twin without: the deadline is what it was. */
	message = begin(p, false, now + 1000, 0);
	(void)step(p);
	h2_expire(p->client, now + 2000);
	assert_true(message->late);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(message_first, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(files_alone, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(messages_in_order, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(behind_another, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(small_records, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(stuck_message, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(patience, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
