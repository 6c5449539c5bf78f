/*
 * fingerprint - what tells the key in a file from any other.
 */
#ifndef CERTS_FINGERPRINT_H
#define CERTS_FINGERPRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/base/ident.h"

struct rxp_buf;
struct rxp_cert;

/* Does it begin as a PEM? Not what is in it. */
bool fingerprint_is_pem(const struct rxp_buf *file);

/* The certificate in a PEM; the caller owns *out. RXP_ERR_KEY. */
int fingerprint_certificate(struct rxp_cert **out, const struct rxp_buf *pem);

/* Of a certificate or a public key the SHA-256 of the public key; of a descriptor or identity file that of the root which
 * sealed its latest part (RXP-DSC-005); of storage.key what the data of the node keep of it. RXP_ERR_KEY and the errors of
 * rxp_descriptor_open: it is none of them. */
int fingerprint_of(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *file);

#endif
