/*
 * show - may the content of a message be shown, and of whom not (RXP-RET-006, RXP-COR-007)?
 */
#ifndef REGISTRY_SHOW_H
#define REGISTRY_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"

struct node;
struct terms;

struct show {
	char peer[4]; /* of the message */
	uint32_t hidden; /* persons to be left out: bit key - 1 */
	bool blocked; /* only who decides on a dispute may open it, or part of it */
	const char *problem; /* words why not, or "" */
};

/* disputes: whoever asks may open what is blocked. RXP_ERR_NOT_FOUND, also for what is erased; RXP_ERR_STATE: it
 * is blocked; errors as in db.h. problem is set in any case. */
int show_judge(struct show *out, const struct node *n, const struct terms *terms,
    const uint8_t local_id[16], bool disputes);

#endif
