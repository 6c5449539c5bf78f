/*
 * Goals, of what answers in the place of a product:
 * - a reply that is given later leaves as it was when it was given, whatever becomes of the texts that it was made of;
 * - until it has left it is not answered, and who hangs up gives it first;
 * - on a connection that it ends it takes what still comes, since a reset would take from the other side what it has not read, but
 *   of one that sends without end no more in a turn than that others have theirs, and it waits for no reply that is given no more;
 * - what comes on a connection that was closed is told to nobody, although a child of the suite still has its descriptor.
 *
 * links: conform
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "conformance/wire/host.h"
#include "conformance/wire/tls.h"

#define WAIT_MS 60000
#define MOST_LINES 32 /* of host.c */
#define TYPE "text/plain"
#define BODY "what was asked for"

struct desk {
	const struct keypair *key;
	struct host *host;
	struct host_place place; /* of a request that waits */
	void (*leave)(struct desk *d); /* once it is answered */
	bool was_answered; /* before it left */
	int delay_ms; /* of the reply */
	uint8_t pin[1][32];
	char endpoint[TLS_AUTHORITY + sizeof "https://"];
	struct wire_aside aside;
	struct wire_target target; /* what is asked */
};

static void greet(void *arg, struct greeting *out)
{
	out->credential = ((struct desk *)arg)->key;
}

static bool at_head(void *arg, const struct host_request *r)
{
	(void)arg;
	(void)r;
	return false;
}

static void request(void *arg, const struct host_request *r, struct host_reply *out)
{
	((struct desk *)arg)->place = r->place;
	out->later = true;
}

static void over(void *arg, const struct guest_facts *facts, enum wire_end why)
{
	(void)arg;
	(void)facts;
	(void)why;
}

/* From texts that are others behind it. */
static void answer(struct desk *d)
{
	char type[] = TYPE, offset[] = "4711", body[] = BODY;
	struct host_reply reply = {.status = 200,
	    .type = type,
	    .fields = {{"rxp-offset", offset}},
	    .body = (const uint8_t *)body,
	    .body_len = sizeof body - 1,
	    .at = HOST_WHOLE,
	    .delay_ms = d->delay_ms};

	assert_true(host_answer(d->host, d->place, &reply));
	memset(type, 'x', sizeof type - 1);
	memset(offset, 'x', sizeof offset - 1);
	memset(body, 'x', sizeof body - 1);
}

static void serve(void *arg)
{
	struct desk *d = arg;

	host_turn(d->host, tls_now_ms());
	if (d->place.line == 0)
		return;
	answer(d);
	d->was_answered = host_is_answered(d->host, d->place);
	d->leave(d);
	assert_true(host_is_answered(d->host, d->place));
	d->place = (struct host_place){0};
}

static void turn(struct desk *d)
{
	host_turn(d->host, tls_now_ms());
}

static void hang_up(struct desk *d)
{
	host_hang_up(d->host);
}

static void desk_open(struct desk *d, const struct world *w)
{
	struct host_calls calls = {greet, at_head, request, over, d};
	char at[TLS_AUTHORITY];

	d->key = &w->other->tls;
	(void)world_address(at);
	(void)snprintf(d->endpoint, sizeof d->endpoint, "https://%s", at);
	assert_int_equal(host_open(&d->host, at, &calls), WIRE_NONE);
	keypair_pin(d->key, d->pin[0]);
	d->aside = (struct wire_aside){host_fd(d->host), serve, d};
	d->target = (struct wire_target){.endpoint = d->endpoint,
	    .pins = (const uint8_t(*)[32])d->pin,
	    .n_pins = 1,
	    .own = &w->own->tls,
	    .wait_ms = WAIT_MS,
	    .aside = &d->aside};
}

static enum wire_end ask(struct desk *d, const struct world *w, struct wire_response *response)
{
	struct wire *wire = NULL;
	enum wire_end end;

	desk_open(d, w);
	assert_int_equal(wire_open(&wire, &d->target), WIRE_NONE);
	wire_response_init(response);
	end = wire_exchange(wire, &(struct wire_request){.method = "GET", .path = "/"}, response);
	wire_close(wire);
	host_free(d->host);
	return end;
}

static void be_answered(const struct world *w, void (*leave)(struct desk *d))
{
	struct desk d = {.leave = leave};
	struct wire_response response;

	assert_int_equal(ask(&d, w, &response), WIRE_NONE);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.content_type, TYPE);
	assert_string_equal(response.offset, "4711");
	assert_int_equal(response.body.len, sizeof BODY - 1);
	assert_memory_equal(response.body.data, BODY, sizeof BODY - 1);
	assert_false(d.was_answered);
	wire_response_clear(&response);
}

static void test_copied(void **state)
{
	be_answered(*state, turn);
}

static void test_hung_up(void **state)
{
	be_answered(*state, hang_up);
}

static void say(struct desk *d, struct tls *t)
{
	static const uint8_t ping[17] = {0, 0, 8, 6};

	assert_int_equal(tls_write(t, ping, sizeof ping, tls_now_ms() + WAIT_MS), WIRE_NONE);
	turn(d);
}

/* A connection that this side ended. */
static struct tls *ended(struct desk *d, const struct world *w)
{
	struct tls *t = NULL;
	uint8_t octets[256];
	size_t len;

	desk_open(d, w);
	assert_int_equal(tls_open(&t, &d->target, tls_now_ms() + WAIT_MS), WIRE_NONE);
	/* Its session is there once it has said something. */
	assert_int_equal(
	    tls_read(t, octets, sizeof octets, &len, tls_now_ms() + WAIT_MS), WIRE_NONE);
	host_hang_up(d->host);
	return t;
}

static void test_lingers(void **state)
{
	struct desk d = {.leave = NULL};
	struct tls *t = ended(&d, *state);
	uint8_t octets[256];
	size_t len;
	enum wire_end end;

	say(&d, t);
	say(&d, t); /* by now a reset would be here */
	say(&d, t);
	do
		end = tls_read(t, octets, sizeof octets, &len, tls_now_ms() + WAIT_MS);
	while (end == WIRE_NONE);
	assert_int_equal(end, WIRE_CLOSED);
	tls_close(t);
	host_free(d.host);
}

static struct tls *let_in(struct desk *d)
{
	struct tls *t = NULL;
	uint8_t octets[256];
	size_t len;

	assert_int_equal(tls_open(&t, &d->target, tls_now_ms() + WAIT_MS), WIRE_NONE);
	assert_int_equal(
	    tls_read(t, octets, sizeof octets, &len, tls_now_ms() + WAIT_MS), WIRE_NONE);
	return t;
}

/* As many as there may be linger, all since now, and take nobody's place. */
static void test_lets_in(void **state)
{
	struct desk d = {.leave = NULL};
	struct tls *lingering[MOST_LINES];

	desk_open(&d, *state);
	for (size_t i = 0; i < MOST_LINES; i++)
		lingering[i] = let_in(&d);
	host_hang_up(d.host);
	tls_close(let_in(&d));
	for (size_t i = 0; i < MOST_LINES; i++)
		tls_close(lingering[i]);
	host_free(d.host);
}

/* Stands in place of the system's: there is always more. */
static bool floods;
static size_t drops;
#define FLOOD 1000 /* behind which a host that would read for ever is let go */

ssize_t recv(int fd, void *octets, size_t max, int flags)
{
	if (!floods)
		return recvfrom(fd, octets, max, flags, NULL, NULL);
	return ++drops < FLOOD ? (ssize_t)max : 0;
}

static void test_flooded(void **state)
{
	struct desk d = {.leave = NULL};
	struct tls *t = ended(&d, *state);

	floods = true;
	say(&d, t);
	floods = false;
	assert_in_range(drops, 1, 16);
	tls_close(t);
	host_free(d.host);
}

#define DELAY_MS 100
#define LOOK_MS 50

/* The reply that is due on the connection that was ended has turns come at once, again and again, or it has not. */
static void hang_up_before(struct desk *d)
{
	int64_t due_ms = tls_now_ms() + DELAY_MS;
	unsigned turns = 0;

	host_hang_up(d->host);
	while (tls_now_ms() <= due_ms)
		host_turn(d->host, due_ms + 1);
	while (tls_now_ms() < due_ms + LOOK_MS && turns < FLOOD) {
		host_turn(d->host, due_ms + LOOK_MS);
		turns++;
	}
	assert_in_range(turns, 0, 16);
}

static void test_given_no_more(void **state)
{
	struct desk d = {.leave = hang_up_before, .delay_ms = DELAY_MS};
	struct wire_response response;

	assert_int_not_equal(ask(&d, *state, &response), WIRE_NONE);
	wire_response_clear(&response);
}

static bool has_news(const struct host *h)
{
	struct pollfd at = {.fd = host_fd(h), .events = POLLIN};

	return poll(&at, 1, 0) > 0;
}

/* As between fork() and exec() of a trigger. */
static void test_held_by_child(void **state)
{
	const struct world *w = *state;
	struct desk d = {.key = &w->other->tls};
	struct host_calls calls = {greet, at_head, request, over, &d};
	char at[TLS_AUTHORITY];
	struct sockaddr_in address = world_address(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t child;
	bool told;

	assert_int_equal(host_open(&d.host, at, &calls), WIRE_NONE);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	host_turn(d.host, tls_now_ms() + WAIT_MS);
	child = fork();
	if (child == 0) {
		(void)pause();
		_exit(0);
	}
	assert_true(child > 0);
	host_hang_up(d.host);
	assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
	told = has_news(d.host);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_false(told);
	assert_int_equal(close(fd), 0);
	host_free(d.host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_copied),
	    cmocka_unit_test(test_hung_up),
	    cmocka_unit_test(test_lingers),
	    cmocka_unit_test(test_lets_in),
	    cmocka_unit_test(test_flooded),
	    cmocka_unit_test(test_given_no_more),
	    cmocka_unit_test(test_held_by_child),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as the suite does: the other end may be gone */
	return cmocka_run_group_tests(tests, world_make, world_end);
}
