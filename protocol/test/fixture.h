/*
 * fixture - keys, certificates and a sealed object for the protocol's tests.
 *
 * A failure here aborts: it is a fault of the test, not of what is tested.
 */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/seal/seal.h"

struct evp_pkey_st;

#define FIXTURE_TIME_MS 1795428000000LL /* 2026-11-23T10:00:00.000Z */

/* Content of Header and Body, in the namespace of the kind; the person is a specimen of UTO. */
extern const char fixture_header[];
extern const char fixture_body[];

struct fixture_key {
	struct evp_pkey_st *pkey;
	struct rxp_cert *cert;
	struct rxp_key_signer *signer;
};

/* A new key with a self-signed certificate of the years 2026 to 2028. */
void fixture_key_make(struct fixture_key *key, enum rxp_seal_alg alg);
void fixture_key_clear(struct fixture_key *key);

/* A self-signed certificate in DER over any key; OPENSSL_free() it. */
size_t fixture_certificate(uint8_t **der, struct evp_pkey_st *pkey, long version);
/* The key as PKCS#8 in PEM, appended. */
void fixture_pem(struct rxp_buf *out, struct evp_pkey_st *pkey);

/* Append an object of this kind, sealed, with the two contents above. */
void fixture_seal(struct rxp_buf *out, enum rxp_kind kind, const struct fixture_key *key,
    uint8_t fingerprint[32]);

/* A buffer that holds the text; rxp_buf_free() it. */
struct rxp_buf fixture_text(const char *text);

#endif
