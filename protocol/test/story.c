#include "protocol/test/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct rxp_case_document *last_of(const struct story *s, const char *party)
{
	for (size_t i = s->n; i > 0; i--)
		if (strcmp(s->docs[i - 1].from, party) == 0)
			return &s->docs[i - 1];
	return NULL;
}

struct rxp_case_document story_next(
    const struct story *s, const char *from, enum rxp_case_event event, uint32_t persons)
{
	const struct rxp_case_document *own = last_of(s, from);
	const struct rxp_case_document *other =
	    last_of(s, strcmp(from, STORY_Q) == 0 ? STORY_D : STORY_Q);
	struct rxp_case_document d = {.type = rxp_case_event_row(event)->type,
	    .position = own == NULL ? 1 : own->position + 1};

	memcpy(d.from, from, sizeof d.from);
	d.has_previous = own != NULL;
	if (own != NULL)
		memcpy(d.previous, own->fingerprint, sizeof d.previous);
	d.has_seen = other != NULL;
	if (other != NULL)
		memcpy(d.seen, other->fingerprint, sizeof d.seen);
	d.fingerprint[0] = (uint8_t)from[2];
	d.fingerprint[1] = (uint8_t)(d.position >> 8);
	d.fingerprint[2] = (uint8_t)d.position;
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if ((persons & UINT32_C(1) << (key - 1)) != 0) {
			d.persons[d.n_persons].key = (uint8_t)key;
			d.persons[d.n_persons++].event = (uint8_t)event;
		}
	return d;
}

void story_tell(struct story *s, const char *from, enum rxp_case_event event, uint32_t persons)
{
	s->docs[s->n] = story_next(s, from, event, persons);
	s->n++;
}

struct rxp_case *story_replay(const struct story *s)
{
	struct rxp_case *c = NULL;

	assert_int_equal(rxp_case_replay(&c, s->docs, s->n, STORY_Q), 0);
	return c;
}

void story_takes(const struct story *s, const struct rxp_case_document *d)
{
	struct rxp_case *c = story_replay(s);
	struct rxp_case_refusal refusal;

	assert_int_equal(rxp_case_check(c, d, &refusal), 0);
	rxp_case_free(c);
}
