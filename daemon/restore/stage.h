/*
 * stage - the data of a backup, put together in DATA/restore beside what stands, judged there, and made ready for a start: the
 * erasures that it knows nothing of are owed, and it is marked as put back. Nothing of what stands is touched.
 */
#ifndef RESTORE_STAGE_H
#define RESTORE_STAGE_H

#include <stdint.h>

struct source;

#define STAGE "restore" /* in the data directory, which is the working directory */
#define STAGE_READY STAGE "/ready" /* from now on the restore is only to be finished */

/* *missing: attachments of which the backup has a row and no file. 0, or an error that was said. */
int stage_make(struct source *s, uint64_t *missing);

/* What was left of one that did not come so far. */
int stage_remove(void);

#endif
