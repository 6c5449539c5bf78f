/* The node itself: health, figures, status, descriptor. */
#include "daemon/desk/api.h"

#include <string.h>

#include <jansson.h>

#include "daemon/base/alarm.h"
#include "daemon/base/version.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/metric.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"

void api_live(struct http_request *r)
{
	reply_json(r, json_pack("{s:s}", "status", "live"));
}

static void ask_status(struct http_request *r, ask_answered *fn)
{
	ask_put(http_api(r)->ask, r, IPC_status, &(struct msg_status){0}, false, fn);
}

static void ready_answered(struct http_request *r, const struct link_message *answer)
{
	const struct msg_status_is *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else if (m->health[0] != '\0')
		problem_reply(r, PROBLEM_NOT_READY, m->health);
	else
		reply_json(r, json_pack("{s:s}", "status", "ready"));
}

void api_ready(struct http_request *r)
{
	ask_status(r, ready_answered);
}

static void metrics_answered(struct http_request *r, const struct link_message *answer)
{
	const struct msg_status_is *m = answer->body;
	struct rxp_buf text;
	int rc = (int)(int32_t)m->result;

	rxp_buf_init(&text, METRIC_TEXT_MAX);
	if (rc == 0)
		rc = metric_text(&text, m->rows, m->health[0] == '\0');
	if (rc != 0)
		problem_reply(r, rc == RXP_ERR_DAMAGED ? PROBLEM_INTERNAL : problem_of(rc), NULL);
	else
		http_reply(r, &(struct http_reply){.status = 200,
				  .media = "text/plain; version=0.0.4; charset=utf-8",
				  .octets = text.data,
				  .len = text.len});
	rxp_buf_free(&text);
}

void api_metrics(struct http_request *r)
{
	ask_status(r, metrics_answered);
}

/* What each means, and what to do. */
static int put_words(json_t *alarms)
{
	json_t *row;
	size_t i;

	json_array_foreach(alarms, i, row)
	{
		struct alarm_words words;
		int rc = alarm_find(&words, json_string_value(json_object_get(row, "alarm")));

		if (rc != 0)
			return rc;
		if (json_object_set_new(row, "meaning", json_string(words.meaning)) != 0 ||
		    json_object_set_new(row, "next", json_string(words.action)) != 0)
			return RXP_ERR_NOMEM;
	}
	return 0;
}

static void status_answered(struct http_request *r, const struct link_message *answer)
{
	const struct msg_status_is *m = answer->body;
	const char *own = http_api(r)->own;
	json_t *figures = NULL, *endings = NULL, *alarms = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&figures, m->rows, REC_metric_row);
	if (rc == 0)
		rc = row_list(&endings, m->endings, REC_ending_row);
	if (rc == 0)
		rc = row_list(&alarms, m->alarms, REC_alarm_row);
	if (rc == 0)
		rc = put_words(alarms);
	if (rc != 0) {
		json_decref(figures);
		json_decref(endings);
		json_decref(alarms);
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	reply_json(r, json_pack("{s:s?, s:s, s:b, s:s?, s:o, s:o, s:o}", "party",
			  own[0] != '\0' ? own : NULL, "version", READMIT_VERSION, "healthy",
			  m->health[0] == '\0', "health", m->health[0] != '\0' ? m->health : NULL,
			  "figures", figures, "endings", endings, "alarms", alarms));
}

void api_status(struct http_request *r)
{
	ask_status(r, status_answered);
}

static void descriptor_as_file(struct http_request *r, const struct link_message *answer)
{
	const struct msg_descriptor_got *m = answer->body;
	char root[RXP_DIGEST_HEX];

	if (m->result != 0) {
		problem_reply_result(r, m->result, NULL);
		return;
	}
	rxp_hex_put(root, m->root, sizeof(m->root), false);
	http_reply(r, &(struct http_reply){.status = 200,
			  .media = "application/xml",
			  .octets = m->octets.data,
			  .len = m->octets.len,
			  .headers = {{"rxp-root-fingerprint", root}}});
}

static void descriptor_as_json(struct http_request *r, const struct link_message *answer)
{
	const struct msg_descriptor_got *m = answer->body;
	char root[RXP_DIGEST_HEX];

	if (m->result != 0) {
		problem_reply_result(r, m->result, NULL);
		return;
	}
	rxp_hex_put(root, m->root, sizeof(m->root), false);
	reply_json(r, json_pack("{s:s, s:s%}", "root", root, "descriptor",
			  (const char *)m->octets.data, m->octets.len));
}

void api_descriptor(struct http_request *r)
{
	const char *format = http_query(r, "format");
	ask_answered *fn = descriptor_as_file;

	if (format != NULL && strcmp(format, "json") == 0)
		fn = descriptor_as_json;
	else if (format != NULL && strcmp(format, "xml") != 0) {
		problem_reply(r, PROBLEM_QUERY, "format is xml or json");
		return;
	}
	ask_put(
	    http_api(r)->ask, r, IPC_descriptor_get, &(struct msg_descriptor_get){0}, false, fn);
}
