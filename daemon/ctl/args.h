/*
 * args - the command line of readmitctl, read by the tables command.def and option.def.
 *
 * noun [verb] [argument], options anywhere, --name value or --name=value, -- ends the options. Every value
 * is checked here, so that what goes into a path of the API needs no encoding.
 */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

struct ctl;

enum exit_status {
#define EXIT(name, status, meaning) EXIT_##name = (status),
#include "daemon/ctl/exit.def"
#undef EXIT
};

enum option_kind {
	OPTION_SWITCH,
	OPTION_TEXT,
	OPTION_FINGERPRINT,
	OPTION_SECONDS,
	OPTION_ROWS,
	OPTION_PARTY,
	OPTION_PLACE, /* a party or an id, as the command's list has it */
};

enum option {
#define OPTION(NAME, name, letter, argument, kind, everywhere, help) OPT_##NAME,
#include "daemon/ctl/option.def"
#undef OPTION
	OPT_COUNT
};

struct option_row {
	const char *name;
	char letter;
	const char *argument;
	enum option_kind kind;
	bool everywhere;
	const char *help;
};

struct command {
	const char *name, *noun, *verb, *argument, *options, *method, *path, *summary;
	enum exit_status (*run)(struct ctl *c);
};

extern const struct option_row option_table[OPT_COUNT];
extern const struct command command_table[];
extern const size_t command_count;

#define ARGS_PROBLEM_TEXT 256
#define ARGS_SECONDS_MAX 3600
#define ARGS_ROWS_MAX 100

struct args {
	const struct command *command; /* NULL only with help or version */
	const char *noun; /* with help: of the commands to describe, or NULL for all */
	const char *argument; /* NULL if the command has none */
	const char
	    *options[OPT_COUNT]; /* value, "" for a switch, NULL if not given; borrowed from argv */
};

/* RXP_ERR_SYNTAX: problem says what is wrong and what may have been meant. */
int args_parse(
    struct args *out, char problem[ARGS_PROBLEM_TEXT], int argc, const char *const *argv);

/* Does the command take the option? */
bool args_takes(const struct command *c, enum option o);

/* A number that args_parse() has checked, or `otherwise` if the option was not given. */
unsigned args_number(const struct args *a, enum option o, unsigned otherwise);

#endif
