#include "protocol/test/play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BIT(key) (UINT32_C(1) << ((key)-1))

static bool sound(const struct play_fault *fault)
{
	return fault->text[0] == '\0';
}

struct play_fault play_run(
    const struct play *p, enum rxp_case_state forbidden, struct play_end *end)
{
	struct nodes *n = nodes_new(forbidden);
	struct play_end unused = {.documents = 0};
	struct play_fault found;

	for (size_t i = 0; i < p->n && sound(nodes_fault(n)); i++)
		nodes_step(n, &p->steps[i]);
	if (sound(nodes_fault(n)))
		nodes_finish(n, end == NULL ? &unused : end);
	found = *nodes_fault(n);
	nodes_free(n);
	return found;
}

/* --- the shortest play that still fails ------------------------------------------------------ */

static bool fails(const struct play *p, enum rxp_case_state forbidden)
{
	struct play_fault found = play_run(p, forbidden, NULL);

	return !sound(&found);
}

/* Without count steps from at on; true if it still fails, and then it stays so. */
static bool leave_out(struct play *p, size_t at, size_t count, enum rxp_case_state forbidden)
{
	struct play *shorter = malloc(sizeof *shorter);
	bool still;

	assert_non_null(shorter);
	*shorter = *p;
	memmove(&shorter->steps[at], &shorter->steps[at + count],
	    (shorter->n - at - count) * sizeof shorter->steps[0]);
	shorter->n -= count;
	still = fails(shorter, forbidden);
	if (still)
		*p = *shorter;
	free(shorter);
	return still;
}

static bool leave_out_steps(struct play *p, enum rxp_case_state forbidden)
{
	bool any = false;

	for (size_t count = p->n; count > 0; count /= 2)
		for (size_t at = 0; at + count <= p->n;)
			if (leave_out(p, at, count, forbidden))
				any = true;
			else
				at++;
	return any;
}

/* One change to a step; taken back if the play does not fail any more. */
static bool try(struct play *p, size_t at, struct play_step simpler, enum rxp_case_state forbidden)
{
	struct play_step before = p->steps[at];

	if (memcmp(&before, &simpler, sizeof before) == 0)
		return false;
	p->steps[at] = simpler;
	if (fails(p, forbidden))
		return true;
	p->steps[at] = before;
	return false;
}

/* Fewer persons, fewer marks, the last document, no time. */
static bool simplify(struct play *p, size_t at, enum rxp_case_state forbidden)
{
	struct play_step s;
	bool any = false;

	for (unsigned bit = 0; bit < 32; bit++) {
		s = p->steps[at];
		s.persons &= ~(UINT32_C(1) << bit);
		s.others &= s.persons;
		s.marked &= s.persons;
		any = try(p, at, s, forbidden) || any;
		s = p->steps[at];
		s.traits &= ~(1u << bit);
		any = try(p, at, s, forbidden) || any;
		s = p->steps[at];
		s.others &= ~(UINT32_C(1) << bit);
		any = try(p, at, s, forbidden) || any;
	}
	s = p->steps[at];
	s.older = 0;
	any = try(p, at, s, forbidden) || any;
	s = p->steps[at];
	s.hours = 0;
	any = try(p, at, s, forbidden) || any;
	s = p->steps[at];
	s.due_days = 0;
	any = try(p, at, s, forbidden) || any;
	s = p->steps[at];
	s.at_hours = 0;
	return try(p, at, s, forbidden) || any;
}

void play_shrink(struct play *p, enum rxp_case_state forbidden)
{
	bool any = fails(p, forbidden);

	while (any) {
		any = leave_out_steps(p, forbidden);
		for (size_t i = 0; i < p->n; i++)
			any = simplify(p, i, forbidden) || any;
	}
}

/* --- telling it ----------------------------------------------------------------------------- */

static void print_act(const struct play_step *s)
{
	const struct rxp_case_event_row *row = rxp_case_event_row(s->event);

	print_message("%s seals %s", story_party(s->who), rxp_type_row(row->type)->wire);
	if (!rxp_case_type(row->type)->names_persons)
		print_message(": %s", row->word);
	for (unsigned key = 1; rxp_case_type(row->type)->names_persons && key <= RXP_MAX_PERSONS;
	     key++) {
		if ((s->persons & BIT(key)) == 0)
			continue;
		print_message(" P%u: %s", key,
		    (s->others & BIT(key)) != 0
			? rxp_case_event_row(nodes_next_event(s->event))->word
			: row->word);
		for (unsigned trait = 0; trait < RXP_CASE_TRAIT_COUNT; trait++)
			if ((s->marked & BIT(key)) != 0 && (s->traits & 1u << trait) != 0)
				print_message(" (%s)", rxp_case_trait_name(trait));
	}
	if (s->older > 0)
		print_message(", concerning an older document (%u)", s->older);
	if (s->due_days > 0)
		print_message(", due in %u days", s->due_days);
	if (s->at_hours > 0)
		print_message(", of %u hours ago", s->at_hours);
	print_message("\n");
}

void play_print(const struct play *p)
{
	static const char *const says[PLAY_KIND_COUNT] = {
	    [PLAY_ARRIVE] = "document arrives",
	    [PLAY_RECEIPT] = "gets the receipt",
	    [PLAY_LOSE_RECEIPT] = "does not get the receipt and sends again",
	    [PLAY_AGAIN] = "document arrives again",
	    [PLAY_RESTART] = "starts anew",
	    [PLAY_OUTAGE] = "declares an outage",
	    [PLAY_ATTEMPT] = "tries to deliver",
	};

	for (size_t i = 0; i < p->n; i++) {
		print_message("%3zu  %u hours later ", i + 1, p->steps[i].hours);
		if (p->steps[i].kind == PLAY_ACT)
			print_act(&p->steps[i]);
		else
			print_message(
			    "%s %s\n", story_party(p->steps[i].who), says[p->steps[i].kind]);
	}
}
