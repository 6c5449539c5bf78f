/*
 * nodes - two simulated States that work on one case: what they send crosses, is delayed, comes twice,
 * loses its receipt, and either State may start anew from what it stored, in another order. Time passes, and
 * both count the clocks of the persons under the profile generic-test.
 *
 * What must always hold is checked after each step. A step that is not possible when its turn comes does
 * nothing, so that every part of a play (play.h) is a play.
 */
#ifndef NODES_H
#define NODES_H

#include "protocol/case/case_clock.h"
#include "protocol/test/story.h"

#define PLAY_PERSONS 3
#define PLAY_FAULT 160

enum play_kind {
	PLAY_ACT, /* seals a document, if its own view of the case allows it */
	PLAY_ARRIVE, /* its document arrives at the other State */
	PLAY_RECEIPT, /* the receipt arrives at the sender */
	PLAY_LOSE_RECEIPT, /* the receipt is lost: the document comes again */
	PLAY_AGAIN, /* an old document of it arrives a second time */
	PLAY_RESTART, /* it starts anew */
	PLAY_OUTAGE, /* it declares an outage of so many hours */
	PLAY_ATTEMPT, /* it tries to deliver and gets no answer */
	PLAY_KIND_COUNT
};

struct play_step {
	enum play_kind kind;
	enum rxp_case_side who;
	uint32_t hours; /* that pass before it */
	/* ACT */
	enum rxp_case_event event;
	uint32_t persons; /* a mask */
	uint32_t others; /* those of them of whom the next event of the type is said */
	unsigned traits; /* what the marks give */
	uint32_t marked; /* for whom */
	unsigned older; /* it concerns not the last document it can, but so many before */
	uint32_t
	    due_days; /* so many days later its sender says that something is due; 0: nothing */
	uint32_t
	    at_hours; /* so many hours before it was sealed is the instant that it states; 0: none */
	/* AGAIN, RESTART, OUTAGE */
	uint32_t number;
};

/* A fault and the step after which it showed. */
struct play_fault {
	char text[PLAY_FAULT]; /* "" if there is none */
	size_t step;
};

struct play_end {
	size_t documents, overtaken;
	size_t clocks[RXP_CLOCK_STATUS_COUNT]; /* clocks of persons, by what became of them */
	bool types[RXP_TYPE_COUNT]; /* those that were sent */
};

/* A play under way. */
struct nodes;

/* forbidden: a state that nobody must get into; RXP_CASE_STATE_COUNT for none. */
struct nodes *nodes_new(enum rxp_case_state forbidden);
void nodes_free(struct nodes *n);
/* Does the step what it can? A fault is kept. */
bool nodes_step(struct nodes *n, const struct play_step *step);
/* Bring home all that is under way, and compare. */
void nodes_finish(struct nodes *n, struct play_end *end);
const struct play_fault *nodes_fault(const struct nodes *n);

/* The next event of the same type; the event itself if it is the only one. */
enum rxp_case_event nodes_next_event(enum rxp_case_event event);

#endif
