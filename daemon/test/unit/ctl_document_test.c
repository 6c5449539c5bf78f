/*
 * ctl_document_test - goals: documents, attachments and cases through readmitctl:
 *   message send: files first, in order, then the document with key, case and files; the answer
 *   what is wrong in a document comes out as FILE:LINE: path: text, status 65; a key to repeat with
 *     after every failure that may be repeated
 *   options that do not belong together, a missing reason: nothing is called
 *   content and files go to new files only, and are not kept if they are not whole
 *   the history of a case: the same lines on both sides, by what both know
 *   progress: nothing within a second or without a terminal; octets and rate after it
 * links: ctl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/ctl/progress.h"
#include "daemon/test/unit/ctl_rig.h"

#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define ID2 "01890a5d-ac96-774b-bcce-b302099a8058"
#define HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define JPEG "\xff\xd8\xff\xe0 a picture"

static char folder[] = P_tmpdir "/ctl_document_test.XXXXXX";

static int enter(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	fclose(f);
}

static void assert_file(const char *name, const char *text)
{
	char octets[256] = "";
	FILE *f = fopen(name, "r");
	struct stat facts;

	assert_non_null(f);
	assert_int_equal(fread(octets, 1, sizeof(octets) - 1, f), strlen(text));
	assert_string_equal(octets, text);
	assert_int_equal(fstat(fileno(f), &facts), 0);
	assert_int_equal(facts.st_mode & 0777, 0600);
	fclose(f);
	unlink(name);
}

/* --- sending ------------------------------------------------------------------------------------- */
static const struct canned GIVEN = {CALL_DONE, 201, "{\"attachment\":\"" ID "\"}"};
static const struct canned GIVEN2 = {CALL_DONE, 201, "{\"attachment\":\"" ID2 "\"}"};
static const struct canned KEPT = {
    CALL_DONE, 202, "{\"local_id\":\"" ID "\",\"case_id\":\"" CASE "\"}"};

static void sends(void **state)
{
	struct daemon d = {.answers = {KEPT}, .n_answers = 1};
	char first[128];

	(void)state;
	write_file("a.xml", "<A/>", 4);
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB"), EXIT_OK);
	assert_int_equal(d.n_calls, 1);
	assert_string_equal(d.method[0], "POST");
	assert_string_equal(d.path[0], "/v1/messages?peer=QMB");
	assert_string_equal(d.body, "<A/>");
	assert_string_equal(d.media, "application/xml");
	assert_string_equal(d.out, "local id          " ID "\ncase              " CASE "\n");
	assert_int_equal(strlen(d.header[0]), strlen("Idempotency-Key: ") + 32);
	snprintf(first, sizeof(first), "%s", d.header[0]);
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB|--json"), EXIT_OK);
	assert_string_not_equal(d.header[0], first);
	assert_string_equal(d.out, "{\"local_id\":\"" ID "\",\"case_id\":\"" CASE "\"}\n");
	assert_int_equal(
	    run_typed(&d, "message|send|-|--to|QMB|--case|" CASE "|--key|k.1", "<B/>"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages?peer=QMB&case=" CASE);
	assert_string_equal(d.header[0], "Idempotency-Key: k.1");
	assert_string_equal(d.body, "<B/>");
	unlink("a.xml");
}

static void names_officers(void **state)
{
	struct daemon d = {.answers = {KEPT}, .n_answers = 1};

	(void)state;
	write_file("a.xml", "<A/>", 4);
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB|--officer|S-3001|--names-confirmed|"
				 "--second-officer|S-3002"),
	    EXIT_OK);
	assert_string_equal(d.more_headers, "Readmit-Officer: S-3001\n"
					    "Readmit-Second-Officer: S-3002\n"
					    "Readmit-Names-Confirmed: true\n");
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB|--second-officer|A"), EXIT_OK);
	assert_string_equal(d.more_headers, "Readmit-Second-Officer: A\n");
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB"), EXIT_OK);
	assert_string_equal(d.more_headers, "");
	unlink("a.xml");
}

static void sends_files(void **state)
{
	struct daemon d = {.answers = {GIVEN, GIVEN2, KEPT}, .n_answers = 3};

	(void)state;
	write_file("a.xml", "<A/>", 4);
	write_file("p.jpg", JPEG, strlen(JPEG));
	write_file("s.pdf", "%PDF-1.7", 8);
	assert_int_equal(
	    run(&d, "message|send|a.xml|--to|QMB|--attach|p.jpg|--as|photograph|--checked-by|"
		    "return-officer|--attach|s.pdf|--checked-by|legal-officer|--as|document-scan"),
	    EXIT_OK);
	assert_int_equal(d.n_calls, 3);
	assert_string_equal(d.path[0],
	    "/v1/attachments?type=photograph&media_type=image/jpeg&checked_by=return-officer");
	assert_string_equal(d.path[1],
	    "/v1/attachments?type=document-scan&media_type=application/pdf&checked_by=legal-officer");
	assert_string_equal(d.path[2], "/v1/messages?peer=QMB&attachment=" ID "&attachment=" ID2);
	assert_string_equal(d.header[0], "");
	d.n_answers = 1;
	run(&d,
	    "message|send|a.xml|--to|QMB|--attach|p.jpg|--as|photograph|--checked-by|legal-officer");
	assert_int_equal(d.n_calls, 2);
	/* A file that the node does not take ends it. */
	d.answers[0] =
	    (struct canned){CALL_DONE, 413, "{\"title\":\"Large\",\"detail\":\"Less.\"}"};
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB|--attach|p.jpg|--as|photograph|"
				 "--checked-by|legal-officer"),
	    EXIT_INVALID);
	assert_int_equal(d.n_calls, 1);
	assert_string_equal(d.body, JPEG);
	assert_int_equal(d.body_len, strlen(JPEG));
	assert_string_equal(d.media, "application/octet-stream");
	unlink("a.xml");
	unlink("p.jpg");
	unlink("s.pdf");
}

static void waits(void **state)
{
	struct daemon d = {.answers = {KEPT, {CALL_DONE, 200,
						 "{\"state\":\"delivered\",\"final\":true,"
						 "\"received\":\"2026-11-23T10:00:00.100Z\"}"}},
	    .n_answers = 2};

	(void)state;
	assert_int_equal(run_typed(&d, "message|send|-|--to|QMB|--wait|7", "<A/>"), EXIT_OK);
	assert_string_equal(d.path[1], "/v1/messages/" ID "?wait=7");
	assert_string_equal(d.out, "local id          " ID "\ncase              " CASE "\n"
				   "state             delivered\n"
				   "received at       2026-11-23T10:00:00.100Z\n");
	assert_int_equal(run_typed(&d, "message|send|-|--to|QMB|--wait|7|-j", "<A/>"), EXIT_OK);
	assert_non_null(strstr(d.out, "\"message\":{\"state\":\"delivered\""));
	d.answers[1].body = "{\"state\":\"refused\",\"refusal\":\"schema\",\"final\":true}";
	assert_int_equal(run_typed(&d, "message|send|-|--to|QMB|--wait|7", "<A/>"), EXIT_FAILED);
	assert_non_null(strstr(d.err, "QMB refused the document: "));
	d.answers[1].body = "{\"state\":\"draft\",\"final\":false}";
	assert_int_equal(run_typed(&d, "message|send|-|--to|QMB|--wait|7", "<A/>"), EXIT_LATER);
	assert_non_null(strstr(d.err, "it stays queued"));
}

static void violations(void **state)
{
	static const char PROBLEM[] =
	    "{\"title\":\"Invalid\",\"detail\":\"Correct it.\",\"code\":\"schema\",\"violations\":["
	    "{\"line\":12,\"path\":\"/A/B[2]\",\"text\":\"no role\",\"requirement\":\"RXP-APP-003\"},"
	    "{\"line\":0,\"path\":\"Attachments\",\"text\":\"T\",\"requirement\":\"R\",\"action\":\"Do.\"},"
	    "{\"line\":31,\"path\":\"/A/C\",\"text\":\"\\u001b[31mred\",\"requirement\":\"RXP-DOC-005\"}]}";
	struct daemon d = {.answers = {{CALL_DONE, 422, PROBLEM}}, .n_answers = 1};

	(void)state;
	write_file("a.xml", "<A/>", 4);
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB"), EXIT_INVALID);
	assert_string_equal(d.err, "a.xml:12: /A/B[2]: no role (RXP-APP-003)\n"
				   "a.xml: Attachments: T (R)\n    Do.\n"
				   "a.xml:31: /A/C: ?[31mred (RXP-DOC-005)\n"
				   "readmitctl: Invalid\nreadmitctl: Correct it.\n");
	assert_string_equal(d.out, "");
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB|--json"), EXIT_INVALID);
	assert_memory_equal(d.out, PROBLEM, strlen(PROBLEM));
	unlink("a.xml");
}

static void repeats(void **state)
{
	static const struct canned FAILURES[] = {
	    {CALL_TIMEOUT, 0, ""}, {CALL_FAILED, 0, ""}, {CALL_DONE, 503, "{}"}};
	static const struct canned REFUSALS[] = {
	    {CALL_DONE, 404, "{}"}, {CALL_DONE, 409, "{}"}, {CALL_DONE, 422, "{}"}};
	struct daemon d = {.n_answers = 1};

	(void)state;
	for (size_t i = 0; i < sizeof(FAILURES) / sizeof(FAILURES[0]); i++) {
		char key[128];

		d.answers[0] = FAILURES[i];
		assert_int_not_equal(run_typed(&d, "message|send|-|--to|QMB", "<A/>"), EXIT_OK);
		snprintf(key, sizeof(key), "to repeat this call safely: --key %.32s\n",
		    d.header[0] + strlen("Idempotency-Key: "));
		assert_non_null(strstr(d.err, key));
	}
	for (size_t i = 0; i < sizeof(REFUSALS) / sizeof(REFUSALS[0]); i++) {
		d.answers[0] = REFUSALS[i];
		assert_int_not_equal(run_typed(&d, "message|send|-|--to|QMB", "<A/>"), EXIT_OK);
		assert_null(strstr(d.err, "to repeat"));
	}
}

static void nothing_is_called(void **state)
{
	static const char *const BAD[] = {"message|send|a.xml",
	    "message|send|a.xml|--to|QMB|--attach|a.xml|--as|photograph|--checked-by|legal-officer",
	    "message|send|a.xml|--to|QMB|--as|photograph",
	    "message|send|a.xml|--to|QMB|--attach|p.jpg|--as|photograph",
	    "message|send|a.xml|--to|QMB|--attach|p.jpg|--checked-by|legal-officer",
	    "message|send|a.xml|--to|QMB|--attach|p.jpg|--as|photograph|--as|statement|--checked-by|"
	    "legal-officer",
	    "message|content|" ID, "inbox|content|" ID, "attachment|get|" ID "|1|--out|new",
	    "attachment|get|" ID "|1|--reason|incident"};
	struct daemon d = {.answers = {KEPT}, .n_answers = 1};

	(void)state;
	write_file("a.xml", "<A/>", 4);
	write_file("p.jpg", JPEG, strlen(JPEG));
	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		if (run(&d, BAD[i]) != EXIT_USAGE)
			fail_msg("%s: %s", BAD[i], d.err);
	write_file("empty", "", 0);
	assert_int_equal(run(&d, "message|send|empty|--to|QMB"), EXIT_INVALID);
	assert_int_equal(run(&d, "message|send|none|--to|QMB"), EXIT_FAILED);
	assert_int_equal(run(&d, "message|send|a.xml|--to|QMB|--attach|none|--as|photograph|"
				 "--checked-by|legal-officer"),
	    EXIT_FAILED);
	assert_int_equal(
	    run(&d, "attachment|get|" ID "|1|--reason|incident|--out|a.xml"), EXIT_FAILED);
	assert_int_equal(d.n_calls, 0);
	unlink("empty");
	unlink("a.xml");
	unlink("p.jpg");
}

/* --- reading ------------------------------------------------------------------------------------- */
/* What a reader would not see (RXP-RET-006, RXP-COR-015), and what was done about a correction. */
static void corrections(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, "<Content/>");
	assert_int_equal(run(&d, "message|content|" ID "|--reason|review"), EXIT_OK);
	assert_string_equal(d.err, "");
	d.corrected = "2";
	d.not_shown = "P1 P3";
	d.asked = "3";
	assert_int_equal(run(&d, "message|content|" ID "|--reason|review"), EXIT_OK);
	assert_string_equal(d.out, "<Content/>");
	assert_non_null(strstr(d.err, "not shown, since blocked: P1 P3\n"));
	assert_non_null(strstr(d.err, "3 corrections of it are asked for and not carried out"));
	assert_non_null(strstr(d.err, "corrected in 2 places: readmitctl message corrections " ID));
	answers(&d, 200,
	    "{\"items\":[{\"correction\":\"" ID2
	    "\",\"from\":\"QMB\",\"item\":1,\"done\":\"rectify\","
	    "\"carried_out\":\"2026-12-01T10:00:00.000Z\",\"field\":\"Person/Birth/Date\",\"was\":\"1967-03-09\","
	    "\"value\":\"1976-03-09\",\"known\":1}]}");
	assert_int_equal(run(&d, "message|corrections|" ID), EXIT_USAGE);
	assert_int_equal(d.n_calls, 0);
	assert_int_equal(run(&d, "message|corrections|" ID "|--reason|review"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages/" ID "/corrections");
	assert_string_equal(d.header[0], "Readmit-Reason: review");
	assert_non_null(strstr(d.out, "Person/Birth/Date  1967-03-09  1976-03-09"));
	answers(&d, 200, "{\"items\":[]}");
	assert_int_equal(run(&d, "case|corrections|" CASE), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/corrections");
	assert_non_null(strstr(d.err, "no corrections"));
	answers(&d, 200, "{\"content\":\"blocked\",\"reason\":\"the case is under a legal hold\"}");
	assert_int_equal(run(&d, "message|carry-out|" ID), EXIT_USAGE); /* nobody is asked here */
	assert_int_equal(run(&d, "message|carry-out|" ID "|--yes"), EXIT_OK);
	assert_string_equal(d.method[0], "POST");
	assert_string_equal(d.path[0], "/v1/messages/" ID "/carry-out");
	assert_non_null(strstr(d.err,
	    "carried out; the content that it corrects is blocked, since the case is under a legal hold"));
}

static void countersign(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 204, "");
	write_file("read.xml", "<A/>", 4);
	assert_int_equal(run(&d, "message|countersign|read.xml"), EXIT_USAGE);
	assert_int_equal(d.n_calls, 0);
	assert_int_equal(run(&d, "message|countersign|read.xml|--officer|S-3002"), EXIT_OK);
	assert_string_equal(d.method[0], "POST");
	assert_string_equal(d.path[0], "/v1/countersignatures");
	assert_string_equal(d.body, "<A/>");
	assert_string_equal(d.media, "application/xml");
	assert_string_equal(d.header[0], "Readmit-Officer: S-3002");
	assert_string_equal(d.more_headers, "");
	assert_int_equal(
	    run(&d, "message|countersign|read.xml|--officer|S-3002|--names-confirmed"), EXIT_OK);
	assert_string_equal(d.more_headers, "Readmit-Names-Confirmed: true\n");
	assert_int_equal(unlink("read.xml"), 0);
}

static void content(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, "<Content/>");
	assert_int_equal(run(&d, "inbox|content|" ID "|--reason|review"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/inbox/" ID "/content");
	assert_string_equal(d.header[0], "Readmit-Reason: review");
	assert_string_equal(d.out, "<Content/>");
	assert_int_equal(run(&d, "message|content|" ID "|--reason|incident|--json"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages/" ID "/content");
	assert_string_equal(d.out, "{\"content\":\"<Content/>\"}\n");
	assert_int_equal(run(&d, "message|content|" ID "|--reason|incident|--out|c.xml"), EXIT_OK);
	assert_string_equal(d.out, "");
	assert_int_equal(
	    run(&d, "message|content|" ID "|--reason|incident|--out|c.xml"), EXIT_FAILED);
	assert_file("c.xml", "<Content/>");
	assert_int_equal(run(&d, "message|content|" ID "|--reason|review|--blocked"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages/" ID "/blocked-content");
	answers(&d, 204, "");
	assert_int_equal(run(&d, "inbox|ack|" ID), EXIT_OK);
	assert_string_equal(d.method[0], "POST");
	assert_string_equal(d.path[0], "/v1/inbox/" ID "/ack");
	assert_string_equal(d.err, "taken over: " ID "\n");
}

static void files(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, "octets");
	assert_int_equal(run(&d, "attachment|get|" ID "|12|--reason|incident|--out|f"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages/" ID "/attachments/12");
	assert_string_equal(d.header[0], "Readmit-Reason: incident");
	assert_file("f", "octets");
	assert_int_equal(run(&d, "attachment|get|" ID "|12|--reason|incident|--out|f|-j"), EXIT_OK);
	assert_string_equal(d.out, "{\"file\":\"f\",\"octets\":6}\n");
	assert_file("f", "octets");
	assert_int_equal(
	    run(&d, "attachment|get|" ID "|12|--reason|incident|--blocked|--out|g"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages/" ID "/blocked-attachments/12");
	assert_file("g", "octets");
	/* Broken off, refused: no file stays. */
	d.answers[0].result = CALL_FAILED;
	assert_int_equal(
	    run(&d, "attachment|get|" ID "|12|--reason|incident|--out|f"), EXIT_FAILED);
	assert_int_equal(access("f", F_OK), -1);
	answers(&d, 404, "{\"title\":\"T\",\"detail\":\"D.\"}");
	assert_int_equal(
	    run(&d, "attachment|get|" ID "|12|--reason|incident|--out|f"), EXIT_FAILED);
	assert_non_null(strstr(d.err, "readmitctl: T\n"));
	assert_int_equal(access("f", F_OK), -1);
}

/* --- cases ---------------------------------------------------------------------------------------- */
#define HISTORY(own, peer, id, state) \
	"{\"case_id\":\"" CASE "\",\"own\":\"" own "\",\"peer\":\"" peer "\"," \
	"\"states\":[{\"person\":1,\"state\":\"accepted\"},{\"person\":2,\"state\":\"refused\"}]," \
	"\"items\":[{\"local_id\":\"" id \
	"\",\"from\":\"QMA\",\"type\":\"ReadmissionApplication\"," \
	"\"position\":1,\"fingerprint\":\"" HEX "\",\"received\":\"2026-11-23T10:00:00.100Z\"," \
	"\"state\":\"" state "\",\"effect\":\"effective\"}," \
	"{\"local_id\":\"" id "\",\"from\":\"QMB\",\"type\":\"ReadmissionReply\",\"position\":1," \
	"\"fingerprint\":\"" HEX "\",\"received\":\"2026-11-24T10:00:00.100Z\"," \
	"\"state\":\"" state "\",\"effect\":\"overtaken\"}"

static void histories(void **state)
{
	static const char AT_A[] = HISTORY("QMA", "QMB", ID, "delivered") "]}";
	/* One that is still under way, and known to its sender alone. */
	static const char AT_B[] = HISTORY("QMB", "QMA", ID2,
	    "received") ",{\"from\":\"QMB\","
			"\"type\":\"ReadmissionReply\",\"position\":2,\"fingerprint\":null,"
			"\"received\":null,\"state\":\"sending\",\"effect\":null}]}";
	struct daemon d;
	char canonical[TEXT_MAX], plain[TEXT_MAX];

	(void)state;
	answers(&d, 200, AT_A);
	assert_int_equal(run(&d, "case|timeline|" CASE "|--canonical"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "/timeline");
	assert_string_equal(d.out,
	    "document QMA ReadmissionApplication 1 " HEX " 2026-11-23T10:00:00.100Z effective\n"
	    "document QMB ReadmissionReply 1 " HEX " 2026-11-24T10:00:00.100Z overtaken\n"
	    "person P1 accepted\nperson P2 refused\n");
	snprintf(canonical, sizeof(canonical), "%s", d.out);
	assert_int_equal(run(&d, "case|timeline|" CASE), EXIT_OK);
	assert_string_equal(d.out,
	    "RECEIVED                  PARTIES     TYPE                    POSITION  "
	    "FINGERPRINT          EFFECT\n"
	    "2026-11-23T10:00:00.100Z  QMA -> QMB  ReadmissionApplication  1         "
	    "0011 2233 4455 6677  effective\n"
	    "2026-11-24T10:00:00.100Z  QMB -> QMA  ReadmissionReply        1         "
	    "0011 2233 4455 6677  overtaken\n"
	    "\nP1 accepted\nP2 refused\n");
	snprintf(plain, sizeof(plain), "%s", d.out);
	answers(&d, 200, AT_B);
	assert_int_equal(run(&d, "case|timeline|" CASE "|--canonical"), EXIT_OK);
	assert_string_equal(d.out, canonical);
	assert_int_equal(run(&d, "case|timeline|" CASE), EXIT_OK);
	assert_memory_equal(d.out, plain, (size_t)(strstr(plain, "\n\n") + 1 - plain));
	assert_non_null(
	    strstr(d.out, "-                         QMB -> QMA  ReadmissionReply        2"
			  "         -                    sending\n"));
	assert_null(strstr(d.out, ID2));
	assert_int_equal(run(&d, "case|timeline|" CASE "|--json"), EXIT_OK);
	assert_non_null(strstr(d.out, ID2));
}

static void cases(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200,
	    "{\"items\":[{\"case_id\":\"" CASE "\",\"peer\":\"QMB\",\"role\":\"requesting\","
	    "\"persons\":2,\"documents\":3,\"state\":\"open\",\"changed\":null,"
	    "\"clock\":\"reply\",\"actor\":\"peer\",\"due_local\":\"2026-12-04 24:00 QMB\"}],"
	    "\"next\":\"" CASE "\"}");
	assert_int_equal(run(&d, "case|list|--peer|QMB|--after|" CASE), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases?peer=QMB&after=" CASE);
	assert_non_null(strstr(d.out,
	    CASE "  QMB   requesting  2        3          open   -      -        reply  "
		 "peer  2026-12-04 24:00 QMB\n"));
	assert_int_equal(run(&d, "case|list|--due|3d"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases?due=3d");
	assert_int_equal(run(&d, "case|list|--peer|QMB|--overdue"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases?peer=QMB&due=0h");
	answers(&d, 200, HISTORY("QMA", "QMB", ID, "delivered") "]}");
	assert_int_equal(run(&d, "case|show|" CASE), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE);
	assert_string_equal(d.out, "case              " CASE "\n"
				   "own party         QMA\n"
				   "peer              QMB\n"
				   "\nP1 accepted\nP2 refused\n");
}

/* What was due stands between the documents, and its steps under the clocks. */
static void clocks(void **state)
{
	static const char MARKS[] = HISTORY("QMA", "QMB", ID,
	    "delivered") "],\"marks\":["
			 "{\"at\":\"2026-11-23T21:00:00.000Z\",\"kind\":\"passed\",\"clock\":\"reply\","
			 "\"actor\":\"QMB\",\"due_local\":\"2026-11-23 24:00 QMB\",\"persons\":\"P1 P2\","
			 "\"status\":\"broken\"},{\"at\":\"2026-11-25T09:00:00.000Z\",\"kind\":\"warning\","
			 "\"clock\":\"transfer\",\"actor\":\"QMA\",\"due_local\":\"2026-11-28 24:00 QMB\","
			 "\"persons\":\"P1\",\"status\":null}]}";
	static const char CLOCKS[] = HISTORY("QMA", "QMB", ID,
	    "delivered") "],\"clocks\":["
			 "{\"person\":1,\"clock\":\"reply\",\"actor\":\"QMB\",\"status\":\"runs\","
			 "\"due_local\":\"2026-11-23 24:00 QMB\",\"unit\":\"calendar-days\",\"source\":\"X\","
			 "\"steps\":\"one (RXP-CLK-004)\\ntwo (RXP-CLK-006)\\n\"}]}";
	struct daemon d;

	(void)state;
	answers(&d, 200, MARKS);
	assert_int_equal(run(&d, "case|timeline|" CASE), EXIT_OK);
	assert_string_equal(d.out,
	    "RECEIVED                  PARTIES     TYPE                    POSITION  "
	    "FINGERPRINT          EFFECT\n"
	    "2026-11-23T10:00:00.100Z  QMA -> QMB  ReadmissionApplication  1         "
	    "0011 2233 4455 6677  effective\n"
	    "2026-11-23T21:00:00.000Z  QMB         clock                   -         -"
	    "                    reply due 2026-11-23 24:00 QMB \xe2\x80\x94 passed, it came late "
	    "(P1 P2)\n"
	    "2026-11-24T10:00:00.100Z  QMB -> QMA  ReadmissionReply        1         "
	    "0011 2233 4455 6677  overtaken\n"
	    "2026-11-25T09:00:00.000Z  QMA         clock                   -         -"
	    "                    transfer due 2026-11-28 24:00 QMB \xe2\x80\x94 warning (P1)\n"
	    "\nP1 accepted\nP2 refused\n");
	answers(&d, 200, CLOCKS);
	assert_int_equal(run(&d, "case|show|" CASE "|--steps"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/cases/" CASE "?steps=yes");
	assert_non_null(strstr(d.out, "P1      reply  QMB  runs    2026-11-23 24:00 QMB"));
	assert_non_null(strstr(d.out, "\nP1 reply\n  one (RXP-CLK-004)\n  two (RXP-CLK-006)\n"));
}

/* --- progress -------------------------------------------------------------------------------------- */
static void progress(void **state)
{
	struct ctl c = {.err = tmpfile(), .terminal = true};
	struct progress p = progress_begin(&c, "photo.jpg", 50000000);
	char text[TEXT_MAX], line[PROGRESS_TEXT];

	(void)state;
	progress_line(line, &p, 12500000, 2500);
	assert_string_equal(line, "photo.jpg  12.5 of 50.0 MB  5.0 MB/s");
	p.total = 0;
	progress_line(line, &p, 12500000, 2500);
	assert_string_equal(line, "photo.jpg  12.5 MB  5.0 MB/s");
	progress_step(&p, 1000);
	progress_end(&p);
	assert_int_equal(ftell(c.err), 0); /* within the first second */
	p.begun_ms -= 2500;
	progress_step(&p, 12500000);
	progress_step(&p, 12600000); /* too soon after the one before */
	progress_end(&p);
	slurp(c.err, text);
	assert_memory_equal(text, "\rphoto.jpg  12.5 MB  ", 21);
	assert_null(strstr(text, "12.6"));
	assert_string_equal(text + strlen(text) - 4, "\r\033[K");
	c.terminal = false;
	assert_null(progress_begin(&c, "x", 1).err);
	c.terminal = true;
	c.args.options[OPT_QUIET] = "";
	assert_null(progress_begin(&c, "x", 1).err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sends),
	    cmocka_unit_test(names_officers),
	    cmocka_unit_test(sends_files),
	    cmocka_unit_test(waits),
	    cmocka_unit_test(violations),
	    cmocka_unit_test(repeats),
	    cmocka_unit_test(nothing_is_called),
	    cmocka_unit_test(content),
	    cmocka_unit_test(countersign),
	    cmocka_unit_test(corrections),
	    cmocka_unit_test(files),
	    cmocka_unit_test(histories),
	    cmocka_unit_test(cases),
	    cmocka_unit_test(clocks),
	    cmocka_unit_test(progress),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
