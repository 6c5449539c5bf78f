#include "daemon/restore/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "daemon/restore/say.h"
#include "daemon/restore/stage.h"
#include "protocol/base/err.h"

#define DATABASE "readmit.db"
#define LOG "readmit.db-wal"
#define FILES "attachments"

static bool there(const char *path)
{
	return access(path, F_OK) == 0;
}

static int sync_here(void)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : say_errno("data");

	if (fd >= 0)
		close(fd);
	return rc;
}

static int move(const char *from, const char *to)
{
	return rename(from, to) == 0 ? sync_here() : say_errno(to);
}

bool swap_waits(void)
{
	return there(STAGE_READY);
}

/* The log of the old database goes first: it must never stand beside the new one. */
static int swap_database(void)
{
	if (!there(STAGE "/" DATABASE))
		return 0;
	if (unlink(LOG) != 0 && errno != ENOENT)
		return say_errno(LOG);
	return move(STAGE "/" DATABASE, DATABASE);
}

static int swap_files(void)
{
	int rc = 0;

	if (!there(STAGE "/" FILES))
		return 0;
	if (there(FILES))
		rc = move(FILES, STAGE "/old");
	return rc != 0 ? rc : move(STAGE "/" FILES, FILES);
}

int swap_finish(void)
{
	int rc = swap_database();

	if (rc == 0)
		rc = swap_files();
	/* Its order does not matter: without the mark that it is ready the rest is nothing. */
	return rc != 0 ? rc : stage_remove();
}
