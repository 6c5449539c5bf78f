#include "daemon/registry/cases/handover.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/turn.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"

#define LEFT_TO_PEOPLE 64 /* documents of a case (RXP-HND-005) */
#define WORDING_MAX 512 /* octets of the records of one */

/* The last document for the desk up to which the desk has all; c->n if there is none. What was erased unread it
 * never has (RXP-HND-006). */
static size_t last_taken_over(const struct cases *c)
{
	size_t last = c->n;

	for (size_t i = 0; i < c->n; i++) {
		if (c->entries[i].own)
			continue;
		if (c->entries[i].state != STATE_HANDED_OVER || c->entries[i].unread)
			break;
		if (rxp_type_row(c->docs[i].type)->collected)
			last = i;
	}
	return last;
}

static bool is_ours(const struct cases *c, size_t i)
{
	return c->entries[i].own && c->docs[i].type == RXP_TYPE_HANDED_OVER;
}

/* Does one of ours name this document of the peer, or a later one? */
static bool is_said(const struct cases *c, size_t last)
{
	for (size_t i = 0; i < c->n_all; i++)
		for (size_t j = last; is_ours(c, i) && j < c->n; j++)
			if (memcmp(c->docs[i].about, c->docs[j].fingerprint,
				sizeof c->docs[i].about) == 0)
				return true;
	return false;
}

/* One of ours whose turn has not come: nobody works on it. NULL if there is none. */
static const struct cases_entry *waiting_behind(const struct cases *c)
{
	for (size_t i = c->n; i < c->n_all; i++)
		if (is_ours(c, i) && c->entries[i].state == STATE_DRAFT)
			return &c->entries[i];
	return NULL;
}

/* What it says, and the facts that a sealer will find in it. */
static int put_wording(
    struct rxp_buf *draft, struct rxp_buf *facts, const struct cases *c, size_t last)
{
	struct rec_node_handed_over says = {.requesting = c->row.requesting};
	struct rec_fact_all all = {.event = ""};
	struct rec_fact_about about;

	memcpy(says.document, c->docs[last].fingerprint, sizeof says.document);
	memcpy(about.document, c->docs[last].fingerprint, sizeof about.document);
	snprintf(all.event, sizeof all.event, "%s",
	    rxp_case_event_row(c->row.requesting ? RXP_CASE_EVENT_REACH_REQUESTING_DESK
						 : RXP_CASE_EVENT_REACH_REQUESTED_DESK)
		->word);
	record_list_put(draft, REC_node_handed_over, &record_node_handed_over, &says);
	record_list_put(facts, REC_fact_all, &record_fact_all, &all);
	record_list_put(facts, REC_fact_about, &record_fact_about, &about);
	return rxp_buf_error(draft) != 0 ? rxp_buf_error(draft) : rxp_buf_error(facts);
}

static int add(struct handover *h, struct db *db, const struct cases *c,
    const struct store_draft *d, int64_t now_ms)
{
	const struct cases_offices offices = cases_offices(c, RXP_TYPE_HANDED_OVER);
	struct store_outbox row = {.place = {.in_case = true}};
	int rc;

	memcpy(row.local_id, h->local_id, sizeof row.local_id);
	memcpy(row.peer, c->row.peer, sizeof row.peer);
	memcpy(row.place.case_id, c->row.case_id, sizeof row.place.case_id);
	snprintf(row.type, sizeof row.type, "%s", rxp_type_row(RXP_TYPE_HANDED_OVER)->wire);
	snprintf(row.from_office, sizeof row.from_office, "%s", offices.from);
	snprintf(row.to_office, sizeof row.to_office, "%s", offices.to);
	rc = turn_of_new(db, &row.state, row.peer, row.place.case_id);
	if (rc == 0)
		rc = store_case_submit(db, &row, d, now_ms);
	if (rc == 0) {
		h->written = true;
		h->state = row.state;
	}
	return rc;
}

static int write_of(struct handover *h, struct db *db, const struct cases *c, int64_t now_ms)
{
	const struct cases_entry *behind = waiting_behind(c);
	size_t last = last_taken_over(c);
	struct rxp_buf draft, facts;
	struct store_draft d = {.key = NULL};
	int rc;

	if (last == c->n || is_said(c, last) ||
	    (behind == NULL && c->n_all + LEFT_TO_PEOPLE >= RXP_MAX_CASE_DOCUMENTS))
		return 0;
	rxp_buf_init(&draft, WORDING_MAX);
	rxp_buf_init(&facts, WORDING_MAX);
	rc = put_wording(&draft, &facts, c, last);
	d.draft = (struct bytes){.data = draft.data, .len = draft.len};
	d.facts = (struct bytes){.data = facts.data, .len = facts.len};
	if (rc == 0 && behind != NULL)
		rc = store_case_reword(db, behind->local_id, d.draft, d.facts);
	else if (rc == 0)
		rc = add(h, db, c, &d, now_ms);
	rxp_buf_free(&draft);
	rxp_buf_free(&facts);
	return rc;
}

int handover_write(struct handover *h, struct db *db, const char *own, const char *peer,
    const uint8_t case_id[16], int64_t now_ms)
{
	struct cases c = {.n = 0};
	int rc = cases_load(&c, db, own, peer, case_id);

	h->written = false;
	if (rc == RXP_ERR_STATE || rc == RXP_ERR_NOT_FOUND)
		return 0;
	if (rc == 0)
		rc = write_of(h, db, &c, now_ms);
	cases_clear(&c);
	return rc;
}
