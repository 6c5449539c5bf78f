#include "daemon/base/terms.h"

#include <stdio.h>
#include <string.h>

#include "protocol/buf.h"

/* A word of a list, "" for none. */
static void put_word(char out[RECORD_NAME_MAX], enum rxp_word word)
{
	snprintf(out, RECORD_NAME_MAX, "%s", rxp_word_text(word));
}

static void put_text(char out[RECORD_NAME_MAX], const char *text)
{
	snprintf(out, RECORD_NAME_MAX, "%s", text);
}

static void put_head(struct rxp_buf *out, const struct rxp_profile *p)
{
	struct rec_profile_head r = {.created_ms = p->created_ms,
	    .version = p->version,
	    .starts_ms = p->starts_ms,
	    .ends_ms = p->ends_ms,
	    .has_base = p->has_base,
	    .base_version = p->base.version,
	    .has_sides = p->has_sides,
	    .cut_off = p->counting.cut_off};

	memcpy(r.publisher, p->publisher, sizeof r.publisher);
	memcpy(r.digest, p->digest, sizeof r.digest);
	put_text(r.id, p->id);
	put_word(r.status, p->status);
	put_text(r.title, p->title);
	put_text(r.base_id, p->base.id);
	memcpy(r.base_digest, p->base.digest, sizeof r.base_digest);
	put_word(r.source, p->counting.source);
	put_word(r.calendar, p->counting.calendar);
	put_word(r.roll, p->counting.roll);
	record_list_put(out, REC_profile_head, &record_profile_head, &r);
}

static void put_sides(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (uint32_t side = 0; side < 2; side++)
		for (size_t i = 0; i < p->sides[side].n; i++) {
			struct rec_profile_side r = {.side = side};

			memcpy(r.party, p->sides[side].parties[i], sizeof r.party);
			record_list_put(out, REC_profile_side, &record_profile_side, &r);
		}
}

static void put_chapters(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->chapters.n; i++) {
		struct rec_profile_chapter r = {.from_day = p->chapters.rows[i].from_day,
		    .until_day = p->chapters.rows[i].until_day};

		put_word(r.name, p->chapters.rows[i].name);
		put_word(r.state, p->chapters.rows[i].state);
		put_word(r.source, p->chapters.rows[i].source);
		record_list_put(out, REC_profile_chapter, &record_profile_chapter, &r);
	}
}

static void put_clocks(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (unsigned clock = 0; clock < RXP_CLOCK_COUNT; clock++) {
		const struct rxp_limit *l = &p->clocks[clock];
		struct rec_profile_clock r = {
		    .value = l->value, .consent = l->consent, .extendable = l->extendable};

		if (l->source == RXP_WORD_ABSENT)
			continue;
		put_text(r.clock, rxp_clock_row((enum rxp_clock)clock)->word);
		put_word(r.source, l->source);
		put_word(r.unit, l->unit);
		put_word(r.start, l->start);
		put_word(r.mode, l->mode);
		record_list_put(out, REC_profile_clock, &record_profile_clock, &r);
	}
}

static void put_silences(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->silences.n; i++) {
		struct rec_profile_silence r;

		put_word(r.persons, p->silences.rows[i].persons);
		put_word(r.after, p->silences.rows[i].after);
		put_word(r.means, p->silences.rows[i].means);
		put_word(r.source, p->silences.rows[i].source);
		record_list_put(out, REC_profile_silence, &record_profile_silence, &r);
	}
}

static void put_effects(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->effects.n; i++) {
		struct rec_profile_effect r;

		put_word(r.of, p->effects.rows[i].of);
		put_word(r.does, p->effects.rows[i].does);
		put_word(r.source, p->effects.rows[i].source);
		record_list_put(out, REC_profile_effect, &record_profile_effect, &r);
	}
}

static void put_fallbacks(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->fallbacks.n; i++) {
		struct rec_profile_fallback r;

		memcpy(r.requested, p->fallbacks.rows[i].requested, sizeof r.requested);
		put_word(r.by, p->fallbacks.rows[i].by);
		put_word(r.source, p->fallbacks.rows[i].source);
		record_list_put(out, REC_profile_fallback, &record_profile_fallback, &r);
	}
}

static void put_languages(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->languages.n; i++) {
		struct rec_profile_language r;

		put_text(r.language, p->languages.rows[i]);
		record_list_put(out, REC_profile_language, &record_profile_language, &r);
	}
}

static void put_offices(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->offices.n; i++) {
		struct rec_profile_office r;

		put_text(r.office, p->offices.rows[i]);
		record_list_put(out, REC_profile_office, &record_profile_office, &r);
	}
}

static void put_crossings(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->crossing_points.n; i++) {
		struct rec_profile_crossing r;

		memcpy(r.party, p->crossing_points.rows[i].party, sizeof r.party);
		put_word(r.scheme, p->crossing_points.rows[i].scheme);
		put_text(r.code, p->crossing_points.rows[i].code);
		record_list_put(out, REC_profile_crossing, &record_profile_crossing, &r);
	}
}

static void put_evidence(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->evidence.n; i++) {
		struct rec_profile_evidence r = {.list = p->evidence.rows[i].list};

		put_text(r.kind, p->evidence.rows[i].kind);
		put_word(r.strength, p->evidence.rows[i].strength);
		put_word(r.source, p->evidence.rows[i].source);
		record_list_put(out, REC_profile_evidence, &record_profile_evidence, &r);
	}
}

static void put_attachments(struct rxp_buf *out, const struct rxp_profile *p)
{
	struct rec_profile_attachments r = {.file_mib = p->attachments.file_mib,
	    .person = p->attachments.person,
	    .document = p->attachments.document};

	if (p->attachments.source == RXP_WORD_ABSENT)
		return;
	put_word(r.source, p->attachments.source);
	put_word(r.pending, p->attachments.pending);
	record_list_put(out, REC_profile_attachments, &record_profile_attachments, &r);
}

static void put_retention(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->retention.n; i++) {
		struct rec_profile_retention r = {.months = p->retention.rows[i].months};

		put_word(r.after, p->retention.rows[i].after);
		put_word(r.source, p->retention.rows[i].source);
		record_list_put(out, REC_profile_retention, &record_profile_retention, &r);
	}
}

static void put_remarks(struct rxp_buf *out, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->remarks.n; i++) {
		const char *text = p->remarks.rows[i].text;
		struct rec_profile_remark r = {.text = {(const uint8_t *)text, strlen(text)}};

		put_word(r.source, p->remarks.rows[i].source);
		record_list_put(out, REC_profile_remark, &record_profile_remark, &r);
	}
}

int terms_put_profile(struct rxp_buf *out, const struct rxp_profile *p)
{
	static void (*const parts[])(struct rxp_buf *, const struct rxp_profile *) = {put_head,
	    put_sides, put_chapters, put_clocks, put_silences, put_effects, put_fallbacks,
	    put_languages, put_offices, put_crossings, put_evidence, put_attachments, put_retention,
	    put_remarks};

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		parts[i](out, p);
	return rxp_buf_error(out);
}
