/*
 * ask - the desk's end of the link to the registry: which request waits for which answer.
 *
 * A question has at most one answer, which comes later or, when the set of processes ends, never. Few
 * may wait long, so that long polls never take every connection or a whole window.
 */
#ifndef DESK_ASK_H
#define DESK_ASK_H

#include <stdbool.h>

#include "daemon/base/ipc.h"

#define ASK_LONG_MAX 32 /* questions with a waiting time, at one time */

struct ask;
struct http_request;
struct loop;

/* body: the struct of the message that answers the question (ipc.def). Answers the request. */
typedef void ask_answered(struct http_request *r, const void *body);
typedef void ask_lost(void *arg, int why); /* the link has closed: RXP_ERR_* */

/* Takes over fd, also on failure. RXP_ERR_NOMEM, RXP_ERR_IO. */
int ask_new(struct ask **out, struct loop *loop, int fd, ask_lost *lost, void *arg);
void ask_free(struct ask *a); /* calls no function; NULL is allowed */

/*
 * Put a question of this type, whose answer goes to fn. Answers the request with a problem of status
 * 503 if there is no room. Declares nothing else: the caller returns after it.
 */
void ask_put(struct ask *a, struct http_request *r, enum ipc_type type, const void *body,
    bool waits_long, ask_answered *fn);

#endif
