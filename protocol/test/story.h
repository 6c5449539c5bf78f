/*
 * story - cases for tests: documents of two States, each linked to what went before.
 *
 * A failure here fails the test that tells the story.
 */
#ifndef STORY_H
#define STORY_H

#include "protocol/case.h"

#define STORY_Q "QRA" /* asks */
#define STORY_D "QRB" /* is asked */

struct story {
	struct rxp_case_document docs[RXP_MAX_CASE_DOCUMENTS + 1];
	size_t n;
};

/* A document of one event for the persons of the mask, linked to what the story holds. */
struct rxp_case_document story_next(
    const struct story *s, const char *from, enum rxp_case_event event, uint32_t persons);

/* The same, added to the story. */
void story_tell(struct story *s, const char *from, enum rxp_case_event event, uint32_t persons);

/* Its fold; rxp_case_free() it. */
struct rxp_case *story_replay(const struct story *s);

/* The case takes d next. */
void story_takes(const struct story *s, const struct rxp_case_document *d);

#endif
