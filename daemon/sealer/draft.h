/*
 * draft - typed content between the desk's order and its closing, kept in the database.
 *
 * A draft is a box under the storage key around the canonical octets of the content. It opens only as
 * content of the type that it was checked for, and for the State that it was written to: desk and registry pass it on without
 * reading it, and whoever writes in the database sends it to no other.
 */
#ifndef SEALER_DRAFT_H
#define SEALER_DRAFT_H

#include "daemon/base/record.h"
#include "protocol/base/limits.h"

struct node;
struct rxp_buf;

/* What is checked must also be closed: a header, a seal and its certificate take less than this. */
#define DRAFT_RESERVE_OCTETS 16384
#define DRAFT_MAX_CONTENT_OCTETS (RXP_MAX_DOCUMENT_OCTETS - DRAFT_RESERVE_OCTETS)

/* Append the draft of this content for the peer; type is the wire name. Errors of box_seal. */
int draft_seal(struct rxp_buf *out, const struct node *node, const char *type, const char *peer,
    const struct rxp_buf *content);

/* Append the content of a draft of this type for this peer. Errors of box_open. */
int draft_open(struct rxp_buf *content, const struct node *node, const char *type, const char *peer,
    struct bytes draft);

#endif
