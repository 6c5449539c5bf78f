#include "daemon/registry/retention/view.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/node.h"
#include "daemon/registry/retention/plan.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_confirmation.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* Lists show "none" as 0. */
static int64_t time_or_none(int64_t ms)
{
	return ms == RXP_DUE_NEVER ? 0 : ms;
}

static int put_persons(struct rxp_buf *out, const struct plan *p)
{
	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++) {
		const struct rxp_retention *kept = &p->persons[at];
		struct rec_retention_person_row r = {.person = at + 1,
		    .ended_ms = kept->ended_ms,
		    .months = kept->months,
		    .due_ms = time_or_none(kept->due_ms),
		    .blocked = kept->blocked,
		    .extendable = kept->extendable};

		if ((p->known & UINT32_C(1) << at) == 0)
			continue;
		snprintf(r.state, sizeof r.state, "%s", rxp_case_state_name(p->states[at]));
		snprintf(r.after, sizeof r.after, "%s", rxp_retention_word(kept->after));
		snprintf(r.source, sizeof r.source, "%s", rxp_word_text(kept->source));
		record_list_put(out, REC_retention_person_row, &record_retention_person_row, &r);
	}
	return rxp_buf_error(out);
}

static int put_documents(struct rxp_buf *out, const struct node *n, const struct plan *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct plan_document *d = &p->documents[i];
		struct rec_retention_document_row r = {.position = d->position,
		    .persons = d->persons,
		    .hidden = d->hidden,
		    .due_ms = time_or_none(d->due_ms),
		    .erased_ms = d->erased_ms};

		memcpy(r.local_id, d->local_id, sizeof r.local_id);
		memcpy(r.from, d->own ? n->own : p->row.peer, sizeof r.from);
		snprintf(r.type, sizeof r.type, "%s", d->type);
		snprintf(r.content, sizeof r.content, "%s", plan_content_word(d->content));
		record_list_put(
		    out, REC_retention_document_row, &record_retention_document_row, &r);
	}
	return rxp_buf_error(out);
}

static int make(struct msg_case_retained *a, struct rxp_buf *persons, struct rxp_buf *documents,
    struct node *n, const struct terms *terms, const struct msg_case_retention *m)
{
	struct db *db = store_db(n->store);
	char day[RXP_DAY_TEXT];
	struct store_case row;
	struct plan p = {.n = 0};
	int rc = store_case_get(db, &row, m->peer, m->case_id);

	if (rc == 0)
		rc = plan_make(&p, n, terms, db, &row, clock_wall_ms());
	if (rc == 0 && (rc = put_persons(persons, &p)) == 0 &&
	    (rc = put_documents(documents, n, &p)) == 0) {
		memcpy(a->case_id, p.row.case_id, sizeof a->case_id);
		memcpy(a->peer, p.row.peer, sizeof a->peer);
		snprintf(a->profile_id, sizeof a->profile_id, "%s", p.row.profile_id);
		snprintf(
		    a->profile_version, sizeof a->profile_version, "%s", p.row.profile_version);
		a->profile_held = p.has_profile;
		a->legal_hold_ms = p.row.legal_hold_ms;
		if (store_confirmation_get(db, day, p.row.peer, p.row.case_id) == 0)
			snprintf(a->peer_erased, sizeof a->peer_erased, "%s", day);
	}
	plan_clear(&p);
	return rc;
}

void retention_view(
    struct node *n, const struct terms *terms, uint64_t request, const struct msg_case_retention *m)
{
	struct msg_case_retained a = {0};
	struct rxp_buf persons, documents;
	int rc;

	rxp_buf_init(&persons, IPC_INLINE_MAX);
	rxp_buf_init(&documents, IPC_MESSAGE_MAX / 2);
	rc = make(&a, &persons, &documents, n, terms, m);
	a.result = (uint32_t)rc;
	if (rc == 0) {
		a.persons = (struct bytes){.data = persons.data, .len = persons.len};
		a.documents = (struct bytes){.data = documents.data, .len = documents.len};
	}
	link_answer(n->desk, IPC_case_retained, request, &a, NULL, 0);
	rxp_buf_free(&persons);
	rxp_buf_free(&documents);
}
