/*
 * Goal: when a connection counts as dead, with what the system says of it played.
 *  - in doubt after GATEWAY_DOUBT_MS of the same silence, and not any more once something comes
 *  - octets of ours without an acknowledgement for GATEWAY_UNHEARD_MS, counted from when they were written
 *  - not while anything comes, however long the same hole is being mended; nor for the silence before they were written
 *  - what has been acknowledged, or cannot be known, is not looked after; what is still to go is, from when it goes
 *  - one that was in doubt is behind until half of what was on its way then is acknowledged, whatever is heard of it
 *  - in doubt too where what came waits for a packet before it, for GATEWAY_DOUBT_MS; not where nothing waits, or it comes
 *  - clogged where what is on its way takes GATEWAY_CLOGGED_MS at the pace of the last seconds, and is more than GATEWAY_CLOGGED_OCTETS;
 *    there is no room for files before that, where it takes GATEWAY_DOUBT_MS and is more than GATEWAY_UNSENT_OCTETS, and from half of
 *    that on room for so much more alone;
 *    not where it takes less, nor while what was written at once begins to come, nor where none of it is of a file, or no more
 *  - all of that later where a round trip takes seconds, which is not believed beyond GATEWAY_FAR_MS
 *  - as long as something is waited for, questions of the system's that have no answer count as octets of ours, from
 *    when something was heard last; but for the question whether there is room, which the system asks ever more seldom
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/gateway/limits.h"

/* Alone, so that what it calls can be played. */
#include "daemon/gateway/heard.c" /* NOLINT(bugprone-suspicious-include) */

#define FD 7
#define OCTETS 1000 /* of a packet */
#define BEGAN INT64_C(1000000)

static const struct gateway_times times = {
    .doubt_ms = GATEWAY_DOUBT_MS, .listen_ms = GATEWAY_LISTEN_MS};

static struct {
	unsigned unacked, probes;
	bool waits;
	int unsent;
	int64_t now, ack, data; /* of the last acknowledgement; of the last octets that came */
	uint64_t sent, again,
	    acked; /* octets: in all, of them such as were sent again, acknowledged */
	unsigned sacked; /* packets of those without an acknowledgement that came, behind a hole */
	uint32_t delivered; /* packets */
	uint64_t came; /* octets in their order */
	uint32_t early; /* packets before their turn */
	bool unknown;
	uint32_t trip_us;
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
	info.tcpi_sacked = played.sacked;
	info.tcpi_snd_mss = OCTETS;
	info.tcpi_delivered = played.delivered;
	info.tcpi_probes = (uint8_t)played.probes;
	info.tcpi_bytes_sent = played.sent;
	info.tcpi_bytes_retrans = played.again;
	info.tcpi_bytes_acked = played.acked;
	info.tcpi_min_rtt = played.trip_us;
	info.tcpi_bytes_received = played.came;
	info.tcpi_rcv_ooopack = played.early;
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

/* It is looked at each time until it is found so, or nothing is on its way: when. */
static int64_t found_at(struct heard *h, enum heard_state wanted, int64_t until, int64_t ack_each)
{
	while (h->look_ms != 0 && h->look_ms < until) {
		played.now = h->look_ms;
		if (ack_each != 0)
			played.ack = played.now - played.now % ack_each;
		if (heard_look(h, FD, played.waits, &times, played.now) == wanted)
			return played.now;
	}
	return 0;
}

static int64_t dead_at(struct heard *h, int64_t until, int64_t ack_each)
{
	return found_at(h, HEARD_DEAD, until, ack_each);
}

static void test_dead(void **unused)
{
	struct heard h = {0};

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unacked = 1;
	played.ack = BEGAN - 3600000; /* an hour of silence before does not count */
	heard_wrote(&h, &times, BEGAN);
	heard_wrote(&h, &times,
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
	heard_wrote(&h, &times, BEGAN);
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
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(dead_at(&h, INT64_MAX, 0), 0);
	assert_int_equal(h.look_ms, 0);
	played.unacked = 1;
	played.unknown = true;
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(dead_at(&h, INT64_MAX, 0), 0);
	played.unknown = false; /* the next octets count from when they are written */
	heard_wrote(&h, &times, 2 * BEGAN);
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
	heard_wrote(&h, &times, BEGAN);
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
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(dead_at(&h, BEGAN + INT64_C(2) * GATEWAY_UNHEARD_MS, 0), 0);
	assert_true(h.look_ms != 0);
	went = played.now;
	played.unsent = 0;
	played.unacked = 1;
	assert_in_range(dead_at(&h, INT64_MAX, 0), went + GATEWAY_UNHEARD_MS,
	    went + GATEWAY_UNHEARD_MS + GATEWAY_LISTEN_MS);
}

static void test_doubt(void **unused)
{
	struct heard h = {0};
	int64_t doubted;

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unacked = 1;
	heard_wrote(&h, &times, BEGAN);
	doubted = found_at(&h, HEARD_DOUBT, INT64_MAX, 0);
	assert_in_range(
	    doubted, BEGAN + GATEWAY_DOUBT_MS, BEGAN + GATEWAY_DOUBT_MS + GATEWAY_LISTEN_MS);
	played.ack = doubted + 1; /* late, and alive */
	played.now = h.look_ms;
	assert_int_equal(heard_look(&h, FD, false, &times, played.now), HEARD_ALIVE);
	assert_in_range(found_at(&h, HEARD_DOUBT, INT64_MAX, 0), played.ack + GATEWAY_DOUBT_MS,
	    played.ack + GATEWAY_DOUBT_MS + GATEWAY_LISTEN_MS);
}

static void test_behind(void **unused)
{
	struct heard h = {0};

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unacked = 9;
	played.sent = 11000;
	played.again = 1000;
	played.acked = 2000;
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(found_at(&h, HEARD_DOUBT, BEGAN + GATEWAY_DOUBT_MS, 0), 0);
	assert_false(heard_behind(&h));
	assert_true(found_at(&h, HEARD_DOUBT, INT64_MAX, 0) != 0);
	assert_true(heard_behind(&h));
	for (played.acked = 5999; played.acked <= 6000; played.acked++) {
		played.sent = 15000; /* what was sent since does not count */
		played.ack = played.now = h.look_ms;
		assert_true(heard_behind(&h));
		assert_int_equal(heard_look(&h, FD, false, &times, played.now), HEARD_ALIVE);
	}
	assert_false(heard_behind(&h));
	assert_true(found_at(&h, HEARD_DOUBT, INT64_MAX, 0) != 0);
	assert_true(heard_behind(&h));
	played.unacked = 0;
	assert_int_equal(heard_look(&h, FD, false, &times, h.look_ms), HEARD_ALIVE);
	assert_false(heard_behind(&h));
}

/* It died while nothing went: what is written then is in doubt at the first look. */
static void test_died(void **unused)
{
	struct heard h = {0};

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unacked = 1;
	played.probes = 1;
	played.ack = BEGAN - GATEWAY_DOUBT_MS;
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(found_at(&h, HEARD_DOUBT, INT64_MAX, 0), BEGAN + GATEWAY_LISTEN_MS);
	h = (struct heard){0};
	played.probes = 0;
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(found_at(&h, HEARD_DOUBT, INT64_MAX, 0), BEGAN + GATEWAY_DOUBT_MS);
}

/* There was no room for long, and the system asks again whether there is. */
static void test_asks_for_room(void **unused)
{
	struct heard h = {0};

	(void)unused;
	memset(&played, 0, sizeof played);
	played.unsent = 1;
	heard_wrote(&h, &times, BEGAN);
	played.now = BEGAN + INT64_C(3) * GATEWAY_UNHEARD_MS;
	assert_int_equal(heard_look(&h, FD, true, &times, played.now), HEARD_ALIVE);
	played.probes = 1;
	played.now = h.look_ms;
	assert_int_equal(heard_look(&h, FD, true, &times, played.now), HEARD_ALIVE);
	played.unsent = 0;
	assert_int_equal(heard_look(&h, FD, true, &times, played.now), HEARD_DEAD);
}

/* All has been acknowledged, and an answer is waited for. */
static void test_asked(void **unused)
{
	struct heard h = {0};
	int64_t asked;

	(void)unused;
	memset(&played, 0, sizeof played);
	played.waits = true;
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(found_at(&h, HEARD_DOUBT, BEGAN + INT64_C(3) * GATEWAY_UNHEARD_MS, 0), 0);
	assert_true(h.look_ms != 0);
	asked = played.now;
	played.ack = played.now;
	played.probes = 1;
	assert_in_range(found_at(&h, HEARD_DOUBT, INT64_MAX, 0), asked + GATEWAY_DOUBT_MS,
	    asked + GATEWAY_DOUBT_MS + GATEWAY_LISTEN_MS);
	assert_in_range(dead_at(&h, INT64_MAX, 0), asked + GATEWAY_UNHEARD_MS,
	    asked + GATEWAY_UNHEARD_MS + GATEWAY_LISTEN_MS);
	played.probes = 0; /* it was answered */
	played.waits = false;
	assert_int_equal(found_at(&h, HEARD_DOUBT, INT64_MAX, 0), 0);
	assert_int_equal(h.look_ms, 0);
}

/* All of ours is acknowledged. */
static void test_lacks(void **unused)
{
	const int64_t trips[] = {0, 1000, 10000};
	struct heard h;

	(void)unused;
	for (size_t i = 0; i < sizeof trips / sizeof trips[0]; i++) {
		const int64_t far_ms = GATEWAY_TRIPS_LACKS * trips[i],
			      doubt_ms = far_ms > GATEWAY_DOUBT_MS ? far_ms : GATEWAY_DOUBT_MS;
		int64_t hole;

		memset(&played, 0, sizeof played);
		played.waits = true;
		played.trip_us = (uint32_t)trips[i] * 1000;
		played.came = 100;
		played.early = 7;
		h = (struct heard){0};
		heard_wrote(&h, &times, BEGAN);
		assert_int_equal(
		    found_at(&h, HEARD_DOUBT, BEGAN + INT64_C(3) * GATEWAY_UNHEARD_MS, 0), 0);
		played.early++;
		hole = h.look_ms;
		assert_int_equal(found_at(&h, HEARD_DOUBT, hole + doubt_ms, 0), 0);
		assert_false(heard_lacks(&h));
		assert_int_equal(
		    found_at(&h, HEARD_DOUBT, hole + 2 * doubt_ms, 0), hole + doubt_ms);
		assert_true(heard_lacks(&h));
		played.came = 200; /* it came, and the one behind the next as well */
		played.early++;
		assert_int_equal(found_at(&h, HEARD_DOUBT, played.now + 2 * doubt_ms, 0), 0);
		assert_false(heard_lacks(&h));
	}
}

/* So many packets come at each look, of PER_LOOK and then of the last for good: when it is found clogged. */
static int64_t clogged_at(struct heard *h, int64_t until, const uint32_t *per_look)
{
	while (h->look_ms < until) {
		played.ack = played.now = h->look_ms;
		played.delivered += *per_look;
		per_look += per_look[1] != UINT32_MAX;
		if (heard_look(h, FD, false, &times, played.now) == HEARD_CLOGGED)
			return played.now;
	}
	return 0;
}

#define PACES(...) \
	(const uint32_t[]) \
	{ \
		__VA_ARGS__, UINT32_MAX \
	}

/* It brings 100 packets a second, and then so much less that those on their way take so long. file: something of one is among them. */
static int64_t slow_with(bool file, int64_t ms, uint64_t octets, uint32_t trip_ms)
{
	struct heard h = {0};
	int64_t slow;

	memset(&played, 0, sizeof played);
	played.unacked = 300;
	played.sacked = 300 - (unsigned)(ms / GATEWAY_LISTEN_MS);
	played.sent = octets;
	played.trip_us = trip_ms * 1000;
	heard_wrote(&h, &times, BEGAN);
	if (file)
		heard_file(&h, 1);
	slow = BEGAN + INT64_C(60) * GATEWAY_LISTEN_MS;
	assert_int_equal(clogged_at(&h, slow, PACES(100)), 0);
	slow = clogged_at(&h, slow + 2 * ms, PACES(1));
	return slow == 0 ? 0 : slow - BEGAN - INT64_C(60) * GATEWAY_LISTEN_MS;
}

static int64_t slow_for(int64_t ms, uint64_t octets, uint32_t trip_ms)
{
	return slow_with(true, ms, octets, trip_ms);
}

/* A message would go again from its first octet on the next connection: all of it is waited for. */
static void test_clogged_by_messages(void **unused)
{
	struct heard h = {0};
	int64_t until = BEGAN + INT64_C(60) * GATEWAY_LISTEN_MS;

	(void)unused;
	assert_int_equal(slow_with(false, GATEWAY_CLOGGED_MS, GATEWAY_CLOGGED_OCTETS + 1, 1600), 0);
	memset(&played, 0, sizeof played);
	played.unacked = 300;
	played.sent = 1000;
	heard_wrote(&h, &times, BEGAN);
	heard_file(&h, 1);
	assert_int_equal(clogged_at(&h, until, PACES(100)), 0);
	played.acked = 999;
	played.sent = 1000 + GATEWAY_CLOGGED_OCTETS;
	assert_true(clogged_at(&h, until + INT64_C(60) * GATEWAY_LISTEN_MS, PACES(1)) != 0);
	played.acked = 1000;
	played.sent++;
	assert_int_equal(clogged_at(&h, until + INT64_C(120) * GATEWAY_LISTEN_MS, PACES(1)), 0);
}

static void test_clogged(void **unused)
{
	struct heard h = {0};

	(void)unused;
	assert_in_range(slow_for(GATEWAY_CLOGGED_MS, GATEWAY_CLOGGED_OCTETS + 1, 1600),
	    GATEWAY_DOUBT_MS / 2, INT64_C(2) * GATEWAY_DOUBT_MS);
	assert_int_equal(slow_for(GATEWAY_CLOGGED_MS, GATEWAY_CLOGGED_OCTETS, 1600), 0);
	assert_int_equal(
	    slow_for(GATEWAY_CLOGGED_MS - GATEWAY_LISTEN_MS, GATEWAY_CLOGGED_OCTETS + 1, 1600), 0);
	assert_int_equal(slow_for(79000, GATEWAY_CLOGGED_OCTETS + 1, 10000), 0);
	assert_in_range(slow_for(80000, GATEWAY_CLOGGED_OCTETS + 1, 10000), 20000, 50000);
	memset(&played, 0, sizeof played);
	played.unacked = 300;
	played.sent = 300000;
	played.trip_us = 2000000;
	heard_wrote(&h, &times, BEGAN);
	heard_file(&h, 1);
	assert_int_equal(
	    clogged_at(&h, BEGAN + INT64_C(60) * GATEWAY_LISTEN_MS, PACES(0, 0, 1, 100)), 0);
}

/* So many packets are on their way, of which 10 come a second: there is room for so many octets of files until the next look. */
static void has_room(unsigned packets, uint64_t on_its_way, uint32_t trip_ms, size_t octets)
{
	struct heard h = {0};

	memset(&played, 0, sizeof played);
	played.unacked = packets;
	played.sent = on_its_way;
	played.trip_us = trip_ms * 1000;
	assert_true(heard_has_room(&h)); /* nothing is known yet */
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(clogged_at(&h, BEGAN + INT64_C(60) * GATEWAY_LISTEN_MS, PACES(10)), 0);
	assert_int_equal(heard_has_room(&h), octets > 0);
	heard_file(&h, octets);
	assert_int_equal(heard_has_room(&h), octets == SIZE_MAX);
}

static void test_room(void **unused)
{
	(void)unused;
	has_room(29, GATEWAY_UNSENT_OCTETS, 1000, SIZE_MAX);
	has_room(30, GATEWAY_UNSENT_OCTETS, 1000, 30UL * OCTETS);
	has_room(59, GATEWAY_UNSENT_OCTETS, 1000, OCTETS);
	has_room(60, GATEWAY_UNSENT_OCTETS, 1000, 0);
	has_room(60, GATEWAY_UNSENT_OCTETS - 100, 1000, 100);
	has_room(79, GATEWAY_UNSENT_OCTETS, 2000, OCTETS);
	has_room(80, GATEWAY_UNSENT_OCTETS, 2000, 0);
}

static void far(uint32_t trip_us, int64_t doubt_ms, int64_t dead_ms)
{
	struct heard h = {0};

	memset(&played, 0, sizeof played);
	played.unacked = 1;
	played.trip_us = trip_us;
	heard_wrote(&h, &times, BEGAN);
	assert_int_equal(found_at(&h, HEARD_DOUBT, INT64_MAX, 0), BEGAN + doubt_ms);
	assert_int_equal(dead_at(&h, INT64_MAX, 0), BEGAN + dead_ms);
	assert_int_equal(
	    heard_trip_ms(FD), doubt_ms == GATEWAY_DOUBT_MS ? trip_us / 1000 : doubt_ms / 2);
}

static void test_far(void **unused)
{
	(void)unused;
	far(1600000, GATEWAY_DOUBT_MS, GATEWAY_UNHEARD_MS);
	far(10000000, 20000, 40000);
	far(UINT32_MAX - 1, INT64_C(2) * GATEWAY_FAR_MS, INT64_C(4) * GATEWAY_FAR_MS);
	memset(&played, 0, sizeof played);
	played.trip_us = UINT32_MAX; /* the system has not seen one */
	assert_int_equal(heard_trip_ms(FD), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_dead),
	    cmocka_unit_test(test_alive),
	    cmocka_unit_test(test_nothing_on_its_way),
	    cmocka_unit_test(test_speaks),
	    cmocka_unit_test(test_waits),
	    cmocka_unit_test(test_doubt),
	    cmocka_unit_test(test_asked),
	    cmocka_unit_test(test_behind),
	    cmocka_unit_test(test_lacks),
	    cmocka_unit_test(test_clogged),
	    cmocka_unit_test(test_clogged_by_messages),
	    cmocka_unit_test(test_room),
	    cmocka_unit_test(test_died),
	    cmocka_unit_test(test_far),
	    cmocka_unit_test(test_asks_for_room),
	};

	return cmocka_run_group_tests_name("gateway_heard", tests, NULL, NULL);
}
