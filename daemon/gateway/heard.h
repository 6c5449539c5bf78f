/*
 * heard - does the other side of a connection still acknowledge what we send, and answer when it is asked?
 *
 * A line that was cut says nothing to anybody. TCP_USER_TIMEOUT, which is meant for that, counts from the first packet that was
 * sent again until no hole is left: on a line that loses packets all the time it ends connections on which octets go. So
 * the system is asked instead when it last heard anything, as long as something of ours is on its way or is waited for; of
 * a connection on which nothing goes it asks the other side by itself (TCP_KEEPIDLE), and that counts alike: from when something was
 * heard last, so that what is written to one that died while nothing went does not wait as long again.
 *
 * Where the rate falls, what was on its way and is lost goes again before whatever is written next: so it is measured how long all of it
 * takes. In packets that the other side has, for of those behind a hole none goes again. A message would go again from its first octet on
 * the next connection, and could for ever: where none of it is of a file, it is waited for.
 *
 * Where a round trip alone takes seconds (satellites), so long a silence says nothing: the times have some of them at least.
 */
#ifndef GATEWAY_HEARD_H
#define GATEWAY_HEARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gateway_times;

/* Of one connection; {0} at first. Monotonic ms. */
struct heard {
	int64_t since_ms; /* from when silence counts */
	int64_t look_ms; /* when to look next; 0: nothing is on its way or waited for */
	uint64_t
	    owed; /* octets that are to be acknowledged until it has made good a silence; 0: there is none to make good */
	uint64_t came; /* octets in their order */
	uint32_t early; /* packets before their turn, when the last of those came */
	int64_t hole_ms; /* since when one before them is missing; 0: none is */
	bool lacks; /* for long */
	struct heard_mark {
		int64_t ms; /* 0: none */
		uint32_t packets; /* that the other side had */
	} marks[2]; /* at two looks, the second later */
	bool bounded; /* what is on its way takes long, so that until the next look … */
	uint64_t room; /* … so many octets of files are enough */
	bool filed; /* something of a file was written since the last look … */
	uint64_t
	    file_end; /* … of which the last octet was before this one of all; 0: nothing ever was */
	int64_t slow_ms; /* since when what is on its way takes too long; 0: it does not */
};

/* Something was written to its socket. */
void heard_wrote(struct heard *h, const struct gateway_times *times, int64_t now_ms);

enum heard_state {
	HEARD_ALIVE,
	HEARD_CLOGGED, /* more than GATEWAY_CLOGGED_OCTETS are on their way, of a file too, and come so slowly that they take GATEWAY_CLOGGED_MS */
	HEARD_DOUBT, /* for doubt_ms and GATEWAY_TRIPS_DOUBT nothing came, though something was to, or it lacks() */
	HEARD_DEAD, /* for GATEWAY_UNHEARD_MS and GATEWAY_TRIPS_UNHEARD */
};

/* Was it in doubt, and has the other side not acknowledged half of what was on its way then? The system sends what was lost in a silence
 * again one packet at a time at first, seconds apart, and while it does a connection of which something is heard brings
 * nothing. As of the last look. */
bool heard_behind(const struct heard *h);

/* Is a packet missing, for doubt_ms and GATEWAY_TRIPS_LACKS, before such as came? So it is where packets as long as that one are
 * dropped without a word: what is shorter, and that we are there, comes all the time. As of the last look. */
bool heard_lacks(const struct heard *h);

/* May octets of a file be written? All that is on its way is to take GATEWAY_DOUBT_MS and GATEWAY_TRIPS_LOADED at
 * most at the pace that was seen last: a message that is written next waits for it. */
bool heard_has_room(const struct heard *h);
/* So many are written now. */
void heard_file(struct heard *h, size_t octets);

/* To be called at look_ms, or when somebody wants to know. waits: something is to come from the other side. */
enum heard_state heard_look(
    struct heard *h, int fd, bool waits, const struct gateway_times *times, int64_t now_ms);

/* How long the other side of this socket is away and back, if nothing waits on the way: the least that was seen, at most
 * GATEWAY_FAR_MS; 0 if that cannot be known. */
int64_t heard_trip_ms(int fd);

/* What went over this socket: octets of ours that the other side has acknowledged, such as came from it; 0 if that cannot be known. */
struct heard_octets {
	uint64_t acked, came;
};

struct heard_octets heard_octets(int fd);

/* Octets a second that the other side gets of it, as was measured last; 0 if that cannot be known. */
uint64_t heard_rate(int fd);

/* How long ago octets last came on it; 0 if that cannot be known. */
int64_t heard_data_ago_ms(int fd);

#endif
