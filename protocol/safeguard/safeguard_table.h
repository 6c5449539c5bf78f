/*
 * safeguard_table - the rules that protect the person, from safeguard.def.
 *
 * Constant data. A number that is no row is a programming error and aborts.
 */
#ifndef RXP_SAFEGUARD_TABLE_H
#define RXP_SAFEGUARD_TABLE_H

#include <stdbool.h>

enum rxp_safeguard {
#define SAFEGUARD(name, requirement, judged, text, remedy) RXP_SAFEGUARD_##name,
#include "protocol/safeguard/safeguard.def"
	RXP_SAFEGUARD_COUNT
};

/* Who judges a rule: each row is one of these, and who asks for SENDER gets both. */
enum rxp_safeguard_judged { RXP_SAFEGUARD_BOTH, RXP_SAFEGUARD_SENDER };

struct rxp_safeguard_row {
	const char *requirement;
	enum rxp_safeguard_judged judged;
	const char *text; /* what is wrong, for the sender's desk; never a value */
	const char *remedy; /* what to do */
};

const struct rxp_safeguard_row *rxp_safeguard_row(enum rxp_safeguard rule);

/* The row of a condition or duty of the case, which both sides judge; NULL if the requirement of a case's verdict is
 * no safeguard. */
const struct rxp_safeguard_row *rxp_safeguard_of_case(const char *requirement);

#endif
