#include "conformance/hear/sent_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/limits.h"

#define LEAST_PAUSE_MS 100

/* --- tools ----------------------------------------------------------------------------------- */

static bool say(struct sent_look *l, const struct heard *at, const char *why)
{
	(void)snprintf(l->why, sizeof l->why, "%s", why);
	l->at = at;
	return false;
}

bool sent_of_each(struct sent_look *l, sent_holds *good, const char *why)
{
	for (const struct heard *h = l->first; h != NULL; h = h->next)
		if (!good(l, h))
			return say(l, h, why);
	return true;
}

bool sent_all_differ(struct sent_look *l, size_t at, size_t len, const char *why)
{
	for (const struct heard *h = l->first; h != NULL; h = h->next)
		for (const struct heard *other = l->first; h->stage > HEARD_DECRYPT && other != h;
		     other = other->next)
			if (other->stage > HEARD_DECRYPT &&
			    memcmp((const char *)h + at, (const char *)other + at, len) == 0)
				return say(l, h, why);
	return true;
}

bool sent_is_open(const struct heard *h)
{
	return h->stage == HEARD_CHECK || h->stage == HEARD_OPENED;
}

/* --- identity and time ----------------------------------------------------------------------- */

bool look_documents_differ(struct sent_look *l)
{
	return sent_all_differ(l, offsetof(struct heard, fingerprint), sizeof l->first->fingerprint,
	    "two messages have one fingerprint");
}

static bool lives_rightly(const struct sent_look *l, const struct heard *h)
{
	int64_t life_ms = h->header.outer.expires_ms - h->header.outer.created_ms;

	(void)l;
	return !sent_is_open(h) || (life_ms > 0 && life_ms <= RXP_MAX_LIFETIME_MS);
}

bool look_expires(struct sent_look *l)
{
	return sent_of_each(l, lives_rightly, "a life of another length");
}

static bool lives_60_days(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !sent_is_open(h) ||
	       h->header.outer.expires_ms - h->header.outer.created_ms == RXP_DEFAULT_LIFETIME_MS;
}

bool look_expires_60(struct sent_look *l)
{
	return sent_of_each(l, lives_60_days, "a life of another length");
}

/* --- tries ----------------------------------------------------------------------------------- */

static bool is_same(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->differs;
}

bool look_same_octets(struct sent_look *l)
{
	return sent_of_each(l, is_same, "a later try has other octets");
}

static bool is_over(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return h->after == 0;
}

bool look_ends(struct sent_look *l)
{
	return sent_of_each(l, is_over, "it was sent again after its final answer");
}

/* A stream that was surely not processed may be tried again at once. */
static bool is_patient(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	for (unsigned i = 2; i < h->tries && i < HEARD_TRIES; i++)
		if (h->try_ms[i] - h->try_ms[i - 1] < LEAST_PAUSE_MS)
			return false;
	return true;
}

bool look_pace(struct sent_look *l)
{
	return sent_of_each(l, is_patient, "tries follow one another at once");
}

/* --- history --------------------------------------------------------------------------------- */

/* The copy before this one; NULL: it is the first of its request. */
static const struct heard *copy_before(const struct sent_look *l, const struct heard *h)
{
	const struct heard *before = NULL;

	for (const struct heard *other = l->first; other != h; other = other->next)
		if (other->copies && memcmp(other->request, h->request, sizeof h->request) == 0)
			before = other;
	return before;
}

/* The copy of its request that came before it under its Number; NULL: none did. */
static const struct heard *copy_of_number(const struct sent_look *l, const struct heard *h)
{
	const struct heard *before = NULL;

	for (const struct heard *other = l->first; h->copies && other != h; other = other->next)
		if (other->copies && other->number == h->number &&
		    memcmp(other->request, h->request, sizeof h->request) == 0)
			before = other;
	return before;
}

static bool is_next(const struct sent_look *l, const struct heard *h)
{
	uint64_t most = 0;

	for (const struct heard *other = l->first; h->copies && other != h; other = other->next)
		if (other->copies && other->number > most &&
		    memcmp(other->request, h->request, sizeof h->request) == 0)
			most = other->number;
	return !h->copies || (h->number > 0 && h->number <= most + 1);
}

bool look_numbers(struct sent_look *l)
{
	return sent_of_each(l, is_next, "a number is left out");
}

/* RXP-HIS-015 */
static bool is_none_again(const struct sent_look *l, const struct heard *h)
{
	const struct heard *before = copy_of_number(l, h);

	return before == NULL || (!h->has_copy && h->last == before->last);
}

bool look_none_again(struct sent_look *l)
{
	return sent_of_each(l, is_none_again, "a number comes twice, and gives something again");
}

static bool is_last_empty(const struct sent_look *l, const struct heard *h)
{
	(void)l;
	return !h->copies || !h->last || !h->has_copy;
}

bool look_last_is_empty(struct sent_look *l)
{
	return sent_of_each(l, is_last_empty, "the last one has a Copy");
}

static bool waits_its_turn(const struct sent_look *l, const struct heard *h)
{
	const struct heard *before = h->copies ? copy_before(l, h) : NULL;

	return before == NULL || copy_of_number(l, h) != NULL || before->ended_ms <= h->try_ms[0];
}

bool look_one_at_a_time(struct sent_look *l)
{
	return sent_of_each(l, waits_its_turn, "a copy came before the one before it was answered");
}

/* --- the table ------------------------------------------------------------------------------- */

static const struct sent_case cases[] = {
#define SENT(requirement, number, least, look, name) \
	{{requirement "." number, "RXP-" requirement, name}, least, false, look_##look},
#define ADVISED(requirement, number, least, look, name) \
	{{requirement "." number, "RXP-" requirement, name}, least, true, look_##look},
#include "conformance/hear/sent.def"
#undef SENT
};
#define N_CASES (sizeof cases / sizeof cases[0])

size_t sent_total(void)
{
	return N_CASES;
}

const struct sent_case *sent_at(size_t i)
{
	if (i >= N_CASES)
		abort();
	return &cases[i];
}
