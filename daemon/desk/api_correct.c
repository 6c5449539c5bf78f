/* Corrections carried out: content erased or blocked, cases under a legal hold. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"

static void corrected(struct http_request *r, const struct link_message *answer)
{
	const struct msg_content_corrected *m = answer->body;
	const char *problem = m->problem[0] != '\0' ? m->problem : NULL;

	if (m->result != 0)
		problem_reply_result(r, m->result, problem);
	else
		reply_json(r, json_pack("{s:s, s:s?}", "content", m->became, "reason", problem));
}

static void correct(struct http_request *r, const char *what)
{
	struct msg_content_correct m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.what, sizeof(m.what), "%s", what);
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_content_correct, &m, false, corrected);
}

void api_message_erase(struct http_request *r)
{
	correct(r, "erase");
}

void api_message_block(struct http_request *r)
{
	correct(r, "block");
}

void api_message_unblock(struct http_request *r)
{
	correct(r, "unblock");
}

void api_message_carry_out(struct http_request *r)
{
	correct(r, "carry-out");
}

static void listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_case_corrected *m = answer->body;
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_correction_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), m->problem);
	else
		reply_json(r, json_pack("{s:o}", "items", items));
}

/* RXP-COR-016 */
void api_case_corrections(struct http_request *r)
{
	struct msg_case_corrections m = {0};

	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_case_corrections, &m, false, listed);
}

static void held(struct http_request *r, const struct link_message *answer)
{
	const struct msg_case_legally_held *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, m->problem);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

static void hold(struct http_request *r, bool lift)
{
	struct msg_case_legal_hold m = {.lift = lift};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_case_legal_hold, &m, false, held);
}

void api_case_legal_hold(struct http_request *r)
{
	hold(r, false);
}

void api_case_legal_lift(struct http_request *r)
{
	hold(r, true);
}
