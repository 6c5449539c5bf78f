/* The node itself: status, its descriptor, and the completion script. */
#include <jansson.h>

#include "daemon/base/fingerprint.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/help.h"
#include "daemon/ctl/view.h"

/* What people are told of: the end of it is near, or has been (RXP-DSC-041). */
static void print_near(FILE *out, const json_t *endings)
{
	static const struct view_column ENDS[] = {
	    {"ENDS SOON", "what"}, {"OF", "party"}, {"UNTIL", "until"}};
	json_t *near = json_array(), *ending;
	size_t i;

	json_array_foreach(endings, i, ending)
	{
		if (json_integer_value(json_object_get(ending, "near")) != 0)
			json_array_append(near, ending);
	}
	if (json_array_size(near) > 0) {
		fputc('\n', out);
		view_table(out, near, ENDS, sizeof(ENDS) / sizeof(ENDS[0]));
	}
	json_decref(near);
}

/* What stands until somebody ends it (daemon/base/alarm.def), and what each means. */
static void print_alarms(FILE *out, const json_t *alarms)
{
	static const struct view_column STANDS[] = {
	    {"ALARM", "alarm"}, {"OF", "peer"}, {"COUNT", "count"}, {"WHAT TO DO", "next"}};

	if (json_array_size(alarms) == 0)
		return;
	fputc('\n', out);
	view_table(out, alarms, STANDS, sizeof(STANDS) / sizeof(STANDS[0]));
}

enum exit_status ctl_status(struct ctl *c)
{
	static const struct view_column FACTS[] = {{"party", "party"}, {"version", "version"},
	    {"healthy", "healthy"}, {"not well", "health"}};
	static const struct view_column FIGURES[] = {
	    {"FIGURE", "metric"}, {"OF", "label"}, {"VALUE", "value"}};
	json_t *json = NULL;
	enum exit_status status = ctl_call(
	    c, &(struct call_request){.method = "GET", .path = c->args.command->path}, &json);

	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_facts(c->out, json, FACTS, sizeof(FACTS) / sizeof(FACTS[0]));
		print_alarms(c->out, json_object_get(json, "alarms"));
		print_near(c->out, json_object_get(json, "endings"));
		if (json_array_size(json_object_get(json, "figures")) > 0) {
			fputc('\n', c->out);
			view_table(c->out, json_object_get(json, "figures"), FIGURES,
			    sizeof(FIGURES) / sizeof(FIGURES[0]));
		}
	}
	json_decref(json);
	return status;
}

enum exit_status ctl_descriptor_export(struct ctl *c)
{
	const char *path = c->args.options[OPT_OUT];
	/* As JSON it comes with its fingerprint. */
	const char *call = c->args.options[OPT_JSON] != NULL ? "/v1/descriptor?format=json"
							     : c->args.command->path;
	struct rxp_buf octets;
	enum exit_status status =
	    ctl_fetch(c, &(struct call_request){.method = "GET", .path = call}, &octets);

	if (status != EXIT_OK)
		return status;
	status = file_write(c, path, FILE_PUBLIC, &octets);
	if (status == EXIT_OK && path != NULL)
		ctl_say(
		    c, "written to %s; the fingerprint: readmitctl descriptor fingerprint", path);
	rxp_buf_free(&octets);
	return status;
}

enum exit_status ctl_descriptor_fingerprint(struct ctl *c)
{
	json_t *json = NULL;
	const char *root;
	char hex[RXP_DIGEST_HEX], grouped[FINGERPRINT_GROUPED];
	enum exit_status status = ctl_call(
	    c, &(struct call_request){.method = "GET", .path = c->args.command->path}, &json);

	if (status != EXIT_OK || ctl_json(c, json))
		goto done;
	root = json_string_value(json_object_get(json, "root"));
	if (root == NULL || fingerprint_parse(hex, root) != 0) {
		ctl_complain(c, "the daemon's answer has no fingerprint");
		status = EXIT_FAILED;
		goto done;
	}
	fingerprint_group(grouped, hex);
	fprintf(c->out, "%s\n", grouped);
done:
	json_decref(json);
	return status;
}

enum exit_status ctl_completion(struct ctl *c)
{
	help_completion(c->out);
	return EXIT_OK;
}
