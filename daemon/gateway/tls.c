#include "daemon/gateway/tls.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "daemon/gateway/limits.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define SIDES 2 /* of a connection */
#define CONTEXTS 3
#define GROUPS "X25519:P-256"
#define WARM_UP_STEPS 16
#define WARM_UP_OCTETS 65536

static const uint8_t ALPN[] = {2, 'h', '2'};

struct tls {
	SSL_CTX *ctx[CONTEXTS];
	uint8_t own[32]; /* digest of our own key */
	uint8_t former[32]; /* … and of the former one, if that has a context */
	bool former_used;
	int64_t until_ms;
	tls_lookup *lookup;
	void *arg;
};

struct tls_conn {
	SSL *ssl;
	struct tls *tls;
	char expect[4]; /* empty: anybody who is known */
	char party[4];
	uint8_t digest[32];
	int64_t until_ms; /* end of the certificate */
	unsigned post_handshake; /* messages since the handshake */
	bool done;
	bool self; /* the handshake with ourselves */
	bool any_key;
	enum transport why;
};

/* What the library's reasons mean for us. Alerts arrive as SSL_AD_REASON_OFFSET + number. */
static const struct {
	int reason;
	enum transport why;
} reasons[] = {
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, TRANSPORT_NO_CERTIFICATE},
    {SSL_R_UNSUPPORTED_PROTOCOL, TRANSPORT_TLS_VERSION},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, TRANSPORT_TLS_VERSION},
    {SSL_R_NO_APPLICATION_PROTOCOL, TRANSPORT_NO_H2},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, TRANSPORT_CLOSED},
    {SSL_AD_REASON_OFFSET + SSL_AD_BAD_CERTIFICATE, TRANSPORT_OUR_CERTIFICATE},
    {SSL_AD_REASON_OFFSET + SSL_AD_UNSUPPORTED_CERTIFICATE, TRANSPORT_OUR_CERTIFICATE},
    {SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_REVOKED, TRANSPORT_OUR_CERTIFICATE},
    {SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_EXPIRED, TRANSPORT_OUR_CERTIFICATE},
    {SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_UNKNOWN, TRANSPORT_OUR_CERTIFICATE},
    {SSL_AD_REASON_OFFSET + SSL_AD_UNKNOWN_CA, TRANSPORT_OUR_CERTIFICATE},
    {SSL_AD_REASON_OFFSET + SSL_AD_ACCESS_DENIED, TRANSPORT_OUR_CERTIFICATE},
    {SSL_AD_REASON_OFFSET + SSL_AD_CERTIFICATE_REQUIRED, TRANSPORT_OUR_CERTIFICATE},
    {SSL_AD_REASON_OFFSET + SSL_AD_PROTOCOL_VERSION, TRANSPORT_TLS_VERSION},
    {SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL, TRANSPORT_NO_H2},
};

static enum transport meaning(unsigned long error)
{
	size_t i;

	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (ERR_GET_REASON(error) == reasons[i].reason)
			return reasons[i].why;
	}
	return TRANSPORT_TLS_FAILED;
}

/* --- callbacks of the library ----------------------------------------------------------------- */

static int digest_of(const X509 *certificate, uint8_t digest[32])
{
	uint8_t *spki = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &spki);
	int ok = len > 0 && EVP_Digest(spki, (size_t)len, digest, NULL, EVP_sha256(), NULL) == 1;

	OPENSSL_free(spki);
	return ok ? 0 : RXP_ERR_CRYPTO;
}

static int64_t end_of(const X509 *certificate)
{
	struct tm end;

	return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1
		   ? (int64_t)timegm(&end) * 1000
		   : 0;
}

/* Stands in place of the library's whole chain check: the leaf's key is all that counts (RXP-TLS-006). */
static int judge(X509_STORE_CTX *store, void *arg)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_conn *c = SSL_get_app_data(ssl);
	const X509 *leaf = X509_STORE_CTX_get0_cert(store);
	const struct tls *t = c->tls;
	bool good;

	(void)arg;
	c->why = TRANSPORT_PIN_UNKNOWN;
	c->until_ms = leaf == NULL ? 0 : end_of(leaf);
	if (leaf == NULL || digest_of(leaf, c->digest) != 0)
		good = false;
	else if (c->self)
		good = memcmp(c->digest, t->own, sizeof c->digest) == 0;
	else if (c->any_key)
		good = memcpy(c->party, c->expect, sizeof c->party) != NULL;
	else
		good = t->lookup(t->arg, c->digest, c->party);
	if (good && c->expect[0] != '\0' && strcmp(c->expect, c->party) != 0) {
		c->why = TRANSPORT_PIN_OTHER;
		good = false;
	}
	if (good)
		c->why = TRANSPORT_NONE;
	else if (c->expect[0] != '\0')
		c->why = TRANSPORT_PIN_OTHER;
	X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_CERT_UNTRUSTED);
	return good;
}

/* A client that names no application protocol is refused before anything is computed for it. */
static int see_hello(SSL *ssl, int *alert, void *arg)
{
	struct tls_conn *c = SSL_get_app_data(ssl);
	const unsigned char *octets;
	size_t len;

	(void)arg;
	if (SSL_client_hello_get0_ext(
		ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &octets, &len))
		return SSL_CLIENT_HELLO_SUCCESS;
	c->why = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &octets, &len)
		     ? TRANSPORT_NO_H2
		     : TRANSPORT_TLS_VERSION;
	*alert =
	    c->why == TRANSPORT_NO_H2 ? SSL_AD_NO_APPLICATION_PROTOCOL : SSL_AD_PROTOCOL_VERSION;
	return SSL_CLIENT_HELLO_ERROR;
}

static int choose_h2(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *offered, unsigned int offered_len, void *arg)
{
	struct tls_conn *c = SSL_get_app_data(ssl);
	unsigned int at;

	(void)arg;
	for (at = 0; at < offered_len; at += 1U + offered[at]) {
		if (offered_len - at >= sizeof ALPN &&
		    memcmp(offered + at, ALPN, sizeof ALPN) == 0) {
			*out = offered + at + 1;
			*out_len = offered[at];
			return SSL_TLSEXT_ERR_OK;
		}
	}
	c->why = TRANSPORT_NO_H2;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* Counts what arrives beside application data after the handshake: key updates cost us work. */
static void count_messages(
    int sent, int version, int type, const void *octets, size_t len, SSL *ssl, void *arg)
{
	struct tls_conn *c = SSL_get_app_data(ssl);

	(void)version;
	(void)octets;
	(void)len;
	(void)arg;
	if (!sent && type == SSL3_RT_HANDSHAKE && c->done)
		c->post_handshake++;
}

/* --- contexts ------------------------------------------------------------------------------------ */

static int no_password(char *out, int cap, int writing, void *arg)
{
	(void)out;
	(void)cap;
	(void)writing;
	(void)arg;
	return -1;
}

static int context(SSL_CTX **out, const SSL_METHOD *method, X509 *certificate, EVP_PKEY *key)
{
	SSL_CTX *ctx = SSL_CTX_new(method);

	if (ctx == NULL)
		return RXP_ERR_NOMEM;
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
				     SSL_OP_SINGLE_ECDH_USE);
	SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* A read returns after each message that is not data, so that they can be counted. */
	SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ctx, judge, NULL);
	SSL_CTX_set_msg_callback(ctx, count_messages);
	SSL_CTX_set_client_hello_cb(ctx, see_hello, NULL);
	SSL_CTX_set_alpn_select_cb(ctx, choose_h2, NULL);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 0) != 1 || SSL_CTX_set_max_early_data(ctx, 0) != 1 ||
	    SSL_CTX_set1_groups_list(ctx, GROUPS) != 1 ||
	    SSL_CTX_set_alpn_protos(ctx, ALPN, sizeof ALPN) != 0) {
		SSL_CTX_free(ctx);
		return RXP_ERR_CRYPTO;
	}
	if (SSL_CTX_use_certificate(ctx, certificate) != 1 ||
	    SSL_CTX_use_PrivateKey(ctx, key) != 1 || SSL_CTX_check_private_key(ctx) != 1) {
		SSL_CTX_free(ctx);
		return RXP_ERR_KEY;
	}
	*out = ctx;
	return 0;
}

static int read_pair(EVP_PKEY **key, X509 **certificate, const struct rxp_buf *key_pem,
    const struct rxp_buf *cert_pem)
{
	BIO *key_bio = BIO_new_mem_buf(key_pem->data, (int)key_pem->len);
	BIO *cert_bio = BIO_new_mem_buf(cert_pem->data, (int)cert_pem->len);
	int rc = RXP_ERR_NOMEM;

	if (key_bio == NULL || cert_bio == NULL)
		goto done;
	*key = PEM_read_bio_PrivateKey(key_bio, NULL, no_password, NULL);
	*certificate = PEM_read_bio_X509(cert_bio, NULL, no_password, NULL);
	rc = *key == NULL || *certificate == NULL ? RXP_ERR_KEY : 0;
done:
	BIO_free(cert_bio);
	BIO_free(key_bio);
	ERR_clear_error();
	return rc;
}

static int contexts(struct tls *t, const struct rxp_buf *key_pem, const struct rxp_buf *cert_pem)
{
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	int rc = read_pair(&key, &certificate, key_pem, cert_pem);

	if (rc == 0)
		rc = digest_of(certificate, t->own);
	if (rc == 0)
		t->until_ms = end_of(certificate);
	if (rc == 0)
		rc = context(&t->ctx[TLS_SERVER], TLS_server_method(), certificate, key);
	if (rc == 0)
		rc = context(&t->ctx[TLS_CLIENT], TLS_client_method(), certificate, key);
	X509_free(certificate);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return rc;
}

int tls_add_former(struct tls *t, const struct rxp_buf *key_pem, const struct rxp_buf *cert_pem)
{
	EVP_PKEY *key = NULL;
	X509 *certificate = NULL;
	int rc = read_pair(&key, &certificate, key_pem, cert_pem);

	if (rc == 0)
		rc = digest_of(certificate, t->former);
	if (rc == 0)
		rc = context(&t->ctx[TLS_CLIENT_FORMER], TLS_client_method(), certificate, key);
	X509_free(certificate);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return rc;
}

const uint8_t *tls_former(const struct tls *t)
{
	return t->ctx[TLS_CLIENT_FORMER] != NULL ? t->former : NULL;
}

void tls_settle_former(struct tls *t, bool use)
{
	t->former_used = use && tls_former(t) != NULL;
	if (t->former_used)
		return;
	SSL_CTX_free(t->ctx[TLS_CLIENT_FORMER]);
	t->ctx[TLS_CLIENT_FORMER] = NULL;
}

bool tls_may_use_former(const struct tls *t)
{
	return t->former_used;
}

/* --- connections ------------------------------------------------------------------------------ */

static int conn_new(struct tls_conn **out, struct tls *t, enum tls_side side, const char *expect)
{
	struct tls_conn *c = calloc(1, sizeof *c);

	if (c == NULL)
		return RXP_ERR_NOMEM;
	c->tls = t;
	if (expect != NULL)
		memcpy(c->expect, expect, sizeof c->expect);
	c->ssl = SSL_new(t->ctx[side]);
	if (c->ssl == NULL) {
		free(c);
		return RXP_ERR_NOMEM;
	}
	SSL_set_app_data(c->ssl, c);
	if (side == TLS_SERVER)
		SSL_set_accept_state(c->ssl);
	else
		SSL_set_connect_state(c->ssl);
	*out = c;
	return 0;
}

int tls_conn_new(struct tls_conn **out, struct tls *t, enum tls_side side, int fd,
    const char *expect, bool any_key)
{
	struct tls_conn *c = NULL;
	int rc = conn_new(&c, t, side, expect);

	if (rc != 0)
		return rc;
	c->any_key = any_key;
	if (SSL_set_fd(c->ssl, fd) != 1) {
		tls_conn_free(c);
		return RXP_ERR_NOMEM;
	}
	*out = c;
	return 0;
}

void tls_conn_free(struct tls_conn *c)
{
	if (c == NULL)
		return;
	SSL_free(c->ssl);
	free(c);
}

/* What a call of the library that did not succeed means; the queue of errors is empty again. */
static int outcome(struct tls_conn *c, int result)
{
	int rc = RXP_ERR_PEER;

	switch (SSL_get_error(c->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		rc = TLS_WANT_READ;
		break;
	case SSL_ERROR_WANT_WRITE:
		rc = TLS_WANT_WRITE;
		break;
	case SSL_ERROR_SSL:
		if (c->why == TRANSPORT_NONE)
			c->why = meaning(ERR_peek_last_error());
		break;
	default:
		if (c->why == TRANSPORT_NONE)
			c->why = TRANSPORT_CLOSED;
		rc = RXP_ERR_CLOSED;
		break;
	}
	ERR_clear_error();
	return rc;
}

int tls_handshake(struct tls_conn *c)
{
	const unsigned char *protocol = NULL;
	unsigned int len = 0;
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(c->ssl);
	if (result != 1)
		return outcome(c, result);
	SSL_get0_alpn_selected(c->ssl, &protocol, &len);
	if (SSL_version(c->ssl) != TLS1_3_VERSION)
		c->why = TRANSPORT_TLS_VERSION;
	else if (len != sizeof ALPN - 1 || memcmp(protocol, ALPN + 1, len) != 0)
		c->why = TRANSPORT_NO_H2;
	else if (SSL_session_reused(c->ssl) || (c->party[0] == '\0' && !c->self))
		c->why = TRANSPORT_NO_CERTIFICATE;
	c->done = c->why == TRANSPORT_NONE;
	return c->done ? 0 : RXP_ERR_PEER;
}

int tls_read(struct tls_conn *c, uint8_t *out, size_t cap, size_t *n)
{
	int result, rc;

	ERR_clear_error();
	result = SSL_read_ex(c->ssl, out, cap, n);
	rc = result == 1 ? 0 : outcome(c, result);
	if (c->post_handshake > GATEWAY_POST_HANDSHAKE_MESSAGES) {
		c->why = TRANSPORT_TLS_FLOOD;
		return RXP_ERR_PEER;
	}
	return rc;
}

bool tls_pending(const struct tls_conn *c)
{
	return SSL_pending(c->ssl) > 0;
}

int tls_write(struct tls_conn *c, const uint8_t *octets, size_t len, size_t *n)
{
	int result;

	ERR_clear_error();
	result = SSL_write_ex(c->ssl, octets, len, n);
	return result == 1 ? 0 : outcome(c, result);
}

void tls_close(struct tls_conn *c)
{
	ERR_clear_error();
	if (c->done)
		(void)SSL_shutdown(c->ssl);
	ERR_clear_error();
}

const char *tls_party(const struct tls_conn *c)
{
	return c->party;
}

const char *tls_expected(const struct tls_conn *c)
{
	return c->expect;
}

int64_t tls_peer_until_ms(const struct tls_conn *c)
{
	return c->until_ms;
}

const uint8_t *tls_digest(const struct tls_conn *c)
{
	return c->digest;
}

enum transport tls_why(const struct tls_conn *c)
{
	return c->why;
}

/* --- start ------------------------------------------------------------------------------------ */

/* Both ends in turn over a pair in memory; then one octet goes across. */
static int shake(struct tls_conn *server, struct tls_conn *client)
{
	uint8_t octet = 0;
	size_t n;
	int step, here = 1, there = 1;

	for (step = 0; step < WARM_UP_STEPS && (here > 0 || there > 0); step++) {
		there = tls_handshake(client);
		here = tls_handshake(server);
		if (there < 0 || here < 0)
			return RXP_ERR_CRYPTO;
	}
	if (here != 0 || there != 0 || tls_write(client, &octet, 1, &n) != 0 ||
	    tls_read(server, &octet, 1, &n) != 0)
		return RXP_ERR_CRYPTO;
	return 0;
}

static int warm_up(struct tls *t)
{
	struct tls_conn *ends[SIDES] = {NULL, NULL};
	BIO *bios[SIDES] = {NULL, NULL};
	int side, rc = 0;

	if (BIO_new_bio_pair(&bios[0], WARM_UP_OCTETS, &bios[1], WARM_UP_OCTETS) != 1)
		return RXP_ERR_NOMEM;
	for (side = 0; side < SIDES; side++) {
		if (rc == 0)
			rc = conn_new(&ends[side], t, (enum tls_side)side, NULL);
		if (rc != 0) {
			BIO_free(bios[side]);
			continue;
		}
		ends[side]->self = true;
		SSL_set_bio(ends[side]->ssl, bios[side], bios[side]);
	}
	if (rc == 0)
		rc = shake(ends[TLS_SERVER], ends[TLS_CLIENT]);
	tls_conn_free(ends[TLS_CLIENT]);
	tls_conn_free(ends[TLS_SERVER]);
	return rc;
}

int tls_new(struct tls **out, const struct rxp_buf *key_pem, const struct rxp_buf *cert_pem,
    tls_lookup *lookup, void *arg)
{
	struct tls *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL)
		return RXP_ERR_NOMEM;
	t->lookup = lookup;
	t->arg = arg;
	rc = contexts(t, key_pem, cert_pem);
	if (rc == 0)
		rc = warm_up(t);
	if (rc == 0)
		*out = t;
	else
		tls_free(t);
	return rc;
}

const uint8_t *tls_own(const struct tls *t)
{
	return t->own;
}

int64_t tls_until_ms(const struct tls *t)
{
	return t->until_ms;
}

void tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx[TLS_CLIENT_FORMER]);
	SSL_CTX_free(t->ctx[TLS_SERVER]);
	SSL_CTX_free(t->ctx[TLS_CLIENT]);
	free(t);
}
