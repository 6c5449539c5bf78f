#include "protocol/evidence/dossier_stand.h"

#include <string.h>

#include "protocol/evidence/dossier_log.h"

static const struct rxp_evidence_party *party_of(const struct rxp_dossier *e, const char *party)
{
	return e->parties[strcmp(e->parties[0]->party, party) == 0 ? 0 : 1];
}

/* RXP-EVI-007. */
static void judge_seal(
    struct rxp_dossier *e, struct rxp_dossier_document *d, enum rxp_dossier_trust trust)
{
	const struct rxp_answer *a = &d->answer;
	int64_t answered_ms = a->kind == RXP_ANSWER_RECEIPT ? a->received_ms : a->created_ms;

	d->seal =
	    rxp_dossier_doubt_of(&d->seal_revoked_ms, party_of(e, d->from), d->proof.cert, trust);
	if (d->seal == RXP_DOUBT_REVOKED && rxp_dossier_answered(d) &&
	    answered_ms < d->seal_revoked_ms)
		d->seal = RXP_DOUBT_NONE;
}

/* Where States under seals that stand speak of it in later documents. */
static void find_mentions(const struct rxp_dossier *e, struct rxp_dossier_document *d)
{
	d->owned_in = d->seen_in = 0;
	for (size_t i = 0; i < e->n; i++) {
		const struct rxp_dossier_document *by = &e->documents[i];
		const struct rxp_header *h = &by->proof.header;
		bool own = strcmp(by->from, d->from) == 0;

		if (by->seal != RXP_DOUBT_NONE)
			continue;
		if (own && h->has_previous &&
		    memcmp(h->previous, d->proof.fingerprint, sizeof h->previous) == 0)
			d->owned_in = by->number;
		if (!own && h->has_seen &&
		    memcmp(h->seen, d->proof.fingerprint, sizeof h->seen) == 0)
			d->seen_in = by->number;
	}
}

void rxp_dossier_settle(struct rxp_dossier_work *w, enum rxp_dossier_trust trust)
{
	struct rxp_dossier *e = w->out;

	for (size_t i = 0; i < e->n; i++) {
		struct rxp_dossier_document *d = &e->documents[i];

		d->answer_seal = rxp_dossier_doubt_of(
		    &d->answer_revoked_ms, party_of(e, d->answer.from), d->answer.cert, trust);
	}
	rxp_dossier_log_entries(w, trust);
	e->n_doubtful = 0;
	for (size_t i = 0; i < e->n; i++) {
		struct rxp_dossier_document *d = &e->documents[i];

		judge_seal(e, d, trust);
		e->n_doubtful += d->seal != RXP_DOUBT_NONE || !rxp_dossier_answered(d);
	}
	for (size_t i = 0; i < e->n; i++)
		find_mentions(e, &e->documents[i]);
}
