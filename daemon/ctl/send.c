/* A document goes out: its attachments first, then itself, under a key that makes a repetition safe. */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <jansson.h>

#include "daemon/ctl/await.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/progress.h"
#include "daemon/ctl/view.h"
#include "protocol/base/codec.h"
#include "protocol/base/limits.h"
#include "protocol/media/media.h"

#define KEY_OCTETS 16
#define PATH_MAX_OCTETS 8000 /* of a request that names RXP_MAX_ATTACHMENTS files */
#define HEADER_TEXT 96

/* One --attach with the --as and --checked-by behind it. */
struct file {
	const char *path, *type, *checker;
};

struct sending {
	struct file files[RXP_MAX_ATTACHMENTS];
	size_t n_files;
	char key[HEADER_TEXT]; /* the headers */
	char officer[HEADER_TEXT], second_officer[HEADER_TEXT];
	struct rxp_buf path, body;
};

/* --- what is to be sent ----------------------------------------------------------------------------- */
/* Take one of the repeated options. false: it does not belong where it stands. */
static bool take_option(struct sending *s, const struct args_repeated *o)
{
	struct file *last = s->n_files > 0 ? &s->files[s->n_files - 1] : NULL;

	if (o->option == OPT_ATTACH) {
		s->files[s->n_files++].path = o->value;
		return true;
	}
	if (last == NULL || (o->option == OPT_AS ? last->type : last->checker) != NULL)
		return false;
	if (o->option == OPT_AS)
		last->type = o->value;
	else
		last->checker = o->value;
	return true;
}

static bool read_files(struct ctl *c, struct sending *s)
{
	bool fits = true;

	for (size_t i = 0; i < c->args.n_repeated; i++)
		fits = take_option(s, &c->args.repeated[i]) && fits;
	for (size_t i = 0; i < s->n_files; i++)
		fits = fits && s->files[i].type != NULL && s->files[i].checker != NULL;
	if (!fits)
		ctl_complain(c, "each --attach FILE wants one --as TYPE and one --checked-by ROLE "
				"behind it");
	return fits;
}

static bool make_key(struct ctl *c, struct sending *s)
{
	uint8_t octets[KEY_OCTETS];
	char hex[2 * KEY_OCTETS + 1];
	const char *key = c->args.options[OPT_KEY];

	if (key == NULL) {
		if (getrandom(octets, sizeof(octets), 0) != (ssize_t)sizeof(octets)) {
			ctl_complain(c, "no random octets for a key: give one with --key");
			return false;
		}
		rxp_hex_put(hex, octets, sizeof(octets), false);
		key = hex;
	}
	snprintf(s->key, sizeof(s->key), "Idempotency-Key: %s", key);
	return true;
}

static void put_headers(
    const struct ctl *c, struct sending *s, const char *headers[CALL_HEADERS_MAX])
{
	const char *officer = c->args.options[OPT_OFFICER];
	const char *second = c->args.options[OPT_SECOND_OFFICER];
	size_t n = 0;

	headers[n++] = s->key;
	if (officer != NULL) {
		snprintf(s->officer, sizeof(s->officer), "Readmit-Officer: %s", officer);
		headers[n++] = s->officer;
	}
	if (second != NULL) {
		snprintf(s->second_officer, sizeof(s->second_officer), "Readmit-Second-Officer: %s",
		    second);
		headers[n++] = s->second_officer;
	}
	if (c->args.options[OPT_NAMES_CONFIRMED] != NULL)
		headers[n++] = "Readmit-Names-Confirmed: true";
}

/* --- attachments ------------------------------------------------------------------------------------ */
/* How the file begins says what it is; it stands at its start afterwards. */
static const struct rxp_media_row *media_of_file(FILE *f)
{
	uint8_t first[RXP_MEDIA_MAGIC_MAX];
	size_t n = fread(first, 1, sizeof(first), f);

	rewind(f);
	return rxp_media_of(first, n);
}

static enum exit_status give(
    struct ctl *c, struct sending *s, const struct file *file, FILE *f, size_t len)
{
	const struct rxp_media_row *media = media_of_file(f);
	const char *id;
	struct progress progress = progress_begin(c, file->path, len);
	char path[CTL_PATH_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	if (media == NULL) {
		ctl_complain(c, "%s is of no kind that an attachment may be", file->path);
		return EXIT_USAGE;
	}
	snprintf(path, sizeof(path), "/v1/attachments?type=%s&media_type=%s&checked_by=%s",
	    file->type, media->type, file->checker);
	status = ctl_call(c,
	    &(struct call_request){.method = "POST",
		.path = path,
		.media = "application/octet-stream",
		.from = f,
		.body_len = len,
		.progress = progress_step,
		.progress_arg = &progress},
	    &json);
	progress_end(&progress);
	if (status != EXIT_OK)
		ctl_complain(c, "this was about %s", file->path);
	id = json_string_value(json_object_get(json, "attachment"));
	if (status == EXIT_OK && (id == NULL || strlen(id) != RXP_ID_TEXT - 1)) {
		ctl_complain(c, "the daemon's answer has no id");
		status = EXIT_FAILED;
	}
	if (status == EXIT_OK) {
		rxp_buf_puts(&s->path, "&attachment=");
		rxp_buf_puts(&s->path, id);
	}
	json_decref(json);
	return status;
}

static enum exit_status give_file(struct ctl *c, struct sending *s, const struct file *file)
{
	FILE *f = fopen(file->path, "rbe");
	enum exit_status status = EXIT_FAILED;
	struct stat facts;

	if (f == NULL || fstat(fileno(f), &facts) != 0)
		ctl_complain(c, "%s: %s", file->path, strerror(errno));
	else if (!S_ISREG(facts.st_mode))
		ctl_complain(c, "%s is not a file", file->path);
	else
		status = give(c, s, file, f, (size_t)facts.st_size);
	if (f != NULL)
		fclose(f);
	return status;
}

/* --- the document ------------------------------------------------------------------------------------ */
static enum exit_status submit(struct ctl *c, struct sending *s, json_t **json)
{
	struct call_request request = {.method = "POST",
	    .media = "application/xml",
	    .body = s->body.data,
	    .body_len = s->body.len};
	enum exit_status status;

	rxp_buf_putc(&s->path, '\0');
	if (rxp_buf_error(&s->path) != 0) {
		ctl_complain(c, "out of memory");
		return EXIT_FAILED;
	}
	request.path = (const char *)s->path.data;
	put_headers(c, s, request.headers);
	status = ctl_call(c, &request, json);
	/* After a refusal the same call would be refused again. */
	if (status != EXIT_OK && (c->answered < 400 || c->answered > 499))
		ctl_complain(c, "to repeat this call safely: --key %s", strchr(s->key, ' ') + 1);
	return status;
}

/* Wait for the receipt, and put the message into the answer. */
static enum exit_status wait_for(struct ctl *c, json_t *answer)
{
	char id[RXP_ID_TEXT];
	json_t *message = NULL;
	enum exit_status status = await_id(c, answer, id);

	if (status == EXIT_OK)
		status = await_message(c, id, args_number(&c->args, OPT_WAIT, 0), &message);
	if (status == EXIT_OK)
		status = await_judge(c, message, id, c->args.options[OPT_TO], "the document");
	if (message != NULL)
		json_object_set_new(answer, "message", message);
	return status;
}

static void print_sent(struct ctl *c, const json_t *answer)
{
	static const struct view_column FACTS[] = {{"local id", "local_id"}, {"case", "case_id"}};
	static const struct view_column LATER[] = {
	    {"state", "state"}, {"received at", "received"}, {"flags", "flags"}};

	view_facts(c->out, answer, FACTS, sizeof(FACTS) / sizeof(FACTS[0]));
	view_facts(
	    c->out, json_object_get(answer, "message"), LATER, sizeof(LATER) / sizeof(LATER[0]));
}

static enum exit_status send_all(struct ctl *c, struct sending *s)
{
	json_t *answer = NULL;
	enum exit_status status = file_read(c, c->args.argument[0], "a document", &s->body);

	for (size_t i = 0; i < s->n_files && status == EXIT_OK; i++)
		status = give_file(c, s, &s->files[i]);
	if (status == EXIT_OK)
		status = submit(c, s, &answer);
	if (status != EXIT_OK)
		return status;
	if (c->args.options[OPT_WAIT] != NULL)
		status = wait_for(c, answer);
	if (!ctl_json(c, answer))
		print_sent(c, answer);
	json_decref(answer);
	return status;
}

enum exit_status ctl_message_send(struct ctl *c)
{
	struct sending s = {.n_files = 0};
	const char *to = c->args.options[OPT_TO], *of_case = c->args.options[OPT_CASE];
	enum exit_status status = EXIT_USAGE;

	rxp_buf_init(&s.path, PATH_MAX_OCTETS);
	rxp_buf_init(&s.body, RXP_MAX_DOCUMENT_OCTETS);
	if (to == NULL) {
		ctl_complain(c, "--to is missing: the party that is to receive it");
		goto done;
	}
	rxp_buf_puts(&s.path, "/v1/messages?peer=");
	rxp_buf_puts(&s.path, to);
	if (of_case != NULL) {
		rxp_buf_puts(&s.path, "&case=");
		rxp_buf_puts(&s.path, of_case);
	}
	if (c->args.options[OPT_PROFILE] != NULL) {
		rxp_buf_puts(&s.path, "&profile=");
		rxp_buf_puts(&s.path, c->args.options[OPT_PROFILE]);
	}
	if (read_files(c, &s) && make_key(c, &s))
		status = send_all(c, &s);
done:
	rxp_buf_free(&s.path);
	rxp_buf_free(&s.body);
	return status;
}

/* --- a second officer ------------------------------------------------------------------------------- */
enum exit_status ctl_message_countersign(struct ctl *c)
{
	const char *officer = c->args.options[OPT_OFFICER];
	char header[HEADER_TEXT];
	struct call_request request = {.method = "POST", .media = "application/xml"};
	struct rxp_buf body;
	json_t *json = NULL;
	enum exit_status status;

	if (officer == NULL) {
		ctl_complain(c, "--officer is missing: the pseudonym of whoever has read it");
		return EXIT_USAGE;
	}
	rxp_buf_init(&body, RXP_MAX_DOCUMENT_OCTETS);
	status = file_read(c, c->args.argument[0], "a document", &body);
	if (status == EXIT_OK) {
		snprintf(header, sizeof(header), "Readmit-Officer: %s", officer);
		request.path = c->args.command->path;
		request.body = body.data;
		request.body_len = body.len;
		request.headers[0] = header;
		if (c->args.options[OPT_NAMES_CONFIRMED] != NULL)
			request.headers[1] = "Readmit-Names-Confirmed: true";
		status = ctl_call(c, &request, &json);
	}
	if (status == EXIT_OK)
		ctl_say(c, "countersigned for seven days: another user may send it as it is");
	json_decref(json);
	rxp_buf_free(&body);
	return status;
}
