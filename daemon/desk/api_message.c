/* Messages: lists of all, of the queue and of the inbox; one message and its answer; void, requeue
 * and discard. */
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

void api_message_list(struct http_request *r)
{
	const char *order = http_query(r, "order");

	if (order != NULL && strcmp(order, "oldest") != 0 && strcmp(order, "newest") != 0)
		problem_reply(r, PROBLEM_QUERY, "order is oldest or newest");
	else
		api_page(r, order != NULL && strcmp(order, "newest") == 0 ? "newest" : "messages");
}

void api_queue_list(struct http_request *r)
{
	api_page(r, "queue");
}

void api_inbox_list(struct http_request *r)
{
	api_page(r, "inbox");
}

static void message_shown(struct http_request *r, const struct link_message *answer)
{
	const struct msg_message_shown *m = answer->body;
	struct rec_message_row row;
	json_t *json = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0 && record_decode(&row, &record_message_row, m->row.data, m->row.len) != 0)
		rc = RXP_ERR_DAMAGED;
	if (rc == 0)
		rc = row_json(&json, &record_message_row, &row);
	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	json_object_set_new(json, "final", json_boolean(m->final != 0));
	json_object_set_new(json, "answer_octets", json_integer((json_int_t)m->answer.len));
	reply_json(r, json);
}

static void show(struct http_request *r, uint32_t wait_s, ask_answered *fn)
{
	struct msg_message_show m = {.wait_ms = wait_s * 1000};

	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_message_show, &m, wait_s > 0, fn);
}

void api_message_show(struct http_request *r)
{
	uint32_t wait_s;

	if (api_number(r, "wait", 0, 0, API_WAIT_MAX_S, &wait_s))
		show(r, wait_s, message_shown);
}

static void message_answered(struct http_request *r, const struct link_message *answer)
{
	const struct msg_message_shown *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else if (m->answer.len == 0)
		problem_reply(r, PROBLEM_NOT_ANSWERED, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 200,
				  .media = "application/rxp+xml",
				  .octets = m->answer.data,
				  .len = m->answer.len});
}

void api_message_answer(struct http_request *r)
{
	show(r, 0, message_answered);
}

static void message_requeued(struct http_request *r, const struct link_message *answer)
{
	const struct msg_message_requeued *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_queue_requeue(struct http_request *r)
{
	struct msg_message_requeue m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_message_requeue, &m, false, message_requeued);
}

static void message_voided(struct http_request *r, const struct link_message *answer)
{
	const struct msg_message_voided *m = answer->body;
	char id[RXP_ID_TEXT];

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	rxp_id_text(id, m->local_id);
	reply_with(r, &(struct reply){.status = 202, .json = json_pack("{s:s}", "local_id", id)});
}

void api_message_void(struct http_request *r)
{
	struct msg_message_void m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_message_void, &m, false, message_voided);
}

static void message_discarded(struct http_request *r, const struct link_message *answer)
{
	const struct msg_message_discarded *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, m->problem);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_queue_discard(struct http_request *r)
{
	struct msg_message_discard m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_message_discard, &m, false, message_discarded);
}
