/*
 * Goals:
 *  - a small whole file of every kind is clean, and its kind is known by how it begins;
 *  - every part off an allow-list, planted at every legal place, is found, and the finding names the
 *    place where it was planted (RXP-ATT-020 to RXP-ATT-027);
 *  - a file cut short anywhere is not clean, nor is one with octets behind its end (RXP-ATT-021);
 *  - the verdict is the same in pieces of any size;
 *  - files altered at random give a verdict, the same in pieces, and break nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/media/media.h"
#include "protocol/test/picture.h"

#define PIECE_MAX 7
#define ROUNDS 1500

struct verdict {
	int rc;
	struct rxp_media_finding finding;
};

/* The verdict on the octets in pieces of this size; 0: of random sizes. */
static struct verdict judge(
    const struct rxp_media_row *row, const uint8_t *octets, size_t len, size_t piece)
{
	struct rxp_media *m = NULL;
	struct verdict v = {0};

	assert_int_equal(rxp_media_new(&m, row), 0);
	for (size_t at = 0, n; at < len && v.rc == 0; at += n) {
		n = piece > 0 ? piece : 1 + picture_random(40);
		n = n < len - at ? n : len - at;
		v.rc = rxp_media_put(m, octets + at, n);
	}
	v.rc = rxp_media_end(m);
	v.finding = *rxp_media_finding(m);
	assert_int_equal(v.rc == 0, v.finding.what == NULL);
	rxp_media_free(m);
	return v;
}

static void assert_same(struct verdict a, struct verdict b)
{
	assert_int_equal(a.rc, b.rc);
	assert_int_equal(a.finding.at, b.finding.at);
	assert_ptr_equal(a.finding.what, b.finding.what);
}

/* The one verdict, in pieces of every size. */
static struct verdict judge_all(const struct rxp_media_row *row, const struct rxp_buf *octets)
{
	struct verdict whole = judge(row, octets->data, octets->len, octets->len);

	for (size_t piece = 1; piece <= PIECE_MAX; piece++)
		assert_same(whole, judge(row, octets->data, octets->len, piece));
	assert_same(whole, judge(row, octets->data, octets->len, 0));
	return whole;
}

static struct rxp_buf make(
    const struct rxp_media_row *row, const struct picture_plant *plant, unsigned at)
{
	struct rxp_buf octets;

	rxp_buf_init(&octets, PICTURE_MAX);
	picture_make(&octets, row->type, plant, at, NULL);
	return octets;
}

static void clean_files_are_clean(void **state)
{
	(void)state;
	for (size_t i = 0; i < rxp_media_count; i++) {
		const struct rxp_media_row *row = &rxp_media_table[i];
		struct rxp_buf octets = make(row, NULL, 0);
		struct verdict v = judge_all(row, &octets);

		if (v.rc != 0)
			fail_msg("%s: %s at %lu", row->name, v.finding.what,
			    (unsigned long)v.finding.at);
		assert_ptr_equal(rxp_media_of(octets.data, octets.len), row);
		assert_null(rxp_media_of(octets.data, row->magic_len - 1));
		assert_true(row->magic_len <= RXP_MEDIA_MAGIC_MAX);
		assert_ptr_equal(rxp_media_row(row->type), row);
		/* No file is of two kinds. */
		for (size_t k = 0; k < rxp_media_count; k++)
			if (k != i)
				assert_int_equal(
				    judge_all(&rxp_media_table[k], &octets).rc, RXP_ERR_SYNTAX);
		rxp_buf_free(&octets);
	}
	assert_null(rxp_media_row("image/gif"));
	assert_null(rxp_media_of((const uint8_t *)"GIF89a......", 12));
}

/* The finding is about the part that was planted, at the octet. What wraps some plants has a part of
 * its own: the entry of a record, the tag of a field, the token before a string. */
static bool is_there(const struct picture_plant *plant, uint64_t found, size_t where)
{
	switch (plant->spot) {
	case PICTURE_ITL_RECORD:
		return found < where;
	case PICTURE_ITL_FIELD:
		return found + strlen(" 14.020:") == where || found + strlen(" 1.013:") == where;
	case PICTURE_PDF_ENTRY:
	case PICTURE_PDF_OBJECT:
		return found >= where && found <= where + strlen("7 0 obj <</S/JavaScript");
	default:
		return found == where;
	}
}

/* Plant it at every legal place. */
static unsigned find_plant(const struct rxp_media_row *row, const struct picture_plant *plant)
{
	struct rxp_buf octets;
	unsigned places;

	rxp_buf_init(&octets, PICTURE_MAX);
	places = picture_make(&octets, row->type, plant, UINT32_MAX, NULL);
	for (unsigned at = 0; at < places; at++) {
		struct verdict v;
		size_t where;

		rxp_buf_reset(&octets);
		picture_make(&octets, row->type, plant, at, &where);
		v = judge_all(row, &octets);
		if (v.rc != RXP_ERR_UNSUPPORTED || !is_there(plant, v.finding.at, where))
			fail_msg("%s, %s, place %u at %zu: %d, %s at %lu", row->name, plant->name,
			    at, where, v.rc, v.finding.what, (unsigned long)v.finding.at);
		assert_null(strstr(v.finding.what, "MARK"));
	}
	rxp_buf_free(&octets);
	return places;
}

static void every_plant_is_found(void **state)
{
	unsigned found = 0;

	(void)state;
	for (size_t k = 0; k < picture_plants_count; k++) {
		unsigned places = 0;

		for (size_t i = 0; i < rxp_media_count; i++)
			places += find_plant(&rxp_media_table[i], &picture_plants[k]);
		assert_true(places > 0);
		found += places;
	}
	print_message("%u plants\n", found);
	assert_true(found > 200);
}

static void cut_files_are_not_clean(void **state)
{
	(void)state;
	for (size_t i = 0; i < rxp_media_count; i++) {
		const struct rxp_media_row *row = &rxp_media_table[i];
		struct rxp_buf octets = make(row, NULL, 0);
		/* Of a PDF the end of its last line may be missing. */
		size_t least = octets.len - (strcmp(row->name, "pdf") == 0);

		for (size_t len = 0; len < least; len++) {
			struct verdict v = judge(row, octets.data, len, octets.len);

			assert_int_equal(v.rc, RXP_ERR_SYNTAX);
			assert_string_equal(v.finding.what, "the file ends too early");
			assert_int_equal(v.finding.at, len);
		}
		rxp_buf_free(&octets);
	}
}

/* RXP-ATT-027: whoever reads a PDF from its end goes by the last startxref. */
static void one_startxref(void **state)
{
	const struct rxp_media_row *row = rxp_media_row("application/pdf");
	static const char again[] = "startxref\n400\n";
	struct rxp_buf octets = make(row, NULL, 0), twice;
	const uint8_t *at = memmem(octets.data, octets.len, again, sizeof again - 1);
	size_t before = (size_t)(at - octets.data);
	struct verdict v;

	(void)state;
	assert_non_null(at);
	rxp_buf_init(&twice, PICTURE_MAX);
	assert_int_equal(rxp_buf_put(&twice, octets.data, before), 0);
	assert_int_equal(rxp_buf_puts(&twice, again), 0);
	assert_int_equal(rxp_buf_put(&twice, at, octets.len - before), 0);
	v = judge_all(row, &twice);
	assert_int_equal(v.rc, RXP_ERR_UNSUPPORTED);
	assert_int_equal(v.finding.at, before + sizeof again - 1);
	rxp_buf_free(&octets);
	rxp_buf_free(&twice);
}

/* An error stays, whatever comes behind it. */
static void errors_stay(void **state)
{
	const struct rxp_media_row *row = rxp_media_row("image/png");
	struct rxp_buf octets = make(row, NULL, 0);
	struct rxp_media *m = NULL;

	(void)state;
	assert_int_equal(rxp_media_new(&m, row), 0);
	assert_int_equal(rxp_media_put(m, octets.data + 1, octets.len - 1), RXP_ERR_SYNTAX);
	assert_int_equal(rxp_media_put(m, octets.data, octets.len), RXP_ERR_SYNTAX);
	assert_int_equal(rxp_media_put(m, octets.data, 0), RXP_ERR_SYNTAX);
	assert_int_equal(rxp_media_end(m), RXP_ERR_SYNTAX);
	rxp_media_free(m);
	rxp_media_free(NULL);
	rxp_buf_free(&octets);
}

/* One octet of a check sum, a length or a magic number changed. */
static void altered_files(void **state)
{
	const struct rxp_media_row *row = rxp_media_row("image/png");
	struct rxp_buf octets = make(row, NULL, 0);

	(void)state;
	for (size_t i = 0; i < octets.len; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			octets.data[i] ^= (uint8_t)(1U << bit);
			assert_int_not_equal(judge(row, octets.data, octets.len, 4096).rc, 0);
			octets.data[i] ^= (uint8_t)(1U << bit);
		}
	rxp_buf_free(&octets);
}

static void alter(struct rxp_buf *octets)
{
	for (unsigned n = 1 + picture_random(3); n > 0; n--) {
		uint8_t *at = octets->data + picture_random(octets->len);

		switch (picture_random(4)) {
		case 0:
			*at = (uint8_t)picture_random(256);
			break;
		case 1:
			*at ^= (uint8_t)(1U << picture_random(8));
			break;
		case 2:
			*at = picture_random(2) != 0 ? 0xff : 0;
			break;
		default: /* the octet goes */
			octets->len--;
			memmove(at, at + 1, (size_t)(octets->data + octets->len - at));
			break;
		}
	}
}

static void random_files(void **state)
{
	(void)state;
	picture_seed();
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct rxp_media_row *row = &rxp_media_table[picture_random(rxp_media_count)];
		const struct picture_plant *plant =
		    &picture_plants[picture_random(picture_plants_count)];
		struct rxp_buf octets = make(row, plant, picture_random(4));

		alter(&octets);
		judge_all(row, &octets);
		rxp_buf_free(&octets);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clean_files_are_clean),
	    cmocka_unit_test(every_plant_is_found),
	    cmocka_unit_test(cut_files_are_not_clean),
	    cmocka_unit_test(one_startxref),
	    cmocka_unit_test(errors_stay),
	    cmocka_unit_test(altered_files),
	    cmocka_unit_test(random_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
