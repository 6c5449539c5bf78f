/* Contacts: tell peers how the office of this node is reached, and see what they told. */
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
	const struct msg_contact_listed *m = answer->body;
	json_t *items = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&items, m->rows, REC_contact_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o, s:n}", "items", items, "next"));
}

void api_contact_list(struct http_request *r)
{
	const struct msg_contact_list m = {.unused = 0};

	ask_put(http_api(r)->ask, r, IPC_contact_list, &m, false, listed);
}

static void told(struct http_request *r, const struct link_message *answer)
{
	const struct msg_contact_told *m = answer->body;

	if (m->result != 0)
		problem_reply_parameter(r, m->result, m->problem);
	else
		reply_with(r, &(struct reply){.status = 202,
				  .json = json_pack("{s:i}", "peers", (int)m->peers)});
}

/* false: it is too long, and the request is answered. */
static bool take_text(struct http_request *r, const char *fault, const char *before,
    const char *text, char out[RECORD_NAME_MAX])
{
	if (snprintf(out, RECORD_NAME_MAX, "%s%s", before, text) < RECORD_NAME_MAX)
		return true;
	problem_reply(r, PROBLEM_QUERY, fault);
	return false;
}

static bool take_office(struct http_request *r, struct msg_contact_tell *m)
{
	const char *text = http_query(r, "office");

	return take_text(r, "office is too long", "", text != NULL ? text : "NODE", m->office);
}

/* In a query a plus is a space: a number is taken with it and without. */
static bool take_telephone(struct http_request *r, struct msg_contact_tell *m)
{
	const char *text = http_query(r, "telephone");

	if (text == NULL)
		return true;
	text += text[0] == ' ' || text[0] == '+';
	return take_text(r, "telephone is too long", "+", text, m->telephone);
}

void api_contact_tell(struct http_request *r)
{
	struct msg_contact_tell m = {.user = ""};
	const char *email = http_query(r, "email");

	if (!api_party(r, "peer", m.peer) || !take_office(r, &m) || !take_telephone(r, &m))
		return;
	if (email != NULL)
		m.email = (struct bytes){.data = (const uint8_t *)email, .len = strlen(email)};
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_contact_tell, &m, false, told);
}
