#include "daemon/parent/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "protocol/base/err.h"

#define ABOVE_ALL_FIXED 128 /* every fixed number is below; sources are moved here first */
#define STATUS_NO_EXEC 71

void spawn_add(struct spawn *s, int fd, int at)
{
	if (s->n_fds >= SPAWN_FDS_MAX || at < 3 || at >= ABOVE_ALL_FIXED)
		abort();
	s->fds[s->n_fds++] = (struct spawn_fd){fd, at};
}

/* In the child, between fork and exec: only async-signal-safe calls. */
static int place(const struct spawn *s)
{
	int moved[SPAWN_FDS_MAX];
	int null = open("/dev/null", O_RDWR);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || (s->quiet && dup2(null, 2) < 0))
		return -1;
	for (size_t i = 0; i < s->n_fds; i++) {
		moved[i] = -1;
		if (s->fds[i].fd >= 0) {
			moved[i] = fcntl(s->fds[i].fd, F_DUPFD, ABOVE_ALL_FIXED);
			if (moved[i] < 0)
				return -1;
		}
	}
	if (close_range(3, ABOVE_ALL_FIXED - 1, 0) < 0)
		return -1;
	for (size_t i = 0; i < s->n_fds; i++)
		if (moved[i] >= 0 && dup2(moved[i], s->fds[i].at) < 0)
			return -1;
	return close_range(ABOVE_ALL_FIXED, ~0U, 0);
}

static void run_child(const struct spawn *s, char *uid, char *gid)
{
	char *argv[4], *envp[2];
	char name[32], zone[] = "TZ=UTC";
	sigset_t none;

	snprintf(name, sizeof name, "%s", s->name);
	argv[0] = name;
	argv[1] = uid;
	argv[2] = gid;
	argv[3] = NULL;
	envp[0] = zone;
	envp[1] = NULL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (place(s) == 0)
		execve(s->program, argv, envp);
	_exit(STATUS_NO_EXEC);
}

int spawn_run(pid_t *out, const struct spawn *s)
{
	char uid[16], gid[16];
	pid_t pid;

	snprintf(uid, sizeof uid, "%lu", (unsigned long)s->uid);
	snprintf(gid, sizeof gid, "%lu", (unsigned long)s->gid);
	pid = fork();
	if (pid < 0)
		return RXP_ERR_IO;
	if (pid == 0)
		run_child(s, uid, gid);
	*out = pid;
	return 0;
}
