/*
 * cell - the matrix of state, document and sender: what a product must answer to each thing that a document can say of a
 * person, in each state that the person can be in, from each side.
 *
 * Nothing here is written by hand: the states, what is said, and what follows are the tables of protocol/case/case.def, by
 * which a walk from the first document finds, for each side that the suite can play, the history that leads to each state with
 * the fewest documents of the product. The id of a cell is the
 * requirement that decides it, the state, the side of the sender and what it says ("WDR-001.R.p-received-requesting-withdraw"),
 * in the words of those tables: it stays, however many cells there come to be.
 */
#ifndef CONFORM_CELL_H
#define CONFORM_CELL_H

#include <stdbool.h>
#include <stddef.h>

#include "conformance/cases/case.h"
#include "protocol/case/case_table.h"

/* One document: what it says, and from which side. */
struct cell_step {
	enum rxp_case_event event;
	enum rxp_case_side side;
};

#define CELL_MAX_PATH 8
#define CELL_ID_TEXT 80
#define CELL_NAME_TEXT 128

struct cell {
	struct case_facts facts;
	enum rxp_case_state state; /* of P1, before */
	struct cell_step path[CELL_MAX_PATH]; /* that led there: each is receipted */
	size_t n_path;
	bool needs_product; /* a document of the way is the product's */
	struct cell_step said; /* the document that is tried */
	struct expect expected;
	bool unplanned; /* its Receipt must say so (RXP-CAS-011) */
	enum rxp_case_state to; /* of P1, if it is receipted */
	char id[CELL_ID_TEXT], name[CELL_NAME_TEXT];
};

size_t cell_total(void);
const struct cell *cell_at(size_t i);

/* The i-th thing that shows whether a cell that is receipted moved the person: the sender may say it next in one of the states
 * before and after, and not in the other. takes: in the one after. False: there are no more, or it moves nobody. */
bool cell_witness(struct cell_step *out, bool *takes, const struct cell *c, size_t i);

#endif
