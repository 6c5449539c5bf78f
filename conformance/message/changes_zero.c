/* Numbers that begin with an octet of 0, which some write, or take, without it: each is drawn until one does. */
#include "conformance/message/changes.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "conformance/message/edit.h"
#include "conformance/message/reseal.h"
#include "conformance/state/chance.h"
#include "conformance/state/keypair.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/agreement.h"

#define NUMBER_OCTETS 32 /* on P-256 */
#define SALT_OCTETS 16
#define MAX_SALT_TEXT 64
#define MAX_SIGNATURE_TEXT 200
#define MAX_DRAWN 20000 /* of which each has such a number once in 256 */

/* --- the shared secret ----------------------------------------------------------------------- */

/* Does the x coordinate of the product's point, so many times, begin with 0? An error is no. */
static bool has_zero(const EC_GROUP *group, const EC_POINT *theirs, const uint8_t *scalar)
{
	EC_POINT *shared = EC_POINT_new(group);
	BIGNUM *number = BN_bin2bn(scalar, NUMBER_OCTETS, NULL), *x = BN_new();
	bool found = shared != NULL && number != NULL && x != NULL &&
		     EC_POINT_mul(group, shared, NULL, theirs, number, NULL) == 1 &&
		     EC_POINT_get_affine_coordinates(group, shared, x, NULL, NULL) == 1 &&
		     BN_num_bytes(x) < NUMBER_OCTETS;

	BN_free(x);
	BN_free(number);
	EC_POINT_free(shared);
	return found;
}

/* The private part of an ephemeral key with which the product's gives such a secret. */
static int draw_scalar(uint8_t scalar[NUMBER_OCTETS], const struct draft *d)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *theirs = group == NULL ? NULL : EC_POINT_new(group);
	struct rxp_buf point;
	int rc;

	rxp_buf_init(&point, RXP_POINT_OCTETS);
	rc = rxp_agreement_spki_point(&point, &rxp_suite_p256, d->spki.data, d->spki.len);
	if (rc == 0 &&
	    (theirs == NULL || EC_POINT_oct2point(group, theirs, point.data, point.len, NULL) != 1))
		rc = RXP_ERR_CRYPTO;
	for (int i = 0; rc == 0; i++) {
		rc = i == MAX_DRAWN ? RXP_ERR_CRYPTO
				    : chance()->fill(chance()->arg, scalar, NUMBER_OCTETS);
		if (rc == 0 && has_zero(group, theirs, scalar))
			break;
	}
	rxp_buf_free(&point);
	EC_POINT_free(theirs);
	EC_GROUP_free(group);
	return rc;
}

/* What is drawn for the content is random, and the ephemeral key, which is drawn last, is that one. */
struct drawn {
	unsigned before;
	uint8_t scalar[NUMBER_OCTETS];
};

static int fill(void *arg, uint8_t *octets, size_t len)
{
	struct drawn *n = arg;

	if (n->before > 0) {
		n->before--;
		return chance()->fill(chance()->arg, octets, len);
	}
	if (len != sizeof n->scalar)
		return RXP_ERR_STATE;
	memcpy(octets, n->scalar, len);
	return 0;
}

int change_secret_with_zero(struct draft *d)
{
	struct drawn n = {.before = 2}; /* the content key, and the IV */
	const struct rxp_random random = {.fill = fill, .arg = &n};
	uint8_t cek[RXP_KEY_OCTETS];
	int rc = draw_scalar(n.scalar, d);

	if (rc != 0)
		return rc;
	rxp_encrypted_clear(&d->encrypted);
	rc = rxp_encrypted_make(&d->encrypted, &d->info, d->document.data, d->document.len,
	    d->spki.data, d->spki.len, &random, cek);
	OPENSSL_cleanse(cek, sizeof cek);
	return rc;
}

/* --- the signature --------------------------------------------------------------------------- */

static bool signed_with_zero(const struct draft *d)
{
	static const char tag[] = "<ds:SignatureValue>";
	const uint8_t *at = memmem(d->document.data, d->document.len, tag, sizeof tag - 1);
	uint8_t pair[2 * NUMBER_OCTETS];
	char text[MAX_SIGNATURE_TEXT];
	size_t n = 0;

	if (at == NULL)
		return false;
	for (at += sizeof tag - 1; *at != '<' && n < sizeof text - 1; at++)
		text[n++] = (char)*at;
	text[n] = '\0';
	return rxp_base64_get_exact(pair, sizeof pair, text) == 0 &&
	       (pair[0] == 0 || pair[NUMBER_OCTETS] == 0);
}

/* A signature follows from what is signed: another Salt gives another. */
int change_signature_with_zero(struct draft *d)
{
	int rc = 0;

	for (int i = 0; rc == 0 && !signed_with_zero(d); i++) {
		uint8_t salt[SALT_OCTETS];
		struct rxp_buf text;

		rxp_buf_init(&text, MAX_SALT_TEXT);
		rc = i == MAX_DRAWN ? RXP_ERR_CRYPTO
				    : chance()->fill(chance()->arg, salt, sizeof salt);
		if (rc == 0)
			rc = rxp_buf_puts(&text, "<Salt>");
		if (rc == 0)
			rc = rxp_base64_put(&text, salt, sizeof salt);
		if (rc == 0)
			rc = rxp_buf_put(&text, "</Salt>", sizeof "</Salt>");
		if (rc == 0)
			rc = edit_apply(&d->document,
			    &(struct edit){"<Salt>", "</Salt>", (const char *)text.data});
		if (rc == 0)
			rc = reseal(&d->document, d->signer->key);
		rxp_buf_free(&text);
	}
	return rc;
}
