/*
 * flight_end - the end of one try of a message on its way out: what the row says then, when the next try
 * is, and what the log says. Each of these but the last two ends the flight, at once or with its commit.
 */
#ifndef REGISTRY_FLIGHT_END_H
#define REGISTRY_FLIGHT_END_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/out/flight.h"

/* Something of this machine failed: the row stays as it is, and all sending rests a moment. */
void flight_end_rest(struct flight *f);

/* End this try with f->end. delay_ms: until the next one, unless the end names a time itself. */
void flight_end_try(struct flight *f, int64_t delay_ms);

/* Until a person says so. */
void flight_end_park(struct flight *f, const char *why);

/* No answer to this try; a strike says that it is about this message and not about the peer. */
void flight_end_unanswered(struct flight *f, bool strike, int64_t delay_ms, const char *why);

/* Our seal key cannot be used now: again in a while. Nothing is logged for each message. */
void flight_end_keyless(struct flight *f);

/* Nothing is tried yet: it is looked at again then, or when somebody makes it due. */
void flight_end_held(struct flight *f, const char *why, int64_t delay_ms);

/* The peer failed and not this message: it stays due, and the peer's back-off says when. */
void flight_end_with_peer(struct flight *f, const char *why);

/* The line alone failed; moved: another took its place, and the peer has not failed. The message stays the one that has
 * been due the longest, but each REGISTRY_LINE_TURNS-th time, lest it be what the line fails on. */
void flight_end_with_line(struct flight *f, bool moved, const char *why);

/* The same, while the peer comes to hold more and more of its attachments: it stays the one that is tried. */
void flight_end_further(struct flight *f, const char *why);

/* Does it end the sending of the message? */
bool flight_end_is_last(enum state_event event);

/* The message's own back-off, in ms. */
int64_t flight_end_delay(const struct flight *f);

#endif
