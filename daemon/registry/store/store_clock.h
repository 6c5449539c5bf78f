/*
 * store_clock - what the documents of a case made of its clocks at the last look, so that lists and
 * figures need no fold; and when a case is to be looked at again, because time alone changes something.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_CLOCK_H
#define REGISTRY_STORE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/due_place.h"
#include "daemon/base/record.h"
#include "protocol/base/ident.h"
#include "protocol/case/case_clock.h"

struct db;

/* What was told of a clock; it is told once for each due instant. */
enum store_clock_said {
	STORE_CLOCK_NOTHING,
	STORE_CLOCK_WARNED, /* that it is due soon */
	STORE_CLOCK_TOLD, /* that it has passed */
};

/* One clock of one person that has begun and counts. Instants are RXP_DUE_NEVER if there are none. */
struct store_clock {
	uint32_t person;
	enum rxp_clock clock;
	enum rxp_clock_status status;
	bool own; /* we must act */
	bool open; /* something is still to be done by it */
	bool
	    first; /* of the open ones of its case the one that is due first; one of them at most */
	bool provisional;
	int64_t start_ms, due_ms, warn_ms;
	int64_t off_ms; /* of one that was broken, or overdue when it ended */
	char local[RECORD_NAME_MAX]; /* the due instant as the calendar's owner reads it; or "" */
	enum store_clock_said said;
};

/* --- of one case --- */

typedef int store_clock_fn(void *arg, const struct store_clock *c);

/* All of them, by person. fn's error ends it. */
int store_clock_each(
    struct db *db, const char *peer, const uint8_t case_id[16], store_clock_fn *fn, void *arg);
int store_clock_clear(struct db *db, const char *peer, const uint8_t case_id[16]);
int store_clock_put(
    struct db *db, const char *peer, const uint8_t case_id[16], const struct store_clock *c);
/* The first. RXP_ERR_NOT_FOUND: nothing is to be done. */
int store_clock_first(
    struct db *db, struct store_clock *out, const char *peer, const uint8_t case_id[16]);

/* --- of all cases --- */

struct store_clock_case {
	char peer[RXP_PARTY_TEXT];
	uint8_t case_id[RXP_ID_OCTETS];
	int64_t at_ms; /* due, or to be looked at */
};

/* Which cases a page by due instant is of. */
struct store_clock_asked {
	const char *peer; /* "": of all */
	int64_t until_ms; /* their first clock is due then or before */
	uint32_t unseen; /* none of a kind in it */
	struct due_place after; /* behind this one; zeros for the first page */
};

/* In the order of due instants, ids and parties: how many of at most max. */
int store_clock_due(
    struct db *db, struct store_clock_case *out, size_t max, const struct store_clock_asked *asked);

/* Open clocks of one peer and name. */
struct store_clock_count {
	char peer[RXP_PARTY_TEXT];
	enum rxp_clock clock;
	uint64_t running, due, overdue; /* due: until soon_ms and not overdue */
};

typedef int store_clock_count_fn(void *arg, const struct store_clock_count *c);
int store_clock_counts(
    struct db *db, int64_t now_ms, int64_t soon_ms, store_clock_count_fn *fn, void *arg);

/* --- looks --- */

/* Look at the case then at the latest: an earlier look that is planned stays, since it may see more than who
 * plans now. RXP_DUE_NEVER plans none. */
int store_clock_look(struct db *db, const char *peer, const uint8_t case_id[16], int64_t at_ms);
/* At all cases of the peer now, or at all there are if it is "". */
int store_clock_look_all(struct db *db, const char *peer);
/* Those whose time has come: how many of at most max. */
int store_clock_looks(struct db *db, struct store_clock_case *out, size_t max, int64_t now_ms);
/* It was looked at as store_clock_looks() gave it: the next look, or none if that is RXP_DUE_NEVER; but one that
 * was planned meanwhile stays. */
int store_clock_looked(struct db *db, const struct store_clock_case *c, int64_t next_ms);

#endif
