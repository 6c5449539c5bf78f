#include "daemon/restore/say.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"

int say(const char *about, const char *why)
{
	fprintf(stderr, "readmitctl: %s: %s; nothing was restored\n", about, why);
	return RXP_ERR_CONFIG;
}

int say_errno(const char *about)
{
	(void)say(about, strerror(errno));
	return RXP_ERR_IO;
}
