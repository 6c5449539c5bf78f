#include "daemon/registry/terms/finding.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/buf.h"
#include "protocol/base/date.h"

#define YEAR_DAYS 365

enum finding {
#define FINDING(name, word, weight, requirement, text) FINDING_##name,
#include "daemon/registry/terms/finding.def"
#undef FINDING
	FINDING_COUNT
};

#define WORD_BLOCKS "blocks"
#define WORD_LACKS "lacks"
#define WORD_NOTE "note"

static const struct {
	const char *word, *weight, *requirement, *text;
} table[FINDING_COUNT] = {
#define FINDING(name, word, weight, requirement, text) \
	[FINDING_##name] = {word, WORD_##weight, requirement, text},
#include "daemon/registry/terms/finding.def"
#undef FINDING
};

/* subject: words of closed lists and party codes, "" for the profile as a whole. */
static int put(struct rxp_buf *rows, enum finding finding, const char *subject)
{
	struct rec_finding_row r = {.text = {.data = (const uint8_t *)table[finding].text,
					.len = strlen(table[finding].text)}};

	snprintf(r.finding, sizeof r.finding, "%s", table[finding].word);
	snprintf(r.weight, sizeof r.weight, "%s", table[finding].weight);
	snprintf(r.subject, sizeof r.subject, "%s", subject);
	snprintf(r.requirement, sizeof r.requirement, "%s", table[finding].requirement);
	return record_list_put(rows, REC_finding_row, &record_finding_row, &r);
}

/* --- values --------------------------------------------------------------------------------------- */

/* Only the text of the agreement and the specification itself are sure. */
static void put_mark(struct rxp_buf *rows, const char *kind, const char *word, enum rxp_word source)
{
	char subject[RECORD_NAME_MAX];

	if (source == RXP_WORD_ABSENT || source == RXP_SOURCE_TEXT ||
	    source == RXP_SOURCE_SPECIFICATION)
		return;
	snprintf(subject, sizeof subject, "%s%s%.32s: %s", kind, word[0] != '\0' ? " " : "", word,
	    rxp_word_text(source));
	put(rows, FINDING_VALUE, subject);
}

static void put_marks(struct rxp_buf *rows, const struct rxp_profile *p)
{
	for (size_t i = 0; i < p->chapters.n; i++)
		put_mark(rows, "chapter", rxp_word_text(p->chapters.rows[i].name),
		    p->chapters.rows[i].source);
	put_mark(rows, "counting", "", p->counting.source);
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		put_mark(
		    rows, "clock", rxp_clock_row((enum rxp_clock)i)->word, p->clocks[i].source);
	for (size_t i = 0; i < p->silences.n; i++)
		put_mark(rows, "silence after", rxp_word_text(p->silences.rows[i].after),
		    p->silences.rows[i].source);
	for (size_t i = 0; i < p->effects.n; i++)
		put_mark(rows, "effect of", rxp_word_text(p->effects.rows[i].of),
		    p->effects.rows[i].source);
	for (size_t i = 0; i < p->fallbacks.n; i++)
		put_mark(
		    rows, "fallback", p->fallbacks.rows[i].requested, p->fallbacks.rows[i].source);
	for (size_t i = 0; i < p->evidence.n; i++)
		put_mark(rows, "evidence", p->evidence.rows[i].kind, p->evidence.rows[i].source);
	put_mark(rows, "attachments", "", p->attachments.source);
	for (size_t i = 0; i < p->retention.n; i++)
		put_mark(rows, "retention", rxp_word_text(p->retention.rows[i].after),
		    p->retention.rows[i].source);
}

static void put_clocks(struct rxp_buf *rows, const struct rxp_profile *p)
{
	for (int i = 0; i < RXP_CLOCK_COUNT; i++) {
		const char *word = rxp_clock_row((enum rxp_clock)i)->word;

		if (p->clocks[i].source == RXP_WORD_ABSENT)
			put(rows, FINDING_CLOCK_ABSENT, word);
		else if (p->clocks[i].unit == RXP_UNIT_UNKNOWN)
			put(rows, FINDING_CLOCK_UNKNOWN, word);
	}
}

/* --- the profile by itself ------------------------------------------------------------------------- */

static void put_times(struct rxp_buf *rows, const struct rxp_profile *p, int64_t now_ms)
{
	if (now_ms < p->starts_ms)
		put(rows, FINDING_EARLY, "");
	else if (now_ms >= p->ends_ms)
		put(rows, FINDING_ENDED, "");
	else if (p->ends_ms - now_ms < YEAR_DAYS * RXP_DAY_MS)
		put(rows, FINDING_ENDS, "");
}

/* A day of UTC is near enough for people to look. */
static void put_chapters(struct rxp_buf *rows, const struct rxp_profile *p, int64_t now_ms)
{
	int32_t today = (int32_t)(now_ms / RXP_DAY_MS);

	for (size_t i = 0; i < p->chapters.n; i++) {
		enum rxp_word name = p->chapters.rows[i].name;

		if (rxp_profile_chapter(p, name, today) == RXP_CHAPTER_STATE_SUSPENDED)
			put(rows, FINDING_SUSPENDED, rxp_word_text(name));
	}
}

int finding_of_profile(
    struct rxp_buf *rows, const struct terms *t, const struct shelf_profile *p, int64_t now_ms)
{
	if (terms_unattested(t, p))
		put(rows, FINDING_UNATTESTED, "");
	else if (p->laid.status == RXP_STATUS_UNVERIFIED && p->laid.publisher[0] != '\0')
		put(rows, FINDING_UNVERIFIED, "");
	put_times(rows, &p->laid, now_ms);
	put_chapters(rows, &p->laid, now_ms);
	put_marks(rows, &p->laid);
	put_clocks(rows, &p->laid);
	return rxp_buf_error(rows);
}

/* --- between two ----------------------------------------------------------------------------------- */

/* Does any clock count days or months? Hours need no calendar. */
static bool counts_days(const struct rxp_profile *p)
{
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		if (p->clocks[i].source != RXP_WORD_ABSENT && rxp_unit_counts(p->clocks[i].unit) &&
		    p->clocks[i].unit != RXP_UNIT_HOURS)
			return true;
	return false;
}

static void put_calendar(
    struct rxp_buf *rows, const struct terms *t, const char *owner, int64_t now_ms)
{
	struct rxp_calendars all = shelf_calendars(terms_shelf(t), owner);
	size_t at;
	bool covered;

	if (all.n == 0 || rxp_calendars_at(&at, &all, now_ms) != 0) {
		put(rows, FINDING_NO_CALENDAR, owner);
		return;
	}
	for (int32_t day = 0; day <= YEAR_DAYS; day++) {
		rxp_calendars_for(
		    &all, at, rxp_calendar_day(all.versions[at], now_ms) + day, &covered);
		if (!covered) {
			put(rows, FINDING_CALENDAR_ENDS, owner);
			return;
		}
	}
}

/* The same terms from both States have one digest; others of one name are not taken (RXP-PRF-025). */
static bool published_by_both(
    const struct terms *t, const struct shelf_profile *p, const char *peer)
{
	const struct shelf *shelf = terms_shelf(t);
	const struct shelf_profile *o;
	bool ours = false, theirs = false;

	for (size_t i = 0; (o = shelf_profile_at(shelf, i)) != NULL; i++) {
		if (strcmp(o->laid.id, p->laid.id) != 0 || o->laid.version != p->laid.version)
			continue;
		theirs = theirs || strcmp(o->laid.publisher, peer) == 0;
		ours = ours || (o->laid.publisher[0] != '\0' &&
				   strcmp(o->laid.publisher, peer) != 0 && terms_fits(t, o, peer));
	}
	return ours && theirs;
}

int finding_with_peer(struct rxp_buf *rows, const struct terms *t, const struct shelf_profile *p,
    const char *peer, int64_t now_ms)
{
	struct store_case chosen = {.requesting = true};
	struct terms_of_case found;
	struct terms_why why;

	if (!terms_fits(t, p, peer)) {
		put(rows, FINDING_NOT_FOR, peer);
		return rxp_buf_error(rows);
	}
	if (counts_days(&p->laid)) {
		put_calendar(rows, t, peer, now_ms);
		put_calendar(rows, t, terms_own(t), now_ms);
	}
	if (p->laid.publisher[0] != '\0')
		put(rows, published_by_both(t, p, peer) ? FINDING_SAME_TERMS : FINDING_ONE_SIDED,
		    peer);
	snprintf(chosen.peer, sizeof chosen.peer, "%s", peer);
	(void)terms_for_new(&why, t, &chosen, now_ms);
	if (terms_find(&found, t, &chosen) == 0 && found.profile == &p->laid)
		put(rows, FINDING_CHOSEN, peer);
	return rxp_buf_error(rows);
}

int finding_no_peer(struct rxp_buf *rows)
{
	return put(rows, FINDING_NO_PEER, "");
}
