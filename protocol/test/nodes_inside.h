/*
 * nodes_inside - what the files of the two simulated States share, for them alone: the State as it stands, what must
 * hold of its view (nodes_view.c), and its clocks (nodes_clocks.c).
 */
#ifndef NODES_INSIDE_H
#define NODES_INSIDE_H

#include "protocol/test/nodes.h"

#define BIT(key) (UINT32_C(1) << ((key)-1))
#define TRAIT(name) (1u << RXP_CASE_TRAIT_##name)
#define SPANS 8 /* outages, and attempts of a side, in a play */

/* What a State sees of the case. */
struct view {
	enum rxp_case_state state[PLAY_PERSONS + 1]; /* by key */
	unsigned traits[PLAY_PERSONS + 1];
	size_t facts[PLAY_PERSONS + 1]; /* records of what happened to the person */
};

/* One State: what it holds, and what it has under way. */
struct node {
	const char *party;
	struct story held;
	struct rxp_case_moment moments[2][RXP_MAX_CASE_DOCUMENTS + 1]; /* by side and Position */
	bool flying; /* its last document has not arrived */
	bool receipt; /* it has, and its receipt is under way */
	struct view view;
};

struct nodes {
	struct node node[2]; /* by enum rxp_case_side */
	enum rxp_case_state forbidden;
	int64_t now_ms;
	struct rxp_due_span outages[SPANS]; /* both States know of them */
	size_t n_outages;
	struct {
		uint64_t position; /* of what was tried */
		int64_t at_ms;
	} attempts[2][SPANS];
	size_t n_attempts[2];
	size_t steps;
	struct play_fault fault;
};

/* The first fault of a play is kept. */
__attribute__((format(printf, 2, 3))) void nodes_found(struct nodes *n, const char *format, ...);

/* Look at what a State holds; all that must hold of it is checked. news: did a document come into the view? */
void nodes_look(struct nodes *n, struct node *at, bool news);

/* When a document that the State holds was received. */
struct rxp_case_moment *nodes_moment(struct node *at, const struct rxp_case_document *d);

/* All clocks of the persons of the play. */
struct clocks {
	struct rxp_case_clock of[PLAY_PERSONS + 1][RXP_CLOCK_COUNT];
	uint8_t begun_by[PLAY_PERSONS + 1][RXP_CLOCK_COUNT][RXP_DIGEST_OCTETS];
};

void nodes_read_clocks(struct clocks *out, struct nodes *n, struct node *at);
/* Each that differs is a fault; where: the end of its words. */
void nodes_compare_clocks(
    struct nodes *n, const struct clocks *a, const struct clocks *b, const char *where);

#endif
