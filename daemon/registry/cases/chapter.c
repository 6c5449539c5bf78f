#include "daemon/registry/cases/chapter.h"

#include <stdbool.h>

#include "daemon/registry/terms/terms.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/case/case.h"

/* The day by the calendar that counts (RXP-PRF-012), or that of UTC if none applies. */
static int32_t day_of(const struct terms_of_case *terms, int64_t created_ms)
{
	size_t at;

	if (rxp_calendars_at(&at, &terms->calendars, created_ms) == 0)
		return rxp_calendar_day(terms->calendars.versions[at], created_ms);
	return (int32_t)(created_ms / RXP_DAY_MS);
}

static bool is_suspended(
    const struct terms_of_case *terms, enum rxp_word chapter, int64_t created_ms)
{
	return rxp_profile_chapter(terms->profile, chapter, day_of(terms, created_ms)) ==
	       RXP_CHAPTER_STATE_SUSPENDED;
}

static bool needs_suspended(
    const struct terms_of_case *terms, const struct rxp_case_document *d, int64_t created_ms)
{
	if (d->type == RXP_TYPE_TRANSIT_APPLICATION)
		return is_suspended(terms, RXP_CHAPTER_TRANSIT, created_ms);
	if (d->type != RXP_TYPE_READMISSION_APPLICATION && d->type != RXP_TYPE_ADVANCE_NOTICE)
		return false;
	for (unsigned i = 0; i < d->n_persons; i++) {
		bool foreign =
		    (d->persons[i].gives & (rxp_traits)1 << RXP_CASE_TRAIT_THIRD_COUNTRY) != 0;

		if (is_suspended(terms,
			foreign ? RXP_CHAPTER_THIRD_COUNTRY : RXP_CHAPTER_OWN_NATIONALS,
			created_ms))
			return true;
	}
	return false;
}

int chapter_open(struct terms_why *why, const struct terms *t, const struct store_case *c,
    const struct rxp_case_document *d, int64_t created_ms)
{
	struct terms_of_case terms;
	int rc = terms_find(&terms, t, c);

	if (rc != 0 || !needs_suspended(&terms, d, created_ms))
		return rc;
	*why = (struct terms_why){"RXP-PRF-019", "this part of the agreement is suspended"};
	return RXP_ERR_STATE;
}
