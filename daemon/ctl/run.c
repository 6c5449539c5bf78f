/* One run: from the command line to the exit status, and the judging of answers. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/version.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/help.h"
#include "daemon/ctl/view.h"
#include "protocol/base/err.h"
#include "protocol/init.h"

enum exit_status ctl_run(struct ctl *c, int argc, const char *const *argv)
{
	char problem[ARGS_PROBLEM_TEXT];

	if (args_parse(&c->args, problem, argc, argv) != 0) {
		ctl_complain(c, "%s", problem);
		return EXIT_USAGE;
	}
	if (c->args.options[OPT_VERSION] != NULL) {
		fprintf(c->out, "readmitctl %s\n", READMIT_VERSION);
		return EXIT_OK;
	}
	if (c->args.options[OPT_HELP] != NULL)
		return help_print(c->out, c->args.noun) ? EXIT_OK : EXIT_USAGE;
	c->socket = c->args.options[OPT_SOCKET];
	if (c->socket == NULL)
		c->socket = getenv("READMITD_SOCKET");
	if (c->socket == NULL || c->socket[0] == '\0')
		c->socket = CTL_SOCKET;
	return c->args.command->run(c);
}

void ctl_say(struct ctl *c, const char *format, ...)
{
	va_list list;

	if (c->args.options[OPT_QUIET] != NULL)
		return;
	fflush(c->out); /* what it is said of stands above it, also where both go into one file */
	va_start(list, format);
	vfprintf(c->err, format, list);
	va_end(list);
	fputc('\n', c->err);
}

void ctl_complain(struct ctl *c, const char *format, ...)
{
	va_list list;

	fputs("readmitctl: ", c->err);
	va_start(list, format);
	vfprintf(c->err, format, list);
	va_end(list);
	fputc('\n', c->err);
}

bool ctl_library(struct ctl *c)
{
	int rc = c->librxp ? 0 : rxp_init();

	c->librxp = rc == 0;
	if (rc != 0)
		ctl_complain(c, "the library does not start: %s", rxp_err_text(rc));
	return c->librxp;
}

void ctl_path(const struct ctl *c, char out[CTL_PATH_TEXT])
{
	static const struct {
		enum option option;
		const char *query; /* what a switch says; NULL: its name and value */
	} QUERY[] = {{OPT_ENTRY, NULL}, {OPT_PUBLISHER, NULL}, {OPT_PEER, NULL}, {OPT_FROM, NULL},
	    {OPT_UNTIL, NULL}, {OPT_AFTER, NULL}, {OPT_LIMIT, NULL}, {OPT_NEWEST, "order=newest"},
	    {OPT_DUE, NULL}, {OPT_OVERDUE, "due=0h"}, {OPT_STEPS, "steps=yes"}, {OPT_CASE, NULL},
	    {OPT_OFFICE, NULL}, {OPT_TELEPHONE, NULL}, {OPT_EMAIL, NULL}, {OPT_RATE, NULL},
	    {OPT_WINDOW, NULL}, {OPT_ATTACHMENTS_WINDOW, NULL}, {OPT_URGENT, NULL}};
	const char *at = c->args.command->path, *hole;
	char separator = strchr(at, '?') != NULL ? '&' : '?';
	size_t used = 0;

	for (size_t i = 0; (hole = strstr(at, "{}")) != NULL; i++) {
		used += (size_t)snprintf(out + used, CTL_PATH_TEXT - used, "%.*s%s",
		    (int)(hole - at), at, c->args.argument[i]);
		at = hole + 2;
	}
	snprintf(out + used, CTL_PATH_TEXT - used, "%s", at);
	for (size_t i = 0; i < sizeof(QUERY) / sizeof(QUERY[0]); i++) {
		const char *value = c->args.options[QUERY[i].option];

		if (value == NULL)
			continue;
		used = strlen(out);
		if (QUERY[i].query != NULL)
			snprintf(
			    out + used, CTL_PATH_TEXT - used, "%c%s", separator, QUERY[i].query);
		else
			snprintf(out + used, CTL_PATH_TEXT - used, "%c%s=%s", separator,
			    option_table[QUERY[i].option].name, value);
		separator = '&';
	}
}

bool ctl_reason(struct ctl *c, char header[CTL_REASON_TEXT])
{
	const char *reason = c->args.options[OPT_REASON];

	if (reason == NULL) {
		ctl_complain(
		    c, "--reason is missing: why it is opened, for the journal, such as case-work");
		return false;
	}
	snprintf(header, CTL_REASON_TEXT, "Readmit-Reason: %s", reason);
	return true;
}

/* --- answers ------------------------------------------------------------------------------------- */
static enum exit_status no_answer(struct ctl *c, enum call_result result)
{
	switch (result) {
	case CALL_NO_DAEMON:
		ctl_complain(c, "nothing listens on %s: does readmitd run?", c->socket);
		return EXIT_NO_DAEMON;
	case CALL_NOT_PERMITTED:
		ctl_complain(
		    c, "%s may not be opened: use a user of the socket's group", c->socket);
		return EXIT_NOT_PERMITTED;
	case CALL_TIMEOUT:
		ctl_complain(c, "the daemon did not answer within %d s", CALL_SECONDS);
		return EXIT_LATER;
	case CALL_DONE:
	case CALL_FAILED:
		break;
	}
	ctl_complain(c, "the daemon broke off its answer: see its log");
	return EXIT_FAILED;
}

static enum exit_status exit_of(long status, const char *code)
{
	static const struct {
		long status;
		enum exit_status exit;
	} OF[] = {{403, EXIT_NOT_PERMITTED}, {413, EXIT_INVALID}, {415, EXIT_INVALID},
	    {422, EXIT_INVALID}, {502, EXIT_LATER}, {503, EXIT_LATER}, {504, EXIT_LATER}};

	if (code != NULL && strcmp(code, "configuration") == 0)
		return EXIT_CONFIG;
	for (size_t i = 0; i < sizeof(OF) / sizeof(OF[0]); i++)
		if (OF[i].status == status)
			return OF[i].exit;
	return EXIT_FAILED;
}

/* What is wrong in the document of the command, as compilers say it. */
static void complain_violations(struct ctl *c, const json_t *violations)
{
	const json_t *v;
	size_t i;

	json_array_foreach(violations, i, v)
	{
		char path[VIEW_TEXT], text[VIEW_TEXT], requirement[VIEW_TEXT], action[VIEW_TEXT];
		json_int_t line = json_integer_value(json_object_get(v, "line"));

		view_text(path, json_object_get(v, "path"));
		view_text(text, json_object_get(v, "text"));
		view_text(requirement, json_object_get(v, "requirement"));
		fprintf(
		    c->err, "%s:", c->args.argument[0] != NULL ? c->args.argument[0] : "document");
		if (line > 0) /* 0: of no line, as what is wrong with its attachments */
			fprintf(c->err, "%" JSON_INTEGER_FORMAT ":", line);
		if (json_is_string(json_object_get(v, "path"))) /* none: no XML to be in */
			fprintf(c->err, " %s:", path);
		fprintf(c->err, " %s (%s)\n", text, requirement);
		view_text(action, json_object_get(v, "action"));
		if (json_is_string(json_object_get(v, "action")))
			fprintf(c->err, "    %s\n", action);
	}
}

static void complain_texts(struct ctl *c, const json_t *json)
{
	char title[VIEW_TEXT], reason[VIEW_TEXT], detail[VIEW_TEXT];

	complain_violations(c, json_object_get(json, "violations"));
	view_text(title, json_object_get(json, "title"));
	view_text(detail, json_object_get(json, "detail"));
	view_text(reason, json_object_get(json, "reason"));
	if (json_is_string(json_object_get(json, "reason")))
		ctl_complain(c, "%s: %s", title, reason);
	else
		ctl_complain(c, "%s", title);
	ctl_complain(c, "%s", detail);
}

static void say_reason(struct ctl *c, const json_t *json)
{
	const json_t *reason = json_object_get(json, "reason");
	char text[VIEW_TEXT];

	view_text(text, json_is_string(reason) ? reason : json_object_get(json, "title"));
	ctl_say(c, "%s", text);
}

/* What a problem document says, for people. */
static enum exit_status complain_problem(
    struct ctl *c, const struct call_request *request, const struct call_answer *a)
{
	json_t *json =
	    json_loadb((const char *)a->body.data, a->body.len, JSON_REJECT_DUPLICATES, NULL);
	enum exit_status status =
	    exit_of(a->status, json_string_value(json_object_get(json, "code")));

	if (json == NULL) {
		ctl_complain(c, "the daemon answered with status %ld", a->status);
		return status;
	}
	if (request->optional)
		say_reason(c, json);
	else
		complain_texts(c, json);
	json_decref(json);
	return status;
}

/* What a reader of the content would not see. */
static void say_notes(struct ctl *c, const struct call_answer *a)
{
	if (a->not_shown[0] != '\0')
		ctl_say(c, "not shown, since blocked: %s", a->not_shown);
	if (a->corrected[0] != '\0')
		ctl_say(c,
		    "corrected in %s places: readmitctl message corrections %s says what stood there",
		    a->corrected, c->args.argument[0]);
	if (a->asked[0] != '\0')
		ctl_say(c,
		    "%s corrections of it are asked for and not carried out: readmitctl case corrections",
		    a->asked);
}

enum exit_status ctl_fetch(struct ctl *c, const struct call_request *request, struct rxp_buf *body)
{
	struct call_answer answer = {0};
	enum exit_status status = EXIT_OK;
	enum call_result result;

	rxp_buf_init(&answer.body, CALL_ANSWER_MAX);
	result = c->call(c->call_arg, c->socket, request, &answer);
	c->answered = result == CALL_DONE ? answer.status : 0;
	if (result != CALL_DONE)
		status = no_answer(c, result);
	else if (answer.status < 200 || answer.status > 299)
		status = complain_problem(c, request, &answer);
	if (result == CALL_DONE && status != EXIT_OK && !request->optional &&
	    c->args.options[OPT_JSON] != NULL)
		fprintf(c->out, "%.*s\n", (int)answer.body.len, (const char *)answer.body.data);
	if (status == EXIT_OK)
		say_notes(c, &answer);
	if (status == EXIT_OK)
		*body = answer.body;
	else
		rxp_buf_free(&answer.body);
	return status;
}

enum exit_status ctl_call(struct ctl *c, const struct call_request *request, json_t **json)
{
	struct rxp_buf body;
	enum exit_status status = ctl_fetch(c, request, &body);
	json_t *parsed = NULL;

	if (status != EXIT_OK)
		return status;
	if (body.len > 0) {
		parsed =
		    json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, NULL);
		if (parsed == NULL) {
			ctl_complain(c, "the daemon's answer is not JSON: is it of this version?");
			status = EXIT_FAILED;
		}
	}
	rxp_buf_free(&body);
	if (status == EXIT_OK)
		*json = parsed;
	return status;
}

bool ctl_json(struct ctl *c, const json_t *json)
{
	if (c->args.options[OPT_JSON] == NULL)
		return false;
	if (json != NULL && json_dumpf(json, c->out, JSON_COMPACT) == 0)
		fputc('\n', c->out);
	return true;
}
