/*
 * args - the command line of readmitctl, read by the tables command.def and option.def.
 *
 * noun [verb] [argument [argument]], options anywhere, --name value or --name=value, -- ends the
 * options. Every value is checked here, so that what goes into a path of the API needs no encoding.
 */
#ifndef CTL_ARGS_H
#define CTL_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/base/limits.h"

struct ctl;

enum exit_status {
#define EXIT(name, status, meaning) EXIT_##name = (status),
#include "daemon/ctl/exit.def"
#undef EXIT
};

#define ARGS_URL_MAX 200 /* octets */
#define ARGS_NO_SERVICE "none"

enum option_kind {
	OPTION_SWITCH,
	OPTION_TEXT,
	OPTION_TIMESTAMP, /* http or https URL of a service, or ARGS_NO_SERVICE */
	OPTION_FINGERPRINT,
	OPTION_SECONDS,
	OPTION_ROWS,
	OPTION_SPAN, /* whole hours or days: 12h, 3d */
	OPTION_PARTY,
	OPTION_PLACE, /* a party, an id or a number, as the command's list has it */
	OPTION_CASE, /* a case id */
	OPTION_WORD, /* 1 to 63 visible ASCII characters, as a header holds them */
	OPTION_PSEUDONYM, /* of an officer: 1 to 16 capital letters, digits and hyphens */
	OPTION_REASON, /* a word of journal.def */
	OPTION_USER, /* a user of this machine by name or number */
	OPTION_TIME, /* a day, or a time as on the wire */
	OPTION_TYPE, /* what an attachment shows, and who checked it (attachment.def) */
	OPTION_CHECKER,
	OPTION_PROFILE, /* ID/VERSION of a profile */
	OPTION_PERSON, /* the key of a person, P1 to P24 */
	OPTION_HALT_REASON, /* of halt.def */
	OPTION_ENTRY, /* the number of an entry of a log */
};

enum option {
#define OPTION(NAME, name, letter, argument, kind, everywhere, times, help) OPT_##NAME,
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
	unsigned times; /* that it may be given */
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
#define ARGS_SPAN_DIGITS 4
#define ARGS_ARGUMENTS_MAX 2
#define ARGS_REPEATED_MAX \
	(3 * RXP_MAX_ATTACHMENTS + RXP_MAX_PERSONS + \
	    2) /* the sum of the times of those that repeat */

struct args_repeated {
	enum option option;
	const char *value;
};

/* All texts are borrowed from argv. */
struct args {
	const struct command *command; /* NULL only with help or version */
	const char *noun; /* with help: of the commands to describe, or NULL for all */
	const char *argument[ARGS_ARGUMENTS_MAX]; /* NULL if the command has not so many */
	const char *options[OPT_COUNT]; /* value, "" for a switch, NULL if not given */
	unsigned times[OPT_COUNT]; /* that each was given */
	struct args_repeated repeated[ARGS_REPEATED_MAX]; /* those that repeat, in order */
	size_t n_repeated;
};

/* RXP_ERR_SYNTAX: problem says what is wrong and what may have been meant. */
int args_parse(
    struct args *out, char problem[ARGS_PROBLEM_TEXT], int argc, const char *const *argv);

/* Does the command take the option? */
bool args_takes(const struct command *c, enum option o);

/* A number that args_parse() has checked, or `otherwise` if the option was not given. */
unsigned args_number(const struct args *a, enum option o, unsigned otherwise);

#endif
