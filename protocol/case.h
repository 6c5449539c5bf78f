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

#include "protocol/answer.h"
#include "protocol/document.h"
#include "protocol/ident.h"
#include "protocol/limits.h"

enum rxp_case_state {
#define CASE_STATE(name, word, meaning) RXP_CASE_##name,
#include "protocol/case.def"
	RXP_CASE_STATE_COUNT
};

enum rxp_case_event {
#define CASE_EVENT(name, word, type, mark) RXP_CASE_EVENT_##name,
#include "protocol/case.def"
	RXP_CASE_EVENT_COUNT
};

enum rxp_case_rank {
#define CASE_RANK(name, word) RXP_CASE_RANK_##name,
#include "protocol/case.def"
	RXP_CASE_RANK_COUNT
};

/* The two senders of a case; also the order in which documents of one rank are taken. */
enum rxp_case_side { RXP_CASE_REQUESTING, RXP_CASE_REQUESTED };

struct rxp_case_event_row {
	enum rxp_type type;
	const char *word;
	const char *mark; /* first child of Person; "" for any */
};

const char *rxp_case_state_name(enum rxp_case_state state);
const struct rxp_case_event_row *rxp_case_event_row(enum rxp_case_event event);
/* Which side sends documents of this type? RXP_ERR_NOT_FOUND if the type belongs to no case. */
int rxp_case_sender(enum rxp_case_side *out, enum rxp_type type);
/*
 * The next state of a person; RXP_ERR_STATE if the table has no such cell. requirement (may be
 * NULL) receives a fixed string.
 */
int rxp_case_move(enum rxp_case_state *out, enum rxp_case_state from, enum rxp_case_event event,
    enum rxp_case_side sender, const char **requirement);

/* What the rules of a case need to know of one Document. */
struct rxp_case_document {
	char from[RXP_PARTY_TEXT];
	enum rxp_type type;
	uint64_t position; /* from 1 */
	bool has_previous, has_seen, has_about;
	uint8_t previous[RXP_DIGEST_OCTETS];
	uint8_t seen[RXP_DIGEST_OCTETS];
	uint8_t about[RXP_DIGEST_OCTETS]; /* the application that it answers (RXP-REP-002) */
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	/* An own document without a final answer yet, the last of its sender. It counts only if a
	 * document of the other side names it in Seen (RXP-CHN-006). */
	bool in_doubt;
	unsigned n_persons; /* 1 to RXP_MAX_PERSONS */
	struct {
		uint8_t key; /* 1 for P1; each once */
		uint8_t event; /* enum rxp_case_event */
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

/*
 * The persons for whom the i-th document given to rxp_case_replay() has no effect: bit key - 1 is
 * set (RXP-CAS-007). 0 for a document in doubt that does not count.
 */
uint32_t rxp_case_overtaken(const struct rxp_case *c, size_t i);

/* The last document of a side that counts, as a View says it (RXP-CHN-012): position 0 if none. */
void rxp_case_last(struct rxp_answer_last *out, const struct rxp_case *c, const char *party);

/* Why a case does not take a document: what the Refusal says. */
struct rxp_case_refusal {
	enum rxp_refusal code; /* GAP, FORK or STATE */
	const char *requirement; /* fixed string */
};

/*
 * Does the case take d next? The same question for the receiver of d and, before sealing, for its
 * sender. A document that the case holds already is not asked about: its stored answer is given.
 * 0; RXP_ERR_STATE with *refusal filled; RXP_ERR_BOUND if d's facts are outside their bounds.
 */
int rxp_case_check(
    const struct rxp_case *c, const struct rxp_case_document *d, struct rxp_case_refusal *refusal);

#endif
