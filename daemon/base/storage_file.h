/*
 * storage_file - names of the files of storage keys: storage.key is that of the first epoch, storage-2.key of the second, and so
 * on (spec/storage.md, "Storage keys").
 */
#ifndef BASE_STORAGE_FILE_H
#define BASE_STORAGE_FILE_H

#define STORAGE_FILE_NAME 24 /* octets with the NUL */
#define STORAGE_FILE_LAST 9999

/* The number of the epoch; 0: the name is none of these. */
unsigned storage_file_number(const char *name);

/* From 1 to STORAGE_FILE_LAST. */
void storage_file_name(char out[STORAGE_FILE_NAME], unsigned number);

#endif
