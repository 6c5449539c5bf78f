#include "protocol/case/listed.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"

#define N_OF(a) (sizeof(a) / sizeof(a)[0])

#define OF_REQUESTING \
	{ \
		[RXP_CASE_REQUESTING] = true \
	}
#define OF_REQUESTED \
	{ \
		[RXP_CASE_REQUESTED] = true \
	}
#define OF_EITHER \
	{ \
		true, true \
	}

static const struct rxp_listed_row rows[] = {
#define LISTED(kind, parent, side, fact) {RXP_LISTED_##kind, parent, OF_##side, fact},
#include "protocol/case/listed.def"
};

static const struct {
	const char *element, *text;
} kinds[RXP_LISTED_KIND_COUNT] = {
#define LISTED_KIND(name, element, text) {element, text},
#include "protocol/case/listed.def"
};

const struct rxp_listed_row *rxp_listed_row(size_t i)
{
	return i < N_OF(rows) ? &rows[i] : NULL;
}

const struct rxp_listed_row *rxp_listed_find(enum rxp_listed_kind kind, const char *parent)
{
	for (size_t i = 0; i < N_OF(rows); i++)
		if (rows[i].kind == kind && strcmp(rows[i].parent, parent) == 0)
			return &rows[i];
	return NULL;
}

const char *rxp_listed_element(enum rxp_listed_kind kind)
{
	return kinds[kind].element;
}

int rxp_listed_kind_parse(enum rxp_listed_kind *out, const char *element)
{
	for (unsigned kind = 0; kind < RXP_LISTED_KIND_COUNT; kind++)
		if (strcmp(kinds[kind].element, element) == 0) {
			*out = (enum rxp_listed_kind)kind;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}

const char *rxp_listed_words(enum rxp_listed_kind kind)
{
	return kinds[kind].text;
}

/* --- what is agreed ------------------------------------------------------------------------ */

static bool office_agreed(const struct rxp_profile *p, const char *named)
{
	for (size_t i = 0; i < p->offices.n; i++)
		if (strcmp(p->offices.rows[i], named) == 0)
			return true;
	return p->offices.n == 0;
}

/* In one State: is it listed, and is any? */
static bool point_listed(
    bool *any, const struct rxp_profile *p, const char *party, const char *named)
{
	char point[RXP_LISTED_TEXT];

	*any = false;
	for (size_t i = 0; i < p->crossing_points.n; i++) {
		if (strcmp(p->crossing_points.rows[i].party, party) != 0)
			continue;
		*any = true;
		snprintf(point, sizeof point, "%s:%s",
		    rxp_word_text(p->crossing_points.rows[i].scheme),
		    p->crossing_points.rows[i].code);
		if (strcmp(point, named) == 0)
			return true;
	}
	return false;
}

static bool point_agreed(const struct rxp_profile *p, const char *const parties[2],
    const struct rxp_listed_row *row, const char *named)
{
	bool bound = true, any;

	for (int side = 0; side < 2; side++) {
		if (!row->of[side])
			continue;
		if (point_listed(&any, p, parties[side], named))
			return true;
		bound = bound && any;
	}
	return !bound;
}

enum rxp_word rxp_listed_fallback(const struct rxp_profile *p, const char *requested)
{
	enum rxp_word any = RXP_WORD_ABSENT;

	for (size_t i = 0; i < p->fallbacks.n; i++) {
		if (strcmp(p->fallbacks.rows[i].requested, requested) == 0)
			return p->fallbacks.rows[i].by;
		if (p->fallbacks.rows[i].requested[0] == '\0')
			any = p->fallbacks.rows[i].by;
	}
	return any;
}

bool rxp_listed_agreed(const struct rxp_profile *p, const char *const parties[2],
    const struct rxp_listed_row *row, const char *named)
{
	enum rxp_word by;

	switch (row->kind) {
	case RXP_LISTED_OFFICE:
		return office_agreed(p, named);
	case RXP_LISTED_POINT:
		return point_agreed(p, parties, row, named);
	default:
		by = rxp_listed_fallback(p, parties[RXP_CASE_REQUESTED]);
		return by == RXP_WORD_ABSENT || by == RXP_FALLBACK_UNKNOWN ||
		       strcmp(rxp_word_text(by), named) == 0;
	}
}
