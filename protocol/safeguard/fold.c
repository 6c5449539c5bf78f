#include "protocol/safeguard/fold.h"

#include <stdbool.h>
#include <string.h>

#include <libxml/parserInternals.h>
#include <libxml/xmlstring.h>

#define SPELLED 5 /* letters that stand alone, side by side */
#define MAX_POINT_OCTETS 4 /* of one code point in UTF-8 */

static const struct {
	const char *to, *from;
} letters[] = {
#define FOLD_LETTERS(to, from) {(to), (from)},
#include "protocol/safeguard/fold.def"
};

struct range {
	int first, last, to;
};

static const struct range ranges[] = {
#define FOLD_RANGE(first, last, to) {(first), (last), (to)},
#include "protocol/safeguard/fold.def"
};

static const struct range dropped[] = {
#define FOLD_DROP(first, last) {(first), (last), 0},
#include "protocol/safeguard/fold.def"
};

static const struct range alike[] = {
#define FOLD_ALIKE(first, last) {(first), (last), 0},
#include "protocol/safeguard/fold.def"
};

static const struct range spaces[] = {
#define FOLD_SPACE(first, last) {(first), (last), 0},
#include "protocol/safeguard/fold.def"
};

/* A result that grows; at is its length. */
struct folding {
	char *out;
	size_t at;
};

static const struct range *range_of(int point, const struct range *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (point >= rows[i].first && point <= rows[i].last)
			return &rows[i];
	return NULL;
}

/* The next code point; an octet that begins none counts as one that parts words. */
static int next_point(const char **text)
{
	int len = MAX_POINT_OCTETS;
	int point = xmlGetUTF8Char((const unsigned char *)*text, &len);

	if (point < 0) {
		*text += 1;
		return 0;
	}
	*text += len;
	return point;
}

static void put(struct folding *f, const char *octets, size_t len)
{
	if (f->at + len >= RXP_FOLD_TEXT)
		return;
	memcpy(f->out + f->at, octets, len);
	f->at += len;
	f->out[f->at] = '\0';
}

static void put_space(struct folding *f)
{
	if (f->at == 0 || f->out[f->at - 1] != ' ')
		put(f, " ", 1);
}

/* ASCII is in no row of letters. */
static bool put_letters(struct folding *f, int point)
{
	for (size_t i = 0; point >= 0x80 && i < sizeof letters / sizeof letters[0]; i++) {
		const char *from = letters[i].from;

		while (*from != '\0') {
			if (next_point(&from) == point) {
				put(f, letters[i].to, strlen(letters[i].to));
				return true;
			}
		}
	}
	return false;
}

static void put_point(struct folding *f, int point)
{
	const struct range *range = range_of(point, ranges, sizeof ranges / sizeof ranges[0]);
	xmlChar octets[MAX_POINT_OCTETS + 1];
	int len;

	if (range != NULL)
		point += range->to - range->first;
	len = xmlCopyCharMultiByte(octets, point);
	put(f, (const char *)octets, (size_t)len);
}

void rxp_fold_append(char out[RXP_FOLD_TEXT], const char *text)
{
	struct folding f = {out, strlen(out)};

	put_space(&f);
	while (*text != '\0') {
		int point = next_point(&text);

		if (range_of(point, dropped, sizeof dropped / sizeof dropped[0]) != NULL)
			continue;
		if (range_of(point, spaces, sizeof spaces / sizeof spaces[0]) != NULL)
			put_space(&f);
		else if (!put_letters(&f, point))
			put_point(&f, point);
	}
	put_space(&f);
}

bool rxp_fold_mixes(const char *folded)
{
	bool latin = false;
	bool other = false;

	while (*folded != '\0') {
		int point = next_point(&folded);

		if (point == ' ')
			latin = other = false;
		latin = latin || (point >= 'a' && point <= 'z');
		other = other || range_of(point, alike, sizeof alike / sizeof alike[0]) != NULL;
		if (latin && other)
			return true;
	}
	return false;
}

bool rxp_fold_spells(const char *folded)
{
	unsigned length = 0; /* of the word so far */
	unsigned alone = 0; /* words of one letter before it */

	while (*folded != '\0' && alone < SPELLED) {
		int point = next_point(&folded);

		if (point != ' ')
			length += point < '0' || point > '9' ? 1 : 2; /* a digit is no letter */
		else if (length > 0) {
			alone = length == 1 ? alone + 1 : 0;
			length = 0;
		}
	}
	return alone >= SPELLED;
}
