#include "conformance/wire/tls_odd.h"

#include <string.h>
#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/ssl.h>

#include "conformance/state/keypair.h"

#define MAX_PROTOCOLS 128
#define MAX_HELLO 4096
#define MAX_POINT 133
#define MAX_GROUP 32
#define RECORD_HEAD 5 /* type, version, length */
#define SECRET_OCTETS 32
#define MAX_EARLY 16384
#define OLD_IDENTITY "a ticket that nobody gave"

static const int versions[] = {[TLS_1_0] = TLS1_VERSION,
    [TLS_1_1] = TLS1_1_VERSION,
    [TLS_1_2] = TLS1_2_VERSION,
    [TLS_1_3] = TLS1_3_VERSION};

/* The names in the form of RFC 7301. */
static bool offer(SSL_CTX *ctx, const char *names)
{
	unsigned char list[MAX_PROTOCOLS];
	size_t n = 0;

	while (*names != '\0') {
		size_t len = strcspn(names, " ");

		if (len == 0 || n + 1 + len > sizeof list)
			return false;
		list[n] = (unsigned char)len;
		memcpy(list + n + 1, names, len);
		n += 1 + len;
		names += len + strspn(names + len, " ");
	}
	return n == 0 || SSL_CTX_set_alpn_protos(ctx, list, (unsigned)n) == 0;
}

/* A key on the same curve: the public half of one, the private half of another. */
static EVP_PKEY *halves(EVP_PKEY *shown, EVP_PKEY *held)
{
	unsigned char point[MAX_POINT];
	char group[MAX_GROUP];
	size_t point_len, group_len;
	BIGNUM *secret = NULL;
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;

	if (parts == NULL || maker == NULL ||
	    EVP_PKEY_get_octet_string_param(
		shown, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &point_len) != 1 ||
	    EVP_PKEY_get_group_name(shown, group, sizeof group, &group_len) != 1 ||
	    EVP_PKEY_get_bn_param(held, OSSL_PKEY_PARAM_PRIV_KEY, &secret) != 1 ||
	    OSSL_PARAM_BLD_push_utf8_string(parts, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY, point, point_len) !=
		1 ||
	    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_PRIV_KEY, secret) != 1)
		goto done;
	params = OSSL_PARAM_BLD_to_param(parts);
	if (params == NULL || EVP_PKEY_fromdata_init(maker) != 1 ||
	    EVP_PKEY_fromdata(maker, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
done:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(parts);
	EVP_PKEY_CTX_free(maker);
	BN_clear_free(secret);
	return key;
}

/* Show the certificate, and sign with its key or with one that is not. */
static bool show(SSL_CTX *ctx, const struct keypair *own, bool is_false)
{
	EVP_PKEY *other, *mixed = NULL;
	bool good;

	if (SSL_CTX_use_certificate(ctx, own->certificate) != 1)
		return false;
	if (!is_false)
		return SSL_CTX_use_PrivateKey(ctx, own->key) == 1;
	other = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	if (other != NULL)
		mixed = halves(own->key, other);
	good = mixed != NULL && SSL_CTX_use_PrivateKey(ctx, mixed) == 1;
	EVP_PKEY_free(mixed);
	EVP_PKEY_free(other);
	return good;
}

/* A session as it would be after an earlier connection, of a secret that nobody else knows. Whoever asks for another key share has
 * named its suite; a session of another digest may not be offered behind that (RFC 8446, section 4.1.4). */
static int old_session(SSL *ssl, const EVP_MD *md, const unsigned char **identity,
    size_t *identity_len, SSL_SESSION **out)
{
	static const unsigned char cipher[] = {0x13, 0x01}; /* TLS_AES_128_GCM_SHA256 */
	static const unsigned char secret[SECRET_OCTETS] = {1};
	SSL_SESSION *s;

	*out = NULL;
	if (md != NULL && EVP_MD_get_type(md) != NID_sha256)
		return 1;
	s = SSL_SESSION_new();
	if (s == NULL || SSL_SESSION_set1_master_key(s, secret, sizeof secret) != 1 ||
	    SSL_SESSION_set_cipher(s, SSL_CIPHER_find(ssl, cipher)) != 1 ||
	    SSL_SESSION_set_protocol_version(s, TLS1_3_VERSION) != 1 ||
	    SSL_SESSION_set1_alpn_selected(s, (const unsigned char *)"h2", 2) != 1 ||
	    SSL_SESSION_set_max_early_data(s, MAX_EARLY) != 1) {
		SSL_SESSION_free(s);
		return 0;
	}
	*identity = (const unsigned char *)OLD_IDENTITY;
	*identity_len = sizeof OLD_IDENTITY - 1;
	*out = s;
	return 1;
}

bool tls_odd_prepare(SSL_CTX *ctx, const struct wire_target *target)
{
	const struct manner *m = &target->manner;
	int version = versions[m->version];

	/* What a product must refuse must be offered first: weak keys, and the suites of old versions. */
	SSL_CTX_set_security_level(ctx, 0);
	if (m->version != TLS_1_3 && SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0") != 1)
		return false;
	if (SSL_CTX_set_min_proto_version(ctx, version) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, version) != 1 ||
	    !offer(ctx, m->protocols == NULL ? "h2" : m->protocols))
		return false;
	if (m->kind == MANNER_OLD_SESSION)
		SSL_CTX_set_psk_use_session_callback(ctx, old_session);
	return target->own == NULL || show(ctx, target->own, m->kind == MANNER_FALSE_PROOF);
}

bool tls_odd_greet_in_slivers(SSL *ssl, int fd)
{
	BIO *kept = BIO_new(BIO_s_mem()), *wire = BIO_new_socket(fd, BIO_NOCLOSE);
	unsigned char slivers[MAX_HELLO * (RECORD_HEAD + 1)];
	unsigned char *hello;
	size_t n = 0;
	long len;
	bool good = false;

	if (kept == NULL || wire == NULL) {
		BIO_free(kept);
		BIO_free(wire);
		return false;
	}
	SSL_set0_wbio(ssl, kept);
	(void)SSL_connect(ssl);
	len = BIO_get_mem_data(kept, &hello);
	if (len > RECORD_HEAD && len <= MAX_HELLO) {
		for (long i = RECORD_HEAD; i < len; i++, n += RECORD_HEAD + 1) {
			memcpy(slivers + n, hello, RECORD_HEAD);
			slivers[n + RECORD_HEAD - 2] = 0;
			slivers[n + RECORD_HEAD - 1] = 1;
			slivers[n + RECORD_HEAD] = hello[i];
		}
		good = send(fd, slivers, n, MSG_NOSIGNAL) == (ssize_t)n;
	}
	SSL_set0_wbio(ssl, wire);
	return good;
}

bool tls_odd_send_early(SSL *ssl, const struct rxp_buf *octets)
{
	size_t n = 0;

	return octets->len <= MAX_EARLY &&
	       SSL_write_early_data(ssl, octets->data, octets->len, &n) == 1 && n == octets->len;
}
