/*
 * rate - how many octets of files may go to a party now, on all its connections: a bucket for each party for which the
 * registry set a rate. A sixteenth is added for what carries them.
 */
#ifndef GATEWAY_RATE_H
#define GATEWAY_RATE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"

struct rates;

int rates_new(struct rates **out); /* no bounds. RXP_ERR_NOMEM */
void rates_free(struct rates *r); /* NULL is allowed */

/* Take the records rate of rows as all there are; others are passed over. A bucket that is known keeps what is in
 * it. RXP_ERR_SYNTAX, RXP_ERR_NOMEM; what was before stays then. */
int rates_replace(struct rates *r, struct bytes rows);

/* Take octets for a file, at most GATEWAY_OUT_OCTETS at a time. 0: they may go; else the ms until they may, and none are
 * taken. */
int64_t rates_take(struct rates *r, const char party[4], size_t octets, int64_t now_ms);

#endif
