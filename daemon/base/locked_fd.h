/*
 * locked_fd - the key files of a role, which the parent gave as open descriptors: read, and opened if they are locked.
 */
#ifndef BASE_LOCKED_FD_H
#define BASE_LOCKED_FD_H

#include "daemon/base/locked.h"

/* A role's key file: read, opened if it is locked, appended; the descriptor is closed. passphrase: empty if there is
 * none. RXP_ERR_NOT_FOUND: it is locked and there is none; errors of role_read_fd() and locked_open(). */
int locked_read_fd(struct rxp_buf *out, int fd, const struct rxp_buf *passphrase);

/* The first line of a file, without its end, which may be empty; the descriptor is closed. Nothing if the parent gave
 * none. Errors of role_read_fd(). */
int locked_passphrase_fd(struct rxp_buf *out, int fd);

#endif
