/* A report as one page of HTML, without a script and without anything outside of it. */
#include <stdbool.h>
#include <string.h>

#include "conformance/report/cause.h"
#include "conformance/report/forms.h"
#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"

#define BAR_WIDTH 720U
#define AREA_LETTERS 3 /* RXP-XML-004 is of the area XML */
#define MAX_AREAS 64

/* --- what came of it, in one look -------------------------------------------------------------- */

static bool has_failed(enum verdict v)
{
	return v == VERDICT_FAIL || v == VERDICT_INCOMPLETE || v == VERDICT_ERROR;
}

static void put_sentence(struct rxp_buf *out, const struct report_file *f)
{
	size_t failed = report_file_count(f, VERDICT_FAIL);
	size_t untried =
	    report_file_count(f, VERDICT_INCOMPLETE) + report_file_count(f, VERDICT_ERROR);

	(void)rxp_buf_puts(out, "<p class=\"sum\">The product <b>");
	text_escaped(out, report_product(f, "party"));
	text_put(out,
	    "</b> was tried with %zu messages that differ from a valid one in one thing each. ",
	    report_file_cases(f));
	if (failed == 0 && untried == 0)
		(void)rxp_buf_puts(out, "It did nothing that the specification forbids.");
	if (failed > 0)
		text_put(
		    out, "In <b>%zu</b> cases it did not do what the specification says.", failed);
	if (untried > 0)
		text_put(out, " %zu cases could not be tried.", untried);
	(void)rxp_buf_puts(out, "</p>\n");
}

/* A bar of all verdicts, each as wide as its share, with the numbers below it. */
static void put_bar(struct rxp_buf *out, const struct report_file *f)
{
	size_t all = report_file_cases(f), before = 0;

	text_put(
	    out, "<svg viewBox=\"0 0 %u 26\" role=\"img\" aria-label=\"verdicts\">", BAR_WIDTH);
	for (unsigned v = 0; v < VERDICT_COUNT && all > 0; v++) {
		size_t n = report_file_count(f, (enum verdict)v);

		if (n > 0)
			text_put(out,
			    "<rect class=\"%s\" x=\"%zu\" y=\"0\" width=\"%zu\" height=\"26\"/>",
			    verdict_word((enum verdict)v), before * BAR_WIDTH / all,
			    (before + n) * BAR_WIDTH / all - before * BAR_WIDTH / all);
		before += n;
	}
	(void)rxp_buf_puts(out, "</svg>\n<ul class=\"key\">");
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		text_put(out, "<li><span class=\"%s\"></span> <b>%zu %s</b>: %s</li>",
		    verdict_word((enum verdict)v), report_file_count(f, (enum verdict)v),
		    verdict_word((enum verdict)v), verdict_meaning((enum verdict)v));
	(void)rxp_buf_puts(out, "</ul>\n");
}

/* --- by area ----------------------------------------------------------------------------------- */

struct areas {
	size_t n;
	char names[MAX_AREAS][AREA_LETTERS + 1];
	size_t counts[MAX_AREAS][VERDICT_COUNT];
};

static size_t area_of(struct areas *a, const char *requirement)
{
	const char *start = strlen(requirement) > AREA_LETTERS + 4 ? requirement + 4 : "???";
	size_t i = 0;

	while (i < a->n && strncmp(a->names[i], start, AREA_LETTERS) != 0)
		i++;
	if (i == a->n && a->n < MAX_AREAS) {
		memcpy(a->names[i], start, AREA_LETTERS);
		a->n++;
	}
	return i < MAX_AREAS ? i : MAX_AREAS - 1;
}

static const char *section_of(const char *area)
{
	for (size_t i = 0; i < requirement_total(); i++)
		if (strncmp(requirement_at(i)->id + 4, area, AREA_LETTERS) == 0)
			return requirement_at(i)->section;
	return "";
}

static void put_areas(struct rxp_buf *out, const struct report_file *f)
{
	struct areas a = {0};

	for (size_t i = 0; i < report_file_cases(f); i++)
		a.counts[area_of(&a, report_case_text(f, i, "requirement"))]
			[report_case_verdict(f, i)]++;
	(void)rxp_buf_puts(out,
	    "<h2>By part of the specification</h2>\n<table><tr><th>Requirements</th><th>Section</th>");
	for (unsigned v = 0; v < VERDICT_COUNT; v++)
		text_put(out, "<th>%s</th>", verdict_word((enum verdict)v));
	(void)rxp_buf_puts(out, "</tr>\n");
	for (size_t i = 0; i < a.n; i++) {
		text_put(out, "<tr><td>RXP-%s</td><td>", a.names[i]);
		text_escaped(out, section_of(a.names[i]));
		(void)rxp_buf_puts(out, "</td>");
		for (unsigned v = 0; v < VERDICT_COUNT; v++)
			if (a.counts[i][v] == 0)
				(void)rxp_buf_puts(out, "<td></td>");
			else
				text_put(out, "<td class=\"n %s\">%zu</td>",
				    verdict_word((enum verdict)v), a.counts[i][v]);
		(void)rxp_buf_puts(out, "</tr>\n");
	}
	(void)rxp_buf_puts(out, "</table>\n");
}

/* --- one case ---------------------------------------------------------------------------------- */

static void put_row(struct rxp_buf *out, const char *name, const char *value)
{
	text_put(out, "<dt>%s</dt><dd>", name);
	text_escaped(out, value);
	(void)rxp_buf_puts(out, "</dd>");
}

static void put_octets(struct rxp_buf *out, const char *what, const char *base64)
{
	if (base64[0] == '\0')
		return;
	text_put(out, "<details><summary>%s</summary><pre>", what);
	page_octets(out, base64);
	(void)rxp_buf_puts(out, "</pre></details>");
}

static void put_case(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	const char *id = report_case_text(f, i, "id");
	const struct requirement *r = requirement_find(report_case_text(f, i, "requirement"));
	const struct case_facts facts = {.id = id};
	const char *cause = cause_find(report_case_text(f, i, "stage"),
	    report_case_verdict(f, i) == VERDICT_FAIL && facts_negative(&facts));

	text_put(out, "<article class=\"%s\" id=\"%s\"><h3><span>%s</span> ",
	    verdict_word(report_case_verdict(f, i)), id, verdict_word(report_case_verdict(f, i)));
	text_escaped(out, report_case_text(f, i, "name"));
	text_put(out, " <code>%s</code></h3><dl>", id);
	put_row(out, "Sent", report_case_text(f, i, "base"));
	put_row(out, "Changed in", report_case_text(f, i, "stage"));
	put_row(out, "Wanted", report_case_text(f, i, "expected"));
	put_row(out, "Came", report_case_text(f, i, "seen"));
	put_row(out, "So", report_case_text(f, i, "why"));
	if (r != NULL)
		put_row(out, r->id, r->text);
	if (cause != NULL)
		put_row(out, "Often because", cause);
	(void)rxp_buf_puts(out, "<dt>Again</dt><dd><code>");
	text_escaped(out, report_text(f, "command"));
	text_put(out, " --select %s</code></dd></dl>", id);
	put_octets(out, "What was sent", report_case_text(f, i, "sent"));
	put_octets(out, "What came back", report_case_text(f, i, "received"));
	(void)rxp_buf_puts(out, "</article>\n");
}

static void put_those(
    struct rxp_buf *out, const struct report_file *f, const char *title, bool failed)
{
	bool begun = false;

	for (size_t i = 0; i < report_file_cases(f); i++) {
		enum verdict v = report_case_verdict(f, i);

		if (v == VERDICT_PASS || v == VERDICT_NA || has_failed(v) != failed)
			continue;
		if (!begun)
			text_put(out, "<h2>%s</h2>\n", title);
		begun = true;
		put_case(out, f, i);
	}
}

int form_html(struct rxp_buf *out, const struct report_file *f)
{
	page_begin(out, report_product(f, "party"));
	(void)rxp_buf_puts(out, "<h1>Conformance to RXP/1</h1>\n");
	put_sentence(out, f);
	put_bar(out, f);
	(void)rxp_buf_puts(out, "<dl class=\"head\">");
	put_row(out, "Product", report_product(f, "endpoint"));
	put_row(out, "Tried as", report_text(f, "role"));
	put_row(out, "Begun", report_text(f, "began"));
	put_row(out, "With", report_text(f, "command"));
	(void)rxp_buf_puts(out, "</dl>\n");
	put_those(out, f, "What is wrong", true);
	put_those(out, f, "What is as safe, but not as the specification says", false);
	put_areas(out, f);
	page_end(out);
	return rxp_buf_error(out);
}
