#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/ident.h"

static bool number_parse(const char *text, uint32_t min, uint32_t max, uint32_t *out)
{
	uint64_t value = 0;

	if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > max)
			return false;
	}
	if (value < min)
		return false;
	*out = (uint32_t)value;
	return true;
}

bool api_number(struct http_request *r, const char *name, uint32_t otherwise, uint32_t min,
    uint32_t max, uint32_t *out)
{
	const char *text = http_query(r, name);
	char reason[RECORD_NAME_MAX];

	if (text == NULL) {
		*out = otherwise;
		return true;
	}
	if (number_parse(text, min, max, out))
		return true;
	snprintf(reason, sizeof(reason), "%s is a number from %u to %u", name, min, max);
	problem_reply(r, PROBLEM_QUERY, reason);
	return false;
}

bool api_party(struct http_request *r, const char *name, char out[RXP_PARTY_TEXT])
{
	const char *text = http_query(r, name);
	char reason[RECORD_NAME_MAX];

	if (text == NULL) {
		memset(out, 0, RXP_PARTY_TEXT);
		return true;
	}
	if (rxp_party_valid(text)) {
		memcpy(out, text, RXP_PARTY_TEXT);
		return true;
	}
	snprintf(reason, sizeof(reason), "%s is a party code, three capital letters", name);
	problem_reply(r, PROBLEM_QUERY, reason);
	return false;
}

bool api_profile(
    struct http_request *r, const char *name, char id[RXP_PROFILE_TEXT], uint32_t *version)
{
	const char *text = http_query(r, name);
	struct route_values values = {.number = 0};
	char reason[RECORD_NAME_MAX];

	if (text != NULL && !route_profile(&values, text)) {
		snprintf(reason, sizeof(reason), "%s is ID/VERSION, for example customary/1", name);
		problem_reply(r, PROBLEM_QUERY, reason);
		return false;
	}
	memcpy(id, values.profile, RXP_PROFILE_TEXT);
	*version = values.number;
	return true;
}

static bool take_id(struct http_request *r, const char *name, int version, const char *form,
    uint8_t out[RXP_ID_OCTETS])
{
	const char *text = http_query(r, name);
	char reason[RECORD_NAME_MAX];

	if (text == NULL) {
		memset(out, 0, RXP_ID_OCTETS);
		return true;
	}
	if (rxp_id_parse(out, text, version) == 0)
		return true;
	snprintf(reason, sizeof(reason), "%s is a %s, a lower-case UUID", name, form);
	problem_reply(r, PROBLEM_QUERY, reason);
	return false;
}

bool api_id(struct http_request *r, const char *name, uint8_t out[RXP_ID_OCTETS])
{
	return take_id(r, name, 7, "local id", out);
}

bool api_case(struct http_request *r, const char *name, uint8_t out[RXP_ID_OCTETS])
{
	return take_id(r, name, 4, "case id", out);
}

static void page_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_listed *m = answer->body;
	struct json_t *page = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_page(&page, m, REC_message_row, "local_id");
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, page);
}

void api_page(struct http_request *r, const char *list)
{
	struct msg_list m = {0};
	uint32_t wait_s;

	snprintf(m.list, sizeof(m.list), "%s", list);
	if (!api_party(r, "peer", m.peer) || !api_id(r, "after", m.after) ||
	    !api_number(r, "limit", API_PAGE_DEFAULT, 1, API_PAGE_MAX, &m.limit) ||
	    !api_number(r, "wait", 0, 0, API_WAIT_MAX_S, &wait_s))
		return;
	m.wait_ms = wait_s * 1000;
	ask_put(http_api(r)->ask, r, IPC_list, &m, wait_s > 0, page_listed);
}
