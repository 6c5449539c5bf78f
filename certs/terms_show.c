#include "certs/terms_show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certs/file.h"
#include "certs/options.h"
#include "certs/report.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/seal/cert.h"
#include "protocol/terms/calendar.h"
#include "protocol/terms/profile.h"
#include "protocol/terms/terms.h"
#include "protocol/xml/xml.h"

/* --- the file -------------------------------------------------------------------------------- */

/* A file taken in: its octets and, if it is sealed, who says that he sealed it under what. */
struct source {
	struct rxp_buf octets;
	struct rxp_cert *cert; /* NULL for a draft */
	char party[RXP_PARTY_TEXT];
};

static int read_claim(struct source *s, enum rxp_kind kind)
{
	struct rxp_xml *xml = NULL;
	struct rxp_walk w;
	int rc;

	rc = rxp_xml_parse(
	    &xml, s->octets.data, s->octets.len, RXP_MAX_TERMS_OCTETS, RXP_XML_SEALED);
	if (rc == 0)
		rc = rxp_seal_claimed_cert(&s->cert, xml, kind);
	if (rc == 0) {
		rxp_walk_init(&w, rxp_xml_first(rxp_xml_root(xml)), rxp_kind_namespace(kind));
		rc = rxp_walk_party(&w, "Party", s->party);
	}
	rxp_xml_free(xml);
	return rc;
}

static bool is_sealed(const struct source *s, enum rxp_kind kind)
{
	const char *root = rxp_kind_root(kind);
	size_t len = strlen(root);

	return s->octets.len > len + 1 && s->octets.data[0] == '<' &&
	       memcmp(s->octets.data + 1, root, len) == 0 &&
	       (s->octets.data[len + 1] == ' ' || s->octets.data[len + 1] == '>');
}

static int source_read(struct source *s, enum rxp_kind kind, const char *path)
{
	int rc;

	*s = (struct source){0};
	rxp_buf_init(&s->octets, FILE_MAX_OCTETS);
	rc = file_read(&s->octets, path);
	if (rc != 0)
		return rc;
	if (is_sealed(s, kind))
		return read_claim(s, kind);
	while (s->octets.len > 0 && s->octets.data[s->octets.len - 1] == '\n')
		s->octets.len--; /* nothing follows a root element (RXP-XML-002) */
	return 0;
}

static void source_free(struct source *s)
{
	rxp_buf_free(&s->octets);
	rxp_cert_free(s->cert);
}

/* --- values ---------------------------------------------------------------------------------- */

static void print_time(const char *word, int64_t ms)
{
	char text[RXP_TIME_TEXT];

	rxp_time_text(text, ms);
	printf("%s %s\n", word, text);
}

static const char *day_text(char out[RXP_DAY_TEXT], int32_t day)
{
	rxp_day_text(out, day);
	return out;
}

/* The mark that ends the line of a value. */
static void print_mark(enum rxp_word source)
{
	printf(" [%s]\n", rxp_word_text(source));
}

static void print_seal(
    const char *party, int64_t created_ms, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	char digits[RXP_DIGEST_HEX];

	if (party[0] == '\0') {
		printf("a draft: nothing protects it, and no node takes it\n");
		return;
	}
	rxp_hex_put(digits, digest, RXP_DIGEST_OCTETS, false);
	printf("sealed by %s\n", party);
	print_time("sealed at", created_ms);
	printf("digest %s\n", digits);
}

/* --- profiles -------------------------------------------------------------------------------- */

static void print_side(const struct rxp_profile *p, int side)
{
	printf("%s", side == 0 ? "between" : "and    ");
	for (size_t i = 0; i < p->sides[side].n; i++)
		printf(" %s", p->sides[side].parties[i]);
	printf("\n");
}

static void print_identity(const struct rxp_profile *p)
{
	printf("profile %s, version %u\n%s\n", p->id, p->version, p->title);
	if (p->status != RXP_STATUS_VERIFIED)
		printf("WARNING: %s: %s\n", rxp_word_text(p->status), rxp_word_meaning(p->status));
	print_seal(p->publisher, p->created_ms, p->digest);
	print_time("starts", p->starts_ms);
	if (p->ends_ms != RXP_MAX_TIME_MS)
		print_time("ends", p->ends_ms);
	if (p->has_base)
		printf("WARNING: an overlay: what it does not say, %s version %u says\n",
		    p->base.id, p->base.version);
	for (int side = 0; side < 2; side++)
		if (p->has_sides)
			print_side(p, side);
	if (!p->has_sides)
		printf("between any two States\n");
}

static void print_chapters(const struct rxp_profile *p)
{
	char text[RXP_DAY_TEXT];

	for (size_t i = 0; i < p->chapters.n; i++) {
		printf("%s: %s", rxp_word_meaning(p->chapters.rows[i].name),
		    rxp_word_meaning(p->chapters.rows[i].state));
		if (p->chapters.rows[i].from_day >= 0)
			printf(", from %s", day_text(text, p->chapters.rows[i].from_day));
		if (p->chapters.rows[i].until_day >= 0)
			printf(", until %s", day_text(text, p->chapters.rows[i].until_day));
		print_mark(p->chapters.rows[i].source);
	}
}

static void print_counting(const struct rxp_profile *p)
{
	if (p->counting.source == RXP_WORD_ABSENT)
		return;
	printf("calendar: %s; if a last day is no working day: %s",
	    rxp_word_meaning(p->counting.calendar), rxp_word_meaning(p->counting.roll));
	if (p->counting.cut_off >= 0)
		printf(
		    "; cut-off at %02d:%02d", p->counting.cut_off / 60, p->counting.cut_off % 60);
	print_mark(p->counting.source);
}

static void print_clock(enum rxp_clock clock, const struct rxp_limit *limit)
{
	const struct rxp_clock_row *row = rxp_clock_row(clock);

	printf("%s: ", row->word);
	if (rxp_unit_counts(limit->unit))
		printf("%u %s", limit->value, rxp_word_text(limit->unit));
	else
		printf("%s", rxp_word_meaning(limit->unit));
	if (limit->start != RXP_WORD_ABSENT)
		printf(", from %s", rxp_word_meaning(limit->start));
	else if (rxp_unit_counts(limit->unit) && row->profile_starts)
		printf(", start not said, so from %s", rxp_word_meaning(RXP_START_RECEIPT));
	if (limit->mode != RXP_WORD_ABSENT)
		printf(", %s%s", rxp_word_meaning(limit->mode),
		    limit->consent ? ", with the requesting State's consent" : "");
	if (limit->extendable)
		printf(", may be extended");
	print_mark(limit->source);
	printf("  %s\n", row->meaning);
}

static void print_clocks(const struct rxp_profile *p)
{
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		if (p->clocks[i].source != RXP_WORD_ABSENT)
			print_clock((enum rxp_clock)i, &p->clocks[i]);
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		if (p->clocks[i].source == RXP_WORD_ABSENT)
			printf("%s: not said\n", rxp_clock_row((enum rxp_clock)i)->word);
}

static void print_silence(const struct rxp_profile *p)
{
	if (p->silences.n == 0)
		printf("silence: means nothing\n");
	for (size_t i = 0; i < p->silences.n; i++) {
		printf("silence after %s, for %s: %s", rxp_word_meaning(p->silences.rows[i].after),
		    rxp_word_meaning(p->silences.rows[i].persons),
		    rxp_word_meaning(p->silences.rows[i].means));
		print_mark(p->silences.rows[i].source);
	}
	for (size_t i = 0; i < p->effects.n; i++) {
		printf("%s: %s (%s)", rxp_word_meaning(p->effects.rows[i].of),
		    rxp_word_text(p->effects.rows[i].does),
		    rxp_word_meaning(p->effects.rows[i].does));
		print_mark(p->effects.rows[i].source);
	}
	for (size_t i = 0; i < p->fallbacks.n; i++) {
		const char *requested = p->fallbacks.rows[i].requested;

		printf("if the travel document of %s is late: %s",
		    requested[0] == '\0' ? "the requested State" : requested,
		    rxp_word_meaning(p->fallbacks.rows[i].by));
		print_mark(p->fallbacks.rows[i].source);
	}
}

static void print_particulars(const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->languages.n; i++)
		printf("language %s\n", p->languages.rows[i]);
	for (size_t i = 0; i < p->offices.n; i++)
		printf("office %s\n", p->offices.rows[i]);
	for (size_t i = 0; i < p->crossing_points.n; i++)
		printf("crossing point of %s: %s (%s)\n", p->crossing_points.rows[i].party,
		    p->crossing_points.rows[i].code,
		    rxp_word_meaning(p->crossing_points.rows[i].scheme));
	for (size_t i = 0; i < p->evidence.n; i++) {
		printf("evidence, list %u: %s: %s", p->evidence.rows[i].list,
		    p->evidence.rows[i].kind, rxp_word_meaning(p->evidence.rows[i].strength));
		print_mark(p->evidence.rows[i].source);
	}
	if (p->attachments.source != RXP_WORD_ABSENT) {
		printf("attachments: %u MiB each, %u a person, %u a document; %s",
		    p->attachments.file_mib, p->attachments.person, p->attachments.document,
		    rxp_word_meaning(p->attachments.pending));
		print_mark(p->attachments.source);
	}
	for (size_t i = 0; i < p->retention.n; i++) {
		printf("data are kept %u months %s", p->retention.rows[i].months,
		    rxp_word_meaning(p->retention.rows[i].after));
		print_mark(p->retention.rows[i].source);
	}
	for (size_t i = 0; i < p->remarks.n; i++) {
		printf("remark: %s", p->remarks.rows[i].text);
		print_mark(p->remarks.rows[i].source);
	}
}

/* What the marks mean, of those that sources can have. */
static void print_legend(void)
{
	for (int i = 1; i < RXP_WORD_COUNT; i++)
		if (rxp_word_list((enum rxp_word)i) == RXP_LIST_SOURCE)
			printf("[%s] %s\n", rxp_word_text((enum rxp_word)i),
			    rxp_word_meaning((enum rxp_word)i));
}

int profile_show(const struct options *o)
{
	struct rxp_profile *p = malloc(sizeof *p);
	struct rxp_reason reason = {0};
	struct source s = {0};
	int rc = p == NULL ? RXP_ERR_NOMEM : source_read(&s, RXP_KIND_PROFILE, o->file);

	if (rc == 0 && s.cert != NULL)
		rc = rxp_profile_open(p, s.octets.data, s.octets.len, s.party,
		    (const struct rxp_cert *const[]){s.cert}, 1, &reason);
	else if (rc == 0)
		rc = rxp_profile_draft(p, s.octets.data, s.octets.len, &reason);
	if (rc == 0) {
		print_identity(p);
		print_chapters(p);
		print_counting(p);
		print_clocks(p);
		print_silence(p);
		print_particulars(p);
		print_legend();
	}
	source_free(&s);
	free(p);
	return report_refusal(o->file, rc, &reason);
}

/* --- calendars ------------------------------------------------------------------------------- */

static void print_calendar(const struct rxp_calendar *c)
{
	char text[RXP_DAY_TEXT];

	printf("calendar of %s, version %u\n", c->owner, c->version);
	print_seal(c->created_ms == 0 ? "" : c->owner, c->created_ms, c->digest);
	print_time("for clocks that start from", c->effective_ms);
	printf("speaks of %s", day_text(text, c->first_day));
	printf(" to %s\n", day_text(text, c->last_day));
	printf("zone: %s\n", c->zone);
	for (size_t i = 0; i < c->n_offsets; i++) {
		char time[RXP_TIME_TEXT];

		rxp_time_text(time, c->offsets[i].from_ms);
		printf("  from %s %+d minutes\n", time, c->offsets[i].minutes);
	}
	for (int i = 0; i < RXP_WEEKDAY_COUNT; i++)
		if ((c->weekend & 1U << i) != 0)
			printf("no working day: every %s\n", rxp_weekday_name((enum rxp_weekday)i));
	for (size_t i = 0; i < c->n_holidays; i++)
		printf("no working day: %s, a %s\n", day_text(text, c->holidays[i]),
		    rxp_weekday_name(rxp_day_weekday(c->holidays[i])));
}

int calendar_show(const struct options *o)
{
	struct rxp_calendar c;
	struct rxp_reason reason = {0};
	struct source s;
	int rc = source_read(&s, RXP_KIND_CALENDAR, o->file);

	if (rc == 0 && s.cert != NULL)
		rc = rxp_calendar_open(&c, s.octets.data, s.octets.len, s.party,
		    (const struct rxp_cert *const[]){s.cert}, 1, &reason);
	else if (rc == 0)
		rc = rxp_calendar_draft(&c, s.octets.data, s.octets.len, &reason);
	if (rc == 0)
		print_calendar(&c);
	source_free(&s);
	return report_refusal(o->file, rc, &reason);
}
