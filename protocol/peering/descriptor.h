/*
 * descriptor - what two States exchange to become peers: identity parts and a working part.
 */
#ifndef RXP_DESCRIPTOR_H
#define RXP_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"

/* An identity part, read or to be sealed. Certificates are DER. */
struct rxp_identity {
	char party[RXP_PARTY_TEXT];
	uint64_t serial;
	int64_t created_ms;
	bool has_previous;
	uint8_t previous[RXP_DIGEST_OCTETS];
	bool test;
	size_t n_certs;
	struct rxp_buf certs[RXP_MAX_SEAL_CERTIFICATES];
	size_t n_pins;
	uint8_t pins[RXP_MAX_TLS_PINS][RXP_DIGEST_OCTETS];
	size_t n_endpoints; /* 0: the party pulls */
	char endpoints[RXP_MAX_ENDPOINTS][RXP_MAX_ENDPOINT_LENGTH + 1];
	size_t n_offices;
	char offices[RXP_MAX_OFFICES][RXP_OFFICE_TEXT];
	struct rxp_office_keys office_keys;
	unsigned levels; /* bit 1 << enum rxp_level */
	int64_t revoked_since_ms; /* 0 if absent */
	bool has_next_root;
	uint8_t next_root[RXP_DIGEST_OCTETS];
};

void rxp_identity_init(struct rxp_identity *i);
void rxp_identity_clear(struct rxp_identity *i);

/* Seal it with the root key. fingerprint is the part's identity digest. */
int rxp_identity_seal(struct rxp_buf *out, const struct rxp_identity *i, int64_t now_ms,
    const struct rxp_signer *root, uint8_t fingerprint[32]);

struct rxp_working_key {
	uint8_t key_id[RXP_DIGEST_OCTETS]; /* SHA-256 of spki */
	struct rxp_buf spki;
	int64_t from_ms, until_ms;
};

struct rxp_working {
	char party[RXP_PARTY_TEXT];
	uint64_t identity_serial;
	uint8_t identity[RXP_DIGEST_OCTETS];
	int64_t created_ms;
	size_t n_keys;
	struct rxp_working_key keys[RXP_MAX_AGREEMENT_KEYS];
};

void rxp_working_init(struct rxp_working *w);
void rxp_working_clear(struct rxp_working *w);
int rxp_working_seal(struct rxp_buf *out, const struct rxp_working *w, int64_t now_ms,
    const struct rxp_signer *seal);

/*
 * A whole descriptor, or an identity chain alone (a file of readmit-pki has no working part).
 * On success *out owns the latest identity and the working part, all verified:
 * RXP-DSC-001 to RXP-DSC-014, RXP-DSC-024. root: the fingerprint that people compared, which that of the latest part must be
 * (RXP-DSC-005); NULL: what is there is trusted (our own file), or the caller looks for the part that it knows (RXP-DSC-021). RXP_ERR_SIGNER: another root. RXP_ERR_MISMATCH: broken chain. RXP_ERR_DATES.
 */
struct rxp_descriptor {
	uint8_t
	    root[RXP_DIGEST_OCTETS]; /* SPKI digest of the root that sealed the latest identity */
	int64_t root_until_ms; /* the end of the certificate with which it did */
	int64_t
	    announced_ms; /* Created of the part that first announced the next root; 0: none is announced */
	struct rxp_identity identity;
	uint8_t identity_digest[RXP_DIGEST_OCTETS];
	bool has_working;
	struct rxp_working working;
};

int rxp_descriptor_open(struct rxp_descriptor **out, const uint8_t *octets, size_t len,
    const uint8_t root[RXP_DIGEST_OCTETS]);
void rxp_descriptor_free(struct rxp_descriptor *d);

/* Write a descriptor file: n identity parts and, unless NULL, a working part. */
int rxp_descriptor_write(
    struct rxp_buf *out, const struct rxp_buf *identities, size_t n, const struct rxp_buf *working);

/* Take a descriptor file apart without verifying it: identity parts (at most
 * RXP_MAX_IDENTITY_PARTS) and the working part (empty if none), initialised here, freed by the
 * caller. */
int rxp_descriptor_split(struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS], size_t *n,
    struct rxp_buf *working, const uint8_t *octets, size_t len);

/* A working part alone (in a `rekey`), against an identity that is already trusted. */
int rxp_working_open(struct rxp_working *out, const uint8_t *octets, size_t len,
    const struct rxp_identity *identity, const uint8_t identity_digest[RXP_DIGEST_OCTETS]);

#endif
