/*
 * profile - an agreement as data: what two States agreed about clocks, silence, documents and places.
 *
 * A profile is a plain structure without pointers; copy it as you like. Every value carries the mark
 * of its source; a value that is absent has the mark RXP_WORD_ABSENT. What the values mean stands in
 * spec/rxp-1.md, "Profiles and calendars"; how a due date comes from them, in "Clocks" and due.h.
 */
#ifndef RXP_PROFILE_H
#define RXP_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/message/type.h"
#include "protocol/terms/calendar.h"

/* --- words --------------------------------------------------------------------------------- */

enum rxp_word_list {
#define PROFILE_LIST(list, type, about) RXP_LIST_##list,
#include "protocol/terms/profile.def"
	RXP_LIST_COUNT
};

/* All words of all lists: RXP_UNIT_HOURS, RXP_SOURCE_MEMORY, … */
enum rxp_word {
	RXP_WORD_ABSENT,
#define PROFILE_WORD(list, name, word, meaning) RXP_##list##_##name,
#include "protocol/terms/profile.def"
	RXP_WORD_COUNT
};

const char *rxp_word_text(enum rxp_word word); /* "" for RXP_WORD_ABSENT */
const char *rxp_word_meaning(enum rxp_word word);
enum rxp_word_list rxp_word_list(enum rxp_word word); /* of a word that is not absent */
/* RXP_ERR_NOT_FOUND for a word that the list does not have. */
int rxp_word_parse(enum rxp_word *out, enum rxp_word_list list, const char *text);
const char *rxp_list_type(enum rxp_word_list list);
const char *rxp_list_about(enum rxp_word_list list);

/* --- clocks -------------------------------------------------------------------------------- */

enum rxp_clock {
#define CLOCK(name, word, kind, starts, units, warn, begins, requirement, meaning) RXP_CLOCK_##name,
#include "protocol/terms/clock.def"
#undef CLOCK
	RXP_CLOCK_COUNT
};

enum rxp_clock_kind {
	RXP_CLOCK_KIND_LIMIT,
	RXP_CLOCK_KIND_MINIMUM,
	RXP_CLOCK_KIND_VALIDITY,
	RXP_CLOCK_KIND_LONGER
};

struct rxp_clock_row {
	const char *word;
	enum rxp_clock_kind kind;
	bool profile_starts; /* the profile chooses the event that begins it */
	unsigned units; /* bit 1 << (unit - RXP_UNIT_HOURS) */
	int64_t warn_ms; /* before the due instant; 0: no warning */
	const char *begins;
	const char *requirement;
	const char *meaning;
};

const struct rxp_clock_row *rxp_clock_row(enum rxp_clock clock);
int rxp_clock_parse(enum rxp_clock *out, const char *word); /* RXP_ERR_NOT_FOUND */
/* Is there anything to count: hours, days or months? */
bool rxp_unit_counts(enum rxp_word unit);
/* May the clock be counted in this unit? */
bool rxp_clock_counts_in(enum rxp_clock clock, enum rxp_word unit);

/* --- profiles ------------------------------------------------------------------------------ */

#define RXP_REMARK_TEXT 201 /* with its NUL */
#define RXP_LANGUAGE_TEXT 12
#define RXP_PLACE_CODE_TEXT 16
#define RXP_EVIDENCE_KIND_TEXT 32

struct rxp_limit {
	enum rxp_word source; /* RXP_WORD_ABSENT: the profile does not say */
	enum rxp_word unit;
	uint32_t value; /* if the unit counts */
	enum rxp_word start; /* if the profile starts it; ABSENT: not said, and so by receipt */
	enum rxp_word mode; /* of an extension that counts */
	bool consent; /* an extension needs the requesting State's consent */
	bool extendable; /* the agreement lets this clock be extended, and gives no number */
};

struct rxp_profile {
	char publisher[RXP_PARTY_TEXT]; /* "" for a draft */
	int64_t created_ms; /* when it was sealed; 0 for a draft */
	uint8_t digest[RXP_DIGEST_OCTETS]; /* of the sealed Body; zeros for a draft */
	char id[RXP_PROFILE_TEXT];
	uint32_t version; /* from 1 */
	enum rxp_word status;
	char title[RXP_LABEL_TEXT];
	int64_t starts_ms; /* documents created from then on may name it */
	int64_t ends_ms; /* and before then; RXP_MAX_TIME_MS if it has no end */

	bool has_base; /* an overlay, of no use before it is laid on its base */
	struct {
		char id[RXP_PROFILE_TEXT];
		uint32_t version;
		uint8_t digest[RXP_DIGEST_OCTETS];
	} base;

	bool has_sides; /* else it fits any two parties */
	struct {
		size_t n;
		char parties[RXP_MAX_SIDE_PARTIES][RXP_PARTY_TEXT];
	} sides[2];

	struct {
		size_t n;
		struct {
			enum rxp_word name, state, source;
			int32_t from_day, until_day; /* -1 if not given */
		} rows[3];
	} chapters;

	struct {
		enum rxp_word source; /* RXP_WORD_ABSENT in an overlay that takes the base's */
		enum rxp_word calendar, roll;
		int cut_off; /* minutes since local midnight; -1 if there is none */
	} counting;

	struct rxp_limit clocks[RXP_CLOCK_COUNT];

	struct {
		size_t n;
		struct {
			enum rxp_word persons, after, means, source;
		} rows[8];
	} silences;

	struct {
		size_t n;
		struct {
			enum rxp_word of, does, source;
		} rows[3];
	} effects;

	struct {
		size_t n;
		struct {
			char requested[RXP_PARTY_TEXT]; /* "" for any not named */
			enum rxp_word by, source;
		} rows[4];
	} fallbacks;

	struct {
		size_t n;
		char rows[8][RXP_LANGUAGE_TEXT];
	} languages;

	struct {
		size_t n;
		char rows[RXP_MAX_OFFICES][RXP_OFFICE_TEXT];
	} offices;

	struct {
		size_t n;
		struct {
			char party[RXP_PARTY_TEXT];
			enum rxp_word scheme;
			char code[RXP_PLACE_CODE_TEXT];
		} rows[32];
	} crossing_points;

	struct {
		size_t n;
		struct {
			unsigned list; /* 1 to 4 */
			char kind[RXP_EVIDENCE_KIND_TEXT];
			enum rxp_word strength, source;
		} rows[64];
	} evidence;

	struct {
		enum rxp_word source; /* RXP_WORD_ABSENT: the limits of RXP-ATT hold */
		uint32_t file_mib, person, document;
		enum rxp_word pending;
	} attachments;

	struct {
		size_t n;
		struct {
			enum rxp_word after, source;
			uint32_t months;
		} rows[4];
	} retention;

	struct {
		size_t n;
		struct {
			enum rxp_word source;
			char text[RXP_REMARK_TEXT];
		} rows[8];
	} remarks;
};

/*
 * Read a sealed profile that publisher sealed under one of its n seal certificates; the seal is
 * verified. A node takes no other. reason (may be NULL) tells on failure what is wrong. Errors of
 * rxp_terms_read.
 */
int rxp_profile_open(struct rxp_profile *out, const uint8_t *octets, size_t len,
    const char *publisher, const struct rxp_cert *const *certs, size_t n,
    struct rxp_reason *reason);

/* Read a draft. Errors of rxp_terms_read. */
int rxp_profile_draft(
    struct rxp_profile *out, const uint8_t *octets, size_t len, struct rxp_reason *reason);

/* --- what goes with what ------------------------------------------------------------------- */

/*
 * Lay an overlay on its base (RXP-PRF-014, 015): the result has the overlay's identity and no base.
 * out may be one of the two. RXP_ERR_MISMATCH with the reason.
 */
int rxp_profile_overlay(struct rxp_profile *out, const struct rxp_profile *base,
    const struct rxp_profile *overlay, struct rxp_reason *reason);

/* May next follow held, which has the same id and publisher (RXP-PRF-016)? RXP_ERR_MISMATCH. */
int rxp_profile_succeeds(
    const struct rxp_profile *held, const struct rxp_profile *next, struct rxp_reason *reason);

/* Does a profile without a base fit two parties, and did one of them publish it (RXP-PRF-006)? */
bool rxp_profile_fits(const struct rxp_profile *p, const char *one, const char *other);
/* May a document created then name it? */
bool rxp_profile_in_time(const struct rxp_profile *p, int64_t created_ms);
/* State of a chapter on a local day: RXP_WORD_ABSENT if the profile says nothing of that day. */
enum rxp_word rxp_profile_chapter(const struct rxp_profile *p, enum rxp_word chapter, int32_t day);
/* What silence says; RXP_SILENCE_NOTHING unless the profile says consent (RXP-PRF-011). */
enum rxp_word rxp_profile_silence(
    const struct rxp_profile *p, enum rxp_word persons, enum rxp_word after);
/* What a disturbance does to a clock: RXP_EFFECT_NONE unless the profile says otherwise. */
enum rxp_word rxp_profile_effect(const struct rxp_profile *p, enum rxp_word disturbance);
/* Whose calendar counts between these two. Borrowed from the arguments. */
const char *rxp_profile_calendar(
    const struct rxp_profile *p, const char *requesting, const char *requested);

#endif
