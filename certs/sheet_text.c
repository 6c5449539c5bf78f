#include "certs/sheet_text.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "certs/file.h"
#include "certs/report.h"
#include "certs/sheet_line.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define LINE_MAX_CHARACTERS 160
#define SPACE " \t\r\f"
#define TITLE "ESCROW SHEET " /* as sheet_print() begins */

/* Walks the lines of a text, each with single spaces only. */
struct walk {
	const uint8_t *at;
	size_t left;
	unsigned line; /* of the text, from 1 */
	char text[LINE_MAX_CHARACTERS + 1];
};

static void squeeze(char *text)
{
	char *to = text;
	const char *from = text + strspn(text, SPACE);

	while (*from != '\0') {
		size_t word = strcspn(from, SPACE);

		memmove(to, from, word);
		to += word;
		from += word;
		from += strspn(from, SPACE);
		if (*from != '\0')
			*to++ = ' ';
	}
	*to = '\0';
}

/* 1: a line; 0: the end. RXP_ERR_SYNTAX: none that a sheet has. */
static int next(struct walk *w, char why[SHEET_WHY])
{
	const uint8_t *end = w->left == 0 ? NULL : memchr(w->at, '\n', w->left);
	size_t len = end == NULL ? w->left : (size_t)(end - w->at);

	if (w->left == 0)
		return 0;
	w->line++;
	if (len > LINE_MAX_CHARACTERS || memchr(w->at, '\0', len) != NULL) {
		snprintf(why, SHEET_WHY, "line %u of the text is none of a sheet", w->line);
		return RXP_ERR_SYNTAX;
	}
	memcpy(w->text, w->at, len);
	w->text[len] = '\0';
	squeeze(w->text);
	len += end != NULL;
	w->at += len;
	w->left -= len;
	return 1;
}

static int take_lines(struct sheet *out, const struct rxp_buf *text, char why[SHEET_WHY])
{
	struct walk w = {.at = text->data, .left = text->len};
	struct sheet_reader reader = {.lines = 0};
	char problem[SHEET_WHY] = "";
	int rc;

	while ((rc = next(&w, why)) == 1) {
		if (!sheet_line_is_numbered(w.text))
			continue;
		rc = sheet_take(&reader, w.text, problem);
		if (rc != 0) {
			snprintf(why, SHEET_WHY, "line %zu: %.80s", reader.lines + 1, problem);
			break;
		}
	}
	if (rc == 0)
		rc = sheet_finish(out, &reader, why);
	OPENSSL_cleanse(&w, sizeof w);
	sheet_reader_wipe(&reader);
	return rc;
}

/* Is the line one of those of the page, which are single-spaced as the line is? */
static bool has_line(const struct rxp_buf *page, const char *line)
{
	struct walk w = {.at = page->data, .left = page->len};
	char why[SHEET_WHY];
	bool found = false;

	while (!found && next(&w, why) == 1)
		found = strcmp(w.text, line) == 0;
	OPENSSL_cleanse(&w, sizeof w);
	return found;
}

static int compare_words(const struct sheet *s, const struct rxp_buf *text, char why[SHEET_WHY])
{
	struct walk w = {.at = text->data, .left = text->len};
	struct rxp_buf page;
	int rc;

	rxp_buf_init(&page, FILE_MAX_OCTETS);
	rc = sheet_print(&page, s);
	while (rc == 0 && (rc = next(&w, why)) == 1) {
		rc = 0;
		if (w.text[0] != '\0' && !sheet_line_is_numbered(w.text) &&
		    !has_line(&page, w.text)) {
			snprintf(why, SHEET_WHY,
			    "line %u of the text is not what its share lines say", w.line);
			rc = RXP_ERR_SYNTAX;
		}
	}
	OPENSSL_cleanse(&w, sizeof w);
	rxp_buf_free(&page);
	return rc;
}

int sheet_text_read(struct sheet *out, const struct rxp_buf *text, char why[SHEET_WHY])
{
	struct sheet s = {.number = 0};
	int rc = take_lines(&s, text, why);

	if (rc == 0)
		rc = compare_words(&s, text, why);
	if (rc == 0)
		*out = s;
	sheet_wipe(&s);
	return rc;
}

bool sheet_text_is(const struct rxp_buf *text)
{
	return text->len >= strlen(TITLE) && memcmp(text->data, TITLE, strlen(TITLE)) == 0;
}

int sheet_text_show(const char *path, const struct rxp_buf *text)
{
	struct sheet s = {.number = 0};
	struct rxp_buf words;
	char why[SHEET_WHY] = "";
	int rc = sheet_text_read(&s, text, why);

	rxp_buf_init(&words, FILE_MAX_OCTETS);
	if (rc == RXP_ERR_SYNTAX) {
		(void)report_wrong(path, why);
	} else if (report_failure(path, rc) == 0) {
		rc = report_failure(path, sheet_words(&words, &s.head));
		if (rc == 0)
			printf("escrow sheet %u of %u, of which any %u give this key back\n%.*s"
			       "Each of its lines proves itself.\n",
			    s.number, s.head.sheets, s.head.needed, (int)words.len,
			    (const char *)words.data);
	}
	rxp_buf_free(&words);
	sheet_wipe(&s);
	return rc;
}
