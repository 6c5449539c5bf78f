#include "daemon/base/terms_rows.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What a member of a row is, and its field: a NAME for a word or a text, a PARTY, a U32, an I64 for a day. */
enum kind { WORD, TEXT, PARTY, NUMBER, DAY };

struct member {
	enum kind kind;
	enum rxp_word_list list; /* of a word */
	size_t at, size; /* in the row */
	size_t field; /* where in the struct of the record */
};

#define MEMBERS_MAX 5

struct terms_rows {
	uint16_t tag;
	const struct record_type *type;
	size_t n_at, rows_at; /* in the profile */
	size_t size, max; /* octets of a row, and how many rows there may be */
	struct member members[MEMBERS_MAX];
	size_t n_members;
};

/* Any record of a list; decoding and encoding need one with the right alignment. */
union any {
	struct rec_profile_chapter chapter;
	struct rec_profile_silence silence;
	struct rec_profile_effect effect;
	struct rec_profile_fallback fallback;
	struct rec_profile_language language;
	struct rec_profile_office office;
	struct rec_profile_crossing crossing;
	struct rec_profile_evidence evidence;
	struct rec_profile_retention retention;
};

/* --- the tables ---------------------------------------------------------------------------------- */

/* NOLINTBEGIN(bugprone-macro-parentheses): the name of a member takes none */
#define ROW_OF(rows_) (((const struct rxp_profile *)NULL)->rows_.rows[0])
#define MEMBER(kind_, list_, record, rows_, name) \
	{ \
		.kind = (kind_), .list = (list_), \
		.at = offsetof(struct rxp_profile, rows_.rows[0].name) - \
		      offsetof(struct rxp_profile, rows_.rows), \
		.size = sizeof(ROW_OF(rows_).name), \
		.field = offsetof(struct rec_profile_##record, name) \
	}
#define OF_WORD(list_, record, rows_, name) MEMBER(WORD, RXP_LIST_##list_, record, rows_, name)
#define OF_KIND(kind_, record, rows_, name) MEMBER(kind_, RXP_LIST_COUNT, record, rows_, name)
/* The row is a text itself. */
#define OF_TEXT(record, rows_, name) \
	{ \
		.kind = TEXT, .size = sizeof(ROW_OF(rows_)), \
		.field = offsetof(struct rec_profile_##record, name) \
	}
#define ROWS(record, rows_, count) \
	.tag = REC_profile_##record, .type = &record_profile_##record, \
	.n_at = offsetof(struct rxp_profile, rows_.n), \
	.rows_at = offsetof(struct rxp_profile, rows_.rows), .size = sizeof(ROW_OF(rows_)), \
	.max = N_OF(((const struct rxp_profile *)NULL)->rows_.rows), .n_members = (count)

/* NOLINTEND(bugprone-macro-parentheses) */

static const struct terms_rows lists[] = {
    {ROWS(chapter, chapters, 5),
	.members = {OF_WORD(CHAPTER, chapter, chapters, name),
	    OF_WORD(CHAPTER_STATE, chapter, chapters, state),
	    OF_WORD(SOURCE, chapter, chapters, source), OF_KIND(DAY, chapter, chapters, from_day),
	    OF_KIND(DAY, chapter, chapters, until_day)}},
    {ROWS(silence, silences, 4),
	.members = {OF_WORD(PERSONS, silence, silences, persons),
	    OF_WORD(AFTER, silence, silences, after), OF_WORD(SILENCE, silence, silences, means),
	    OF_WORD(SOURCE, silence, silences, source)}},
    {ROWS(effect, effects, 3),
	.members = {OF_WORD(DISTURBANCE, effect, effects, of),
	    OF_WORD(EFFECT, effect, effects, does), OF_WORD(SOURCE, effect, effects, source)}},
    {ROWS(fallback, fallbacks, 3), .members = {OF_KIND(PARTY, fallback, fallbacks, requested),
				       OF_WORD(FALLBACK, fallback, fallbacks, by),
				       OF_WORD(SOURCE, fallback, fallbacks, source)}},
    {ROWS(language, languages, 1), .members = {OF_TEXT(language, languages, language)}},
    {ROWS(office, offices, 1), .members = {OF_TEXT(office, offices, office)}},
    {ROWS(crossing, crossing_points, 3),
	.members = {OF_KIND(PARTY, crossing, crossing_points, party),
	    OF_WORD(SCHEME, crossing, crossing_points, scheme),
	    OF_KIND(TEXT, crossing, crossing_points, code)}},
    {ROWS(evidence, evidence, 4), .members = {OF_KIND(NUMBER, evidence, evidence, list),
				      OF_KIND(TEXT, evidence, evidence, kind),
				      OF_WORD(STRENGTH, evidence, evidence, strength),
				      OF_WORD(SOURCE, evidence, evidence, source)}},
    {ROWS(retention, retention, 3), .members = {OF_WORD(RETENTION, retention, retention, after),
					OF_KIND(NUMBER, retention, retention, months),
					OF_WORD(SOURCE, retention, retention, source)}},
};

const struct terms_rows *terms_rows_at(size_t i)
{
	return i < N_OF(lists) ? &lists[i] : NULL;
}

const struct terms_rows *terms_rows_of(uint16_t tag)
{
	for (size_t i = 0; i < N_OF(lists); i++)
		if (lists[i].tag == tag)
			return &lists[i];
	return NULL;
}

/* --- writing ------------------------------------------------------------------------------------- */

static void put_member(uint8_t *field, const struct member *m, const uint8_t *value)
{
	enum rxp_word word;
	int64_t wide;
	int32_t day;

	switch (m->kind) {
	case WORD:
		memcpy(&word, value, sizeof word);
		snprintf((char *)field, RECORD_NAME_MAX, "%s", rxp_word_text(word));
		break;
	case DAY:
		memcpy(&day, value, sizeof day);
		wide = day;
		memcpy(field, &wide, sizeof wide);
		break;
	case TEXT:
	case PARTY:
	case NUMBER:
		memcpy(field, value, m->size);
		break;
	}
}

void terms_rows_put(struct rxp_buf *out, const struct terms_rows *rows, const struct rxp_profile *p)
{
	const uint8_t *profile = (const uint8_t *)p;
	size_t n;

	memcpy(&n, profile + rows->n_at, sizeof n);
	for (size_t i = 0; i < n; i++) {
		const uint8_t *row = profile + rows->rows_at + i * rows->size;
		union any record;

		memset(&record, 0, sizeof record);
		for (size_t k = 0; k < rows->n_members; k++) {
			const struct member *m = &rows->members[k];

			put_member((uint8_t *)&record + m->field, m, row + m->at);
		}
		record_list_put(out, rows->tag, rows->type, &record);
	}
}

/* --- reading ------------------------------------------------------------------------------------- */

static bool take_word(uint8_t *value, const struct member *m, const char *text)
{
	enum rxp_word word = RXP_WORD_ABSENT;

	if (text[0] != '\0' && rxp_word_parse(&word, m->list, text) != 0)
		return false;
	memcpy(value, &word, sizeof word);
	return true;
}

/* -1: none. */
static bool take_day(uint8_t *value, const uint8_t *field)
{
	int64_t wide;
	int32_t day;

	memcpy(&wide, field, sizeof wide);
	if (wide < -1 || wide > RXP_MAX_DAY)
		return false;
	day = (int32_t)wide;
	memcpy(value, &day, sizeof day);
	return true;
}

static bool take_member(uint8_t *value, const struct member *m, const uint8_t *field)
{
	const char *text = (const char *)field;

	switch (m->kind) {
	case WORD:
		return take_word(value, m, text);
	case DAY:
		return take_day(value, field);
	case TEXT:
		if (strlen(text) >= m->size)
			return false;
		memcpy(value, text, strlen(text) + 1);
		return true;
	case PARTY:
	case NUMBER:
		memcpy(value, field, m->size);
		return true;
	}
	return false;
}

bool terms_rows_add(struct rxp_profile *p, const struct terms_rows *rows, struct bytes fields)
{
	uint8_t *profile = (uint8_t *)p;
	union any record;
	uint8_t *row;
	size_t n;

	memcpy(&n, profile + rows->n_at, sizeof n);
	if (n >= rows->max || record_decode(&record, rows->type, fields.data, fields.len) != 0)
		return false;
	row = profile + rows->rows_at + n * rows->size;
	for (size_t k = 0; k < rows->n_members; k++) {
		const struct member *m = &rows->members[k];

		if (!take_member(row + m->at, m, (const uint8_t *)&record + m->field))
			return false;
	}
	n++;
	memcpy(profile + rows->n_at, &n, sizeof n);
	return true;
}
