#include "protocol/test/fixture.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "protocol/test/must.h"

const char fixture_header[] =
    "<Suite>RXP-1-P256</Suite><MessageId>019aafe2-5c00-7d31-9a0e-2f6b1c9d7e55</MessageId>"
    "<From>QRA</From><To>QRB</To><Created>2026-11-23T10:00:00.000Z</Created>"
    "<Expires>2027-01-22T10:00:00.000Z</Expires><Type>Application</Type>";

const char fixture_body[] =
    "<Salt>AAECAwQFBgcICQoLDA0ODw==</Salt><Application xmlns=\"urn:rxp:1:body\">"
    "<Person number=\"1\"><Surname>ERIKSSON</Surname><Given>ANNA MARIA</Given>"
    "<Nationality>UTO</Nationality><Remark></Remark></Person></Application>";

size_t fixture_certificate(uint8_t **der, struct evp_pkey_st *pkey, long version)
{
	X509 *x509 = X509_new();
	X509_NAME *name;
	int len;

	MUST(x509 != NULL && X509_set_version(x509, version) == 1);
	MUST(ASN1_INTEGER_set(X509_get_serialNumber(x509), 7) == 1);
	MUST(ASN1_TIME_set_string_X509(X509_getm_notBefore(x509), "20260101000000Z") == 1);
	MUST(ASN1_TIME_set_string_X509(X509_getm_notAfter(x509), "20280101000000Z") == 1);
	name = X509_get_subject_name(x509);
	MUST(X509_NAME_add_entry_by_txt(
		 name, "CN", MBSTRING_ASC, (const unsigned char *)"QRA seal", -1, -1, 0) == 1);
	MUST(X509_set_issuer_name(x509, name) == 1);
	MUST(X509_set_pubkey(x509, pkey) == 1);
	MUST(X509_sign(x509, pkey, EVP_sha256()) > 0);
	*der = NULL;
	len = i2d_X509(x509, der);
	MUST(len > 0);
	X509_free(x509);
	return (size_t)len;
}

void fixture_pem(struct rxp_buf *out, struct evp_pkey_st *pkey)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	MUST(bio != NULL &&
	     PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) == 1);
	len = BIO_get_mem_data(bio, &text);
	MUST(len > 0 && rxp_buf_put(out, text, (size_t)len) == 0);
	BIO_free(bio);
}

void fixture_key_make(struct fixture_key *key, enum rxp_seal_alg alg)
{
	struct rxp_buf pem;
	uint8_t *der;
	size_t der_len;

	if (alg == RXP_SEAL_RSA)
		key->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)3072);
	else
		key->pkey = EVP_PKEY_Q_keygen(
		    NULL, NULL, "EC", alg == RXP_SEAL_ECDSA_P256 ? "P-256" : "P-384");
	MUST(key->pkey != NULL);
	der_len = fixture_certificate(&der, key->pkey, X509_VERSION_3);
	MUST(rxp_cert_parse(&key->cert, der, der_len) == 0);
	OPENSSL_free(der);
	rxp_buf_init(&pem, 8192);
	fixture_pem(&pem, key->pkey);
	MUST(rxp_key_signer_open(&key->signer, pem.data, pem.len, key->cert) == 0);
	rxp_buf_free(&pem);
}

void fixture_key_clear(struct fixture_key *key)
{
	rxp_key_signer_free(key->signer);
	rxp_cert_free(key->cert);
	EVP_PKEY_free(key->pkey);
	*key = (struct fixture_key){0};
}

struct rxp_buf fixture_text(const char *text)
{
	struct rxp_buf buf;

	rxp_buf_init(&buf, strlen(text));
	MUST(rxp_buf_puts(&buf, text) == 0);
	return buf;
}

void fixture_seal(
    struct rxp_buf *out, enum rxp_kind kind, const struct fixture_key *key, uint8_t fingerprint[32])
{
	struct rxp_buf header = fixture_text(fixture_header);
	struct rxp_buf body = fixture_text(fixture_body);
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);

	MUST(rxp_seal_sign(out, kind, &header, &body, FIXTURE_TIME_MS, &signer, fingerprint) == 0);
	rxp_buf_free(&header);
	rxp_buf_free(&body);
}
