/*
 * sent_look - what the looks of sent.def share.
 */
#ifndef CONFORM_SENT_LOOK_H
#define CONFORM_SENT_LOOK_H

#include "conformance/hear/sent.h"

typedef bool sent_holds(const struct sent_look *l, const struct heard *h);

/* Does it hold of each message? Otherwise l says why not, and of which. */
bool sent_of_each(struct sent_look *l, sent_holds *good, const char *why);
/* Do all messages that decrypt differ in these octets of struct heard? */
bool sent_all_differ(struct sent_look *l, size_t at, size_t len, const char *why);
/* Is its Header known? */
bool sent_is_open(const struct heard *h);

#define SENT(requirement, number, least, look, name) bool look_##look(struct sent_look *l);
#include "conformance/hear/sent.def"
#undef SENT

#endif
