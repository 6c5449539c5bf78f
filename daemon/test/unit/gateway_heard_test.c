/*
 * Goal: when a connection counts as dead, with what the system says of it played.
 *  - octets of ours without an acknowledgement for GATEWAY_UNHEARD_MS, counted from when they were written
 *  - not while anything comes, however long the same hole is being mended; nor for the silence before they were written
 *  - what has been acknowledged, or cannot be known, is not looked after; what is still to go is, from when it goes
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Alone, so that what it calls can be played. */
#include "daemon/gateway/heard.c" /* NOLINT(bugprone-suspicious-include) */

#define FD 7
#define BEGAN INT64_C(1000000)

static struct {
	unsigned unacked;
	int unsent;
	int64_t now, ack, data; /* of the last acknowledgement; of the last octets that came */
	bool unknown;
} played;

int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict len)
{
	struct tcp_info info = {0};

	assert_int_equal(fd, FD);
	assert_int_equal(level, IPPROTO_TCP);
	assert_int_equal(name, TCP_INFO);
	assert_int_equal(*len, sizeof info);
	if (played.unknown)
		return -1;
	info.tcpi_unacked = played.unacked;
	info.tcpi_last_ack_recv = (uint32_t)(played.now - played.ack);
	info.tcpi_last_data_recv = (uint32_t)(played.now - played.data);
	memcpy(value, &info, sizeof info);
	return 0;
}

int ioctl(int fd, unsigned long what, ...)
{
	va_list args;

	assert_int_equal(fd, FD);
	assert_int_equal(what, SIOCOUTQNSD);
	va_start(args, what);
	*va_arg(args, int *) = played.unsent;
	va_end(args);
	return 0;
}

/* It is looked at each time until it is found dead, or nothing is on its way: when. */
static int64_t dead_at(struct heard *h, int64_t until, int64_t ack_each)
{
	while (h->look_ms != 0 && h->look_ms < until) {
		played.now = h->look_ms;
		if (ack_each != 0)
			played.ack = played.now - played.now % ack_each;
		if (!heard_look(h, FD, played.now))
			return played.now;
	}
	return 0;
}

static void test_dead(void **unused)
{
	struct heard h = {0};

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unacked = 1;
	played.ack = BEGAN - 3600000; /* an hour of silence before does not count */
	heard_wrote(&h, BEGAN);
	heard_wrote(&h,
	    BEGAN + INT64_C(2) * GATEWAY_LISTEN_MS); /* nor is it put off by more that is written */
	assert_in_range(dead_at(&h, INT64_MAX, 0), BEGAN + GATEWAY_UNHEARD_MS,
	    BEGAN + GATEWAY_UNHEARD_MS + GATEWAY_LISTEN_MS);
}

static void test_alive(void **unused)
{
	struct heard h = {0};

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unacked = 9;
	heard_wrote(&h, BEGAN);
	assert_int_equal(
	    dead_at(&h, BEGAN + INT64_C(100) * GATEWAY_UNHEARD_MS, GATEWAY_UNHEARD_MS / 2), 0);
	assert_true(h.look_ms != 0);
	played.ack = played.now; /* and then it is cut */
	assert_in_range(dead_at(&h, INT64_MAX, 0), played.ack + GATEWAY_UNHEARD_MS,
	    played.ack + GATEWAY_UNHEARD_MS + GATEWAY_LISTEN_MS);
}

static void test_nothing_on_its_way(void **unused)
{
	struct heard h = {0};

	(void)unused;
	memset(&played, 0, sizeof played);
	heard_wrote(&h, BEGAN);
	assert_int_equal(dead_at(&h, INT64_MAX, 0), 0);
	assert_int_equal(h.look_ms, 0);
	played.unacked = 1;
	played.unknown = true;
	heard_wrote(&h, BEGAN);
	assert_int_equal(dead_at(&h, INT64_MAX, 0), 0);
	played.unknown = false; /* the next octets count from when they are written */
	heard_wrote(&h, 2 * BEGAN);
	assert_in_range(dead_at(&h, INT64_MAX, 0), 2 * BEGAN + GATEWAY_UNHEARD_MS,
	    2 * BEGAN + GATEWAY_UNHEARD_MS + GATEWAY_LISTEN_MS);
}

/* The other side speaks, and what it sends acknowledges nothing new: the hole is ours. */
static void test_speaks(void **unused)
{
	struct heard h = {0};

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unacked = 1;
	heard_wrote(&h, BEGAN);
	played.data = BEGAN + GATEWAY_UNHEARD_MS / 2;
	assert_in_range(dead_at(&h, INT64_MAX, 0), played.data + GATEWAY_UNHEARD_MS,
	    played.data + GATEWAY_UNHEARD_MS + GATEWAY_LISTEN_MS);
}

/* No room there for a while: that is no silence, and what goes when there is room is looked after. */
static void test_waits(void **unused)
{
	struct heard h = {0};
	int64_t went;

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unsent = 1;
	heard_wrote(&h, BEGAN);
	assert_int_equal(dead_at(&h, BEGAN + INT64_C(2) * GATEWAY_UNHEARD_MS, 0), 0);
	assert_true(h.look_ms != 0);
	went = played.now;
	played.unsent = 0;
	played.unacked = 1;
	assert_in_range(dead_at(&h, INT64_MAX, 0), went + GATEWAY_UNHEARD_MS,
	    went + GATEWAY_UNHEARD_MS + GATEWAY_LISTEN_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dead),
	    cmocka_unit_test(test_alive),
	    cmocka_unit_test(test_nothing_on_its_way),
	    cmocka_unit_test(test_speaks),
	    cmocka_unit_test(test_waits),
	};

	return cmocka_run_group_tests_name("gateway_heard", tests, NULL, NULL);
}
