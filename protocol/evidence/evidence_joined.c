#include "protocol/evidence/evidence_joined.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/peering/descriptor.h"
#include "protocol/peering/identity.h"

/* The parts of one descriptor, verified as a chain, each with its fingerprint. */
struct strand {
	size_t n;
	struct rxp_buf parts[RXP_MAX_IDENTITY_PARTS];
	uint8_t fingerprints[RXP_MAX_IDENTITY_PARTS][RXP_DIGEST_OCTETS];
	bool used;
};

/* A chain that grows towards its beginning: the parts of a strand up to one that another begins with. */
struct growing {
	size_t n; /* strands, from the latest back */
	const struct strand *strand[RXP_EVIDENCE_MAX_CHAINS];
	size_t upto[RXP_EVIDENCE_MAX_CHAINS]; /* of its parts */
};

static void strand_free(struct strand *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&s->parts[i]);
	free(s);
}

static int read_fingerprints(struct strand *s)
{
	struct rxp_identity *identity = calloc(1, sizeof *identity);
	struct rxp_identity_root root;
	int rc = identity == NULL ? RXP_ERR_NOMEM : 0;

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		rxp_identity_init(identity);
		rc = rxp_identity_read(
		    identity, &root, s->fingerprints[i], s->parts[i].data, s->parts[i].len);
		rxp_identity_clear(identity);
	}
	free(identity);
	return rc;
}

static int strand_read(
    struct strand **out, const struct rxp_evidence_descriptor *octets, const char *party)
{
	struct strand *s = calloc(1, sizeof *s);
	struct rxp_descriptor *d = NULL;
	struct rxp_buf working;
	int rc;

	if (s == NULL)
		return RXP_ERR_NOMEM;
	rxp_buf_init(&working, 0);
	rc = rxp_descriptor_open(&d, octets->data, octets->len, NULL);
	if (rc == 0 && strcmp(d->identity.party, party) != 0)
		rc = RXP_ERR_MISMATCH;
	if (rc == 0)
		rc = rxp_descriptor_split(s->parts, &s->n, &working, octets->data, octets->len);
	if (rc == 0)
		rc = read_fingerprints(s);
	rxp_buf_free(&working);
	rxp_descriptor_free(d);
	if (rc != 0)
		strand_free(s);
	else
		*out = s;
	return rc;
}

/* The place of the part in the strand; its number of parts if it is not there. */
static size_t place_of(const struct strand *s, const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	size_t i = 0;

	while (i < s->n && memcmp(s->fingerprints[i], fingerprint, RXP_DIGEST_OCTETS) != 0)
		i++;
	return i;
}

/* Is this one's latest part in the chain? Then it has nothing that is not there but what may come before. */
static bool is_within(const struct growing *g, const struct strand *s)
{
	for (size_t i = 0; i < g->n; i++)
		if (place_of(g->strand[i], s->fingerprints[s->n - 1]) < g->upto[i])
			return true;
	return false;
}

/* What the strand has before the chain's oldest part goes before that. One that goes on elsewhere than the chain does is a chain of
 * its own as well. Returns whether anything came of it. */
static bool join(struct growing *g, struct strand *s)
{
	size_t at = place_of(s, g->strand[g->n - 1]->fingerprints[0]);
	bool before = at > 0 && at < s->n;

	s->used = is_within(g, s);
	if (before) {
		g->strand[g->n] = s;
		g->upto[g->n++] = at;
	}
	return before || s->used;
}

/* Of the strands that are in no chain yet, all that join this one, until none does. */
static void gather(struct growing *g, struct strand *const *strands, size_t n)
{
	bool any = true;

	while (any) {
		any = false;
		for (size_t i = 0; i < n; i++)
			any = (!strands[i]->used && join(g, strands[i])) || any;
	}
}

/* The parts themselves, oldest first: they go over from the strands. */
static int take_parts(struct rxp_evidence_joined *joined, const struct growing *g)
{
	size_t n = 0;
	struct rxp_buf *parts;

	for (size_t i = 0; i < g->n; i++)
		n += g->upto[i];
	parts = calloc(n, sizeof *parts);
	if (parts == NULL)
		return RXP_ERR_NOMEM;
	joined->chains[joined->n].parts = parts;
	joined->chains[joined->n].n = n;
	joined->n++;
	for (size_t i = 0; i < n; i++)
		rxp_buf_init(&parts[i], RXP_MAX_PART_OCTETS);
	for (size_t i = g->n; i-- > 0;)
		for (size_t k = 0; k < g->upto[i]; k++) {
			const struct rxp_buf *from = &g->strand[i]->parts[k];
			int rc = rxp_buf_put(parts++, from->data, from->len);

			if (rc != 0)
				return rc;
		}
	return 0;
}

/* strands: that in force last. A chain begins with its latest strand. */
static int make_chains(struct rxp_evidence_joined *joined, struct strand *const *strands, size_t n)
{
	int rc = 0;

	for (size_t i = n; rc == 0 && i-- > 0;) {
		struct growing g = {.n = 1};

		if (strands[i]->used)
			continue;
		strands[i]->used = true;
		g.strand[0] = strands[i];
		g.upto[0] = strands[i]->n;
		gather(&g, strands, n);
		rc = take_parts(joined, &g);
	}
	return rc;
}

int rxp_evidence_join(struct rxp_evidence_joined **out, size_t *bad,
    const struct rxp_evidence_descriptor *in_force, const struct rxp_evidence_descriptor *former,
    size_t n, const char *party)
{
	struct strand *strands[RXP_EVIDENCE_MAX_CHAINS] = {NULL};
	struct rxp_evidence_joined *joined = NULL;
	int rc = 0;

	*bad = n;
	if (n > RXP_EVIDENCE_FORMER_MAX)
		return RXP_ERR_BOUND;
	for (size_t i = 0; rc == 0 && i < n; i++)
		if ((rc = strand_read(&strands[i], &former[i], party)) != 0)
			*bad = i;
	if (rc == 0)
		rc = strand_read(&strands[n], in_force, party);
	if (rc == 0 && (joined = calloc(1, sizeof *joined)) == NULL)
		rc = RXP_ERR_NOMEM;
	if (rc == 0)
		rc = make_chains(joined, strands, n + 1);
	for (size_t i = 0; i <= n; i++)
		strand_free(strands[i]);
	if (rc != 0)
		rxp_evidence_joined_free(joined);
	else
		*out = joined;
	return rc;
}

void rxp_evidence_joined_free(struct rxp_evidence_joined *joined)
{
	if (joined == NULL)
		return;
	for (size_t i = 0; i < joined->n; i++) {
		for (size_t k = 0; k < joined->chains[i].n; k++)
			rxp_buf_free(&joined->chains[i].parts[k]);
		free(joined->chains[i].parts);
	}
	free(joined);
}
