#include "daemon/base/terms.h"

#include <string.h>

#include "daemon/base/terms_rows.h"
#include "protocol/base/err.h"

#define DAY_MINUTES 1440

/* What is wrong shows in one place: a reader goes on after a fault, and the result is dropped. */
struct reading {
	struct rxp_profile p;
	bool has_head, wrong;
};

static void expect(struct reading *r, bool holds)
{
	r->wrong = r->wrong || !holds;
}

static enum rxp_word word(struct reading *r, enum rxp_word_list list, const char *text)
{
	enum rxp_word out = RXP_WORD_ABSENT;

	expect(r, text[0] == '\0' || rxp_word_parse(&out, list, text) == 0);
	return out;
}

static void text(struct reading *r, char *out, size_t size, const char *in)
{
	expect(r, strlen(in) < size);
	if (strlen(in) < size)
		memcpy(out, in, strlen(in) + 1);
}

/* The next row of a list of max; the last one again if there is none left. */
static size_t next(struct reading *r, size_t *n, size_t max)
{
	expect(r, *n < max);
	if (*n < max)
		(*n)++;
	return *n - 1;
}

#define MAX(array) (sizeof(array) / sizeof((array)[0]))

static void on_head(struct reading *r, const void *record)
{
	const struct rec_profile_head *h = record;
	struct rxp_profile *p = &r->p;

	expect(r, !r->has_head && h->cut_off >= -1 && h->cut_off < DAY_MINUTES);
	r->has_head = true;
	memcpy(p->publisher, h->publisher, sizeof p->publisher);
	p->created_ms = h->created_ms;
	memcpy(p->digest, h->digest, sizeof p->digest);
	text(r, p->id, sizeof p->id, h->id);
	p->version = h->version;
	p->status = word(r, RXP_LIST_STATUS, h->status);
	text(r, p->title, sizeof p->title, h->title);
	p->starts_ms = h->starts_ms;
	p->ends_ms = h->ends_ms;
	p->has_base = h->has_base != 0;
	text(r, p->base.id, sizeof p->base.id, h->base_id);
	p->base.version = h->base_version;
	memcpy(p->base.digest, h->base_digest, sizeof p->base.digest);
	p->has_sides = h->has_sides != 0;
	p->counting.source = word(r, RXP_LIST_SOURCE, h->source);
	p->counting.calendar = word(r, RXP_LIST_CALENDAR, h->calendar);
	p->counting.roll = word(r, RXP_LIST_ROLL, h->roll);
	p->counting.cut_off = (int)h->cut_off;
}

static void on_side(struct reading *r, const void *record)
{
	const struct rec_profile_side *s = record;
	size_t side = s->side < 2 ? s->side : 0;
	size_t i = next(r, &r->p.sides[side].n, RXP_MAX_SIDE_PARTIES);

	expect(r, s->side < 2);
	memcpy(r->p.sides[side].parties[i], s->party, RXP_PARTY_TEXT);
}

static void on_clock(struct reading *r, const void *record)
{
	const struct rec_profile_clock *c = record;
	enum rxp_clock clock = RXP_CLOCK_REPLY;

	expect(r, rxp_clock_parse(&clock, c->clock) == 0 && c->source[0] != '\0');
	expect(r, r->p.clocks[clock].source == RXP_WORD_ABSENT);
	r->p.clocks[clock].source = word(r, RXP_LIST_SOURCE, c->source);
	r->p.clocks[clock].unit = word(r, RXP_LIST_UNIT, c->unit);
	r->p.clocks[clock].value = c->value;
	r->p.clocks[clock].start = word(r, RXP_LIST_START, c->start);
	r->p.clocks[clock].mode = word(r, RXP_LIST_MODE, c->mode);
	r->p.clocks[clock].consent = c->consent != 0;
	r->p.clocks[clock].extendable = c->extendable != 0;
}

static void on_attachments(struct reading *r, const void *record)
{
	const struct rec_profile_attachments *a = record;

	expect(r, a->source[0] != '\0' && r->p.attachments.source == RXP_WORD_ABSENT);
	r->p.attachments.source = word(r, RXP_LIST_SOURCE, a->source);
	r->p.attachments.file_mib = a->file_mib;
	r->p.attachments.person = a->person;
	r->p.attachments.document = a->document;
	r->p.attachments.pending = word(r, RXP_LIST_PENDING, a->pending);
}

static void on_remark(struct reading *r, const void *record)
{
	const struct rec_profile_remark *m = record;
	size_t i = next(r, &r->p.remarks.n, MAX(r->p.remarks.rows));

	r->p.remarks.rows[i].source = word(r, RXP_LIST_SOURCE, m->source);
	expect(r, m->text.len < RXP_REMARK_TEXT);
	if (m->text.len < RXP_REMARK_TEXT)
		memcpy(r->p.remarks.rows[i].text, m->text.data, m->text.len);
}

static const struct {
	uint16_t tag;
	const struct record_type *type;
	void (*read)(struct reading *r, const void *record);
} kinds[] = {
    {REC_profile_head, &record_profile_head, on_head},
    {REC_profile_side, &record_profile_side, on_side},
    {REC_profile_clock, &record_profile_clock, on_clock},
    {REC_profile_attachments, &record_profile_attachments, on_attachments},
    {REC_profile_remark, &record_profile_remark, on_remark},
};

/* Any of the records above. */
union any {
	struct rec_profile_head head;
	struct rec_profile_side side;
	struct rec_profile_clock clock;
	struct rec_profile_attachments attachments;
	struct rec_profile_remark remark;
};

static void read_one(struct reading *r, uint16_t tag, struct bytes fields)
{
	const struct terms_rows *rows = terms_rows_of(tag);
	union any record;

	if (rows != NULL) {
		expect(r, terms_rows_add(&r->p, rows, fields));
		return;
	}
	for (size_t i = 0; i < MAX(kinds); i++)
		if (kinds[i].tag == tag) {
			if (record_decode(&record, kinds[i].type, fields.data, fields.len) == 0)
				kinds[i].read(r, &record);
			else
				r->wrong = true;
			return;
		}
	r->wrong = true;
}

int terms_read_profile(struct rxp_profile *out, struct bytes records)
{
	struct record_cursor c = {.at = records.data, .left = records.len};
	struct reading r;
	struct bytes fields;
	uint16_t tag;
	int rc;

	memset(&r, 0, sizeof r);
	while (!r.wrong && (rc = record_list_next(&c, &tag, &fields)) == 1)
		read_one(&r, tag, fields);
	if (r.wrong || rc != 0 || !r.has_head)
		return RXP_ERR_STRUCTURE;
	*out = r.p;
	return 0;
}
