/*
 * conn_io - octets of an open connection between the socket and HTTP/2, and the deadlines by which
 * they must move (limits.h, monotonic milliseconds); for conn.c alone.
 *
 * No errors: a connection that fails is ended with its reason (conn_close()), which takes effect at the end of the round.
 */
#ifndef GATEWAY_CONN_IO_H
#define GATEWAY_CONN_IO_H

#include <stdbool.h>

struct conn;

/* Set the timer to the next deadline, whatever the state. */
void conn_arm(struct conn *c);
/* The timer has fired. */
void conn_late(struct conn *c);

/* Is it to be read from? */
bool conn_reads(const struct conn *c);
/* Tell the watcher what is waited for. */
void conn_want(struct conn *c);

/* Read what is there, within bounds; may end it. */
void conn_read(struct conn *c);
/* Hand over what there is, as much as the socket takes; may end it. */
void conn_flush(struct conn *c);

#endif
