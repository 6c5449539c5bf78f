#include "protocol/envelope/agreement.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"
#include "protocol/envelope/agreement_key.h"

/* A source that gives a scalar out of range this often is broken: of the curves here P-256 refuses
 * most, once in 2^32. */
#define MAX_SCALAR_ATTEMPTS 8
#define MAX_SPKI_OCTETS 192 /* P-521 takes 158 */

/* Appends the uncompressed point of scalar; false if scalar is not in 1..n-1. */
static bool public_point(
    uint8_t point[RXP_MAX_POINT_OCTETS], size_t len, const EC_GROUP *group, const BIGNUM *scalar)
{
	EC_POINT *public = EC_POINT_new(group);
	bool done = false;

	if (public != NULL && !BN_is_zero(scalar) &&
	    BN_cmp(scalar, EC_GROUP_get0_order(group)) < 0 &&
	    EC_POINT_mul(group, public, scalar, NULL, NULL, NULL) == 1)
		done = EC_POINT_point2oct(
			   group, public, POINT_CONVERSION_UNCOMPRESSED, point, len, NULL) == len;
	EC_POINT_free(public);
	return done;
}

static EVP_PKEY *build_pkey(
    const struct rxp_suite *suite, const BIGNUM *scalar, const uint8_t *point, size_t point_len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY *pkey = NULL;

	if (ctx == NULL || build == NULL ||
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, suite->group, 0) !=
		1 ||
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, point_len) !=
		1 ||
	    OSSL_PARAM_BLD_push_BN_pad(
		build, OSSL_PKEY_PARAM_PRIV_KEY, scalar, suite->field_octets) != 1)
		goto done;
	params = OSSL_PARAM_BLD_to_param(build);
	if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
		pkey = NULL;
done:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return pkey;
}

/* RXP_ERR_KEY if scalar is not in 1..n-1. */
static int import_scalar(struct rxp_agreement_key **out, const struct rxp_suite *suite,
    const EC_GROUP *group, const uint8_t *scalar)
{
	size_t point_len = 1 + 2 * suite->field_octets;
	uint8_t point[RXP_MAX_POINT_OCTETS];
	struct rxp_agreement_key *key = calloc(1, sizeof *key);
	BIGNUM *number = BN_secure_new();
	int rc = RXP_ERR_NOMEM;

	if (key == NULL || number == NULL ||
	    BN_bin2bn(scalar, (int)suite->field_octets, number) == NULL)
		goto done;
	key->suite = suite;
	BN_set_flags(number, BN_FLG_CONSTTIME);
	rc = RXP_ERR_KEY;
	if (!public_point(point, point_len, group, number))
		goto done;
	key->pkey = build_pkey(suite, number, point, point_len);
	if (key->pkey == NULL)
		goto done;
	*out = key;
	key = NULL;
	rc = 0;
done:
	BN_clear_free(number);
	rxp_agreement_key_free(key);
	return rc;
}

int rxp_agreement_key_import(struct rxp_agreement_key **out, const struct rxp_suite *suite,
    const uint8_t *scalar, size_t len)
{
	EC_GROUP *group = NULL;
	int rc;

	if (len != suite->field_octets)
		return RXP_ERR_KEY;
	group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(suite->group));
	rc = group == NULL ? RXP_ERR_NOMEM : import_scalar(out, suite, group, scalar);
	EC_GROUP_free(group);
	return rc;
}

int rxp_agreement_key_make(
    struct rxp_agreement_key **out, const struct rxp_suite *suite, const struct rxp_random *random)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(suite->group));
	uint8_t scalar[RXP_MAX_SECRET_OCTETS];
	unsigned spare; /* bits beyond the order, with which a scalar can only be refused */
	int rc = RXP_ERR_KEY;

	if (group == NULL)
		return RXP_ERR_NOMEM;
	spare = (unsigned)suite->field_octets * 8 - (unsigned)EC_GROUP_order_bits(group);
	for (int i = 0; rc == RXP_ERR_KEY && i < MAX_SCALAR_ATTEMPTS; i++) {
		if (random->fill(random->arg, scalar, suite->field_octets) != 0)
			break;
		scalar[0] &= (uint8_t)(0xff >> spare);
		rc = import_scalar(out, suite, group, scalar);
	}
	OPENSSL_cleanse(scalar, sizeof scalar);
	EC_GROUP_free(group);
	return rc == RXP_ERR_KEY ? RXP_ERR_CRYPTO : rc;
}

int rxp_agreement_key_export(const struct rxp_agreement_key *key, struct rxp_buf *scalar)
{
	int len = (int)key->suite->field_octets;
	BIGNUM *number = NULL;
	uint8_t *room;
	int rc = RXP_ERR_CRYPTO;

	if (EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1)
		return rc;
	rc = rxp_buf_room(scalar, (size_t)len, &room);
	if (rc == 0 && BN_bn2binpad(number, room, len) != len) {
		scalar->len -= (size_t)len;
		rc = RXP_ERR_CRYPTO;
	}
	BN_clear_free(number);
	return rc;
}

int rxp_agreement_key_point(const struct rxp_agreement_key *key, struct rxp_buf *point)
{
	uint8_t octets[RXP_MAX_POINT_OCTETS];
	size_t len = 0;

	if (EVP_PKEY_get_octet_string_param(
		key->pkey, OSSL_PKEY_PARAM_PUB_KEY, octets, sizeof octets, &len) != 1 ||
	    len != 1 + 2 * key->suite->field_octets)
		return RXP_ERR_CRYPTO;
	return rxp_buf_put(point, octets, len);
}

/* Header of a DER element of at most 255 octets. */
static size_t put_header(uint8_t *out, uint8_t tag, size_t len)
{
	size_t n = 0;

	out[n++] = tag;
	if (len > 127)
		out[n++] = 0x81;
	out[n++] = (uint8_t)len;
	return n;
}

/* The one encoding of a public key on the suite's curve: SEQUENCE { SEQUENCE { id-ecPublicKey,
 * namedCurve }, BIT STRING point } (RFC 5480). Written here because OpenSSL's decoder takes many
 * times longer than the agreement itself, and accepts other forms. */
static size_t encode_spki(
    uint8_t out[MAX_SPKI_OCTETS], const struct rxp_suite *suite, const uint8_t *point)
{
	const ASN1_OBJECT *type = OBJ_nid2obj(NID_X9_62_id_ecPublicKey);
	const ASN1_OBJECT *curve = OBJ_nid2obj(OBJ_sn2nid(suite->group));
	size_t point_len = 1 + 2 * suite->field_octets;
	size_t oids_len =
	    (size_t)i2d_ASN1_OBJECT(type, NULL) + (size_t)i2d_ASN1_OBJECT(curve, NULL);
	uint8_t head[4];
	size_t n = put_header(head, V_ASN1_BIT_STRING, 1 + point_len);
	uint8_t *at = out;

	at +=
	    put_header(at, V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED, 2 + oids_len + n + 1 + point_len);
	at += put_header(at, V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED, oids_len);
	i2d_ASN1_OBJECT(type, &at);
	i2d_ASN1_OBJECT(curve, &at);
	memcpy(at, head, n);
	at += n;
	*at++ = 0; /* unused bits */
	memcpy(at, point, point_len);
	return (size_t)(at - out) + point_len;
}

int rxp_agreement_key_spki(const struct rxp_agreement_key *key, struct rxp_buf *spki)
{
	uint8_t der[MAX_SPKI_OCTETS];
	struct rxp_buf point;
	int rc;

	rxp_buf_init(&point, RXP_MAX_POINT_OCTETS);
	rc = rxp_agreement_key_point(key, &point);
	if (rc == 0)
		rc = rxp_buf_put(spki, der, encode_spki(der, key->suite, point.data));
	rxp_buf_free(&point);
	return rc;
}

void rxp_agreement_key_free(struct rxp_agreement_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

int rxp_agreement_point_check(const struct rxp_suite *suite, const uint8_t *octets, size_t len)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(suite->group));
	EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
	int rc = RXP_ERR_KEY;

	if (len == 1 + 2 * suite->field_octets && octets[0] == POINT_CONVERSION_UNCOMPRESSED &&
	    point != NULL && EC_POINT_oct2point(group, point, octets, len, NULL) == 1)
		rc = 0;
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return rc;
}

int rxp_agreement_spki_point(
    struct rxp_buf *point, const struct rxp_suite *suite, const uint8_t *spki, size_t spki_len)
{
	size_t len = 1 + 2 * suite->field_octets;
	uint8_t again[MAX_SPKI_OCTETS];
	const uint8_t *octets;

	if (spki_len < len)
		return RXP_ERR_KEY;
	octets = spki + spki_len - len;
	if (encode_spki(again, suite, octets) != spki_len || memcmp(again, spki, spki_len) != 0 ||
	    rxp_agreement_point_check(suite, octets, len) != 0)
		return RXP_ERR_KEY;
	return rxp_buf_put(point, octets, len);
}
