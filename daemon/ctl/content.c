/* What documents contain: the content of a message, and its attachments, each for a reason. */
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/progress.h"

/* The command's path, or the one beside it that opens what is blocked too. */
static void content_path(const struct ctl *c, char path[CTL_PATH_TEXT])
{
	const char *id = c->args.argument[0], *number = c->args.argument[1];

	if (c->args.options[OPT_BLOCKED] == NULL)
		ctl_path(c, path);
	else if (number == NULL)
		snprintf(path, CTL_PATH_TEXT, "/v1/messages/%s/blocked-content", id);
	else
		snprintf(path, CTL_PATH_TEXT, "/v1/messages/%s/blocked-attachments/%s", id, number);
}

static enum exit_status print_json(struct ctl *c, const struct rxp_buf *octets)
{
	json_t *json = json_pack("{s:s%}", "content", (const char *)octets->data, octets->len);

	if (json == NULL) {
		ctl_complain(c, "the content is not text");
		return EXIT_FAILED;
	}
	ctl_json(c, json);
	json_decref(json);
	return EXIT_OK;
}

static enum exit_status fetch_content(struct ctl *c)
{
	char path[CTL_PATH_TEXT], header[CTL_REASON_TEXT];
	const char *out = c->args.options[OPT_OUT];
	struct rxp_buf octets;
	enum exit_status status;

	if (!ctl_reason(c, header))
		return EXIT_USAGE;
	content_path(c, path);
	status = ctl_fetch(
	    c, &(struct call_request){.method = "GET", .path = path, .headers = {header}}, &octets);
	if (status != EXIT_OK)
		return status;
	if (c->args.options[OPT_JSON] != NULL && out == NULL)
		status = print_json(c, &octets);
	else
		status = file_write(c, out, FILE_PRIVATE, &octets);
	rxp_buf_free(&octets);
	return status;
}

enum exit_status ctl_message_content(struct ctl *c)
{
	return fetch_content(c);
}

enum exit_status ctl_inbox_content(struct ctl *c)
{
	return fetch_content(c);
}

enum exit_status ctl_inbox_document(struct ctl *c)
{
	return fetch_content(c);
}

static enum exit_status fetch_file(struct ctl *c, const char *header, FILE *to)
{
	char path[CTL_PATH_TEXT];
	struct progress progress = progress_begin(c, c->args.options[OPT_OUT], 0);
	struct rxp_buf none;
	enum exit_status status;

	content_path(c, path);
	status = ctl_fetch(c,
	    &(struct call_request){.method = "GET",
		.path = path,
		.headers = {header},
		.to = to,
		.progress = progress_step,
		.progress_arg = &progress},
	    &none);
	progress_end(&progress);
	if (status == EXIT_OK)
		rxp_buf_free(&none);
	return status;
}

enum exit_status ctl_attachment_get(struct ctl *c)
{
	const char *out = c->args.options[OPT_OUT];
	char header[CTL_REASON_TEXT];
	enum exit_status status, closed;
	json_t *json;
	FILE *to;
	long octets;

	if (!ctl_reason(c, header))
		return EXIT_USAGE;
	if (out == NULL) {
		ctl_complain(c, "--out is missing: the file to write");
		return EXIT_USAGE;
	}
	to = file_new(c, out, FILE_PRIVATE);
	if (to == NULL)
		return EXIT_FAILED;
	status = fetch_file(c, header, to);
	octets = ftell(to);
	closed = file_close(c, to, out, status == EXIT_OK);
	if (status != EXIT_OK || closed != EXIT_OK)
		return status != EXIT_OK ? status : closed;
	json = json_pack("{s:s, s:I}", "file", out, "octets", (json_int_t)octets);
	if (!ctl_json(c, json))
		ctl_say(c, "written to %s, %ld octets", out, octets);
	json_decref(json);
	return EXIT_OK;
}
