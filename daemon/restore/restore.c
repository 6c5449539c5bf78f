/*
 * restore - puts a backup in the place of the data of a node that does not run: restore BACKUP KEYS ERASURES DATA, run by
 * readmitctl. What is not right is said before anything is touched (RXP-RET-018; spec/storage.md, "Backups").
 */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/restore/say.h"
#include "daemon/restore/source.h"
#include "daemon/restore/stage.h"
#include "daemon/restore/swap.h"
#include "protocol/base/err.h"

#define STATUS_WRONG 65

/* The data directory becomes the working directory; its lock is held as long as this process lives. */
static int enter(const char *data)
{
	int fd = open(data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fchdir(fd) != 0)
		return say_errno(data);
	return flock(fd, LOCK_EX | LOCK_NB) == 0
		   ? 0
		   : say(data, "a daemon works with it: stop that one");
}

static int restore(const char *data, const char *keys, const char *erasures)
{
	struct source s;
	uint64_t missing = 0;
	int rc = source_read(&s, data, keys, erasures);

	if (rc == 0)
		rc = stage_remove();
	if (rc == 0)
		rc = stage_make(&s, &missing);
	if (rc != 0 && !swap_waits())
		(void)stage_remove();
	if (rc == 0)
		printf(
		    "%zu files are whole; %zu erasures are carried out at the next start, as far as they are not yet\n",
		    s.n_files, s.n_list);
	if (rc == 0 && missing > 0)
		printf("%" PRIu64 " attachments were erased while the backup was made\n", missing);
	source_clear(&s);
	return rc;
}

int main(int argc, char **argv)
{
	char *path[3] = {NULL};
	int rc = 0;

	if (argc != 5)
		return 2;
	umask(077);
	for (int i = 0; rc == 0 && i < 3; i++) {
		path[i] = realpath(argv[1 + i], NULL);
		if (path[i] == NULL)
			rc = say_errno(argv[1 + i]);
	}
	if (rc == 0)
		rc = enter(argv[4]);
	if (rc == 0 && swap_waits())
		printf(
		    "a restore that was cut short is finished first; nothing else is restored\n");
	else if (rc == 0)
		rc = restore(path[0], path[1], path[2]);
	if (rc == 0)
		rc = swap_finish();
	if (rc == 0)
		printf(
		    "the data are put back: put the storage keys into the key directory, and start the daemon;\n"
		    "corrections of fields that were carried out after the backup was made are to be carried out "
		    "again (RXP-RET-024): readmitctl case corrections lists those of a case that are open\n");
	for (int i = 0; i < 3; i++)
		free(path[i]);
	return rc == 0 ? EXIT_SUCCESS : rc == RXP_ERR_CONFIG ? STATUS_WRONG : EXIT_FAILURE;
}
