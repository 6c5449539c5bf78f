/* The command trace, and what explain says of a requirement. */
#include "conformance/cli/trace.h"

#include "conformance/cli/options.h"
#include "conformance/report/trace_form.h"
#include "conformance/requirement/binding.h"
#include "conformance/run/traced.h"
#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define MAX_FORM_OCTETS (16 * 1024UL * 1024)

static void print_on_line(void *arg, const struct case_facts *c)
{
	fprintf(arg, "\n    %-14s %s", c->id, c->name);
}

static void print_id(void *arg, const struct case_facts *c)
{
	fprintf(arg, " %s", c->id);
}

/* Returns how many roles have a case. */
static size_t print_roles(FILE *to, const struct requirement *r, traced_case *print)
{
	size_t n = 0;

	for (const char *role = binding_roles(r); *role != '\0'; role++) {
		struct binding_reason reason;
		bool tried;

		fprintf(to, "  %-10s", binding_role_words(*role));
		tried = traced_each(r, *role, print, to) > 0;
		if (!tried && binding_reason(&reason, r, *role))
			fprintf(to, " no case (%s): %s", reason.class, reason.words);
		fputc('\n', to);
		n += tried;
	}
	return n;
}

void trace_explain(FILE *to, const struct requirement *r)
{
	(void)print_roles(to, r, print_on_line);
}

static void print_all(void)
{
	size_t traced = 0;

	for (size_t i = 0; i < requirement_total(); i++) {
		const struct requirement *r = requirement_at(i);

		printf("%s %s\n", r->id, requirement_level_word(r->level));
		traced += print_roles(stdout, r, print_id) > 0;
	}
	printf("%zu requirements, %zu with a case\n", requirement_total(), traced);
}

/* path NULL: this form is not asked for. */
static int write_form(const char *path, trace_form_fn *form)
{
	struct rxp_buf text;
	int rc;

	if (path == NULL)
		return CONFORM_PASSED;
	rxp_buf_init(&text, MAX_FORM_OCTETS);
	rc = form(&text);
	if (rc == 0)
		rc = files_write(NULL, path, &text);
	rxp_buf_free(&text);
	if (rc != 0)
		fprintf(stderr, "readmit-conform: %s: %s\n", path, rxp_err_text(rc));
	return rc == 0 ? CONFORM_PASSED : CONFORM_ERROR;
}

int command_trace(const struct options *o)
{
	int status = write_form(o->values[OPTION_REPORT], trace_form_json);

	if (status == CONFORM_PASSED)
		status = write_form(o->values[OPTION_HTML], trace_form_html);
	if (o->values[OPTION_REPORT] == NULL && o->values[OPTION_HTML] == NULL)
		print_all();
	return status;
}
