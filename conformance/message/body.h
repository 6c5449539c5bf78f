/*
 * body - what a request beside those of messages carries (body.def).
 */
#ifndef CONFORM_BODY_H
#define CONFORM_BODY_H

#include "conformance/message/draft.h"

enum body {
#define BODY(name, words) BODY_##name,
#include "conformance/message/body.def"
#undef BODY
	BODY_COUNT
};

const char *body_words(enum body body);

/* Append it to out. d: the application of the case; answer: what the product answered to it last. RXP_ERR_NOT_FOUND: there is
 * none yet; the buffer's errors, and those of sealing. */
int body_make(
    struct rxp_buf *out, enum body body, const struct draft *d, const struct rxp_buf *answer);

#endif
