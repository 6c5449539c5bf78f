/* Logs that watch each other: what differs, compare now, a person's note, the page that shows it. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <jansson.h>

#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"
#include "protocol/base/buf.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))
#define WAIT_S 60 /* for a comparison */
#define LOOK_NS 200000000L

static const struct view_column logs_shown[] = {{"PEER", "peer"}, {"ENTRIES HERE", "entries"},
    {"CHECKED", "checked"}, {"AGREED THERE", "agreed"}, {"COMPARED", "compared"},
    {"OPEN DIFFERENCES", "differences"}};
static const struct view_column differences_shown[] = {{"PEER", "peer"}, {"DIFFERENCE", "what"},
    {"KEPT BY", "kept_by"}, {"LOG", "log_id"}, {"ENTRY", "n"}, {"MESSAGE", "message_id"},
    {"TABLE", "table"}, {"FOUND", "found"}, {"LAST", "last"}, {"NOTED BY", "noted_by"}};
static const struct view_column words[] = {
    {"means", "meaning"}, {"whose side", "side"}, {"what to do", "action"}};

/* Of the kinds that nobody has noted, once each. */
static void explain(struct ctl *c, const json_t *items)
{
	const json_t *item;
	size_t i, k;

	json_array_foreach(items, i, item)
	{
		const char *what = json_string_value(json_object_get(item, "what"));
		bool told = what == NULL || !json_is_null(json_object_get(item, "noted"));

		for (k = 0; k < i && !told; k++) {
			const json_t *before = json_array_get(items, k);
			const char *other = json_string_value(json_object_get(before, "what"));

			told = other != NULL && strcmp(what, other) == 0 &&
			       json_is_null(json_object_get(before, "noted"));
		}
		if (told)
			continue;
		fprintf(c->out, "\n%s\n", what);
		view_facts(c->out, item, words, N_OF(words));
	}
}

static void show(struct ctl *c, const json_t *page)
{
	const json_t *items = json_object_get(page, "items");

	if (ctl_json(c, page))
		return;
	view_table(c->out, json_object_get(page, "logs"), logs_shown, N_OF(logs_shown));
	if (json_array_size(items) == 0) {
		ctl_say(c, "no differences");
		return;
	}
	fputc('\n', c->out);
	view_table(c->out, items, differences_shown, N_OF(differences_shown));
	explain(c, items);
}

static bool has_open(const json_t *page)
{
	const json_t *log;
	size_t i;

	json_array_foreach(json_object_get(page, "logs"), i,
	    log) if (json_integer_value(json_object_get(log, "differences")) > 0) return true;
	return false;
}

static enum exit_status fetch(struct ctl *c, const char *path, json_t **page)
{
	return ctl_call(c, &(struct call_request){.method = "GET", .path = path}, page);
}

enum exit_status ctl_log_list(struct ctl *c)
{
	char path[CTL_PATH_TEXT];
	json_t *page = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = fetch(c, path, &page);
	if (status == EXIT_OK)
		show(c, page);
	json_decref(page);
	return status;
}

/* The instants of both looks at the one log that was asked for. */
static bool is_newer(const json_t *now, const json_t *before)
{
	static const char *const looks[] = {"checked", "compared"};
	const json_t *a = json_array_get(json_object_get(now, "logs"), 0);
	const json_t *b = json_array_get(json_object_get(before, "logs"), 0);

	for (size_t i = 0; i < N_OF(looks); i++)
		if (json_is_null(json_object_get(a, looks[i])) ||
		    json_equal(json_object_get(a, looks[i]), json_object_get(b, looks[i])))
			return false;
	return true;
}

static enum exit_status await(struct ctl *c, const char *path, const json_t *before, json_t **now)
{
	const struct timespec pause = {.tv_nsec = LOOK_NS};
	time_t end = time(NULL) + WAIT_S;
	enum exit_status status;

	for (;;) {
		json_decref(*now);
		*now = NULL;
		status = fetch(c, path, now);
		if (status != EXIT_OK || is_newer(*now, before))
			return status;
		if (time(NULL) >= end) {
			ctl_complain(c,
			    "the peer has not shown its log yet: one that opens no port shows it within the hour; else the daemon's log says why");
			return EXIT_LATER;
		}
		nanosleep(&pause, NULL);
	}
}

enum exit_status ctl_log_check(struct ctl *c)
{
	char path[CTL_PATH_TEXT], list[CTL_PATH_TEXT];
	json_t *before = NULL, *now = NULL, *none = NULL;
	enum exit_status status;

	ctl_path(c, path);
	snprintf(list, sizeof(list), "/v1/logs?peer=%s", c->args.argument[0]);
	status = fetch(c, list, &before);
	if (status == EXIT_OK)
		status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &none);
	if (status == EXIT_OK)
		status = await(c, list, before, &now);
	if (status == EXIT_OK) {
		show(c, now);
		status = has_open(now) ? EXIT_FAILED : EXIT_OK;
	} else if (now != NULL &&
		   has_open(now)) { /* what was found so far, as why it cannot be read */
		show(c, now);
	}
	json_decref(before);
	json_decref(none);
	json_decref(now);
	return status;
}

enum exit_status ctl_log_note(struct ctl *c)
{
	return list_act(c, "noted what differs with");
}

enum exit_status ctl_log_restart(struct ctl *c)
{
	enum exit_status status = confirm(c, "forget",
	    "What its log said until now is forgotten, and differences from it are found no more.");

	return status != EXIT_OK ? status : list_act(c, "will read anew the log of");
}

enum exit_status ctl_log_page(struct ctl *c)
{
	return list_octets(c);
}
