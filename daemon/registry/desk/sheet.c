#include "daemon/registry/desk/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/node.h"
#include "daemon/registry/retention/plan.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* A request on its way to the journal. */
struct making {
	struct store_item item;
	struct node *node;
	const struct terms *terms;
	uint64_t request;
	struct msg_case_sheet q;
	struct msg_case_sheet_made a; /* rows from `rows` */
	struct rxp_buf rows;
};

static int put_row(struct rxp_buf *rows, const struct plan *p, const struct plan_document *d,
    const struct cases *c, const char *own)
{
	struct rec_sheet_row r = {
	    .position = d->position, .at_ms = d->answered_ms, .erased_ms = d->erased_ms};
	enum rxp_type type;
	struct cases_offices offices;

	if (rxp_type_parse(&type, d->type) != 0)
		return RXP_ERR_STATE;
	offices = cases_offices(c, type);
	memcpy(r.from, d->own ? own : p->row.peer, sizeof r.from);
	memcpy(r.to, d->own ? p->row.peer : own, sizeof r.to);
	snprintf(r.type, sizeof r.type, "%s", d->type);
	/* Offices are those of our own documents; the peer's go the other way. */
	snprintf(r.office, sizeof r.office, "%s", d->own ? offices.to : offices.from);
	snprintf(r.state, sizeof r.state, "%s", state_word(d->state));
	return record_list_put(rows, REC_sheet_row, &record_sheet_row, &r);
}

static int put_rows(struct making *s, struct db *db, const struct plan *p)
{
	uint32_t bit = UINT32_C(1) << (s->q.person - 1);
	struct cases c = {.n = 0};
	int rc = cases_load(&c, db, s->node->own, p->row.peer, p->row.case_id);

	for (size_t i = 0; rc == 0 && i < p->n; i++)
		if ((p->documents[i].persons & bit) != 0)
			rc = put_row(&s->rows, p, &p->documents[i], &c, s->node->own);
	cases_clear(&c);
	return rc;
}

static int fill(struct making *s, struct db *db, const struct plan *p)
{
	int64_t due_ms = p->persons[s->q.person - 1].due_ms;

	if ((p->known & UINT32_C(1) << (s->q.person - 1)) == 0)
		return RXP_ERR_NOT_FOUND;
	memcpy(s->a.peer, p->row.peer, sizeof s->a.peer);
	s->a.due_ms = due_ms != RXP_DUE_NEVER && p->row.legal_hold_ms == 0 ? due_ms : 0;
	return put_rows(s, db, p);
}

static int apply(void *arg, struct db *db)
{
	struct making *s = arg;
	struct plan p = {.n = 0};
	struct store_case row;
	int64_t now_ms = clock_wall_ms();
	int rc = store_case_get(db, &row, s->q.peer, s->q.case_id);

	if (rc == 0)
		rc = plan_make(&p, s->node, s->terms, db, &row, now_ms);
	if (rc == 0)
		rc = fill(s, db, &p);
	plan_clear(&p);
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = now_ms,
					       .user = s->q.user,
					       .action = JOURNAL_SHEET_PRINT,
					       .reason = s->q.reason,
					       .peer = row.peer,
					       .case_id = row.case_id,
					       .number = s->q.person});
}

static void done(void *arg, int result)
{
	struct making *s = arg;

	s->a.result = (uint32_t)result;
	if (result == 0)
		s->a.rows = (struct bytes){.data = s->rows.data, .len = s->rows.len};
	link_answer(s->node->desk, IPC_case_sheet_made, s->request, &s->a, NULL, 0);
	rxp_buf_free(&s->rows);
	free(s);
}

static void refuse(struct node *n, uint64_t request, int result)
{
	const struct msg_case_sheet_made a = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_case_sheet_made, request, &a, NULL, 0);
}

void sheet_make(
    struct node *n, const struct terms *terms, uint64_t request, const struct msg_case_sheet *m)
{
	struct making *s;

	if (!journal_reason_is(m->reason) || m->person == 0 || m->person > RXP_MAX_PERSONS) {
		refuse(
		    n, request, journal_reason_is(m->reason) ? RXP_ERR_NOT_FOUND : RXP_ERR_SYNTAX);
		return;
	}
	s = calloc(1, sizeof *s);
	if (s == NULL) {
		refuse(n, request, RXP_ERR_NOMEM);
		return;
	}
	*s = (struct making){.node = n, .terms = terms, .request = request, .q = *m};
	rxp_buf_init(&s->rows, IPC_MESSAGE_MAX / 2);
	s->item = (struct store_item){.apply = apply, .done = done, .arg = s};
	store_submit(n->store, &s->item);
}
