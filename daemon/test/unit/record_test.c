/*
 * Goal of this test:
 * - every row of record.def and ipc.def goes to octets and back, with random values;
 * - every shortened encoding and one trailing octet are refused and leave the output untouched;
 * - lists: tags, order, refusal of cut ones;
 * - NAME and PARTY have one form only;
 * - the table of messages is sound: answers answer a request of the other direction, and so on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/ipc.h"
#include "daemon/base/record.h"
#include "daemon/test/unit/dice.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define STRUCT_MAX 4096
#define BYTES_MAX 40

static uint8_t pool[1024];

static void fill(uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)dice_roll(256);
}

static void random_field(uint8_t *member, enum field_kind kind)
{
	struct bytes bytes;

	switch (kind) {
	case FIELD_KIND_U32:
		fill(member, 4);
		break;
	case FIELD_KIND_U64:
	case FIELD_KIND_I64:
		fill(member, 8);
		break;
	case FIELD_KIND_ID:
		fill(member, 16);
		break;
	case FIELD_KIND_DIGEST:
		fill(member, 32);
		break;
	case FIELD_KIND_PARTY:
		for (int i = 0; i < 3; i++)
			member[i] = (uint8_t)('A' + dice_roll(26));
		break;
	case FIELD_KIND_NAME:
		for (uint32_t n = dice_roll(RECORD_NAME_MAX), i = 0; i < n; i++)
			member[i] = (uint8_t)(1 + dice_roll(255));
		break;
	case FIELD_KIND_BYTES:
		bytes = (struct bytes){pool + dice_roll(512), dice_roll(BYTES_MAX)};
		memcpy(member, &bytes, sizeof bytes);
		break;
	}
}

static void random_record(uint8_t *record, const struct record_type *type)
{
	size_t n;
	const struct field *fields = type->fields(&n);

	assert_true(type->size <= STRUCT_MAX);
	assert_true(n > 0);
	memset(record, 0, type->size);
	for (size_t i = 0; i < n; i++) {
		assert_true(fields[i].offset < type->size);
		random_field(record + fields[i].offset, fields[i].kind);
	}
}

/* Equal in all fields: BYTES by content, all else by octets. */
static void assert_same(const uint8_t *a, const uint8_t *b, const struct record_type *type)
{
	size_t n;
	const struct field *fields = type->fields(&n);
	uint8_t x[STRUCT_MAX], y[STRUCT_MAX];

	memcpy(x, a, type->size);
	memcpy(y, b, type->size);
	for (size_t i = 0; i < n; i++) {
		struct bytes p, q;

		if (fields[i].kind != FIELD_KIND_BYTES)
			continue;
		memcpy(&p, x + fields[i].offset, sizeof p);
		memcpy(&q, y + fields[i].offset, sizeof q);
		assert_int_equal(p.len, q.len);
		if (p.len > 0)
			assert_memory_equal(p.data, q.data, p.len);
		memset(x + fields[i].offset, 0, sizeof p);
		memset(y + fields[i].offset, 0, sizeof q);
	}
	/* Padding is zero on both sides. */
	assert_memory_equal(x, y, type->size);
}

static void check_type(const struct record_type *type)
{
	uint8_t record[STRUCT_MAX], again[STRUCT_MAX], untouched[STRUCT_MAX];
	struct rxp_buf octets;

	rxp_buf_init(&octets, 65536);
	random_record(record, type);
	assert_int_equal(record_encode(&octets, type, record), 0);
	memset(again, 0xA5, sizeof again);
	assert_int_equal(record_decode(again, type, octets.data, octets.len), 0);
	assert_same(record, again, type);

	memset(untouched, 0x5A, sizeof untouched);
	memset(again, 0x5A, sizeof again);
	for (size_t len = 0; len < octets.len; len++) {
		/* A copy of its own, so that reading too far is seen. */
		uint8_t *cut = malloc(len > 0 ? len : 1);

		memcpy(cut, octets.data, len);
		assert_int_equal(record_decode(again, type, cut, len), RXP_ERR_SYNTAX);
		free(cut);
	}
	assert_int_equal(rxp_buf_putc(&octets, 0), 0);
	assert_int_equal(record_decode(again, type, octets.data, octets.len), RXP_ERR_SYNTAX);
	assert_memory_equal(again, untouched, sizeof again);
	rxp_buf_free(&octets);
}

static void every_record(void **state)
{
	(void)state;
	for (int tag = REC_none + 1; tag < REC_COUNT; tag++)
		for (int i = 0; i < 20; i++)
			check_type(record_type_of((uint16_t)tag));
	assert_null(record_type_of(REC_none));
	assert_null(record_type_of(REC_COUNT));
}

static void every_message(void **state)
{
	(void)state;
	for (int t = IPC_NONE + 1; t < IPC_TYPES; t++)
		for (int i = 0; i < 10; i++)
			check_type(&ipc_row((enum ipc_type)t)->type);
	assert_null(ipc_row(IPC_NONE));
	assert_null(ipc_row(IPC_TYPES));
}

static void known_octets(void **state)
{
	static const uint8_t expected[] = {
	    0, 0, 0, 3, 'a', '_', 'b', 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe};
	struct rec_metric_row row = {.metric = "a_b", .value = -2};
	struct rxp_buf out;

	(void)state;
	rxp_buf_init(&out, 100);
	assert_int_equal(record_encode(&out, &record_metric_row, &row), 0);
	assert_int_equal(out.len, sizeof expected);
	assert_memory_equal(out.data, expected, sizeof expected);
	rxp_buf_free(&out);
}

/* One change each to valid octets of `level`: party, then name. */
static void one_form(void **state)
{
	uint8_t octets[3 + 4 + RECORD_NAME_MAX] = "QMA\0\0\0\2ab";
	struct rec_level level;

	(void)state;
	assert_int_equal(record_decode(&level, &record_level, octets, 9), 0);
	assert_string_equal(level.party, "QMA");
	assert_string_equal(level.level, "ab");
	octets[1] = 'm';
	assert_int_equal(record_decode(&level, &record_level, octets, 9), RXP_ERR_SYNTAX);
	octets[1] = '\0';
	assert_int_equal(record_decode(&level, &record_level, octets, 9), RXP_ERR_SYNTAX);
	octets[0] = octets[2] = '\0';
	assert_int_equal(record_decode(&level, &record_level, octets, 9), 0);
	assert_string_equal(level.party, "");
	octets[7] = '\0';
	assert_int_equal(record_decode(&level, &record_level, octets, 9), RXP_ERR_SYNTAX);
	memset(octets + 7, 'x', RECORD_NAME_MAX);
	octets[6] = RECORD_NAME_MAX - 1;
	assert_int_equal(record_decode(&level, &record_level, octets, 7 + RECORD_NAME_MAX - 1), 0);
	octets[6] = RECORD_NAME_MAX;
	assert_int_equal(
	    record_decode(&level, &record_level, octets, 7 + RECORD_NAME_MAX), RXP_ERR_SYNTAX);
}

static void lists(void **state)
{
	const struct rec_office office = {.party = "QMA", .office = "border"};
	const struct rec_pin pin = {.party = "QMB"};
	struct record_cursor cursor;
	struct bytes fields;
	struct rec_office back;
	struct rxp_buf out;
	uint16_t tag = 0;
	size_t whole;

	(void)state;
	rxp_buf_init(&out, 1000);
	assert_int_equal(record_list_put(&out, REC_office, &record_office, &office), 0);
	assert_int_equal(record_list_put(&out, REC_pin, &record_pin, &pin), 0);
	cursor = (struct record_cursor){out.data, out.len};
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
	assert_int_equal(tag, REC_office);
	assert_int_equal(record_decode(&back, record_type_of(tag), fields.data, fields.len), 0);
	assert_string_equal(back.office, "border");
	whole = out.len - cursor.left;
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
	assert_int_equal(tag, REC_pin);
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 0);
	for (size_t len = 1; len < whole; len++) {
		cursor = (struct record_cursor){out.data, len};
		assert_int_equal(record_list_next(&cursor, &tag, &fields), RXP_ERR_SYNTAX);
		assert_int_equal(tag, REC_pin);
		assert_int_equal(cursor.left, len);
	}
	rxp_buf_free(&out);
	rxp_buf_init(&out, 20);
	assert_int_equal(record_list_put(&out, REC_office, &record_office, &office), 0);
	assert_int_equal(record_list_put(&out, REC_office, &record_office, &office), RXP_ERR_BOUND);
	rxp_buf_free(&out);
}

static void table_is_sound(void **state)
{
	(void)state;
	for (int t = IPC_NONE + 1; t < IPC_TYPES; t++) {
		const struct ipc_row *row = ipc_row((enum ipc_type)t);
		unsigned answered = 0;

		assert_true(row->from != row->to);
		assert_true(row->descriptors <= IPC_FDS_MAX);
		if (row->answers != IPC_NONE) {
			const struct ipc_row *asked = ipc_row(row->answers);

			assert_non_null(asked);
			assert_int_equal(asked->from, row->to);
			assert_int_equal(asked->to, row->from);
			assert_int_equal(row->window, 0);
			assert_true(asked->window > 0);
		}
		for (int other = IPC_NONE + 1; other < IPC_TYPES; other++)
			if ((int)ipc_row((enum ipc_type)other)->answers == t)
				answered++;
		/* A request may have answers of several forms, a notice none. */
		assert_int_equal(answered > 0, row->window > 0);
	}
	for (int role = 0; role < IPC_ROLES; role++)
		assert_string_not_equal(ipc_role_name((enum ipc_role)role), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_record),
	    cmocka_unit_test(every_message),
	    cmocka_unit_test(known_octets),
	    cmocka_unit_test(one_form),
	    cmocka_unit_test(lists),
	    cmocka_unit_test(table_is_sound),
	};

	dice_start();
	fill(pool, sizeof pool);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
