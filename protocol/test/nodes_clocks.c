#include "protocol/test/nodes_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/test/terms_file.h"

static const struct terms {
	struct rxp_profile profile;
	struct rxp_calendar *calendar;
} * terms(void)
{
	static struct terms t;
	struct rxp_buf octets;

	if (t.calendar != NULL)
		return &t;
	octets = terms_read("generic-test");
	assert_int_equal(rxp_profile_draft(&t.profile, octets.data, octets.len, NULL), 0);
	rxp_buf_free(&octets);
	t.profile.effects.rows[t.profile.effects.n].of = RXP_DISTURBANCE_SUPPLEMENT;
	t.profile.effects.rows[t.profile.effects.n++].does = RXP_EFFECT_STOP;
	t.calendar = terms_calendar("qrb-1");
	return &t;
}

struct rxp_case_moment *nodes_moment(struct node *at, const struct rxp_case_document *d)
{
	return &at->moments[strcmp(d->from, STORY_Q) != 0][d->position];
}

/* What one side tried of the documents that the other, or itself, holds. */
static size_t find_attempts(struct rxp_case_attempt out[SPANS], const struct nodes *n,
    const struct node *at, enum rxp_case_side who)
{
	size_t count = 0;

	for (size_t i = 0; i < n->n_attempts[who]; i++)
		for (size_t k = 0; k < at->held.n; k++)
			if (strcmp(at->held.docs[k].from, n->node[who].party) == 0 &&
			    at->held.docs[k].position == n->attempts[who][i].position)
				out[count++] = (struct rxp_case_attempt){
				    .document = k, .at_ms = n->attempts[who][i].at_ms};
	return count;
}

void nodes_read_clocks(struct clocks *out, struct nodes *n, struct node *at)
{
	static struct rxp_case_moment moments[RXP_MAX_CASE_DOCUMENTS + 1];
	const struct rxp_calendar *versions[] = {terms()->calendar};
	const struct rxp_calendars calendars = {.versions = versions, .n = 1};
	struct rxp_case *c = story_replay(&at->held);
	struct rxp_case_attempt tried[2][SPANS];
	struct rxp_case_times in = {.c = c,
	    .docs = at->held.docs,
	    .moments = moments,
	    .n = at->held.n,
	    .profile = &terms()->profile,
	    .calendars = &calendars,
	    .outages = n->outages,
	    .n_outages = n->n_outages,
	    .attempts = {{tried[0], find_attempts(tried[0], n, at, RXP_CASE_REQUESTING)},
		{tried[1], find_attempts(tried[1], n, at, RXP_CASE_REQUESTED)}},
	    .as_of_ms = n->now_ms};

	memset(out, 0, sizeof *out);
	for (size_t i = 0; i < at->held.n; i++)
		moments[i] = *nodes_moment(at, &at->held.docs[i]);
	for (unsigned key = 1; key <= PLAY_PERSONS; key++)
		for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++) {
			struct rxp_case_clock *o = &out->of[key][clock];

			if (rxp_case_clock(o, &in, key, clock) != 0)
				nodes_found(n, "%s: the clock %s of P%u is not computed", at->party,
				    rxp_clock_row(clock)->word, key);
			if (o->status != RXP_CLOCK_IDLE)
				memcpy(out->begun_by[key][clock],
				    at->held.docs[o->begun_by].fingerprint, RXP_DIGEST_OCTETS);
		}
	rxp_case_free(c);
}

static bool same_clock(const struct clocks *a, const struct clocks *b, unsigned key, unsigned clock)
{
	const struct rxp_case_clock *x = &a->of[key][clock];
	const struct rxp_case_clock *y = &b->of[key][clock];

	return x->status == y->status && x->actor == y->actor && x->off_ms == y->off_ms &&
	       x->done_ms == y->done_ms && x->due.outcome == y->due.outcome &&
	       x->due.start_ms == y->due.start_ms && x->due.due_ms == y->due.due_ms &&
	       x->due.warn_ms == y->due.warn_ms && x->due.provisional == y->due.provisional &&
	       memcmp(a->begun_by[key][clock], b->begun_by[key][clock], RXP_DIGEST_OCTETS) == 0;
}

void nodes_compare_clocks(
    struct nodes *n, const struct clocks *a, const struct clocks *b, const char *where)
{
	for (unsigned key = 1; key <= PLAY_PERSONS; key++)
		for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++)
			if (!same_clock(a, b, key, clock))
				nodes_found(n, "the clock %s of P%u is %s and %s %s",
				    rxp_clock_row(clock)->word, key,
				    rxp_clock_status_word(a->of[key][clock].status),
				    rxp_clock_status_word(b->of[key][clock].status), where);
}
