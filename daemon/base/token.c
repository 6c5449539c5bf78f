#include "daemon/base/token.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#define CRYPTOKI_GNU
#include <p11-kit/pkcs11.h>

#include "daemon/base/token_uri.h"
#include "protocol/base/err.h"

#define SLOTS_MAX 64
#define DIGEST_INFO_OCTETS 19
#define SHA256_OCTETS 32
#define CURVE_MAX 32 /* DER of a curve's name */
#define POINT_MAX 160 /* DER of a point on it */

struct token {
	void *library;
	struct ck_function_list *module; /* NULL until it was started */
	ck_slot_id_t slot;
	ck_session_handle_t session;
	bool in_session;
	ck_object_handle_t key;
};

/* In front of a SHA-256 in a signature by RSASSA-PKCS1-v1_5 (RFC 8017, 9.2). */
static const uint8_t sha256_info[DIGEST_INFO_OCTETS] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
    0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

/* --- the module --------------------------------------------------------------------------------- */

static int start(struct token *t)
{
	ck_rv_t (*list)(struct ck_function_list **) = NULL;
	struct ck_function_list *module = NULL;
	void *symbol = dlsym(t->library, "C_GetFunctionList");

	memcpy(&list, &symbol,
	    sizeof list); /* ISO C converts no object pointer into one of a function */
	if (list == NULL || list(&module) != CKR_OK || module == NULL ||
	    module->C_Initialize(NULL) != CKR_OK)
		return RXP_ERR_IO;
	t->module = module;
	return 0;
}

int token_load(struct token **out, const char *module)
{
	struct token *t = calloc(1, sizeof *t);
	int rc = RXP_ERR_IO;

	if (t == NULL)
		return RXP_ERR_NOMEM;
	t->library = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	if (t->library != NULL)
		rc = start(t);
	if (rc == 0) {
		*out = t;
		t = NULL;
	}
	token_free(t);
	return rc;
}

/* The library stays loaded: modules leave threads and handlers at exit behind. */
void token_free(struct token *t)
{
	if (t == NULL)
		return;
	if (t->in_session)
		(void)t->module->C_CloseSession(t->session);
	if (t->module != NULL)
		(void)t->module->C_Finalize(NULL);
	free(t);
}

/* --- the token ---------------------------------------------------------------------------------- */

/* A field of the token's, which is filled up with spaces. */
static bool fits(const struct token_uri_value *wanted, const unsigned char *field, size_t size)
{
	if (wanted->len == 0)
		return true;
	while (size > 0 && (field[size - 1] == ' ' || field[size - 1] == '\0'))
		size--;
	return size == wanted->len && memcmp(field, wanted->octets, size) == 0;
}

static bool is_wanted(const struct token_uri *uri, const struct ck_token_info *info)
{
	return (info->flags & CKF_TOKEN_INITIALIZED) != 0 &&
	       fits(&uri->token, info->label, sizeof info->label) &&
	       fits(&uri->manufacturer, info->manufacturer_id, sizeof info->manufacturer_id) &&
	       fits(&uri->model, info->model, sizeof info->model) &&
	       fits(&uri->serial, info->serial_number, sizeof info->serial_number);
}

static enum token_state find_slot(
    struct token *t, struct ck_token_info *out, const struct token_uri *uri)
{
	ck_slot_id_t slots[SLOTS_MAX];
	unsigned long n = SLOTS_MAX;
	struct ck_token_info info;
	size_t found = 0;

	if (t->module->C_GetSlotList(1, slots, &n) != CKR_OK)
		return TOKEN_ABSENT;
	for (unsigned long i = 0; i < n; i++) {
		if (t->module->C_GetTokenInfo(slots[i], &info) != CKR_OK || !is_wanted(uri, &info))
			continue;
		t->slot = slots[i];
		*out = info;
		found++;
	}
	if (found == 0)
		return TOKEN_ABSENT;
	return found == 1 ? TOKEN_READY : TOKEN_AMBIGUOUS;
}

/* Answers of a module that surely looked at no PIN. */
static bool is_absence(ck_rv_t rv)
{
	return rv == CKR_TOKEN_NOT_PRESENT || rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR ||
	       rv == CKR_DEVICE_MEMORY || rv == CKR_HOST_MEMORY || rv == CKR_SESSION_CLOSED ||
	       rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_CRYPTOKI_NOT_INITIALIZED;
}

/* One attempt, and none where it could be the last. */
static enum token_state log_in(
    struct token *t, const struct ck_token_info *info, const uint8_t *pin, size_t pin_len)
{
	unsigned char copy[TOKEN_PIN_MAX];
	ck_rv_t rv;

	if ((info->flags & CKF_LOGIN_REQUIRED) == 0)
		return TOKEN_READY;
	if ((info->flags & CKF_USER_PIN_LOCKED) != 0)
		return TOKEN_PIN_LOCKED;
	if ((info->flags & CKF_USER_PIN_FINAL_TRY) != 0)
		return TOKEN_PIN_SPENT;
	if (pin_len > sizeof copy)
		return TOKEN_PIN_WRONG;
	memcpy(copy, pin, pin_len);
	rv = t->module->C_Login(t->session, CKU_USER, copy, pin_len);
	explicit_bzero(copy, sizeof copy);
	if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
		return TOKEN_READY;
	if (rv == CKR_PIN_LOCKED)
		return TOKEN_PIN_LOCKED;
	return is_absence(rv)
		   ? TOKEN_ABSENT
		   : TOKEN_PIN_WRONG; /* whatever it was: it may have been counted as one */
}

static void add_attribute(struct ck_attribute *all, unsigned long *n, ck_attribute_type_t type,
    const void *value, size_t len)
{
	if (len == 0)
		return;
	all[*n].type = type;
	memcpy(&all[*n].value, &value, sizeof all[*n].value); /* which the module only reads */
	all[*n].value_len = len;
	(*n)++;
}

static enum token_state find_key(
    struct token *t, ck_object_handle_t *out, const struct token_uri *uri, ck_object_class_t class)
{
	struct ck_attribute wanted[3];
	ck_object_handle_t found[2];
	unsigned long n_wanted = 0, n = 0;
	ck_rv_t rv;

	add_attribute(wanted, &n_wanted, CKA_CLASS, &class, sizeof class);
	add_attribute(wanted, &n_wanted, CKA_LABEL, uri->object.octets, uri->object.len);
	add_attribute(wanted, &n_wanted, CKA_ID, uri->id.octets, uri->id.len);
	if (t->module->C_FindObjectsInit(t->session, wanted, n_wanted) != CKR_OK)
		return TOKEN_GONE;
	rv = t->module->C_FindObjects(t->session, found, 2, &n);
	(void)t->module->C_FindObjectsFinal(t->session);
	if (rv != CKR_OK)
		return TOKEN_GONE;
	if (n != 1)
		return n == 0 ? TOKEN_NO_KEY : TOKEN_AMBIGUOUS;
	*out = found[0];
	return TOKEN_READY;
}

enum token_state token_open(
    struct token *t, const struct token_uri *uri, const uint8_t *pin, size_t pin_len)
{
	struct ck_token_info info;
	enum token_state state = find_slot(t, &info, uri);

	if (state != TOKEN_READY)
		return state;
	if (t->module->C_OpenSession(t->slot, CKF_SERIAL_SESSION, NULL, NULL, &t->session) !=
	    CKR_OK)
		return TOKEN_ABSENT;
	t->in_session = true;
	state = log_in(t, &info, pin, pin_len);
	return state == TOKEN_READY ? find_key(t, &t->key, uri, CKO_PRIVATE_KEY) : state;
}

enum token_state token_look(struct token *t)
{
	struct ck_session_info session;
	struct ck_token_info info;

	if (t->module->C_GetTokenInfo(t->slot, &info) != CKR_OK ||
	    t->module->C_GetSessionInfo(t->session, &session) != CKR_OK)
		return TOKEN_GONE;
	return (info.flags & CKF_LOGIN_REQUIRED) == 0 || session.state == CKS_RO_USER_FUNCTIONS
		   ? TOKEN_READY
		   : TOKEN_GONE;
}

/* --- signing ------------------------------------------------------------------------------------ */

/* What the mechanism signs: a digest, or behind its name for RSA. */
static size_t input(unsigned char out[DIGEST_INFO_OCTETS + TOKEN_DIGEST_MAX], bool is_rsa,
    const uint8_t *digest, size_t len)
{
	if (len > TOKEN_DIGEST_MAX || (is_rsa && len != SHA256_OCTETS))
		abort();
	memcpy(out, sha256_info, is_rsa ? sizeof sha256_info : 0);
	memcpy(out + (is_rsa ? sizeof sha256_info : 0), digest, len);
	return is_rsa ? sizeof sha256_info + len : len;
}

enum token_state token_sign(struct token *t, enum rxp_seal_alg alg, const uint8_t *digest,
    size_t digest_len, uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	const bool is_rsa = alg == RXP_SEAL_RSA;
	struct ck_mechanism mechanism = {.mechanism = is_rsa ? CKM_RSA_PKCS : CKM_ECDSA};
	unsigned char octets[DIGEST_INFO_OCTETS + TOKEN_DIGEST_MAX];
	size_t len = input(octets, is_rsa, digest, digest_len);
	unsigned long made = RXP_MAX_SIGNATURE_OCTETS;

	if (t->module->C_SignInit(t->session, &mechanism, t->key) != CKR_OK ||
	    t->module->C_Sign(t->session, octets, len, value, &made) != CKR_OK ||
	    made > RXP_MAX_SIGNATURE_OCTETS)
		return TOKEN_GONE;
	*value_len = made;
	return TOKEN_READY;
}

/* --- the public part ------------------------------------------------------------------------------ */

/* An attribute of the object, at most `room` octets; its length, 0 if there is none. */
static size_t attribute(const struct token *t, ck_object_handle_t object, ck_attribute_type_t type,
    uint8_t *out, size_t room)
{
	struct ck_attribute a = {.type = type, .value = out, .value_len = room};

	if (t->module->C_GetAttributeValue(t->session, object, &a, 1) != CKR_OK ||
	    a.value_len > room)
		return 0;
	return a.value_len;
}

static EVP_PKEY *from_data(const char *type, OSSL_PARAM_BLD *parts)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(parts);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

/* The curve as an OBJECT IDENTIFIER, the point within an OCTET STRING, both in DER. */
static EVP_PKEY *read_ec(const struct token *t, ck_object_handle_t object)
{
	uint8_t curve[CURVE_MAX], point[POINT_MAX];
	size_t curve_len = attribute(t, object, CKA_EC_PARAMS, curve, sizeof curve);
	size_t point_len = attribute(t, object, CKA_EC_POINT, point, sizeof point);
	const uint8_t *curve_at = curve, *point_at = point;
	ASN1_OBJECT *name = d2i_ASN1_OBJECT(NULL, &curve_at, (long)curve_len);
	ASN1_OCTET_STRING *octets = d2i_ASN1_OCTET_STRING(NULL, &point_at, (long)point_len);
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	if (name != NULL && octets != NULL && parts != NULL && OBJ_obj2nid(name) != NID_undef &&
	    OSSL_PARAM_BLD_push_utf8_string(
		parts, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(OBJ_obj2nid(name)), 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(parts, OSSL_PKEY_PARAM_PUB_KEY,
		ASN1_STRING_get0_data(octets), (size_t)ASN1_STRING_length(octets)) == 1)
		key = from_data("EC", parts);
	OSSL_PARAM_BLD_free(parts);
	ASN1_OCTET_STRING_free(octets);
	ASN1_OBJECT_free(name);
	return key;
}

static EVP_PKEY *read_rsa(const struct token *t, ck_object_handle_t object)
{
	uint8_t octets[RXP_MAX_SIGNATURE_OCTETS];
	size_t n_len = attribute(t, object, CKA_MODULUS, octets, sizeof octets);
	BIGNUM *n = BN_bin2bn(octets, (int)n_len, NULL);
	size_t e_len = attribute(t, object, CKA_PUBLIC_EXPONENT, octets, sizeof octets);
	BIGNUM *e = BN_bin2bn(octets, (int)e_len, NULL);
	OSSL_PARAM_BLD *parts = OSSL_PARAM_BLD_new();
	EVP_PKEY *key = NULL;

	if (n_len > 0 && e_len > 0 && n != NULL && e != NULL && parts != NULL &&
	    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(parts, OSSL_PKEY_PARAM_RSA_E, e) == 1)
		key = from_data("RSA", parts);
	OSSL_PARAM_BLD_free(parts);
	BN_free(e);
	BN_free(n);
	return key;
}

int token_public(struct evp_pkey_st **out, struct token *t, const struct token_uri *uri)
{
	ck_object_handle_t object;
	EVP_PKEY *key;

	if (find_key(t, &object, uri, CKO_PUBLIC_KEY) != TOKEN_READY)
		return RXP_ERR_NOT_FOUND;
	key = read_ec(t, object);
	if (key == NULL)
		key = read_rsa(t, object);
	if (key == NULL)
		return RXP_ERR_KEY;
	*out = key;
	return 0;
}
