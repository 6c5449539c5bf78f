#include "protocol/evidence/dossier_withheld.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

#define WITHHELD "withheld"

static bool is_party(const struct rxp_dossier *e, const char *party)
{
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		if (e->parties[i] != NULL && strcmp(e->parties[i]->party, party) == 0)
			return true;
	return false;
}

/* What its entry says; RXP_WITHHELD_REASONS: none of them. */
static enum rxp_withheld reason_of(const struct rxp_entry *entry)
{
	int why = 0;

	for (; why < RXP_WITHHELD_REASONS; why++) {
		const char *is = rxp_withheld_words((enum rxp_withheld)why)->entry;

		if (entry->octets.len == strlen(is) &&
		    memcmp(entry->octets.data, is, strlen(is)) == 0)
			break;
	}
	return (enum rxp_withheld)why;
}

/* At the place of its number. */
static void add(
    struct rxp_dossier_work *w, const struct rxp_entry *entry, const struct rxp_evidence_name *name)
{
	struct rxp_dossier *e = w->out;
	const enum rxp_withheld why = reason_of(entry);
	struct rxp_dossier_withheld *one;

	if (name->number == 0 || name->number > RXP_EVIDENCE_DOCUMENTS_MAX) {
		rxp_dossier_wrong(w, entry->name, "a number that no document may have");
		return;
	}
	if (!is_party(e, name->party)) {
		rxp_dossier_wrong(w, entry->name, "of a party whose descriptor is not here");
		return;
	}
	if (why == RXP_WITHHELD_REASONS) {
		rxp_dossier_wrong(w, entry->name, "not what it must say");
		return;
	}
	one = &e->withheld[name->number - 1];
	if (one->from[0] != '\0') {
		rxp_dossier_wrong(w, WITHHELD, "a number is there twice");
		return;
	}
	memcpy(one->type, name->type, sizeof one->type);
	memcpy(one->from, name->party, sizeof one->from);
	one->why = why;
	e->n_withheld++;
}

void rxp_dossier_read_withheld(struct rxp_dossier_work *w)
{
	struct rxp_dossier *e = w->out;

	e->withheld = calloc(RXP_EVIDENCE_DOCUMENTS_MAX, sizeof *e->withheld);
	if (e->withheld == NULL) {
		w->failed = RXP_ERR_NOMEM;
		return;
	}
	for (size_t i = 0; i < w->container->n; i++) {
		const struct rxp_entry *entry = &w->container->entries[i];
		struct rxp_evidence_name name;

		if (rxp_evidence_name_parse(&name, entry->name) == 0 &&
		    name.kind == RXP_EVIDENCE_NAME_WITHHELD)
			add(w, entry, &name);
	}
	for (size_t i = 0; i < e->n_withheld; i++)
		if (e->withheld[i].from[0] == '\0') {
			rxp_dossier_wrong(w, WITHHELD, "numbers from 1, each once, without a gap");
			return;
		}
}

void rxp_dossier_count_withheld(struct rxp_evidence_withheld *out, const struct rxp_dossier *e)
{
	*out = (struct rxp_evidence_withheld){.n = {0}};
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++) {
		memcpy(out->from[i], e->parties[i]->party, sizeof out->from[i]);
		for (size_t k = 0; k < e->n_withheld; k++)
			out->n[i] += strcmp(e->withheld[k].from, out->from[i]) == 0;
	}
}
