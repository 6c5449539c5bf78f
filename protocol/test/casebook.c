#include "protocol/test/casebook.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SPECIFICATION "spec/rxp-1.md"
#define COLUMNS 5
#define LINE 2048 /* a row names many states */

/* --- reading ------------------------------------------------------------------------------- */

typedef void row_reader(struct casebook *b, char *column[COLUMNS]);

static void copy(char out[CASEBOOK_WORD], const char *text)
{
	assert_true(strlen(text) < CASEBOOK_WORD);
	snprintf(out, CASEBOOK_WORD, "%s", text);
}

static bool yes(const char *text)
{
	assert_true(strcmp(text, "yes") == 0 || strcmp(text, "no") == 0);
	return text[0] == 'y';
}

/* "| a | b |" into its columns; the others are NULL. */
static void split(char *line, char *column[COLUMNS])
{
	size_t len = strlen(line);
	char *at = line + 2;

	assert_true(len > 4 && memcmp(line, "| ", 2) == 0 && strcmp(line + len - 2, " |") == 0);
	line[len - 2] = '\0';
	for (size_t i = 0; i < COLUMNS; i++) {
		column[i] = at;
		at = at == NULL ? NULL : strstr(at, " | ");
		if (at != NULL) {
			*at = '\0';
			at += 3;
		}
	}
	assert_null(at);
}

static void read_table(struct casebook *b, FILE *file, const char *name, row_reader *read)
{
	char line[LINE];
	char begin[CASEBOOK_WORD];
	size_t rows = 0;
	bool inside = false;

	snprintf(begin, sizeof begin, "<!-- table %s begin -->", name);
	rewind(file);
	while (fgets(line, sizeof line, file) != NULL) {
		char *column[COLUMNS];

		line[strcspn(line, "\n")] = '\0';
		if (!inside) {
			inside = strcmp(line, begin) == 0;
			continue;
		}
		if (strncmp(line, "<!-- table ", 11) == 0)
			break;
		if (++rows <= 2) /* the head and the line below it */
			continue;
		split(line, column);
		read(b, column);
	}
	assert_true(rows > 2);
}

/* The row that begins with this word. */
static size_t find_word(const void *rows, size_t n, size_t size, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp((const char *)rows + i * size, word) == 0)
			return i;
	return CASEBOOK_NONE;
}

size_t casebook_state(const struct casebook *b, const char *word)
{
	return find_word(b->states, b->n_states, sizeof b->states[0], word);
}

size_t casebook_trait(const struct casebook *b, const char *word)
{
	return find_word(b->traits, b->n_traits, sizeof b->traits[0], word);
}

size_t casebook_type(const struct casebook *b, const char *wire)
{
	return find_word(b->types, b->n_types, sizeof b->types[0], wire);
}

size_t casebook_event(const struct casebook *b, const char *word)
{
	return find_word(b->events, b->n_events, sizeof b->events[0], word);
}

static size_t find_rank(const struct casebook *b, const char *word)
{
	return find_word(b->ranks, b->n_ranks, sizeof b->ranks[0], word);
}

static size_t known(size_t row)
{
	if (row == CASEBOOK_NONE)
		fail_msg("a table names what no table lists");
	return row;
}

/* The mask of a trait; 0 for this word. */
static unsigned trait_mask(const struct casebook *b, const char *word, const char *none)
{
	size_t row = strcmp(word, none) == 0 ? CASEBOOK_NONE : known(casebook_trait(b, word));

	return row < sizeof(unsigned) * 8 ? 1u << row : 0;
}

static void read_state(struct casebook *b, char *column[COLUMNS])
{
	copy(b->states[b->n_states].word, column[0]);
	copy(b->states[b->n_states].kind, column[1]);
	b->states[b->n_states++].ends = yes(column[2]);
}

static void read_trait(struct casebook *b, char *column[COLUMNS])
{
	copy(b->traits[b->n_traits].word, column[0]);
	b->traits[b->n_traits++].stays = yes(column[1]);
}

static void read_rank(struct casebook *b, char *column[COLUMNS])
{
	copy(b->ranks[b->n_ranks++], column[0]);
}

static void read_type(struct casebook *b, char *column[COLUMNS])
{
	copy(b->types[b->n_types].wire, column[0]);
	b->types[b->n_types].whole = strcmp(column[1], "the whole case") == 0;
	b->types[b->n_types].rank = known(find_rank(b, column[2]));
	b->types[b->n_types++].opens = yes(column[3]);
}

static void read_event(struct casebook *b, char *column[COLUMNS])
{
	size_t i = b->n_events++;

	copy(b->events[i].word, column[0]);
	b->events[i].type = known(casebook_type(b, column[1]));
	b->events[i].senders = strcmp(column[2], "requesting") == 0 ? CASEBOOK_REQUESTING
			       : strcmp(column[2], "requested") == 0
				   ? CASEBOOK_REQUESTED
				   : CASEBOOK_REQUESTING | CASEBOOK_REQUESTED;
	copy(b->events[i].mark, column[3]);
	b->events[i].gives = trait_mask(b, column[4], "");
}

static void read_mark(struct casebook *b, char *column[COLUMNS])
{
	size_t i = b->n_marks++;

	b->marks[i].type = known(casebook_type(b, column[0]));
	copy(b->marks[i].element, column[1]);
	copy(b->marks[i].text, column[2]);
	b->marks[i].gives = trait_mask(b, column[3], "");
}

static void read_answers(struct casebook *b, char *column[COLUMNS])
{
	size_t i = b->n_answers++;

	b->answers[i].type = known(casebook_type(b, column[0]));
	copy(b->answers[i].element, column[1]);
	b->answers[i].concerned =
	    strcmp(column[2], "any") == 0 ? CASEBOOK_ANY : known(casebook_type(b, column[2]));
	b->answers[i].whose = strcmp(column[3], "its own State") == 0 ? CASEBOOK_OWN
			      : strcmp(column[3], "the other State") == 0
				  ? CASEBOOK_OTHER
				  : CASEBOOK_OWN | CASEBOOK_OTHER;
	copy(b->answers[i].requirement, column[4]);
}

static void read_condition(struct casebook *b, char *column[COLUMNS])
{
	size_t i = b->n_conditions++;

	b->conditions[i].event = known(casebook_event(b, column[0]));
	b->conditions[i].given = trait_mask(b, column[1], "always");
	b->conditions[i].needs = trait_mask(b, column[2], "never");
	copy(b->conditions[i].code, column[3]);
	copy(b->conditions[i].requirement, column[4]);
}

/* No cell is told twice. */
static size_t put_cell(struct casebook *b, size_t state, size_t event, const char *to,
    const struct casebook_cell *cell)
{
	struct casebook_cell *at = &b->cells[known(state)][event];

	assert_false(at->is);
	*at = *cell;
	at->is = true;
	at->to = strcmp(to, "unchanged") == 0 ? state : known(casebook_state(b, to));
	return 1;
}

/* One cell for each state of the row. */
static size_t read_cells(
    struct casebook *b, char *column[COLUMNS], const struct casebook_cell *cell)
{
	size_t event = known(casebook_event(b, column[1]));
	size_t n = 0;

	if (strcmp(column[0], "any but unknown") == 0) {
		for (size_t state = 1; state < b->n_states; state++)
			n += put_cell(b, state, event, column[2], cell);
		return n;
	}
	for (char *word = column[0]; word != NULL;) {
		char *next = strstr(word, ", ");

		if (next != NULL) {
			*next = '\0';
			next += 2;
		}
		n += put_cell(b, casebook_state(b, word), event, column[2], cell);
		word = next;
	}
	return n;
}

static void read_move(struct casebook *b, char *column[COLUMNS])
{
	struct casebook_cell cell = {.foreseen = true, .sealed = true};

	copy(cell.requirement, column[3]);
	b->n_moves += read_cells(b, column, &cell);
}

static void read_duty(struct casebook *b, char *column[COLUMNS])
{
	size_t i = b->n_duties++;

	b->duties[i].event = known(casebook_event(b, column[0]));
	b->duties[i].given = trait_mask(b, column[1], "");
	b->duties[i].needs = trait_mask(b, column[2], "");
	copy(b->duties[i].requirement, column[3]);
}

static void read_turn(struct casebook *b, char *column[COLUMNS])
{
	b->turns[known(casebook_state(b, column[0]))] = known(casebook_state(b, column[1]));
}

static void read_fact(struct casebook *b, char *column[COLUMNS])
{
	struct casebook_cell cell = {.foreseen = false, .sealed = yes(column[3])};

	copy(cell.requirement, "RXP-CAS-011");
	b->n_facts += read_cells(b, column, &cell);
}

struct casebook *casebook_read(void)
{
	static const struct {
		const char *name;
		row_reader *read;
	} tables[] = {
	    {"case-state", read_state},
	    {"case-trait", read_trait},
	    {"case-rank", read_rank},
	    {"case-document", read_type},
	    {"case-event", read_event},
	    {"case-mark", read_mark},
	    {"case-answers", read_answers},
	    {"case-condition", read_condition},
	    {"case-duty", read_duty},
	    {"case", read_move},
	    {"case-turn", read_turn},
	    {"case-fact", read_fact},
	};
	struct casebook *b = calloc(1, sizeof *b);
	FILE *file = fopen(SPECIFICATION, "r");

	assert_non_null(b);
	assert_non_null(file);
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		read_table(b, file, tables[i].name, tables[i].read);
	fclose(file);
	return b;
}

/* --- judging ------------------------------------------------------------------------------- */

static unsigned of_children(const struct casebook *b)
{
	return trait_mask(b, "child", "") | trait_mask(b, "unaccompanied", "");
}

struct casebook_verdict casebook_judge(const struct casebook *b, size_t state, unsigned traits,
    size_t event, unsigned side, unsigned marks)
{
	const struct casebook_cell *cell = &b->cells[state][event];
	unsigned gives = marks | b->events[event].gives;
	struct casebook_verdict v = {
	    .to = state, .traits = traits, .code = "state", .requirement = "RXP-CAS-004"};

	if (!cell->is || (b->events[event].senders & side) == 0)
		return v;
	for (size_t i = 0; i < b->n_conditions; i++)
		if (b->conditions[i].event == event &&
		    (b->conditions[i].given == 0 ||
			(b->conditions[i].given & (traits | marks)) != 0) &&
		    (b->conditions[i].needs & (traits | marks)) == 0) {
			v.code = b->conditions[i].code;
			v.requirement = b->conditions[i].requirement;
			return v;
		}
	for (size_t trait = 0; trait < b->n_traits; trait++)
		if (b->traits[trait].stays)
			v.traits |= gives & 1u << trait;
	v.taken = true;
	v.unplanned = !cell->foreseen;
	v.barred = cell->sealed ? NULL : "RXP-CAS-011";
	for (size_t i = 0; i < b->n_duties; i++)
		if (b->duties[i].event == event && (b->duties[i].given & (traits | marks)) != 0 &&
		    (b->duties[i].needs & (traits | marks)) == 0) {
			v.unplanned = true;
			v.barred = v.barred == NULL ? b->duties[i].requirement : v.barred;
		}
	v.to = cell->to;
	if (v.to == state && b->turns[state] != 0 && (v.traits & ~traits & of_children(b)) != 0)
		v.to = b->turns[state];
	return v;
}

bool casebook_may_send(const struct casebook *b, size_t type, unsigned side)
{
	for (size_t i = 0; i < b->n_events; i++)
		if (b->events[i].type == type && (b->events[i].senders & side) != 0)
			return true;
	return false;
}

unsigned casebook_marks(const struct casebook *b, size_t type)
{
	unsigned gives = 0;

	for (size_t i = 0; i < b->n_marks; i++)
		gives |= b->marks[i].type == type ? b->marks[i].gives : 0;
	return gives;
}

unsigned casebook_asked(const struct casebook *b)
{
	unsigned asked = 0;

	for (size_t i = 0; i < b->n_conditions; i++)
		asked |= b->conditions[i].given | b->conditions[i].needs;
	for (size_t i = 0; i < b->n_duties; i++)
		asked |= b->duties[i].given | b->duties[i].needs;
	return asked;
}

const char *casebook_answers(const struct casebook *b, size_t type)
{
	for (size_t i = 0; i < b->n_answers; i++)
		if (b->answers[i].type == type)
			return b->answers[i].requirement;
	return NULL;
}

bool casebook_concerns(const struct casebook *b, size_t type, size_t concerned, unsigned whose)
{
	for (size_t i = 0; i < b->n_answers; i++)
		if (b->answers[i].type == type && (b->answers[i].whose & whose) != 0 &&
		    (b->answers[i].concerned == CASEBOOK_ANY ||
			b->answers[i].concerned == concerned))
			return true;
	return false;
}
