/*
 * ctl_rig - whole runs of readmitctl against canned answers of a daemon. Everything is static, so that
 * a program that is not linked with readmitctl never sees it, and inline, as no test uses it all.
 */
#ifndef CTL_RIG_H
#define CTL_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/ctl/ctl.h"

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define CALLS_MAX 8
#define TEXT_MAX 16384
#define WORDS_MAX 40

struct canned {
	enum call_result result;
	long status;
	const char *body;
};

struct daemon {
	struct canned answers[CALLS_MAX]; /* the last is given again when all are used */
	size_t n_answers, n_calls;
	char method[CALLS_MAX][8], path[CALLS_MAX][CTL_PATH_TEXT];
	char body[64], media[64], header[CALLS_MAX][128];
	char more_headers[256]; /* of the last call, behind its first: each with its line's end */
	size_t body_len;
	const char *not_shown, *corrected, *asked; /* headers of each answer; NULL: none */
	unsigned steps; /* of progress that a call tells */
	bool librxp; /* the library runs already */
	char out[TEXT_MAX], err[TEXT_MAX]; /* of the run */
};

static inline enum call_result play(
    void *arg, const char *path_of_socket, const struct call_request *r, struct call_answer *a)
{
	struct daemon *d = arg;
	size_t i = d->n_calls < d->n_answers ? d->n_calls : d->n_answers - 1;

	assert_string_equal(path_of_socket, "x.sock");
	assert_true(d->n_calls < CALLS_MAX);
	snprintf(d->method[d->n_calls], sizeof(d->method[0]), "%s", r->method);
	snprintf(d->path[d->n_calls], sizeof(d->path[0]), "%s", r->path);
	snprintf(d->body, sizeof(d->body), "%.*s", r->body != NULL ? (int)r->body_len : 0,
	    r->body != NULL ? (const char *)r->body : "");
	d->body_len = r->body_len;
	if (r->from != NULL)
		d->body[fread(d->body, 1, sizeof(d->body) - 1, r->from)] = '\0';
	snprintf(d->header[d->n_calls], sizeof(d->header[0]), "%s",
	    r->headers[0] != NULL ? r->headers[0] : "");
	d->more_headers[0] = '\0';
	for (size_t k = 1; k < CALL_HEADERS_MAX && r->headers[k] != NULL; k++)
		snprintf(d->more_headers + strlen(d->more_headers),
		    sizeof(d->more_headers) - strlen(d->more_headers), "%s\n", r->headers[k]);
	for (unsigned k = 0; k < d->steps && r->progress != NULL; k++)
		r->progress(r->progress_arg, k);
	snprintf(d->media, sizeof(d->media), "%s", r->media != NULL ? r->media : "");
	d->n_calls++;
	if (d->answers[i].result == CALL_DONE) {
		a->status = d->answers[i].status;
		snprintf(a->not_shown, sizeof(a->not_shown), "%s",
		    d->not_shown != NULL ? d->not_shown : "");
		snprintf(a->asked, sizeof(a->asked), "%s", d->asked != NULL ? d->asked : "");
		snprintf(a->corrected, sizeof(a->corrected), "%s",
		    d->corrected != NULL ? d->corrected : "");
		if (r->to != NULL && a->status == 200)
			fputs(d->answers[i].body, r->to);
		else
			assert_int_equal(rxp_buf_puts(&a->body, d->answers[i].body), 0);
	}
	return d->answers[i].result;
}

static inline void slurp(FILE *f, char text[TEXT_MAX])
{
	size_t n;

	rewind(f);
	n = fread(text, 1, TEXT_MAX - 1, f);
	text[n] = '\0';
	fclose(f);
}

/* Words separated by '|'; input: what a person types, NULL for nobody there. */
static inline enum exit_status run_typed(struct daemon *d, const char *line, const char *input)
{
	char copy[2048];
	const char *argv[WORDS_MAX] = {"readmitctl", "--socket", "x.sock"};
	struct ctl c = {.in = tmpfile(),
	    .out = tmpfile(),
	    .err = tmpfile(),
	    .asks = input != NULL,
	    .librxp = d->librxp,
	    .call = play,
	    .call_arg = d};
	enum exit_status status;
	int argc = 3;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *at = copy, *end; at != NULL; at = end) {
		end = strchr(at, '|');
		if (end != NULL)
			*end++ = '\0';
		argv[argc++] = at;
	}
	fputs(input != NULL ? input : "", c.in);
	rewind(c.in);
	d->n_calls = 0;
	status = ctl_run(&c, argc, argv);
	slurp(c.out, d->out);
	slurp(c.err, d->err);
	fclose(c.in);
	return status;
}

static inline enum exit_status run(struct daemon *d, const char *line)
{
	return run_typed(d, line, NULL);
}

static inline void answers(struct daemon *d, long status, const char *body)
{
	*d = (struct daemon){.answers = {{CALL_DONE, status, body}}, .n_answers = 1};
}

#endif
