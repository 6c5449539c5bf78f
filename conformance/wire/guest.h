/*
 * guest - one connection that somebody made to the suite: TLS as its greeting says, never blocking.
 *
 * It lets in whoever comes, and keeps what the other side showed: who it is to judge, a case says.
 */
#ifndef CONFORM_GUEST_H
#define CONFORM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/wire/wire.h"

struct keypair;

/* How a connection is greeted. All zero but credential: as it should be. */
struct greeting {
	const struct keypair *credential; /* of the suite; borrowed until the guest is freed */
	bool old_tls; /* TLS 1.2 and nothing later */
	const char *protocol; /* chosen by ALPN; NULL: h2, "": none */
	bool plain; /* no TLS at all: some lines of text, and closed */
	bool closed; /* closed at once */
	bool odd; /* what comes on it is told apart */
	int window; /* octets that may come on a stream before more are asked for; 0: as ever */
};

/* What the other side showed in the handshake. */
struct guest_facts {
	bool odd; /* of its greeting */
	int64_t
	    broken_ms; /* when the suite broke the rules of HTTP/2 on it, by the monotonic clock: it is to be ended; 0: it did not */
	bool hello; /* a ClientHello came */
	bool shaken; /* the handshake is complete; what follows counts then */
	bool is_tls13;
	bool offers_h2;
	bool resumes, early; /* it offered a session of before, or early data */
	bool has_pin;
	uint8_t pin[32]; /* SHA-256 of the SubjectPublicKeyInfo of its certificate */
};

enum parting {
	PART_POLITELY, /* close_notify, and the end */
	PART_SILENTLY, /* the end of the TCP connection alone: whoever waits must take it for a cut */
	PART_RUDELY, /* a reset of the TCP connection */
};

struct guest;

/* Take over the socket, which is not blocking; closed with the guest. NULL: no memory, and the socket is closed. */
struct guest *guest_new(int fd, const struct greeting *greeting);
void guest_free(struct guest *g, enum parting how); /* NULL is allowed */

int guest_fd(const struct guest *g);
const struct guest_facts *guest_facts(const struct guest *g);
/* Its facts say that it is broken since now. */
void guest_break(struct guest *g);

/* Each WIRE_NONE if it went on, WIRE_WAIT if that takes more octets or room, otherwise why the connection is over. */
enum wire_end guest_shake(struct guest *g);
enum wire_end guest_read(struct guest *g, uint8_t *octets, size_t max, size_t *len);
enum wire_end guest_write(struct guest *g, const uint8_t *octets, size_t len, size_t *done);
/* This side says no more: close_notify, and the end of what it sends. false: the connection is over anyway. */
bool guest_leave(struct guest *g);
/* Drop some of what came meanwhile; the descriptor is readable while there is more. false: the other side has ended too. */
bool guest_drop(struct guest *g);

#endif
