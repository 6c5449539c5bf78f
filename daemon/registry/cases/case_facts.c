#include "daemon/registry/cases/case_facts.h"

#include <stdbool.h>
#include <string.h>

#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* What is read of one document, and what of it was there. */
struct reading {
	struct rxp_case_document d;
	bool has_all;
};

static int event_of(uint8_t *out, enum rxp_type type, const char *word)
{
	enum rxp_case_event event;

	if (rxp_case_event_parse(&event, word) != 0 || rxp_case_event_row(event)->type != type)
		return RXP_ERR_SCHEMA;
	*out = (uint8_t)event;
	return 0;
}

static int read_person(struct reading *r, struct bytes fields)
{
	struct rxp_case_document *d = &r->d;
	struct rec_fact_person person;
	uint8_t event;

	if (record_decode(&person, &record_fact_person, fields.data, fields.len) != 0 ||
	    person.person == 0 || person.person > RXP_MAX_PERSONS ||
	    d->n_persons == RXP_MAX_PERSONS || event_of(&event, d->type, person.event) != 0)
		return RXP_ERR_SCHEMA;
	d->persons[d->n_persons].key = (uint8_t)person.person;
	d->persons[d->n_persons++].event = event;
	return 0;
}

/* Of the person before. */
static int read_trait(struct reading *r, struct bytes fields)
{
	struct rxp_case_document *d = &r->d;
	struct rec_fact_trait mark;
	enum rxp_case_trait trait;

	if (record_decode(&mark, &record_fact_trait, fields.data, fields.len) != 0 ||
	    d->n_persons == 0 || d->persons[d->n_persons - 1].key != mark.person ||
	    rxp_case_trait_parse(&trait, mark.trait) != 0)
		return RXP_ERR_SCHEMA;
	d->persons[d->n_persons - 1].gives |= (rxp_traits)1 << trait;
	return 0;
}

static int read_all(struct reading *r, struct bytes fields)
{
	struct rec_fact_all all;

	if (r->has_all || record_decode(&all, &record_fact_all, fields.data, fields.len) != 0)
		return RXP_ERR_SCHEMA;
	r->has_all = true;
	return event_of(&r->d.event, r->d.type, all.event);
}

/* Of the person before, or of the whole case. */
static int read_times(struct reading *r, struct bytes fields)
{
	struct rxp_case_document *d = &r->d;
	struct rec_fact_times times;

	if (record_decode(&times, &record_fact_times, fields.data, fields.len) != 0 ||
	    times.stated_day > RXP_MAX_DAY || times.at_ms < 0 || times.at_ms > RXP_MAX_TIME_MS)
		return RXP_ERR_SCHEMA;
	if (times.person == 0) {
		if (!r->has_all || times.at_ms != 0)
			return RXP_ERR_SCHEMA;
		d->stated_day = (int32_t)times.stated_day;
		return 0;
	}
	if (d->n_persons == 0 || d->persons[d->n_persons - 1].key != times.person)
		return RXP_ERR_SCHEMA;
	d->persons[d->n_persons - 1].stated_day = (int32_t)times.stated_day;
	d->persons[d->n_persons - 1].at_ms = times.at_ms;
	return 0;
}

static int read_about(struct reading *r, struct bytes fields)
{
	struct rec_fact_about about;

	if (r->d.has_about ||
	    record_decode(&about, &record_fact_about, fields.data, fields.len) != 0)
		return RXP_ERR_SCHEMA;
	r->d.has_about = true;
	memcpy(r->d.about, about.document, sizeof r->d.about);
	return 0;
}

/* No matter of the fold; cases/halt.c and cases/agreed.c read it. */
static int read_named(const struct reading *r, struct bytes fields)
{
	struct rec_fact_named named;

	if ((r->d.n_persons == 0 && !r->has_all) ||
	    record_decode(&named, &record_fact_named, fields.data, fields.len) != 0)
		return RXP_ERR_SCHEMA;
	return 0;
}

/* No matter of the fold; retention/corrections.c reads it. */
static int read_item(const struct reading *r, struct bytes fields)
{
	struct rec_fact_item item;

	if (!r->has_all || record_decode(&item, &record_fact_item, fields.data, fields.len) != 0 ||
	    item.number == 0 || item.number > RXP_MAX_CORRECTION_ITEMS || item.all > 1)
		return RXP_ERR_SCHEMA;
	return 0;
}

static int read_one(struct reading *r, uint16_t tag, struct bytes fields)
{
	switch (tag) {
	case REC_fact_person:
		return read_person(r, fields);
	case REC_fact_trait:
		return read_trait(r, fields);
	case REC_fact_all:
		return read_all(r, fields);
	case REC_fact_times:
		return read_times(r, fields);
	case REC_fact_about:
		return read_about(r, fields);
	case REC_fact_named:
		return read_named(r, fields);
	case REC_fact_item:
		return read_item(r, fields);
	default:
		return RXP_ERR_SCHEMA;
	}
}

/* A type names persons or speaks of the whole case, and concerns a document or none. */
static bool is_whole(const struct reading *r)
{
	const struct rxp_case_type *type = rxp_case_type(r->d.type);

	return type->in_case && (r->d.n_persons > 0 || !type->names_persons) &&
	       r->has_all == !type->names_persons &&
	       r->d.has_about == (rxp_case_answers(r->d.type) != NULL);
}

int case_facts_read(struct rxp_case_document *d, struct bytes facts)
{
	struct record_cursor c = {.at = facts.data, .left = facts.len};
	struct reading r = {.d = *d};
	struct bytes fields;
	uint16_t tag;
	int rc;

	while ((rc = record_list_next(&c, &tag, &fields)) == 1)
		if (read_one(&r, tag, fields) != 0)
			return RXP_ERR_SCHEMA;
	if (rc != 0 || !is_whole(&r))
		return RXP_ERR_SCHEMA;
	*d = r.d;
	return 0;
}
