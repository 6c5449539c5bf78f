/*
 * store_claim - the storage keys that the processes hold, held against the epochs of the data (RXP-RET-014).
 */
#ifndef REGISTRY_STORE_CLAIM_H
#define REGISTRY_STORE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"

struct db;

/*
 * checks: of each key 32 octets, that of the present epoch first. The first key of new data begins their first epoch; one
 * before which the present key of the data is still given begins the next; an epoch whose key is not given has ended, if
 * no box is under it. look: change nothing. *begun: the number of the epoch that began, 0 if none did.
 * RXP_ERR_KEY: the keys are of other data, or one is missing. Else as in db.h.
 */
int store_claim(struct db *db, struct bytes checks, bool look, int64_t now_ms, uint64_t *begun);

/* Of the keys given the first older one that nothing needs: its epoch has no box, or has ended. after: look behind this one of the keys,
 * 0 to begin; *at: which it is. RXP_ERR_NOT_FOUND. */
int store_claim_over(struct db *db, struct bytes checks, size_t after, size_t *at);

#endif
