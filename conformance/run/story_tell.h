/*
 * story_tell - the functions that tell the stories of story.def.
 */
#ifndef CONFORM_STORY_TELL_H
#define CONFORM_STORY_TELL_H

#include "conformance/hear/retort.h"
#include "conformance/run/rolled.h"
#include "conformance/run/teller.h"

struct keypair;

/* Returns as the steps of a teller do. */
typedef int story_tell(struct teller *t);

/* The same of two States. All that they tell with belongs to the first. */
typedef int story_between(struct teller *one, struct teller *other);

/* The same of a State that lists another key beside its own, under which `other` speaks. */
typedef int story_rolled(struct teller *t, struct teller *other, const struct keypair *key);

#define STORY(requirement, number, expected, name, function) story_tell function;
#define BETWEEN(requirement, number, expected, name, function) story_between function;
#define PULLED(number, retort, name)
#define ROLLED(requirement, number, expected, key, name, function) story_rolled function;
#define GIVEN(requirement, number, range, status, name)
#include "conformance/run/story.def"
#undef GIVEN
#undef ROLLED
#undef PULLED
#undef BETWEEN
#undef STORY

/* Tell it with a key of that kind, which the descriptor lists. */
int tell_rolled(struct teller *t, enum rolled_key kind, story_rolled *tell);

/* An application that names two files: that of d, and that of other, which is no message of its own. Neither is made. */
int story_two_files(struct teller *t, struct draft *d, struct draft *other);

/* A message that the product is made to send gets this answer, which it must not take. */
int tell_pulled(struct teller *t, const struct retort *retort);

/* How the attachment of a message that the product was made to send is asked for, and the status that it must get. */
struct given {
	const char *range; /* NULL: no Range */
	int status;
};
int tell_given(struct teller *t, const struct given *g);

#endif
