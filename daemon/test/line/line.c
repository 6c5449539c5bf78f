/*
 * line - a thin and bad line between two networks of our own: rate, delay, loss and cuts, the same in both
 * directions, from a seed that it prints.
 *
 *   line [--rate BIT/S] [--rate-back BIT/S] [--delay MS] [--jitter MS] [--loss PERCENT] [--twice PERCENT] [--queue OCTETS]
 *        [--cut-every S --cut-for S] [--redial] [--one-way | --cut-loss PERCENT | --cut-delay MS | --cut-rate BIT/S]
 *        [--fall OCTETS]
 *        [--forget S] [--reset S] [--narrow OCTETS [--narrow-from SIDE]] [--seed N] [--tun DEVICE]
 *
 * delay is one way: the round trip has it twice, and what waits in the queue besides. A packet that finds the
 * queue full is dropped. A cut drops what is under way and all that comes while it lasts, without a word to
 * anybody; with redial also whatever belongs to a TCP connection that began before it, as where the line comes back
 * with another address. The n-th cut begins n times cut-every after the start.
 *
 * A cut may be less than that: one-way drops what goes one way alone, by turns the one and the other; cut-loss,
 * cut-delay and cut-rate are the loss, the delay and the rate while it lasts. Packets overtake each other by jitter alone: each takes up to so much
 * longer. twice: of so many a copy comes as well, with a jitter of its own. rate-back: of what side 1 sends.
 *
 * fall: where the side that was called has sent so many octets on a TCP connection, and so many again, a cut begins at the
 * packet that completes them.
 *
 * forget: as where addresses are translated, a TCP connection on which nothing went for so long is none any more, and
 * what is sent on it later is dropped. narrow: packets of more octets are dropped, or those of one side alone. Both without a
 * word to anybody. reset: a TCP connection that is older is reset, towards both sides, at the next octets on it.
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
#define TCP_OCTETS 20 /* of a header without options */
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

struct packet {
	int64_t leaves,
	    arrives; /* monotonic ns: the last bit goes onto the line, comes out of it; in the order of these */
	size_t len;
	bool lost;
	uint8_t octets[NET_MTU];
};

struct count {
	uint64_t came, delivered, lost, full, cut, stale, forgotten, wide, reset, octets;
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
	int64_t went, began;
	uint64_t answered; /* octets, by the side that was called */
};

static struct {
	int64_t rate[NET_SIDES], cut_rate; /* bit/s; of a cut: 0 as else */
	int64_t delay, jitter, cut_every, cut_for, cut_delay, forget,
	    reset; /* ns; delay of a cut: -1 as else; forget, reset: 0 never */
	double loss, twice, cut_loss; /* of a cut: -1 as else */
	size_t queue, narrow;
	uint64_t fall; /* 0: never */
	int narrow_from; /* -1: both */
	bool redial, one_way;
	uint64_t seed;
	const char *tun;
} config = {.rate = {128000, 0},
    .delay = 800 * (NS / 1000),
    .cut_delay = -1,
    .loss = 5,
    .cut_loss = -1,
    .queue = 32768,
    .narrow = NET_MTU,
    .narrow_from = -1,
    .seed = 1,
    .tun = "/dev/net/tun"};

static struct way ways[NET_SIDES];
static struct flow flows[NET_SIDES][PORTS];
static uint64_t dice;
static uint32_t cuts; /* so far, from 1 */
static bool is_cut;
static int64_t began, fallen_until;
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
	return config.cut_loss < 0 && config.cut_delay < 0 && config.cut_rate == 0 &&
	       (!config.one_way || (cuts + (unsigned)side) % NET_SIDES == 0);
}

static void begin_cut(void)
{
	for (int side = 0; side < NET_SIDES; side++)
		if (drops(side))
			drop_all(&ways[side]);
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
		begin_cut();
	}
	is_cut = (nth > 0 && now < at + config.cut_for) || now < fallen_until;
	return now < fallen_until ? fallen_until
	       : is_cut           ? at + config.cut_for
				  : at + config.cut_every;
}

static uint16_t port_at(const uint8_t *octets)
{
	return (uint16_t)(octets[0] << 8 | octets[1]);
}

/* Where its TCP header begins; 0: it is none of TCP. */
static size_t tcp_at(const struct packet *p)
{
	size_t at = (size_t)(p->octets[0] & 0x0f) * 4;

	return p->len < IP_TCP_MIN || p->octets[9] != IP_TCP || at + TCP_OCTETS > p->len ? 0 : at;
}

/* Octets that it carries behind its headers. */
static size_t carries(const struct packet *p)
{
	size_t at = tcp_at(p), head = at == 0 ? p->len : at + (size_t)(p->octets[at + 12] >> 4) * 4;

	return head < p->len ? p->len - head : 0;
}

/* Of the connection to which it belongs, from either side; NULL: none that is known. One that begins is noted. */
static struct flow *flow_of(int side, const struct packet *p, int64_t now)
{
	const uint8_t *tcp = p->octets + tcp_at(p);
	struct flow *ours, *theirs;

	if (tcp_at(p) == 0)
		return NULL;
	ours = &flows[side][port_at(tcp)];
	theirs = &flows[1 - side][port_at(tcp + 2)];
	if ((tcp[13] & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		*ours = (struct flow){
		    .server = port_at(tcp + 2), .since = cuts, .went = now, .began = now};
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

/* Does a cut begin at it? */
static bool falls(int side, const struct packet *p, struct flow *f, int64_t now)
{
	uint64_t before;

	if (config.fall == 0 || f == NULL || is_cut ||
	    f == &flows[side][port_at(p->octets + tcp_at(p))])
		return false;
	before = f->answered;
	f->answered += carries(p);
	if (f->answered / config.fall == before / config.fall)
		return false;
	fallen_until = now + config.cut_for;
	is_cut = true;
	begin_cut();
	return true;
}

/* --- resets ----------------------------------------------------------------------------------- */

static uint32_t sum_of(const uint8_t *octets, size_t len, uint32_t sum)
{
	for (size_t i = 0; i < len; i++)
		sum += (uint32_t)octets[i] << (i % 2 == 0 ? 8 : 0);
	return sum;
}

static void put_sum(uint8_t *at, uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	at[0] = (uint8_t)(~sum >> 8);
	at[1] = (uint8_t)~sum;
}

/* One without options and octets that resets its connection, as from where it comes from. */
static void make_reset(struct packet *p)
{
	uint8_t *tcp = p->octets + IP_TCP_MIN - TCP_OCTETS;

	memmove(tcp, p->octets + tcp_at(p), TCP_OCTETS);
	p->len = IP_TCP_MIN;
	p->octets[0] = 0x45;
	p->octets[2] = 0;
	p->octets[3] = IP_TCP_MIN;
	p->octets[10] = p->octets[11] = 0;
	put_sum(p->octets + 10, sum_of(p->octets, IP_TCP_MIN - TCP_OCTETS, 0));
	tcp[12] = TCP_OCTETS / 4 << 4;
	tcp[13] = TCP_RST | TCP_ACK;
	memset(tcp + 14, 0, 6);
	put_sum(tcp + 16, sum_of(p->octets + 12, 8, sum_of(tcp, TCP_OCTETS, IP_TCP + TCP_OCTETS)));
}

static void swap(uint8_t *a, uint8_t *b, size_t len)
{
	uint8_t kept[8];

	memcpy(kept, a, len);
	memcpy(a, b, len);
	memcpy(b, kept, len);
}

/* Is it one of an old connection? What comes in its place resets it, and another such goes back at once. */
static bool resets(struct way *w, struct packet *p, const struct flow *f, int64_t now)
{
	struct packet back;

	if (config.reset == 0 || f == NULL || now < f->began + config.reset || carries(p) == 0)
		return false;
	make_reset(p);
	back = *p;
	swap(back.octets + 12, back.octets + 16, 4); /* addresses, */
	swap(back.octets + 20, back.octets + 22, 2); /* ports, */
	swap(back.octets + 24, back.octets + 28, 4); /* numbers */
	make_reset(&back);
	return write(w->from, back.octets, back.len) > 0;
}

/* --- packets ---------------------------------------------------------------------------------- */

static struct packet *place(struct way *w, size_t i)
{
	return &w->ring[(w->first + i) % PACKETS];
}

static size_t queued(struct way *w, int64_t now)
{
	size_t octets = 0;

	for (size_t i = 0; i < w->n; i++)
		octets += place(w, i)->leaves > now ? place(w, i)->len : 0;
	return octets;
}

/* It stands behind the last; let it stand where its arrival is. */
static void take_place(struct way *w)
{
	static struct packet kept;
	size_t i = w->n++;

	if (i == 0 || place(w, i - 1)->arrives <= place(w, i)->arrives)
		return;
	kept = *place(w, i);
	for (; i > 0 && place(w, i - 1)->arrives > kept.arrives; i--)
		*place(w, i) = *place(w, i - 1);
	*place(w, i) = kept;
}

/* What stands behind the last goes onto the line. */
static void put_on(struct way *w, int side, int64_t now)
{
	double loss = is_cut && config.cut_loss >= 0 ? config.cut_loss : config.loss;
	int64_t delay = is_cut && config.cut_delay >= 0 ? config.cut_delay : config.delay;
	int64_t rate = is_cut && config.cut_rate > 0 ? config.cut_rate : config.rate[side];
	struct packet *p = place(w, w->n);

	if (w->free_at < now)
		w->free_at = now;
	w->free_at += (int64_t)p->len * 8 * NS / rate;
	p->leaves = w->free_at;
	p->arrives = p->leaves + delay;
	if (config.jitter > 0)
		p->arrives += (int64_t)(roll() * (double)config.jitter);
	p->lost = roll() * 100 < loss;
	if (config.twice > 0 && w->n + 1 < PACKETS && roll() * 100 < config.twice) {
		struct packet *copy = place(w, w->n + 1);

		*copy = *p;
		copy->arrives = p->leaves + delay + (int64_t)(roll() * (double)config.jitter);
		take_place(w);
	}
	take_place(w);
}

static void take(struct way *w, int side, struct packet *p, int64_t now)
{
	struct flow *f = flow_of(side, p, now);

	w->count.came++;
	if ((is_cut && drops(side)) || falls(side, p, f, now)) {
		w->count.cut++;
	} else if (config.redial && f != NULL && f->since != cuts) {
		w->count.stale++;
	} else if (is_forgotten(f, now)) {
		w->count.forgotten++;
	} else if (p->len > config.narrow &&
		   (config.narrow_from < 0 || config.narrow_from == side)) {
		w->count.wide++;
	} else if (w->n == PACKETS || queued(w, now) + p->len > config.queue) {
		w->count.full++;
	} else {
		w->count.reset += resets(w, p, f, now);
		put_on(w, side, now);
	}
}

static void read_all(struct way *w, int side, int64_t now)
{
	static struct packet spare; /* one too many: counted and forgotten */
	struct packet *p;
	ssize_t n;

	for (;;) {
		p = w->n < PACKETS ? place(w, w->n) : &spare;
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
		       " too wide, %" PRIu64 " reset\n",
		    net_address[side], c->came, c->delivered, c->octets, c->lost, c->full, c->cut,
		    c->stale, c->forgotten, c->wide, c->reset);
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

enum option_kind { MILLISECONDS, SECONDS, PERCENT, BITS, OCTETS, NUMBER, SIDE, SWITCH, TEXT };

static const struct line_option {
	const char *name;
	enum option_kind kind;
	void *value;
	int64_t least; /* of a number */
} options_known[] = {
    {"rate", BITS, &config.rate[0], 1},
    {"rate-back", BITS, &config.rate[1], 1},
    {"delay", MILLISECONDS, &config.delay, 0},
    {"jitter", MILLISECONDS, &config.jitter, 0},
    {"loss", PERCENT, &config.loss, 0},
    {"twice", PERCENT, &config.twice, 0},
    {"queue", OCTETS, &config.queue, NET_MTU},
    {"cut-every", SECONDS, &config.cut_every, 1},
    {"cut-for", SECONDS, &config.cut_for, 1},
    {"redial", SWITCH, &config.redial, 0},
    {"one-way", SWITCH, &config.one_way, 0},
    {"cut-loss", PERCENT, &config.cut_loss, 0},
    {"cut-delay", MILLISECONDS, &config.cut_delay, 0},
    {"cut-rate", BITS, &config.cut_rate, 1},
    {"fall", NUMBER, &config.fall, 1},
    {"forget", SECONDS, &config.forget, 1},
    {"reset", SECONDS, &config.reset, 1},
    {"narrow", OCTETS, &config.narrow, IP_TCP_MIN},
    {"narrow-from", SIDE, &config.narrow_from, 0},
    {"seed", NUMBER, &config.seed, 0},
    {"tun", TEXT, &config.tun, 0},
};

#define OPTIONS (sizeof options_known / sizeof options_known[0])

static bool take_option(const struct line_option *o, const char *text)
{
	const double number = text != NULL ? strtod(text, NULL) : 0;
	const int64_t whole = (int64_t)number;

	switch (o->kind) {
	case MILLISECONDS:
		*(int64_t *)o->value = whole * (NS / 1000);
		break;
	case SECONDS:
		*(int64_t *)o->value = whole * NS;
		break;
	case PERCENT:
		*(double *)o->value = number;
		return number >= 0 && number <= 100;
	case BITS:
		*(int64_t *)o->value = whole;
		break;
	case OCTETS:
		*(size_t *)o->value = (size_t)whole;
		break;
	case NUMBER:
		*(uint64_t *)o->value = text != NULL ? strtoull(text, NULL, 10) : 0;
		break;
	case SIDE:
		*(int *)o->value = (int)whole;
		return whole >= 0 && whole < NET_SIDES;
	case SWITCH:
		*(bool *)o->value = true;
		return true;
	case TEXT:
		*(const char **)o->value = text;
		return true;
	}
	return whole >= o->least;
}

static bool take_options(int argc, char **argv)
{
	struct option options[OPTIONS + 1] = {0};
	int option, at;

	for (size_t i = 0; i < OPTIONS; i++)
		options[i] = (struct option){options_known[i].name,
		    options_known[i].kind == SWITCH ? no_argument : required_argument, NULL, 0};
	while ((option = getopt_long(argc, argv, "", options, &at)) != -1)
		if (option != 0 || !take_option(&options_known[at], optarg))
			return false;
	if (config.rate[1] == 0)
		config.rate[1] = config.rate[0];
	if (config.one_way + (config.cut_loss >= 0) + (config.cut_delay >= 0) +
		(config.cut_rate > 0) + (config.fall > 0) >
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
	    config.seed, config.rate[0], config.delay / (NS / 1000), config.loss);
	fflush(stdout);
	run();
	report();
	return EXIT_SUCCESS;
}
