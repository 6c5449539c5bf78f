/* What was lost with peers, how far it is back, and a person who ends a hold. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

#define EFFECT_TEXT 512 /* octets of the words in which a person is asked, with their NUL */
#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

/* What a hold means, and who ends it. */
static void explain(struct ctl *c, const json_t *items)
{
	static const struct view_column words[] = {
	    {"how it is known", "how"}, {"means", "meaning"}, {"what follows", "next"}};
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		json_int_t given_up = json_integer_value(json_object_get(item, "given_up"));

		if (given_up > 0)
			fprintf(c->out,
			    "\n%" JSON_INTEGER_FORMAT
			    " documents that %s had the receipt for are given up, since they never found "
			    "their place:\ncompare the cases on both sides; then recovery confirm\n",
			    given_up, json_string_value(json_object_get(item, "peer")));
		if (json_integer_value(json_object_get(item, "held")) == 0)
			continue;
		fprintf(c->out, "\nnew documents of cases with %s are held\n",
		    json_string_value(json_object_get(item, "peer")));
		view_facts(c->out, item, words, N_OF(words));
	}
}

enum exit_status ctl_recovery_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"PEER", "peer"}, {"LOST BY", "lost_by"},
	    {"WHY", "why"}, {"STAGE", "stage"}, {"BEGAN", "began"}, {"ENDED", "ended"},
	    {"ANSWERS BACK", "answers"}, {"ITS DOCUMENTS", "documents"}, {"OURS", "own"},
	    {"WAIT", "waiting"}, {"OF NO CASE", "caseless"}, {"UNPROVED", "unproved"},
	    {"GIVEN UP", "given_up"}};
	char path[CTL_PATH_TEXT];
	json_t *page = NULL;
	const json_t *items;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "GET", .path = path}, &page);
	items = json_object_get(page, "items");
	if (status == EXIT_OK && !ctl_json(c, page)) {
		if (json_array_size(items) == 0)
			ctl_say(c, "nothing was lost");
		else
			view_table(c->out, items, COLUMNS, N_OF(COLUMNS));
		explain(c, items);
	}
	json_decref(page);
	return status;
}

enum exit_status ctl_recovery_unproved(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"PEER", "peer"}, {"WHAT", "what"},
	    {"MESSAGE", "message_id"}, {"TYPE", "type"}, {"CASE", "case_id"},
	    {"OUTCOME", "outcome"}, {"RECEIVED", "received"}, {"CAME BACK", "back"},
	    {"FOR IT SPEAKS", "meaning"}};
	char path[CTL_PATH_TEXT];
	json_t *page = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "GET", .path = path}, &page);
	if (status == EXIT_OK && !ctl_json(c, page)) {
		const json_t *items = json_object_get(page, "items");
		json_int_t all = json_integer_value(json_object_get(page, "all"));

		if (all == 0)
			ctl_say(c, "nothing is unproved");
		else
			view_table(c->out, items, COLUMNS, N_OF(COLUMNS));
		if (all > (json_int_t)json_array_size(items))
			ctl_say(c, "%" JSON_INTEGER_FORMAT " in all", all);
	}
	json_decref(page);
	return status;
}

enum exit_status ctl_recovery_begin(struct ctl *c)
{
	enum exit_status status = confirm(c, "begin",
	    "The log for it ends, it is told that this database is older than it was, and gives back what it holds; new documents of cases with it wait until then.");

	return status != EXIT_OK ? status
				 : list_act(c, "takes this database for an older one with");
}

/* How much of it waits for a person. */
static enum exit_status get_unproved(struct ctl *c, json_int_t *unproved)
{
	char path[CTL_PATH_TEXT];
	const json_t *item;
	json_t *page = NULL;
	enum exit_status status;
	size_t i;

	snprintf(path, sizeof(path), "/v1/recovery?peer=%s", c->args.argument[0]);
	status = ctl_call(c, &(struct call_request){.method = "GET", .path = path}, &page);
	*unproved = 0;
	json_array_foreach(json_object_get(page, "items"), i, item)
	{
		*unproved += json_integer_value(json_object_get(item, "unproved"));
	}
	json_decref(page);
	return status;
}

/* What it means, which is not the same with and without something unproved. */
enum exit_status ctl_recovery_confirm(struct ctl *c)
{
	char path[CTL_PATH_TEXT], effect[EFFECT_TEXT];
	json_t *none = NULL;
	json_int_t unproved;
	enum exit_status status = get_unproved(c, &unproved);

	if (status != EXIT_OK)
		return status;
	if (unproved == 0)
		snprintf(effect, sizeof(effect),
		    "New documents of cases with it are sealed again, although not all that was lost is back.");
	else
		snprintf(effect, sizeof(effect),
		    "%" JSON_INTEGER_FORMAT
		    " answers and documents of this State came back from %s under a seal that was revoked. Whoever stole its key "
		    "can have made them, with any date. You say that people have compared them with what else is known of these "
		    "cases, and that this State gave them: it stands by them from now on, under the seal of today.",
		    unproved, c->args.argument[0]);
	status = confirm(c, "confirm", effect);
	if (status != EXIT_OK)
		return status;
	ctl_path(c, path);
	snprintf(path + strlen(path), sizeof(path) - strlen(path),
	    "?unproved=%" JSON_INTEGER_FORMAT, unproved);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &none);
	json_decref(none);
	if (status == EXIT_OK && unproved == 0)
		ctl_say(c, "ended the hold with %s", c->args.argument[0]);
	else if (status == EXIT_OK)
		ctl_say(c,
		    "let stand what came back; the hold with %s goes on, and what waited comes now",
		    c->args.argument[0]);
	return status;
}
