#include "protocol/evidence/stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"

#define AUTHORITY_CERTS_MAX 32
#define GENERALIZED_DIGITS 14 /* YYYYMMDDhhmmss */
#define SECOND_MS 1000
#define ACCURACY_SECONDS_MAX 86400 /* a token that is less exact than a day proves nothing */
#define SECURITY_LEVEL 2 /* of the authority's chain: 112 bits, no SHA-1 */

struct rxp_authority {
	size_t n;
	X509 *certs[AUTHORITY_CERTS_MAX]; /* owned */
};

/* --- authorities ----------------------------------------------------------------------------------- */

/* What stands between two certificates is comment; a file that holds something else behind the last is refused by its
 * reader's error. */
static int read_certs(struct rxp_authority *a, BIO *octets)
{
	X509 *cert;
	unsigned long why;

	while (a->n < AUTHORITY_CERTS_MAX &&
	       (cert = PEM_read_bio_X509(octets, NULL, NULL, NULL)) != NULL)
		a->certs[a->n++] = cert;
	if (a->n == AUTHORITY_CERTS_MAX)
		return RXP_ERR_BOUND;
	why = ERR_peek_last_error();
	return a->n > 0 && ERR_GET_LIB(why) == ERR_LIB_PEM &&
		       ERR_GET_REASON(why) == PEM_R_NO_START_LINE
		   ? 0
		   : RXP_ERR_SYNTAX;
}

int rxp_authority_read(struct rxp_authority **out, const uint8_t *octets, size_t len)
{
	struct rxp_authority *a;
	BIO *bio;
	int rc = RXP_ERR_NOMEM;

	if (len > RXP_MAX_AUTHORITY_OCTETS)
		return RXP_ERR_BOUND;
	a = calloc(1, sizeof *a);
	bio = BIO_new_mem_buf(octets, (int)len);
	if (a != NULL && bio != NULL)
		rc = read_certs(a, bio);
	ERR_clear_error();
	BIO_free(bio);
	if (rc != 0)
		rxp_authority_free(a);
	else
		*out = a;
	return rc;
}

void rxp_authority_free(struct rxp_authority *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < a->n; i++)
		X509_free(a->certs[i]);
	free(a);
}

/* --- the request ------------------------------------------------------------------------------------- */

static bool set_imprint(TS_REQ *request, const uint8_t imprint[RXP_DIGEST_OCTETS])
{
	TS_MSG_IMPRINT *made = TS_MSG_IMPRINT_new();
	uint8_t octets
	    [RXP_DIGEST_OCTETS]; /* a copy, since the library does not say that it only reads */
	X509_ALGOR *sha256 = X509_ALGOR_new();
	bool good = made != NULL && sha256 != NULL;

	memcpy(octets, imprint, sizeof octets);
	if (good)
		X509_ALGOR_set_md(sha256, EVP_sha256());
	good = good && TS_MSG_IMPRINT_set_algo(made, sha256) == 1 &&
	       TS_MSG_IMPRINT_set_msg(made, octets, sizeof octets) == 1 &&
	       TS_REQ_set_msg_imprint(request, made) == 1;
	X509_ALGOR_free(sha256);
	TS_MSG_IMPRINT_free(made);
	return good;
}

static bool set_nonce(TS_REQ *request, const uint8_t nonce[RXP_STAMP_NONCE_OCTETS])
{
	BIGNUM *number = BN_bin2bn(nonce, RXP_STAMP_NONCE_OCTETS, NULL);
	ASN1_INTEGER *made = number == NULL ? NULL : BN_to_ASN1_INTEGER(number, NULL);
	bool good = made != NULL && TS_REQ_set_nonce(request, made) == 1;

	ASN1_INTEGER_free(made);
	BN_free(number);
	return good;
}

/* nonce NULL: a token is verified by itself. */
static TS_REQ *make_request(const uint8_t imprint[RXP_DIGEST_OCTETS], const uint8_t *nonce)
{
	TS_REQ *request = TS_REQ_new();

	if (request != NULL && TS_REQ_set_version(request, 1) == 1 &&
	    TS_REQ_set_cert_req(request, 1) == 1 && set_imprint(request, imprint) &&
	    (nonce == NULL || set_nonce(request, nonce)))
		return request;
	TS_REQ_free(request);
	return NULL;
}

int rxp_stamp_request(struct rxp_buf *out, const uint8_t imprint[RXP_DIGEST_OCTETS],
    const uint8_t nonce[RXP_STAMP_NONCE_OCTETS])
{
	TS_REQ *request = make_request(imprint, nonce);
	unsigned char *der = NULL;
	int len = request == NULL ? -1 : i2d_TS_REQ(request, &der);
	int rc = len <= 0 ? RXP_ERR_NOMEM : rxp_buf_put(out, der, (size_t)len);

	OPENSSL_free(der);
	TS_REQ_free(request);
	return rc;
}

/* --- what a token says ------------------------------------------------------------------------------- */

static int64_t milliseconds_of(const TS_ACCURACY *accuracy)
{
	int64_t seconds, millis, micros;

	if (accuracy == NULL)
		return 0;
	seconds = ASN1_INTEGER_get(TS_ACCURACY_get_seconds(accuracy));
	millis = ASN1_INTEGER_get(TS_ACCURACY_get_millis(accuracy));
	micros = ASN1_INTEGER_get(TS_ACCURACY_get_micros(accuracy));
	if (seconds < 0 || seconds > ACCURACY_SECONDS_MAX || millis < 0 || millis >= SECOND_MS ||
	    micros < 0 || micros >= SECOND_MS)
		return -1;
	return seconds * SECOND_MS + millis + (micros > 0);
}

/* YYYYMMDDhhmmss, maybe a fraction, Z, and nothing else. */
static int read_time(int64_t *out, const ASN1_GENERALIZEDTIME *time)
{
	const char *t = (const char *)ASN1_STRING_get0_data(time);
	size_t len = (size_t)ASN1_STRING_length(time);
	char text[RXP_TIME_TEXT];

	if (len <= GENERALIZED_DIGITS || t[len - 1] != 'Z' ||
	    (len > GENERALIZED_DIGITS + 1 && t[GENERALIZED_DIGITS] != '.'))
		return RXP_ERR_SYNTAX;
	snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.000Z", t, t + 4, t + 6, t + 8,
	    t + 10, t + 12);
	if (rxp_time_parse(out, text) != 0)
		return RXP_ERR_SYNTAX;
	*out += len > GENERALIZED_DIGITS + 1 ? SECOND_MS : 0;
	return 0;
}

static int read_info(struct rxp_stamp *out, int64_t *made_ms, TS_TST_INFO *info)
{
	int64_t accuracy = milliseconds_of(TS_TST_INFO_get_accuracy(info));
	int rc = read_time(made_ms, TS_TST_INFO_get_time(info));

	if (rc != 0 || accuracy < 0)
		return RXP_ERR_SYNTAX;
	out->not_later_ms = *made_ms + (accuracy + SECOND_MS - 1) / SECOND_MS * SECOND_MS;
	return out->not_later_ms > RXP_MAX_TIME_MS ? RXP_ERR_SYNTAX : 0;
}

/* Before anything is verified: which fault is to be named. */
static bool is_of(TS_TST_INFO *info, const uint8_t imprint[RXP_DIGEST_OCTETS])
{
	TS_MSG_IMPRINT *is = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OBJECT *algorithm;
	const ASN1_OCTET_STRING *octets;

	X509_ALGOR_get0(&algorithm, NULL, NULL, TS_MSG_IMPRINT_get_algo(is));
	octets = TS_MSG_IMPRINT_get_msg(is);
	return OBJ_obj2nid(algorithm) == NID_sha256 &&
	       ASN1_STRING_length(octets) == RXP_DIGEST_OCTETS &&
	       memcmp(ASN1_STRING_get0_data(octets), imprint, RXP_DIGEST_OCTETS) == 0;
}

/* One signer, by SHA-2, whose certificate is there. NULL: not so. */
static X509 *signer_of(PKCS7 *token)
{
	static const int good[] = {NID_sha256, NID_sha384, NID_sha512};
	STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info(token);
	STACK_OF(X509) * found;
	X509_ALGOR *digest;
	X509 *signer = NULL;
	int nid;

	if (sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return NULL;
	PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0), NULL, &digest, NULL);
	nid = OBJ_obj2nid(digest->algorithm);
	if (nid != good[0] && nid != good[1] && nid != good[2])
		return NULL;
	found = PKCS7_get0_signers(token, NULL, 0);
	if (found != NULL && sk_X509_num(found) == 1)
		signer = sk_X509_value(found, 0);
	sk_X509_free(found);
	return signer;
}

/* RFC 2253 in ASCII. */
static int read_name(struct rxp_stamp *out, const X509 *signer)
{
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned int len = 0;
	int n;

	if (bio == NULL)
		return RXP_ERR_NOMEM;
	X509_NAME_print_ex(bio, X509_get_subject_name(signer), 0, XN_FLAG_RFC2253);
	n = BIO_read(bio, out->name, sizeof out->name - 1);
	out->name[n > 0 ? n : 0] = '\0';
	BIO_free(bio);
	return X509_digest(signer, EVP_sha256(), out->cert, &len) == 1 ? 0 : RXP_ERR_NOMEM;
}

/* --- verified ---------------------------------------------------------------------------------------- */

/* What is trusted: the authority, or, without one, whatever the token brings. */
static int add_anchors(X509_STORE *store, const struct rxp_authority *authority, const PKCS7 *token)
{
	STACK_OF(X509) *brought = token->d.sign->cert;
	int rc = 0;

	if (authority == NULL)
		for (int i = 0; rc == 0 && i < sk_X509_num(brought); i++)
			rc = X509_STORE_add_cert(store, sk_X509_value(brought, i)) == 1
				 ? 0
				 : RXP_ERR_NOMEM;
	else
		for (size_t i = 0; rc == 0 && i < authority->n; i++)
			rc = X509_STORE_add_cert(store, authority->certs[i]) == 1 ? 0
										  : RXP_ERR_NOMEM;
	return rc;
}

static int make_store(
    X509_STORE **out, const struct rxp_authority *authority, const PKCS7 *token, int64_t made_ms)
{
	X509_STORE *store = X509_STORE_new();
	int rc;

	if (store == NULL)
		return RXP_ERR_NOMEM;
	rc = add_anchors(store, authority, token);
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)(made_ms / SECOND_MS));
	X509_VERIFY_PARAM_set_auth_level(X509_STORE_get0_param(store), SECURITY_LEVEL);
	if (rc != 0)
		X509_STORE_free(store);
	else
		*out = store;
	return rc;
}

/* Version, imprint, nonce, the authority's name if the token has one, and the signature. */
static int verify_signature(PKCS7 *token, const uint8_t imprint[RXP_DIGEST_OCTETS],
    const uint8_t *nonce, const struct rxp_authority *authority, int64_t made_ms)
{
	TS_REQ *request = make_request(imprint, nonce);
	TS_VERIFY_CTX *ctx = request == NULL ? NULL : TS_REQ_to_TS_VERIFY_CTX(request, NULL);
	X509_STORE *store = NULL;
	int rc = ctx == NULL ? RXP_ERR_NOMEM : make_store(&store, authority, token, made_ms);

	if (rc == 0) {
		TS_VERIFY_CTX_set_store(ctx, store); /* which owns it from here on */
		TS_VERIFY_CTX_add_flags(ctx, TS_VFY_SIGNATURE | TS_VFY_SIGNER);
		rc = TS_RESP_verify_token(ctx, token) == 1 ? 0 : RXP_ERR_SEAL;
	}
	TS_VERIFY_CTX_free(ctx);
	TS_REQ_free(request);
	return rc;
}

static int verify(struct rxp_stamp *out, PKCS7 *token, const uint8_t imprint[RXP_DIGEST_OCTETS],
    const uint8_t *nonce, const struct rxp_authority *authority)
{
	TS_TST_INFO *info = PKCS7_to_TS_TST_INFO(token);
	struct rxp_stamp stamp = {.trusted = authority != NULL};
	int64_t made_ms = 0;
	X509 *signer = NULL;
	int rc = info == NULL ? RXP_ERR_SYNTAX : read_info(&stamp, &made_ms, info);

	if (rc == 0 && !is_of(info, imprint))
		rc = RXP_ERR_MISMATCH;
	if (rc == 0 && (signer = signer_of(token)) == NULL)
		rc = RXP_ERR_SEAL;
	if (rc == 0)
		rc = read_name(&stamp, signer);
	if (rc == 0)
		rc = verify_signature(token, imprint, nonce, NULL, made_ms);
	if (rc == 0 && authority != NULL &&
	    (rc = verify_signature(token, imprint, nonce, authority, made_ms)) == RXP_ERR_SEAL)
		rc = RXP_ERR_SIGNER;
	if (rc == 0)
		*out = stamp;
	TS_TST_INFO_free(info);
	return rc;
}

int rxp_stamp_verify(struct rxp_stamp *out, const uint8_t *token, size_t len,
    const uint8_t imprint[RXP_DIGEST_OCTETS], const struct rxp_authority *authority)
{
	const unsigned char *at = token;
	PKCS7 *parsed;
	int rc;

	if (len > RXP_MAX_STAMP_OCTETS)
		return RXP_ERR_BOUND;
	parsed = d2i_PKCS7(NULL, &at, (long)len);
	rc = parsed == NULL || at != token + len ? RXP_ERR_SYNTAX
						 : verify(out, parsed, imprint, NULL, authority);
	PKCS7_free(parsed);
	ERR_clear_error();
	return rc;
}

/* --- the reply ----------------------------------------------------------------------------------------- */

static int take(struct rxp_buf *out, TS_RESP *reply, const uint8_t imprint[RXP_DIGEST_OCTETS],
    const uint8_t nonce[RXP_STAMP_NONCE_OCTETS])
{
	const TS_STATUS_INFO *status = TS_RESP_get_status_info(reply);
	long code = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status));
	PKCS7 *token = TS_RESP_get_token(reply);
	struct rxp_stamp stamp;
	unsigned char *der = NULL;
	int len, rc;

	if ((code != TS_STATUS_GRANTED && code != TS_STATUS_GRANTED_WITH_MODS) || token == NULL)
		return RXP_ERR_NOT_FOUND;
	rc = verify(&stamp, token, imprint, NULL, NULL);
	if (rc == 0 && verify(&stamp, token, imprint, nonce, NULL) != 0)
		rc = RXP_ERR_MISMATCH; /* all but its nonce is good */
	if (rc != 0)
		return rc;
	len = i2d_PKCS7(token, &der);
	if (len <= 0)
		return RXP_ERR_NOMEM;
	rc =
	    (size_t)len > RXP_MAX_STAMP_OCTETS ? RXP_ERR_BOUND : rxp_buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return rc;
}

int rxp_stamp_take(struct rxp_buf *token, const uint8_t *reply, size_t len,
    const uint8_t imprint[RXP_DIGEST_OCTETS], const uint8_t nonce[RXP_STAMP_NONCE_OCTETS])
{
	const unsigned char *at = reply;
	TS_RESP *parsed;
	int rc;

	if (len > RXP_MAX_STAMP_REPLY_OCTETS)
		return RXP_ERR_BOUND;
	parsed = d2i_TS_RESP(NULL, &at, (long)len);
	rc = parsed == NULL || at != reply + len ? RXP_ERR_SYNTAX
						 : take(token, parsed, imprint, nonce);
	TS_RESP_free(parsed);
	ERR_clear_error();
	return rc;
}
