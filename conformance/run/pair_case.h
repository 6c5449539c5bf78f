/*
 * pair_case - the cases of two products with the suite between them, and how each layer is tried.
 */
#ifndef CONFORM_PAIR_CASE_H
#define CONFORM_PAIR_CASE_H

#include "conformance/run/pair.h"

enum pair_wanted {
#define WANTED(name, words) PAIR_WANTED_##name,
#include "conformance/proxy/wanted.def"
#undef WANTED
	PAIR_WANTED_COUNT
};

struct pair_case {
	struct case_facts facts;
	bool is_above; /* TLS; then the number is that of a bend, otherwise that of a fault */
	unsigned number;
	unsigned times;
	unsigned wanted; /* a sum of 1 << PAIR_WANTED_… */
};

static inline bool pair_case_wants(const struct pair_case *c, enum pair_wanted w)
{
	return (c->wanted & 1U << w) != 0;
}

/* Try it; out has been described. The pair stands in the layer of the case. */
void pair_case_below(struct outcome *out, const struct pair_case *c, struct pair *p);
void pair_case_above(struct outcome *out, const struct pair_case *c, struct pair *p);

/* One of the two does not do as the requirement says: a failure, or a warning. */
__attribute__((format(printf, 4, 5))) void pair_case_against(
    struct outcome *out, const struct pair *p, enum pair_side side, const char *format, ...);

/* The sender did not send the message again, and the time is over. Whose trigger ended with a failure has given it up; of any
 * other nobody knows how long it pauses (RXP-HTTP-009), so that the case is incomplete. */
void pair_case_unrepeated(struct outcome *out, struct pair *p);

#endif
