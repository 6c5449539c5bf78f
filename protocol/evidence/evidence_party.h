/*
 * evidence_party - the seals of one State as its descriptor gives them, all that its chain of identity
 * parts ever named: what is sealed outlives the certificate in force. Also the pins that it ever named.
 *
 * A descriptor holds the latest parts alone (RXP-DSC-026); former ones go further back (RXP-EVI-028). Those that join are one
 * chain with it; what people gave up is another.
 */
#ifndef RXP_EVIDENCE_PARTY_H
#define RXP_EVIDENCE_PARTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

struct rxp_cert;
struct rxp_identity_known;

#define RXP_EVIDENCE_FORMER_MAX 32 /* RXP-EVI-028: former descriptors of one State */
#define RXP_EVIDENCE_MAX_CHAINS (RXP_EVIDENCE_FORMER_MAX + 1UL)
#define RXP_EVIDENCE_MAX_PARTS (RXP_EVIDENCE_MAX_CHAINS * RXP_MAX_IDENTITY_PARTS)
#define RXP_EVIDENCE_MAX_CERTS (RXP_EVIDENCE_MAX_PARTS * RXP_MAX_SEAL_CERTIFICATES)
#define RXP_EVIDENCE_MAX_PINS (RXP_MAX_IDENTITY_PARTS * RXP_MAX_TLS_PINS)

struct rxp_evidence_party {
	char party[RXP_PARTY_TEXT];
	uint8_t root[RXP_DIGEST_OCTETS]; /* sealed the latest identity part */
	size_t n;
	size_t n_joined; /* of the n those of the chain in force, which come first */
	const struct rxp_cert *certs[RXP_EVIDENCE_MAX_CERTS]; /* each once in a chain */
	struct rxp_cert *owned[RXP_EVIDENCE_MAX_CERTS]; /* the same */
	int64_t revoked_ms[RXP_EVIDENCE_MAX_CERTS]; /* 0: not revoked (RXP-DSC-028) */
	int64_t retired_ms[RXP_EVIDENCE_MAX_CERTS]; /* 0: the latest part lists it (RXP-DSC-027) */
	uint8_t chain[RXP_EVIDENCE_MAX_CERTS]; /* that names it; 0: the one in force */
	uint8_t n_former
	    [RXP_EVIDENCE_MAX_CERTS]; /* so many of the former descriptors, from the first on, show that it is of its chain */
	size_t n_chains;
	bool compared[RXP_EVIDENCE_MAX_CHAINS]; /* with a root that a person gave */
	size_t n_roots;
	struct {
		uint8_t digest[RXP_DIGEST_OCTETS];
		uint8_t chain;
	} roots
	    [RXP_EVIDENCE_MAX_PARTS]; /* that sealed any part, each once in a chain, in the order of the parts */
	size_t
	    n_needed; /* of the former descriptors the first that what is put into a container needs */
	size_t
	    n_pins; /* TLS pins of earlier parts that the latest does not list; none if opened with former descriptors */
	uint8_t former_pins[RXP_EVIDENCE_MAX_PINS][RXP_DIGEST_OCTETS];
};

/*
 * Read a descriptor, verified as rxp_descriptor_open() does, root as there. On success the
 * caller owns *out. Its errors, and RXP_ERR_KEY.
 */
int rxp_evidence_party_open(struct rxp_evidence_party **out, const uint8_t *octets, size_t len,
    const uint8_t root[RXP_DIGEST_OCTETS]);
void rxp_evidence_party_free(struct rxp_evidence_party *p);

/* A descriptor as octets, borrowed. */
struct rxp_evidence_descriptor {
	const uint8_t *data;
	size_t len;
};

/*
 * The same of the one in force with at most RXP_EVIDENCE_FORMER_MAX former ones, in any order, no root being asked for. known: parts
 * that were read are taken from there, and put there. Besides: RXP_ERR_MISMATCH: of several parties; RXP_ERR_BOUND: too many. *bad: the
 * former one that is at fault, n if none of them is.
 */
int rxp_evidence_party_open_all(struct rxp_evidence_party **out, size_t *bad,
    struct rxp_identity_known *known, const struct rxp_evidence_descriptor *in_force,
    const struct rxp_evidence_descriptor *former, size_t n);

/* The identity parts of one descriptor, by their Serials. */
struct rxp_evidence_run {
	uint64_t first, last;
	bool newest; /* its last is later than that of the one in force */
};

/* Does one more former descriptor, which verifies, join the chain in force as n former ones have it, and go further back (RXP-EVI-034)?
 * *run receives what it has, also if it does not. RXP_ERR_EXISTS: it has no part that is not known; RXP_ERR_STATE: its latest part is
 * none of that chain, or nothing leads from there to what is known; RXP_ERR_MISMATCH: it is of another party; RXP_ERR_FULL: n is
 * RXP_EVIDENCE_FORMER_MAX; else it, or the one in force, does not verify. A former one that does not is passed over. */
int rxp_evidence_party_goes_back(struct rxp_evidence_run *run, struct rxp_identity_known *known,
    const struct rxp_evidence_descriptor *in_force, const struct rxp_evidence_descriptor *former,
    size_t n, const struct rxp_evidence_descriptor *one);

/* People compared this root: mark the chains in which it sealed a part. False: in none. */
bool rxp_evidence_party_compare(
    struct rxp_evidence_party *p, const uint8_t root[RXP_DIGEST_OCTETS]);

/* The place of the certificate, a pointer out of certs, among them; n if it is none of them. */
size_t rxp_evidence_party_find(const struct rxp_evidence_party *p, const struct rxp_cert *cert);

/* When the certificate of this party was revoked; 0: it is not. */
int64_t rxp_evidence_party_revoked(const struct rxp_evidence_party *p, const struct rxp_cert *cert);

#endif
