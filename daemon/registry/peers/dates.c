#include "daemon/registry/peers/dates.h"

#include <stddef.h>

#include "daemon/base/log.h"

/* What the log says: days are left, of a root that was announced they have gone by. */
static void tell_certificate(enum ending e, const char *party, bool own, int64_t days)
{
	if (own)
		log_event(LOG_CERTIFICATE_ENDS, LOG_S(ending_word(e)), LOG_N(days));
	else
		log_event(
		    LOG_PEER_CERTIFICATE_ENDS, LOG_S(party), LOG_S(ending_word(e)), LOG_N(days));
}

static void tell_next_root(enum ending e, const char *party, bool own, int64_t days)
{
	(void)e;
	(void)own;
	log_event(
	    LOG_NEXT_ROOT_WAITS, LOG_S(party), LOG_N(ENDING_NEXT_ROOT_MS / ENDING_DAY_MS - days));
}

static void tell_agreement(enum ending e, const char *party, bool own, int64_t days)
{
	(void)e;
	(void)own;
	log_event(LOG_PEER_KEYS_END, LOG_S(party), LOG_N(days));
}

static void (*const tell[ENDING_COUNT])(
    enum ending e, const char *party, bool own, int64_t days) = {
    [ENDING_SEAL] = tell_certificate,
    [ENDING_TLS] = tell_certificate,
    [ENDING_ROOT] = tell_certificate,
    [ENDING_NEXT_ROOT] = tell_next_root,
    [ENDING_AGREEMENT] = tell_agreement,
};

static unsigned passed(const struct dates *d, enum ending e, int64_t now_ms)
{
	return d->until_ms[e] == 0 ? 0 : ending_passed(e, d->until_ms[e] - now_ms);
}

bool dates_near(const struct dates *d, enum ending e, int64_t now_ms)
{
	return passed(d, e, now_ms) > 0;
}

unsigned dates_tick(struct dates *d, const char *party, bool own, int64_t now_ms)
{
	unsigned said = 0;

	for (int i = 0; i < ENDING_COUNT; i++) {
		enum ending e = (enum ending)i;
		unsigned n = passed(d, e, now_ms);

		if (n > d->told[e]) {
			int64_t left_ms = d->until_ms[e] - now_ms;

			tell[e](e, party, own, left_ms > 0 ? left_ms / ENDING_DAY_MS : 0);
			said++;
		}
		d->told[e] = n; /* a clock that goes back says it again */
	}
	return said;
}
