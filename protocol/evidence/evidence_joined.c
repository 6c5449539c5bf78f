#include "protocol/evidence/evidence_joined.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/peering/descriptor.h"

/* The parts of one descriptor, verified as a chain. */
struct strand {
	size_t n;
	const struct rxp_identity_part *parts[RXP_MAX_IDENTITY_PARTS];
	size_t number; /* among the former ones, from 1; 0: in force */
	bool used;
};

/* A chain that grows towards its beginning: the parts of a strand up to one that another begins with. */
struct growing {
	size_t n; /* strands, from the latest back */
	const struct strand *strand[RXP_EVIDENCE_MAX_CHAINS];
	size_t upto[RXP_EVIDENCE_MAX_CHAINS]; /* of its parts */
};

static const struct rxp_identity_part *latest_of(const struct strand *s)
{
	return s->parts[s->n - 1];
}

static int read_working(const struct strand *s, const struct rxp_buf *working)
{
	struct rxp_working w;
	int rc;

	if (working->len == 0)
		return 0;
	rc = rxp_working_open(
	    &w, working->data, working->len, &latest_of(s)->identity, latest_of(s)->fingerprint);
	if (rc == 0)
		rxp_working_clear(&w);
	return rc;
}

/* As rxp_descriptor_open() verifies it, but for the root, about which a chain says nothing. */
static int strand_read(struct strand *s, struct rxp_identity_known *known,
    const struct rxp_evidence_descriptor *descriptor)
{
	struct rxp_buf parts[RXP_MAX_IDENTITY_PARTS], working;
	int rc = rxp_descriptor_split(parts, &s->n, &working, descriptor->data, descriptor->len);

	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		rc = rxp_identity_known_read(known, &s->parts[i], parts[i].data, parts[i].len);
		if (rc == 0)
			rc = rxp_identity_follows(s->parts[i], i == 0 ? NULL : s->parts[i - 1]);
	}
	if (rc == 0)
		rc = read_working(s, &working);
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&parts[i]);
	rxp_buf_free(&working);
	return rc;
}

/* The place of the part in the strand; its number of parts if it is not there. */
static size_t place_of(const struct strand *s, const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	size_t i = 0;

	while (i < s->n && memcmp(s->parts[i]->fingerprint, fingerprint, RXP_DIGEST_OCTETS) != 0)
		i++;
	return i;
}

/* Is this one's latest part in the chain? Then it has nothing that is not there but what may come before. */
static bool is_within(const struct growing *g, const struct strand *s)
{
	for (size_t i = 0; i < g->n; i++)
		if (place_of(g->strand[i], latest_of(s)->fingerprint) < g->upto[i])
			return true;
	return false;
}

/* What the strand has before the chain's oldest part goes before that. One that goes on elsewhere than the chain does is a chain of
 * its own as well. Returns whether anything came of it. */
static bool join(struct growing *g, struct strand *s)
{
	size_t at = place_of(s, g->strand[g->n - 1]->parts[0]->fingerprint);
	bool before = at > 0 && at < s->n;

	s->used = is_within(g, s);
	if (before) {
		g->strand[g->n] = s;
		g->upto[g->n++] = at;
	}
	return before || s->used;
}

/* Of the strands that are in no chain yet, all that join this one, until none does. */
static void gather(struct growing *g, struct strand *strands, size_t n)
{
	bool any = true;

	while (any) {
		any = false;
		for (size_t i = 0; i < n; i++)
			any = (!strands[i].used && join(g, &strands[i])) || any;
	}
}

/* The parts themselves, oldest first. */
static int take_parts(struct rxp_evidence_joined *joined, const struct growing *g)
{
	size_t n = 0, at, n_former = 0;
	struct rxp_evidence_part *parts;

	for (size_t i = 0; i < g->n; i++)
		n += g->upto[i];
	parts = calloc(n > 0 ? n : 1, sizeof *parts);
	if (parts == NULL)
		return RXP_ERR_NOMEM;
	joined->chains[joined->n].parts = parts;
	joined->chains[joined->n].n = at = n;
	joined->n++;
	for (size_t i = 0; i < g->n; i++) {
		const struct strand *s = g->strand[i];

		n_former = s->number > n_former ? s->number : n_former;
		for (size_t k = g->upto[i]; k-- > 0;)
			parts[--at] = (struct rxp_evidence_part){s->parts[k], n_former};
	}
	return 0;
}

/* Of those that are in no chain the one with the latest part, with which a chain begins; NULL: none is left. */
static struct strand *next_latest(struct strand *strands, size_t n)
{
	struct strand *latest = NULL;

	for (size_t i = 0; i < n; i++) {
		struct strand *s = &strands[i];

		if (!s->used && (latest == NULL || latest_of(s)->identity.serial >
						       latest_of(latest)->identity.serial))
			latest = s;
	}
	return latest;
}

/* The first strand is that in force. */
static int make_chains(struct rxp_evidence_joined *joined, struct strand *strands, size_t n)
{
	struct strand *latest = &strands[0];
	int rc = 0;

	while (rc == 0 && latest != NULL) {
		struct growing g = {.n = 1, .strand = {latest}, .upto = {latest->n}};

		latest->used = true;
		gather(&g, strands, n);
		rc = take_parts(joined, &g);
		latest = next_latest(strands, n);
	}
	return rc;
}

static int read_strands(struct strand *strands, size_t *bad, struct rxp_identity_known *known,
    const struct rxp_evidence_descriptor *in_force, const struct rxp_evidence_descriptor *former,
    size_t n)
{
	int rc = strand_read(&strands[0], known, in_force);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct strand *s = &strands[i + 1];

		s->number = i + 1;
		rc = strand_read(s, known, &former[i]);
		if (rc == 0 && strcmp(latest_of(s)->identity.party,
				   latest_of(&strands[0])->identity.party) != 0)
			rc = RXP_ERR_MISMATCH;
		if (rc != 0)
			*bad = i;
	}
	return rc;
}

int rxp_evidence_join(struct rxp_evidence_joined **out, size_t *bad,
    struct rxp_identity_known *known, const struct rxp_evidence_descriptor *in_force,
    const struct rxp_evidence_descriptor *former, size_t n)
{
	struct strand strands[RXP_EVIDENCE_MAX_CHAINS] = {{.n = 0}};
	struct rxp_evidence_joined *joined = NULL;
	int rc;

	*bad = n;
	if (n > RXP_EVIDENCE_FORMER_MAX)
		return RXP_ERR_BOUND;
	rc = read_strands(strands, bad, known, in_force, former, n);
	if (rc == 0 && (joined = calloc(1, sizeof *joined)) == NULL)
		rc = RXP_ERR_NOMEM;
	if (rc == 0)
		rc = make_chains(joined, strands, n + 1);
	if (rc != 0)
		rxp_evidence_joined_free(joined);
	else
		*out = joined;
	return rc;
}

/* --- one more ------------------------------------------------------------------------------------- */

/* Without those that a hand altered, which are taken out. */
static int join_good(struct rxp_evidence_joined **out, struct rxp_identity_known *known,
    const struct rxp_evidence_descriptor *in_force, struct rxp_evidence_descriptor *former,
    size_t *n)
{
	size_t bad;
	int rc = rxp_evidence_join(out, &bad, known, in_force, former, *n);

	while (rc != 0 && rc != RXP_ERR_NOMEM && rc != RXP_ERR_CRYPTO && bad < *n) {
		--*n;
		memmove(&former[bad], &former[bad + 1], (*n - bad) * sizeof former[0]);
		rc = rxp_evidence_join(out, &bad, known, in_force, former, *n);
	}
	return rc;
}

/* *latest: of the one more; lives as long as known. */
static int read_run(struct rxp_evidence_run *run, const struct rxp_identity_part **latest,
    struct rxp_identity_known *known, const struct rxp_evidence_descriptor *in_force,
    const struct rxp_evidence_descriptor *one)
{
	struct strand present = {.n = 0}, s = {.n = 0};
	int rc = strand_read(&present, known, in_force);

	if (rc == 0)
		rc = strand_read(&s, known, one);
	if (rc != 0)
		return rc;
	*latest = latest_of(&s);
	run->first = s.parts[0]->identity.serial;
	run->last = (*latest)->identity.serial;
	run->newest = run->last > latest_of(&present)->identity.serial;
	return strcmp((*latest)->identity.party, latest_of(&present)->identity.party) == 0
		   ? 0
		   : RXP_ERR_MISMATCH;
}

static bool is_in_force(const struct rxp_evidence_joined *j, const struct rxp_identity_part *part)
{
	bool any = false;

	for (size_t i = 0; i < j->chains[0].n; i++)
		any = any || memcmp(j->chains[0].parts[i].read->fingerprint, part->fingerprint,
				 RXP_DIGEST_OCTETS) == 0;
	return any;
}

/* The latest part of what is more is in the chain in force: the rest of it goes before that, and others may join by it. */
static int compare(const struct rxp_evidence_joined *with,
    const struct rxp_evidence_joined *without, const struct rxp_identity_part *latest)
{
	if (!is_in_force(without, latest))
		return RXP_ERR_STATE;
	return with->chains[0].n > without->chains[0].n ? 0 : RXP_ERR_EXISTS;
}

int rxp_evidence_party_goes_back(struct rxp_evidence_run *run, struct rxp_identity_known *known,
    const struct rxp_evidence_descriptor *in_force, const struct rxp_evidence_descriptor *former,
    size_t n, const struct rxp_evidence_descriptor *one)
{
	struct rxp_evidence_descriptor all[RXP_EVIDENCE_FORMER_MAX];
	struct rxp_evidence_joined *without = NULL, *with = NULL;
	const struct rxp_identity_part *latest = NULL;
	size_t bad;
	int rc = n > RXP_EVIDENCE_FORMER_MAX ? RXP_ERR_BOUND
					     : read_run(run, &latest, known, in_force, one);

	if (rc != 0)
		return rc;
	memcpy(all, former, n * sizeof all[0]);
	rc = join_good(&without, known, in_force, all, &n);
	if (rc == 0 && n == RXP_EVIDENCE_FORMER_MAX)
		rc = RXP_ERR_FULL;
	if (rc == 0) {
		all[n] = *one;
		rc = rxp_evidence_join(&with, &bad, known, in_force, all, n + 1);
	}
	if (rc == 0)
		rc = compare(with, without, latest);
	rxp_evidence_joined_free(without);
	rxp_evidence_joined_free(with);
	return rc;
}

void rxp_evidence_joined_free(struct rxp_evidence_joined *joined)
{
	if (joined == NULL)
		return;
	for (size_t i = 0; i < joined->n; i++)
		free(joined->chains[i].parts);
	free(joined);
}
