#include "conformance/report/html_group.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/report/html_case.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "conformance/requirement/requirement.h"
#include "protocol/base/buf.h"

#define MAX_GROUPS 512

/* Cases of one verdict with the same reason; what is beyond the last group is in it. */
struct group {
	const char *why;
	size_t first, n, requirements;
};

struct groups {
	size_t n;
	struct group list[MAX_GROUPS];
};

/* --- grouping ---------------------------------------------------------------------------------- */

static bool is_in(const struct report_file *f, size_t i, enum verdict v, const char *why)
{
	return report_case_verdict(f, i) == v && strcmp(report_case_text(f, i, "why"), why) == 0;
}

/* Is it the first case of its group that is of its requirement? */
static bool is_first_of_requirement(
    const struct report_file *f, size_t i, enum verdict v, const struct group *g)
{
	for (size_t k = g->first; k < i; k++)
		if (is_in(f, k, v, g->why) && strcmp(report_case_text(f, k, "requirement"),
						  report_case_text(f, i, "requirement")) == 0)
			return false;
	return true;
}

static struct group *group_of(struct groups *all, const char *why, size_t i)
{
	for (size_t g = 0; g < all->n; g++)
		if (strcmp(all->list[g].why, why) == 0)
			return &all->list[g];
	if (all->n == MAX_GROUPS)
		return NULL;
	all->list[all->n] = (struct group){.why = why, .first = i};
	return &all->list[all->n++];
}

/* The most cases first; of as many, the one that came first. */
static int compare(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* NULL: no memory. The caller frees it. */
static struct groups *group(const struct report_file *f, enum verdict v)
{
	struct groups *all = calloc(1, sizeof *all);

	for (size_t i = 0; all != NULL && i < report_file_cases(f); i++) {
		struct group *g;

		if (report_case_verdict(f, i) != v)
			continue;
		g = group_of(all, report_case_text(f, i, "why"), i);
		if (g == NULL)
			continue;
		g->n++;
		g->requirements += is_first_of_requirement(f, i, v, g) ? 1 : 0;
	}
	if (all != NULL)
		qsort(all->list, all->n, sizeof all->list[0], compare);
	return all;
}

size_t html_groups(const struct report_file *f, enum verdict v)
{
	struct groups *all = group(f, v);
	size_t n = all == NULL ? 0 : all->n;

	free(all);
	return n;
}

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

/* "wanted A, got B" as a sentence; what is wrong in an answer of the right kind, without the number of its requirement. */
static void put_way(struct rxp_buf *out, const char *why)
{
	static const char wanted[] = "wanted ", got[] = ", got ", number[] = "RXP-";
	const char *middle = strstr(why, got), *colon = strstr(why, ": ");

	if (strncmp(why, wanted, strlen(wanted)) == 0 && middle != NULL) {
		(void)rxp_buf_puts(out, "It must give <b>");
		put_escaped_part(
		    out, why + strlen(wanted), (size_t)(middle - why) - strlen(wanted));
		(void)rxp_buf_puts(out, "</b> and gives <b>");
		text_escaped(out, middle + strlen(got));
		(void)rxp_buf_puts(out, "</b>");
	} else {
		(void)rxp_buf_puts(out, "It does what it must, but <b>");
		text_escaped(out,
		    strncmp(why, number, strlen(number)) == 0 && colon != NULL ? colon + 2 : why);
		(void)rxp_buf_puts(out, "</b>");
	}
}

static void put_counts(struct rxp_buf *out, const struct group *g)
{
	text_put(out, "%zu case%s, %zu requirement%s", g->n, g->n == 1 ? "" : "s", g->requirements,
	    g->requirements == 1 ? "" : "s");
}

/* --- one group --------------------------------------------------------------------------------- */

/* All but the first, which stands above them: under their requirements. */
static void put_all(
    struct rxp_buf *out, const struct report_file *f, enum verdict v, const struct group *g)
{
	text_put(out, "<details><summary>All %zu cases, by requirement</summary>", g->n);
	for (size_t i = g->first; i < report_file_cases(f); i++) {
		const char *id = report_case_text(f, i, "requirement");

		if (!is_in(f, i, v, g->why) || !is_first_of_requirement(f, i, v, g))
			continue;
		html_clause(out, id, "h4");
		for (size_t k = i; k < report_file_cases(f); k++)
			if (is_in(f, k, v, g->why) &&
			    strcmp(report_case_text(f, k, "requirement"), id) == 0) {
				if (k == g->first)
					text_put(out,
					    "<p><a href=\"#%s\">%s</a> stands above.</p>\n",
					    report_case_text(f, k, "id"),
					    report_case_text(f, k, "id"));
				else
					html_case(out, f, k, false);
			}
	}
	(void)rxp_buf_puts(out, "</details>");
}

static void put_group(struct rxp_buf *out, const struct report_file *f, enum verdict v,
    const struct group *g, size_t number)
{
	text_put(out, "<article id=\"%s-%zu\"><h3>%zu. ", verdict_word(v), number, number);
	put_way(out, g->why);
	(void)rxp_buf_puts(out, " <small>(");
	put_counts(out, g);
	(void)rxp_buf_puts(out, ")</small></h3>\n");
	if (g->n > 1)
		(void)rxp_buf_puts(out, "<p class=\"lead\">The first of them, in full:</p>\n");
	html_clause(out, report_case_text(f, g->first, "requirement"), "h4");
	html_case(out, f, g->first, true);
	if (g->n > 1)
		put_all(out, f, v, g);
	(void)rxp_buf_puts(out, "</article>\n");
}

void html_by_way(struct rxp_buf *out, const struct report_file *f, enum verdict v)
{
	struct groups *all = group(f, v);

	if (all == NULL)
		return;
	if (all->n > 1) {
		(void)rxp_buf_puts(out, "<ol>");
		for (size_t g = 0; g < all->n; g++) {
			text_put(out, "<li><a href=\"#%s-%zu\">", verdict_word(v), g + 1);
			put_way(out, all->list[g].why);
			(void)rxp_buf_puts(out, "</a>: ");
			put_counts(out, &all->list[g]);
			(void)rxp_buf_puts(out, "</li>\n");
		}
		(void)rxp_buf_puts(out, "</ol>\n");
	}
	for (size_t g = 0; g < all->n; g++)
		put_group(out, f, v, &all->list[g], g + 1);
	free(all);
}

/* Who ran the suite does it. */
static void put_advice(struct rxp_buf *out, const char *why)
{
	static const struct {
		const char *found, *words;
	} rows[] = {
#define ADVICE(found, words) {found, words},
#include "conformance/report/advice.def"
#undef ADVICE
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strstr(why, rows[i].found) != NULL) {
			(void)rxp_buf_puts(out, "<p><b>To do:</b> ");
			(void)rxp_buf_puts(out, rows[i].words);
			(void)rxp_buf_puts(out, ".</p>");
			return;
		}
}

void html_by_reason(struct rxp_buf *out, const struct report_file *f, enum verdict v)
{
	struct groups *all = group(f, v);

	for (size_t g = 0; all != NULL && g < all->n; g++) {
		const char *why = all->list[g].why;

		(void)rxp_buf_puts(out, "<article><p>Because ");
		text_escaped(out, why);
		(void)rxp_buf_puts(out, ".</p>");
		if (v == VERDICT_INCOMPLETE)
			put_advice(out, why);
		text_put(out, "<details><summary>%zu case%s</summary><ul>", all->list[g].n,
		    all->list[g].n == 1 ? "" : "s");
		for (size_t k = all->list[g].first; k < report_file_cases(f); k++)
			if (is_in(f, k, v, why)) {
				text_put(out, "<li id=\"%s\"><code>%s</code> ",
				    report_case_text(f, k, "id"), report_case_text(f, k, "id"));
				text_escaped(out, report_case_text(f, k, "name"));
				(void)rxp_buf_puts(out, "</li>\n");
			}
		(void)rxp_buf_puts(out, "</ul></details></article>\n");
	}
	free(all);
}
