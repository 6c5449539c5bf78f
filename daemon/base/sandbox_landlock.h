/*
 * sandbox_landlock - the kernel's file and network rules that a process puts on itself.
 */
#ifndef BASE_SANDBOX_LANDLOCK_H
#define BASE_SANDBOX_LANDLOCK_H

#include <stdbool.h>

/* Forbid every access to files except below the directory files_fd (-1: none at all), where files
 * may be made, read, written, renamed and removed; listening on TCP ports; outgoing TCP connections
 * unless `connect`; and reaching abstract sockets and processes outside. Kernels forbid as much of
 * this as they know. Needs PR_SET_NO_NEW_PRIVS.
 * RXP_ERR_UNSUPPORTED: the kernel has no Landlock; RXP_ERR_IO. */
int sandbox_landlock(int files_fd, bool connect);

/* Forbid what no PKCS#11 module needs, wherever its files are: to execute a program, to make devices, sockets and links,
 * to listen on TCP ports, and to reach abstract sockets and processes outside. Errors as above. */
int sandbox_landlock_module(void);

#endif
