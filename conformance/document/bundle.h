/*
 * bundle - a bundle (section 43) of a State for another, or one with a single flaw of its archive.
 */
#ifndef CONFORM_BUNDLE_H
#define CONFORM_BUNDLE_H

#include <stdint.h>

#include "protocol/base/buf.h"

struct state;

enum bundle_flaw {
	BUNDLE_FLAW_NONE,
	BUNDLE_FLAW_ORDER, /* the message before the answer */
	BUNDLE_FLAW_NO_DESCRIPTOR,
	BUNDLE_FLAW_NAME, /* one that leads out of it */
	BUNDLE_FLAW_FOLDER, /* an entry that is a folder */
	BUNDLE_FLAW_EMPTY, /* an empty message */
	BUNDLE_FLAW_ID, /* the answer under another id */
	BUNDLE_FLAW_NUMBER, /* the page under another number */
	BUNDLE_FLAW_NO_END,
};

/* What the caller made for it. */
struct bundle_objects {
	struct rxp_buf answer;
	struct rxp_buf page; /* of a log, behind entry 0; empty: there is none */
};

/* Append it: the descriptor of own, these, an attachment, and a Ping for other. Errors of librxp. */
int bundle_make(struct rxp_buf *out, const struct state *own, const struct state *other,
    const struct bundle_objects *objects, int64_t now_ms, enum bundle_flaw flaw);

#endif
