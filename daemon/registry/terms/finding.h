/*
 * finding - what a check of a profile finds, by the table finding.def: whether it may be used, what is missing, and
 * which of its values nobody has verified.
 */
#ifndef REGISTRY_FINDING_H
#define REGISTRY_FINDING_H

#include <stdint.h>

struct rxp_buf;
struct shelf_profile;
struct terms;

/* Each appends records finding_row. The buffer's errors. */

/* What it says of itself. */
int finding_of_profile(
    struct rxp_buf *rows, const struct terms *t, const struct shelf_profile *p, int64_t now_ms);
/* What is to be known of it between us and a peer. */
int finding_with_peer(struct rxp_buf *rows, const struct terms *t, const struct shelf_profile *p,
    const char *peer, int64_t now_ms);
/* There is no such peer. */
int finding_no_peer(struct rxp_buf *rows);

#endif
