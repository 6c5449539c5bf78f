/* What was lost with peers, and how far it is back. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"

static void listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_recovery_listed *m = answer->body;
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_recovery_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o, s:n}", "items", items, "next"));
}

void api_recovery_list(struct http_request *r)
{
	struct msg_recovery_list m = {0};

	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_recovery_list, &m, false, listed);
}

static void unproved_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_unproved_listed *m = answer->body;
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_unproved_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o, s:I, s:n}", "items", items, "all",
				  (json_int_t)m->all, "next"));
}

void api_recovery_unproved(struct http_request *r)
{
	struct msg_unproved_list m = {0};

	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_unproved_list, &m, false, unproved_listed);
}

static void begun(struct http_request *r, const struct link_message *answer)
{
	const struct msg_recovery_begun *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_recovery_begin(struct http_request *r)
{
	struct msg_recovery_begin m = {.user = ""};

	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_recovery_begin, &m, false, begun);
}

static void confirmed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_recovery_confirmed *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_recovery_confirm(struct http_request *r)
{
	struct msg_recovery_confirm m = {.user = ""};
	uint32_t unproved;

	if (!api_number(r, "unproved", 0, 0, UINT32_MAX, &unproved))
		return;
	m.unproved = unproved;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_recovery_confirm, &m, false, confirmed);
}
