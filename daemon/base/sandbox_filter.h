/*
 * sandbox_filter - the seccomp allow-lists of the roles (sandbox.def).
 */
#ifndef BASE_SANDBOX_FILTER_H
#define BASE_SANDBOX_FILTER_H

/* From now on only the system calls of this role; any other ends the process with SIGSYS.
 * Irrevocable, sets PR_SET_NO_NEW_PRIVS. An unknown role aborts. RXP_ERR_NOMEM, RXP_ERR_IO. */
int sandbox_filter_load(const char *role);

#endif
