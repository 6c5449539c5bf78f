#include "daemon/ctl/list.h"

#include <jansson.h>

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

enum exit_status list_facts(struct ctl *c, const struct view_column *columns, size_t n)
{
	json_t *object = NULL;
	enum exit_status status = call(c, &object);

	if (status == EXIT_OK && !ctl_json(c, object))
		view_facts(c->out, object, columns, n);
	json_decref(object);
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
