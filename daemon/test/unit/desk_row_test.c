/*
 * desk_row_test - goals:
 *   a record becomes an object with a member for each of its fields, in the wire's text forms
 *   zeros are null; a text that is not UTF-8 and an impossible time are damage
 *   days are dates; of a mixed list the records of one kind are taken
 *   a page names the last item as next only if more follow; a record of another kind is damage
 *   metrics: lines of one name stand together, labels are quoted; an unlisted name is refused
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "daemon/desk/metric.h"
#include "daemon/desk/row.h"
#include "protocol/base/buf.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"

static struct rec_peer_row peer(const char *party)
{
	struct rec_peer_row row = {.state = "active",
	    .identity_serial = 2,
	    .added_ms = 1700000000123,
	    .outbox_waiting = UINT64_MAX,
	    .endpoint = {(const uint8_t *)"https://qmb.example:8443", 24}};

	memcpy(row.party, party, sizeof(row.party));
	row.root[31] = 0xab;
	return row;
}

static void assert_json(json_t *json, const char *expected)
{
	json_t *want = json_loads(expected, 0, NULL);

	assert_non_null(want);
	if (!json_equal(json, want)) {
		char *text = json_dumps(json, 0);

		print_error("%s\n", text);
		fail();
	}
	json_decref(want);
}

static void peer_as_json(void **state)
{
	struct rec_peer_row row = peer("QMB");
	json_t *json = NULL;

	(void)state;
	assert_int_equal(row_json(&json, &record_peer_row, &row), 0);
	assert_json(json,
	    "{\"party\":\"QMB\",\"state\":\"active\",\"root\":"
	    "\"00000000000000000000000000000000000000000000000000000000000000ab\","
	    "\"identity_serial\":2,\"working_created\":null,\"added\":\"2023-11-14T22:13:20.123Z\","
	    "\"last_contact\":null,\"outbox_waiting\":9223372036854775807,"
	    "\"endpoint\":\"https://qmb.example:8443\",\"seal_until\":null,\"tls_until\":null,"
	    "\"root_until\":null,\"agreement_until\":null,\"next_root_due\":null,\"held\":null,"
	    "\"line_rate\":null,\"line_window\":null,\"line_attachments\":null,"
	    "\"line_urgent\":null}");
	json_decref(json);
}

static void days_are_dates(void **state)
{
	const struct rec_profile_chapter chapter = {.name = "transit",
	    .state = "in-force",
	    .source = "X",
	    .from_day = 20454,
	    .until_day = -1};
	struct rec_calendar_holiday holiday = {.day = 20454};
	struct rxp_buf b;
	struct bytes rows;
	json_t *json = NULL;

	(void)state;
	rxp_buf_init(&b, 4096);
	record_list_put(&b, REC_calendar_holiday, &record_calendar_holiday, &holiday);
	record_list_put(&b, REC_profile_chapter, &record_profile_chapter, &chapter);
	rows = (struct bytes){b.data, b.len};
	assert_int_equal(row_list_of(&json, rows, REC_profile_chapter), 0);
	assert_json(json, "[{\"name\":\"transit\",\"state\":\"in-force\",\"source\":\"X\","
			  "\"from_day\":\"2026-01-01\",\"until_day\":null}]");
	json_decref(json);
	assert_int_equal(row_list_of(&json, rows, REC_calendar_holiday), 0);
	assert_json(json, "[{\"day\":\"2026-01-01\"}]");
	json_decref(json);
	assert_int_equal(row_list(&json, rows, REC_calendar_holiday), RXP_ERR_DAMAGED);
	rxp_buf_reset(&b);
	holiday.day = RXP_MAX_DAY + 1;
	record_list_put(&b, REC_calendar_holiday, &record_calendar_holiday, &holiday);
	rows = (struct bytes){b.data, b.len};
	assert_int_equal(row_list_of(&json, rows, REC_calendar_holiday), RXP_ERR_DAMAGED);
	rxp_buf_free(&b);
}

static void every_field_has_a_member(void **state)
{
	struct rec_message_row row = {.fingerprint = {0xfb, 0xff}};
	json_t *json = NULL;
	size_t n;

	(void)state;
	record_message_row.fields(&n);
	assert_int_equal(row_json(&json, &record_message_row, &row), 0);
	assert_int_equal(json_object_size(json), n + 1); /* the fingerprint has two forms */
	assert_string_equal(json_string_value(json_object_get(json, "fingerprint_base64")),
	    "+/8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	assert_true(json_is_null(json_object_get(json, "log_id")));
	assert_true(json_is_null(json_object_get(json, "created")));
	assert_true(json_is_integer(json_object_get(json, "attempts")));
	json_decref(json);
}

static void damage_is_found(void **state)
{
	struct rec_peer_row row = peer("QMB");
	json_t *json = NULL;

	(void)state;
	row.added_ms = -1;
	assert_int_equal(row_json(&json, &record_peer_row, &row), RXP_ERR_DAMAGED);
	row = peer("QMB");
	row.endpoint = (struct bytes){(const uint8_t *)"\xff", 1};
	assert_int_equal(row_json(&json, &record_peer_row, &row), RXP_ERR_DAMAGED);
	assert_null(json);
}

static void pages(void **state)
{
	struct rec_peer_row one = peer("QMB"), two = peer("QMC");
	struct msg_listed m = {.more = 1};
	json_t *page = NULL;
	struct rxp_buf rows;

	(void)state;
	rxp_buf_init(&rows, 4096);
	assert_int_equal(record_list_put(&rows, REC_peer_row, &record_peer_row, &one), 0);
	assert_int_equal(record_list_put(&rows, REC_peer_row, &record_peer_row, &two), 0);
	m.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(row_page(&page, &m, REC_peer_row, "party"), 0);
	assert_int_equal(json_array_size(json_object_get(page, "items")), 2);
	assert_string_equal(json_string_value(json_object_get(page, "next")), "QMC");
	json_decref(page);

	m.more = 0;
	assert_int_equal(row_page(&page, &m, REC_peer_row, "party"), 0);
	assert_true(json_is_null(json_object_get(page, "next")));
	json_decref(page);

	page = NULL;
	assert_int_equal(row_page(&page, &m, REC_message_row, "local_id"), RXP_ERR_DAMAGED);
	m.rows.len--;
	assert_int_equal(row_page(&page, &m, REC_peer_row, "party"), RXP_ERR_DAMAGED);
	assert_null(page);
	rxp_buf_free(&rows);
}

static void put_metric(struct rxp_buf *rows, const char *metric, const char *label, int64_t value)
{
	struct rec_metric_row row = {.value = value};

	snprintf(row.metric, sizeof(row.metric), "%s", metric);
	snprintf(row.label, sizeof(row.label), "%s", label);
	assert_int_equal(record_list_put(rows, REC_metric_row, &record_metric_row, &row), 0);
}

static void metrics_stand_together(void **state)
{
	struct rxp_buf rows, text;

	(void)state;
	rxp_buf_init(&rows, 4096);
	rxp_buf_init(&text, 4096);
	put_metric(&rows, "outbox_messages", "peer=QMB,state=waiting", 3);
	put_metric(&rows, "commits_total", "", 70);
	put_metric(&rows, "outbox_messages", "peer=QMC,state=waiting", -1);
	assert_int_equal(metric_text(&text, (struct bytes){rows.data, rows.len}, true), 0);
	rxp_buf_putc(&text, '\0');
	assert_non_null(strstr((char *)text.data,
	    "# TYPE readmitd_outbox_messages gauge\n"
	    "readmitd_outbox_messages{peer=\"QMB\",state=\"waiting\"} 3\n"
	    "readmitd_outbox_messages{peer=\"QMC\",state=\"waiting\"} -1\n# HELP"));
	assert_non_null(strstr((char *)text.data,
	    "# TYPE readmitd_commits_total counter\nreadmitd_commits_total 70\n"));
	assert_non_null(strstr((char *)text.data, "\nreadmitd_healthy 1\n"));
	rxp_buf_free(&rows);
	rxp_buf_free(&text);
}

static void metrics_are_a_closed_set(void **state)
{
	static const struct {
		const char *metric, *label;
	} BAD[] = {{"no_such", ""}, {"commits_total", "peer"}, {"commits_total", "peer=Q\"B"},
	    {"commits_total", "=QMB"}, {"commits_total", "peer=QMB,"},
	    {"commits_total", "peer=QMB;a=b"}};

	(void)state;
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++) {
		struct rxp_buf rows, text;

		rxp_buf_init(&rows, 4096);
		rxp_buf_init(&text, 4096);
		put_metric(&rows, BAD[i].metric, BAD[i].label, 1);
		assert_int_equal(
		    metric_text(&text, (struct bytes){rows.data, rows.len}, true), RXP_ERR_DAMAGED);
		rxp_buf_free(&rows);
		rxp_buf_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(peer_as_json),
	    cmocka_unit_test(days_are_dates),
	    cmocka_unit_test(every_field_has_a_member),
	    cmocka_unit_test(damage_is_found),
	    cmocka_unit_test(pages),
	    cmocka_unit_test(metrics_stand_together),
	    cmocka_unit_test(metrics_are_a_closed_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
