#include "daemon/parent/check.h"

#include "daemon/parent/inspect.h"
#include "daemon/parent/rehearsal.h"
#include "protocol/base/err.h"

int check_configuration(const struct check *check, bool *compared)
{
	struct config c = {.read = false};
	struct rehearsal r = {.config = &c,
	    .libexec = check->libexec,
	    .running = check->running,
	    .identity = check->identity,
	    .report = check->report,
	    .arg = check->arg};
	int rc = config_read(&c, check->path, check->report, check->arg);
	unsigned wrong;

	*compared = true;
	if (!c.read)
		return rc;
	wrong = inspect(&c, check->running, check->report, check->arg);
	r.data = c.data_dir[0] != '\0' && (wrong & INSPECT_DATA) == 0;
	if (c.key_dir[0] != '\0' && c.user[0] != '\0' &&
	    (wrong & (INSPECT_USER | INSPECT_KEYS)) == 0 && rehearse(&r, compared) != 0)
		rc = RXP_ERR_CONFIG;
	return wrong != 0 ? RXP_ERR_CONFIG : rc;
}
