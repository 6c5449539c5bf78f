#include "daemon/ctl/confirm.h"

#include <string.h>

#include "protocol/document/document.h"

enum exit_status confirm(struct ctl *c, const char *verb, const char *effect)
{
	const char *argument = c->args.argument[0];
	char typed[RXP_PROFILE_TEXT + 16] = ""; /* the longest is a profile with its version */

	if (c->args.options[OPT_YES] != NULL)
		return EXIT_OK;
	if (!c->asks) {
		ctl_complain(c, "nothing is asked here: say --yes to %s %s", verb, argument);
		return EXIT_USAGE;
	}
	fprintf(c->err, "%s Type %s to confirm: ", effect, argument);
	fflush(c->err);
	if (fgets(typed, sizeof(typed), c->in) != NULL)
		typed[strcspn(typed, "\n")] = '\0';
	if (strcmp(typed, argument) == 0)
		return EXIT_OK;
	ctl_complain(c, "not confirmed, nothing done");
	return EXIT_FAILED;
}
