/*
 * readmitd - the daemon's entry: options, then the parent process.
 */
#include <getopt.h>
#include <stdio.h>

#include "daemon/base/version.h"
#include "daemon/parent/parent.h"

#define DEFAULT_CONFIG "/etc/readmitd/readmitd.xml"

static int print_help(void)
{
	printf("usage: readmitd [--config FILE] [--check]\n"
	       "  -f, --config FILE  configuration (default " DEFAULT_CONFIG ")\n"
	       "  -t, --check        check the configuration, print every problem, and end\n"
	       "  -V, --version      print the version\n"
	       "  -h, --help         print this\n");
	return PARENT_STATUS_OK;
}

static int see_help(void)
{
	fprintf(stderr, "see readmitd --help\n");
	return PARENT_STATUS_USAGE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'f'},
	    {"check", no_argument, NULL, 't'},
	    {"version", no_argument, NULL, 'V'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0},
	};
	const char *config = DEFAULT_CONFIG;
	int check = 0, option;

	while ((option = getopt_long(argc, argv, "f:tVh", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			config = optarg;
			break;
		case 't':
			check = 1;
			break;
		case 'V':
			puts("readmitd " READMIT_VERSION);
			return PARENT_STATUS_OK;
		case 'h':
			return print_help();
		default: /* getopt_long() has said what is wrong */
			return see_help();
		}
	}
	if (optind < argc) {
		fprintf(stderr, "readmitd: %s has no place here\n", argv[optind]);
		return see_help();
	}
	return check ? parent_check(config) : parent_run(config);
}
