/*
 * web - one question to a service outside, which a person named: the one place where readmitctl leaves the machine.
 */
#ifndef CTL_WEB_H
#define CTL_WEB_H

#include <stddef.h>

#include "protocol/base/buf.h"

#define WEB_SECONDS 30 /* for all of it */
#define WEB_PROBLEM_TEXT 256

struct web_question {
	const char *url; /* http or https */
	const char *media, *accept; /* of the body, and of the only answer that is taken */
	const void *body;
	size_t body_len;
};

/*
 * Post it, without following a redirect, and append the body of an answer of status 200 and that media type. 0, or
 * RXP_ERR_IO with *problem in words: it is not reached, not in time, its answer is longer than the buffer may be or is
 * something else.
 */
typedef int web_fn(void *arg, const struct web_question *q, struct rxp_buf *answer,
    char problem[WEB_PROBLEM_TEXT]);

/* The real one; arg is not used. */
int web_post(void *arg, const struct web_question *q, struct rxp_buf *answer,
    char problem[WEB_PROBLEM_TEXT]);

#endif
