/* The test of a peer: a Ping, a long poll for its final state, and the facts of its receipt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/await.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/view.h"
#include "protocol/base/timestamp.h"

#define WAIT_DEFAULT_S 30

static enum exit_status start(struct ctl *c, char id[RXP_ID_TEXT])
{
	char path[CTL_PATH_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);
	if (status == EXIT_OK)
		status = await_id(c, json, id);
	json_decref(json);
	return status;
}

/* Milliseconds from the making of the Ping to its answer; "-" if a time is missing. */
static void round_trip(char out[VIEW_TEXT], const json_t *message)
{
	const char *from = json_string_value(json_object_get(message, "created"));
	const char *to = json_string_value(json_object_get(message, "answered"));
	int64_t from_ms, to_ms;

	snprintf(out, VIEW_TEXT, "-");
	if (from != NULL && to != NULL && rxp_time_parse(&from_ms, from) == 0 &&
	    rxp_time_parse(&to_ms, to) == 0)
		snprintf(out, VIEW_TEXT, "%lld ms", (long long)(to_ms - from_ms));
}

static void print_receipt(struct ctl *c, const json_t *message)
{
	static const struct view_column FACTS[] = {{"state", "state"}, {"received at", "received"},
	    {"log id", "log_id"}, {"log count", "log_count"}, {"flags", "flags"},
	    {"local id", "local_id"}};
	char text[VIEW_TEXT];

	view_facts(c->out, message, FACTS, sizeof(FACTS) / sizeof(FACTS[0]));
	round_trip(text, message);
	fprintf(c->out, "%-18s%s\n", "round trip", text);
}

enum exit_status ctl_peer_test(struct ctl *c)
{
	char id[RXP_ID_TEXT];
	json_t *message = NULL;
	enum exit_status status = start(c, id);

	if (status == EXIT_OK)
		status =
		    await_message(c, id, args_number(&c->args, OPT_WAIT, WAIT_DEFAULT_S), &message);
	if (status != EXIT_OK)
		goto done;
	status = await_judge(c, message, id, c->args.argument[0], "the Ping");
	if (!ctl_json(c, message) && status == EXIT_OK)
		print_receipt(c, message);
done:
	json_decref(message);
	return status;
}
