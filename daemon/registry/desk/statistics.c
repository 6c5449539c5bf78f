#include "daemon/registry/desk/statistics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/clock_times.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/case/statistics.h"

struct counting {
	struct node *node;
	const struct terms *terms;
	struct rxp_period period;
	const char *peer; /* "": of all */
	struct clock_times *times; /* of one case at a time */
	struct rxp_buf rows;
};

static int put_rows(struct rxp_buf *rows, const struct cases *c, const struct rxp_statistics *s)
{
	for (int i = 0; i < RXP_STATISTIC_COUNT; i++) {
		struct rec_statistic_row r = {.count = s->counts[i]};

		if (r.count == 0)
			continue;
		memcpy(r.case_id, c->row.case_id, sizeof r.case_id);
		memcpy(r.peer, c->row.peer, sizeof r.peer);
		snprintf(
		    r.role, sizeof r.role, "%s", c->row.requesting ? "requesting" : "requested");
		snprintf(
		    r.counter, sizeof r.counter, "%s", rxp_statistic_code((enum rxp_statistic)i));
		record_list_put(rows, REC_statistic_row, &record_statistic_row, &r);
	}
	return rxp_buf_error(rows);
}

/* Without its profile nothing is late. */
static int count_case(
    struct counting *x, struct db *db, const struct cases *c, struct rxp_case *folded)
{
	struct rxp_statistics s = {{0}};
	int rc = clock_times_gather(x->times, db, c, folded, x->terms, clock_wall_ms());

	if (rc == 0)
		rc = rxp_statistics_add(
		    &s, &x->times->in, &x->period, c->row.requesting ? c->own : c->row.peer);
	return rc != 0 ? rc : put_rows(&x->rows, c, &s);
}

/* A case that is damaged counts nothing: that shows elsewhere. */
static int count_one(struct counting *x, const struct rec_case_row *row)
{
	struct rxp_case *folded = NULL;
	struct cases c = {.n = 0};
	struct db *db = store_db(x->node->store);
	int rc = cases_load(&c, db, x->node->own, row->peer, row->case_id);

	if (rc == 0)
		rc = cases_fold(&folded, &c);
	if (rc == 0)
		rc = count_case(x, db, &c, folded);
	rxp_case_free(folded);
	cases_clear(&c);
	return rc == RXP_ERR_STATE || rc == RXP_ERR_BOUND || rc == RXP_ERR_DAMAGED ? 0 : rc;
}

static int count_page(
    struct counting *x, struct msg_statistics_counted *a, const struct msg_statistics_count *m)
{
	struct record_cursor c;
	struct rec_case_row row;
	struct rxp_buf cases;
	struct bytes fields;
	uint16_t tag;
	bool more = false;
	int rc;

	rxp_buf_init(&cases, IPC_MESSAGE_MAX / 2);
	rc = store_case_page(store_db(x->node->store), &cases, &more, m->unseen, x->peer, m->after,
	    REGISTRY_FOLDED_CASES);
	c = (struct record_cursor){.at = cases.data, .left = cases.len};
	while (rc == 0 && record_list_next(&c, &tag, &fields) == 1) {
		rc = record_decode(&row, &record_case_row, fields.data, fields.len);
		if (rc == 0)
			rc = count_one(x, &row);
		memcpy(a->last, row.case_id, sizeof a->last);
	}
	a->more = more;
	rxp_buf_free(&cases);
	return rc;
}

void statistics_count(struct node *n, const struct terms *terms, uint64_t request,
    const struct msg_statistics_count *m)
{
	struct counting x = {
	    .node = n, .terms = terms, .peer = m->peer, .times = malloc(sizeof *x.times)};
	struct msg_statistics_counted a = {0};
	int rc;

	rxp_buf_init(&x.rows, IPC_MESSAGE_MAX / 2);
	rc = x.times == NULL ? RXP_ERR_NOMEM : rxp_period_parse(&x.period, m->period);
	if (rc == 0)
		rc = count_page(&x, &a, m);
	if (rc == 0) {
		a.until_ms = x.period.until_ms;
		a.ended = clock_wall_ms() >= x.period.until_ms;
	}
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = x.rows.data, .len = x.rows.len};
	link_answer(n->desk, IPC_statistics_counted, request, &a, NULL, 0);
	rxp_buf_free(&x.rows);
	free(x.times);
}
