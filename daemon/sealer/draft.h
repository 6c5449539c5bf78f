/*
 * draft - typed content between the desk's order and its closing, kept in the database.
 *
 * A draft is a box under the storage key around the canonical octets of the content, and the digest of its case and of what its
 * attachments are. It
 * opens only as content of the type that it was checked for, for the State that it was written to, in the case that it was written
 * for, and beside the files that it was written with: desk and registry pass it on without reading it, and whoever writes in the
 * database sends it neither to another State nor in another case, nor another case's files with it.
 */
#ifndef SEALER_DRAFT_H
#define SEALER_DRAFT_H

#include "daemon/base/record.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

struct node;
struct rxp_buf;

/* What is checked must also be closed: a header, a seal and its certificate take less than this. */
#define DRAFT_RESERVE_OCTETS 16384
#define DRAFT_MAX_CONTENT_OCTETS (RXP_MAX_DOCUMENT_OCTETS - DRAFT_RESERVE_OCTETS)

/* What a draft is for. */
struct draft_for {
	const char *type; /* wire name */
	const char *peer;
	uint8_t case_id[RXP_ID_OCTETS]; /* zeros: of no case */
	struct bytes attachments; /* records attachment_row, whatever their keys */
};

/* Append the draft of this content. Errors of box_seal; RXP_ERR_SYNTAX: no such records. */
int draft_seal(struct rxp_buf *out, const struct node *node, const struct draft_for *of,
    const struct rxp_buf *content);

/* Append the content of a draft. RXP_ERR_MISMATCH: it is for another case, or beside other files. Errors of box_open, RXP_ERR_DECRYPT
 * also where it is for another State, or of another type; RXP_ERR_SYNTAX. */
int draft_open(struct rxp_buf *content, const struct node *node, const struct draft_for *of,
    struct bytes draft);

#endif
