/* Profiles and calendars: list, add, show, check, attest, and which profile new cases with a peer run under. */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "daemon/desk/row.h"
#include "protocol/base/codec.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"

#define LOCATION_TEXT 128

/* --- lists ---------------------------------------------------------------------------------------- */

static void reply_items(
    struct http_request *r, uint32_t result, struct bytes rows, enum record_tag tag)
{
	json_t *items = NULL;
	int rc = (int)(int32_t)result;

	if (rc == 0)
		rc = row_list(&items, rows, tag);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:o, s:n}", "items", items, "next"));
}

static void profiles_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_terms_listed *m = answer->body;

	reply_items(r, m->result, m->rows, REC_profile_row);
}

static void calendars_listed(struct http_request *r, const struct link_message *answer)
{
	const struct msg_terms_listed *m = answer->body;

	reply_items(r, m->result, m->rows, REC_calendar_row);
}

void api_profile_list(struct http_request *r)
{
	struct msg_terms_list m = {.calendars = 0};

	ask_put(http_api(r)->ask, r, IPC_terms_list, &m, false, profiles_listed);
}

void api_calendar_list(struct http_request *r)
{
	struct msg_terms_list m = {.calendars = 1};

	ask_put(http_api(r)->ask, r, IPC_terms_list, &m, false, calendars_listed);
}

/* --- adding --------------------------------------------------------------------------------------- */

/* One that is held already changes nothing: 200 and not 201. */
static void reply_added(struct http_request *r, const struct msg_terms_added *m, bool is_new)
{
	char location[LOCATION_TEXT];
	json_t *json;

	if (m->id[0] != '\0') {
		snprintf(location, sizeof(location), "/v1/profiles/%s/%u?publisher=%s", m->id,
		    (unsigned)m->version, m->party);
		json = json_pack("{s:s, s:s, s:i, s:b}", "publisher", m->party, "id", m->id,
		    "version", (int)m->version, "added", is_new);
	} else {
		snprintf(location, sizeof(location), "/v1/calendars/%s?version=%u", m->party,
		    (unsigned)m->version);
		json = json_pack("{s:s, s:i, s:b}", "owner", m->party, "version", (int)m->version,
		    "added", is_new);
	}
	reply_with(r,
	    &(struct reply){
		.status = is_new ? 201 : 200, .json = json, .headers = {{"Location", location}}});
}

static void added(struct http_request *r, const struct link_message *answer)
{
	const struct msg_terms_added *m = answer->body;
	int rc = (int)(int32_t)m->result;

	if (rc == 0 || rc == RXP_ERR_EXISTS)
		reply_added(r, m, rc == 0);
	else if (m->violations.len > 0)
		problem_reply_violations(r, m->result, NULL, m->violations);
	else
		problem_reply_result(r, m->result, NULL);
}

static void add(struct http_request *r, bool is_calendar)
{
	struct msg_terms_add m = {.calendar = is_calendar, .octets = http_body(r)};

	if (m.octets.len == 0) {
		problem_reply(r, PROBLEM_MALFORMED, "the body is empty");
		return;
	}
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_terms_add, &m, false, added);
}

void api_profile_add(struct http_request *r)
{
	add(r, false);
}

void api_calendar_add(struct http_request *r)
{
	add(r, true);
}

/* --- one profile ---------------------------------------------------------------------------------- */

/* What a profile says, each kind of record under a name of its own. */
static const struct {
	enum record_tag tag;
	const char *name;
} GROUPS[] = {
    {REC_profile_side, "sides"},
    {REC_profile_chapter, "chapters"},
    {REC_profile_clock, "clocks"},
    {REC_profile_silence, "silences"},
    {REC_profile_effect, "effects"},
    {REC_profile_fallback, "fallbacks"},
    {REC_profile_language, "languages"},
    {REC_profile_office, "offices"},
    {REC_profile_crossing, "crossing_points"},
    {REC_profile_evidence, "evidence"},
    {REC_profile_attachments, "attachments"},
    {REC_profile_retention, "retention"},
    {REC_profile_remark, "remarks"},
    {REC_calendar_offset, "offsets"},
    {REC_calendar_holiday, "days_off"},
};

static int put_group(json_t *json, struct bytes records, enum record_tag tag, const char *name)
{
	json_t *items = NULL;
	int rc = row_list_of(&items, records, tag);

	if (rc == 0 && json_array_size(items) > 0 && json_object_set(json, name, items) != 0)
		rc = RXP_ERR_NOMEM;
	json_decref(items);
	return rc;
}

static int put_groups(json_t *json, struct bytes records)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof(GROUPS) / sizeof(GROUPS[0]); i++)
		rc = put_group(json, records, GROUPS[i].tag, GROUPS[i].name);
	return rc;
}

/* Whose calendar counts, and how a period ends, from the head of the records. */
static int put_counting(json_t *json, struct bytes records)
{
	static const char *const MEMBERS[] = {"calendar", "roll", "cut_off", "source"};
	json_t *heads = NULL, *head, *counting = json_object();
	int rc = row_list_of(&heads, records, REC_profile_head);

	head = json_array_get(heads, 0);
	for (size_t i = 0; rc == 0 && i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++)
		if (json_object_set(counting, MEMBERS[i], json_object_get(head, MEMBERS[i])) != 0)
			rc = RXP_ERR_NOMEM;
	if (rc == 0 && json_object_set(json, "counting", counting) != 0)
		rc = RXP_ERR_NOMEM;
	json_decref(counting);
	json_decref(heads);
	return rc;
}

static void reply_one(struct http_request *r, json_t *json, int rc)
{
	if (rc == 0) {
		reply_json(r, json);
		return;
	}
	json_decref(json);
	problem_reply(r, problem_of(rc), NULL);
}

static void profile_got(struct http_request *r, const struct link_message *answer)
{
	const struct msg_profile_got *m = answer->body;
	struct rec_profile_row row;
	json_t *json = NULL;
	int rc = RXP_ERR_DAMAGED;

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	if (record_decode(&row, &record_profile_row, m->row.data, m->row.len) == 0)
		rc = row_json(&json, &record_profile_row, &row);
	if (rc == 0)
		rc = put_counting(json, m->records);
	if (rc == 0)
		rc = put_groups(json, m->records);
	if (rc == 0)
		rc = put_group(json, m->choices, REC_choice_row, "used_with");
	reply_one(r, json, rc);
}

void api_profile_show(struct http_request *r)
{
	struct msg_profile_get m = {.version = http_values(r)->number};

	if (!api_party(r, "publisher", m.publisher))
		return;
	memcpy(m.id, http_values(r)->profile, sizeof(m.id));
	ask_put(http_api(r)->ask, r, IPC_profile_get, &m, false, profile_got);
}

/* --- the check ------------------------------------------------------------------------------------ */

struct weights {
	bool blocks, lacks;
};

static int weigh(void *arg, const void *record)
{
	struct weights *w = arg;
	const struct rec_finding_row *f = record;

	w->blocks = w->blocks || strcmp(f->weight, "blocks") == 0;
	w->lacks = w->lacks || strcmp(f->weight, "lacks") == 0;
	return 0;
}

static void profile_checked(struct http_request *r, const struct link_message *answer)
{
	const struct msg_profile_checked *m = answer->body;
	struct weights w = {false, false};
	json_t *items = NULL;
	int rc;

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	rc = row_each(m->rows, REC_finding_row, weigh, &w);
	if (rc == 0)
		rc = row_list(&items, m->rows, REC_finding_row);
	if (rc != 0)
		problem_reply(r, problem_of(rc), NULL);
	else
		reply_json(r, json_pack("{s:b, s:b, s:o}", "usable", !w.blocks, "complete",
				  !w.blocks && !w.lacks, "items", items));
}

void api_profile_check(struct http_request *r)
{
	struct msg_profile_check m = {.version = http_values(r)->number};

	if (!api_party(r, "publisher", m.publisher) || !api_party(r, "peer", m.peer))
		return;
	memcpy(m.id, http_values(r)->profile, sizeof(m.id));
	ask_put(http_api(r)->ask, r, IPC_profile_check, &m, false, profile_checked);
}

/* --- what people lay down ------------------------------------------------------------------------- */

static void profile_attested(struct http_request *r, const struct link_message *answer)
{
	const struct msg_profile_attested *m = answer->body;
	char digits[RXP_DIGEST_HEX], time[RXP_TIME_TEXT];

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	rxp_hex_put(digits, m->digest, sizeof(m->digest), false);
	rxp_time_text(time, m->attested_ms);
	reply_json(r, json_pack("{s:s, s:s, s:i, s:s, s:s}", "publisher", m->publisher, "id",
			  http_values(r)->profile, "version", (int)http_values(r)->number, "digest",
			  digits, "attested", time));
}

void api_profile_attest(struct http_request *r)
{
	struct msg_profile_attest m = {.version = http_values(r)->number};

	if (!api_party(r, "publisher", m.publisher))
		return;
	memcpy(m.id, http_values(r)->profile, sizeof(m.id));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	snprintf(m.officer, sizeof(m.officer), "%s", http_header(r, "Readmit-Officer"));
	ask_put(http_api(r)->ask, r, IPC_profile_attest, &m, false, profile_attested);
}

static void profile_used(struct http_request *r, const struct link_message *answer)
{
	const struct msg_profile_used *m = answer->body;
	char time[RXP_TIME_TEXT];

	if (m->result != 0) {
		problem_reply_result(r, m->result, m->problem);
		return;
	}
	rxp_time_text(time, m->from_ms);
	reply_json(r, json_pack("{s:s, s:s, s:s}", "peer", http_values(r)->party, "profile",
			  http_query(r, "profile"), "from", time));
}

/* A time, or a day, which begins at midnight UTC; 0 if it is not given. */
static bool read_from(struct http_request *r, int64_t *out)
{
	const char *text = http_query(r, "from");
	int32_t day;

	*out = 0;
	if (text == NULL || rxp_time_parse(out, text) == 0)
		return true;
	if (rxp_day_parse(&day, text) == 0) {
		*out = day * RXP_DAY_MS;
		return true;
	}
	problem_reply(r, PROBLEM_QUERY, "from is a day as 2027-01-01, or a time of RXP/1");
	return false;
}

void api_profile_use(struct http_request *r)
{
	struct msg_profile_use m = {.version = 0};

	if (!api_profile(r, "profile", m.id, &m.version) || !read_from(r, &m.from_ms))
		return;
	if (m.id[0] == '\0') {
		problem_reply(r, PROBLEM_QUERY, "profile is missing: ID/VERSION");
		return;
	}
	memcpy(m.peer, http_values(r)->party, sizeof(m.peer));
	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_profile_use, &m, false, profile_used);
}

/* --- one calendar --------------------------------------------------------------------------------- */

static void calendar_got(struct http_request *r, const struct link_message *answer)
{
	const struct msg_calendar_got *m = answer->body;
	struct rec_calendar_row row;
	json_t *json = NULL;
	int rc = (int)(int32_t)m->result;

	if (rc == 0)
		rc = record_decode(&row, &record_calendar_row, m->row.data, m->row.len) == 0
			 ? row_json(&json, &record_calendar_row, &row)
			 : RXP_ERR_DAMAGED;
	if (rc == 0)
		rc = put_groups(json, m->records);
	reply_one(r, json, rc);
}

void api_calendar_show(struct http_request *r)
{
	struct msg_calendar_get m = {.version = 0};

	if (!api_number(r, "version", 0, 1, RXP_MAX_TERMS_VERSION, &m.version))
		return;
	memcpy(m.owner, http_values(r)->party, sizeof(m.owner));
	ask_put(http_api(r)->ask, r, IPC_calendar_get, &m, false, calendar_got);
}
