/* A report as one page of HTML, without a script and without anything outside of it. */
#include <stdbool.h>
#include <string.h>

#include "conformance/report/forms.h"
#include "conformance/report/html_case.h"
#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"

#define BAR_WIDTH 720U
#define ID_PREFIX 4 /* of "RXP-HTTP-007": then the area, up to the next hyphen */
#define AREA_TEXT 16
#define MAX_AREAS 64

/* --- what came of it, in one look -------------------------------------------------------------- */

/* The one sentence that is read if no other is. */
static void put_sentence(struct rxp_buf *out, const struct report_file *f)
{
	size_t failed = report_file_count(f, VERDICT_FAIL);
	size_t better = report_file_count(f, VERDICT_WEAK) + report_file_count(f, VERDICT_WARN);
	size_t tried = better + failed + report_file_count(f, VERDICT_PASS);

	if (failed > 0)
		text_put(out,
		    "<p class=\"sum\">It does <b>not</b> do what the specification demands: %zu of %zu cases failed, of %zu "
		    "requirement%s.",
		    failed, tried, html_requirements(f, VERDICT_FAIL),
		    html_requirements(f, VERDICT_FAIL) == 1 ? "" : "s");
	else if (tried == 0)
		(void)rxp_buf_puts(out,
		    "<p class=\"sum\">Nothing could be tried: this says nothing of the product.");
	else
		text_put(out,
		    "<p class=\"sum\">In none of the %zu cases that were tried did it do what the specification forbids.",
		    tried);
	if (better > 0)
		text_put(out,
		    " In %zu it did not do quite what the specification says or recommends.",
		    better);
	if (tried < report_file_cases(f) && tried > 0)
		text_put(out, " %zu cases were not tried.", report_file_cases(f) - tried);
	(void)rxp_buf_puts(out, "</p>\n");
}

/* For who has never seen any of this. */
static void put_what(struct rxp_buf *out, const struct report_file *f)
{
	(void)rxp_buf_puts(out,
	    "<p>RXP/1 says how two States exchange documents about the readmission of persons. Here the program "
	    "readmit-conform was one State, with invented persons, and the product <b>");
	text_escaped(out, report_product(f, "party"));
	(void)rxp_buf_puts(out,
	    "</b> was the other. Each case is one thing: most send a valid message in which one thing is changed, and see whether the "
	    "product does what the specification says.</p>\n");
}

/* A bar of all verdicts, each as wide as its share, with the numbers below it. */
static void put_bar(struct rxp_buf *out, const struct report_file *f)
{
	size_t all = report_file_cases(f), before = 0;

	text_put(out,
	    "<svg viewBox=\"0 0 %u 26\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"verdicts\">",
	    BAR_WIDTH);
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
		if (report_file_count(f, (enum verdict)v) > 0)
			text_put(out, "<li><span class=\"%s\"></span> <b>%zu %s</b>: %s</li>",
			    verdict_word((enum verdict)v), report_file_count(f, (enum verdict)v),
			    verdict_word((enum verdict)v), verdict_meaning((enum verdict)v));
	(void)rxp_buf_puts(out, "</ul>\n");
}

/* --- by area ----------------------------------------------------------------------------------- */

struct areas {
	size_t n;
	char names[MAX_AREAS][AREA_TEXT];
	size_t counts[MAX_AREAS][VERDICT_COUNT];
};

static void area_text(char out[AREA_TEXT], const char *requirement)
{
	const char *start = strlen(requirement) > ID_PREFIX ? requirement + ID_PREFIX : "?";
	size_t len = strcspn(start, "-");

	if (len >= AREA_TEXT)
		len = AREA_TEXT - 1;
	memcpy(out, start, len);
	out[len] = '\0';
}

static size_t area_of(struct areas *a, const char *requirement)
{
	char name[AREA_TEXT];
	size_t i = 0;

	area_text(name, requirement);
	while (i < a->n && strcmp(a->names[i], name) != 0)
		i++;
	if (i == a->n && a->n < MAX_AREAS) {
		memcpy(a->names[i], name, sizeof name);
		a->n++;
	}
	return i < MAX_AREAS ? i : MAX_AREAS - 1;
}

static const char *section_of(const char *area)
{
	char name[AREA_TEXT];

	for (size_t i = 0; i < requirement_total(); i++) {
		area_text(name, requirement_at(i)->id);
		if (strcmp(name, area) == 0)
			return requirement_at(i)->section;
	}
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

/* --- the whole --------------------------------------------------------------------------------- */

static void put_part(struct rxp_buf *out, const struct report_file *f, enum verdict v,
    const char *title, const char *words, bool says_of_product)
{
	if (report_file_count(f, v) == 0)
		return;
	text_put(out, "<h2>%s</h2>\n<p>%s</p>\n", title, words);
	if (says_of_product)
		html_by_requirement(out, f, v);
	else
		html_by_reason(out, f, v);
}

static void put_parts(struct rxp_buf *out, const struct report_file *f)
{
	put_part(out, f, VERDICT_FAIL, "What is wrong",
	    "This is the product's own, and who makes it has to mend it: otherwise other States cannot rely on what it says, or "
	    "cannot speak with it. Below stands each requirement that it breaks, and behind it what it was sent and what it did.",
	    true);
	put_part(out, f, VERDICT_WEAK, "What is as safe, but not as the specification says",
	    "The product refused what it must refuse, by another answer than the one that is asked for. No harm comes of it; its "
	    "makers should mend it, so that the other side can tell its officers the right reason.",
	    true);
	put_part(out, f, VERDICT_WARN,
	    "What the specification recommends, and the product does not do",
	    "Nothing of this is forbidden. Its makers should have a reason for it.", true);
	put_part(out, f, VERDICT_INCOMPLETE, "What could not be tried",
	    "This says nothing of the product yet. Who runs the suite does what stands below, and tries again.",
	    false);
	put_part(out, f, VERDICT_ERROR, "Where the suite itself failed",
	    "This says nothing of the product. Tell those who make the suite.", false);
	put_part(out, f, VERDICT_NA, "What was not asked",
	    "This is not for this product, or was not wanted.", false);
}

static void put_fact(struct rxp_buf *out, const char *name, const char *value)
{
	text_put(out, "<dt>%s</dt><dd>", name);
	text_escaped(out, value);
	(void)rxp_buf_puts(out, "</dd>");
}

int form_html(struct rxp_buf *out, const struct report_file *f)
{
	page_begin(out, report_product(f, "party"));
	(void)rxp_buf_puts(out, "<h1>Does ");
	text_escaped(
	    out, report_product(f, "party")[0] == '\0' ? "it" : report_product(f, "party"));
	(void)rxp_buf_puts(out, " conform to RXP/1?</h1>\n");
	put_sentence(out, f);
	put_bar(out, f);
	put_what(out, f);
	(void)rxp_buf_puts(out, "<dl class=\"head\">");
	put_fact(out, "Product", report_product(f, "endpoint"));
	put_fact(out, "Tried as", report_text(f, "role"));
	put_fact(out, "Begun", report_text(f, "began"));
	put_fact(out, "With", report_text(f, "command"));
	(void)rxp_buf_puts(out,
	    "</dl>\n<p><small>DIR, FILE and CMD stand for a folder, a file and a command on the machine of who ran it.</small></p>\n");
	put_parts(out, f);
	put_areas(out, f);
	(void)rxp_buf_puts(out, "<h2>Words</h2>\n");
	html_words(out, f);
	page_end(out);
	return rxp_buf_error(out);
}
