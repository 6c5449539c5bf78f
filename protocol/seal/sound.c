#include "protocol/seal/sound.h"

#include <stddef.h>
#include <string.h>

#include <openssl/evp.h>

#define DIGEST_OCTETS 32

/* Those that were found sound last: the next one takes the place of the oldest. */
static struct {
	uint8_t digest[RXP_SOUND_KEYS][DIGEST_OCTETS];
	size_t count, next;
} known;

static bool is_known(const uint8_t *digest)
{
	for (size_t i = 0; i < known.count; i++)
		if (memcmp(known.digest[i], digest, DIGEST_OCTETS) == 0)
			return true;
	return false;
}

static void know(const uint8_t *digest)
{
	memcpy(known.digest[known.next], digest, DIGEST_OCTETS);
	known.next = (known.next + 1) % RXP_SOUND_KEYS;
	if (known.count < RXP_SOUND_KEYS)
		known.count++;
}

bool rxp_key_is_sound(EVP_PKEY *key, const uint8_t spki_digest[DIGEST_OCTETS])
{
	EVP_PKEY_CTX *ctx;
	bool sound;

	if (is_known(spki_digest))
		return true;
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
	sound = ctx != NULL && EVP_PKEY_public_check(ctx) == 1;
	EVP_PKEY_CTX_free(ctx);
	if (sound)
		know(spki_digest);
	return sound;
}

void rxp_keys_forget(void)
{
	known.count = 0;
	known.next = 0;
}
