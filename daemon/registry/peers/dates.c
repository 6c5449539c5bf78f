#include "daemon/registry/peers/dates.h"

#include <stddef.h>

#include "daemon/base/log.h"

#define DAY_MS (86400 * 1000LL)

static const int64_t marks[] = {60, 30, 7, 0}; /* days before the end */

const char *dates_word(enum dates_key key)
{
	static const char *const words[DATES_KEYS] = {[DATES_SEAL] = "seal", [DATES_TLS] = "tls"};

	return words[key];
}

static unsigned passed(int64_t left_ms)
{
	unsigned n = 0;

	while (n < sizeof marks / sizeof marks[0] && left_ms <= marks[n] * DAY_MS)
		n++;
	return n;
}

unsigned dates_tick(struct dates *d, int64_t now_ms)
{
	unsigned said = 0;

	for (int i = 0; i < DATES_KEYS; i++) {
		int64_t left_ms = d->until_ms[i] - now_ms;
		unsigned n = d->until_ms[i] == 0 ? 0 : passed(left_ms);

		if (n > d->told[i]) {
			log_event(LOG_CERTIFICATE_ENDS, LOG_S(dates_word((enum dates_key)i)),
			    LOG_N(left_ms > 0 ? left_ms / DAY_MS : 0));
			said++;
		}
		d->told[i] = n; /* a clock that goes back says it again */
	}
	return said;
}
