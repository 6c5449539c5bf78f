/*
 * Goal: names become addresses without waiting, by DNS alone.
 *  - literals and localhost need no server; done never comes inside the call
 *  - a name is asked of the servers given: found, unknown, and no answer differ
 *  - addresses of this machine and of its link are left out, by literal, by name and mapped (RXP-DSC-023)
 *  - a cancelled question calls nobody, before and after its answer
 *
 * links: gateway
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "daemon/base/loop.h"
#include "daemon/gateway/limits.h"
#include "daemon/gateway/resolve.h"

#define WAIT_MS 60000
#define QUESTION_MAX 512
#define DNS_HEAD 12
#define TYPE_A 1

struct fixture {
	struct loop *loop;
	struct timer *guard;
	struct resolver *resolver;
	int server; /* a name server that knows one name */
	struct watch *watch;
	unsigned questions;
	bool silent, loops; /* the name leads to this machine */
	bool inner; /* that is asked for */
	unsigned done;
	enum transport why;
	struct resolve_address addresses[GATEWAY_ADDRESSES];
	size_t n;
};

static struct fixture f;

static void on_guard(void *arg)
{
	(void)arg;
	fail_msg("nothing came in time");
}

static void on_done(
    void *arg, enum transport why, const struct resolve_address *addresses, size_t n)
{
	(void)arg;
	f.done++;
	f.why = why;
	f.n = n;
	if (n > 0)
		memcpy(f.addresses, addresses, n * sizeof *addresses);
	loop_stop(f.loop);
}

/* Answer 192.0.2.7 for known.test, that there is no such name for others. */
static void on_question(void *arg, int fd, unsigned events)
{
	static const uint8_t known[] = "\5known\4test";
	static const uint8_t answer[] = {
	    0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7};
	uint8_t packet[QUESTION_MAX + sizeof answer];
	struct sockaddr_in from;
	socklen_t from_len = sizeof from;
	ssize_t len = recvfrom(fd, packet, QUESTION_MAX, 0, (void *)&from, &from_len);
	bool is_known, is_a;

	(void)arg;
	(void)events;
	assert_true(len > DNS_HEAD + 5);
	f.questions++;
	if (f.silent)
		return;
	is_known = memcmp(packet + DNS_HEAD, known, sizeof known) == 0;
	is_a = is_known && packet[DNS_HEAD + sizeof known + 1] == TYPE_A;
	packet[2] |= 0x80;
	packet[3] = is_known ? 0x80 : 0x83;
	if (is_a) {
		packet[7] = 1;
		memcpy(packet + len, answer, sizeof answer);
		if (f.loops)
			memcpy(packet + len + sizeof answer - 4, "\x7f\0\0\1", 4);
		len += (ssize_t)sizeof answer;
	}
	assert_int_equal(sendto(fd, packet, (size_t)len, 0, (void *)&from, from_len), len);
}

static int setup(void **state)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof address;
	char servers[64];

	(void)state;
	memset(&f, 0, sizeof f);
	assert_int_equal(loop_new(&f.loop), 0);
	assert_int_equal(timer_new(&f.guard, f.loop, on_guard, NULL), 0);
	timer_arm(f.guard, WAIT_MS);
	f.inner = true;
	f.server = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f.server, (void *)&address, sizeof address), 0);
	assert_int_equal(getsockname(f.server, (void *)&address, &len), 0);
	assert_int_equal(watch_new(&f.watch, f.loop, f.server, LOOP_READ, on_question, NULL), 0);
	snprintf(servers, sizeof servers, "127.0.0.1:%u", ntohs(address.sin_port));
	assert_int_equal(resolver_new(&f.resolver, f.loop, servers), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	resolver_free(f.resolver);
	watch_free(f.watch);
	close(f.server);
	timer_free(f.guard);
	loop_free(f.loop);
	return 0;
}

static void resolve(const char *host)
{
	struct resolve *q = NULL;
	unsigned before = f.done;

	assert_int_equal(resolve_start(&q, f.resolver, host, 8443, f.inner, on_done, NULL), 0);
	assert_int_equal(f.done, before);
	assert_int_equal(loop_run(f.loop), 0);
	assert_int_equal(f.done, before + 1);
}

static void assert_v4(const struct resolve_address *a, const char *text)
{
	char found[INET_ADDRSTRLEN];

	assert_int_equal(a->address.any.sa_family, AF_INET);
	assert_int_equal(ntohs(a->address.v4.sin_port), 8443);
	assert_non_null(inet_ntop(AF_INET, &a->address.v4.sin_addr, found, sizeof found));
	assert_string_equal(found, text);
}

static void literals(void **state)
{
	(void)state;
	resolve("192.0.2.1");
	assert_int_equal(f.n, 1);
	assert_v4(&f.addresses[0], "192.0.2.1");
	resolve("2001:db8::1");
	assert_int_equal(f.n, 1);
	assert_int_equal(f.addresses[0].address.any.sa_family, AF_INET6);
	assert_int_equal(ntohs(f.addresses[0].address.v6.sin6_port), 8443);
	resolve("localhost");
	assert_int_equal(f.n, 2);
	assert_v4(&f.addresses[0], "127.0.0.1");
	assert_int_equal(f.questions, 0);
}

static void names(void **state)
{
	(void)state;
	resolve("known.test");
	assert_int_equal(f.why, TRANSPORT_NONE);
	assert_int_equal(f.n, 1);
	assert_v4(&f.addresses[0], "192.0.2.7");
	assert_true(f.questions > 0);
	resolve("unknown.test");
	assert_int_equal(f.why, TRANSPORT_NAME_UNKNOWN);
	assert_int_equal(f.n, 0);
}

static void inner(void **state)
{
	static const char *const left_out[] = {"localhost", "127.0.0.1", "127.200.3.4", "0.0.0.0",
	    "169.254.169.254", "::1", "::", "fe80::1", "::ffff:127.0.0.1", "::ffff:169.254.0.1",
	    "known.test"};
	static const char *const given[] = {"128.0.0.1", "126.255.255.255", "169.253.1.1",
	    "10.0.0.1", "fd00::1", "::ffff:10.0.0.1"};

	(void)state;
	f.loops = true;
	for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
		f.inner = false;
		resolve(left_out[i]);
		assert_int_equal(f.n, 0);
		assert_int_equal(f.why, TRANSPORT_NAME_INNER);
		f.inner = true;
		resolve(left_out[i]);
		assert_true(f.n > 0);
	}
	f.inner = false;
	for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
		resolve(given[i]);
		assert_int_equal(f.n, 1);
		assert_int_equal(f.why, TRANSPORT_NONE);
	}
	f.loops = false;
	resolve("known.test");
	assert_int_equal(f.n, 1);
}

static void no_answer(void **state)
{
	(void)state;
	f.silent = true;
	resolve("known.test");
	assert_int_equal(f.why, TRANSPORT_NAME_LATE);
	assert_int_equal(f.n, 0);
}

static void cancelled(void **state)
{
	struct resolve *q = NULL;

	(void)state;
	assert_int_equal(resolve_start(&q, f.resolver, "known.test", 1, true, on_done, NULL), 0);
	resolve_cancel(q);
	assert_int_equal(resolve_start(&q, f.resolver, "192.0.2.1", 1, true, on_done, NULL), 0);
	resolve_cancel(q);
	resolve("192.0.2.1");
	/* The answer to the first one comes meanwhile. */
	resolve("known.test");
	assert_int_equal(f.done, 2);
	/* One that is open when the resolver ends. */
	f.silent = true;
	assert_int_equal(resolve_start(&q, f.resolver, "known.test", 1, true, on_done, NULL), 0);
	resolver_free(f.resolver);
	f.resolver = NULL;
	assert_int_equal(f.done, 2);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(literals), TEST(names), TEST(inner), TEST(no_answer), TEST(cancelled)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
