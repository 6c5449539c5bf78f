/*
 * state - a test State that the suite plays: its keys, in a folder of its own, and its descriptor.
 *
 * Its party code is one of those for tests (QMA to QZZ), and its descriptor says that it is a test node.
 */
#ifndef CONFORM_STATE_H
#define CONFORM_STATE_H

#include "conformance/state/keypair.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/document/compartment.h"

struct rxp_agreement_key;
struct rxp_identity;

struct state {
	char party[RXP_PARTY_TEXT];
	struct keypair root, seal, tls;
	struct keypair seal_384, seal_rsa; /* seals of the other kinds */
	struct keypair
	    seal_again; /* the key of seal, under a certificate that its descriptor does not name */
	struct keypair stray; /* a seal that its descriptor does not name */
	/* the key of tls, under certificates of other times and of another name */
	struct keypair tls_expired, tls_future, tls_named;
	/* what its descriptor lists beside, for a case that leaves it out again; in memory alone, zero if there is none */
	struct keypair spare_seal, spare_tls;
	struct rxp_agreement_key *agreement;
	struct rxp_agreement_key *former; /* the one before; NULL: there was none */
	/* of the offices that compartments are for; NULL in one that was opened: the suite opens none */
	struct rxp_agreement_key *offices[RXP_COMPARTMENT_COUNT];
	uint64_t serial; /* of its latest identity part, … */
	uint8_t identity[RXP_DIGEST_OCTETS]; /* … whose fingerprint this is */
	int64_t working_ms; /* Created of the working part, … */
	struct rxp_buf working; /* … whose octets these are */
	struct rxp_buf descriptor; /* the octets that the product was given */
	char endpoint[RXP_MAX_ENDPOINT_LENGTH + 1]; /* of it; "": it has none */
};

/*
 * One of now, with new keys, in memory alone; on success the caller owns *out. endpoint: where it can be reached; "": nowhere.
 * RXP_ERR_CONFIG: not a test party, or an endpoint that no descriptor may have; RXP_ERR_CRYPTO, RXP_ERR_NOMEM.
 */
int state_invent(struct state **out, const char *party, const char *endpoint, int64_t now_ms);

/* The same as a folder dir with its keys and descriptor.xml. RXP_ERR_EXISTS, RXP_ERR_IO, too. */
int state_make(const char *dir, const char *party, const char *endpoint, int64_t now_ms);

/* On success the caller owns *out. RXP_ERR_NOT_FOUND: no such folder or file; RXP_ERR_KEY; errors of
 * rxp_descriptor_open(). */
int state_open(struct state **out, const char *dir);
void state_free(struct state *s);

/* Append a working part of its own: of that key, of that time, under that seal. Errors of rxp_working_seal(). */
int state_working(struct rxp_buf *out, const struct state *s, const struct rxp_agreement_key *key,
    int64_t created_ms, const struct keypair *seal);
/* Take a new agreement key, and write key and descriptor into the folder. RXP_ERR_IO, RXP_ERR_CRYPTO. */
int state_renew(struct state *s, const char *dir, int64_t now_ms);
/* Let an identity part list the seals and pins of the State, the spare ones too, and no others. RXP_ERR_NOMEM. */
int state_list(struct rxp_identity *i, const struct state *s);
/* Go on from that descriptor, which follows the one that it has, and write it into the folder. RXP_ERR_IO, errors of
 * rxp_descriptor_open(). */
int state_follow(struct state *s, const char *dir, const struct rxp_buf *octets);
/* Its agreement key of that id (RXP-ENV-009); NULL: it is none of its. Borrowed. */
const struct rxp_agreement_key *state_agreement(
    const struct state *s, const uint8_t key_id[RXP_DIGEST_OCTETS]);

#endif
