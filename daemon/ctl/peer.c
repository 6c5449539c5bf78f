/* Peers: list, show, add, test, distrust. */
#include <jansson.h>

#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/base/fingerprint.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"
#include "protocol/limits.h"

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
	    {"waiting for it", "outbox_waiting"}};

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

/* --- distrust ----------------------------------------------------------------------------------- */
enum exit_status ctl_peer_distrust(struct ctl *c)
{
	enum exit_status status =
	    confirm(c, "distrust", "Nothing goes to or comes from it any more.");

	return status == EXIT_OK ? list_act(c, "distrusted") : status;
}
