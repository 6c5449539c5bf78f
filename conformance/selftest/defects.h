/*
 * defects - what is wrong with a product on purpose, as the list beside it says (conformance/mutant/weave.awk), and the switch
 * that says which of them it has now.
 */
#ifndef CONFORM_DEFECTS_H
#define CONFORM_DEFECTS_H

#include <stddef.h>
#include <stdint.h>

#include "conformance/run/outcome.h"

#define DEFECT_ID 32
#define DEFECT_LETTERS 8
#define DEFECT_WORDS 160

struct defect {
	uint32_t number; /* of the switch */
	char id[DEFECT_ID]; /* "SEA-001.m1" */
	char requirement[DEFECT_ID]; /* that it breaks: "RXP-SEA-001" */
	char letters[DEFECT_LETTERS]; /* of the plans whose cases are to find it */
	enum verdict
	    must; /* what one of them must come to: FAIL, WEAK or, if it is silent, INCOMPLETE */
	char words[DEFECT_WORDS];
};

/* All lines of the file; the caller frees *out. RXP_ERR_SYNTAX: a line is none. RXP_ERR_BOUND, RXP_ERR_NOMEM, RXP_ERR_NOT_FOUND, RXP_ERR_IO. */
int defects_read(struct defect **out, size_t *n, const char *path);

/* Give the product this defect and no other; 0: none. RXP_ERR_IO. */
int defects_switch(const char *path, uint32_t number);

#endif
