/*
 * seen - what came back for a message, in the words in which cases say what they expect.
 */
#ifndef CONFORM_SEEN_H
#define CONFORM_SEEN_H

#include <stdbool.h>

#include "conformance/cases/case.h"
#include "conformance/run/outcome.h"
#include "conformance/wire/wire.h"
#include "protocol/xml/place.h"

#define SEEN_WORDS OUTCOME_WORDS

struct seen {
	struct expect what;
	enum wire_end end; /* of NO_HTTP: why */
	int status; /* of HTTP, whatever came with it; 0: none came */
	const char
	    *fault; /* what is wrong with a signed answer, whatever was wanted; NULL: nothing */
	bool
	    final; /* of a REFUSAL: no later message of this MessageId is receipted (RXP-ANS-009) */
	int64_t retry_ms; /* of a REFUSAL: its RetryAt; 0 if it names none */
	char place[RXP_PLACE_TEXT]; /* of a REFUSAL; "" if it names none */
	int64_t received_ms; /* of a RECEIPT: its ReceivedAt */
	int64_t created_ms; /* of a signed answer: when the product says that it made it */
	unsigned flags; /* of a RECEIPT: 1 << enum rxp_flag each, of those of the specification */
};

/* Read what an exchange about the message gave. A signed answer is believed if the product's registered seal made it, for
 * this message and Envelope (RXP-ANS-012). */
void seen_read(struct seen *out, const struct draft *d, enum wire_end end,
    const struct wire_response *response);

/* Say in out what was seen, and rule by what was wanted: as wanted, refused as safely in another way (of a negative case), or
 * not as wanted. */
void seen_judge(struct outcome *out, const struct seen *s, const struct expect *wanted);

/* The same of what is of a level that the product does not claim: not asked if it says `unsupported`, as it must
 * (RXP-DOC-005). */
void seen_judge_unclaimed(struct outcome *out, const struct seen *s, const char *what);

/* Rule that a valid message, which is tried at that time ("before it", "behind it"), gets this and no Receipt. */
void seen_rule_control(struct outcome *out, enum verdict v, const char *when, const struct seen *s);

/* "a Receipt", "the Refusal unopenable", "the status 415", … */
void seen_words(char out[SEEN_WORDS], const struct expect *what);
/* Of the notice of a loss (RXP-NOT-005) that is not receipted: what it gets, and what may be the cause. */
void seen_notice_words(char out[OUTCOME_WORDS], const struct expect *what);

#endif
