/* The content of a message: the registry journals who reads and why, and gives a ticket; a sealer
 * opens the Envelope with it. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"

static void content_read(struct http_request *r, const struct link_message *answer)
{
	const struct msg_content *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 200,
				  .media = "application/xml",
				  .octets = m->content.data,
				  .len = m->content.len});
}

static void ticket_given(struct http_request *r, const struct link_message *answer)
{
	const struct msg_content_ticket *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		ask_put(http_api(r)->ask, r, IPC_read,
		    &(struct msg_read){.ticket = m->ticket, .envelope = m->envelope}, false,
		    content_read);
}

static void read_content(struct http_request *r)
{
	struct msg_content_get m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.reason, sizeof(m.reason), "%s", http_header(r, "Readmit-Reason"));
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_content_get, &m, false, ticket_given);
}

void api_message_content(struct http_request *r)
{
	read_content(r);
}

void api_inbox_content(struct http_request *r)
{
	read_content(r);
}

static void acked(struct http_request *r, const struct link_message *answer)
{
	const struct msg_inbox_acked *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_inbox_ack(struct http_request *r)
{
	struct msg_inbox_ack m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_inbox_ack, &m, false, acked);
}
