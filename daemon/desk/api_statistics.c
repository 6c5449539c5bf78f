/* What the cases count in a quarter, case by case, a page of cases at a time. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/err.h"
#include "protocol/case/statistics.h"

static void counted(struct http_request *r, const struct link_message *answer)
{
	const struct msg_statistics_counted *m = answer->body;
	json_t *items = NULL, *page = NULL;
	char last[RXP_ID_TEXT];
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_statistic_row);
	if (rc == 0) {
		rxp_id_text(last, m->last);
		page = json_pack("{s:O, s:s?, s:o, s:b}", "items", items, "next",
		    m->more != 0 ? last : NULL, "until", row_time(m->until_ms), "ended",
		    m->ended != 0);
		rc = page == NULL ? RXP_ERR_NOMEM : 0;
	}
	json_decref(items);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, page);
}

void api_statistics(struct http_request *r)
{
	const char *period = http_query(r, "period");
	struct msg_statistics_count m = {0};
	struct rxp_period parsed;

	if (period == NULL || rxp_period_parse(&parsed, period) != 0) {
		problem_reply(r, PROBLEM_QUERY, "period is a quarter as 2026-Q4");
		return;
	}
	snprintf(m.period, sizeof(m.period), "%s", period);
	if (api_party(r, "peer", m.peer) && api_case(r, "after", m.after))
		ask_put(http_api(r)->ask, r, IPC_statistics_count, &m, false, counted);
}
