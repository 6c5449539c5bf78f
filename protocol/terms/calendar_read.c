#include "protocol/terms/calendar.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/terms/terms.h"
#include "protocol/xml/xml.h"

/* What is under way. */
struct reading {
	struct rxp_calendar *c;
	const struct rxp_terms *terms;
};

static int read_span(const struct reading *r, struct rxp_walk *w)
{
	const struct _xmlNode *span = rxp_walk_element(w, "Span");
	int rc;

	if (span == NULL)
		return w->error;
	if ((rc = rxp_terms_day(r->terms, &r->c->first_day, span, "from")) != 0 ||
	    (rc = rxp_terms_day(r->terms, &r->c->last_day, span, "until")) != 0)
		return rc;
	return r->c->first_day <= r->c->last_day
		   ? 0
		   : rxp_terms_refuse_at(r->terms, RXP_TERMS_SPAN, span);
}

/* RXP-CAL-004: rising, and no local day begins twice. i is the last one read. */
static bool offset_follows(const struct rxp_calendar *c, size_t i)
{
	int64_t from = c->offsets[i].from_ms;

	return from > c->offsets[i - 1].from_ms &&
	       rxp_calendar_day(c, from - 1) <= rxp_calendar_day(c, from);
}

static int read_zone(const struct reading *r, struct rxp_walk *w)
{
	const struct _xmlNode *zone = rxp_walk_element(w, "Zone");
	struct rxp_calendar *c = r->c;

	if (zone == NULL)
		return w->error;
	memcpy(
	    c->zone, rxp_xml_attribute(zone, "name"), strlen(rxp_xml_attribute(zone, "name")) + 1);
	for (const struct _xmlNode *e = rxp_xml_first(zone); e != NULL; e = rxp_xml_next(e)) {
		size_t i = c->n_offsets++;

		if (rxp_time_parse(&c->offsets[i].from_ms, rxp_xml_attribute(e, "from")) != 0)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_DATE, e);
		c->offsets[i].minutes = (int32_t)strtol(rxp_xml_attribute(e, "minutes"), NULL, 10);
		if (i > 0 && !offset_follows(c, i))
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_OFFSETS, e);
	}
	if (rxp_calendar_day_end(c, c->first_day - 1) + 1 < c->offsets[0].from_ms)
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_OFFSETS, zone);
	return 0;
}

static int read_weekend(const struct reading *r, struct rxp_walk *w)
{
	while (rxp_walk_at(w, "Weekend")) {
		const struct _xmlNode *element = w->next;
		enum rxp_weekday weekday = RXP_MONDAY;
		char name[sizeof "wednesday"];

		if (rxp_walk_text(w, "Weekend", name, sizeof name) != 0 ||
		    rxp_weekday_parse(&weekday, name) != 0)
			return w->error;
		if ((r->c->weekend & 1U << weekday) != 0)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_TWICE, element);
		r->c->weekend |= (uint8_t)(1U << weekday);
	}
	return w->error;
}

static int read_holidays(const struct reading *r, struct rxp_walk *w)
{
	struct rxp_calendar *c = r->c;

	while (rxp_walk_at(w, "Holiday")) {
		const struct _xmlNode *element = w->next;
		char text[RXP_DAY_TEXT];
		int32_t day;

		if (rxp_walk_text(w, "Holiday", text, sizeof text) != 0)
			return w->error;
		if (rxp_day_parse(&day, text) != 0)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_DATE, element);
		if (!rxp_calendar_covers(c, day))
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_HOLIDAY, element);
		c->holidays[c->n_holidays++] = day;
	}
	qsort(c->holidays, c->n_holidays, sizeof c->holidays[0], rxp_day_compare);
	return w->error;
}

/* The counts are the schema's. */
static int read_terms(const struct reading *r)
{
	struct rxp_calendar *c = r->c;
	uint64_t version = 0;
	struct rxp_walk w;
	int rc;

	rxp_walk_init(&w, r->terms->content, rxp_kind_namespace(RXP_KIND_CALENDAR));
	rxp_walk_party(&w, "Owner", c->owner);
	rxp_walk_number(&w, "Version", &version, RXP_MAX_TERMS_VERSION);
	if (rxp_walk_time(&w, "Effective", &c->effective_ms) != 0)
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_DATE, r->terms->content);
	c->version = (uint32_t)version;
	if ((rc = read_span(r, &w)) != 0 || (rc = read_zone(r, &w)) != 0 ||
	    (rc = read_weekend(r, &w)) != 0 || (rc = read_holidays(r, &w)) != 0)
		return rc;
	if (!rxp_calendar_covers(c, rxp_calendar_day(c, c->effective_ms)))
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_SPAN, r->terms->content);
	return rxp_walk_end(&w);
}

static int read_calendar(void *out, const struct rxp_terms *terms)
{
	struct rxp_calendar c = {.created_ms = terms->created_ms};
	struct reading r = {.c = &c, .terms = terms};
	int rc = read_terms(&r);

	if (rc != 0)
		return rc;
	memcpy(c.digest, terms->digest, sizeof c.digest);
	if (terms->sealed && strcmp(terms->party, c.owner) != 0)
		return rxp_terms_refuse(terms->reason, RXP_TERMS_OWNER);
	if (terms->sealed && c.version > 1 && c.effective_ms < c.created_ms)
		return rxp_terms_refuse(terms->reason, RXP_TERMS_RETROACTIVE);
	*(struct rxp_calendar *)out = c;
	return 0;
}

int rxp_calendar_open(struct rxp_calendar *out, const uint8_t *octets, size_t len,
    const char *owner, const struct rxp_cert *const *certs, size_t n, struct rxp_reason *reason)
{
	return rxp_terms_read(out, RXP_KIND_CALENDAR, octets, len,
	    &(struct rxp_terms_seals){owner, certs, n}, reason, read_calendar);
}

int rxp_calendar_draft(
    struct rxp_calendar *out, const uint8_t *octets, size_t len, struct rxp_reason *reason)
{
	return rxp_terms_read(out, RXP_KIND_CALENDAR, octets, len, NULL, reason, read_calendar);
}
