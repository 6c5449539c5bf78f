#include "certs/command.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "certs/compartment.h"
#include "certs/escrow.h"
#include "certs/identity.h"
#include "certs/lock.h"
#include "certs/make.h"
#include "certs/options.h"
#include "certs/report.h"
#include "certs/show.h"
#include "certs/state.h"
#include "certs/storage.h"
#include "certs/storage_open.h"
#include "certs/terms.h"
#include "certs/terms_show.h"
#include "protocol/base/err.h"

#define O(name) OPTION_BIT(OPTION_##name)

static const struct command {
	const char *noun, *verb; /* verb NULL: the noun alone */
	int (*run)(const struct options *o);
	uint64_t required, optional;
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

static void print_name(FILE *to, const struct command *c)
{
	fprintf(to, "readmit-pki %s%s%s", c->noun, c->verb == NULL ? "" : " ",
	    c->verb == NULL ? "" : c->verb);
}

static void print_command(FILE *to, const struct command *c)
{
	print_name(to, c);
	for (int j = 0; j < OPTION_COUNT; j++) {
		if ((OPTION_BIT(j) & c->required) != 0)
			print_option(to, (enum option)j, "", "");
		else if ((OPTION_BIT(j) & c->optional) != 0)
			print_option(to, (enum option)j, "[", "]");
	}
	fprintf(to, "%s\n\t%s\n", c->files ? " FILE" : "", c->help);
}

static void print_options(FILE *to, uint64_t options)
{
	for (int j = 0; j < OPTION_COUNT; j++)
		if ((OPTION_BIT(j) & options) != 0)
			fprintf(to, "\t--%s: %s\n", options_text((enum option)j),
			    options_help((enum option)j));
}

/* Of one command, or of all with NULL. */
static void print_usage(FILE *to, const struct command *c)
{
	uint64_t options = c != NULL ? c->required | c->optional : UINT64_MAX;

	for (size_t i = 0; i < N_COMMANDS; i++)
		if (c == NULL || c == &commands[i])
			print_command(to, &commands[i]);
	fprintf(to, "options\n");
	print_options(to, options);
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

static bool asks_for_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

/* One line says what is wrong, this one where to read on. */
static int wrong_use(const struct command *c)
{
	fprintf(stderr, "see ");
	if (c != NULL)
		print_name(stderr, c);
	else
		fprintf(stderr, "readmit-pki");
	fprintf(stderr, " --help\n");
	return COMMAND_USAGE;
}

int command_run(int argc, char **argv)
{
	const struct command *c = find(argc, argv);
	struct options o;
	int words;
	int rc;

	if (asks_for_help(argc, argv)) {
		print_usage(stdout, c);
		return COMMAND_DONE;
	}
	if (c == NULL) {
		report_wrong(argc > 1 ? argv[1] : "command", "there is no such command");
		return wrong_use(NULL);
	}
	words = c->verb == NULL ? 2 : 3;
	rc = options_read(&o, argc - words, argv + words, c->required, c->optional, c->files);
	if (rc == RXP_ERR_CONFIG)
		return wrong_use(c);
	if (rc == 0)
		rc = c->run(&o);
	if (rc == RXP_ERR_CONFIG)
		return COMMAND_USAGE;
	return rc == 0 ? COMMAND_DONE : COMMAND_FAILED;
}
