/*
 * line - a thin and bad line between two networks of our own: rate, delay, loss and cuts, the same in both
 * directions, from a seed that it prints.
 *
 *   line [--rate BIT/S] [--delay MS] [--loss PERCENT] [--queue OCTETS] [--cut-every S --cut-for S] [--redial]
 *        [--one-way | --cut-loss PERCENT | --cut-delay MS] [--forget S] [--narrow OCTETS] [--seed N] [--tun DEVICE]
 *
 * delay is one way: the round trip has it twice, and what waits in the queue besides. A packet that finds the
 * queue full is dropped. A cut drops what is under way and all that comes while it lasts, without a word to
 * anybody; with redial also whatever belongs to a TCP connection that began before it, as where the line comes back
 * with another address. The n-th cut begins n times cut-every after the start.
 *
 * A cut may be less than that: one-way drops what goes one way alone, by turns the one and the other; cut-loss and
 * cut-delay are the loss and the delay while it lasts. Packets never overtake each other.
 *
 * forget: as where addresses are translated, a TCP connection on which nothing went for so long is none any more, and
 * what is sent on it later is dropped. narrow: packets of more octets are dropped. Both without a word to anybody.
 *
 * Prints "ready" when both networks are there, and at SIGTERM what became of all packets; SIGUSR1 prints it meanwhile.
 * Ends with 77 and a reason if the machine lets us have no such networks.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/test/line/net.h"

#define FORBIDDEN 77
#define PACKETS 8192 /* under way in one direction */
#define NS INT64_C(1000000000)
#define PORTS 65536
#define IP_TCP 6
#define IP_TCP_MIN 40 /* both headers */
#define TCP_SYN 0x02
#define TCP_ACK 0x10

struct packet {
	int64_t leaves,
	    arrives; /* monotonic ns: the last bit goes onto the line, comes out of it */
	size_t len;
	bool lost;
	uint8_t octets[NET_MTU];
};

struct count {
	uint64_t came, delivered, lost, full, cut, stale, forgotten, wide, octets;
};

/* One way through the line. */
struct way {
	int from, to; /* the devices */
	struct packet ring[PACKETS];
	size_t first, n;
	int64_t free_at; /* the transmitter's */
	struct count count;
};

/* Of a TCP connection, by the port of the side that began it: between which cuts, and when something went last. */
struct flow {
	uint16_t server;
	uint32_t since;
	bool forgotten;
	int64_t went;
};

static struct {
	int64_t rate, delay, cut_every, cut_for, cut_delay,
	    forget; /* bit/s; ns; delay of a cut: -1 as else; forget: 0 never */
	double loss, cut_loss; /* of a cut: -1 as else */
	size_t queue, narrow;
	bool redial, one_way;
	uint64_t seed;
	const char *tun;
} config = {.rate = 128000,
    .delay = 800 * (NS / 1000),
    .cut_delay = -1,
    .loss = 5,
    .cut_loss = -1,
    .queue = 32768,
    .narrow = NET_MTU,
    .seed = 1,
    .tun = "/dev/net/tun"};

static struct way ways[NET_SIDES];
static struct flow flows[NET_SIDES][PORTS];
static uint64_t dice;
static uint32_t cuts; /* so far, from 1 */
static bool is_cut;
static int64_t began;
static volatile sig_atomic_t ending, asked;

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

/* From 0 to below 1: splitmix64. */
static double roll(void)
{
	uint64_t z = dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ (z >> 31)) >> 11) / (double)(UINT64_C(1) << 53);
}

/* --- cuts ------------------------------------------------------------------------------------- */

static void drop_all(struct way *w)
{
	w->count.cut += w->n;
	w->n = 0;
	w->free_at = 0;
}

/* Is it one that drops what comes in at that side? */
static bool drops(int side)
{
	return config.cut_loss < 0 && config.cut_delay < 0 &&
	       (!config.one_way || (cuts + (unsigned)side) % NET_SIDES == 0);
}

/* What is so at this instant. Returns when it changes next. */
static int64_t look_at_cuts(int64_t now)
{
	int64_t nth, at;

	if (config.cut_every == 0)
		return INT64_MAX;
	nth = (now - began) / config.cut_every;
	at = began + nth * config.cut_every;
	if (nth > 0 && nth >= cuts) {
		cuts = (uint32_t)nth + 1;
		for (int side = 0; side < NET_SIDES; side++)
			if (drops(side))
				drop_all(&ways[side]);
	}
	is_cut = nth > 0 && now < at + config.cut_for;
	return is_cut ? at + config.cut_for : at + config.cut_every;
}

static uint16_t port_at(const uint8_t *octets)
{
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

/* Of the connection to which it belongs, from either side; NULL: none that is known. One that begins is noted. */
static struct flow *flow_of(int side, const struct packet *p, int64_t now)
{
	const uint8_t *tcp = p->octets + (size_t)(p->octets[0] & 0x0f) * 4;
	struct flow *ours, *theirs;

	if (p->len < IP_TCP_MIN || p->octets[9] != IP_TCP || tcp + 20 > p->octets + p->len)
		return NULL;
	ours = &flows[side][port_at(tcp)];
	theirs = &flows[1 - side][port_at(tcp + 2)];
	if ((tcp[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		*ours = (struct flow){.server = port_at(tcp + 2), .since = cuts, .went = now};
	if (ours->server == port_at(tcp + 2))
		return ours;
	return theirs->server == port_at(tcp) ? theirs : NULL;
}

static bool is_forgotten(struct flow *f, int64_t now)
{
	if (f == NULL || config.forget == 0)
		return false;
	f->forgotten = f->forgotten || now > f->went + config.forget;
	f->went = now;
	return f->forgotten;
}

/* --- packets ---------------------------------------------------------------------------------- */

static size_t queued(const struct way *w, int64_t now)
{
	size_t octets = 0;

	for (size_t i = w->n; i > 0; i--) {
		const struct packet *p = &w->ring[(w->first + i - 1) % PACKETS];

		if (p->leaves <= now)
			break;
		octets += p->len;
	}
	return octets;
}

static void take(struct way *w, int side, struct packet *p, int64_t now)
{
	double loss = is_cut && config.cut_loss >= 0 ? config.cut_loss : config.loss;
	int64_t delay = is_cut && config.cut_delay >= 0 ? config.cut_delay : config.delay;
	struct flow *f = flow_of(side, p, now);

	w->count.came++;
	if (is_cut && drops(side)) {
		w->count.cut++;
	} else if (config.redial && f != NULL && f->since != cuts) {
		w->count.stale++;
	} else if (is_forgotten(f, now)) {
		w->count.forgotten++;
	} else if (p->len > config.narrow) {
		w->count.wide++;
	} else if (w->n == PACKETS || queued(w, now) + p->len > config.queue) {
		w->count.full++;
	} else {
		if (w->free_at < now)
			w->free_at = now;
		w->free_at += (int64_t)p->len * 8 * NS / config.rate;
		p->leaves = w->free_at;
		p->arrives = p->leaves + delay;
		p->lost = roll() * 100 < loss;
		w->n++;
	}
}

static void read_all(struct way *w, int side, int64_t now)
{
	static struct packet spare; /* one too many: counted and forgotten */
	struct packet *p;
	ssize_t n;

	for (;;) {
		p = w->n < PACKETS ? &w->ring[(w->first + w->n) % PACKETS] : &spare;
		n = read(w->from, p->octets, sizeof p->octets);
		if (n <= 0)
			return;
		if (p->octets[0] >> 4 != 4)
			continue; /* what IPv6 says to itself */
		p->len = (size_t)n;
		take(w, side, p, now);
	}
}

/* Returns when the next one comes out. */
static int64_t give(struct way *w, int64_t now)
{
	for (; w->n > 0; w->n--, w->first = (w->first + 1) % PACKETS) {
		const struct packet *p = &w->ring[w->first];

		if (p->arrives > now)
			return p->arrives;
		if (p->lost || write(w->to, p->octets, p->len) < 0) {
			w->count.lost++;
			continue;
		}
		w->count.delivered++;
		w->count.octets += p->len;
	}
	return INT64_MAX;
}

static void report(void)
{
	for (int side = 0; side < NET_SIDES; side++) {
		const struct count *c = &ways[side].count;

		printf("from %s: %" PRIu64 " packets, %" PRIu64 " delivered (%" PRIu64
		       " octets), %" PRIu64 " lost, %" PRIu64 " queue full, %" PRIu64
		       " cut, %" PRIu64 " of before a cut, %" PRIu64 " forgotten, %" PRIu64
		       " too wide\n",
		    net_address[side], c->came, c->delivered, c->octets, c->lost, c->full, c->cut,
		    c->stale, c->forgotten, c->wide);
	}
	fflush(stdout);
}

/* --- the program ------------------------------------------------------------------------------ */

static void on_signal(int number)
{
	if (number == SIGUSR1)
		asked = 1;
	else
		ending = 1;
}

static void run(void)
{
	struct pollfd ends[NET_SIDES] = {{ways[0].from, POLLIN, 0}, {ways[1].from, POLLIN, 0}};
	sigset_t none, all;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	while (!ending) {
		int64_t now = now_ns(), next = look_at_cuts(now), wait;
		struct timespec t;

		for (int side = 0; side < NET_SIDES; side++) {
			read_all(&ways[side], side, now);
			wait = give(&ways[side], now);
			next = wait < next ? wait : next;
		}
		if (asked != 0)
			report();
		asked = 0;
		wait = next == INT64_MAX ? NS : next - now;
		t = (struct timespec){wait / NS, wait % NS};
		(void)ppoll(ends, NET_SIDES, &t, &none);
	}
}

static bool take_option(int option, const char *value)
{
	switch (option) {
	case 'r':
		config.rate = strtoll(value, NULL, 10);
		return config.rate > 0;
	case 'd':
		config.delay = strtoll(value, NULL, 10) * (NS / 1000);
		return config.delay >= 0;
	case 'l':
		config.loss = strtod(value, NULL);
		return config.loss >= 0 && config.loss <= 100;
	case 'q':
		config.queue = strtoul(value, NULL, 10);
		return config.queue >= NET_MTU;
	case 'e':
		config.cut_every = strtoll(value, NULL, 10) * NS;
		return config.cut_every > 0;
	case 'f':
		config.cut_for = strtoll(value, NULL, 10) * NS;
		return config.cut_for > 0;
	case 'R':
		config.redial = true;
		return true;
	case 'o':
		config.one_way = true;
		return true;
	case 'L':
		config.cut_loss = strtod(value, NULL);
		return config.cut_loss >= 0 && config.cut_loss <= 100;
	case 'D':
		config.cut_delay = strtoll(value, NULL, 10) * (NS / 1000);
		return config.cut_delay >= 0;
	case 'g':
		config.forget = strtoll(value, NULL, 10) * NS;
		return config.forget > 0;
	case 'n':
		config.narrow = strtoul(value, NULL, 10);
		return config.narrow >= IP_TCP_MIN;
	case 's':
		config.seed = strtoull(value, NULL, 10);
		return true;
	case 't':
		config.tun = value;
		return true;
	default:
		return false;
	}
}

static bool take_options(int argc, char **argv)
{
	static const struct option options[] = {{"rate", required_argument, NULL, 'r'},
	    {"delay", required_argument, NULL, 'd'}, {"loss", required_argument, NULL, 'l'},
	    {"queue", required_argument, NULL, 'q'}, {"cut-every", required_argument, NULL, 'e'},
	    {"cut-for", required_argument, NULL, 'f'}, {"redial", no_argument, NULL, 'R'},
	    {"one-way", no_argument, NULL, 'o'}, {"cut-loss", required_argument, NULL, 'L'},
	    {"cut-delay", required_argument, NULL, 'D'}, {"seed", required_argument, NULL, 's'},
	    {"forget", required_argument, NULL, 'g'}, {"narrow", required_argument, NULL, 'n'},
	    {"tun", required_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_option(option, optarg))
			return false;
	if (config.one_way + (config.cut_loss >= 0) + (config.cut_delay >= 0) >
	    (config.cut_every > 0))
		return false;
	return optind == argc && config.cut_for < config.cut_every + (config.cut_every == 0) &&
	       (config.cut_every == 0) == (config.cut_for == 0);
}

int main(int argc, char **argv)
{
	const struct sigaction act = {.sa_handler = on_signal};
	int tun[NET_SIDES];
	const char *what;

	if (!take_options(argc, argv)) {
		fprintf(stderr,
		    "line: wrong options; the head of daemon/test/line/line.c lists them\n");
		return EXIT_FAILURE;
	}
	if (net_make(tun, config.tun, &what) != 0) {
		fprintf(
		    stderr, "line: this machine does not give us %s: %s\n", what, strerror(errno));
		return FORBIDDEN;
	}
	for (int side = 0; side < NET_SIDES; side++) {
		ways[side].from = tun[side];
		ways[side].to = tun[1 - side];
	}
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGUSR1, &act, NULL);
	dice = config.seed;
	began = now_ns();
	printf("ready: seed %" PRIu64 ", %" PRId64 " bit/s, %" PRId64 " ms each way, %g %% lost\n",
	    config.seed, config.rate, config.delay / (NS / 1000), config.loss);
	fflush(stdout);
	run();
	report();
	return EXIT_SUCCESS;
}
