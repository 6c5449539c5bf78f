#include "certs/command.h"

#include <stdio.h>
#include <string.h>

#include "protocol/err.h"
#include "certs/identity.h"
#include "certs/make.h"
#include "certs/options.h"
#include "certs/show.h"
#include "certs/state.h"
#include "certs/terms.h"
#include "certs/terms_show.h"

#define O(name) OPTION_BIT(OPTION_##name)

static const struct command {
	const char *noun, *verb; /* verb NULL: the noun alone */
	int (*run)(const struct options *o);
	unsigned required, optional;
	int files;
	const char *help;
} commands[] = {
#define COMMAND(noun, verb, function, required, optional, file, help) \
	{noun, verb, function, required, optional, file, help},
#include "certs/command.def"
#undef COMMAND
};

#define N_COMMANDS (sizeof commands / sizeof commands[0])

static void print_option(FILE *to, enum option option, const char *open, const char *close)
{
	const char *value = options_value_name(option);

	fprintf(to, " %s--%s%s%s%s", open, options_text(option), value == NULL ? "" : " ",
	    value == NULL ? "" : value, close);
}

static void print_usage(FILE *to)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct command *c = &commands[i];

		fprintf(to, "readmit-pki %s%s%s", c->noun, c->verb == NULL ? "" : " ",
		    c->verb == NULL ? "" : c->verb);
		for (int j = 0; j < OPTION_COUNT; j++) {
			if ((OPTION_BIT(j) & c->required) != 0)
				print_option(to, (enum option)j, "", "");
			else if ((OPTION_BIT(j) & c->optional) != 0)
				print_option(to, (enum option)j, "[", "]");
		}
		fprintf(to, "%s\n\t%s\n", c->files ? " FILE" : "", c->help);
	}
	fprintf(to, "options\n");
	for (int j = 0; j < OPTION_COUNT; j++)
		fprintf(
		    to, "\t--%s: %s\n", options_text((enum option)j), options_help((enum option)j));
}

static const struct command *find(int argc, char **argv)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct command *c = &commands[i];

		if (argc >= 2 && strcmp(argv[1], c->noun) == 0 &&
		    (c->verb == NULL || (argc >= 3 && strcmp(argv[2], c->verb) == 0)))
			return c;
	}
	return NULL;
}

int command_run(int argc, char **argv)
{
	const struct command *c = find(argc, argv);
	struct options o;
	int words;
	int rc;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		print_usage(stdout);
		return COMMAND_DONE;
	}
	if (c == NULL) {
		print_usage(stderr);
		return COMMAND_USAGE;
	}
	words = c->verb == NULL ? 2 : 3;
	rc = options_read(&o, argc - words, argv + words, c->required, c->optional, c->files);
	if (rc == 0)
		rc = c->run(&o);
	if (rc == RXP_ERR_CONFIG)
		return COMMAND_USAGE;
	return rc == 0 ? COMMAND_DONE : COMMAND_FAILED;
}
