#include "daemon/registry/out/flight_office.h"

#include <string.h>

#include "daemon/registry/peers/refresh.h"
#include "protocol/message/answer.h"

static void heard(void *arg, enum refresh_outcome outcome, const char *why)
{
	(void)arg;
	(void)outcome;
	(void)why; /* what is newer is in force; if nothing came, the next one may be refused too */
}

/* If it cannot be asked now, its descriptor comes as everybody's does. */
void flight_office_refused(struct flight *f)
{
	if (strcmp(f->end.outcome.refusal, rxp_refusal_row(RXP_REFUSAL_OFFICE_KEY)->wire) == 0)
		(void)refresh_ask(f->all->refresh, f->peer, heard, NULL);
}
