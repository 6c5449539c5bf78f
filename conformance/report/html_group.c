#include "conformance/report/html_group.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/report/decisive.h"
#include "conformance/report/foreign.h"
#include "conformance/report/group.h"
#include "conformance/report/html_case.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "protocol/base/buf.h"

#define MAX_UNFOLDED 8 /* rows of a table that is not folded */

/* --- words ------------------------------------------------------------------------------------- */

static void put_escaped_part(struct rxp_buf *out, const char *text, size_t len)
{
	char part[OUTCOME_WHY];

	if (len >= sizeof part)
		len = sizeof part - 1;
	memcpy(part, text, len);
	part[len] = '\0';
	text_escaped(out, part);
}

/* Is it the same decisive value in all cases of the group? */
static bool is_uniform(const struct report_file *f, enum verdict v, const struct group *g)
{
	struct decisive first, d;

	decisive_read(&first, f, g->first);
	for (size_t i = g->first + 1; i < report_file_cases(f); i++) {
		if (!group_has(f, i, v, g->why))
			continue;
		decisive_read(&d, f, i);
		if (first.field == NULL || d.field == NULL || strcmp(first.field, d.field) != 0 ||
		    strcmp(first.received, d.received) != 0)
			return false;
	}
	return first.field != NULL;
}

/* "wanted A, got B" as a sentence; of an answer that cannot be believed, which it is. */
static void put_wanted(struct rxp_buf *out, enum verdict v, const char *wanted, size_t len,
    const char *got, const struct decisive *d, bool uniform)
{
	text_put(out, "It %s give <b>", v == VERDICT_WARN ? "should" : "must");
	put_escaped_part(out, wanted, len);
	(void)rxp_buf_puts(out, "</b> and gives <b>");
	if (d->unbelieved) {
		text_put(out, "a %s ", d->answer);
		text_escaped(out, uniform ? d->code : "");
		(void)rxp_buf_puts(out, " that nobody can believe");
	} else {
		text_escaped(out, got);
	}
	(void)rxp_buf_puts(out, "</b>");
}

/* What is wrong in an answer of the right kind, without the number of its requirement. */
static void put_inside(struct rxp_buf *out, const char *why, const struct decisive *d)
{
	const char *colon = strstr(why, ": ");

	if (d->field != NULL && d->answer != NULL) {
		text_put(out, "The %s carries a <b>wrong %s</b>", d->answer, d->field);
		return;
	}
	if (strncmp(why, "RXP-", strlen("RXP-")) == 0 && colon != NULL) {
		(void)rxp_buf_puts(out, "What comes is of the right kind, and wrong: ");
		why = colon + 2;
	}
	(void)rxp_buf_puts(out, "<b>");
	text_escaped(out, why);
	(void)rxp_buf_puts(out, "</b>");
}

static void put_way(
    struct rxp_buf *out, const struct report_file *f, enum verdict v, const struct group *g)
{
	static const char wanted[] = "wanted ", got[] = ", got ";
	const char *middle = strstr(g->why, got);
	struct decisive d;

	decisive_read(&d, f, g->first);
	if (strncmp(g->why, wanted, strlen(wanted)) == 0 && middle != NULL)
		put_wanted(out, v, g->why + strlen(wanted),
		    (size_t)(middle - g->why) - strlen(wanted), middle + strlen(got), &d,
		    is_uniform(f, v, g));
	else
		put_inside(out, g->why, &d);
	if (foreign_page(f, g->first))
		(void)rxp_buf_puts(out, ", with a page of HTML");
}

/* What stands for how much a failure weighs; nothing else is weighed. */
static void put_weight(struct rxp_buf *out, enum verdict v, const struct group *g)
{
	if (v == VERDICT_FAIL)
		text_put(out, "<span class=\"weight\">%s</span>: ", weight_words(g->weight));
}

static void put_counts(struct rxp_buf *out, const struct group *g)
{
	text_put(out, "%zu case%s, %zu requirement%s", g->n, g->n == 1 ? "" : "s", g->requirements,
	    g->requirements == 1 ? "" : "s");
}

/* --- one group --------------------------------------------------------------------------------- */

/* The name of a requirement among the others of a group; its clause, unless that stands above. */
static void put_heading(struct rxp_buf *out, const char *id, bool above)
{
	text_put(out,
	    "<tbody><tr class=\"clause\"><th scope=\"rowgroup\" colspan=\"4\">Requirement %s%s</th></tr>\n",
	    id, above ? " <small>(as the first, above)</small>" : "");
	if (above)
		return;
	text_put(out,
	    "<tr class=\"octets\"><td colspan=\"4\"><details><summary>What %s says</summary>", id);
	html_clause_text(out, id);
	(void)rxp_buf_puts(out, "</details></td></tr>\n");
}

/* Of one requirement all but the first of the group, which stands above. Does a requirement have no other, it has no heading. */
static void put_rows(struct rxp_buf *out, const struct report_file *f, enum verdict v,
    const struct group *g, size_t begin)
{
	const char *id = report_case_text(f, begin, "requirement");
	bool begun = false;

	for (size_t i = begin; i < report_file_cases(f); i++) {
		if (i == g->first || !group_has(f, i, v, g->why) ||
		    strcmp(report_case_text(f, i, "requirement"), id) != 0)
			continue;
		if (!begun)
			put_heading(out, id, begin == g->first);
		begun = true;
		html_case_rows(out, f, i);
	}
	(void)rxp_buf_puts(out, begun ? "</tbody>\n" : "");
}

/* All but the first, which stands above: a table, folded if it is long. */
static void put_others(
    struct rxp_buf *out, const struct report_file *f, enum verdict v, const struct group *g)
{
	text_put(out,
	    "<details%s><summary>The other %zu case%s that %s</summary>\n<table class=\"others\"><caption>What each tried, what was "
	    "expected and what came; by requirement</caption>\n<thead><tr><th scope=\"col\">Case</th><th scope=\"col\">What was changed</th>"
	    "<th scope=\"col\">Expected</th><th scope=\"col\">Received</th></tr></thead>\n",
	    g->n - 1 <= MAX_UNFOLDED ? " open" : "", g->n - 1, g->n == 2 ? "" : "s",
	    v == VERDICT_FAIL ? "went wrong so" : "came to the same");
	for (size_t i = g->first; i < report_file_cases(f); i++)
		if (group_has(f, i, v, g->why) && group_begins(f, i, v, g))
			put_rows(out, f, v, g, i);
	(void)rxp_buf_puts(out, "</table></details>\n");
}

/* One value in all cases says much of the defect: it is fixed where it must follow from what was sent. */
static void put_uniform(
    struct rxp_buf *out, const struct report_file *f, enum verdict v, const struct group *g)
{
	struct decisive d;

	if (g->n < 2 || !is_uniform(f, v, g))
		return;
	decisive_read(&d, f, g->first);
	text_put(out, "<p class=\"uniform\">The same in all %zu cases: %s <code>", g->n, d.field);
	text_escaped(out, d.received);
	(void)rxp_buf_puts(out, "</code>.</p>\n");
}

static void put_group(struct rxp_buf *out, const struct report_file *f, enum verdict v,
    const struct group *g, size_t number)
{
	text_put(out, "<article id=\"%s-%zu\"><h3>%zu. ", verdict_word(v), number, number);
	put_way(out, f, v, g);
	(void)rxp_buf_puts(out, " <small>(");
	put_weight(out, v, g);
	put_counts(out, g);
	(void)rxp_buf_puts(out, ")</small></h3>\n");
	if (v == VERDICT_FAIL)
		text_put(
		    out, "<p class=\"means\">What this means: %s.</p>\n", weight_means(g->weight));
	put_uniform(out, f, v, g);
	if (g->n > 1)
		(void)rxp_buf_puts(out, "<p class=\"lead\">The first of them, in full:</p>\n");
	html_clause(out, report_case_text(f, g->first, "requirement"), "h4");
	html_case(out, f, g->first);
	if (g->n > 1)
		put_others(out, f, v, g);
	(void)rxp_buf_puts(out, "</article>\n");
}

void html_ways(struct rxp_buf *out, const struct report_file *f, enum verdict v)
{
	struct groups *all = groups_make(f, v);

	(void)rxp_buf_puts(out, "<ol>");
	for (size_t g = 0; all != NULL && g < all->n; g++) {
		(void)rxp_buf_puts(out, "<li>");
		put_weight(out, v, &all->list[g]);
		text_put(out, "<a href=\"#%s-%zu\">", verdict_word(v), g + 1);
		put_way(out, f, v, &all->list[g]);
		(void)rxp_buf_puts(out, "</a>, ");
		put_counts(out, &all->list[g]);
		(void)rxp_buf_puts(out, "</li>\n");
	}
	(void)rxp_buf_puts(out, "</ol>\n");
	free(all);
}

void html_by_way(struct rxp_buf *out, const struct report_file *f, enum verdict v)
{
	struct groups *all = groups_make(f, v);

	if (all == NULL)
		return;
	if (all->n > 1 && v != VERDICT_FAIL)
		html_ways(out, f, v);
	for (size_t g = 0; g < all->n; g++)
		put_group(out, f, v, &all->list[g], g + 1);
	free(all);
}
