/*
 * sound - is a public key what it claims to be: a point of its curve, a modulus that is no prime and has no small factor?
 *
 * The look at an RSA key takes 15 ms, far longer than to verify a seal, and the same few keys come with every document. What is
 * found follows from the key alone, so the last RXP_SOUND_KEYS that were found sound are known by SHA-256 of their
 * SubjectPublicKeyInfo and not looked at again. One that is not sound is looked at each time, and puts no other out.
 */
#ifndef RXP_SOUND_H
#define RXP_SOUND_H

#include <stdbool.h>
#include <stdint.h>

#define RXP_SOUND_KEYS 64

struct evp_pkey_st;

/* spki_digest is that of this key. False also where there is no memory to look. */
bool rxp_key_is_sound(struct evp_pkey_st *key, const uint8_t spki_digest[32]);

/* Look at each again: for tests of what comes when looking fails. */
void rxp_keys_forget(void);

#endif
