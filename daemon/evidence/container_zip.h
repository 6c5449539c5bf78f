/*
 * container_zip - a container of evidence as the octets of a ZIP file (RXP-EVI-012, RXP-EVI-015).
 *
 * Whoever reads one does not trust it: its structure is checked to the octet and its sizes are bounded
 * before anything is unpacked.
 */
#ifndef EVIDENCE_CONTAINER_ZIP_H
#define EVIDENCE_CONTAINER_ZIP_H

#include <stdint.h>

#include "protocol/evidence/container.h"

/* What is wrong with a file. */
struct container_fault {
	char
	    entry[RXP_ENTRY_TEXT]; /* "" if it is no single entry's; what is not printable is '?' */
	const char *text; /* a fixed string */
};

/* Append the file: mimetype first and stored, then the other entries, packed. The same entries give the
 * same octets. RXP_ERR_NOMEM, RXP_ERR_BOUND; RXP_ERR_NOT_FOUND: there is no mimetype. */
int container_zip_write(struct rxp_buf *out, const struct rxp_container *c);

/* Unpack a file. out is initialised, and the caller clears it, also on failure. RXP_ERR_STRUCTURE, with
 * *why: not the one form; RXP_ERR_BOUND, RXP_ERR_SYNTAX, RXP_ERR_EXISTS, RXP_ERR_DAMAGED, likewise: too
 * large, a foreign name, a name twice, octets that do not unpack to what they should; RXP_ERR_NOMEM. */
int container_zip_read(
    struct rxp_container *out, struct container_fault *why, const uint8_t *octets, size_t len);

#endif
