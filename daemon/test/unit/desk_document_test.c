/*
 * desk_document_test - goals: documents on their way out through the desk, with registry and sealers played:
 *   a document is checked by a sealer, then submitted with all that the request said; 202
 *   what is wrong in it comes back line by line, and nothing is submitted
 *   a repeated request says so; its digest covers peer, case, files and body, and nothing else
 *   every refusal of registry and sealers becomes its problem, with the registry's words
 *   what the sealer says of offices reaches the registry, and a key that lacks has its problem
 *   a document that ends two sealers is refused and costs nothing else
 * How documents and cases are read is desk_reading_test.c's.
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/base/packet.h"
#include "daemon/test/unit/desk_fixture.h"

#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define ID2 "01890a5d-ac96-774b-bcce-b302099a8058"

/* What was asked, and what is to be answered. */
struct office {
	unsigned checks, submits;
	int check_result, submit_result, result;
	uint32_t repeated;
	bool untimely; /* no safeguard forbids the document, but time */
	char user[RECORD_NAME_MAX], key[RECORD_NAME_MAX];
	char type[RECORD_NAME_MAX], peer[RXP_PARTY_TEXT];
	char case_id[RXP_ID_TEXT];
	char facts[16], draft[16], check_body[64];
	uint32_t offices, second;
	uint8_t text[32]; /* of which a second officer has to act */
	struct msg_countersign countersign;
	char officers[2][2]
		     [RECORD_NAME_MAX]; /* first and second, to the sealer and to the registry */
	uint32_t confirmed;
	int64_t now_ms;
	uint8_t digest[32], file[32];
	size_t ids, checked_rows, submitted_rows;
	unsigned taken; /* by sealers that died of it */
	struct timer *death;
};

/* --- the sealer --------------------------------------------------------------------------------- */
static void answer_check(struct fixture *f, struct link *l, const struct link_message *m)
{
	struct office *o = f->more;
	const struct msg_check *q = m->body;
	struct msg_checked a = {
	    .result = (uint32_t)o->check_result, .type = "ReadmissionApplication"};
	struct rec_violation v = {.line = 12,
	    .path = as_bytes("/ReadmissionApplication/Person[2]"),
	    .text = as_bytes("a person without a role"),
	    .requirement = "RXP-APP-003"};
	struct rxp_buf rows;

	o->checks++;
	o->checked_rows = q->attachments.len;
	keep_text(o->check_body, sizeof(o->check_body), q->body);
	memcpy(o->officers[0][0], q->officer, sizeof(q->officer));
	memcpy(o->officers[0][1], q->second_officer, sizeof(q->second_officer));
	o->confirmed = q->names_confirmed;
	o->now_ms = q->now_ms;
	rxp_buf_init(&rows, 4096);
	if (o->check_result == RXP_ERR_SCHEMA || o->check_result == RXP_ERR_NOT_ACCEPTABLE) {
		if (o->check_result == RXP_ERR_NOT_ACCEPTABLE)
			v.action = as_bytes("let the officer attest it");
		record_list_put(&rows, REC_violation, &record_violation, &v);
		v.line = 31;
		record_list_put(&rows, REC_violation, &record_violation, &v);
		a.violations = (struct bytes){rows.data, rows.len};
	} else {
		a.offices = 2;
		a.second = 3;
		a.facts = as_bytes("facts");
		a.draft = as_bytes("draft");
	}
	assert_int_equal(link_answer(l, IPC_checked, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void on_work_asked(void *arg, struct link *l, const struct link_message *m)
{
	assert_int_equal(
	    link_answer(l, IPC_desk_taken, m->request, &(struct msg_desk_taken){1}, NULL, 0), 0);
	assert_int_equal(m->type, IPC_check);
	answer_check(arg, l, m);
}

/* --- the registry ------------------------------------------------------------------------------- */
static void answer_submit(struct fixture *f, struct link *l, const struct link_message *m)
{
	struct office *o = f->more;
	const struct msg_submit *q = m->body;
	struct msg_submitted a = {.result = (uint32_t)o->submit_result,
	    .problem = "the case is not open",
	    .repeated = o->repeated};
	struct rec_violation v = {.path = as_bytes("TransferNotification/Person"),
	    .text = as_bytes("nobody receives the child"),
	    .requirement = "RXP-SAF-032",
	    .action = as_bytes("let the other State name somebody")};
	struct rxp_buf rows;

	rxp_buf_init(&rows, 4096);
	if (o->submit_result == RXP_ERR_NOT_ACCEPTABLE && !o->untimely)
		record_list_put(&rows, REC_violation, &record_violation, &v);
	a.violations = (struct bytes){rows.data, rows.len};
	o->submits++;
	snprintf(o->user, sizeof(o->user), "%s", q->user);
	snprintf(o->key, sizeof(o->key), "%s", q->key);
	snprintf(o->type, sizeof(o->type), "%s", q->type);
	snprintf(o->peer, sizeof(o->peer), "%s", q->peer);
	rxp_id_text(o->case_id, q->case_id);
	o->offices = q->offices;
	o->second = q->second;
	memcpy(o->text, q->text, sizeof(o->text));
	keep_text(o->facts, sizeof(o->facts), q->facts);
	keep_text(o->draft, sizeof(o->draft), q->draft);
	memcpy(o->digest, q->body_digest, sizeof(o->digest));
	memcpy(o->officers[1][0], q->officer, sizeof(q->officer));
	memcpy(o->officers[1][1], q->second_officer, sizeof(q->second_officer));
	o->submitted_rows = q->attachments.len;
	rxp_id_parse(a.local_id, ID, 7);
	rxp_id_parse(a.case_id, CASE, 4);
	assert_int_equal(link_answer(l, IPC_submitted, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void answer_files(struct fixture *f, struct link *l, const struct link_message *m)
{
	struct office *o = f->more;
	const struct msg_attachment_list *q = m->body;
	struct msg_attachment_listed a = {.result = (uint32_t)o->result};
	struct rxp_buf rows;

	o->ids = q->ids.len / RXP_ID_OCTETS;
	rxp_buf_init(&rows, 65536);
	for (uint32_t i = 0; i < o->ids; i++) {
		struct rec_attachment_row row = {.number = i + 1, .type = "photograph"};

		memcpy(row.file_digest, o->file, sizeof(row.file_digest));
		memcpy(
		    row.ciphertext_digest, q->ids.data + (size_t)i * RXP_ID_OCTETS, RXP_ID_OCTETS);
		record_list_put(&rows, REC_attachment_row, &record_attachment_row, &row);
	}
	a.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(l, IPC_attachment_listed, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void answer_countersign(struct fixture *f, struct link *l, const struct link_message *m)
{
	struct office *o = f->more;
	struct msg_countersigned a = {.result = (uint32_t)o->submit_result};

	o->countersign = *(const struct msg_countersign *)m->body;
	assert_int_equal(link_answer(l, IPC_countersigned, m->request, &a, NULL, 0), 0);
}

static void on_registry_asked(void *arg, struct link *l, const struct link_message *m)
{
	if (m->type == IPC_submit) {
		answer_submit(arg, l, m);
		return;
	}
	if (m->type == IPC_countersign) {
		answer_countersign(arg, l, m);
		return;
	}
	assert_int_equal(m->type, IPC_attachment_list);
	answer_files(arg, l, m);
}

static int open_office(void **state)
{
	return set_up_with(state, sizeof(struct office), on_registry_asked, on_work_asked);
}

/* --- the ministry -------------------------------------------------------------------------------- */
static const char *post(struct fixture *f, const char *query, const char *headers, const char *body)
{
	char request[16384];

	snprintf(request, sizeof(request),
	    "POST /v1/messages%s" HEAD_LINES
	    "Content-Type: application/xml\r\n%sContent-Length: %zu\r\n\r\n%s",
	    query, headers, strlen(body), body);
	return exchange(f, request);
}

#define KEY "Idempotency-Key: k-1\r\n"

static void sends(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	char user[32];
	const char *a = post(f, "?peer=QMB", KEY, "<A/>");

	snprintf(user, sizeof(user), "uid:%lu", (unsigned long)getuid());
	assert_int_equal(status_of(a), 202);
	assert_member(a, "local_id", ID);
	assert_member(a, "case_id", CASE);
	assert_non_null(strstr(a, "\r\nLocation: /v1/messages/" ID "\r\n"));
	assert_null(strstr(a, "Idempotent-Replayed"));
	assert_string_equal(o->check_body, "<A/>");
	assert_string_equal(o->user, user);
	assert_string_equal(o->key, "k-1");
	assert_string_equal(o->peer, "QMB");
	assert_string_equal(o->case_id, "00000000-0000-0000-0000-000000000000");
	assert_string_equal(o->type, "ReadmissionApplication");
	assert_string_equal(o->facts, "facts");
	assert_string_equal(o->draft, "draft");
	assert_int_equal(o->submitted_rows, 0);

	o->repeated = 1;
	a = post(f, "?case=" CASE "&peer=QMB", KEY, "<A/>");
	assert_int_equal(status_of(a), 202);
	assert_non_null(strstr(a, "\r\nIdempotent-Replayed: true\r\n"));
	assert_string_equal(o->case_id, CASE);

	a = post(f, "?peer=QMB&attachment=" ID "&attachment=" ID2, KEY, "<A/>");
	assert_int_equal(status_of(a), 202);
	assert_int_equal(o->ids, 2);
	assert_true(o->checked_rows > 0);
	assert_int_equal(o->checked_rows, o->submitted_rows);
}

static void digests(void **state)
{
	static const struct {
		const char *query, *body;
		uint8_t file;
		bool same;
	} CASES[] = {
	    {"?peer=QMB&case=" CASE "&attachment=" ID, "<A/>", 0, true},
	    {"?case=" CASE "&attachment=" ID "&peer=QMB", "<A/>", 0, true},
	    {"?peer=QMB&case=" CASE "&attachment=" ID2, "<A/>", 0, true}, /* uploaded anew */
	    {"?peer=QMB&case=" CASE "&attachment=" ID, "<A/>", 1, false},
	    {"?peer=QMC&case=" CASE "&attachment=" ID, "<A/>", 0, false},
	    {"?peer=QMB&attachment=" ID, "<A/>", 0, false},
	    {"?peer=QMB&case=" CASE, "<A/>", 0, false},
	    {"?peer=QMB&case=" CASE "&attachment=" ID "&attachment=" ID2, "<A/>", 0, false},
	    {"?peer=QMB&case=" CASE "&attachment=" ID, "<B/>", 0, false},
	};
	struct fixture *f = *state;
	struct office *o = f->more;
	uint8_t first[32] = {0};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		o->file[0] = CASES[i].file;
		assert_int_equal(status_of(post(f, CASES[i].query, KEY, CASES[i].body)), 202);
		if (i == 0)
			memcpy(first, o->digest, sizeof(first));
		if ((memcmp(first, o->digest, sizeof(first)) == 0) != CASES[i].same)
			fail_msg("digest %zu", i);
	}
}

static void violations_come_back(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	const char *a;

	o->check_result = RXP_ERR_SCHEMA;
	a = post(f, "?peer=QMB", KEY, "<A/>");
	assert_problem(a, PROBLEM_SCHEMA);
	assert_non_null(strstr(a,
	    "\"violations\":[{\"line\":12,\"path\":\"/ReadmissionApplication/Person[2]\","
	    "\"text\":\"a person without a role\",\"requirement\":\"RXP-APP-003\",\"action\":null},"
	    "{\"line\":31,"));
	o->check_result = RXP_ERR_NOT_ACCEPTABLE;
	a = post(f, "?peer=QMB", KEY, "<A/>");
	assert_problem(a, PROBLEM_NOT_ACCEPTABLE);
	assert_non_null(strstr(a, "\"action\":\"let the officer attest it\"}"));
	o->check_result = RXP_ERR_STRICT;
	assert_problem(post(f, "?peer=QMB", KEY, "<A/>"), PROBLEM_MALFORMED);
	o->check_result = RXP_ERR_UNSUPPORTED;
	assert_problem(post(f, "?peer=QMB", KEY, "<A/>"), PROBLEM_UNSUPPORTED);
	assert_int_equal(o->submits, 0);
}

/* Who gives the document, and who read it: to the sealer, who judges it, and to the journal. */
static void officers(void **state)
{
	static const struct {
		const char *headers, *first, *second;
		uint32_t confirmed;
	} CASES[] = {
	    {KEY, "", "", 0},
	    {KEY "Readmit-Officer: R-1042\r\n", "R-1042", "", 0},
	    {KEY "Readmit-Officer: A\r\nReadmit-Second-Officer: 0123456789ABCDEF\r\n", "A",
		"0123456789ABCDEF", 0},
	    {KEY "Readmit-Names-Confirmed: true\r\n", "", "", 1},
	};
	static const char *const WRONG[] = {
	    "Readmit-Officer: r-1042\r\n",
	    "Readmit-Officer: 0123456789ABCDEFG\r\n",
	    "Readmit-Officer:\r\n",
	    "Readmit-Officer: A\r\nReadmit-Officer: A\r\n",
	    "Readmit-Second-Officer: A B\r\n",
	    "Readmit-Names-Confirmed: yes\r\n",
	};
	struct fixture *f = *state;
	struct office *o = f->more;
	int64_t before_ms = clock_wall_ms();

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_int_equal(status_of(post(f, "?peer=QMB", CASES[i].headers, "<A/>")), 202);
		for (size_t k = 0; k < 2; k++) {
			assert_string_equal(o->officers[k][0], CASES[i].first);
			assert_string_equal(o->officers[k][1], CASES[i].second);
		}
		assert_int_equal(o->confirmed, CASES[i].confirmed);
		assert_in_range(o->now_ms, before_ms, clock_wall_ms());
	}
	o->checks = 0;
	for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
		char headers[256];

		snprintf(headers, sizeof(headers), KEY "%s", WRONG[i]);
		assert_problem(post(f, "?peer=QMB", headers, "<A/>"), PROBLEM_HEADER);
	}
	assert_int_equal(o->checks, 0);
}

static void refusals_come_back(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	const char *a;

	o->submit_result = RXP_ERR_STATE;
	a = post(f, "?peer=QMB", KEY, "<A/>");
	assert_problem(a, PROBLEM_STATE);
	assert_member(a, "reason", "the case is not open");
	o->submit_result = RXP_ERR_NOT_ACCEPTABLE; /* by what the case knows */
	a = post(f, "?peer=QMB", KEY, "<A/>");
	assert_problem(a, PROBLEM_NOT_ACCEPTABLE);
	assert_non_null(strstr(a, "\"path\":\"TransferNotification/Person\""));
	assert_non_null(strstr(a, "\"action\":\"let the other State name somebody\"}"));
	o->submit_result = RXP_ERR_MISMATCH;
	assert_problem(post(f, "?peer=QMB", KEY, "<A/>"), PROBLEM_KEY_REUSED);
	o->submit_result = RXP_ERR_NOT_ACCEPTABLE;
	o->untimely = true;
	assert_problem(post(f, "?peer=QMB", KEY, "<A/>"), PROBLEM_UNTIMELY);
	o->submit_result = RXP_ERR_FULL;
	assert_problem(post(f, "?peer=QMB", KEY, "<A/>"), PROBLEM_BUSY);
	o->result = RXP_ERR_NOT_FOUND;
	assert_problem(post(f, "?peer=QMB&attachment=" ID, KEY, "<A/>"), PROBLEM_NOT_FOUND);
	assert_int_equal(o->checks, 5);
}

static void refused_before_anybody(void **state)
{
	static char many[129 * 48] = "?peer=QMB";
	static const char LONG[] =
	    "Idempotency-Key: 0123456789012345678901234567890123456789012345678901234567890123\r\n";
	struct fixture *f = *state;
	size_t used = strlen(many);

	for (int i = 0; i < 129; i++)
		used += (size_t)snprintf(many + used, sizeof(many) - used, "&attachment=" ID);
	assert_problem(post(f, "?peer=QMB", "", "<A/>"), PROBLEM_HEADER);
	assert_problem(post(f, "?peer=QMB", "Idempotency-Key: a b\r\n", "<A/>"), PROBLEM_HEADER);
	assert_problem(
	    post(f, "?peer=QMB", "Idempotency-Key: \xc3\xa9\r\n", "<A/>"), PROBLEM_HEADER);
	assert_problem(post(f, "?peer=QMB", "Idempotency-Key:\r\n", "<A/>"), PROBLEM_HEADER);
	assert_problem(post(f, "?peer=QMB", LONG, "<A/>"), PROBLEM_HEADER);
	assert_problem(post(f, "?peer=QMB", KEY KEY, "<A/>"), PROBLEM_HEADER);
	assert_problem(
	    post(f, "?peer=QMB", KEY "idempotency-key: k-2\r\n", "<A/>"), PROBLEM_HEADER);
	assert_problem(post(f, "", KEY, "<A/>"), PROBLEM_QUERY);
	assert_problem(post(f, "?peer=QMB&peer=QMC", KEY, "<A/>"), PROBLEM_QUERY);
	assert_problem(post(f, "?peer=QMB&case=" ID, KEY, "<A/>"), PROBLEM_QUERY);
	assert_problem(post(f, "?peer=QMB&attachment=" CASE, KEY, "<A/>"), PROBLEM_QUERY);
	assert_problem(post(f, "?peer=QMB&attachment", KEY, "<A/>"), PROBLEM_QUERY);
	assert_problem(post(f, "?peer=QMB&attachment*=" ID, KEY, "<A/>"), PROBLEM_QUERY);
	assert_problem(post(f, many, KEY, "<A/>"), PROBLEM_QUERY);
	assert_problem(post(f, "?peer=QMB", KEY, ""), PROBLEM_MALFORMED);
	assert_int_equal(f->registry.asked, 0);
	assert_int_equal(((struct office *)f->more)->checks, 0);
	assert_int_equal(status_of(post(f, "?peer=QMB", KEY, "<A/>")), 202);
}

/* RXP-SAF-038: what one user has read and what another gives are told to be the same by their octets alone. */
static void second_officer(void **state)
{
#define COUNTERSIGN(headers, body) \
	"POST /v1/countersignatures" HEAD_LINES "Content-Type: application/xml\r\n" headers \
	"Content-Length: 4\r\n\r\n" body
	struct fixture *f = *state;
	struct office *o = f->more;

	assert_int_equal(status_of(post(f, "?peer=QMB", KEY, "<A/>")), 202);
	assert_int_equal(o->second, 3); /* as the sealer said */
	assert_problem(exchange(f, COUNTERSIGN("", "<A/>")), PROBLEM_HEADER);
	assert_int_equal(
	    status_of(exchange(f, COUNTERSIGN("Readmit-Officer: S-3002\r\n", "<A/>"))), 204);
	assert_string_equal(o->countersign.officer, "S-3002");
	assert_string_equal(o->countersign.user, o->user);
	assert_int_equal(o->countersign.names_confirmed, 0);
	assert_memory_equal(o->countersign.text, o->text, sizeof(o->text));
	assert_int_equal(status_of(exchange(f, COUNTERSIGN("Readmit-Officer: S-3002\r\n"
							   "Readmit-Names-Confirmed: true\r\n",
						   "<B/>"))),
	    204);
	assert_int_equal(o->countersign.names_confirmed, 1);
	assert_memory_not_equal(o->countersign.text, o->text, sizeof(o->text));
	o->submit_result = RXP_ERR_FULL;
	assert_problem(
	    exchange(f, COUNTERSIGN("Readmit-Officer: S-3002\r\n", "<A/>")), PROBLEM_BUSY);
}

static void no_key_of_an_office(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	const char *a;

	assert_int_equal(status_of(post(f, "?peer=QMB", KEY, "<A/>")), 202);
	assert_int_equal(o->offices, 2); /* as the sealer said */
	o->submit_result = RXP_ERR_KEY;
	a = post(f, "?peer=QMB", KEY, "<A/>");
	assert_problem(a, PROBLEM_OFFICE_KEY);
	assert_member(a, "reason", "the case is not open"); /* the registry's words */
}

/* Sealers that take a request and die of it. */
static void on_fatal_work(void *arg, int fd, unsigned events)
{
	struct fixture *f = arg;
	struct office *o = f->more;
	struct packet_in in;
	struct packet *p = NULL;

	(void)events;
	assert_int_equal(packet_receive(&in, fd), 0);
	assert_int_equal(in.type, IPC_check);
	assert_int_equal(
	    packet_new(&p, IPC_desk_taken, in.request, &(struct msg_desk_taken){3}, NULL, 0), 0);
	assert_int_equal(packet_send(fd, p), 0);
	packet_free(p);
	packet_done(&in);
	o->taken++;
	timer_arm(o->death, 1);
}

/* The parent's word; again and again, as the desk must have read `taken` before it means anything. */
static void on_death(void *arg)
{
	struct fixture *f = arg;
	struct office *o = f->more;

	ask_sealer_died(f->api.ask, 3);
	timer_arm(o->death, 1);
}

static void fatal_document(void **state)
{
	struct fixture *f = *state;
	struct office *o = f->more;
	struct watch *watch = NULL;

	link_pause(f->sealer, true);
	assert_int_equal(timer_new(&o->death, f->loop, on_death, f), 0);
	assert_int_equal(watch_new(&watch, f->loop, f->sealer_fd, LOOP_READ, on_fatal_work, f), 0);
	assert_problem(post(f, "?peer=QMB", KEY, "<A/>"), PROBLEM_UNWORKABLE);
	assert_int_equal(o->taken, 2);
	watch_free(watch);
	timer_free(o->death);
	link_pause(f->sealer, false);
	assert_int_equal(status_of(post(f, "?peer=QMB", KEY, "<A/>")), 202);
	assert_int_equal(o->submits, 1);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_office, tear_down_with)
	const struct CMUnitTest tests[] = {
	    TEST(sends),
	    TEST(digests),
	    TEST(violations_come_back),
	    TEST(officers),
	    TEST(refusals_come_back),
	    TEST(refused_before_anybody),
	    TEST(second_officer),
	    TEST(no_key_of_an_office),
	    TEST(fatal_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
