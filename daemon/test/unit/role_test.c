/*
 * Goal of this test: a role in a child process, its parent played here:
 * - it says ready, gets messages, and ends with status 0 when the parent's link closes;
 * - its last words arrive although it ends at once;
 * - only descriptors that were given count as open, whatever number the process opens itself;
 * - a file is read from its start, whoever read it before; a bound is kept;
 * - wrong arguments and a missing link end it with the documented statuses.
 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/packet.h"
#include "daemon/base/role.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define FD_FILE ROLE_FD_FIRST
#define FD_NOT_GIVEN (ROLE_FD_FIRST + 1)
#define STATUS_ASKED 7
#define STATUS_WRONG 90

static struct role role;

static void on_parent(void *arg, struct link *l, const struct link_message *m)
{
	(void)arg;
	if (m->type != IPC_gateway_config)
		_exit(STATUS_WRONG);
	if (link_request(
		l, IPC_gateway_ready, &(struct msg_gateway_ready){.pid = 2}, NULL, 0, NULL) != 0)
		_exit(STATUS_WRONG);
	role_end(&role, STATUS_ASKED);
}

static int role_main(int argc, char **argv)
{
	struct rxp_buf text, small;
	int other;

	role_begin(&role, "gateway", IPC_GATEWAY, argc, argv, on_parent, NULL);
	if (!role_fd_open(ROLE_FD_PARENT) || !role_fd_open(FD_FILE) || role_fd_open(FD_NOT_GIVEN) ||
	    role_fd_open(-1) || fcntl(FD_NOT_GIVEN, F_GETFD) < 0)
		return STATUS_WRONG;
	other = dup(FD_FILE);
	rxp_buf_init(&text, 100);
	rxp_buf_init(&small, 3);
	if (role_read_fd(&text, FD_FILE) != 0 || text.len != 4 ||
	    memcmp(text.data, "text", 4) != 0 || role_read_fd(&small, other) != RXP_ERR_BOUND ||
	    fcntl(FD_FILE, F_GETFD) >= 0)
		return STATUS_WRONG;
	rxp_buf_free(&text);
	rxp_buf_free(&small);
	return role_run(&role, IPC_gateway_ready, &(struct msg_gateway_ready){.pid = 1});
}

/* Start it with these arguments; our end of its link. */
static int start(pid_t *pid, char *uid, int n_args, bool with_link)
{
	char name[] = "gateway";
	char gid[] = "4294967295";
	char *argv[] = {name, uid, gid, NULL};
	int sockets[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sockets), 0);
	*pid = fork();
	assert_true(*pid >= 0);
	if (*pid == 0) {
		int file = memfd_create("file", 0);
		int link, moved;

		/* Also moves the file's position to its end. */
		if (write(file, "text", 4) != 4)
			_exit(STATUS_WRONG);
		link = fcntl(sockets[1], F_DUPFD, 100);
		moved = fcntl(file, F_DUPFD, 100);
		close_range(3, 99, 0);
		if (with_link)
			dup2(link, ROLE_FD_PARENT);
		dup2(moved, FD_FILE);
		close_range(100, ~0U, 0);
		_exit(role_main(n_args, argv));
	}
	close(sockets[1]);
	return sockets[0];
}

static int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect_ready(int link, uint32_t number)
{
	static struct packet_in in;
	struct msg_gateway_ready ready;
	struct pollfd readable = {.fd = link, .events = POLLIN};

	assert_int_equal(poll(&readable, 1, 10000), 1);
	assert_int_equal(packet_receive(&in, link), 0);
	assert_int_equal(in.type, IPC_gateway_ready);
	assert_int_equal(
	    record_decode(&ready, &ipc_row(in.type)->type, in.record, in.record_len), 0);
	assert_int_equal(ready.pid, number);
	packet_done(&in);
}

static char stay[] = "4294967295";

static void parent_goes(void **state)
{
	pid_t pid;
	int link = start(&pid, stay, 3, true);

	(void)state;
	expect_ready(link, 1);
	close(link);
	assert_int_equal(status_of(pid), 0);
}

static void last_words(void **state)
{
	pid_t pid;
	struct packet *p;
	int link = start(&pid, stay, 3, true);

	(void)state;
	expect_ready(link, 1);
	assert_int_equal(packet_new(&p, IPC_gateway_config, 1,
			     &(struct msg_gateway_config){.listeners = 2}, NULL, 0),
	    0);
	assert_int_equal(packet_send(link, p), 0);
	packet_free(p);
	expect_ready(link, 2);
	assert_int_equal(status_of(pid), STATUS_ASKED);
	close(link);
}

/* The log lines of these are part of the picture. */
static void wrong_start(void **state)
{
	static char bad[][12] = {"", "x", "-1", "1x", "4294967296"};
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		close(start(&pid, bad[i], 3, true));
		assert_int_equal(status_of(pid), 100);
	}
	close(start(&pid, stay, 2, true));
	assert_int_equal(status_of(pid), 100);
	close(start(&pid, stay, 3, false));
	assert_int_equal(status_of(pid), 111);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parent_goes),
	    cmocka_unit_test(last_words),
	    cmocka_unit_test(wrong_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
