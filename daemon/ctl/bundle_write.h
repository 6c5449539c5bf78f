/*
 * bundle_write - writes a bundle, object by object, in the order of ustar.def.
 */
#ifndef CTL_BUNDLE_WRITE_H
#define CTL_BUNDLE_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/base/ustar.h"

struct ctl;

/* Its party and its descriptor, as the first object. Complains. */
enum exit_status bundle_begin(struct ctl *c, FILE *f);

/* A whole object. false: the file cannot be written. */
bool bundle_put(FILE *f, enum ustar_kind kind, const char *id, const uint8_t *octets, size_t len);

/* The header of one whose octets the caller writes next, and what stands behind these. */
bool bundle_put_header(FILE *f, enum ustar_kind kind, const char *id, uint64_t size);
bool bundle_put_padding(FILE *f, uint64_t size);

#define BUNDLE_PAGES_MAX 64 /* of the log (RXP-BND-007) */

/* Pages of the log that this node keeps for the peer, made now. Complains; those that cannot be made now are left out, which is
 * said. */
enum exit_status bundle_put_logs(struct ctl *c, FILE *f, const char *peer);

/* The end of the archive. */
bool bundle_end(FILE *f);

#endif
