#include "conformance/package/stamp.h"

#include <time.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define NAME "Time-stamping of Utopia"
#define POLICY "2.999.1" /* of the arc for examples */
#define SERIAL 1
#define YEAR_S 31536000L
#define FLAGS (CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | CMS_CADES)

static time_t seconds(const struct stamp_of *of)
{
	return (time_t)(of->at_ms / 1000);
}

/* --- the authority ------------------------------------------------------------------------------ */

static bool set_use(X509 *x, bool other)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage,
	    other ? "critical,emailProtection" : "critical,timeStamping");
	bool good = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return good;
}

static bool fill_certificate(X509 *x, const struct stamp_of *of)
{
	X509_NAME *name = X509_get_subject_name(x);
	time_t at = seconds(of);

	return X509_set_version(x, X509_VERSION_3) == 1 &&
	       ASN1_INTEGER_set(X509_get_serialNumber(x), SERIAL) == 1 &&
	       X509_time_adj_ex(X509_getm_notBefore(x), 0, -YEAR_S, &at) != NULL &&
	       X509_time_adj_ex(X509_getm_notAfter(x), 0, YEAR_S, &at) != NULL &&
	       X509_NAME_add_entry_by_txt(
		   name, "CN", MBSTRING_ASC, (const unsigned char *)NAME, -1, -1, 0) == 1 &&
	       X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, of->key) == 1 &&
	       set_use(x, of->other_use) && X509_sign(x, of->key, EVP_sha256()) > 0;
}

/* --- what it says ------------------------------------------------------------------------------- */

static bool set_imprint(TS_TST_INFO *info, const struct stamp_of *of)
{
	TS_MSG_IMPRINT *made = TS_MSG_IMPRINT_new();
	X509_ALGOR *sha256 = X509_ALGOR_new();
	struct stamp_of copy = *of; /* the library does not say that it only reads */
	bool good = made != NULL && sha256 != NULL;

	if (good)
		X509_ALGOR_set_md(sha256, EVP_sha256());
	good = good && TS_MSG_IMPRINT_set_algo(made, sha256) == 1 &&
	       TS_MSG_IMPRINT_set_msg(made, copy.imprint, sizeof copy.imprint) == 1 &&
	       TS_TST_INFO_set_msg_imprint(info, made) == 1;
	X509_ALGOR_free(sha256);
	TS_MSG_IMPRINT_free(made);
	return good;
}

static bool fill_info(TS_TST_INFO *info, const struct stamp_of *of)
{
	ASN1_OBJECT *policy = OBJ_txt2obj(POLICY, 1);
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	ASN1_GENERALIZEDTIME *at = ASN1_GENERALIZEDTIME_set(NULL, seconds(of));
	bool good =
	    policy != NULL && serial != NULL && at != NULL &&
	    ASN1_INTEGER_set(serial, SERIAL) == 1 && TS_TST_INFO_set_version(info, 1) == 1 &&
	    TS_TST_INFO_set_policy_id(info, policy) == 1 && set_imprint(info, of) &&
	    TS_TST_INFO_set_serial(info, serial) == 1 && TS_TST_INFO_set_time(info, at) == 1;

	ASN1_OBJECT_free(policy);
	ASN1_INTEGER_free(serial);
	ASN1_GENERALIZEDTIME_free(at);
	return good;
}

/* --- the token ---------------------------------------------------------------------------------- */

/* signingTime stands before the library would say that it is now. */
static bool sign(CMS_ContentInfo *cms, X509 *x, BIO *said, const struct stamp_of *of)
{
	ASN1_TIME *at = ASN1_TIME_set(NULL, seconds(of));
	CMS_SignerInfo *signer = NULL;
	bool good =
	    at != NULL && CMS_set1_eContentType(cms, OBJ_nid2obj(NID_id_smime_ct_TSTInfo)) == 1;

	if (good)
		signer = CMS_add1_signer(cms, x, of->key, EVP_sha256(), FLAGS);
	good = signer != NULL &&
	       CMS_signed_add1_attr_by_NID(
		   signer, NID_pkcs9_signingTime, ASN1_STRING_type(at), at, -1) == 1 &&
	       CMS_final(cms, said, NULL, FLAGS) == 1;
	ASN1_TIME_free(at);
	return good;
}

static int put_signed(
    struct rxp_buf *out, X509 *x, const unsigned char *said, int len, const struct stamp_of *of)
{
	BIO *bio = BIO_new_mem_buf(said, len);
	CMS_ContentInfo *cms = bio == NULL ? NULL : CMS_sign(NULL, NULL, NULL, NULL, FLAGS);
	unsigned char *der = NULL;
	int der_len = cms != NULL && sign(cms, x, bio, of) ? i2d_CMS_ContentInfo(cms, &der) : -1;
	int rc = der_len <= 0 ? RXP_ERR_CRYPTO : rxp_buf_put(out, der, (size_t)der_len);

	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	return rc;
}

int stamp_put(struct rxp_buf *out, const struct stamp_of *of)
{
	TS_TST_INFO *info = TS_TST_INFO_new();
	X509 *x = X509_new();
	unsigned char *said = NULL;
	int len = info != NULL && x != NULL && fill_info(info, of) && fill_certificate(x, of)
		      ? i2d_TS_TST_INFO(info, &said)
		      : -1;
	int rc = len <= 0 ? RXP_ERR_CRYPTO : put_signed(out, x, said, len, of);

	OPENSSL_free(said);
	X509_free(x);
	TS_TST_INFO_free(info);
	ERR_clear_error();
	return rc;
}
