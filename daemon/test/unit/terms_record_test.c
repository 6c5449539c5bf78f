/*
 * Goals of profiles and calendars as records:
 * - every profile and calendar of spec/profiles comes back as it was, octet for octet;
 * - a list in which any record is missing its head, comes once more than there is room, is cut, or is of
 *   another kind is refused, and breaks nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/terms.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/init.h"

static struct bytes bytes_of(const struct rxp_buf *b)
{
	return (struct bytes){.data = b->data, .len = b->len};
}

/* Every cut of the records, and the same records twice, are no profile or calendar. */
static void assert_only_whole(const struct rxp_buf *records, bool is_profile)
{
	static struct rxp_profile p;
	static struct rxp_calendar c;
	struct rxp_buf twice;

	for (size_t len = 0; len < records->len; len += 1 + records->len / 200) {
		struct bytes cut = {.data = records->data, .len = len};
		int rc = is_profile ? terms_read_profile(&p, cut) : terms_read_calendar(&c, cut);

		assert_true(rc == 0 || rc == RXP_ERR_STRUCTURE);
		if (len < 10)
			assert_int_equal(rc, RXP_ERR_STRUCTURE);
	}
	rxp_buf_init(&twice, 2 * TERMS_MAX_OCTETS);
	rxp_buf_put(&twice, records->data, records->len);
	rxp_buf_put(&twice, records->data, records->len);
	assert_int_equal(rxp_buf_error(&twice), 0);
	assert_int_equal(is_profile ? terms_read_profile(&p, bytes_of(&twice))
				    : terms_read_calendar(&c, bytes_of(&twice)),
	    RXP_ERR_STRUCTURE);
	assert_int_equal(is_profile ? terms_read_calendar(&c, bytes_of(records))
				    : terms_read_profile(&p, bytes_of(records)),
	    RXP_ERR_STRUCTURE);
	rxp_buf_free(&twice);
}

static void profile_there_and_back(const struct rxp_buf *octets, const char *name)
{
	static struct rxp_profile want, got;
	struct rxp_buf records;

	memset(&want, 0, sizeof want);
	memset(&got, 0, sizeof got);
	assert_int_equal(rxp_profile_draft(&want, octets->data, octets->len, NULL), 0);
	memcpy(want.publisher, "QRA", RXP_PARTY_TEXT);
	want.created_ms = 12345;
	memset(want.digest, 0xab, sizeof want.digest);
	rxp_buf_init(&records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_profile(&records, &want), 0);
	assert_int_equal(terms_read_profile(&got, bytes_of(&records)), 0);
	print_message("%s\n", name);
	assert_memory_equal(&got, &want, sizeof want);
	assert_only_whole(&records, true);
	rxp_buf_free(&records);
}

static void calendar_there_and_back(const struct rxp_buf *octets, const char *name)
{
	static struct rxp_calendar want, got;
	struct rxp_buf records;

	memset(&want, 0, sizeof want);
	memset(&got, 0, sizeof got);
	assert_int_equal(rxp_calendar_draft(&want, octets->data, octets->len, NULL), 0);
	want.created_ms = 12345;
	memset(want.digest, 0xab, sizeof want.digest);
	rxp_buf_init(&records, TERMS_MAX_OCTETS);
	assert_int_equal(terms_put_calendar(&records, &want), 0);
	assert_int_equal(terms_read_calendar(&got, bytes_of(&records)), 0);
	print_message("%s\n", name);
	assert_memory_equal(&got, &want, sizeof want);
	assert_only_whole(&records, false);
	rxp_buf_free(&records);
}

static struct rxp_buf read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct rxp_buf octets;
	char part[4096];
	size_t n;

	assert_non_null(f);
	rxp_buf_init(&octets, RXP_MAX_TERMS_OCTETS);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		rxp_buf_put(&octets, part, n);
	fclose(f);
	assert_int_equal(rxp_buf_error(&octets), 0);
	octets.len--; /* nothing follows the root element (RXP-XML-002) */
	return octets;
}

static unsigned each_of(
    const char *folder, void (*check)(const struct rxp_buf *octets, const char *name))
{
	const struct dirent *entry;
	unsigned n = 0;
	char path[300];
	DIR *dir;

	snprintf(path, sizeof path, "spec/%s", folder);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		struct rxp_buf octets;

		if (strstr(entry->d_name, ".xml") == NULL)
			continue;
		snprintf(path, sizeof path, "spec/%s/%.200s", folder, entry->d_name);
		octets = read_file(path);
		check(&octets, entry->d_name);
		rxp_buf_free(&octets);
		n++;
	}
	closedir(dir);
	return n;
}

static void test_profiles(void **unused)
{
	(void)unused;
	assert_true(each_of("profiles", profile_there_and_back) >= 20);
}

static void test_calendars(void **unused)
{
	(void)unused;
	assert_true(each_of("profiles/calendars", calendar_there_and_back) >= 4);
}

/* A full list, and one row more of it. */
static void test_full_lists(void **unused)
{
	const struct rec_profile_office office = {.office = "BORDER"};
	const struct rec_profile_retention retention = {
	    .after = "refused", .source = "X", .months = 1};
	static struct rxp_profile p, back;
	struct rxp_buf records;

	(void)unused;
	rxp_buf_init(&records, TERMS_MAX_OCTETS);
	p.counting.cut_off = -1;
	p.offices.n = RXP_MAX_OFFICES;
	p.retention.n = sizeof p.retention.rows / sizeof p.retention.rows[0];
	assert_int_equal(terms_put_profile(&records, &p), 0);
	assert_int_equal(terms_read_profile(&back, bytes_of(&records)), 0);
	assert_int_equal(back.offices.n, RXP_MAX_OFFICES);
	assert_int_equal(
	    record_list_put(&records, REC_profile_office, &record_profile_office, &office), 0);
	assert_int_equal(terms_read_profile(&back, bytes_of(&records)), RXP_ERR_STRUCTURE);
	rxp_buf_reset(&records);
	assert_int_equal(terms_put_profile(&records, &p), 0);
	assert_int_equal(
	    record_list_put(&records, REC_profile_retention, &record_profile_retention, &retention),
	    0);
	assert_int_equal(terms_read_profile(&back, bytes_of(&records)), RXP_ERR_STRUCTURE);
	rxp_buf_free(&records);
}

static int set_up(void **unused)
{
	(void)unused;
	return rxp_init();
}

static int tear_down(void **unused)
{
	(void)unused;
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_profiles),
	    cmocka_unit_test(test_calendars),
	    cmocka_unit_test(test_full_lists),
	};

	return cmocka_run_group_tests_name("terms_record", tests, set_up, tear_down);
}
