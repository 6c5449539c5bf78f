/*
 * ctl_evidence_rig - two States, the documents that they exchanged as rows of the registry, a daemon
 * that gives them out and seals them, and runs of the commands on them.
 */
#ifndef UNIT_CTL_EVIDENCE_RIG_H
#define UNIT_CTL_EVIDENCE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/evidence/container_zip.h"
#include "daemon/verify/run.h"
#include "protocol/base/codec.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier_make.h"
#include "protocol/init.h"
#include "protocol/log/logpage.h"
#include "protocol/peering/descriptor.h"

#define NOW_MS INT64_C(1795000000000) /* 2026-11-18 */
#define CASE "44444444-4444-4444-8444-444444444444"
#define MESSAGE "01890a5d-ac96-774b-bcce-b302099a8057"
#define SEALED_MS (NOW_MS + 3600000) /* of a container */
#define DOCUMENTS 4
#define PAGE 3 /* documents of one page */
#define FORMER 3 /* former descriptors of a State, at most */
#define TEXT_MAX 16384
#define PATH_TEXT 512

struct pair {
	struct rxp_buf der;
	struct rxp_cert *cert;
	struct rxp_key_signer *signer;
};

struct state {
	const char *party;
	struct pair root, second, seal,
	    next; /* second: another root; next: the seal that comes after */
	struct rxp_buf descriptor;
	size_t n_former;
	struct rxp_buf former[FORMER]; /* descriptors that were in force before */
	char fingerprint[RXP_DIGEST_HEX]; /* of the root */
	size_t
	    answers_next; /* answers to documents from this number on are under the next seal; 0: to none */
	bool
	    rolled; /* containers and pages of logs are under the next seal, documents and answers under the first */
};

/* The log that a State keeps for the other: what it answered of the documents. */
struct log {
	size_t n;
	struct rxp_log_entry entries[DOCUMENTS];
	uint8_t heads[DOCUMENTS + 1][RXP_DIGEST_OCTETS];
};

struct world {
	struct state states[2];
	struct log logs[2]; /* of the State of that number */
	json_t *log_pages; /* given out behind the rows */
	json_t *rows; /* of the whole case */
	json_t *withheld; /* one more, for a test */
	struct rxp_buf body; /* canonical, of document 1 */
	struct rxp_buf sealed[DOCUMENTS]; /* the documents themselves */
	size_t page; /* rows of a page; 0: few */
	size_t erased; /* the number of the document whose content is gone; 0: none */
	bool forks; /* the receipts of document 4 on name another history of the same log */
	uint8_t fingerprints[DOCUMENTS][32];
	char asked[1024]; /* paths of all calls */
	char file[PATH_TEXT]; /* made by export */
	void (*meanwhile)(struct world *w); /* called after each answer of the daemon; or NULL */
	char out[TEXT_MAX], err[TEXT_MAX];
};

/* A document; its seal and its answer follow. */
struct plan {
	size_t from; /* state */
	const char *type;
	uint64_t position;
	int previous, seen; /* document, -1 for none */
	bool refused;
	const char *
	    erased; /* instead of a document of the case: its sender says that nothing of this one is left */
};

/* Make the rows of the case anew, as it was at the beginning. */
void evidence_plan_again(struct world *w);
/* Make the rows of at most DOCUMENTS documents, in the place of those that were there. */
void evidence_plan(struct world *w, const struct plan *plans, size_t n);
/* Give out a page of the log of a State too: its entries behind `after`, at most n of them. change (NULL: none) is what the
 * State seals in the place of what is true. */
typedef void evidence_change_fn(struct rxp_log_page *page);
void evidence_log_page(
    struct world *w, size_t state, size_t after, size_t n, evidence_change_fn *change);
/* A member of these octets, in base64. */
void evidence_put_octets(json_t *row, const char *member, const uint8_t *octets, size_t len);
/* revoked_ms: when the seal that sealed everything was revoked, 0 for never. */
void evidence_make_descriptor(struct state *s, int64_t revoked_ms);
/* The seal is followed by the next: the descriptor in force lists that alone, and has no part before; the former one has. */
void evidence_outgrow(struct state *s);
/* The State begins anew: another root, which nothing joins, and the next seal; its fingerprint is that of the new root. */
void evidence_begin_anew(struct state *s);
enum call_result evidence_nobody(
    void *arg, const char *socket, const struct call_request *r, struct call_answer *a);
void evidence_slurp(FILE *f, char text[TEXT_MAX]);
enum exit_status evidence_run(struct world *w, call_fn *call, int argc, const char *const *argv);
enum exit_status evidence_export_to(struct world *w, const char *id, const char *file);
/* The same with what the documents say. */
enum exit_status evidence_export_content(struct world *w, const char *id, const char *file);
/* A run of readmit-verify: on the file with both roots, or with a command line of its own. */
enum verify_exit evidence_verify(struct world *w);
enum verify_exit evidence_verify_with(struct world *w, int argc, const char *const *argv);
void evidence_assert_says(const char *text, const char *part);
/* Around all tests of a file, and around each. */
int evidence_begin(void **state);
int evidence_end(void **state);
int evidence_set_up(void **state);
int evidence_tear_down(void **state);
#define EVIDENCE_TEST(t) cmocka_unit_test_setup_teardown(t, evidence_set_up, evidence_tear_down)
/* The file's entries, which the caller clears, and a file of these entries in its place. */
void evidence_load(const struct world *w, struct rxp_container *c);
void evidence_store(const struct world *w, const struct rxp_container *c);
/* Append META-INF/signatures.xml of these entries, by the first State. */
void evidence_seal(struct world *w, const struct rxp_container *c, struct rxp_buf *out);

#endif
