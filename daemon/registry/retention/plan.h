/*
 * plan - what is held of a case, until when, and of whom nothing is shown any more (spec/rxp-1.md, "Retention
 * and erasure"). Folded anew for each question, as everything of a case is.
 */
#ifndef REGISTRY_PLAN_H
#define REGISTRY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store_case.h"
#include "protocol/case/retention.h"

struct db;
struct node;
struct terms;

enum plan_content {
	PLAN_NONE, /* nothing is stored: it was given up before it was sent */
	PLAN_ON_ITS_WAY, /* ours without a final answer: it is neither erased nor forgotten */
	PLAN_HELD,
	PLAN_BLOCKED, /* held, and shown to nobody but who decides on a dispute */
	PLAN_ERASED,
};
const char *plan_content_word(enum plan_content content);

struct plan_document {
	bool own;
	uint8_t local_id[16];
	enum state state;
	char type[RXP_TYPE_TEXT];
	uint64_t position; /* 0: none */
	enum plan_content content;
	uint32_t persons; /* of whom it speaks: bit key - 1 */
	uint32_t hidden; /* those of them of whom nothing is shown */
	int64_t due_ms; /* from when on it must be gone; RXP_DUE_NEVER: no such time is known */
	int64_t answered_ms, erased_ms, blocked_ms;
};

struct plan {
	struct store_case row;
	bool has_profile; /* this node holds the profile of the case */
	uint32_t known; /* persons of the case: bit key - 1 */
	enum rxp_case_state states[RXP_MAX_PERSONS];
	struct rxp_retention persons[RXP_MAX_PERSONS]; /* meant for those known */
	size_t n;
	struct plan_document *documents;
};

/* Of the case as it is at now_ms; plan_clear() it. RXP_ERR_NOT_FOUND; RXP_ERR_STATE, what is stored is not one case;
 * RXP_ERR_NOMEM; errors as in db.h. */
int plan_make(struct plan *out, const struct node *n, const struct terms *terms, struct db *db,
    const struct store_case *row, int64_t now_ms);
void plan_clear(struct plan *p);

/* Must its content be gone by now? */
bool plan_is_due(const struct plan_document *d, int64_t now_ms);

/* When to look at the case again: 0 if nothing can become due before it changes. */
int64_t plan_look_ms(const struct plan *p, int64_t now_ms);

/* Is there nothing left of any of its documents but what proves them? */
bool plan_is_erased(const struct plan *p);

#endif
