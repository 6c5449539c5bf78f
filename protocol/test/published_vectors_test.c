/*
 * Goals:
 *  - the published ECDH-ES vectors of XML Encryption 1.1 (W3C interoperability round of 2012, XML
 *    Security Library 1.3) decrypt through the library's own functions, with suite rows that exist
 *    only here;
 *  - a vector that is missing from the table or from the folder is a failure.
 *
 * RXP_XMLENC_VECTORS names the folder, which is not part of the project; without it the test is
 * skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>

#include <cmocka.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <openssl/core_names.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/envelope/agreement.h"

#define MAX_OCTETS 65536
#define MAX_INFO_OCTETS 256
#define MAX_PATH_LENGTH 1024
#define NOT_APPLICABLE 1 /* HKDF; the library has ConcatKDF alone */

/* One published document: where it is, its keys and the suite that it uses. */
static const struct vector {
	const char *folder, *name, *suffix;
	const char *recipient; /* private key */
	const char *originator; /* public key; NULL if the document carries it */
	struct rxp_suite suite;
} vectors[] = {
/* Some documents wrap a longer content key than their cipher takes; it takes the first octets. */
#define SUITE(curve, octets, digest, wrap, content, key) \
	{ \
		.name = "", .group = (curve), .field_octets = (octets), .kdf_digest = (digest), \
		.wrap_cipher = "AES-" #wrap "-WRAP", .wrap_key_octets = (wrap) / 8, \
		.content_cipher = "AES-" #content "-GCM", .content_key_octets = (key), \
	}
#define W3C(curve, bits, group, octets) \
	{ \
		"w3c-2012", \
		    "cipherText__EC-" curve "__aes" #bits "-gcm__kw-aes" #bits \
		    "__ECDH-ES__ConcatKDF", \
		    "-orig.xml", curve "-recipient-key.pem", NULL, \
		    SUITE(group, octets, "SHA256", bits, bits, (bits) / 8) \
	}
#define XMLSEC(curve, kdf, wrap, bits, group, octets, digest, key) \
	{ \
		"xmlsec-1.3", "enc_ecdh_" curve "_" kdf "_kw_aes" #wrap "_aes" #bits "gcm", \
		    ".xml", curve "-recipient-key.pem", curve "-originator-pubkey.pem", \
		    SUITE(group, octets, digest, wrap, bits, key) \
	}
    W3C("P256", 128, "prime256v1", 32),
    W3C("P384", 192, "secp384r1", 48),
    W3C("P521", 256, "secp521r1", 66),
    XMLSEC("p256", "concatkdf_sha256", 256, 128, "prime256v1", 32, "SHA256", 32),
    XMLSEC("p256", "concatkdf_sha384", 256, 128, "prime256v1", 32, "SHA384", 32),
    XMLSEC("p256", "concatkdf_sha512", 256, 128, "prime256v1", 32, "SHA512", 32),
    XMLSEC("p384", "concatkdf_sha384", 192, 192, "secp384r1", 48, "SHA384", 24),
};
#define VECTORS (sizeof vectors / sizeof vectors[0])

static void path_of(char *out, const char *folder, const char *name, const char *suffix)
{
	int len = snprintf(
	    out, MAX_PATH_LENGTH, "%s/%s/%s%s", getenv("RXP_XMLENC_VECTORS"), folder, name, suffix);

	assert_true(len > 0 && len < MAX_PATH_LENGTH);
}

static EVP_PKEY *read_key(const char *folder, const char *name, int private)
{
	char path[MAX_PATH_LENGTH];
	EVP_PKEY *key;
	BIO *bio;

	path_of(path, folder, name, "");
	bio = BIO_new_file(path, "r");
	assert_non_null(bio);
	key = private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL)
		      : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	assert_non_null(key);
	BIO_free(bio);
	return key;
}

/* The n-th element of this name in document order, from 0. */
static const xmlNode *find(const xmlNode *node, const char *name, int *n)
{
	for (; node != NULL; node = node->next) {
		const xmlNode *below;

		if (node->type != XML_ELEMENT_NODE)
			continue;
		if (strcmp((const char *)node->name, name) == 0 && (*n)-- == 0)
			return node;
		below = find(node->children, name, n);
		if (below != NULL)
			return below;
	}
	return NULL;
}

static const xmlNode *element(const xmlDoc *doc, const char *name, int n)
{
	const xmlNode *found = find(doc->children, name, &n);

	assert_non_null(found);
	return found;
}

/* Base64 with white space anywhere. */
static void read_base64(struct rxp_buf *out, const xmlNode *node)
{
	xmlChar *text = xmlNodeGetContent(node);
	size_t kept = 0;

	for (const xmlChar *c = text; *c != '\0'; c++)
		if (strchr(" \t\r\n", *c) == NULL)
			text[kept++] = *c;
	text[kept] = '\0';
	assert_int_equal(rxp_base64_get(out, (const char *)text, kept), 0);
	xmlFree(text);
}

/* A hexBinary bit string: the first octet counts padding bits; an empty value has no bits. */
static void read_bits(struct rxp_buf *info, const xmlNode *params, const char *name)
{
	xmlChar *text = xmlGetNoNsProp(params, (const xmlChar *)name);
	long len = 0;
	uint8_t *octets;

	if (text != NULL && text[0] != '\0') {
		octets = OPENSSL_hexstr2buf((const char *)text, &len);
		assert_non_null(octets);
		assert_true(len > 0 && octets[0] == 0);
		rxp_buf_put(info, octets + 1, (size_t)len - 1);
		OPENSSL_free(octets);
	}
	xmlFree(text);
}

static void read_info(struct rxp_buf *info, const xmlDoc *doc)
{
	static const char *const names[] = {
	    "AlgorithmID", "PartyUInfo", "PartyVInfo", "SuppPubInfo", "SuppPrivInfo"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		read_bits(info, element(doc, "ConcatKDFParams", 0), names[i]);
	assert_int_equal(rxp_buf_error(info), 0);
}

static void read_originator(struct rxp_buf *point, const struct vector *v, const xmlDoc *doc)
{
	uint8_t octets[RXP_MAX_POINT_OCTETS];
	EVP_PKEY *key;
	size_t len;

	if (v->originator == NULL) {
		read_base64(point, element(doc, "PublicKey", 0));
		return;
	}
	key = read_key(v->folder, v->originator, 0);
	assert_int_equal(EVP_PKEY_get_octet_string_param(
			     key, OSSL_PKEY_PARAM_PUB_KEY, octets, sizeof octets, &len),
	    1);
	rxp_buf_put(point, octets, len);
	EVP_PKEY_free(key);
}

static struct rxp_agreement_key *read_recipient(const struct vector *v)
{
	struct rxp_agreement_key *own = NULL;
	uint8_t scalar[RXP_MAX_SECRET_OCTETS];
	EVP_PKEY *key = read_key(v->folder, v->recipient, 1);
	BIGNUM *number = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number), 1);
	assert_int_equal(
	    BN_bn2binpad(number, scalar, (int)v->suite.field_octets), (int)v->suite.field_octets);
	assert_int_equal(
	    rxp_agreement_key_import(&own, &v->suite, scalar, v->suite.field_octets), 0);
	BN_free(number);
	EVP_PKEY_free(key);
	return own;
}

/* Exclusive canonical form, without comments. */
static xmlChar *canonical(xmlDoc *doc)
{
	xmlChar *octets = NULL;

	assert_non_null(doc);
	assert_true(xmlC14NDocDumpMemory(doc, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &octets) >= 0);
	xmlFreeDoc(doc);
	return octets;
}

static void decrypt(struct rxp_buf *plain, const struct vector *v, const xmlDoc *doc)
{
	struct rxp_agreement_key *own = read_recipient(v);
	struct rxp_buf info, point, wrapped, cipher;
	uint8_t kek[RXP_KEY_OCTETS], cek[RXP_KEY_OCTETS];

	rxp_buf_init(&info, MAX_INFO_OCTETS);
	rxp_buf_init(&point, RXP_MAX_POINT_OCTETS);
	rxp_buf_init(&wrapped, MAX_OCTETS);
	rxp_buf_init(&cipher, MAX_OCTETS);
	read_info(&info, doc);
	read_originator(&point, v, doc);
	read_base64(&wrapped, element(doc, "CipherValue", 0));
	read_base64(&cipher, element(doc, "CipherValue", 1));
	assert_int_equal(
	    rxp_agreement_derive(kek, &v->suite, own, point.data, point.len, info.data, info.len),
	    0);
	assert_int_equal(rxp_agreement_unwrap(cek, &v->suite, kek, wrapped.data, wrapped.len), 0);
	assert_int_equal(rxp_agreement_decrypt(plain, &v->suite, cek, cipher.data, cipher.len), 0);
	rxp_buf_free(&info);
	rxp_buf_free(&point);
	rxp_buf_free(&wrapped);
	rxp_buf_free(&cipher);
	rxp_agreement_key_free(own);
}

static void every_vector_decrypts(void **state)
{
	(void)state;
	if (getenv("RXP_XMLENC_VECTORS") == NULL)
		skip();
	for (size_t i = 0; i < VECTORS; i++) {
		const struct vector *v = &vectors[i];
		char path[MAX_PATH_LENGTH];
		struct rxp_buf plain;
		xmlChar *want, *have;
		xmlDoc *doc;

		print_message("%s\n", v->name);
		rxp_buf_init(&plain, MAX_OCTETS);
		path_of(path, v->folder, v->name, v->suffix);
		doc = xmlReadFile(path, NULL, XML_PARSE_NONET);
		assert_non_null(doc);
		decrypt(&plain, v, doc);
		path_of(path, v->folder, v->name, ".data");
		want = canonical(xmlReadFile(path, NULL, XML_PARSE_NONET));
		have = canonical(xmlReadMemory(
		    (const char *)plain.data, (int)plain.len, NULL, NULL, XML_PARSE_NONET));
		assert_string_equal((const char *)have, (const char *)want);
		xmlFree(want);
		xmlFree(have);
		xmlFreeDoc(doc);
		rxp_buf_free(&plain);
	}
}

static size_t documents_in(const char *folder)
{
	char path[MAX_PATH_LENGTH];
	const struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	path_of(path, folder, "", "");
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (strstr(entry->d_name, ".xml") != NULL)
			n++;
	closedir(dir);
	return n;
}

static void no_published_vector_is_left_out(void **state)
{
	(void)state;
	if (getenv("RXP_XMLENC_VECTORS") == NULL)
		skip();
	assert_int_equal(
	    documents_in("w3c-2012") + documents_in("xmlsec-1.3"), VECTORS + NOT_APPLICABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_vector_decrypts),
	    cmocka_unit_test(no_published_vector_is_left_out),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	xmlCleanupParser();
	return failed;
}
