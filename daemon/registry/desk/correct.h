/*
 * correct - what a correction asks for, carried out on what is held (RXP-COR-008, RXP-COR-011, RXP-COR-012):
 * content is erased or blocked at once, and a case is put under a legal hold.
 */
#ifndef REGISTRY_CORRECT_H
#define REGISTRY_CORRECT_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peers;
struct terms;

struct correct {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	const struct terms *terms;
};

/* Answers `content_corrected`. Under a legal hold content is blocked instead of erased. RXP_ERR_NOT_FOUND: no such
 * document of a case, or erased already; RXP_ERR_STATE: it has no final answer, or it is not of that kind;
 * RXP_ERR_SYNTAX: an unknown word. */
void correct_content(
    const struct correct *by, uint64_t request, const struct msg_content_correct *m);

/* Answers `case_legally_held`. RXP_ERR_NOT_FOUND; RXP_ERR_STATE: it is so already. */
void correct_legal_hold(
    const struct correct *by, uint64_t request, const struct msg_case_legal_hold *m);

#endif
