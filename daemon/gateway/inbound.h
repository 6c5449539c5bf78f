/*
 * inbound - who is connected to us, and how much of us each party and address may take.
 *
 * One inbound for each accepted connection. Bounds: GATEWAY_INBOUND in all, GATEWAY_HALF_OPEN_PER_
 * ADDRESS (of IPv6: of a /64) before authentication, and octets reserved for bodies per party and in all.
 */
#ifndef GATEWAY_INBOUND_H
#define GATEWAY_INBOUND_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct conn;
struct server;
struct inbound;

struct inbound_set {
	struct inbound *first; /* the newest */
	size_t count;
	size_t reserved; /* octets, of all */
};

struct inbound {
	struct inbound_set *set;
	struct inbound *next, *prev;
	struct server *server;
	struct conn *conn; /* set by the server when there is one */
	struct sockaddr_storage address;
	bool open; /* authenticated */
	size_t reserved; /* octets for bodies of its requests */
};

/* Place for one more connection from there, or NULL. If all places are taken, the oldest
 * connection that is not yet authenticated has to go. */
struct inbound *inbound_new(
    struct inbound_set *set, struct server *server, const struct sockaddr_storage *address);
void inbound_free(struct inbound *in);

/* It is authenticated from now on. */
void inbound_open(struct inbound *in);
size_t inbound_of_party(const struct inbound_set *set, const char party[4]);

/* Set octets aside for a body; false if that is more than the party or all may have. */
bool inbound_reserve(struct inbound *in, size_t octets);
void inbound_release(struct inbound *in, size_t octets);

/* Go on reading from all. */
void inbound_resume(const struct inbound_set *set);

#endif
