#include "conformance/state/credential.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "conformance/state/keypair.h"
#include "protocol/base/err.h"

#define MAX_NAME 32

enum kind { PINNED, P_256, P_384, RSA_1024, RSA_3072, ED25519, NOBODY };

static const struct {
	enum kind kind;
	long version;
	int from, until; /* days */
	const char *extension, *words;
} rows[] = {
#define CREDENTIAL(name, key, version, from, until, extension, words) \
	{key, version, from, until, extension, words},
#include "conformance/state/credential.def"
#undef CREDENTIAL
};

const char *credential_words(enum credential c)
{
	if ((unsigned)c >= CREDENTIAL_COUNT)
		abort();
	return rows[c].words;
}

static EVP_PKEY *key_of(enum kind kind, const struct keypair *pinned)
{
	switch (kind) {
	case PINNED:
		return EVP_PKEY_up_ref(pinned->key) == 1 ? pinned->key : NULL;
	case P_256:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	case P_384:
		return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	case RSA_1024:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	case RSA_3072:
		return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)3072);
	case ED25519:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	case NOBODY:
		break;
	}
	return NULL;
}

/* "name:value". */
static bool extend(X509 *x, const char *extension)
{
	const char *value = strchr(extension, ':');
	char name[MAX_NAME];
	X509_EXTENSION *e;
	bool good;

	if (value == NULL)
		return extension[0] == '\0';
	if ((size_t)(value - extension) >= sizeof name)
		return false;
	memcpy(name, extension, (size_t)(value - extension));
	name[value - extension] = '\0';
	e = X509V3_EXT_conf(NULL, NULL, name, value + 1);
	good = e != NULL && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return good;
}

static X509 *certify(EVP_PKEY *key, enum credential c, const struct keypair *pinned, time_t now)
{
	const EVP_MD *md = rows[c].kind == ED25519 ? NULL : EVP_sha256();
	X509_NAME *name = X509_get_subject_name(pinned->certificate);
	X509 *x = X509_new();
	uint64_t serial;

	if (x != NULL && RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
	    X509_set_version(x, rows[c].version - 1) == 1 &&
	    ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1) == 1 &&
	    X509_time_adj_ex(X509_getm_notBefore(x), rows[c].from, 0, &now) != NULL &&
	    X509_time_adj_ex(X509_getm_notAfter(x), rows[c].until, 0, &now) != NULL &&
	    X509_set_subject_name(x, name) == 1 && X509_set_issuer_name(x, name) == 1 &&
	    X509_set_pubkey(x, key) == 1 && extend(x, rows[c].extension) &&
	    X509_sign(x, key, md) > 0)
		return x;
	X509_free(x);
	return NULL;
}

int credential_make(
    struct keypair *out, enum credential c, const struct keypair *pinned, int64_t now_ms)
{
	if ((unsigned)c >= CREDENTIAL_COUNT)
		abort();
	if (rows[c].kind == NOBODY)
		return 0;
	out->key = key_of(rows[c].kind, pinned);
	if (out->key != NULL)
		out->certificate = certify(out->key, c, pinned, (time_t)(now_ms / 1000));
	if (out->certificate != NULL)
		return 0;
	keypair_clear(out);
	return RXP_ERR_CRYPTO;
}
