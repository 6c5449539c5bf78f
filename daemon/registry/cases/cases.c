#include "daemon/registry/cases/cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/api_role.h"
#include "daemon/registry/cases/case_facts.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define ENTRIES_MAX (2UL * RXP_MAX_CASE_DOCUMENTS) /* the chain, and drafts behind it */
#define ENTRIES_STEP 16

/* --- loading ------------------------------------------------------------------------------------ */

void cases_init(struct cases *c, const char *own, const char *peer, bool requesting)
{
	*c = (struct cases){.own = own, .row = {.requesting = requesting}};
	snprintf(c->row.peer, sizeof c->row.peer, "%s", peer);
	snprintf(c->row.state, sizeof c->row.state, "%s", CASES_OPENING);
}

void cases_clear(struct cases *c)
{
	free(c->entries);
	free(c->docs);
	c->entries = NULL;
	c->docs = NULL;
	c->n = c->n_all = 0;
}

static int grow(struct cases *c)
{
	size_t room = c->n_all + ENTRIES_STEP;
	struct cases_entry *entries;
	struct rxp_case_document *docs;

	if (c->n_all % ENTRIES_STEP != 0)
		return 0;
	if (room > ENTRIES_MAX)
		return RXP_ERR_STATE;
	entries = realloc(c->entries, room * sizeof *entries);
	if (entries == NULL)
		return RXP_ERR_NOMEM;
	c->entries = entries;
	docs = realloc(c->docs, room * sizeof *docs);
	if (docs == NULL)
		return RXP_ERR_NOMEM;
	c->docs = docs;
	return 0;
}

static int fill_document(
    struct rxp_case_document *out, const struct cases *c, const struct store_document *s)
{
	struct rxp_case_document d = {.position = s->place.position,
	    .has_previous = s->place.has_previous,
	    .has_seen = s->place.has_seen,
	    .in_doubt = s->own && !state_final(s->state)};

	memcpy(d.from, s->own ? c->own : c->row.peer, sizeof d.from);
	memcpy(d.previous, s->place.previous, sizeof d.previous);
	memcpy(d.seen, s->place.seen, sizeof d.seen);
	memcpy(d.fingerprint, s->fingerprint, sizeof d.fingerprint);
	if (rxp_type_parse(&d.type, s->type) != 0 || case_facts_read(&d, s->facts) != 0)
		return RXP_ERR_STATE;
	*out = d;
	return 0;
}

static int is_behind(const struct cases_entry *a, const struct rxp_case_document *da,
    const struct cases_entry *b, const struct rxp_case_document *db)
{
	if ((da->position == 0) != (db->position == 0))
		return da->position == 0;
	if (da->position == 0)
		return a->turn > b->turn;
	return a->own != b->own ? b->own : da->position > db->position;
}

/* Insert at its place: ours in the chain, the peer's, our drafts; each in order. */
static int take_document(void *arg, const struct store_document *s)
{
	struct cases *c = arg;
	struct rxp_case_document d;
	struct cases_entry e = {.own = s->own,
	    .unread = s->unread,
	    .state = s->state,
	    .turn = s->turn,
	    .created_ms = s->created_ms,
	    .received_ms = s->received_ms,
	    .answered_ms = s->answered_ms};
	size_t at = c->n_all;
	int rc = fill_document(&d, c, s);

	if (rc == 0)
		rc = grow(c);
	if (rc != 0)
		return rc;
	memcpy(e.local_id, s->local_id, sizeof e.local_id);
	memcpy(e.message_id, s->message_id, sizeof e.message_id);
	for (; at > 0 && is_behind(&c->entries[at - 1], &c->docs[at - 1], &e, &d); at--) {
		c->entries[at] = c->entries[at - 1];
		c->docs[at] = c->docs[at - 1];
	}
	c->entries[at] = e;
	c->docs[at] = d;
	c->n_all++;
	c->n += d.position != 0;
	return 0;
}

int cases_load(
    struct cases *out, struct db *db, const char *own, const char *peer, const uint8_t case_id[16])
{
	struct cases c = {.own = own};
	int rc = store_case_get(db, &c.row, peer, case_id);

	if (rc == 0)
		rc = store_case_documents(db, peer, case_id, take_document, &c);
	if (rc != 0) {
		cases_clear(&c);
		return rc;
	}
	*out = c;
	return 0;
}

/* --- the fold ----------------------------------------------------------------------------------- */

static int fold(struct rxp_case **out, const struct cases *c, size_t n)
{
	const char *requesting = c->row.requesting ? c->own : c->row.peer;
	int rc = rxp_case_replay(out, c->docs, n, requesting);

	return rc == 0 || rc == RXP_ERR_NOMEM ? rc : RXP_ERR_STATE;
}

int cases_fold(struct rxp_case **out, const struct cases *c)
{
	return fold(out, c, c->n);
}

void cases_next(struct rxp_case_document *d, const struct cases *c, size_t n)
{
	const struct rxp_case_document *mine = NULL, *theirs = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct rxp_case_document **last = c->entries[i].own ? &mine : &theirs;

		if (*last == NULL || c->docs[i].position > (*last)->position)
			*last = &c->docs[i];
	}
	memcpy(d->from, c->own, sizeof d->from);
	d->position = mine != NULL ? mine->position + 1 : 1;
	d->has_previous = mine != NULL;
	d->has_seen = theirs != NULL;
	if (mine != NULL)
		memcpy(d->previous, mine->fingerprint, sizeof d->previous);
	if (theirs != NULL)
		memcpy(d->seen, theirs->fingerprint, sizeof d->seen);
}

/* A draft has no fingerprint yet; its local id is as unique. */
int cases_fold_ahead(struct rxp_case **out, struct cases *c)
{
	for (size_t i = 0; i < c->n_all; i++) {
		struct rxp_case_document *d = &c->docs[i];

		d->in_doubt = false;
		if (i < c->n)
			continue;
		cases_next(d, c, i);
		memset(d->fingerprint, 0, sizeof d->fingerprint);
		memcpy(d->fingerprint, c->entries[i].local_id, sizeof c->entries[i].local_id);
	}
	return fold(out, c, c->n_all);
}

int cases_with(struct cases *c, const struct rxp_case_document *d, int64_t received_ms)
{
	int rc;

	c->n_all = c->n;
	rc = grow(c);
	if (rc != 0)
		return rc;
	c->entries[c->n] =
	    (struct cases_entry){.own = strcmp(d->from, c->own) == 0, .received_ms = received_ms};
	c->docs[c->n] = *d;
	c->n = ++c->n_all;
	return 0;
}

/* --- offices ------------------------------------------------------------------------------------ */

/* The type of the document that opens the case, in the chain or a draft; type itself if there is none. */
static enum rxp_type opening_type(const struct cases *c, enum rxp_type type)
{
	for (size_t i = 0; i < c->n_all; i++)
		if (rxp_case_type(c->docs[i].type)->opens)
			return c->docs[i].type;
	return type;
}

struct cases_offices cases_offices(const struct cases *c, enum rxp_type type)
{
	const struct rxp_type_row *row = rxp_type_row(type);

	if (row->asking_office[0] == '\0')
		row = rxp_type_row(opening_type(c, type));
	return c->row.requesting ? (struct cases_offices){row->asking_office, row->asked_office}
				 : (struct cases_offices){row->asked_office, row->asking_office};
}

unsigned cases_kind(enum rxp_type type)
{
	return strcmp(rxp_type_row(type)->asked_office, "SOCIAL") == 0 ? API_CASES_REFERRALS
								       : API_CASES_OTHER;
}

/* --- what lists show ---------------------------------------------------------------------------- */

static void summarise(struct store_case *row, const struct rxp_case *folded, const char *own)
{
	struct rxp_answer_last mine, theirs;
	bool open = false;

	rxp_case_last(&mine, folded, own);
	rxp_case_last(&theirs, folded, row->peer);
	row->documents = (uint32_t)(mine.position + theirs.position);
	row->persons = 0;
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++) {
		enum rxp_case_state state = rxp_case_person(folded, key);

		if (state == RXP_CASE_UNKNOWN)
			continue;
		row->persons++;
		open = open || !rxp_case_state_ends(state);
	}
	snprintf(row->state, sizeof row->state, "%s",
	    open ? CASES_OPEN : (row->persons > 0 ? CASES_ENDED : CASES_OPENING));
}

int cases_summarise(struct cases *c, const struct rxp_case *folded, struct db *db, int64_t now_ms)
{
	summarise(&c->row, folded, c->own);
	c->row.changed_ms = now_ms;
	return store_case_change(db, &c->row);
}

int cases_shown(const struct cases *c)
{
	struct rxp_case *folded = NULL;
	struct store_case row = c->row;
	int rc = cases_fold(&folded, c);

	if (rc != 0)
		return rc;
	summarise(&row, folded, c->own);
	rxp_case_free(folded);
	return strcmp(row.state, c->row.state) == 0 && row.persons == c->row.persons &&
		       row.documents == c->row.documents
		   ? 0
		   : RXP_ERR_STATE;
}
