#include "daemon/gateway/pins.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define PINS_MAX ((size_t)GATEWAY_PARTIES * RXP_MAX_TLS_PINS)
#define FORMER_MAX ((size_t)GATEWAY_PARTIES * GATEWAY_FORMER_PINS)
#define PLACES_MAX ((size_t)GATEWAY_PARTIES * RXP_MAX_ENDPOINTS)

struct place {
	char party[4];
	struct endpoint endpoint;
};

struct pins {
	struct rec_pin *pins; /* sorted by digest */
	size_t n_pins;
	struct rec_former_pin *former; /* in the registry's order */
	size_t n_former;
	struct place *places; /* in the registry's order */
	size_t n_places;
};

static int by_digest(const void *a, const void *b)
{
	const struct rec_pin *x = a, *y = b;

	return memcmp(x->spki_digest, y->spki_digest, sizeof x->spki_digest);
}

int pins_new(struct pins **out)
{
	struct pins *p = calloc(1, sizeof *p);

	if (p == NULL)
		return RXP_ERR_NOMEM;
	*out = p;
	return 0;
}

static void empty(struct pins *p)
{
	free(p->pins);
	free(p->former);
	free(p->places);
	memset(p, 0, sizeof *p);
}

void pins_free(struct pins *p)
{
	if (p == NULL)
		return;
	empty(p);
	free(p);
}

/* Room for one more item in an array that doubles; *items may move. */
static int grow(void **items, size_t n, size_t size, size_t max)
{
	void *moved;

	if (n == max)
		return RXP_ERR_BOUND;
	if (n != 0 && (n & (n - 1)) != 0)
		return 0;
	moved = reallocarray(*items, n == 0 ? 1 : 2 * n, size);
	if (moved == NULL)
		return RXP_ERR_NOMEM;
	*items = moved;
	return 0;
}

static int add_pin(struct pins *p, struct bytes fields)
{
	struct rec_pin pin;
	void *items = p->pins;
	int rc;

	rc = record_decode(&pin, &record_pin, fields.data, fields.len);
	if (rc == 0 && !rxp_party_valid(pin.party))
		rc = RXP_ERR_SYNTAX;
	if (rc == 0)
		rc = grow(&items, p->n_pins, sizeof *p->pins, PINS_MAX);
	if (rc != 0)
		return rc;
	p->pins = items;
	p->pins[p->n_pins++] = pin;
	return 0;
}

static int add_former(struct pins *p, struct bytes fields)
{
	struct rec_former_pin pin;
	void *items = p->former;
	int rc;

	rc = record_decode(&pin, &record_former_pin, fields.data, fields.len);
	if (rc == 0 && !rxp_party_valid(pin.party))
		rc = RXP_ERR_SYNTAX;
	if (rc == 0)
		rc = grow(&items, p->n_former, sizeof *p->former, FORMER_MAX);
	if (rc != 0)
		return rc;
	p->former = items;
	p->former[p->n_former++] = pin;
	return 0;
}

static int add_place(struct pins *p, struct bytes fields)
{
	struct rec_endpoint record;
	struct place place;
	void *items = p->places;
	int rc;

	rc = record_decode(&record, &record_endpoint, fields.data, fields.len);
	if (rc == 0 && !rxp_party_valid(record.party))
		rc = RXP_ERR_SYNTAX;
	if (rc != 0)
		return rc;
	memset(&place, 0, sizeof place);
	memcpy(place.party, record.party, sizeof place.party);
	if (endpoint_parse(&place.endpoint, (const char *)record.url.data, record.url.len) != 0)
		return 0;
	rc = grow(&items, p->n_places, sizeof *p->places, PLACES_MAX);
	if (rc != 0)
		return rc;
	p->places = items;
	p->places[p->n_places++] = place;
	return 0;
}

/* A pin belongs to one party (RXP-TLS-005); the same row twice is harmless. */
static int sort_pins(struct pins *p)
{
	size_t i;

	if (p->n_pins == 0)
		return 0;
	qsort(p->pins, p->n_pins, sizeof *p->pins, by_digest);
	for (i = 1; i < p->n_pins; i++) {
		if (by_digest(&p->pins[i - 1], &p->pins[i]) == 0 &&
		    strcmp(p->pins[i - 1].party, p->pins[i].party) != 0)
			return RXP_ERR_EXISTS;
	}
	return 0;
}

int pins_replace(struct pins *p, struct bytes rows)
{
	struct record_cursor cursor = {rows.data, rows.len};
	struct pins fresh = {0};
	struct bytes fields;
	uint16_t tag;
	int rc;

	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		if (tag == REC_pin)
			rc = add_pin(&fresh, fields);
		else if (tag == REC_former_pin)
			rc = add_former(&fresh, fields);
		else if (tag == REC_endpoint)
			rc = add_place(&fresh, fields);
		else if (tag == REC_rate)
			rc = 0; /* of another (rate.h) */
		else
			rc = RXP_ERR_SYNTAX;
		if (rc != 0)
			break;
	}
	if (rc == 0)
		rc = sort_pins(&fresh);
	if (rc == 0) {
		empty(p);
		*p = fresh;
	} else {
		empty(&fresh);
	}
	return rc;
}

bool pins_party(const struct pins *p, const uint8_t digest[32], char party[4])
{
	struct rec_pin key;
	const struct rec_pin *found;

	memset(&key, 0, sizeof key);
	memcpy(key.spki_digest, digest, sizeof key.spki_digest);
	found = p->n_pins == 0 ? NULL : bsearch(&key, p->pins, p->n_pins, sizeof key, by_digest);
	if (found == NULL)
		return false;
	memcpy(party, found->party, sizeof found->party);
	return true;
}

bool pins_known(const struct pins *p, const char party[4])
{
	for (size_t i = 0; i < p->n_pins; i++)
		if (strcmp(p->pins[i].party, party) == 0)
			return true;
	return false;
}

bool pins_former(const struct pins *p, const uint8_t digest[32], char party[4])
{
	for (size_t i = 0; i < p->n_former; i++) {
		if (memcmp(p->former[i].spki_digest, digest, sizeof p->former[i].spki_digest) != 0)
			continue;
		memcpy(party, p->former[i].party, sizeof p->former[i].party);
		return true;
	}
	return false;
}

size_t pins_endpoints(
    const struct pins *p, const char party[4], struct endpoint out[RXP_MAX_ENDPOINTS])
{
	size_t i, n = 0;

	for (i = 0; i < p->n_places && n < RXP_MAX_ENDPOINTS; i++) {
		if (strcmp(p->places[i].party, party) == 0)
			out[n++] = p->places[i].endpoint;
	}
	return n;
}
