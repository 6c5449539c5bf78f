/*
 * desk_evidence_test - goals: evidence through the desk, with the registry played:
 *   a page has its items and both descriptors in base64, and says where the next one begins
 *   the registry is told who asks, for which message or case, and after how many documents
 *   a container is sealed for who asks with a reason, and its signature comes in base64
 *   a wrong `after` asks nobody; what the registry refuses becomes its problem
 *   a record that is none is given as one with nothing in it, which does not verify (RXP-EVI-032)
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

/* A request with the reason that evidence asks for. */
#define GET_FOR_REVIEW(path) "GET " path HEAD_LINES "Readmit-Reason: review\r\n\r\n"
#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

/* What was asked, and what is to be answered. */
struct shelf {
	struct msg_evidence_get asked;
	int result;
	uint32_t more;
	bool damaged;
};

static void put_row(struct rxp_buf *rows, bool damaged)
{
	const struct rec_evidence e = {.header = as_bytes("<Header/>"),
	    .properties = as_bytes("<P/>"),
	    .signed_info = as_bytes("<S/>"),
	    .value = as_bytes("\001\002"),
	    .seal_cert = {0xab}};
	struct rec_evidence_row row = {.from = "QMA",
	    .to = "QMB",
	    .type = "ReadmissionApplication",
	    .fingerprint = {0x12},
	    .answer = as_bytes("<Receipt/>")};
	struct rxp_buf evidence;

	rxp_buf_init(&evidence, 4096);
	assert_int_equal(record_encode(&evidence, &record_evidence, &e), 0);
	row.evidence = (struct bytes){evidence.data, evidence.len - damaged};
	row.unproved = damaged;
	assert_int_equal(rxp_id_parse(row.message_id, ID, 7), 0);
	assert_int_equal(rxp_id_parse(row.local_id, ID, 7), 0);
	assert_int_equal(record_list_put(rows, REC_evidence_row, &record_evidence_row, &row), 0);
	rxp_buf_free(&evidence);
}

static void on_evidence_get(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;
	struct shelf *s = f->more;
	struct msg_evidence_got a = {.result = (uint32_t)s->result, .more = s->more};
	struct rxp_buf rows;

	assert_int_equal(m->type, IPC_evidence_get);
	s->asked = *(const struct msg_evidence_get *)m->body;
	rxp_buf_init(&rows, 8192);
	if (s->result == 0) {
		put_row(&rows, false);
		put_row(&rows, s->damaged);
		a.rows = (struct bytes){rows.data, rows.len};
		a.own_descriptor = as_bytes("own");
		a.peer_descriptor = as_bytes("peers");
	}
	assert_int_equal(link_answer(l, IPC_evidence_got, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void assert_text(const json_t *object, const char *member, const char *value)
{
	assert_non_null(json_object_get(object, member));
	assert_string_equal(json_string_value(json_object_get(object, member)), value);
}

static void of_a_case(struct fixture *f, struct shelf *s)
{
	const uint8_t none[16] = {0};
	const char *answer_text =
	    exchange(f, GET_FOR_REVIEW("/v1/cases/" CASE "/evidence?after=7"));
	char id[RXP_ID_TEXT], user[32];
	json_t *page;
	const json_t *item;

	assert_int_equal(status_of(answer_text), 200);
	page = json_loads(body_of(answer_text), JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(page);
	assert_text(page, "own_descriptor", "b3du");
	assert_text(page, "peer_descriptor", "cGVlcnM=");
	assert_int_equal(json_array_size(json_object_get(page, "items")), 2);
	assert_int_equal(json_integer_value(json_object_get(page, "next")), 9);
	item = json_array_get(json_object_get(page, "items"), 1);
	assert_text(item, "from", "QMA");
	assert_text(item, "to", "QMB");
	assert_text(item, "message_id", ID);
	assert_text(item, "local_id", ID);
	assert_text(item, "type", "ReadmissionApplication");
	assert_text(item, "header", "PEhlYWRlci8+");
	assert_text(item, "properties", "PFAvPg==");
	assert_text(item, "signed_info", "PFMvPg==");
	assert_text(item, "value", "AQI=");
	assert_text(item, "answer", "PFJlY2VpcHQvPg==");
	assert_memory_equal(json_string_value(json_object_get(item, "seal_cert")), "ab00", 4);
	assert_memory_equal(json_string_value(json_object_get(item, "fingerprint")), "1200", 4);
	json_decref(page);
	rxp_id_text(id, s->asked.case_id);
	assert_string_equal(id, CASE);
	assert_memory_equal(s->asked.local_id, none, sizeof(none));
	assert_int_equal(s->asked.after, 7);
	snprintf(user, sizeof(user), "uid:%u", (unsigned)getuid());
	assert_string_equal(s->asked.user, user);
	assert_string_equal(s->asked.reason, "review");
}

static void of_a_message(struct fixture *f, struct shelf *s)
{
	const uint8_t none[16] = {0};
	const char *answer_text;
	char id[RXP_ID_TEXT];
	json_t *page;

	s->more = 0;
	answer_text = exchange(f, GET_FOR_REVIEW("/v1/messages/" ID "/evidence"));
	assert_int_equal(status_of(answer_text), 200);
	page = json_loads(body_of(answer_text), JSON_REJECT_DUPLICATES, NULL);
	assert_true(json_is_null(json_object_get(page, "next")));
	json_decref(page);
	rxp_id_text(id, s->asked.local_id);
	assert_string_equal(id, ID);
	assert_memory_equal(s->asked.case_id, none, sizeof(none));
	assert_int_equal(s->asked.after, 0);
}

static void pages(void **state)
{
	struct fixture *f = *state;
	struct shelf s = {.more = 1};

	f->more = &s;
	f->registry.handler = on_evidence_get;
	of_a_case(f, &s);
	of_a_message(f, &s);
}

/* --- the seal ---------------------------------------------------------------------------------------- */

#define POST_FOR_REVIEW(path) \
	"POST " path HEAD_LINES "Readmit-Reason: review\r\nContent-Length: 0\r\n\r\n"

struct sealing {
	struct msg_evidence_seal asked; /* its bodies are in the next */
	uint8_t bodies[8];
	int result;
};

static void on_evidence_seal(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;
	struct sealing *s = f->more;
	struct msg_evidence_sealed a = {.result = (uint32_t)s->result};

	assert_int_equal(m->type, IPC_evidence_seal);
	s->asked = *(const struct msg_evidence_seal *)m->body;
	assert_true(s->asked.bodies.len <= sizeof(s->bodies));
	if (s->asked.bodies.len > 0)
		memcpy(s->bodies, s->asked.bodies.data, s->asked.bodies.len);
	if (s->result == 0)
		a.signatures = as_bytes("<S/>");
	assert_int_equal(link_answer(l, IPC_evidence_sealed, m->request, &a, NULL, 0), 0);
}

static void seals(void **state)
{
	struct fixture *f = *state;
	struct sealing s = {.result = 0};
	const char *text;
	char id[RXP_ID_TEXT];
	json_t *answer;

	f->more = &s;
	f->registry.handler = on_evidence_seal;
	text = exchange(f, POST_FOR_REVIEW("/v1/cases/" CASE "/evidence/seal"));
	assert_int_equal(status_of(text), 200);
	answer = json_loads(body_of(text), JSON_REJECT_DUPLICATES, NULL);
	assert_text(answer, "signatures", "PFMvPg==");
	json_decref(answer);
	rxp_id_text(id, s.asked.case_id);
	assert_string_equal(id, CASE);
	assert_string_equal(s.asked.reason, "review");
	assert_int_equal(s.asked.bodies.len, 0);
	text = exchange(f, POST_FOR_REVIEW("/v1/cases/" CASE "/evidence/seal?bodies=101"));
	assert_int_equal(status_of(text), 200);
	assert_int_equal(s.asked.bodies.len, 3);
	assert_memory_equal(s.bodies, "\1\0\1", 3);
	assert_problem(exchange(f, POST_FOR_REVIEW("/v1/cases/" CASE "/evidence/seal?bodies=102")),
	    PROBLEM_QUERY);
	text = exchange(f, POST_FOR_REVIEW("/v1/messages/" ID "/evidence/seal"));
	assert_int_equal(status_of(text), 200);
	rxp_id_text(id, s.asked.local_id);
	assert_string_equal(id, ID);
	assert_problem(exchange(f, "POST /v1/messages/" ID "/evidence/seal" HEAD_LINES
				   "Content-Length: 0\r\n\r\n"),
	    PROBLEM_HEADER);
	s.result = RXP_ERR_BOUND;
	text = exchange(f, POST_FOR_REVIEW("/v1/messages/" ID "/evidence/seal"));
	assert_problem(text, PROBLEM_TOO_LARGE);
	assert_non_null(strstr(text, "export the messages of the case one by one"));
	assert_int_equal(f->registry.asked, 4);
}

static void refusals(void **state)
{
	struct fixture *f = *state;
	struct shelf s = {.result = RXP_ERR_NOT_FOUND};
	const char *answer;

	f->more = &s;
	f->registry.handler = on_evidence_get;
	assert_problem(exchange(f, GET("/v1/messages/" ID "/evidence")), PROBLEM_HEADER);
	assert_problem(
	    exchange(f, GET_FOR_REVIEW("/v1/messages/" ID "/evidence?after=-1")), PROBLEM_QUERY);
	assert_problem(exchange(f, GET_FOR_REVIEW("/v1/messages/" ID "/evidence?after=1000001")),
	    PROBLEM_QUERY);
	assert_int_equal(f->registry.asked, 0);
	assert_problem(exchange(f, GET_FOR_REVIEW("/v1/messages/" ID "/evidence")),
	    problem_of(RXP_ERR_NOT_FOUND));
	s = (struct shelf){.damaged = true};
	answer = exchange(f, GET_FOR_REVIEW("/v1/messages/" ID "/evidence"));
	assert_non_null(strstr(answer, "HTTP/1.1 200 "));
	assert_non_null(strstr(answer, "\"header\":\"\""));
	assert_non_null(strstr(answer, "\"unproved\":false"));
	assert_non_null(strstr(answer, "\"unproved\":true"));
	assert_non_null(strstr(answer, "\"answer\":\"PFJlY2VpcHQvPg==\""));
	assert_int_equal(f->registry.asked, 2);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(pages), TEST(seals), TEST(refusals)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
