/*
 * ask - the desk's ends of the link to the registry and of the work queue to the sealers: which
 * request waits for which answer.
 *
 * A question has at most one answer, which comes later or, when the set of processes ends, never. Few
 * may wait long, so that long polls never take every connection or a whole window.
 */
#ifndef DESK_ASK_H
#define DESK_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/base/link.h"

#define ASK_LONG_MAX 32 /* questions with a waiting time, at one time */

struct ask;
struct http_request;
struct loop;

/* The message answers the question (ipc.def). Answers the request, or asks on. */
typedef void ask_answered(struct http_request *r, const struct link_message *m);
/* The same for what has no request to answer. NULL: the sealers gave up (work.h). */
typedef void ask_heard(void *arg, const struct link_message *m);
typedef void ask_lost(void *arg, int why); /* a link has closed: RXP_ERR_* */

/* Takes over both descriptors, also on failure. RXP_ERR_NOMEM, RXP_ERR_IO. */
int ask_new(struct ask **out, struct loop *loop, int registry_fd, int sealers_fd, ask_lost *lost,
    void *arg);
void ask_free(struct ask *a); /* calls no function; NULL is allowed */

/* The parent says that the sealer of this number died. */
void ask_sealer_died(struct ask *a, uint32_t number);

/*
 * Put a question of this type to the process that its row names; the answer goes to fn. If it has a field
 * `unseen`, that becomes what the caller of the request does not see. Answers the
 * request with a problem of status 503 if there is no room, and with one of its own if the sealers
 * gave up. Declares nothing else: the caller returns after it.
 */
void ask_put(struct ask *a, struct http_request *r, enum ipc_type type, const void *body,
    bool waits_long, ask_answered *fn);

/* The same without a request: RXP_ERR_FULL and the errors of the link are the caller's. */
int ask_tell(struct ask *a, enum ipc_type type, const void *body, ask_heard *fn, void *arg);

#endif
