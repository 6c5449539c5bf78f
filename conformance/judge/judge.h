/*
 * judge - captured octets, held against the specification without a network, a key or a node: what they are, and which
 * requirement they break first.
 *
 * Pure: octets in, a judgement out. What cannot be judged without a secret is not: that an Envelope decrypts, and what is
 * within a compartment.
 */
#ifndef CONFORM_JUDGE_H
#define CONFORM_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/xml/place.h"

struct rxp_cert;
struct rxp_descriptor;

#define JUDGE_WHY 200

enum judge_kind {
#define JUDGE_KIND(name, ns, root, words, function) JUDGE_##name,
#include "conformance/judge/judge_kind.def"
#undef JUDGE_KIND
	JUDGE_KIND_COUNT
};

const char *judge_kind_words(enum judge_kind kind); /* "a Receipt", … */

/* What typed content is judged by and does not say. */
struct judge_typing {
	int64_t created_ms; /* when it was made */
	bool test_node; /* is its node one for tests? */
	bool
	    names_confirmed; /* did a second officer confirm the words of its names (RXP-SAF-022)? */
};

/* What is known beside the octets. Zeros: nothing is. */
struct judge_known {
	/* The State that sealed them; NULL: the seal is held against the certificate within, which proves nothing of who made it. */
	const struct rxp_descriptor *descriptor;
	const struct rxp_cert *const *certs; /* of the descriptor; borrowed */
	size_t n_certs;
	const uint8_t
	    *root; /* of a descriptor: the fingerprint that people compared; NULL: none is known */
	const uint8_t *manifest; /* of typed content that is not sealed; NULL: it has none */
	size_t manifest_len;
	struct judge_typing typing; /* of typed content that is not sealed */
	const char *
	    media_type; /* of a file, in its manifest; NULL: it is none, or nothing is said of it */
};

struct judgement {
	enum judge_kind kind; /* JUDGE_KIND_COUNT: no object of the protocol */
	const char *requirement; /* "RXP-XML-003"; NULL: nothing is wrong */
	char place
	    [RXP_PLACE_TEXT]; /* of what is wrong, by names of elements; "" if it is no element */
	char why[JUDGE_WHY]; /* in words, without a value */
	bool sealed; /* it has a seal that verifies … */
	bool known; /* … under a certificate of the descriptor that is known */
	char party[RXP_PARTY_TEXT]; /* who says that it is theirs; "" if nobody does */
	char to[RXP_PARTY_TEXT]; /* of an answer: whom it answers; "" of all else */
	bool final; /* of an answer: nothing takes its place (RXP-ANS-009) */
};

/* A bundle, read from its beginning to its end: it may be far larger than memory (RXP-BND-012). The next n octets, of those that it
 * has; what it returns ends the reading, and is returned. */
typedef int judge_read(void *arg, uint8_t *out, size_t n);
bool judge_is_bundle(const uint8_t *octets, size_t len); /* by its first 512 octets */
int judge_bundle(struct judgement *out, uint64_t size, judge_read *read, void *arg);

/* 0 also if something is wrong; RXP_ERR_NOMEM, RXP_ERR_CRYPTO: it could not be judged. rxp_init() was called. */
int judge(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known);

#endif
