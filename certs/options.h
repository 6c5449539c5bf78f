/*
 * options - the command line of readmit-pki, read by the tables option.def and command.def.
 */
#ifndef CERTS_OPTIONS_H
#define CERTS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum option {
#define OPTION(name, text, value, most, help) OPTION_##name,
#include "certs/option.def"
#undef OPTION
	OPTION_COUNT
};

#define OPTION_BIT(option) (UINT64_C(1) << (option)) /* a set of options is a sum of them */
#define OPTIONS_MAX_VALUES 16 /* of one option */

struct options {
	const char *values[OPTION_COUNT][OPTIONS_MAX_VALUES]; /* borrowed; "" for a flag */
	size_t count[OPTION_COUNT];
	const char *file; /* NULL if none */
};

/* Read the words behind the command's own. Problems are said on standard error.
 * RXP_ERR_CONFIG: unknown, missing, or too many. */
int options_read(
    struct options *out, int argc, char **argv, uint64_t required, uint64_t optional, int files);

/* One more value, as if it had been on the command line. RXP_ERR_CONFIG: too many. */
int options_add(struct options *o, enum option option, const char *value);

/* The first value, or NULL. */
const char *options_value(const struct options *o, enum option option);

/* Text and value of an option, for a list of them; value is NULL for a flag. */
const char *options_text(enum option option);
const char *options_value_name(enum option option);
const char *options_help(enum option option);

#endif
