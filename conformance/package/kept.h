/*
 * kept - what two States of the package keep of a case that they told, and the entries of a container of evidence that QMA makes of
 * it (RXP-EVI-002). First what is to be told is set, then it is told, then entries are made.
 */
#ifndef CONFORM_KEPT_H
#define CONFORM_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/message/history.h"
#include "conformance/package/chain.h"
#include "conformance/state/keypair.h"
#include "protocol/case/case_table.h"
#include "protocol/document/document.h"
#include "protocol/evidence/container.h"
#include "protocol/log/logpage.h"

struct making;
struct rxp_answer;

#define KEPT_SIDES 2 /* QMA, QRA */
#define KEPT_MAX_DOCUMENTS 5
#define KEPT_MAX_FORMER 2
#define KEPT_MAX_PAGES 4
#define KEPT_MINUTE_MS 60000LL
#define KEPT_SECOND_MS 1000LL /* from the Created of a Document to its answer */

/* What is said next, and what comes of it. */
struct kept_saying {
	enum rxp_case_event event;
	unsigned side;
	bool refused;
	bool seen; /* refused, and yet the other State speaks of it (RXP-EVI-011) */
	bool erased; /* instead: that nothing of the case is left */
	bool apart; /* in a case of its own */
};

struct kept_document {
	struct rxp_header header;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	struct rxp_buf sealed, answer;
	struct rxp_document *opened;
	struct rxp_answer *said; /* what answer seals */
	unsigned side;
};

struct kept_side {
	const struct state *own; /* borrowed */
	struct chain chain;
	struct keypair next_seal, next_root;
	struct rxp_buf in_force,
	    former[KEPT_MAX_FORMER]; /* descriptors; the newest former one first */
	size_t n_former;
	const struct keypair
	    *seal; /* of containers and pages of logs; documents and answers have the first */
	uint8_t root[RXP_DIGEST_OCTETS]; /* that people compared */
	uint8_t log_id[RXP_ID_OCTETS];
	size_t n_entries; /* of its log */
	struct rxp_log_entry entries[KEPT_MAX_DOCUMENTS];
	uint8_t heads[KEPT_MAX_DOCUMENTS + 1][RXP_DIGEST_OCTETS];
};

/* A page of the log of a side that is put into the container: its entries behind after, at most n. */
struct kept_page {
	unsigned side;
	size_t after, n;
	void (*change)(
	    struct rxp_log_page *page); /* what is sealed in the place of what is true; or NULL */
	bool first_seal; /* under the seal of documents and answers */
};

/* Why a document cannot be given: what is held of it does not verify, no descriptor names its seal, it came back under a revoked one, or
 * nothing is held of it. */
enum kept_loss { KEPT_ALTERED, KEPT_UNNAMED, KEPT_UNPROVED, KEPT_GONE };

struct kept {
	const struct making *m;
	struct kept_side sides[KEPT_SIDES];
	const struct kept_saying *sayings; /* borrowed */
	size_t n_sayings;
	struct history views[KEPT_SIDES];
	size_t n;
	struct kept_document documents[KEPT_MAX_DOCUMENTS];
	size_t from; /* the first document that is put in */
	size_t left_out; /* the number of the one that is not put in; 0: none */
	size_t lost; /* the number of the one that cannot be given (RXP-EVI-032); 0: none … */
	enum kept_loss loss; /* … and why */
	bool bodies; /* put in what the documents say */
	size_t n_pages;
	struct kept_page pages[KEPT_MAX_PAGES];
	void (*answer)(struct rxp_answer *a,
	    size_t number); /* what is sealed in the place of what is true; or NULL */
	int rc; /* the first error */
};

/* Two States with one descriptor each. Its error is in rc; the caller clears it also then. */
void kept_begin(struct kept *k, const struct making *m);
void kept_clear(struct kept *k);

/* What became of the descriptor of a side: the seal of all that is told gave way to the next one, … */
void kept_change_seal(struct kept *k, unsigned side);
/* … is revoked since that time; … */
void kept_revoke(struct kept *k, unsigned side, int64_t since_ms);
/* … is in no part any more that the one in force has, but in a former one that joins it; … */
void kept_outgrow(struct kept *k, unsigned side);
/* … the root is another, as the part before announced; … */
void kept_change_root(struct kept *k, unsigned side);
/* … or the State began anew, under a root that nothing joins. */
void kept_begin_anew(struct kept *k, unsigned side);

/* Tell it: seal the documents and their answers. */
void kept_tell(struct kept *k);
/* Seal the answer of a document (from 1) anew, after it was changed, under this key. */
void kept_answer_again(struct kept *k, size_t number, const struct keypair *by);

/* Add the entries, without those of META-INF and the mimetype. */
void kept_put(struct rxp_container *c, struct kept *k);
/* Append META-INF/signatures.xml of these entries, under this key. */
void kept_seal(
    struct rxp_buf *out, struct kept *k, const struct rxp_container *c, const struct keypair *by);

#endif
