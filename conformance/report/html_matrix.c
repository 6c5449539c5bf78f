#include "conformance/report/html_matrix.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"

#define ID_PREFIX 4 /* of "RXP-HTTP-007": then the area, up to the next hyphen */

/* Of each requirement of the specification, in its order: how many cases came to each verdict. */
struct tally {
	size_t counts[VERDICT_COUNT], all;
};

static void count(struct tally *tallies, const struct report_file *f)
{
	for (size_t i = 0; i < report_file_cases(f); i++) {
		const struct requirement *r =
		    requirement_find(report_case_text(f, i, "requirement"));

		if (r == NULL)
			continue;
		tallies[r - requirement_at(0)].counts[report_case_verdict(f, i)]++;
		tallies[r - requirement_at(0)].all++;
	}
}

/* The colour of the square: what is worst. */
static enum verdict worst(const struct tally *t)
{
	static const enum verdict order[] = {VERDICT_FAIL, VERDICT_ERROR, VERDICT_INCOMPLETE,
	    VERDICT_WEAK, VERDICT_WARN, VERDICT_PASS, VERDICT_NA};

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		if (t->counts[order[i]] > 0)
			return order[i];
	return VERDICT_NA;
}

/* The link leads to the first of its cases that is on the page. */
static const char *case_of(const struct report_file *f, const char *requirement, enum verdict v)
{
	for (size_t i = 0; i < report_file_cases(f); i++)
		if (report_case_verdict(f, i) == v &&
		    strcmp(report_case_text(f, i, "requirement"), requirement) == 0)
			return report_case_text(f, i, "id");
	return "";
}

static void put_square(struct rxp_buf *out, const struct report_file *f,
    const struct requirement *r, const struct tally *t)
{
	enum verdict v = worst(t);
	const char *number = strrchr(r->id, '-') + 1;
	bool shown = v != VERDICT_PASS;

	if (shown)
		text_put(out, "<a href=\"#%s\"", case_of(f, r->id, v));
	else
		(void)rxp_buf_puts(out, "<span");
	text_put(out, " class=\"mark %s\" title=\"%s: %zu of %zu %s\">%s %s</%s> ", verdict_word(v),
	    r->id, t->counts[v], t->all, verdict_word(v), number, page_mark(v),
	    shown ? "a" : "span");
}

static size_t area_length(const struct requirement *r)
{
	return ID_PREFIX + strcspn(r->id + ID_PREFIX, "-");
}

static bool same_area(const struct requirement *a, const struct requirement *b)
{
	return a != NULL && area_length(a) == area_length(b) &&
	       strncmp(a->id, b->id, area_length(b)) == 0;
}

static void put_rows(struct rxp_buf *out, const struct report_file *f, const struct tally *tallies)
{
	const struct requirement *before = NULL;

	for (size_t i = 0; i < requirement_total(); i++) {
		const struct requirement *r = requirement_at(i);

		if (tallies[i].all == 0)
			continue;
		if (!same_area(before, r)) {
			(void)rxp_buf_puts(out, before == NULL ? "" : "</td></tr>\n");
			text_put(
			    out, "<tr><th scope=\"row\">%.*s</th><td>", (int)area_length(r), r->id);
			text_escaped(out, r->section);
			(void)rxp_buf_puts(out, "</td><td>");
		}
		put_square(out, f, r, &tallies[i]);
		before = r;
	}
	(void)rxp_buf_puts(out, before == NULL ? "" : "</td></tr>\n");
}

void html_matrix(struct rxp_buf *out, const struct report_file *f)
{
	struct tally *tallies = calloc(requirement_total(), sizeof *tallies);
	size_t tried = 0;

	if (tallies == NULL)
		return;
	count(tallies, f);
	for (size_t i = 0; i < requirement_total(); i++)
		tried += tallies[i].all > 0 ? 1 : 0;
	text_put(out,
	    "<h2>Requirement by requirement</h2>\n<p>A square for each of the %zu requirements that have a case in this report (of %zu "
	    "in the specification; the others bind another role, or nobody can try them from outside). It has the number of the "
	    "requirement and the worst that came of its cases; those that did not pass lead to a case.</p>\n"
	    "<table class=\"matrix\"><thead><tr><th scope=\"col\">Area</th><th scope=\"col\">Section</th>"
	    "<th scope=\"col\">Requirements</th></tr></thead>\n<tbody>",
	    tried, requirement_total());
	put_rows(out, f, tallies);
	(void)rxp_buf_puts(out, "</tbody></table>\n");
	free(tallies);
}
