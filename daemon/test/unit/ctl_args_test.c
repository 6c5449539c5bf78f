/*
 * ctl_args_test - goals:
 *   every row of command.def parses to itself; its options are taken, every other is refused
 *   wrong words, values, counts and doubled options are usage errors that say what may be meant
 *   the manual page names every command, option and exit status; help and completion too
 * links: ctl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/fingerprint.h"
#include "daemon/ctl/args.h"
#include "daemon/ctl/help.h"
#include "protocol/base/err.h"

#define ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define FINGERPRINT "00112233445566778899AABBCCDDEEFF 00:11:22:33-445566778899aabbccddeeff"
#define CASE "44444444-4444-4444-8444-444444444444"
#define MANUAL "daemon/man/readmitctl.1.scd"
#define WORDS_MAX 48
#define FILE_MAX (1UL << 20) /* octets of the help of every command, one after the other */

static char problem[ARGS_PROBLEM_TEXT];

/* Words separated by '|'. */
static int parse(struct args *a, const char *line)
{
	static char copy[512];
	const char *argv[WORDS_MAX] = {"readmitctl"};
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *at = copy, *end; at != NULL; at = end) {
		end = strchr(at, '|');
		if (end != NULL)
			*end++ = '\0';
		assert_true(argc < WORDS_MAX);
		argv[argc++] = at;
	}
	problem[0] = '\0';
	return args_parse(a, problem, argc, argv);
}

static const char *value_for(enum option_kind kind)
{
	static const char *const VALUES[] = {
	    [OPTION_TIMESTAMP] = "https://tsa.example/",
	    [OPTION_SWITCH] = "",
	    [OPTION_TEXT] = "text",
	    [OPTION_FINGERPRINT] = FINGERPRINT,
	    [OPTION_SECONDS] = "3600",
	    [OPTION_ROWS] = "100",
	    [OPTION_SPAN] = "3d",
	    [OPTION_PARTY] = "QMB",
	    [OPTION_PLACE] = ID,
	    [OPTION_CASE] = CASE,
	    [OPTION_WORD] = "a-key",
	    [OPTION_PSEUDONYM] = "S-3001",
	    [OPTION_REASON] = "review",
	    [OPTION_USER] = "0",
	    [OPTION_TIME] = "2026-11-29",
	    [OPTION_TYPE] = "photograph",
	    [OPTION_CHECKER] = "legal-officer",
	    [OPTION_PROFILE] = "customary/1",
	    [OPTION_PERSON] = "P24",
	    [OPTION_HALT_REASON] = "protection",
	    [OPTION_ENTRY] = "17",
	};

	return VALUES[kind];
}

/* The command with good arguments. */
static void line_of(char out[256], const struct command *c)
{
	static const char *const ARGUMENTS[][2] = {{"", ""}, {"PARTY", "|QMB"}, {"ID", "|" ID},
	    {"CASE", "|" CASE}, {"CASE-OR-ID", "|" CASE}, {"FILE", "|FILE"}, {"DIR", "|DIR"},
	    {"ID N", "|" ID "|128"}, {"ID/VERSION", "|customary/1"},
	    {"PARTY ID/VERSION", "|QMB|customary/1"}, {"PARTY FILE", "|QMB|FILE"},
	    {"KIND WHAT", "|crossing|iata:XYZ"}, {"CASE PERSON", "|" CASE "|P24"}};
	const char *arguments = NULL;

	for (size_t i = 0; i < sizeof(ARGUMENTS) / sizeof(ARGUMENTS[0]); i++)
		if (strcmp(ARGUMENTS[i][0], c->argument) == 0)
			arguments = ARGUMENTS[i][1];
	assert_non_null(arguments);
	snprintf(out, 256, "%s%s%s%s", c->noun, c->verb[0] != '\0' ? "|" : "", c->verb, arguments);
}

static void spans(void **state)
{
	static const struct {
		const char *span;
		int rc;
	} SPANS[] = {{"0h", 0}, {"12h", 0}, {"3d", 0}, {"9999d", 0}, {"", RXP_ERR_SYNTAX},
	    {"3", RXP_ERR_SYNTAX}, {"d", RXP_ERR_SYNTAX}, {"03d", RXP_ERR_SYNTAX},
	    {"3dd", RXP_ERR_SYNTAX}, {"-3d", RXP_ERR_SYNTAX}, {"3m", RXP_ERR_SYNTAX},
	    {"10000d", RXP_ERR_SYNTAX}};
	char line[64];
	struct args a;

	(void)state;
	for (size_t i = 0; i < sizeof(SPANS) / sizeof(SPANS[0]); i++) {
		snprintf(line, sizeof(line), "case|list|--due|%s", SPANS[i].span);
		assert_int_equal(parse(&a, line), SPANS[i].rc);
	}
}

static void every_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &command_table[i];
		struct args a;
		char line[256], with[512];

		line_of(line, c);
		assert_int_equal(parse(&a, line), 0);
		assert_ptr_equal(a.command, c);
		assert_true((a.argument[0] != NULL) == (c->argument[0] != '\0'));
		snprintf(with, sizeof(with), "%s|surplus", line);
		assert_int_equal(parse(&a, with), RXP_ERR_SYNTAX);
		for (size_t o = 0; o < OPT_COUNT; o++) {
			const struct option_row *row = &option_table[o];
			bool help = o == OPT_HELP || o == OPT_VERSION;

			snprintf(with, sizeof(with), "--%s%s%s|%s", row->name,
			    row->kind != OPTION_SWITCH ? "|" : "", value_for(row->kind), line);
			assert_int_equal(parse(&a, with),
			    args_takes(c, (enum option)o) || help ? 0 : RXP_ERR_SYNTAX);
			if (args_takes(c, (enum option)o))
				assert_string_equal(a.options[o], value_for(row->kind));
		}
	}
}

static void every_path_has_its_argument(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &command_table[i];
		bool in_path = c->path[0] != '\0' && c->argument[0] != '\0' &&
			       strcmp(c->argument, "FILE") != 0 && strcmp(c->argument, "DIR") != 0;

		assert_true(in_path == (strstr(c->path, "{}") != NULL));
		assert_true((c->method[0] == '\0') == (c->path[0] == '\0'));
	}
}

static void usage_errors(void **state)
{
	static const struct {
		const char *line, *says;
	} BAD[] = {
	    {"pear|list", "did you mean peer"},
	    {"peer|lsit", "did you mean peer list"},
	    {"peer|lst", "did you mean peer list"},
	    {"xyzzy", "unknown command xyzzy"},
	    {"peer", "what about peer?"},
	    {"peer|show", "an argument is missing: readmitctl peer show PARTY"},
	    {"peer|show|qmb", "three capital letters"},
	    {"peer|show|../x", "three capital letters"},
	    {"peer|show|QMB|QMC", "an argument too many"},
	    {"message|show|01890A5D-ac96-774b-bcce-b302099a8057", "ID is a local id"},
	    {"message|show|" CASE, "ID is a local id"},
	    {"evidence|export|x", "ID is a"},
	    {"peer|list|--limt|5", "did you mean --limit"},
	    {"peer|list|--nothing-like-it", "unknown option --nothing-like-it"},
	    {"peer|list|-x", "unknown option -x"},
	    {"peer|list|--limit|0", "--limit wants N"},
	    {"peer|list|--limit|101", "--limit wants N"},
	    {"peer|list|--limit|05", "--limit wants N"},
	    {"peer|list|--limit|5x", "--limit wants N"},
	    {"peer|list|--limit", "--limit wants N"},
	    {"peer|list|--limit=5|--limit=6", "--limit is given twice"},
	    {"peer|list|--wait|5", "not an option of this command"},
	    {"peer|test|QMB|--wait|3601", "--wait wants SECONDS"},
	    {"case|show|" ID, "CASE is a case id"},
	    {"attachment|get|" ID, "an argument is missing: readmitctl attachment get ID N"},
	    {"case|sheet|" CASE "|P25", "PERSON is the key of a person"},
	    {"case|sheet|" CASE "|1", "PERSON is the key of a person"},
	    {"attachment|get|" ID "|129", "N is the number of an attachment"},
	    {"attachment|get|" ID "|0", "N is the number of an attachment"},
	    {"attachment|get|" ID "|1|2", "an argument too many"},
	    {"message|send|f|--to|QMB|--to|QMC", "--to is given twice"},
	    {"message|send|f|--as|selfie", "--as wants TYPE"},
	    {"message|send|f|--checked-by|me", "--checked-by wants ROLE"},
	    {"message|send|f|--case|" ID, "--case wants CASE"},
	    {"message|send|f|--key|a b", "--key wants KEY"},
	    {"message|send|f|--officer|r-1042", "--officer wants PSEUDONYM"},
	    {"message|send|f|--officer|0123456789ABCDEFG", "--officer wants PSEUDONYM"},
	    {"message|send|f|--second-officer|", "--second-officer wants PSEUDONYM"},
	    {"message|content|" ID "|--reason|", "--reason wants WORD"},
	    {"message|content|" ID "|--reason|the file of Anna", "--reason wants WORD"},
	    {"journal|list|--since|2026-02-30", "--since wants TIME"},
	    {"journal|list|--since|2026-11-29T08:00:00Z", "--since wants TIME"},
	    {"journal|list|--user|a b", "--user wants USER"},
	    {"journal|list|--case|" ID, "--case wants CASE"},
	    {"peer|list|--json=yes", "--json takes no value"},
	    {"stop|set|party|QMB", "KIND is peer, crossing or category"},
	    {"stop|set|peer|Q&B", "WHAT is a party code"},
	    {"stop|set|peer", "an argument is missing"},
	    {"case|hold|" CASE "|--person|P0", "--person wants KEY"},
	    {"case|hold|" CASE "|--person|P25", "--person wants KEY"},
	    {"case|hold|" CASE "|--person|1", "--person wants KEY"},
	    {"case|hold|" CASE "|--because|appeal", "--because wants CODE"},
	    {"peer|list|--after|x&y=1", "--after wants LAST"},
	    {"peer|add|f|--fingerprint|0011", "--fingerprint wants HEX"},
	};
	struct args a;

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		assert_int_equal(parse(&a, BAD[i].line), RXP_ERR_SYNTAX);
		if (strstr(problem, BAD[i].says) == NULL)
			fail_msg("%s gives: %s", BAD[i].line, problem);
	}
	assert_int_equal(
	    args_parse(&a, problem, 1, (const char *const[]){"readmitctl"}), RXP_ERR_SYNTAX);
}

#define PERSON "|--person=P1"
#define PERSONS_6 PERSON PERSON PERSON PERSON PERSON PERSON
#define PERSONS PERSONS_6 PERSONS_6 PERSONS_6 PERSONS_6

static void forms_of_options(void **state)
{
	struct args a;

	(void)state;
	assert_int_equal(parse(&a, "-j|peer|test|--wait=7|QMB|-s|x.sock"), 0);
	assert_int_equal(args_number(&a, OPT_WAIT, 30), 7);
	assert_int_equal(args_number(&a, OPT_LIMIT, 50), 50);
	assert_string_equal(a.options[OPT_SOCKET], "x.sock");
	assert_non_null(a.options[OPT_JSON]);
	assert_int_equal(parse(&a, "peer|add|--fingerprint=" FINGERPRINT "|--|--odd-name"), 0);
	assert_string_equal(a.argument[0], "--odd-name");
	assert_int_equal(parse(&a, "peer|add|-|--fingerprint=" FINGERPRINT), 0);
	assert_string_equal(a.argument[0], "-");
	assert_int_equal(parse(&a, "evidence|export|" ID), 0);
	assert_int_equal(parse(&a, "case|hold|" CASE "|--because|health" PERSONS), 0);
	assert_int_equal(a.n_repeated, RXP_MAX_PERSONS);
	assert_string_equal(a.repeated[1].value, "P1");
	assert_int_equal(parse(&a, "case|hold|" CASE "|--because|health" PERSONS "|--person=P2"),
	    RXP_ERR_SYNTAX);
	assert_non_null(strstr(problem, "--person is given too often"));
	assert_int_equal(
	    parse(&a, "message|send|f|--attach|a|--as|photograph|--attach=b|--as=statement"), 0);
	assert_int_equal(a.n_repeated, 4);
	assert_int_equal(a.repeated[2].option, OPT_ATTACH);
	assert_string_equal(a.repeated[2].value, "b");
	assert_string_equal(a.repeated[1].value, "photograph");
	assert_int_equal(parse(&a, "attachment|get|" ID "|7|--out|f"), 0);
	assert_string_equal(a.argument[1], "7");
	assert_int_equal(parse(&a, "peer|--help"), 0);
	assert_null(a.command);
	assert_string_equal(a.noun, "peer");
}

static void fingerprints(void **state)
{
	static const char HEX[] =
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
	char hex[RXP_DIGEST_HEX] = "untouched", grouped[FINGERPRINT_GROUPED], text[80];

	(void)state;
	assert_int_equal(fingerprint_parse(hex, "x"), RXP_ERR_SYNTAX);
	assert_int_equal(fingerprint_parse(hex, ""), RXP_ERR_SYNTAX);
	snprintf(text, sizeof(text), "%s0", HEX);
	assert_int_equal(fingerprint_parse(hex, text), RXP_ERR_SYNTAX);
	snprintf(text, sizeof(text), "%.63s", HEX);
	assert_int_equal(fingerprint_parse(hex, text), RXP_ERR_SYNTAX);
	snprintf(text, sizeof(text), "%.63sg", HEX);
	assert_int_equal(fingerprint_parse(hex, text), RXP_ERR_SYNTAX);
	assert_string_equal(hex, "untouched");
	assert_int_equal(fingerprint_parse(hex, FINGERPRINT), 0);
	assert_string_equal(hex, HEX);
	fingerprint_group(grouped, hex);
	assert_int_equal(strlen(grouped), FINGERPRINT_GROUPED - 1);
	assert_memory_equal(grouped, "0011 2233 4455 ", 15);
	assert_int_equal(fingerprint_parse(hex, grouped), 0);
	assert_string_equal(hex, HEX);
}

/* --- what is written about the tables ----------------------------------------------------------- */
static char *read_all(FILE *f)
{
	char *text = calloc(1, FILE_MAX);

	assert_non_null(text);
	rewind(f);
	assert_true(fread(text, 1, FILE_MAX - 1, f) > 0);
	fclose(f);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("missing: %s", part);
}

static void manual_names_everything(void **state)
{
	static const int EXITS[] = {
#define EXIT(name, status, meaning) status,
#include "daemon/ctl/exit.def"
#undef EXIT
	};
	FILE *f = fopen(MANUAL, "r");
	char *manual, part[128];

	(void)state;
	if (f == NULL)
		fail_msg("%s: the test runs in the top folder", MANUAL);
	manual = read_all(f);
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &command_table[i];

		size_t used = (size_t)snprintf(part, sizeof(part), "\n*%s%s%s*", c->noun,
		    c->verb[0] != '\0' ? " " : "", c->verb);

		for (const char *at = c->argument; *at != '\0'; at += *at == ' ') {
			size_t n = strcspn(at, " ");

			used += (size_t)snprintf(
			    part + used, sizeof(part) - used, " _%.*s_", (int)n, at);
			at += n;
		}
		assert_has(manual, part);
	}
	for (size_t i = 0; i < OPT_COUNT; i++) {
		const struct option_row *o = &option_table[i];

		snprintf(part, sizeof(part), "*--%s*%s%s%s\n\t", o->name,
		    o->argument[0] != '\0' ? " _" : "", o->argument,
		    o->argument[0] != '\0' ? "_" : "");
		assert_has(manual, part);
	}
	for (size_t i = 0; i < sizeof(EXITS) / sizeof(EXITS[0]); i++) {
		snprintf(part, sizeof(part), "\n*%d*\n", EXITS[i]);
		assert_has(manual, part);
	}
	free(manual);
}

static void help_names_everything(void **state)
{
	FILE *f = tmpfile();
	char *help;

	(void)state;
	assert_non_null(f);
	assert_false(help_print(f, "pear"));
	assert_true(help_print(f, NULL));
	for (size_t i = 0; i < command_count; i++)
		assert_true(help_print(f, command_table[i].noun));
	help = read_all(f);
	for (size_t i = 0; i < command_count; i++)
		assert_has(help, command_table[i].summary);
	for (size_t i = 0; i < OPT_COUNT; i++)
		assert_has(help, option_table[i].help);
	free(help);
}

static void completion_names_everything(void **state)
{
	FILE *f = tmpfile();
	char *script;

	(void)state;
	assert_non_null(f);
	help_completion(f);
	script = read_all(f);
	assert_has(script,
	    "words=\"status backup restore peer outage log bundle message queue inbox attachment case stop descriptor evidence statistics journal profile calendar contact history recovery offer completion\"");
	assert_has(script, "peer) words=\"add list show diff update test line distrust\" ;;");
	assert_has(
	    script, "\"peer test\") words=\"--socket --json --quiet --help --version --wait\" ;;");
	free(script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_command),
	    cmocka_unit_test(spans),
	    cmocka_unit_test(every_path_has_its_argument),
	    cmocka_unit_test(usage_errors),
	    cmocka_unit_test(forms_of_options),
	    cmocka_unit_test(fingerprints),
	    cmocka_unit_test(manual_names_everything),
	    cmocka_unit_test(help_names_everything),
	    cmocka_unit_test(completion_names_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
