#include "certs/gather.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "certs/file.h"
#include "certs/options.h"
#include "certs/report.h"
#include "certs/sheet_text.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define TYPED_MAX 160 /* characters of a line */

void gather_wipe(struct gathered *g)
{
	OPENSSL_cleanse(g, sizeof *g);
}

static void tell(const char *what, const char *why)
{
	fprintf(stderr, "readmit-pki: %s: %s\n", what, why);
}

/* --- from files ------------------------------------------------------------------------------------ */

static int read_file(struct sheet *out, const char *path)
{
	char why[SHEET_WHY] = "";
	struct rxp_buf text;
	int rc;

	rxp_buf_init(&text, FILE_MAX_OCTETS);
	rc = report_failure(path, file_read(&text, path));
	if (rc == 0) {
		rc = sheet_text_read(out, &text, why);
		if (rc == RXP_ERR_SYNTAX)
			tell(path, why);
		else
			report_failure(path, rc);
	}
	rxp_buf_free(&text);
	return rc;
}

static int add_file(struct sheet_set *set, const char *path)
{
	char why[SHEET_SET_WHY] = "";
	struct sheet s = {.number = 0};
	int rc = read_file(&s, path);

	if (rc == 0) {
		rc = sheet_set_add(set, &s, why);
		if (rc != 0)
			tell(path, why);
	}
	sheet_wipe(&s);
	return rc;
}

static int from_files(struct rxp_buf *key, struct gathered *g, const struct options *o)
{
	char why[SHEET_SET_WHY] = "";
	int rc = 0;

	for (size_t i = 0; i < o->count[OPTION_SHEET]; i++) {
		int one = add_file(&g->set, o->values[OPTION_SHEET][i]);

		if (rc == 0)
			rc = one; /* the others are read too, so that all is said at once */
	}
	if (rc != 0)
		return rc;
	rc = sheet_set_join(key, &g->wrong, &g->set, why);
	if (rc != 0)
		tell("the sheets", why);
	return rc;
}

/* --- typed ----------------------------------------------------------------------------------------- */

/* A line of standard input, past no buffer of the C library's. 1; 0: the end. RXP_ERR_IO, RXP_ERR_BOUND: too long. */
static int ask(char out[TYPED_MAX], const char *prompt)
{
	size_t n = 0;

	fputs(prompt, stdout);
	fflush(stdout);
	for (;;) {
		char c = '\0';
		ssize_t got = read(STDIN_FILENO, &c, 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return RXP_ERR_IO;
		if ((got == 0 && n == 0) || n + 1 == TYPED_MAX)
			return got == 0 ? 0 : RXP_ERR_BOUND;
		if (got == 0 || c == '\n' || c == '\0')
			break;
		out[n++] = c;
	}
	out[n] = '\0';
	return 1;
}

/* 0, or what ends all: RXP_ERR_NOT_FOUND at the end of the input. */
static int ask_line(struct sheet_reader *r, unsigned nth)
{
	char typed[TYPED_MAX] = "";
	char prompt[64], why[SHEET_WHY];
	int rc;

	snprintf(prompt, sizeof prompt, "sheet %u, line %zu%s: ", nth, r->lines + 1,
	    r->lines + 1 == r->want ? ", its last" : "");
	rc = ask(typed, prompt);
	if (rc <= 0)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	if (typed[strspn(typed, " \t\r")] != '\0' && sheet_take(r, typed, why) != 0)
		printf("  %s\n", why);
	OPENSSL_cleanse(typed, sizeof typed);
	return 0;
}

static int ask_sheet(struct sheet_set *set, unsigned nth)
{
	struct sheet_reader reader = {.lines = 0};
	struct sheet s = {.number = 0};
	char why[SHEET_SET_WHY] = "";
	int rc = 0;

	while (rc == 0 && (reader.want == 0 || reader.lines < reader.want))
		rc = ask_line(&reader, nth);
	if (rc == 0 && (sheet_finish(&s, &reader, why) != 0 || sheet_set_add(set, &s, why) != 0))
		printf("  %s\n", why);
	else if (rc == 0)
		printf("  sheet %u of %u is read; %u of them are needed\n", s.number, s.head.sheets,
		    s.head.needed);
	sheet_reader_wipe(&reader);
	sheet_wipe(&s);
	return rc;
}

static bool has_all(const struct sheet_set *set)
{
	return set->n > 0 && set->n == set->sheets[0].head.sheets;
}

static int from_typing(struct rxp_buf *key, struct gathered *g)
{
	char why[SHEET_SET_WHY] = "";
	int rc = 0;

	for (unsigned nth = 1; rc == 0; nth++) {
		rc = ask_sheet(&g->set, nth);
		if (rc == 0 && g->set.n >= g->set.sheets[0].head.needed && g->set.n > 0) {
			rc = sheet_set_join(key, &g->wrong, &g->set, why);
			if (rc != RXP_ERR_MISMATCH || has_all(&g->set))
				break;
			printf("  %s\n", why);
			rc = 0;
		}
	}
	if (rc == RXP_ERR_NOT_FOUND)
		snprintf(why, sizeof why, "the input ended before all were there");
	if (rc != 0)
		tell("the sheets", why[0] == '\0' ? rxp_err_text(rc) : why);
	return rc;
}

int gather_key(struct rxp_buf *key, struct gathered *g, const struct options *o)
{
	memset(g, 0, sizeof *g);
	return o->count[OPTION_SHEET] > 0 ? from_files(key, g, o) : from_typing(key, g);
}
