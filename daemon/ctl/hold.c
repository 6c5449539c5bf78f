/* Holds of cases: hold, lift, and the document that takes back a transfer that was notified. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/view.h"
#include "protocol/base/codec.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))
#define KEY_OCTETS 16

/* The path of the command with its persons and its reason. */
static void path_of(const struct ctl *c, char out[CTL_PATH_TEXT])
{
	const char *because = c->args.options[OPT_BECAUSE];
	size_t used;
	char separator;

	ctl_path(c, out);
	used = strlen(out);
	separator = strchr(out, '?') != NULL ? '&' : '?';
	for (size_t i = 0; i < c->args.n_repeated && used < CTL_PATH_TEXT; i++) {
		if (c->args.repeated[i].option != OPT_PERSON)
			continue;
		used += (size_t)snprintf(out + used, CTL_PATH_TEXT - used, "%cperson=%s", separator,
		    c->args.repeated[i].value);
		separator = '&';
	}
	if (because != NULL && used < CTL_PATH_TEXT)
		snprintf(out + used, CTL_PATH_TEXT - used, "%creason=%s", separator, because);
}

static enum exit_status call(struct ctl *c, json_t **json)
{
	char path[CTL_PATH_TEXT];

	path_of(c, path);
	return ctl_call(c, &(struct call_request){.method = "POST", .path = path}, json);
}

/* As any document is sent: nothing tells it from another. */
static enum exit_status take_back(struct ctl *c, const json_t *held)
{
	const char *change = json_string_value(json_object_get(held, "transfer_change"));
	const char *peer = json_string_value(json_object_get(held, "peer"));
	char path[CTL_PATH_TEXT], hex[2 * KEY_OCTETS + 1], key[sizeof(hex) + 20];
	uint8_t octets[KEY_OCTETS];
	json_t *sent = NULL;
	enum exit_status status;

	if (change == NULL || peer == NULL) {
		ctl_say(c, "no transfer of theirs is notified or planned");
		return EXIT_OK;
	}
	if (getrandom(octets, sizeof(octets), 0) != (ssize_t)sizeof(octets)) {
		ctl_complain(c, "no random octets for a key");
		return EXIT_FAILED;
	}
	rxp_hex_put(hex, octets, sizeof(octets), false);
	snprintf(key, sizeof(key), "Idempotency-Key: %s", hex);
	snprintf(path, sizeof(path), "/v1/messages?peer=%s&case=%s", peer, c->args.argument[0]);
	status = ctl_call(c,
	    &(struct call_request){.method = "POST",
		.path = path,
		.headers = {key},
		.media = "application/xml",
		.body = change,
		.body_len = strlen(change)},
	    &sent);
	if (status == EXIT_OK)
		ctl_say(c, "the TransferChange is on its way");
	else
		ctl_complain(c, "it is held, but the TransferChange is not sent");
	json_decref(sent);
	return status;
}

enum exit_status ctl_case_hold(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {
	    {"ID", "local_id"}, {"TYPE", "type"}, {"OUTCOME", "outcome"}};
	bool takes_back = c->args.options[OPT_TAKE_BACK] != NULL;
	json_t *held = NULL;
	enum exit_status status;

	if (c->args.options[OPT_BECAUSE] == NULL) {
		ctl_complain(c, "--because is missing: %s", option_table[OPT_BECAUSE].help);
		return EXIT_USAGE;
	}
	status = call(c, &held);
	if (status != EXIT_OK)
		return status;
	if (!ctl_json(c, held)) {
		const json_t *messages = json_object_get(held, "messages");

		ctl_say(c, "held: nothing that brings them nearer to a transfer leaves");
		if (json_array_size(messages) > 0)
			view_table(c->out, messages, COLUMNS, N_OF(COLUMNS));
		if (json_is_string(json_object_get(held, "transfer_change")) && !takes_back)
			ctl_say(c, "a transfer is notified or planned: --take-back sends the "
				   "TransferChange");
	}
	if (takes_back)
		status = take_back(c, held);
	json_decref(held);
	return status;
}

enum exit_status ctl_case_lift(struct ctl *c)
{
	json_t *none = NULL;
	enum exit_status status = call(c, &none);

	if (status == EXIT_OK)
		ctl_say(
		    c, "lifted; nothing is sent by it: what was given up has to be written anew");
	json_decref(none);
	return status;
}
