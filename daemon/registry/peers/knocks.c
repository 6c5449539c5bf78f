#include "daemon/registry/peers/knocks.h"

#include <string.h>

static const uint8_t untold[RXP_DIGEST_OCTETS];

static bool is_over(const struct knock *at, int64_t mono)
{
	return at->last_mono == 0 || mono - at->last_mono >= REGISTRY_KNOCKS_OVER_MS;
}

/* The place of this key, a free one, or that of the others. */
static struct knock *place_of(struct knocks *k, const uint8_t pin[RXP_DIGEST_OCTETS], int64_t mono)
{
	struct knock *place = &k->others;

	if (memcmp(pin, untold, sizeof untold) == 0)
		return place;
	for (size_t i = 0; i < REGISTRY_KNOCKS; i++) {
		struct knock *at = &k->each[i];

		if (is_over(at, mono))
			place = at;
		else if (memcmp(at->pin, pin, sizeof at->pin) == 0)
			return at;
	}
	return place;
}

bool knocks_go_on(struct knocks *k, const uint8_t pin[RXP_DIGEST_OCTETS], int64_t mono)
{
	struct knock *at = place_of(k, pin, mono);

	if (is_over(at, mono)) {
		memcpy(at->pin, pin, sizeof at->pin);
		at->since_mono = mono;
	}
	at->last_mono = mono;
	return mono - at->since_mono >= REGISTRY_KNOCK_MS;
}
