/*
 * encrypted - an EncryptedData of the one shape (section 3): a content key wrapped for one key on P-256,
 * and what it encrypts. The Envelope has one, and so has each compartment.
 */
#ifndef RXP_ENCRYPTED_H
#define RXP_ENCRYPTED_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/envelope/agreement.h"

struct _xmlNode;
struct rxp_random;

#define RXP_POINT_OCTETS 65 /* RXP-ENV-008 */
#define RXP_WRAPPED_OCTETS 40 /* RFC 3394 adds 8 octets to the content key */
#define RXP_CIPHER_EXTRA_OCTETS (RXP_IV_OCTETS + RXP_TAG_OCTETS)

#define RXP_INFO_OCTETS 64
#define RXP_INFO_PARTS 4
#define RXP_INFO_PART_OCTETS 23 /* the longest of them */
#define RXP_INFO_PART_TEXT \
	(2 * (1 + RXP_INFO_PART_OCTETS) + 1) /* in hexBinary, padded, and a NUL */

/* What the key is derived for: the KDF's info and, for each of its four parts, the value of its
 * attribute (RXP-ENV-007). */
struct rxp_info {
	uint8_t octets[RXP_INFO_OCTETS];
	size_t len;
	char part[RXP_INFO_PARTS][RXP_INFO_PART_TEXT];
};

/* No text is longer than RXP_INFO_PART_OCTETS, all together no longer than RXP_INFO_OCTETS. */
void rxp_info_make(struct rxp_info *info, const char *algorithm, const char *party_u,
    const char *party_v, const uint8_t supp_pub[RXP_ID_OCTETS]);

struct rxp_encrypted {
	uint8_t key_id[RXP_DIGEST_OCTETS]; /* SHA-256 of the SubjectPublicKeyInfo encrypted to */
	uint8_t point[RXP_POINT_OCTETS];
	uint8_t wrapped[RXP_WRAPPED_OCTETS];
	struct rxp_buf cipher; /* owned: IV, ciphertext, tag */
};

void rxp_encrypted_clear(struct rxp_encrypted *e);

/*
 * Encrypt octets under a new content key, which is given in cek, for the key given as SubjectPublicKeyInfo.
 * e is zero before; on success the caller clears it. RXP_ERR_KEY, RXP_ERR_CRYPTO, RXP_ERR_NOMEM.
 */
int rxp_encrypted_make(struct rxp_encrypted *e, const struct rxp_info *info, const uint8_t *octets,
    size_t len, const uint8_t *spki, size_t spki_len, const struct rxp_random *random,
    uint8_t cek[RXP_KEY_OCTETS]);

/* Wrap the content key for another key: changes all of e but its ciphertext. Errors as above. */
int rxp_encrypted_wrap(struct rxp_encrypted *e, const struct rxp_info *info,
    const uint8_t cek[RXP_KEY_OCTETS], const uint8_t *spki, size_t spki_len,
    const struct rxp_random *random);

/* Append the element. RXP_ERR_NOMEM, the buffer's errors. */
int rxp_encrypted_write(
    struct rxp_buf *out, const struct rxp_encrypted *e, const struct rxp_info *info);

/*
 * Read an element and check it against RXP-ENV-001, 005 to 010, with the info that it must have and at
 * most max octets encrypted. e is zero before; on success the caller clears it. RXP_ERR_STRUCTURE,
 * RXP_ERR_SYNTAX, RXP_ERR_BOUND, RXP_ERR_NOMEM.
 */
int rxp_encrypted_read(
    struct rxp_encrypted *e, const struct _xmlNode *data, const struct rxp_info *info, size_t max);

/* SHA-256 of the SubjectPublicKeyInfo that an element names, which has the one structure. RXP_ERR_STRUCTURE,
 * RXP_ERR_SYNTAX. */
int rxp_encrypted_key_id(uint8_t key_id[RXP_DIGEST_OCTETS], const struct _xmlNode *data);

/* Append what was encrypted; RXP_ERR_DECRYPT for whatever fails (RXP-OPN-001), RXP_ERR_NOMEM. cek, which
 * receives the content key, may be NULL. */
int rxp_encrypted_open(struct rxp_buf *out, const struct rxp_encrypted *e,
    const struct rxp_info *info, const struct rxp_agreement_key *key, uint8_t cek[RXP_KEY_OCTETS]);

/* The same with a content key that was kept. */
int rxp_encrypted_open_with(
    struct rxp_buf *out, const struct rxp_encrypted *e, const uint8_t cek[RXP_KEY_OCTETS]);

#endif
