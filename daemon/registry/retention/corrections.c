#include "daemon/registry/retention/corrections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_correction.h"
#include "daemon/registry/store/store_list.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* --- facts ------------------------------------------------------------------------------------------ */

typedef int item_fn(void *arg, size_t i, const struct rec_fact_item *item);

/* Each in its order; facts hold others beside them. */
static int each_item(struct bytes facts, item_fn *fn, void *arg)
{
	struct record_cursor c = {.at = facts.data, .left = facts.len};
	struct rec_fact_item item;
	struct bytes fields;
	uint16_t tag;
	size_t n = 0;
	int rc;

	while ((rc = record_list_next(&c, &tag, &fields)) == 1) {
		if (tag != REC_fact_item)
			continue;
		if (record_decode(&item, &record_fact_item, fields.data, fields.len) != 0 ||
		    n == RXP_MAX_CORRECTION_ITEMS || item.number != n + 1 ||
		    fn(arg, n++, &item) != 0)
			return RXP_ERR_SCHEMA;
	}
	return rc;
}

static int take_asked(void *arg, size_t i, const struct rec_fact_item *item)
{
	struct correction *k = arg;

	k->n = i + 1;
	k->items[i].all = item->all != 0;
	return rxp_asked_parse(&k->items[i].asked, item->word);
}

struct answers {
	enum rxp_answered *out;
	size_t n;
};

static int take_answer(void *arg, size_t i, const struct rec_fact_item *item)
{
	struct answers *a = arg;

	a->n = i + 1;
	return rxp_answered_parse(&a->out[i], item->word);
}

int correction_answers(
    enum rxp_answered out[RXP_MAX_CORRECTION_ITEMS], size_t *n, struct bytes facts)
{
	struct answers a = {.out = out};
	int rc = each_item(facts, take_answer, &a);

	if (rc == 0)
		*n = a.n;
	return rc;
}

/* Of a message of either box. */
static int read_facts(struct db *db, const uint8_t local_id[16], item_fn *fn, void *arg)
{
	struct rxp_buf facts;
	int rc;

	rxp_buf_init(&facts, IPC_INLINE_MAX);
	rc = store_correction_facts(db, &facts, local_id);
	if (rc == 0 &&
	    each_item((struct bytes){.data = facts.data, .len = facts.len}, fn, arg) != 0)
		rc = RXP_ERR_STATE;
	rxp_buf_free(&facts);
	return rc;
}

/* --- one correction --------------------------------------------------------------------------------- */

/* The place of the document; n_all if the case has none such. */
static size_t place_of(const struct cases *c, const uint8_t fingerprint[32])
{
	size_t i = 0;

	while (i < c->n_all && memcmp(c->docs[i].fingerprint, fingerprint, 32) != 0)
		i++;
	return i;
}

static enum plan_content content_of(const struct plan *p, const uint8_t local_id[16])
{
	for (size_t i = 0; i < p->n; i++)
		if (memcmp(p->documents[i].local_id, local_id, 16) == 0)
			return p->documents[i].content;
	return PLAN_NONE;
}

/* What became of an item of All shows in the content itself. */
static void see_content(struct correction_item *item, enum plan_content content)
{
	if (!item->all || item->is_done)
		return;
	item->is_done = content == PLAN_ERASED || content == PLAN_BLOCKED;
	item->done = content == PLAN_ERASED ? RXP_ASKED_ERASE : RXP_ASKED_BLOCK;
}

static int load_done(struct correction *k, struct db *db)
{
	struct store_carried_out done[RXP_MAX_CORRECTION_ITEMS];
	int rc = store_correction_items(db, done, k->local_id);

	for (size_t i = 0; rc == 0 && i < k->n; i++) {
		/* Of All the content says it better: a block is taken back without the item. */
		k->items[i].is_done = done[i].at_ms != 0 && !k->items[i].all;
		k->items[i].done = done[i].done;
		k->items[i].done_ms = done[i].at_ms;
		see_content(&k->items[i], k->content);
	}
	return rc;
}

/* The last reply counts: what was blocked at first may be done later. */
static int load_answers(struct correction *k, struct db *db, const struct cases *c, size_t at)
{
	enum rxp_answered words[RXP_MAX_CORRECTION_ITEMS];
	struct answers a = {.out = words};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < c->n; i++) {
		const struct rxp_case_document *d = &c->docs[i];

		if (d->type != RXP_TYPE_DATA_CORRECTION_REPLY ||
		    memcmp(d->about, c->docs[at].fingerprint, sizeof d->about) != 0)
			continue;
		a.n = 0;
		rc = read_facts(db, c->entries[i].local_id, take_answer, &a);
		memcpy(k->reply, c->entries[i].local_id, sizeof k->reply);
		k->answered_ms = c->entries[i].received_ms;
		for (size_t item = 0; rc == 0 && item < k->n && item < a.n; item++) {
			k->items[item].is_answered = true;
			k->items[item].answer = words[item];
		}
	}
	return rc;
}

int correction_load(
    struct correction *out, struct db *db, const struct cases *c, const struct plan *p, size_t at)
{
	struct correction k = {
	    .own = c->entries[at].own, .received_ms = c->entries[at].received_ms};
	size_t document = place_of(c, c->docs[at].about);
	int rc;

	if (c->docs[at].type != RXP_TYPE_DATA_CORRECTION || document == c->n_all)
		return RXP_ERR_STATE;
	memcpy(k.local_id, c->entries[at].local_id, sizeof k.local_id);
	memcpy(k.document, c->entries[document].local_id, sizeof k.document);
	k.content = content_of(p, k.document);
	rc = read_facts(db, k.local_id, take_asked, &k);
	if (rc == 0)
		rc = load_done(&k, db);
	if (rc == 0)
		rc = load_answers(&k, db, c, at);
	if (rc == 0)
		*out = k;
	return rc;
}

bool correction_is_true(
    const struct correction *k, const struct plan *p, size_t item, enum rxp_answered answer)
{
	const struct correction_item *i = &k->items[item];
	bool gone = k->content == PLAN_ERASED || k->content == PLAN_NONE;

	if (answer == RXP_ANSWERED_BLOCKED)
		return p->row.legal_hold_ms != 0 &&
		       (k->content == PLAN_BLOCKED || (i->is_done && i->done == RXP_ASKED_BLOCK));
	return gone || (i->is_done && (i->done == i->asked || i->done == RXP_ASKED_ERASE));
}

/* --- all of a case ---------------------------------------------------------------------------------- */

static void put_rows(
    struct rxp_buf *out, const struct node *n, const struct correction *k, const char *peer)
{
	struct rec_correction_row r = {
	    .received_ms = k->received_ms, .answered_ms = k->answered_ms};

	memcpy(r.correction, k->local_id, sizeof r.correction);
	memcpy(r.document, k->document, sizeof r.document);
	memcpy(r.reply, k->reply, sizeof r.reply);
	snprintf(r.from, sizeof r.from, "%s", k->own ? n->own : peer);
	for (size_t i = 0; i < k->n; i++) {
		const struct correction_item *item = &k->items[i];

		r.item = (uint32_t)i + 1;
		r.here_since_ms = item->is_done ? item->done_ms : 0;
		snprintf(r.asked, sizeof r.asked, "%s", rxp_asked_word(item->asked));
		snprintf(r.scope, sizeof r.scope, "%s", item->all ? "all" : "field");
		snprintf(
		    r.here, sizeof r.here, "%s", item->is_done ? rxp_asked_word(item->done) : "");
		snprintf(r.answer, sizeof r.answer, "%s",
		    item->is_answered ? rxp_answered_word(item->answer) : "");
		record_list_put(out, REC_correction_row, &record_correction_row, &r);
	}
}

typedef void correction_fn(void *arg, const struct correction *k);

/* Each that is in the chain, in its order. */
static int each(
    struct db *db, const struct plan *p, const struct cases *c, correction_fn *fn, void *arg)
{
	struct correction *k = malloc(sizeof *k);
	int rc = k != NULL ? 0 : RXP_ERR_NOMEM;

	for (size_t i = 0; rc == 0 && i < c->n; i++) {
		if (c->docs[i].type != RXP_TYPE_DATA_CORRECTION)
			continue;
		rc = correction_load(k, db, c, p, i);
		if (rc == 0)
			fn(arg, k);
	}
	free(k);
	return rc;
}

static int each_of_case(const struct node *n, const struct terms *terms,
    const struct store_case *row, correction_fn *fn, void *arg)
{
	struct db *db = store_db(n->store);
	struct cases c = {.n = 0};
	struct plan p = {.n = 0};
	int rc = plan_make(&p, n, terms, db, row, clock_wall_ms());

	if (rc == 0)
		rc = cases_load(&c, db, n->own, row->peer, row->case_id);
	if (rc == 0)
		rc = each(db, &p, &c, fn, arg);
	cases_clear(&c);
	plan_clear(&p);
	return rc;
}

struct view {
	const struct node *node;
	const char *peer;
	struct rxp_buf *rows;
};

static void put_correction(void *arg, const struct correction *k)
{
	const struct view *v = arg;

	put_rows(v->rows, v->node, k, v->peer);
}

static int view(struct rxp_buf *out, const struct node *n, const struct terms *terms,
    const struct msg_case_corrections *m)
{
	struct store_case row;
	struct view v = {.node = n, .peer = m->peer, .rows = out};
	int rc = store_case_get(store_db(n->store), &row, m->peer, m->case_id);

	if (rc == 0)
		rc = each_of_case(n, terms, &row, put_correction, &v);
	return rc != 0 ? rc : rxp_buf_error(out);
}

struct open {
	const uint8_t *document;
	uint32_t n;
};

static void count_open(void *arg, const struct correction *k)
{
	struct open *o = arg;

	if (k->received_ms == 0 || memcmp(k->document, o->document, sizeof k->document) != 0)
		return;
	for (size_t i = 0; i < k->n; i++)
		o->n += !k->items[i].is_done;
}

int corrections_open(
    uint32_t *n, const struct node *node, const struct terms *terms, const uint8_t local_id[16])
{
	static const uint8_t no_case[RXP_ID_OCTETS];
	struct db *db = store_db(node->store);
	struct open o = {.document = local_id};
	struct rec_message_row message;
	struct store_case row;
	int rc = store_list_message(db, &message, NULL, NULL, local_id);

	if (rc == 0 && memcmp(message.case_id, no_case, sizeof no_case) != 0) {
		rc = store_case_get(db, &row, message.peer, message.case_id);
		if (rc == 0)
			rc = each_of_case(node, terms, &row, count_open, &o);
	}
	if (rc == 0)
		*n = o.n;
	return rc;
}

void corrections_view(struct node *n, const struct terms *terms, uint64_t request,
    const struct msg_case_corrections *m)
{
	struct msg_case_corrected a = {0};
	struct rxp_buf rows;
	int rc;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	rc = view(&rows, n, terms, m);
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(n->desk, IPC_case_corrected, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}
