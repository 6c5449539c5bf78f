/* What a person is told of the documents of a case that speak of the person. */
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

static void made(struct http_request *r, const struct link_message *answer)
{
	const struct msg_case_sheet_made *m = answer->body;
	json_t *items = NULL, *json = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_sheet_row);
	if (rc == 0) {
		json = json_pack("{s:s, s:s, s:o, s:O}", "own", http_api(r)->own, "peer", m->peer,
		    "due", row_time(m->due_ms), "items", items);
		rc = json == NULL ? RXP_ERR_NOMEM : 0;
	}
	json_decref(items);
	if (rc != 0)
		problem_reply(r, problem_of(rc), m->problem);
	else
		reply_json(r, json);
}

void api_case_sheet(struct http_request *r)
{
	struct msg_case_sheet m = {.person = http_values(r)->number};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.reason, sizeof(m.reason), "%s", http_header(r, "Readmit-Reason"));
	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_case_sheet, &m, false, made);
}
