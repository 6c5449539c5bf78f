#include "daemon/registry/store/store_recovery.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"
#include "protocol/message/answer.h"

/* --- the copy ------------------------------------------------------------------------------------- */

int store_put_back_mark(struct db *db, int64_t at_ms)
{
	return db_run(db, SQL_PUT_BACK_MARK, DB_VALUES(DB_N(at_ms)));
}

int store_put_back_get(struct db *db, int64_t *at_ms)
{
	const enum sql q = SQL_PUT_BACK_GET;
	int rc = db_first(db, q, NULL, 0);

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*at_ms = db_number(db, q, 0);
	db_end(db, q);
	return 0;
}

int store_put_back_done(struct db *db)
{
	return db_run(db, SQL_PUT_BACK_DONE, NULL, 0);
}

/* --- what this node lost with a peer -------------------------------------------------------------- */

static const struct recovery_words whys[] = {
#define RECOVERY_WHY(name, word, how) {word, how, ""},
#define RECOVERY_STAGE(name, word, held, meaning, next)
#include "daemon/registry/store/recovery.def"
#undef RECOVERY_WHY
#undef RECOVERY_STAGE
};

static const struct {
	struct recovery_words words;
	bool held;
} stages[] = {
#define RECOVERY_WHY(name, word, how)
#define RECOVERY_STAGE(name, word, held, meaning, next) {{word, meaning, next}, held},
#include "daemon/registry/store/recovery.def"
#undef RECOVERY_WHY
#undef RECOVERY_STAGE
};

struct recovery_words recovery_why_words(enum recovery_why why)
{
	return whys[why];
}

struct recovery_words recovery_stage_words(enum recovery_stage stage)
{
	return stages[stage].words;
}

bool recovery_holds(enum recovery_stage stage)
{
	return stages[stage].held;
}

static bool read_words(struct store_recovery *r, const char *why, const char *stage)
{
	unsigned w = 0, s = 0;

	while (w < RECOVERY_WHY_COUNT && strcmp(whys[w].word, why) != 0)
		w++;
	while (s < RECOVERY_STAGE_COUNT && strcmp(stages[s].words.word, stage) != 0)
		s++;
	r->why = (enum recovery_why)w;
	r->stage = (enum recovery_stage)s;
	return w < RECOVERY_WHY_COUNT && s < RECOVERY_STAGE_COUNT;
}

int store_recovery_get(struct db *db, struct store_recovery *out, const char *peer)
{
	const enum sql q = SQL_RECOVERY_GET;
	struct store_recovery r = {.proven = false};
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	snprintf(r.peer, sizeof r.peer, "%s", peer);
	r.began_ms = db_number(db, q, 2);
	r.ended_ms = db_number(db, q, 3);
	r.proven = db_number(db, q, 4) != 0;
	r.answers = (uint64_t)db_number(db, q, 6);
	r.documents = (uint64_t)db_number(db, q, 7);
	r.own = (uint64_t)db_number(db, q, 8);
	r.before = (uint64_t)db_number(db, q, 9);
	r.missing = (uint64_t)db_number(db, q, 10);
	r.given_up = (uint64_t)db_number(db, q, 11);
	r.told_at = (uint64_t)db_number(db, q, 12);
	r.waiting = (uint64_t)db_number(db, q, 13);
	r.caseless = (uint64_t)db_number(db, q, 14);
	r.unsupported =
	    strcmp(db_words(db, q, 15), rxp_refusal_row(RXP_REFUSAL_UNSUPPORTED)->wire) == 0;
	r.disputed = strcmp(db_words(db, q, 15), rxp_refusal_row(RXP_REFUSAL_STATE)->wire) == 0;
	r.unproved = (uint64_t)db_number(db, q, 16);
	r.said_ms = db_number(db, q, 17);
	r.day = db_number(db, q, 19);
	r.times = (uint32_t)db_number(db, q, 20);
	rc = read_words(&r, db_words(db, q, 0), db_words(db, q, 1)) &&
		     db_fill(db, q, 5, r.notice, sizeof r.notice) &&
		     db_fill(db, q, 18, r.told_log, sizeof r.told_log)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = r;
	return rc;
}

int store_recovery_put(struct db *db, const struct store_recovery *r)
{
	return db_run(db, SQL_RECOVERY_PUT,
	    DB_VALUES(DB_T(r->peer), DB_T(whys[r->why].word), DB_T(stages[r->stage].words.word),
		DB_N(r->began_ms), r->ended_ms != 0 ? DB_N(r->ended_ms) : DB_NONE, DB_N(r->proven),
		DB_O(r->notice, sizeof r->notice), DB_N(r->answers), DB_N(r->documents),
		DB_N(r->own), DB_N(r->before), DB_N(r->given_up), DB_N(r->day), DB_N(r->times)));
}

int store_recovery_count(struct db *db, const char *peer, enum store_back what)
{
	return db_run(db, SQL_RECOVERY_COUNT,
	    DB_VALUES(DB_T(peer), DB_N(what == STORE_BACK_ANSWER),
		DB_N(what == STORE_BACK_DOCUMENT), DB_N(what == STORE_BACK_OWN),
		DB_T(whys[RECOVERY_WHY_LOG].word)));
}

bool store_recovery_sure(struct db *db, const char *peer)
{
	const enum sql q = SQL_RECOVERY_SURE;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(peer), DB_T(stages[RECOVERY_OVER].words.word),
		DB_T(whys[RECOVERY_WHY_PUT_BACK].word)));

	if (rc == 1)
		db_end(db, q);
	return rc == 1;
}

bool store_recovery_waits_for(
    struct db *db, const char *peer, const uint8_t local_id[RXP_ID_OCTETS])
{
	const enum sql q = SQL_RECOVERY_WAITS_FOR;
	int rc = db_first(db, q,
	    DB_VALUES(
		DB_T(peer), DB_T(stages[RECOVERY_OVER].words.word), DB_O(local_id, RXP_ID_OCTETS)));

	if (rc == 1)
		db_end(db, q);
	return rc == 1;
}

int store_recovery_wake(struct db *db, const char *peer, int64_t now_ms)
{
	return db_run(db, SQL_RECOVERY_WAKE, DB_VALUES(DB_T(peer), DB_N(now_ms)));
}

int store_recovery_park(struct db *db, const struct store_doubled *of, uint64_t *n)
{
	int rc = db_run(db, SQL_RECOVERY_PARK,
	    DB_VALUES(DB_T(of->peer), DB_O(of->case_id, RXP_ID_OCTETS), DB_T(of->type),
		DB_T(state_word(STATE_WAITING)),
		DB_T(state_word(state_next(STATE_WAITING, EVENT_PARK))), DB_T(of->why)));

	if (rc == 0)
		*n = (uint64_t)db_changes(db);
	return rc;
}

/* --- what a peer lost ----------------------------------------------------------------------------- */

/* Those outside any case that a node reads and that mean something later (RXP-RCV-010). */
static const enum rxp_type sent_again[] = {
    RXP_TYPE_NODE_NOTICE, RXP_TYPE_ATTACHMENTS_RECEIVED, RXP_TYPE_STATISTICS_REPORT};

enum { LOST_LEFT = 2, LOST_OWED = 3 }; /* of outbox.lost, as the statements have it */

/* Of no log: nobody said, or saw, where one ended. */
bool store_bringing_disputes(const struct store_bringing *b)
{
	static const uint8_t none[RXP_ID_OCTETS];

	return b->seen && memcmp(b->log_id, none, sizeof none) == 0;
}

int store_bringing_get(struct db *db, struct store_bringing *out, const char *peer)
{
	const enum sql q = SQL_BRINGING_GET;
	struct store_bringing b = {.open = false};
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	snprintf(b.peer, sizeof b.peer, "%s", peer);
	b.n = (uint64_t)db_number(db, q, 1);
	b.open = db_number(db, q, 2) != 0;
	b.began_ms = db_number(db, q, 3);
	b.brought = (uint64_t)db_number(db, q, 5);
	b.not_taken = (uint64_t)db_number(db, q, 6);
	b.day = db_number(db, q, 7);
	b.times = (uint32_t)db_number(db, q, 8);
	b.lost = (uint64_t)db_number(db, q, 9);
	b.seen = db_number(db, q, 10) != 0;
	b.again = db_number(db, q, 11) != 0;
	b.beyond = (uint64_t)db_number(db, q, 12);
	rc = db_fill(db, q, 0, b.log_id, sizeof b.log_id) &&
		     db_fill(db, q, 4, b.after, sizeof b.after)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = b;
	return rc;
}

int store_bringing_put(struct db *db, const struct store_bringing *b)
{
	return db_run(db, SQL_BRINGING_PUT,
	    DB_VALUES(DB_T(b->peer), DB_O(b->log_id, sizeof b->log_id), DB_N(b->n), DB_N(b->open),
		DB_N(b->began_ms), DB_O(b->after, sizeof b->after), DB_N(b->brought),
		DB_N(b->not_taken), DB_N(b->day), DB_N(b->times), DB_N(b->lost), DB_N(b->seen),
		DB_N(b->again), DB_N(b->beyond)));
}

static int next_peer(struct db *db, enum sql q, char peer[RXP_PARTY_TEXT], const char *after)
{
	int rc = db_first(db, q, DB_VALUES(DB_T(after)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_name(db, q, 0, peer, RXP_PARTY_TEXT) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

int store_bringing_open(struct db *db, char peer[RXP_PARTY_TEXT], const char *after)
{
	return next_peer(db, SQL_BRINGING_OPEN, peer, after);
}

/* The row that db_first() came to with rc. */
static int take_answer(
    struct db *db, enum sql q, int rc, struct store_bringing *b, struct rxp_buf *answer)
{
	struct bytes octets;

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 1);
	rc = db_fill(db, q, 0, b->after, sizeof b->after)
		 ? rxp_buf_put(answer, octets.data, octets.len)
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

int store_bringing_next(struct db *db, struct store_bringing *b, struct rxp_buf *answer)
{
	const enum sql q = b->again ? SQL_BRINGING_LEFT : SQL_BRINGING_NEXT;
	int rc = b->again
		     ? db_first(db, q, DB_VALUES(DB_T(b->peer), DB_O(b->after, sizeof b->after)))
		     : db_first(db, q,
			   DB_VALUES(DB_T(b->peer), DB_N(b->n), DB_O(b->after, sizeof b->after),
			       DB_O(b->log_id, sizeof b->log_id)));

	return take_answer(db, q, rc, b, answer);
}

int store_bringing_next_owed(struct db *db, struct store_bringing *b, struct rxp_buf *answer)
{
	const enum sql q = SQL_BRINGING_NEXT_OWED;

	return take_answer(db, q,
	    db_first(db, q, DB_VALUES(DB_T(b->peer), DB_O(b->after, sizeof b->after))), b, answer);
}

int store_bringing_leave(struct db *db, const struct store_bringing *b, bool owed)
{
	return db_run(db, SQL_BRINGING_LEAVE,
	    DB_VALUES(DB_T(b->peer), DB_O(b->after, sizeof b->after),
		DB_N(owed ? LOST_OWED : LOST_LEFT)));
}

int store_bringing_had(struct db *db, const struct store_bringing *b)
{
	return db_run(
	    db, SQL_BRINGING_HAD, DB_VALUES(DB_T(b->peer), DB_O(b->after, sizeof b->after)));
}

int store_bringing_owed(struct db *db, char peer[RXP_PARTY_TEXT], const char *after)
{
	return next_peer(db, SQL_BRINGING_OWED, peer, after);
}

int store_bringing_settle(
    struct db *db, const char *peer, const struct rxp_log_entry *entries, size_t n, int64_t now_ms)
{
	struct store_bringing b = {.open = false};
	bool settled = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct rxp_log_entry *e = &entries[i];

		rc = db_run(db, SQL_BRINGING_SETTLE,
		    DB_VALUES(DB_T(peer), DB_O(e->message_id, sizeof e->message_id),
			DB_O(e->fingerprint, sizeof e->fingerprint), DB_N(e->received_ms)));
		if (rc != 0 || db_changes(db) == 0)
			continue;
		settled = true;
		rc = store_difference_taken(db, peer, e->message_id);
	}
	if (rc != 0 || !settled)
		return rc;
	snprintf(b.peer, sizeof b.peer, "%s", peer);
	return store_bringing_send(db, &b, true, now_ms);
}

int store_bringing_missed(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS])
{
	return db_run(db, SQL_BRINGING_MISSED,
	    DB_VALUES(DB_T(peer), DB_O(message_id, RXP_ID_OCTETS),
		DB_T(rxp_log_difference_row(RXP_LOG_MISSING)->word)));
}

int store_bringing_noted(struct db *db, const char *peer)
{
	const enum sql q = SQL_BRINGING_NOTED;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	db_end(db, q);
	return 0;
}

int store_bringing_lost(struct db *db, const struct store_bringing *b)
{
	return db_run(
	    db, SQL_BRINGING_LOST, DB_VALUES(DB_T(b->peer), DB_O(b->after, sizeof b->after)));
}

bool store_bringing_is_open(struct db *db, const char *peer)
{
	struct store_bringing b;

	return store_bringing_get(db, &b, peer) == 0 && b.open;
}

int store_bringing_send(struct db *db, const struct store_bringing *b, bool all, int64_t now_ms)
{
	int rc = all ? db_run(db, SQL_BRINGING_WHOLE_CASES, DB_VALUES(DB_T(b->peer), DB_N(now_ms)))
		     : db_run(db, SQL_BRINGING_CASES, DB_VALUES(DB_T(b->peer), DB_N(now_ms)));

	for (size_t i = 0; rc == 0 && i < sizeof sent_again / sizeof sent_again[0]; i++)
		rc = db_run(db, SQL_BRINGING_OTHERS,
		    DB_VALUES(
			DB_T(b->peer), DB_N(now_ms), DB_T(rxp_type_row(sent_again[i])->wire)));
	if (rc == 0)
		rc = db_run(db, SQL_BRINGING_LEAVE_NONE, DB_VALUES(DB_T(b->peer)));
	return rc != 0 ? rc : db_run(db, SQL_BRINGING_SENT_AGAIN, DB_VALUES(DB_T(b->peer)));
}

int store_bringing_known(
    struct db *db, struct store_known_log *out, const struct store_ended_log *of)
{
	struct store_known_log k = {.any = false};
	int rc = db_first(db, SQL_BRINGING_TRIED, DB_VALUES(DB_T(of->peer), DB_N(of->lost_ms)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	k.sent = (uint64_t)db_number(db, SQL_BRINGING_TRIED, 0);
	k.sent_since = (uint64_t)db_number(db, SQL_BRINGING_TRIED, 1);
	db_end(db, SQL_BRINGING_TRIED);
	rc = db_first(db, SQL_BRINGING_LOG_KNOWN,
	    DB_VALUES(DB_T(of->peer), DB_O(of->log_id, RXP_ID_OCTETS), DB_N(of->said_ms)));
	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	k.known = db_number(db, SQL_BRINGING_LOG_KNOWN, 0) != 0;
	k.any = db_number(db, SQL_BRINGING_LOG_KNOWN, 1) != 0;
	db_end(db, SQL_BRINGING_LOG_KNOWN);
	rc = db_first(db, SQL_BRINGING_CLAIM,
	    DB_VALUES(DB_T(of->peer), DB_O(of->log_id, RXP_ID_OCTETS), DB_N(of->n)));
	if (rc == 1) {
		k.claimed = db_fill(db, SQL_BRINGING_CLAIM, 1, k.head, sizeof k.head);
		db_end(db, SQL_BRINGING_CLAIM);
		rc = 0;
	}
	if (rc == 0)
		*out = k;
	return rc;
}

int store_bringing_accounted(struct db *db, uint64_t *out, const struct store_ended_log *of,
    const struct store_asked_log *asked)
{
	uint64_t known = asked->n, brought = asked->brought, shown;
	int rc = db_first(db, SQL_BRINGING_READ,
	    DB_VALUES(DB_T(of->peer), DB_O(of->log_id, RXP_ID_OCTETS), DB_N(asked->n)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	shown = (uint64_t)db_number(db, SQL_BRINGING_READ, 1);
	if (db_number(db, SQL_BRINGING_READ, 0) != 0) {
		brought = 0; /* they are among what was read */
		known = shown > known ? shown : known;
	}
	db_end(db, SQL_BRINGING_READ);
	rc = db_first(db, SQL_BRINGING_NAMED,
	    DB_VALUES(DB_T(of->peer), DB_O(of->log_id, RXP_ID_OCTETS), DB_N(of->n), DB_N(known),
		DB_N(asked->n), DB_N(of->lost_ms)));
	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*out = known + brought + (uint64_t)db_number(db, SQL_BRINGING_NAMED, 0);
	db_end(db, SQL_BRINGING_NAMED);
	return 0;
}

int store_bringing_exceeds(struct db *db, bool *out, const char *peer)
{
	int rc = db_first(db, SQL_BRINGING_BEYOND, DB_VALUES(DB_T(peer)));

	if (rc < 0)
		return rc;
	*out = rc == 1 && db_number(db, SQL_BRINGING_BEYOND, 0) != 0;
	if (rc == 1)
		db_end(db, SQL_BRINGING_BEYOND);
	return 0;
}

int store_bringing_carried(struct db *db, uint64_t *out, const char *peer)
{
	int rc = db_first(db, SQL_BRINGING_CARRIED, DB_VALUES(DB_T(peer)));

	if (rc < 0)
		return rc;
	*out = rc == 1 ? (uint64_t)db_number(db, SQL_BRINGING_CARRIED, 0) : 0;
	if (rc == 1)
		db_end(db, SQL_BRINGING_CARRIED);
	return 0;
}

int store_bringing_asked(struct db *db, const char *peer)
{
	return db_run(db, SQL_BRINGING_ASKED, DB_VALUES(DB_T(peer)));
}
