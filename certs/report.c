#include "certs/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/terms/terms.h"

int report_failure(const char *what, int rc)
{
	if (rc != 0)
		fprintf(stderr, "readmit-pki: %s: %s\n", what, rxp_err_text(rc));
	return rc;
}

int report_wrong(const char *what, const char *words)
{
	fprintf(stderr, "readmit-pki: %s: %s\n", what, words);
	return RXP_ERR_CONFIG;
}

int report_errno(const char *what)
{
	fprintf(stderr, "readmit-pki: %s: %s\n", what, strerror(errno));
	return RXP_ERR_IO;
}

int report_refusal(const char *what, int rc, const struct rxp_reason *reason)
{
	bool told = rc == RXP_ERR_SCHEMA || rc == RXP_ERR_MISMATCH;

	if (rc == 0 || reason->text == NULL)
		return report_failure(what, rc);
	if (!told)
		report_failure(what, rc);
	fprintf(stderr, "readmit-pki: ");
	if (told)
		fprintf(stderr, "%s: ", what);
	if (reason->line != 0)
		fprintf(stderr, "line %lu: %s: ", reason->line, reason->place);
	fprintf(stderr, "%s (%s)\n", reason->text, reason->requirement);
	return rc;
}
