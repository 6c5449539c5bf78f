/* A report as TAP 13, which readers of TAP 14 take as well: a test point for each case. */
#include <stdbool.h>

#include "conformance/report/forms.h"
#include "conformance/report/report_file.h"
#include "conformance/report/text.h"
#include "protocol/base/buf.h"

/* A "#" would begin a directive. */
static void put_description(struct rxp_buf *out, const char *text)
{
	for (; *text != '\0'; text++)
		(void)rxp_buf_putc(out, *text == '#' || *text == '\n' ? ' ' : (uint8_t)*text);
}

/* In single quotes of YAML. */
static void put_quoted(struct rxp_buf *out, const char *name, const char *text)
{
	text_put(out, "  %s: '", name);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			(void)rxp_buf_putc(out, '\'');
		(void)rxp_buf_putc(out, *text == '\n' ? ' ' : (uint8_t)*text);
	}
	(void)rxp_buf_puts(out, "'\n");
}

static void put_case(struct rxp_buf *out, const struct report_file *f, size_t i)
{
	enum verdict v = report_case_verdict(f, i);
	bool good = v == VERDICT_PASS || v == VERDICT_WEAK || v == VERDICT_WARN || v == VERDICT_NA;

	text_put(out, "%sok %zu - %s ", good ? "" : "not ", i + 1, report_case_text(f, i, "id"));
	put_description(out, report_case_text(f, i, "name"));
	if (v == VERDICT_NA) {
		(void)rxp_buf_puts(out, " # SKIP ");
		put_description(out, report_case_text(f, i, "why"));
	}
	(void)rxp_buf_puts(out, "\n");
	if (v == VERDICT_PASS || v == VERDICT_NA)
		return;
	(void)rxp_buf_puts(out, "  ---\n");
	put_quoted(out, "verdict", verdict_word(v));
	put_quoted(out, "requirement", report_case_text(f, i, "requirement"));
	put_quoted(out, "why", report_case_text(f, i, "why"));
	(void)rxp_buf_puts(out, "  ...\n");
}

int form_tap(struct rxp_buf *out, const struct report_file *f)
{
	text_put(out, "TAP version 13\n1..%zu\n", report_file_cases(f));
	for (size_t i = 0; i < report_file_cases(f); i++)
		put_case(out, f, i);
	return rxp_buf_error(out);
}
