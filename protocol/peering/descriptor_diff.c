#include "protocol/peering/descriptor_diff.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/peering/descriptor.h"

/* The value of that number of what a descriptor lists; 1: there is one, 0: there are no more. RXP_ERR_CRYPTO. */
typedef int value_fn(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at);

static int put_digest(char out[RXP_CHANGE_TEXT], const uint8_t digest[RXP_DIGEST_OCTETS])
{
	rxp_hex_put(out, digest, RXP_DIGEST_OCTETS, false);
	return 1;
}

static int root_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	return at > 0 ? 0 : put_digest(out, d->root);
}

static int next_root_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	return at > 0 || !d->identity.has_next_root ? 0 : put_digest(out, d->identity.next_root);
}

static int seal_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	const struct rxp_buf *der;

	if (at >= d->identity.n_certs)
		return 0;
	der = &d->identity.certs[at];
	if (EVP_Digest(der->data, der->len, digest, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	return put_digest(out, digest);
}

static int revoked_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	if (at > 0 || d->identity.revoked_since_ms == 0)
		return 0;
	rxp_time_text(out, d->identity.revoked_since_ms);
	return 1;
}

static int pin_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	return at >= d->identity.n_pins ? 0 : put_digest(out, d->identity.pins[at]);
}

static int endpoint_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	if (at >= d->identity.n_endpoints)
		return 0;
	snprintf(out, RXP_CHANGE_TEXT, "%s", d->identity.endpoints[at]);
	return 1;
}

static int pulls_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	if (at > 0 || d->identity.n_endpoints > 0)
		return 0;
	snprintf(out, RXP_CHANGE_TEXT, "%s", "pulls");
	return 1;
}

static int office_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	if (at >= d->identity.n_offices)
		return 0;
	snprintf(out, RXP_CHANGE_TEXT, "%s", d->identity.offices[at]);
	return 1;
}

static int put_office_key(char out[RXP_CHANGE_TEXT], const struct rxp_office_key *key)
{
	char digits[RXP_DIGEST_HEX];

	rxp_hex_put(digits, key->key_id, RXP_DIGEST_OCTETS, false);
	snprintf(
	    out, RXP_CHANGE_TEXT, "%s of %s", digits, rxp_compartment_office(key->compartment));
	return 1;
}

static int office_key_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	const struct rxp_office_keys *keys = &d->identity.office_keys;

	return at >= keys->n ? 0 : put_office_key(out, &keys->key[at]);
}

/* The first of each office (RXP-DSC-012). */
static int office_key_used_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	const struct rxp_office_keys *keys = &d->identity.office_keys;

	for (size_t i = 0; i < keys->n; i++) {
		bool first = true;

		for (size_t k = 0; k < i; k++)
			first = first && keys->key[k].compartment != keys->key[i].compartment;
		if (first && at-- == 0)
			return put_office_key(out, &keys->key[i]);
	}
	return 0;
}

static int level_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	for (unsigned level = 0; level < RXP_LEVEL_COUNT; level++) {
		if ((d->identity.levels & 1U << level) == 0 || at-- > 0)
			continue;
		snprintf(out, RXP_CHANGE_TEXT, "%s", rxp_level_name((enum rxp_level)level));
		return 1;
	}
	return 0;
}

static int agreement_key_at(char out[RXP_CHANGE_TEXT], const struct rxp_descriptor *d, size_t at)
{
	const struct rxp_working_key *key = &d->working.keys[at];
	char digits[RXP_DIGEST_HEX], from[RXP_TIME_TEXT], until[RXP_TIME_TEXT];

	if (!d->has_working || at >= d->working.n_keys)
		return 0;
	rxp_hex_put(digits, key->key_id, sizeof key->key_id, false);
	rxp_time_text(from, key->from_ms);
	rxp_time_text(until, key->until_ms);
	snprintf(out, RXP_CHANGE_TEXT, "%s from %s until %s", digits, from, until);
	return 1;
}

static value_fn *const values[RXP_CHANGE_COUNT] = {
    [RXP_CHANGE_ROOT] = root_at,
    [RXP_CHANGE_NEXT_ROOT] = next_root_at,
    [RXP_CHANGE_SEAL] = seal_at,
    [RXP_CHANGE_REVOKED] = revoked_at,
    [RXP_CHANGE_PIN] = pin_at,
    [RXP_CHANGE_ENDPOINT] = endpoint_at,
    [RXP_CHANGE_PULLS] = pulls_at,
    [RXP_CHANGE_OFFICE] = office_at,
    [RXP_CHANGE_OFFICE_KEY] = office_key_at,
    [RXP_CHANGE_OFFICE_KEY_USED] = office_key_used_at,
    [RXP_CHANGE_LEVEL] = level_at,
    [RXP_CHANGE_AGREEMENT_KEY] = agreement_key_at,
};

static const struct {
	const char *word, *added, *gone;
} rows[RXP_CHANGE_COUNT] = {
#define CHANGE(name, word, added, gone) [RXP_CHANGE_##name] = {word, added, gone},
#include "protocol/peering/change.def"
#undef CHANGE
};

const char *rxp_change_word(enum rxp_change change)
{
	return rows[change].word;
}

const char *rxp_change_text(enum rxp_change change, bool added)
{
	return added ? rows[change].added : rows[change].gone;
}

/* 1: the descriptor lists the value. */
static int lists(const struct rxp_descriptor *d, enum rxp_change change, const char *value)
{
	char text[RXP_CHANGE_TEXT];
	int rc = 0;

	for (size_t i = 0; d != NULL && (rc = values[change](text, d, i)) == 1; i++)
		if (strcmp(text, value) == 0)
			return 1;
	return rc;
}

/* What one of them lists and the other does not. */
static int tell(const struct rxp_descriptor *from, const struct rxp_descriptor *against,
    enum rxp_change change, bool added, rxp_change_fn *fn, void *arg)
{
	char text[RXP_CHANGE_TEXT];
	int rc = 0;

	for (size_t i = 0; from != NULL && (rc = values[change](text, from, i)) == 1; i++) {
		int known = lists(against, change, text);

		if (known < 0)
			return known;
		if (known == 0 && (rc = fn(arg, change, added, text)) != 0)
			return rc;
	}
	return rc;
}

int rxp_descriptor_diff(const struct rxp_descriptor *before, const struct rxp_descriptor *after,
    rxp_change_fn *fn, void *arg)
{
	bool keys = after->has_working && (before == NULL || before->has_working);
	int rc = 0;

	for (int i = 0; i < RXP_CHANGE_COUNT && rc == 0; i++) {
		enum rxp_change change = (enum rxp_change)i;

		if (change == RXP_CHANGE_AGREEMENT_KEY && !keys)
			continue;
		rc = tell(after, before, change, true, fn, arg);
		if (rc == 0)
			rc = tell(before, after, change, false, fn, arg);
	}
	return rc;
}
