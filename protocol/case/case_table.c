#include "protocol/case/case_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

#define RXP_CASE_TRAIT_NONE RXP_CASE_TRAIT_COUNT
#define BIT(trait) ((trait) == RXP_CASE_TRAIT_NONE ? 0u : (rxp_traits)1 << (trait))

/* Does the case end for a person who is kept so? */
#define ENDS_NEVER false
#define ENDS_LAPSED false
#define ENDS_AT_ONCE true
#define ENDS_REFUSED true
#define ENDS_WITHDRAWN true
#define ENDS_COMPLETED true

static const struct state {
	const char *word;
	bool ends;
} states[] = {
#define CASE_STATE(name, word_, kind, kept, meaning) \
	[RXP_CASE_##name] = {.word = (word_), .ends = ENDS_##kept},
#include "protocol/case/case.def"
};

static const char *const traits[] = {
#define CASE_TRAIT(name, word, keeps, meaning) [RXP_CASE_TRAIT_##name] = (word),
#include "protocol/case/case.def"
};

/* The traits that stay. */
static const rxp_traits kept = 0
#define CASE_TRAIT(name, word, keeps, meaning) | ((keeps) != 0 ? BIT(RXP_CASE_TRAIT_##name) : 0)
#include "protocol/case/case.def"
    ;

static const struct rxp_case_event_row events[] = {
#define CASE_EVENT(name, word_, type_, sender_, mark_, trait, step_) \
	[RXP_CASE_EVENT_##name] = {.type = RXP_TYPE_##type_, \
	    .sender = RXP_CASE_BY_##sender_, \
	    .word = (word_), \
	    .mark = (mark_), \
	    .gives = BIT(RXP_CASE_TRAIT_##trait), \
	    .step = RXP_CASE_##step_},
#include "protocol/case/case.def"
};

/* Of each event the traits with which it is free, a mask. */
static const rxp_traits frees[RXP_CASE_EVENT_COUNT] = {
#define CASE_FREE(event, trait) [RXP_CASE_EVENT_##event] = BIT(RXP_CASE_TRAIT_##trait),
#include "protocol/case/case.def"
};

enum names { NAMES_ALL, NAMES_PERSONS };

static const struct rxp_case_type types[RXP_TYPE_COUNT] = {
#define CASE_DOCUMENT(type_, names_, rank_, opens_) \
	[RXP_TYPE_##type_].in_case = true, [RXP_TYPE_##type_].opens = (opens_) != 0, \
	[RXP_TYPE_##type_].names_persons = NAMES_##names_ == NAMES_PERSONS, \
	[RXP_TYPE_##type_].rank = RXP_CASE_RANK_##rank_,
#include "protocol/case/case.def"
};

static const struct rxp_case_mark marks[] = {
#define CASE_MARK(type_, element_, value_, trait_) \
	{RXP_TYPE_##type_, (element_), (value_), RXP_CASE_TRAIT_##trait_},
#include "protocol/case/case.def"
};

static const struct rxp_case_mark_all marks_all[] = {
#define CASE_MARK_ALL(type_, element_, attribute_, value_, trait_) \
	{RXP_TYPE_##type_, (element_), (attribute_), (value_), RXP_CASE_TRAIT_##trait_},
#include "protocol/case/case.def"
};

static const bool behind[RXP_CASE_STATE_COUNT] = {
#define CASE_BEHIND(state) [RXP_CASE_##state] = true,
#include "protocol/case/case.def"
};

#define RXP_TYPE_ANY RXP_TYPE_COUNT
enum whose { BY_OWN = 1, BY_OTHER = 2, BY_EITHER = BY_OWN | BY_OTHER };
static const struct answers {
	struct rxp_case_answers row;
	enum rxp_type type, concerned;
	enum whose whose;
} answers[] = {
#define CASE_ANSWERS(type_, element_, concerned_, whose_, requirement_) \
	{{(element_), (requirement_)}, RXP_TYPE_##type_, RXP_TYPE_##concerned_, BY_##whose_},
#include "protocol/case/case.def"
};

static const struct rxp_case_cell cells[RXP_CASE_STATE_COUNT][RXP_CASE_EVENT_COUNT] = {
#define CASE_MOVE(from, event, to_, requirement_) \
	[RXP_CASE_##from][RXP_CASE_EVENT_##event] = {.requirement = (requirement_), \
	    .to = RXP_CASE_##to_, \
	    .foreseen = true, \
	    .sealed = true},
#define CASE_FACT(from, event, to_, sealed_) \
	[RXP_CASE_##from][RXP_CASE_EVENT_##event] = {.requirement = "RXP-CAS-011", \
	    .to = RXP_CASE_##to_, \
	    .foreseen = false, \
	    .sealed = (sealed_) != 0},
#include "protocol/case/case.def"
};

/* Where the rules for children lead; UNKNOWN, which no state turns to: nowhere. */
static const enum rxp_case_state turns[RXP_CASE_STATE_COUNT] = {
#define CASE_TURN(from, to, requirement) [RXP_CASE_##from] = RXP_CASE_##to,
#include "protocol/case/case.def"
};

#define TRAIT_ALWAYS 0u /* no trait is asked for */
#define TRAIT_NEVER 0u /* no trait helps */
static const struct condition {
	enum rxp_case_event event;
	rxp_traits given, wanted; /* of one trait */
	struct rxp_case_why why;
} conditions[] = {
#define RXP_CASE_TRAIT_ALWAYS RXP_CASE_TRAIT_NONE
#define RXP_CASE_TRAIT_NEVER RXP_CASE_TRAIT_NONE
#define CASE_CONDITION(event_, given_, wanted_, code_, requirement_) \
	{RXP_CASE_EVENT_##event_, BIT(RXP_CASE_TRAIT_##given_), BIT(RXP_CASE_TRAIT_##wanted_), \
	    {RXP_REFUSAL_##code_, (requirement_)}},
#include "protocol/case/case.def"
};

static const struct duty {
	enum rxp_case_event event;
	rxp_traits given, wanted; /* of one trait */
	const char *requirement;
} duties[] = {
#define CASE_DUTY(event_, given_, wanted_, requirement_) \
	{RXP_CASE_EVENT_##event_, BIT(RXP_CASE_TRAIT_##given_), BIT(RXP_CASE_TRAIT_##wanted_), \
	    (requirement_)},
#include "protocol/case/case.def"
};

/* Most events have no condition, and the fold asks for each person. */
static const uint64_t conditional = 0
#define CASE_CONDITION(event, given, wanted, code, requirement) \
	| UINT64_C(1) << RXP_CASE_EVENT_##event
#include "protocol/case/case.def"
    ;
_Static_assert(RXP_CASE_EVENT_COUNT <= 64, "a mask of events fits");

const char *rxp_case_state_name(enum rxp_case_state state)
{
	if ((unsigned)state >= RXP_CASE_STATE_COUNT)
		abort();
	return states[state].word;
}

bool rxp_case_state_ends(enum rxp_case_state state)
{
	if ((unsigned)state >= RXP_CASE_STATE_COUNT)
		abort();
	return states[state].ends;
}

const char *rxp_case_trait_name(enum rxp_case_trait trait)
{
	if ((unsigned)trait >= RXP_CASE_TRAIT_COUNT)
		abort();
	return traits[trait];
}

int rxp_case_trait_parse(enum rxp_case_trait *out, const char *word)
{
	for (unsigned i = 0; i < RXP_CASE_TRAIT_COUNT; i++)
		if (strcmp(traits[i], word) == 0) {
			*out = (enum rxp_case_trait)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}

int rxp_case_event_parse(enum rxp_case_event *out, const char *word)
{
	for (unsigned i = 0; i < RXP_CASE_EVENT_COUNT; i++)
		if (strcmp(events[i].word, word) == 0) {
			*out = (enum rxp_case_event)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}

const struct rxp_case_event_row *rxp_case_event_row(enum rxp_case_event event)
{
	if ((unsigned)event >= RXP_CASE_EVENT_COUNT)
		abort();
	return &events[event];
}

enum rxp_case_step rxp_case_step(enum rxp_case_event event, rxp_traits given)
{
	const struct rxp_case_event_row *row = rxp_case_event_row(event);

	return (frees[event] & given) != 0 ? RXP_CASE_FREE : row->step;
}

const struct rxp_case_type *rxp_case_type(enum rxp_type type)
{
	if ((unsigned)type >= RXP_TYPE_COUNT)
		abort();
	return &types[type];
}

const struct rxp_case_answers *rxp_case_answers(enum rxp_type type)
{
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (answers[i].type == type)
			return &answers[i].row;
	return NULL;
}

bool rxp_case_concerns(enum rxp_type type, enum rxp_type concerned, bool own)
{
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (answers[i].type == type &&
		    (answers[i].concerned == RXP_TYPE_ANY || answers[i].concerned == concerned) &&
		    (answers[i].whose & (own ? BY_OWN : BY_OTHER)) != 0)
			return true;
	return false;
}

const struct rxp_case_mark *rxp_case_mark(size_t i)
{
	return i < sizeof marks / sizeof marks[0] ? &marks[i] : NULL;
}

const struct rxp_case_mark_all *rxp_case_mark_all(size_t i)
{
	return i < sizeof marks_all / sizeof marks_all[0] ? &marks_all[i] : NULL;
}

bool rxp_case_behind(enum rxp_case_state state)
{
	if ((unsigned)state >= RXP_CASE_STATE_COUNT)
		abort();
	return behind[state];
}

bool rxp_case_allows(enum rxp_case_sender sender, enum rxp_case_side side)
{
	return sender == RXP_CASE_BY_EITHER ||
	       (sender == RXP_CASE_BY_REQUESTING) == (side == RXP_CASE_REQUESTING);
}

bool rxp_case_may_send(enum rxp_type type, enum rxp_case_side side)
{
	for (unsigned i = 0; i < RXP_CASE_EVENT_COUNT; i++)
		if (events[i].type == type && rxp_case_allows(events[i].sender, side))
			return true;
	return false;
}

bool rxp_case_may_ask_transfer(enum rxp_type type)
{
	for (unsigned i = 0; i < RXP_CASE_EVENT_COUNT; i++)
		if (events[i].type == type && events[i].step == RXP_CASE_TRANSFER)
			return true;
	return false;
}

const struct rxp_case_cell *rxp_case_cell(enum rxp_case_state from, enum rxp_case_event event)
{
	if ((unsigned)from >= RXP_CASE_STATE_COUNT || (unsigned)event >= RXP_CASE_EVENT_COUNT)
		abort();
	return &cells[from][event];
}

enum rxp_case_state rxp_case_next(
    const struct rxp_case_cell *cell, enum rxp_case_state from, rxp_traits had, rxp_traits has)
{
	const rxp_traits of_children =
	    BIT(RXP_CASE_TRAIT_CHILD) | BIT(RXP_CASE_TRAIT_UNACCOMPANIED);

	if (cell->to != from || turns[from] == RXP_CASE_UNKNOWN || (has & ~had & of_children) == 0)
		return cell->to;
	return turns[from];
}

/* The first condition that is not met; NULL if there is none. */
static const struct rxp_case_why *unmet(enum rxp_case_event event, rxp_traits given)
{
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		const struct condition *row = &conditions[i];

		if (row->event == event &&
		    (row->given == TRAIT_ALWAYS || (row->given & given) != 0) &&
		    (row->wanted == TRAIT_NEVER || (row->wanted & given) == 0))
			return &row->why;
	}
	return NULL;
}

const struct rxp_case_cell *rxp_case_find(const struct rxp_case_why **why, enum rxp_case_state from,
    rxp_traits given, enum rxp_case_event event, enum rxp_case_side side)
{
	static const struct rxp_case_why no_row = {RXP_REFUSAL_STATE, "RXP-CAS-004"};
	const struct rxp_case_cell *cell = rxp_case_cell(from, event);

	*why = &no_row;
	if (cell->requirement == NULL || !rxp_case_allows(events[event].sender, side))
		return NULL;
	if ((conditional & UINT64_C(1) << event) == 0)
		return cell;
	*why = unmet(event, given);
	return *why == NULL ? cell : NULL;
}

const char *rxp_case_owed(enum rxp_case_event event, rxp_traits given)
{
	for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++)
		if (duties[i].event == event && (duties[i].given & given) != 0 &&
		    (duties[i].wanted & given) == 0)
			return duties[i].requirement;
	return NULL;
}

rxp_traits rxp_case_keeps(enum rxp_case_event event, rxp_traits given)
{
	return (rxp_case_event_row(event)->gives | given) & kept;
}
