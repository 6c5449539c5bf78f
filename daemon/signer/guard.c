#include "daemon/signer/guard.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/signer/role.h"
#include "protocol/base/err.h"

static timer_t timer;

int guard_prepare(void)
{
	struct sigevent end = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};

	return timer_create(CLOCK_MONOTONIC, &end, &timer) == 0 ? 0 : RXP_ERR_IO;
}

static void set(long ms)
{
	const struct itimerspec at = {
	    .it_value = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L}};

	if (timer_settime(timer, 0, &at, NULL) != 0)
		abort();
}

void guard_begin(void)
{
	set(SIGNER_CALL_MS);
}

void guard_end(void)
{
	set(0);
}
