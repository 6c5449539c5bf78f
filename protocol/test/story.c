#include "protocol/test/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BIT(key) (UINT32_C(1) << ((key)-1))

const char *story_party(enum rxp_case_side side)
{
	return side == RXP_CASE_REQUESTING ? STORY_Q : STORY_D;
}

static const struct rxp_case_document *last_of(const struct story *s, const char *party)
{
	for (size_t i = s->n; i > 0; i--)
		if (strcmp(s->docs[i - 1].from, party) == 0)
			return &s->docs[i - 1];
	return NULL;
}

bool story_names(const struct rxp_case_document *d, unsigned key)
{
	for (unsigned i = 0; i < d->n_persons; i++)
		if (d->persons[i].key == key)
			return true;
	return false;
}

static void choose_about(const struct story *s, struct rxp_case_document *d)
{
	d->has_about = rxp_case_answers(d->type) != NULL;
	for (size_t i = s->n; d->has_about && i > 0; i--) {
		const struct rxp_case_document *of = &s->docs[i - 1];

		if (rxp_case_concerns(d->type, of->type, strcmp(of->from, d->from) == 0) &&
		    (d->n_persons == 0 || story_names(of, d->persons[0].key))) {
			memcpy(d->about, of->fingerprint, sizeof d->about);
			return;
		}
	}
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
	if (!rxp_case_type(d.type)->names_persons)
		d.event = (uint8_t)event;
	else
		for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
			if ((persons & BIT(key)) != 0) {
				d.persons[d.n_persons].key = (uint8_t)key;
				d.persons[d.n_persons++].event = (uint8_t)event;
			}
	choose_about(s, &d);
	return d;
}

/* Of whom a document of the whole case says something besides. */
static void name_besides(struct rxp_case_document *d, uint32_t persons)
{
	d->n_persons = 0;
	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if ((persons & BIT(key)) != 0) {
			d->persons[d->n_persons].key = (uint8_t)key;
			d->persons[d->n_persons++].event = d->event;
		}
}

void story_mark(struct rxp_case_document *d, uint32_t persons, rxp_traits traits)
{
	if (!rxp_case_type(d->type)->names_persons && traits != 0)
		name_besides(d, persons);
	for (unsigned i = 0; i < d->n_persons; i++)
		if ((persons & BIT(d->persons[i].key)) != 0)
			d->persons[i].gives = traits;
}

void story_tell(struct story *s, const char *from, enum rxp_case_event event, uint32_t persons)
{
	story_tell_marked(s, from, event, persons, 0);
}

void story_tell_marked(struct story *s, const char *from, enum rxp_case_event event,
    uint32_t persons, rxp_traits traits)
{
	s->docs[s->n] = story_next(s, from, event, persons);
	story_mark(&s->docs[s->n], persons, traits);
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
	struct rxp_case_verdict verdict;

	assert_int_equal(rxp_case_check(&verdict, c, d, RXP_CASE_SEALING), 0);
	assert_int_equal(rxp_case_check(&verdict, c, d, RXP_CASE_RECEIVING), 0);
	assert_false(verdict.unplanned);
	rxp_case_free(c);
}
