/* Histories: ask a peer for lost documents of this node, and see what came. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/ident.h"

static void listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_history_listed *m = answer->body;
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_history_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o, s:n}", "items", items, "next"));
}

void api_history_list(struct http_request *r)
{
	const struct msg_history_list m = {.unused = 0};

	ask_put(http_api(r)->ask, r, IPC_history_list, &m, false, listed);
}

static void asked(struct http_request *r, const struct link_message *answer)
{
	const struct msg_history_asked *m = answer->body;
	char id[RXP_ID_TEXT];

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	rxp_id_text(id, m->local_id);
	reply_with(r, &(struct reply){.status = 202, .json = json_pack("{s:s}", "local_id", id)});
}

void api_history_ask(struct http_request *r)
{
	struct msg_history_ask m = {.user = ""};

	if (!api_case(r, "case", m.case_id))
		return;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_history_ask, &m, false, asked);
}
