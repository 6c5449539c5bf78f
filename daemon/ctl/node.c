/* The node itself: status, its descriptor, and the completion script. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/fingerprint.h"
#include "daemon/ctl/help.h"
#include "daemon/ctl/view.h"

#define DESCRIPTOR_MODE 0644 /* it is public */

enum exit_status ctl_status(struct ctl *c)
{
	static const struct view_column FACTS[] = {
	    {"party", "party"}, {"healthy", "healthy"}, {"not well", "health"}};
	static const struct view_column FIGURES[] = {
	    {"FIGURE", "metric"}, {"OF", "label"}, {"VALUE", "value"}};
	json_t *json = NULL;
	enum exit_status status = ctl_call(
	    c, &(struct call_request){.method = "GET", .path = c->args.command->path}, &json);

	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_facts(c->out, json, FACTS, sizeof(FACTS) / sizeof(FACTS[0]));
		if (json_array_size(json_object_get(json, "figures")) > 0) {
			fputc('\n', c->out);
			view_table(c->out, json_object_get(json, "figures"), FIGURES,
			    sizeof(FIGURES) / sizeof(FIGURES[0]));
		}
	}
	json_decref(json);
	return status;
}

/* Write a file that must be new, so that nothing is lost by a slip. */
static enum exit_status write_new(struct ctl *c, const char *path, const struct rxp_buf *octets)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, DESCRIPTOR_MODE);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool written;

	if (f == NULL) {
		ctl_complain(c, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return EXIT_FAILED;
	}
	written = fwrite(octets->data, 1, octets->len, f) == octets->len;
	if (fclose(f) != 0 || !written) {
		ctl_complain(c, "%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	ctl_say(c, "written to %s; the fingerprint: readmitctl descriptor fingerprint", path);
	return EXIT_OK;
}

enum exit_status ctl_descriptor_export(struct ctl *c)
{
	const char *path = c->args.options[OPT_OUT];
	struct rxp_buf octets;
	enum exit_status status = ctl_fetch(
	    c, &(struct call_request){.method = "GET", .path = c->args.command->path}, &octets);

	if (status != EXIT_OK)
		return status;
	if (path != NULL)
		status = write_new(c, path, &octets);
	else
		fwrite(octets.data, 1, octets.len, c->out);
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
