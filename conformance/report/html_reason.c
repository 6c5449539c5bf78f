#include "conformance/report/html_reason.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/report/group.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "protocol/base/buf.h"

#define BLOCKED "before it, " /* how a reason begins that lies in another failure */

static bool is_blocked(const struct report_file *f, size_t i)
{
	return report_case_verdict(f, i) == VERDICT_INCOMPLETE &&
	       strncmp(report_case_text(f, i, "why"), BLOCKED, strlen(BLOCKED)) == 0;
}

size_t html_blocked(const struct report_file *f)
{
	size_t n = 0;

	for (size_t i = 0; i < report_file_cases(f); i++)
		n += is_blocked(f, i) ? 1 : 0;
	return n;
}

const char *html_reason(const struct report_file *f, size_t *n)
{
	struct groups *all = groups_make(f, VERDICT_INCOMPLETE);
	const char *why = NULL;

	*n = 0;
	for (size_t g = 0; all != NULL && g < all->n; g++)
		if (!is_blocked(f, all->list[g].first) && all->list[g].n > *n) {
			why = all->list[g].why;
			*n = all->list[g].n;
		}
	free(all);
	return why;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Did one of the group go wrong as the reason tells, or give nothing under the seal where that is what was missed? */
static bool is_blocker(const struct report_file *f, const struct group *g, const char *why)
{
	const char *seen = report_case_text(f, g->first, "seen");

	if (strstr(why, "no answer under the product's seal") != NULL)
		return begins(seen, "the status 5") || begins(seen, "an answer that is none") ||
		       begins(seen, "no octet of HTTP");
	return seen[0] != '\0' && strstr(why, seen) != NULL &&
	       strstr(why, report_case_text(f, g->first, "expected")) != NULL;
}

/* Does the reason name a requirement, and what went wrong by it, in the words by which a case of that requirement is of the group? */
static bool is_the_same(const struct report_file *f, const struct group *g, const char *why)
{
	const char *said = strncmp(why, BLOCKED, strlen(BLOCKED)) == 0 ? why + strlen(BLOCKED) : "";
	const char *colon = strstr(said, ": ");

	if (colon == NULL || strcmp(colon + strlen(": "), g->why) != 0)
		return false;
	for (size_t i = 0; i < report_file_cases(f); i++) {
		const char *requirement = report_case_text(f, i, "requirement");

		if (group_has(f, i, VERDICT_FAIL, g->why) &&
		    strlen(requirement) == (size_t)(colon - said) &&
		    strncmp(requirement, said, strlen(requirement)) == 0)
			return true;
	}
	return false;
}

typedef bool is_fn(const struct report_file *f, const struct group *g, const char *why);

/* Links to the groups of failures that are so. false: there are none. */
static bool put_links(struct rxp_buf *out, const struct report_file *f, const char *why, is_fn *is,
    const char *before, const char *behind)
{
	struct groups *all = groups_make(f, VERDICT_FAIL);
	bool found = false;

	for (size_t g = 0; all != NULL && g < all->n; g++)
		if (is(f, &all->list[g], why)) {
			text_put(out, "%s<a href=\"#fail-%zu\">failure %zu</a>",
			    found ? ", " : before, g + 1, g + 1);
			found = true;
		}
	(void)rxp_buf_puts(out, found ? behind : "");
	free(all);
	return found;
}

/* What a case met on its way is certain where it says so; otherwise no case knows by which defect another one went wrong. */
static void put_blockers(struct rxp_buf *out, const struct report_file *f, const char *why)
{
	if (!put_links(out, f, why, is_the_same, "<p>This stands in the way: ",
		", which was met here, too. Mend that first, and try these again.</p>"))
		(void)put_links(out, f, why, is_blocker,
		    "<p>Likely, not certain, this stands in the way: ",
		    ", where the product answers alike. Mend that first, and try these again.</p>");
}

/* The tester does it. */
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

/* One that could not be tried, to be sorted by its area: "ANS" of "ANS-005.R.p1". */
struct untried {
	const char *area;
	size_t length, i;
};

static bool same_area(const struct untried *a, const struct untried *b)
{
	return a->length == b->length && strncmp(a->area, b->area, a->length) == 0;
}

static int by_area(const void *a, const void *b)
{
	const struct untried *x = a, *y = b;
	size_t shorter = x->length < y->length ? x->length : y->length;
	int order = strncmp(x->area, y->area, shorter);

	if (order == 0 && x->length != y->length)
		order = x->length < y->length ? -1 : 1;
	return order != 0 ? order : x->i < y->i ? -1 : x->i > y->i;
}

static void put_areas(
    struct rxp_buf *out, const struct report_file *f, const struct untried *list, size_t n)
{
	for (size_t i = 0, k; i < n; i = k) {
		for (k = i + 1; k < n && same_area(&list[i], &list[k]);)
			k++;
		text_put(out, "<p><b>RXP-%.*s</b>, %zu case%s:</p>\n<ul>", (int)list[i].length,
		    list[i].area, k - i, k - i == 1 ? "" : "s");
		for (size_t m = i; m < k; m++) {
			const char *id = report_case_text(f, list[m].i, "id");

			text_put(out, "<li id=\"%s\"><code>%s</code> ", id, id);
			text_escaped(out, report_case_text(f, list[m].i, "name"));
			(void)rxp_buf_puts(out, "</li>\n");
		}
		(void)rxp_buf_puts(out, "</ul>");
	}
}

static void put_cases(
    struct rxp_buf *out, const struct report_file *f, enum verdict v, const struct group *g)
{
	struct untried *list = calloc(g->n, sizeof *list);
	size_t n = 0;

	if (list == NULL)
		return;
	for (size_t i = g->first; i < report_file_cases(f) && n < g->n; i++)
		if (group_has(f, i, v, g->why)) {
			const char *id = report_case_text(f, i, "id");

			list[n++] = (struct untried){id, strcspn(id, "-"), i};
		}
	qsort(list, n, sizeof *list, by_area);
	text_put(out, "<details><summary>%zu case%s, by area</summary>", n, n == 1 ? "" : "s");
	put_areas(out, f, list, n);
	(void)rxp_buf_puts(out, "</details>");
	free(list);
}

void html_by_reason(struct rxp_buf *out, const struct report_file *f, enum verdict v, bool blocked)
{
	struct groups *all = groups_make(f, v);

	for (size_t g = 0; all != NULL && g < all->n; g++) {
		const char *why = all->list[g].why;

		if (is_blocked(f, all->list[g].first) != blocked)
			continue;
		(void)rxp_buf_puts(
		    out, blocked ? "<article><p>Before each of them, " : "<article><p>Because ");
		text_escaped(out, blocked ? why + strlen(BLOCKED) : why);
		(void)rxp_buf_puts(out, ".</p>");
		if (blocked)
			put_blockers(out, f, why);
		else if (v == VERDICT_INCOMPLETE)
			put_advice(out, why);
		put_cases(out, f, v, &all->list[g]);
		(void)rxp_buf_puts(out, "</article>\n");
	}
	free(all);
}
