/*
 * readmit-verify - says what a container of evidence proves, and what it does not (RXP-EVI-004 to RXP-EVI-021).
 * For whoever has to judge: it needs no daemon, no network and no keys.
 */
#include <stdio.h>

#include "daemon/verify/run.h"
#include "protocol/base/err.h"
#include "protocol/init.h"

int main(int argc, char **argv)
{
	int rc = rxp_init();
	enum verify_exit status;

	if (rc != 0) {
		fprintf(stderr, "readmit-verify: %s\n", rxp_err_text(rc));
		return VERIFY_UNREADABLE;
	}
	status = verify_run(stdout, stderr, argc, (const char *const *)argv);
	if (fflush(stdout) != 0)
		status = VERIFY_UNREADABLE;
	rxp_cleanup();
	return (int)status;
}
