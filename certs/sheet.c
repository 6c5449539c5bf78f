#include "certs/sheet.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "certs/sheet_line.h"
#include "daemon/base/fingerprint.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"

#define FORM 1 /* of what stands below */
#define DAY_MS INT64_C(86400000)
#define DATE_TEXT 10 /* characters of a time */

/* Where everything is. The length is in line 1, so that the first line says how many there are. */
enum at {
	AT_FORM = 0,
	AT_KIND = 1,
	AT_NUMBER = 2,
	AT_NEEDED = 3,
	AT_SHEETS = 4,
	AT_LEN = 5,
	AT_SET = 7,
	AT_DAY = 11,
	AT_PARTY = 13,
	AT_NAME = 16,
	AT_FINGERPRINT = 32,
	AT_SHARE = 64,
};

_Static_assert(AT_SHARE == SHEET_HEAD_OCTETS, "octets before the share");
_Static_assert(AT_FINGERPRINT - AT_NAME == SHEET_NAME, "octets of a name");
_Static_assert(AT_SET < SHEET_LINE_OCTETS, "the length is in line 1");

static const struct {
	enum sheet_kind kind;
	const char *words;
} kinds[] = {
#define KIND(name, code, words) {SHEET_##name, words},
#include "certs/sheet_kind.def"
#undef KIND
};

/* NULL: no kind. */
static const char *words_of(unsigned kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if ((unsigned)kinds[i].kind == kind)
			return kinds[i].words;
	return NULL;
}

bool sheet_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len >= 1 && len <= SHEET_NAME &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

static size_t line_count(size_t len)
{
	return (SHEET_HEAD_OCTETS + len + SHEET_LINE_OCTETS - 1) / SHEET_LINE_OCTETS;
}

static void write_head(uint8_t out[SHEET_HEAD_OCTETS], const struct sheet_head *h, unsigned number)
{
	memset(out, 0, SHEET_HEAD_OCTETS);
	out[AT_FORM] = FORM;
	out[AT_KIND] = (uint8_t)h->kind;
	out[AT_NUMBER] = (uint8_t)number;
	out[AT_NEEDED] = (uint8_t)h->needed;
	out[AT_SHEETS] = (uint8_t)h->sheets;
	out[AT_LEN] = (uint8_t)(h->len >> 8);
	out[AT_LEN + 1] = (uint8_t)h->len;
	memcpy(out + AT_SET, h->set, sizeof h->set);
	out[AT_DAY] = (uint8_t)(h->day >> 8);
	out[AT_DAY + 1] = (uint8_t)h->day;
	memcpy(out + AT_PARTY, h->party, strlen(h->party));
	memcpy(out + AT_NAME, h->name, strlen(h->name));
	memcpy(out + AT_FINGERPRINT, h->fingerprint, sizeof h->fingerprint);
}

int sheet_head_put(struct rxp_buf *out, const struct sheet_head *head)
{
	uint8_t octets[SHEET_HEAD_OCTETS];

	write_head(octets, head, 0);
	return rxp_buf_put(out, octets, sizeof octets);
}

void sheet_wipe(struct sheet *s)
{
	OPENSSL_cleanse(s, sizeof *s);
}

/* --- printing -------------------------------------------------------------------------------------- */

int sheet_words(struct rxp_buf *out, const struct sheet_head *h)
{
	char hex[RXP_DIGEST_HEX];
	char groups[FINGERPRINT_GROUPED];
	char set[2 * SHEET_SET_OCTETS + 1];
	char made[RXP_TIME_TEXT];
	char text[512];

	rxp_hex_put(hex, h->fingerprint, sizeof h->fingerprint, false);
	fingerprint_group(groups, hex);
	rxp_hex_put(set, h->set, sizeof h->set, false);
	rxp_time_text(made, h->day * DAY_MS);
	snprintf(text, sizeof text,
	    "  party        %s\n"
	    "  key          %s\n"
	    "               %s\n"
	    "  fingerprint  %.39s\n"
	    "               %s\n"
	    "  made         %.*s\n"
	    "  set          %s\n",
	    h->party, h->name, words_of(h->kind), groups, groups + 40, DATE_TEXT, made, set);
	return rxp_buf_puts(out, text);
}

static void print_lines(struct rxp_buf *out, const struct sheet *s)
{
	uint8_t octets[SHEET_OCTETS] = {0};

	write_head(octets, &s->head, s->number);
	memcpy(octets + AT_SHARE, s->share, s->head.len);
	for (size_t i = 0; i < line_count(s->head.len); i++)
		sheet_line_put(out, (unsigned)i + 1, octets + i * SHEET_LINE_OCTETS, octets);
	OPENSSL_cleanse(octets, sizeof octets);
}

int sheet_print(struct rxp_buf *out, const struct sheet *s)
{
	char text[256];

	snprintf(text, sizeof text,
	    "ESCROW SHEET %u OF %u: ANY %u OF THEM GIVE THE KEY BACK\n\n"
	    "Keep it apart from the others, in a sealed envelope, and let nobody copy it.\n\n",
	    s->number, s->head.sheets, s->head.needed);
	rxp_buf_puts(out, text);
	sheet_words(out, &s->head);
	rxp_buf_puts(out,
	    "\nreadmit-pki escrow join asks for the lines below. Capitals do not matter, there\n"
	    "is no letter O, I, L or U, and the last group proves its line.\n\n");
	print_lines(out, s);
	return rxp_buf_error(out);
}

/* --- reading --------------------------------------------------------------------------------------- */

static int say(char why[SHEET_WHY], const char *words)
{
	snprintf(why, SHEET_WHY, "%s", words);
	return RXP_ERR_SYNTAX;
}

static size_t read_length(const uint8_t *octets)
{
	return (size_t)octets[AT_LEN] << 8 | octets[AT_LEN + 1];
}

int sheet_take(struct sheet_reader *r, const char *line, char why[SHEET_WHY])
{
	uint8_t octets[SHEET_LINE_OCTETS];
	int rc;

	if (r->want != 0 && r->lines == r->want)
		return say(why, "the sheet has no further line");
	rc = sheet_line_get(
	    octets, (unsigned)r->lines + 1, line, r->lines == 0 ? NULL : r->octets, why);
	if (rc != 0)
		return rc;
	if (r->lines == 0 && octets[AT_FORM] != FORM)
		return say(why, "the sheet is of another version of readmit-pki");
	if (r->lines == 0 && (read_length(octets) == 0 || read_length(octets) > SHEET_SHARE_OCTETS))
		return say(why, "it is no first line of a sheet");
	memcpy(r->octets + r->lines * SHEET_LINE_OCTETS, octets, sizeof octets);
	r->lines++;
	r->want = line_count(read_length(r->octets));
	OPENSSL_cleanse(octets, sizeof octets);
	return 0;
}

static void read_head(struct sheet *s, const uint8_t *octets)
{
	struct sheet_head *h = &s->head;

	s->number = octets[AT_NUMBER];
	h->kind = (enum sheet_kind)octets[AT_KIND];
	h->needed = octets[AT_NEEDED];
	h->sheets = octets[AT_SHEETS];
	h->len = read_length(octets);
	memcpy(h->set, octets + AT_SET, sizeof h->set);
	h->day = (unsigned)octets[AT_DAY] << 8 | octets[AT_DAY + 1];
	memcpy(h->party, octets + AT_PARTY, sizeof h->party - 1);
	memcpy(h->name, octets + AT_NAME, SHEET_NAME);
	memcpy(h->fingerprint, octets + AT_FINGERPRINT, sizeof h->fingerprint);
}

/* The one form of what it says: written again it is the same, to the last octet of the last line. */
static bool is_whole(const struct sheet *s, const struct sheet_reader *r)
{
	const struct sheet_head *h = &s->head;
	uint8_t again[SHEET_OCTETS] = {0};
	bool same;

	if (words_of(h->kind) == NULL || h->sheets > SHEET_MAX || h->needed == 0 ||
	    h->needed > h->sheets || s->number == 0 || s->number > h->sheets ||
	    !rxp_party_valid(h->party) || !sheet_name_valid(h->name))
		return false;
	write_head(again, h, s->number);
	memcpy(again + AT_SHARE, s->share, h->len);
	same = CRYPTO_memcmp(again, r->octets, r->lines * SHEET_LINE_OCTETS) == 0;
	OPENSSL_cleanse(again, sizeof again);
	return same;
}

int sheet_finish(struct sheet *out, const struct sheet_reader *r, char why[SHEET_WHY])
{
	struct sheet s = {.number = 0};
	int rc = 0;

	if (r->want == 0 || r->lines != r->want) {
		snprintf(why, SHEET_WHY, "line %zu is missing", r->lines + 1);
		return RXP_ERR_SYNTAX;
	}
	read_head(&s, r->octets);
	memcpy(s.share, r->octets + AT_SHARE, s.head.len);
	if (is_whole(&s, r))
		*out = s;
	else
		rc = say(why, "its lines prove themselves, but no sheet says that");
	sheet_wipe(&s);
	return rc;
}

void sheet_reader_wipe(struct sheet_reader *r)
{
	OPENSSL_cleanse(r, sizeof *r);
}
