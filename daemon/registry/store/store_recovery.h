/*
 * store_recovery - what became of the database as a whole: a copy that was put in the place of a later one, how far
 * what this node lost with each peer is back, and how far what a peer lost is.
 *
 * Functions that change something are called from a store_apply, or at the start. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_RECOVERY_H
#define REGISTRY_STORE_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/log/logcompare.h"

struct db;
struct rxp_buf;

/* --- the copy ------------------------------------------------------------------------------------- */

/* Mark the database as put back at that time. Whoever puts a copy in the place of a later database does this to it before
 * any registry is started on it; to do it again changes the time alone. */
int store_put_back_mark(struct db *db, int64_t at_ms);

/* When it was put back. RXP_ERR_NOT_FOUND: it was not, or a start has seen to it. */
int store_put_back_get(struct db *db, int64_t *at_ms);

/* In the transaction that sees to it. */
int store_put_back_done(struct db *db);

/* --- what this node lost with a peer -------------------------------------------------------------- */

enum recovery_why {
#define RECOVERY_WHY(name, word, how) RECOVERY_WHY_##name,
#define RECOVERY_STAGE(name, word, held, meaning, next)
#include "daemon/registry/store/recovery.def"
#undef RECOVERY_WHY
#undef RECOVERY_STAGE
	RECOVERY_WHY_COUNT
};

enum recovery_stage {
#define RECOVERY_WHY(name, word, how)
#define RECOVERY_STAGE(name, word, held, meaning, next) RECOVERY_##name,
#include "daemon/registry/store/recovery.def"
#undef RECOVERY_WHY
#undef RECOVERY_STAGE
	RECOVERY_STAGE_COUNT
};

struct recovery_words {
	const char *word, *meaning, *next; /* fixed; next "" of a reason */
};

struct recovery_words recovery_why_words(enum recovery_why why);
struct recovery_words recovery_stage_words(enum recovery_stage stage);
bool recovery_holds(enum recovery_stage stage);

#define STORE_ASK_AGAIN INT64_MAX /* a history is to be asked for once more, whatever came since */

struct store_recovery {
	char peer[RXP_PARTY_TEXT];
	enum recovery_why why;
	enum recovery_stage stage;
	int64_t began_ms, ended_ms; /* ended_ms 0: not yet */
	bool proven; /* something is lost for sure */
	uint8_t notice[RXP_ID_OCTETS]; /* local id of our NodeNotice */
	uint64_t answers, documents, own; /* that came back: ours to the peer, the peer's, ours */
	uint64_t before; /* their sum when we asked for a history last, or STORE_ASK_AGAIN */
	uint64_t given_up; /* documents of the peer, until a person ends that (store_tray.h) */
	int64_t day; /* of UTC, since 1970, in which the log of the peer alone began … */
	uint32_t times; /* … so many of which nothing came back */
	/* not written by store_recovery_put: */
	uint64_t
	    missing; /* documents of ours that came back without their place, of cases that are here (store_left.h) */
	uint64_t
	    told_at; /* entries of the peer's log when it receipted our notice; 0: it did not, … */
	uint8_t told_log[RXP_ID_OCTETS]; /* … and which log that was */
	bool unsupported; /* it refused the notice, since it carries out none */
	bool disputed; /* it refused the notice for what that says (RXP-RCV-006) … */
	int64_t said_ms; /* … which we said then */
	uint64_t waiting; /* documents of the peer in the tray … */
	uint64_t caseless; /* … of cases of which nothing is here */
	uint64_t unproved; /* answers and documents that nobody has let stand (store_unproved.h) */
};

int store_recovery_get(
    struct db *db, struct store_recovery *out, const char *peer); /* _NOT_FOUND */
int store_recovery_put(struct db *db, const struct store_recovery *r);

/* One thing more came back. Nothing, if nothing is being recovered. */
enum store_back { STORE_BACK_ANSWER, STORE_BACK_DOCUMENT, STORE_BACK_OWN };
int store_recovery_count(struct db *db, const char *peer, enum store_back what);

/* Is it known that something was lost with the peer, by more than its word and what is under a seal that is revoked
 * (RXP-RCV-013)? An error of the database is none. */
bool store_recovery_sure(struct db *db, const char *peer);

/* Is that message of ours one without whose answer a hold with the peer does not go on? An error of the database: no. */
bool store_recovery_waits_for(
    struct db *db, const char *peer, const uint8_t local_id[RXP_ID_OCTETS]);

/* What was planned for later of messages to the peer is due now. */
int store_recovery_wake(struct db *db, const char *peer, int64_t now_ms);

/* Of that case, what waits to be sealed of a type of which a document came back, waits for a person. why: words; n: how many. */
struct store_doubled {
	const char *peer, *type, *why;
	const uint8_t *case_id;
};
int store_recovery_park(struct db *db, const struct store_doubled *of, uint64_t *n);

/* --- what a peer lost ----------------------------------------------------------------------------- */

struct store_bringing {
	char peer[RXP_PARTY_TEXT];
	uint8_t log_id[RXP_ID_OCTETS];
	uint64_t n; /* up to that entry of that log it has all */
	bool open;
	int64_t began_ms;
	uint8_t after[RXP_ID_OCTETS]; /* the message whose answer was brought last */
	uint64_t brought, not_taken;
	uint64_t lost; /* of those brought, that it had lost */
	bool seen; /* its answers showed it, or it is looked for, and it had not said so */
	bool again; /* those that it did not take come once more (RXP-RCV-019) */
	uint64_t
	    beyond; /* entries of logs of it that ended which nothing here accounted for (RXP-RCV-024) */
	int64_t day; /* of UTC, since 1970, in which it lost so many times */
	uint32_t times;
};

/* Began since the peer refused what was said of a loss here: it may have lost something without knowing it (RXP-RCV-020). */
bool store_bringing_disputes(const struct store_bringing *b);
int store_bringing_get(
    struct db *db, struct store_bringing *out, const char *peer); /* _NOT_FOUND */
int store_bringing_put(struct db *db, const struct store_bringing *b);
/* The first peer behind that one for which one is open. RXP_ERR_NOT_FOUND. */
int store_bringing_open(struct db *db, char peer[RXP_PARTY_TEXT], const char *after);
/* The next answer of the peer that it may have lost, or with b->again that it did not take or does not show, behind b->after, in place;
 * appended. RXP_ERR_NOT_FOUND. */
int store_bringing_next(struct db *db, struct store_bringing *b, struct rxp_buf *answer);
/* The same of those that are owed to it. */
int store_bringing_next_owed(struct db *db, struct store_bringing *b, struct rxp_buf *answer);
/* It did not take the answer to the message b->after; or nothing shows that it has it, so that this stays owed to it, also when nothing
 * is open any more (RXP-BND-013). */
int store_bringing_leave(struct db *db, const struct store_bringing *b, bool owed);
/* Its log lacks the answer to that message: unless that was told before the answer is among those that b->again brings. */
int store_bringing_missed(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS]);
/* Is there one of those, while nothing is open? RXP_ERR_NOT_FOUND. */
int store_bringing_noted(struct db *db, const char *peer);
/* It had lost the answer to the message b->after; or it had it. */
int store_bringing_lost(struct db *db, const struct store_bringing *b);
int store_bringing_had(struct db *db, const struct store_bringing *b);
/* The first peer behind that one to which answers are owed. RXP_ERR_NOT_FOUND. */
int store_bringing_owed(struct db *db, char peer[RXP_PARTY_TEXT], const char *after);
/* These entries are in its log: what is owed of them is owed no more, nor told to be missing there, and what they answer is sent again. */
int store_bringing_settle(
    struct db *db, const char *peer, const struct rxp_log_entry *entries, size_t n, int64_t now_ms);
/* Of the messages that it has lost, let the first of each case be due, which the others follow, or all of them, and those outside
 * any that mean something later. */
int store_bringing_send(struct db *db, const struct store_bringing *b, bool all, int64_t now_ms);
/* Is something being brought to the peer? An error of the database is none. */
bool store_bringing_is_open(struct db *db, const char *peer);
/* What is known of a log of the peer that it says ended behind entry n. */
struct store_ended_log {
	const char *peer;
	const uint8_t *log_id;
	uint64_t n;
	int64_t said_ms; /* when it says so */
	int64_t lost_ms; /* when this node lost something with it */
};
struct store_known_log {
	uint64_t sent; /* messages that were on a line to it: no log of it is longer, … */
	uint64_t sent_since; /* … but for what this node lost; since then */
	bool any; /* it gave a receipt before it said so */
	bool known; /* this log is known, from a receipt or a page */
	bool claimed; /* a receipt names the head at n … */
	uint8_t head[RXP_DIGEST_OCTETS]; /* … and it is this */
};
int store_bringing_known(
    struct db *db, struct store_known_log *out, const struct store_ended_log *of);
/* What this node asked for with of->lost_ms, 0 if it has not. */
struct store_asked_log {
	uint64_t n; /* all up to that entry of the log, … */
	uint64_t
	    brought; /* … and answers that the peer took back last, as entries of the log, if that was not read since */
};
/* Of how many of its entries up to of->n this node knows why they are there: it read them, or asked for them, or has receipts that name
 * the log; of those it counts some too many rather than too few. */
int store_bringing_accounted(struct db *db, uint64_t *out, const struct store_ended_log *of,
    const struct store_asked_log *asked);
/* Are there more beyond these than messages of which it is not known what became of them, now that the log which followed was read? */
int store_bringing_exceeds(struct db *db, bool *out, const char *peer);
/* How many there are still, for the row that takes the place of the present one: answers that came since name its log. */
int store_bringing_carried(struct db *db, uint64_t *out, const char *peer);
/* All of them are asked for. */
int store_bringing_asked(struct db *db, const char *peer);

#endif
