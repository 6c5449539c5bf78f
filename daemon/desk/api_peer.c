/* Peers: list, show, add, diff, update, test, line, distrust. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/hours.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

static void peers_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_listed *m = answer->body;
	json_t *page = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_page(&page, m, REC_peer_row, "party");
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, page);
}

/* The page after a party: its code stands in the first octets of the id. */
void api_peer_list(struct http_request *r)
{
	struct msg_list m = {.list = "peers"};
	char after[RXP_PARTY_TEXT];

	if (!api_party(r, "after", after) ||
	    !api_number(r, "limit", API_PAGE_DEFAULT, 1, API_PAGE_MAX, &m.limit))
		return;
	memcpy(m.after, after, sizeof(after));
	ask_put(http_api(r)->ask, r, IPC_list, &m, false, peers_listed);
}

struct peer_search {
	const char *party;
	json_t *found;
};

static int peer_search(void *arg, const void *record)
{
	struct peer_search *s = arg;
	const struct rec_peer_row *row = record;

	if (s->found != NULL || strcmp(row->party, s->party) != 0)
		return 0;
	return row_json(&s->found, &record_peer_row, row);
}

static void peer_shown(struct http_request *r, const struct link_message *answer)
{
	const struct msg_listed *m = answer->body;
	struct peer_search s = {.party = http_values(r)->party};
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = row_each(m->rows, REC_peer_row, peer_search, &s);
	if (rc == 0 && s.found == NULL)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0) {
		reply_json(r, s.found);
		return;
	}
	json_decref(s.found);
	problem_reply(r, problem_of(rc), NULL);
}

void api_peer_show(struct http_request *r)
{
	struct msg_list m = {.list = "peers", .limit = 1};

	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	ask_put(http_api(r)->ask, r, IPC_list, &m, false, peer_shown);
}

/* A descriptor that is registered already changes nothing: 200 and not 201. */
static void peer_added(struct http_request *r, const struct link_message *answer)
{
	const struct msg_peer_added *m = answer->body;
	bool known = (int)(int32_t)m->result == RXP_ERR_EXISTS && m->party[0] != '\0';
	char location[] = "/v1/peers/XXX";

	if (m->result != 0 && !known) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	snprintf(location, sizeof(location), "/v1/peers/%s", m->party);
	reply_with(r, &(struct reply){.status = known ? 200 : 201,
			  .json = json_pack("{s:s, s:b}", "party", m->party, "added", !known),
			  .headers = {{"Location", location}}});
}

void api_peer_add(struct http_request *r)
{
	struct msg_peer_add m = {.descriptor = http_body(r)};
	const char *root = http_query(r, "root");

	if (root == NULL || rxp_hex_get(m.root, sizeof(m.root), root, false) != 0) {
		problem_reply(
		    r, PROBLEM_QUERY, "root is the fingerprint, 64 lower-case hexadecimal digits");
		return;
	}
	if (m.descriptor.len == 0) {
		problem_reply(r, PROBLEM_MALFORMED, "the body is empty");
		return;
	}
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_peer_add, &m, false, peer_added);
}

static void peer_differs(struct http_request *r, const struct link_message *answer)
{
	const struct msg_peer_differs *m = answer->body;
	char root[RXP_DIGEST_HEX];
	json_t *changes = NULL, *known = NULL;
	int rc;

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	rc = row_list(&changes, m->rows, REC_change_row);
	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	rxp_hex_put(root, m->root, sizeof(m->root), false);
	known = m->known_serial == 0 ? json_null() : json_integer((json_int_t)m->known_serial);
	reply_json(
	    r, json_pack("{s:s, s:o, s:I, s:s, s:b, s:s, s:o}", "party", http_values(r)->party,
		   "known_serial", known, "identity_serial", (json_int_t)m->serial, "root", root,
		   "acceptable", m->refused[0] == '\0', "refused", m->refused, "changes", changes));
}

void api_peer_diff(struct http_request *r)
{
	struct msg_peer_diff m = {.descriptor = http_body(r)};

	if (m.descriptor.len == 0) {
		problem_reply(r, PROBLEM_MALFORMED, "the body is empty");
		return;
	}
	memcpy(m.party, http_values(r)->party, sizeof(m.party));
	ask_put(http_api(r)->ask, r, IPC_peer_diff, &m, false, peer_differs);
}

static void peer_updated(struct http_request *r, const struct link_message *answer)
{
	const struct msg_peer_updated *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, m->problem);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_peer_update(struct http_request *r)
{
	struct msg_peer_update m = {.descriptor = http_body(r)};

	if (m.descriptor.len == 0) {
		problem_reply(r, PROBLEM_MALFORMED, "the body is empty");
		return;
	}
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.party, http_values(r)->party, sizeof(m.party));
	ask_put(http_api(r)->ask, r, IPC_peer_update, &m, false, peer_updated);
}

/* One of which all is known already changes nothing: 200 and not 201. */
static void descriptor_kept(struct http_request *r, const struct link_message *answer)
{
	const struct msg_descriptor_kept *m = answer->body;
	bool known = (int)(int32_t)m->result == RXP_ERR_EXISTS;

	if (m->result != 0 && !known) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	reply_with(r,
	    &(struct reply){.status = known ? 200 : 201,
		.json = json_pack("{s:s, s:I, s:I, s:b}", "party", http_values(r)->party, "first",
		    (json_int_t)m->first, "last", (json_int_t)m->last, "kept", !known)});
}

void api_descriptor_keep(struct http_request *r)
{
	struct msg_descriptor_keep m = {.descriptor = http_body(r)};

	if (m.descriptor.len == 0) {
		problem_reply(r, PROBLEM_MALFORMED, "the body is empty");
		return;
	}
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.party, http_values(r)->party, sizeof(m.party));
	ask_put(http_api(r)->ask, r, IPC_descriptor_keep, &m, false, descriptor_kept);
}

static void peer_pinged(struct http_request *r, const struct link_message *answer)
{
	const struct msg_peer_pinged *m = answer->body;
	char id[RXP_ID_TEXT], location[sizeof("/v1/messages/") + RXP_ID_TEXT];

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	rxp_id_text(id, m->local_id);
	snprintf(location, sizeof(location), "/v1/messages/%s", id);
	reply_with(r, &(struct reply){.status = 202,
			  .json = json_pack("{s:s}", "local_id", id),
			  .headers = {{"Location", location}}});
}

void api_peer_test(struct http_request *r)
{
	struct msg_peer_ping m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.party, http_values(r)->party, sizeof(m.party));
	ask_put(http_api(r)->ask, r, IPC_peer_ping, &m, false, peer_pinged);
}

static void peer_lined(struct http_request *r, const struct link_message *answer)
{
	const struct msg_peer_lined *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

/* false: it is not of its form, and answered. */
static bool line_setting(struct http_request *r, const char *name, char out[RECORD_NAME_MAX])
{
	const char *text = http_query(r, name);
	struct hours hours;
	uint64_t rate;
	bool good;

	if (text == NULL)
		return true;
	if (strcmp(name, "rate") == 0)
		good = hours_rate_parse(&rate, text) == 0;
	else if (strcmp(name, "urgent") == 0)
		good = strcmp(text, "always") == 0 || strcmp(text, "window") == 0;
	else
		good = hours_parse(&hours, text) == 0;
	if (good)
		snprintf(out, RECORD_NAME_MAX, "%s", text);
	else
		problem_reply(r, PROBLEM_QUERY,
		    "rate is 16k to 1000M, or none; a window is as 08:00-18:00 in UTC, or always; "
		    "urgent is always or window");
	return good;
}

void api_peer_line(struct http_request *r)
{
	struct msg_peer_line m = {0};

	if (!line_setting(r, "rate", m.rate) || !line_setting(r, "window", m.window) ||
	    !line_setting(r, "attachments-window", m.attachments_window) ||
	    !line_setting(r, "urgent", m.urgent))
		return;
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.party, http_values(r)->party, sizeof(m.party));
	ask_put(http_api(r)->ask, r, IPC_peer_line, &m, false, peer_lined);
}

static void peer_distrusted(struct http_request *r, const struct link_message *answer)
{
	const struct msg_peer_distrusted *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, NULL);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

void api_peer_distrust(struct http_request *r)
{
	struct msg_peer_distrust m = {0};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	memcpy(m.party, http_values(r)->party, sizeof(m.party));
	ask_put(http_api(r)->ask, r, IPC_peer_distrust, &m, false, peer_distrusted);
}
