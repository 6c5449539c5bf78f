/*
 * Bring in what people carried in a file (RXP-BND-003 to 005): the archive is read here, block by block, and each object in it
 * goes to the daemon alone, whole or not at all. What cannot be read is passed over, to the next block
 * that is a header, and named.
 */
#include "daemon/ctl/ctl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/ustar.h"
#include "daemon/ctl/bundle_read.h"
#include "daemon/ctl/bundle_write.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/view.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define HTTP_OK 200
#define HTTP_CREATED 201
#define HTTP_ACCEPTED 202
#define HTTP_NOTHING 204
#define HTTP_CONFLICT 409
#define HTTP_UNPROCESSABLE 422
#define HTTP_SERVER_FAILS 500
#define ROWS_MAX 4096 /* objects that are named, whatever the archive holds */
#define WHERE_TEXT 64

struct import {
	struct ctl *c;
	struct bundle_file file;
	const char *out_path; /* of the bundle of answers, or NULL */
	FILE *out; /* NULL before the first answer */
	char party[USTAR_ID_TEXT]; /* whose bundle it is; "" before its descriptor */
	json_t *rows;
	bool spoilt; /* something was not whole, or not taken for good */
	bool later; /* something is to be brought again */
	bool lost; /* the last block was no header, and that was named */
	size_t not_named; /* objects beyond ROWS_MAX */
	size_t answers;
	uint8_t octets[RXP_SEGMENT_OCTETS];
};

static void note(struct import *x, const char *name, const char *what)
{
	if (json_array_size(x->rows) == ROWS_MAX) {
		x->not_named++;
		return;
	}
	(void)json_array_append_new(x->rows, json_pack("{s:s, s:s}", "name", name, "result", what));
}

static void spoilt(struct import *x, const char *name, const char *what)
{
	x->spoilt = true;
	note(x, name, what);
}

/* What a status means that the same object would get on a line. */
static void judge(struct import *x, const char *name, enum ustar_kind kind, long status)
{
	if (status == HTTP_OK || status == HTTP_NOTHING || status == HTTP_CREATED) {
		note(x, name, "taken");
	} else if (kind == USTAR_ANSWER && status == HTTP_CONFLICT) {
		x->later = true;
		note(x, name,
		    "not taken: of this State, under a seal that it has revoked, and nothing else shows that it was lost");
	} else if (status >= HTTP_SERVER_FAILS) {
		x->later = true;
		note(x, name, "not taken now: import it again");
	} else {
		spoilt(x, name, "not taken");
	}
}

/* --- answers --------------------------------------------------------------------------------------- */

static enum exit_status begin_out(struct import *x)
{
	if (x->out != NULL)
		return EXIT_OK;
	x->out = file_new(x->c, x->out_path, FILE_PRIVATE);
	return x->out != NULL ? bundle_begin(x->c, x->out) : EXIT_FAILED;
}

static enum exit_status keep_answer(struct import *x, const char *id, const char *text)
{
	enum exit_status status;

	x->answers++;
	if (x->out_path == NULL)
		return EXIT_OK;
	status = begin_out(x);
	return status == EXIT_OK ? bundle_put_text(x->c, x->out, USTAR_ANSWER, id, text) : status;
}

/* What goes back besides: answers of its own that the party has lost, and pages of the log. */
static enum exit_status put_rest(struct import *x)
{
	char after[RXP_ID_TEXT] = "";
	json_t *first = NULL;
	enum exit_status status;

	if (x->out_path == NULL || x->party[0] == '\0')
		return EXIT_OK;
	status = bundle_next_own(x->c, x->party, after, &first);
	if (status == EXIT_OK && after[0] != '\0')
		status = begin_out(x);
	if (status == EXIT_OK && after[0] != '\0')
		status = bundle_put_own(x->c, x->out, x->party, first, &x->answers);
	else
		json_decref(first);
	return status == EXIT_OK && x->out != NULL ? bundle_put_logs(x->c, x->out, x->party)
						   : status;
}

/* --- objects --------------------------------------------------------------------------------------- */

static enum exit_status bring(struct import *x, const struct ustar_entry *e)
{
	char path[CTL_PATH_TEXT];
	json_t *json = NULL;
	const char *answer;
	enum exit_status status;

	snprintf(path, sizeof(path), "/v1/peers/%s/bundle/object?kind=%s", x->party,
	    ustar_word(e->kind));
	status = ctl_call(x->c,
	    &(struct call_request){.method = "POST",
		.path = path,
		.media = "application/rxp+xml",
		.body = x->octets,
		.body_len = (size_t)e->size},
	    &json);
	if (status != EXIT_OK)
		return status;
	answer = json_string_value(json_object_get(json, "answer"));
	if (answer != NULL) {
		note(x, e->name, "answered");
		status = keep_answer(x, e->id, answer);
	} else {
		judge(
		    x, e->name, e->kind, (long)json_integer_value(json_object_get(json, "status")));
	}
	json_decref(json);
	return status;
}

/* --- attachments ----------------------------------------------------------------------------------- */

/* Send the octets from `at` on; held: how many the daemon has then. */
static enum exit_status send_part(struct import *x, const struct ustar_entry *e, uint64_t at,
    const uint8_t *octets, size_t len, long *http, uint64_t *held)
{
	char path[CTL_PATH_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	snprintf(path, sizeof(path), "/v1/peers/%s/bundle/part?digest=%s&offset=%llu&total=%llu",
	    x->party, e->id, (unsigned long long)at, (unsigned long long)e->size);
	status = ctl_call(x->c,
	    &(struct call_request){.method = "POST",
		.path = path,
		.media = "application/octet-stream",
		.body = octets,
		.body_len = len},
	    &json);
	if (status != EXIT_OK)
		return status;
	*http = (long)json_integer_value(json_object_get(json, "status"));
	*held = (uint64_t)json_integer_value(json_object_get(json, "held"));
	json_decref(json);
	return EXIT_OK;
}

/* A piece that was read: what of it the daemon does not hold. */
static enum exit_status bring_piece(struct import *x, const struct ustar_entry *e, uint64_t at,
    size_t len, long *http, uint64_t *held)
{
	enum exit_status status = EXIT_OK;
	size_t skip;

	for (unsigned tries = 0; tries < 2 && *held < at + len && status == EXIT_OK; tries++) {
		skip = *held > at ? (size_t)(*held - at) : 0;
		status = send_part(x, e, at + skip, x->octets + skip, len - skip, http, held);
		if (*http != HTTP_CONFLICT)
			break;
	}
	return status;
}

/* What is there of it is brought, so that another copy of the bundle goes on from there. */
static enum exit_status bring_file(struct import *x, const struct ustar_entry *e, bool *whole)
{
	uint64_t at = 0, held = 0;
	long http = HTTP_ACCEPTED;
	enum exit_status status = EXIT_OK;

	while (at < e->size && status == EXIT_OK) {
		size_t want =
		    e->size - at < sizeof(x->octets) ? (size_t)(e->size - at) : sizeof(x->octets);
		size_t n = bundle_get(&x->file, x->octets, want);

		if (n > 0 && (http == HTTP_ACCEPTED || http == HTTP_CONFLICT))
			status = bring_piece(x, e, at, n, &http, &held);
		at += n;
		*whole = n == want;
		if (!*whole)
			return status;
	}
	if (status != EXIT_OK)
		return status;
	if (http == HTTP_CONFLICT && held == e->size)
		http = HTTP_OK;
	if (http == HTTP_UNPROCESSABLE)
		spoilt(x, e->name, "not what its name says");
	else
		judge(x, e->name, e->kind, http);
	return EXIT_OK;
}

/* --- the archive ----------------------------------------------------------------------------------- */

static enum exit_status take(struct import *x, const struct ustar_entry *e, bool *whole)
{
	enum exit_status status = EXIT_OK;
	uint8_t rest[USTAR_BLOCK];
	size_t padding = ustar_padding(e->size);

	if (e->kind == USTAR_DESCRIPTOR && x->party[0] == '\0')
		snprintf(x->party, sizeof(x->party), "%s", e->id);
	if (e->kind == USTAR_ATTACHMENT) {
		status = bring_file(x, e, whole);
	} else {
		*whole = bundle_get(&x->file, x->octets, (size_t)e->size) == e->size;
		if (*whole)
			status = bring(x, e);
	}
	if (!*whole)
		spoilt(x, e->name, "cut off");
	else if (bundle_get(&x->file, rest, padding) != padding)
		*whole = false; /* the end of the file is told by the next read */
	return status;
}

/* What begins at that octet is no header: it is passed over, and named once. */
static void pass_over(struct import *x, uint64_t at)
{
	char where[WHERE_TEXT];

	if (!x->lost) {
		snprintf(where, sizeof(where), "from octet %llu on", (unsigned long long)at);
		spoilt(x, where, "no object of a bundle");
	}
	x->lost = true;
}

/* A header, or what stands in the place of one. */
static enum exit_status take_block(
    struct import *x, const struct ustar_entry *e, int rc, bool *whole)
{
	if (rc != 0) {
		pass_over(x, x->file.at - USTAR_BLOCK);
		return EXIT_OK;
	}
	x->lost = false;
	if (e->kind != USTAR_DESCRIPTOR && x->party[0] == '\0') {
		ctl_complain(x->c, "the bundle does not begin with a descriptor: whose is it?");
		return EXIT_INVALID;
	}
	return take(x, e, whole);
}

/* Two blocks of zeros are an end, and one is a header that is gone. Behind an end there may be another bundle. */
static enum exit_status read_all(struct import *x)
{
	uint8_t block[USTAR_BLOCK];
	enum exit_status status = EXIT_OK;
	struct ustar_entry e;
	bool whole = true;
	size_t zeros = 0, n = 0;
	int rc;

	while (status == EXIT_OK && whole &&
	       (n = bundle_get(&x->file, block, sizeof(block))) == sizeof(block)) {
		rc = ustar_parse(&e, block);
		if (rc == RXP_ERR_NOT_FOUND) {
			zeros++;
			continue;
		}
		if (zeros == 1)
			pass_over(x, x->file.at - 2 * sizeof(block));
		zeros = 0;
		status = take_block(x, &e, rc, &whole);
	}
	if (status == EXIT_OK && whole && zeros > 1 && n > 0)
		pass_over(x, x->file.at - n);
	else if (status == EXIT_OK && (!whole || zeros < 2))
		spoilt(x, "the end", "cut off");
	return status;
}

/* status: what ended the reading, EXIT_OK for the file's own end. */
static enum exit_status outcome(struct import *x, enum exit_status status)
{
	static const struct view_column COLUMNS[] = {{"OBJECT", "name"}, {"RESULT", "result"}};

	if (!ctl_json(x->c, x->rows))
		view_table(x->c->out, x->rows, COLUMNS, sizeof(COLUMNS) / sizeof(COLUMNS[0]));
	if (x->not_named > 0)
		ctl_say(x->c, "and %zu more, which are not named", x->not_named);
	if (status != EXIT_OK)
		return status;
	if (x->answers > 0 && x->out_path != NULL)
		ctl_say(x->c, "%zu answers to %s in %s: carry it back", x->answers, x->party,
		    x->out_path);
	else if (x->answers > 0)
		ctl_say(x->c,
		    "there are %zu answers to carry back: import it again with --out FILE",
		    x->answers);
	if (x->spoilt)
		ctl_complain(x->c, "the bundle is not whole; what is, was taken");
	return x->spoilt ? EXIT_INVALID : x->later ? EXIT_LATER : EXIT_OK;
}

enum exit_status ctl_bundle_import(struct ctl *c)
{
	struct import *x = calloc(1, sizeof(*x));
	enum exit_status status = EXIT_FAILED;
	bool looked;

	if (x == NULL)
		return EXIT_FAILED;
	x->c = c;
	x->out_path = c->args.options[OPT_OUT];
	x->rows = json_array();
	status = bundle_open(&x->file, c, c->args.argument[0]);
	if (status == EXIT_OK)
		status = bundle_look(&x->file, c);
	looked = status == EXIT_OK;
	if (looked)
		status = read_all(x);
	if (looked && status == EXIT_OK)
		status = put_rest(x);
	if (x->out != NULL && (!bundle_end(x->out) ||
				  file_close(c, x->out, x->out_path, status == EXIT_OK) != EXIT_OK))
		status = status == EXIT_OK ? EXIT_FAILED : status;
	if (looked)
		status = outcome(x, status);
	bundle_close(&x->file);
	json_decref(x->rows);
	free(x);
	return status;
}
