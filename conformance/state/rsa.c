#include "conformance/state/rsa.h"

#include <stdbool.h>
#include <stdint.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "conformance/state/chance.h"

#define EXPONENT 65537
#define MAX_PRIME_OCTETS 256

/* All numbers of a key; freed together. */
struct numbers {
	BN_CTX *ctx;
	BIGNUM *e, *p, *q, *n, *d, *p_1, *q_1, *dp, *dq, *inverse;
};

static void numbers_clear(struct numbers *k)
{
	BN_clear_free(k->e);
	BN_clear_free(k->p);
	BN_clear_free(k->q);
	BN_clear_free(k->n);
	BN_clear_free(k->d);
	BN_clear_free(k->p_1);
	BN_clear_free(k->q_1);
	BN_clear_free(k->dp);
	BN_clear_free(k->dq);
	BN_clear_free(k->inverse);
	BN_CTX_free(k->ctx);
}

static bool numbers_begin(struct numbers *k)
{
	*k = (struct numbers){.ctx = BN_CTX_secure_new(),
	    .e = BN_new(),
	    .p = BN_new(),
	    .q = BN_new(),
	    .n = BN_new(),
	    .d = BN_new(),
	    .p_1 = BN_new(),
	    .q_1 = BN_new(),
	    .dp = BN_new(),
	    .dq = BN_new()};
	return k->ctx != NULL && k->e != NULL && k->p != NULL && k->q != NULL && k->n != NULL &&
	       k->d != NULL && k->p_1 != NULL && k->q_1 != NULL && k->dp != NULL && k->dq != NULL &&
	       BN_set_word(k->e, EXPONENT) == 1;
}

/* The first prime from a number of that many octets on, whose two highest bits are set: the product then has all its bits. */
static bool find_prime(BIGNUM *p, BIGNUM *less_one, size_t octets, BN_CTX *ctx)
{
	uint8_t start[MAX_PRIME_OCTETS];
	int is = 0;

	if (octets > sizeof start || chance()->fill(chance()->arg, start, octets) != 0)
		return false;
	start[0] |= 0xc0;
	start[octets - 1] |= 1;
	if (BN_bin2bn(start, (int)octets, p) == NULL)
		return false;
	while (is == 0 || BN_mod_word(p, EXPONENT) == 1) {
		if (BN_add_word(p, 2) != 1)
			return false;
		is = BN_check_prime(p, ctx, NULL);
		if (is < 0)
			return false;
	}
	return BN_copy(less_one, p) != NULL && BN_sub_word(less_one, 1) == 1;
}

/* d is the inverse of e by (p - 1)(q - 1). */
static bool follow(struct numbers *k)
{
	if (BN_mul(k->n, k->p, k->q, k->ctx) != 1 || BN_mul(k->d, k->p_1, k->q_1, k->ctx) != 1 ||
	    BN_mod_inverse(k->d, k->e, k->d, k->ctx) == NULL ||
	    BN_mod(k->dp, k->d, k->p_1, k->ctx) != 1 || BN_mod(k->dq, k->d, k->q_1, k->ctx) != 1)
		return false;
	k->inverse = BN_mod_inverse(NULL, k->q, k->p, k->ctx);
	return k->inverse != NULL;
}

static EVP_PKEY *key_of(const struct numbers *k)
{
	const struct {
		const char *name;
		const BIGNUM *value;
	} values[] = {
	    {OSSL_PKEY_PARAM_RSA_N, k->n},
	    {OSSL_PKEY_PARAM_RSA_E, k->e},
	    {OSSL_PKEY_PARAM_RSA_D, k->d},
	    {OSSL_PKEY_PARAM_RSA_FACTOR1, k->p},
	    {OSSL_PKEY_PARAM_RSA_FACTOR2, k->q},
	    {OSSL_PKEY_PARAM_RSA_EXPONENT1, k->dp},
	    {OSSL_PKEY_PARAM_RSA_EXPONENT2, k->dq},
	    {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, k->inverse},
	};
	OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;
	bool good = list != NULL && ctx != NULL;

	for (size_t i = 0; i < sizeof values / sizeof values[0] && good; i++)
		good = OSSL_PARAM_BLD_push_BN(list, values[i].name, values[i].value) == 1;
	if (good)
		params = OSSL_PARAM_BLD_to_param(list);
	if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1)
		key = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(list);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

EVP_PKEY *rsa_make(unsigned bits)
{
	struct numbers k;
	EVP_PKEY *key = NULL;

	if (numbers_begin(&k) && find_prime(k.p, k.p_1, bits / 16, k.ctx) &&
	    find_prime(k.q, k.q_1, bits / 16, k.ctx) && follow(&k))
		key = key_of(&k);
	numbers_clear(&k);
	return key;
}
