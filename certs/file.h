/*
 * file - whole small files: made once with mode 0600, never overwritten; read with a bound.
 */
#ifndef CERTS_FILE_H
#define CERTS_FILE_H

struct rxp_buf;

#define FILE_MAX_OCTETS (256 * 1024UL)
#define FILE_MAX_PATH 4096 /* octets with the NUL */

/* Make the folder with mode 0700, or find it there. RXP_ERR_IO. */
int file_folder(const char *path);

/* Write a new file and its folder's entry to the disk. RXP_ERR_EXISTS, RXP_ERR_IO: nothing is left
 * behind then. */
int file_create(const char *path, const struct rxp_buf *octets);

/* Make the entry of a new file or folder durable. RXP_ERR_IO. */
int file_sync_folder(const char *path);

/* Append the file's octets. RXP_ERR_NOT_FOUND, RXP_ERR_IO, the buffer's errors. */
int file_read(struct rxp_buf *out, const char *path);

/* folder/name. RXP_ERR_BOUND. */
int file_path(char out[FILE_MAX_PATH], const char *folder, const char *name);

#endif
