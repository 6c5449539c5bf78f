#include "daemon/base/terms.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/terms_rows.h"
#include "protocol/base/buf.h"

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
	const struct terms_rows *rows;

	put_head(out, p);
	put_sides(out, p);
	put_clocks(out, p);
	put_attachments(out, p);
	for (size_t i = 0; (rows = terms_rows_at(i)) != NULL; i++)
		terms_rows_put(out, rows, p);
	put_remarks(out, p);
	return rxp_buf_error(out);
}
