/*
 * story - cases for tests: documents of two States, each linked to what went before.
 *
 * A failure here fails the test that tells the story.
 */
#ifndef STORY_H
#define STORY_H

#include "protocol/case/case.h"

#define STORY_Q "QRA" /* asks */
#define STORY_D "QRB" /* is asked */

struct story {
	struct rxp_case_document docs[RXP_MAX_CASE_DOCUMENTS + 1];
	size_t n;
};

/* "QRA" or "QRB". */
const char *story_party(enum rxp_case_side side);

/*
 * A document of one event for the persons of the mask, linked to what the story holds. It concerns the
 * last document that one of its type can concern and that names the first of the persons; if there is
 * none, a document that nobody knows. If its type speaks of the whole case the persons play no part.
 */
struct rxp_case_document story_next(
    const struct story *s, const char *from, enum rxp_case_event event, uint32_t persons);

/* The same, added to the story; for each person it gives these traits besides. */
void story_tell(struct story *s, const char *from, enum rxp_case_event event, uint32_t persons);
void story_tell_marked(struct story *s, const char *from, enum rxp_case_event event,
    uint32_t persons, rxp_traits traits);

/* Give the traits for the persons of the mask whom the document names; if it speaks of the whole case, for each
 * person of the mask. */
void story_mark(struct rxp_case_document *d, uint32_t persons, rxp_traits traits);

bool story_names(const struct rxp_case_document *d, unsigned key);

/* Its fold; rxp_case_free() it. */
struct rxp_case *story_replay(const struct story *s);

/* The case takes d next, in either role, and it is foreseen. */
void story_takes(const struct story *s, const struct rxp_case_document *d);

#endif
