/*
 * Goal of this test, each step in a process of its own:
 * - under every role's list: a loop with links and memory files, memory, time, log lines and abort()
 *   work; execve, fork, new executable memory, and ptrace end the process with SIGSYS;
 * - what only one role may do works there and ends the others with SIGSYS;
 * - Landlock: nothing below / can be opened, except below the registry's directory;
 * - sandbox_enter() as root: another user for good, an empty root, no way back.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/sandbox.h"
#include "daemon/base/sandbox_filter.h"
#include "daemon/base/sandbox_landlock.h"
#include "daemon/test/unit/pump.h"
#include "protocol/base/err.h"

#define NOBODY 65534
#define FAILED 1 /* exit status of an action that was allowed but did not do its work */
#define BIG 100000 /* octets: travels in a memory file */

typedef bool action(void);

static int data_fd; /* a directory, open before any sandbox */
static char data_path[] = "/tmp/sandbox-test-XXXXXX";

/* Run prepare and act in a child; its wait status. */
static int run(int (*prepare)(const void *), const void *arg, action *act)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		if (prepare(arg) != 0)
			_exit(99);
		_exit(act() ? 0 : FAILED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int filter(const void *role)
{
	return sandbox_filter_load(role);
}

/* --- actions --------------------------------------------------------------------------------- */

static unsigned answered;

static void on_admit(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_admit *admit = m->body;

	(void)arg;
	if (admit->envelope.len == BIG)
		link_answer(l, IPC_admitted, m->request, &(struct msg_admitted){0}, NULL, 0);
}

static void on_admitted(void *arg, struct link *l, const struct link_message *m)
{
	(void)arg;
	(void)l;
	answered = m->type == IPC_admitted ? 1 : 0;
}

static void on_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	(void)why;
}

static int open_links[2];
static struct loop *ready_loop;

static bool use_links(void)
{
	struct link *a, *b;
	struct link_config config = {.closed = on_closed};
	static uint8_t octets[BIG];

	config.fd = open_links[0];
	config.self = IPC_GATEWAY;
	config.peer = IPC_REGISTRY;
	config.handler = on_admitted;
	if (link_new(&a, ready_loop, &config) != 0)
		return false;
	config.fd = open_links[1];
	config.self = IPC_REGISTRY;
	config.peer = IPC_GATEWAY;
	config.handler = on_admit;
	if (link_new(&b, ready_loop, &config) != 0 ||
	    link_request(a, IPC_admit,
		&(struct msg_admit){.party = "QMA", .envelope = {octets, BIG}}, NULL, 0, NULL) != 0)
		return false;
	if (!pump_until(ready_loop, &answered) || link_flush(a, 10) != 0)
		return false;
	link_free(a);
	link_free(b);
	return true;
}

static bool use_memory(void)
{
	char *p = malloc(64 << 20);
	char *q;

	if (p == NULL)
		return false;
	memset(p, 1, 64 << 20);
	q = realloc(p, 65 << 20);
	free(q);
	return q != NULL;
}

static bool use_log(void)
{
	struct stat st;
	char line[32];

	log_event(LOG_NODE_STOPPED, LOG_S("test"));
	return clock_wall_ms() > 0 && fstat(2, &st) == 0 &&
	       snprintf(line, sizeof line, "%d", 5) == 1;
}

static bool do_abort(void)
{
	abort();
}

static bool do_exec(void)
{
	char *argv[] = {NULL};

	execve("/bin/true", argv, argv);
	return false;
}

static bool do_fork(void)
{
	if (fork() == 0)
		_exit(0);
	return true;
}

static bool do_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool map_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED;
}

static bool make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(p, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool kill_other(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0) == 0;
}

static bool open_file(void)
{
	int fd = openat(data_fd, "file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && pwrite(fd, "x", 1, 0) == 1 && fsync(fd) == 0 &&
		  renameat(data_fd, "file", data_fd, "other") == 0 && ftruncate(fd, 0) == 0 &&
		  unlinkat(data_fd, "other", 0) == 0 && fsync(data_fd) == 0;

	return close(fd) == 0 && ok;
}

static bool open_root(void)
{
	return open("/", O_RDONLY | O_DIRECTORY) >= 0;
}

static bool stat_root(void)
{
	struct stat st;

	return stat("/", &st) == 0;
}

static bool socket_inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool socket_inet6(void)
{
	return socket(AF_INET6, SOCK_STREAM, 0) >= 0 || errno == EAFNOSUPPORT;
}

static bool socket_unix(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool accept_one(void)
{
	return accept4(open_links[0], NULL, NULL, SOCK_CLOEXEC) < 0; /* no listener */
}

static void *in_thread(void *arg)
{
	return arg;
}

/* As a module of a token may; no process for all that. */
static bool use_thread(void)
{
	void *result = NULL;
	pthread_t thread;

	return pthread_create(&thread, NULL, in_thread, &answered) == 0 &&
	       pthread_join(thread, &result) == 0 && result == &answered;
}

/* --- the lists ------------------------------------------------------------------------------- */

enum { G = 1, S = 2, R = 4, D = 8, T = 16, EVERYONE = 31 };

static const char *const role_names[] = {"gateway", "sealer", "registry", "desk", "signer"};

#define N_ROLES (sizeof role_names / sizeof role_names[0])

static const struct {
	const char *what;
	action *act;
	unsigned allowed;
} actions[] = {
    {"links", use_links, EVERYONE},
    {"memory", use_memory, EVERYONE},
    {"log", use_log, EVERYONE},
    {"execve", do_exec, 0},
    {"fork", do_fork, 0},
    {"ptrace", do_ptrace, 0},
    {"map executable", map_executable, 0},
    {"make executable", make_executable, 0},
    {"signal another", kill_other, 0},
    {"files", open_file, R | T},
    {"open", open_root, R | T},
    {"stat", stat_root, R | T},
    {"IPv4 socket", socket_inet, G | T},
    {"IPv6 socket", socket_inet6, G | T},
    {"Unix socket", socket_unix, T},
    {"accept", accept_one, G | D},
    {"thread", use_thread, T},
};

static void lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		for (unsigned r = 0; r < N_ROLES; r++) {
			int status = run(filter, role_names[r], actions[i].act);
			bool allowed = (actions[i].allowed >> r & 1) != 0;

			if (allowed ? status != 0
				    : !WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
				fail_msg("%s: %s: wait status %#x", role_names[r], actions[i].what,
				    (unsigned)status);
		}
	}
}

static void abort_is_abort(void **state)
{
	(void)state;
	for (unsigned r = 0; r < N_ROLES; r++) {
		int status = run(filter, role_names[r], do_abort);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGABRT);
	}
}

/* --- Landlock -------------------------------------------------------------------------------- */

static bool no_landlock;

static int landlock(const void *fd)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return sandbox_landlock(*(const int *)fd, false);
}

static bool nothing_opens(void)
{
	return !open_root() && errno == EACCES && open("/etc/passwd", O_RDONLY) < 0 &&
	       openat(data_fd, "new", O_WRONLY | O_CREAT, 0600) < 0 && errno == EACCES &&
	       use_links();
}

static bool only_data_opens(void)
{
	return !open_root() && errno == EACCES && open_file() && use_links();
}

static bool no_tcp(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return bind(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno == EACCES &&
	       connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && errno == EACCES;
}

static void landlock_rules(void **state)
{
	static const int none = -1;

	(void)state;
	if (no_landlock)
		skip();
	assert_int_equal(run(landlock, &none, nothing_opens), 0);
	assert_int_equal(run(landlock, &data_fd, only_data_opens), 0);
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) >= 4)
		assert_int_equal(run(landlock, &none, no_tcp), 0);
}

/* --- all of it ------------------------------------------------------------------------------- */

static int enter(const void *s)
{
	return sandbox_enter(s);
}

static bool is_nobody(void)
{
	return getuid() == NOBODY && geteuid() == NOBODY && getgid() == NOBODY &&
	       getegid() == NOBODY;
}

#ifndef READMIT_SANITIZED
/* getcwd() says "/" below the new root, and the directory is empty. */
static bool registry_is_confined(void)
{
	char cwd[4096];

	return is_nobody() && open_file() && getcwd(cwd, sizeof cwd) != NULL &&
	       strcmp(cwd, "/") == 0 && access("/etc", F_OK) != 0 && use_links();
}
#endif

static bool sealer_works(void)
{
	return is_nobody() && use_links() && use_memory() && use_log();
}

static bool stays(void)
{
	return use_links() && use_log();
}

static void entered(void **state)
{
	struct sandbox s = {.uid = NOBODY, .gid = NOBODY, .root_fd = -1};

	(void)state;
	if (geteuid() != 0)
		skip();
	s.role = "sealer";
	assert_int_equal(run(enter, &s, sealer_works), 0);
	s.uid = (uid_t)-1;
	assert_int_equal(run(enter, &s, stays), 0);
#ifndef READMIT_SANITIZED
	assert_int_equal(WTERMSIG(run(enter, &s, open_root)), SIGSYS);
	s = (struct sandbox){.role = "registry", NOBODY, NOBODY, data_fd, true, false};
	assert_int_equal(run(enter, &s, registry_is_confined), 0);
	assert_int_equal(run(enter, &s, open_file), 0);
#endif
}

static int setup(void **state)
{
	static const int none = -1;
	int status;

	(void)state;
	if (mkdtemp(data_path) == NULL || chown(data_path, NOBODY, NOBODY) != 0)
		return -1;
	data_fd = open(data_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, open_links) != 0 ||
	    loop_new(&ready_loop) != 0)
		return -1;
	log_process("test");
	status = run(landlock, &none, use_memory);
	no_landlock = WIFEXITED(status) && WEXITSTATUS(status) == 99;
	return data_fd >= 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	loop_free(ready_loop);
	close(open_links[0]);
	close(open_links[1]);
	close(data_fd);
	return rmdir(data_path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists),
	    cmocka_unit_test(abort_is_abort),
	    cmocka_unit_test(landlock_rules),
	    cmocka_unit_test(entered),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
