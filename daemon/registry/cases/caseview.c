#include "daemon/registry/cases/caseview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/cases/clockview.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_halt.h"
#include "daemon/registry/store/store_unproved.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* --- persons ------------------------------------------------------------------------------------ */

#define TRAITS_TEXT 256

/* Words separated by a space. */
static struct bytes traits_of(char out[TRAITS_TEXT], rxp_traits traits)
{
	size_t used = 0;

	for (unsigned trait = 0; trait < RXP_CASE_TRAIT_COUNT; trait++)
		if ((traits & (rxp_traits)1 << trait) != 0 && used < TRAITS_TEXT)
			used += (size_t)snprintf(out + used, TRAITS_TEXT - used, "%s%s",
			    used > 0 ? " " : "", rxp_case_trait_name((enum rxp_case_trait)trait));
	return (struct bytes){.data = (const uint8_t *)out, .len = used};
}

static int put_persons(struct rxp_buf *out, const struct rxp_case *folded)
{
	char traits[TRAITS_TEXT];

	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++) {
		enum rxp_case_state state = rxp_case_person(folded, key);
		struct rec_case_person_row r = {.person = key};

		if (state == RXP_CASE_UNKNOWN)
			continue;
		snprintf(r.state, sizeof r.state, "%s", rxp_case_state_name(state));
		r.traits = traits_of(traits, rxp_case_traits(folded, key));
		record_list_put(out, REC_case_person_row, &record_case_person_row, &r);
	}
	return rxp_buf_error(out);
}

/* --- timeline ----------------------------------------------------------------------------------- */

static const char *effect_of(const struct cases *c, const struct rxp_case *folded, size_t i)
{
	const struct rxp_case_document *d = &c->docs[i];
	uint32_t overtaken = rxp_case_overtaken(folded, i);
	uint32_t named = rxp_case_type(d->type)->names_persons ? 0 : UINT32_MAX;
	struct rxp_answer_last last;

	rxp_case_last(&last, folded, d->from);
	if (d->position > last.position)
		return "in-doubt";
	for (unsigned p = 0; p < d->n_persons; p++)
		named |= UINT32_C(1) << (d->persons[p].key - 1);
	if (overtaken == 0)
		return "effective";
	return overtaken == named ? "overtaken" : "overtaken-in-part";
}

/* Where documents stand. */
struct timeline {
	struct rxp_buf *out;
	struct db *db;
};

static int put_document(
    const struct timeline *to, const struct cases *c, const struct rxp_case *folded, size_t i)
{
	const struct rxp_case_document *d = &c->docs[i];
	const struct cases_entry *e = &c->entries[i];
	struct rec_timeline_row r = {
	    .position = d->position, .created_ms = e->created_ms, .received_ms = e->received_ms};
	bool unproved;
	int rc;

	memcpy(r.local_id, e->local_id, sizeof r.local_id);
	memcpy(r.message_id, e->message_id, sizeof r.message_id);
	memcpy(r.from, d->from, sizeof r.from);
	memcpy(r.fingerprint, d->fingerprint, sizeof r.fingerprint);
	snprintf(r.type, sizeof r.type, "%s", rxp_type_row(d->type)->wire);
	snprintf(r.state, sizeof r.state, "%s", state_word(e->state));
	snprintf(r.effect, sizeof r.effect, "%s", effect_of(c, folded, i));
	rc = store_back_unproved(to->db, &unproved,
	    &(struct store_back_row){.peer = c->row.peer,
		.own = e->own,
		.message_id = e->message_id,
		.fingerprint = d->fingerprint});
	r.unproved = unproved;
	return rc != 0 ? rc : record_list_put(to->out, REC_timeline_row, &record_timeline_row, &r);
}

/* Is what d names in Seen among the first n documents from index `first` on? */
static bool is_taken(
    const struct cases *c, const struct rxp_case_document *d, size_t first, size_t n)
{
	if (!d->has_seen)
		return true;
	for (size_t i = first; i < first + n; i++)
		if (memcmp(c->docs[i].fingerprint, d->seen, sizeof d->seen) == 0)
			return true;
	return false;
}

/* Of two documents that may come next, is ours taken first (RXP-CAS-006)? */
static bool is_first(const struct cases *c, size_t ours, size_t theirs)
{
	enum rxp_case_rank a = rxp_case_type(c->docs[ours].type)->rank;
	enum rxp_case_rank b = rxp_case_type(c->docs[theirs].type)->rank;

	return a != b ? a > b : c->row.requesting;
}

/* RXP-CAS-008: the order of the fold, so that both States show the same; behind it what is in doubt. Ours come first
 * in docs, then the peer's, each by Position. */
static int put_timeline(
    const struct timeline *to, const struct cases *c, const struct rxp_case *folded)
{
	size_t mine = 0, own = 0, theirs = 0;
	struct rxp_answer_last last;
	int rc = 0;

	while (own < c->n && c->entries[own].own)
		own++;
	rxp_case_last(&last, folded, c->own);
	while (rc == 0 && (mine < last.position || own + theirs < c->n)) {
		size_t next = own + theirs;
		bool can = next < c->n && is_taken(c, &c->docs[next], 0, mine);
		bool ours = mine < last.position && is_taken(c, &c->docs[mine], own, theirs);

		if (!can && !ours)
			return RXP_ERR_STATE; /* the fold would have found it */
		if (can && ours)
			ours = is_first(c, mine, next);
		rc = put_document(to, c, folded, ours ? mine++ : next);
		theirs += !ours;
	}
	for (; rc == 0 && mine < own; mine++)
		rc = put_document(to, c, folded, mine);
	return rc;
}

static int put_hold(void *arg, const struct rec_hold_row *row)
{
	return record_list_put(arg, REC_hold_row, &record_hold_row, row);
}

/* --- the request -------------------------------------------------------------------------------- */

struct view {
	struct rxp_buf row, persons, clocks, timeline, marks, holds;
};

/* None if the node does not hold the profile of the case. */
static int put_clocks(struct view *v, struct node *n, struct clocks *clocks, const struct cases *c,
    const struct rxp_case *folded, bool steps)
{
	const struct clock_times *times;
	int rc = clocks_times(&times, clocks, store_db(n->store), c, folded, clock_wall_ms());

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	rc = clockview_clocks(&v->clocks, c, times, steps);
	return rc != 0 ? rc : clockview_marks(&v->marks, c, times);
}

static int make(
    struct view *v, struct node *n, struct clocks *clocks, const struct msg_case_show *m)
{
	struct rxp_case *folded = NULL;
	struct cases c = {.n = 0};
	int rc = cases_load(&c, store_db(n->store), n->own, m->peer, m->case_id);

	if (rc == 0 && (rc = cases_fold(&folded, &c)) == 0 &&
	    (rc = store_case_put(store_db(n->store), &v->row, &c.row)) == 0 &&
	    (rc = put_persons(&v->persons, folded)) == 0 &&
	    (rc = put_clocks(v, n, clocks, &c, folded, m->steps != 0)) == 0)
		rc = put_timeline(&(struct timeline){&v->timeline, store_db(n->store)}, &c, folded);
	if (rc == 0)
		rc = store_hold_each(store_db(n->store), m->peer, m->case_id, put_hold, &v->holds);
	rxp_case_free(folded);
	cases_clear(&c);
	return rc;
}

static struct bytes bytes_of(const struct rxp_buf *b)
{
	return (struct bytes){.data = b->data, .len = b->len};
}

void caseview_show(
    struct node *n, struct clocks *clocks, uint64_t request, const struct msg_case_show *m)
{
	struct msg_case_shown a = {0};
	struct view v;
	int rc;

	rxp_buf_init(&v.row, IPC_INLINE_MAX);
	rxp_buf_init(&v.persons, IPC_INLINE_MAX);
	rxp_buf_init(&v.clocks, IPC_MESSAGE_MAX / 2);
	rxp_buf_init(&v.timeline, IPC_MESSAGE_MAX / 4);
	rxp_buf_init(&v.marks, IPC_MESSAGE_MAX / 8);
	rxp_buf_init(&v.holds, IPC_INLINE_MAX);
	rc = make(&v, n, clocks, m);
	a.result = (uint32_t)rc;
	if (rc == 0) {
		a.row = bytes_of(&v.row);
		a.persons = bytes_of(&v.persons);
		a.clocks = bytes_of(&v.clocks);
		a.timeline = bytes_of(&v.timeline);
		a.marks = bytes_of(&v.marks);
		a.holds = bytes_of(&v.holds);
	}
	link_answer(n->desk, IPC_case_shown, request, &a, NULL, 0);
	rxp_buf_free(&v.row);
	rxp_buf_free(&v.persons);
	rxp_buf_free(&v.clocks);
	rxp_buf_free(&v.timeline);
	rxp_buf_free(&v.holds);
	rxp_buf_free(&v.marks);
}
