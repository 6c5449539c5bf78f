/*
 * container_seal - the signature of a State over the entries of a container of evidence, and its list of
 * contents: META-INF/signatures.xml and META-INF/manifest.xml (RXP-EVI-012, RXP-EVI-013).
 *
 * Both are a function of the entries: a verifier makes them anew and compares octets, so that nothing in
 * them is parsed. Neither covers the mimetype or what is below META-INF. Pure.
 */
#ifndef RXP_CONTAINER_SEAL_H
#define RXP_CONTAINER_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/ident.h"

struct rxp_cert;
struct rxp_container;
struct rxp_signer;

/* Append META-INF/manifest.xml of the entries that are there. The buffer's errors; RXP_ERR_SYNTAX: one has a
 * name that no container of evidence has. */
int rxp_container_manifest(struct rxp_buf *out, const struct rxp_container *c);

/* Append META-INF/signatures.xml. Errors as above, RXP_ERR_CRYPTO, and what sign() returned. */
int rxp_container_seal(struct rxp_buf *out, const struct rxp_container *c, int64_t signing_time_ms,
    const struct rxp_signer *signer);

struct rxp_container_seal {
	int64_t signing_time_ms;
	const struct rxp_cert *cert; /* the one of certs[] that signed; borrowed */
	struct rxp_buf
	    stamp; /* the token of its time-stamp, not verified; empty if there is none */
};

/* Verify META-INF/signatures.xml, with these octets, over the entries, under one of the n certificates. On success the
 * caller frees the stamp.
 * RXP_ERR_SIGNER: none of them; RXP_ERR_STRUCTURE: not the one form; RXP_ERR_MISMATCH: not of these
 * entries; RXP_ERR_SEAL; RXP_ERR_NOMEM, RXP_ERR_BOUND, RXP_ERR_CRYPTO. */
int rxp_container_seal_verify(struct rxp_container_seal *out, const struct rxp_container *c,
    const struct rxp_buf *octets, const struct rxp_cert *const *certs, size_t n);

/* What a time-stamp of META-INF/signatures.xml stamps (RXP-EVI-021). RXP_ERR_STRUCTURE: there is no signature in it. */
int rxp_container_imprint(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *octets);

/* Append META-INF/signatures.xml, which has no time-stamp, with this one. RXP_ERR_STRUCTURE, the buffer's errors. */
int rxp_container_stamp(
    struct rxp_buf *out, const struct rxp_buf *octets, const struct rxp_buf *stamp);

#endif
