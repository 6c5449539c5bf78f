/* A report as one page of HTML, without a script and without anything outside of it. */
#include <stdbool.h>

#include "conformance/report/forms.h"
#include "conformance/report/html_group.h"
#include "conformance/report/html_head.h"
#include "conformance/report/html_left.h"
#include "conformance/report/html_matrix.h"
#include "conformance/report/html_reason.h"
#include "conformance/report/html_words.h"
#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "protocol/base/buf.h"

/* anchor: where the top of the page leads to; NULL: it does not. */
static void put_title(struct rxp_buf *out, const char *anchor, const char *title, const char *words)
{
	(void)rxp_buf_puts(out, "<h2");
	if (anchor != NULL)
		text_put(out, " id=\"%s\"", anchor);
	text_put(out, ">%s</h2>\n<p>%s</p>\n", title, words);
}

static void put_ways(struct rxp_buf *out, const struct report_file *f, enum verdict v,
    const char *anchor, const char *title, const char *words)
{
	if (report_file_count(f, v) == 0)
		return;
	put_title(out, anchor, title, words);
	html_by_way(out, f, v);
}

static void put_reasons(struct rxp_buf *out, const struct report_file *f, enum verdict v,
    const char *anchor, const char *title, const char *words)
{
	size_t blocked = v == VERDICT_INCOMPLETE ? html_blocked(f) : 0;

	if (report_file_count(f, v) <= blocked)
		return;
	put_title(out, anchor, title, words);
	html_by_reason(out, f, v, false);
}

static void put_blocked(struct rxp_buf *out, const struct report_file *f)
{
	if (html_blocked(f) == 0)
		return;
	put_title(out, "blocked",
	    report_file_count(f, VERDICT_FAIL) > 0 ? "What other failures stand in the way of"
						   : "Where the product goes wrong too early",
	    "Before these cases came to what they try, the product had already gone wrong. They are tried when that is mended.");
	html_by_reason(out, f, VERDICT_INCOMPLETE, true);
}

static void put_parts(struct rxp_buf *out, const struct report_file *f)
{
	bool weak = report_file_count(f, VERDICT_WEAK) > 0;
	bool incomplete = report_file_count(f, VERDICT_INCOMPLETE) > html_blocked(f);

	put_ways(out, f, VERDICT_FAIL, "wrong", "What is wrong",
	    "This is the product's own, unless its likely cause says that something else answered, and its makers have to mend it: otherwise other States cannot rely on what it says, or "
	    "cannot speak with it. Cases that went wrong in the same way stand together, the gravest first, then the most of them. "
	    "Octets that are no text stand in hexadecimal digits.");
	put_ways(out, f, VERDICT_WEAK, "better",
	    "What is as safe, but not as the specification says",
	    "The product refused what it must refuse, by another answer than the one that is asked for. No harm comes of it; its "
	    "makers should mend it, so that the other side can tell its officers the right reason.");
	put_ways(out, f, VERDICT_WARN, weak ? NULL : "better",
	    "What the specification recommends, and the product does not do",
	    "Nothing of this is forbidden. Its makers should have a reason for it.");
	put_blocked(out, f);
	put_reasons(out, f, VERDICT_INCOMPLETE, "untried", "What could not be tried",
	    "This says nothing of the product yet. The tester does what stands below, and tries again; "
	    "<code>man readmit-conform</code> says how, and <code>readmit-conform explain</code> with the number of a case what it tries.");
	put_reasons(out, f, VERDICT_ERROR, incomplete ? NULL : "untried",
	    "Where the suite itself failed",
	    "This says nothing of the product. Tell those who make the suite.");
	put_reasons(out, f, VERDICT_NA, NULL, "What was not asked",
	    "This is not for this product, or was not wanted.");
}

int form_html(struct rxp_buf *out, const struct report_file *f)
{
	page_begin(out, report_product(f, "party"));
	html_head(out, f);
	html_what(out, f);
	put_parts(out, f);
	html_matrix(out, f);
	html_left(out, f);
	html_words(out);
	page_end(out);
	return rxp_buf_error(out);
}
