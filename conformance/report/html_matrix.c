#include "conformance/report/html_matrix.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/tally.h"
#include "conformance/report/text.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"

#define ID_PREFIX 4 /* of "RXP-HTTP-007": then the area, up to the next hyphen */

/* It leads to the first of its cases that is on the page. */
static void put_square(struct rxp_buf *out, const struct report_file *f,
    const struct requirement *r, const struct tally *t)
{
	enum verdict v = tally_worst(t);
	const char *number = strrchr(r->id, '-') + 1;
	bool shown = v != VERDICT_PASS;
	bool by = v == VERDICT_FAIL && t->counts[v] == 0;

	if (shown)
		text_put(out, "<a href=\"#%s\"",
		    report_case_text(f, by ? t->first_elsewhere : t->first[v], "id"));
	else
		(void)rxp_buf_puts(out, "<span");
	if (by)
		text_put(out,
		    " class=\"mark by\" title=\"%s: %zu of %zu failed by %s\">%s by %s</a> ", r->id,
		    t->elsewhere, t->all, t->by->id, number, t->by->id + ID_PREFIX);
	else
		text_put(out, " class=\"mark %s\" title=\"%s: %zu of %zu %s\">%s %s</%s> ",
		    verdict_word(v), r->id, t->counts[v], t->all, verdict_word(v), number,
		    page_mark(v), shown ? "a" : "span");
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
	struct tally *tallies = tally_make(f);
	size_t tried = 0;

	if (tallies == NULL)
		return;
	for (size_t i = 0; i < requirement_total(); i++)
		tried += tallies[i].all > 0 ? 1 : 0;
	text_put(out,
	    "<h2>Requirement by requirement</h2>\n<p>A square for each of the %zu requirements that have a case in this report (of %zu "
	    "in the specification; of the others: <a href=\"#left\">What was not tested</a>). It has the number of the "
	    "requirement and the worst that came of its cases; those that did not pass lead to a case. <b>By</b> another requirement "
	    "failed what was tried for this one and broke only that other: mend that, and this one is judged.</p>\n"
	    "<table class=\"matrix\"><thead><tr><th scope=\"col\">Area</th><th scope=\"col\">Section</th>"
	    "<th scope=\"col\">Requirements</th></tr></thead>\n<tbody>",
	    tried, requirement_total());
	put_rows(out, f, tallies);
	(void)rxp_buf_puts(out, "</tbody></table>\n");
	free(tallies);
}
