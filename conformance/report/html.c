/* A report as one page of HTML, without a script and without anything outside of it. */
#include <stdbool.h>

#include "conformance/report/forms.h"
#include "conformance/report/html_group.h"
#include "conformance/report/html_head.h"
#include "conformance/report/html_matrix.h"
#include "conformance/report/html_words.h"
#include "conformance/report/page.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "protocol/base/buf.h"

/* anchor: where the top of the page leads to; NULL: it does not. */
static void put_part(struct rxp_buf *out, const struct report_file *f, enum verdict v,
    const char *anchor, const char *title, const char *words, bool says_of_product)
{
	if (report_file_count(f, v) == 0)
		return;
	(void)rxp_buf_puts(out, "<h2");
	if (anchor != NULL)
		text_put(out, " id=\"%s\"", anchor);
	text_put(out, ">%s</h2>\n<p>%s</p>\n", title, words);
	if (says_of_product)
		html_by_way(out, f, v);
	else
		html_by_reason(out, f, v);
}

static void put_parts(struct rxp_buf *out, const struct report_file *f)
{
	bool weak = report_file_count(f, VERDICT_WEAK) > 0;
	bool incomplete = report_file_count(f, VERDICT_INCOMPLETE) > 0;

	put_part(out, f, VERDICT_FAIL, "wrong", "What is wrong",
	    "This is the product's own, and its makers have to mend it: otherwise other States cannot rely on what it says, or "
	    "cannot speak with it. Cases that went wrong in the same way stand together, the most of them first.",
	    true);
	put_part(out, f, VERDICT_WEAK, "better",
	    "What is as safe, but not as the specification says",
	    "The product refused what it must refuse, by another answer than the one that is asked for. No harm comes of it; its "
	    "makers should mend it, so that the other side can tell its officers the right reason.",
	    true);
	put_part(out, f, VERDICT_WARN, weak ? NULL : "better",
	    "What the specification recommends, and the product does not do",
	    "Nothing of this is forbidden. Its makers should have a reason for it.", true);
	put_part(out, f, VERDICT_INCOMPLETE, "untried", "What could not be tried",
	    "This says nothing of the product yet. Who ran the suite does what stands below, and tries again; "
	    "<code>man readmit-conform</code> says how, and <code>readmit-conform explain</code> with the number of a case what it tries.",
	    false);
	put_part(out, f, VERDICT_ERROR, incomplete ? NULL : "untried",
	    "Where the suite itself failed",
	    "This says nothing of the product. Tell those who make the suite.", false);
	put_part(out, f, VERDICT_NA, NULL, "What was not asked",
	    "This is not for this product, or was not wanted.", false);
}

int form_html(struct rxp_buf *out, const struct report_file *f)
{
	page_begin(out, report_product(f, "party"));
	html_head(out, f);
	html_what(out, f);
	put_parts(out, f);
	html_matrix(out, f);
	html_words(out);
	page_end(out);
	return rxp_buf_error(out);
}
