/*
 * answering - a DataCorrectionReply of ours has to be true of what this node holds (RXP-COR-013).
 */
#ifndef REGISTRY_ANSWERING_H
#define REGISTRY_ANSWERING_H

#include <stdint.h>

#include "daemon/base/record.h"

struct cases;
struct db;
struct node;
struct rxp_buf;
struct terms;

struct answering {
	const struct node *node; /* borrowed, as the rest */
	const struct terms *terms;
	const struct cases *c; /* of which about is the correction that is answered */
	const uint8_t *about;
	struct bytes facts; /* of the reply */
	int64_t now_ms;
};

/* RXP_ERR_STATE and records violation, appended: what is said and is not so. RXP_ERR_SCHEMA: no facts of a reply; errors as in
 * db.h and of the buffer. */
int answering_check(struct rxp_buf *violations, struct db *db, const struct answering *a);

#endif
