#include "protocol/test/nodes_inside.h"

#include <string.h>

/* Does the i-th document count, and for this person? */
static bool is_effective(const struct node *at, const struct rxp_case *c, size_t i, unsigned key)
{
	const struct rxp_case_document *d = &at->held.docs[i];
	struct rxp_answer_last last;

	rxp_case_last(&last, c, d->from);
	return d->position <= last.position && story_names(d, key) &&
	       (rxp_case_overtaken(c, i) & BIT(key)) == 0;
}

/* The last document of the events' mask that took effect for the person; NULL if none did. */
static const struct rxp_case_document *last_effective(
    const struct node *at, const struct rxp_case *c, unsigned key, uint64_t events)
{
	const struct rxp_case_document *last = NULL;

	for (size_t i = 0; i < at->held.n; i++) {
		const struct rxp_case_document *d = &at->held.docs[i];

		for (unsigned p = 0; p < d->n_persons && is_effective(at, c, i, key); p++)
			if (d->persons[p].key == key &&
			    (events & UINT64_C(1) << d->persons[p].event) != 0 &&
			    (last == NULL || d->position > last->position))
				last = d;
	}
	return last;
}

#define EVENT(name) (UINT64_C(1) << RXP_CASE_EVENT_##name)
#define NOTIFICATIONS (EVENT(NOTIFY) | EVENT(NOTIFY_OWN_DOCUMENT) | EVENT(ANNOUNCE))

static unsigned gives_of(const struct rxp_case_document *d, unsigned key)
{
	for (unsigned p = 0; p < d->n_persons; p++)
		if (d->persons[p].key == key)
			return d->persons[p].gives;
	return 0;
}

/* A planned transfer is the one that was agreed; a child's interests were assessed for it, and a child on
 * their own has a guardian, named by the one State and confirmed by the other. */
static void check_planned(
    struct nodes *n, const struct node *at, const struct rxp_case *c, unsigned key)
{
	const struct rxp_case_document *planned = last_effective(at, c, key, NOTIFICATIONS);
	const struct rxp_case_document *agreed = last_effective(at, c, key, EVENT(AGREE_TRANSFER));

	if (planned == NULL || agreed == NULL ||
	    memcmp(agreed->about, planned->fingerprint, sizeof agreed->about) != 0)
		nodes_found(
		    n, "%s: P%u is planned for a transfer that nobody agreed to", at->party, key);
	else if ((rxp_case_traits(c, key) & TRAIT(UNACCOMPANIED)) != 0 &&
		 (gives_of(planned, key) & TRAIT(GUARDIAN_CONFIRMED)) == 0)
		nodes_found(
		    n, "%s: P%u is unaccompanied and planned without a guardian", at->party, key);
	else if ((rxp_case_traits(c, key) & TRAIT(UNACCOMPANIED)) != 0 &&
		 (rxp_case_traits(c, key) & TRAIT(GUARDIAN_NAMED)) == 0)
		nodes_found(
		    n, "%s: P%u is planned and nobody said who receives the child", at->party, key);
	else if ((rxp_case_traits(c, key) & TRAIT(CHILD)) != 0 &&
		 planned->type == RXP_TYPE_TRANSFER_NOTIFICATION &&
		 (gives_of(planned, key) & TRAIT(BEST_INTERESTS)) == 0)
		nodes_found(
		    n, "%s: the interests of the child P%u were not assessed", at->party, key);
}

static bool is_withdrawn(enum rxp_case_state state)
{
	return state == RXP_CASE_WITHDRAWN || state == RXP_CASE_TRANSIT_WITHDRAWN;
}

static size_t facts_of(const struct node *at, const struct rxp_case *c, unsigned key)
{
	size_t n = 0;

	for (size_t i = 0; i < at->held.n; i++)
		n += at->held.docs[i].type == RXP_TYPE_TRANSFER_RECORD &&
		     is_effective(at, c, i, key);
	return n;
}

static void check_person(
    struct nodes *n, const struct node *at, const struct rxp_case *c, unsigned key, bool news)
{
	enum rxp_case_state before = at->view.state[key];
	enum rxp_case_state state = rxp_case_person(c, key);

	if (state == n->forbidden)
		nodes_found(n, "%s: P%u is %s", at->party, key, rxp_case_state_name(state));
	if (state == RXP_CASE_PLANNED)
		check_planned(n, at, c, key);
	if (is_withdrawn(before) && !is_withdrawn(state) && state != RXP_CASE_TRANSIT_REVOKED &&
	    facts_of(at, c, key) == at->view.facts[key])
		nodes_found(n, "%s: P%u was withdrawn and is %s", at->party, key,
		    rxp_case_state_name(state));
	if (!news && (before != state || at->view.traits[key] != rxp_case_traits(c, key)))
		nodes_found(n, "%s: P%u was %s and is %s after a start", at->party, key,
		    rxp_case_state_name(before), rxp_case_state_name(state));
}

void nodes_look(struct nodes *n, struct node *at, bool news)
{
	struct rxp_case *c = story_replay(&at->held);

	for (unsigned key = 1; key <= PLAY_PERSONS; key++) {
		check_person(n, at, c, key, news);
		at->view.state[key] = rxp_case_person(c, key);
		at->view.traits[key] = rxp_case_traits(c, key);
		at->view.facts[key] = facts_of(at, c, key);
	}
	for (size_t i = 0; i < at->held.n; i++)
		if (at->held.docs[i].type == RXP_TYPE_TRANSFER_RECORD &&
		    rxp_case_overtaken(c, i) != 0)
			nodes_found(n, "%s: a physical fact has no effect", at->party);
	rxp_case_free(c);
}
