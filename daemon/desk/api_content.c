/* The content of a message, or its sealed Document: the registry journals who reads and why, and gives a ticket; a sealer
 * opens the Envelope with it. */
#include "daemon/desk/api.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "protocol/limits.h"

#define NOT_SHOWN "Readmit-Not-Shown"
#define NOT_SHOWN_TEXT (4 * RXP_MAX_PERSONS + 1)

/* Whom the answer does not show: a header says so, since the content looks whole without them. */
static bool keep_hidden(struct http_request *r, uint32_t hidden)
{
	char *text;
	size_t used = 0;

	if (hidden == 0)
		return true;
	text = calloc(1, NOT_SHOWN_TEXT);
	if (text == NULL)
		return false;
	for (unsigned at = 0; at < RXP_MAX_PERSONS; at++)
		if ((hidden & UINT32_C(1) << at) != 0)
			used += (size_t)snprintf(text + used, NOT_SHOWN_TEXT - used, "%sP%u",
			    used > 0 ? " " : "", at + 1);
	http_keep(r, text, free);
	return true;
}

static void content_read(struct http_request *r, const struct link_message *answer)
{
	const struct msg_content *m = answer->body;
	const char *not_shown = http_kept(r);

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 200,
				  .media = "application/xml",
				  .octets = m->content.data,
				  .len = m->content.len,
				  .headers = {{not_shown != NULL ? NOT_SHOWN : NULL, not_shown}}});
}

static void use_ticket(struct http_request *r, const struct link_message *answer, bool whole)
{
	const struct msg_content_ticket *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, m->problem[0] != '\0' ? m->problem : NULL);
	else if (whole && m->hidden != 0)
		problem_reply(
		    r, PROBLEM_STATE, "its sealed document names persons who are not shown");
	else if (!keep_hidden(r, m->hidden))
		http_abandon(r);
	else
		ask_put(http_api(r)->ask, r, IPC_read,
		    &(struct msg_read){
			.ticket = m->ticket, .whole = whole, .envelope = m->envelope},
		    false, content_read);
}

static void content_permitted(struct http_request *r, const struct link_message *answer)
{
	use_ticket(r, answer, false);
}

static void document_permitted(struct http_request *r, const struct link_message *answer)
{
	use_ticket(r, answer, true);
}

static void read_message(struct http_request *r, bool disputes, ask_answered *permitted)
{
	struct msg_content_get m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.reason, sizeof(m.reason), "%s", http_header(r, "Readmit-Reason"));
	m.disputes = disputes;
	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	ask_put(http_api(r)->ask, r, IPC_content_get, &m, false, permitted);
}

void api_message_content(struct http_request *r)
{
	read_message(r, false, content_permitted);
}

void api_message_blocked(struct http_request *r)
{
	read_message(r, true, content_permitted);
}

void api_inbox_content(struct http_request *r)
{
	read_message(r, false, content_permitted);
}

void api_inbox_document(struct http_request *r)
{
	read_message(r, false, document_permitted);
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
