#include "protocol/evidence/dossier_party.h"

#include <string.h>

#include "protocol/base/err.h"

#define DESCRIPTORS "descriptors"

/* The descriptors of one State. */
struct papers {
	const struct rxp_entry *in_force;
	char party[RXP_PARTY_TEXT]; /* as its name says */
	size_t n;
	struct rxp_evidence_descriptor former[RXP_EVIDENCE_FORMER_MAX];
	const struct rxp_entry *entry[RXP_EVIDENCE_FORMER_MAX];
};

static void read_party(struct rxp_dossier_work *w, size_t at, const struct papers *papers)
{
	const struct rxp_evidence_descriptor in_force = {
	    papers->in_force->octets.data, papers->in_force->octets.len};
	struct rxp_evidence_party *party = NULL;
	const struct rxp_entry *entry;
	size_t bad;
	int rc = rxp_evidence_party_open_all(
	    &party, &bad, w->known, &in_force, papers->former, papers->n);

	entry = bad == papers->n ? papers->in_force : papers->entry[bad];
	if (rc == RXP_ERR_MISMATCH && bad < papers->n) {
		rxp_dossier_wrong(w, entry->name, "broken, or the descriptor of another party");
	} else if (rc != 0) {
		rxp_dossier_error(w, entry->name, rc, NULL);
	} else if (strcmp(party->party, papers->party) != 0) {
		rxp_dossier_wrong(w, entry->name, "the descriptor of another party");
		rxp_evidence_party_free(party);
	} else {
		w->out->parties[at] = party;
	}
}

/* If none of the roots given is of any chain, it may be another State for which somebody takes this one. That of a chain that people
 * gave up is of no use where nothing is under it. */
static void compare(struct rxp_dossier_work *w, size_t at, const struct papers *papers,
    const struct rxp_dossier_root *roots, size_t n)
{
	struct rxp_evidence_party *party = w->out->parties[at];
	bool given = false, any = false;

	if (party == NULL)
		return;
	for (size_t i = 0; i < n; i++)
		if (strcmp(roots[i].party, papers->party) == 0) {
			given = true;
			any = rxp_evidence_party_compare(party, roots[i].digest) || any;
		}
	if (!given || any) {
		w->out->compared[at] = party->compared[0];
		return;
	}
	rxp_dossier_wrong(w, papers->in_force->name,
	    "not sealed under the root given, or another root in its chain");
	rxp_evidence_party_free(party);
	w->out->parties[at] = NULL;
}

/* A former descriptor stands before the others in the order of names, so those in force are found first. */
static size_t list_in_force(struct rxp_dossier_work *w, struct papers papers[RXP_DOSSIER_PARTIES])
{
	size_t n = 0;

	for (size_t i = 0; i < w->container->n; i++) {
		const struct rxp_entry *entry = &w->container->entries[i];
		struct rxp_evidence_name name;

		if (rxp_evidence_name_parse(&name, entry->name) != 0 ||
		    name.kind != RXP_EVIDENCE_NAME_DESCRIPTOR)
			continue;
		if (n == RXP_DOSSIER_PARTIES) {
			rxp_dossier_wrong(w, entry->name, "the descriptor of a third party");
			continue;
		}
		papers[n].in_force = entry;
		memcpy(papers[n++].party, name.party, sizeof name.party);
	}
	if (n < RXP_DOSSIER_PARTIES)
		rxp_dossier_wrong(w, DESCRIPTORS, "must hold the descriptors of two parties");
	return n;
}

static void add_former(struct rxp_dossier_work *w, struct papers *papers, size_t n,
    const struct rxp_entry *entry, const struct rxp_evidence_name *name)
{
	for (size_t i = 0; i < n; i++) {
		struct papers *p = &papers[i];

		if (strcmp(p->party, name->party) != 0)
			continue;
		if (name->number != p->n + 1) {
			rxp_dossier_wrong(
			    w, entry->name, "numbers from 1, each once, without a gap");
			return;
		}
		p->former[p->n] =
		    (struct rxp_evidence_descriptor){entry->octets.data, entry->octets.len};
		p->entry[p->n++] = entry;
		return;
	}
	rxp_dossier_wrong(w, entry->name, "of a party whose descriptor is not here");
}

static void list_former(struct rxp_dossier_work *w, struct papers *papers, size_t n)
{
	for (size_t i = 0; i < w->container->n; i++) {
		const struct rxp_entry *entry = &w->container->entries[i];
		struct rxp_evidence_name name;

		if (rxp_evidence_name_parse(&name, entry->name) == 0 &&
		    name.kind == RXP_EVIDENCE_NAME_FORMER)
			add_former(w, papers, n, entry, &name);
	}
}

void rxp_dossier_read_parties(
    struct rxp_dossier_work *w, const struct rxp_dossier_root *roots, size_t n_roots)
{
	struct papers papers[RXP_DOSSIER_PARTIES] = {{.n = 0}};
	size_t n = list_in_force(w, papers), strange = 0;

	list_former(w, papers, n);
	for (size_t i = 0; i < n; i++) {
		read_party(w, i, &papers[i]);
		compare(w, i, &papers[i], roots, n_roots);
	}
	for (size_t i = 0; i < n_roots; i++)
		strange += strcmp(roots[i].party, papers[0].party) != 0 &&
			   strcmp(roots[i].party, papers[1].party) != 0;
	if (n == RXP_DOSSIER_PARTIES && strange > 0)
		rxp_dossier_wrong(w, DESCRIPTORS, "a root is given for a party that is not here");
}
