#include "daemon/ctl/list.h"

#include <string.h>

#include <jansson.h>

#include "daemon/ctl/file.h"
#include "protocol/base/buf.h"

#define AFTER_TEXT 128 /* of the place behind which a page begins, with its NUL */

static enum exit_status call(struct ctl *c, json_t **json)
{
	char path[CTL_PATH_TEXT];

	ctl_path(c, path);
	return ctl_call(
	    c, &(struct call_request){.method = c->args.command->method, .path = path}, json);
}

enum exit_status list_page(
    struct ctl *c, const struct view_column *columns, size_t n, const char *what)
{
	json_t *page = NULL;
	const json_t *items, *next;
	enum exit_status status = call(c, &page);

	if (status != EXIT_OK || ctl_json(c, page))
		goto done;
	items = json_object_get(page, "items");
	next = json_object_get(page, "next");
	if (json_array_size(items) == 0)
		ctl_say(c, "no %s", what);
	else
		view_table(c->out, items, columns, n);
	if (json_is_string(next) || json_is_integer(next)) {
		char after[VIEW_TEXT];

		view_text(after, next);
		ctl_say(c, "more: --after %s", after);
	}
done:
	json_decref(page);
	return status;
}

/* The items of one page, and where the next begins: "" behind the last. */
static enum exit_status take_page(struct ctl *c, json_t *items, char after[AFTER_TEXT])
{
	char path[CTL_PATH_TEXT];
	enum exit_status status;
	json_t *page = NULL;
	const char *next;
	size_t used;

	ctl_path(c, path);
	used = strlen(path);
	if (after[0] != '\0')
		snprintf(path + used, sizeof(path) - used, "%cafter=%s",
		    strchr(path, '?') != NULL ? '&' : '?', after);
	status = ctl_call(
	    c, &(struct call_request){.method = c->args.command->method, .path = path}, &page);
	if (status != EXIT_OK)
		goto done;
	next = json_string_value(json_object_get(page, "next"));
	if (json_array_extend(items, json_object_get(page, "items")) != 0 ||
	    (next != NULL && (strlen(next) >= AFTER_TEXT || strcmp(next, after) == 0))) {
		ctl_complain(c, "the daemon's answer is no page: is it of this version?");
		status = EXIT_FAILED;
		goto done;
	}
	snprintf(after, AFTER_TEXT, "%s", next != NULL ? next : "");
done:
	json_decref(page);
	return status;
}

enum exit_status list_all(
    struct ctl *c, const struct view_column *columns, size_t n, const char *what)
{
	json_t *all = json_pack("{s:[], s:n}", "items", "next");
	json_t *items = json_object_get(all, "items");
	char after[AFTER_TEXT] = "";
	enum exit_status status;

	do
		status = take_page(c, items, after);
	while (status == EXIT_OK && after[0] != '\0');
	if (status == EXIT_OK && !ctl_json(c, all)) {
		if (json_array_size(items) == 0)
			ctl_say(c, "no %s", what);
		else
			view_table(c->out, items, columns, n);
	}
	json_decref(all);
	return status;
}

enum exit_status list_facts(struct ctl *c, const struct view_column *columns, size_t n)
{
	json_t *object = NULL;
	enum exit_status status = call(c, &object);

	if (status == EXIT_OK && !ctl_json(c, object))
		view_facts(c->out, object, columns, n);
	json_decref(object);
	return status;
}

enum exit_status list_octets(struct ctl *c)
{
	char path[CTL_PATH_TEXT];
	struct rxp_buf octets;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_fetch(c, &(struct call_request){.method = "GET", .path = path}, &octets);
	if (status != EXIT_OK)
		return status;
	status = file_write(c, c->args.options[OPT_OUT], FILE_PUBLIC, &octets);
	rxp_buf_free(&octets);
	return status;
}

enum exit_status list_told(struct ctl *c, const char *before, const char *behind)
{
	json_t *json = NULL;
	enum exit_status status = call(c, &json);

	if (status == EXIT_OK && !ctl_json(c, json))
		ctl_say(c, "%s%s%s", before, c->args.argument[0], behind);
	json_decref(json);
	return status;
}

enum exit_status list_act(struct ctl *c, const char *done)
{
	json_t *none = NULL;
	enum exit_status status = call(c, &none);

	if (status == EXIT_OK)
		ctl_say(c, "%s %s", done, c->args.argument[0]);
	json_decref(none);
	return status;
}
