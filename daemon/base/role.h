/*
 * role - what all roles do alike at their start and end.
 *
 * The parent runs libexec/readmitd/<role> UID GID with descriptors at fixed numbers: 0 and 1
 * /dev/null, 2 the log, 3 the link to the parent; those of the role itself begin at
 * ROLE_FD_FIRST and are listed in daemon/<role>/role.h. Everything else is closed. A role then
 *   role_begin()   log name, signals, loop, link to the parent
 *   …              its own warm-up: libraries, descriptors into memory
 *   role_confine() sandbox
 *   role_run()     says ready, runs the loop until the parent's link closes or role_end()
 * The parent's link closing ends the process: the parent is gone or starts a new set.
 */
#ifndef BASE_ROLE_H
#define BASE_ROLE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/base/link.h"

struct loop;

enum { ROLE_FD_LOG = 2, ROLE_FD_PARENT = 3, ROLE_FD_FIRST = 4 };

/* Exit status: only the administrator can mend it, another start would end alike. */
#define ROLE_STATUS_CONFIG 78

struct role {
	const char *name;
	enum ipc_role self;
	struct loop *loop; /* owned by role */
	struct link *parent; /* owned by role */
	struct timer *minute; /* owned by role: the log's bounds */
	uint32_t uid, gid; /* to become, if started as root; UINT32_MAX: stay */
	int status; /* exit status that role_run() returns */
	link_handler *handler; /* of the parent's messages */
	void *arg;
};

/* handler gets the parent's messages. Exits the process with a log line on any failure: status 100
 * for wrong arguments, else 111. */
void role_begin(struct role *r, const char *name, enum ipc_role self, int argc, char **argv,
    link_handler *handler, void *arg);

/* root_fd, files, sockets: see sandbox.h. Exits on failure. */
void role_confine(struct role *r, int root_fd, bool files, bool sockets);

/* For the one role that runs foreign code: become the user, let it start, then its own sandbox. Exit on failure. */
void role_become(struct role *r);
void role_confine_module(struct role *r);

/* Send ready (a message of ipc.def), run, clean up. Returns the exit status for main. */
int role_run(struct role *r, enum ipc_type ready_type, const void *ready);

/* Instead of role_run(): say to the parent why only the administrator can help (a message of ipc.def,
 * unfit.h). Returns the exit status for main. */
int role_unfit(struct role *r, enum ipc_type type, const void *unfit);

/* Leave the loop with this status. */
void role_end(struct role *r, int status);

/* Did the parent give a descriptor at this number? For the optional ones (clock file, listeners). */
bool role_fd_open(int fd);

/* Read a whole small file, from its start, into out (a bounded buffer) and close the descriptor.
 * RXP_ERR_IO, RXP_ERR_BOUND, RXP_ERR_NOMEM. */
struct rxp_buf;
int role_read_fd(struct rxp_buf *out, int fd);

#endif
