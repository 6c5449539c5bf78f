/*
 * disk - a disk that fails when a test wants it: SQLite's own files, seen through a VFS of ours.
 */
#ifndef TEST_DISK_H
#define TEST_DISK_H

#include <stdbool.h>

/* What may fail, and how. A disk that is full fails what makes a file longer and nothing else. */
enum disk_fault { DISK_READ, DISK_WRITE, DISK_SYNC, DISK_TRUNCATE, DISK_FULL, DISK_FAULTS };

const char *disk_fault_name(enum disk_fault fault);

/* Put it in front of the system's; before SQLite is used. */
void disk_install(void);

/* From here on let the nth operation that this fault concerns fail (from 1), and, if so wanted, all
 * behind it. */
void disk_arm(enum disk_fault fault, unsigned nth, bool all_behind);

/* Back to normal. Did anything fail? */
bool disk_disarm(void);

#endif
