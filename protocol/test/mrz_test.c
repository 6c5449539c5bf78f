/*
 * Goals:
 *  - the specimens of ICAO Doc 9303 pass, of each form;
 *  - each changed character that a check digit covers is found; fillers stand where they may;
 *  - another number or length of lines and other characters are no machine-readable zone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/err.h"
#include "protocol/mrz.h"

#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define TD2_1 "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<"
#define TD2_2 "D231458907UTO7408122F1204159<<<<<<<6"
#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define MRVA_1 "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define MRVA_2 "L8988901C4XXX4009078F96121096ZE184226B<<<<<<"

static int check(const char *a, const char *b, const char *c)
{
	const char *lines[] = {a, b, c};

	return rxp_mrz_check(lines, c != NULL ? 3 : 2);
}

static void test_specimens(void **unused)
{
	(void)unused;
	assert_int_equal(check(TD1_1, TD1_2, TD1_3), 0);
	assert_int_equal(check(TD2_1, TD2_2, NULL), 0);
	assert_int_equal(check(TD3_1, TD3_2, NULL), 0);
	assert_int_equal(check(MRVA_1, MRVA_2, NULL), 0);
}

/* In the second line of a passport everything but nationality and sex is covered. */
static void test_every_covered_character(void **unused)
{
	(void)unused;
	for (size_t at = 0; at < strlen(TD3_2); at++) {
		bool covered = !(at >= 10 && at < 13) && at != 20;
		char line[] = TD3_2;

		line[at] = line[at] == '7' ? '8' : '7';
		assert_int_equal(check(TD3_1, line, NULL), covered ? RXP_ERR_MISMATCH : 0);
	}
}

static void test_fillers(void **unused)
{
	char none[] = "L898902C36UTO7408122F1204159<<<<<<<<<<<<<<<8";
	char birth[] = TD3_2;

	(void)unused;
	assert_int_equal(check(TD3_1, none, NULL), 0); /* no personal number, no digit */
	none[42] = '0';
	assert_int_equal(check(TD3_1, none, NULL), 0); /* or the digit of nothing */
	birth[19] = '<';
	assert_int_equal(check(TD3_1, birth, NULL), RXP_ERR_MISMATCH);
}

static void test_other_forms(void **unused)
{
	const char *lines[] = {TD3_2};

	(void)unused;
	assert_int_equal(rxp_mrz_check(lines, 1), RXP_ERR_SYNTAX);
	assert_int_equal(rxp_mrz_check(lines, 0), RXP_ERR_SYNTAX);
	assert_int_equal(check(TD3_1, TD3_2 "<", NULL), RXP_ERR_SYNTAX);
	assert_int_equal(check(TD3_1, TD2_2, NULL), RXP_ERR_SYNTAX);
	assert_int_equal(check(TD1_1, TD1_2, NULL), RXP_ERR_SYNTAX);
	assert_int_equal(
	    check(TD3_1, "l898902C36UTO7408122F1204159ZE184226B<<<<<10", NULL), RXP_ERR_SYNTAX);
	assert_int_equal(check("", "", NULL), RXP_ERR_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_specimens),
	    cmocka_unit_test(test_every_covered_character),
	    cmocka_unit_test(test_fillers),
	    cmocka_unit_test(test_other_forms),
	};

	return cmocka_run_group_tests_name("mrz", tests, NULL, NULL);
}
