/*
 * readmit-pki - keys, certificates, identity parts, profiles and calendars of one State. It needs no network and is meant
 * for a machine that has none.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "certs/command.h"
#include "protocol/base/err.h"
#include "protocol/init.h"

int main(int argc, char **argv)
{
	const struct rlimit no_core = {0}; /* no core file has a key in it */
	int rc = rxp_init();
	int status;

	(void)setrlimit(RLIMIT_CORE, &no_core);
	if (rc != 0) {
		fprintf(stderr, "readmit-pki: %s\n", rxp_err_text(rc));
		return COMMAND_FAILED;
	}
	status = command_run(argc, argv);
	if (fflush(stdout) != 0)
		status = COMMAND_FAILED;
	rxp_cleanup();
	return status;
}
