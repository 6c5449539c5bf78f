/* Outages: declare one of this node to peers, or its end; list those of both sides. */
#include "daemon/desk/api.h"

#include <stdio.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/timestamp.h"

/* 0 if it is not given. false: the request is answered. */
static bool take_time(struct http_request *r, const char *name, int64_t *out)
{
	const char *text = http_query(r, name);
	char reason[RECORD_NAME_MAX];

	*out = 0;
	if (text == NULL || rxp_time_parse(out, text) == 0)
		return true;
	snprintf(reason, sizeof(reason), "%s is a time, 2026-11-29T08:00:00.000Z", name);
	problem_reply(r, PROBLEM_QUERY, reason);
	return false;
}

static void declared(struct http_request *r, uint32_t result, const char *problem, uint32_t peers)
{
	if (result != 0)
		problem_reply_parameter(r, result, problem);
	else
		reply_with(r, &(struct reply){
				  .status = 202, .json = json_pack("{s:i}", "peers", (int)peers)});
}

static void begun(struct http_request *r, const struct link_message *answer)
{
	const struct msg_outage_begun *m = answer->body;

	declared(r, m->result, m->problem, m->peers);
}

static void ended(struct http_request *r, const struct link_message *answer)
{
	const struct msg_outage_ended *m = answer->body;

	declared(r, m->result, m->problem, m->peers);
}

void api_outage_begin(struct http_request *r)
{
	struct msg_outage_begin m = {0};

	if (!api_party(r, "peer", m.peer) || !take_time(r, "from", &m.from_ms) ||
	    !take_time(r, "until", &m.until_ms))
		return;
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_outage_begin, &m, false, begun);
}

void api_outage_end(struct http_request *r)
{
	struct msg_outage_end m = {0};

	if (!api_party(r, "peer", m.peer) || !take_time(r, "from", &m.from_ms) ||
	    !take_time(r, "until", &m.until_ms))
		return;
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_outage_end, &m, false, ended);
}

static void listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_outage_listed *m = answer->body;
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_outage_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o, s:n}", "items", items, "next"));
}

void api_outage_list(struct http_request *r)
{
	struct msg_outage_list m = {0};

	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_outage_list, &m, false, listed);
}
