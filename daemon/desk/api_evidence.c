/* What proves a case or a message: pages of evidence, in base64. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/evidence/evidence_name.h"

#define OCTETS_MAX (4UL * 1024 * 1024) /* of one member; the registry's answer is smaller */
#define AFTER_MAX 1000000 /* more documents than any case has */

static int set_octets(json_t *object, const char *member, struct bytes octets)
{
	struct rxp_buf text;
	int rc;

	rxp_buf_init(&text, OCTETS_MAX);
	rc = rxp_base64_put(&text, octets.data, octets.len);
	if (rc == 0 &&
	    json_object_set_new(object, member,
		json_stringn(text.len > 0 ? (const char *)text.data : "", text.len)) != 0)
		rc = RXP_ERR_NOMEM;
	rxp_buf_free(&text);
	return rc;
}

static int set_digest(json_t *object, const char *member, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	char hex[RXP_DIGEST_HEX];

	rxp_hex_put(hex, digest, RXP_DIGEST_OCTETS, false);
	return json_object_set_new(object, member, json_string(hex)) != 0 ? RXP_ERR_NOMEM : 0;
}

/* The pieces of RXP-SEA-013 beside what the row says. */
static int item_json(json_t *item, const struct rec_evidence_row *row)
{
	struct rec_evidence e;
	int rc;

	/* What is none is given out as such: whoever makes a container of it names the document, and withholds it. */
	if (record_decode(&e, &record_evidence, row->evidence.data, row->evidence.len) != 0)
		e = (struct rec_evidence){.seal_cert = {0}};
	if ((rc = set_digest(item, "fingerprint", row->fingerprint)) != 0 ||
	    (rc = set_digest(item, "envelope_digest", row->envelope_digest)) != 0 ||
	    (rc = set_octets(item, "header", e.header)) != 0 ||
	    (rc = set_octets(item, "properties", e.properties)) != 0 ||
	    (rc = set_octets(item, "signed_info", e.signed_info)) != 0 ||
	    (rc = set_octets(item, "value", e.value)) != 0 ||
	    (rc = set_digest(item, "seal_cert", e.seal_cert)) != 0)
		return rc;
	if (row->body.len > 0 && (rc = set_octets(item, "body", row->body)) != 0)
		return rc;
	return set_octets(item, "answer", row->answer);
}

static int add_item(void *arg, const void *record)
{
	const struct rec_evidence_row *row = record;
	char id[RXP_ID_TEXT], local_id[RXP_ID_TEXT];
	json_t *item;
	int rc = RXP_ERR_NOMEM;

	rxp_id_text(id, row->message_id);
	rxp_id_text(local_id, row->local_id);
	item = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "local_id", local_id, "from", row->from,
	    "to", row->to, "message_id", id, "type", row->type, "unproved", row->unproved != 0);
	if (item != NULL)
		rc = item_json(item, row);
	if (rc == 0 && json_array_append(arg, item) != 0)
		rc = RXP_ERR_NOMEM;
	json_decref(item);
	return rc;
}

static int add_log_page(void *arg, const void *record)
{
	const struct rec_evidence_page *row = record;
	json_t *item = json_pack("{s:s}", "owner", row->owner);
	int rc = item == NULL ? RXP_ERR_NOMEM : set_octets(item, "octets", row->octets);

	if (rc == 0 && json_array_append(arg, item) != 0)
		rc = RXP_ERR_NOMEM;
	json_decref(item);
	return rc;
}

static int add_former(void *arg, const void *record)
{
	const struct rec_evidence_former *row = record;
	json_t *item = json_pack("{s:b}", "own", row->own != 0);
	int rc = item == NULL ? RXP_ERR_NOMEM : set_octets(item, "octets", row->octets);

	if (rc == 0 && json_array_append(arg, item) != 0)
		rc = RXP_ERR_NOMEM;
	json_decref(item);
	return rc;
}

static int page_json(json_t **out, const struct msg_evidence_got *m, uint32_t after)
{
	json_t *page = json_object(), *items = json_array(), *logs = json_array();
	json_t *former = json_array();
	int rc = page == NULL || items == NULL || logs == NULL || former == NULL
		     ? RXP_ERR_NOMEM
		     : row_each_of(m->rows, REC_evidence_row, add_item, items);

	if (rc == 0)
		rc = row_each_of(m->rows, REC_evidence_page, add_log_page, logs);
	if (rc == 0)
		rc = row_each_of(m->rows, REC_evidence_former, add_former, former);
	after +=
	    (uint32_t)(json_array_size(items) + json_array_size(logs) + json_array_size(former));
	if (rc == 0)
		rc = set_octets(page, "own_descriptor", m->own_descriptor);
	if (rc == 0)
		rc = set_octets(page, "peer_descriptor", m->peer_descriptor);
	if (rc == 0 && (json_object_set(page, "items", items) != 0 ||
			   json_object_set(page, "log_pages", logs) != 0 ||
			   json_object_set(page, "former_descriptors", former) != 0 ||
			   json_object_set_new(page, "next",
			       m->more != 0 ? json_integer(after) : json_null()) != 0))
		rc = RXP_ERR_NOMEM;
	json_decref(items);
	json_decref(logs);
	json_decref(former);
	if (rc != 0)
		json_decref(page);
	else
		*out = page;
	return rc;
}

static void evidence_got(struct http_request *r, const struct link_message *answer)
{
	const struct msg_evidence_got *m = answer->body;
	json_t *page = NULL;
	uint32_t after;
	int rc = (int)(int32_t)m->result;

	/* The parameter was good when the question was put. */
	if (!api_number(r, "after", 0, 0, AFTER_MAX, &after))
		return;
	if (rc == 0)
		rc = page_json(&page, m, after);
	if (rc != 0)
		problem_reply(r, problem_of(rc), m->problem);
	else
		reply_json(r, page);
}

static void get(struct http_request *r, struct msg_evidence_get *m)
{
	snprintf(m->user, sizeof(m->user), "%s", http_user(r));
	snprintf(m->reason, sizeof(m->reason), "%s", http_header(r, "Readmit-Reason"));
	if (api_number(r, "after", 0, 0, AFTER_MAX, &m->after))
		ask_put(http_api(r)->ask, r, IPC_evidence_get, m, false, evidence_got);
}

void api_message_evidence(struct http_request *r)
{
	struct msg_evidence_get m = {0};

	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	get(r, &m);
}

void api_case_evidence(struct http_request *r)
{
	struct msg_evidence_get m = {0};

	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	if (api_party(r, "peer", m.peer))
		get(r, &m);
}

/* --- the container, sealed ------------------------------------------------------------------------- */

/* What the caller can do about it, where the problem alone does not say. */
static const char *reason_of(const struct msg_evidence_sealed *m)
{
	switch ((int)(int32_t)m->result) {
	case RXP_ERR_BOUND:
		return "more than goes into one container: export the messages of the case one by one";
	case RXP_ERR_STATE:
		return "it, or its answer, came back under a seal that was revoked, and no person has let it stand";
	case RXP_ERR_MISMATCH:
		return "what is stored does not verify as evidence: look into it before it is given out";
	default:
		return m->problem;
	}
}

/* The service that the configuration names. */
static json_t *timestamp_json(const struct http_request *r)
{
	const char *url = http_api(r)->timestamp;

	return url[0] != '\0' ? json_string(url) : json_null();
}

static void evidence_sealed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_evidence_sealed *m = answer->body;
	json_t *json;

	if (m->result != 0) {
		problem_reply_result(r, m->result, reason_of(m));
		return;
	}
	json = json_object();
	if (json != NULL && (set_octets(json, "signatures", m->signatures) != 0 ||
				json_object_set_new(json, "timestamp", timestamp_json(r)) != 0)) {
		json_decref(json);
		json = NULL;
	}
	reply_json(r, json);
}

/* "bodies": a digit for each document, 1 if its body.xml is in the container. Answers what is wrong. */
static bool read_bodies(
    struct http_request *r, uint8_t bodies[RXP_EVIDENCE_DOCUMENTS_MAX], size_t *n)
{
	const char *text = http_query(r, "bodies");

	*n = text == NULL ? 0 : strlen(text);
	if (*n > RXP_EVIDENCE_DOCUMENTS_MAX || (text != NULL && strspn(text, "01") != *n)) {
		problem_reply(r, PROBLEM_QUERY, "bodies");
		return false;
	}
	for (size_t i = 0; i < *n; i++)
		bodies[i] = text[i] == '1';
	return true;
}

static void seal(struct http_request *r, struct msg_evidence_seal *m)
{
	uint8_t bodies[RXP_EVIDENCE_DOCUMENTS_MAX];

	if (!read_bodies(r, bodies, &m->bodies.len))
		return;
	m->bodies.data = bodies;
	snprintf(m->user, sizeof(m->user), "%s", http_user(r));
	snprintf(m->reason, sizeof(m->reason), "%s", http_header(r, "Readmit-Reason"));
	ask_put(http_api(r)->ask, r, IPC_evidence_seal, m, false, evidence_sealed);
}

void api_message_evidence_seal(struct http_request *r)
{
	struct msg_evidence_seal m = {0};

	memcpy(m.local_id, http_values(r)->id, sizeof(m.local_id));
	seal(r, &m);
}

void api_case_evidence_seal(struct http_request *r)
{
	struct msg_evidence_seal m = {0};

	memcpy(m.case_id, http_values(r)->id, sizeof(m.case_id));
	if (api_party(r, "peer", m.peer))
		seal(r, &m);
}
