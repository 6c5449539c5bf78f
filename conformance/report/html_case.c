#include "conformance/report/html_case.h"

#include <string.h>

#include "conformance/report/cause.h"
#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"

#define ID_LENGTH 11 /* "RXP-ANS-003", and one more where an area has four letters */

/* --- clauses ----------------------------------------------------------------------------------- */

static void put_clause(struct rxp_buf *out, const char *id)
{
	const struct requirement *r = requirement_find(id);

	(void)rxp_buf_puts(out, "<blockquote>");
	page_markup(out, r == NULL ? "This program knows no requirement of that number." : r->text);
	(void)rxp_buf_puts(out, "</blockquote>\n");
}

void html_clause(struct rxp_buf *out, const char *requirement, const char *heading)
{
	const struct requirement *r = requirement_find(requirement);

	text_put(out, "<%s>Requirement %s <small>in section ", heading, requirement);
	text_escaped(out, r == NULL ? "?" : r->section);
	text_put(out, "</small></%s>\n", heading);
	put_clause(out, requirement);
}

/* --- one case ---------------------------------------------------------------------------------- */

static void put_row(struct rxp_buf *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	text_put(out, "<dt>%s</dt><dd>", name);
	text_escaped(out, value);
	(void)rxp_buf_puts(out, "</dd>");
}

static void put_again(struct rxp_buf *out, const struct report_file *f, const char *select)
{
	(void)rxp_buf_puts(out, "<dt>Try it again</dt><dd><code>");
	text_escaped(out, report_text(f, "command"));
	text_put(out, " --select %s</code></dd>", select);
}

static void put_octets(struct rxp_buf *out, const char *what, const char *base64)
{
	text_put(out, "<details><summary>%s</summary><pre tabindex=\"0\">", what);
	if (base64[0] == '\0')
		(void)rxp_buf_puts(out, "(no octet)");
	else
		page_octets(out, base64);
	(void)rxp_buf_puts(out, "</pre></details>");
}

/* Was the answer of the right kind, and something in it is wrong? Then what was wanted and what came are the same words. */
static bool is_inside(const struct report_file *f, size_t i)
{
	return strncmp(report_case_text(f, i, "why"), "wanted ", strlen("wanted ")) != 0;
}

/* Did the product take or do what it must not? Of a Refusal or status that came in place of another it did not. */
static bool is_taken(const struct report_file *f, size_t i)
{
	const struct case_facts facts = {.id = report_case_text(f, i, "id")};
	const char *seen = report_case_text(f, i, "seen");

	return report_case_verdict(f, i) == VERDICT_FAIL && facts_negative(&facts) &&
	       strncmp(seen, "the Refusal ", strlen("the Refusal ")) != 0 &&
	       strncmp(seen, "the status 4", strlen("the status 4")) != 0;
}

static const char *cause_of(const struct report_file *f, size_t i)
{
	static const char inside[] =
	    "what is written into the answer does not come from the message that it answers, or from the time "
	    "and log of the answer";
	const char *seen = cause_seen(report_case_text(f, i, "seen"));

	if (seen != NULL)
		return seen;
	return is_inside(f, i) &&
		       strncmp(report_case_text(f, i, "why"), "RXP-ANS-", strlen("RXP-ANS-")) == 0
		   ? inside
		   : cause_find(report_case_text(f, i, "stage"), is_taken(f, i));
}

/* What it comes to, for who does not know the words. */
static const char *so_what(const struct report_file *f, size_t i)
{
	const struct case_facts facts = {.id = report_case_text(f, i, "id")};

	if (!facts_negative(&facts))
		return "the product did not take or do what it must";
	return strcmp(report_case_text(f, i, "seen"), "a Receipt") == 0
		   ? "the product took what it must refuse"
		   : "the product did not take it, but did not say so in the way that it must";
}

static void put_seen(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	const char *why = report_case_text(f, i, "why"), *seen = report_case_text(f, i, "seen");
	const char *colon = strstr(why, ": ");

	put_row(out, "Came", seen);
	put_row(out, is_inside(f, i) ? "But" : "So", is_inside(f, i) ? why : so_what(f, i));
	if (strncmp(why, "RXP-", strlen("RXP-")) == 0 && colon != NULL &&
	    (size_t)(colon - why) <= ID_LENGTH + 1) {
		char id[ID_LENGTH + 2];

		memcpy(id, why, (size_t)(colon - why));
		id[colon - why] = '\0';
		if (strcmp(id, report_case_text(f, i, "requirement")) != 0) {
			text_put(out, "<dt>%s says</dt><dd>", id);
			put_clause(out, id);
			(void)rxp_buf_puts(out, "</dd>");
		}
	}
}

void html_case(struct rxp_buf *out, const struct report_file *f, size_t i, bool open)
{
	const char *id = report_case_text(f, i, "id"), *cause = cause_of(f, i);
	enum verdict v = report_case_verdict(f, i);

	text_put(out,
	    "<details class=\"case\" id=\"%s\"%s><summary><span class=\"mark %s\">%s %s</span> ",
	    id, open ? " open" : "", verdict_word(v), page_mark(v), verdict_word(v));
	text_escaped(out, report_case_text(f, i, "name"));
	text_put(out, " <code>%s</code></summary><dl>", id);
	put_row(out, "Begun with", report_case_text(f, i, "base"));
	put_row(out, "Special in it", report_case_text(f, i, "name"));
	put_row(out, "Must come", report_case_text(f, i, "expected"));
	put_seen(out, f, i);
	if (cause != NULL)
		put_row(out, "Likely cause", cause);
	put_again(out, f, id);
	(void)rxp_buf_puts(out, "</dl>");
	put_octets(out, "What was sent, as it was on the line", report_case_text(f, i, "sent"));
	if (report_case_text(f, i, "inside")[0] != '\0')
		put_octets(out, "The document that was encrypted in it (of an invented person)",
		    report_case_text(f, i, "inside"));
	put_octets(out, "What came back", report_case_text(f, i, "received"));
	(void)rxp_buf_puts(out, "</details>\n");
}
