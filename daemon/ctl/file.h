/*
 * file - files that the commands read and make.
 */
#ifndef CTL_FILE_H
#define CTL_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "daemon/ctl/ctl.h"

/* Read a whole file, or standard input for "-", into out, whose bound is that of its kind: `what`, for
 * the message. EXIT_INVALID if it is empty or larger. */
enum exit_status file_read(struct ctl *c, const char *path, const char *what, struct rxp_buf *out);

#define FILE_PUBLIC 0644 /* mode of a file for anyone */
#define FILE_PRIVATE 0600 /* of one that may hold a person's data */

/* A file that must be new, so that nothing is lost by a slip. NULL after a complaint. */
FILE *file_new(struct ctl *c, const char *path, unsigned mode);
/* Close it; what is not whole is removed. Complains if the octets did not get there. */
enum exit_status file_close(struct ctl *c, FILE *f, const char *path, bool whole);

/* Write octets to a new file, or to `out` if path is NULL. */
enum exit_status file_write(
    struct ctl *c, const char *path, unsigned mode, const struct rxp_buf *octets);

#endif
