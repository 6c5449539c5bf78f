/*
 * answered - what a product answers, as a word of the index: "receipt", the code of a Refusal, or "422" for a response that is
 * not sealed.
 */
#ifndef CONFORM_ANSWERED_H
#define CONFORM_ANSWERED_H

struct expect;
struct json_t;

/* NULL: no memory. */
struct json_t *answered_json(const struct expect *e);

#endif
