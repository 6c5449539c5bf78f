/*
 * agreement - ECDH-ES key agreement, ConcatKDF, key wrap and content encryption of XML-Enc 1.1.
 *
 * The algorithms of a suite are one row. RXP/1 has one row, rxp_suite_p256; tests link further
 * rows to run published vectors through these same functions (RXP-ENV-005 to RXP-ENV-008).
 */
#ifndef RXP_AGREEMENT_H
#define RXP_AGREEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/envelope/gcm.h"

struct rxp_buf;
struct rxp_random;

#define RXP_MAX_SECRET_OCTETS 66 /* x coordinate on P-521 */
#define RXP_MAX_POINT_OCTETS 133 /* 04 x y on P-521 */
#define RXP_KEY_OCTETS 32 /* longest key of a suite */

struct rxp_suite {
	const char *name; /* "RXP-1-P256"; also the AlgorithmID */
	const char *group; /* OpenSSL's name of the curve */
	const char *curve_urn; /* NamedCurve/@URI */
	size_t field_octets;
	const char *kdf_digest; /* OpenSSL's name */
	const char *wrap_cipher;
	size_t wrap_key_octets;
	const char *content_cipher;
	size_t content_key_octets;
};

extern const struct rxp_suite rxp_suite_p256;

/* A private agreement key on the suite's curve. */
struct rxp_agreement_key;

/* A new key from the caller's randomness. RXP_ERR_CRYPTO, RXP_ERR_NOMEM. */
int rxp_agreement_key_make(
    struct rxp_agreement_key **out, const struct rxp_suite *suite, const struct rxp_random *random);
/* From the private scalar, field_octets long. RXP_ERR_KEY. */
int rxp_agreement_key_import(struct rxp_agreement_key **out, const struct rxp_suite *suite,
    const uint8_t *scalar, size_t len);
/* The private scalar, field_octets long, to be wrapped at once. */
int rxp_agreement_key_export(const struct rxp_agreement_key *key, struct rxp_buf *scalar);
/* The uncompressed point, 1 + 2 * field_octets. */
int rxp_agreement_key_point(const struct rxp_agreement_key *key, struct rxp_buf *point);
/* SubjectPublicKeyInfo in DER. */
int rxp_agreement_key_spki(const struct rxp_agreement_key *key, struct rxp_buf *spki);
void rxp_agreement_key_free(struct rxp_agreement_key *key);

/* The uncompressed point inside a SubjectPublicKeyInfo of the suite's curve. RXP_ERR_KEY. */
int rxp_agreement_spki_point(
    struct rxp_buf *point, const struct rxp_suite *suite, const uint8_t *spki, size_t spki_len);

/* Is it 04||x||y on the curve? RXP_ERR_KEY if not. */
int rxp_agreement_point_check(const struct rxp_suite *suite, const uint8_t *point, size_t len);

/*
 * Key-encryption key from our private key, the other side's point and the KDF's info. Works alike
 * for sender (ephemeral key) and receiver. RXP_ERR_KEY if the point is not 04||x||y on the curve.
 */
int rxp_agreement_derive(uint8_t kek[RXP_KEY_OCTETS], const struct rxp_suite *suite,
    const struct rxp_agreement_key *own, const uint8_t *point, size_t point_len,
    const uint8_t *info, size_t info_len);

/* AES key wrap, RFC 3394. unwrap: RXP_ERR_DECRYPT. */
int rxp_agreement_wrap(struct rxp_buf *out, const struct rxp_suite *suite,
    const uint8_t kek[RXP_KEY_OCTETS], const uint8_t *cek);
int rxp_agreement_unwrap(uint8_t cek[RXP_KEY_OCTETS], const struct rxp_suite *suite,
    const uint8_t kek[RXP_KEY_OCTETS], const uint8_t *wrapped, size_t len);

/* IV || ciphertext || tag. open: RXP_ERR_DECRYPT, out holds nothing then. */
int rxp_agreement_encrypt(struct rxp_buf *out, const struct rxp_suite *suite, const uint8_t *cek,
    const uint8_t iv[RXP_IV_OCTETS], const uint8_t *octets, size_t len);
int rxp_agreement_decrypt(struct rxp_buf *out, const struct rxp_suite *suite, const uint8_t *cek,
    const uint8_t *octets, size_t len);

#endif
