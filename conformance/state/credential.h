/*
 * credential - the certificates that the suite shows: of the key that its descriptor pins, with what a product must not
 * judge, or of keys that nobody knows (credential.def).
 */
#ifndef CONFORM_CREDENTIAL_H
#define CONFORM_CREDENTIAL_H

#include <stdint.h>

struct keypair;

enum credential {
#define CREDENTIAL(name, key, version, from, until, extension, words) CREDENTIAL_##name,
#include "conformance/state/credential.def"
#undef CREDENTIAL
	CREDENTIAL_COUNT
};

/* Key and certificate for a connection, of pinned or of a new key; out is zero before and after CREDENTIAL_NONE, the caller
 * clears it, and nothing can be sealed with it. RXP_ERR_CRYPTO. */
int credential_make(
    struct keypair *out, enum credential c, const struct keypair *pinned, int64_t now_ms);

const char *credential_words(enum credential c);

#endif
