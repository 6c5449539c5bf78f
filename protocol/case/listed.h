/*
 * listed - the offices, crossing points and fallbacks that a document names, and those that a profile lists
 * (RXP-PRF-027; protocol/case/listed.def).
 *
 * Pure. The two functions that read XML are in a file of their own: who compares needs none.
 */
#ifndef RXP_LISTED_H
#define RXP_LISTED_H

#include <stdbool.h>

#include "protocol/case/case.h"
#include "protocol/terms/profile.h"

struct _xmlNode;

/* A crossing point as scheme:code, or a word; with its NUL. */
#define RXP_LISTED_TEXT 32

enum rxp_listed_kind {
#define LISTED_KIND(name, element, text) RXP_LISTED_##name,
#include "protocol/case/listed.def"
	RXP_LISTED_KIND_COUNT
};

struct rxp_listed_row {
	enum rxp_listed_kind kind;
	const char *parent; /* the element in which it stands */
	bool of[2]; /* by enum rxp_case_side: may a crossing point there lie in this State? */
	bool fact; /* it tells what happened */
};

const struct rxp_listed_row *rxp_listed_row(size_t i); /* NULL behind the last */
/* The row of this kind with this parent. NULL: there is none. */
const struct rxp_listed_row *rxp_listed_find(enum rxp_listed_kind kind, const char *parent);
const char *rxp_listed_element(enum rxp_listed_kind kind);
int rxp_listed_kind_parse(enum rxp_listed_kind *out, const char *element); /* RXP_ERR_NOT_FOUND */
/* What is wrong with one that is not listed; a fixed text. */
const char *rxp_listed_words(enum rxp_listed_kind kind);

/*
 * Does the profile list what a document of a case names there? parties: by enum rxp_case_side. Yes if the profile lists
 * nothing of the kind, for the State in which the crossing point lies or for the requested State.
 */
bool rxp_listed_agreed(const struct rxp_profile *p, const char *const parties[2],
    const struct rxp_listed_row *row, const char *named);

/* What serves if a travel document of this State does not come in time; RXP_WORD_ABSENT: the profile does not say. */
enum rxp_word rxp_listed_fallback(const struct rxp_profile *p, const char *requested);

/* The next element behind this one that a row names, in the order of the document; NULL behind the last. Begin with the
 * content itself. */
const struct _xmlNode *rxp_listed_next(const struct rxp_listed_row **row,
    const struct _xmlNode *content, const struct _xmlNode *element);
/* What it names. RXP_ERR_SCHEMA: nothing of the form of its kind. */
int rxp_listed_value(
    char out[RXP_LISTED_TEXT], const struct rxp_listed_row *row, const struct _xmlNode *element);

#endif
