/*
 * file - attachments on the disk: files of ciphertext below the working directory.
 *
 *   attachments/staging/new-<id>           written by the desk
 *   attachments/staging/<party>-<digest>   written by the gateway, in parts
 *   attachments/out/<digest>               a whole file of our own desk
 *   attachments/in/<party>-<digest>        a whole file of a peer
 *
 * Digests are CiphertextDigest in lower-case hexadecimal (RXP-ATT-007). A row of the table `attachment`
 * is the truth about each; a file without a row is nothing and is removed at the next start. No part
 * of a name comes from outside but as octets written in hexadecimal and a checked party code.
 */
#ifndef REGISTRY_FILE_H
#define REGISTRY_FILE_H

#include <stddef.h>
#include <stdint.h>

#define FILE_PATH_MAX 128 /* octets of a path with its NUL */

/* party: "" for a file of our own desk. */
void file_path_new(char out[FILE_PATH_MAX], const uint8_t id[16]);
void file_path_part(char out[FILE_PATH_MAX], const char *party, const uint8_t digest[32]);
void file_path_whole(char out[FILE_PATH_MAX], const char *party, const uint8_t digest[32]);

/* Make the directories that are missing, as uid and gid unless those are UINT32_MAX, and try whether
 * file_settled() works there. Before the sandbox, which allows it no more. RXP_ERR_IO;
 * RXP_ERR_UNSUPPORTED: the file system has no leases. */
int file_make_directories(uint32_t uid, uint32_t gid);

/* Make the file if it is missing, and open it: one descriptor to be given away for writing, one that
 * stays for reading and syncing, so that no error of the disk between the two goes unseen.
 * RXP_ERR_IO. */
int file_stage(const char *path, int *read_fd, int *write_fd);

/* Open for reading. RXP_ERR_NOT_FOUND, RXP_ERR_IO. */
int file_open(const char *path, int *fd);

/* Can nobody write to the file that is open here for reading, neither now nor by a mapping, and can nobody
 * without opening it anew? RXP_ERR_STATE: somebody can. RXP_ERR_IO: also if the file system has no
 * leases. */
int file_settled(int fd);

/* So many octets of an open file from there on. RXP_ERR_IO: also if there are fewer. */
int file_read(int fd, uint8_t *out, size_t len, uint64_t at);

/* Octets of an open file. RXP_ERR_IO. */
int file_length(int fd, uint64_t *length);

/* Octets of a file, 0 if there is none. RXP_ERR_IO. */
int file_length_at(const char *path, uint64_t *length);

/* Sync the open file at `from`, name it `to`, sync the directory: after that it survives a crash
 * under its name, and only then may a row say so. A file that is there already is replaced.
 * RXP_ERR_IO. */
int file_keep(int fd, const char *from, const char *to);

/* Take that back, if it was done; without syncing, since no row says so. */
void file_rename(const char *from, const char *to);

/* Remove it, if it is there. What cannot be removed now is removed at the next start. */
void file_remove(const char *path);

/* Would the disk hold so many octets more and leave REGISTRY_DISK_RESERVE_OCTETS? RXP_ERR_FULL,
 * RXP_ERR_IO. */
int file_room(uint64_t octets);

/* What the names in the directories say; a name of no such form is FILE_OTHER. */
enum file_kind { FILE_NEW, FILE_PART, FILE_WHOLE, FILE_OTHER };

struct file_name {
	enum file_kind kind;
	char path[FILE_PATH_MAX];
	char party[4]; /* "" for FILE_NEW and for a whole file of our own */
	uint8_t digest[32]; /* zeros for FILE_NEW */
};

/* Call fn for each file. fn may remove it; its error ends the walk. RXP_ERR_IO. */
typedef int file_fn(void *arg, const struct file_name *name);
int file_each(file_fn *fn, void *arg);

#endif
