/*
 * conn - one connection with a peer: socket, TLS and HTTP/2 on the loop, with all its deadlines.
 *
 * A connection opens when the other side is authenticated (and, for a client, has accepted us, unless that is trusted) and
 * closes once, by itself or by conn_close(); its streams hear of that first, then its owner, then
 * it is freed. Closing is never done inside a call: it takes effect at the end of the loop's round,
 * so that no callback has to fear for its connection. What several events of a round put into a
 * connection leaves together.
 */
#ifndef GATEWAY_CONN_H
#define GATEWAY_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "daemon/gateway/h2.h"
#include "daemon/gateway/limits.h"
#include "daemon/gateway/transport.h"

struct conns;
struct conn;
struct loop;
struct tls;
struct pins;
struct rates;

/* What the owner of a connection hears, beside its streams. */
struct conn_calls {
	void (*open)(void *arg, struct conn *c);
	void (*closed)(void *arg, struct conn *c, enum transport why); /* freed after this */
	/* Nothing has come back for GATEWAY_DOUBT_MS; again at each look while that lasts. NULL: nobody wants to know. */
	void (*silent)(void *arg, struct conn *c);
	struct h2_calls streams;
};

struct conn_config {
	enum h2_side side;
	const struct conn_calls *calls;
	void *arg;
	const char *expect; /* client: the party that must answer */
	bool
	    any_key; /* client: under whatever key; such a connection is good for the descriptor alone */
	bool
	    trusting; /* client: it is open before the other side has said that it takes us, a round trip earlier */
	bool former_key; /* client: under our former key (RXP-DSC-047); there must be one */
	bool narrow; /* client: packets of both directions are such as every path takes */
	bool
	    last; /* client: there is no other address to try, so that it has twice the time to connect */
	const struct sockaddr *address;
	socklen_t address_len;
};

struct conns_config {
	struct loop *loop;
	struct tls *tls;
	const struct pins *pins;
	struct rates *rates;
	struct gateway_times times;
	/* The other side of a handshake shows a key that is none of the party which was expected, or of nobody: party "". */
	void (*unknown)(void *arg, const char party[4], const uint8_t pin[32]);
	void *arg;
};

/* The set of all connections. What it is given stays the caller's. RXP_ERR_NOMEM. */
int conns_new(struct conns **out, const struct conns_config *config);
void conns_free(struct conns *set); /* closes all of them; NULL is allowed */
size_t conns_count(const struct conns *set);
bool conns_have_former_key(
    const struct conns *set); /* have we a former key that we may connect under? */
struct loop *conns_loop(const struct conns *set);
const struct gateway_times *conns_times(const struct conns *set);

/* Close at once each connection whose key is no longer what it was of its party (RXP-DSC-030). */
void conns_recheck(struct conns *set);
/* GOAWAY on all: they close when their streams have ended. Those not yet open are closed. */
void conns_shutdown(struct conns *set);
/* End all of them now, their owners told. Not from within a call of a connection. */
void conns_end(struct conns *set);

/* A connection on an accepted socket, owned from now on also on failure.
 * RXP_ERR_NOMEM, RXP_ERR_IO. */
int conn_accept(struct conn **out, struct conns *set, int fd, const struct conn_config *config);
/* A connection to config->address. RXP_ERR_NOMEM, RXP_ERR_IO. */
int conn_connect(struct conn **out, struct conns *set, const struct conn_config *config);

/* End it; closed is called later in this round with the first reason given. */
void conn_close(struct conn *c, enum transport why);
/* Stop and go on reading: what cannot be handed on is left with the peer. */
void conn_pause(struct conn *c, bool pause);

struct h2 *conn_h2(const struct conn *c); /* NULL before the handshake is done */
bool conn_is_open(const struct conn *c);
bool conn_is_taken(
    const struct conn *c); /* the other side has said that it takes us; also of a closed one */
/* Has so much been acknowledged (GATEWAY_CARRIED_OCTETS) that packets of every length must have come through? */
bool conn_has_carried(const struct conn *c);
bool conn_has_brought(const struct conn *c); /* has so much come? */
bool conn_was_owed(const struct conn *c); /* of a closed one: something was to come yet */
/* Is it silent as of silent() above, or has it not made that good (heard.h)? */
bool conn_is_behind(struct conn *c);
bool conn_lacks(const struct conn *c); /* what came to it, as of heard.h */
enum transport conn_why(const struct conn *c); /* of a closed one */
const char *conn_party(const struct conn *c); /* of an open one */
int64_t conn_until_ms(
    const struct conn *c); /* end of the certificate that the other side showed; 0: none */
bool conn_is_former(
    const struct conn *c); /* its pin is one that the party lists no more (RXP-DSC-031) */

#endif
