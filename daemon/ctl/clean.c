/* Files before they are sent: is there anything in them that must not go, and a copy without it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "protocol/base/err.h"
#include "protocol/media/media.h"

#define FILE_OCTETS_MAX (64UL * 1024 * 1024) /* of one attachment, as the daemon takes it */
#define PIECE_OCTETS 65536

/* The kind of a file that begins so. NULL after a complaint. */
static const struct rxp_media_row *kind_of(struct ctl *c, const uint8_t *octets, size_t len)
{
	const struct rxp_media_row *row = rxp_media_of(octets, len);

	if (row == NULL)
		ctl_complain(c, "%s is of no kind that an attachment may be", c->args.argument[0]);
	return row;
}

static enum exit_status not_clean(
    struct ctl *c, const struct rxp_media_row *row, const struct rxp_media_finding *finding, int rc)
{
	if (rc == RXP_ERR_NOMEM) {
		ctl_complain(c, "out of memory");
		return EXIT_FAILED;
	}
	ctl_complain(c, "%s: %s at octet %" PRIu64 ": %s", c->args.argument[0],
	    rc == RXP_ERR_UNSUPPORTED ? "not clean" : "not whole, or not of its kind", finding->at,
	    finding->what);
	if (!row->cleans)
		ctl_complain(
		    c, "a %s cannot be cleaned: convert its pages to pictures", row->title);
	return EXIT_INVALID;
}

/* --- attachment check --------------------------------------------------------------------------------- */
static enum exit_status scan(struct ctl *c, FILE *f)
{
	static uint8_t octets[PIECE_OCTETS];
	size_t n = fread(octets, 1, sizeof(octets), f);
	const struct rxp_media_row *row = kind_of(c, octets, n);
	struct rxp_media *m = NULL;
	enum exit_status status = EXIT_OK;
	int rc;

	if (row == NULL)
		return EXIT_INVALID;
	rc = rxp_media_new(&m, row);
	for (; rc == 0 && n > 0; n = fread(octets, 1, sizeof(octets), f))
		rc = rxp_media_put(m, octets, n);
	if (rc == 0 && ferror(f)) {
		ctl_complain(c, "%s cannot be read", c->args.argument[0]);
		status = EXIT_FAILED;
	} else if (rc != 0 || (rc = rxp_media_end(m)) != 0) {
		static const struct rxp_media_finding NONE = {0, ""};

		status = not_clean(c, row, m != NULL ? rxp_media_finding(m) : &NONE, rc);
	} else {
		json_t *json =
		    json_pack("{s:s, s:s}", "file", c->args.argument[0], "media_type", row->type);

		if (!ctl_json(c, json))
			fprintf(c->out, "%s: %s, clean\n", c->args.argument[0], row->title);
		json_decref(json);
	}
	rxp_media_free(m);
	return status;
}

enum exit_status ctl_attachment_check(struct ctl *c)
{
	FILE *f = fopen(c->args.argument[0], "rbe");
	enum exit_status status;

	if (f == NULL) {
		ctl_complain(c, "%s: %s", c->args.argument[0], strerror(errno));
		return EXIT_FAILED;
	}
	status = scan(c, f);
	fclose(f);
	return status;
}

/* --- attachment clean --------------------------------------------------------------------------------- */
/* Gather what was taken out, to be told if all went well: kinds and sizes, never content. */
static void removed(void *arg, const struct rxp_media_finding *part, uint64_t octets)
{
	json_t *parts = arg;

	json_array_append_new(parts, json_pack("{s:s, s:I, s:I}", "part", part->what, "at",
					 (json_int_t)part->at, "octets", (json_int_t)octets));
}

static void tell(struct ctl *c, const char *out, json_t *parts)
{
	json_t *json = json_pack("{s:s, s:O}", "file", out, "removed", parts);
	const json_t *part;
	size_t i;

	if (!ctl_json(c, json)) {
		json_array_foreach(parts, i, part)
		{
			fprintf(c->out, "removed: %s, %" JSON_INTEGER_FORMAT " octets\n",
			    json_string_value(json_object_get(part, "part")),
			    json_integer_value(json_object_get(part, "octets")));
		}
		ctl_say(c, "written to %s; check it again before it is sent", out);
	}
	json_decref(json);
}

static enum exit_status clean(struct ctl *c, const char *out, struct rxp_buf *octets)
{
	const struct rxp_media_row *row = kind_of(c, octets->data, octets->len);
	struct rxp_media_finding finding = {0, "too many parts"};
	json_t *parts;
	enum exit_status status;
	int rc;

	if (row == NULL)
		return EXIT_INVALID;
	if (!row->cleans) {
		ctl_complain(
		    c, "a %s cannot be cleaned: convert its pages to pictures", row->title);
		return EXIT_INVALID;
	}
	parts = json_array();
	rc = rxp_media_clean(row, octets->data, &octets->len, &finding, removed, parts);
	status =
	    rc == 0 ? file_write(c, out, FILE_PRIVATE, octets) : not_clean(c, row, &finding, rc);
	if (status == EXIT_OK)
		tell(c, out, parts);
	json_decref(parts);
	return status;
}

enum exit_status ctl_attachment_clean(struct ctl *c)
{
	const char *out = c->args.options[OPT_OUT];
	struct rxp_buf octets;
	enum exit_status status;

	if (out == NULL) {
		ctl_complain(c, "--out is missing: the file to write");
		return EXIT_USAGE;
	}
	rxp_buf_init(&octets, FILE_OCTETS_MAX);
	status = file_read(c, c->args.argument[0], "an attachment", &octets);
	if (status == EXIT_OK)
		status = clean(c, out, &octets);
	rxp_buf_free(&octets);
	return status;
}
