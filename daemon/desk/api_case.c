/* Cases: list, one with its persons, and its history. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/err.h"

static void cases_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_listed *m = answer->body;
	json_t *page = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_page(&page, m, REC_case_row, "case_id");
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, page);
}

void api_case_list(struct http_request *r)
{
	struct msg_list m = {.list = "cases"};

	if (api_party(r, "peer", m.peer) && api_case(r, "after", m.after) &&
	    api_number(r, "limit", API_PAGE_DEFAULT, 1, API_PAGE_MAX, &m.limit))
		ask_put(http_api(r)->ask, r, IPC_list, &m, false, cases_listed);
}

/* The case, the states of its persons and its holds, or its documents in their place; and the own party, so
 * that a reader knows which of the two is which. */
static int case_json(
    json_t **out, const struct api *api, const struct msg_case_shown *m, bool documents)
{
	struct rec_case_row row;
	json_t *json = NULL, *states = NULL, *holds = NULL, *items = NULL;
	int rc = RXP_ERR_DAMAGED;

	if (record_decode(&row, &record_case_row, m->row.data, m->row.len) == 0)
		rc = row_json(&json, &record_case_row, &row);
	if (rc == 0)
		rc = row_list(&states, m->persons, REC_case_person_row);
	if (rc == 0 && !documents)
		rc = row_list(&holds, m->holds, REC_hold_row);
	if (rc == 0 && documents)
		rc = row_list(&items, m->timeline, REC_timeline_row);
	if (rc == 0 && (json_object_set_new(json, "own", json_string(api->own)) != 0 ||
			   json_object_set(json, "states", states) != 0 ||
			   (!documents && json_object_set(json, "held", holds) != 0) ||
			   (documents && json_object_set(json, "items", items) != 0)))
		rc = RXP_ERR_NOMEM;
	if (rc == 0 && documents) /* what both States may compare says nothing of holds */
		json_object_del(json, "holds");
	json_decref(states);
	json_decref(holds);
	json_decref(items);
	if (rc != 0)
		json_decref(json);
	else
		*out = json;
	return rc;
}

static void shown(struct http_request *r, const struct msg_case_shown *m, bool documents)
{
	json_t *json = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = case_json(&json, http_api(r), m, documents);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json);
}

static void case_shown(struct http_request *r, const struct link_message *answer)
{
	shown(r, answer->body, false);
}

static void timeline_shown(struct http_request *r, const struct link_message *answer)
{
	shown(r, answer->body, true);
}

static void show(struct http_request *r, ask_answered *fn)
{
	struct msg_case_show m = {0};

	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	ask_put(http_api(r)->ask, r, IPC_case_show, &m, false, fn);
}

void api_case_show(struct http_request *r)
{
	show(r, case_shown);
}

void api_case_timeline(struct http_request *r)
{
	show(r, timeline_shown);
}
