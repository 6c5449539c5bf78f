/*
 * descriptor_diff - what one descriptor of a party says that another does not, for people to read before they
 * accept or sign it (RXP-DSC-033).
 */
#ifndef RXP_DESCRIPTOR_DIFF_H
#define RXP_DESCRIPTOR_DIFF_H

#include <stdbool.h>

#include "protocol/base/limits.h"

struct rxp_descriptor;

enum rxp_change {
#define CHANGE(name, word, added, gone) RXP_CHANGE_##name,
#include "protocol/peering/change.def"
#undef CHANGE
	RXP_CHANGE_COUNT
};

#define RXP_CHANGE_TEXT \
	(RXP_MAX_ENDPOINT_LENGTH + 1) /* a value with its NUL: the longest are endpoints */

/* added: only the newer one says it; else only the older one. value: digits, a name, an address or a time. */
typedef int rxp_change_fn(void *arg, enum rxp_change change, bool added, const char *value);

/*
 * Call fn for each difference, in the order of change.def. before is NULL if nothing was known: then all that
 * after says is new. Without a working part in one of them their agreement keys are not compared. Returns what fn
 * returned if that is not 0, RXP_ERR_CRYPTO.
 */
int rxp_descriptor_diff(const struct rxp_descriptor *before, const struct rxp_descriptor *after,
    rxp_change_fn *fn, void *arg);

const char *rxp_change_word(enum rxp_change change);
/* What people read before the value. */
const char *rxp_change_text(enum rxp_change change, bool added);

#endif
