#include "conformance/report/html_left.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/report/report_file.h"
#include "conformance/report/tally.h"
#include "conformance/report/text.h"
#include "conformance/requirement/binding.h"
#include "conformance/requirement/requirement.h"
#include "conformance/run/plan.h"
#include "protocol/base/buf.h"

/* Why a report says nothing of a requirement: UNCHOSEN: its cases in this role were not selected; ELSEWHERE: they are of other roles;
 * NO_CASE: there is none. */
enum left { HERE, UNCHOSEN, ELSEWHERE, NO_CASE };

/* Of a requirement: why it is left, and of ELSEWHERE the first plan that has a case of it. */
struct one {
	enum left left;
	const struct plan *plan;
};

/* What is in the report stays so. The cases of a requirement mostly stand together. */
static void note_plan(struct one *all, const struct plan *plan, enum left left)
{
	const struct requirement *r = NULL;

	for (size_t i = 0; i < plan->total(); i++) {
		const char *id = plan->facts(i)->requirement;
		struct one *one;

		if (r == NULL || strcmp(r->id, id) != 0)
			r = requirement_find(id);
		if (r == NULL)
			continue;
		one = &all[r - requirement_at(0)];
		if (one->left == NO_CASE || (one->left == ELSEWHERE && left == UNCHOSEN))
			*one = (struct one){left, plan};
	}
}

/* The caller frees it. NULL: no memory. */
static struct one *sort_out(const struct report_file *f)
{
	struct one *all = calloc(requirement_total(), sizeof *all);
	struct tally *tallies = tally_make(f);

	for (size_t i = 0; all != NULL && tallies != NULL && i < requirement_total(); i++)
		all[i].left = tallies[i].all > 0 ? HERE : NO_CASE;
	for (size_t p = 0; all != NULL && p < plan_total(); p++)
		note_plan(all, plan_at(p),
		    strcmp(plan_at(p)->name, report_text(f, "role")) == 0 ? UNCHOSEN : ELSEWHERE);
	free(tallies);
	return all;
}

/* Where it is tried, or why nowhere. */
static void put_why(struct rxp_buf *out, const struct requirement *r, const struct one *one)
{
	struct binding_reason reason;

	if (one->left == ELSEWHERE)
		text_put(out, "in <code>readmit-conform %s</code>", one->plan->name);
	for (const char *role = binding_roles(r); one->left == NO_CASE && *role != '\0'; role++)
		if (binding_reason(&reason, r, *role)) {
			text_escaped(out, reason.words);
			return;
		}
}

static void put_list(struct rxp_buf *out, const struct one *all, enum left left)
{
	static const char *const titles[] = {
	    [UNCHOSEN] =
		"have cases in this role, of which none was selected; the tester runs it without <code>--select</code>",
	    [ELSEWHERE] =
		"have cases in other roles alone; other runs and their reports say what comes of them",
	    [NO_CASE] = "have no case of their own, for the reason that stands beside each"};
	size_t n = 0;

	for (size_t i = 0; i < requirement_total(); i++)
		n += all[i].left == left ? 1 : 0;
	if (n == 0)
		return;
	text_put(out, "<details><summary><b>%zu</b> %s</summary>\n<dl>", n, titles[left]);
	for (size_t i = 0; i < requirement_total(); i++)
		if (all[i].left == left) {
			text_put(out, "<dt><code>%s</code></dt><dd>", requirement_at(i)->id);
			put_why(out, requirement_at(i), &all[i]);
			(void)rxp_buf_puts(out, "</dd>\n");
		}
	(void)rxp_buf_puts(out, "</dl></details>\n");
}

static void put_all(struct rxp_buf *out, const struct one *all)
{
	size_t here = 0;

	for (size_t i = 0; i < requirement_total(); i++)
		here += all[i].left == HERE ? 1 : 0;
	text_put(out,
	    "<h2 id=\"left\">What was not tested</h2>\n<p>The specification has %zu requirements. Of %zu of them this report has a case; "
	    "one that passed here passed in this role alone. Of the others it says nothing:</p>\n",
	    requirement_total(), here);
	for (enum left left = UNCHOSEN; left <= NO_CASE; left++)
		put_list(out, all, left);
	(void)rxp_buf_puts(out,
	    "<p>No run of this suite looks into a product: how it keeps keys and data, who can open them, and what its officers see. Who "
	    "needs to know that has the product examined.</p>\n");
}

void html_left(struct rxp_buf *out, const struct report_file *f)
{
	struct one *all = sort_out(f);

	if (all != NULL)
		put_all(out, all);
	free(all);
}
