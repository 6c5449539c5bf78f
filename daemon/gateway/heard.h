/*
 * heard - does the other side of a connection still acknowledge what we send?
 *
 * A line that was cut says nothing to anybody. TCP_USER_TIMEOUT, which is meant for that, counts from the first packet that was
 * sent again until no hole is left: on a line that loses packets all the time it ends connections on which octets go. So
 * the system is asked instead when it last heard anything, as long as something of ours is on its way.
 */
#ifndef GATEWAY_HEARD_H
#define GATEWAY_HEARD_H

#include <stdbool.h>
#include <stdint.h>

/* Of one connection; {0} at first. Monotonic ms. */
struct heard {
	int64_t since_ms; /* from when silence counts */
	int64_t look_ms; /* when to look next; 0: nothing is on its way */
};

/* Something was written to its socket. */
void heard_wrote(struct heard *h, int64_t now_ms);

/* To be called at look_ms. false: octets of ours have been without an acknowledgement for GATEWAY_UNHEARD_MS, in which
 * nothing else came. */
bool heard_look(struct heard *h, int fd, int64_t now_ms);

#endif
