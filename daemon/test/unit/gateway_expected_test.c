/*
 * Goal: what the gateway as a client expects of a peer by what came before, with a server that the test plays frame by frame.
 *  - what goes to a peer that took us when it was last reached does not wait for its SETTINGS; it does again once that peer ended a
 *    connection without them
 *  - a connection on which two answers are late ends, unless something came between, or shortly before, where both were asked for
 *    together
 *  - a peer that could not be reached is called until a connection is open, though nothing more is to go; and not any more once it
 *    answered in another way
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_calling.h"

#include "daemon/base/clock.h"

#define HANDSHAKE_MS 200
#define ANSWER_MS 200
#define CALL_MS 300
#define DOUBT_MS 200
#define LISTEN_MS 20
#define STEP_MS 60

/* --- a peer that took us ----------------------------------------------------------------------------- */

/* A connection that the server has not said its SETTINGS on: does what is delivered come? */
static bool comes_at_once(struct fixture *f)
{
	unsigned before = f->node.deliveries;
	bool came;

	deliver(f);
	take(f, &f->raw);
	for (size_t i = 0; i < 10 && f->raw.ended == 0; i++) {
		rig_settle(&f->rig);
		raw_poll(&f->raw);
	}
	came = f->raw.ended == 1;
	raw_end(&f->raw);
	rig_until(&f->rig, f->node.deliveries == before + 1);
	memset(&f->raw, 0, sizeof f->raw);
	rig_settle(&f->rig);
	return came;
}

static void trusted(void **state)
{
	struct fixture *f = *state;

	assert_false(comes_at_once(f));
	ends(f, 1, true);
	assert_true(comes_at_once(f));
	assert_false(comes_at_once(f));
	ends(f, 1, false);
	assert_true(comes_at_once(f));
}

/* No more than every peer allows; the rest once it has said how many. */
static void trusted_with_few(void **state)
{
	struct fixture *f = *state;

	ends(f, 1, true);
	for (unsigned i = 0; i <= GATEWAY_STREAMS_SURE; i++)
		deliver(f);
	take(f, &f->raw);
	until(&f->raw, f->raw.ended == GATEWAY_STREAMS_SURE);
	for (size_t i = 0; i < 10; i++) {
		rig_settle(&f->rig);
		raw_poll(&f->raw);
	}
	assert_int_equal(f->raw.ended, GATEWAY_STREAMS_SURE);
	raw_frame(&f->raw, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
	until(&f->raw, f->raw.ended == GATEWAY_STREAMS_SURE + 1);
	raw_end(&f->raw);
	rig_until(&f->rig, f->node.deliveries == 1 + GATEWAY_STREAMS_SURE + 1);
}

/* It ends the handshake each time and says nothing then: that is contact once, and not each time that it is called. */
static void trusted_in_vain(void **state)
{
	struct fixture *f = *state;

	f->node.times.handshake_ms = HANDSHAKE_MS;
	f->node.times.call_ms = CALL_MS;
	restart(f);
	ends(f, 1, true);
	deliver(f);
	take(f, &f->raw);
	until(&f->raw, f->raw.ended == 1);
	rig_until(&f->rig, f->node.deliveries == 2);
	assert_string_equal(f->node.delivery.transport, "handshake not finished in time");
	until(&f->raw, f->raw.closed);
	assert_int_equal(f->node.contacts, 2);
	take(f, &f->next);
	until(&f->next, f->next.closed);
	assert_int_equal(f->node.contacts, 2);
	raw_end(&f->raw);
	raw_end(&f->next);
}

/* --- answers that are late ------------------------------------------------------------------------- */

/* What is delivered has no answer in time. */
static void is_late(struct fixture *f, struct raw *w)
{
	unsigned before = f->node.deliveries, ended = w->ended;

	deliver(f);
	until(w, w->ended == ended + 1);
	rig_until(&f->rig, f->node.deliveries == before + 1);
	assert_string_equal(f->node.delivery.transport, "no answer in time");
}

static void answers_within(struct fixture *f, int64_t ms)
{
	f->node.times.answer_ms = ms;
	f->node.times.doubt_ms = DOUBT_MS;
	f->node.times.listen_ms = LISTEN_MS;
	restart(f);
}

static void late(void **state)
{
	struct fixture *f = *state;

	answers_within(f, ANSWER_MS);
	deliver(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.ended == 1);
	rig_until(&f->rig, f->node.deliveries == 1);
	raw_frame(&f->raw, NGHTTP2_PING, 0, 0, "01234567", 8); /* it speaks, and stays */
	is_late(f, &f->raw);
	goes_on(f, &f->raw, 3);
	is_late(f, &f->raw);
	is_late(f, &f->raw);
	until(&f->raw, f->raw.closed);
	raw_end(&f->raw);
}

/* Two that were asked for together are late together: to a third there was an answer shortly before. */
static void late_together(void **state)
{
	struct fixture *f = *state;
	int64_t begun;

	answers_within(f, 10LL * STEP_MS);
	deliver(f);
	serve(f, &f->raw);
	until(&f->raw, f->raw.ended == 1);
	begun = clock_mono_ms();
	for (unsigned i = 2; i <= 3; i++) {
		deliver(f);
		until(&f->raw, f->raw.ended == i);
	}
	until(&f->raw, clock_mono_ms() >= begun + 7LL * STEP_MS);
	give_answer(&f->raw, f->raw.last_stream);
	rig_until(&f->rig, f->node.deliveries == 1);
	assert_int_equal(f->node.delivery.outcome, 0);
	rig_until(&f->rig, f->node.deliveries == 3);
	assert_string_equal(f->node.delivery.transport, "no answer in time");
	goes_on(f, &f->raw, 4);
	raw_end(&f->raw);
}

/* --- a peer that is away ----------------------------------------------------------------------------- */

/* The peer says nothing to what is delivered, and nothing more is to go. */
static void away(struct fixture *f)
{
	int fd;

	f->node.times.handshake_ms = HANDSHAKE_MS;
	f->node.times.call_ms = CALL_MS;
	restart(f);
	deliver(f);
	rig_until(&f->rig, (fd = came(f)) >= 0);
	rig_until(&f->rig, f->node.deliveries == 1);
	assert_string_equal(f->node.delivery.transport, "handshake not finished in time");
	close(fd);
	assert_int_equal(f->node.contacts, 0);
}

static void called(void **state)
{
	struct fixture *f = *state;

	away(f);
	serve(f, &f->raw);
	rig_until(&f->rig, f->node.contacts == 1);
	goes_on(f, &f->raw, 2);
	raw_end(&f->raw);
}

/* What is delivered before it would be called finds it there, and not as it is to be. */
static void not_called(void **state)
{
	struct fixture *f = *state;
	int64_t called_ms;
	int fd;

	away(f);
	called_ms = clock_mono_ms() + CALL_MS + LISTEN_MS;
	deliver(f);
	rig_until(&f->rig, (fd = came(f)) >= 0);
	close(fd);
	rig_until(&f->rig, f->node.deliveries == 2);
	assert_string_equal(f->node.delivery.transport, "closed before the answer");
	rig_until(&f->rig, clock_mono_ms() > called_ms);
	assert_int_equal(came(f), -1);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(trusted),
	    TEST(trusted_with_few),
	    TEST(trusted_in_vain),
	    TEST(late),
	    TEST(late_together),
	    TEST(called),
	    TEST(not_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
