/*
 * evidence - the containers of evidence of the package (evidence.def): one case, told and kept by two States, with one thing that is
 * otherwise in each.
 */
#ifndef CONFORM_EVIDENCE_H
#define CONFORM_EVIDENCE_H

#include "conformance/package/archive.h"
#include "conformance/package/kept.h"

#define EVIDENCE_MAX_ROOTS 3

/* A container in the making. */
struct evidence {
	struct kept kept;
	struct rxp_container entries;
	const struct keypair *sealer; /* who puts it together */
	struct archive_manner manner;
	size_t n_roots; /* that people compared */
	struct evidence_root {
		char party[RXP_PARTY_TEXT];
		uint8_t digest[RXP_DIGEST_OCTETS];
	} roots[EVIDENCE_MAX_ROOTS];
	const char *of; /* the entry that is changed */
};

enum evidence_when { EVIDENCE_TELL, EVIDENCE_LIST, EVIDENCE_SEAL, EVIDENCE_PACK, EVIDENCE_ASK };

struct evidence_row {
	const char *id, *requirement;
	enum evidence_when when;
	void (*change)(struct evidence *e); /* an error goes to kept.rc */
	const char *of, *result, *named, *says, *words;
};

size_t evidence_total(void);
const struct evidence_row *evidence_at(size_t i);

/* Before it is told: let the container have the entry that the row's change is of. */
void evidence_prepare(struct evidence *e, const struct evidence_row *row);

#endif
