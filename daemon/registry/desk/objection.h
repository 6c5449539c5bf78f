/*
 * objection - why a case does not let us send a document, as our own officers read it.
 *
 * A safeguard of the case comes as records `violation`: which it is, of whom, and what to do about it (RXP-SAF-001). All
 * else is one line that names the requirement and, where it is about a person, their key and state; it
 * names no one. Of that person comes one record `violation` too, unless nothing leads on from the state: which
 * documents of either side do, by the table of moves, whatever safeguards ask of them.
 */
#ifndef REGISTRY_OBJECTION_H
#define REGISTRY_OBJECTION_H

#include <stdbool.h>

#include "daemon/base/record.h"
#include "protocol/base/buf.h"
#include "protocol/case/case.h"

/* What rxp_case_check() found; all borrowed. */
struct objection {
	const struct rxp_case *folded; /* the case that was asked */
	const struct rxp_case_document *document;
	enum rxp_case_side own;
	const char *requirement; /* of the verdict */
};

/*
 * The result for the desk, which is never 0: RXP_ERR_NOT_ACCEPTABLE and `violations`, which was empty, or
 * RXP_ERR_STATE and `problem`, with what leads on in `violations`; or, when `violations` has no room, its error.
 */
int objection_say(
    char problem[RECORD_NAME_MAX], struct rxp_buf *violations, const struct objection *o);

/* The same of a second officer who has not acted (RXP-SAF-038). */
int objection_to_second(char problem[RECORD_NAME_MAX], struct rxp_buf *violations, bool names);

#endif
