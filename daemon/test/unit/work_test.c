/*
 * Goal of this test: the client of a work queue, and sealers played by raw sockets and by links:
 * - answers reach their request; taken ones are not sent again; duplicates of answers are dropped;
 * - a lost request is sent again after a second, under its number, with its descriptor;
 * - a sealer's death: tried once on another, then given up with RXP_ERR_DAMAGED;
 * - several sealers share the queue; the window holds and opens again; the end is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/base/packet.h"
#include "daemon/base/work.h"
#include "daemon/test/unit/pump.h"
#include "protocol/base/err.h"

#define SEALERS 3

struct outcome {
	unsigned ended;
	int result;
};

struct bench {
	struct loop *loop;
	struct work *work;
	int sealer; /* the sealers' end */
	unsigned lost;
	int why;
	struct link *links[SEALERS];
	unsigned served[SEALERS], answered, enough, want;
};

static void on_lost(void *arg, int why)
{
	struct bench *b = arg;

	b->lost = 1;
	b->why = why;
}

static void on_done(void *arg, int result, const struct link_message *answer)
{
	struct outcome *o = arg;

	assert_int_equal(o->ended, 0);
	o->ended = 1;
	o->result = result;
	assert_true((result == 0) == (answer != NULL));
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof *b);
	int sockets[2];

	assert_int_equal(loop_new(&b->loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0);
	assert_int_equal(work_new(&b->work, b->loop, sockets[0], IPC_REGISTRY, on_lost, b), 0);
	b->sealer = sockets[1];
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	work_free(b->work);
	for (int i = 0; i < SEALERS; i++)
		link_free(b->links[i]);
	if (b->sealer >= 0)
		close(b->sealer);
	loop_free(b->loop);
	free(b);
	return 0;
}

static void submit(struct bench *b, struct outcome *o)
{
	assert_int_equal(
	    work_submit(b->work, IPC_make_key, &(struct msg_make_key){0}, NULL, 0, on_done, o), 0);
}

/* What the sealers' end gets next; 0 if nothing is there. */
static uint64_t next_request(struct bench *b)
{
	static struct packet_in in;
	uint64_t request;

	if (packet_receive(&in, b->sealer) != 0)
		return 0;
	assert_int_equal(in.type, IPC_make_key);
	request = in.request;
	packet_done(&in);
	return request;
}

static void say(struct bench *b, enum ipc_type type, uint64_t request, const void *body)
{
	struct packet *p;

	assert_int_equal(packet_new(&p, type, request, body, NULL, 0), 0);
	assert_int_equal(packet_send(b->sealer, p), 0);
	packet_free(p);
}

static void say_taken(struct bench *b, uint64_t request, uint32_t number)
{
	say(b, IPC_taken, request, &(struct msg_taken){.number = number});
	pump_for(b->loop, 5);
}

static void say_answer(struct bench *b, uint64_t request)
{
	say(b, IPC_key_made, request, &(struct msg_key_made){.result = 0});
	pump_for(b->loop, 5);
}

static void answered(void **state)
{
	struct bench *b = *state;
	struct outcome o[3] = {{0}};
	uint64_t request[2];

	submit(b, &o[0]);
	submit(b, &o[1]);
	assert_false(work_has_room(b->work, IPC_make_key));
	assert_int_equal(
	    work_submit(b->work, IPC_make_key, &(struct msg_make_key){0}, NULL, 0, on_done, &o[2]),
	    RXP_ERR_FULL);
	for (int i = 0; i < 2; i++) {
		request[i] = next_request(b);
		assert_true(request[i] != 0);
		say_taken(b, request[i], 1);
	}
	say_answer(b, request[1]);
	assert_int_equal(o[1].ended, 1);
	assert_int_equal(o[0].ended, 0);
	/* The same answer again, and word of one that is over: dropped. */
	say_answer(b, request[1]);
	say_taken(b, request[1], 2);
	say_answer(b, request[0]);
	assert_int_equal(o[0].ended, 1);
	assert_int_equal(o[0].result, 0);
	assert_true(work_has_room(b->work, IPC_make_key));
	assert_int_equal(b->lost, 0);
}

/* An answer that does not fit its request is a breach, not a duplicate. */
static void wrong_answer(void **state)
{
	struct bench *b = *state;
	struct outcome o = {0};
	struct packet *p;

	submit(b, &o);
	assert_int_equal(packet_new(&p, IPC_answer_sealed, next_request(b),
			     &(struct msg_answer_sealed){0}, NULL, 0),
	    0);
	assert_int_equal(packet_send(b->sealer, p), 0);
	packet_free(p);
	assert_true(pump_until(b->loop, &b->lost));
	assert_int_equal(b->why, RXP_ERR_PEER);
	assert_int_equal(o.ended, 0);
}

static uint64_t wait_request(struct bench *b, int64_t max_ms)
{
	int64_t end = clock_mono_ms() + max_ms;
	uint64_t request = 0;

	while (request == 0 && clock_mono_ms() < end) {
		pump_for(b->loop, 5);
		request = next_request(b);
	}
	return request;
}

static void nobody_took_it(void **state)
{
	struct bench *b = *state;
	struct outcome o = {0}, other = {0};
	int64_t start = clock_mono_ms();
	uint64_t request, second;

	submit(b, &o);
	request = next_request(b);
	assert_int_equal(wait_request(b, 10LL * WORK_TAKEN_MS), request);
	assert_true(clock_mono_ms() - start >= WORK_TAKEN_MS);
	say_taken(b, request, 1);
	/* Taken: left alone, while another one that is not comes again. */
	submit(b, &other);
	second = next_request(b);
	assert_int_not_equal(second, request);
	for (int i = 0; i < 2; i++)
		assert_int_equal(wait_request(b, 10LL * WORK_TAKEN_MS), second);
	say_answer(b, request);
	assert_int_equal(o.ended, 1);
	say_answer(b, request);
	assert_int_equal(b->lost, 0);
}

static void deaths(void **state)
{
	struct bench *b = *state;
	struct outcome o = {0}, other = {0};
	uint64_t request, second;

	submit(b, &o);
	request = next_request(b);
	say_taken(b, request, 4);
	submit(b, &other);
	second = next_request(b);
	say_taken(b, second, 5);
	work_sealer_died(b->work, 6);
	assert_int_equal(next_request(b), 0);
	work_sealer_died(b->work, 4);
	assert_int_equal(next_request(b), request);
	assert_int_equal(next_request(b), 0);
	assert_int_equal(o.ended, 0);
	say_taken(b, request, 4);
	work_sealer_died(b->work, 4);
	assert_int_equal(o.ended, 1);
	assert_int_equal(o.result, RXP_ERR_DAMAGED);
	assert_int_equal(next_request(b), 0);
	assert_int_equal(other.ended, 0);
	/* Its place is free again, and its late answer is nobody's. */
	assert_true(work_has_room(b->work, IPC_make_key));
	say_answer(b, request);
	say_answer(b, second);
	assert_int_equal(other.result, 0);
	assert_int_equal(other.ended, 1);
	assert_int_equal(b->lost, 0);
}

/* A large request with a descriptor comes again whole. */
static void second_try_is_whole(void **state)
{
	static struct packet_in in;
	struct bench *b = *state;
	struct outcome o = {0};
	size_t len = 100000;
	uint8_t *octets = malloc(len);
	int memory = memfd_create("register", 0);
	struct stat st[2];

	memset(octets, 'e', len);
	assert_int_equal(work_submit(b->work, IPC_open,
			     &(struct msg_open){.party = "QMA", .envelope = {octets, len}}, &memory,
			     1, on_done, &o),
	    0);
	free(octets);
	assert_int_equal(fstat(memory, &st[0]), 0);
	close(memory);
	for (int i = 0; i < 2; i++) {
		struct msg_open again;

		assert_int_equal(packet_receive(&in, b->sealer), 0);
		assert_int_equal(in.n_fds, 1);
		assert_int_equal(fstat(in.fds[0], &st[1]), 0);
		assert_int_equal(st[0].st_ino, st[1].st_ino);
		assert_int_equal(
		    record_decode(&again, &ipc_row(IPC_open)->type, in.record, in.record_len), 0);
		assert_int_equal(again.envelope.len, len);
		assert_int_equal(again.envelope.data[len - 1], 'e');
		say_taken(b, in.request, 1);
		packet_done(&in);
		work_sealer_died(b->work, 1);
	}
	assert_int_equal(o.result, RXP_ERR_DAMAGED);
}

/* --- sealers on links -------------------------------------------------------------------------- */

static void on_request(void *arg, struct link *l, const struct link_message *m)
{
	struct bench *b = arg;

	for (int i = 0; i < SEALERS; i++) {
		if (b->links[i] != l)
			continue;
		b->served[i]++;
		assert_int_equal(link_answer(l, IPC_taken, m->request,
				     &(struct msg_taken){.number = (uint32_t)i}, NULL, 0),
		    0);
	}
	assert_int_equal(link_answer(l, IPC_answer_sealed, m->request,
			     &(struct msg_answer_sealed){.result = 0}, NULL, 0),
	    0);
}

static void on_sealer_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	assert_int_equal(why, RXP_ERR_CLOSED);
}

static void on_answer(void *arg, int result, const struct link_message *answer)
{
	struct bench *b = arg;

	assert_int_equal(result, 0);
	assert_int_equal(answer->type, IPC_answer_sealed);
	if (++b->answered == b->want)
		b->enough = 1;
}

static void many_sealers(void **state)
{
	struct bench *b = *state;
	unsigned window = ipc_row(IPC_seal_answer)->window;
	static uint8_t working[12000];
	unsigned served = 0;

	for (int i = 0; i < SEALERS; i++) {
		const struct link_config config = {
		    .fd = dup(b->sealer),
		    .self = IPC_SEALER,
		    .peer = IPC_REGISTRY,
		    .shared = true,
		    .handler = on_request,
		    .closed = on_sealer_closed,
		    .arg = b,
		};

		assert_int_equal(link_new(&b->links[i], b->loop, &config), 0);
	}
	b->want = 4 * window;
	for (unsigned i = 0; i < b->want; i++) {
		const struct msg_seal_answer m = {
		    .message_id = {1}, .working = {working, sizeof working}};

		while (!work_has_room(b->work, IPC_seal_answer))
			pump_for(b->loop, 1);
		assert_int_equal(
		    work_submit(b->work, IPC_seal_answer, &m, NULL, 0, on_answer, b), 0);
	}
	assert_true(pump_until(b->loop, &b->enough));
	for (int i = 0; i < SEALERS; i++) {
		assert_true(b->served[i] > 0);
		served += b->served[i];
	}
	assert_int_equal(served, b->want);
}

static void end_is_told(void **state)
{
	struct bench *b = *state;
	struct outcome o = {0};

	submit(b, &o);
	close(b->sealer);
	b->sealer = -1;
	assert_true(pump_until(b->loop, &b->lost));
	assert_int_equal(b->why, RXP_ERR_CLOSED);
	assert_int_equal(o.ended, 0);
	assert_int_equal(
	    work_submit(b->work, IPC_make_key, &(struct msg_make_key){0}, NULL, 0, on_done, &o),
	    RXP_ERR_CLOSED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(answered),
	    TEST(wrong_answer),
	    TEST(nobody_took_it),
	    TEST(deaths),
	    TEST(second_try_is_whole),
	    TEST(many_sealers),
	    TEST(end_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
