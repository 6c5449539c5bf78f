#include "daemon/gateway/conn_io.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/conn_state.h"
#include "daemon/gateway/tls.h"

/* --- deadlines -------------------------------------------------------------------------------- */

static int64_t next_deadline(const struct conn *c)
{
	const struct gateway_times *times = &c->set->config.times;
	int64_t at = INT64_MAX, streams;

	if (c->phase_deadline_ms != 0)
		at = c->phase_deadline_ms;
	if (c->heard.look_ms != 0 && c->heard.look_ms < at)
		at = c->heard.look_ms;
	if (c->state < CONN_SETTLING || c->paused_ms != 0)
		return at;
	streams = h2_deadline(c->h2);
	if (streams < at)
		at = streams;
	if (c->write_blocked && c->taken_ms + times->stall_ms < at)
		at = c->taken_ms + times->stall_ms;
	if (h2_streams(c->h2) == 0 && c->stream_ms + times->idle_ms < at)
		at = c->stream_ms + times->idle_ms;
	return at;
}

/* The timer may be early and looks again then; it is never late. */
void conn_arm(struct conn *c)
{
	int64_t at = next_deadline(c), now;

	if (at >= c->timer_ms)
		return;
	now = clock_mono_ms();
	c->timer_ms = at;
	timer_arm(c->timer, at > now ? at - now : 0);
}

_Static_assert(GATEWAY_OUT_OCTETS == GATEWAY_UNSENT_OCTETS, "a piece is at most either");

/* On a thin line what waits in the socket and in a record that has begun is seconds of it: whatever comes then waits for those, and a
 * record of which a cut leaves half is lost. */
static void fit(struct conn *c)
{
	const uint64_t rate = heard_rate(c->fd), goes = rate * GATEWAY_WAIT_MS / 1000;
	size_t piece = GATEWAY_OUT_OCTETS;

	if (rate != 0 && goes < piece)
		piece = goes > GATEWAY_PIECE_LEAST ? (size_t)goes : GATEWAY_PIECE_LEAST;
	if (piece == c->piece)
		return;
	c->piece = piece;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &(int){(int)piece}, sizeof(int));
}

static enum heard_state look(struct conn *c, int64_t now)
{
	bool waits = c->state < CONN_SETTLING || h2_streams(c->h2) > 0;

	return heard_look(&c->heard, c->fd, waits, &c->set->config.times, now);
}

bool conn_is_behind(struct conn *c)
{
	return c->state != CONN_CLOSED && c->heard.look_ms != 0 &&
	       (look(c, clock_mono_ms()) != HEARD_ALIVE || heard_behind(&c->heard));
}

bool conn_lacks(const struct conn *c)
{
	return heard_lacks(&c->heard);
}

/* false: the connection has ended. */
static bool listen_to(struct conn *c, int64_t now)
{
	enum heard_state s = look(c, now);

	fit(c);
	if (s == HEARD_DEAD)
		conn_end(c, TRANSPORT_UNHEARD);
	else if (s == HEARD_CLOGGED && c->side == H2_CLIENT)
		conn_end(c, TRANSPORT_CLOGGED);
	else if (s == HEARD_DOUBT && c->calls->silent != NULL)
		c->calls->silent(c->arg, c);
	return c->state != CONN_CLOSED;
}

/* An answer is late, and since the one before that was late, and for half the time of an answer, nothing came: nothing will on this
 * connection, though the other side acknowledges what it gets, as where its packets are too long for the path. */
static bool stays_mute(struct conn *c, int64_t now)
{
	const struct gateway_times *times = &c->set->config.times;
	const int64_t ago = heard_data_ago_ms(c->fd);
	/* The system's clock is as coarse as listen_ms. */
	bool mute = c->late_ms != 0 && ago >= now - c->late_ms + times->listen_ms &&
		    ago >= times->answer_ms / 2;

	c->late_ms = now;
	return mute;
}

void conn_late(struct conn *c)
{
	int64_t now = clock_mono_ms();
	const struct gateway_times *times = &c->set->config.times;

	c->timer_ms = INT64_MAX;
	if (c->phase_deadline_ms != 0 && now >= c->phase_deadline_ms) {
		conn_end(c, c->last_words                 ? c->why
			    : c->state == CONN_CONNECTING ? TRANSPORT_CONNECT_LATE
							  : TRANSPORT_HANDSHAKE_LATE);
		return;
	}
	if (c->heard.look_ms != 0 && now >= c->heard.look_ms && !listen_to(c, now))
		return;
	if (c->state >= CONN_SETTLING && c->paused_ms == 0) {
		if (c->write_blocked && now >= c->taken_ms + times->stall_ms) {
			conn_end(c, TRANSPORT_STALLED);
			return;
		}
		if (h2_streams(c->h2) == 0 && now >= c->stream_ms + times->idle_ms) {
			conn_end(c, TRANSPORT_IDLE);
			return;
		}
		if (h2_expire(c->h2, now) && c->side == H2_CLIENT && stays_mute(c, now)) {
			conn_end(c, TRANSPORT_ANSWER_LATE);
			return;
		}
	}
	conns_touch(c);
	conn_arm(c);
}

/* --- reading and writing ---------------------------------------------------------------------- */

bool conn_reads(const struct conn *c)
{
	return c->state != CONN_CLOSED && c->paused_ms == 0 && !c->last_words;
}

void conn_want(struct conn *c)
{
	unsigned events = conn_reads(c) ? LOOP_READ : 0;

	if (c->write_blocked)
		events |= LOOP_WRITE;
	watch_set(c->watch, events);
}

/* The other side has gone or broke TLS; an alert that came before says more than a failed write. */
static void lost(struct conn *c)
{
	size_t n;

	if (tls_why(c->tls) == TRANSPORT_CLOSED)
		(void)tls_read(c->tls, c->set->in, sizeof c->set->in, &n);
	conn_end(c, c->last_words ? c->why : tls_why(c->tls));
}

void conn_read(struct conn *c)
{
	unsigned reads;
	size_t n;
	int rc;

	for (reads = 0; conn_reads(c) && (reads < GATEWAY_READS_PER_EVENT || tls_pending(c->tls));
	     reads++) {
		rc = tls_read(c->tls, c->set->in, sizeof c->set->in, &n);
		if (rc > 0)
			return;
		if (rc < 0) {
			lost(c);
			return;
		}
		if (h2_recv(c->h2, c->set->in, n) != 0 && !c->last_words) {
			c->why = TRANSPORT_HTTP2;
			c->last_words = true;
			c->phase_deadline_ms = clock_mono_ms() + GATEWAY_LAST_WORDS_MS;
		}
	}
}

/* Does as much wait in the socket as is to wait there? The system bounds it too (tune() in conn.c), but adds to a packet that it
 * has begun, of 64 KiB, without looking. It says that the socket takes more once half of it has gone. */
static bool is_full(const struct conn *c)
{
	int unsent;

	return ioctl(c->fd, SIOCOUTQNSD, &unsent) == 0 && (size_t)unsent >= c->piece;
}

void conn_flush(struct conn *c)
{
	const struct gateway_times *times = &c->set->config.times;
	size_t n;
	int rc = 0;

	while (c->state != CONN_CLOSED && rc == 0) {
		if (is_full(c)) {
			rc = TLS_WANT_WRITE;
			break;
		}
		if (c->out_off == c->out_len) {
			h2_flushed(c->h2);
			c->out_off = c->out_len = 0;
			if (h2_fill(c->h2, c->out, c->piece, &c->out_len) != 0) {
				conn_end(c, TRANSPORT_NO_MEMORY);
				return;
			}
			if (c->out_len == 0) {
				/* The library tells of a frame's end when it is asked for more. */
				h2_flushed(c->h2);
				break;
			}
		}
		rc = tls_write(c->tls, c->out + c->out_off, c->out_len - c->out_off, &n);
		if (rc == 0) {
			c->out_off += n;
			c->taken_ms = clock_mono_ms();
			heard_wrote(&c->heard, times, c->taken_ms);
		} else if (rc < 0) {
			lost(c);
		}
	}
	if (c->state == CONN_CLOSED)
		return;
	c->write_blocked = rc != 0;
	if (rc == 0 && (c->last_words || h2_over(c->h2))) {
		conn_end(c, c->last_words ? c->why : TRANSPORT_CLOSED);
		return;
	}
	if (h2_streams(c->h2) > 0)
		c->stream_ms = clock_mono_ms();
	conn_want(c);
	conn_arm(c);
}
