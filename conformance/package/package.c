#include "conformance/package/package.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <openssl/pem.h>

#include "conformance/document/vector.h"
#include "conformance/package/kinds.h"
#include "conformance/package/text.h"
#include "conformance/state/chance.h"
#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/document/compartment.h"
#include "protocol/envelope/agreement.h"

#define SEED "RXP/1 test vectors: "
#define MAX_PEM_OCTETS 4096
#define NAME_TEXT 64
#define SCALAR_OCTETS 32

void making_begin(const char *id)
{
	char seed[CHANCE_MAX_SEED + 1];

	(void)snprintf(seed, sizeof seed, SEED "%s", id);
	chance_fix(seed);
}

/* --- the States ------------------------------------------------------------------------------ */

/* A private key as PEM, from what OpenSSL wrote into a BIO. */
static int put_bio(struct shelf *s, const char *party, const char *use, const char *kind, BIO *bio)
{
	struct rxp_buf pem;
	char name[NAME_TEXT], *octets;
	long len = BIO_get_mem_data(bio, &octets);
	int rc;

	(void)snprintf(name, sizeof name, "keys/%s/%s.%s", party, use, kind);
	rxp_buf_init(&pem, MAX_PEM_OCTETS);
	rc = rxp_buf_put(&pem, octets, (size_t)len);
	if (rc == 0)
		rc = shelf_file(s, name, &pem);
	rxp_buf_free(&pem);
	return rc;
}

static int put_key(struct shelf *s, const char *party, const char *use, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int rc = RXP_ERR_CRYPTO;

	if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1)
		rc = put_bio(s, party, use, "key", bio);
	BIO_free(bio);
	return rc;
}

static int put_pair(struct shelf *s, const char *party, const char *use, const struct keypair *pair)
{
	BIO *bio = BIO_new(BIO_s_mem());
	int rc = RXP_ERR_CRYPTO;

	if (bio != NULL && PEM_write_bio_X509(bio, pair->certificate) == 1)
		rc = put_bio(s, party, use, "crt", bio);
	BIO_free(bio);
	return rc == 0 ? put_key(s, party, use, pair->key) : rc;
}

/* One of librxp's agreement keys as PEM. */
static int put_agreement(
    struct shelf *s, const char *party, const char *use, const struct rxp_agreement_key *key)
{
	struct rxp_buf scalar;
	EVP_PKEY *whole = NULL;
	int rc;

	rxp_buf_init(&scalar, SCALAR_OCTETS);
	rc = rxp_agreement_key_export(key, &scalar);
	if (rc == 0)
		whole = keypair_key_of(KEYPAIR_P256, scalar.data);
	rxp_buf_free(&scalar);
	if (rc == 0)
		rc = whole == NULL ? RXP_ERR_CRYPTO : put_key(s, party, use, whole);
	EVP_PKEY_free(whole);
	return rc;
}

static int put_offices(struct shelf *s, const struct state *st)
{
	char use[NAME_TEXT];
	int rc = 0;

	for (unsigned c = 0; c < RXP_COMPARTMENT_COUNT && rc == 0; c++) {
		(void)snprintf(
		    use, sizeof use, "office-%s", rxp_compartment_office((enum rxp_compartment)c));
		rc = put_agreement(s, st->party, use, st->offices[c]);
	}
	return rc;
}

/* Its files, and its row of the index. */
static int put_state(struct shelf *s, json_t *states, const struct state *st)
{
	char root[RXP_DIGEST_HEX], descriptor[NAME_TEXT], keys[NAME_TEXT];
	uint8_t pin[RXP_DIGEST_OCTETS];
	json_t *row;
	int rc = put_pair(s, st->party, "root", &st->root);

	if (rc == 0)
		rc = put_pair(s, st->party, "seal", &st->seal);
	if (rc == 0)
		rc = put_pair(s, st->party, "seal-384", &st->seal_384);
	if (rc == 0)
		rc = put_pair(s, st->party, "seal-rsa", &st->seal_rsa);
	if (rc == 0)
		rc = put_pair(s, st->party, "tls", &st->tls);
	if (rc == 0)
		rc = put_pair(s, st->party, "stray", &st->stray);
	if (rc == 0)
		rc = put_agreement(s, st->party, "agreement", st->agreement);
	if (rc == 0)
		rc = put_offices(s, st);
	(void)snprintf(descriptor, sizeof descriptor, "keys/%s/descriptor.xml", st->party);
	(void)snprintf(keys, sizeof keys, "keys/%s", st->party);
	if (rc == 0)
		rc = shelf_file(s, descriptor, &st->descriptor);
	if (rc != 0)
		return rc;
	keypair_pin(&st->root, pin);
	rxp_hex_put(root, pin, sizeof pin, false);
	row = json_pack("{s:s, s:s, s:s, s:s}", "party", st->party, "keys", keys, "descriptor",
	    descriptor, "root", root);
	return row == NULL || json_array_append_new(states, row) != 0 ? RXP_ERR_NOMEM : 0;
}

static int put_states(struct shelf *s, json_t *states, const struct vector_world *w)
{
	int rc = put_state(s, states, vector_world_parties(w, false)->own);

	return rc == 0 ? put_state(s, states, vector_world_parties(w, true)->own) : rc;
}

/* --- the whole ------------------------------------------------------------------------------- */

static const struct {
	const char *name, *words;
	int (*put)(const struct making *m);
} kinds[] = {
#define KIND(name, words, put, weigh) {#name, words, put},
#include "conformance/package/kind.def"
#undef KIND
};
#define N_KINDS (sizeof kinds / sizeof kinds[0])

/* What people read, and the schema of the index. */
static int put_texts(struct shelf *s)
{
	int rc = 0;

	for (size_t i = 0; i < package_text_count && rc == 0; i++) {
		struct rxp_buf octets;

		if (!package_texts[i].shown)
			continue;
		rxp_buf_init(&octets, package_texts[i].len);
		rc = rxp_buf_put(&octets, package_texts[i].octets, package_texts[i].len);
		if (rc == 0)
			rc = shelf_file(s, package_texts[i].name, &octets);
		rxp_buf_free(&octets);
	}
	return rc;
}

static json_t *kinds_json(void)
{
	json_t *out = json_object();

	for (size_t i = 0; i < N_KINDS; i++)
		(void)json_object_set_new(out, kinds[i].name, json_string(kinds[i].words));
	return out;
}

static int put_all(struct shelf *s, int64_t now_ms)
{
	struct vector_world *w = NULL;
	json_t *states = json_array();
	int rc = states == NULL ? RXP_ERR_NOMEM : 0;

	making_begin("the States");
	if (rc == 0)
		rc = vector_world_new(&w, now_ms);
	if (rc == 0)
		rc = put_states(s, states, w);
	if (rc == 0)
		rc = put_texts(s);
	for (size_t i = 0; i < N_KINDS && rc == 0; i++)
		rc = kinds[i].put(&(struct making){s, w, now_ms});
	chance_fix(NULL);
	vector_world_free(w);
	if (rc != 0) {
		json_decref(states);
		return rc;
	}
	return shelf_close(
	    s, json_pack("{s:s, s:i, s:s, s:s, s:o, s:o}", "protocol", "RXP/1", "format", 1, "seed",
		   SEED, "clock", PACKAGE_CLOCK, "kinds", kinds_json(), "states", states));
}

int package_write(const char *dir, size_t *n)
{
	struct shelf *s = NULL;
	int64_t now_ms = 0;
	int rc = rxp_time_parse(&now_ms, PACKAGE_CLOCK);

	*n = 0;
	if (rc == 0)
		rc = shelf_new(&s, dir);
	if (rc == 0)
		rc = put_all(s, now_ms);
	if (rc == 0)
		*n = shelf_count(s);
	shelf_free(s);
	return rc;
}
