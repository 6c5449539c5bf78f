/*
 * await - a message on its way: long polls until it is settled, and what is to be said of it then.
 */
#ifndef CTL_AWAIT_H
#define CTL_AWAIT_H

#include "daemon/ctl/ctl.h"
#include "protocol/base/ident.h"

struct json_t;

/* The local id in the daemon's answer. EXIT_FAILED after a complaint if there is none. */
enum exit_status await_id(struct ctl *c, const struct json_t *answer, char id[RXP_ID_TEXT]);

/* The message when it is settled or the time is over; *out is the caller's then, NULL on failure. */
enum exit_status await_message(struct ctl *c, const char *id, unsigned wait_s, struct json_t **out);

/* EXIT_OK for a receipt; else complains: refused, parked, or still queued (EXIT_LATER). what: "the
 * Ping" or the like. */
enum exit_status await_judge(struct ctl *c, const struct json_t *message, const char *id,
    const char *peer, const char *what);

#endif
