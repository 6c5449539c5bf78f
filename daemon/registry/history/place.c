#include "daemon/registry/history/place.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/cases/case_facts.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_left.h"
#include "daemon/registry/store/store_recovery.h"
#include "protocol/base/err.h"

static int document_of(struct rxp_case_document *out, const char *own, const struct msg_restored *m)
{
	struct rxp_case_document d = {.position = m->position,
	    .has_previous = m->has_previous != 0,
	    .has_seen = m->has_seen != 0};

	memcpy(d.from, own, RXP_PARTY_TEXT);
	memcpy(d.previous, m->previous, sizeof d.previous);
	memcpy(d.seen, m->seen, sizeof d.seen);
	memcpy(d.fingerprint, m->fingerprint, sizeof d.fingerprint);
	if (rxp_type_parse(&d.type, m->type) != 0 || case_facts_read(&d, m->facts) != 0)
		return RXP_ERR_SCHEMA;
	*out = d;
	return 0;
}

/* A case that is lost as a whole begins with its first document, if that is ours. */
static enum place open_case(struct cases *c, const char *own, const char *peer,
    const struct rxp_case_document *d, const struct msg_restored *m)
{
	if (!rxp_case_type(d->type)->opens || d->position != 1 || d->has_seen)
		return PLACE_LEFT;
	cases_init(c, own, peer, true);
	memcpy(c->row.case_id, m->case_id, sizeof c->row.case_id);
	snprintf(c->row.profile_id, sizeof c->row.profile_id, "%.63s", m->profile_id);
	snprintf(
	    c->row.profile_version, sizeof c->row.profile_version, "%.63s", m->profile_version);
	c->row.opened_ms = c->row.changed_ms = m->created_ms;
	c->row.kind = cases_kind(d->type);
	return PLACE_NEXT;
}

/* Not sealed yet, nor is it before this: in a hold what waits does so (RXP-RCV-003), and what is parked at any time. */
static bool is_behind(const struct cases *c, size_t i, bool held)
{
	return c->docs[i].position == 0 && (held || c->entries[i].state == STATE_PARKED);
}

/* What of ours stands there, or is on its way before it. held: what is not sealed yet waits for this (RXP-RCV-003). */
static enum place look_at_ours(
    const struct cases *c, const struct rxp_case_document *d, uint8_t open_id[16], bool held)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct cases_entry *e = &c->entries[i];

		if (!e->own || c->docs[i].position != d->position)
			continue;
		memcpy(open_id, e->local_id, sizeof e->local_id);
		/* Its answer, when it has one, says which of the two was receipted. */
		return held && (e->state == STATE_SENDING || e->state == STATE_IN_DOUBT)
			   ? PLACE_WAITS
			   : PLACE_FORK;
	}
	for (size_t i = 0; i < c->n_all; i++) {
		const struct cases_entry *e = &c->entries[i];

		if (!e->own || state_final(e->state) || is_behind(c, i, held))
			continue;
		memcpy(open_id, e->local_id, sizeof e->local_id);
		return e->state == STATE_SENDING || e->state == STATE_IN_DOUBT ? PLACE_WAITS
									       : PLACE_LEFT;
	}
	return PLACE_NEXT;
}

/* The chain and the table, as the other State judged it when it receipted it. */
static int look_at_fold(enum place *out, const struct cases *c, const struct rxp_case_document *d)
{
	struct rxp_case_verdict verdict = {.code = RXP_REFUSAL_GAP};
	struct rxp_case_document next = {.position = 0};
	struct rxp_case *folded = NULL;
	int rc = cases_fold(&folded, c);

	if (rc == 0)
		rc = rxp_case_check(&verdict, folded, d, RXP_CASE_RECEIVING);
	rxp_case_free(folded);
	cases_next(&next, c, c->n);
	*out = rc == 0 ? PLACE_NEXT : PLACE_LEFT;
	if (rc == RXP_ERR_STATE && d->position == next.position &&
	    (d->has_previous != next.has_previous ||
		memcmp(d->previous, next.previous, sizeof d->previous) != 0))
		*out = PLACE_FORK;
	return rc == RXP_ERR_NOMEM ? rc : 0;
}

bool place_held(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	struct store_recovery r;

	return (store_recovery_get(db, &r, peer) == 0 && recovery_holds(r.stage)) ||
	       store_left_of(db, peer, case_id);
}

static int find(enum place *out, struct cases *c, uint8_t open_id[16], struct db *db,
    const char *own, const char *peer, const struct msg_restored *m)
{
	bool held = place_held(db, peer, m->case_id);
	struct rxp_case_document d;
	int rc;

	*out = PLACE_FALSE;
	if (document_of(&d, own, m) != 0)
		return 0;
	rc = cases_load(c, db, own, peer, m->case_id);
	if (rc == RXP_ERR_NOT_FOUND) {
		*out = open_case(c, own, peer, &d, m);
		return 0;
	}
	if (rc == RXP_ERR_STATE)
		*out = PLACE_LEFT; /* what is stored of the case is damaged */
	if (rc != 0)
		return rc == RXP_ERR_STATE ? 0 : rc;
	*out = look_at_ours(c, &d, open_id, held);
	return *out == PLACE_NEXT ? look_at_fold(out, c, &d) : 0;
}

int place_find(enum place *out, struct cases *c, uint8_t open_id[16], struct db *db,
    const char *own, const char *peer, const struct msg_restored *m)
{
	int rc = store_restored_known(db, m->message_id, m->fingerprint);

	*c = (struct cases){.n = 0};
	if (rc == RXP_ERR_NOT_FOUND)
		return find(out, c, open_id, db, own, peer, m);
	*out = rc == 0 ? PLACE_HELD : PLACE_FORK;
	return rc == RXP_ERR_MISMATCH ? 0 : rc;
}
