/* Profiles and calendars: add, list, show, check, attest, and which profile new cases with a peer run under. */
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"
#include "protocol/base/limits.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))
#define HEADER_TEXT 96

static enum exit_status call(struct ctl *c, const char *header, json_t **json)
{
	char path[CTL_PATH_TEXT];

	ctl_path(c, path);
	return ctl_call(c,
	    &(struct call_request){
		.method = c->args.command->method, .path = path, .headers = {header}},
	    json);
}

/* --- lists ---------------------------------------------------------------------------------------- */

enum exit_status ctl_profile_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"ID", "id"}, {"VERSION", "version"},
	    {"PUBLISHER", "publisher"}, {"STATUS", "status"}, {"ATTESTED", "attested"},
	    {"STARTS", "starts"}, {"TITLE", "title"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "profiles");
}

enum exit_status ctl_calendar_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"OWNER", "owner"}, {"VERSION", "version"},
	    {"EFFECTIVE", "effective"}, {"FROM", "first_day"}, {"UNTIL", "last_day"},
	    {"HOLIDAYS", "holidays"}, {"ZONE", "zone"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "calendars");
}

/* --- adding --------------------------------------------------------------------------------------- */

static enum exit_status add(struct ctl *c, const char *what)
{
	struct rxp_buf octets;
	json_t *json = NULL;
	enum exit_status status;

	rxp_buf_init(&octets, RXP_MAX_TERMS_OCTETS);
	status = file_read(c, c->args.argument[0], what, &octets);
	if (status == EXIT_OK)
		status = ctl_call(c,
		    &(struct call_request){.method = "POST",
			.path = c->args.command->path,
			.media = "application/xml",
			.body = octets.data,
			.body_len = octets.len},
		    &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		const json_t *id = json_object_get(json, "id");
		char name[VIEW_TEXT], version[VIEW_TEXT];

		view_text(name, id != NULL ? id : json_object_get(json, "owner"));
		view_text(version, json_object_get(json, "version"));
		ctl_say(c, "%s %s %s, version %s",
		    json_is_true(json_object_get(json, "added")) ? "added" : "held already:", what,
		    name, version);
	}
	json_decref(json);
	rxp_buf_free(&octets);
	return status;
}

enum exit_status ctl_profile_add(struct ctl *c)
{
	return add(c, "profile");
}

enum exit_status ctl_calendar_add(struct ctl *c)
{
	return add(c, "calendar");
}

/* --- one of them ---------------------------------------------------------------------------------- */

/* What a profile or a calendar says, a table for each kind that it has. */
#define COLUMNS_MAX 7
static const struct {
	const char *member;
	struct view_column columns[COLUMNS_MAX]; /* those with a title */
} TABLES[] = {
    {"sides", {{"SIDE", "side"}, {"PARTY", "party"}}},
    {"chapters", {{"CHAPTER", "name"}, {"STATE", "state"}, {"FROM", "from_day"},
		     {"UNTIL", "until_day"}, {"SOURCE", "source"}}},
    {"clocks", {{"CLOCK", "clock"}, {"VALUE", "value"}, {"UNIT", "unit"}, {"STARTS BY", "start"},
		   {"MODE", "mode"}, {"SOURCE", "source"}}},
    {"silences",
	{{"SILENCE AFTER", "after"}, {"FOR", "persons"}, {"MEANS", "means"}, {"SOURCE", "source"}}},
    {"effects", {{"EFFECT OF", "of"}, {"DOES", "does"}, {"SOURCE", "source"}}},
    {"fallbacks", {{"FALLBACK FOR", "requested"}, {"BY", "by"}, {"SOURCE", "source"}}},
    {"languages", {{"LANGUAGE", "language"}}},
    {"offices", {{"OFFICE", "office"}}},
    {"crossing_points", {{"CROSSING POINT OF", "party"}, {"SCHEME", "scheme"}, {"CODE", "code"}}},
    {"evidence", {{"EVIDENCE LIST", "list"}, {"KIND", "kind"}, {"STRENGTH", "strength"},
		     {"SOURCE", "source"}}},
    {"attachments",
	{{"MIB OF A FILE", "file_mib"}, {"OF A PERSON", "person"}, {"OF A DOCUMENT", "document"},
	    {"PENDING", "pending"}, {"SOURCE", "source"}}},
    {"retention", {{"KEPT AFTER", "after"}, {"MONTHS", "months"}, {"SOURCE", "source"}}},
    {"remarks", {{"REMARK", "text"}, {"SOURCE", "source"}}},
    {"used_with", {{"USED WITH", "peer"}, {"FROM", "from"}}},
    {"offsets", {{"OFFSET FROM", "from"}, {"MINUTES", "minutes"}}},
    {"days_off", {{"HOLIDAY", "day"}}},
};

static void print_tables(struct ctl *c, const json_t *json)
{
	for (size_t i = 0; i < N_OF(TABLES); i++) {
		const json_t *items = json_object_get(json, TABLES[i].member);
		size_t n = 0;

		while (n < COLUMNS_MAX && TABLES[i].columns[n].title != NULL)
			n++;
		if (json_array_size(items) == 0)
			continue;
		fputc('\n', c->out);
		view_table(c->out, items, TABLES[i].columns, n);
	}
}

/* A number below `least` says that there is none. */
static void leave_out(json_t *object, const char *member, json_int_t least)
{
	const json_t *value = json_object_get(object, member);

	if (json_is_integer(value) && json_integer_value(value) < least)
		json_object_del(object, member);
}

static enum exit_status show(
    struct ctl *c, const struct view_column *facts, size_t n, const char *counting)
{
	static const struct view_column COUNTING[] = {{"calendar of", "calendar"},
	    {"last day", "roll"}, {"cut-off minute", "cut_off"}, {"counting source", "source"}};
	json_t *json = NULL, *clock;
	enum exit_status status = call(c, NULL, &json);
	size_t i;

	if (status == EXIT_OK && !ctl_json(c, json)) {
		leave_out(json, "base_version", 1);
		json_array_foreach(json_object_get(json, "clocks"), i, clock)
		{
			leave_out(clock, "value", 1);
		}
		leave_out(json_object_get(json, "counting"), "cut_off", 0);
		view_facts(c->out, json, facts, n);
		if (counting != NULL)
			view_facts(
			    c->out, json_object_get(json, counting), COUNTING, N_OF(COUNTING));
		print_tables(c, json);
	}
	json_decref(json);
	return status;
}

enum exit_status ctl_profile_show(struct ctl *c)
{
	static const struct view_column FACTS[] = {{"profile", "id"}, {"version", "version"},
	    {"title", "title"}, {"published by", "publisher"}, {"status", "status"},
	    {"attested", "attested"}, {"by officer", "officer"}, {"digest", "digest"},
	    {"starts", "starts"}, {"ends", "ends"}, {"lies on", "base_id"},
	    {"its version", "base_version"}, {"taken", "taken"}};

	return show(c, FACTS, N_OF(FACTS), "counting");
}

enum exit_status ctl_calendar_show(struct ctl *c)
{
	static const struct view_column FACTS[] = {{"calendar of", "owner"}, {"version", "version"},
	    {"zone", "zone"}, {"effective", "effective"}, {"speaks from", "first_day"},
	    {"until", "last_day"}, {"weekend", "weekend"}, {"holidays", "holidays"},
	    {"sealed", "created"}, {"digest", "digest"}};

	return show(c, FACTS, N_OF(FACTS), NULL);
}

/* --- the check ------------------------------------------------------------------------------------ */

enum exit_status ctl_profile_check(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"WEIGHT", "weight"}, {"FINDING", "finding"},
	    {"SUBJECT", "subject"}, {"MEANS", "text"}};
	json_t *json = NULL;
	enum exit_status status = call(c, NULL, &json);
	bool usable;

	if (status != EXIT_OK)
		return status;
	usable = json_is_true(json_object_get(json, "usable"));
	if (!ctl_json(c, json)) {
		const json_t *items = json_object_get(json, "items");

		if (json_array_size(items) > 0)
			view_table(c->out, items, COLUMNS, N_OF(COLUMNS));
		ctl_say(c, "%s",
		    !usable ? "no new case may run under it: see what blocks"
		    : json_is_true(json_object_get(json, "complete"))
			? "it may be used, and nothing is missing"
			: "it may be used; see what it lacks");
	}
	json_decref(json);
	return usable ? EXIT_OK : EXIT_CONFIG;
}

/* --- what people lay down ------------------------------------------------------------------------- */

enum exit_status ctl_profile_attest(struct ctl *c)
{
	const char *officer = c->args.options[OPT_OFFICER];
	char header[HEADER_TEXT], digest[VIEW_TEXT];
	enum exit_status status;
	json_t *json = NULL;

	if (officer == NULL) {
		ctl_complain(c, "--officer is missing: the legal officer, by pseudonym");
		return EXIT_USAGE;
	}
	status = confirm(c, "attest",
	    "It is journalled that this officer has compared the profile with the text of the "
	    "agreement.");
	if (status != EXIT_OK)
		return status;
	snprintf(header, sizeof(header), "Readmit-Officer: %s", officer);
	status = call(c, header, &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_text(digest, json_object_get(json, "digest"));
		ctl_say(c, "attested %s with the digest %s", c->args.argument[0], digest);
	}
	json_decref(json);
	return status;
}

enum exit_status ctl_profile_use(struct ctl *c)
{
	json_t *json = NULL;
	enum exit_status status = call(c, NULL, &json);

	if (status == EXIT_OK && !ctl_json(c, json)) {
		char from[VIEW_TEXT];

		view_text(from, json_object_get(json, "from"));
		ctl_say(c, "new cases with %s run under %s from %s", c->args.argument[0],
		    c->args.argument[1], from);
	}
	json_decref(json);
	return status;
}
