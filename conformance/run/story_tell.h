/*
 * story_tell - the functions that tell the stories of story.def.
 */
#ifndef CONFORM_STORY_TELL_H
#define CONFORM_STORY_TELL_H

#include "conformance/hear/retort.h"
#include "conformance/run/teller.h"

/* Returns as the steps of a teller do. */
typedef int story_tell(struct teller *t);

/* The same of two States. All that they tell with belongs to the first. */
typedef int story_between(struct teller *one, struct teller *other);

#define STORY(requirement, number, expected, name, function) story_tell function;
#define BETWEEN(requirement, number, expected, name, function) story_between function;
#define PULLED(number, retort, name)
#include "conformance/run/story.def"
#undef PULLED
#undef BETWEEN
#undef STORY

/* A message that the product is made to send gets this answer, which it must not take. */
int tell_pulled(struct teller *t, const struct retort *retort);

#endif
