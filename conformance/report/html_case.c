#include "conformance/report/html_case.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conformance/report/cause.h"
#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"
#include "protocol/message/answer.h"

#define OPEN_CASES 3 /* of a requirement; the others are folded */

/* --- one case -------------------------------------------------------------------------------- */

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
	(void)rxp_buf_puts(out, "<dt>Try again</dt><dd><code>");
	text_escaped(out, report_text(f, "command"));
	text_put(out, " --select %s</code></dd>", select);
}

static void put_octets(struct rxp_buf *out, const char *what, const char *base64)
{
	if (base64[0] == '\0')
		return;
	text_put(out, "<details><summary>%s</summary><pre>", what);
	page_octets(out, base64);
	(void)rxp_buf_puts(out, "</pre></details>");
}

static const char *cause_of(const struct report_file *f, size_t i)
{
	const struct case_facts facts = {.id = report_case_text(f, i, "id")};

	return cause_find(report_case_text(f, i, "stage"),
	    report_case_verdict(f, i) == VERDICT_FAIL && facts_negative(&facts));
}

/* What it comes to, for who does not know the words; what was found besides stands in its own words. */
static const char *so_what(const struct report_file *f, size_t i)
{
	static const char plain[] = "wanted ";
	const struct case_facts facts = {.id = report_case_text(f, i, "id")};
	const char *why = report_case_text(f, i, "why"), *seen = report_case_text(f, i, "seen");

	if (strncmp(why, plain, sizeof plain - 1) != 0)
		return why;
	if (!facts_negative(&facts))
		return "the product did not take what it must take";
	return strcmp(seen, "a Receipt") == 0
		   ? "the product took what it must refuse"
		   : "the product did not take it, but did not say so in the way that it must";
}

static void put_case(struct rxp_buf *out, const struct report_file *f, size_t i, bool open)
{
	const char *id = report_case_text(f, i, "id");
	const char *word = verdict_word(report_case_verdict(f, i));
	const char *cause = cause_of(f, i);

	text_put(out, "<details class=\"case %s\" id=\"%s\"%s><summary><span>%s</span> ", word, id,
	    open ? " open" : "", word);
	text_escaped(out, report_case_text(f, i, "name"));
	text_put(out, " <code>%s</code></summary><dl>", id);
	(void)rxp_buf_puts(out, "<dt>Sent</dt><dd>");
	text_escaped(out, report_case_text(f, i, "base"));
	(void)rxp_buf_puts(out, "; and in it: ");
	text_escaped(out, report_case_text(f, i, "name"));
	(void)rxp_buf_puts(out, "</dd>");
	put_row(out, "Must get", report_case_text(f, i, "expected"));
	put_row(out, "Got", report_case_text(f, i, "seen"));
	put_row(out, "So", so_what(f, i));
	if (cause != NULL)
		put_row(out, "Often because", cause);
	put_again(out, f, id);
	(void)rxp_buf_puts(out, "</dl>");
	put_octets(out, "What was sent, as it was on the line", report_case_text(f, i, "sent"));
	put_octets(out, "The document that was encrypted in it (of an invented person)",
	    report_case_text(f, i, "inside"));
	put_octets(out, "What came back", report_case_text(f, i, "received"));
	(void)rxp_buf_puts(out, "</details>\n");
}

/* --- groups ---------------------------------------------------------------------------------- */

/* Is it the first case of that verdict with this text in that member? */
static bool is_first(const struct report_file *f, size_t i, enum verdict v, const char *member)
{
	if (report_case_verdict(f, i) != v)
		return false;
	for (size_t k = 0; k < i; k++)
		if (report_case_verdict(f, k) == v &&
		    strcmp(report_case_text(f, k, member), report_case_text(f, i, member)) == 0)
			return false;
	return true;
}

static bool is_of(
    const struct report_file *f, size_t i, enum verdict v, const char *member, const char *text)
{
	return report_case_verdict(f, i) == v && strcmp(report_case_text(f, i, member), text) == 0;
}

static size_t count_of(
    const struct report_file *f, enum verdict v, const char *member, const char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < report_file_cases(f); i++)
		n += is_of(f, i, v, member, text) ? 1 : 0;
	return n;
}

static void put_requirement(struct rxp_buf *out, const char *id, size_t n)
{
	const struct requirement *r = requirement_find(id);

	text_put(out, "<h3 id=\"%s\">%s <small>", id, id);
	text_escaped(out, r == NULL ? "" : r->section);
	text_put(out, ", %zu case%s</small></h3>\n<blockquote>", n, n == 1 ? "" : "s");
	text_escaped(out, r == NULL ? "" : r->text);
	(void)rxp_buf_puts(out, "</blockquote>\n");
}

/* Which, in one look. */
static void put_list(struct rxp_buf *out, const struct report_file *f, enum verdict v)
{
	(void)rxp_buf_puts(out, "<ul class=\"key\">");
	for (size_t i = 0; i < report_file_cases(f); i++) {
		const char *id = report_case_text(f, i, "requirement");
		const struct requirement *r = requirement_find(id);

		if (!is_first(f, i, v, "requirement"))
			continue;
		text_put(out, "<li><a href=\"#%s\">%s</a> <small>", id, id);
		text_escaped(out, r == NULL ? "" : r->section);
		text_put(out, "</small> %zu</li>", count_of(f, v, "requirement", id));
	}
	(void)rxp_buf_puts(out, "</ul>\n");
}

void html_by_requirement(struct rxp_buf *out, const struct report_file *f, enum verdict v)
{
	put_list(out, f, v);
	for (size_t i = 0; i < report_file_cases(f); i++) {
		const char *id = report_case_text(f, i, "requirement");
		size_t n = 0;

		if (!is_first(f, i, v, "requirement"))
			continue;
		(void)rxp_buf_puts(out, "<article>");
		put_requirement(out, id, count_of(f, v, "requirement", id));
		for (size_t k = i; k < report_file_cases(f); k++)
			if (is_of(f, k, v, "requirement", id))
				put_case(out, f, k, n++ < OPEN_CASES);
		(void)rxp_buf_puts(out, "</article>\n");
	}
}

void html_by_reason(struct rxp_buf *out, const struct report_file *f, enum verdict v)
{
	for (size_t i = 0; i < report_file_cases(f); i++) {
		const char *why = report_case_text(f, i, "why");
		size_t n;

		if (!is_first(f, i, v, "why"))
			continue;
		n = count_of(f, v, "why", why);
		text_put(out, "<article class=\"%s\"><p>", verdict_word(v));
		text_escaped(out, why);
		text_put(
		    out, "</p><details><summary>%zu case%s</summary><ul>", n, n == 1 ? "" : "s");
		for (size_t k = i; k < report_file_cases(f); k++)
			if (is_of(f, k, v, "why", why)) {
				text_put(out, "<li id=\"%s\"><code>%s</code> ",
				    report_case_text(f, k, "id"), report_case_text(f, k, "id"));
				text_escaped(out, report_case_text(f, k, "name"));
				(void)rxp_buf_puts(out, "</li>\n");
			}
		(void)rxp_buf_puts(out, "</ul></details></article>\n");
	}
}

size_t html_requirements(const struct report_file *f, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < report_file_cases(f); i++)
		n += is_first(f, i, v, "requirement") ? 1 : 0;
	return n;
}

/* --- words ----------------------------------------------------------------------------------- */

static bool is_said(const struct report_file *f, const char *words)
{
	for (size_t i = 0; i < report_file_cases(f); i++)
		if (report_case_verdict(f, i) != VERDICT_PASS &&
		    (strstr(report_case_text(f, i, "expected"), words) != NULL ||
			strstr(report_case_text(f, i, "seen"), words) != NULL))
			return true;
	return false;
}

void html_words(struct rxp_buf *out, const struct report_file *f)
{
	(void)rxp_buf_puts(out,
	    "<dl><dt>Envelope</dt><dd>what travels: who sends to whom, when, and an encrypted Document</dd>"
	    "<dt>Document</dt><dd>what one State tells the other, under its seal (a signature)</dd>"
	    "<dt>Receipt</dt><dd>the sealed answer of a State that took a Document: from then on it cannot say that it "
	    "never came</dd><dt>Refusal</dt><dd>the sealed answer of a State that did not take it, with the reason</dd>"
	    "<dt>case</dt><dd>here: one try of the product; in the specification: all Documents about the same persons"
	    "</dd>");
	for (unsigned i = 0; i < RXP_REFUSAL_COUNT; i++) {
		const struct rxp_refusal_row *row = rxp_refusal_row((enum rxp_refusal)i);
		char words[64];

		(void)snprintf(words, sizeof words, "the Refusal %s", row->wire);
		if (is_said(f, words))
			text_put(out, "<dt>Refusal %s</dt><dd>%s</dd>", row->wire, row->meaning);
	}
	(void)rxp_buf_puts(out, "</dl>\n");
}
