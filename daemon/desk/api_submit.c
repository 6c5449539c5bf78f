/*
 * A document goes out: its attachments are looked up, a sealer checks it and makes the draft, the
 * registry decides and commits; only then is it accepted.
 */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/clock.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/hash.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define ROWS_MAX (64UL * 1024) /* octets of the rows of all attachments of a document */

struct submission {
	struct msg_submit m; /* what the parameters say; the rest is filled in on the way */
	struct rxp_buf attachments; /* records attachment_row */
};

static void submission_free(void *kept)
{
	struct submission *s = kept;

	rxp_buf_free(&s->attachments);
	free(s);
}

/* --- 3: the registry's word ----------------------------------------------------------------------- */
static void accepted(struct http_request *r, const struct msg_submitted *m)
{
	static const uint8_t none[RXP_ID_OCTETS];
	char id[RXP_ID_TEXT], case_id[RXP_ID_TEXT];
	char location[sizeof("/v1/messages/") + RXP_ID_TEXT];
	struct reply reply = {.status = 202, .headers = {{"Location", location}}};

	rxp_id_text(id, m->local_id);
	bool in_case = memcmp(m->case_id, none, sizeof(none)) != 0;

	rxp_id_text(case_id, m->case_id);
	snprintf(location, sizeof(location), "/v1/messages/%s", id);
	if (m->repeated != 0)
		reply.headers[1] = (struct http_header){"Idempotent-Replayed", "true"};
	reply.json = json_pack("{s:s, s:s?}", "local_id", id, "case_id", in_case ? case_id : NULL);
	reply_with(r, &reply);
}

static void submitted(struct http_request *r, const struct link_message *answer)
{
	const struct msg_submitted *m = answer->body;

	if ((int)(int32_t)m->result == RXP_ERR_MISMATCH)
		problem_reply(r, PROBLEM_KEY_REUSED, m->problem);
	else if (m->violations.len > 0)
		problem_reply_violations(r, m->result, m->problem, m->violations);
	else if ((int)(int32_t)m->result == RXP_ERR_CONFIG)
		problem_reply(r, PROBLEM_FORBIDDEN, m->problem);
	else if ((int)(int32_t)m->result == RXP_ERR_KEY)
		problem_reply(r, PROBLEM_OFFICE_KEY, m->problem);
	else if ((int)(int32_t)m->result == RXP_ERR_NOT_ACCEPTABLE)
		problem_reply(r, PROBLEM_UNTIMELY, m->problem);
	else if (m->result != 0)
		problem_reply_result(r, m->result, m->problem);
	else
		accepted(r, m);
}

/* --- 2: the sealer's word ------------------------------------------------------------------------- */
static int add_file(void *arg, const void *record)
{
	const struct rec_attachment_row *row = record;

	hash_put(arg, row->type, sizeof(row->type));
	hash_put(arg, row->media_type, sizeof(row->media_type));
	hash_put(arg, row->checked_by, sizeof(row->checked_by));
	hash_put(arg, row->file_digest, sizeof(row->file_digest));
	return 0;
}

/* What a repeated request must have in common with the first under its key: peer, case, profile, the files as
 * they were given, and the document. A file that was uploaded anew is still the same file. */
static int digest_request(
    uint8_t out[RXP_DIGEST_OCTETS], const struct submission *s, struct bytes body)
{
	struct bytes rows = {s->attachments.data, s->attachments.len};
	struct hash *h = NULL;
	int rc = hash_new(&h);

	if (rc != 0)
		return rc;
	hash_put(h, s->m.peer, sizeof(s->m.peer));
	hash_put(h, s->m.case_id, sizeof(s->m.case_id));
	hash_put(h, s->m.profile_id, sizeof(s->m.profile_id));
	hash_put(h, s->m.profile_version, sizeof(s->m.profile_version));
	rc = row_each(rows, REC_attachment_row, add_file, h);
	hash_put(h, body.data, body.len);
	if (rc == 0)
		rc = hash_end(h, out);
	hash_free(h);
	return rc;
}

static void checked(struct http_request *r, const struct link_message *answer)
{
	const struct msg_checked *c = answer->body;
	struct submission *s = http_kept(r);
	int rc;

	if (c->result != 0) {
		problem_reply_violations(r, c->result, NULL, c->violations);
		return;
	}
	rc = digest_request(s->m.body_digest, s, http_body(r));
	if (rc == 0)
		rc = hash_once(s->m.text, http_body(r).data, http_body(r).len);
	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	memcpy(s->m.type, c->type, sizeof(s->m.type));
	s->m.offices = c->offices;
	memcpy(s->m.for_case, c->case_id, sizeof(s->m.for_case));
	s->m.second = c->second;
	s->m.facts = c->facts;
	s->m.draft = c->draft;
	ask_put(http_api(r)->ask, r, IPC_submit, &s->m, false, submitted);
}

static void check(struct http_request *r)
{
	struct submission *s = http_kept(r);
	struct msg_check m = {.body = http_body(r),
	    .now_ms = clock_wall_ms(),
	    .names_confirmed = s->m.names_confirmed};

	memcpy(m.peer, s->m.peer, sizeof(m.peer));
	memcpy(m.case_id, s->m.case_id, sizeof(m.case_id));
	memcpy(m.officer, s->m.officer, sizeof(m.officer));
	memcpy(m.second_officer, s->m.second_officer, sizeof(m.second_officer));
	s->m.attachments = (struct bytes){s->attachments.data, s->attachments.len};
	m.attachments = s->m.attachments;
	ask_put(http_api(r)->ask, r, IPC_check, &m, false, checked);
}

/* --- 1: the request ------------------------------------------------------------------------------- */
static int count(void *arg, const void *record)
{
	unsigned *n = arg;

	(void)record;
	++*n;
	return 0;
}

/* The rows of those before it say which. */
static void not_there(struct http_request *r, struct bytes rows)
{
	char reason[RECORD_NAME_MAX];
	unsigned before = 0;

	(void)row_each(rows, REC_attachment_row, count, &before);
	snprintf(reason, sizeof(reason), "attachment %u of the request", before + 1);
	problem_reply(r, PROBLEM_NOT_FOUND, reason);
}

static void attachments_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_attachment_listed *m = answer->body;
	struct submission *s = http_kept(r);
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = rxp_buf_put(&s->attachments, m->rows.data, m->rows.len);
	if (rc == RXP_ERR_NOT_FOUND)
		not_there(r, m->rows);
	else if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		check(r);
}

/* The parameter attachment, in order. false: the request is answered. */
static bool read_attachments(struct http_request *r, uint8_t *ids, size_t *n)
{
	const char *texts[RXP_MAX_ATTACHMENTS];

	*n = http_query_all(r, "attachment", texts, RXP_MAX_ATTACHMENTS);
	if (*n > RXP_MAX_ATTACHMENTS) {
		problem_reply(r, PROBLEM_QUERY, "more attachments than a document may have");
		return false;
	}
	for (size_t i = 0; i < *n; i++)
		if (rxp_id_parse(ids + i * RXP_ID_OCTETS, texts[i], 7) != 0) {
			problem_reply(r, PROBLEM_QUERY, "attachment is an id, a lower-case UUID");
			return false;
		}
	return true;
}

static void take_officer(
    char out[RECORD_NAME_MAX], const struct http_request *r, const char *header)
{
	const char *officer = http_header(r, header);

	snprintf(out, RECORD_NAME_MAX, "%s", officer != NULL ? officer : "");
}

/* The parameters and the headers; s is kept by the request then. false: the request is answered. */
static bool read_request(struct http_request *r, struct submission *s)
{
	uint32_t version;

	if (!api_party(r, "peer", s->m.peer) || !api_case(r, "case", s->m.case_id) ||
	    !api_profile(r, "profile", s->m.profile_id, &version))
		return false;
	if (version != 0)
		snprintf(s->m.profile_version, sizeof(s->m.profile_version), "%u", version);
	if (s->m.peer[0] == '\0') {
		problem_reply(r, PROBLEM_QUERY, "peer is missing: the party that is to receive it");
		return false;
	}
	if (http_body(r).len == 0) {
		problem_reply(r, PROBLEM_MALFORMED, "the body is empty");
		return false;
	}
	snprintf(s->m.user, sizeof(s->m.user), "%s", http_user(r));
	snprintf(s->m.key, sizeof(s->m.key), "%s", http_header(r, "Idempotency-Key"));
	take_officer(s->m.officer, r, "Readmit-Officer");
	take_officer(s->m.second_officer, r, "Readmit-Second-Officer");
	s->m.names_confirmed = http_header(r, "Readmit-Names-Confirmed") != NULL;
	return true;
}

/* --- a second officer ----------------------------------------------------------------------------- */
static void countersigned(struct http_request *r, const struct link_message *answer)
{
	const struct msg_countersigned *m = answer->body;

	if (m->result != 0)
		problem_reply_result(r, m->result, m->problem);
	else
		http_reply(r, &(struct http_reply){.status = 204});
}

/* Of the octets that another user will give (RXP-SAF-038). */
void api_countersign(struct http_request *r)
{
	struct msg_countersign m = {
	    .names_confirmed = http_header(r, "Readmit-Names-Confirmed") != NULL};
	int rc;

	if (http_body(r).len == 0) {
		problem_reply(r, PROBLEM_MALFORMED, "the body is empty");
		return;
	}
	rc = hash_once(m.text, http_body(r).data, http_body(r).len);
	if (rc != 0) {
		problem_reply(r, problem_of(rc), NULL);
		return;
	}
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	take_officer(m.officer, r, "Readmit-Officer");
	ask_put(http_api(r)->ask, r, IPC_countersign, &m, false, countersigned);
}

void api_message_add(struct http_request *r)
{
	uint8_t ids[RXP_MAX_ATTACHMENTS * RXP_ID_OCTETS];
	struct submission *s = calloc(1, sizeof(*s));
	struct msg_attachment_list list = {.ids = {ids, 0}};
	size_t n = 0;

	if (s == NULL) {
		http_abandon(r);
		return;
	}
	rxp_buf_init(&s->attachments, ROWS_MAX);
	http_keep(r, s, submission_free);
	if (!read_request(r, s) || !read_attachments(r, ids, &n))
		return;
	list.ids.len = n * RXP_ID_OCTETS;
	if (n > 0)
		ask_put(http_api(r)->ask, r, IPC_attachment_list, &list, false, attachments_listed);
	else
		check(r);
}
