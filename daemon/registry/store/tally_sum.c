#include "daemon/registry/store/tally_sum.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "protocol/base/err.h"

/* --- numbers of 256 bits --------------------------------------------------------------------------- */

void tally_add(struct tally_sum *sum, const struct tally_sum *more)
{
	unsigned carry = 0;

	for (size_t i = TALLY_OCTETS; i > 0; i--) {
		carry += (unsigned)sum->octets[i - 1] + more->octets[i - 1];
		sum->octets[i - 1] = (uint8_t)carry;
		carry >>= 8;
	}
}

void tally_take(struct tally_sum *sum, const struct tally_sum *less)
{
	unsigned borrow = 0;

	for (size_t i = TALLY_OCTETS; i > 0; i--) {
		unsigned take = less->octets[i - 1] + borrow;

		borrow = sum->octets[i - 1] < take;
		sum->octets[i - 1] = (uint8_t)(sum->octets[i - 1] - take);
	}
}

/* --- values ---------------------------------------------------------------------------------------- */

int tally_compare(const struct tally_cell *a, const struct tally_cell *b)
{
	size_t least = a->len < b->len ? a->len : b->len;
	int order;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind == TALLY_NUMBER)
		return (a->number > b->number) - (a->number < b->number);
	order = least > 0 ? memcmp(a->at, b->at, least) : 0;
	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* --- digests --------------------------------------------------------------------------------------- */

/* The values of a row are mostly short and many, and each call for a digest costs more than the octets of one: they are collected. */
#define HELD_OCTETS 2048

struct tally_key {
	EVP_MAC_CTX *mac;
	size_t n;
	uint8_t held[HELD_OCTETS];
};

int tally_key_new(struct tally_key **out, const uint8_t octets[TALLY_OCTETS])
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end()};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	struct tally_key *key = calloc(1, sizeof *key);
	int rc = key == NULL ? RXP_ERR_NOMEM : RXP_ERR_CRYPTO;

	if (key != NULL && hmac != NULL && (key->mac = EVP_MAC_CTX_new(hmac)) != NULL &&
	    EVP_MAC_init(key->mac, octets, TALLY_OCTETS, params) == 1)
		rc = 0;
	EVP_MAC_free(hmac);
	if (rc != 0) {
		tally_key_free(key);
		return rc;
	}
	*out = key;
	return 0;
}

void tally_key_free(struct tally_key *key)
{
	if (key == NULL)
		return;
	EVP_MAC_CTX_free(key->mac);
	free(key);
}

static int update(struct tally_key *key, const void *octets, size_t len)
{
	return len == 0 || EVP_MAC_update(key->mac, octets, len) == 1 ? 0 : RXP_ERR_CRYPTO;
}

static int let_go(struct tally_key *key)
{
	int rc = update(key, key->held, key->n);

	key->n = 0;
	return rc;
}

static int hold(struct tally_key *key, const void *octets, size_t len)
{
	int rc = 0;

	if (len > sizeof key->held - key->n)
		rc = let_go(key);
	if (rc != 0)
		return rc;
	if (len > sizeof key->held)
		return update(key, octets, len);
	if (len > 0)
		memcpy(key->held + key->n, octets, len);
	key->n += len;
	return 0;
}

int tally_begin(struct tally_key *key, const char *what)
{
	key->n = 0;
	/* without a key: the one that it has */
	return EVP_MAC_init(key->mac, NULL, 0, NULL) == 1 ? hold(key, what, strlen(what) + 1)
							  : RXP_ERR_CRYPTO;
}

int tally_put(struct tally_key *key, const struct tally_cell *cell)
{
	const bool octets = cell->kind == TALLY_WORDS || cell->kind == TALLY_OCTET_RUN;
	const uint64_t number = octets ? cell->len : (uint64_t)cell->number;
	uint8_t head[1 + sizeof number] = {(uint8_t)cell->kind};
	int rc;

	if (cell->kind == TALLY_NULL)
		return hold(key, head, 1);
	for (size_t i = 0; i < sizeof number; i++)
		head[1 + i] = (uint8_t)(number >> (56 - 8 * i));
	rc = hold(key, head, sizeof head);
	return rc != 0 || !octets ? rc : hold(key, cell->at, cell->len);
}

int tally_end(struct tally_key *key, struct tally_sum *out)
{
	size_t len = 0;
	int rc = let_go(key);

	if (rc != 0)
		return rc;
	return EVP_MAC_final(key->mac, out->octets, &len, sizeof out->octets) == 1 &&
		       len == sizeof out->octets
		   ? 0
		   : RXP_ERR_CRYPTO;
}

/* --- the key itself -------------------------------------------------------------------------------- */

static int turn(
    uint8_t *out, size_t size, const uint8_t *under, const uint8_t *in, size_t len, int seals)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	uint8_t made[TALLY_WRAPPED_OCTETS + EVP_MAX_BLOCK_LENGTH];
	int n = 0, rest = 0;
	int rc = c == NULL ? RXP_ERR_NOMEM : RXP_ERR_CRYPTO;

	if (c != NULL)
		EVP_CIPHER_CTX_set_flags(c, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (c != NULL && EVP_CipherInit_ex(c, EVP_aes_256_wrap(), NULL, under, NULL, seals) == 1 &&
	    EVP_CipherUpdate(c, made, &n, in, (int)len) == 1 &&
	    EVP_CipherFinal_ex(c, made + n, &rest) == 1 && (size_t)n + (size_t)rest == size)
		rc = 0;
	if (rc == 0)
		memcpy(out, made, size);
	EVP_CIPHER_CTX_free(c);
	OPENSSL_cleanse(made, sizeof made);
	return rc;
}

int tally_wrap(uint8_t out[TALLY_WRAPPED_OCTETS], const uint8_t under[TALLY_OCTETS],
    const uint8_t key[TALLY_OCTETS])
{
	return turn(out, TALLY_WRAPPED_OCTETS, under, key, TALLY_OCTETS, 1);
}

int tally_unwrap(uint8_t key[TALLY_OCTETS], const uint8_t under[TALLY_OCTETS],
    const uint8_t wrapped[TALLY_WRAPPED_OCTETS])
{
	int rc = turn(key, TALLY_OCTETS, under, wrapped, TALLY_WRAPPED_OCTETS, 0);

	return rc == RXP_ERR_CRYPTO ? RXP_ERR_KEY : rc;
}
