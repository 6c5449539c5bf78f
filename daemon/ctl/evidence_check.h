/*
 * evidence_check - the verification of an evidence folder (RXP-EVI-004 to RXP-EVI-009), offline.
 *
 * Everything is checked, also after something was found wrong: each problem is told once, with the file
 * it is in.
 */
#ifndef CTL_EVIDENCE_CHECK_H
#define CTL_EVIDENCE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/evidence_folder.h"
#include "protocol/answer.h"
#include "protocol/evidence.h"
#include "protocol/evidence_party.h"

/* file: its path within the folder; text: words, never a value out of a document. */
typedef void evidence_problem_fn(void *arg, const char *file, const char *text);

/* A root fingerprint that people compared. */
struct evidence_root {
	char party[RXP_PARTY_TEXT];
	uint8_t digest[RXP_DIGEST_OCTETS];
};

struct evidence_document {
	unsigned number;
	char name[EVIDENCE_NAME_TEXT]; /* of its folder */
	char from[RXP_PARTY_TEXT]; /* as the name says */
	bool verified; /* then the two below are true */
	struct rxp_evidence_proof proof;
	struct rxp_answer answer;
	bool contradicted; /* refused, and seen nonetheless (RXP-EVI-011) */
};

struct evidence_check {
	size_t n_parties;
	struct rxp_evidence_party *parties[EVIDENCE_PARTIES];
	bool compared[EVIDENCE_PARTIES]; /* with a root that was given */
	size_t n;
	struct evidence_document *documents; /* in the order of their numbers */
	size_t n_verified, n_receipts; /* documents; receipts among their answers */
	size_t n_problems;
};

/* Verify the folder that dir is open on; readme: also that README.txt says the same. 0 also if there are
 * problems; RXP_ERR_NOMEM, RXP_ERR_BOUND. On success the caller clears out. rxp_init() was called. */
int evidence_check_run(struct evidence_check *out, int dir, const struct evidence_root *roots,
    size_t n_roots, bool readme, evidence_problem_fn *fn, void *arg);
void evidence_check_clear(struct evidence_check *e);

#endif
