/*
 * dossier_make - the entries of a container of evidence, made of what a node keeps (RXP-EVI-002).
 */
#ifndef RXP_DOSSIER_MAKE_H
#define RXP_DOSSIER_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/evidence/container.h"
#include "protocol/evidence/dossier.h"

/* What a node keeps of one document; all borrowed. */
struct rxp_dossier_row {
	const char *type, *from;
	struct rxp_evidence evidence;
	uint8_t seal_cert[RXP_DIGEST_OCTETS];
	const uint8_t *answer; /* as sealed */
	size_t answer_len;
	const uint8_t *body; /* canonical, of an Erased (RXP-EVI-027); else none */
	size_t body_len;
	bool unproved; /* it, or its answer, which then is not here (RXP-RCV-018) */
	const uint8_t *message_id, *fingerprint; /* that it is kept for; NULL: it may have any … */
	const uint8_t *case_id; /* … and, of one of a case or the Erased of one, the case */
};

/* Documents that are named and not given (RXP-EVI-032), so far. */
struct rxp_dossier_left {
	unsigned n, by[RXP_WITHHELD_REASONS];
	enum rxp_withheld last; /* why the last of them */
	bool
	    of_case; /* a row named a case: what is missing of that is named too, also where a single document is left */
};

/* The descriptors of one State, as octets that are borrowed; the array of views is changed: that in force, and at most RXP_EVIDENCE_FORMER_MAX former ones, the
 * newest first. */
struct rxp_dossier_papers {
	struct rxp_evidence_descriptor in_force;
	struct rxp_evidence_descriptor *former;
	size_t n_former;
};

/* Add the descriptors in force of both States; parties receives what these and the former ones say, for what follows. The caller
 * frees those that are not NULL, also on failure. Former ones that do not verify are taken out of the papers. Errors of rxp_evidence_party_open_all(), with known as there, and
 * rxp_container_add(). */
int rxp_dossier_put_parties(struct rxp_container *c,
    struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES], struct rxp_identity_known *known,
    struct rxp_dossier_papers *own, struct rxp_dossier_papers *peer);

/* Add the document as the one after *n, which then counts it; or, if it does not verify by itself or is not what the row says, as the
 * next one that is said not to be there (RXP-EVI-032), under rxp_evidence_type(). RXP_ERR_SYNTAX: the party is none; RXP_ERR_CRYPTO;
 * errors of rxp_container_add(). */
int rxp_dossier_put_document(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], unsigned *n,
    struct rxp_dossier_left *left, const struct rxp_dossier_row *row);

/* Add body.xml of that document, which was added before, from its sealed Document. RXP_ERR_MISMATCH: that is another, or none; errors
 * of rxp_container_add(). */
int rxp_dossier_put_body(struct rxp_container *c, unsigned number,
    const struct rxp_dossier_row *row, const struct rxp_buf *document);

/* Add a page of the log of that owner, as sealed, as the one after *n, which then counts it. One that is no page of
 * this log is left out: *n stays. Errors of rxp_container_add(), RXP_ERR_SYNTAX (no such owner), RXP_ERR_NOMEM,
 * RXP_ERR_CRYPTO. */
int rxp_dossier_put_log_page(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], unsigned *n, const char *owner,
    const uint8_t *octets, size_t len);

/* Behind all documents and pages: add the former descriptors, of the same papers, that their seals need (RXP-EVI-028). Errors of
 * rxp_container_add(). */
int rxp_dossier_put_former(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES],
    const struct rxp_dossier_papers *own, const struct rxp_dossier_papers *peer);

/* The documents whose body.xml is in a container that is signed without it: an octet for each, 0 or 1. */
struct rxp_dossier_bodies {
	const uint8_t *there;
	size_t n;
};

/* Check what was added, with known as rxp_dossier_check() has it, name what is missing among it, add the digest of each body that
 * bodies names (NULL: none), and the chronology, as text and as a page. RXP_ERR_MISMATCH: there are problems, which fn was told, or
 * bodies names a document that is not there; RXP_ERR_BOUND: more is missing than a container may name; else the errors of
 * rxp_dossier_check() and rxp_container_add(). */
int rxp_dossier_put_chronology(struct rxp_container *c, struct rxp_identity_known *known,
    struct rxp_dossier_left *left, const struct rxp_dossier_bodies *bodies,
    rxp_dossier_problem_fn *fn, void *arg);

/* Add mimetype, the list of contents and the signature, of these octets, of what was added. Errors of
 * rxp_container_manifest() and rxp_container_add(). */
int rxp_dossier_put_seal(struct rxp_container *c, const struct rxp_buf *signatures);

#endif
