#include "conformance/package/reading.h"

#include <string.h>

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include "conformance/state/files.h"
#include "conformance/state/product.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/envelope/agreement.h"

#define MAX_FILE_OCTETS (32UL * 1024 * 1024)
#define SCALAR_OCTETS 32
#define MAX_STATES 8

struct json_t *reading_given(const struct reading *r, const char *name)
{
	return json_object_get(json_object_get(r->row, "given"), name);
}

const char *reading_word(const struct reading *r, const char *name)
{
	return json_string_value(reading_given(r, name));
}

int reading_octets(struct rxp_buf *out, const struct reading *r, const char *name)
{
	return files_read(out, r->dir, name);
}

int reading_file(struct rxp_buf *out, const struct reading *r, const char *use)
{
	const char *name =
	    json_string_value(json_object_get(json_object_get(r->row, "files"), use));

	return name == NULL ? RXP_ERR_NOT_FOUND : reading_octets(out, r, name);
}

static json_t *state_row(const struct reading *r, const char *party)
{
	json_t *states = json_object_get(r->index, "states"), *row;
	size_t i;

	json_array_foreach(states, i, row)
	{
		const char *is = json_string_value(json_object_get(row, "party"));

		if (is != NULL && party != NULL && strcmp(is, party) == 0)
			return row;
	}
	return NULL;
}

static int open_state(struct product **out, const struct reading *r, const char *party)
{
	json_t *row = state_row(r, party);
	const char *name = json_string_value(json_object_get(row, "descriptor"));
	const char *hex = json_string_value(json_object_get(row, "root"));
	uint8_t root[RXP_DIGEST_OCTETS];
	struct rxp_buf octets;
	int rc;

	if (name == NULL || hex == NULL || rxp_hex_get(root, sizeof root, hex, false) != 0)
		return RXP_ERR_NOT_FOUND;
	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = reading_octets(&octets, r, name);
	if (rc == 0)
		rc = product_open(out, octets.data, octets.len, root);
	rxp_buf_free(&octets);
	return rc;
}

int reading_state(const struct product **out, const struct reading *r, const char *party)
{
	static struct {
		const json_t *index; /* of which package */
		struct product *state;
	} known[MAX_STATES];
	static size_t n;
	struct product *state = NULL;
	int rc;

	for (size_t i = 0; i < n; i++)
		if (known[i].index == r->index && party != NULL &&
		    strcmp(product_party(known[i].state), party) == 0) {
			*out = known[i].state;
			return 0;
		}
	rc = n == MAX_STATES ? RXP_ERR_FULL : open_state(&state, r, party);
	if (rc != 0)
		return rc;
	known[n].index = r->index;
	known[n++].state = state;
	*out = state;
	return 0;
}

int reading_key(struct rxp_agreement_key **out, const struct reading *r, const char *name)
{
	struct rxp_buf pem;
	uint8_t scalar[SCALAR_OCTETS];
	BIGNUM *d = NULL;
	EVP_PKEY *key = NULL;
	BIO *bio = NULL;
	int rc;

	rxp_buf_init(&pem, MAX_FILE_OCTETS);
	rc = name == NULL ? RXP_ERR_NOT_FOUND : reading_octets(&pem, r, name);
	if (rc == 0) {
		bio = BIO_new_mem_buf(pem.data, (int)pem.len);
		key = bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
		if (key == NULL || EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &d) != 1 ||
		    BN_bn2binpad(d, scalar, sizeof scalar) != SCALAR_OCTETS)
			rc = RXP_ERR_KEY;
	}
	if (rc == 0)
		rc = rxp_agreement_key_import(out, &rxp_suite_p256, scalar, sizeof scalar);
	BN_clear_free(d);
	EVP_PKEY_free(key);
	BIO_free(bio);
	rxp_buf_free(&pem);
	return rc;
}
