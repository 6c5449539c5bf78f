#include "daemon/registry/store/store_outbox.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

int store_outbox_add(
    struct db *db, const struct store_outbox *m, const struct store_draft *d, int64_t accepted_ms)
{
	return db_run(db, SQL_OUTBOX_ADD,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(m->peer),
		DB_T(state_word(m->state)), DB_T(m->type), DB_T(m->from_office), DB_T(m->to_office),
		DB_N(accepted_ms), DB_B(d->draft), DB_B(d->facts),
		d->key != NULL ? DB_T(d->key) : DB_NONE,
		d->key != NULL ? DB_O(d->body_digest, 32) : DB_NONE));
}

int store_outbox_say(struct db *db, const uint8_t local_id[16], const char *peer,
    enum rxp_type type, uint16_t tag, const void *record, int64_t accepted_ms)
{
	const struct rxp_type_row *row = rxp_type_row(type);
	struct store_outbox m = {.state = STATE_WAITING};
	struct store_draft d = {.key = NULL};
	struct rxp_buf draft;
	int rc;

	memcpy(m.local_id, local_id, sizeof m.local_id);
	snprintf(m.peer, sizeof m.peer, "%s", peer);
	snprintf(m.type, sizeof m.type, "%s", row->wire);
	snprintf(m.from_office, sizeof m.from_office, "%s", row->asking_office);
	snprintf(m.to_office, sizeof m.to_office, "%s", row->asked_office);
	rxp_buf_init(&draft, IPC_MESSAGE_MAX);
	rc = record_list_put(&draft, tag, record_type_of(tag), record);
	d.draft = d.facts = (struct bytes){.data = draft.data, .len = draft.len};
	if (rc == 0)
		rc = store_outbox_add(db, &m, &d, accepted_ms);
	rxp_buf_free(&draft);
	return rc;
}

int store_outbox_of_message(struct db *db, uint8_t local_id[16], const uint8_t message_id[16])
{
	const enum sql q = SQL_OUTBOX_OF_MESSAGE;
	int rc = db_first(db, q, DB_VALUES(DB_O(message_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_fill(db, q, 0, local_id, 16) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

/* The digests one behind the other, as they are stored. */
static bool read_earlier(struct store_outbox *m, struct bytes octets)
{
	if (octets.len % sizeof m->earlier[0] != 0 || octets.len > sizeof m->earlier)
		return false;
	if (octets.len > 0)
		memcpy(m->earlier, octets.data, octets.len);
	m->n_earlier = (unsigned)(octets.len / sizeof m->earlier[0]);
	return true;
}

static bool read_row(struct db *db, struct store_outbox *m)
{
	const enum sql q = SQL_OUTBOX_GET;

	m->state = state_of_word(db_words(db, q, 1));
	m->created_ms = db_number(db, q, 6);
	m->expires_ms = db_number(db, q, 7);
	m->attempts = (uint32_t)db_number(db, q, 10);
	m->strikes = (uint32_t)db_number(db, q, 11);
	m->first_attempt_ms = db_number(db, q, 12);
	m->lacks_from = (uint64_t)db_number(db, q, 20);
	m->ordered = db_number(db, q, 21) != 0;
	m->planned = db_number(db, q, 22) != 0;
	m->place = (struct store_place){.in_case = db_octets(db, q, 14).len > 0,
	    .position = (uint64_t)db_number(db, q, 15),
	    .has_previous = db_octets(db, q, 16).len > 0,
	    .has_seen = db_octets(db, q, 17).len > 0};
	return m->state != STATE_NONE && state_box(m->state) == STATE_OUTBOX &&
	       db_name(db, q, 0, m->peer, sizeof m->peer) &&
	       db_name(db, q, 2, m->type, sizeof m->type) &&
	       db_name(db, q, 3, m->from_office, sizeof m->from_office) &&
	       db_name(db, q, 4, m->to_office, sizeof m->to_office) &&
	       db_fill(db, q, 5, m->message_id, sizeof m->message_id) &&
	       db_fill(db, q, 8, m->envelope_digest, sizeof m->envelope_digest) &&
	       db_fill(db, q, 9, m->fingerprint, sizeof m->fingerprint) &&
	       db_fill(db, q, 14, m->place.case_id, sizeof m->place.case_id) &&
	       db_fill(db, q, 16, m->place.previous, sizeof m->place.previous) &&
	       db_fill(db, q, 17, m->place.seen, sizeof m->place.seen) &&
	       db_fill(db, q, 18, m->key_id, sizeof m->key_id) &&
	       read_earlier(m, db_octets(db, q, 19));
}

int store_outbox_get(
    struct db *db, struct store_outbox *out, struct rxp_buf *envelope, const uint8_t local_id[16])
{
	const enum sql q = SQL_OUTBOX_GET;
	struct store_outbox m = {0};
	struct bytes octets;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	memcpy(m.local_id, local_id, sizeof m.local_id);
	rc = read_row(db, &m) ? 0 : RXP_ERR_DAMAGED;
	octets = db_octets(db, q, 13);
	if (rc == 0 && envelope != NULL)
		rc = rxp_buf_put(envelope, octets.data, octets.len);
	db_end(db, q);
	if (rc == 0)
		*out = m;
	return rc;
}

/* The ids that a statement gives. */
static int read_ids(struct db *db, enum sql q, int rc, uint8_t (*ids)[16])
{
	int n = 0;

	while (rc == 1) {
		if (!db_fill(db, q, 0, ids[n], 16)) {
			db_end(db, q);
			return RXP_ERR_DAMAGED;
		}
		n++;
		rc = db_next(db, q);
	}
	return rc != 0 ? rc : n;
}

int store_outbox_due(
    struct db *db, const struct store_outbox_asked *asked, uint8_t (*ids)[16], size_t max)
{
	const enum sql q = SQL_OUTBOX_DUE;

	return read_ids(db, q,
	    db_first(db, q,
		DB_VALUES(DB_T(asked->peer), DB_N(asked->now_ms), DB_N(max), DB_N(asked->files),
		    DB_N(asked->until_ms), DB_N(asked->failed_ms))),
	    ids);
}

int store_outbox_deadline(struct db *db, const char *peer, const uint8_t case_id[16])
{
	return db_run(db, SQL_OUTBOX_DEADLINE, DB_VALUES(DB_T(peer), DB_O(case_id, 16)));
}

int store_outbox_open(
    struct db *db, const char *peer, enum rxp_type type, uint8_t (*ids)[16], size_t max)
{
	const enum sql q = SQL_OUTBOX_OPEN_TYPE;

	return read_ids(db, q,
	    db_first(db, q, DB_VALUES(DB_T(peer), DB_T(rxp_type_row(type)->wire), DB_N(max))), ids);
}

static int next_of(
    struct db *db, enum sql q, uint8_t ids[1][16], const char *peer, const uint8_t after[16])
{
	return read_ids(
	    db, q, db_first(db, q, DB_VALUES(DB_T(peer), DB_O(after, 16), DB_N(1))), ids);
}

int store_outbox_next(
    struct db *db, uint8_t local_id[16], const char *peer, const uint8_t after[16])
{
	uint8_t open[1][16], again[1][16];
	int n = next_of(db, SQL_OUTBOX_OPEN_NEXT, open, peer, after);
	int m = n < 0 ? n : next_of(db, SQL_OUTBOX_AGAIN_NEXT, again, peer, after);

	if (m < 0 || n + m == 0)
		return m < 0 ? m : RXP_ERR_NOT_FOUND;
	memcpy(local_id,
	    n == 0 || (m > 0 && memcmp(again, open, sizeof open) < 0) ? again[0] : open[0], 16);
	return 0;
}

int store_outbox_next_due(struct db *db, const char *peer, int64_t now_ms, int64_t *at_ms)
{
	const enum sql q = SQL_OUTBOX_NEXT_DUE;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(now_ms)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*at_ms = db_number(db, q, 0);
	db_end(db, q);
	return 0;
}

int store_outbox_wake(struct db *db, int64_t now_ms, int64_t after_ms)
{
	return db_run(db, SQL_OUTBOX_WAKE, DB_VALUES(DB_N(now_ms), DB_N(after_ms)));
}

int store_outbox_close(struct db *db, const struct store_outbox *m, struct bytes envelope,
    struct bytes evidence, struct bytes wrapped_key)
{
	const struct store_place *p = &m->place;

	return db_run(db, SQL_OUTBOX_CLOSE,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(state_word(m->state)),
		DB_O(m->message_id, sizeof m->message_id), DB_N(m->created_ms), DB_N(m->expires_ms),
		DB_O(m->envelope_digest, sizeof m->envelope_digest),
		DB_O(m->fingerprint, sizeof m->fingerprint), DB_B(envelope), DB_B(evidence),
		DB_B(wrapped_key), p->in_case ? DB_N(p->position) : DB_NONE,
		p->has_previous ? DB_O(p->previous, sizeof p->previous) : DB_NONE,
		p->has_seen ? DB_O(p->seen, sizeof p->seen) : DB_NONE,
		DB_O(m->key_id, sizeof m->key_id)));
}

int store_outbox_rekey(
    struct db *db, const struct store_outbox *m, struct bytes envelope, int64_t now_ms)
{
	return db_run(db, SQL_OUTBOX_REKEY,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(state_word(m->state)),
		DB_B(envelope), DB_O(m->envelope_digest, sizeof m->envelope_digest),
		DB_O(m->key_id, sizeof m->key_id),
		DB_O(m->earlier, m->n_earlier * sizeof m->earlier[0]), DB_N(now_ms)));
}

static int put_octets(
    struct db *db, enum sql q, struct rxp_buf *out, const uint8_t local_id[RXP_ID_OCTETS])
{
	struct bytes octets;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, RXP_ID_OCTETS)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 0);
	rc = rxp_buf_put(out, octets.data, octets.len);
	db_end(db, q);
	return rc;
}

int store_outbox_wrapped(struct db *db, struct rxp_buf *wrapped_key, const uint8_t local_id[16])
{
	return put_octets(db, SQL_OUTBOX_WRAPPED, wrapped_key, local_id);
}

int store_outbox_answer(struct db *db, struct rxp_buf *answer, const uint8_t local_id[16])
{
	return put_octets(db, SQL_OUTBOX_ANSWER, answer, local_id);
}

int store_outbox_attempt(
    struct db *db, const struct store_outbox *m, int64_t now_ms, int64_t next_ms)
{
	return db_run(db, SQL_OUTBOX_ATTEMPT,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(state_word(m->state)),
		DB_N(now_ms), DB_N(next_ms), DB_N(m->ordered)));
}

int store_outbox_plan(
    struct db *db, const struct store_outbox *m, int64_t next_try_ms, const char *why)
{
	return db_run(db, SQL_OUTBOX_PLAN,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(state_word(m->state)),
		DB_N(m->strikes), next_try_ms != 0 ? DB_N(next_try_ms) : DB_NONE, DB_T(why),
		m->lacks_from != 0 ? DB_N(m->lacks_from) : DB_NONE, DB_N(m->ordered)));
}

int store_outbox_park_damaged(
    struct db *db, const uint8_t local_id[16], const char *why, enum state *before)
{
	const enum sql q = SQL_OUTBOX_STATE;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*before = state_of_word(db_words(db, q, 0));
	db_end(db, q);
	if (*before == STATE_NONE || !state_allows(*before, EVENT_PARK))
		return db_run(db, SQL_OUTBOX_UNPLAN, DB_VALUES(DB_O(local_id, 16)));
	return db_run(db, SQL_OUTBOX_PARK,
	    DB_VALUES(
		DB_O(local_id, 16), DB_T(state_word(state_next(*before, EVENT_PARK))), DB_T(why)));
}

int store_outbox_discard(
    struct db *db, const struct store_outbox *m, const char *why, int64_t now_ms)
{
	return db_run(db, SQL_OUTBOX_DISCARD,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(state_word(m->state)), DB_T(why),
		DB_N(now_ms)));
}

int store_outbox_finish(struct db *db, const struct store_outbox *m, const struct store_outcome *o)
{
	return db_run(db, SQL_OUTBOX_FINISH,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(state_word(m->state)),
		DB_T(o->refusal), o->received_ms != 0 ? DB_N(o->received_ms) : DB_NONE,
		DB_N(o->answered_ms), o->log_id != NULL ? DB_O(o->log_id, 16) : DB_NONE,
		o->log_id != NULL ? DB_N(o->log_count) : DB_NONE,
		o->log_head != NULL ? DB_O(o->log_head, 32) : DB_NONE, DB_T(o->flags),
		o->answer.len > 0 ? DB_B(o->answer) : DB_NONE, DB_T(o->why),
		o->refused_ms != 0 ? DB_N(o->refused_ms) : DB_NONE));
}

int store_outbox_ask_again(struct db *db, const char *peer, int64_t since_ms, int64_t now_ms)
{
	return db_run(
	    db, SQL_OUTBOX_ASK_AGAIN, DB_VALUES(DB_T(peer), DB_N(since_ms), DB_N(now_ms)));
}

int store_outbox_reseal(
    struct db *db, const uint8_t local_id[16], const struct store_outcome *o, bool *resealed)
{
	int rc = db_run(db, SQL_OUTBOX_RESEAL,
	    DB_VALUES(DB_O(local_id, 16), DB_T(o->refusal),
		o->received_ms != 0 ? DB_N(o->received_ms) : DB_NONE,
		o->log_id != NULL ? DB_O(o->log_id, 16) : DB_NONE,
		o->log_id != NULL ? DB_N(o->log_count) : DB_NONE,
		o->refused_ms != 0 ? DB_N(o->refused_ms) : DB_NONE, DB_B(o->answer)));

	*resealed = rc == 0 && db_changes(db) == 1;
	return rc;
}

int store_outbox_oldest(struct db *db, int64_t *accepted_ms)
{
	const enum sql q = SQL_OUTBOX_OLDEST;
	int rc = db_first(db, q, NULL, 0);

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*accepted_ms = db_number(db, q, 0);
	db_end(db, q);
	return 0;
}
