/*
 * Goals: rxp_media_clean() (RXP-ATT-028)
 *  - a clean file comes back octet for octet, and nothing is told;
 *  - with a part off the list at any legal place it becomes the file without that part, octet for
 *    octet but for lengths, and each part is told by name and size, never by content;
 *  - several parts at once go at once; what remains of a picture is untouched;
 *  - what cannot be cleaned is refused: broken and cut files, a picture without its colour, a file
 *    without its record, lengths that stand twice;
 *  - files altered at random are cleaned or refused, and what is cleaned is clean.
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

#define ROUNDS 3000

/* The table has those first that can be cleaned. */

struct told {
	unsigned n;
	uint64_t octets, last;
};

static void tell(void *arg, const struct rxp_media_finding *part, uint64_t octets)
{
	struct told *t = arg;

	assert_non_null(part->what);
	assert_null(strstr(part->what, "MARK"));
	assert_true(t->n == 0 || part->at > t->last);
	t->last = part->at;
	t->n++;
	t->octets += octets;
}

static int clean(const struct rxp_media_row *row, struct rxp_buf *octets, struct told *told)
{
	struct rxp_media_finding finding = {0};
	size_t len = octets->len;
	int rc;

	*told = (struct told){0};
	rc = rxp_media_clean(row, octets->data, &len, &finding, tell, told);
	assert_int_equal(rc == 0, finding.what == NULL);
	if (rc == 0)
		octets->len = len;
	else
		assert_int_equal(len, octets->len);
	return rc;
}

static struct rxp_buf make(
    const struct rxp_media_row *row, const struct picture_plant *plant, unsigned at)
{
	struct rxp_buf octets;

	rxp_buf_init(&octets, PICTURE_MAX);
	picture_make(&octets, row->type, plant, at, NULL);
	return octets;
}

static bool is_clean(const struct rxp_media_row *row, const struct rxp_buf *octets)
{
	struct rxp_media *m = NULL;
	bool is;

	assert_int_equal(rxp_media_new(&m, row), 0);
	is = rxp_media_put(m, octets->data, octets->len) == 0 && rxp_media_end(m) == 0;
	rxp_media_free(m);
	return is;
}

/* Is the mark still there? */
static bool is_marked(const struct rxp_buf *octets)
{
	return memmem(octets->data, octets->len, "MARK", 4) != NULL;
}

static void clean_files_stay(void **state)
{
	(void)state;
	for (size_t i = 0; i < rxp_media_count && rxp_media_table[i].cleans; i++) {
		struct rxp_buf is = make(&rxp_media_table[i], NULL, 0);
		struct rxp_buf was = make(&rxp_media_table[i], NULL, 0);
		struct told told;

		assert_int_equal(clean(&rxp_media_table[i], &is, &told), 0);
		assert_int_equal(told.n, 0);
		assert_int_equal(is.len, was.len);
		assert_memory_equal(is.data, was.data, was.len);
		rxp_buf_free(&is);
		rxp_buf_free(&was);
	}
}

/* Lengths get back their old values; a blanked name its length, a number of records a second digit
 * never: so the file without the plant is the one expected, but for the blanked name. */
static unsigned clean_plant(const struct rxp_media_row *row, const struct picture_plant *plant)
{
	struct rxp_buf expected = make(row, NULL, 0), planted;
	unsigned places;

	rxp_buf_init(&planted, PICTURE_MAX);
	places = picture_make(&planted, row->type, plant, UINT32_MAX, NULL);
	for (unsigned at = 0; at < places; at++) {
		struct told told;
		int rc;

		rxp_buf_reset(&planted);
		picture_make(&planted, row->type, plant, at, NULL);
		rc = clean(row, &planted, &told);
		if (rc != 0)
			fail_msg("%s, %s, place %u: %d", row->name, plant->name, at, rc);
		assert_false(is_marked(&planted));
		assert_true(is_clean(row, &planted));
		assert_true(told.n >= 1 && told.octets > 0);
		if (plant->spot == PICTURE_ITL_NAME)
			continue;
		assert_int_equal(planted.len, expected.len);
		assert_memory_equal(planted.data, expected.data, expected.len);
	}
	rxp_buf_free(&planted);
	rxp_buf_free(&expected);
	return places;
}

static void every_plant_is_taken_out(void **state)
{
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < rxp_media_count && rxp_media_table[i].cleans; i++)
		for (size_t k = 0; k < picture_plants_count; k++)
			n += clean_plant(&rxp_media_table[i], &picture_plants[k]);
	assert_true(n > 150);
}

/* Put octets of another file in, at an offset. */
static void insert(struct rxp_buf *into, size_t at, const void *octets, size_t len)
{
	assert_int_equal(rxp_buf_put(into, octets, len), 0);
	memmove(into->data + at + len, into->data + at, into->len - len - at);
	memcpy(into->data + at, octets, len);
}

static void many_at_once(void **state)
{
	static const char COM[] = "\xff\xfe\0\6MARK", EXIF[] = "\xff\xe1\0\xcMARKExif\0";
	const struct rxp_media_row *row = rxp_media_row("image/jpeg");
	struct rxp_buf is = make(row, NULL, 0), was = make(row, NULL, 0);
	struct told told;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		insert(&is, 2, COM, sizeof(COM) - 1);
		insert(&is, 2, EXIF, sizeof(EXIF));
		insert(&is, is.len, "MARK", 4);
	}
	assert_int_equal(clean(row, &is, &told), 0);
	assert_int_equal(told.n, 401); /* what is behind the end is one part */
	assert_int_equal(is.len, was.len);
	assert_memory_equal(is.data, was.data, was.len);
	rxp_buf_free(&is);
	rxp_buf_free(&was);
}

static void too_many(void **state)
{
	static const char COM[] = "\xff\xfe\0\2";
	const struct rxp_media_row *row = rxp_media_row("image/jpeg");
	struct rxp_buf is;
	struct told told;

	(void)state;
	rxp_buf_init(&is, 1048576);
	assert_int_equal(rxp_buf_put(&is, "\xff\xd8", 2), 0);
	for (unsigned i = 0; i < 65537; i++)
		assert_int_equal(rxp_buf_put(&is, COM, 4), 0);
	assert_int_equal(clean(row, &is, &told), RXP_ERR_BOUND);
	rxp_buf_free(&is);
}

static void broken_files_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < rxp_media_count && rxp_media_table[i].cleans; i++) {
		const struct rxp_media_row *row = &rxp_media_table[i];
		struct rxp_buf octets = make(row, NULL, 0);
		struct told told;

		octets.len -= 2;
		assert_int_equal(clean(row, &octets, &told), RXP_ERR_SYNTAX);
		octets.len += 2;
		octets.data[0] ^= 1;
		assert_int_equal(clean(row, &octets, &told), RXP_ERR_SYNTAX);
		rxp_buf_free(&octets);
	}
}

/* The only colour is a profile: without it there is none. */
static void no_colour_is_left(void **state)
{
	const struct rxp_media_row *row = rxp_media_row("image/jp2");
	struct rxp_buf octets = make(row, NULL, 0);
	uint8_t *colour = memmem(octets.data, octets.len, "colr\1", 5);
	struct told told;

	(void)state;
	assert_non_null(colour);
	colour[4] = 2;
	assert_int_equal(clean(row, &octets, &told), RXP_ERR_SYNTAX);
	rxp_buf_free(&octets);
}

/* Without its one record, which goes, a file of ANSI/NIST-ITL has none. */
static void no_record_is_left(void **state)
{
	static const char OCTETS[] = "1.001:45\x1d"
				     "1.002:0500\x1d"
				     "1.003:1\x1f"
				     "1\x1e"
				     "2\x1f"
				     "00\x1d"
				     "1.004:XXX\x1c"
				     "2.001:20\x1d"
				     "2.018:MARK"
				     "\x1c";
	struct rxp_buf octets;
	struct told told;

	(void)state;
	rxp_buf_init(&octets, PICTURE_MAX);
	assert_int_equal(rxp_buf_put(&octets, OCTETS, sizeof(OCTETS) - 1), 0);
	assert_int_equal(
	    clean(rxp_media_row("application/x-nist-itl"), &octets, &told), RXP_ERR_SYNTAX);
	assert_int_equal(told.n, 2);
	rxp_buf_free(&octets);
}

/* The lengths of tiles stand in TLM too, which is not corrected. */
static void lengths_that_stand_twice(void **state)
{
	const struct rxp_media_row *row = rxp_media_row("image/jp2");
	const struct picture_plant *plant = picture_plants;
	struct told told;

	(void)state;
	while (plant->spot != PICTURE_JP2_STREAM)
		plant++;
	for (unsigned at = 0; at < 4; at++) {
		struct rxp_buf octets = make(row, plant, at);
		uint8_t *cod = memmem(octets.data, octets.len, "\xff\x52", 2);

		assert_non_null(cod);
		cod[1] = 0x55;
		assert_int_equal(clean(row, &octets, &told), at < 2 ? 0 : RXP_ERR_SYNTAX);
		rxp_buf_free(&octets);
	}
}

static void random_files(void **state)
{
	unsigned cleaned = 0;
	size_t kinds = 0;

	(void)state;
	while (kinds < rxp_media_count && rxp_media_table[kinds].cleans)
		kinds++;
	picture_seed();
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct rxp_media_row *row = &rxp_media_table[picture_random(kinds)];
		struct rxp_buf octets = make(
		    row, &picture_plants[picture_random(picture_plants_count)], picture_random(4));
		struct told told;

		for (unsigned n = 1 + picture_random(3); n > 0; n--)
			octets.data[picture_random(octets.len)] = (uint8_t)picture_random(256);
		if (clean(row, &octets, &told) == 0) {
			assert_true(is_clean(row, &octets));
			cleaned++;
		}
		rxp_buf_free(&octets);
	}
	assert_true(cleaned > 0 && cleaned < ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(clean_files_stay),
	    cmocka_unit_test(every_plant_is_taken_out),
	    cmocka_unit_test(many_at_once),
	    cmocka_unit_test(too_many),
	    cmocka_unit_test(broken_files_are_refused),
	    cmocka_unit_test(no_colour_is_left),
	    cmocka_unit_test(no_record_is_left),
	    cmocka_unit_test(lengths_that_stand_twice),
	    cmocka_unit_test(random_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
