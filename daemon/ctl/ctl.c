/*
 * readmitctl - the command line of readmitd.
 */
#include <stdio.h>
#include <unistd.h>

#include <curl/curl.h>

#include "daemon/ctl/ctl.h"
#include "protocol/init.h"

int main(int argc, char **argv)
{
	struct ctl c = {.in = stdin,
	    .out = stdout,
	    .err = stderr,
	    .asks = isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1,
	    .terminal = isatty(STDERR_FILENO) == 1,
	    .call = call_socket,
	    .web = web_post};
	enum exit_status status;

	if (curl_global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
		return EXIT_FAILED;
	status = ctl_run(&c, argc, (const char *const *)argv);
	if (fflush(stdout) != 0 && status == EXIT_OK)
		status = EXIT_FAILED;
	if (c.librxp)
		rxp_cleanup();
	curl_global_cleanup();
	return (int)status;
}
