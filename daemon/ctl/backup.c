/* Fetch a backup of the running node into two new folders: the data, and apart from them the sealed keys with the list of
 * erasures (RXP-RET-017). Each file is read again from the disk before the manifest says that it is there. */
#include "daemon/ctl/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon/base/manifest.h"
#include "daemon/ctl/file.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define LOOK_NS 100000000L
#define PATH_TEXT 4096
#define NAME_TEXT 128
#define DATABASE "readmit.db"
#define LIST "attachments"

struct backup {
	struct ctl *c;
	const char *data, *keys; /* folders */
	FILE *manifest; /* of the data */
	uint64_t files, octets, gone;
};

static const char *text_of(const json_t *json, const char *member)
{
	const char *text = json_string_value(json_object_get(json, member));

	return text != NULL ? text : "";
}

static enum exit_status trouble(struct ctl *c, const char *path)
{
	ctl_complain(c, "%s: %s", path, strerror(errno));
	return EXIT_FAILED;
}

static bool join(char out[PATH_TEXT], const char *folder, const char *name)
{
	int n = snprintf(out, PATH_TEXT, "%s/%s", folder, name);

	return n > 0 && n < PATH_TEXT;
}

static enum exit_status make_folder(struct ctl *c, const char *folder, const char *name)
{
	char path[PATH_TEXT];

	errno = ENAMETOOLONG;
	return join(path, folder, name) && mkdir(path, 0700) == 0 ? EXIT_OK : trouble(c, path);
}

static enum exit_status sync_folder(struct ctl *c, const char *folder, const char *name)
{
	char path[PATH_TEXT];
	int fd = join(path, folder, name) ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	enum exit_status status = fd >= 0 && fsync(fd) == 0 ? EXIT_OK : trouble(c, path);

	if (fd >= 0)
		close(fd);
	return status;
}

/* --- until it is ready ----------------------------------------------------------------------------- */

static enum exit_status wait_ready(struct ctl *c, json_t **out)
{
	const struct timespec pause = {.tv_nsec = LOOK_NS};
	struct call_request request = {.method = "POST", .path = "/v1/backup"};
	enum exit_status status;

	for (;;) {
		status = ctl_call(c, &request, out);
		if (status != EXIT_OK || strcmp(text_of(*out, "state"), "ready") == 0)
			return status;
		json_decref(*out);
		*out = NULL;
		request.method = "GET";
		nanosleep(&pause, NULL);
	}
}

static void end(struct ctl *c)
{
	json_t *none = NULL;

	(void)ctl_call(
	    c, &(struct call_request){.method = "POST", .path = "/v1/backup/end"}, &none);
	json_decref(none);
}

/* --- files ----------------------------------------------------------------------------------------- */

/* From the node to the disk. EXIT_LATER: the node has it no more. */
static enum exit_status fetch(
    struct backup *b, const char *folder, const char *name, const char *as)
{
	char path[PATH_TEXT], call[CTL_PATH_TEXT];
	struct rxp_buf none;
	enum exit_status status;
	FILE *f;

	errno = ENAMETOOLONG;
	if (!join(path, folder, as))
		return trouble(b->c, as);
	f = file_new(b->c, path, FILE_PRIVATE);
	if (f == NULL)
		return EXIT_FAILED;
	snprintf(call, sizeof(call), "/v1/backup/file?name=%s", name);
	status = ctl_fetch(b->c,
	    &(struct call_request){.method = "GET", .path = call, .to = f, .optional = true},
	    &none);
	if (status == EXIT_OK) {
		rxp_buf_free(&none);
		if (fflush(f) != 0 || fsync(fileno(f)) != 0)
			status = trouble(b->c, path);
	} else if (b->c->answered == 404) {
		status = EXIT_LATER;
	}
	if (file_close(b->c, f, path, status == EXIT_OK) != EXIT_OK && status == EXIT_OK)
		status = EXIT_FAILED;
	return status;
}

/* As it stands on the disk now, into the manifest. digest: what it must be, or NULL. */
static enum exit_status note(struct backup *b, const char *name, const uint8_t *digest)
{
	struct manifest_file m = {.length = 0};
	char path[PATH_TEXT], line[MANIFEST_LINE];
	int rc;

	snprintf(m.name, sizeof(m.name), "%s", name);
	if (!join(path, b->data, name))
		return EXIT_FAILED;
	rc = manifest_measure(&m, path);
	if (rc == 0 && digest != NULL && memcmp(m.digest, digest, sizeof(m.digest)) != 0)
		rc = RXP_ERR_MISMATCH;
	if (rc != 0) {
		ctl_complain(b->c, "%s: did not get there whole: %s", path, rxp_err_text(rc));
		return EXIT_FAILED;
	}
	manifest_write(line, &m);
	b->files++;
	b->octets += m.length;
	return fputs(line, b->manifest) >= 0 ? EXIT_OK : trouble(b->c, b->data);
}

/* A line of the list: its path in the data directory, which its digest names, and its length. */
static enum exit_status take_attachment(struct backup *b, char *line)
{
	char *length = strchr(line, ' ');
	const char *base, *hex;
	uint8_t digest[RXP_DIGEST_OCTETS];
	enum exit_status status;

	if (length != NULL)
		*length = '\0';
	base = strrchr(line, '/');
	hex = base != NULL ? strrchr(base, '-') : NULL;
	if (length == NULL || base == NULL || strlen(line) >= NAME_TEXT ||
	    !manifest_name_valid(line) ||
	    rxp_hex_get(digest, sizeof(digest), hex != NULL ? hex + 1 : base + 1, false) != 0) {
		ctl_complain(b->c, "the daemon's list of attachments is none");
		return EXIT_FAILED;
	}
	status = fetch(b, b->data, base + 1, line);
	if (status == EXIT_LATER) { /* it was erased while the backup was made */
		b->gone++;
		return EXIT_OK;
	}
	return status != EXIT_OK ? status : note(b, line, digest);
}

static enum exit_status take_attachments(struct backup *b)
{
	char path[PATH_TEXT], line[NAME_TEXT + 32];
	enum exit_status status = fetch(b, b->data, LIST, "list");
	FILE *list;

	if (status != EXIT_OK || !join(path, b->data, "list"))
		return status == EXIT_LATER ? EXIT_FAILED : status;
	list = fopen(path, "re");
	if (list == NULL)
		return trouble(b->c, path);
	while (status == EXIT_OK && fgets(line, sizeof(line), list) != NULL)
		status = take_attachment(b, line);
	fclose(list);
	if (unlink(path) != 0 && status == EXIT_OK)
		status = trouble(b->c, path);
	return status;
}

static enum exit_status make_folders(struct backup *b)
{
	static const char *const folders[] = {
	    "", "attachments", "attachments/in", "attachments/out"};
	enum exit_status status = make_folder(b->c, b->keys, "");

	for (size_t i = 0; status == EXIT_OK && i < sizeof(folders) / sizeof(folders[0]); i++)
		status = make_folder(b->c, b->data, folders[i]);
	return status;
}

static enum exit_status take_all(struct backup *b, const json_t *json)
{
	char path[PATH_TEXT];
	enum exit_status status;

	if (!join(path, b->data, MANIFEST_NAME ".part"))
		return EXIT_FAILED;
	b->manifest = file_new(b->c, path, FILE_PRIVATE);
	if (b->manifest == NULL)
		return EXIT_FAILED;
	fprintf(b->manifest, "%sparty %s\nschema %d\nmade %s\n", MANIFEST_FIRST,
	    text_of(json, "own"), (int)json_integer_value(json_object_get(json, "schema")),
	    text_of(json, "made"));
	status = fetch(b, b->data, DATABASE, DATABASE);
	if (status == EXIT_OK)
		status = note(b, DATABASE, NULL);
	if (status == EXIT_OK)
		status = take_attachments(b);
	if (status == EXIT_OK)
		status = fetch(b, b->keys, "erasures", "erasures");
	if (status == EXIT_OK)
		status = fetch(b, b->keys, "keys", "keys");
	fprintf(b->manifest, "end %" PRIu64 "\n", b->files);
	if (status == EXIT_OK && (fflush(b->manifest) != 0 || fsync(fileno(b->manifest)) != 0))
		status = trouble(b->c, path);
	if (file_close(b->c, b->manifest, path, status == EXIT_OK) != EXIT_OK)
		status = EXIT_FAILED;
	return status == EXIT_LATER ? EXIT_FAILED : status;
}

/* The manifest has its name when all else is on the disk. */
static enum exit_status finish(struct backup *b)
{
	static const char *const folders[] = {
	    "attachments/in", "attachments/out", "attachments", ""};
	char from[PATH_TEXT], to[PATH_TEXT];
	enum exit_status status = sync_folder(b->c, b->keys, "");

	for (size_t i = 0; status == EXIT_OK && i < sizeof(folders) / sizeof(folders[0]); i++)
		status = sync_folder(b->c, b->data, folders[i]);
	if (status != EXIT_OK || !join(from, b->data, MANIFEST_NAME ".part") ||
	    !join(to, b->data, MANIFEST_NAME))
		return status;
	if (rename(from, to) != 0)
		return trouble(b->c, to);
	return sync_folder(b->c, b->data, "");
}

enum exit_status ctl_backup(struct ctl *c)
{
	struct backup b = {.c = c, .data = c->args.argument[0], .keys = c->args.options[OPT_KEYS]};
	enum exit_status status;
	json_t *json = NULL;

	if (b.keys == NULL) {
		ctl_complain(c,
		    "name a folder for the sealed keys, on another medium than the data: --keys");
		return EXIT_USAGE;
	}
	status = wait_ready(c, &json);
	if (status == EXIT_OK)
		status = make_folders(&b);
	if (status == EXIT_OK)
		status = take_all(&b, json);
	if (status == EXIT_OK)
		status = finish(&b);
	if (json != NULL)
		end(c);
	if (status == EXIT_OK)
		ctl_say(c,
		    "%s: %" PRIu64 " files, %" PRIu64
		    " octets, read again and whole; %s: the keys and the erasures until now",
		    b.data, b.files, b.octets, b.keys);
	json_decref(json);
	return status;
}
