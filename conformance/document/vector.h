/*
 * vector - the cases of the plan `doc`: octets, and what a judge of documents must say of them.
 *
 * They are the cases of the plan `respond` whose requirement binds documents, as the octets of their Document or Envelope; the
 * examples of the specification, valid and invalid; the objects of object.def; and the files of file.def.
 */
#ifndef CONFORM_VECTOR_H
#define CONFORM_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#include "conformance/cases/facts.h"
#include "conformance/judge/judge.h"
#include "protocol/base/buf.h"

struct change;
struct expect;
struct parties;
struct vector; /* one case */
struct vector_world; /* the States whose octets they are, with keys of their own */

size_t vector_total(void);
const struct vector *vector_at(size_t i);
const struct case_facts *vector_facts(const struct vector *v);
const char *vector_words(const struct vector *v); /* what it is, before its change */

/* What a product answers to it, if it is a case of `respond`, too; NULL: it is none. */
const struct expect *vector_answer(const struct vector *v);
/* Is it a case of `respond`, too? Then a Refusal is all that is asked of it, and of two requirements that its octets break the
 * judge may name the other one. */
bool vector_is_message(const struct vector *v);

/* On success the caller owns *out. Errors of state_invent(). */
int vector_world_new(struct vector_world **out, int64_t now_ms);
void vector_world_free(struct vector_world *w);
/* The State whose octets they are, who sends to the other; or, turned, the reverse. Borrowed. */
const struct parties *vector_world_parties(const struct vector_world *w, bool turned);

struct vector_octets {
	struct rxp_buf octets, manifest; /* the latter empty if there is none */
	struct judge_known known; /* borrows from the world and from manifest */
};

/*
 * Make it; the caller clears out, also after a failure. RXP_ERR_KEY: it cannot be made for a State without a key of that
 * office. Otherwise errors of draft_make() and object_make().
 */
int vector_make(struct vector_octets *out, const struct vector *v, const struct vector_world *w);
void vector_octets_clear(struct vector_octets *o);

#endif
