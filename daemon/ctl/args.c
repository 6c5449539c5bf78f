#include "daemon/ctl/args.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/due_place.h"
#include "daemon/base/fingerprint.h"
#include "daemon/base/halt.h"
#include "daemon/base/journal.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/guess.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/timestamp.h"
#include "protocol/document/document.h"

const struct option_row option_table[OPT_COUNT] = {
#define OPTION(NAME, name, letter, argument, kind, everywhere, times, help) \
	[OPT_##NAME] = {name, letter, argument, OPTION_##kind, everywhere, times, help},
#include "daemon/ctl/option.def"
#undef OPTION
};

const struct command command_table[] = {
#define COMMAND(name, noun, verb, argument, options, method, path, summary) \
	{#name, noun, verb, argument, options, method, path, summary, ctl_##name},
#include "daemon/ctl/command.def"
#undef COMMAND
};

const size_t command_count = sizeof(command_table) / sizeof(command_table[0]);

#define WORDS_MAX (2 + ARGS_ARGUMENTS_MAX) /* noun, verb, arguments */
#define HEADER_MAX 63 /* characters of a value that becomes a header of the API */
#define PSEUDONYM_MAX 16 /* as in attestation.xsd */

struct words {
	const char *word[WORDS_MAX];
	size_t n;
};

static bool is_word_of(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list != '\0'; list += strcspn(list, " "), list += *list == ' ')
		if (strcspn(list, " ") == len && memcmp(list, word, len) == 0)
			return true;
	return false;
}

bool args_takes(const struct command *c, enum option o)
{
	return option_table[o].everywhere || is_word_of(c->options, option_table[o].name);
}

/* --- values ----------------------------------------------------------------------------------- */
static bool is_number(const char *text, unsigned max)
{
	uint64_t value = 0;

	if (*text < '1' || *text > '9')
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		value = value * 10 + (uint64_t)(*text - '0');
		if (value > max)
			return false;
	}
	return *text == '\0';
}

static bool is_id(const char *text, int version)
{
	uint8_t id[RXP_ID_OCTETS];

	return rxp_id_parse(id, text, version) == 0;
}

static bool is_word(const char *text)
{
	size_t n = 0;

	while (text[n] >= '!' && text[n] <= '~' && n <= HEADER_MAX)
		n++;
	return text[n] == '\0' && n > 0 && n <= HEADER_MAX;
}

static bool is_pseudonym(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	return text[n] == '\0' && n > 0 && n <= PSEUDONYM_MAX;
}

/* As RXP-DOC-010 and RXP-PRF-022 have it. */
static bool is_profile(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");

	return n > 0 && n < RXP_PROFILE_TEXT && text[0] != '.' && text[n] == '/' &&
	       is_number(text + n + 1, RXP_MAX_TERMS_VERSION);
}

static const char *const TYPES[] = {
#define ATTACHMENT_TYPE(word) word,
#include "daemon/base/attachment.def"
    NULL};

static const char *const CHECKERS[] = {
#define ATTACHMENT_CHECKER(word) word,
#include "daemon/base/attachment.def"
    NULL};

static bool is_one_of(const char *const *words, const char *text)
{
	while (*words != NULL && strcmp(*words, text) != 0)
		words++;
	return *words != NULL;
}

static bool is_span(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= ARGS_SPAN_DIGITS && (digits == 1 || text[0] != '0') &&
	       (text[digits] == 'h' || text[digits] == 'd') && text[digits + 1] == '\0';
}

static bool is_service(const char *text)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (strncmp(text, schemes[i], strlen(schemes[i])) == 0)
			return strlen(text) > strlen(schemes[i]) && strlen(text) <= ARGS_URL_MAX &&
			       strpbrk(text, " \t\r\n") == NULL;
	return false;
}

static bool value_is(enum option_kind kind, const char *text)
{
	char hex[RXP_DIGEST_HEX];
	struct due_place place;
	int64_t ms;
	int32_t day;

	switch (kind) {
	case OPTION_SWITCH:
		return text[0] == '\0';
	case OPTION_TEXT:
		return text[0] != '\0';
	case OPTION_TIMESTAMP:
		return is_service(text) || strcmp(text, ARGS_NO_SERVICE) == 0;
	case OPTION_FINGERPRINT:
		return fingerprint_parse(hex, text) == 0;
	case OPTION_SECONDS:
		return is_number(text, ARGS_SECONDS_MAX);
	case OPTION_SPAN:
		return is_span(text);
	case OPTION_ENTRY:
		return is_number(text, UINT32_MAX - 1);
	case OPTION_ROWS:
		return is_number(text, ARGS_ROWS_MAX);
	case OPTION_PARTY:
		return rxp_party_valid(text);
	case OPTION_PLACE:
		return rxp_party_valid(text) || is_id(text, 7) || is_id(text, 4) ||
		       is_number(text, UINT32_MAX - 1) || due_place_parse(&place, text) == 0;
	case OPTION_CASE:
		return is_id(text, 4);
	case OPTION_WORD:
		return is_word(text);
	case OPTION_PSEUDONYM:
		return is_pseudonym(text);
	case OPTION_REASON:
		return journal_reason_is(text);
	case OPTION_USER:
		return is_word(text);
	case OPTION_TIME:
		return rxp_day_parse(&day, text) == 0 || rxp_time_parse(&ms, text) == 0;
	case OPTION_TYPE:
		return is_one_of(TYPES, text);
	case OPTION_PROFILE:
		return is_profile(text);
	case OPTION_CHECKER:
		return is_one_of(CHECKERS, text);
	case OPTION_PERSON:
		return text[0] == 'P' && is_number(text + 1, RXP_MAX_PERSONS);
	case OPTION_HALT_REASON:
		return halt_reason_known(text);
	}
	return false;
}

unsigned args_number(const struct args *a, enum option o, unsigned otherwise)
{
	return a->options[o] != NULL ? (unsigned)strtoul(a->options[o], NULL, 10) : otherwise;
}

/* --- options ------------------------------------------------------------------------------------ */
static int unknown_option(char problem[ARGS_PROBLEM_TEXT], const char *text)
{
	struct guess g = guess_begin(text + strspn(text, "-"));

	for (size_t i = 0; i < OPT_COUNT; i++)
		guess_try(&g, option_table[i].name);
	snprintf(problem, ARGS_PROBLEM_TEXT, "unknown option %.40s%s%s", text,
	    g.best != NULL ? "; did you mean --" : "", g.best != NULL ? g.best : "");
	return RXP_ERR_SYNTAX;
}

/* The option that the text names; OPT_COUNT if none. *value: behind its "=", or NULL. */
static enum option option_named(const char *text, const char **value)
{
	*value = NULL;
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		size_t len = strlen(row->name);

		if (text[1] != '-' && text[1] == row->letter && text[2] == '\0')
			return (enum option)i;
		if (text[1] != '-' || strncmp(text + 2, row->name, len) != 0)
			continue;
		if (text[2 + len] == '=')
			*value = text + 2 + len + 1;
		if (text[2 + len] == '=' || text[2 + len] == '\0')
			return (enum option)i;
	}
	return OPT_COUNT;
}

/* Take the option at argv[*i], and its value at the next place if it stands there. */
static int take_option(
    struct args *a, char problem[ARGS_PROBLEM_TEXT], int argc, const char *const *argv, int *i)
{
	const char *text = argv[*i], *value;
	enum option o = option_named(text, &value);
	const struct option_row *row;

	if (o == OPT_COUNT)
		return unknown_option(problem, text);
	row = &option_table[o];
	if (row->kind == OPTION_SWITCH) {
		if (value != NULL) {
			snprintf(problem, ARGS_PROBLEM_TEXT, "--%s takes no value", row->name);
			return RXP_ERR_SYNTAX;
		}
		value = "";
	} else if (value == NULL) {
		value = *i + 1 < argc ? argv[++*i] : "";
	}
	if (a->times[o] == row->times) {
		snprintf(problem, ARGS_PROBLEM_TEXT, "--%s is given %s", row->name,
		    row->times > 1 ? "too often" : "twice");
		return RXP_ERR_SYNTAX;
	}
	if (!value_is(row->kind, value)) {
		snprintf(problem, ARGS_PROBLEM_TEXT, "--%s wants %s: %s", row->name, row->argument,
		    row->help);
		return RXP_ERR_SYNTAX;
	}
	a->options[o] = value;
	a->times[o]++;
	if (row->times > 1)
		a->repeated[a->n_repeated++] = (struct args_repeated){o, value};
	return 0;
}

/* --- commands --------------------------------------------------------------------------------------- */
static int unknown_command(char problem[ARGS_PROBLEM_TEXT], const struct words *w)
{
	bool known_noun = false;
	struct guess g;

	for (size_t i = 0; i < command_count; i++)
		known_noun = known_noun || strcmp(command_table[i].noun, w->word[0]) == 0;
	if (known_noun && w->n < 2) {
		snprintf(problem, ARGS_PROBLEM_TEXT,
		    "what about %.40s? see readmitctl %.40s --help", w->word[0], w->word[0]);
		return RXP_ERR_SYNTAX;
	}
	g = guess_begin(w->word[known_noun]);
	for (size_t i = 0; i < command_count; i++)
		if (!known_noun)
			guess_try(&g, command_table[i].noun);
		else if (strcmp(command_table[i].noun, w->word[0]) == 0)
			guess_try(&g, command_table[i].verb);
	snprintf(problem, ARGS_PROBLEM_TEXT, "unknown command %s%s%.40s%s%s%s%s",
	    known_noun ? w->word[0] : "", known_noun ? " " : "", w->word[known_noun],
	    g.best != NULL ? "; did you mean " : "", g.best != NULL && known_noun ? w->word[0] : "",
	    g.best != NULL && known_noun ? " " : "", g.best != NULL ? g.best : "");
	return RXP_ERR_SYNTAX;
}

/* The kinds of arguments that commands have, and what a wrong one is told; every other kind is any
 * text. */
static bool is_party(const char *text)
{
	return rxp_party_valid(text);
}

static bool is_message(const char *text)
{
	return is_id(text, 7);
}

static bool is_case(const char *text)
{
	return is_id(text, 4);
}

static bool is_case_or_message(const char *text)
{
	return is_id(text, 4) || is_id(text, 7);
}

static bool is_attachment(const char *text)
{
	return is_number(text, RXP_MAX_ATTACHMENTS);
}

static bool is_stop_kind(const char *text)
{
	enum stop_kind kind;

	return stop_kind_parse(&kind, text) == 0;
}

/* A party, a scheme with a code, or a trait: nothing that a path would have to encode. */
static bool is_stop_what(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-");

	return n > 0 && n <= HEADER_MAX && text[n] == '\0';
}

static bool is_person(const char *text)
{
	return text[0] == 'P' && is_number(text + 1, RXP_MAX_PERSONS);
}

static const struct {
	const char *kind;
	bool (*is)(const char *text);
	const char *form;
} KINDS[] = {
    {"PARTY", is_party, "a party code, three capital letters"},
    {"ID", is_message, "a local id, a lower-case UUID"},
    {"CASE", is_case, "a case id, a lower-case UUID"},
    {"CASE-OR-ID", is_case_or_message, "a case id or a local id, a lower-case UUID"},
    {"ID/VERSION", is_profile, "a profile and its version, for example customary/1"},
    {"KIND", is_stop_kind, "peer, crossing or category"},
    {"WHAT", is_stop_what, "a party code, scheme:CODE of a crossing point, or a trait of persons"},
    {"PERSON", is_person, "the key of a person of the case, P1 to P24"},
    {"N", is_attachment, "the number of an attachment, 1 to 128"},
};

/* What the text must be instead; NULL: it is right. */
static const char *wrong_argument(const char *kind, size_t len, const char *text)
{
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		if (strlen(KINDS[i].kind) == len && memcmp(KINDS[i].kind, kind, len) == 0)
			return KINDS[i].is(text) ? NULL : KINDS[i].form;
	return text[0] != '\0' ? NULL : "not empty";
}

static size_t count_words(const char *list)
{
	size_t n = *list != '\0';

	for (; *list != '\0'; list++)
		n += *list == ' ';
	return n;
}

static int take_arguments(struct args *a, char problem[ARGS_PROBLEM_TEXT], const struct words *w)
{
	const struct command *c = a->command;
	size_t at = c->verb[0] != '\0' ? 2 : 1, want = at + count_words(c->argument);
	const char *kind = c->argument;

	if (w->n != want) {
		snprintf(problem, ARGS_PROBLEM_TEXT, "%s: readmitctl %s%s%s%s%s",
		    w->n < want ? "an argument is missing" : "an argument too many", c->noun,
		    c->verb[0] != '\0' ? " " : "", c->verb, c->argument[0] != '\0' ? " " : "",
		    c->argument);
		return RXP_ERR_SYNTAX;
	}
	for (size_t i = 0; at + i < want; i++) {
		size_t len = strcspn(kind, " ");
		const char *wrong = wrong_argument(kind, len, w->word[at + i]);

		if (wrong != NULL) {
			snprintf(problem, ARGS_PROBLEM_TEXT, "%.*s is %s", (int)len, kind, wrong);
			return RXP_ERR_SYNTAX;
		}
		a->argument[i] = w->word[at + i];
		kind += len + (kind[len] == ' ');
	}
	return 0;
}

static int take_command(struct args *a, char problem[ARGS_PROBLEM_TEXT], const struct words *w)
{
	for (size_t i = 0; i < command_count && a->command == NULL; i++) {
		const struct command *c = &command_table[i];

		if (strcmp(c->noun, w->word[0]) == 0 &&
		    (c->verb[0] == '\0' || (w->n > 1 && strcmp(c->verb, w->word[1]) == 0)))
			a->command = c;
	}
	if (a->command == NULL)
		return unknown_command(problem, w);
	for (size_t o = 0; o < OPT_COUNT; o++)
		if (a->options[o] != NULL && !args_takes(a->command, (enum option)o)) {
			snprintf(problem, ARGS_PROBLEM_TEXT,
			    "--%s is not an option of this command", option_table[o].name);
			return RXP_ERR_SYNTAX;
		}
	return take_arguments(a, problem, w);
}

int args_parse(struct args *out, char problem[ARGS_PROBLEM_TEXT], int argc, const char *const *argv)
{
	struct args a = {0};
	struct words w = {0};
	bool options = true;
	int rc = 0;

	for (int i = 1; i < argc && rc == 0; i++) {
		if (options && strcmp(argv[i], "--") == 0) {
			options = false;
		} else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
			rc = take_option(&a, problem, argc, argv, &i);
		} else if (w.n == WORDS_MAX) {
			snprintf(problem, ARGS_PROBLEM_TEXT, "an argument too many");
			rc = RXP_ERR_SYNTAX;
		} else {
			w.word[w.n++] = argv[i];
		}
	}
	if (rc != 0)
		return rc;
	if (a.options[OPT_HELP] != NULL || a.options[OPT_VERSION] != NULL) {
		a.noun = w.n > 0 ? w.word[0] : NULL;
	} else if (w.n == 0) {
		snprintf(problem, ARGS_PROBLEM_TEXT, "what is to be done? see readmitctl --help");
		rc = RXP_ERR_SYNTAX;
	} else {
		rc = take_command(&a, problem, &w);
	}
	if (rc == 0)
		*out = a;
	return rc;
}
