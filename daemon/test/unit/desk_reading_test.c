/*
 * desk_reading_test - goals: what the desk lets a ministry read, with registry and sealers played:
 *   content, and the sealed Document, is read with ticket and reason, in one answer; without a reason nobody is asked
 *   who is left out of the content is said, and why it is not given (RXP-RET-006)
 *   inbox: the list waits, an ack is repeatable
 *   cases: list, one, its history; those due within a span, and the steps of their clocks
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/test/unit/desk_fixture.h"

#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define PLACE "2026-12-05T00:00:00.000Z." CASE ".QMB"
#define PLACE_MS INT64_C(1796428800000)
#define ID2 "01890a5d-ac96-774b-bcce-b302099a8058"

/* What was asked, and what is to be answered. */
struct office {
	unsigned reads;
	int ticket_result, read_result, result;
	uint32_t hidden, disputes; /* of the content */
	bool corrected; /* one field of it */
	uint32_t parted, asked;
	char corrections[16];
	const char *problem;
	uint32_t wait_ms, due_s, steps, whole;
	char reason[RECORD_NAME_MAX], list[RECORD_NAME_MAX];
	char id[RXP_ID_TEXT], peer[RXP_PARTY_TEXT];
	int64_t after_due_ms;
	char ticket[16], envelope[16];
};

/* --- the sealer --------------------------------------------------------------------------------- */
static void on_work_asked(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;
	struct office *o = f->more;
	const struct msg_read *q = m->body;
	struct msg_content content = {.result = (uint32_t)o->read_result};
	struct rec_corrected_row row = {.correction = {1},
	    .from = "QMB",
	    .item = 2,
	    .done = "rectify",
	    .field = as_bytes("Person[2]/Birth/Date"),
	    .was = as_bytes("1967-03-09"),
	    .value = as_bytes("1976-03-09"),
	    .known = 1};
	struct rxp_buf rows;

	assert_int_equal(
	    link_answer(l, IPC_desk_taken, m->request, &(struct msg_desk_taken){1}, NULL, 0), 0);
	assert_int_equal(m->type, IPC_read);
	o->reads++;
	keep_text(o->ticket, sizeof(o->ticket), q->ticket);
	keep_text(o->envelope, sizeof(o->envelope), q->envelope);
	o->whole = q->whole;
	content.content = as_bytes("<Content/>");
	keep_text(o->corrections, sizeof(o->corrections), q->corrections);
	rxp_buf_init(&rows, 4096);
	if (o->corrected)
		record_list_put(&rows, REC_corrected_row, &record_corrected_row, &row);
	content.corrected = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(l, IPC_content, m->request, &content, NULL, 0), 0);
	rxp_buf_free(&rows);
}

/* --- the registry ------------------------------------------------------------------------------- */
static void answer_cases(struct fixture *f, struct link *l, const struct link_message *m)
{
	struct office *o = f->more;
	const struct msg_list *q = m->body;
	struct msg_listed a = {.result = (uint32_t)o->result, .more = 1};
	struct rec_case_row row = {
	    .peer = "QMB", .role = "requesting", .state = "open", .due_ms = PLACE_MS};
	struct rec_message_row message = {.state = "received"};
	struct rxp_buf rows;

	snprintf(o->list, sizeof(o->list), "%s", q->list);
	rxp_id_text(o->id, q->after);
	o->wait_ms = q->wait_ms;
	o->due_s = q->due_s;
	o->after_due_ms = q->after_due_ms;
	memcpy(o->peer, q->after_peer, sizeof(o->peer));
	rxp_id_parse(row.case_id, CASE, 4);
	rxp_id_parse(message.local_id, ID, 7);
	rxp_buf_init(&rows, 65536);
	if (strcmp(q->list, "cases") == 0 || strcmp(q->list, "due") == 0)
		record_list_put(&rows, REC_case_row, &record_case_row, &row);
	else
		record_list_put(&rows, REC_message_row, &record_message_row, &message);
	a.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(l, IPC_listed, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void answer_case(struct fixture *f, struct link *l, const struct link_message *m)
{
	struct office *o = f->more;
	const struct msg_case_show *q = m->body;
	struct msg_case_shown a = {.result = (uint32_t)o->result};
	struct rec_case_row row = {.peer = "QMB", .role = "requesting", .persons = 1};
	struct rec_case_person_row person = {
	    .person = 1, .state = "accepted", .traits = {(const uint8_t *)"by-reply", 8}};
	struct rec_timeline_row entry = {
	    .from = "QMA", .type = "ReadmissionApplication", .position = 1, .effect = "effective"};
	struct rxp_buf head, persons, timeline;

	rxp_id_text(o->id, q->case_id);
	o->steps = q->steps;
	memcpy(o->peer, q->peer, sizeof(o->peer));
	if (o->problem != NULL)
		snprintf(a.problem, sizeof(a.problem), "%s", o->problem);
	memcpy(row.case_id, q->case_id, sizeof(row.case_id));
	rxp_buf_init(&head, 4096);
	rxp_buf_init(&persons, 4096);
	rxp_buf_init(&timeline, 4096);
	record_encode(&head, &record_case_row, &row);
	record_list_put(&persons, REC_case_person_row, &record_case_person_row, &person);
	record_list_put(&timeline, REC_timeline_row, &record_timeline_row, &entry);
	a.row = (struct bytes){head.data, head.len};
	a.persons = (struct bytes){persons.data, persons.len};
	a.timeline = (struct bytes){timeline.data, timeline.len};
	assert_int_equal(link_answer(l, IPC_case_shown, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&head);
	rxp_buf_free(&persons);
	rxp_buf_free(&timeline);
}

static void answer_ticket(struct fixture *f, struct link *l, const struct link_message *m)
{
	struct office *o = f->more;
	const struct msg_content_get *q = m->body;
	struct msg_content_ticket a = {.result = (uint32_t)o->ticket_result};

	snprintf(o->reason, sizeof(o->reason), "%s", q->reason);
	rxp_id_text(o->id, q->local_id);
	o->disputes = q->disputes;
	a.hidden = o->hidden;
	snprintf(a.problem, sizeof(a.problem), "%s", o->problem != NULL ? o->problem : "");
	a.ticket = as_bytes("ticket");
	a.envelope = as_bytes("<Envelope/>");
	a.corrections = as_bytes("corrections");
	a.parted = o->parted;
	a.asked = o->asked;
	assert_int_equal(link_answer(l, IPC_content_ticket, m->request, &a, NULL, 0), 0);
}

static void answer_ack(struct fixture *f, struct link *l, const struct link_message *m)
{
	struct office *o = f->more;
	const struct msg_inbox_ack *q = m->body;
	struct msg_inbox_acked a = {.result = (uint32_t)o->result};

	rxp_id_text(o->id, q->local_id);
	assert_int_equal(link_answer(l, IPC_inbox_acked, m->request, &a, NULL, 0), 0);
}

static void on_registry_asked(void *arg, struct link *l, const struct link_message *m)
{
	static const struct {
		enum ipc_type type;
		void (*answer)(struct fixture *f, struct link *l, const struct link_message *m);
	} ANSWERS[] = {{IPC_list, answer_cases}, {IPC_case_show, answer_case},
	    {IPC_content_get, answer_ticket}, {IPC_inbox_ack, answer_ack}};

	for (size_t i = 0; i < sizeof(ANSWERS) / sizeof(ANSWERS[0]); i++)
		if (ANSWERS[i].type == m->type) {
			ANSWERS[i].answer(arg, l, m);
			return;
		}
	fail_msg("asked %s", ipc_row(m->type)->name);
}

static int open_office(void **state)
{
	return set_up_with(state, sizeof(struct office), on_registry_asked, on_work_asked);
}

/* --- the ministry -------------------------------------------------------------------------------- */
/* Who is left out is said beside the content, and why it is not given (RXP-RET-006). */
static void says_who_is_not_shown(void **state)
{
	static const char GET_IT[] =
	    "GET /v1/messages/" ID "/content" HEAD_LINES "Readmit-Reason: review\r\n\r\n";
	static const char GET_ALL[] =
	    "GET /v1/messages/" ID "/blocked-content" HEAD_LINES "Readmit-Reason: review\r\n\r\n";
	struct fixture *f = *state;
	struct office *o = f->more;
	const char *a = exchange(f, GET_IT);

	assert_int_equal(status_of(a), 200);
	assert_null(strstr(a, "Readmit-Not-Shown"));
	assert_int_equal(o->disputes, 0);
	o->hidden = 1u | 1u << 2 | 1u << 23;
	a = exchange(f, GET_IT);
	assert_int_equal(status_of(a), 200);
	assert_non_null(strstr(a, "\r\nReadmit-Not-Shown: P1 P3 P24\r\n"));
	o->hidden = 0;
	assert_int_equal(status_of(exchange(f, GET_ALL)), 200);
	assert_int_equal(o->disputes, 1);
	o->ticket_result = RXP_ERR_STATE;
	o->problem = "it is blocked";
	a = exchange(f, GET_IT);
	assert_problem(a, PROBLEM_STATE);
	assert_member(a, "reason", "it is blocked");
}

/* RXP-COR-015: that it is not as it was sealed is said beside it, and what stood there when that is asked. */
static void says_what_was_corrected(void **state)
{
	static const char GET_IT[] =
	    "GET /v1/inbox/" ID "/content" HEAD_LINES "Readmit-Reason: review\r\n\r\n";
	static const char GET_CHANGES[] =
	    "GET /v1/messages/" ID "/corrections" HEAD_LINES "Readmit-Reason: review\r\n\r\n";
	static const char GET_WHOLE[] =
	    "GET /v1/inbox/" ID "/document" HEAD_LINES "Readmit-Reason: review\r\n\r\n";
	struct fixture *f = *state;
	struct office *o = f->more;
	const char *a = exchange(f, GET_IT);

	assert_null(strstr(a, "Readmit-Corrected"));
	assert_string_equal(o->corrections, "corrections");
	assert_string_equal(body_of(exchange(f, GET_CHANGES)), "{\"items\":[]}");
	assert_null(strstr(exchange(f, GET_IT), "Readmit-Correction-Asked"));
	o->corrected = true;
	o->hidden = 1;
	o->asked = 12;
	a = exchange(f, GET_IT);
	assert_int_equal(status_of(a), 200);
	assert_non_null(strstr(a, "\r\nReadmit-Corrected: 1\r\n"));
	assert_non_null(strstr(a, "\r\nReadmit-Not-Shown: P1\r\n"));
	assert_non_null(strstr(a, "\r\nReadmit-Correction-Asked: 12\r\n"));
	o->hidden = 0;
	a = exchange(f, GET_CHANGES);
	assert_int_equal(status_of(a), 200);
	assert_string_equal(o->reason, "review");
	assert_non_null(strstr(a, "\"from\":\"QMB\""));
	assert_non_null(strstr(a,
	    "\"field\":\"Person[2]/Birth/Date\",\"was\":\"1967-03-09\",\"value\":\"1976-03-09\",\"known\":1"));
	assert_problem(
	    exchange(f, "GET /v1/messages/" ID "/corrections" HEAD_LINES "\r\n"), PROBLEM_HEADER);
	assert_int_equal(status_of(exchange(f, GET_WHOLE)), 200);
	o->parted = 1;
	assert_problem(exchange(f, GET_WHOLE), PROBLEM_STATE);
	assert_int_equal(status_of(exchange(f, GET_IT)), 200);
}

static void reads_content(void **state)
{
	static const char *const PATHS[] = {"/v1/messages/", "/v1/inbox/"};
	struct fixture *f = *state;
	struct office *o = f->more;
	char request[512];
	const char *a;

	for (size_t i = 0; i < 2; i++) {
		snprintf(request, sizeof(request),
		    "GET %s" ID "/content" HEAD_LINES "Readmit-Reason: person-request\r\n\r\n",
		    PATHS[i]);
		a = exchange(f, request);
		assert_int_equal(status_of(a), 200);
		assert_string_equal(body_of(a), "<Content/>");
		assert_non_null(strstr(a, "\r\nContent-Type: application/xml\r\n"));
		assert_non_null(strstr(a, "\r\nCache-Control: no-store\r\n"));
		assert_string_equal(o->reason, "person-request");
		assert_string_equal(o->id, ID);
		assert_string_equal(o->ticket, "ticket");
		assert_string_equal(o->envelope, "<Envelope/>");
		snprintf(
		    request, sizeof(request), "GET %s" ID "/content" HEAD_LINES "\r\n", PATHS[i]);
		a = exchange(f, request);
		assert_problem(a, PROBLEM_HEADER);
		assert_member(a, "reason",
		    "Readmit-Reason is case-work, review, person-request, peer-request, supervision or incident");
	}
	assert_int_equal(o->reads, 2);
	assert_int_equal(f->registry.asked, 2);
	snprintf(request, sizeof(request),
	    "GET /v1/inbox/" ID "/content" HEAD_LINES "Readmit-Reason: review\r\n\r\n");
	o->ticket_result = RXP_ERR_NOT_FOUND;
	assert_problem(exchange(f, request), PROBLEM_NOT_FOUND);
	assert_int_equal(o->reads, 2);
	o->ticket_result = 0;
	o->read_result = RXP_ERR_TIMEOUT;
	assert_problem(exchange(f, request), PROBLEM_TIMEOUT);
}

/* The same ticket reads the sealed Document, of what was received and of what was sent. */
static void reads_the_document(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	const char *a = exchange(
	    f, "GET /v1/inbox/" ID "/document" HEAD_LINES "Readmit-Reason: case-work\r\n\r\n");

	assert_int_equal(status_of(a), 200);
	assert_non_null(strstr(a, "\r\nCache-Control: no-store\r\n"));
	assert_string_equal(o->reason, "case-work");
	assert_string_equal(o->id, ID);
	assert_int_equal(o->whole, 1);
	exchange(f, "GET /v1/inbox/" ID "/content" HEAD_LINES "Readmit-Reason: case-work\r\n\r\n");
	assert_int_equal(o->whole, 0);
	assert_problem(
	    exchange(f, "GET /v1/inbox/" ID "/document" HEAD_LINES "\r\n"), PROBLEM_HEADER);
	assert_int_equal(status_of(exchange(f, "GET /v1/messages/" ID "/document" HEAD_LINES
					       "Readmit-Reason: case-work\r\n\r\n")),
	    200);
	assert_int_equal(o->whole, 1);
	assert_int_equal(o->reads, 3);
}

static void inbox(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;

	assert_int_equal(status_of(exchange(f, GET("/v1/inbox?wait=60&after=" ID))), 200);
	assert_int_equal(o->wait_ms, 60000);
	assert_string_equal(o->id, ID);
	assert_int_equal(status_of(exchange(f, GET("/v1/inbox"))), 200);
	assert_int_equal(o->wait_ms, 0);
	assert_problem(exchange(f, GET("/v1/inbox?wait=61")), PROBLEM_QUERY);
	assert_problem(exchange(f, GET("/v1/messages?wait=6")), PROBLEM_QUERY);
	for (int i = 0; i < 2; i++)
		assert_int_equal(status_of(exchange(f, POST("/v1/inbox/" ID "/ack"))), 204);
	assert_string_equal(o->id, ID);
	o->result = RXP_ERR_NOT_FOUND;
	assert_problem(exchange(f, POST("/v1/inbox/" ID2 "/ack")), PROBLEM_NOT_FOUND);
}

static void cases(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	const char *a = exchange(f, GET("/v1/cases?limit=1&after=" CASE));

	assert_int_equal(status_of(a), 200);
	assert_string_equal(o->list, "cases");
	assert_string_equal(o->id, CASE);
	assert_member(a, "next", CASE);
	assert_problem(exchange(f, GET("/v1/cases?after=" ID)), PROBLEM_QUERY);
	a = exchange(f, GET("/v1/cases/" CASE));
	assert_member(a, "case_id", CASE);
	assert_member(a, "own", "QMA");
	assert_non_null(strstr(
	    a, "\"states\":[{\"person\":1,\"state\":\"accepted\",\"traits\":\"by-reply\"}]"));
	assert_null(strstr(a, "\"items\""));
	a = exchange(f, GET("/v1/cases/" CASE "/timeline"));
	assert_int_equal(status_of(a), 200);
	assert_non_null(strstr(a, "\"items\":[{\"local_id\":null,"));
	assert_non_null(
	    strstr(a, "\"from\":\"QMA\",\"type\":\"ReadmissionApplication\",\"position\":1"));
	assert_problem(exchange(f, GET("/v1/cases/" ID)), PROBLEM_UNKNOWN_PATH);
	o->result = RXP_ERR_NOT_FOUND;
	assert_problem(exchange(f, GET("/v1/cases/" CASE)), PROBLEM_NOT_FOUND);
}

/* Of a case that two States have, the caller says which, or is asked. */
static void whose(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;

	assert_int_equal(status_of(exchange(f, GET("/v1/cases/" CASE "?peer=QMB"))), 200);
	assert_string_equal(o->peer, "QMB");
	assert_int_equal(status_of(exchange(f, GET("/v1/cases/" CASE "/timeline"))), 200);
	assert_string_equal(o->peer, "");
	assert_problem(exchange(f, GET("/v1/cases/" CASE "?peer=qmb")), PROBLEM_QUERY);
	o->result = RXP_ERR_AMBIGUOUS;
	o->problem = "QMA, QMB";
	assert_problem(exchange(f, GET("/v1/cases/" CASE)), PROBLEM_AMBIGUOUS);
	assert_non_null(strstr(body_of(exchange(f, GET("/v1/cases/" CASE))), "QMA, QMB"));
	o->problem = NULL;
}

static void due(void **state)
{
	static const struct {
		const char *value;
		uint32_t seconds;
	} SPANS[] = {{"0h", 0}, {"12h", 43200}, {"3d", 259200}, {"366d", 31622400}};
	static const char *const WRONG[] = {
	    "", "3", "d", "03d", "-3d", "3dd", "3m", "367d", "8785h", "99999h"};
	struct fixture *f = *state;
	struct office *o = f->more;
	char line[256];

	for (size_t i = 0; i < sizeof(SPANS) / sizeof(SPANS[0]); i++) {
		snprintf(line, sizeof(line), GET("/v1/cases?due=%s"), SPANS[i].value);
		o->due_s = 1;
		assert_int_equal(status_of(exchange(f, line)), 200);
		assert_string_equal(o->list, "due");
		assert_int_equal(o->due_s, SPANS[i].seconds);
	}
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
		snprintf(line, sizeof(line), GET("/v1/cases?due=%s"), WRONG[i]);
		assert_problem(exchange(f, line), PROBLEM_QUERY);
	}
	assert_int_equal(status_of(exchange(f, GET("/v1/cases?due=3d&after=" PLACE))), 200);
	assert_true(o->after_due_ms == PLACE_MS);
	assert_string_equal(o->id, CASE);
	assert_string_equal(o->peer, "QMB");
	assert_non_null(
	    strstr(body_of(exchange(f, GET("/v1/cases?due=3d"))), "\"next\":\"" PLACE "\""));
	assert_problem(exchange(f, GET("/v1/cases?due=3d&after=" CASE)), PROBLEM_QUERY);
	assert_problem(exchange(f, GET("/v1/cases?after=" PLACE)), PROBLEM_QUERY);
	assert_int_equal(status_of(exchange(f, GET("/v1/cases/" CASE "?steps=yes"))), 200);
	assert_int_equal(o->steps, 1);
	assert_int_equal(status_of(exchange(f, GET("/v1/cases/" CASE))), 200);
	assert_int_equal(o->steps, 0);
	assert_problem(exchange(f, GET("/v1/cases/" CASE "?steps=no")), PROBLEM_QUERY);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_office, tear_down_with)
	const struct CMUnitTest tests[] = {
	    TEST(reads_content),
	    TEST(says_who_is_not_shown),
	    TEST(says_what_was_corrected),
	    TEST(reads_the_document),
	    TEST(inbox),
	    TEST(cases),
	    TEST(whose),
	    TEST(due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
