/*
 * probe - measures a line from both its ends: packets of its own, or octets over plain TCP.
 *
 *   probe datagrams PID COUNT LENGTH GAP-MS   "sent N, came N, delay ms: least N, middle N, most N; bit/s N"
 *   probe stream PID OCTETS [CONGESTION]      "OCTETS octets in N ms, by CONGESTION": from the first SYN to the last octet
 *
 * PID is that of the line. Both ends have one clock, so that the delay is one way. A stream is given up after ten minutes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/test/line/net.h"

#define NS INT64_C(1000000000)
#define MS INT64_C(1000000)
#define PORT 9999
#define SILENCE_MS 1500 /* after which nothing more is awaited */
#define STREAM_MS INT64_C(600000)
#define HEADERS 28 /* IP and UDP: what the line carries besides */
#define DATAGRAM_MAX (NET_MTU - HEADERS)
#define COUNT_MAX 20000
#define PIECE 65536
#define PATH_TEXT 64
#define NAME_TEXT 16

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

static void give_up(const char *what)
{
	fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void enter(const char *pid, int side)
{
	char path[PATH_TEXT];
	int fd;

	snprintf(path, sizeof path, "/proc/%s/fd/%d", pid, NET_FD + side);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || net_enter(fd) != 0)
		give_up(path);
	close(fd);
}

static struct sockaddr_in address_of(int side)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(PORT)};

	(void)inet_pton(AF_INET, net_address[side], &a.sin_addr);
	return a;
}

/* A socket of that side, bound to its address there; to the port at side 1. */
static int socket_of(const char *pid, int side, int type)
{
	struct sockaddr_in a = address_of(side);
	int fd, large = 4 << 20, one = 1;

	if (side == 0)
		a.sin_port = 0;
	enter(pid, side);
	fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0)
		give_up("socket");
	if (type == SOCK_DGRAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &large, sizeof large);
	return fd;
}

/* --- datagrams -------------------------------------------------------------------------------- */

struct tally {
	int64_t delays[COUNT_MAX];
	size_t came, octets;
	int64_t first, last;
};

static int by_delay(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Take what is there; within wait ms. */
static bool take(int fd, struct tally *t, int64_t wait)
{
	struct pollfd p = {fd, POLLIN, 0};
	uint8_t octets[DATAGRAM_MAX];
	int64_t sent;
	ssize_t n;

	if (poll(&p, 1, (int)wait) <= 0)
		return false;
	n = recv(fd, octets, sizeof octets, 0);
	if (n < (ssize_t)sizeof sent || t->came == COUNT_MAX)
		return true;
	memcpy(&sent, octets, sizeof sent);
	t->last = now_ns();
	if (t->came == 0)
		t->first = t->last;
	else
		t->octets += (size_t)n + HEADERS; /* of those behind the first */
	t->delays[t->came++] = t->last - sent;
	return true;
}

static int datagrams(const char *pid, unsigned count, size_t len, int64_t gap)
{
	static struct tally t;
	uint8_t octets[DATAGRAM_MAX] = {0};
	struct sockaddr_in there = address_of(1);
	int in = socket_of(pid, 1, SOCK_DGRAM), out = socket_of(pid, 0, SOCK_DGRAM);
	int64_t next = now_ns();

	for (unsigned i = 0; i < count; i++, next += gap * MS) {
		int64_t now = now_ns();

		while (now < next || gap == 0) {
			if (!take(in, &t, gap == 0 ? 0 : (next - now) / MS))
				break;
			now = now_ns();
		}
		now = now_ns();
		memcpy(octets, &now, sizeof now);
		if (sendto(out, octets, len, 0, (struct sockaddr *)&there, sizeof there) < 0)
			give_up("sendto");
	}
	while (take(in, &t, SILENCE_MS))
		;
	if (t.came == 0)
		give_up("nothing came");
	qsort(t.delays, t.came, sizeof t.delays[0], by_delay);
	printf("sent %u, came %zu, delay ms: least %" PRId64 ", middle %" PRId64 ", most %" PRId64
	       "; bit/s %" PRId64 "\n",
	    count, t.came, t.delays[0] / MS, t.delays[t.came / 2] / MS, t.delays[t.came - 1] / MS,
	    t.last > t.first ? (int64_t)t.octets * 8 * NS / (t.last - t.first) : 0);
	return EXIT_SUCCESS;
}

/* --- a stream --------------------------------------------------------------------------------- */

/* Octets in both directions, as far as they go now; from `out` to `in`. */
static void move(int out, int in, size_t *left, size_t *to_come)
{
	static const uint8_t piece[PIECE];
	static uint8_t sink[PIECE];
	ssize_t n;

	n = *left > 0 ? send(out, piece, *left < PIECE ? *left : PIECE, MSG_DONTWAIT | MSG_NOSIGNAL)
		      : 0;
	if (n > 0)
		*left -= (size_t)n;
	n = recv(in, sink, sizeof sink, MSG_DONTWAIT);
	if (n > 0)
		*to_come -= (size_t)n;
}

static int stream(const char *pid, size_t octets, const char *congestion)
{
	struct sockaddr_in there = address_of(1);
	int listener = socket_of(pid, 1, SOCK_STREAM), out = socket_of(pid, 0, SOCK_STREAM), in;
	char name[NAME_TEXT] = "";
	socklen_t len = sizeof name;
	size_t left = octets, to_come = octets;
	int64_t began;

	if (congestion != NULL && setsockopt(out, IPPROTO_TCP, TCP_CONGESTION, congestion,
				      (socklen_t)strlen(congestion)) != 0)
		give_up(congestion);
	(void)getsockopt(out, IPPROTO_TCP, TCP_CONGESTION, name, &len);
	began = now_ns();
	if (listen(listener, 1) != 0 || connect(out, (struct sockaddr *)&there, sizeof there) != 0)
		give_up("connect");
	in = accept(listener, NULL, NULL);
	while (to_come > 0 && now_ns() < began + STREAM_MS * MS) {
		struct pollfd p[] = {{in, POLLIN, 0}, {left > 0 ? out : -1, POLLOUT, 0}};

		(void)poll(p, 2, 1000);
		move(out, in, &left, &to_come);
	}
	printf("%zu octets in %" PRId64 " ms, by %s\n", octets - to_come, (now_ns() - began) / MS,
	    name);
	return to_come == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "datagrams") == 0) {
		unsigned long count = strtoul(argv[3], NULL, 10), len = strtoul(argv[4], NULL, 10);

		if (count <= COUNT_MAX && len >= sizeof(int64_t) && len <= DATAGRAM_MAX)
			return datagrams(argv[2], (unsigned)count, len, strtoll(argv[5], NULL, 10));
	} else if ((argc == 4 || argc == 5) && strcmp(argv[1], "stream") == 0) {
		return stream(argv[2], strtoul(argv[3], NULL, 10), argc == 5 ? argv[4] : NULL);
	}
	fprintf(
	    stderr, "probe: wrong arguments; the head of daemon/test/line/probe.c lists them\n");
	return EXIT_FAILURE;
}
