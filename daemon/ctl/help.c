#include "daemon/ctl/help.h"

#include <string.h>

#include "daemon/ctl/args.h"

static const struct {
	int status;
	const char *meaning;
} EXITS[] = {
#define EXIT(name, status, meaning) {status, meaning},
#include "daemon/ctl/exit.def"
#undef EXIT
};

static void print_option(FILE *out, const struct option_row *row)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%c%s--%s %s", row->letter != 0 ? "-" : " ",
	    row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ", " : "  ", row->name,
	    row->argument);
	fprintf(out, "  %-26s %s\n", text, row->help);
}

static void print_command(FILE *out, const struct command *c, bool options)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s%s%s%s", c->noun, c->verb[0] != '\0' ? " " : "", c->verb,
	    c->argument[0] != '\0' ? " " : "", c->argument);
	fprintf(out, "  %-26s %s\n", text, c->summary);
	for (size_t i = 0; options && i < OPT_COUNT; i++)
		if (!option_table[i].everywhere && args_takes(c, (enum option)i))
			print_option(out, &option_table[i]);
}

bool help_print(FILE *out, const char *noun)
{
	bool found = noun == NULL;

	for (size_t i = 0; i < command_count; i++)
		found = found || strcmp(command_table[i].noun, noun) == 0;
	if (!found)
		return false;
	if (noun == NULL)
		fputs("Operate the readmitd of this machine.\n\n"
		      "Examples\n"
		      "  readmitctl descriptor export --out own.xml\n"
		      "  readmitctl peer add QMB.xml --fingerprint '3f2a 91c0 …'\n"
		      "  readmitctl peer test QMB\n"
		      "  readmitctl queue list --peer QMB\n\n",
		    out);
	fputs("Commands\n", out);
	for (size_t i = 0; i < command_count; i++)
		if (noun == NULL || strcmp(command_table[i].noun, noun) == 0)
			print_command(out, &command_table[i], noun != NULL);
	fputs("\nOptions of every command\n", out);
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (option_table[i].everywhere)
			print_option(out, &option_table[i]);
	if (noun != NULL)
		return true;
	fputs("\nExit status\n", out);
	for (size_t i = 0; i < sizeof(EXITS) / sizeof(EXITS[0]); i++)
		fprintf(out, "  %-4d %s\n", EXITS[i].status, EXITS[i].meaning);
	fputs("\nreadmitctl NOUN --help tells more; see also readmitctl(1).\n", out);
	return true;
}

/* --- completion ------------------------------------------------------------------------------- */
static bool first_of_noun(size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(command_table[k].noun, command_table[i].noun) == 0)
			return false;
	return true;
}

static void print_verbs(FILE *out, size_t first)
{
	fprintf(out, "\t\t%s) words=\"", command_table[first].noun);
	for (size_t i = first; i < command_count; i++)
		if (strcmp(command_table[i].noun, command_table[first].noun) == 0)
			fprintf(out, "%s%s", i > first ? " " : "", command_table[i].verb);
	fputs("\" ;;\n", out);
}

static void print_options(FILE *out, const struct command *c)
{
	fprintf(out, "\t\t\"%s %s\") words=\"", c->noun, c->verb);
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (args_takes(c, (enum option)i))
			fprintf(out, "%s--%s", i > 0 ? " " : "", option_table[i].name);
	fputs("\" ;;\n", out);
}

void help_completion(FILE *out)
{
	fputs("# bash completion for readmitctl\n"
	      "_readmitctl() {\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n"
	      "\tif [[ $word == -* ]]; then\n"
	      "\t\tcase \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n",
	    out);
	for (size_t i = 0; i < command_count; i++)
		if (command_table[i].verb[0] != '\0')
			print_options(out, &command_table[i]);
	fputs("\t\t*) words=\"", out);
	for (size_t i = 0; i < OPT_COUNT; i++)
		if (option_table[i].everywhere)
			fprintf(out, "--%s ", option_table[i].name);
	fputs("\" ;;\n\t\tesac\n\telif ((COMP_CWORD == 1)); then\n\t\twords=\"", out);
	for (size_t i = 0; i < command_count; i++)
		if (first_of_noun(i))
			fprintf(out, "%s%s", i > 0 ? " " : "", command_table[i].noun);
	fputs("\"\n\telif ((COMP_CWORD == 2)); then\n\t\tcase ${COMP_WORDS[1]} in\n", out);
	for (size_t i = 0; i < command_count; i++)
		if (first_of_noun(i) && command_table[i].verb[0] != '\0')
			print_verbs(out, i);
	fputs("\t\tesac\n\tfi\n"
	      "\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
	      "}\n"
	      "complete -o default -F _readmitctl readmitctl\n",
	    out);
}
