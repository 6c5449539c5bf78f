/* Holds of cases. What is said here goes to nobody but the caller. */
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
#include "protocol/base/limits.h"

#define CHANGE_BEGIN "<TransferChange xmlns=\"urn:rxp:1:body\">"
#define CHANGE_PERSON "<Person key=\"P%u\"/>"
#define CHANGE_END "<Cancelled/></TransferChange>"
#define CHANGE_TEXT \
	(sizeof(CHANGE_BEGIN) + RXP_MAX_PERSONS * sizeof(CHANGE_PERSON) + sizeof(CHANGE_END))

static unsigned key_of(const char *text)
{
	unsigned key = 0;

	if (text[0] != 'P' || text[1] == '0' || strlen(text) > 3)
		return 0;
	for (const char *at = text + 1; *at != '\0'; at++) {
		if (*at < '0' || *at > '9')
			return 0;
		key = key * 10 + (unsigned)(*at - '0');
	}
	return key <= RXP_MAX_PERSONS ? key : 0;
}

/* The parameter person: bit key - 1 each, none for the whole case. false: the request is answered. */
static bool read_persons(struct http_request *r, uint32_t *persons)
{
	const char *texts[RXP_MAX_PERSONS];
	size_t n = http_query_all(r, "person", texts, RXP_MAX_PERSONS);
	bool right = n <= RXP_MAX_PERSONS;

	*persons = 0;
	for (size_t i = 0; i < n && right; i++) {
		unsigned key = key_of(texts[i]);

		right = key != 0;
		if (right)
			*persons |= UINT32_C(1) << (key - 1);
	}
	if (!right)
		problem_reply(r, PROBLEM_QUERY, "person is P1 to P24");
	return right;
}

/* --- holding ---------------------------------------------------------------------------------------- */

/* The document that takes back the transfer of these persons, like any other one (RXP-HLD-007). */
static json_t *change_of(uint32_t persons)
{
	char text[CHANGE_TEXT] = CHANGE_BEGIN;
	size_t used = strlen(text);

	if (persons == 0)
		return json_null();
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if ((persons & UINT32_C(1) << (key - 1)) != 0)
			used +=
			    (size_t)snprintf(text + used, sizeof(text) - used, CHANGE_PERSON, key);
	snprintf(text + used, sizeof(text) - used, CHANGE_END);
	return json_string(text);
}

static json_t *keys_of(uint32_t persons)
{
	json_t *keys = json_array();

	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if ((persons & UINT32_C(1) << (key - 1)) != 0 &&
		    json_array_append_new(keys, json_sprintf("P%u", key)) != 0) {
			json_decref(keys);
			return NULL;
		}
	return keys;
}

static void held(struct http_request *r, const struct link_message *answer)
{
	const struct msg_case_held *m = answer->body;
	json_t *rows = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_list(&rows, m->rows, REC_halted_row);
	if (rc != 0) {
		problem_reply_parameter(r, (uint32_t)rc, m->problem);
		return;
	}
	reply_json(
	    r, json_pack("{s:s, s:o, s:o, s:o}", "peer", m->peer, "messages", rows, "notified",
		   keys_of(m->notified), "transfer_change", change_of(m->notified)));
}

void api_case_hold(struct http_request *r)
{
	const char *reason = http_query(r, "reason");
	struct msg_case_hold m = {0};

	if (reason == NULL) {
		problem_reply(r, PROBLEM_QUERY, "reason is missing: a word of the list");
		return;
	}
	if (!read_persons(r, &m.persons) || !api_party(r, "peer", m.peer))
		return;
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.reason, sizeof(m.reason), "%s", reason);
	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	ask_put(http_api(r)->ask, r, IPC_case_hold, &m, false, held);
}

/* --- lifting ---------------------------------------------------------------------------------------- */

static void lifted(struct http_request *r, const struct link_message *answer)
{
	const struct msg_case_lifted *m = answer->body;

	if (m->result != 0)
		problem_reply_parameter(r, m->result, m->problem);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_case_lift(struct http_request *r)
{
	const char *reason = http_query(r, "reason");
	struct msg_case_lift m = {0};

	if (!read_persons(r, &m.persons) || !api_party(r, "peer", m.peer))
		return;
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.reason, sizeof(m.reason), "%s", reason != NULL ? reason : "");
	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	ask_put(http_api(r)->ask, r, IPC_case_lift, &m, false, lifted);
}
