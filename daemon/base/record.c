#include "daemon/base/record.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define PARTY_OCTETS (RXP_PARTY_TEXT - 1)

#define F(kind, name) RECORD_FIELD(kind, name)
#define RECORD(name, list) \
	RECORD_FIELDS(rec_, name, list) \
	const struct record_type record_##name = RECORD_TYPE(rec_, name);
#include "daemon/base/record.def"
#undef RECORD
#undef F

static const struct record_type *const types[REC_COUNT] = {
#define F(kind, name)
#define RECORD(name, list) [REC_##name] = &record_##name,
#include "daemon/base/record.def"
#undef RECORD
#undef F
};

const struct record_type *record_type_of(uint16_t tag)
{
	return tag < REC_COUNT ? types[tag] : NULL;
}

static void abort_unless(bool holds)
{
	if (!holds)
		abort();
}

static bool party_allowed(const char party[RXP_PARTY_TEXT])
{
	static const char none[RXP_PARTY_TEXT];

	return memcmp(party, none, sizeof none) == 0 ||
	       (party[PARTY_OCTETS] == '\0' && rxp_party_valid(party));
}

static void put_field(struct rxp_buf *out, const struct field *field, const uint8_t *member)
{
	struct bytes bytes = {NULL, 0};
	uint32_t u32;
	uint64_t u64;

	switch (field->kind) {
	case FIELD_KIND_U32:
		memcpy(&u32, member, sizeof u32);
		rxp_buf_put_u32(out, u32);
		return;
	case FIELD_KIND_U64:
	case FIELD_KIND_I64:
		memcpy(&u64, member, sizeof u64);
		rxp_buf_put_u64(out, u64);
		return;
	case FIELD_KIND_ID:
		rxp_buf_put(out, member, RXP_ID_OCTETS);
		return;
	case FIELD_KIND_DIGEST:
		rxp_buf_put(out, member, RXP_DIGEST_OCTETS);
		return;
	case FIELD_KIND_PARTY:
		abort_unless(party_allowed((const char *)member));
		rxp_buf_put(out, member, PARTY_OCTETS);
		return;
	case FIELD_KIND_NAME:
		bytes = (struct bytes){member, strnlen((const char *)member, RECORD_NAME_MAX)};
		abort_unless(bytes.len < RECORD_NAME_MAX);
		break;
	case FIELD_KIND_BYTES:
		memcpy(&bytes, member, sizeof bytes);
		abort_unless(bytes.len <= UINT32_MAX);
		break;
	}
	rxp_buf_put_u32(out, (uint32_t)bytes.len);
	rxp_buf_put(out, bytes.data, bytes.len);
}

const struct field *record_field(const struct record_type *type, const char *name)
{
	size_t n;
	const struct field *fields = type->fields(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(fields[i].name, name) == 0)
			/* a constant table that does not live in n */
			/* cppcheck-suppress returnDanglingLifetime */
			return &fields[i];
	return NULL;
}

int record_encode(struct rxp_buf *out, const struct record_type *type, const void *record)
{
	size_t n;
	const struct field *fields = type->fields(&n);

	for (size_t i = 0; i < n; i++)
		put_field(out, &fields[i], (const uint8_t *)record + fields[i].offset);
	return rxp_buf_error(out);
}

/* Cut the octets of one field off the cursor, a length in front of them removed. */
static int cut_field(struct bytes *cut, struct record_cursor *cursor, enum field_kind kind)
{
	static const uint8_t sizes[] = {
	    [FIELD_KIND_U32] = 4,
	    [FIELD_KIND_U64] = 8,
	    [FIELD_KIND_I64] = 8,
	    [FIELD_KIND_ID] = RXP_ID_OCTETS,
	    [FIELD_KIND_DIGEST] = RXP_DIGEST_OCTETS,
	    [FIELD_KIND_PARTY] = PARTY_OCTETS,
	    [FIELD_KIND_NAME] = 0,
	    [FIELD_KIND_BYTES] = 0,
	};
	size_t len = sizes[kind];

	if (len == 0) {
		if (cursor->left < 4)
			return RXP_ERR_SYNTAX;
		len = rxp_u32_get(cursor->at);
		cursor->at += 4;
		cursor->left -= 4;
	}
	if (cursor->left < len)
		return RXP_ERR_SYNTAX;
	*cut = (struct bytes){cursor->at, len};
	cursor->at += len;
	cursor->left -= len;
	return 0;
}

static int check_field(enum field_kind kind, const struct bytes *octets)
{
	char party[RXP_PARTY_TEXT] = "";

	if (kind == FIELD_KIND_PARTY) {
		memcpy(party, octets->data, PARTY_OCTETS);
		return party_allowed(party) ? 0 : RXP_ERR_SYNTAX;
	}
	if (kind == FIELD_KIND_NAME &&
	    (octets->len >= RECORD_NAME_MAX ||
		(octets->len > 0 && memchr(octets->data, '\0', octets->len) != NULL)))
		return RXP_ERR_SYNTAX;
	return 0;
}

static void set_field(uint8_t *member, enum field_kind kind, const struct bytes *octets)
{
	uint32_t u32;
	uint64_t u64;

	switch (kind) {
	case FIELD_KIND_U32:
		u32 = rxp_u32_get(octets->data);
		memcpy(member, &u32, sizeof u32);
		break;
	case FIELD_KIND_U64:
	case FIELD_KIND_I64:
		u64 = rxp_u64_get(octets->data);
		memcpy(member, &u64, sizeof u64);
		break;
	case FIELD_KIND_BYTES:
		memcpy(member, octets, sizeof *octets);
		break;
	case FIELD_KIND_ID:
	case FIELD_KIND_DIGEST:
	case FIELD_KIND_PARTY:
	case FIELD_KIND_NAME:
		if (octets->len > 0)
			memcpy(member, octets->data, octets->len);
		break;
	}
}

/* Walk all fields; with out == NULL only check them. */
static int walk(uint8_t *out, const struct record_type *type, struct record_cursor cursor)
{
	size_t n;
	const struct field *fields = type->fields(&n);

	for (size_t i = 0; i < n; i++) {
		struct bytes octets;
		int rc = cut_field(&octets, &cursor, fields[i].kind);

		if (rc == 0)
			rc = check_field(fields[i].kind, &octets);
		if (rc != 0)
			return rc;
		if (out != NULL)
			set_field(out + fields[i].offset, fields[i].kind, &octets);
	}
	return cursor.left == 0 ? 0 : RXP_ERR_SYNTAX;
}

int record_decode(void *out, const struct record_type *type, const uint8_t *octets, size_t len)
{
	struct record_cursor cursor = {octets, len};
	int rc = walk(NULL, type, cursor);

	if (rc != 0)
		return rc;
	memset(out, 0, type->size);
	return walk(out, type, cursor);
}

int record_list_put(
    struct rxp_buf *out, uint16_t tag, const struct record_type *type, const void *record)
{
	size_t start;
	uint32_t len;

	rxp_buf_putc(out, (uint8_t)(tag >> 8));
	rxp_buf_putc(out, (uint8_t)tag);
	rxp_buf_put_u32(out, 0);
	start = out->len;
	if (record_encode(out, type, record) != 0)
		return rxp_buf_error(out);
	len = (uint32_t)(out->len - start);
	for (int i = 0; i < 4; i++)
		out->data[start - 4 + (size_t)i] = (uint8_t)(len >> (24 - 8 * i));
	return 0;
}

int record_list_next(struct record_cursor *cursor, uint16_t *tag, struct bytes *fields)
{
	struct record_cursor rest = *cursor;
	struct bytes cut;
	uint16_t found;

	if (rest.left == 0)
		return 0;
	if (rest.left < 2)
		return RXP_ERR_SYNTAX;
	found = (uint16_t)(rest.at[0] << 8 | rest.at[1]);
	rest.at += 2;
	rest.left -= 2;
	if (cut_field(&cut, &rest, FIELD_KIND_BYTES) != 0)
		return RXP_ERR_SYNTAX;
	*tag = found;
	*fields = cut;
	*cursor = rest;
	return 1;
}
