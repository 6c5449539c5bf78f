/* A report as JUnit's XML: a test case for each case, its requirement as the class. */
#include "conformance/report/forms.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "protocol/base/buf.h"

/* What a reader of JUnit sees of a verdict; NULL: nothing, it passed. */
static const char *element_of(enum verdict v)
{
	switch (v) {
	case VERDICT_PASS:
	case VERDICT_WEAK:
	case VERDICT_WARN:
		return NULL;
	case VERDICT_FAIL:
		return "failure";
	case VERDICT_NA:
		return "skipped";
	default:
		return "error";
	}
}

static void put_attribute(struct rxp_buf *out, const char *name, const char *value)
{
	text_put(out, " %s=\"", name);
	text_escaped(out, value);
	(void)rxp_buf_puts(out, "\"");
}

static void put_case(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	enum verdict v = report_case_verdict(f, i);
	const char *element = element_of(v);

	(void)rxp_buf_puts(out, "  <testcase");
	put_attribute(out, "classname", report_case_text(f, i, "requirement"));
	text_put(out, " name=\"%s: ", report_case_text(f, i, "id"));
	text_escaped(out, report_case_text(f, i, "name"));
	text_put(
	    out, "\" time=\"%d.%03d\"", report_case_ms(f, i) / 1000, report_case_ms(f, i) % 1000);
	if (v == VERDICT_PASS) {
		(void)rxp_buf_puts(out, "/>\n");
		return;
	}
	(void)rxp_buf_puts(out, ">");
	if (element != NULL) {
		text_put(out, "<%s", element);
		if (v != VERDICT_NA)
			put_attribute(out, "type", verdict_word(v));
		put_attribute(out, "message", report_case_text(f, i, "why"));
		(void)rxp_buf_puts(out, "/>");
	} else {
		text_put(out, "<system-out>%s: ", verdict_word(v));
		text_escaped(out, report_case_text(f, i, "why"));
		(void)rxp_buf_puts(out, "</system-out>");
	}
	(void)rxp_buf_puts(out, "</testcase>\n");
}

int form_junit(struct rxp_buf *out, const struct report_file *f)
{
	int ms = 0;

	for (size_t i = 0; i < report_file_cases(f); i++)
		ms += report_case_ms(f, i);
	(void)rxp_buf_puts(
	    out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n <testsuite");
	put_attribute(out, "name", "readmit-conform");
	put_attribute(out, "timestamp", report_text(f, "began"));
	put_attribute(out, "hostname", report_product(f, "party"));
	text_put(out,
	    " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%d.%03d\">\n",
	    report_file_cases(f), report_file_count(f, VERDICT_FAIL),
	    report_file_count(f, VERDICT_INCOMPLETE) + report_file_count(f, VERDICT_ERROR),
	    report_file_count(f, VERDICT_NA), ms / 1000, ms % 1000);
	for (size_t i = 0; i < report_file_cases(f); i++)
		put_case(out, f, i);
	return rxp_buf_puts(out, " </testsuite>\n</testsuites>\n");
}
