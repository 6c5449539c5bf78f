#include "daemon/gateway/conn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/conn_io.h"
#include "daemon/gateway/conn_state.h"
#include "daemon/gateway/pins.h"
#include "daemon/gateway/rate.h"
#include "daemon/gateway/tls.h"
#include "protocol/base/err.h"

/* --- from HTTP/2 ------------------------------------------------------------------------------ */

static void host_wake(void *arg)
{
	conns_touch(arg);
}

static void opened(struct conn *c)
{
	c->state = CONN_OPEN;
	if (c->former)
		log_event(LOG_PEER_FORMER, LOG_S(tls_party(c->tls)));
	else if (!c->any_key)
		log_event(LOG_PEER_CONNECTED, LOG_S(tls_party(c->tls)),
		    LOG_S(c->side == H2_SERVER ? "in" : "out"));
	c->calls->open(c->arg, c);
}

static void host_settled(void *arg)
{
	struct conn *c = arg;

	c->taken = true;
	c->phase_deadline_ms = 0;
	if (c->state == CONN_SETTLING)
		opened(c);
}

static void host_abuse(void *arg, const char *why)
{
	struct conn *c = arg;

	log_event(LOG_PEER_ABUSE, LOG_S(tls_party(c->tls)), LOG_S(why));
	if (c->last_words)
		return;
	c->why = TRANSPORT_ABUSE;
	c->last_words = true;
	c->phase_deadline_ms = clock_mono_ms() + GATEWAY_LAST_WORDS_MS;
	conns_touch(c);
}

static int64_t host_file(void *arg, size_t octets)
{
	struct conn *c = arg;
	int64_t wait;

	if (!heard_has_room(&c->heard))
		return c->set->config.times.listen_ms;
	wait = rates_take(c->set->config.rates, tls_party(c->tls), octets, clock_mono_ms());
	if (wait == 0)
		heard_file(&c->heard, octets);
	return wait;
}

static const struct h2_host host = {host_wake, host_settled, host_abuse, host_file};

/* --- the way to an open connection ------------------------------------------------------------- */

bool conn_still_pinned(const struct conn *c)
{
	char party[4];

	const struct pins *pins = c->set->config.pins;
	const uint8_t *digest = tls_digest(c->tls);

	if (c->any_key)
		return pins_known(pins, tls_party(c->tls));
	return (c->former ? pins_former(pins, digest, party) : pins_party(pins, digest, party)) &&
	       strcmp(party, tls_party(c->tls)) == 0;
}

static void handshake_done(struct conn *c)
{
	struct h2_config config = {.side = c->side,
	    .calls = &c->calls->streams,
	    .arg = c->arg,
	    .host = &host,
	    .host_arg = c,
	    .head_ms = c->set->config.times.head_ms};

	c->former = c->side == H2_SERVER && !conn_still_pinned(c);
	if (!conn_still_pinned(c)) {
		conn_end(c, TRANSPORT_PIN_WITHDRAWN);
		return;
	}
	c->out = malloc(GATEWAY_OUT_OCTETS);
	if (c->out == NULL || h2_new(&c->h2, &config) != 0) {
		conn_end(c, TRANSPORT_NO_MEMORY);
		return;
	}
	c->taken_ms = c->stream_ms = clock_mono_ms();
	c->state = CONN_SETTLING;
	if (c->side == H2_SERVER)
		c->phase_deadline_ms = 0;
	if (c->side == H2_SERVER || c->trusting)
		opened(c);
	if (c->state != CONN_CLOSED)
		conn_read(c);
	if (c->state != CONN_CLOSED)
		conn_flush(c);
}

static void handshake(struct conn *c)
{
	int rc = tls_handshake(c->tls);

	if (rc == 0) {
		handshake_done(c);
	} else if (rc > 0) {
		watch_set(c->watch, rc == TLS_WANT_READ ? LOOP_READ : LOOP_WRITE);
		conn_arm(c);
	} else {
		conn_end(c, tls_why(c->tls));
	}
}

#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS 44 /* Linux 6.15 */
#endif

/* Between two tries of the system to send the same, at most. */
static void repeat_within(int fd, int ms)
{
	(void)setsockopt(fd, IPPROTO_TCP, TCP_RTO_MAX_MS, &ms, sizeof ms);
}

/* The socket is connected. */
static void begin_handshake(struct conn *c)
{
	const int64_t trip = heard_trip_ms(c->fd), repeat = GATEWAY_TRIPS_REPEAT * trip;

	repeat_within(c->fd, repeat > GATEWAY_REPEAT_MS ? (int)repeat : GATEWAY_REPEAT_MS);
	c->state = CONN_HANDSHAKE;
	c->phase_deadline_ms =
	    clock_mono_ms() + c->set->config.times.handshake_ms + GATEWAY_TRIPS_HANDSHAKE * trip;
}

static void connected(struct conn *c)
{
	int error = 0;
	socklen_t len = sizeof error;

	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	if (error != 0) {
		conn_end(c, error == ECONNREFUSED ? TRANSPORT_REFUSED : TRANSPORT_UNREACHABLE);
		return;
	}
	begin_handshake(c);
	heard_wrote(&c->heard, &c->set->config.times, clock_mono_ms());
	handshake(c);
}

static void on_event(void *arg, int fd, unsigned events)
{
	struct conn *c = arg;

	(void)fd;
	switch (c->state) {
	case CONN_CONNECTING:
		connected(c);
		break;
	case CONN_HANDSHAKE:
		handshake(c);
		break;
	case CONN_SETTLING:
	case CONN_OPEN:
		if ((events & LOOP_HANGUP) != 0 && !conn_reads(c)) {
			conn_end(c, c->last_words ? c->why : TRANSPORT_CLOSED);
			break;
		}
		conn_read(c);
		if (c->state != CONN_CLOSED)
			conn_flush(c);
		break;
	case CONN_CLOSED:
		break;
	}
}

/* --- birth and end ---------------------------------------------------------------------------- */

static void on_timer(void *arg)
{
	conn_late(arg);
}

static void write_address(struct conn *c, const struct sockaddr *address)
{
	union {
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} a;
	char text[INET6_ADDRSTRLEN] = "?";

	if (address->sa_family == AF_INET) {
		memcpy(&a.v4, address, sizeof a.v4);
		inet_ntop(AF_INET, &a.v4.sin_addr, text, sizeof text);
		snprintf(c->address, sizeof c->address, "%s:%u", text, ntohs(a.v4.sin_port));
	} else if (address->sa_family == AF_INET6) {
		memcpy(&a.v6, address, sizeof a.v6);
		inet_ntop(AF_INET6, &a.v6.sin6_addr, text, sizeof text);
		snprintf(c->address, sizeof c->address, "[%s]:%u", text, ntohs(a.v6.sin6_port));
	}
}

/* What the other side has not acknowledged the system sends again, beside what goes on a new connection: not for long, and not
 * at all if the other side was silent or it would take too long. */
static void forsake(const struct conn *c)
{
	const int longest = GATEWAY_UNHEARD_MS;
	const struct linger drop = {.l_onoff = 1};

	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &longest, sizeof longest);
	if (c->why == TRANSPORT_UNHEARD || transport_outcome(c->why) == RXP_ERR_EXISTS)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &drop, sizeof drop);
}

static void conn_free(struct conn *c)
{
	unsigned reads;

	watch_free(c->watch);
	timer_free(c->timer);
	h2_free(c->h2);
	if (c->tls != NULL)
		tls_close(c->tls);
	tls_conn_free(c->tls);
	/* Unread octets would turn the close into a reset, which can overtake our last alert. */
	if (shutdown(c->fd, SHUT_WR) == 0) {
		for (reads = 0; reads < GATEWAY_READS_PER_EVENT &&
				recv(c->fd, c->set->in, sizeof c->set->in, MSG_DONTWAIT) > 0;
		     reads++)
			;
	}
	forsake(c);
	close(c->fd);
	free(c->out);
	free(c);
}

/* Nothing waits here behind much else, and a line that was cut without a word is found dead (heard.h), also while nothing goes. What the system does not
 * know it does without. */
static void tune(int fd)
{
	static const struct {
		int level, name, value;
	} options[] = {{IPPROTO_TCP, TCP_NODELAY, 1},
	    {IPPROTO_TCP, TCP_NOTSENT_LOWAT, GATEWAY_UNSENT_OCTETS},
	    {IPPROTO_TCP, TCP_KEEPIDLE, GATEWAY_QUIET_S},
	    {IPPROTO_TCP, TCP_KEEPINTVL, GATEWAY_ASK_AGAIN_S},
	    {IPPROTO_TCP, TCP_KEEPCNT, GATEWAY_ASKS}, {SOL_SOCKET, SO_KEEPALIVE, 1}};

	for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
		(void)setsockopt(fd, options[i].level, options[i].name, &options[i].value,
		    sizeof options[i].value);
}

static void narrow(int fd)
{
	const int octets = GATEWAY_SEGMENT_OF_TCP;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &octets, sizeof octets);
}

static int conn_new(struct conn **out, struct conns *set, int fd, const struct conn_config *config)
{
	struct conn *c = calloc(1, sizeof *c);
	int rc = RXP_ERR_NOMEM;

	if (c == NULL) {
		close(fd);
		return rc;
	}
	c->set = set;
	c->fd = fd;
	c->side = config->side;
	c->calls = config->calls;
	c->arg = config->arg;
	c->any_key = config->any_key;
	c->trusting = config->trusting;
	c->timer_ms = INT64_MAX;
	c->piece = GATEWAY_OUT_OCTETS;
	write_address(c, config->address);
	tune(fd);
	rc = tls_conn_new(&c->tls, set->config.tls,
	    config->side == H2_SERVER ? TLS_SERVER
	    : config->former_key      ? TLS_CLIENT_FORMER
				      : TLS_CLIENT,
	    fd, config->expect, config->any_key);
	if (rc == 0)
		rc = timer_new(&c->timer, set->config.loop, on_timer, c);
	if (rc == 0)
		rc = watch_new(&c->watch, set->config.loop, fd,
		    config->side == H2_SERVER ? LOOP_READ : LOOP_WRITE, on_event, c);
	if (rc != 0) {
		conn_free(c);
		return rc;
	}
	c->next = set->first;
	if (set->first != NULL)
		set->first->prev = c;
	set->first = c;
	set->count++;
	*out = c;
	return 0;
}

int conn_accept(struct conn **out, struct conns *set, int fd, const struct conn_config *config)
{
	struct conn *c;
	int rc = conn_new(&c, set, fd, config);

	if (rc != 0)
		return rc;
	begin_handshake(c);
	conn_arm(c);
	*out = c;
	return 0;
}

int conn_connect(struct conn **out, struct conns *set, const struct conn_config *config)
{
	const int knocks = GATEWAY_KNOCKS;
	struct conn *c;
	int rc, fd;

	fd = socket(config->address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return RXP_ERR_IO;
	if (config->narrow)
		narrow(fd);
	if (connect(fd, config->address, config->address_len) != 0 && errno != EINPROGRESS) {
		close(fd);
		return RXP_ERR_IO;
	}
	rc = conn_new(&c, set, fd, config);
	if (rc != 0)
		return rc;
	repeat_within(fd, GATEWAY_KNOCK_MS);
	(void)setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &knocks, sizeof knocks);
	c->state = CONN_CONNECTING;
	c->phase_deadline_ms = clock_mono_ms() + (config->last ? 2 * set->config.times.connect_ms
							       : set->config.times.connect_ms);
	conn_arm(c);
	*out = c;
	return 0;
}

void conn_bury(struct conn *c)
{
	struct conns *set = c->set;

	h2_free(c->h2);
	c->h2 = NULL;
	if (c->prev != NULL)
		c->prev->next = c->next;
	else
		set->first = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	set->count--;
	c->calls->closed(c->arg, c, c->why);
	conn_free(c);
}

void conn_step(struct conn *c)
{
	/* What waits for the socket is not asked for more. */
	if (c->write_blocked)
		conn_arm(c);
	else
		conn_flush(c);
}

void conn_close(struct conn *c, enum transport why)
{
	conn_end(c, why);
}

void conn_pause(struct conn *c, bool pause)
{
	if (c->state != CONN_OPEN || pause == (c->paused_ms != 0))
		return;
	if (pause) {
		c->paused_ms = clock_mono_ms();
	} else {
		h2_extend(c->h2, clock_mono_ms() - c->paused_ms);
		c->taken_ms = clock_mono_ms();
		c->paused_ms = 0;
	}
	conn_want(c);
	conns_touch(c);
}

struct h2 *conn_h2(const struct conn *c)
{
	return c->h2;
}

bool conn_is_open(const struct conn *c)
{
	return c->state == CONN_OPEN;
}

bool conn_is_taken(const struct conn *c)
{
	return c->taken;
}

enum transport conn_why(const struct conn *c)
{
	return c->why;
}

bool conn_is_former(const struct conn *c)
{
	return c->former;
}

int64_t conn_until_ms(const struct conn *c)
{
	return tls_peer_until_ms(c->tls);
}

bool conn_has_carried(const struct conn *c)
{
	return heard_octets(c->fd).acked >= GATEWAY_CARRIED_OCTETS;
}

bool conn_has_brought(const struct conn *c)
{
	return heard_octets(c->fd).came >= GATEWAY_CARRIED_OCTETS;
}

bool conn_was_owed(const struct conn *c)
{
	return c->owed;
}

const char *conn_party(const struct conn *c)
{
	return tls_party(c->tls);
}
