#include "daemon/registry/history/take.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/history/place.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/retention/replay.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_left.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_tray.h"
#include "daemon/registry/store/store_unproved.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define STORED_MAX \
	(RXP_MAX_ENVELOPE_OCTETS + 1024UL) /* octets of an envelope and its wrapped key */

/* Of a peer: the document of ours for whose answer the next one waits; zeros: for what stands before it in the case, which
 * may be on its way back from the peer too (RXP-RCV-010). */
struct wait {
	char peer[RXP_PARTY_TEXT];
	uint8_t local_id[RXP_ID_OCTETS];
	int64_t came_back_mono; /* what came last had come when it began to wait */
};

static const uint8_t others[RXP_ID_OCTETS];
static const char DOUBLED[] = "one of its type came back: compare, then requeue or give it up";
_Static_assert(sizeof DOUBLED <= RECORD_NAME_MAX, "as lists of messages have it");

struct take {
	const struct history_config *of;
	bool busy;
	struct store_item item;
	/* the document in work */
	char peer[RXP_PARTY_TEXT];
	struct store_piece piece; /* the first one of it */
	uint64_t up_to; /* number of its last one */
	uint8_t key_id[RXP_DIGEST_OCTETS];
	struct msg_restored m; /* its BYTES point into made */
	struct rxp_buf made;
	enum place place;
	struct store_outbox row; /* as it was taken */
	uint64_t parked; /* of what waited, with it */
	size_t n_waits;
	struct wait waits[REGISTRY_PEERS_MAX];
};

/* --- waiting -------------------------------------------------------------------------------------- */

/* Nothing that was lost is on its way back any more, as far as one can see. */
static bool is_quiet(const struct peer *p)
{
	return !p->recovering || clock_mono_ms() - p->came_back_mono >= REGISTRY_QUIET_MS;
}

static struct wait *wait_of(struct take *t, const char *peer)
{
	for (size_t i = 0; i < t->n_waits; i++)
		if (strcmp(t->waits[i].peer, peer) == 0)
			return &t->waits[i];
	return NULL;
}

/* Does something still stand before the peer's next one? */
static bool waits(struct take *t, const char *peer)
{
	struct wait *w = wait_of(t, peer);
	struct store_outbox before;

	if (w == NULL)
		return false;
	if (memcmp(w->local_id, others, sizeof others) == 0) {
		const struct peer *p = peers_find(t->of->peers, peer);

		if (p->came_back_mono == w->came_back_mono && !is_quiet(p))
			return true;
	} else if (store_outbox_get(store_db(t->of->node->store), &before, NULL, w->local_id) ==
		       0 &&
		   (before.state == STATE_SENDING || before.state == STATE_IN_DOUBT))
		return true;
	*w = t->waits[--t->n_waits];
	return false;
}

static void wait_for(struct take *t, const uint8_t local_id[RXP_ID_OCTETS])
{
	struct wait *w = wait_of(t, t->peer);

	if (w == NULL && t->n_waits < REGISTRY_PEERS_MAX)
		w = &t->waits[t->n_waits++];
	if (w == NULL)
		abort(); /* there are no more peers */
	memcpy(w->peer, t->peer, sizeof w->peer);
	memcpy(w->local_id, local_id, sizeof w->local_id);
	w->came_back_mono = peers_find(t->of->peers, t->peer)->came_back_mono;
}

/* --- the commit ----------------------------------------------------------------------------------- */

static void fill_row(struct take *t)
{
	const struct msg_restored *m = &t->m;
	struct store_outbox r = {.state = STATE_IN_DOUBT,
	    .created_ms = m->created_ms,
	    .expires_ms = m->expires_ms,
	    .n_earlier = 1,
	    .place = {.in_case = true,
		.position = m->position,
		.has_previous = m->has_previous != 0,
		.has_seen = m->has_seen != 0}};

	memcpy(r.local_id, t->row.local_id, sizeof r.local_id);
	memcpy(r.peer, t->peer, sizeof r.peer);
	memcpy(r.message_id, m->message_id, sizeof r.message_id);
	memcpy(r.type, m->type, sizeof r.type);
	memcpy(r.from_office, m->from_office, sizeof r.from_office);
	memcpy(r.to_office, m->to_office, sizeof r.to_office);
	memcpy(r.envelope_digest, m->envelope_digest, sizeof r.envelope_digest);
	memcpy(r.fingerprint, m->fingerprint, sizeof r.fingerprint);
	memcpy(r.key_id, t->key_id, sizeof r.key_id);
	memcpy(r.earlier[0], t->piece.receipted, sizeof r.earlier[0]);
	memcpy(r.place.case_id, m->case_id, sizeof r.place.case_id);
	memcpy(r.place.previous, m->previous, sizeof r.place.previous);
	memcpy(r.place.seen, m->seen, sizeof r.place.seen);
	t->row = r;
}

/* What waited for it is due, and what would say the same again waits for a person (RXP-RCV-011). */
static int came_back(struct take *t, struct db *db, int64_t now_ms)
{
	const struct store_back_row back = {.peer = t->peer,
	    .own = true,
	    .message_id = t->m.message_id,
	    .fingerprint = t->m.fingerprint,
	    .seal = t->m.seal,
	    .back_ms = now_ms,
	    .unproved = t->m.revoked_ms != 0};
	int rc = store_recovery_count(db, t->peer, STORE_BACK_OWN);

	if (rc == 0)
		rc = store_difference_known(db, t->peer, t->m.message_id);
	if (rc == 0)
		rc = store_tray_due(db, t->peer, t->m.case_id);
	if (rc == 0)
		rc = store_back_put(db, &back);
	if (rc == 0 && place_held(db, t->peer, t->m.case_id))
		rc = store_recovery_park(db,
		    &(struct store_doubled){t->peer, t->m.type, DOUBLED, t->m.case_id}, &t->parked);
	return rc;
}

/* These data are older than its erasure: nobody is shown it, and it goes when it has its answer (RXP-RET-020). */
static int erase_again_of(const struct take *t, struct db *db, int64_t now_ms)
{
	struct erasure_document d = {.own = true};
	struct erased none = {.documents = 0};
	int rc;

	memcpy(d.peer, t->peer, sizeof d.peer);
	memcpy(d.message_id, t->row.message_id, sizeof d.message_id);
	memcpy(d.fingerprint, t->row.fingerprint, sizeof d.fingerprint);
	rc = replay_back(&none, db, t->of->node, &d, t->row.local_id, now_ms);
	erase_clear(&none);
	return rc;
}

/* RXP-HIS-013: in doubt, until the stored answer comes. */
static int put(struct take *t, struct db *db, const struct cases *c, int64_t now_ms)
{
	const struct store_restored octets = {
	    t->m.envelope, t->m.evidence, t->m.wrapped_key, t->m.facts};
	struct store_case known;
	int rc = rxp_id_make_v7(t->row.local_id, now_ms, &t->of->node->random);

	if (rc == 0 && c->n_all == 0)
		rc = store_case_get(db, &known, t->peer, t->m.case_id);
	if (rc == RXP_ERR_NOT_FOUND)
		rc = store_case_add(db, &c->row);
	if (rc != 0)
		return rc;
	fill_row(t);
	rc = store_restored_add(db, &t->row, &octets, now_ms);
	if (rc == 0)
		rc = erase_again_of(t, db, now_ms);
	if (rc == 0)
		rc = came_back(t, db, now_ms);
	return rc != 0 ? rc : clocks_refresh(t->of->clocks, db, t->peer, t->m.case_id, now_ms);
}

static uint64_t *count_of(struct store_asked *a, enum place place)
{
	switch (place) {
	case PLACE_NEXT:
		return &a->taken;
	case PLACE_HELD:
		return &a->held;
	case PLACE_FORK:
		return &a->forked;
	case PLACE_FALSE:
		return &a->spoilt;
	default:
		return &a->left_out;
	}
}

/* Is it what the peer said that it gives, and what we asked for? */
static bool is_asked_for(const struct take *t, const struct store_asked *a)
{
	return memcmp(t->m.message_id, t->piece.message_id, sizeof t->piece.message_id) == 0 &&
	       store_asked_names(a, t->m.case_id);
}

static int judge(struct take *t, struct cases *c, struct db *db, const struct store_asked *a)
{
	uint8_t before[RXP_ID_OCTETS] = {0};
	int rc;

	if (t->place == PLACE_FALSE || t->place == PLACE_LEFT || t->place == PLACE_GONE)
		return 0;
	if (!is_asked_for(t, a)) {
		t->place = PLACE_FALSE;
		return 0;
	}
	rc = place_find(&t->place, c, before, db, t->of->node->own, t->peer, &t->m);
	if (rc == 0 && t->place == PLACE_LEFT && !is_quiet(peers_find(t->of->peers, t->peer))) {
		memcpy(before, others, sizeof before);
		t->place = PLACE_WAITS;
	}
	if (rc == 0 && t->place == PLACE_WAITS)
		wait_for(t, before);
	return rc;
}

static int leave(const struct take *t, struct db *db)
{
	const struct msg_restored *m = &t->m;

	return store_left_add(db, &(struct store_left){.peer = t->peer,
				      .case_id = m->case_id,
				      .previous = m->has_previous != 0 ? m->previous : NULL,
				      .seen = m->has_seen != 0 ? m->seen : NULL,
				      .held = place_held(db, t->peer, m->case_id)});
}

static int apply(void *arg, struct db *db)
{
	struct cases c = {.n = 0};
	struct take *t = arg;
	struct store_asked a;
	int rc = store_asked_get(db, &a, t->peer);

	t->parked = 0;
	if (rc == 0)
		rc = judge(t, &c, db, &a);
	if (rc == 0 && t->place == PLACE_NEXT)
		rc = put(t, db, &c, clock_wall_ms());
	cases_clear(&c);
	if (rc != 0 || t->place == PLACE_WAITS)
		return rc;
	if (t->place != PLACE_GONE)
		++*count_of(&a, t->place);
	if (t->place == PLACE_LEFT)
		rc = leave(t, db);
	if (rc == 0)
		rc = store_piece_drop(db, t->peer, t->up_to);
	return rc != 0 ? rc : store_asked_put(db, &a);
}

static void tell(const struct take *t)
{
	char id[RXP_ID_TEXT];

	rxp_id_text(id, t->piece.message_id);
	switch (t->place) {
	case PLACE_NEXT:
		log_event(t->m.revoked_ms != 0 ? LOG_DOCUMENT_UNPROVED : LOG_HISTORY_TAKEN,
		    LOG_S(t->peer), LOG_S(id), LOG_S(t->row.type));
		break;
	case PLACE_LEFT:
		log_event(LOG_HISTORY_LEFT, LOG_S(t->peer), LOG_S(id));
		break;
	case PLACE_FORK:
		log_event(LOG_HISTORY_FORKED, LOG_S(t->peer), LOG_S(id));
		break;
	case PLACE_FALSE:
		log_event(LOG_HISTORY_FALSE, LOG_S(t->peer), LOG_S(id));
		break;
	default:
		break;
	}
}

static void taken(struct take *t)
{
	struct peer *peer = peers_find(t->of->peers, t->peer);

	peer->came_back_mono = clock_mono_ms();
	(void)store_difference_open(store_db(t->of->node->store), &peer->differences, peer->party);
	peers_count(peer, STATE_NONE, STATE_IN_DOUBT);
	for (uint64_t i = 0; i < t->parked; i++)
		peers_count(peer, STATE_WAITING, state_next(STATE_WAITING, EVENT_PARK));
	pace_kick(t->of->pace);
}

static void done(void *arg, int result);

static void commit(struct take *t, enum place place)
{
	t->place = place;
	t->item = (struct store_item){.apply = apply, .done = done, .arg = t};
	store_submit(t->of->node->store, &t->item);
}

static void done(void *arg, int result)
{
	struct take *t = arg;

	/* With it the case would not be sound: something before it is missing. */
	if ((result == RXP_ERR_STATE || result == RXP_ERR_EXISTS) && t->place == PLACE_NEXT) {
		commit(t, PLACE_LEFT);
		return;
	}
	t->busy = false;
	if (result != 0)
		return; /* the next tick looks again */
	tell(t);
	if (t->place == PLACE_NEXT)
		taken(t);
	take_round(t);
}

/* --- the sealer ----------------------------------------------------------------------------------- */

static int keep(struct take *t, const struct msg_restored *m)
{
	struct bytes *runs[] = {&t->m.envelope, &t->m.evidence, &t->m.wrapped_key, &t->m.facts};
	size_t at = 0;

	t->m = *m;
	rxp_buf_reset(&t->made);
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
		rxp_buf_put(&t->made, runs[i]->data, runs[i]->len);
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		runs[i]->data = t->made.data + at;
		at += runs[i]->len;
	}
	return rxp_buf_error(&t->made);
}

/* Failures of this machine, and a key that went out of force meanwhile, say nothing of the document. */
static void restored(void *arg, int result, const struct link_message *answer)
{
	struct take *t = arg;
	const struct msg_restored *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == 0 && m->revoked_ms != 0 &&
	    !store_recovery_sure(store_db(t->of->node->store), t->peer))
		rc = RXP_ERR_SIGNER; /* RXP-RCV-013 */
	if (rc == 0)
		rc = keep(t, m);
	if (rc == 0)
		commit(t, PLACE_NEXT);
	else if (rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO || rc == RXP_ERR_NOT_FOUND)
		t->busy = false;
	else
		commit(t, PLACE_FALSE);
}

/* 1: the second piece is there; RXP_ERR_NOT_FOUND: it may come; RXP_ERR_STATE: the peer gives it no more (RXP-HIS-016);
 * RXP_ERR_MISMATCH: what follows is none. */
static int find_second(struct take *t, struct rxp_buf *octets, size_t *envelope_len)
{
	struct db *db = store_db(t->of->node->store);
	struct store_piece second;
	struct store_asked a;
	int rc = store_piece_get(db, &second, octets, envelope_len, t->peer, t->piece.number + 1);

	if (rc == 0 && second.number > t->piece.number + 1)
		return RXP_ERR_STATE;
	if (rc == 0)
		return second.piece == 2 && memcmp(second.message_id, t->piece.message_id,
						sizeof second.message_id) == 0
			   ? 1
			   : RXP_ERR_MISMATCH;
	if (rc != RXP_ERR_NOT_FOUND)
		return rc;
	rc = store_asked_get(db, &a, t->peer);
	if (rc != 0 || a.number == t->piece.number)
		return rc != 0 ? rc : RXP_ERR_NOT_FOUND;
	return a.ended_ms != 0 && a.number == t->piece.number + 1 ? RXP_ERR_MISMATCH
								  : RXP_ERR_STATE;
}

static int ask_sealer(struct take *t, const struct rxp_buf octets[2], const size_t envelope_len[2])
{
	struct msg_restore q = {.first = {octets[0].data, envelope_len[0]},
	    .first_key = {octets[0].data + envelope_len[0], octets[0].len - envelope_len[0]}};
	int fd;

	if (octets[1].len > 0) {
		q.second = (struct bytes){octets[1].data, envelope_len[1]};
		q.second_key = (struct bytes){
		    octets[1].data + envelope_len[1], octets[1].len - envelope_len[1]};
	}
	memcpy(q.peer, t->peer, sizeof q.peer);
	memcpy(q.key_id, t->key_id, sizeof q.key_id);
	q.register_number = publish_register(t->of->publish, &fd);
	return work_submit(t->of->node->work, IPC_restore, &q, &fd, 1, restored, t);
}

/* true: the first document of the peer is in work now. */
static bool begin(struct take *t, const struct peer *peer)
{
	size_t envelope_len[2] = {0, 0};
	struct rxp_buf octets[2];
	int rc, second = 1;

	rxp_buf_init(&octets[0], STORED_MAX);
	rxp_buf_init(&octets[1], STORED_MAX);
	rc = store_piece_get(
	    store_db(t->of->node->store), &t->piece, &octets[0], &envelope_len[0], t->peer, 0);
	t->up_to = t->piece.number;
	if (rc == 0 && t->piece.piece == 1 && t->piece.pieces == 2) {
		second = find_second(t, &octets[1], &envelope_len[1]);
		t->up_to += second == 1;
	}
	if (rc == 0 && (t->piece.piece != 1 || second == RXP_ERR_MISMATCH)) {
		commit(t, PLACE_FALSE);
		t->busy = true;
	} else if (rc == 0 && second == RXP_ERR_STATE) {
		t->up_to++;
		commit(t, PLACE_GONE);
		t->busy = true;
	} else if (rc == 0 && second == 1 &&
		   peers_agreement_key(peer, clock_wall_ms(), t->key_id) == 0) {
		t->busy = ask_sealer(t, octets, envelope_len) == 0;
	}
	rxp_buf_free(&octets[0]);
	rxp_buf_free(&octets[1]);
	return t->busy;
}

void take_round(struct take *t)
{
	struct db *db = store_db(t->of->node->store);
	char peer[RXP_PARTY_TEXT] = "";

	while (!t->busy && store_piece_peer(db, peer, peer) == 0) {
		const struct peer *p = peers_active(t->of->peers, peer);

		memcpy(t->peer, peer, sizeof t->peer);
		if (p != NULL && !waits(t, peer) && begin(t, p))
			return;
	}
}

/* --- the module ----------------------------------------------------------------------------------- */

int take_new(struct take **out, const struct history_config *config)
{
	struct take *t = calloc(1, sizeof *t);

	if (t == NULL)
		return RXP_ERR_NOMEM;
	t->of = config;
	rxp_buf_init(&t->made, IPC_MESSAGE_MAX);
	*out = t;
	return 0;
}

void take_free(struct take *t)
{
	if (t == NULL)
		return;
	rxp_buf_free(&t->made);
	free(t);
}
