#include "protocol/terms/profile.h"

#include <string.h>

#include "protocol/base/err.h"
#include "protocol/terms/terms.h"

/* --- overlay and versions ------------------------------------------------------------------ */

static bool on_side(const struct rxp_profile *p, int side, const char *party)
{
	for (size_t i = 0; i < p->sides[side].n; i++)
		if (strcmp(p->sides[side].parties[i], party) == 0)
			return true;
	return false;
}

static bool side_within(
    const struct rxp_profile *overlay, int side, const struct rxp_profile *base, int base_side)
{
	for (size_t i = 0; i < overlay->sides[side].n; i++)
		if (!on_side(base, base_side, overlay->sides[side].parties[i]))
			return false;
	return true;
}

/* RXP-PRF-015; the sides may be given in either order. */
static bool binds(const struct rxp_profile *base, const struct rxp_profile *overlay)
{
	if (!base->has_sides || !overlay->has_sides)
		return !base->has_sides;
	return (side_within(overlay, 0, base, 0) && side_within(overlay, 1, base, 1)) ||
	       (side_within(overlay, 0, base, 1) && side_within(overlay, 1, base, 0));
}

static int check_overlay(
    const struct rxp_profile *base, const struct rxp_profile *overlay, struct rxp_reason *reason)
{
	if (!overlay->has_base || base->has_base)
		return rxp_terms_refuse(reason, RXP_TERMS_LAYERS);
	if (strcmp(overlay->base.id, base->id) != 0 || overlay->base.version != base->version ||
	    memcmp(overlay->base.digest, base->digest, RXP_DIGEST_OCTETS) != 0)
		return rxp_terms_refuse(reason, RXP_TERMS_BASE);
	if (!binds(base, overlay))
		return rxp_terms_refuse(reason, RXP_TERMS_FOREIGN);
	return 0;
}

/* RXP-PRF-014: a test is a test, and one unverified half makes the whole unverified. */
static enum rxp_word weaker(enum rxp_word a, enum rxp_word b)
{
	if (a == RXP_STATUS_TEST || b == RXP_STATUS_TEST)
		return RXP_STATUS_TEST;
	return a == RXP_STATUS_UNVERIFIED ? a : b;
}

/* What the overlay does not say, the base says. */
#define INHERIT_ROWS(p, base, member) \
	do { \
		if ((p)->member.n == 0) \
			(p)->member = (base)->member; \
	} while (0)
#define INHERIT_ONE(p, base, member) \
	do { \
		if ((p)->member.source == RXP_WORD_ABSENT) \
			(p)->member = (base)->member; \
	} while (0)

static void inherit(struct rxp_profile *p, const struct rxp_profile *base)
{
	INHERIT_ROWS(p, base, chapters);
	INHERIT_ONE(p, base, counting);
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		INHERIT_ONE(p, base, clocks[i]);
	INHERIT_ROWS(p, base, silences);
	INHERIT_ROWS(p, base, effects);
	INHERIT_ROWS(p, base, fallbacks);
	INHERIT_ROWS(p, base, languages);
	INHERIT_ROWS(p, base, offices);
	INHERIT_ROWS(p, base, crossing_points);
	INHERIT_ROWS(p, base, evidence);
	INHERIT_ONE(p, base, attachments);
	INHERIT_ROWS(p, base, retention);
	INHERIT_ROWS(p, base, remarks);
	if (!p->has_sides) {
		p->has_sides = base->has_sides;
		memcpy(p->sides, base->sides, sizeof p->sides);
	}
}

int rxp_profile_overlay(struct rxp_profile *out, const struct rxp_profile *base,
    const struct rxp_profile *overlay, struct rxp_reason *reason)
{
	struct rxp_profile whole = *overlay;
	int rc = check_overlay(base, overlay, reason);

	if (rc != 0)
		return rc;
	inherit(&whole, base);
	whole.has_base = false;
	whole.status = weaker(base->status, overlay->status);
	if (base->starts_ms > whole.starts_ms)
		whole.starts_ms = base->starts_ms;
	if (base->ends_ms < whole.ends_ms)
		whole.ends_ms = base->ends_ms;
	*out = whole;
	return 0;
}

int rxp_profile_succeeds(
    const struct rxp_profile *held, const struct rxp_profile *next, struct rxp_reason *reason)
{
	if (strcmp(held->id, next->id) != 0 || strcmp(held->publisher, next->publisher) != 0)
		return rxp_terms_refuse(reason, RXP_TERMS_OTHER);
	if (next->version <= held->version)
		return rxp_terms_refuse(reason, RXP_TERMS_VERSION);
	if (next->starts_ms <= held->starts_ms)
		return rxp_terms_refuse(reason, RXP_TERMS_START_ORDER);
	return 0;
}

/* --- questions ----------------------------------------------------------------------------- */

bool rxp_profile_fits(const struct rxp_profile *p, const char *one, const char *other)
{
	if (p->has_base || strcmp(one, other) == 0)
		return false;
	if (strcmp(p->publisher, one) != 0 && strcmp(p->publisher, other) != 0)
		return false;
	return !p->has_sides || (on_side(p, 0, one) && on_side(p, 1, other)) ||
	       (on_side(p, 1, one) && on_side(p, 0, other));
}

bool rxp_profile_in_time(const struct rxp_profile *p, int64_t created_ms)
{
	return created_ms >= p->starts_ms && created_ms < p->ends_ms;
}

enum rxp_word rxp_profile_chapter(const struct rxp_profile *p, enum rxp_word chapter, int32_t day)
{
	for (size_t i = 0; i < p->chapters.n; i++) {
		int32_t from = p->chapters.rows[i].from_day;
		int32_t until = p->chapters.rows[i].until_day;

		if (p->chapters.rows[i].name == chapter && day >= from &&
		    (until < 0 || day <= until))
			return p->chapters.rows[i].state;
	}
	return RXP_WORD_ABSENT;
}

enum rxp_word rxp_profile_silence(
    const struct rxp_profile *p, enum rxp_word persons, enum rxp_word after)
{
	for (size_t i = 0; i < p->silences.n; i++)
		if (p->silences.rows[i].persons == persons && p->silences.rows[i].after == after &&
		    p->silences.rows[i].means == RXP_SILENCE_CONSENT)
			return RXP_SILENCE_CONSENT;
	return RXP_SILENCE_NOTHING;
}

enum rxp_word rxp_profile_effect(const struct rxp_profile *p, enum rxp_word disturbance)
{
	for (size_t i = 0; i < p->effects.n; i++)
		if (p->effects.rows[i].of == disturbance)
			return p->effects.rows[i].does;
	return RXP_EFFECT_NONE;
}

const char *rxp_profile_calendar(
    const struct rxp_profile *p, const char *requesting, const char *requested)
{
	return p->counting.calendar == RXP_CALENDAR_REQUESTING ? requesting : requested;
}
