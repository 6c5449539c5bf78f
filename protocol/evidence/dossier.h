/*
 * dossier - what a container of evidence proves (RXP-EVI-004 to RXP-EVI-019): all its entries held against
 * each other and against the fingerprints that people compared. Pure: entries in, verdict out.
 *
 * Everything is checked, also after something was found wrong: each problem is told once, with the entry
 * that it is in. What is right and yet does not prove that its State sealed it is a doubt (RXP-EVI-030).
 */
#ifndef RXP_DOSSIER_H
#define RXP_DOSSIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/date.h"
#include "protocol/evidence/evidence.h"
#include "protocol/evidence/evidence_name.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/evidence/stamp.h"
#include "protocol/message/answer.h"

struct rxp_identity_known;

#define RXP_DOSSIER_PARTIES 2

/* entry: its name within the container; text: words, never a value out of a document. */
typedef void rxp_dossier_problem_fn(void *arg, const char *entry, const char *text);

/* A root fingerprint that people compared; of one State several, if it had a root that nothing joins (RXP-EVI-028). */
struct rxp_dossier_root {
	char party[RXP_PARTY_TEXT];
	uint8_t digest[RXP_DIGEST_OCTETS];
};

#define RXP_DOSSIER_ROOTS_MAX (RXP_DOSSIER_PARTIES + 8)

/* Why a seal does not prove that its State sealed. */
enum rxp_dossier_doubt {
	RXP_DOUBT_NONE,
#define DOUBT(name, meaning) RXP_DOUBT_##name,
#include "protocol/evidence/dossier_doubt.def"
#undef DOUBT
	RXP_DOUBTS
};

struct rxp_dossier_document {
	unsigned number;
	char folder[RXP_EVIDENCE_FOLDER_TEXT];
	char from[RXP_PARTY_TEXT]; /* as the folder's name says */
	uint8_t files
	    [RXP_DIGEST_OCTETS]; /* of what is sealed among its files; zeros: not all are there */
	bool sealed; /* those hold by themselves */
	bool verified; /* its files hold; then all below is true */
	struct rxp_evidence_proof proof;
	struct rxp_answer answer;
	enum rxp_dossier_doubt seal; /* that From sealed it … */
	int64_t seal_revoked_ms; /* … whose certificate is revoked since then; 0: not */
	enum rxp_dossier_doubt answer_seal; /* that the other State sealed the answer … */
	int64_t answer_revoked_ms;
	bool logged; /* … which stands by the log, whatever its seal (RXP-EVI-029) */
	unsigned
	    owned_in; /* a document under a seal that stands names it as its State's own one before; 0: none */
	unsigned seen_in; /* the same of one of the other State that names it as seen */
	bool contradicted; /* refused, and seen nonetheless (RXP-EVI-011) */
	bool has_body; /* body.xml is what was sealed (RXP-EVI-019) */
	/* RXP-EVI-027: it is an Erased, of which case, and the day that it names */
	bool erased;
	uint8_t erased_case[RXP_ID_OCTETS];
	char erased_day[RXP_DAY_TEXT];
	/* RXP-EVI-024; 0 where there is none */
	uint64_t log_n; /* of its answer's entry in the log, … */
	unsigned log_page; /* … which this page shows, … */
	bool
	    log_then; /* … made when it answered, and not when the answer had come back (RXP-EVI-029), … */
	bool log_named; /* … of the log that this receipt names, … */
	unsigned
	    log_bound; /* … and from which the head follows that the receipt of this document names */
};

/* A document of which the container says that it is not there (RXP-EVI-032), and why, by its entry. */
struct rxp_dossier_withheld {
	char type[RXP_TYPE_TEXT];
	char from[RXP_PARTY_TEXT];
	enum rxp_withheld why;
};

#define RXP_DOSSIER_CONTRADICTIONS_MAX 16

/* What a State sealed, and what it sealed elsewhere (RXP-EVI-025). */
struct rxp_dossier_contradiction {
	char owner[RXP_PARTY_TEXT];
	char entry[RXP_ENTRY_TEXT];
	const char *text; /* a fixed string */
	bool doubtful; /* one of the two is under a seal that proves nothing */
};

/* Which entries there are: before the container is sealed, its documents and descriptors alone. Then it is no problem that documents
 * of the case are not there: they are counted as missing, and nothing is judged that needs them. A single one misses none, unless it is
 * all that is given of a case. */
enum rxp_dossier_extent { RXP_DOSSIER_DOCUMENTS, RXP_DOSSIER_CASE, RXP_DOSSIER_WHOLE };

struct rxp_dossier {
	struct rxp_evidence_party
	    *parties[RXP_DOSSIER_PARTIES]; /* in the order of their codes; or NULL */
	bool compared[RXP_DOSSIER_PARTIES]; /* the chain in force, with a root that was given */
	size_t n;
	struct rxp_dossier_document *documents; /* in the order of their numbers */
	size_t n_withheld;
	struct rxp_dossier_withheld *withheld; /* in the order of their numbers */
	struct rxp_evidence_withheld
	    missing; /* before the container is sealed: what has to be named besides */
	size_t n_verified, n_receipts; /* documents; receipts among their answers */
	bool
	    rooted; /* of those that take no Position what they name is here as well (RXP-EVI-035) */
	size_t n_erased; /* of the documents those that say that nothing is left */
	size_t
	    n_doubtful; /* of the documents those of which not all is proved, by the roots that were given */
	const struct rxp_evidence_party *signer; /* who sealed the container; NULL: not verified */
	int64_t signed_ms;
	bool
	    stamped; /* by an authority that brings its own certificates; see rxp_dossier_trust() */
	struct rxp_stamp stamp;
	struct rxp_buf token; /* of the stamp; empty: there is none */
	uint8_t imprint[RXP_DIGEST_OCTETS]; /* that it stamps */
	size_t n_pages; /* of logs */
	size_t n_contradictions; /* also those that are not kept */
	struct rxp_dossier_contradiction contradictions[RXP_DOSSIER_CONTRADICTIONS_MAX];
	size_t n_problems;
};

/* 0 also if there are problems; RXP_ERR_NOMEM, RXP_ERR_CRYPTO, RXP_ERR_BOUND (a text of more than
 * RXP_MAX_CONTAINER_TEXT_OCTETS). On success the caller clears out. known: identity parts that whoever made the container has
 * read; NULL: none. rxp_init() was called. */
int rxp_dossier_check(struct rxp_dossier *out, const struct rxp_container *c,
    enum rxp_dossier_extent extent, struct rxp_identity_known *known,
    const struct rxp_dossier_root *roots, size_t n_roots, rxp_dossier_problem_fn *fn, void *arg);
void rxp_dossier_clear(struct rxp_dossier *d);

/* Hold the time-stamp, if there is one that is good, against authorities that people trust (RXP-EVI-021): a problem, told
 * like the others, if it is of none of them. RXP_ERR_NOMEM. */
int rxp_dossier_trust(struct rxp_dossier *d, const struct rxp_authority *authority,
    rxp_dossier_problem_fn *fn, void *arg);

/* Does what is here prove that the other State answered it so? */
bool rxp_dossier_answered(const struct rxp_dossier_document *d);
/* What a doubt means, a fixed string: what goes on after "NOT PROVED: ". */
const char *rxp_dossier_doubt_meaning(enum rxp_dossier_doubt doubt);

/* Append chronology.txt as the dossier, of which everything was verified, gives it (RXP-EVI-003). The buffer's
 * errors, RXP_ERR_NOMEM. */
int rxp_dossier_chronology(struct rxp_buf *out, const struct rxp_dossier *d);
/* The same of chronology.html (RXP-EVI-026). */
int rxp_dossier_page(struct rxp_buf *out, const struct rxp_dossier *d);

#endif
