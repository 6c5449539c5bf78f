#include "conformance/state/ecdsa.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>

#include "protocol/base/err.h"

#define MAX_HALF ECDSA_MAX_HALF_OCTETS

/* The generator of RFC 6979, section 3.2: what the letters mean is said there. */
struct nonces {
	const EVP_MD *md;
	unsigned len; /* of a digest */
	uint8_t k[EVP_MAX_MD_SIZE], v[EVP_MAX_MD_SIZE];
};

static bool mac(const struct nonces *n, uint8_t *out, const uint8_t *octets, size_t len)
{
	unsigned out_len;

	return HMAC(n->md, n->k, (int)n->len, octets, len, out, &out_len) != NULL;
}

/* K = HMAC_K(V || mark || seed); V = HMAC_K(V). */
static bool stir(struct nonces *n, uint8_t mark, const uint8_t *seed, size_t len)
{
	uint8_t text[EVP_MAX_MD_SIZE + 1 + 2 * MAX_HALF], next[EVP_MAX_MD_SIZE];

	memcpy(text, n->v, n->len);
	text[n->len] = mark;
	if (len > 0)
		memcpy(text + n->len + 1, seed, len);
	if (!mac(n, next, text, n->len + 1 + len))
		return false;
	memcpy(n->k, next, n->len);
	if (!mac(n, next, n->v, n->len))
		return false;
	memcpy(n->v, next, n->len);
	return true;
}

static bool begin(struct nonces *n, const uint8_t *seed, size_t len)
{
	memset(n->v, 1, n->len);
	memset(n->k, 0, n->len);
	return stir(n, 0, seed, len) && stir(n, 1, seed, len);
}

static bool next_octets(struct nonces *n, uint8_t *out, size_t len)
{
	uint8_t v[EVP_MAX_MD_SIZE];
	size_t have = 0;

	while (have < len) {
		size_t take = n->len < len - have ? n->len : len - have;

		if (!mac(n, v, n->v, n->len))
			return false;
		memcpy(n->v, v, n->len);
		memcpy(out + have, v, take);
		have += take;
	}
	return true;
}

/* All of one signature; freed together. */
struct work {
	int half; /* octets of r, and of s */
	EC_GROUP *group;
	EC_POINT *point;
	BN_CTX *ctx;
	const BIGNUM *order;
	BIGNUM *d, *e, *k, *r, *s;
};

static void work_clear(struct work *w)
{
	BN_clear_free(w->d);
	BN_clear_free(w->k);
	BN_free(w->e);
	BN_free(w->r);
	BN_free(w->s);
	EC_POINT_free(w->point);
	EC_GROUP_free(w->group);
	BN_CTX_free(w->ctx);
}

static bool work_begin(struct work *w, const EVP_PKEY *key)
{
	bool wide = EVP_PKEY_get_bits(key) == 8 * MAX_HALF;

	*w = (struct work){.half = wide ? MAX_HALF : ECDSA_HALF_OCTETS,
	    .group = EC_GROUP_new_by_curve_name(wide ? NID_secp384r1 : NID_X9_62_prime256v1),
	    .ctx = BN_CTX_new(),
	    .e = BN_new(),
	    .k = BN_new(),
	    .r = BN_new(),
	    .s = BN_new()};
	if (w->group == NULL || w->ctx == NULL || w->e == NULL || w->k == NULL || w->r == NULL ||
	    w->s == NULL)
		return false;
	w->point = EC_POINT_new(w->group);
	w->order = EC_GROUP_get0_order(w->group);
	return w->point != NULL &&
	       EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &w->d) == 1 &&
	       BN_cmp(w->d, w->order) < 0;
}

/* r and s of this k. False also if it gives none, which does not happen. */
static bool sign_with(struct work *w)
{
	return EC_POINT_mul(w->group, w->point, w->k, NULL, NULL, w->ctx) == 1 &&
	       EC_POINT_get_affine_coordinates(w->group, w->point, w->r, NULL, w->ctx) == 1 &&
	       BN_nnmod(w->r, w->r, w->order, w->ctx) == 1 && !BN_is_zero(w->r) &&
	       BN_mod_mul(w->s, w->r, w->d, w->order, w->ctx) == 1 &&
	       BN_mod_add(w->s, w->s, w->e, w->order, w->ctx) == 1 &&
	       BN_mod_inverse(w->k, w->k, w->order, w->ctx) != NULL &&
	       BN_mod_mul(w->s, w->s, w->k, w->order, w->ctx) == 1 && !BN_is_zero(w->s);
}

/* The digest as a number below the order, in w->e. */
static bool number_of(struct work *w, const EVP_MD *md, const uint8_t *octets, size_t len)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned n;

	return EVP_Digest(octets, len, digest, &n, md, NULL) == 1 &&
	       BN_bin2bn(digest, (int)n < w->half ? (int)n : w->half, w->e) != NULL &&
	       BN_nnmod(w->e, w->e, w->order, w->ctx) == 1;
}

int ecdsa_sign(uint8_t pair[2 * MAX_HALF], size_t *pair_len, const struct evp_pkey_st *key,
    const struct evp_md_st *md, const uint8_t *octets, size_t len)
{
	struct nonces n = {.md = md, .len = (unsigned)EVP_MD_get_size(md)};
	uint8_t seed[2 * MAX_HALF], candidate[MAX_HALF];
	struct work w;
	size_t half;
	int rc = RXP_ERR_CRYPTO;

	if (!work_begin(&w, key) || !number_of(&w, md, octets, len))
		goto done;
	half = (size_t)w.half;
	if (BN_bn2binpad(w.d, seed, w.half) != w.half ||
	    BN_bn2binpad(w.e, seed + half, w.half) != w.half || !begin(&n, seed, 2 * half))
		goto done;
	do {
		if (!next_octets(&n, candidate, half) || BN_bin2bn(candidate, w.half, w.k) == NULL)
			goto done;
	} while ((BN_is_zero(w.k) || BN_cmp(w.k, w.order) >= 0) && stir(&n, 0, NULL, 0));
	if (sign_with(&w) && BN_bn2binpad(w.r, pair, w.half) == w.half &&
	    BN_bn2binpad(w.s, pair + half, w.half) == w.half) {
		*pair_len = 2 * half;
		rc = 0;
	}
done:
	work_clear(&w);
	return rc;
}
