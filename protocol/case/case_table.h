/*
 * case_table - protocol/case/case.def as C: states, traits, ranks, what each document type says and to whom,
 * and the cells of the table of moves (spec/rxp-1.md section 11).
 *
 * Constant data; every function is pure. A number that is no row is a programming error and aborts.
 */
#ifndef RXP_CASE_TABLE_H
#define RXP_CASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/message/answer.h"
#include "protocol/message/type.h"

enum rxp_case_state {
#define CASE_STATE(name, word, kind, kept, meaning) RXP_CASE_##name,
#include "protocol/case/case.def"
	RXP_CASE_STATE_COUNT
};

enum rxp_case_event {
#define CASE_EVENT(name, word, type, sender, mark, trait, step) RXP_CASE_EVENT_##name,
#include "protocol/case/case.def"
	RXP_CASE_EVENT_COUNT
};

/* What is known of a person besides the state. */
enum rxp_case_trait {
#define CASE_TRAIT(name, word, keeps, meaning) RXP_CASE_TRAIT_##name,
#include "protocol/case/case.def"
	RXP_CASE_TRAIT_COUNT
};

/* A set of traits: bit `trait` for each. */
typedef uint32_t rxp_traits;
_Static_assert(RXP_CASE_TRAIT_COUNT < 32, "a set of traits fits, and a shift by their number");

enum rxp_case_rank {
#define CASE_RANK(name, word) RXP_CASE_RANK_##name,
#include "protocol/case/case.def"
	RXP_CASE_RANK_COUNT
};

/* The two sides of a case; also the order in which documents of one rank are taken. */
enum rxp_case_side { RXP_CASE_REQUESTING, RXP_CASE_REQUESTED };

/* Who may say something. */
enum rxp_case_sender { RXP_CASE_BY_REQUESTING, RXP_CASE_BY_REQUESTED, RXP_CASE_BY_EITHER };

/* How near an event of the requesting State brings a person to a transfer. */
enum rxp_case_step { RXP_CASE_FREE, RXP_CASE_TOWARDS, RXP_CASE_TRANSFER };

struct rxp_case_event_row {
	enum rxp_type type;
	enum rxp_case_sender sender;
	const char *word;
	const char *mark; /* first child of Person, or a child of the content; "" for any */
	rxp_traits gives;
	enum rxp_case_step step;
};

/* What a document type is to a case. */
struct rxp_case_type {
	bool in_case;
	bool opens; /* RXP-CAS-003 */
	bool names_persons; /* else it speaks of the whole case (RXP-CAS-009) */
	enum rxp_case_rank rank;
};

/* An element below Person that gives a trait. */
struct rxp_case_mark {
	enum rxp_type type;
	const char *element;
	const char *value; /* its text; "" for any */
	enum rxp_case_trait trait;
};

/* A child of the content that gives a trait to each person named. */
struct rxp_case_mark_all {
	enum rxp_type type;
	const char *element;
	const char *attribute, *value; /* both "": the element alone */
	enum rxp_case_trait trait;
};

const char *rxp_case_state_name(enum rxp_case_state state);
bool rxp_case_state_ends(enum rxp_case_state state); /* the case ends for the person here */
const char *rxp_case_trait_name(enum rxp_case_trait trait);
/* RXP_ERR_NOT_FOUND for a word that is no row of case.def. */
int rxp_case_trait_parse(enum rxp_case_trait *out, const char *word);
int rxp_case_event_parse(enum rxp_case_event *out, const char *word);
const struct rxp_case_event_row *rxp_case_event_row(enum rxp_case_event event);
/* Its step where the marks of the document give these traits (CASE_FREE). */
enum rxp_case_step rxp_case_step(enum rxp_case_event event, rxp_traits given);
const struct rxp_case_type *rxp_case_type(enum rxp_type type);
/* The i-th row of CASE_MARK; NULL after the last. */
const struct rxp_case_mark *rxp_case_mark(size_t i);
/* The same of CASE_MARK_ALL. */
const struct rxp_case_mark_all *rxp_case_mark_all(size_t i);
/* Is a person of a family in this state left behind by a transfer without the person (RXP-SAF-017)? */
bool rxp_case_behind(enum rxp_case_state state);
/* May this side say what that sender may? */
bool rxp_case_allows(enum rxp_case_sender sender, enum rxp_case_side side);
/* May this side send documents of this type? */
bool rxp_case_may_send(enum rxp_type type, enum rxp_case_side side);

/* Can a document of this type ask for a transfer (RXP-HLD-009)? */
bool rxp_case_may_ask_transfer(enum rxp_type type);

/* A cell of the table of moves. */
struct rxp_case_cell {
	const char *requirement; /* NULL: there is no such cell */
	enum rxp_case_state to;
	bool foreseen; /* false: a physical fact that the state does not foresee (RXP-CAS-011) */
	bool sealed; /* a sender may seal it */
};
const struct rxp_case_cell *rxp_case_cell(enum rxp_case_state from, enum rxp_case_event event);

/*
 * Where the cell leads somebody from that state: to its next state, or on if it leaves them there and gives the
 * first time a trait of a child (RXP-CAS-012). had: the traits before; has: those that are kept then.
 */
enum rxp_case_state rxp_case_next(
    const struct rxp_case_cell *cell, enum rxp_case_state from, rxp_traits had, rxp_traits has);

/* Why there is no cell for somebody. */
struct rxp_case_why {
	enum rxp_refusal code;
	const char *requirement;
};

/*
 * The cell for a person of this state and these traits (those that the person has and those that the marks
 * of the document give), if this side may say the event and its conditions are met; else NULL,
 * and *why.
 */
const struct rxp_case_cell *rxp_case_find(const struct rxp_case_why **why, enum rxp_case_state from,
    rxp_traits traits, enum rxp_case_event event, enum rxp_case_side side);

/* The requirement that who records this fact of a person with these traits (as above) does not meet; NULL if there
 * is none (RXP-CAS-014). */
const char *rxp_case_owed(enum rxp_case_event event, rxp_traits traits);

/* The traits that stay for the rest of the case, of an event and of these, which its marks give. */
rxp_traits rxp_case_keeps(enum rxp_case_event event, rxp_traits given);

/* The document that one of this type concerns (RXP-CAS-010); NULL if it concerns none. */
struct rxp_case_answers {
	const char *element; /* names it: the content's first child */
	const char *requirement;
};
const struct rxp_case_answers *rxp_case_answers(enum rxp_type type);
/* May a document of this type concern one of that type, sealed by its own State or by the other? */
bool rxp_case_concerns(enum rxp_type type, enum rxp_type concerned, bool own);

#endif
