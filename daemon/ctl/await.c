#include "daemon/ctl/await.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/view.h"
#include "protocol/message/answer.h"

#define POLL_MAX_S 30 /* of one long poll */

enum exit_status await_id(struct ctl *c, const json_t *answer, char id[RXP_ID_TEXT])
{
	const char *text = json_string_value(json_object_get(answer, "local_id"));
	uint8_t octets[RXP_ID_OCTETS];

	if (text == NULL || rxp_id_parse(octets, text, 7) != 0) {
		ctl_complain(c, "the daemon's answer has no id");
		return EXIT_FAILED;
	}
	memcpy(id, text, RXP_ID_TEXT);
	return EXIT_OK;
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
enum exit_status await_message(struct ctl *c, const char *id, unsigned wait_s, json_t **out)
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

static enum exit_status not_delivered(
    struct ctl *c, const json_t *message, const char *id, const char *peer, const char *what)
{
	char state[VIEW_TEXT], error[VIEW_TEXT], attempts[VIEW_TEXT];
	const char *code = json_string_value(json_object_get(message, "refusal"));
	enum rxp_refusal refusal;

	view_text(state, json_object_get(message, "state"));
	view_text(error, json_object_get(message, "last_error"));
	view_text(attempts, json_object_get(message, "attempts"));
	if (code != NULL && rxp_refusal_parse(&refusal, code) == 0) {
		const struct rxp_refusal_row *row = rxp_refusal_row(refusal);

		ctl_complain(c, "%s refused %s: %s; %s", peer, what, row->meaning, row->action);
	} else {
		ctl_complain(c, "no receipt of %s: %s (state %s, attempts %s)", peer,
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

enum exit_status await_judge(
    struct ctl *c, const json_t *message, const char *id, const char *peer, const char *what)
{
	const char *state = json_string_value(json_object_get(message, "state"));

	if (state != NULL &&
	    (strcmp(state, "delivered") == 0 || strcmp(state, "delivered-late") == 0))
		return EXIT_OK;
	return not_delivered(c, message, id, peer, what);
}
