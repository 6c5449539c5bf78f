/*
 * dispatch: over a real work queue `taken` comes first and the answer second, for the registry and for
 * the desk alike; the register that
 * travels with a request is used; a request without a handler, or with a register that is none, is
 * refused; the requests that have a handler are these and no other.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_fixture.h"

#include <sys/socket.h>

#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/sealer/dispatch.h"
#include "daemon/test/unit/pump.h"
#include "protocol/init.h"

#define NUMBER 3 /* of the sealer */

static struct test_state a, b;

static struct {
	struct loop *loop;
	struct link *client, *sealer;
	int rc; /* of dispatch_request */
	unsigned taken, answered, ended;
	uint32_t result;
} t;

static void on_request(void *arg, struct link *l, const struct link_message *m)
{
	(void)arg;
	t.rc = dispatch_request(a.node, NUMBER, l, m);
	if (t.rc == 0)
		return;
	t.ended = 1;
	t.sealer = NULL;
	link_free(l);
}

static void on_answer(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_taken *taken = m->body;
	const uint32_t *result = m->body;

	(void)arg;
	(void)l;
	if (m->type == IPC_taken || m->type == IPC_desk_taken) {
		assert_int_equal(t.answered, 0);
		assert_int_equal(taken->number, NUMBER);
		t.taken++;
		return;
	}
	t.answered++;
	t.result = *result;
}

static void on_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	(void)why;
}

static struct link *new_end(int fd, enum ipc_role self, enum ipc_role peer, link_handler *handler)
{
	struct link *l = NULL;
	struct link_config config = {.fd = fd,
	    .self = self,
	    .peer = peer,
	    .shared = true,
	    .handler = handler,
	    .closed = on_closed};

	assert_int_equal(link_new(&l, t.loop, &config), 0);
	return l;
}

static int set_up_for(enum ipc_role client)
{
	int fds[2];

	assert_int_equal(rxp_init(), 0);
	state_new(&a, "QRA");
	state_new(&b, "QRB");
	memset(&t, 0, sizeof t);
	assert_int_equal(loop_new(&t.loop), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	t.client = new_end(fds[0], client, IPC_SEALER, on_answer);
	t.sealer = new_end(fds[1], IPC_SEALER, client, on_request);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	return set_up_for(IPC_REGISTRY);
}

static int set_up_desk(void **state)
{
	(void)state;
	return set_up_for(IPC_DESK);
}

static int tear_down(void **state)
{
	(void)state;
	link_free(t.client);
	link_free(t.sealer);
	loop_free(t.loop);
	state_free(&a);
	state_free(&b);
	rxp_cleanup();
	return 0;
}

static void taken_then_answered(void **state)
{
	const struct msg_make_key q = {0};

	(void)state;
	assert_int_equal(link_request(t.client, IPC_make_key, &q, NULL, 0, NULL), 0);
	assert_true(pump_until(t.loop, &t.answered));
	assert_int_equal(t.taken, 1);
	assert_int_equal(t.result, 0);
}

static void desk_is_answered(void **state)
{
	const struct msg_check q = {.body = {(const uint8_t *)"x", 1}};

	(void)state;
	assert_int_equal(link_request(t.client, IPC_check, &q, NULL, 0, NULL), 0);
	assert_true(pump_until(t.loop, &t.answered));
	assert_int_equal(t.taken, 1);
	assert_int_equal((int)t.result, RXP_ERR_SYNTAX);
}

static int register_file(int seals)
{
	struct rxp_buf rows;
	int fd;

	rxp_buf_init(&rows, REGISTER_MAX_OCTETS);
	put_head(&rows, "QRA", 1);
	put_peer(&rows, &b, 0);
	fd = memory_file(&rows, seals);
	rxp_buf_free(&rows);
	return fd;
}

static void ask_to_check(int fd)
{
	struct msg_check_answer q = {
	    .register_number = 1, .peer = "QRB", .octets = {(const uint8_t *)"x", 1}};

	assert_int_equal(link_request(t.client, IPC_check_answer, &q, &fd, 1, NULL), 0);
	close(fd);
}

static void register_travels(void **state)
{
	struct register_seals seals;

	(void)state;
	ask_to_check(register_file(ALL_SEALS));
	assert_true(pump_until(t.loop, &t.answered));
	assert_int_not_equal(t.result, 0);
	register_seals(a.node->peers, "QRB", NOW_MS, &seals);
	assert_int_equal(seals.n, 1);
}

static void unsealed_register(void **state)
{
	(void)state;
	ask_to_check(register_file(F_SEAL_SHRINK));
	assert_true(pump_until(t.loop, &t.ended));
	assert_int_equal(t.rc, RXP_ERR_STATE);
	assert_int_equal(t.answered, 0);
}

static const enum ipc_type handled[] = {IPC_make_key, IPC_seal_working, IPC_check_descriptor,
    IPC_renew_descriptor, IPC_escrow, IPC_rewrap, IPC_open, IPC_seal_answer, IPC_reseal_answer,
    IPC_close, IPC_rekey, IPC_restore, IPC_check_answer, IPC_ticket, IPC_check, IPC_read,
    IPC_attachment_key, IPC_attachment_ticket, IPC_segment_seal, IPC_segment_open, IPC_open_terms,
    IPC_read_correction, IPC_seal_container, IPC_join_descriptor, IPC_seal_log_page,
    IPC_check_log_page};

/* dispatch_request() refuses before it sends anything, so that no request is needed. */
static void handled_types(void **state)
{
	size_t known = 0;

	(void)state;
	for (size_t i = 0; i < sizeof handled / sizeof handled[0]; i++)
		assert_true(dispatch_knows(handled[i]));
	for (int type = IPC_NONE; type <= IPC_TYPES; type++) {
		struct link_message m = {.type = (enum ipc_type)type};

		if (dispatch_knows(m.type))
			known++;
		else
			assert_int_equal(
			    dispatch_request(a.node, NUMBER, t.sealer, &m), RXP_ERR_STATE);
	}
	assert_int_equal(known, sizeof handled / sizeof handled[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(taken_then_answered, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(desk_is_answered, set_up_desk, tear_down),
	    cmocka_unit_test_setup_teardown(register_travels, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(unsealed_register, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(handled_types, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
