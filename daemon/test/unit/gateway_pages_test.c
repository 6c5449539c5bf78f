/*
 * Goals of pages of logs at the gateway (RXP-HTTP-008, RXP-LOG-004):
 *  - between two gateways: what the other's registry gave, as large as it may be, for the party of the connection and the
 *    entry asked for; a page that is too large or a status that is none becomes 503
 *  - the path is taken in its one form, and any other is unknown, or another method not allowed
 *  - one question of a party at a time; one that is given up is answered by nobody, and the next is asked
 *
 * links: gateway
 */
#include "daemon/test/unit/gateway_raw.h"

#include <signal.h>
#include <stdlib.h>

#include "daemon/gateway/pages.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

struct fixture {
	struct rig rig;
	struct node a, b;
	unsigned asked, fetched;
	struct msg_log_get get; /* what b's registry was asked last */
	uint64_t get_number;
	struct msg_log_fetched last; /* octets.data is not kept */
	uint8_t first;
};

static struct fixture *of_node(struct node *n, size_t offset)
{
	return (struct fixture *)(void *)((char *)n - offset);
}

static void at_a(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = of_node(arg, offsetof(struct fixture, a));

	(void)l;
	assert_int_equal(m->type, IPC_log_fetched);
	memcpy(&f->last, m->body, sizeof f->last);
	f->first = f->last.octets.len > 0 ? f->last.octets.data[0] : 0;
	f->fetched++;
}

static void at_b(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = of_node(arg, offsetof(struct fixture, b));

	(void)l;
	assert_int_equal(m->type, IPC_log_get);
	memcpy(&f->get, m->body, sizeof f->get);
	f->get_number = m->request;
	f->asked++;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	signal(SIGPIPE, SIG_IGN);
	rig_init(&f->rig);
	node_init(&f->a, &f->rig, "QRA");
	node_init(&f->b, &f->rig, "QRB");
	nodes_introduce(&f->a, &f->b);
	f->a.more = at_a;
	f->b.more = at_b;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	node_end(&f->a);
	node_end(&f->b);
	rig_end(&f->rig);
	free(f);
	return 0;
}

static void ask(struct fixture *f, uint64_t after)
{
	const struct msg_fetch_log m = {.peer = "QRB", .after = after};

	assert_int_equal(link_request(f->a.link, IPC_fetch_log, &m, NULL, 0, NULL), 0);
}

static void give(struct fixture *f, unsigned status, const uint8_t *octets, size_t len)
{
	const struct msg_log_got m = {.http_status = status, .page = {octets, len}};

	assert_int_equal(link_answer(f->b.link, IPC_log_got, f->get_number, &m, NULL, 0), 0);
}

static void assert_fetched(struct fixture *f, unsigned n, unsigned status, size_t len)
{
	rig_until(&f->rig, f->fetched == n);
	assert_int_equal(f->last.outcome, 0);
	assert_int_equal(f->last.http_status, status);
	assert_int_equal(f->last.octets.len, len);
}

static void between_two(void **state)
{
	struct fixture *f = *state;
	uint8_t *octets = calloc(1, RXP_MAX_LOG_PAGE_OCTETS + 1);

	octets[0] = '<';
	ask(f, INT64_MAX);
	rig_until(&f->rig, f->asked == 1);
	assert_string_equal(f->get.party, "QRA");
	assert_true(f->get.after == INT64_MAX);
	give(f, 200, octets, RXP_MAX_LOG_PAGE_OCTETS);
	assert_fetched(f, 1, 200, RXP_MAX_LOG_PAGE_OCTETS);
	assert_int_equal(f->first, '<');
	ask(f, 0);
	rig_until(&f->rig, f->asked == 2);
	assert_true(f->get.after == 0);
	give(f, 200, octets, RXP_MAX_LOG_PAGE_OCTETS + 1);
	assert_fetched(f, 2, 503, 0);
	ask(f, 1);
	rig_until(&f->rig, f->asked == 3);
	give(f, 7, octets, 1);
	assert_fetched(f, 3, 503, 0);
	ask(f, 1);
	rig_until(&f->rig, f->asked == 4);
	give(f, 503, NULL, 0);
	assert_fetched(f, 4, 503, 0);
	free(octets);
}

static void one_at_a_time(void **state)
{
	struct fixture *f = *state;

	ask(f, 1);
	rig_until(&f->rig, f->asked == 1);
	ask(f, 2);
	assert_fetched(f, 1, 503, 0);
	assert_int_equal(f->asked, 1);
	give(f, 200, (const uint8_t *)"<x/>", 4);
	assert_fetched(f, 2, 200, 4);
	ask(f, 3);
	rig_until(&f->rig, f->asked == 2);
	assert_true(f->get.after == 3);
}

/* The peer goes while its page is made. */
static void given_up(void **state)
{
	struct fixture *f = *state;

	ask(f, 1);
	rig_until(&f->rig, f->asked == 1);
	node_down(&f->a);
	rig_settle(&f->rig);
	give(f, 200, (const uint8_t *)"<x/>", 4);
	rig_settle(&f->rig);
	node_up(&f->a);
	nodes_introduce(&f->a, &f->b);
	ask(f, 2);
	rig_until(&f->rig, f->asked == 2);
}

static void paths(void **state)
{
	static const struct {
		const char *path;
		bool is;
		uint64_t after;
	} rows[] = {
	    {"/rxp/1/log?after=0", true, 0},
	    {"/rxp/1/log?after=512", true, 512},
	    {"/rxp/1/log?after=9223372036854775807", true, INT64_MAX},
	    {"/rxp/1/log?after=9223372036854775808", false, 0},
	    {"/rxp/1/log?after=18446744073709551616", false, 0},
	    {"/rxp/1/log?after=00", false, 0},
	    {"/rxp/1/log?after=01", false, 0},
	    {"/rxp/1/log?after=+1", false, 0},
	    {"/rxp/1/log?after=-1", false, 0},
	    {"/rxp/1/log?after=", false, 0},
	    {"/rxp/1/log?after=1&after=2", false, 0},
	    {"/rxp/1/log?after=1x", false, 0},
	    {"/rxp/1/log?After=1", false, 0},
	    {"/rxp/1/log", false, 0},
	    {"/rxp/1/log?", false, 0},
	    {"/rxp/1/logs?after=1", false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t after = 77;

		assert_int_equal(pages_after(&after, rows[i].path), rows[i].is);
		if (rows[i].is)
			assert_true(after == rows[i].after);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(between_two),
	    TEST(one_at_a_time),
	    TEST(given_up),
	    cmocka_unit_test(paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
