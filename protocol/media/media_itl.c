/*
 * ANSI/NIST-ITL (NIST SP 500-290), traditional encoding: records of fields "TYPE.NUMBER:value" that end
 * with GS, the last with FS; and the binary record of type 4. RXP-ATT-026. Pictures inside are scanned
 * as files of their kind.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/media/media_machine.h"

#define FS 0x1c
#define GS 0x1d
#define RS 0x1e
#define US 0x1f

#define TAG_MAX 8 /* characters: "14.999:" */
#define VALUE_MAX 1024 /* of a field that stays */
#define ITEM_MAX 10
#define LENGTH_DIGITS_MAX 9
#define RECORDS_MAX 99
#define BINARY_HEADER 18 /* octets of a record of type 4 before its picture */
#define LAST_NEEDED 13 /* fields of a higher number may be left out */
#define IMAGE 999

/* What a value must be. BLANKED: names an agency or a file, so nothing but X. */
enum form { LENGTH, NUMBERS, CODES, CONTENTS, BLANKED, COMPRESSION, PICTURE };

/* Fields that may be there, in all records of these types. */
static const struct field {
	uint8_t first_type, last_type;
	uint16_t first, last;
	enum form form;
} FIELDS[] = {
    {1, 99, 1, 1, LENGTH},
    {1, 1, 2, 2, NUMBERS}, /* version */
    {1, 1, 3, 3, CONTENTS},
    {1, 1, 4, 4, BLANKED}, /* type of transaction */
    {1, 1, 5, 6, NUMBERS}, /* date, priority */
    {1, 1, 7, 9, BLANKED}, /* two agencies, control number */
    {1, 1, 11, 12, NUMBERS}, /* resolutions */
    {10, 15, 2, 2, NUMBERS}, /* IDC */
    {10, 15, 3, 3, CODES}, /* kind or impression */
    {10, 15, 4, 4, BLANKED}, /* source agency */
    {10, 15, 5, 10, NUMBERS}, /* date, size, scale */
    {10, 15, 11, 11, COMPRESSION},
    {10, 15, 12, 13, CODES}, /* depth or colours, finger or palm */
    {10, 15, 14, 18, CODES}, /* position, scale, amputated */
    {10, 10, 20, 20, CODES}, /* pose */
    {13, 15, 21, 26, CODES}, /* segments, quality */
    {13, 15, 30, 30, CODES}, /* monitoring */
    {10, 15, IMAGE, IMAGE, PICTURE},
};

static const struct {
	const char *name, *media; /* NULL: not compressed */
} COMPRESSIONS[] = {
    {"NONE", NULL},
    {"WSQ20", "image/x-wsq"},
    {"JPEGB", "image/jpeg"},
    {"JPEGL", "image/jpeg"},
    {"JP2", "image/jp2"},
    {"JP2L", "image/jp2"},
    {"PNG", "image/png"},
};

#define COMPRESSIONS_COUNT (sizeof(COMPRESSIONS) / sizeof(COMPRESSIONS[0]))

enum place { IN_TAG, IN_VALUE, AT_BINARY, AT_OFF_LENGTH, IN_PICTURE, AT_FS };

struct itl {
	enum place place;
	uint8_t types[RECORDS_MAX];
	size_t n, record; /* records, the one in work */
	uint64_t begin, end; /* of that; end 0 while its length is not known */
	unsigned last; /* number of the field before */
	char tag[TAG_MAX + 1], value[VALUE_MAX + 1];
	size_t tag_len;
	uint64_t value_len;
	uint64_t field_at, value_at;
	const struct field *field; /* NULL: off the list */
	unsigned number; /* of the field */
	uint32_t width, height;
	bool compressed; /* the two below are known */
	const char *media;
};

static bool is_kept(unsigned type)
{
	return type == 1 || type == 4 || type == 10 || (type >= 13 && type <= 15);
}

static bool is_binary(unsigned type)
{
	return type >= 3 && type <= 8;
}

static unsigned type_of(const struct itl *t)
{
	return t->types[t->record];
}

static int next_octet(struct rxp_media *m, struct itl *t, enum place place)
{
	t->place = place;
	rxp_media_want(m, 1);
	return 0;
}

/* Decimal digits; -1: not such a number. */
static int64_t number_of(const char *text, size_t len)
{
	int64_t value = 0;

	if (len == 0 || len > LENGTH_DIGITS_MAX)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/* --- records ---------------------------------------------------------------------------------------- */
static int begin_field(struct rxp_media *m, struct itl *t)
{
	t->field_at = m->at;
	t->tag_len = 0;
	return next_octet(m, t, IN_TAG);
}

static int begin_record(struct rxp_media *m, struct itl *t)
{
	t->begin = m->at;
	t->end = 0;
	t->last = 0;
	t->width = 0;
	t->height = 0;
	t->compressed = false;
	m->part = m->at;
	if (type_of(t) == 4) {
		t->place = AT_BINARY;
		rxp_media_want(m, BINARY_HEADER);
		return 0;
	}
	if (is_binary(type_of(t))) {
		t->place = AT_OFF_LENGTH;
		rxp_media_want(m, 4);
		return 0;
	}
	return begin_field(m, t);
}

static int end_record(struct rxp_media *m, struct itl *t)
{
	if (m->n_enclosures > 0)
		rxp_media_leave(m);
	t->record++;
	return t->record < t->n ? begin_record(m, t) : 0;
}

/* A record off the list; its length is known. */
static int strike_record(struct rxp_media *m, struct itl *t, uint64_t octets)
{
	int rc;

	if (t->begin + octets < m->at)
		return rxp_media_broken(m, "a record of a wrong length");
	rc = rxp_media_strike(m, "a record of a type off the list", t->begin, octets);
	t->place = AT_OFF_LENGTH;
	t->end = t->begin + octets;
	rxp_media_pass(m, t->end - m->at, false);
	return rc != 0 || t->end > m->at ? rc : end_record(m, t);
}

/* --- pictures --------------------------------------------------------------------------------------- */
static int picture(struct rxp_media *m, struct itl *t, uint64_t octets)
{
	uint64_t pixels = (uint64_t)t->width * t->height;

	t->place = IN_PICTURE;
	if (octets == 0)
		return rxp_media_broken(m, "a record without its picture");
	rxp_media_pass(m, octets, t->media != NULL);
	if (t->media != NULL)
		return rxp_media_child(m, rxp_media_row(t->media));
	if (pixels == 0 || octets % pixels != 0 || octets / pixels > 3)
		return rxp_media_broken(m, "a picture of a wrong length");
	return 0;
}

static int end_picture(struct rxp_media *m, struct itl *t)
{
	int rc = m->child != NULL ? rxp_media_child_end(m) : 0;

	m->part = t->begin;
	if (rc != 0)
		return rc;
	return type_of(t) == 4 ? end_record(m, t) : next_octet(m, t, AT_FS);
}

static int binary(struct rxp_media *m, const uint8_t *head)
{
	struct itl *t = m->own;
	uint32_t octets = rxp_media_number(head, 4);

	t->width = rxp_media_number(head + 13, 2);
	t->height = rxp_media_number(head + 15, 2);
	if (octets < BINARY_HEADER || head[17] > 1)
		return rxp_media_broken(m, "a malformed record of type 4");
	t->media = head[17] == 1 ? "image/x-wsq" : NULL;
	t->end = t->begin + octets;
	rxp_media_enclose(m, t->begin, 4, false);
	return picture(m, t, octets - BINARY_HEADER);
}

/* --- fields ----------------------------------------------------------------------------------------- */
static const struct field *field_of(unsigned type, unsigned number)
{
	for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++) {
		const struct field *f = &FIELDS[i];

		if (type >= f->first_type && type <= f->last_type && number >= f->first &&
		    number <= f->last)
			return f;
	}
	return NULL;
}

/* "TYPE.NUMBER", of this record and after the field before. */
static bool is_tag(struct itl *t)
{
	const char *point = strchr(t->tag, '.');
	int64_t type, number;

	if (point == NULL)
		return false;
	type = number_of(t->tag, (size_t)(point - t->tag));
	number = number_of(point + 1, strlen(point + 1));
	if (type != (int64_t)type_of(t) || number <= (int64_t)t->last || number > IMAGE)
		return false;
	t->number = (unsigned)number;
	return (t->last == 0) == (t->number == 1);
}

static int in_tag(struct rxp_media *m, uint8_t c)
{
	struct itl *t = m->own;

	if (c != ':') {
		if (t->tag_len == TAG_MAX)
			return rxp_media_broken(m, "a malformed field");
		t->tag[t->tag_len++] = (char)c;
		rxp_media_want(m, 1);
		return 0;
	}
	t->tag[t->tag_len] = '\0';
	m->part = t->field_at;
	if (!is_tag(t))
		return rxp_media_broken(m, "a malformed field");
	t->last = t->number;
	t->field = field_of(type_of(t), t->number);
	t->value_at = m->at;
	t->value_len = 0;
	if (t->number != IMAGE)
		return next_octet(m, t, IN_VALUE);
	if (t->field == NULL || !t->compressed || m->at + 1 > t->end)
		return rxp_media_broken(m, "a picture without what says how it is made");
	return picture(m, t, t->end - 1 - m->at);
}

/* Items of these characters, parted by RS and US. */
static bool is_items(const char *text, size_t len, const char *characters)
{
	size_t item = 0;

	for (size_t i = 0; i < len; i++) {
		bool parts = text[i] == RS || text[i] == US;

		if (!parts && (text[i] == '\0' || strchr(characters, text[i]) == NULL))
			return false;
		item = parts ? 0 : item + 1;
		if (item > ITEM_MAX)
			return false;
	}
	return true;
}

static int compression(struct rxp_media *m, struct itl *t)
{
	for (size_t i = 0; i < COMPRESSIONS_COUNT; i++)
		if (strcmp(COMPRESSIONS[i].name, t->value) == 0) {
			t->media = COMPRESSIONS[i].media;
			t->compressed = true;
			return 0;
		}
	return rxp_media_broken(m, "unknown compression");
}

static int length(struct rxp_media *m, struct itl *t)
{
	int64_t octets = number_of(t->value, t->value_len);

	if (octets <= 0)
		return rxp_media_broken(m, "a record of a wrong length");
	if (!is_kept(type_of(t)))
		return strike_record(m, t, (uint64_t)octets);
	t->end = t->begin + (uint64_t)octets;
	rxp_media_enclose(m, t->value_at, (uint8_t)t->value_len, true);
	return m->at < t->end ? 0 : rxp_media_broken(m, "a record of a wrong length");
}

/* One "type US idc" of the contents, with the RS before it, at this place of the value. */
static int entry(
    struct rxp_media *m, struct itl *t, size_t at, size_t len, const struct rxp_media_length *count)
{
	const char *item = t->value + at + 1, *idc = memchr(item, US, len - 1);
	int64_t type = idc == NULL ? -1 : number_of(item, (size_t)(idc - item));
	int rc;

	if (t->value[at] != RS || type < 2 || type > 99 || t->n == RECORDS_MAX ||
	    number_of(idc + 1, len - 2 - (size_t)(idc - item)) < 0)
		return rxp_media_broken(m, "malformed contents");
	t->types[t->n++] = (uint8_t)type;
	if (is_kept((unsigned)type))
		return 0;
	rc = rxp_media_strike(
	    m, "a record of a type off the list (its entry)", t->value_at + at, len);
	return rc != 0 ? rc : rxp_media_less(m, count);
}

/* "1 US count", then the entries: the types of the records that follow. */
static int contents(struct rxp_media *m, struct itl *t)
{
	size_t at = strcspn(t->value, "\x1e"), n = t->value_len;
	struct rxp_media_length count = {t->value_at + 2, (uint8_t)(at - 2), true};
	int64_t entries = at > 2 ? number_of(t->value + 2, at - 2) : -1;
	int rc = 0;

	if (entries < 1 || t->value[0] != '1' || t->value[1] != US)
		return rxp_media_broken(m, "malformed contents");
	while (at < n && rc == 0) {
		size_t len = 1 + strcspn(t->value + at + 1, "\x1e");

		rc = entry(m, t, at, len, &count);
		at += len;
	}
	if (rc == 0 && (int64_t)t->n != entries + 1)
		rc = rxp_media_broken(m, "contents that do not count themselves");
	return rc;
}

/* It goes with the GS before it; the octet that ends it has been taken. */
static int strike_field(struct rxp_media *m, const struct itl *t)
{
	return rxp_media_strike(m, "a field off the list", t->field_at - 1, m->at - t->field_at);
}

static int value(struct rxp_media *m, struct itl *t)
{
	t->value[t->value_len] = '\0';
	if (t->number == 6)
		t->width = (uint32_t)strtoul(t->value, NULL, 10);
	if (t->number == 7)
		t->height = (uint32_t)strtoul(t->value, NULL, 10);
	switch (t->field->form) {
	case LENGTH:
		return length(m, t);
	case NUMBERS:
		return is_items(t->value, t->value_len, "0123456789.-")
			   ? 0
			   : rxp_media_broken(m, "a field that must be a number");
	case CODES:
		if (is_items(t->value, t->value_len, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"))
			return 0;
		return t->number > LAST_NEEDED ? strike_field(m, t)
					       : rxp_media_broken(m, "a field that must be a code");
	case CONTENTS:
		return contents(m, t);
	case COMPRESSION:
		return compression(m, t);
	case BLANKED:
		if (t->value_len == 0)
			return rxp_media_broken(m, "an empty field");
		if (strspn(t->value, "X") == t->value_len)
			return 0;
		return rxp_media_blank(
		    m, "a field that names an agency or a file", t->value_at, t->value_len);
	case PICTURE:
		break;
	}
	return rxp_media_broken(m, "a malformed field");
}

/* GS ends a field, FS the record. */
static int end_value(struct rxp_media *m, struct itl *t, uint8_t c)
{
	size_t record = t->record;
	int rc;

	rc = t->field != NULL ? value(m, t) : strike_field(m, t);
	if (rc != 0 || t->record != record || t->place == AT_OFF_LENGTH)
		return rc;
	if (t->end == 0 || (c == FS) != (m->at == t->end) || m->at > t->end)
		return rxp_media_broken(m, "a record of a wrong length");
	if (c == GS)
		return begin_field(m, t);
	if (type_of(t) != 1 || t->n < 2)
		return rxp_media_broken(m, "a record without its picture or contents");
	return end_record(m, t);
}

static int in_value(struct rxp_media *m, uint8_t c)
{
	struct itl *t = m->own;

	if (c == GS || c == FS)
		return end_value(m, t, c);
	if (t->field != NULL && t->value_len == VALUE_MAX)
		return rxp_media_broken(m, "a field longer than it may be");
	if (t->field != NULL)
		t->value[t->value_len] = (char)c;
	t->value_len++;
	rxp_media_want(m, 1);
	return 0;
}

static int step(struct rxp_media *m, const uint8_t *head, size_t len)
{
	struct itl *t = m->own;

	if (t->n == 0) { /* the first octet of all */
		t->types[t->n++] = 1;
		t->place = IN_TAG;
	}
	switch (t->place) {
	case IN_TAG:
		return in_tag(m, head[0]);
	case IN_VALUE:
		return in_value(m, head[0]);
	case AT_BINARY:
		return binary(m, head);
	case AT_OFF_LENGTH:
		if (len == 0)
			return end_record(m, t);
		return strike_record(m, t, rxp_media_number(head, 4));
	case IN_PICTURE:
		return end_picture(m, t);
	case AT_FS:
		break;
	}
	if (head[0] != FS)
		return rxp_media_broken(m, "a record of a wrong length");
	return end_record(m, t);
}

static int look(struct rxp_media *m, const uint8_t *octets, size_t len, size_t *taken)
{
	(void)taken;
	return rxp_media_child_put(m, octets, len);
}

const struct rxp_media_format rxp_media_itl = {sizeof(struct itl), 1, step, look};
