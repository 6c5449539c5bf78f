/*
 * ctl_run_test - goals: whole runs against canned answers of the daemon:
 *   what goes to the daemon: method, path, body; what comes out: data, messages, exit status
 *   every way of failing has its exit status and says what to do
 *   peer test: the facts of the receipt; not in time; refused; a bounded number of polls
 *   profiles: what is asked and attested, and the exit status of a check
 *   distrust asks a person and nobody else
 *   no octet of an answer can act on a terminal
 *   over a real socket: no daemon, and an answer
 * links: ctl
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "daemon/ctl/view.h"
#include "daemon/test/unit/ctl_rig.h"

#define ROOT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void lists(void **state)
{
	static const char PAGE[] =
	    "{\"items\":[{\"party\":\"QMB\",\"state\":\"active\",\"last_contact\":null,"
	    "\"outbox_waiting\":3,\"endpoint\":\"https://qmb.example:8443\"}],\"next\":\"QMB\"}";
	struct daemon d;

	(void)state;
	answers(&d, 200, PAGE);
	assert_int_equal(run(&d, "peer|list|--limit|1|--after|QMA"), EXIT_OK);
	assert_string_equal(d.method[0], "GET");
	assert_string_equal(d.path[0], "/v1/peers?after=QMA&limit=1");
	assert_string_equal(d.out,
	    "PARTY  STATE   LAST CONTACT  WAITING  ENDPOINT\n"
	    "QMB    active  -             3        https://qmb.example:8443\n");
	assert_string_equal(d.err, "more: --after QMB\n");
	assert_int_equal(run(&d, "message|list|--newest|--limit|1"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages?limit=1&order=newest");
	assert_int_equal(run(&d, "peer|list|--quiet"), EXIT_OK);
	assert_string_equal(d.err, "");
	assert_int_equal(run(&d, "peer|list|--json"), EXIT_OK);
	assert_memory_equal(d.out, PAGE, strlen(PAGE));

	answers(&d, 200, "{\"items\":[],\"next\":null}");
	assert_int_equal(run(&d, "queue|list|--peer|QMB"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/queue?peer=QMB");
	assert_string_equal(d.out, "");
	assert_string_equal(d.err, "no messages in the queue\n");
}

static void profiles(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200,
	    "{\"usable\":false,\"complete\":false,\"items\":[{\"finding\":\"unattested\","
	    "\"weight\":\"blocks\",\"subject\":null,\"text\":\"no\"}]}");
	assert_int_equal(run(&d, "profile|check|a/1|--peer|QMB|--publisher|QMA"), EXIT_CONFIG);
	assert_string_equal(d.path[0], "/v1/profiles/a/1/check?publisher=QMA&peer=QMB");
	assert_string_equal(d.out, "WEIGHT  FINDING     SUBJECT  MEANS\n"
				   "blocks  unattested  -        no\n");
	answers(&d, 200, "{\"usable\":true,\"complete\":false,\"items\":[]}");
	assert_int_equal(run(&d, "profile|check|a/1"), EXIT_OK);
	assert_string_equal(d.err, "it may be used; see what it lacks\n");
	answers(&d, 200, "{\"peer\":\"QMB\",\"from\":\"2027-01-01T00:00:00.000Z\"}");
	assert_int_equal(run(&d, "profile|use|QMB|a/1|--from|2027-01-01"), EXIT_OK);
	assert_string_equal(d.method[0], "POST");
	assert_string_equal(d.path[0], "/v1/peers/QMB/profile?profile=a/1&from=2027-01-01");
	answers(&d, 200, "{\"digest\":\"00ff\"}");
	assert_int_equal(run(&d, "profile|attest|a/1|--yes"), EXIT_USAGE);
	assert_int_equal(run(&d, "profile|attest|a/1|--officer|L-1"), EXIT_USAGE);
	assert_int_equal(run(&d, "profile|attest|a/1|--officer|L-1|--yes"), EXIT_OK);
	assert_string_equal(d.header[0], "Readmit-Officer: L-1");
	assert_string_equal(d.err, "attested a/1 with the digest 00ff\n");
	answers(&d, 200,
	    "{\"id\":\"a\",\"version\":1,\"counting\":{\"calendar\":\"requested\"},\"clocks\":[{"
	    "\"clock\":\"reply\",\"value\":8,\"unit\":\"calendar-days\",\"source\":\"M\"}]}");
	assert_int_equal(run(&d, "profile|show|a/1"), EXIT_OK);
	assert_non_null(strstr(d.out, "reply  8      calendar-days  -          -     M\n"));
	answers(&d, 200,
	    "{\"id\":\"a\",\"clocks\":[{\"clock\":\"reply\",\"value\":0,\"unit\":\"none\","
	    "\"source\":\"M\"}]}");
	assert_int_equal(run(&d, "profile|show|a/1"), EXIT_OK);
	assert_non_null(strstr(d.out, "reply  -      none  -          -     M\n"));
}

static void shows_and_acts(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200,
	    "{\"local_id\":\"" ID "\",\"state\":\"parked\",\"refusal\":null,\"final\":false}");
	assert_int_equal(run(&d, "message|show|" ID), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/messages/" ID);
	assert_string_equal(d.out, "local id          " ID "\n"
				   "state             parked\n"
				   "final             no\n");
	answers(&d, 204, "");
	assert_int_equal(run(&d, "queue|requeue|" ID), EXIT_OK);
	assert_string_equal(d.method[0], "POST");
	assert_string_equal(d.path[0], "/v1/queue/" ID "/requeue");
	assert_int_equal(run(&d, "queue|discard|" ID), EXIT_USAGE);
	assert_int_equal(run(&d, "queue|discard|" ID "|--yes"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/queue/" ID "/discard");
	assert_int_equal(run_typed(&d, "queue|discard|" ID, ID "\n"), EXIT_OK);
	answers(&d, 200, "{\"root\":\"" ROOT "\",\"descriptor\":\"<D/>\"}");
	assert_int_equal(run(&d, "descriptor|fingerprint"), EXIT_OK);
	assert_memory_equal(d.out, "0011 2233 4455 6677 8899 aabb ccdd eeff 0011", 44);
	answers(&d, 200, "<Descriptor/>");
	assert_int_equal(run(&d, "descriptor|export"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/descriptor");
	assert_string_equal(d.out, "<Descriptor/>");
	assert_int_equal(run(&d, "descriptor|export|--json"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/descriptor?format=json");
	answers(&d, 200,
	    "{\"party\":\"QMA\",\"healthy\":true,\"health\":null,\"figures\":"
	    "[{\"metric\":\"commits_total\",\"label\":null,\"value\":7}]}");
	assert_int_equal(run(&d, "status"), EXIT_OK);
	assert_string_equal(d.out, "party             QMA\n"
				   "healthy           yes\n\n"
				   "FIGURE         OF  VALUE\n"
				   "commits_total  -   7\n");
	answers(&d, 200,
	    "{\"party\":\"QMA\",\"healthy\":true,\"health\":null,\"figures\":[],\"endings\":[],\"alarms\":["
	    "{\"alarm\":\"parked\",\"peer\":\"QMB\",\"count\":2,\"meaning\":\"they wait\",\"next\":\"queue list\"}]}");
	assert_int_equal(run(&d, "status"), EXIT_OK);
	assert_string_equal(d.out, "party             QMA\n"
				   "healthy           yes\n\n"
				   "ALARM   OF   COUNT  WHAT TO DO\n"
				   "parked  QMB  2      queue list\n");
	/* What is near its end, and nothing else (RXP-DSC-041). */
	answers(&d, 200,
	    "{\"party\":\"QMA\",\"healthy\":true,\"health\":null,\"figures\":[],\"endings\":["
	    "{\"party\":\"QMA\",\"what\":\"seal\",\"until\":\"2029-01-02T00:00:00.000Z\",\"near\":1},"
	    "{\"party\":\"QMB\",\"what\":\"root\",\"until\":\"2040-01-02T00:00:00.000Z\",\"near\":0}]}");
	assert_int_equal(run(&d, "status"), EXIT_OK);
	assert_string_equal(d.out, "party             QMA\n"
				   "healthy           yes\n\n"
				   "ENDS SOON  OF   UNTIL\n"
				   "seal       QMA  2029-01-02T00:00:00.000Z\n");
}

static void failures(void **state)
{
	static const struct {
		struct canned answer;
		enum exit_status exit;
		const char *says;
	} CASES[] = {
	    {{CALL_NO_DAEMON, 0, ""}, EXIT_NO_DAEMON, "nothing listens on x.sock"},
	    {{CALL_NOT_PERMITTED, 0, ""}, EXIT_NOT_PERMITTED, "x.sock may not be opened"},
	    {{CALL_TIMEOUT, 0, ""}, EXIT_LATER, "did not answer"},
	    {{CALL_FAILED, 0, ""}, EXIT_FAILED, "broke off"},
	    {{CALL_DONE, 500, "<html>"}, EXIT_FAILED, "status 500"},
	    {{CALL_DONE, 200, "<html>"}, EXIT_FAILED, "not JSON"},
	    {{CALL_DONE, 200, "{\"a\":1,\"a\":2}"}, EXIT_FAILED, "not JSON"},
	    {{CALL_DONE, 404, "{\"title\":\"T\",\"detail\":\"Do.\",\"code\":\"not-found\"}"},
		EXIT_FAILED, "readmitctl: T\nreadmitctl: Do.\n"},
	    {{CALL_DONE, 422, "{\"title\":\"T\",\"detail\":\"Do.\",\"reason\":\"R\"}"},
		EXIT_INVALID, "readmitctl: T: R\nreadmitctl: Do.\n"},
	    {{CALL_DONE, 413, "{}"}, EXIT_INVALID, "readmitctl: -"},
	    {{CALL_DONE, 415, "{}"}, EXIT_INVALID, ""},
	    {{CALL_DONE, 403, "{}"}, EXIT_NOT_PERMITTED, ""},
	    {{CALL_DONE, 502, "{}"}, EXIT_LATER, ""},
	    {{CALL_DONE, 503, "{}"}, EXIT_LATER, ""},
	    {{CALL_DONE, 504, "{}"}, EXIT_LATER, ""},
	    {{CALL_DONE, 409, "{\"code\":\"configuration\"}"}, EXIT_CONFIG, ""},
	    {{CALL_DONE, 409, "{\"code\":\"wrong-state\"}"}, EXIT_FAILED, ""},
	};
	struct daemon d;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		d = (struct daemon){.answers = {CASES[i].answer}, .n_answers = 1};
		assert_int_equal(run(&d, "peer|show|QMB|--quiet"), CASES[i].exit);
		if (strstr(d.err, CASES[i].says) == NULL)
			fail_msg("%zu says: %s", i, d.err);
		assert_string_equal(d.out, "");
	}
	answers(&d, 404, "{\"code\":\"not-found\"}");
	assert_int_equal(run(&d, "peer|show|QMB|--json"), EXIT_FAILED);
	assert_string_equal(d.out, "{\"code\":\"not-found\"}\n");
	assert_int_equal(run(&d, "pear|show"), EXIT_USAGE);
	assert_int_equal(d.n_calls, 0);
}

static void peer_test(void **state)
{
	static const struct canned STARTED = {CALL_DONE, 202, "{\"local_id\":\"" ID "\"}"};
	static const struct canned WAITING = {CALL_DONE, 200,
	    "{\"state\":\"sending\",\"attempts\":3,\"last_error\":\"connection refused\",\"final\":false}"};
	struct daemon d = {.n_answers = 3};

	(void)state;
	d.answers[0] = STARTED;
	d.answers[1] = WAITING;
	d.answers[2] = (struct canned){CALL_DONE, 200,
	    "{\"state\":\"delivered\",\"created\":\"2026-11-23T10:00:00.000Z\","
	    "\"received\":\"2026-11-23T10:00:00.100Z\",\"answered\":\"2026-11-23T10:00:00.143Z\","
	    "\"log_id\":\"" ID "\",\"log_count\":12,\"final\":true}"};
	assert_int_equal(run(&d, "peer|test|QMB|--wait|40"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/peers/QMB/test");
	assert_string_equal(d.path[1], "/v1/messages/" ID "?wait=30");
	assert_string_equal(d.path[2], "/v1/messages/" ID "?wait=10");
	assert_non_null(strstr(d.out, "received at       2026-11-23T10:00:00.100Z\n"));
	assert_non_null(strstr(d.out, "log id            " ID "\n"));
	assert_non_null(strstr(d.out, "log count         12\n"));
	assert_non_null(strstr(d.out, "round trip        143 ms\n"));

	d = (struct daemon){.answers = {STARTED, WAITING}, .n_answers = 2};
	assert_int_equal(run(&d, "peer|test|QMB|--wait|61"), EXIT_LATER);
	assert_int_equal(d.n_calls, 4);
	assert_string_equal(d.path[3], "/v1/messages/" ID "?wait=1");
	assert_non_null(strstr(d.err, "connection refused (state sending, attempts 3)"));
	assert_non_null(strstr(d.err, "it stays queued: readmitctl message show " ID));

	d.answers[1].body = "{\"state\":\"refused\",\"refusal\":\"recipient\",\"final\":true}";
	assert_int_equal(run(&d, "peer|test|QMB"), EXIT_FAILED);
	assert_non_null(strstr(d.err, "QMB refused the Ping: To is not the receiving party"));
	assert_int_equal(run(&d, "peer|test|QMB|--json"), EXIT_FAILED);
	assert_memory_equal(d.out, "{\"state\":\"refused\"", 18);

	d.answers[1].body = "{\"state\":\"parked\",\"last_error\":\"unopenable\",\"final\":false}";
	assert_int_equal(run(&d, "peer|test|QMB"), EXIT_FAILED);
	assert_int_equal(d.n_calls, 2);
	assert_non_null(strstr(d.err, "it waits for a person: readmitctl queue requeue " ID));

	answers(&d, 202, "{\"local_id\":\"../../x\"}");
	assert_int_equal(run(&d, "peer|test|QMB"), EXIT_FAILED);
	assert_int_equal(d.n_calls, 1);
}

static void peer_add(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 201, "{\"party\":\"QMB\",\"added\":true}");
	assert_int_equal(
	    run_typed(
		&d, "peer|add|-|--fingerprint|00:11 2233445566778899AABBCCDDEEFF" ROOT, "<D/>"),
	    EXIT_USAGE);
	assert_int_equal(run_typed(&d, "peer|add|-|--fingerprint|" ROOT, "<D/>"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/peers?root=" ROOT);
	assert_string_equal(d.body, "<D/>");
	assert_string_equal(d.media, "application/xml");
	assert_string_equal(d.err, "added QMB; now: readmitctl peer test QMB\n");
	answers(&d, 200, "{\"party\":\"QMB\",\"added\":false}");
	assert_int_equal(run_typed(&d, "peer|add|-|--fingerprint|" ROOT, "<D/>"), EXIT_OK);
	assert_string_equal(d.err, "QMB is a peer with this descriptor already\n");
	assert_int_equal(run_typed(&d, "peer|add|-", "<D/>"), EXIT_USAGE);
	assert_non_null(strstr(d.err, "--fingerprint is missing"));
	assert_int_equal(run_typed(&d, "peer|add|-|--fingerprint|" ROOT, ""), EXIT_INVALID);
	assert_int_equal(
	    run_typed(&d, "peer|add|no/such/file|--fingerprint|" ROOT, ""), EXIT_FAILED);
	assert_int_equal(d.n_calls, 0);
}

#define CHANGES \
	"\"changes\":[{\"change\":\"pin\",\"added\":1,\"text\":\"lists the TLS pin\",\"value\":\"ab\"}," \
	"{\"change\":\"endpoint\",\"added\":0,\"text\":\"listens no longer at\",\"value\":\"https://a:1\"}]}"
#define DIFF(known, acceptable, refused) \
	"{\"party\":\"QMB\",\"known_serial\":" known \
	",\"identity_serial\":4,\"acceptable\":" acceptable ",\"refused\":\"" refused \
	"\"," CHANGES

/* What changes is told in words, and taken only when somebody who read it says so (RXP-DSC-033). */
static void an_update_is_told_first(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 200, DIFF("3", "true", ""));
	assert_int_equal(run_typed(&d, "peer|diff|QMB|-", "<D/>"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/peers/QMB/diff");
	assert_string_equal(d.body, "<D/>");
	assert_string_equal(d.out, "QMB, identity part 4 after 3\n+ lists the TLS pin ab\n"
				   "- listens no longer at https://a:1\n");
	assert_non_null(strstr(d.err, "to take it: readmitctl peer update QMB"));
	answers(&d, 200, DIFF("null", "true", ""));
	assert_int_equal(run_typed(&d, "peer|diff|QMB|-", "<D/>"), EXIT_OK);
	assert_non_null(strstr(d.err, "QMB is not known: compare the root by telephone"));
	answers(&d, 200, DIFF("3", "false", "a newer descriptor"));
	assert_int_equal(run_typed(&d, "peer|diff|QMB|-", "<D/>"), EXIT_OK);
	assert_non_null(strstr(d.err, "it would not be taken: a newer descriptor"));
	answers(&d, 200, DIFF("3", "true", ""));
	assert_int_equal(run_typed(&d, "peer|update|QMB|-", "<D/>"), EXIT_FAILED);
	assert_int_equal(d.n_calls, 1);
	assert_non_null(strstr(d.err, "+ lists the TLS pin ab\n"));
	assert_int_equal(run_typed(&d, "peer|update|QMB|-|--yes", "<D/>"), EXIT_OK);
	assert_int_equal(d.n_calls, 2);
	assert_string_equal(d.path[1], "/v1/peers/QMB/descriptor");
	assert_non_null(strstr(d.err, "updated QMB\n"));
}

static void distrust_asks(void **state)
{
	struct daemon d;

	(void)state;
	answers(&d, 204, "");
	assert_int_equal(run(&d, "peer|distrust|QMB"), EXIT_USAGE);
	assert_int_equal(run_typed(&d, "peer|distrust|QMB", "yes\n"), EXIT_FAILED);
	assert_int_equal(run_typed(&d, "peer|distrust|QMB", ""), EXIT_FAILED);
	assert_int_equal(d.n_calls, 0);
	assert_int_equal(run_typed(&d, "peer|distrust|QMB", "QMB\n"), EXIT_OK);
	assert_string_equal(d.path[0], "/v1/peers/QMB/distrust");
	assert_int_equal(run(&d, "peer|distrust|QMB|--yes"), EXIT_OK);
	assert_string_equal(d.err, "distrusted QMB\n");
}

static void terminals_are_safe(void **state)
{
	char text[VIEW_TEXT], wide[1501];
	json_t *json = json_string("a\x1b[31m\tb\x7f\xc2\x9b \xc3\xa9");

	(void)state;
	view_text(text, json);
	json_decref(json);
	assert_string_equal(text, "a?[31m?b?? \xc3\xa9");
	for (size_t i = 0; i < sizeof(wide) - 1; i += 2)
		memcpy(wide + i, "\xc3\xa9", 2);
	wide[sizeof(wide) - 1] = '\0';
	json = json_string(wide);
	view_text(text, json);
	json_decref(json);
	json = json_string(text); /* refuses what is not UTF-8 */
	assert_non_null(json);
	assert_true(strlen(text) > VIEW_TEXT - 4);
	json_decref(json);
	view_text(text, NULL);
	assert_string_equal(text, "-");
}

/* A daemon in a child: one connection, one answer. */
static pid_t serve_once(int listener)
{
	static const char ANSWER[] = "HTTP/1.1 201 Created\r\nContent-Length: 30\r\n\r\n"
				     "{\"party\":\"QMB\",\"added\": true}\n";
	pid_t child = fork();
	char request[1024] = "";
	size_t n = 0;
	ssize_t got = 1;
	int fd;

	if (child != 0)
		return child;
	fd = accept(listener, NULL, NULL);
	while (got > 0 && strstr(request, "\r\n\r\n<D/>") == NULL) {
		got = read(fd, request + n, sizeof(request) - 1 - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (strncmp(request, "POST /v1/peers?root=" ROOT " HTTP/1.1\r\n", 95) != 0 ||
	    strstr(request, "\r\nContent-Type: application/xml\r\n") == NULL ||
	    write(fd, ANSWER, strlen(ANSWER)) < 0)
		_exit(1);
	_exit(0);
}

static void real_socket(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct call_request request = {.method = "POST",
	    .path = "/v1/peers?root=" ROOT,
	    .media = "application/xml",
	    .body = "<D/>",
	    .body_len = 4};
	char folder[] = P_tmpdir "/ctl_run_test.XXXXXX";
	struct call_answer answer = {0};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), child_status = -1;
	pid_t child;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/api.sock", folder);
	rxp_buf_init(&answer.body, CALL_ANSWER_MAX);
	assert_int_equal(call_socket(NULL, address.sun_path, &request, &answer), CALL_NO_DAEMON);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(call_socket(NULL, address.sun_path, &request, &answer), CALL_NO_DAEMON);
	assert_int_equal(listen(listener, 1), 0);
	child = serve_once(listener);
	assert_int_equal(call_socket(NULL, address.sun_path, &request, &answer), CALL_DONE);
	assert_int_equal(answer.status, 201);
	assert_int_equal(answer.body.len, 30);
	assert_int_equal(waitpid(child, &child_status, 0), child);
	assert_int_equal(child_status, 0);
	rxp_buf_free(&answer.body);
	close(listener);
	unlink(address.sun_path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists),
	    cmocka_unit_test(profiles),
	    cmocka_unit_test(shows_and_acts),
	    cmocka_unit_test(failures),
	    cmocka_unit_test(peer_test),
	    cmocka_unit_test(peer_add),
	    cmocka_unit_test(an_update_is_told_first),
	    cmocka_unit_test(distrust_asks),
	    cmocka_unit_test(terminals_are_safe),
	    cmocka_unit_test(real_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
