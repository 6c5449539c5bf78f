/*
 * ident - identifiers of the exchange and their one text form each.
 *
 * A message id is a UUIDv7, a case id a random UUID (v4), both lower case with hyphens
 * (RXP-XML-006, RXP-MSG-001). A party code is three capital letters (RXP-MSG-002).
 */
#ifndef RXP_IDENT_H
#define RXP_IDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RXP_ID_OCTETS 16
#define RXP_ID_TEXT 37 /* 36 characters and a NUL */
#define RXP_PARTY_TEXT 4 /* three letters and a NUL */
#define RXP_PROFILE_TEXT 64 /* a profile's id or version with its NUL */
#define RXP_SALT_OCTETS 16 /* RXP-DOC-003 */
#define RXP_DIGEST_OCTETS 32
#define RXP_DIGEST_HEX 65 /* 64 digits and a NUL */

struct rxp_random;

/* A new UUIDv7 for the wall time now_ms. RXP_ERR_CRYPTO if the source of randomness fails. */
int rxp_id_make_v7(uint8_t out[RXP_ID_OCTETS], int64_t now_ms, const struct rxp_random *random);

/* A new random UUIDv4. RXP_ERR_CRYPTO. */
int rxp_id_make_v4(uint8_t out[RXP_ID_OCTETS], const struct rxp_random *random);

void rxp_id_text(char out[RXP_ID_TEXT], const uint8_t id[RXP_ID_OCTETS]);

/* Accepts only the lower-case form of the given UUID version (4 or 7), variant 10. RXP_ERR_SYNTAX. */
int rxp_id_parse(uint8_t out[RXP_ID_OCTETS], const char *text, int version);

/* Three capital letters. Says nothing about whether the State exists. */
bool rxp_party_valid(const char *text);

/* One of the codes reserved for tests, QMA to QZZ. */
bool rxp_party_is_test(const char *party);

#endif
