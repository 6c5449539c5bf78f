#include "conformance/report/html_case.h"

#include <string.h>

#include "conformance/report/cause.h"
#include "conformance/report/decisive.h"
#include "conformance/report/foreign.h"
#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "conformance/report/weight.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"

#define GOT ", got " /* before what came, in why a case did not pass */

/* --- clauses ----------------------------------------------------------------------------------- */

void html_clause_text(struct rxp_buf *out, const char *id)
{
	const struct requirement *r = requirement_find(id);

	(void)rxp_buf_puts(out, "<blockquote>");
	page_markup(out, r == NULL ? "This program knows no requirement of that number." : r->text);
	(void)rxp_buf_puts(out, "</blockquote>\n");
}

const char *html_purpose(const char *requirement)
{
	static const struct {
		const char *area, *words;
	} areas[] = {
#define AREA(area, words) {"RXP-" area "-", words},
#include "conformance/report/area.def"
#undef AREA
	};

	for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++)
		if (strncmp(requirement, areas[i].area, strlen(areas[i].area)) == 0)
			return areas[i].words;
	return NULL;
}

void html_clause(struct rxp_buf *out, const char *requirement, const char *heading)
{
	const struct requirement *r = requirement_find(requirement);
	const char *purpose = html_purpose(requirement);

	text_put(out, "<%s>Requirement %s <small>in section ", heading, requirement);
	text_escaped(out, r == NULL ? "?" : r->section);
	text_put(out, "</small></%s>\n", heading);
	if (purpose != NULL)
		text_put(out, "<p class=\"lead\">What it is for: %s.</p>\n", purpose);
	html_clause_text(out, requirement);
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
	text_put(out,
	    " --select %s</code><br><small>by the tester, against the running test product; <a href=\"#command\">what "
	    "stands for DIR, FILE and CMD</a></small></dd>",
	    select);
}

static void put_octets(
    struct rxp_buf *out, const char *what, const char *base64, const struct page_marked *marked)
{
	text_put(out, "<details><summary>%s</summary><pre tabindex=\"0\">", what);
	if (base64[0] == '\0')
		(void)rxp_buf_puts(out, "(no octet)");
	else
		page_octets(out, base64, marked);
	(void)rxp_buf_puts(out, "</pre></details>");
}

/* Was the answer of the right kind, and something in it is wrong? Then what was wanted and what came are the same words. */
static bool is_inside(const struct report_file *f, size_t i)
{
	return strncmp(report_case_text(f, i, "why"), "wanted ", strlen("wanted ")) != 0;
}

/* What came, and why no more did. */
static const char *came(const struct report_file *f, size_t i)
{
	const char *got = strstr(report_case_text(f, i, "why"), GOT);

	return is_inside(f, i) || got == NULL ? report_case_text(f, i, "seen") : got + strlen(GOT);
}

/* Is what came in the same words what was expected, so that no field tells both apart? */
static bool is_beside(const struct report_file *f, size_t i, const struct decisive *d)
{
	return d->field == NULL && strcmp(report_case_text(f, i, "expected"), came(f, i)) == 0;
}

/* By a page, by the change, by what is wrong in an answer, by what came in the place of what, by what came, by the area and the stage: the first that says something. */
static const char *cause_of(const struct report_file *f, size_t i, const struct decisive *d)
{
	bool taken = weight_of(f, i) == WEIGHT_TAKEN;
	const char *cause = taken ? cause_named(report_case_text(f, i, "name")) : NULL;

	if (d->defect != NULL)
		return NULL;
	if (foreign_page(f, i))
		return cause_page();
	if (cause == NULL && is_inside(f, i))
		cause = cause_fault(report_case_text(f, i, "why"));
	if (cause == NULL)
		cause = cause_instead(report_case_text(f, i, "why"));
	if (cause == NULL)
		cause = cause_seen(came(f, i));
	if (cause == NULL && taken)
		cause = cause_within(
		    report_case_text(f, i, "stage"), report_case_text(f, i, "requirement"));
	return cause == NULL ? cause_find(report_case_text(f, i, "stage"), taken) : cause;
}

static void put_cause(
    struct rxp_buf *out, const struct report_file *f, size_t i, const struct decisive *d)
{
	const char *cause = cause_of(f, i, d);

	put_row(out, "Likely cause", cause == NULL ? "" : cause);
}

/* --- what is wrong ----------------------------------------------------------------------------- */

/* What it comes to, for who does not know the words. */
static const char *so_what(const struct report_file *f, size_t i)
{
	const struct case_facts facts = {.id = report_case_text(f, i, "id")};

	if (!facts_negative(&facts))
		return "the product did not take or do what it must";
	return weight_of(f, i) == WEIGHT_TAKEN
		   ? "the product took what it must refuse"
		   : "the product did not take it, but did not say so in the way that it must";
}

static void put_unbelieved(struct rxp_buf *out, const struct decisive *d)
{
	text_put(out, "<dt>Received</dt><dd>a %s", d->answer);
	if (d->code[0] != '\0') {
		(void)rxp_buf_puts(out, " <code>");
		text_escaped(out, d->code);
		(void)rxp_buf_puts(out, "</code>");
	}
	text_put(out, " that nobody can believe</dd><dt>Defect</dt><dd>%s</dd>",
	    d->defect != NULL
		? d->defect
		: "perhaps its seal does not verify, or its form is not that of section 6");
}

static void put_says(struct rxp_buf *out, const char *id)
{
	text_put(out, "<dt>%s says</dt><dd>", id);
	html_clause_text(out, id);
	(void)rxp_buf_puts(out, "</dd>");
}

static void put_wrong(
    struct rxp_buf *out, const struct report_file *f, size_t i, const struct decisive *d)
{
	const struct requirement *broken = decisive_broken(f, i);

	if (d->unbelieved)
		put_unbelieved(out, d);
	else
		put_row(
		    out, "Defect", is_inside(f, i) ? report_case_text(f, i, "why") : so_what(f, i));
	if (broken != NULL)
		put_says(out, broken->id);
	else if (d->clause != NULL && strcmp(d->clause, report_case_text(f, i, "requirement")) != 0)
		put_says(out, d->clause);
}

/* Unless it is what decides. */
static void put_status(
    struct rxp_buf *out, const struct report_file *f, size_t i, const struct decisive *d)
{
	int status = report_case_status(f, i);

	if (status != 0 && (d->field == NULL || strcmp(d->field, "HTTP status") != 0))
		text_put(out, "<dt>HTTP status</dt><dd><code>%d</code></dd>", status);
}

/* "Code: expected gap, received busy"; without a single field, in the words of the case. */
static void put_decisive(
    struct rxp_buf *out, const struct report_file *f, size_t i, const struct decisive *d)
{
	text_put(out, "<p class=\"decisive\"><b>%s</b>: expected <code>",
	    d->field == NULL ? "Outcome" : d->field);
	text_escaped(out, d->field == NULL ? report_case_text(f, i, "expected") : d->expected);
	(void)rxp_buf_puts(out, "</code>, received <code>");
	text_escaped(out, d->field == NULL ? came(f, i) : d->received);
	text_put(out, "</code>%s</p>", is_beside(f, i, d) ? ", but wrong: see Defect" : "");
}

/* --- what was changed -------------------------------------------------------------------------- */

static void put_piece(struct rxp_buf *out, const char *before, const char *base64)
{
	text_put(out, "%s <code>", before);
	page_octets(out, base64, NULL);
	(void)rxp_buf_puts(out, "</code>");
}

/* The octets that make the difference from a valid message, if they are said. */
static void put_difference(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	struct report_change c;

	if (!report_case_change(&c, f, i))
		return;
	(void)rxp_buf_puts(out, "<dt>That is</dt><dd>");
	if (c.was[0] != '\0')
		put_piece(out, c.is[0] == '\0' ? "without" : "in the place of", c.was);
	if (c.is[0] != '\0')
		put_piece(out, c.was[0] == '\0' ? "with" : " stands", c.is);
	if (c.in[0] != '\0')
		(void)rxp_buf_puts(out, "<br><small>marked in the octets below</small>");
	(void)rxp_buf_puts(out, "</dd>");
}

/* What is marked in a member of the case; NULL: nothing. */
static const struct page_marked *marked_in(
    struct page_marked *out, const struct report_file *f, size_t i, const char *member)
{
	struct report_change c;

	if (!report_case_change(&c, f, i) || strcmp(c.in, member) != 0)
		return NULL;
	*out = (struct page_marked){NULL, c.at, c.len};
	return out;
}

/* --- one case ---------------------------------------------------------------------------------- */

static void put_begin(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	const char *id = report_case_text(f, i, "id");
	enum verdict v = report_case_verdict(f, i);

	text_put(out,
	    "<details class=\"case\" id=\"%s\" open><summary><span class=\"mark %s\">%s %s</span> ",
	    id, verdict_word(v), page_mark(v), verdict_word(v));
	text_escaped(out, report_case_text(f, i, "name"));
	text_put(out, " <code>%s</code></summary>", id);
}

/* Does the change lie in the Document, so that the Envelope around it shows nothing? */
static bool is_changed_inside(const struct report_file *f, size_t i)
{
	static const char *const stages[] = {
	    "content", "manifest", "resealed", "sealed", "signer", "history"};

	for (size_t k = 0; k < sizeof stages / sizeof stages[0]; k++)
		if (strcmp(report_case_text(f, i, "stage"), stages[k]) == 0)
			return report_case_text(f, i, "inside")[0] != '\0';
	return false;
}

static void put_inside(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	const char *inside = report_case_text(f, i, "inside");
	struct page_marked marked;

	if (inside[0] != '\0')
		put_octets(out, "The document that was encrypted in it (of an invented person)",
		    inside, marked_in(&marked, f, i, "inside"));
}

/* The field that decides is marked in what came, if it is an element, and what was changed in what was sent. */
static void put_end(struct rxp_buf *out, const struct report_file *f, size_t i,
    const struct decisive *d, bool whole)
{
	bool came = report_case_text(f, i, "sent")[0] == '\0'; /* and nothing was sent */
	struct page_marked marked, field = {.element = d->field};

	if (whole || !is_changed_inside(f, i))
		put_octets(out, "What was sent, as it was on the line",
		    report_case_text(f, i, "sent"), marked_in(&marked, f, i, "sent"));
	if (!came)
		put_inside(out, f, i);
	put_octets(out, "What came back", report_case_text(f, i, "received"),
	    d->field == NULL ? NULL : &field);
	if (came)
		put_inside(out, f, i);
	(void)rxp_buf_puts(out, "</details>\n");
}

void html_case(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	struct decisive d;

	decisive_read(&d, f, i);
	put_begin(out, f, i);
	put_decisive(out, f, i, &d);
	(void)rxp_buf_puts(out, "<dl>");
	put_row(out, "Base message", report_case_text(f, i, "base"));
	put_row(out, "Changed", report_case_text(f, i, "name"));
	put_difference(out, f, i);
	put_row(out, "Expected", report_case_text(f, i, "expected"));
	put_wrong(out, f, i, &d);
	put_status(out, f, i, &d);
	put_cause(out, f, i, &d);
	put_row(out, "At its first try", report_case_text(f, i, "again"));
	put_row(out, "Envelope made at", d.sent_at);
	put_again(out, f, report_case_text(f, i, "id"));
	(void)rxp_buf_puts(out, "</dl>");
	put_end(out, f, i, &d, true);
}

/* --- one among others -------------------------------------------------------------------------- */

/* is: the heading of its column, for where there is no room for columns; more: words behind the value. */
static void put_cell(
    struct rxp_buf *out, const char *is, const char *field, const char *value, const char *more)
{
	text_put(out, "<td data-is=\"%s\">", is);
	if (field != NULL)
		text_put(out, "<small>%s</small> ", field);
	(void)rxp_buf_puts(out, "<code>");
	text_escaped(out, value);
	text_put(out, "</code>%s</td>", more);
}

void html_case_rows(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	const char *id = report_case_text(f, i, "id");
	struct decisive d;

	decisive_read(&d, f, i);
	text_put(out, "<tr id=\"%s\"><th scope=\"row\"><code>%s</code></th><td>", id, id);
	text_escaped(out, report_case_text(f, i, "name"));
	(void)rxp_buf_puts(out, "</td>");
	put_cell(out, "Expected", d.field,
	    d.field == NULL ? report_case_text(f, i, "expected") : d.expected, "");
	put_cell(out, "Received", d.field, d.field == NULL ? came(f, i) : d.received,
	    is_beside(f, i, &d) ? ", but wrong: see above" : "");
	text_put(out,
	    "</tr>\n<tr class=\"octets\"><td colspan=\"4\"><details><summary>Octets of %s</summary>",
	    id);
	put_end(out, f, i, &d, false);
	(void)rxp_buf_puts(out, "</td></tr>\n");
}
