/* The logs that this node and its peers keep for each other: what differs, compare now, and a person's note. */
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
#include "protocol/log/logcompare.h"

/* Whose log it was found in. */
static json_t *kept_by(
    const json_t *item, const struct rxp_log_difference_row *row, const char *own)
{
	return row->kept == RXP_LOG_KEPT_OWN ? json_string(own)
					     : json_incref(json_object_get(item, "peer"));
}

/* What each difference means stands beside it. */
static int explain(json_t *items, const char *own)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		const char *word = json_string_value(json_object_get(item, "what"));
		const struct rxp_log_difference_row *row;
		enum rxp_log_difference what;

		if (word == NULL || rxp_log_difference_parse(&what, word) != 0)
			return RXP_ERR_DAMAGED;
		row = rxp_log_difference_row(what);
		if (json_object_set_new(item, "kept_by", kept_by(item, row, own)) != 0 ||
		    json_object_set_new(item, "meaning", json_string(row->meaning)) != 0 ||
		    json_object_set_new(item, "side", json_string(row->side)) != 0 ||
		    json_object_set_new(item, "action", json_string(row->action)) != 0)
			return RXP_ERR_NOMEM;
	}
	return 0;
}

static void listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_log_listed *m = answer->body;
	json_t *items = NULL, *logs = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_difference_row);
	if (rc == 0)
		rc = explain(items, http_api(r)->own);
	if (rc == 0)
		rc = row_list(&logs, m->logs, REC_log_row);
	if (rc == 0) {
		reply_json(r, json_pack("{s:o, s:o, s:n}", "items", items, "logs", logs, "next"));
		return;
	}
	json_decref(items);
	json_decref(logs);
	problem_reply(r, problem_of(rc), NULL);
}

void api_log_list(struct http_request *r)
{
	struct msg_log_list m = {0};

	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_log_list, &m, false, listed);
}

static void checked(struct http_request *r, const struct link_message *answer)
{
	const struct msg_log_checked *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		reply_with(r, &(struct reply){.status = 202, .json = json_object()});
}

void api_log_check(struct http_request *r)
{
	struct msg_log_check m = {0};

	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	ask_put(http_api(r)->ask, r, IPC_log_check, &m, false, checked);
}

static void noted(struct http_request *r, const struct link_message *answer)
{
	const struct msg_log_noted *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		reply_with(r, &(struct reply){.status = 200, .json = json_object()});
}

/* The number of an entry; false: the request is answered. */
static bool take_entry(struct http_request *r, uint64_t *entry)
{
	uint32_t n = 0;

	if (!api_number(r, "entry", 0, 0, UINT32_MAX, &n))
		return false;
	*entry = n;
	return true;
}

void api_log_note(struct http_request *r)
{
	struct msg_log_note m = {.one = http_query(r, "entry") != NULL};

	if (!take_entry(r, &m.entry))
		return;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_log_note, &m, false, noted);
}

void api_log_restart(struct http_request *r)
{
	struct msg_log_note m = {.restart = 1};

	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_log_note, &m, false, noted);
}

static void got(struct http_request *r, const struct link_message *answer)
{
	const struct msg_log_page_got *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 200,
				  .media = "application/rxp+xml",
				  .octets = m->page.data,
				  .len = m->page.len});
}

void api_log_page(struct http_request *r)
{
	struct msg_log_page_get m = {0};

	if (!take_entry(r, &m.entry))
		return;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	ask_put(http_api(r)->ask, r, IPC_log_page_get, &m, false, got);
}
