#include <stdlib.h>
#include <string.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/terms/profile.h"
#include "protocol/terms/terms.h"
#include "protocol/xml/xml.h"

/* What is under way. The counts and the forms are the schema's. */
struct reading {
	struct rxp_profile *p;
	const struct rxp_terms *terms;
	struct rxp_walk w;
};

/* --- attributes ---------------------------------------------------------------------------- */

/* The word of an attribute; absent if the attribute is. */
static enum rxp_word word_of(
    const struct _xmlNode *element, const char *attribute, enum rxp_word_list list)
{
	const char *text = rxp_xml_attribute(element, attribute);
	enum rxp_word word = RXP_WORD_ABSENT;

	if (text != NULL && rxp_word_parse(&word, list, text) != 0)
		abort(); /* the schema has the same words; a test holds them together */
	return word;
}

static enum rxp_word source_of(const struct _xmlNode *element)
{
	return word_of(element, "source", RXP_LIST_SOURCE);
}

static uint32_t number_of(const struct _xmlNode *element, const char *attribute)
{
	const char *text = rxp_xml_attribute(element, attribute);

	return text == NULL ? 0 : (uint32_t)strtoul(text, NULL, 10);
}

static bool yes(const struct _xmlNode *element, const char *attribute)
{
	const char *text = rxp_xml_attribute(element, attribute);

	return text != NULL && strcmp(text, "yes") == 0;
}

/* Of at most size - 1 octets by the schema; "" if the attribute is absent. */
static void text_of(char *out, size_t size, const struct _xmlNode *element, const char *attribute)
{
	const char *text = rxp_xml_attribute(element, attribute);
	size_t len = text == NULL ? 0 : strlen(text);

	if (len >= size)
		abort();
	if (len > 0)
		memcpy(out, text, len);
	out[len] = '\0';
}

/* --- elements ------------------------------------------------------------------------------ */

static int read_identity(struct reading *r)
{
	struct rxp_profile *p = r->p;
	char status[16];
	uint64_t version = 0;

	rxp_walk_text(&r->w, "Id", p->id, sizeof p->id);
	rxp_walk_number(&r->w, "Version", &version, RXP_MAX_TERMS_VERSION);
	if (rxp_walk_text(&r->w, "Status", status, sizeof status) == 0)
		rxp_word_parse(&p->status, RXP_LIST_STATUS, status);
	rxp_walk_text(&r->w, "Title", p->title, sizeof p->title);
	rxp_walk_time(&r->w, "Starts", &p->starts_ms);
	p->ends_ms = RXP_MAX_TIME_MS;
	if (rxp_walk_at(&r->w, "Ends"))
		rxp_walk_time(&r->w, "Ends", &p->ends_ms);
	if (r->w.error != 0)
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_DATE, r->terms->content);
	p->version = (uint32_t)version;
	return p->starts_ms < p->ends_ms
		   ? 0
		   : rxp_terms_refuse_at(r->terms, RXP_TERMS_ORDER, r->terms->content);
}

static int read_base(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;

	p->has_base = true;
	text_of(p->base.id, sizeof p->base.id, e, "id");
	p->base.version = number_of(e, "version");
	return rxp_base64_get_exact(
	    p->base.digest, sizeof p->base.digest, rxp_xml_attribute(e, "digest"));
}

static bool side_has(const struct rxp_profile *p, int side, const char *party)
{
	for (size_t i = 0; i < p->sides[side].n; i++)
		if (strcmp(p->sides[side].parties[i], party) == 0)
			return true;
	return false;
}

static int read_side(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	int side = p->has_sides ? 1 : 0;
	struct rxp_walk w;

	p->has_sides = true;
	rxp_walk_init(&w, e, r->w.ns);
	while (rxp_walk_at(&w, "Party")) {
		char party[RXP_PARTY_TEXT];

		if (rxp_walk_party(&w, "Party", party) != 0)
			return w.error;
		if (side_has(p, 0, party) || side_has(p, 1, party))
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_SIDES, e);
		memcpy(p->sides[side].parties[p->sides[side].n++], party, sizeof party);
	}
	return rxp_walk_end(&w);
}

static int read_chapter(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	size_t i = p->chapters.n++;
	int32_t from, until;
	int rc;

	p->chapters.rows[i].name = word_of(e, "name", RXP_LIST_CHAPTER);
	p->chapters.rows[i].state = word_of(e, "state", RXP_LIST_CHAPTER_STATE);
	p->chapters.rows[i].source = source_of(e);
	if ((rc = rxp_terms_day(r->terms, &from, e, "from")) != 0 ||
	    (rc = rxp_terms_day(r->terms, &until, e, "until")) != 0)
		return rc;
	if (until >= 0 && until < from)
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_ORDER, e);
	p->chapters.rows[i].from_day = from;
	p->chapters.rows[i].until_day = until;
	for (size_t k = 0; k < i; k++)
		if (p->chapters.rows[k].name == p->chapters.rows[i].name)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_TWICE, e);
	return 0;
}

static int read_counting(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	const char *cut_off = rxp_xml_attribute(e, "cutOff");

	p->counting.source = source_of(e);
	p->counting.calendar = word_of(e, "calendar", RXP_LIST_CALENDAR);
	p->counting.roll = word_of(e, "roll", RXP_LIST_ROLL);
	p->counting.cut_off =
	    cut_off == NULL ? -1
			    : rxp_date_digits(cut_off, 2) * 60 + rxp_date_digits(cut_off + 3, 2);
	return 0;
}

/* RXP-PRF-008 to 010: what goes with a clock of this kind. */
static int check_clock(struct reading *r, const struct _xmlNode *e, enum rxp_clock clock,
    const struct rxp_limit *limit)
{
	const struct rxp_clock_row *row = rxp_clock_row(clock);
	bool counts = rxp_unit_counts(limit->unit);
	bool extension = row->kind == RXP_CLOCK_KIND_LONGER && counts;

	if (counts && !rxp_clock_counts_in(clock, limit->unit))
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_UNIT, e);
	if (counts != (limit->value > 0))
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_VALUE, e);
	if (rxp_xml_attribute(e, "starts") != NULL && !(row->profile_starts && counts))
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_START, e);
	if (extension != (limit->mode != RXP_WORD_ABSENT) ||
	    (!extension && rxp_xml_attribute(e, "consent") != NULL))
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_MODE, e);
	return 0;
}

static int read_clock(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_limit limit = {.source = source_of(e),
	    .unit = word_of(e, "unit", RXP_LIST_UNIT),
	    .value = number_of(e, "value"),
	    .start = word_of(e, "starts", RXP_LIST_START),
	    .mode = word_of(e, "mode", RXP_LIST_MODE),
	    .consent = yes(e, "consent"),
	    .extendable = yes(e, "extendable")};
	enum rxp_clock clock = RXP_CLOCK_COUNT;
	int rc;

	if (rxp_clock_parse(&clock, rxp_xml_attribute(e, "of")) != 0)
		abort(); /* as in word_of() */
	if (r->p->clocks[clock].source != RXP_WORD_ABSENT)
		return rxp_terms_refuse_at(r->terms, RXP_TERMS_TWICE, e);
	if ((rc = check_clock(r, e, clock, &limit)) != 0)
		return rc;
	r->p->clocks[clock] = limit;
	return 0;
}

static int read_silence(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	size_t i = p->silences.n++;

	p->silences.rows[i].persons = word_of(e, "for", RXP_LIST_PERSONS);
	p->silences.rows[i].after = word_of(e, "after", RXP_LIST_AFTER);
	p->silences.rows[i].means = word_of(e, "means", RXP_LIST_SILENCE);
	p->silences.rows[i].source = source_of(e);
	for (size_t k = 0; k < i; k++)
		if (p->silences.rows[k].persons == p->silences.rows[i].persons &&
		    p->silences.rows[k].after == p->silences.rows[i].after)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_TWICE, e);
	return 0;
}

static int read_effect(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	size_t i = p->effects.n++;

	p->effects.rows[i].of = word_of(e, "of", RXP_LIST_DISTURBANCE);
	p->effects.rows[i].does = word_of(e, "does", RXP_LIST_EFFECT);
	p->effects.rows[i].source = source_of(e);
	for (size_t k = 0; k < i; k++)
		if (p->effects.rows[k].of == p->effects.rows[i].of)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_TWICE, e);
	return 0;
}

static int read_fallback(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	size_t i = p->fallbacks.n++;

	text_of(p->fallbacks.rows[i].requested, RXP_PARTY_TEXT, e, "requested");
	p->fallbacks.rows[i].by = word_of(e, "by", RXP_LIST_FALLBACK);
	p->fallbacks.rows[i].source = source_of(e);
	for (size_t k = 0; k < i; k++)
		if (strcmp(p->fallbacks.rows[k].requested, p->fallbacks.rows[i].requested) == 0)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_TWICE, e);
	return 0;
}

static int read_crossing_point(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	size_t i = p->crossing_points.n++;

	text_of(p->crossing_points.rows[i].party, RXP_PARTY_TEXT, e, "party");
	p->crossing_points.rows[i].scheme = word_of(e, "scheme", RXP_LIST_SCHEME);
	text_of(p->crossing_points.rows[i].code, RXP_PLACE_CODE_TEXT, e, "code");
	return 0;
}

static int read_evidence(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	size_t i = p->evidence.n++;

	p->evidence.rows[i].list = number_of(e, "list");
	text_of(p->evidence.rows[i].kind, RXP_EVIDENCE_KIND_TEXT, e, "kind");
	p->evidence.rows[i].strength = word_of(e, "strength", RXP_LIST_STRENGTH);
	p->evidence.rows[i].source = source_of(e);
	for (size_t k = 0; k < i; k++)
		if (p->evidence.rows[k].list == p->evidence.rows[i].list &&
		    strcmp(p->evidence.rows[k].kind, p->evidence.rows[i].kind) == 0)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_TWICE, e);
	return 0;
}

static int read_attachments(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;

	p->attachments.source = source_of(e);
	p->attachments.file_mib = number_of(e, "file");
	p->attachments.person = number_of(e, "person");
	p->attachments.document = number_of(e, "document");
	p->attachments.pending = word_of(e, "pending", RXP_LIST_PENDING);
	return 0;
}

static int read_retention(struct reading *r, const struct _xmlNode *e)
{
	struct rxp_profile *p = r->p;
	size_t i = p->retention.n++;

	p->retention.rows[i].after = word_of(e, "after", RXP_LIST_RETENTION);
	p->retention.rows[i].months = number_of(e, "months");
	p->retention.rows[i].source = source_of(e);
	for (size_t k = 0; k < i; k++)
		if (p->retention.rows[k].after == p->retention.rows[i].after)
			return rxp_terms_refuse_at(r->terms, RXP_TERMS_TWICE, e);
	return 0;
}

/* --- the whole ----------------------------------------------------------------------------- */

/* The elements between Ends and Remark that need their attributes only, in the schema's order. */
static const struct {
	const char *name;
	int (*read)(struct reading *r, const struct _xmlNode *element);
} readers[] = {
    {"Base", read_base},
    {"Side", read_side},
    {"Chapter", read_chapter},
    {"Counting", read_counting},
    {"Clock", read_clock},
    {"Silence", read_silence},
    {"Effect", read_effect},
    {"Fallback", read_fallback},
    {"CrossingPoint", read_crossing_point},
    {"Evidence", read_evidence},
    {"Attachments", read_attachments},
    {"Retention", read_retention},
};

static int read_texts(struct reading *r)
{
	struct rxp_profile *p = r->p;

	while (rxp_walk_at(&r->w, "Language"))
		rxp_walk_text(
		    &r->w, "Language", p->languages.rows[p->languages.n++], RXP_LANGUAGE_TEXT);
	while (rxp_walk_at(&r->w, "Office"))
		rxp_walk_text(&r->w, "Office", p->offices.rows[p->offices.n++], RXP_OFFICE_TEXT);
	while (rxp_walk_at(&r->w, "Remark")) {
		size_t i = p->remarks.n++;

		p->remarks.rows[i].source = source_of(r->w.next);
		rxp_walk_text(
		    &r->w, "Remark", p->remarks.rows[i].text, sizeof p->remarks.rows[i].text);
	}
	return r->w.error;
}

static int read_terms(struct reading *r)
{
	int rc;

	rxp_walk_init(&r->w, r->terms->content, rxp_kind_namespace(RXP_KIND_PROFILE));
	if ((rc = read_identity(r)) != 0)
		return rc;
	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
		if ((rc = read_texts(r)) != 0)
			return rc;
		while (rxp_walk_at(&r->w, readers[i].name))
			if ((rc = readers[i].read(r, rxp_walk_element(&r->w, readers[i].name))) !=
			    0)
				return rc;
	}
	if ((rc = read_texts(r)) != 0)
		return rc;
	return rxp_walk_end(&r->w);
}

/* RXP-PRF-007: test profiles and test parties keep to themselves. */
static bool test_fits(const struct rxp_profile *p)
{
	bool all_test = p->publisher[0] == '\0' || rxp_party_is_test(p->publisher);

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < p->sides[side].n; i++)
			all_test = all_test && rxp_party_is_test(p->sides[side].parties[i]);
	return p->status != RXP_STATUS_TEST || all_test;
}

static int check_profile(const struct rxp_profile *p, const struct rxp_terms *terms)
{
	if (p->has_sides && (p->sides[0].n == 0 || p->sides[1].n == 0))
		return rxp_terms_refuse(terms->reason, RXP_TERMS_SIDES);
	if (!p->has_base && p->counting.source == RXP_WORD_ABSENT)
		return rxp_terms_refuse(terms->reason, RXP_TERMS_COUNTING);
	if (!test_fits(p))
		return rxp_terms_refuse(terms->reason, RXP_TERMS_TEST);
	if (terms->sealed && p->has_sides && !side_has(p, 0, p->publisher) &&
	    !side_has(p, 1, p->publisher))
		return rxp_terms_refuse(terms->reason, RXP_TERMS_PUBLISHER);
	return 0;
}

static int read_profile(void *out, const struct rxp_terms *terms)
{
	struct rxp_profile *p = calloc(1, sizeof *p);
	struct reading r = {.p = p, .terms = terms};
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	memcpy(p->publisher, terms->party, sizeof p->publisher);
	memcpy(p->digest, terms->digest, sizeof p->digest);
	p->created_ms = terms->created_ms;
	p->counting.cut_off = -1;
	if ((rc = read_terms(&r)) == 0 && (rc = check_profile(p, terms)) == 0)
		*(struct rxp_profile *)out = *p;
	free(p);
	return rc;
}

int rxp_profile_open(struct rxp_profile *out, const uint8_t *octets, size_t len,
    const char *publisher, const struct rxp_cert *const *certs, size_t n, struct rxp_reason *reason)
{
	return rxp_terms_read(out, RXP_KIND_PROFILE, octets, len,
	    &(struct rxp_terms_seals){publisher, certs, n}, reason, read_profile);
}

int rxp_profile_draft(
    struct rxp_profile *out, const uint8_t *octets, size_t len, struct rxp_reason *reason)
{
	return rxp_terms_read(out, RXP_KIND_PROFILE, octets, len, NULL, reason, read_profile);
}
