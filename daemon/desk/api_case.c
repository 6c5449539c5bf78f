/* Cases: list, one with its persons, and its history. */
#include "daemon/desk/api.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/due_place.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/err.h"

#define HOUR_S 3600u
#define DAY_S (24 * HOUR_S)
#define DUE_MAX_S (366 * DAY_S)

/* The page goes on behind its last case, whatever becomes of that. */
static int place_next(json_t *page, const struct msg_listed *m)
{
	struct record_cursor c = {.at = m->rows.data, .left = m->rows.len};
	struct rec_case_row row = {.case_id = {0}};
	char text[DUE_PLACE_TEXT];
	struct due_place place;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (record_decode(&row, &record_case_row, fields.data, fields.len) != 0)
			return RXP_ERR_DAMAGED;
	if (json_is_null(json_object_get(page, "next")))
		return 0;
	place.due_ms = row.due_ms;
	memcpy(place.case_id, row.case_id, sizeof place.case_id);
	memcpy(place.peer, row.peer, sizeof place.peer);
	due_place_text(text, &place);
	return json_object_set_new(page, "next", json_string(text)) == 0 ? 0 : RXP_ERR_NOMEM;
}

static void due_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_listed *m = answer->body;
	json_t *page = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_page(&page, m, REC_case_row, "case_id");
	if (rc == 0)
		rc = place_next(page, m);
	if (rc != 0) {
		json_decref(page);
		problem_reply(r, problem_of(rc), NULL);
	} else {
		reply_json(r, page);
	}
}

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

/* A whole number of hours or days, at most a year: 12h, 3d. 0h is what is overdue. */
static bool parse_span(uint32_t *out, const char *text)
{
	uint32_t n = 0;
	size_t digits = strspn(text, "0123456789");
	uint32_t unit = text[digits] == 'd' ? DAY_S : HOUR_S;

	if (digits == 0 || digits > 4 || (digits > 1 && text[0] == '0') ||
	    (text[digits] != 'd' && text[digits] != 'h') || text[digits + 1] != '\0')
		return false;
	for (size_t i = 0; i < digits; i++)
		n = n * 10 + (uint32_t)(text[i] - '0');
	*out = n * unit;
	return *out <= DUE_MAX_S;
}

static bool read_due(struct http_request *r, struct msg_list *m)
{
	const char *after = http_query(r, "after");
	struct due_place place = {.peer = ""};

	memcpy(m->list, "due", sizeof "due");
	if (!parse_span(&m->due_s, http_query(r, "due"))) {
		problem_reply(r, PROBLEM_QUERY, "due is hours or days, 0h to 366d");
		return false;
	}
	if (after != NULL && due_place_parse(&place, after) != 0) {
		problem_reply(r, PROBLEM_QUERY, "after is `next` of the page before");
		return false;
	}
	m->after_due_ms = place.due_ms;
	memcpy(m->after, place.case_id, sizeof(m->after));
	memcpy(m->after_peer, place.peer, sizeof(m->after_peer));
	return true;
}

void api_case_list(struct http_request *r)
{
	struct msg_list m = {.list = "cases"};
	bool due = http_query(r, "due") != NULL;

	if (api_party(r, "peer", m.peer) &&
	    (due ? read_due(r, &m) : api_case(r, "after", m.after)) &&
	    api_number(r, "limit", API_PAGE_DEFAULT, 1, API_PAGE_MAX, &m.limit))
		ask_put(http_api(r)->ask, r, IPC_list, &m, false, due ? due_listed : cases_listed);
}

/* Put a list of records into the object as this member. */
static int put_list(json_t *json, const char *member, struct bytes rows, enum record_tag tag)
{
	json_t *list = NULL;
	int rc = row_list(&list, rows, tag);

	if (rc != 0)
		return rc;
	return json_object_set_new(json, member, list) == 0 ? 0 : RXP_ERR_NOMEM;
}

/* The case, the states and clocks of its persons and its holds, or its documents and what there was to tell of its
 * clocks; and the own party, so that a reader knows which of the two is which. */
static int case_json(
    json_t **out, const struct api *api, const struct msg_case_shown *m, bool documents)
{
	struct rec_case_row row;
	json_t *json = NULL;
	int rc = RXP_ERR_DAMAGED;

	if (record_decode(&row, &record_case_row, m->row.data, m->row.len) == 0)
		rc = row_json(&json, &record_case_row, &row);
	if (rc == 0 && json_object_set_new(json, "own", json_string(api->own)) != 0)
		rc = RXP_ERR_NOMEM;
	if (rc == 0)
		rc = put_list(json, "states", m->persons, REC_case_person_row);
	if (rc == 0 && documents)
		rc = put_list(json, "items", m->timeline, REC_timeline_row);
	if (rc == 0)
		rc = documents ? put_list(json, "marks", m->marks, REC_clock_mark_row)
			       : put_list(json, "clocks", m->clocks, REC_case_clock_row);
	if (rc == 0 && !documents)
		rc = put_list(json, "held", m->holds, REC_hold_row);
	if (rc == 0 && documents) /* what both States may compare says nothing of holds */
		json_object_del(json, "holds");
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
		problem_reply(r, problem_of(rc), m->problem);
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

static void show(struct http_request *r, bool steps, ask_answered *fn)
{
	struct msg_case_show m = {.steps = steps};

	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_case_show, &m, false, fn);
}

void api_case_show(struct http_request *r)
{
	const char *steps = http_query(r, "steps");

	if (steps != NULL && strcmp(steps, "yes") != 0)
		problem_reply(r, PROBLEM_QUERY, "steps is yes");
	else
		show(r, steps != NULL, case_shown);
}

void api_case_timeline(struct http_request *r)
{
	show(r, false, timeline_shown);
}
