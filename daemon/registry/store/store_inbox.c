#include "daemon/registry/store/store_inbox.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/log/logchain.h"

/* --- stored answers ----------------------------------------------------------------------------- */

/* The three queries give the same columns. */
static int take_answer(struct db *db, enum sql q, struct store_answer *answer, struct rxp_buf *out)
{
	struct store_answer a = {0};
	struct bytes octets = db_octets(db, q, 2);
	int rc = RXP_ERR_DAMAGED;

	a.lacks = db_number(db, q, 4) != 0;
	a.received_ms = db_number(db, q, 5);

	if (db_fill(db, q, 0, a.fingerprint, sizeof a.fingerprint) &&
	    db_fill(db, q, 3, a.message_id, sizeof a.message_id) &&
	    db_name(db, q, 1, a.refusal, sizeof a.refusal))
		rc = rxp_buf_put(out, octets.data, octets.len);
	db_end(db, q);
	if (rc == 0)
		*answer = a;
	return rc;
}

int store_answer_of_envelope(struct db *db, struct store_answer *answer, struct rxp_buf *out,
    const char *peer, const uint8_t envelope_digest[32])
{
	int rc =
	    db_first(db, SQL_ANSWER_OF_ENVELOPE, DB_VALUES(DB_T(peer), DB_O(envelope_digest, 32)));

	if (rc == 1)
		return take_answer(db, SQL_ANSWER_OF_ENVELOPE, answer, out);
	return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
}

int store_answer_of_document(struct db *db, struct store_answer *answer, struct rxp_buf *out,
    const char *peer, const uint8_t message_id[16], const uint8_t fingerprint[32])
{
	int rc = db_first(db, SQL_ANSWER_OF_DOCUMENT,
	    DB_VALUES(DB_T(peer), DB_O(message_id, 16), DB_O(fingerprint, 32)));

	if (rc == 1)
		return take_answer(db, SQL_ANSWER_OF_DOCUMENT, answer, out);
	if (rc == 0)
		rc = db_first(db, SQL_ANSWER_OF_ID, DB_VALUES(DB_T(peer), DB_O(message_id, 16)));
	if (rc == 1)
		return take_answer(db, SQL_ANSWER_OF_ID, answer, out);
	return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
}

static int read_log(
    struct db *db, const char *peer, struct store_log *log, uint8_t log_id[RXP_ID_OCTETS])
{
	const enum sql q = SQL_PEER_LOG;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));

	if (rc <= 0)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	log->count = (uint64_t)db_number(db, q, 1);
	rc = db_fill(db, q, 2, log->head, sizeof log->head) &&
		     db_fill(db, q, 3, log_id, RXP_ID_OCTETS)
		 ? 0
		 : RXP_ERR_DAMAGED;
	if (rc == 0 && strcmp(db_words(db, q, 0), "active") != 0)
		rc = RXP_ERR_STATE;
	db_end(db, q);
	return rc;
}

int store_answer_put(struct db *db, const struct store_final *f, struct store_log *log)
{
	struct rxp_log_entry entry = {.received_ms = f->received_ms,
	    .outcome = f->refusal[0] == '\0' ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL};
	uint8_t log_id[RXP_ID_OCTETS];
	struct store_log next;
	int rc = read_log(db, f->peer, &next, log_id);

	if (rc != 0)
		return rc;
	memcpy(entry.message_id, f->message_id, sizeof entry.message_id);
	memcpy(entry.fingerprint, f->fingerprint, sizeof entry.fingerprint);
	next.count++;
	rc = rxp_logchain_extend(next.head, next.count, &entry);
	if (rc != 0)
		return rc;
	rc = db_run(db, SQL_ANSWER_ADD,
	    DB_VALUES(DB_T(f->peer), DB_O(f->message_id, 16), DB_O(f->fingerprint, 32),
		DB_O(f->envelope_digest, 32), DB_T(f->refusal), DB_N(f->received_ms),
		DB_O(log_id, sizeof log_id), DB_N(next.count), DB_O(next.head, sizeof next.head),
		DB_B(f->octets), DB_T(f->flags), DB_N(f->lacks)));
	if (rc == 0)
		rc = store_peer_weigh(db, f->peer, (int64_t)f->octets.len);
	if (rc == 0)
		rc = db_run(db, SQL_PEER_LOG_EXTEND,
		    DB_VALUES(DB_T(f->peer), DB_N(next.count), DB_O(next.head, sizeof next.head)));
	if (rc == 0)
		*log = next;
	return rc;
}

int store_answer_reseal(struct db *db, const char *peer, const struct store_answer *answer,
    struct bytes before, struct bytes now)
{
	int64_t grown = (int64_t)now.len - (int64_t)before.len;
	int rc = db_run(db, SQL_ANSWER_RESEAL,
	    DB_VALUES(DB_T(peer), DB_O(answer->message_id, sizeof answer->message_id),
		DB_O(answer->fingerprint, sizeof answer->fingerprint), DB_B(before), DB_B(now)));

	if (rc != 0)
		return rc;
	return db_changes(db) == 1 ? store_peer_weigh(db, peer, grown) : RXP_ERR_EXISTS;
}

int store_answer_says(struct db *db, const struct store_final *f)
{
	int rc = db_first(db, SQL_ANSWER_SAYS,
	    DB_VALUES(DB_T(f->peer), DB_O(f->message_id, 16), DB_O(f->fingerprint, 32),
		DB_O(f->envelope_digest, 32), DB_T(f->refusal), DB_N(f->received_ms),
		DB_T(f->flags)));

	if (rc == 1)
		db_end(db, SQL_ANSWER_SAYS);
	else if (rc == 0)
		rc = RXP_ERR_NOT_FOUND;
	return rc == 1 ? 0 : rc;
}

int store_answer_has(struct db *db, const struct store_final *f)
{
	return db_run(db, SQL_ANSWER_HAS,
	    DB_VALUES(DB_T(f->peer), DB_O(f->message_id, 16), DB_O(f->fingerprint, 32)));
}

/* --- messages ----------------------------------------------------------------------------------- */

/* RXP-ANS-020 */
static bool is_kept(const struct store_received *m)
{
	return m->place.in_case || m->state == STATE_RECEIVED;
}

int store_inbox_put(struct db *db, const struct store_received *m, const struct store_final *f)
{
	const struct store_place *p = &m->place;
	size_t octets = m->envelope.len + m->evidence.len + m->wrapped_key.len + m->facts.len;
	bool kept = is_kept(m);
	int rc = kept ? store_peer_weigh(db, f->peer, (int64_t)octets) : 0;

	if (rc != 0)
		return rc;
	return db_run(db, SQL_INBOX_ADD,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(f->peer),
		DB_T(state_word(m->state)), DB_O(f->message_id, 16), DB_O(f->fingerprint, 32),
		DB_T(m->type), DB_N(m->created_ms), DB_N(m->expires_ms), DB_N(f->received_ms),
		DB_O(f->envelope_digest, 32), DB_O(m->seal_cert, 32),
		kept ? DB_B(m->envelope) : DB_NONE, kept ? DB_B(m->evidence) : DB_NONE,
		kept ? DB_B(m->wrapped_key) : DB_NONE,
		p->in_case ? DB_O(p->case_id, sizeof p->case_id) : DB_NONE,
		p->in_case ? DB_N(p->position) : DB_NONE,
		p->has_previous ? DB_O(p->previous, sizeof p->previous) : DB_NONE,
		p->has_seen ? DB_O(p->seen, sizeof p->seen) : DB_NONE,
		kept ? DB_B(m->facts) : DB_NONE));
}

int store_inbox_where(struct db *db, struct store_inbox_where *out, const uint8_t local_id[16])
{
	const enum sql q = SQL_INBOX_STATE;
	struct store_inbox_where w = {.state = STATE_NONE};
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	w.state = state_of_word(db_words(db, q, 1));
	w.in_case = db_octets(db, q, 2).len > 0;
	rc = w.state != STATE_NONE && db_name(db, q, 0, w.peer, sizeof w.peer) &&
		     db_fill(db, q, 2, w.case_id, sizeof w.case_id)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = w;
	return rc;
}

int store_inbox_move(struct db *db, const uint8_t local_id[16], enum state state)
{
	return db_run(db, SQL_INBOX_MOVE, DB_VALUES(DB_O(local_id, 16), DB_T(state_word(state))));
}

int store_quarantine_put(struct db *db, const uint8_t local_id[16], const char *peer,
    const uint8_t envelope_digest[32], struct bytes envelope, int64_t received_ms)
{
	const enum sql q = SQL_INBOX_QUARANTINE_COUNT;
	int rc = db_first(db, q,
	    DB_VALUES(
		DB_T(peer), DB_N(REGISTRY_QUARANTINE_MAX), DB_T(state_word(STATE_QUARANTINED))));
	int64_t there;

	if (rc < 0)
		return rc;
	there = db_number(db, q, 0);
	db_end(db, q);
	if (there >= REGISTRY_QUARANTINE_MAX)
		return RXP_ERR_FULL;
	if (there >= REGISTRY_QUARANTINE_KEPT)
		envelope = (struct bytes){NULL, 0};
	rc = store_peer_weigh(db, peer, (int64_t)envelope.len);
	if (rc != 0)
		return rc;
	return db_run(db, SQL_INBOX_ADD,
	    DB_VALUES(DB_O(local_id, 16), DB_T(peer), DB_T(state_word(STATE_QUARANTINED)), DB_NONE,
		DB_NONE, DB_T(""), DB_NONE, DB_NONE, DB_N(received_ms), DB_O(envelope_digest, 32),
		DB_NONE, envelope.len > 0 ? DB_B(envelope) : DB_NONE, DB_NONE, DB_NONE, DB_NONE,
		DB_NONE, DB_NONE, DB_NONE, DB_NONE));
}

int store_quarantine_has(struct db *db, const char *peer, const uint8_t envelope_digest[32])
{
	int rc =
	    db_first(db, SQL_INBOX_QUARANTINED, DB_VALUES(DB_T(peer), DB_O(envelope_digest, 32)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	db_end(db, SQL_INBOX_QUARANTINED);
	return 0;
}

int store_quarantine_end(struct db *db, char peer[RXP_PARTY_TEXT], const uint8_t local_id[16])
{
	const enum sql q = SQL_INBOX_QUARANTINE_OF;
	int rc =
	    db_first(db, q, DB_VALUES(DB_O(local_id, 16), DB_T(state_word(STATE_QUARANTINED))));
	int64_t octets;

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	snprintf(peer, RXP_PARTY_TEXT, "%s", db_words(db, q, 0));
	octets = db_number(db, q, 1);
	db_end(db, q);
	rc = store_peer_weigh(db, peer, -octets);
	return rc != 0 ? rc
		       : db_run(db, SQL_INBOX_SET_ASIDE,
			     DB_VALUES(DB_O(local_id, 16), DB_T(state_word(STATE_SET_ASIDE))));
}

static int count_each(struct db *db, enum sql q, store_count_fn *fn, void *arg)
{
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		enum state state = state_of_word(db_words(db, q, 1));
		int called = state == STATE_NONE ? RXP_ERR_DAMAGED
						 : fn(arg, db_words(db, q, 0), state,
						       (uint64_t)db_number(db, q, 2));

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_inbox_counts(struct db *db, store_count_fn *fn, void *arg)
{
	int rc = count_each(db, SQL_INBOX_COUNT, fn, arg);

	return rc != 0 ? rc : count_each(db, SQL_OUTBOX_COUNT, fn, arg);
}

int store_inbox_oldest(struct db *db, enum state state, int64_t *received_ms)
{
	const enum sql q = SQL_INBOX_OLDEST;
	int rc = db_first(db, q, DB_VALUES(DB_T(state_word(state))));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*received_ms = db_number(db, q, 0);
	db_end(db, q);
	return 0;
}
