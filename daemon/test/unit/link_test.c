/*
 * Goal of this test:
 * - messages of every size come over, inline and in memory files, with their descriptors;
 * - windows: the sender is refused; an answer makes room;
 * - what the socket does not take waits and comes in order;
 * - a link may be freed in its own functions; pausing; end of file; flush.
 */
#include "daemon/test/unit/link_pair.h"

#include <fcntl.h>
#include <sys/mman.h>

static int admit(struct pair *p, size_t len, int64_t ms)
{
	const struct msg_admit m = {.party = "QMA", .received_ms = ms, .envelope = {big, len}};

	return link_request(p->gateway.link, IPC_admit, &m, NULL, 0, NULL);
}

static void sizes(void **state)
{
	static const size_t lens[] = {
	    0, 1, 16000, IPC_INLINE_MAX - 15, IPC_INLINE_MAX - 14, 262144, IPC_MESSAGE_MAX - 15};
	struct pair *p = *state;

	p->registry.answer = true;
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		p->registry.got = p->gateway.got = 0;
		assert_int_equal(admit(p, lens[i], 1), 0);
		assert_true(pump_until(p->loop, &p->gateway.got));
		assert_int_equal(p->registry.last_len, lens[i]);
		assert_true(p->registry.big_ok);
	}
	assert_int_equal(admit(p, IPC_MESSAGE_MAX - 14, 1), RXP_ERR_BOUND);
	assert_int_equal(p->registry.closed, 0);
}

static void windows(void **state)
{
	struct pair *p = *state;
	unsigned window = ipc_row(IPC_admit)->window;
	const struct msg_admitted answer = {.http_status = 200};

	p->registry.want = window;
	for (unsigned i = 0; i < window; i++) {
		assert_true(link_has_room(p->gateway.link, IPC_admit));
		/* Large ones, more than a socket holds. */
		assert_int_equal(admit(p, 15000, i + 1), 0);
	}
	assert_false(link_has_room(p->gateway.link, IPC_admit));
	assert_int_equal(admit(p, 1, 0), RXP_ERR_FULL);
	assert_true(pump_until(p->loop, &p->enough));
	assert_true(p->registry.order_ok);
	assert_int_equal(
	    link_answer(p->registry.link, IPC_admitted, p->registry.open[3], &answer, NULL, 0), 0);
	assert_true(pump_until(p->loop, &p->gateway.got));
	assert_true(link_has_room(p->gateway.link, IPC_admit));
	assert_int_equal(admit(p, 1, 0), 0);
	assert_int_equal(admit(p, 1, 0), RXP_ERR_FULL);
}

static void notices_are_bounded(void **state)
{
	struct pair *p = *state;
	const struct msg_contact contact = {.party = "QMA"};
	unsigned sent = 0;

	while (link_request(p->gateway.link, IPC_contact, &contact, NULL, 0, NULL) == 0)
		sent++;
	assert_true(sent >= LINK_NOTICES_MAX);
	p->registry.want = sent;
	assert_true(pump_until(p->loop, &p->enough));
	assert_true(link_has_room(p->gateway.link, IPC_contact));
}

static void paused(void **state)
{
	struct pair *p = *state;

	link_pause(p->registry.link, true);
	assert_int_equal(admit(p, 10, 1), 0);
	pump_for(p->loop, 20);
	assert_int_equal(p->registry.got, 0);
	link_pause(p->registry.link, false);
	assert_true(pump_until(p->loop, &p->registry.got));
	link_pause(p->registry.link, true);
	link_free(p->gateway.link);
	p->gateway.link = NULL;
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
}

static void end_of_file(void **state)
{
	struct pair *p = *state;

	/* What was sent before the end still arrives. */
	assert_int_equal(admit(p, 100000, 1), 0);
	link_free(p->gateway.link);
	p->gateway.link = NULL;
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.got, 1);
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
}

/* An end that goes without having read what it was told: what it said before arrives all the same. */
static void last_words(void **state)
{
	struct pair *p = *state;
	const struct msg_pins unread = {.rows = {NULL, 0}};

	assert_int_equal(link_request(p->registry.link, IPC_pins, &unread, NULL, 0, NULL), 0);
	assert_int_equal(link_flush(p->registry.link, 1000), 0);
	assert_int_equal(admit(p, 10, 1), 0);
	assert_int_equal(link_flush(p->gateway.link, 1000), 0);
	link_free(p->gateway.link);
	p->gateway.link = NULL;
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.got, 1);
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
}

/* An end that is told something before it is read that it went: what it said arrives all the same. */
static void last_words_of_one_told(void **state)
{
	struct pair *p = *state;
	const struct msg_pins told = {.rows = {NULL, 0}};

	assert_int_equal(admit(p, 10, 1), 0);
	assert_int_equal(admit(p, 10, 2), 0);
	assert_int_equal(link_flush(p->gateway.link, 1000), 0);
	link_free(p->gateway.link);
	p->gateway.link = NULL;
	assert_int_equal(link_request(p->registry.link, IPC_pins, &told, NULL, 0, NULL), 0);
	assert_int_equal(link_flush(p->registry.link, 1000), RXP_ERR_CLOSED);
	assert_true(pump_until(p->loop, &p->registry.closed));
	assert_int_equal(p->registry.got, 2);
	assert_int_equal(p->registry.why, RXP_ERR_CLOSED);
}

static void freed_in_handler(void **state)
{
	struct pair *p = *state;

	p->registry.free_in_handler = true;
	assert_int_equal(admit(p, 100000, 1), 0);
	assert_int_equal(admit(p, 10, 2), 0);
	assert_true(pump_until(p->loop, &p->gateway.closed));
	assert_int_equal(p->registry.got, 1);
	assert_int_equal(p->registry.closed, 0);
}

static void flush(void **state)
{
	struct pair *p = *state;
	const struct msg_contact contact = {.party = "QMA"};

	while (link_request(p->gateway.link, IPC_contact, &contact, NULL, 0, NULL) == 0)
		continue;
	assert_int_equal(link_flush(p->gateway.link, 10), RXP_ERR_TIMEOUT);
	link_free(p->registry.link);
	p->registry.link = NULL;
	assert_int_equal(link_flush(p->gateway.link, 1000), RXP_ERR_CLOSED);
}

/* --- descriptors: registry to sealer ----------------------------------------------------------- */

static void on_open(void *arg, struct link *l, const struct link_message *m)
{
	struct end *e = arg;
	struct msg_taken taken = {.number = 1};
	struct msg_opened opened = {.result = 0};

	assert_int_equal(m->n_fds, 1);
	e->fd = m->fds[0];
	assert_int_equal(fcntl(e->fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fstat(e->fd, &e->st), 0);
	assert_int_equal(link_answer(l, IPC_taken, m->request, &taken, NULL, 0), 0);
	assert_int_equal(link_answer(l, IPC_opened, m->request, &opened, NULL, 0), 0);
	e->got++;
}

static void on_opened(void *arg, struct link *l, const struct link_message *m)
{
	struct end *e = arg;

	(void)l;
	if (m->type == IPC_opened)
		e->got++;
}

static void descriptors(void **state)
{
	struct end client = {0}, sealer = {.fd = -1};
	struct loop *loop;
	struct msg_open open_message = {.party = "QMA"};
	struct link_config config = {.shared = true, .closed = on_closed};
	int sockets[2];
	int memory = memfd_create("register", 0);
	struct stat st;

	(void)state;
	assert_int_equal(loop_new(&loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	config.fd = sockets[0];
	config.self = IPC_REGISTRY;
	config.peer = IPC_SEALER;
	config.handler = on_opened;
	config.arg = &client;
	assert_int_equal(link_new(&client.link, loop, &config), 0);
	config.fd = sockets[1];
	config.self = IPC_SEALER;
	config.peer = IPC_REGISTRY;
	config.handler = on_open;
	config.arg = &sealer;
	assert_int_equal(link_new(&sealer.link, loop, &config), 0);
	assert_int_equal(link_request(client.link, IPC_open, &open_message, &memory, 1, NULL), 0);
	assert_true(pump_until(loop, &client.got));
	/* The same file there, and closed after the handler. */
	assert_int_equal(fstat(memory, &st), 0);
	assert_int_equal(st.st_ino, sealer.st.st_ino);
	assert_int_equal(fcntl(sealer.fd, F_GETFD), -1);
	close(memory);
	link_free(client.link);
	link_free(sealer.link);
	loop_free(loop);
}

#define WITH_BOTH(f) cmocka_unit_test_setup_teardown(f, setup_both, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_BOTH(sizes),
	    WITH_BOTH(windows),
	    WITH_BOTH(notices_are_bounded),
	    WITH_BOTH(paused),
	    WITH_BOTH(end_of_file),
	    WITH_BOTH(last_words),
	    WITH_BOTH(last_words_of_one_told),
	    WITH_BOTH(freed_in_handler),
	    WITH_BOTH(flush),
	    cmocka_unit_test(descriptors),
	};

	return cmocka_run_group_tests(tests, pair_big, pair_small);
}
