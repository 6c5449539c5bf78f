/*
 * Goal of this test: a request that is waited for gets its own answer and no other; without one it ends in time, and an end
 * that has gone, or speaks out of turn, counts as gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/call.h"
#include "daemon/base/clock.h"
#include "daemon/base/packet.h"
#include "protocol/base/err.h"

#define SOON_MS 50
#define LONG_MS 10000

static struct packet_in in;
static const struct msg_sign request = {.octets = {(const uint8_t *)"octets", 6}};

struct ends {
	struct call call;
	int other;
};

static void open_ends(struct ends *e)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds), 0);
	e->call = (struct call){.fd = -1};
	call_use(&e->call, fds[0]);
	e->other = fds[1];
}

static void close_ends(struct ends *e)
{
	call_use(&e->call, -1);
	if (e->other >= 0)
		close(e->other);
}

/* An answer that is there already when the request is made. */
static void answer(const struct ends *e, enum ipc_type type, uint64_t number, const void *body)
{
	struct packet *p = NULL;

	assert_int_equal(packet_new(&p, type, number, body, NULL, 0), 0);
	assert_int_equal(packet_send(e->other, p), 0);
	packet_free(p);
}

static int ask(struct ends *e, struct msg_signature *out, int64_t ms)
{
	return call_make(&e->call, &in, IPC_sign, &request, IPC_signature, out, ms);
}

static void own_answer(void **state)
{
	const struct msg_signature late = {.result = 5},
				   right = {.value = {(const uint8_t *)"v", 1}};
	struct msg_signature out;
	struct ends e;

	(void)state;
	open_ends(&e);
	assert_int_equal(ask(&e, &out, SOON_MS), RXP_ERR_TIMEOUT);
	answer(&e, IPC_signature, 1, &late);
	answer(&e, IPC_signature, 2, &right);
	assert_int_equal(ask(&e, &out, LONG_MS), 0);
	assert_int_equal(out.result, 0);
	assert_int_equal(out.value.len, 1);
	assert_memory_equal(out.value.data, "v", 1);
	packet_done(&in);
	close_ends(&e);
}

static void nobody_there(void **state)
{
	const int64_t began = clock_mono_ms();
	struct msg_signature out;
	struct ends e;

	(void)state;
	open_ends(&e);
	close(e.other);
	e.other = -1;
	assert_int_equal(ask(&e, &out, LONG_MS), RXP_ERR_CLOSED);
	assert_int_equal(e.call.fd, -1);
	assert_int_equal(ask(&e, &out, LONG_MS), RXP_ERR_CLOSED);
	assert_true(clock_mono_ms() - began < LONG_MS);
	close_ends(&e);
}

static void out_of_turn(void **state)
{
	const struct msg_taken other = {.number = 1};
	struct msg_signature out;
	struct ends e;

	(void)state;
	open_ends(&e);
	answer(&e, IPC_taken, 1, &other);
	assert_int_equal(ask(&e, &out, LONG_MS), RXP_ERR_PEER);
	assert_int_equal(e.call.fd, -1);
	close_ends(&e);
	open_ends(&e);
	assert_int_equal(send(e.other, "octets", 6, 0), 6);
	assert_int_equal(ask(&e, &out, LONG_MS), RXP_ERR_PEER);
	close_ends(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(own_answer),
	    cmocka_unit_test(nobody_there),
	    cmocka_unit_test(out_of_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
