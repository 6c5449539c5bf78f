/*
 * Goal: how many octets of files may go to a party.
 *  - over a while never more than its rate, whoever asks and however often; a party without a rate is not bounded
 *  - who is put off may go at the time that it was told
 *  - a table that is not one changes nothing; a bucket that is known is not filled by a new table
 *
 * links: gateway
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/gateway/limits.h"
#include "daemon/gateway/rate.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define BITS 128000
#define FRAME GATEWAY_OUT_OCTETS

static int tell(struct rates *r, const char *party, uint64_t bits)
{
	struct rec_rate row = {.bits = bits};
	struct rxp_buf rows;
	int rc;

	memcpy(row.party, party, sizeof row.party);
	rxp_buf_init(&rows, 1024);
	assert_int_equal(record_list_put(&rows, REC_rate, &record_rate, &row), 0);
	rc = rates_replace(r, (struct bytes){rows.data, rows.len});
	rxp_buf_free(&rows);
	return rc;
}

static void bounded(void **state)
{
	struct rates *r = NULL;
	int64_t now = 1000000, wait;
	uint64_t went = 0;

	(void)state;
	assert_int_equal(rates_new(&r), 0);
	assert_int_equal(rates_take(r, "QRB", FRAME, now), 0);
	assert_int_equal(tell(r, "QRB", BITS), 0);
	/* A minute of asking each millisecond; what carries the octets is a sixteenth of them. */
	for (int64_t end = now + 60000; now < end; now++)
		went += rates_take(r, "QRB", FRAME, now) == 0 ? FRAME : 0;
	assert_in_range(
	    went, 60UL * BITS / 8 * 16 / 17 - FRAME, 60UL * BITS / 8 * 16 / 17 + 2UL * FRAME);
	while (rates_take(r, "QRB", FRAME, now) == 0)
		;
	wait = rates_take(r, "QRB", FRAME, now);
	assert_in_range(wait, 1, 1100);
	assert_true(rates_take(r, "QRB", FRAME, now + wait / 2) > 0);
	assert_int_equal(rates_take(r, "QRB", FRAME, now + wait), 0);
	/* Another party is not bounded by that. */
	assert_int_equal(rates_take(r, "QRC", FRAME, now), 0);
	assert_int_equal(rates_take(r, "QRC", FRAME, now), 0);
	rates_free(r);
}

static void tables(void **state)
{
	struct rates *r = NULL;
	const uint8_t junk[] = {1, 2, 3};

	(void)state;
	assert_int_equal(rates_new(&r), 0);
	assert_int_equal(tell(r, "QRB", BITS), 0);
	while (rates_take(r, "QRB", FRAME, 5000) == 0)
		;
	assert_int_equal(tell(r, "QRB", BITS), 0);
	assert_true(rates_take(r, "QRB", FRAME, 5000) > 0);
	assert_int_equal(rates_replace(r, (struct bytes){junk, sizeof junk}), RXP_ERR_SYNTAX);
	assert_int_equal(tell(r, "QRB", 1), RXP_ERR_SYNTAX);
	assert_true(rates_take(r, "QRB", FRAME, 5000) > 0);
	assert_int_equal(rates_replace(r, (struct bytes){NULL, 0}), 0);
	assert_int_equal(rates_take(r, "QRB", FRAME, 5000), 0);
	rates_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bounded), cmocka_unit_test(tables)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
