/*
 * sandbox - what a process gives up before it touches anything from outside.
 *
 * Order, the same in every role: descriptors are in place, warm-up is done (so that libraries have
 * loaded what they load), then sandbox_enter(): no new privileges, chroot and change of user if
 * started as root, no core dumps and no ptrace, Landlock where the kernel has it, and a seccomp
 * allow-list (sandbox.def). A system call outside the list ends the process with SIGSYS; the parent
 * says so in the log. What the kernel does not have is logged once as SANDBOX_PARTIAL.
 *
 * A build with sanitizers (READMIT_SANITIZED) keeps only the change of user: their run-time reads
 * /proc, traces its own process at exit and makes system calls of its own.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

struct sandbox {
	const char *role; /* name in the tables of sandbox.def */
	uid_t uid; /* user to become if the process is root; (uid_t)-1: stay, without chroot */
	gid_t gid;
	int root_fd; /* directory that becomes working directory and root; -1: an empty, deleted one */
	bool files; /* may open files below root_fd (the registry) */
	bool sockets; /* may make outgoing TCP connections (the gateway) */
	bool
	    module; /* runs a PKCS#11 module, which has files and sockets of its own (the signer) */
};

/* No core dumps, no ptrace (not in a build with sanitizers), death with the parent. For the time
 * before sandbox_enter(), in which keys are read; that one includes it. RXP_ERR_IO. */
int sandbox_harden(void);

/* Become this user for good; nothing if the process is not root or uid is (uid_t)-1. For a process that lets foreign
 * code start before its sandbox. RXP_ERR_IO. */
int sandbox_become(uid_t uid, gid_t gid);

/* RXP_ERR_IO if a step fails that the kernel has: the caller must not go on. */
int sandbox_enter(const struct sandbox *s);

#endif
