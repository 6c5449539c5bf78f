#include "conformance/cli/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define O(name) (1U << OPTION_##name)
#define MANY (-1)

static const struct {
	const char *word, *argument, *help;
} options[] = {
#define OPTION(name, word, argument, help) {word, argument, help},
#include "conformance/cli/option.def"
#undef OPTION
};

_Static_assert(OPTION_COUNT <= 32, "a set of options is one word");

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

/* kept has room for n words. */
static int read_words(
    struct options *o, const struct command *c, int n, char **words, const char **kept)
{
	for (int i = 0; i < n; i++) {
		unsigned option = find_option(words[i]);

		if (option == OPTION_COUNT && words[i][0] != '-' &&
		    o->n_words < (size_t)(c->word == MANY ? n : c->word)) {
			kept[o->n_words++] = words[i];
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
	if (c->word == 1 && o->n_words == 0) {
		fprintf(stderr, "readmit-conform: %s wants one more word\n", c->verb);
		return CONFORM_USAGE;
	}
	return 0;
}

/* Does it name something of this machine? */
static bool is_local(const char *argument)
{
	return strcmp(argument, "DIR") == 0 || strcmp(argument, "FILE") == 0 ||
	       strcmp(argument, "CMD") == 0;
}

static bool is_again(unsigned option)
{
	return option != OPTION_SELECT && option != OPTION_REPORT && option != OPTION_HTML &&
	       option != OPTION_JUNIT && option != OPTION_TAP;
}

/* As a shell reads one word. Returns how long it is, as snprintf() does. */
static size_t put_word(char *out, size_t room, const char *word)
{
	const char *plain =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:,=@%+";
	size_t len = 0;

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
		return (size_t)snprintf(out, room, "%s", word);
	len += (size_t)snprintf(out, room, "'");
	for (; *word != '\0' && len < room; word++) {
		const char one[] = {*word, '\0'};

		len += (size_t)snprintf(out + len, room - len, "%s", *word == '\'' ? "'\\''" : one);
	}
	return len < room ? len + (size_t)snprintf(out + len, room - len, "'") : len;
}

void options_command(char out[OPTIONS_COMMAND], const struct options *o, bool shown)
{
	size_t len = (size_t)snprintf(out, OPTIONS_COMMAND, "readmit-conform %s", o->verb);

	for (unsigned i = 0; i < OPTION_COUNT && len < OPTIONS_COMMAND; i++) {
		const char *value = o->values[i];

		if (value == NULL || !is_again(i))
			continue;
		if (shown && is_local(options[i].argument))
			value = options[i].argument;
		len += (size_t)snprintf(out + len, OPTIONS_COMMAND - len, " --%s%s",
		    options[i].word, options[i].argument[0] == '\0' ? "" : " ");
		if (options[i].argument[0] != '\0' && len < OPTIONS_COMMAND)
			len += put_word(out + len, OPTIONS_COMMAND - len, value);
	}
}

int options_run(int argc, char **argv)
{
	const struct command *c = argc < 2 ? NULL : find_command(argv[1]);
	struct options o = {{NULL}, c == NULL ? NULL : c->verb, NULL, NULL, 0};
	const char **kept;
	int status;

	if (c == NULL)
		return usage();
	kept = calloc((size_t)argc, sizeof *kept);
	if (kept == NULL)
		return CONFORM_ERROR;
	status = read_words(&o, c, argc - 2, argv + 2, kept);
	o.words = kept;
	o.word = kept[0];
	if (status == 0)
		status = check_all_there(&o, c);
	if (status == 0)
		status = c->function(&o);
	free(kept);
	return status;
}
