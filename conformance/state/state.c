#include "conformance/state/state.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "conformance/state/chance.h"
#include "conformance/state/files.h"
#include "conformance/state/parts.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/agreement.h"
#include "protocol/peering/descriptor.h"

#define MAX_SPKI_OCTETS 256
#define AGREEMENT_FILE "agreement.key"
#define DESCRIPTOR_FILE "descriptor.xml"
#define SCALAR_OCTETS 32
#define MAX_SPKI_OCTETS 256
#define VALID_MS (420 * 86400000LL)
#define BEFORE_MS 60000LL /* that a key is in force before it is made: clocks differ */
#define FORMER_FILE "agreement-former.key"

/* Its keys, by the names of their files. */
static const struct {
	const char *use;
	size_t at;
	enum keypair_kind kind;
} keys[] = {
    {"root", offsetof(struct state, root), KEYPAIR_P256},
    {"seal", offsetof(struct state, seal), KEYPAIR_P256},
    {"tls", offsetof(struct state, tls), KEYPAIR_P256},
    {"stray", offsetof(struct state, stray), KEYPAIR_P256},
    {"seal-384", offsetof(struct state, seal_384), KEYPAIR_P384},
    {"seal-rsa", offsetof(struct state, seal_rsa), KEYPAIR_RSA},
};
#define N_KEYS (sizeof keys / sizeof keys[0])

/* It has every office, so that nothing is refused for want of one. */
static const char *const offices[] = {
#define OFFICE(name) name,
#include "protocol/message/office.def"
#undef OFFICE
};
#define N_OFFICES (sizeof offices / sizeof offices[0])
_Static_assert(N_OFFICES <= RXP_MAX_OFFICES, "all offices fit into a descriptor");

static struct keypair *key_at(struct state *s, size_t i)
{
	return (struct keypair *)((char *)s + keys[i].at);
}

static struct state *state_new(void)
{
	struct state *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	rxp_buf_init(&s->descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	rxp_buf_init(&s->working, RXP_MAX_PART_OCTETS);
	return s;
}

void state_free(struct state *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < N_KEYS; i++)
		keypair_clear(key_at(s, i));
	keypair_clear(&s->seal_again);
	keypair_clear(&s->tls_expired);
	keypair_clear(&s->tls_future);
	keypair_clear(&s->tls_named);
	keypair_clear(&s->spare_seal);
	keypair_clear(&s->spare_tls);
	rxp_agreement_key_free(s->agreement);
	rxp_agreement_key_free(s->former);
	for (unsigned c = 0; c < RXP_COMPARTMENT_COUNT; c++)
		rxp_agreement_key_free(s->offices[c]);
	rxp_buf_free(&s->working);
	rxp_buf_free(&s->descriptor);
	free(s);
}

/* --- the descriptor -------------------------------------------------------------------------- */

/* A key for each office that compartments are for, so that a product can close them. */
static int make_office_keys(struct state *s)
{
	int rc = 0;

	for (unsigned c = 0; c < RXP_COMPARTMENT_COUNT && rc == 0; c++)
		rc = rxp_agreement_key_make(&s->offices[c], &rxp_suite_p256, chance());
	return rc;
}

static int name_office_keys(struct rxp_identity *i, const struct state *s)
{
	int rc = 0;

	for (unsigned c = 0; c < RXP_COMPARTMENT_COUNT && rc == 0; c++) {
		struct rxp_buf spki;

		rxp_buf_init(&spki, MAX_SPKI_OCTETS);
		rc = rxp_agreement_key_spki(s->offices[c], &spki);
		if (rc == 0)
			rc = rxp_office_keys_add(
			    &i->office_keys, (enum rxp_compartment)c, spki.data, spki.len);
		rxp_buf_free(&spki);
	}
	return rc;
}

int state_list(struct rxp_identity *i, const struct state *s)
{
	const struct keypair *seals[] = {&s->seal, &s->seal_384, &s->seal_rsa, &s->spare_seal};
	const struct keypair *pins[] = {&s->tls, &s->spare_tls};

	while (i->n_certs > 0)
		rxp_buf_reset(&i->certs[--i->n_certs]);
	i->n_pins = 0;
	for (size_t n = 0; n < sizeof pins / sizeof pins[0]; n++)
		if (pins[n]->cert != NULL)
			keypair_pin(pins[n], i->pins[i->n_pins++]);
	for (size_t n = 0; n < sizeof seals / sizeof seals[0]; n++) {
		const uint8_t *der;
		size_t len;

		if (seals[n]->cert == NULL)
			continue;
		der = rxp_cert_der(seals[n]->cert, &len);
		if (rxp_buf_put(&i->certs[i->n_certs++], der, len) != 0)
			return RXP_ERR_NOMEM;
	}
	return 0;
}

static int write_identity(struct rxp_buf *out, struct rxp_identity *i, const struct state *s,
    const char *endpoint, int64_t now_ms, uint8_t digest[32])
{
	struct rxp_signer root = keypair_signer(&s->root);
	int rc = state_list(i, s);

	if (rc != 0)
		return rc;
	memcpy(i->party, s->party, sizeof i->party);
	i->serial = s->serial;
	i->created_ms = now_ms;
	i->test = true;
	if (strlen(endpoint) >= sizeof i->endpoints[0])
		return RXP_ERR_CONFIG;
	memcpy(i->endpoints[0], endpoint, strlen(endpoint) + 1);
	i->n_endpoints = endpoint[0] != '\0';
	for (size_t n = 0; n < N_OFFICES; n++)
		memcpy(i->offices[n], offices[n], strlen(offices[n]) + 1);
	i->n_offices = N_OFFICES;
	i->levels = (1U << RXP_LEVEL_COUNT) - 1;
	rc = name_office_keys(i, s);
	return rc == 0 ? rxp_identity_seal(out, i, now_ms, &root, digest) : rc;
}

static int fill_working(struct rxp_working *w, const struct state *s,
    const struct rxp_agreement_key *agreement, int64_t created_ms)
{
	struct rxp_working_key *key = &w->keys[0];
	int rc = rxp_agreement_key_spki(agreement, &key->spki);

	if (rc != 0)
		return rc;
	memcpy(w->party, s->party, sizeof w->party);
	w->identity_serial = s->serial;
	memcpy(w->identity, s->identity, sizeof w->identity);
	w->created_ms = created_ms;
	w->n_keys = 1;
	if (EVP_Digest(key->spki.data, key->spki.len, key->key_id, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	key->from_ms = created_ms - BEFORE_MS;
	key->until_ms = created_ms + VALID_MS;
	return 0;
}

int state_working(struct rxp_buf *out, const struct state *s, const struct rxp_agreement_key *key,
    int64_t created_ms, const struct keypair *seal)
{
	struct rxp_signer signer = keypair_signer(seal);
	struct rxp_working w;
	int rc;

	rxp_working_init(&w);
	rc = fill_working(&w, s, key, created_ms);
	if (rc == 0)
		rc = rxp_working_seal(out, &w, created_ms, &signer);
	rxp_working_clear(&w);
	return rc;
}

static int write_descriptor(struct state *s, const char *endpoint, int64_t now_ms)
{
	struct rxp_identity identity;
	struct rxp_buf parts[2];
	int rc;

	rxp_identity_init(&identity);
	rxp_buf_init(&parts[0], RXP_MAX_PART_OCTETS);
	rxp_buf_init(&parts[1], RXP_MAX_PART_OCTETS);
	rc = write_identity(&parts[0], &identity, s, endpoint, now_ms, s->identity);
	if (rc == 0)
		rc = state_working(&parts[1], s, s->agreement, now_ms, &s->seal);
	if (rc == 0)
		rc = rxp_descriptor_write(&s->descriptor, &parts[0], 1, &parts[1]);
	rxp_buf_free(&parts[0]);
	rxp_buf_free(&parts[1]);
	rxp_identity_clear(&identity);
	return rc;
}

/* What is shown in the place of the certificates of its seal and of TLS. */
static int recertify(struct state *s, int64_t created_ms)
{
	int rc = keypair_recertify(
	    &s->seal_again, &s->seal, s->party, "seal", created_ms - 60000, created_ms + VALID_MS);
	if (rc == 0)
		rc = keypair_recertify(&s->tls_expired, &s->tls, s->party, "tls",
		    created_ms - 2 * VALID_MS, created_ms - VALID_MS);
	if (rc == 0)
		rc = keypair_recertify(&s->tls_named, &s->tls, "www.example.org", "of another",
		    created_ms, created_ms + VALID_MS);
	if (rc == 0)
		rc = keypair_recertify(&s->tls_future, &s->tls, s->party, "tls",
		    created_ms + 4 * VALID_MS, created_ms + 5 * VALID_MS);
	return rc;
}

/* --- folders --------------------------------------------------------------------------------- */

static int save(const struct state *s, const char *dir)
{
	struct rxp_buf scalar;
	int rc = mkdir(dir, 0700) == 0 ? 0 : errno == EEXIST ? RXP_ERR_EXISTS : RXP_ERR_IO;

	rxp_buf_init(&scalar, SCALAR_OCTETS);
	for (size_t i = 0; i < N_KEYS && rc == 0; i++)
		rc = keypair_save(
		    (const struct keypair *)((const char *)s + keys[i].at), dir, keys[i].use);
	if (rc == 0)
		rc = rxp_agreement_key_export(s->agreement, &scalar);
	if (rc == 0)
		rc = files_write(dir, AGREEMENT_FILE, &scalar);
	if (rc == 0)
		rc = files_write(dir, DESCRIPTOR_FILE, &s->descriptor);
	rxp_buf_free(&scalar);
	return rc;
}

/* A descriptor that a product could not open would test nothing. */
static int read_back(const struct state *s)
{
	struct rxp_descriptor *d = NULL;
	int rc = rxp_descriptor_open(&d, s->descriptor.data, s->descriptor.len, NULL);

	rxp_descriptor_free(d);
	return rc;
}

int state_invent(struct state **out, const char *party, const char *endpoint, int64_t now_ms)
{
	struct state *s = NULL;
	int rc = 0;

	if (!rxp_party_valid(party) || !rxp_party_is_test(party))
		return RXP_ERR_CONFIG;
	s = state_new();
	if (s == NULL)
		return RXP_ERR_NOMEM;
	memcpy(s->party, party, sizeof s->party);
	s->serial = 1;
	for (size_t i = 0; i < N_KEYS && rc == 0; i++)
		rc = keypair_make_kind(key_at(s, i), keys[i].kind, party, keys[i].use, now_ms);
	if (rc == 0)
		rc = rxp_agreement_key_make(&s->agreement, &rxp_suite_p256, chance());
	if (rc == 0)
		rc = make_office_keys(s);
	if (rc == 0)
		rc = write_descriptor(s, endpoint, now_ms);
	if (rc == 0)
		rc = read_back(s);
	if (rc == 0)
		rc = recertify(s, now_ms);
	if (rc != 0) {
		state_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

int state_make(const char *dir, const char *party, const char *endpoint, int64_t now_ms)
{
	struct state *s = NULL;
	int rc = state_invent(&s, party, endpoint, now_ms);

	if (rc == 0)
		rc = save(s, dir);
	state_free(s);
	return rc;
}

static int load_key(struct rxp_agreement_key **out, const char *dir, const char *file)
{
	struct rxp_buf scalar;
	int rc;

	rxp_buf_init(&scalar, SCALAR_OCTETS);
	rc = files_read(&scalar, dir, file);
	if (rc == 0)
		rc = rxp_agreement_key_import(out, &rxp_suite_p256, scalar.data, scalar.len);
	rxp_buf_free(&scalar);
	return rc;
}

static int take_working(struct state *s)
{
	struct parts p;
	int rc = parts_split(&p, &s->descriptor);

	rxp_buf_reset(&s->working);
	if (rc == 0)
		rc = rxp_buf_put(&s->working, p.working.data, p.working.len);
	parts_clear(&p);
	return rc;
}

/* What the descriptor says. *created_ms: of its latest identity part. */
static int take_descriptor(struct state *s, int64_t *created_ms)
{
	struct rxp_descriptor *d = NULL;
	int rc = rxp_descriptor_open(&d, s->descriptor.data, s->descriptor.len, NULL);

	if (rc != 0)
		return rc;
	memcpy(s->party, d->identity.party, sizeof s->party);
	if (d->identity.n_endpoints > 0) /* before its own a case may list others (RXP-DSC-048) */
		memcpy(s->endpoint, d->identity.endpoints[d->identity.n_endpoints - 1],
		    sizeof s->endpoint);
	memcpy(s->identity, d->identity_digest, sizeof s->identity);
	s->serial = d->identity.serial;
	s->working_ms = d->working.created_ms;
	*created_ms = d->identity.created_ms;
	rxp_descriptor_free(d);
	return take_working(s);
}

static int load(struct state *s, const char *dir)
{
	int64_t created_ms = 0;
	int rc = 0;

	for (size_t i = 0; i < N_KEYS && rc == 0; i++)
		rc = keypair_load(key_at(s, i), dir, keys[i].use);
	if (rc == 0)
		rc = load_key(&s->agreement, dir, AGREEMENT_FILE);
	if (rc == 0)
		rc = load_key(&s->former, dir, FORMER_FILE);
	if (rc == RXP_ERR_NOT_FOUND && s->agreement != NULL)
		rc = 0; /* it has had one key only */
	if (rc == 0)
		rc = files_read(&s->descriptor, dir, DESCRIPTOR_FILE);
	if (rc == 0)
		rc = take_descriptor(s, &created_ms);
	return rc == 0 ? recertify(s, created_ms) : rc;
}

int state_open(struct state **out, const char *dir)
{
	struct state *s = state_new();
	int rc;

	if (s == NULL)
		return RXP_ERR_NOMEM;
	rc = load(s, dir);
	if (rc != 0) {
		state_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

/* --- its keys -------------------------------------------------------------------------------- */

static bool is_of(const struct rxp_agreement_key *key, const uint8_t key_id[RXP_DIGEST_OCTETS])
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	struct rxp_buf spki;
	bool same;

	rxp_buf_init(&spki, MAX_SPKI_OCTETS);
	same = rxp_agreement_key_spki(key, &spki) == 0 &&
	       EVP_Digest(spki.data, spki.len, digest, NULL, EVP_sha256(), NULL) == 1 &&
	       memcmp(digest, key_id, sizeof digest) == 0;
	rxp_buf_free(&spki);
	return same;
}

const struct rxp_agreement_key *state_agreement(
    const struct state *s, const uint8_t key_id[RXP_DIGEST_OCTETS])
{
	if (is_of(s->agreement, key_id))
		return s->agreement;
	return s->former != NULL && is_of(s->former, key_id) ? s->former : NULL;
}

/* --- another agreement key ------------------------------------------------------------------- */

/* The descriptor with its working part of now in the place of the one before. */
static int rewrite_descriptor(struct state *s, int64_t now_ms)
{
	struct parts p;
	int rc = parts_split(&p, &s->descriptor);

	rxp_buf_reset(&p.working);
	if (rc == 0)
		rc = state_working(&p.working, s, s->agreement, now_ms, &s->seal);
	rxp_buf_reset(&s->descriptor);
	if (rc == 0)
		rc = parts_join(&s->descriptor, &p, 0);
	parts_clear(&p);
	return rc == 0 ? take_working(s) : rc;
}

static int save_key(const struct rxp_agreement_key *key, const char *dir, const char *file)
{
	struct rxp_buf scalar;
	int rc;

	rxp_buf_init(&scalar, SCALAR_OCTETS);
	rc = rxp_agreement_key_export(key, &scalar);
	if (rc == 0)
		rc = files_write(dir, file, &scalar);
	rxp_buf_free(&scalar);
	return rc;
}

int state_renew(struct state *s, const char *dir, int64_t now_ms)
{
	struct rxp_agreement_key *key = NULL;
	int rc = rxp_agreement_key_make(&key, &rxp_suite_p256, chance());

	if (rc != 0)
		return rc;
	rxp_agreement_key_free(s->former);
	s->former = s->agreement;
	s->agreement = key;
	s->working_ms = now_ms;
	rc = rewrite_descriptor(s, now_ms);
	if (rc == 0)
		rc = save_key(s->former, dir, FORMER_FILE);
	if (rc == 0)
		rc = save_key(s->agreement, dir, AGREEMENT_FILE);
	return rc == 0 ? files_write(dir, DESCRIPTOR_FILE, &s->descriptor) : rc;
}

/* --- another descriptor ---------------------------------------------------------------------- */

int state_follow(struct state *s, const char *dir, const struct rxp_buf *octets)
{
	int64_t created_ms;
	int rc;

	rxp_buf_reset(&s->descriptor);
	rc = rxp_buf_put(&s->descriptor, octets->data, octets->len);
	if (rc == 0)
		rc = take_descriptor(s, &created_ms);
	return rc == 0 ? files_write(dir, DESCRIPTOR_FILE, &s->descriptor) : rc;
}
