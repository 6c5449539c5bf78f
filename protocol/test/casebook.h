/*
 * casebook - the tables of section 11 as spec/rxp-1.md prints them, and what they say: a reading of the
 * text that shares nothing with the C tables.
 *
 * A text that cannot be read fails the test.
 */
#ifndef CASEBOOK_H
#define CASEBOOK_H

#include <stdbool.h>
#include <stddef.h>

#define CASEBOOK_MAX 64
#define CASEBOOK_WORD 64
#define CASEBOOK_NONE CASEBOOK_MAX /* no such row */
#define CASEBOOK_ANY (CASEBOOK_MAX + 1)

/* Masks of sides, and of whose a document is. */
enum { CASEBOOK_REQUESTING = 1, CASEBOOK_REQUESTED = 2 };
enum { CASEBOOK_OWN = 1, CASEBOOK_OTHER = 2 };

struct casebook {
	size_t n_states, n_traits, n_ranks, n_types, n_events, n_marks, n_answers, n_conditions,
	    n_duties;
	size_t n_moves, n_facts;
	struct {
		char word[CASEBOOK_WORD], kind[CASEBOOK_WORD];
		bool ends;
	} states[CASEBOOK_MAX];
	struct {
		char word[CASEBOOK_WORD];
		bool stays;
	} traits[CASEBOOK_MAX];
	char ranks[CASEBOOK_MAX][CASEBOOK_WORD];
	struct {
		char wire[CASEBOOK_WORD];
		bool whole, opens;
		size_t rank;
	} types[CASEBOOK_MAX];
	struct {
		char word[CASEBOOK_WORD], mark[CASEBOOK_WORD];
		size_t type;
		unsigned senders;
		unsigned gives; /* mask of traits */
	} events[CASEBOOK_MAX];
	struct {
		char element[CASEBOOK_WORD], text[CASEBOOK_WORD];
		size_t type;
		unsigned gives;
	} marks[CASEBOOK_MAX];
	struct {
		size_t type, concerned; /* or CASEBOOK_ANY */
		unsigned whose;
		char element[CASEBOOK_WORD], requirement[CASEBOOK_WORD];
	} answers[CASEBOOK_MAX];
	struct {
		size_t event;
		unsigned given; /* mask; 0: always */
		unsigned needs; /* mask; 0: never */
		char code[CASEBOOK_WORD], requirement[CASEBOOK_WORD];
	} conditions[CASEBOOK_MAX];
	struct {
		size_t event;
		unsigned given, needs; /* masks */
		char requirement[CASEBOOK_WORD];
	} duties[CASEBOOK_MAX];
	struct casebook_cell {
		bool is, foreseen, sealed;
		size_t to;
		char requirement[CASEBOOK_WORD];
	} cells[CASEBOOK_MAX][CASEBOOK_MAX]; /* by state and event */
	size_t turns[CASEBOOK_MAX]; /* by state: where the rules for children lead; 0: nowhere */
};

/* The word of a row is its first member. The caller frees the book with free(). */
struct casebook *casebook_read(void);

/* The row of a word; CASEBOOK_NONE. */
size_t casebook_state(const struct casebook *b, const char *word);
size_t casebook_trait(const struct casebook *b, const char *word);
size_t casebook_type(const struct casebook *b, const char *wire);
size_t casebook_event(const struct casebook *b, const char *word);

/* What the text says of one person. */
struct casebook_verdict {
	bool taken, unplanned;
	const char *
	    barred; /* the requirement for which it must not be sealed, though it is taken; or NULL */
	size_t to; /* state and traits afterwards */
	unsigned traits;
	const char *code, *requirement; /* if it is not taken */
};
struct casebook_verdict casebook_judge(const struct casebook *b, size_t state, unsigned traits,
    size_t event, unsigned side, unsigned marks);

/* May this side send documents of the type at all? */
bool casebook_may_send(const struct casebook *b, size_t type, unsigned side);

/* The traits that marks of the type can give. */
unsigned casebook_marks(const struct casebook *b, size_t type);

/* The traits that a condition or a duty asks about. By the text the others are carried and change nothing. */
unsigned casebook_asked(const struct casebook *b);

/* The requirement of a type that concerns another document; NULL if it concerns none. */
const char *casebook_answers(const struct casebook *b, size_t type);
bool casebook_concerns(const struct casebook *b, size_t type, size_t concerned, unsigned whose);

#endif
