/*
 * hark - what tales (run/tale.def) are told with: what the product is made to send, and waiting for it.
 */
#ifndef CONFORM_HARK_H
#define CONFORM_HARK_H

#include "conformance/run/outcome.h"
#include "conformance/run/sender.h"

struct tale {
	struct outcome *out;
	struct sender *s;
};

#define TALE(requirement, number, function, name) void tale_##function(struct tale *t);
#include "conformance/run/tale.def"
#undef TALE

#define HARK_SOON_MS 1500 /* in which something that must not come would have come */

/* Rule that it could not be tried, or that the product is not as it must be. */
void hark_incomplete(const struct tale *t, const char *why);
void hark_against(const struct tale *t, const char *why);

/* Of a step of the suite's own, which may have ruled itself (run/rolled.h): did it go on? A negative code is ruled to be its error. */
bool hark_went_well(const struct tale *t, int rc);

/* Until the condition holds of the message that was taken, each try of it giving it its whole time again. */
bool hark_await(const struct tale *t, bool (*holds)(const struct heard *h));
bool hark_is_tried(const struct heard *h);
bool hark_is_ended(const struct heard *h);

/* Have it sent (wish as of sender_prompt()), answer the first try so (NULL: with its Receipt), and wait for the end. type: of the
 * message that comes of it; NULL: any. No other is answered until the next step. NULL: the outcome says why. */
const struct heard *hark_take(const struct tale *t, const struct sender_wish *wish,
    const char *type, const struct retort *retort, bool is_final);
/* The same of any message, of an application that opens a case, and of a withdrawal in the case of one that came. */
const struct heard *hark_any(const struct tale *t, const struct retort *retort, bool is_final);
const struct heard *hark_application(const struct tale *t);
const struct heard *hark_withdrawal(
    const struct tale *t, const struct heard *first, const struct retort *retort, bool is_final);

/* The same of the next copy of a history. Whatever else the product has for the State may come before it, and gets its Receipt. */
const struct heard *hark_copy(const struct tale *t, const struct retort *retort, bool is_final);

/* The same of one that is in doubt from its first try on, since it gets that answer whenever it comes (ear_doubt()). */
const struct heard *hark_doubted(const struct tale *t, const struct sender_wish *wish,
    const char *type, const struct retort *answer);

/* What still is given is taken, so that the product can be asked for more. false: it does not come, and the outcome says so. */
bool hark_rest(const struct tale *t);

extern const struct sender_wish hark_opens, hark_ping;
/* A withdrawal behind it. */
struct sender_wish hark_behind(const struct heard *first);

#endif
