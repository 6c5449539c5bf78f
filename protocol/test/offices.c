#include "protocol/test/offices.h"

#include <stdlib.h>

/* xorshift */
static int fill(void *arg, uint8_t *out, size_t len)
{
	uint64_t *x = arg;

	for (size_t i = 0; i < len; i++) {
		*x ^= *x << 13;
		*x ^= *x >> 7;
		*x ^= *x << 17;
		out[i] = (uint8_t)(*x >> 32);
	}
	return 0;
}

static uint64_t seed = 0x9e3779b97f4a7c15ULL;
const struct rxp_random test_random = {fill, &seed};

static void add_key(
    struct offices *o, struct rxp_agreement_key **key, enum rxp_compartment compartment)
{
	struct rxp_buf spki;

	rxp_buf_init(&spki, 256);
	if (rxp_agreement_key_make(key, &rxp_suite_p256, &test_random) != 0 ||
	    rxp_agreement_key_spki(*key, &spki) != 0 ||
	    rxp_office_keys_add(&o->keys, compartment, spki.data, spki.len) != 0)
		abort();
	rxp_buf_free(&spki);
}

void offices_make(struct offices *o)
{
	*o = (struct offices){0};
	add_key(o, &o->health, RXP_COMPARTMENT_HEALTH);
	add_key(o, &o->social, RXP_COMPARTMENT_SOCIAL);
	add_key(o, &o->health_next, RXP_COMPARTMENT_HEALTH);
}

void offices_clear(struct offices *o)
{
	rxp_agreement_key_free(o->health);
	rxp_agreement_key_free(o->social);
	rxp_agreement_key_free(o->health_next);
	rxp_office_keys_clear(&o->keys);
}
