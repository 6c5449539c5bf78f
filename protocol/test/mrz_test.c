/*
 * Goals:
 *  - the specimens of ICAO Doc 9303 pass, of each form;
 *  - each changed character that a check digit covers is found; fillers stand where they may;
 *  - dates that no calendar has are found although their digits are right, in each form; unknown parts may stand;
 *  - another number or length of lines and other characters are no machine-readable zone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/document/mrz.h"

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

/* In the second line of a passport everything but nationality and sex is covered; no sex is written as a digit. */
static void test_every_covered_character(void **unused)
{
	(void)unused;
	for (size_t at = 0; at < strlen(TD3_2); at++) {
		bool covered = !(at >= 10 && at < 13) && at != 20;
		char line[] = TD3_2;

		line[at] = line[at] == '7' ? '8' : '7';
		assert_int_equal(check(TD3_1, line, NULL), covered    ? RXP_ERR_MISMATCH
							   : at == 20 ? RXP_ERR_SYNTAX
								      : 0);
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

/* Right digits over each of them. */
static void test_dates(void **unused)
{
	static const struct {
		const char *first, *second, *third;
		bool possible;
	} rows[] = {
	    {TD3_1, "L898902C36UTO7408122F1204159<<<<<<<<<<<<<<<8", NULL, true},
	    {TD3_1, "L898902C36UTO7602296F1204159<<<<<<<<<<<<<<<4", NULL, true},
	    {TD3_1, "L898902C36UTO0002299F1204159<<<<<<<<<<<<<<<6", NULL, true},
	    {TD3_1, "L898902C36UTO7408<<7F1204159<<<<<<<<<<<<<<<8", NULL, true},
	    {TD3_1, "L898902C36UTO74<<<<1F1204159<<<<<<<<<<<<<<<6", NULL, true},
	    {TD3_1, "L898902C36UTO<<<<<<0F1204159<<<<<<<<<<<<<<<8", NULL, true},
	    {TD3_1, "L898902C36UTO74<<311F1204159<<<<<<<<<<<<<<<6", NULL, true},
	    {TD3_1, "L898902C36UTO7408122F<<<<<<0<<<<<<<<<<<<<<<8", NULL, true},
	    {TD3_1, "L898902C36UTO7408122<1204159<<<<<<<<<<<<<<<8", NULL, true},
	    {TD3_1, "L898902C36UTO7413128F1204159<<<<<<<<<<<<<<<8", NULL, false},
	    {TD3_1, "L898902C36UTO7400126F1204159<<<<<<<<<<<<<<<6", NULL, false},
	    {TD3_1, "L898902C36UTO7408328F1204159<<<<<<<<<<<<<<<8", NULL, false},
	    {TD3_1, "L898902C36UTO7408007F1204159<<<<<<<<<<<<<<<8", NULL, false},
	    {TD3_1, "L898902C36UTO7402290F1204159<<<<<<<<<<<<<<<4", NULL, false},
	    {TD3_1, "L898902C36UTO74O8126F1204159<<<<<<<<<<<<<<<8", NULL, false},
	    {TD3_1, "L898902C36UTO7O08122F1204159<<<<<<<<<<<<<<<8", NULL, false},
	    {TD3_1, "L898902C36UTOA408123F1204159<<<<<<<<<<<<<<<0", NULL, false},
	    {TD3_1, "L898902C36UTO7408<29F1204159<<<<<<<<<<<<<<<8", NULL, false},
	    {TD3_1, "L898902C36UTO7408122F1213153<<<<<<<<<<<<<<<4", NULL, false},
	    {TD2_1, "D231458907UTO7408122F1204159<<<<<<<6", NULL, true},
	    {TD2_1, "D231458907UTO7413128F1204159<<<<<<<6", NULL, false},
	    {TD2_1, "D231458907UTO7408122F1213153<<<<<<<2", NULL, false},
	    {TD1_1, "7408122F1204159UTO<<<<<<<<<<<6", TD1_3, true},
	    {TD1_1, "7413128F1204159UTO<<<<<<<<<<<6", TD1_3, false},
	    {TD1_1, "7408122F1213153UTO<<<<<<<<<<<2", TD1_3, false},
	    {MRVA_1, "L8988901C4XXX4009078F9612109<<<<<<<<<<<<<<<<", NULL, true},
	    {MRVA_1, "L8988901C4XXX4013077F9612109<<<<<<<<<<<<<<<<", NULL, false},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (check(rows[i].first, rows[i].second, rows[i].third) !=
		    (rows[i].possible ? 0 : RXP_ERR_SYNTAX))
			fail_msg("%s", rows[i].second);
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
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_other_forms),
	};

	return cmocka_run_group_tests_name("mrz", tests, NULL, NULL);
}
