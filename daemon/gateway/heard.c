#include "daemon/gateway/heard.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "daemon/gateway/limits.h"

void heard_wrote(struct heard *h, const struct gateway_times *times, int64_t now_ms)
{
	if (h->look_ms != 0)
		return;
	h->since_ms = now_ms;
	h->look_ms = now_ms + times->listen_ms;
}

/* Octets for which the other side has no room yet: they go as soon as it has, and nobody writes anything then. */
static bool has_more(int fd)
{
	int unsent;

	return ioctl(fd, SIOCOUTQNSD, &unsent) == 0 && unsent > 0;
}

/* false: the system does not say it. */
static bool ask_system(int fd, struct tcp_info *info)
{
	socklen_t len = sizeof *info;

	*info = (struct tcp_info){0};
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len) == 0;
}

static uint64_t on_its_way(const struct tcp_info *info)
{
	uint64_t sent = info->tcpi_bytes_sent - info->tcpi_bytes_retrans;

	return sent > info->tcpi_bytes_acked ? sent - info->tcpi_bytes_acked : 0;
}

static int64_t trip_of(const struct tcp_info *info)
{
	const int64_t ms = info->tcpi_min_rtt / 1000;

	if (info->tcpi_min_rtt == UINT32_MAX)
		return 0;
	return ms < GATEWAY_FAR_MS ? ms : GATEWAY_FAR_MS;
}

static bool is_for(int64_t ms, int64_t least_ms, int64_t trips_ms)
{
	return ms >= least_ms && ms >= trips_ms;
}

static enum heard_state silent_for(
    int64_t ms, const struct tcp_info *info, const struct gateway_times *times)
{
	const int64_t trip = trip_of(info);

	if (is_for(ms, GATEWAY_UNHEARD_MS, GATEWAY_TRIPS_UNHEARD * trip))
		return HEARD_DEAD;
	return is_for(ms, times->doubt_ms, GATEWAY_TRIPS_DOUBT * trip) ? HEARD_DOUBT : HEARD_ALIVE;
}

/* A packet that was lost on a bad line comes again long before. */
static void look_at_holes(
    struct heard *h, const struct tcp_info *info, const struct gateway_times *times, int64_t now_ms)
{
	if (info->tcpi_bytes_received != h->came) {
		h->came = info->tcpi_bytes_received;
		h->early = info->tcpi_rcv_ooopack;
		h->hole_ms = 0;
	} else if (h->hole_ms == 0 && info->tcpi_rcv_ooopack != h->early) {
		h->hole_ms = now_ms;
	}
	h->lacks = h->hole_ms != 0 && is_for(now_ms - h->hole_ms, times->doubt_ms,
					  GATEWAY_TRIPS_LACKS * trip_of(info));
}

/* Of the first octets nothing is heard for a round trip: a pace is that of one at least, and one that is slow lasts for another. */
static bool is_trip(int64_t ms, const struct tcp_info *info, const struct gateway_times *times)
{
	return is_for(ms, times->doubt_ms / 4, trip_of(info));
}

static void mark(
    struct heard *h, const struct tcp_info *info, const struct gateway_times *times, int64_t now_ms)
{
	if (h->marks[1].ms != 0 && !is_trip(now_ms - h->marks[1].ms, info, times))
		return;
	h->marks[0] = h->marks[1];
	h->marks[1] = (struct heard_mark){now_ms, info->tcpi_delivered};
}

/* How long what is on its way takes at the pace since the first mark; 0: that is not known. */
static int64_t takes_ms(const struct heard *h, const struct tcp_info *info, int64_t now_ms)
{
	const uint32_t came = info->tcpi_delivered - h->marks[0].packets;
	const int64_t to_come = (int64_t)info->tcpi_unacked - info->tcpi_sacked;

	return h->marks[0].ms == 0 || came == 0 ? 0 : to_come * (now_ms - h->marks[0].ms) / came;
}

/* Is something of a file among what is on its way? */
static bool has_file(struct heard *h, const struct tcp_info *info)
{
	if (h->filed)
		h->file_end =
		    info->tcpi_bytes_sent - info->tcpi_bytes_retrans + info->tcpi_notsent_bytes;
	h->filed = false;
	return info->tcpi_bytes_acked < h->file_end;
}

/* The system gives all to the line that it may, at once, and looks are a second apart: so from half of what is enough on it is counted. */
static void bound(
    struct heard *h, const struct tcp_info *info, int64_t takes, int64_t enough_ms, int64_t now_ms)
{
	const uint64_t octets = on_its_way(info),
		       least = octets < GATEWAY_UNSENT_OCTETS ? GATEWAY_UNSENT_OCTETS - octets : 0;
	const uint64_t came =
	    (uint64_t)(info->tcpi_delivered - h->marks[0].packets) * info->tcpi_snd_mss;

	h->bounded = takes > 0 && takes >= enough_ms / 2;
	if (!h->bounded)
		return;
	h->room = takes < enough_ms
		      ? came * (uint64_t)(enough_ms - takes) / (uint64_t)(now_ms - h->marks[0].ms)
		      : 0;
	if (h->room < least)
		h->room = least;
}

static void look_at_pace(
    struct heard *h, const struct tcp_info *info, const struct gateway_times *times, int64_t now_ms)
{
	const int64_t trip = trip_of(info);
	const int64_t enough = GATEWAY_TRIPS_LOADED * trip;
	const bool file = has_file(h, info);
	int64_t takes;

	mark(h, info, times, now_ms);
	takes = takes_ms(h, info, now_ms);
	bound(h, info, takes, enough > times->doubt_ms ? enough : times->doubt_ms, now_ms);
	if (!file || on_its_way(info) <= GATEWAY_CLOGGED_OCTETS ||
	    !is_for(takes, GATEWAY_CLOGGED_MS, GATEWAY_TRIPS_CLOGGED * trip))
		h->slow_ms = 0;
	else if (h->slow_ms == 0)
		h->slow_ms = now_ms;
}

enum heard_state heard_look(
    struct heard *h, int fd, bool waits, const struct gateway_times *times, int64_t now_ms)
{
	struct tcp_info info;
	int64_t ago, heard_ms;
	enum heard_state state;

	/* Where the system does not say it, its own times alone end the connection. */
	if (!ask_system(fd, &info)) {
		h->look_ms = 0;
		return HEARD_ALIVE;
	}
	look_at_holes(h, &info, times, now_ms);
	look_at_pace(h, &info, times, now_ms);
	/* tcpi_probes: questions of the system's that are not answered. */
	if (info.tcpi_unacked == 0 && info.tcpi_probes == 0) {
		h->since_ms = now_ms; /* nothing sent is unheard; more may wait */
		h->owed = 0;
		h->look_ms = waits || has_more(fd) ? now_ms + times->listen_ms : 0;
		return h->lacks ? HEARD_DOUBT : HEARD_ALIVE;
	}
	/* What comes without acknowledging anything new counts for the second alone. */
	ago = info.tcpi_last_ack_recv < info.tcpi_last_data_recv ? info.tcpi_last_ack_recv
								 : info.tcpi_last_data_recv;
	heard_ms = now_ms - ago;
	/* A question that has no answer says that the silence is one, also where nothing had been written; but for one whether
	 * there is room now. */
	if (heard_ms > h->since_ms ||
	    (info.tcpi_probes > 0 && (info.tcpi_unacked > 0 || !has_more(fd))))
		h->since_ms = heard_ms;
	h->look_ms = now_ms + times->listen_ms;
	state = silent_for(now_ms - h->since_ms, &info, times);
	if (h->owed <= info.tcpi_bytes_acked)
		h->owed = 0;
	if (state != HEARD_ALIVE && h->owed == 0)
		h->owed = info.tcpi_bytes_acked + on_its_way(&info) / 2;
	if (state == HEARD_ALIVE && h->lacks)
		state = HEARD_DOUBT;
	if (state == HEARD_ALIVE && h->slow_ms != 0 && is_trip(now_ms - h->slow_ms, &info, times))
		state = HEARD_CLOGGED;
	return state;
}

bool heard_behind(const struct heard *h)
{
	return h->owed != 0;
}

bool heard_has_room(const struct heard *h)
{
	return !h->bounded || h->room > 0;
}

void heard_file(struct heard *h, size_t octets)
{
	h->filed = true;
	h->room -= octets < h->room ? octets : h->room;
}

bool heard_lacks(const struct heard *h)
{
	return h->lacks;
}

struct heard_octets heard_octets(int fd)
{
	struct tcp_info info;

	return ask_system(fd, &info)
		   ? (struct heard_octets){info.tcpi_bytes_acked, info.tcpi_bytes_received}
		   : (struct heard_octets){0};
}

uint64_t heard_rate(int fd)
{
	struct tcp_info info;

	return ask_system(fd, &info) ? info.tcpi_delivery_rate : 0;
}

int64_t heard_data_ago_ms(int fd)
{
	struct tcp_info info;

	return ask_system(fd, &info) ? info.tcpi_last_data_recv : 0;
}

int64_t heard_trip_ms(int fd)
{
	struct tcp_info info;

	return ask_system(fd, &info) ? trip_of(&info) : 0;
}
