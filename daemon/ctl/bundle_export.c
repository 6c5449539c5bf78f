/* Write what a peer has not answered into a file for people to carry (RXP-BND). */
#include "daemon/ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/bundle_read.h"
#include "daemon/ctl/bundle_write.h"
#include "daemon/ctl/file.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define MESSAGES_MAX 256 /* of one bundle: 64 MiB of envelopes */
#define MESSAGES_OCTETS_MAX \
	(BUNDLE_OCTETS_MAX / 4 * \
	    3) /* of them with their attachments; the rest is for answers and the log */

struct message {
	json_t *json; /* the daemon's answer; owned */
	struct rxp_buf envelope;
};

struct export
{
	struct ctl *c;
	const char *peer;
	FILE *f;
	struct message messages[MESSAGES_MAX];
	size_t n, passed; /* over */
	size_t own; /* answers of the peer's */
	uint64_t octets; /* of all that is kept */
	bool more;
};

static const char *text_of(const json_t *json, const char *member)
{
	const char *text = json_string_value(json_object_get(json, member));

	return text != NULL ? text : "";
}

/* --- messages -------------------------------------------------------------------------------------- */

static enum exit_status ask(struct export *x, const char *after, json_t **json)
{
	char path[CTL_PATH_TEXT];

	snprintf(path, sizeof(path), "/v1/peers/%s/bundle/next%s%s", x->peer,
	    after[0] != '\0' ? "?after=" : "", after);
	return ctl_call(x->c, &(struct call_request){.method = "POST", .path = path}, json);
}

/* What it takes in the archive, headers and all. */
static uint64_t octets_of(const json_t *json)
{
	uint64_t octets = USTAR_BLOCK * 4UL + RXP_MAX_ENVELOPE_OCTETS + RXP_MAX_ANSWER_OCTETS;
	const json_t *file;
	size_t i;

	json_array_foreach(json_object_get(json, "attachments"), i, file) octets +=
	    (uint64_t)json_integer_value(json_object_get(file, "length")) + 2UL * USTAR_BLOCK;
	return octets;
}

static bool keep(struct export *x, json_t *json)
{
	struct message *m = &x->messages[x->n];
	const char *text = text_of(json, "envelope");

	rxp_buf_init(&m->envelope, RXP_MAX_ENVELOPE_OCTETS);
	m->json = json;
	x->octets += octets_of(json);
	x->n++;
	return rxp_base64_get(&m->envelope, text, strlen(text)) == 0;
}

static enum exit_status collect(struct export *x)
{
	char after[RXP_ID_TEXT] = "";
	enum exit_status status;
	json_t *json;

	while (x->n < MESSAGES_MAX) {
		json = NULL;
		status = ask(x, after, &json);
		if (status != EXIT_OK)
			return status;
		snprintf(after, sizeof(after), "%s", text_of(json, "local_id"));
		if (after[0] == '\0') {
			json_decref(json);
			return EXIT_OK;
		}
		if (json_is_null(json_object_get(json, "envelope"))) {
			x->passed++;
			json_decref(json);
		} else if (octets_of(json) > MESSAGES_OCTETS_MAX - x->octets) {
			json_decref(json);
			break; /* noted as sent, it stays queued, and is in the next one */
		} else if (!keep(x, json)) {
			ctl_complain(x->c, "the daemon's answer has no envelope");
			return EXIT_FAILED;
		}
	}
	x->more = true;
	return EXIT_OK;
}

/* --- what is written ------------------------------------------------------------------------------- */

static enum exit_status put_file(struct export *x, const char *digest, uint64_t length)
{
	char path[CTL_PATH_TEXT];
	struct rxp_buf none;
	enum exit_status status;

	long begun;

	if (!bundle_put_header(x->f, USTAR_ATTACHMENT, digest, length))
		return EXIT_FAILED;
	begun = ftell(x->f);
	snprintf(path, sizeof(path), "/v1/peers/%s/bundle/attachment?digest=%s", x->peer, digest);
	status = ctl_fetch(
	    x->c, &(struct call_request){.method = "GET", .path = path, .to = x->f}, &none);
	if (status != EXIT_OK)
		return status;
	rxp_buf_free(&none);
	if (begun < 0 || ftell(x->f) != begun + (long)length) {
		ctl_complain(x->c, "an attachment is not as long as the daemon says");
		return EXIT_FAILED;
	}
	return bundle_put_padding(x->f, length) ? EXIT_OK : EXIT_FAILED;
}

static enum exit_status put_files(struct export *x, const struct message *m)
{
	const json_t *file;
	enum exit_status status;
	uint8_t digest[32];
	size_t i;

	json_array_foreach(json_object_get(m->json, "attachments"), i, file)
	{
		json_int_t length = json_integer_value(json_object_get(file, "length"));

		if (rxp_hex_get(digest, sizeof(digest), text_of(file, "digest"), false) != 0 ||
		    length <= 0)
			return EXIT_FAILED;
		status = put_file(x, text_of(file, "digest"), (uint64_t)length);
		if (status != EXIT_OK)
			return status;
	}
	return EXIT_OK;
}

/* Those that the peer has lost, and the receipts of what is sent again: before all else that it may lead to. */
static enum exit_status put_answers(struct export *x)
{
	char after[RXP_ID_TEXT] = "";
	json_t *first = NULL;
	enum exit_status status = bundle_next_own(x->c, x->peer, after, &first);

	if (status == EXIT_OK)
		status = bundle_put_own(x->c, x->f, x->peer, first, &x->own);
	else
		json_decref(first);
	for (size_t i = 0; i < x->n && status == EXIT_OK; i++) {
		const json_t *json = x->messages[i].json;
		const char *answer = text_of(json, "answer");

		if (answer[0] != '\0')
			status = bundle_put_text(
			    x->c, x->f, USTAR_ANSWER, text_of(json, "message_id"), answer);
	}
	return status;
}

/* Attachments before the messages that need them. */
static enum exit_status write_all(struct export *x)
{
	enum exit_status status = bundle_begin(x->c, x->f);
	uint8_t id[RXP_ID_OCTETS];

	if (status == EXIT_OK)
		status = put_answers(x);
	if (status == EXIT_OK)
		status = bundle_put_logs(x->c, x->f, x->peer);

	for (size_t i = 0; i < x->n && status == EXIT_OK; i++)
		status = put_files(x, &x->messages[i]);
	for (size_t i = 0; i < x->n && status == EXIT_OK; i++) {
		const struct message *m = &x->messages[i];
		const char *text = text_of(m->json, "message_id");

		if (rxp_id_parse(id, text, 7) != 0 ||
		    !bundle_put(x->f, USTAR_MESSAGE, text, m->envelope.data, m->envelope.len))
			status = EXIT_FAILED;
	}
	return status == EXIT_OK && !bundle_end(x->f) ? EXIT_FAILED : status;
}

static void say(struct ctl *c, const struct export *x, const char *path)
{
	ctl_say(c, "%zu messages to %s in %s; they stay queued until their answers come", x->n,
	    x->peer, path);
	if (x->own > 0)
		ctl_say(c, "and %zu answers of its own that it may have lost", x->own);
	if (x->passed > 0)
		ctl_say(c, "%zu could not be given: readmitctl queue list", x->passed);
	if (x->more)
		ctl_say(c, "no more fit into one bundle: export another when this one is answered");
}

enum exit_status ctl_bundle_export(struct ctl *c)
{
	const char *path = c->args.options[OPT_OUT];
	struct export *x = calloc(1, sizeof(*x));
	enum exit_status status = EXIT_FAILED;

	if (x == NULL || path == NULL) {
		ctl_complain(c, x == NULL ? "out of memory" : "into which file? --out FILE");
		free(x);
		return x == NULL ? EXIT_FAILED : EXIT_USAGE;
	}
	*x = (struct export){.c = c, .peer = c->args.argument[0]};
	status = collect(x);
	if (status == EXIT_OK) {
		x->f = file_new(c, path, FILE_PRIVATE);
		status = x->f != NULL ? write_all(x) : EXIT_FAILED;
		if (x->f != NULL && file_close(c, x->f, path, status == EXIT_OK) != EXIT_OK &&
		    status == EXIT_OK)
			status = EXIT_FAILED;
	}
	if (status == EXIT_OK)
		say(c, x, path);
	for (size_t i = 0; i < x->n; i++) {
		json_decref(x->messages[i].json);
		rxp_buf_free(&x->messages[i].envelope);
	}
	free(x);
	return status;
}
