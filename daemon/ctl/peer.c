/* Peers: list, show, add, diff, update, test, line, distrust. */
#include <jansson.h>

#include "daemon/base/fingerprint.h"
#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"
#include "protocol/base/limits.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

enum exit_status ctl_peer_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"PARTY", "party"}, {"STATE", "state"},
	    {"LAST CONTACT", "last_contact"}, {"WAITING", "outbox_waiting"},
	    {"ENDPOINT", "endpoint"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "peers");
}

enum exit_status ctl_peer_show(struct ctl *c)
{
	static const struct view_column FACTS[] = {{"party", "party"}, {"state", "state"},
	    {"endpoint", "endpoint"}, {"root fingerprint", "root"},
	    {"identity serial", "identity_serial"}, {"working part of", "working_created"},
	    {"added", "added"}, {"last contact", "last_contact"},
	    {"waiting for it", "outbox_waiting"}, {"seal until", "seal_until"},
	    {"TLS until", "tls_until"}, {"root until", "root_until"},
	    {"keys until", "agreement_until"}, {"next root by", "next_root_due"}, {"held", "held"},
	    {"attachments rate", "line_rate"}, {"documents go", "line_window"},
	    {"attachments go", "line_attachments"}, {"urgent goes", "line_urgent"}};

	return list_facts(c, FACTS, N_OF(FACTS));
}

/* --- add -------------------------------------------------------------------------------------- */
enum exit_status ctl_peer_add(struct ctl *c)
{
	char path[CTL_PATH_TEXT], hex[RXP_DIGEST_HEX], party[VIEW_TEXT];
	struct rxp_buf descriptor;
	json_t *json = NULL;
	enum exit_status status;

	if (c->args.options[OPT_FINGERPRINT] == NULL) {
		ctl_complain(c,
		    "--fingerprint is missing: the one that you compared by telephone; the other "
		    "side reads it with readmitctl descriptor fingerprint");
		return EXIT_USAGE;
	}
	fingerprint_parse(hex, c->args.options[OPT_FINGERPRINT]);
	rxp_buf_init(&descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	status = file_read(c, c->args.argument[0], "a descriptor", &descriptor);
	if (status != EXIT_OK)
		goto done;
	snprintf(path, sizeof(path), "%s?root=%s", c->args.command->path, hex);
	status = ctl_call(c,
	    &(struct call_request){.method = "POST",
		.path = path,
		.media = "application/xml",
		.body = descriptor.data,
		.body_len = descriptor.len},
	    &json);
	if (status != EXIT_OK || ctl_json(c, json))
		goto done;
	view_text(party, json_object_get(json, "party"));
	if (json_is_true(json_object_get(json, "added")))
		ctl_say(c, "added %s; now: readmitctl peer test %s", party, party);
	else
		ctl_say(c, "%s is a peer with this descriptor already", party);
done:
	json_decref(json);
	rxp_buf_free(&descriptor);
	return status;
}

/* --- diff and update ---------------------------------------------------------------------------- */

static enum exit_status send_descriptor(
    struct ctl *c, const char *path, const struct rxp_buf *descriptor, json_t **json)
{
	return ctl_call(c,
	    &(struct call_request){.method = "POST",
		.path = path,
		.media = "application/xml",
		.body = descriptor->data,
		.body_len = descriptor->len},
	    json);
}

static void print_changes(FILE *out, const json_t *diff)
{
	char text[VIEW_TEXT], value[VIEW_TEXT];
	json_t *changes = json_object_get(diff, "changes"), *change;
	size_t i;

	json_array_foreach(changes, i, change)
	{
		view_text(text, json_object_get(change, "text"));
		view_text(value, json_object_get(change, "value"));
		fprintf(out, "%c %s %s\n",
		    json_integer_value(json_object_get(change, "added")) != 0 ? '+' : '-', text,
		    value);
	}
	if (json_array_size(changes) == 0)
		fprintf(out, "it says nothing else\n");
}

/* What the file changes, and what that means for whoever wants to take it. */
static void say_diff(struct ctl *c, const json_t *diff)
{
	char party[VIEW_TEXT], refused[VIEW_TEXT], serial[VIEW_TEXT], known[VIEW_TEXT];

	view_text(party, json_object_get(diff, "party"));
	view_text(serial, json_object_get(diff, "identity_serial"));
	view_text(known, json_object_get(diff, "known_serial"));
	fprintf(c->out, "%s, identity part %s after %s\n", party, serial, known);
	print_changes(c->out, diff);
	view_text(refused, json_object_get(diff, "refused"));
	if (!json_is_true(json_object_get(diff, "acceptable")))
		ctl_say(c, "it would not be taken: %s", refused);
	else if (json_is_null(json_object_get(diff, "known_serial")))
		ctl_say(c,
		    "%s is not known: compare the root by telephone, then peer add --fingerprint",
		    party);
	else
		ctl_say(c, "to take it: readmitctl peer update %s %s", party, c->args.argument[1]);
}

enum exit_status ctl_peer_diff(struct ctl *c)
{
	char path[CTL_PATH_TEXT];
	struct rxp_buf descriptor;
	json_t *diff = NULL;
	enum exit_status status;

	ctl_path(c, path);
	rxp_buf_init(&descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	status = file_read(c, c->args.argument[1], "a descriptor", &descriptor);
	if (status == EXIT_OK)
		status = send_descriptor(c, path, &descriptor, &diff);
	if (status == EXIT_OK && !ctl_json(c, diff))
		say_diff(c, diff);
	rxp_buf_free(&descriptor);
	json_decref(diff);
	return status;
}

/* In words first, so that nobody takes what he has not read (RXP-DSC-033). What the node would refuse needs no
 * yes: it says why. */
enum exit_status ctl_peer_update(struct ctl *c)
{
	char path[CTL_PATH_TEXT], diff_path[CTL_PATH_TEXT];
	struct rxp_buf descriptor;
	json_t *diff = NULL, *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	snprintf(diff_path, sizeof(diff_path), "/v1/peers/%s/diff", c->args.argument[0]);
	rxp_buf_init(&descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	status = file_read(c, c->args.argument[1], "a descriptor", &descriptor);
	if (status == EXIT_OK)
		status = send_descriptor(c, diff_path, &descriptor, &diff);
	if (status == EXIT_OK && json_is_true(json_object_get(diff, "acceptable"))) {
		print_changes(c->err, diff);
		status = confirm(c, "take the changes of", "These changes are in force at once.");
	}
	if (status == EXIT_OK)
		status = send_descriptor(c, path, &descriptor, &json);
	if (status == EXIT_OK)
		ctl_say(c, "updated %s", c->args.argument[0]);
	rxp_buf_free(&descriptor);
	json_decref(diff);
	json_decref(json);
	return status;
}

/* --- former ------------------------------------------------------------------------------------- */

/* It is never in force, so nothing is asked. */
enum exit_status ctl_descriptor_keep(struct ctl *c)
{
	char path[CTL_PATH_TEXT], party[VIEW_TEXT], first[VIEW_TEXT], last[VIEW_TEXT];
	struct rxp_buf descriptor;
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	rxp_buf_init(&descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	status = file_read(c, c->args.argument[1], "a descriptor", &descriptor);
	if (status == EXIT_OK)
		status = send_descriptor(c, path, &descriptor, &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_text(party, json_object_get(json, "party"));
		view_text(first, json_object_get(json, "first"));
		view_text(last, json_object_get(json, "last"));
		if (json_is_true(json_object_get(json, "kept")))
			ctl_say(c, "kept as evidence: identity parts %s to %s of %s", first, last,
			    party);
		else
			ctl_say(c, "identity parts %s to %s of %s are known already", first, last,
			    party);
	}
	rxp_buf_free(&descriptor);
	json_decref(json);
	return status;
}

/* --- line --------------------------------------------------------------------------------------- */
enum exit_status ctl_peer_line(struct ctl *c)
{
	if (c->args.options[OPT_RATE] == NULL && c->args.options[OPT_WINDOW] == NULL &&
	    c->args.options[OPT_ATTACHMENTS_WINDOW] == NULL &&
	    c->args.options[OPT_URGENT] == NULL) {
		ctl_complain(c, "say at least one of --rate, --window, --attachments-window and "
				"--urgent; peer show says how it is");
		return EXIT_USAGE;
	}
	return list_act(c, "set");
}

/* --- distrust ----------------------------------------------------------------------------------- */
enum exit_status ctl_peer_distrust(struct ctl *c)
{
	enum exit_status status =
	    confirm(c, "distrust", "Nothing goes to or comes from it any more.");

	return status == EXIT_OK ? list_act(c, "distrusted") : status;
}
