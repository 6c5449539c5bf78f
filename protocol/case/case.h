/*
 * case - the chain of a case and the one fold that gives its state (spec/rxp-1.md sections 10, 11).
 *
 * Pure and bounded: facts in, state out; the order in which documents are given plays no part.
 * The facts hold no direct identifier of a person. Nothing here reads XML.
 */
#ifndef RXP_CASE_H
#define RXP_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/case/case_table.h"
#include "protocol/message/answer.h"

/* What the rules of a case need to know of one Document. */
struct rxp_case_document {
	char from[RXP_PARTY_TEXT];
	enum rxp_type type;
	uint64_t position; /* from 1 */
	bool has_previous, has_seen, has_about;
	uint8_t previous[RXP_DIGEST_OCTETS];
	uint8_t seen[RXP_DIGEST_OCTETS];
	uint8_t about[RXP_DIGEST_OCTETS]; /* the document that it concerns (RXP-CAS-010) */
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	/* An own document without a final answer yet, the last of its sender. It counts only if a
	 * document of the other side names it in Seen (RXP-CHN-006). */
	bool in_doubt;
	uint8_t event; /* enum rxp_case_event: of the whole case, if its type names no persons */
	int32_t
	    stated_day; /* of the whole case: the day stated (CASE_DAY of case_clock.def); 0: none */
	/* 1 to RXP_MAX_PERSONS; if it speaks of the whole case, those of whom it says something besides, of the
	 * same event (RXP-CAS-013). */
	unsigned n_persons;
	struct {
		uint8_t key; /* 1 for P1; each once */
		uint8_t event; /* enum rxp_case_event */
		rxp_traits gives; /* by CASE_MARK; those of the event are not in it */
		int32_t stated_day; /* the day stated (CASE_DAY); 0: none */
		int64_t at_ms; /* the instant stated (CASE_INSTANT of case_clock.def); 0: none */
	} persons[RXP_MAX_PERSONS];
};

struct rxp_case;

/*
 * Fold n documents of one case, in any order; requesting is the party that asks. n = 0 is a case
 * of which nothing is known. The documents are copied; the caller frees *out with rxp_case_free.
 * RXP_ERR_BOUND (more than RXP_MAX_CASE_DOCUMENTS), RXP_ERR_NOMEM, RXP_ERR_DAMAGED: these are not
 * the documents of one case as rxp_case_check() admits them.
 */
int rxp_case_replay(
    struct rxp_case **out, const struct rxp_case_document *docs, size_t n, const char *requesting);
void rxp_case_free(struct rxp_case *c);

/* The state of person key, 1 to RXP_MAX_PERSONS. */
enum rxp_case_state rxp_case_person(const struct rxp_case *c, unsigned key);

/* The traits of that person that stay. */
rxp_traits rxp_case_traits(const struct rxp_case *c, unsigned key);

/*
 * The persons for whom the i-th document given to rxp_case_replay() has no effect: bit key - 1 is
 * set (RXP-CAS-007); every bit if it speaks of the whole case and moves nobody (RXP-CAS-009). 0 for
 * a document in doubt that does not count.
 */
uint32_t rxp_case_overtaken(const struct rxp_case *c, size_t i);

/*
 * The order in which the fold took the documents that count: the index of the k-th, from 0, as given
 * to rxp_case_replay(), the persons for whom it took effect, and those of them whose state it changed, bit
 * key - 1 each. RXP_ERR_NOT_FOUND behind the last.
 */
struct rxp_case_turn {
	uint16_t document;
	uint32_t persons, changed;
};
int rxp_case_turn(struct rxp_case_turn *out, const struct rxp_case *c, size_t k);

/* The last document of a side that counts, as a View says it (RXP-CHN-012): position 0 if none. */
void rxp_case_last(struct rxp_answer_last *out, const struct rxp_case *c, const char *party);

/* Who asks whether a case takes a document: its sender before sealing, who must not let some facts
 * happen, or its receiver, who takes what happened (RXP-CAS-011). */
enum rxp_case_role { RXP_CASE_SEALING, RXP_CASE_RECEIVING };

struct rxp_case_verdict {
	/* If it is not taken: what the Refusal says. */
	enum rxp_refusal code; /* GAP, FORK, STATE or NOT_ACCEPTABLE */
	const char *requirement; /* fixed string; for the operator alone if NOT_ACCEPTABLE */
	/* If it is taken: it records a fact that the state does not foresee, or not as it must (RXP-CAS-011,
	 * 014). */
	bool unplanned;
};

/*
 * Does the case take d next? A document that the case holds already is not asked about: its stored
 * answer is given. 0 with *out filled; RXP_ERR_STATE with *out filled; RXP_ERR_BOUND if d's facts are
 * outside their bounds.
 */
int rxp_case_check(struct rxp_case_verdict *out, const struct rxp_case *c,
    const struct rxp_case_document *d, enum rxp_case_role role);

#endif
