/* Put a backup in the place of the data of a node that does not run: a program of the daemon's does it, which alone of those outside
 * of the node opens a database. */
#include "daemon/ctl/ctl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_TEXT 1024
#define PROGRAM "libexec/readmitd/restore"

/* bin/readmitctl and libexec/readmitd/ stand side by side. */
static bool find_program(char out[PATH_TEXT])
{
	char exe[PATH_TEXT - sizeof(PROGRAM) - 1];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	char *slash;

	if (n <= 0)
		return false;
	exe[n] = '\0';
	for (int up = 0; up < 2; up++) {
		slash = strrchr(exe, '/');
		if (slash == NULL)
			return false;
		*slash = '\0';
	}
	snprintf(out, PATH_TEXT, "%s/" PROGRAM, exe);
	return true;
}

enum exit_status ctl_restore(struct ctl *c)
{
	const char *backup = c->args.argument[0];
	const char *keys = c->args.options[OPT_KEYS], *erasures = c->args.options[OPT_ERASURES];
	const char *data = c->args.options[OPT_DATA];
	char program[PATH_TEXT];

	if (keys == NULL || erasures == NULL) {
		ctl_complain(
		    c, "name the opened keys and the list of erasures: --keys, --erasures");
		return EXIT_USAGE;
	}
	if (data == NULL)
		data = "/var/lib/readmitd";
	fflush(c->out);
	if (find_program(program))
		execl(program, "restore", backup, keys, erasures, data, (char *)NULL);
	ctl_complain(c, "%s: %s", PROGRAM, strerror(errno));
	return EXIT_FAILED;
}
