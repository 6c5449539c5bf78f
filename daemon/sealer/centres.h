/*
 * centres - the addresses that no document may give as a person's (RXP-SAF-026), as the parent told them.
 */
#ifndef SEALER_CENTRES_H
#define SEALER_CENTRES_H

#include <stddef.h>

#include "daemon/base/record.h"

struct centres;

/* Addresses one behind the other, each with its NUL; they are copied. On success the caller owns *out, which is
 * NULL for none. RXP_ERR_SYNTAX (the last one has no NUL), RXP_ERR_NOMEM. */
int centres_new(struct centres **out, struct bytes addresses);
void centres_free(struct centres *c); /* NULL is allowed, here and below */

const char *const *centres_list(const struct centres *c);
size_t centres_count(const struct centres *c);

#endif
