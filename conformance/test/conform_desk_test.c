/*
 * Goals, with a product that gives what a test tells it:
 * - what the desk had sent is receipted, and is what comes of it;
 * - what the State had answered already is not taken for that, also if it comes for another post: it gets the stored answer, octet for
 *   octet, and the next one is taken;
 * - nor is a document of another case, which is receipted all the same;
 * - where nothing else comes it is said what did not come.
 *
 * links: conform
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/message/history.h"
#include "conformance/run/desk.h"
#include "conformance/run/line.h"
#include "conformance/state/moment.h"
#include "conformance/state/state.h"
#include "conformance/test/world.h"
#include "conformance/wire/host.h"

#define WAIT_MS 1000
#define SOME 4
#define TYPE "application/rxp+xml"
#define CASE "CHN-005.R.p1"

/* --- the product ------------------------------------------------------------------------------ */

struct shelf {
	struct host *host;
	const struct keypair *key;
	const struct draft
	    *gives[SOME]; /* one behind the other, each until an answer to it is posted */
	size_t next;
	struct rxp_buf answers[SOME];
};

static void greet(void *arg, struct greeting *out)
{
	out->credential = ((struct shelf *)arg)->key;
}

static bool at_head(void *arg, const struct host_request *r)
{
	(void)arg;
	(void)r;
	return false;
}

static void request(void *arg, const struct host_request *r, struct host_reply *out)
{
	struct shelf *s = arg;
	const struct draft *d = s->next < SOME ? s->gives[s->next] : NULL;

	*out = (struct host_reply){.status = 204};
	if (strcmp(r->method, "POST") == 0) {
		assert_non_null(d);
		assert_string_equal(r->path, "/rxp/1/answers");
		assert_int_equal(rxp_buf_put(&s->answers[s->next++], r->body.data, r->body.len), 0);
	} else if (d != NULL) {
		*out = (struct host_reply){.status = 200,
		    .type = TYPE,
		    .body = d->envelope.data,
		    .body_len = d->envelope.len};
	}
}

static void over(void *arg, const struct guest_facts *facts, enum wire_end why)
{
	(void)arg;
	(void)facts;
	(void)why;
}

static void serve(void *arg)
{
	host_turn(((struct shelf *)arg)->host, tls_now_ms());
}

/* --- the suite before it ---------------------------------------------------------------------- */

struct scene {
	const struct world *w;
	struct shelf shelf;
	struct target target;
	struct wire_aside aside;
	char at[TLS_AUTHORITY], endpoint[TLS_AUTHORITY + sizeof "https://"];
	struct line line;
	struct desk *desk;
	struct draft made[SOME], wanted;
	struct history history;
};

static void begin(struct scene *s, const struct world *w)
{
	static const struct history none;
	const struct host_calls calls = {greet, at_head, request, over, &s->shelf};

	*s = (struct scene){.w = w, .shelf = {.key = &w->other->tls}, .history = none};
	for (size_t i = 0; i < SOME; i++) {
		rxp_buf_init(&s->shelf.answers[i], HOST_MAX_BODY);
		assert_int_equal(
		    draft_begin(&s->made[i], &w->back, BASE_OPENS, moment_now_ms()), 0);
		assert_int_equal(draft_make(&s->made[i], NULL), 0);
	}
	assert_int_equal(draft_begin(&s->wanted, &w->parties, BASE_OPENS, moment_now_ms()), 0);
	(void)world_address(s->at);
	(void)snprintf(s->endpoint, sizeof s->endpoint, "https://%s", s->at);
	assert_int_equal(host_open(&s->shelf.host, s->at, &calls), WIRE_NONE);
	s->aside = (struct wire_aside){host_fd(s->shelf.host), serve, &s->shelf};
	s->target = (struct target){.parties = &w->parties,
	    .endpoint = s->endpoint,
	    .wait_ms = WAIT_MS,
	    .aside = &s->aside};
	s->line = (struct line){.target = &s->target};
	assert_int_equal(desk_open(&s->desk, &s->target, "true", w->folder), 0);
}

static void end(struct scene *s)
{
	line_hang_up(&s->line);
	desk_close(s->desk);
	host_free(s->shelf.host);
	for (size_t i = 0; i < SOME; i++) {
		rxp_buf_free(&s->shelf.answers[i]);
		draft_clear(&s->made[i]);
	}
	draft_clear(&s->wanted);
	world_forget(s->w);
}

/* What is asked for comes, and is that one. */
static void comes(struct scene *s, const struct draft *d)
{
	char why[OUTCOME_WHY] = "";
	struct heard *came = NULL;

	assert_int_equal(
	    desk_send(s->desk, &s->line, CASE, &s->wanted, &s->history, &came, why), 0);
	assert_memory_equal(came->message_id, d->header.outer.message_id, sizeof came->message_id);
	heard_free(came);
}

static void comes_not(struct scene *s)
{
	char why[OUTCOME_WHY] = "";
	struct heard *came = NULL;

	assert_int_equal(
	    desk_send(s->desk, &s->line, CASE, &s->wanted, &s->history, &came, why), 1);
	assert_null(came);
	assert_non_null(strstr(why, "ReadmissionApplication"));
}

/* --- the tests -------------------------------------------------------------------------------- */

static void test_comes(void **state)
{
	struct scene s;

	begin(&s, *state);
	s.shelf.gives[0] = &s.made[0];
	comes(&s, &s.made[0]);
	assert_int_equal(s.shelf.next, 1);
	assert_true(s.shelf.answers[0].len > 0);
	end(&s);
}

/* The post of the answer did not come to the product: it gives the message again, and then what is asked for. */
static void test_answered_already(void **state)
{
	struct scene s;

	begin(&s, *state);
	s.shelf.gives[0] = s.shelf.gives[1] = &s.made[0];
	s.shelf.gives[2] = &s.made[1];
	comes(&s, &s.made[0]);
	comes(&s, &s.made[1]);
	assert_int_equal(s.shelf.next, 3);
	assert_int_equal(s.shelf.answers[1].len, s.shelf.answers[0].len);
	assert_memory_equal(
	    s.shelf.answers[1].data, s.shelf.answers[0].data, s.shelf.answers[0].len);
	end(&s);
}

static void test_nothing_else(void **state)
{
	struct scene s;

	begin(&s, *state);
	s.shelf.gives[0] = s.shelf.gives[1] = &s.made[0];
	comes(&s, &s.made[0]);
	comes_not(&s);
	assert_int_equal(s.shelf.next, 2);
	end(&s);
}

static void test_of_another_case(void **state)
{
	struct scene s;

	begin(&s, *state);
	s.history.n = 1;
	s.history.header = s.made[1].header;
	s.shelf.gives[0] = &s.made[0];
	s.shelf.gives[1] = &s.made[1];
	comes(&s, &s.made[1]);
	assert_int_equal(s.shelf.next, 2);
	assert_true(s.shelf.answers[0].len > 0);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_comes),
	    cmocka_unit_test(test_answered_already),
	    cmocka_unit_test(test_nothing_else),
	    cmocka_unit_test(test_of_another_case),
	};

	(void)signal(SIGPIPE, SIG_IGN); /* as the suite does: the other end may be gone */
	return cmocka_run_group_tests(tests, world_make, world_end);
}
