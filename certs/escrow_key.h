/*
 * escrow_key - a key that is kept on sheets: from its file to the octets that are shared, and back to the same file.
 */
#ifndef CERTS_ESCROW_KEY_H
#define CERTS_ESCROW_KEY_H

#include <stdint.h>

#include "certs/sheet.h"
#include "protocol/base/buf.h"

#define ESCROW_KEY_MAX_OCTETS (SHEET_SHARE_OCTETS - RXP_DIGEST_OCTETS) /* a page holds no more */

struct escrow_key {
	enum sheet_kind kind;
	struct rxp_buf octets; /* of the storage key, or of PKCS#8 in DER */
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
};

/* An empty one, and wiped. */
void escrow_key_init(struct escrow_key *k);
void escrow_key_free(struct escrow_key *k);

/* From the octets of storage.key or of a private key in PEM, which its passphrase (or NULL) opens. plain: keep it without
 * the passphrase. RXP_ERR_KEY: no key, or not its passphrase; RXP_ERR_BOUND: too long for a page; RXP_ERR_CRYPTO. */
int escrow_key_read(struct escrow_key *out, const struct rxp_buf *file,
    const struct rxp_buf *passphrase, bool plain);

/* What tells the key from others: of a storage key what the data of the node keep of it, of a private key the SHA-256 of
 * its public part, as of its certificate. RXP_ERR_KEY: no key of this kind, or not its passphrase; RXP_ERR_CRYPTO. */
int escrow_key_fingerprint(uint8_t out[RXP_DIGEST_OCTETS], enum sheet_kind kind,
    const struct rxp_buf *octets, const struct rxp_buf *passphrase);

/* Append the file. RXP_ERR_KEY, RXP_ERR_CRYPTO, the buffer's errors. */
int escrow_key_write(struct rxp_buf *file, enum sheet_kind kind, const struct rxp_buf *octets);

#endif
