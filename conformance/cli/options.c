#include "conformance/cli/options.h"

#include <stdio.h>
#include <string.h>

#define O(name) (1U << OPTION_##name)

static const struct {
	const char *word, *argument, *help;
} options[] = {
#define OPTION(name, word, argument, help) {word, argument, help},
#include "conformance/cli/option.def"
#undef OPTION
};

static const struct command {
	const char *verb;
	command_fn *function;
	unsigned required, optional;
	int word;
	const char *help;
} commands[] = {
#define COMMAND(verb, function, required, optional, word, help) \
	{verb, function, required, optional, word, help},
#include "conformance/cli/command.def"
#undef COMMAND
};
#define N_COMMANDS (sizeof commands / sizeof commands[0])

static int usage(void)
{
	fputs("readmit-conform COMMAND [--OPTION VALUE ...]\n\n", stderr);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(stderr, "  %-10s %s\n", commands[i].verb, commands[i].help);
	fputc('\n', stderr);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		fprintf(stderr, "  --%s %s: %s\n", options[i].word, options[i].argument,
		    options[i].help);
	return CONFORM_USAGE;
}

static const struct command *find_command(const char *verb)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].verb, verb) == 0)
			return &commands[i];
	return NULL;
}

static unsigned find_option(const char *text)
{
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if (strncmp(text, "--", 2) == 0 && strcmp(options[i].word, text + 2) == 0)
			return i;
	return OPTION_COUNT;
}

static int read_words(struct options *o, const struct command *c, int n, char **words)
{
	for (int i = 0; i < n; i++) {
		unsigned option = find_option(words[i]);

		if (option == OPTION_COUNT && words[i][0] != '-' && c->word && o->word == NULL) {
			o->word = words[i];
			continue;
		}
		if (option == OPTION_COUNT || ((c->required | c->optional) & 1U << option) == 0) {
			fprintf(stderr, "readmit-conform: %s takes no %s\n", c->verb, words[i]);
			return CONFORM_USAGE;
		}
		if (options[option].argument[0] == '\0' && o->values[option] == NULL) {
			o->values[option] = ""; /* it is there */
			continue;
		}
		if (i + 1 == n || o->values[option] != NULL) {
			fprintf(stderr, "readmit-conform: %s wants one %s\n", words[i],
			    options[option].argument);
			return CONFORM_USAGE;
		}
		o->values[option] = words[++i];
	}
	return 0;
}

static int check_all_there(const struct options *o, const struct command *c)
{
	for (unsigned i = 0; i < OPTION_COUNT; i++)
		if ((c->required & 1U << i) != 0 && o->values[i] == NULL) {
			fprintf(stderr, "readmit-conform: %s wants --%s %s: %s\n", c->verb,
			    options[i].word, options[i].argument, options[i].help);
			return CONFORM_USAGE;
		}
	if (c->word && o->word == NULL) {
		fprintf(stderr, "readmit-conform: %s wants one more word\n", c->verb);
		return CONFORM_USAGE;
	}
	return 0;
}

int options_run(int argc, char **argv)
{
	const struct command *c = argc < 2 ? NULL : find_command(argv[1]);
	struct options o = {{NULL}, NULL};
	int status;

	if (c == NULL)
		return usage();
	status = read_words(&o, c, argc - 2, argv + 2);
	if (status == 0)
		status = check_all_there(&o, c);
	return status != 0 ? status : c->function(&o);
}
