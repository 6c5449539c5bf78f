/* The journal: who did what, and why documents were opened. */
#include "daemon/desk/api.h"

#include <stdio.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/timestamp.h"

static void listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_journal_listed *m = answer->body;
	const struct msg_listed page = {.more = m->more, .rows = m->rows};
	json_t *json = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_page(&json, &page, REC_journal_row, "n");
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json);
}

/* Of which user of this machine: the number that http_user() makes a text of. */
static bool take_user(struct http_request *r, char user[RECORD_NAME_MAX])
{
	uint32_t uid;

	user[0] = '\0';
	if (!api_number(r, "user", 0, 0, UINT32_MAX - 1, &uid))
		return false;
	if (http_query(r, "user") != NULL)
		snprintf(user, RECORD_NAME_MAX, "uid:%lu", (unsigned long)uid);
	return true;
}

static bool take_since(struct http_request *r, int64_t *since_ms)
{
	const char *text = http_query(r, "since");

	*since_ms = 0;
	if (text == NULL || rxp_time_parse(since_ms, text) == 0)
		return true;
	problem_reply(r, PROBLEM_QUERY, "since is a time as 2026-11-29T08:00:00.000Z");
	return false;
}

void api_journal_list(struct http_request *r)
{
	struct msg_journal_list m = {0};
	uint32_t after;

	if (http_query(r, "peer") != NULL && http_query(r, "case") == NULL) {
		problem_reply(r, PROBLEM_QUERY, "peer goes with case: whose case it is");
		return;
	}
	if (!api_case(r, "case", m.case_id) || !api_party(r, "peer", m.peer) ||
	    !take_user(r, m.user) || !take_since(r, &m.since_ms) ||
	    !api_number(r, "after", 0, 0, UINT32_MAX - 1, &after) ||
	    !api_number(r, "limit", API_PAGE_DEFAULT, 1, API_PAGE_MAX, &m.limit))
		return;
	m.after = after;
	ask_put(http_api(r)->ask, r, IPC_journal_list, &m, false, listed);
}
