/* Offers of profiles and calendars: what peers offer, and what this node offers to them. */
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
	const struct msg_offer_listed *m = answer->body;
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_offer_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o, s:n}", "items", items, "next"));
}

void api_offer_list(struct http_request *r)
{
	struct msg_offer_list m = {0};

	if (api_party(r, "peer", m.peer))
		ask_put(http_api(r)->ask, r, IPC_offer_list, &m, false, listed);
}

static void got(struct http_request *r, const struct link_message *answer)
{
	const struct msg_offer_got *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 200,
				  .media = "application/xml",
				  .octets = m->file.data,
				  .len = m->file.len});
}

void api_offer_file(struct http_request *r)
{
	struct msg_offer_get m = {0};

	memcpy(m.offer_id, http_values(r)->id, sizeof(m.offer_id));
	ask_put(http_api(r)->ask, r, IPC_offer_get, &m, false, got);
}

static void made(struct http_request *r, const struct link_message *answer)
{
	const struct msg_offer_made *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, m->problem);
	else
		reply_with(r, &(struct reply){.status = 202, .json = json_object()});
}

void api_offer_make(struct http_request *r)
{
	struct msg_offer_make m = {0};

	if (!api_party(r, "publisher", m.publisher) || !api_profile(r, "profile", m.id, &m.version))
		return;
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_offer_make, &m, false, made);
}
