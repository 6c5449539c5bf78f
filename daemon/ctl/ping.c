/* The test of a peer: a Ping, a long poll for its final state, and the facts of its receipt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/view.h"
#include "protocol/answer.h"
#include "protocol/ident.h"
#include "protocol/timestamp.h"

#define WAIT_DEFAULT_S 30
#define POLL_MAX_S 30 /* of one long poll */

static enum exit_status start(struct ctl *c, char id[RXP_ID_TEXT])
{
	char path[CTL_PATH_TEXT];
	uint8_t octets[RXP_ID_OCTETS];
	const char *text;
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);
	if (status != EXIT_OK)
		return status;
	text = json_string_value(json_object_get(json, "local_id"));
	if (text != NULL && rxp_id_parse(octets, text, 7) == 0) {
		memcpy(id, text, RXP_ID_TEXT);
	} else {
		ctl_complain(c, "the daemon's answer has no id");
		status = EXIT_FAILED;
	}
	json_decref(json);
	return status;
}

/* Nothing more happens to it by itself. */
static bool settled(const json_t *message)
{
	const char *state = json_string_value(json_object_get(message, "state"));

	return json_is_true(json_object_get(message, "final")) ||
	       (state != NULL && strcmp(state, "parked") == 0);
}

/* The message when it is settled or the time is over. A poll counts as long as it was to wait, so that
 * their number is bounded whatever the daemon does. */
static enum exit_status await(struct ctl *c, const char *id, unsigned wait_s, json_t **out)
{
	json_t *json = NULL;
	enum exit_status status = EXIT_OK;

	while (status == EXIT_OK && wait_s > 0 && !settled(json)) {
		unsigned s = wait_s < POLL_MAX_S ? wait_s : POLL_MAX_S;
		char path[CTL_PATH_TEXT];

		json_decref(json);
		json = NULL;
		snprintf(path, sizeof(path), "/v1/messages/%s?wait=%u", id, s);
		status = ctl_call(
		    c, &(struct call_request){.method = "GET", .path = path, .wait_s = s}, &json);
		wait_s -= s;
	}
	*out = json;
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

static enum exit_status not_delivered(struct ctl *c, const json_t *message, const char *id)
{
	char state[VIEW_TEXT], error[VIEW_TEXT], attempts[VIEW_TEXT];
	const char *code = json_string_value(json_object_get(message, "refusal"));
	enum rxp_refusal refusal;

	view_text(state, json_object_get(message, "state"));
	view_text(error, json_object_get(message, "last_error"));
	view_text(attempts, json_object_get(message, "attempts"));
	if (code != NULL && rxp_refusal_parse(&refusal, code) == 0) {
		const struct rxp_refusal_row *row = rxp_refusal_row(refusal);

		ctl_complain(
		    c, "%s refused the Ping: %s; %s", c->args.argument, row->meaning, row->action);
	} else {
		ctl_complain(c, "no receipt of %s: %s (state %s, attempts %s)", c->args.argument,
		    json_is_string(json_object_get(message, "last_error")) ? error
									   : "no answer in time",
		    state, attempts);
	}
	if (json_is_true(json_object_get(message, "final")))
		return EXIT_FAILED;
	if (settled(message)) {
		ctl_complain(c, "it waits for a person: readmitctl queue requeue %s", id);
		return EXIT_FAILED;
	}
	ctl_complain(c, "it stays queued: readmitctl message show %s", id);
	return EXIT_LATER;
}

enum exit_status ctl_peer_test(struct ctl *c)
{
	char id[RXP_ID_TEXT];
	json_t *message = NULL;
	const char *state;
	enum exit_status status = start(c, id);

	if (status == EXIT_OK)
		status = await(c, id, args_number(&c->args, OPT_WAIT, WAIT_DEFAULT_S), &message);
	if (status != EXIT_OK)
		goto done;
	state = json_string_value(json_object_get(message, "state"));
	if (state == NULL ||
	    (strcmp(state, "delivered") != 0 && strcmp(state, "delivered-late") != 0))
		status = not_delivered(c, message, id);
	if (!ctl_json(c, message) && status == EXIT_OK)
		print_receipt(c, message);
done:
	json_decref(message);
	return status;
}
