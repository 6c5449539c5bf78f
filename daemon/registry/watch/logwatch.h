/*
 * logwatch - reads once a day the log that each peer keeps for this node, and compares it (RXP-LOG-008 to 012).
 *
 * One reading of a peer's log is a pass: page after page the gateway asks, a sealer verifies, page.c compares in a
 * transaction; behind the last page come the answers that are in no entry and the entries that are gone. A pass that
 * cannot be made is tried again after an hour. Nothing else of the node depends on what is found.
 *
 * A peer that pulls cannot be asked: it posts pages, and is told each time which one is wanted next (RXP-PUL-010). Pages may also come
 * in a bundle (RXP-BND-008): nobody is told anything then, and they may be old.
 */
#ifndef REGISTRY_LOGWATCH_H
#define REGISTRY_LOGWATCH_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peer;
struct peers;
struct publish;
struct refresh;
struct logwatch;

struct logwatch_config {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	const struct publish *publish;
	struct refresh *refresh;
	/* The peer's log names messages of ours that we do not know. */
	void (*unknown)(void *arg, struct peer *peer);
	void *arg;
};

/* Loads when each peer was compared, and what was found. Errors as in db.h; RXP_ERR_NOMEM. */
int logwatch_new(struct logwatch **out, const struct logwatch_config *config);
void logwatch_free(struct logwatch *w); /* NULL is allowed */

/* Look which logs are to be read. */
void logwatch_tick(struct logwatch *w);

/* Read the peer's log now; of one that pulls, from the next page on that it posts. 0: it is under way, also if it was
 * before. RXP_ERR_STATE: one of the two is getting back what it lost. RXP_ERR_FULL, RXP_ERR_NOMEM, errors as in db.h. */
int logwatch_now(struct logwatch *w, struct peer *peer);

/* The gateway's answer to a request `fetch_log`. */
void logwatch_fetched(struct logwatch *w, uint64_t request, const struct msg_log_fetched *m);

/* A peer posted a page; answers `log_taken`. */
void logwatch_posted(struct logwatch *w, uint64_t request, const struct msg_log_posted *m);

/* A page came in a bundle that is said to be the peer's. done hears once, perhaps inside: 0, also if it was passed over;
 * RXP_ERR_MISMATCH: it is no page of that log; another error: not now. */
typedef void logwatch_carried_done(void *arg, int result);
void logwatch_carried(struct logwatch *w, const char *party, struct bytes octets,
    logwatch_carried_done *done, void *arg);
/* A message or an answer of the peer came in one: a while later its log is to be compared, or it is told (RXP-LOG-012). */
void logwatch_met(struct peer *peer);

#endif
