/*
 * correct - what a correction asks for, carried out on what is held (RXP-COR-008, RXP-COR-011, RXP-COR-012):
 * content is erased or blocked at once, and a case is put under a legal hold.
 */
#ifndef REGISTRY_CORRECT_H
#define REGISTRY_CORRECT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/retention/erase.h"
#include "daemon/registry/retention/plan.h"

struct db;
struct node;
struct peers;
struct terms;

struct correct {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	const struct terms *terms;
};

/* What one request does to the content of documents of a case. */
#define CORRECT_LEGAL_HOLD "the case is under a legal hold"
struct correct_act {
	char user[RECORD_NAME_MAX], peer[RXP_PARTY_TEXT];
	int64_t now_ms;
	struct erased erased;
	const char *problem, *became; /* fixed strings */
};
struct correct_act correct_act(const struct msg_content_correct *m);

/* Inside its transaction. Under a legal hold the content is blocked instead of erased, and problem says so. RXP_ERR_STATE: it is
 * blocked already. */
int correct_erase(
    struct correct_act *act, struct db *db, const struct plan *p, const struct plan_document *d);
int correct_block(
    struct correct_act *act, struct db *db, const struct plan_document *d, bool blocked);
/* Is there content that may be changed? RXP_ERR_NOT_FOUND, RXP_ERR_STATE: no, and problem says why. */
int correct_is_open(struct correct_act *act, const struct plan_document *d);

/* After it: files go, the desk is answered `content_corrected`. act NULL: there was no room for one. */
void correct_end(const struct correct *by, uint64_t request, int result, struct correct_act *act);
void correct_answer(struct node *n, uint64_t request, int result, const struct correct_act *act);

/* Answers `content_corrected`. Under a legal hold content is blocked instead of erased. RXP_ERR_NOT_FOUND: no such
 * document of a case, or erased already; RXP_ERR_STATE: it has no final answer, it is so already, or an answer to a correction is on its way;
 * RXP_ERR_SYNTAX: an unknown word. */
void correct_content(
    const struct correct *by, uint64_t request, const struct msg_content_correct *m);

/* Answers `case_legally_held`. RXP_ERR_NOT_FOUND; RXP_ERR_STATE: it is so already. */
void correct_legal_hold(
    const struct correct *by, uint64_t request, const struct msg_case_legal_hold *m);

#endif
