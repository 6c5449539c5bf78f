#include "certs/report.h"

#include <stdio.h>

#include "protocol/err.h"

int report_failure(const char *what, int rc)
{
	if (rc != 0)
		fprintf(stderr, "readmit-pki: %s: %s\n", what, rxp_err_text(rc));
	return rc;
}
