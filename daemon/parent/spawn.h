/*
 * spawn - start one role: fork, put its descriptors at their fixed numbers, close all others, exec.
 */
#ifndef PARENT_SPAWN_H
#define PARENT_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SPAWN_FDS_MAX 24

struct spawn_fd {
	int fd; /* the parent's; stays open there. -1: the number stays closed in the role */
	int at; /* number in the role, 3 or more */
};

struct spawn {
	const char *program; /* absolute path */
	const char *name; /* argv[0] */
	bool quiet; /* the program's log goes nowhere */
	uint32_t uid, gid; /* to become after set-up; UINT32_MAX: stay */
	struct spawn_fd fds[SPAWN_FDS_MAX];
	size_t n_fds;
};

void spawn_add(struct spawn *s, int fd, int at);

/* RXP_ERR_IO. The program's own failure shows as the end of the process, status 71 if exec failed. */
int spawn_run(pid_t *out, const struct spawn *s);

#endif
