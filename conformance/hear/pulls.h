/*
 * pulls - how the suite reaches a product that opens no port: that fetches, and posts its answers (section 42).
 *
 * One Envelope is offered at a time. It is given to whoever asks and does not name it as in work, again as RXP-PUL-004 says, until
 * its answer is posted or it is taken back. An answer of the product's own can be offered in its place (RXP-PUL-013), and a file
 * beside it (RXP-PUL-007).
 */
#ifndef CONFORM_PULLS_H
#define CONFORM_PULLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/wire/host.h"
#include "protocol/base/ident.h"

struct pulls;

/* NULL: no memory. */
struct pulls *pulls_new(void);
void pulls_free(struct pulls *p); /* NULL is allowed */

/* The Envelope of the message with that MessageId; octets are copied. RXP_ERR_NOMEM. */
int pulls_offer(
    struct pulls *p, const uint8_t message_id[RXP_ID_OCTETS], const uint8_t *octets, size_t len);
void pulls_take_back(struct pulls *p);
/* What was posted to it; NULL: nothing yet. */
const struct rxp_buf *pulls_answer(const struct pulls *p);
/* Since when the product, to which it was given, asks for others and does not name it as in work, by the monotonic clock; 0: it
 * does not. What gets no signed answer (RXP-OPN-004) gets none. */
int64_t pulls_passed_ms(const struct pulls *p);

/* How often it did so. */
unsigned pulls_passed(const struct pulls *p);
/* Let what was given rest no longer: it is given again, also to a request that waits. */
void pulls_rest_no_more(struct pulls *p);
/* What pulls_due() gave last did not go: whoever asked is gone. */
void pulls_not_given(struct pulls *p);

/* The SHA-256 of what a question since pulls_offer() said last that it does not take; NULL: none said anything. */
const uint8_t *pulls_left(const struct pulls *p);

/* A file that is given to whoever asks for it, until there is another one or NULL; octets are borrowed. RXP_ERR_CRYPTO. */
int pulls_hold_file(struct pulls *p, const struct rxp_buf *file);
/* How often a file was asked for since then, this one or another. */
unsigned pulls_file_asked(const struct pulls *p);
/* Answer GET /rxp/1/attachments/{digest}, with or without Range (RXP-ATT-030). */
void pulls_give_file(struct pulls *p, const struct host_request *r, struct host_reply *out);

/* Answer GET /rxp/1/messages with any query. out->later: pulls_due() has the answer. */
void pulls_ask(struct pulls *p, const struct host_request *r, struct host_reply *out);
/* Answer what was posted to /rxp/1/answers. false: it is no answer to what is offered. */
bool pulls_posted(struct pulls *p, const struct rxp_buf *octets);
/* The answer to a request that waits, as soon as there is one; until_ms: when to ask again at the latest, or sooner. */
bool pulls_due(struct pulls *p, struct host_place *at, struct host_reply *out, int64_t *until_ms);

#endif
