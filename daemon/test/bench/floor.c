/*
 * floor - what a document costs at the least: floor OCTETS DIRECTORY
 *
 * Prints two figures of this machine, now. First: how often per second one core does the cryptography of
 * one document and its receipt, for both States together, on contexts that are kept: 2 ECDSA P-256
 * signatures and 2 verifications, 1 key pair, 2 ECDH, and over OCTETS both ways SHA-256 and AES-256-GCM.
 * Second: how many fsyncs per second the directory takes, each after 4 KiB appended to a file.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#define SECONDS 1.0 /* of each measurement */
#define FSYNCS 200
#define PAGE_OCTETS 4096
#define IV_OCTETS 12
#define TAG_OCTETS 16
#define SIGNATURE_OCTETS 80 /* DER */

static void must(int condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "floor: %s\n", what);
		exit(1);
	}
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* All that is kept from one document to the next. */
struct bench {
	EVP_PKEY *seal, *own, *peer;
	EVP_PKEY_CTX *sign, *verify, *make, *agree;
	EVP_CIPHER *gcm;
	EVP_CIPHER_CTX *encrypt, *decrypt;
	EVP_MD_CTX *digest;
	uint8_t *plain, *cipher;
	size_t len;
};

static void start(struct bench *b, size_t len)
{
	b->seal = EVP_EC_gen("P-256");
	b->own = EVP_EC_gen("P-256");
	b->peer = EVP_EC_gen("P-256");
	b->sign = EVP_PKEY_CTX_new_from_pkey(NULL, b->seal, NULL);
	b->verify = EVP_PKEY_CTX_new_from_pkey(NULL, b->seal, NULL);
	b->make = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	b->agree = EVP_PKEY_CTX_new_from_pkey(NULL, b->own, NULL);
	b->gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	b->encrypt = EVP_CIPHER_CTX_new();
	b->decrypt = EVP_CIPHER_CTX_new();
	b->digest = EVP_MD_CTX_new();
	b->len = len;
	b->plain = calloc(1, len);
	b->cipher = calloc(1, len + TAG_OCTETS);
	must(b->plain != NULL && b->cipher != NULL && EVP_PKEY_sign_init(b->sign) == 1 &&
		 EVP_PKEY_verify_init(b->verify) == 1 && EVP_PKEY_keygen_init(b->make) == 1 &&
		 EVP_PKEY_CTX_set_group_name(b->make, "P-256") == 1 &&
		 EVP_PKEY_derive_init(b->agree) == 1 &&
		 EVP_PKEY_derive_set_peer_ex(b->agree, b->peer, 0) == 1,
	    "no cryptography");
}

static void stop(struct bench *b)
{
	EVP_PKEY_free(b->seal);
	EVP_PKEY_free(b->own);
	EVP_PKEY_free(b->peer);
	EVP_PKEY_CTX_free(b->sign);
	EVP_PKEY_CTX_free(b->verify);
	EVP_PKEY_CTX_free(b->make);
	EVP_PKEY_CTX_free(b->agree);
	EVP_CIPHER_free(b->gcm);
	EVP_CIPHER_CTX_free(b->encrypt);
	EVP_CIPHER_CTX_free(b->decrypt);
	EVP_MD_CTX_free(b->digest);
	free(b->plain);
	free(b->cipher);
}

/* A signature by one State over a digest, checked by the other. */
static void seal(struct bench *b, const uint8_t digest[32])
{
	uint8_t value[SIGNATURE_OCTETS];
	size_t len = sizeof value;

	must(EVP_PKEY_sign(b->sign, value, &len, digest, 32) == 1 &&
		 EVP_PKEY_verify(b->verify, value, len, digest, 32) == 1,
	    "a signature");
}

static void agree(struct bench *b, uint8_t key[32])
{
	size_t len = 32;

	must(EVP_PKEY_derive(b->agree, key, &len) == 1 && len == 32, "an agreement");
}

static void digest(struct bench *b, uint8_t out[32])
{
	must(EVP_DigestInit_ex2(b->digest, EVP_sha256(), NULL) == 1 &&
		 EVP_DigestUpdate(b->digest, b->plain, b->len) == 1 &&
		 EVP_DigestFinal_ex(b->digest, out, NULL) == 1,
	    "a digest");
}

static void document(struct bench *b)
{
	static const uint8_t iv[IV_OCTETS];
	uint8_t sum[32], key[32], tag[TAG_OCTETS];
	EVP_PKEY *ephemeral = NULL;
	int len = (int)b->len, n = 0;

	must(EVP_PKEY_generate(b->make, &ephemeral) == 1, "a key pair");
	EVP_PKEY_free(ephemeral);
	agree(b, key);
	digest(b, sum);
	seal(b, sum);
	must(EVP_EncryptInit_ex2(b->encrypt, b->gcm, key, iv, NULL) == 1 &&
		 EVP_EncryptUpdate(b->encrypt, b->cipher, &n, b->plain, len) == 1 &&
		 EVP_EncryptFinal_ex(b->encrypt, b->cipher + n, &n) == 1 &&
		 EVP_CIPHER_CTX_ctrl(b->encrypt, EVP_CTRL_AEAD_GET_TAG, TAG_OCTETS, tag) == 1,
	    "an encryption");
	agree(b, key);
	must(EVP_DecryptInit_ex2(b->decrypt, b->gcm, key, iv, NULL) == 1 &&
		 EVP_DecryptUpdate(b->decrypt, b->plain, &n, b->cipher, len) == 1 &&
		 EVP_CIPHER_CTX_ctrl(b->decrypt, EVP_CTRL_AEAD_SET_TAG, TAG_OCTETS, tag) == 1 &&
		 EVP_DecryptFinal_ex(b->decrypt, b->plain + n, &n) == 1,
	    "a decryption");
	digest(b, sum);
	seal(b, sum);
}

static double crypto_rate(size_t len)
{
	struct bench b = {0};
	double began, end;
	unsigned n = 0;

	start(&b, len);
	document(&b);
	began = seconds(CLOCK_PROCESS_CPUTIME_ID);
	do {
		document(&b);
		n++;
		end = seconds(CLOCK_PROCESS_CPUTIME_ID);
	} while (end - began < SECONDS);
	stop(&b);
	return n / (end - began);
}

static double fsync_rate(const char *directory)
{
	static const char page[PAGE_OCTETS];
	char path[4096];
	double began;
	int fd;

	must((size_t)snprintf(path, sizeof path, "%s/floor.tmp", directory) < sizeof path,
	    "the path");
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0, "a file in the directory");
	began = seconds(CLOCK_MONOTONIC);
	for (int i = 0; i < FSYNCS; i++)
		must(write(fd, page, sizeof page) == PAGE_OCTETS && fsync(fd) == 0, "fsync");
	began = seconds(CLOCK_MONOTONIC) - began;
	close(fd);
	unlink(path);
	return FSYNCS / began;
}

int main(int argc, char **argv)
{
	must(argc == 3, "usage: floor OCTETS DIRECTORY");
	printf("%.1f %.0f\n", crypto_rate(strtoul(argv[1], NULL, 10)), fsync_rate(argv[2]));
	return 0;
}
