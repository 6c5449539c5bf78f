/*
 * Goals, without a product:
 * - a product elsewhere is not flooded unasked;
 * - each script sends a message if something must be true of it afterwards, and what it wants fits its name as p or n;
 * - frames go out octet by octet as a script says, with DATA within the windows of the other side;
 * - what comes is taken apart; what is not HTTP/2 is told as that.
 *
 * links: conform
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "conformance/run/script_trial.h"
#include "conformance/script/script.h"
#include "conformance/wire/frames.h"
#include "conformance/wire/tls.h"

#define WAIT_MS 30000
#define TEXT(t) (t), sizeof(t) - 1

/* --- the tables ------------------------------------------------------------------------------ */

static bool sends_envelope(const struct script *s)
{
	for (const struct step *step = s->steps; step->kind != STEP_END; step++)
		if (step->kind == STEP_BODY || step->kind == STEP_BODY_START)
			return true;
	return false;
}

static bool waits_for_no_ticket(const struct script *s)
{
	for (const struct step *step = s->steps; step->kind != STEP_END; step++)
		if (step->kind == STEP_AWAIT && step->await == AWAIT_NO_TICKET)
			return true;
	return false;
}

static void test_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < script_total(); i++) {
		const struct script *s = script_at(i);
		bool receipt = s->wanted.kind == WANTED_A_RECEIPT;

		if (sends_envelope(s) != (s->probe != PROBE_NONE))
			fail_msg(
			    "%s: a probe without a message, or the other way round", s->facts.id);
		if (receipt && facts_negative(&s->facts) && !waits_for_no_ticket(s))
			fail_msg("%s: a Receipt is wanted of what must not be taken", s->facts.id);
		if (s->wanted.kind == WANTED_STREAM_ENDS && !facts_negative(&s->facts))
			fail_msg("%s: an end is wanted of what must be taken", s->facts.id);
		if (facts_negative(&s->facts) && s->probe == PROBE_TAKEN && !receipt)
			fail_msg("%s: it must not be taken, and is", s->facts.id);
	}
}

static enum verdict verdict_at(const struct script *s, const char *endpoint)
{
	struct target target = {.endpoint = endpoint};
	struct outcome o;
	enum verdict v;

	outcome_init(&o, &s->facts, "", s->stage);
	script_trial_run(&o, s, &target);
	v = o.verdict;
	outcome_clear(&o);
	return v;
}

/* A product elsewhere is neither flooded nor waited for unless that is asked: nothing is even sent. */
static void test_guard(void **state)
{
	static const char *const elsewhere[] = {"https://192.0.2.1",
	    "https://127.0.0.1.example:443", "https://localhost.example",
	    "https://[2001:db8::1]:8443", "https://128.0.0.1"};
	static const char *const here[] = {"https://127.0.0.1:8443", "https://127.9.9.9",
	    "https://[::1]:1", "https://localhost:1/"};
	size_t floods = 0;

	(void)state;
	for (size_t i = 0; i < script_total(); i++) {
		const struct script *s = script_at(i);

		floods += s->group == GROUP_FLOOD;
		for (size_t k = 0;
		     s->group != GROUP_QUICK && k < sizeof elsewhere / sizeof elsewhere[0]; k++)
			assert_int_equal(verdict_at(s, elsewhere[k]), VERDICT_NA);
	}
	assert_true(floods > 0);
	for (size_t k = 0; k < sizeof here / sizeof here[0]; k++)
		assert_true(tls_is_here(here[k]));
	for (size_t k = 0; k < sizeof elsewhere / sizeof elsewhere[0]; k++)
		assert_false(tls_is_here(elsewhere[k]));
}

/* --- frames ---------------------------------------------------------------------------------- */

/* A product without TLS: what it says is written before it is asked for. */
struct fake {
	int listener, fd;
	struct frames *frames;
};

static int64_t soon(void)
{
	return tls_now_ms() + WAIT_MS;
}

static int fake_up(void **state)
{
	static struct fake f;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof address;
	char endpoint[64];
	struct wire_target to = {.endpoint = endpoint, .manner = {.kind = MANNER_PLAIN}};

	f.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(f.listener, (void *)&address, sizeof address), 0);
	assert_int_equal(listen(f.listener, 1), 0);
	assert_int_equal(getsockname(f.listener, (void *)&address, &len), 0);
	(void)snprintf(
	    endpoint, sizeof endpoint, "https://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
	assert_int_equal(frames_new(&f.frames), WIRE_NONE);
	assert_int_equal(frames_connect(f.frames, &to, false, soon()), WIRE_NONE);
	f.fd = accept(f.listener, NULL, NULL);
	assert_true(f.fd >= 0);
	*state = &f;
	return 0;
}

static int fake_down(void **state)
{
	struct fake *f = *state;

	frames_free(f->frames);
	(void)close(f->fd);
	(void)close(f->listener);
	return 0;
}

static void say(const struct fake *f, const char *octets, size_t len)
{
	assert_int_equal(send(f->fd, octets, len, 0), (ssize_t)len);
}

static void assert_sent(struct fake *f, const char *octets, size_t len)
{
	uint8_t seen[256];

	assert_int_equal(frames_flush(f->frames, soon()), WIRE_NONE);
	assert_true(len <= sizeof seen);
	if (len > 0)
		assert_int_equal(recv(f->fd, seen, len, MSG_WAITALL), (ssize_t)len);
	assert_memory_equal(seen, octets, len);
	assert_int_equal(recv(f->fd, seen, 1, MSG_DONTWAIT), -1);
}

static void test_sent(void **state)
{
	static const struct frames_field fields[] = {
	    {TEXT(":method"), TEXT("GET")}, {TEXT("A"), TEXT("b\r\n")}};
	struct fake *f = *state;

	frames_put_frame(f->frames, FRAME_PING, 0x80, 0x80000001, TEXT("readmits"));
	assert_sent(f, TEXT("\0\0\x08\x06\x80\x80\0\0\1readmits"));
	frames_put_headers(
	    f->frames, FLAG_END_STREAM, 1, &(struct frames_section){"", 0, fields, 1, 0});
	assert_sent(f, TEXT("\0\0\1\1\5\0\0\0\1\x82"));
	/* Cut in two, with an octet of HPACK before, and nothing of it judged. */
	frames_put_headers(
	    f->frames, 0, 3, &(struct frames_section){TEXT("\x20"), fields + 1, 1, 4});
	assert_sent(f, TEXT("\0\0\4\1\0\0\0\0\3\x20\x40\1A\0\0\4\x09\4\0\0\0\3\3b\r\n"));
	frames_put_headers(f->frames, FLAG_PADDED | FLAG_PRIORITY, 5,
	    &(struct frames_section){"", 0, fields, 1, 0});
	assert_sent(f, TEXT("\0\0\x0e\1\x2c\0\0\0\5\7\0\0\0\0\x0f\x82\0\0\0\0\0\0\0"));
}

static void test_windows(void **state)
{
	struct fake *f = *state;

	say(f, TEXT("\0\0\6\4\0\0\0\0\0\0\4\0\0\0\3")); /* windows of three octets */
	assert_int_equal(frames_take(f->frames, soon()), WIRE_NONE);
	assert_sent(f, TEXT("\0\0\0\4\1\0\0\0\0"));
	say(f, TEXT("\0\0\4\x08\0\0\0\0\1\0\0\0\2"));
	assert_int_equal(frames_send_data(f->frames, FLAG_END_STREAM, 1, (const uint8_t *)"abcde",
			     5, FRAMES_PIECE, WAIT_MS),
	    WIRE_NONE);
	assert_sent(f, TEXT("\0\0\3\0\0\0\0\0\1abc\0\0\2\0\1\0\0\0\1de"));
	/* Nothing more goes on a stream that the other side has ended. */
	say(f, TEXT("\0\0\1\1\5\0\0\0\3\x88"));
	assert_int_equal(frames_take(f->frames, soon()), WIRE_NONE);
	assert_int_equal(
	    frames_send_data(f->frames, 0, 3, (const uint8_t *)"abc", 3, 1, WAIT_MS), WIRE_NONE);
	assert_sent(f, TEXT(""));
}

static void test_received(void **state)
{
	struct fake *f = *state;
	const struct frames_seen *seen = frames_seen(f->frames);
	const struct frames_stream *s;

	/* SETTINGS and their acknowledgement, an unknown frame, the answer in four frames, RST_STREAM, GOAWAY. */
	say(f, TEXT("\0\0\x0c\4\0\0\0\0\0\0\3\0\0\0\x20\0\6\0\0\x10\0"
		    "\0\0\0\4\1\0\0\0\0"
		    "\0\0\1\xfa\0\0\0\0\0x"
		    "\0\0\0\1\0\0\0\0\1"
		    "\0\0\1\x09\4\0\0\0\1\x88"
		    "\0\0\4\0\x08\0\0\0\1\2a\0\0"
		    "\0\0\2\0\1\0\0\0\1bc"
		    "\0\0\4\3\0\0\0\0\3\0\0\0\7"
		    "\0\0\x08\7\0\0\0\0\0\0\0\0\0\0\0\0\1"));
	while (!seen->goaway)
		assert_int_equal(frames_take(f->frames, soon()), WIRE_NONE);
	s = frames_stream(f->frames, 1);
	assert_non_null(s);
	assert_int_equal(s->response.status, 200);
	assert_int_equal(s->response.body.len, 3);
	assert_memory_equal(s->response.body.data, "abc", 3);
	assert_true(s->ended && !s->reset);
	assert_true(frames_stream(f->frames, 3)->reset);
	assert_int_equal(frames_stream(f->frames, 3)->reset_code, CODE_REFUSED_STREAM);
	assert_null(frames_stream(f->frames, 5));
	assert_int_equal(seen->settings, 1);
	assert_int_equal(seen->settings_acks, 1);
	assert_int_equal(seen->max_streams, 32);
	assert_int_equal(seen->max_fields, 4096);
	assert_int_equal(seen->goaway_code, CODE_PROTOCOL_ERROR);
	assert_false(seen->broken);
	(void)shutdown(f->fd, SHUT_WR);
	assert_int_equal(frames_take(f->frames, soon()), WIRE_CLOSED);
}

static void test_broken(void **state)
{
	static const struct {
		const char *octets;
		size_t len;
	} cases[] = {
	    {TEXT("HTTP/1.1 400 Bad Request\r\n\r\n")},
	    {TEXT("\0\x40\1\0\0\0\0\0\1")}, /* longer than we take */
	    {TEXT("\0\0\3\3\0\0\0\0\1\0\0\0")}, /* RST_STREAM of three octets */
	    {TEXT("\0\0\1\0\x08\0\0\0\1\1")}, /* more padding than octets */
	    {TEXT("\0\0\1\1\5\0\0\0\1\x80")}, /* HPACK's index 0 */
	    {TEXT("\0\0\1\x09\4\0\0\0\1\x88")}, /* CONTINUATION of nothing */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		void *one;
		struct fake *f;

		fake_up(&one);
		f = one;
		say(f, cases[i].octets, cases[i].len);
		assert_int_equal(frames_take(f->frames, soon()), WIRE_NONE);
		if (!frames_seen(f->frames)->broken)
			fail_msg("case %zu is taken for HTTP/2", i);
		fake_down(&one);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_scripts),
	    cmocka_unit_test(test_guard),
	    cmocka_unit_test_setup_teardown(test_sent, fake_up, fake_down),
	    cmocka_unit_test_setup_teardown(test_windows, fake_up, fake_down),
	    cmocka_unit_test_setup_teardown(test_received, fake_up, fake_down),
	    cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
