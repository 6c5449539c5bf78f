#include "certs/options.h"

#include <string.h>

#include "certs/report.h"
#include "certs/sheet.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"

_Static_assert(OPTION_COUNT <= 64, "too many options for a set of bits");

static const struct {
	const char *text, *value;
	size_t most;
	const char *help;
} table[OPTION_COUNT] = {
#define OPTION(name, text, value, most, help) [OPTION_##name] = {text, value, most, help},
#include "certs/option.def"
#undef OPTION
};

static enum option find(const char *word)
{
	int i = 0;

	while (i < OPTION_COUNT && strcmp(table[i].text, word) != 0)
		i++;
	return (enum option)i;
}

int options_add(struct options *o, enum option option, const char *value)
{
	if (o->count[option] == table[option].most)
		return report_wrong(table[option].text, "this option is given too often");
	o->values[option][o->count[option]++] = value;
	return 0;
}

static int read_option(struct options *o, int argc, char **argv, int *at, uint64_t allowed)
{
	enum option option = find(argv[*at] + 2);

	if (option == OPTION_COUNT || (OPTION_BIT(option) & allowed) == 0)
		return report_wrong(argv[*at], "this command has no such option");
	if (table[option].value == NULL)
		return options_add(o, option, "");
	if (*at + 1 == argc)
		return report_wrong(argv[*at], "a value is missing");
	return options_add(o, option, argv[++*at]);
}

static int check_required(const struct options *o, uint64_t required)
{
	for (int i = 0; i < OPTION_COUNT; i++) {
		if ((OPTION_BIT(i) & required) != 0 && o->count[i] == 0)
			return report_wrong(table[i].text, "this option must be given");
	}
	return 0;
}

int options_read(
    struct options *out, int argc, char **argv, uint64_t required, uint64_t optional, int files)
{
	struct options o = {0};
	int rc = 0;

	for (int at = 0; at < argc && rc == 0; at++) {
		if (strncmp(argv[at], "--", 2) == 0)
			rc = read_option(&o, argc, argv, &at, required | optional);
		else if (o.file != NULL || files == 0)
			rc = report_wrong(argv[at], "a word that has no place here");
		else
			o.file = argv[at];
	}
	if (rc == 0 && files != 0 && o.file == NULL)
		rc = report_wrong("FILE", "must be named");
	if (rc == 0)
		rc = check_required(&o, required);
	if (rc == 0)
		*out = o;
	return rc;
}

const char *options_value(const struct options *o, enum option option)
{
	return o->count[option] == 0 ? NULL : o->values[option][0];
}

const char *options_text(enum option option)
{
	return table[option].text;
}

const char *options_value_name(enum option option)
{
	return table[option].value;
}

const char *options_help(enum option option)
{
	return table[option].help;
}
