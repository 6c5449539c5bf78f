/*
 * answer - Receipt and Refusal: what a State says, under its seal, about a message it was sent.
 */
#ifndef RXP_ANSWER_H
#define RXP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/seal/seal.h"
#include "protocol/xml/place.h"

enum rxp_refusal {
#define REFUSAL(name, wire, class, status, meaning, side, action) RXP_REFUSAL_##name,
#include "protocol/message/refusal.def"
#undef REFUSAL
	RXP_REFUSAL_COUNT
};

enum rxp_refusal_class { RXP_CLASS_NEVER, RXP_CLASS_AFTER_FIX, RXP_CLASS_LATER };

struct rxp_refusal_row {
	const char *wire;
	enum rxp_refusal_class class;
	int http_status;
	const char *meaning, *side, *action;
};

const struct rxp_refusal_row *rxp_refusal_row(enum rxp_refusal code);
int rxp_refusal_parse(enum rxp_refusal *out, const char *wire); /* RXP_ERR_NOT_FOUND */
const char *rxp_refusal_class_name(
    enum rxp_refusal_class class); /* "never", "after-fix", "later" */

/* What a receiver says of a document that it takes. Others may know more flags (RXP-ANS-019). */
enum rxp_flag {
#define FLAG(name, word, requirement, meaning) RXP_FLAG_##name,
#include "protocol/message/flag.def"
#undef FLAG
	RXP_FLAG_COUNT
};

const char *rxp_flag_word(enum rxp_flag flag);
/* Is it one of these, as words with a space between two? */
bool rxp_flag_among(const char *words, enum rxp_flag flag);

#define RXP_REQUIREMENT_TEXT 16 /* "RXP-ABC-123" and its NUL */
#define RXP_FLAG_TEXT 24 /* one flag; at most RXP_MAX_FLAGS of them */
#define RXP_MAX_FLAGS 8

/* The last document of one sender in a case (RXP-CHN-012). */
struct rxp_answer_last {
	char party[RXP_PARTY_TEXT];
	uint64_t position; /* 0: none, and no fingerprint */
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
};

enum rxp_answer_kind { RXP_ANSWER_RECEIPT, RXP_ANSWER_REFUSAL };

struct rxp_answer {
	enum rxp_answer_kind kind;
	uint8_t message_id[RXP_ID_OCTETS];
	char from[RXP_PARTY_TEXT]; /* the answering party */
	char to[RXP_PARTY_TEXT];
	int64_t created_ms;
	uint8_t envelope_digest[RXP_DIGEST_OCTETS];
	bool has_fingerprint; /* always for a receipt */
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	/* receipt */
	int64_t received_ms;
	uint8_t log_id[RXP_ID_OCTETS];
	uint64_t log_count;
	uint8_t log_head[RXP_DIGEST_OCTETS];
	char flags[RXP_MAX_FLAGS][RXP_FLAG_TEXT]; /* "" after the last */
	/* refusal */
	enum rxp_refusal refusal;
	char requirement[RXP_REQUIREMENT_TEXT]; /* "" if none */
	char place[RXP_PLACE_TEXT]; /* "" if none */
	int64_t retry_ms; /* 0 if none */
	bool has_view; /* with GAP and FORK only (RXP-CHN-011) */
	struct rxp_answer_last view[2]; /* of from, then of to */
	struct rxp_buf working; /* octets of a working part; empty if none */
	const struct rxp_cert
	    *cert; /* that sealed it; NULL before, borrowed from the caller of rxp_answer_open() */
};

void rxp_answer_init(struct rxp_answer *a);
void rxp_answer_clear(struct rxp_answer *a);

/* Is it a final answer (RXP-ANS-009)? */
bool rxp_answer_final(const struct rxp_answer *a);

/* Seal the answer: append its octets. from must be the signer's party. */
int rxp_answer_seal(struct rxp_buf *out, const struct rxp_answer *a, int64_t now_ms,
    const struct rxp_signer *signer);

/*
 * Parse and verify an answer of either kind under the certificates registered for the party
 * expected in From. The caller compares ids and digests with what it sent (RXP-ANS-012). On
 * success the caller owns out (rxp_answer_clear). Errors of parsing and of rxp_seal_verify,
 * RXP_ERR_SCHEMA, RXP_ERR_UNSUPPORTED (a refusal code of no row).
 */
int rxp_answer_open(struct rxp_answer *out, const uint8_t *octets, size_t len,
    const struct rxp_cert *const *certs, size_t n);

#endif
