/*
 * readmit-conform - does an implementation of RXP/1 do what the specification says? Asked over the network, with test
 * States and invented messages only.
 */
#include <signal.h>
#include <stdio.h>

#include "conformance/cli/options.h"
#include "protocol/base/err.h"
#include "protocol/init.h"

int main(int argc, char **argv)
{
	int rc = rxp_init();
	int status;

	if (rc != 0) {
		fprintf(stderr, "readmit-conform: %s\n", rxp_err_text(rc));
		return CONFORM_ERROR;
	}
	/* A product may close while it is spoken to. */
	(void)signal(SIGPIPE, SIG_IGN);
	status = options_run(argc, argv);
	if (fflush(stdout) != 0)
		status = CONFORM_ERROR;
	rxp_cleanup();
	return status;
}
