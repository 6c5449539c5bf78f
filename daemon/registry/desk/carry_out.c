#include "daemon/registry/desk/carry_out.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/link.h"
#include "daemon/base/work.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/desk/correct.h"
#include "daemon/registry/node.h"
#include "daemon/registry/retention/corrections.h"
#include "daemon/registry/retention/erase.h"
#include "daemon/registry/retention/plan.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_correction.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_list.h"
#include "daemon/registry/store/store_retention.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define WRAPPED_KEY_MAX 1024 /* octets: a content key in its box */

/* One request on its way to its commit. */
struct carrying {
	struct store_item item;
	const struct correct *by;
	uint64_t request;
	uint8_t local_id[16], case_id[16];
	struct correct_act act;
	struct rxp_buf items; /* records correction_asked, as a sealer read them */
	struct correction correction;
	bool changed;
};

static void end(struct carrying *c, int result)
{
	correct_end(c->by, c->request, result, &c->act);
	rxp_buf_free(&c->items);
	free(c);
}

static int refuse(struct carrying *c, const char *problem)
{
	c->act.problem = problem;
	return RXP_ERR_STATE;
}

/* --- the transaction ------------------------------------------------------------------------------ */

/* All of the document. Done already, it is no obstacle to the other items. */
static int on_all(struct carrying *c, struct db *db, const struct plan *p,
    const struct plan_document *d, enum rxp_asked asked)
{
	if (d->blocked_ms != 0 && (asked == RXP_ASKED_BLOCK || p->row.legal_hold_ms != 0))
		return 0;
	c->changed = true;
	return asked == RXP_ASKED_ERASE ? correct_erase(&c->act, db, p, d)
					: correct_block(&c->act, db, d, true);
}

/* A field of it: laid on what is shown from now on. An attachment that is erased is destroyed. */
static int on_field(struct carrying *c, struct db *db, const struct plan *p,
    const struct plan_document *d, const struct rec_correction_asked *r, enum rxp_asked asked)
{
	const struct correction_item *before = &c->correction.items[r->item - 1];
	struct store_correction s = {.item = r->item,
	    .done = asked,
	    .attachment = r->attachment,
	    .own = c->correction.own,
	    .at_ms = c->act.now_ms,
	    .box = r->box};
	int rc;

	if (asked == RXP_ASKED_ERASE && p->row.legal_hold_ms != 0) {
		s.done = RXP_ASKED_BLOCK;
		c->act.problem = CORRECT_LEGAL_HOLD;
	}
	if (before->is_done && before->done == s.done)
		return 0;
	c->changed = true;
	memcpy(s.correction, c->local_id, sizeof s.correction);
	memcpy(s.document, d->local_id, sizeof s.document);
	rc = store_correction_put(db, &s);
	if (rc == 0 && s.done == RXP_ASKED_ERASE && s.attachment != 0)
		rc = erase_attachment(&c->act.erased, db, d, s.attachment, s.at_ms);
	return rc;
}

static int on_item(struct carrying *c, struct db *db, const struct plan *p,
    const struct plan_document *d, struct bytes fields)
{
	struct rec_correction_asked r;
	enum rxp_asked asked;

	if (record_decode(&r, &record_correction_asked, fields.data, fields.len) != 0 ||
	    r.item == 0 || r.item > c->correction.n || rxp_asked_parse(&asked, r.asked) != 0 ||
	    r.attachment > RXP_CORRECTION_EVERY_FILE)
		return RXP_ERR_DAMAGED;
	if (c->act.erased.documents > 0)
		return 0; /* nothing is left that could be corrected */
	return r.box.len > 0 ? on_field(c, db, p, d, &r, asked) : on_all(c, db, p, d, asked);
}

static int on_items(
    struct carrying *c, struct db *db, const struct plan *p, const struct plan_document *d)
{
	struct record_cursor at = {.at = c->items.data, .left = c->items.len};
	struct bytes fields;
	uint64_t shown = 0;
	uint16_t tag;
	int rc = store_correction_count(db, &shown, d->local_id);

	if (rc == 0 && shown + c->correction.n > RXP_MAX_CORRECTED) {
		c->act.problem = "too much of the document is corrected: erase it";
		return RXP_ERR_FULL;
	}
	c->act.became = plan_content_word(d->content);
	while (rc == 0 && (rc = record_list_next(&at, &tag, &fields)) == 1)
		rc = tag == REC_correction_asked ? on_item(c, db, p, d, fields) : RXP_ERR_DAMAGED;
	if (rc == 0 && !c->changed)
		rc = refuse(c, "it is carried out already");
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = c->act.now_ms,
					       .user = c->act.user,
					       .action = JOURNAL_CORRECTION,
					       .peer = c->act.peer,
					       .local_id = c->local_id});
}

/* Its place among the documents of the case that count for both States. */
static int find(struct carrying *c, struct db *db, const struct cases *cs, const struct plan *p)
{
	for (size_t i = 0; i < cs->n; i++) {
		if (memcmp(cs->entries[i].local_id, c->local_id, sizeof c->local_id) != 0)
			continue;
		if (cs->docs[i].type != RXP_TYPE_DATA_CORRECTION)
			return refuse(c, "it is no DataCorrection");
		if (cs->entries[i].received_ms == 0)
			return refuse(c, "the other State has not received it yet");
		return correction_load(&c->correction, db, cs, p, i);
	}
	return refuse(c, "it is no document of the case");
}

static int on_plan(struct carrying *c, struct db *db, const struct plan *p)
{
	int rc = RXP_ERR_NOT_FOUND;

	for (size_t i = 0; i < p->n; i++) {
		const struct plan_document *d = &p->documents[i];

		if (memcmp(d->local_id, c->correction.document, sizeof d->local_id) != 0)
			continue;
		rc = correct_is_open(&c->act, d);
		if (rc == 0)
			rc = on_items(c, db, p, d);
	}
	return rc != 0 ? rc : store_retention_look(db, c->act.peer, p->row.case_id, c->act.now_ms);
}

static int apply(void *arg, struct db *db)
{
	struct carrying *c = arg;
	const struct node *n = c->by->node;
	struct plan p = {.n = 0};
	struct cases cs = {.n = 0};
	struct store_case row;
	int rc = store_case_get(db, &row, c->act.peer, c->case_id);

	if (rc == 0)
		rc = plan_make(&p, n, c->by->terms, db, &row, c->act.now_ms);
	if (rc == 0)
		rc = cases_load(&cs, db, n->own, c->act.peer, c->case_id);
	if (rc == 0)
		rc = find(c, db, &cs, &p);
	if (rc == 0)
		rc = on_plan(c, db, &p);
	cases_clear(&cs);
	plan_clear(&p);
	return rc;
}

static void done(void *arg, int result)
{
	end(arg, result);
}

/* --- before it ------------------------------------------------------------------------------------- */

static void was_read(void *arg, int result, const struct link_message *answer)
{
	struct carrying *c = arg;
	const struct msg_correction_read *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == RXP_ERR_UNSUPPORTED)
		rc = refuse(c, "it is no DataCorrection");
	if (rc == 0)
		rc = rxp_buf_put(&c->items, m->items.data, m->items.len);
	if (rc != 0) {
		end(c, rc);
		return;
	}
	c->item = (struct store_item){.apply = apply, .done = done, .arg = c};
	store_submit(c->by->node->store, &c->item);
}

static int ask(struct carrying *c)
{
	struct msg_read_correction q = {.envelope = {NULL, 0}};
	struct rxp_buf wrapped_key, envelope;
	struct rec_message_row message;
	struct store_readable readable;
	struct db *db = store_db(c->by->node->store);
	int rc = store_list_message(db, &message, NULL, NULL, c->local_id);

	rxp_buf_init(&wrapped_key, WRAPPED_KEY_MAX);
	rxp_buf_init(&envelope, RXP_MAX_ENVELOPE_OCTETS);
	if (rc == 0)
		rc = store_case_readable(db, &readable, &wrapped_key, &envelope, c->local_id);
	if (rc == RXP_ERR_STATE)
		c->act.problem = "there is no content of it that can be read";
	if (rc == 0) {
		memcpy(c->act.peer, message.peer, sizeof c->act.peer);
		memcpy(c->case_id, message.case_id, sizeof c->case_id);
		memcpy(q.correction, c->local_id, sizeof q.correction);
		q.wrapped_key = (struct bytes){.data = wrapped_key.data, .len = wrapped_key.len};
		q.envelope = (struct bytes){.data = envelope.data, .len = envelope.len};
		rc = work_submit(c->by->node->work, IPC_read_correction, &q, NULL, 0, was_read, c);
	}
	rxp_buf_free(&wrapped_key);
	rxp_buf_free(&envelope);
	return rc;
}

void carry_out(const struct correct *by, uint64_t request, const struct msg_content_correct *m)
{
	struct carrying *c = calloc(1, sizeof *c);
	int rc;

	if (c == NULL) {
		correct_answer(by->node, request, RXP_ERR_NOMEM, NULL);
		return;
	}
	c->by = by;
	c->request = request;
	c->act = correct_act(m);
	memcpy(c->local_id, m->local_id, sizeof c->local_id);
	rxp_buf_init(&c->items, IPC_MESSAGE_MAX / 2);
	rc = ask(c);
	if (rc != 0)
		end(c, rc);
}
