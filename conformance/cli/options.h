/*
 * options - the command line of readmit-conform, taken apart by the tables command.def and option.def.
 */
#ifndef CONFORM_OPTIONS_H
#define CONFORM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option {
#define OPTION(name, word, argument, help) OPTION_##name,
#include "conformance/cli/option.def"
#undef OPTION
	OPTION_COUNT
};

enum conform_exit {
#define CONFORM_EXIT(name, status, meaning) CONFORM_##name = (status),
#include "conformance/cli/exit.def"
#undef CONFORM_EXIT
};

struct options {
	const char *values[OPTION_COUNT]; /* NULL: not given. Borrowed from argv */
	const char *verb; /* of the command */
	const char *word; /* the first that is no option; NULL if there is none */
	const char *const *words; /* all of those; borrowed */
	size_t n_words;
};

/* Run what the command line says; everything that is wrong has been said on standard error. Returns an exit status. */
int options_run(int argc, char **argv);

#define OPTIONS_COMMAND 4096
/*
 * The command line that tries the same again, but for what selects cases and writes reports; cut at OPTIONS_COMMAND. shown: for
 * others to read, so that folders, files and commands of this machine are not in it: they are named as in the help, DIR, FILE, CMD.
 */
void options_command(char out[OPTIONS_COMMAND], const struct options *o, bool shown);

/* The commands, each with an exit status; rxp_init() has been called. */
typedef int command_fn(const struct options *o);
command_fn command_init, command_preflight, command_respond, command_wire, command_initiate,
    command_smoke, command_selftest, command_report, command_list, command_explain, command_trace,
    command_doc, command_vectors, command_proxy, command_statement, command_verify;

#endif
