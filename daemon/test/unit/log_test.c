/*
 * Goal of this test:
 * - every event of the catalogue, with the longest values of each kind, is one line of valid JSON
 *   of at most 1024 octets, in one write, with the members of the catalogue in their order;
 * - quotes, backslashes and everything but printable ASCII are made harmless;
 * - the number of values must be that of the event's fields;
 * - what a peer can cause without end is bounded for each peer and minute, and one line says by how much.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/log.h"
#include "protocol/base/timestamp.h"

#define LINE_MAX_OCTETS 1024
#define FIELDS_MAX 8

static const char *const fields[LOG_EVENTS] = {
#define LOG(name, level, list, meaning, side, action) [LOG_##name] = (list),
#include "daemon/base/log.def"
#undef LOG
};

static unsigned count(enum log_event event)
{
	unsigned n = 1;

	for (const char *at = fields[event]; *at != '\0'; at++)
		n += *at == ' ' ? 1 : 0;
	return n;
}

static int channel[2];
static int saved_stderr;

static int setup(void **state)
{
	(void)state;
	/* Packets, so that two writes would be two reads. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, channel) != 0)
		return -1;
	saved_stderr = dup(STDERR_FILENO);
	return dup2(channel[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(channel[0]);
	close(channel[1]);
	return 0;
}

static void read_line(char line[LINE_MAX_OCTETS + 2])
{
	ssize_t n = read(channel[0], line, LINE_MAX_OCTETS + 1);

	assert_true(n > 0 && n <= LINE_MAX_OCTETS);
	line[n] = '\0';
	assert_ptr_equal(strchr(line, '\n'), line + n - 1);
	assert_int_equal(read(channel[0], &(char){0}, 1), -1);
}

/* Step over a JSON string or number. */
static const char *skip_value(const char *at)
{
	if (*at != '"') {
		at += *at == '-' ? 1 : 0;
		assert_true(*at >= '0' && *at <= '9');
		return at + strspn(at, "0123456789");
	}
	for (at++; *at != '"'; at++) {
		assert_true(*at >= ' ' && *at <= '~');
		if (*at == '\\') {
			at++;
			assert_true(*at == '"' || *at == '\\');
		}
	}
	return at + 1;
}

/* The line is an object with exactly these members, space-separated, in this order. */
static void check_line(const char *line, const char *names)
{
	const char *at = line;
	char open = '{';

	while (*names != '\0') {
		size_t len = strcspn(names, " ");

		assert_int_equal(at[0], open);
		assert_int_equal(at[1], '"');
		assert_int_equal(strncmp(at + 2, names, len), 0);
		assert_int_equal(strncmp(at + 2 + len, "\":", 2), 0);
		at = skip_value(at + len + 4);
		names += len + (names[len] == ' ' ? 1 : 0);
		open = ',';
	}
	assert_string_equal(at, "}\n");
}

static void every_event(void **state)
{
	static char quotes[5000];
	static uint8_t octets[5000];
	const struct log_value longest[] = {LOG_S(quotes), LOG_N(INT64_MIN), LOG_X(octets, 5000)};
	char line[LINE_MAX_OCTETS + 2], names[512];

	(void)state;
	memset(quotes, '"', sizeof quotes - 1);
	memset(octets, 0xff, sizeof octets);
	log_process("registry");
	for (int e = 0; e < LOG_EVENTS; e++) {
		for (size_t kind = 0; kind < 3; kind++) {
			struct log_value values[FIELDS_MAX];
			unsigned n = count((enum log_event)e);

			assert_true(n <= FIELDS_MAX);
			for (unsigned i = 0; i < n; i++)
				values[i] = longest[kind];
			log_write((enum log_event)e, values, n);
			read_line(line);
			snprintf(names, sizeof names, "time level event process %s", fields[e]);
			check_line(line, names);
		}
	}
}

static void exact_line(void **state)
{
	static const uint8_t digest[] = {0x01, 0xab};
	char line[LINE_MAX_OCTETS + 2];
	int64_t ms;

	(void)state;
	log_process("sealer");
	log_event(LOG_DELIVERY_FAILED, LOG_S("QMA"), LOG_X(digest, sizeof digest),
	    LOG_S("a\"b\\c\nd\xc3\xa4\x7f"));
	read_line(line);
	assert_string_equal(line + 33,
	    "\",\"level\":\"warning\",\"event\":\"delivery_failed\",\"process\":\"sealer\","
	    "\"party\":\"QMA\",\"message\":\"01ab\",\"why\":\"a\\\"b\\\\c?d???\"}\n");
	line[33] = '\0';
	assert_int_equal(rxp_time_parse(&ms, line + 9), 0);
	log_event(LOG_CLOCK_OFFSET, LOG_N(-5));
	read_line(line);
	assert_non_null(strstr(line, "\"milliseconds\":-5}"));
}

/* In a child: does this call abort? */
static bool aborts(unsigned n)
{
	const struct log_value values[] = {LOG_S("a"), LOG_S("b"), LOG_S("c"), LOG_S("d")};
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGABRT, SIG_DFL);
		log_write(LOG_DELIVERY_FAILED, values, n);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void wrong_count(void **state)
{
	(void)state;
	assert_true(aborts(2));
	assert_false(aborts(3));
	assert_true(aborts(4));
}

static void turned_away(const char *party, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		log_event(LOG_MESSAGE_TURNED_AWAY, LOG_S(party), LOG_S("m"), LOG_S("schema"),
		    LOG_S("content"));
}

static unsigned lines_there(void)
{
	char line[LINE_MAX_OCTETS + 2];
	unsigned n = 0;

	while (read(channel[0], line, sizeof line) > 0)
		n++;
	return n;
}

/* What one peer causes without end is cut, and said in one line; others and other events are not. */
static void bounded(void **state)
{
	char line[LINE_MAX_OCTETS + 2];

	(void)state;
	log_left_out();
	(void)lines_there();
	turned_away("QMA", 27);
	assert_int_equal(lines_there(), 20);
	turned_away("QMB", 3);
	log_event(LOG_SENDER_FALSE, LOG_S("QMA"), LOG_S("QMC"), LOG_S("m"));
	for (int i = 0; i < 70; i++)
		log_event(LOG_MESSAGE_RECEIVED, LOG_S("QMA"), LOG_S("m"), LOG_S("Ping"));
	assert_int_equal(lines_there(), 3 + 1 + 70);
	for (int i = 0; i < 61; i++) /* of any address */
		log_event(LOG_TLS_REFUSED, LOG_S(i % 2 == 0 ? "a" : "b"), LOG_S("w"));
	assert_int_equal(lines_there(), 60);
	log_left_out();
	assert_true(read(channel[0], line, sizeof line) > 0);
	assert_non_null(strstr(line, "\"of\":\"tls_refused\",\"party\":\"\",\"lines\":1}"));
	read_line(line);
	assert_non_null(strstr(line, "\"event\":\"lines_left_out\""));
	assert_non_null(
	    strstr(line, "\"of\":\"message_turned_away\",\"party\":\"QMA\",\"lines\":7}"));
	turned_away("QMA", 1);
	assert_int_equal(lines_there(), 1);
	log_left_out();
	assert_int_equal(lines_there(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(every_event, setup, teardown),
	    cmocka_unit_test_setup_teardown(exact_line, setup, teardown),
	    cmocka_unit_test_setup_teardown(wrong_count, setup, teardown),
	    cmocka_unit_test_setup_teardown(bounded, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
