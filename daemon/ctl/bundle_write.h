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
#include "daemon/ctl/args.h"
#include "protocol/base/ident.h"

struct ctl;
struct json_t;

/* Of which State this node is. Complains. */
enum exit_status bundle_party(struct ctl *c, char out[RXP_PARTY_TEXT]);

/* Its party and its descriptor, as the first object. Complains. */
enum exit_status bundle_begin(struct ctl *c, FILE *f);

/* A whole object. false: the file cannot be written. */
bool bundle_put(FILE *f, enum ustar_kind kind, const char *id, const uint8_t *octets, size_t len);

/* The header of one whose octets the caller writes next, and what stands behind these. */
bool bundle_put_header(FILE *f, enum ustar_kind kind, const char *id, uint64_t size);
bool bundle_put_padding(FILE *f, uint64_t size);

/* An object that the daemon gave in base64. Complains. */
enum exit_status bundle_put_text(
    struct ctl *c, FILE *f, enum ustar_kind kind, const char *id, const char *text);

/* Answers that the peer has lost, one after the other (RXP-BND-009). after: "" before the first; becomes the MessageId that this
 * one is to, "" if there is none; *json: the daemon's answer, owned by the caller. */
enum exit_status bundle_next_own(
    struct ctl *c, const char *peer, char after[RXP_ID_TEXT], struct json_t **json);
/* All of them from the one in json on, which is freed. *n: counts them. */
enum exit_status bundle_put_own(
    struct ctl *c, FILE *f, const char *peer, struct json_t *json, size_t *n);

#define BUNDLE_PAGES_MAX 4096 /* of the log, two million entries: half a GiB (RXP-BND-007) */

/* Pages of the log that this node keeps for the peer, made now. Complains; those that cannot be made now are left out, which is
 * said. */
enum exit_status bundle_put_logs(struct ctl *c, FILE *f, const char *peer);

/* The end of the archive. */
bool bundle_end(FILE *f);

#endif
