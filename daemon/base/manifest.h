/*
 * manifest - the list of the files of a backup (spec/storage.md, "Backups"). A line of a file: `file`, SHA-256 in hexadecimal, length,
 * name in the folder, with one space between.
 */
#ifndef BASE_MANIFEST_H
#define BASE_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#define MANIFEST_NAME "manifest"
#define MANIFEST_FIRST "readmit backup 1\n"
#define MANIFEST_FILE_NAME 128 /* octets of a name with its NUL */
#define MANIFEST_LINE 256

struct manifest_file {
	uint8_t digest[32];
	uint64_t length;
	char name[MANIFEST_FILE_NAME];
};

/* readmit.db, attachments/in/PARTY-DIGEST or attachments/out/DIGEST: what a backup holds, and nothing else. */
bool manifest_name_valid(const char *name);

void manifest_write(char line[MANIFEST_LINE], const struct manifest_file *m);
/* From a line with its newline, in its one form. RXP_ERR_SYNTAX. */
int manifest_read(struct manifest_file *out, const char *line);

/* Digest and length of the file at path, as the disk has it. RXP_ERR_NOT_FOUND, RXP_ERR_IO, RXP_ERR_CRYPTO. */
int manifest_measure(struct manifest_file *m, const char *path);

#endif
