/*
 * corrections - the DataCorrections of a case: what they ask for, what of it this node has carried out, and what was answered
 * (RXP-COR-013, RXP-COR-016).
 */
#ifndef REGISTRY_CORRECTIONS_H
#define REGISTRY_CORRECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/retention/plan.h"
#include "protocol/case/correction.h"

struct cases;
struct db;
struct node;
struct terms;

/* One item; its number is its place, from 1. */
struct correction_item {
	enum rxp_asked asked;
	bool all;
	bool is_done; /* carried out here: what, and since when, which of All is not known (0) */
	enum rxp_asked done;
	int64_t done_ms;
	bool is_answered;
	enum rxp_answered answer; /* the last, of whoever was asked */
};

struct correction {
	bool own; /* we ask */
	uint8_t local_id[16], document[16]; /* document: that it is about */
	int64_t received_ms; /* 0: it has no receipt */
	enum plan_content content; /* of the document */
	uint8_t reply[16]; /* zeros: none */
	int64_t answered_ms;
	size_t n;
	struct correction_item items[RXP_MAX_CORRECTION_ITEMS];
};

/* The correction that is c's document of that place. RXP_ERR_STATE: it is none, or what is stored of it is not one; errors as in
 * db.h. */
int correction_load(
    struct correction *out, struct db *db, const struct cases *c, const struct plan *p, size_t at);

/* Does the case of the plan allow to answer this item so (RXP-COR-013)? */
bool correction_is_true(
    const struct correction *k, const struct plan *p, size_t item, enum rxp_answered answer);

/* The words of each item of a DataCorrectionReply, from its facts. RXP_ERR_SCHEMA: they are not those of one. */
int correction_answers(
    enum rxp_answered out[RXP_MAX_CORRECTION_ITEMS], size_t *n, struct bytes facts);

/* How many items that concern this message are asked for and not carried out here (RXP-COR-017). RXP_ERR_NOT_FOUND;
 * RXP_ERR_STATE, what is stored is not one case. */
int corrections_open(
    uint32_t *n, const struct node *node, const struct terms *terms, const uint8_t local_id[16]);

/* Answers `case_corrected`. RXP_ERR_NOT_FOUND; RXP_ERR_STATE, what is stored is not one case. */
void corrections_view(struct node *n, const struct terms *terms, uint64_t request,
    const struct msg_case_corrections *m);

#endif
