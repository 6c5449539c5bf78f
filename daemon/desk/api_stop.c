/* Emergency stops: proposed and confirmed, or lifted, by two officers; and whom one concerns. */
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

/* --- orders ----------------------------------------------------------------------------------------- */

static void ordered(struct http_request *r, const struct link_message *answer)
{
	const struct msg_stop_ordered *m = answer->body;
	char id[RXP_ID_TEXT];

	if (m->result != 0) {
		problem_reply_parameter(r, m->result, m->problem);
		return;
	}
	rxp_id_text(id, m->id);
	reply_json(r, json_pack("{s:s, s:s}", "id", id, "state", m->state));
}

static void order(struct http_request *r, struct msg_stop_order *m, const char *act)
{
	snprintf(m->user, sizeof(m->user), "%s", http_user(r));
	snprintf(m->act, sizeof(m->act), "%s", act);
	memcpy(m->id, http_values(r)->id, sizeof(m->id));
	ask_put(http_api(r)->ask, r, IPC_stop_order, m, false, ordered);
}

void api_stop_add(struct http_request *r)
{
	const char *kind = http_query(r, "kind"), *what = http_query(r, "what");
	const char *reason = http_query(r, "reason");
	struct msg_stop_order m = {0};

	if (kind == NULL || what == NULL || reason == NULL) {
		problem_reply(r, PROBLEM_QUERY, "kind, what or reason is missing");
		return;
	}
	snprintf(m.kind, sizeof(m.kind), "%s", kind);
	snprintf(m.what, sizeof(m.what), "%s", what);
	snprintf(m.reason, sizeof(m.reason), "%s", reason);
	order(r, &m, "propose");
}

void api_stop_confirm(struct http_request *r)
{
	order(r, &(struct msg_stop_order){0}, "confirm");
}

void api_stop_lift(struct http_request *r)
{
	order(r, &(struct msg_stop_order){0}, "lift");
}

/* --- lists ------------------------------------------------------------------------------------------ */

static void listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_stop_listed *m = answer->body;
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_stop_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o, s:n}", "items", items, "next"));
}

void api_stop_list(struct http_request *r)
{
	ask_put(http_api(r)->ask, r, IPC_stop_list, &(struct msg_stop_list){0}, false, listed);
}

/* `next` is the last case that was looked at, which may have nobody in the list. */
static void transfers_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_transfers_listed *m = answer->body;
	char next[RXP_ID_TEXT];
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_transfer_row);
	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	rxp_id_text(next, m->next);
	reply_json(r, json_pack("{s:o, s:s?}", "items", items, "next", m->more != 0 ? next : NULL));
}

void api_stop_transfers(struct http_request *r)
{
	struct msg_transfers_list m = {0};

	if (!api_case(r, "after", m.after))
		return;
	memcpy(m.id, http_values(r)->id, sizeof(m.id));
	ask_put(http_api(r)->ask, r, IPC_transfers_list, &m, false, transfers_listed);
}
