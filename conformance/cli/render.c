/* The command report: other forms of a report. */
#include <stdio.h>

#include "conformance/cli/options.h"
#include "conformance/report/forms.h"
#include "conformance/state/files.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define MAX_FORM_OCTETS (512 * 1024UL * 1024)

static const struct {
	enum option option;
	form_fn *form;
} forms[] = {
    {OPTION_HTML, form_html},
    {OPTION_JUNIT, form_junit},
    {OPTION_TAP, form_tap},
};
#define N_FORMS (sizeof forms / sizeof forms[0])

static int complain(const char *path, int rc)
{
	fprintf(stderr, "readmit-conform: %s: %s\n", path, rxp_err_text(rc));
	return rc == RXP_ERR_SYNTAX || rc == RXP_ERR_NOT_FOUND ? CONFORM_USAGE : CONFORM_ERROR;
}

int command_report(const struct options *o)
{
	struct report_file *f = NULL;
	int rc = report_file_open(&f, o->word);

	if (rc != 0)
		return complain(o->word, rc);
	for (size_t i = 0; i < N_FORMS && rc == 0; i++) {
		const char *path = o->values[forms[i].option];
		struct rxp_buf out;

		if (path == NULL)
			continue;
		rxp_buf_init(&out, MAX_FORM_OCTETS);
		rc = forms[i].form(&out, f);
		if (rc == 0)
			rc = files_write(NULL, path, &out);
		rxp_buf_free(&out);
		if (rc != 0)
			rc = complain(path, rc);
	}
	report_file_free(f);
	return rc;
}
