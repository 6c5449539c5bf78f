/*
 * Goals:
 * - a vacant port is of the host of an endpoint, and refuses who connects, or hangs up on it
 * - what is no endpoint, or would be too long, gets none, and changes nothing
 * - a State whose descriptor lists other endpoints before its own is reached at its own
 *
 * links: conform
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "conformance/run/rolls.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "conformance/wire/vacant.h"

#define WAIT_MS 10000

struct port {
	int fd;
	char endpoint[RXP_MAX_ENDPOINT_LENGTH + 1];
};

static struct port opened(const char *beside, bool listens)
{
	struct port p = {.fd = -1};

	assert_int_equal(vacant_open(&p.fd, p.endpoint, beside, listens), WIRE_NONE);
	assert_true(p.fd >= 0);
	return p;
}

/* Connect to it at 127.0.0.1: the errno, 0 if that succeeds. */
static int connect_to(const struct port *p, int *fd)
{
	const char *colon = strrchr(p->endpoint, ':');
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	assert_non_null(colon);
	at.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(*fd >= 0);
	return connect(*fd, (const struct sockaddr *)&at, sizeof at) == 0 ? 0 : errno;
}

static void test_nobody_listens(void **state)
{
	struct port p = opened("https://127.0.0.1:1", false);
	int fd;

	(void)state;
	assert_int_equal(connect_to(&p, &fd), ECONNREFUSED);
	assert_int_equal(vacant_hang_up(p.fd), 0);
	(void)close(fd);
	(void)close(p.fd);
}

static void test_hangs_up(void **state)
{
	struct port p = opened("https://127.0.0.1:1", true);
	struct pollfd line = {.events = POLLIN};
	char octet;

	(void)state;
	assert_int_equal(vacant_hang_up(p.fd), 0);
	assert_int_equal(connect_to(&p, &line.fd), 0);
	assert_int_equal(vacant_hang_up(p.fd), 1);
	assert_int_equal(poll(&line, 1, WAIT_MS), 1);
	assert_int_equal(read(line.fd, &octet, 1), 0);
	assert_int_equal(vacant_hang_up(p.fd), 0);
	(void)close(line.fd);
	(void)close(p.fd);
}

/* No two are at one port, as long as both are open. */
static void test_at_the_host_beside(void **state)
{
	static const char *const beside[][2] = {
	    {"https://127.0.0.1:1", "https://127.0.0.1:"},
	    {"https://[::1]:8443", "https://[::1]:"},
	    {"https://[::1]", "https://[::1]:"},
	    {"https://node.example", "https://node.example:"},
	    {"https://node.example:65535/", "https://node.example:"},
	};
	struct port before = {.fd = -1};

	(void)state;
	for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
		struct port p = opened(beside[i][0], i % 2 == 0);

		assert_memory_equal(p.endpoint, beside[i][1], strlen(beside[i][1]));
		assert_int_equal(strspn(p.endpoint + strlen(beside[i][1]), "0123456789"),
		    strlen(p.endpoint) - strlen(beside[i][1]));
		assert_string_not_equal(
		    strrchr(p.endpoint, ':'), i == 0 ? "" : strrchr(before.endpoint, ':'));
		if (before.fd >= 0)
			(void)close(before.fd);
		before = p;
	}
	(void)close(before.fd);
}

static void test_beside_no_endpoint(void **state)
{
	char longest[RXP_MAX_ENDPOINT_LENGTH + 1] = "https://",
					       endpoint[RXP_MAX_ENDPOINT_LENGTH + 1] = "as before";
	int fd = -1;

	(void)state;
	memset(longest + strlen(longest), 'a', sizeof longest - 1 - strlen(longest));
	assert_int_equal(vacant_open(&fd, endpoint, "", false), WIRE_ADDRESS);
	assert_int_equal(vacant_open(&fd, endpoint, "http://127.0.0.1:1", false), WIRE_ADDRESS);
	assert_int_equal(vacant_open(&fd, endpoint, longest, true), WIRE_ADDRESS);
	assert_int_equal(fd, -1);
	assert_string_equal(endpoint, "as before");
}

/* The descriptor that follows, with those endpoints before the State's own. */
static void list_before(struct world *w, const char *dir, const char *const *before)
{
	const struct roll with = {.parties = &w->parties,
	    .now_ms = NOW_MS + 1000 + (before == NULL),
	    .endpoints = before};
	struct rxp_buf octets;

	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(roll_make(&octets, &with, roll_endpoints), 0);
	assert_int_equal(state_follow(w->own, dir, &octets), 0);
	rxp_buf_free(&octets);
}

static void assert_endpoints(const struct rxp_buf *descriptor, const char *const *want)
{
	struct rxp_descriptor *d = NULL;
	size_t n = 0;

	assert_int_equal(rxp_descriptor_open(&d, descriptor->data, descriptor->len, NULL), 0);
	for (; want[n] != NULL; n++)
		assert_string_equal(d->identity.endpoints[n], want[n]);
	assert_int_equal(d->identity.n_endpoints, n);
	rxp_descriptor_free(d);
}

static void test_reached_at_its_own(void **state)
{
	static const char *const before[] = {"https://127.0.0.1:2", "https://127.0.0.1:3", NULL};
	static const char *const all[] = {
	    "https://127.0.0.1:2", "https://127.0.0.1:3", "https://127.0.0.1:1", NULL};
	struct world *w = *state;
	struct state *again = NULL;
	char dir[128];

	(void)snprintf(dir, sizeof dir, "%s/QMA", w->folder);
	list_before(w, dir, before);
	assert_endpoints(&w->own->descriptor, all);
	assert_string_equal(w->own->endpoint, all[2]);
	assert_int_equal(state_open(&again, dir), 0);
	assert_string_equal(again->endpoint, all[2]);
	state_free(again);
	list_before(w, dir, NULL);
	assert_endpoints(&w->own->descriptor, all + 2);
	assert_string_equal(w->own->endpoint, all[2]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nobody_listens),
	    cmocka_unit_test(test_hangs_up),
	    cmocka_unit_test(test_at_the_host_beside),
	    cmocka_unit_test(test_beside_no_endpoint),
	    cmocka_unit_test(test_reached_at_its_own),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
