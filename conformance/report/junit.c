/*
 * A report as JUnit's XML: a test case for each case, its requirement as the class. It satisfies both schemas in use, that of Ant's
 * JUnitReport and that of Jenkins: the former asks for a time without zone (of UTC here) and for elements that are empty here, and lets
 * a test case that passed say nothing, so that what was weak or warned of stands in the output of the suite.
 */
#include <string.h>

#include "conformance/report/forms.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "conformance/requirement/requirement.h"
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

/* What a person needs who sees this alone; the rest of the element. */
static void put_text(
    struct rxp_buf *out, const struct report_file *f, size_t i, const char *element)
{
	const char *id = report_case_text(f, i, "requirement");
	const struct requirement *r = requirement_find(id);
	const struct {
		const char *word, *text;
	} lines[] = {{id, r == NULL ? "" : r->text},
	    {"expected", report_case_text(f, i, "expected")},
	    {"seen", report_case_text(f, i, "seen")}};

	(void)rxp_buf_puts(out, ">");
	for (size_t k = 0; k < sizeof lines / sizeof lines[0]; k++) {
		text_put(out, "%s: ", lines[k].word);
		text_escaped(out, lines[k].text);
		(void)rxp_buf_puts(out, "\n");
	}
	(void)rxp_buf_puts(out, "again: ");
	text_escaped(out, report_text(f, "command"));
	text_put(out, " --select %s</%s></testcase>\n", report_case_text(f, i, "id"), element);
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
	if (element == NULL) {
		(void)rxp_buf_puts(out, "/>\n");
		return;
	}
	text_put(out, "><%s", element);
	if (v != VERDICT_NA)
		put_attribute(out, "type", verdict_word(v));
	put_attribute(out, "message", report_case_text(f, i, "why"));
	if (v == VERDICT_NA)
		(void)rxp_buf_puts(out, "/></testcase>\n");
	else
		put_text(out, f, i, element);
}

/* What a test case that passed has no place for. */
static void put_output(struct rxp_buf *out, const struct report_file *f)
{
	(void)rxp_buf_puts(out, "  <system-out>");
	for (size_t i = 0; i < report_file_cases(f); i++) {
		enum verdict v = report_case_verdict(f, i);

		if (v == VERDICT_PASS || element_of(v) != NULL)
			continue;
		text_put(out, "%s %s: ", report_case_text(f, i, "id"), verdict_word(v));
		text_escaped(out, report_case_text(f, i, "why"));
		(void)rxp_buf_puts(out, "\n");
	}
	(void)rxp_buf_puts(out, "</system-out>\n  <system-err/>\n");
}

/* "2026-11-23T10:00:00" */
static void put_timestamp(struct rxp_buf *out, const char *began)
{
	text_put(out, " timestamp=\"%.*s\"", (int)strcspn(began, "."), began);
}

int form_junit(struct rxp_buf *out, const struct report_file *f)
{
	const char *party = report_product(f, "party");
	int ms = 0;

	for (size_t i = 0; i < report_file_cases(f); i++)
		ms += report_case_ms(f, i);
	(void)rxp_buf_puts(
	    out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n <testsuite");
	put_attribute(out, "name", "readmit-conform");
	put_attribute(out, "package", report_text(f, "role"));
	(void)rxp_buf_puts(out, " id=\"0\"");
	put_timestamp(out, report_text(f, "began"));
	put_attribute(out, "hostname", party[0] == '\0' ? "localhost" : party);
	text_put(out,
	    " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"%zu\" time=\"%d.%03d\">\n",
	    report_file_cases(f), report_file_count(f, VERDICT_FAIL),
	    report_file_count(f, VERDICT_INCOMPLETE) + report_file_count(f, VERDICT_ERROR),
	    report_file_count(f, VERDICT_NA), ms / 1000, ms % 1000);
	(void)rxp_buf_puts(out, "  <properties/>\n");
	for (size_t i = 0; i < report_file_cases(f); i++)
		put_case(out, f, i);
	put_output(out, f);
	return rxp_buf_puts(out, " </testsuite>\n</testsuites>\n");
}
