/*
 * seal_shape - the one structure of a sealed object (RXP-SEA-001 to RXP-SEA-011), checked before any
 * cryptography and down to every part that the signature does not cover.
 */
#ifndef RXP_SEAL_SHAPE_H
#define RXP_SEAL_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/seal/seal.h"

struct _xmlNode;

#define RXP_SEAL_REFERENCES 3 /* header, body, seal, in this order */
#define RXP_SEAL_SIGNATURE_ELEMENTS 38 /* Signature and all below it */

/* The parts that differ between two sealed objects; all borrowed from the document. */
struct rxp_seal_shape {
	struct _xmlNode *signature;
	struct _xmlNode *target[RXP_SEAL_REFERENCES]; /* what each Reference names */
	const char *method; /* Algorithm of SignatureMethod */
	const char *value; /* base64, still to be decoded */
	const char *certificate; /* base64, still to be decoded */
	uint8_t certificate_digest[32];
	int64_t signing_time_ms;
};

/* RXP_ERR_STRUCTURE. */
int rxp_seal_shape_read(struct rxp_seal_shape *out, const struct rxp_xml *xml, enum rxp_kind kind);

/* That this element is the Header or Body of that kind: its name, its one attribute, no id below. */
bool rxp_seal_shape_is_half(
    const struct _xmlNode *element, enum rxp_kind kind, const char *name, const char *id);

/* That method, digest and the form of the value are those of this certificate, which is the one
 * in KeyInfo; the value is decoded and appended. RXP_ERR_STRUCTURE, RXP_ERR_NOMEM. */
int rxp_seal_shape_fits(
    struct rxp_buf *value, const struct rxp_seal_shape *shape, const struct rxp_cert *cert);

#endif
