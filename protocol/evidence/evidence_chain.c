/* The places of a case's documents as their Headers give them (RXP-CHN-001, RXP-CHN-003, RXP-CHN-004, RXP-EVI-011). */
#include "protocol/evidence/evidence.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/evidence/evidence_name.h"

/* The documents that take a Position. */
struct chain {
	const struct rxp_evidence_proof **proofs;
	size_t *index; /* of each among all that were given */
	size_t n;
	const struct rxp_evidence_withheld *withheld;
};

static const struct rxp_header *header_of(const struct chain *c, size_t i)
{
	return &c->proofs[i]->header;
}

static bool same_sender(const struct chain *c, size_t a, size_t b)
{
	return strcmp(header_of(c, a)->outer.from, header_of(c, b)->outer.from) == 0;
}

/* The document of i's sender at that Position; n if there is none. */
static size_t at_position(const struct chain *c, size_t i, uint64_t position)
{
	for (size_t k = 0; k < c->n; k++)
		if (same_sender(c, i, k) && header_of(c, k)->position == position)
			return k;
	return c->n;
}

/* The document of the other sender with that fingerprint; n if there is none. */
static size_t seen_by(const struct chain *c, size_t i, const uint8_t *fingerprint)
{
	for (size_t k = 0; k < c->n; k++)
		if (!same_sender(c, i, k) &&
		    memcmp(c->proofs[k]->fingerprint, fingerprint, RXP_DIGEST_OCTETS) == 0)
			return k;
	return c->n;
}

/* Both between the same two parties, in the same case. */
static bool same_case(const struct rxp_header *a, const struct rxp_header *b)
{
	bool straight =
	    strcmp(a->outer.from, b->outer.from) == 0 && strcmp(a->outer.to, b->outer.to) == 0;
	bool crossed =
	    strcmp(a->outer.from, b->outer.to) == 0 && strcmp(a->outer.to, b->outer.from) == 0;

	return a->in_case && b->in_case && memcmp(a->case_id, b->case_id, sizeof a->case_id) == 0 &&
	       (straight || crossed);
}

static size_t n_withheld(const struct chain *c, const char *from)
{
	size_t n = 0;

	for (size_t i = 0; i < 2; i++)
		if (strcmp(c->withheld->from[i], from) == 0)
			n = c->withheld->n[i];
	return n;
}

/* So many documents of i's sender before i are not here; each that is is alone at its Position. */
static uint64_t n_before(const struct chain *c, size_t i)
{
	uint64_t before = 0;

	for (size_t k = 0; k < c->n; k++)
		before +=
		    same_sender(c, i, k) && header_of(c, k)->position < header_of(c, i)->position;
	return header_of(c, i)->position - 1 - before;
}

static bool may_miss(const struct chain *c, size_t i)
{
	return n_before(c, i) <= n_withheld(c, header_of(c, i)->outer.from);
}

static bool previous_fits(const struct chain *c, size_t i)
{
	const struct rxp_header *h = header_of(c, i);
	size_t before;

	if (h->position == 1)
		return !h->has_previous;
	before = at_position(c, i, h->position - 1);
	if (before == c->n)
		return h->has_previous && may_miss(c, i);
	return h->has_previous &&
	       memcmp(h->previous, c->proofs[before]->fingerprint, sizeof h->previous) == 0;
}

/* How far i's sender had seen the other side: a Position, 0 for nothing, or at least that if what it names is withheld. False if Seen
 * names nothing. */
static bool seen_position(const struct chain *c, size_t i, uint64_t *out)
{
	size_t k;

	*out = 0;
	if (!header_of(c, i)->has_seen)
		return true;
	k = seen_by(c, i, header_of(c, i)->seen);
	if (k == c->n)
		return n_withheld(c, header_of(c, i)->outer.to) > 0;
	*out = header_of(c, k)->position;
	return true;
}

static bool seen_is_here(const struct chain *c, size_t i)
{
	return !header_of(c, i)->has_seen || seen_by(c, i, header_of(c, i)->seen) < c->n;
}

static bool seen_fits(const struct chain *c, size_t i)
{
	uint64_t seen, seen_before;
	size_t before = at_position(c, i, header_of(c, i)->position - 1);

	if (!seen_position(c, i, &seen))
		return false;
	return before == c->n || (seen_position(c, before, &seen_before) &&
				     (seen_before <= seen || !seen_is_here(c, i)));
}

/* In one case with the first, and alone at its Position. */
static bool place_fits(const struct chain *c, size_t i)
{
	return same_case(header_of(c, i), header_of(c, 0)) &&
	       at_position(c, i, header_of(c, i)->position) == i;
}

/* Each asks what the ones before have made sure of all documents. */
static const struct {
	bool (*fits)(const struct chain *c, size_t i);
	const char *requirement;
} rules[] = {
    {place_fits, "RXP-CHN-001"},
    {previous_fits, "RXP-CHN-003"},
    {seen_fits, "RXP-CHN-004"},
};

static void take(struct chain *c, const struct rxp_evidence_place *places, size_t i)
{
	c->index[c->n] = i;
	c->proofs[c->n++] = places[i].proof;
}

/* Is it of the same case as one that is taken, sealed by the other State, which names it in Seen? */
static bool is_seen(const struct chain *c, const struct rxp_evidence_proof *proof)
{
	for (size_t k = 0; k < c->n; k++) {
		const struct rxp_header *h = header_of(c, k);

		if (same_case(h, &proof->header) &&
		    strcmp(h->outer.from, proof->header.outer.to) == 0 && h->has_seen &&
		    memcmp(h->seen, proof->fingerprint, sizeof h->seen) == 0)
			return true;
	}
	return false;
}

/* What was receipted, then what one of those taken names, until none is added. */
static void take_places(struct chain *c, struct rxp_evidence_place *places, size_t n)
{
	size_t before;

	for (size_t i = 0; i < n; i++) {
		places[i].contradicted = false;
		if (!places[i].refused)
			take(c, places, i);
	}
	do {
		before = c->n;
		for (size_t i = 0; i < n; i++)
			if (places[i].refused && !places[i].contradicted &&
			    is_seen(c, places[i].proof)) {
				places[i].contradicted = true;
				take(c, places, i);
			}
	} while (c->n > before);
}

static int judge(size_t *at, const char **requirement, const struct chain *c)
{
	for (size_t r = 0; r < sizeof rules / sizeof rules[0]; r++)
		for (size_t i = 0; i < c->n; i++)
			if (!rules[r].fits(c, i)) {
				*at = c->index[i];
				*requirement = rules[r].requirement;
				return RXP_ERR_MISMATCH;
			}
	return 0;
}

static int begin(struct chain *c, const struct rxp_evidence_withheld *withheld,
    struct rxp_evidence_place *places, size_t n)
{
	*c = (struct chain){.withheld = withheld,
	    .proofs = calloc(n + 1, sizeof(const struct rxp_evidence_proof *)),
	    .index = calloc(n + 1, sizeof *c->index)};
	if (c->proofs == NULL || c->index == NULL)
		return RXP_ERR_NOMEM;
	take_places(c, places, n);
	return 0;
}

static void end(struct chain *c)
{
	free(c->proofs);
	free(c->index);
}

static bool of_one_case(size_t *at, const struct rxp_evidence_place *places, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (!same_case(&places[i].proof->header, &places[0].proof->header)) {
			*at = i;
			return false;
		}
	return true;
}

/* The document of that fingerprint from that State; NULL if it is not here. */
static const struct rxp_header *document_of(const struct rxp_evidence_place *places, size_t n,
    const uint8_t fingerprint[RXP_DIGEST_OCTETS], const char *from)
{
	for (size_t i = 0; i < n; i++) {
		const struct rxp_header *h = &places[i].proof->header;

		if (strcmp(h->outer.from, from) == 0 &&
		    memcmp(places[i].proof->fingerprint, fingerprint, RXP_DIGEST_OCTETS) == 0)
			return h;
	}
	return NULL;
}

/* Of one that takes no Position: is what it goes on from here, and what it names as seen? */
static bool goes_on(const struct rxp_evidence_place *places, size_t n, const struct rxp_header *h)
{
	const struct rxp_header *previous =
	    h->has_previous ? document_of(places, n, h->previous, h->outer.from) : NULL;

	return (previous != NULL) == h->has_previous &&
	       h->position == (previous != NULL ? previous->position + 1 : 1) &&
	       (!h->has_seen || document_of(places, n, h->seen, h->outer.to) != NULL);
}

static void look_back(struct rxp_evidence_place *places, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const bool placed = !places[i].refused || places[i].contradicted;

		places[i].rooted = placed || goes_on(places, n, &places[i].proof->header);
	}
}

int rxp_evidence_chain(size_t *at, const char **requirement, struct rxp_evidence_place *places,
    size_t n, const struct rxp_evidence_withheld *withheld)
{
	struct chain c;
	int rc = begin(&c, withheld, places, n);

	if (rc == 0 && n > 1)
		rc = judge(at, requirement, &c);
	if (rc == 0 && n > 1 && !of_one_case(at, places, n)) {
		*requirement = "RXP-EVI-008";
		rc = RXP_ERR_MISMATCH;
	}
	if (rc == 0)
		look_back(places, n);
	end(&c);
	return rc;
}

/* Of the party at least so many. */
static void miss(struct rxp_evidence_withheld *out, const char *party, uint64_t n)
{
	for (size_t i = 0; i < 2; i++)
		if (strcmp(out->from[i], party) == 0 && out->n[i] < n)
			out->n[i] = (size_t)n;
}

static void count_missing(struct rxp_evidence_withheld *out, const struct chain *c)
{
	memcpy(out->from, c->withheld->from, sizeof out->from);
	for (size_t i = 0; i < c->n; i++) {
		const struct rxp_header *h = header_of(c, i);

		if (!h->in_case)
			continue;
		miss(out, h->outer.from, n_before(c, i));
		if (!seen_is_here(c, i))
			miss(out, h->outer.to, 1);
	}
	for (size_t i = 0; i < 2; i++)
		out->n[i] -= out->n[i] < c->withheld->n[i] ? out->n[i] : c->withheld->n[i];
}

int rxp_evidence_missing(struct rxp_evidence_withheld *out, struct rxp_evidence_place *places,
    size_t n, const struct rxp_evidence_withheld *withheld)
{
	struct rxp_evidence_withheld missing = {.n = {0}};
	struct chain c;
	int rc = begin(&c, withheld, places, n);

	if (rc == 0)
		count_missing(&missing, &c);
	end(&c);
	/* A receiver refuses what would come behind RXP_MAX_CASE_DOCUMENTS: of no case that a node holds so many are missing. */
	if (missing.n[0] > RXP_EVIDENCE_DOCUMENTS_MAX || missing.n[1] > RXP_EVIDENCE_DOCUMENTS_MAX)
		missing = (struct rxp_evidence_withheld){.n = {0}};
	if (rc == 0)
		*out = missing;
	return rc;
}
