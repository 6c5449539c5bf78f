/*
 * conn_state - a connection and the set of all, as conn.c and conn_io.c (one connection) and conns.c
 * (the set) see them; nobody else does.
 */
#ifndef GATEWAY_CONN_STATE_H
#define GATEWAY_CONN_STATE_H

#include "daemon/gateway/conn.h"
#include "daemon/gateway/heard.h"

/* In their order; SETTLING is a client's only. */
enum conn_state { CONN_CONNECTING, CONN_HANDSHAKE, CONN_SETTLING, CONN_OPEN, CONN_CLOSED };

struct conn {
	struct conns *set;
	struct conn *next, *prev;
	struct conn *next_dirty;
	bool dirty;
	enum conn_state state;
	enum h2_side side;
	const struct conn_calls *calls;
	void *arg;
	int fd;
	struct watch *watch;
	struct timer *timer;
	int64_t timer_ms; /* when the timer fires; INT64_MAX: not armed */
	struct tls_conn *tls;
	struct h2 *h2;
	uint8_t *out; /* GATEWAY_OUT_OCTETS */
	size_t out_len, out_off;
	size_t piece; /* octets that may wait in the socket, and that go to TLS at a time */
	bool any_key; /* what the other side is stands nowhere but in what it gives */
	bool former;
	bool trusting; /* as of conn.h */
	bool taken; /* the other side's SETTINGS came */
	bool write_blocked;
	bool last_words; /* ends when what is in out has left */
	int64_t paused_ms; /* since when; 0: it reads */
	int64_t
	    phase_deadline_ms; /* of connecting and handshake until the other side's SETTINGS, or of the last words */
	struct heard heard;
	int64_t taken_ms; /* last time that the socket took an octet */
	int64_t late_ms; /* when an answer was last late; 0: none was */
	int64_t stream_ms; /* last time that there was a stream */
	enum transport why;
	bool owed; /* when it ended, something was to come yet */
	char address[GATEWAY_ADDRESS_TEXT];
};

struct conns {
	struct conns_config config;
	struct conn *first;
	struct conn *dirty;
	size_t count;
	struct timer *flush; /* runs at the end of the round in which something became dirty */
	uint8_t in[GATEWAY_IN_OCTETS];
};

/* Give what waits to the socket, and set watcher and timer. */
void conn_step(struct conn *c);
/* The end of a closed one: streams first, then the owner, then nothing of it is left. */
void conn_bury(struct conn *c);
/* The pins may have changed since the certificate was judged. */
bool conn_still_pinned(const struct conn *c);

/* Something is to be done for it at the end of this round. */
void conns_touch(struct conn *c);
/* End it with that reason, unless it has ended: it is buried at the end of this round. Logged if it
 * never opened, or if its operator is to be told. */
void conn_end(struct conn *c, enum transport why);

#endif
