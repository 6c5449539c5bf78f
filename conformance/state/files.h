/*
 * files - whole small files, read and written.
 */
#ifndef CONFORM_FILES_H
#define CONFORM_FILES_H

struct rxp_buf;

/* Append the octets of DIR/name, or of name alone if dir is NULL. RXP_ERR_NOT_FOUND, RXP_ERR_IO, the buffer's errors. */
int files_read(struct rxp_buf *out, const char *dir, const char *name);
/* Write a file, mode 0600, in the place of any that is there. RXP_ERR_IO. */
int files_write(const char *dir, const char *name, const struct rxp_buf *octets);

#endif
