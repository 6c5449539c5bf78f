#include "daemon/parent/epochs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/storage_file.h"
#include "protocol/base/err.h"

#define OVER ".over"

static int insert(struct epochs *e, unsigned number)
{
	size_t at = 0;

	if (e->n == sizeof e->numbers / sizeof e->numbers[0])
		return RXP_ERR_FULL;
	while (at < e->n && e->numbers[at] > number)
		at++;
	memmove(e->numbers + at + 1, e->numbers + at, (e->n - at) * sizeof e->numbers[0]);
	e->numbers[at] = number;
	e->n++;
	return 0;
}

int epochs_list(struct epochs *out, const struct config *c)
{
	struct epochs e = {.n = 0};
	DIR *dir = opendir(c->key_dir);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL)
		return RXP_ERR_IO;
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		unsigned number = storage_file_number(entry->d_name);

		if (number != 0)
			rc = insert(&e, number);
	}
	closedir(dir);
	if (rc == 0 && e.n == 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0)
		*out = e;
	return rc;
}

void epochs_path(char out[FILES_KEY_PATH], const struct config *c, unsigned number)
{
	char name[STORAGE_FILE_NAME];

	storage_file_name(name, number);
	snprintf(out, FILES_KEY_PATH, "%s/%s", c->key_dir, name);
}

static int overwrite(const char *path)
{
	static const char zeros[128];
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;
	off_t done = 0;
	int rc = fd >= 0 && fstat(fd, &st) == 0 ? 0 : RXP_ERR_IO;

	while (rc == 0 && done < st.st_size) {
		ssize_t n = write(fd, zeros, sizeof zeros);

		rc = n > 0 ? 0 : RXP_ERR_IO;
		done += n;
	}
	if (rc == 0 && fsync(fd) != 0)
		rc = RXP_ERR_IO;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* NAME.over of a storage key is one that is to be destroyed. */
static bool is_over(const char *name)
{
	const size_t len = strlen(name), end = strlen(OVER);
	char before[STORAGE_FILE_NAME];

	if (len <= end || len - end >= sizeof before || strcmp(name + len - end, OVER) != 0)
		return false;
	snprintf(before, sizeof before, "%.*s", (int)(len - end), name);
	return storage_file_number(before) != 0;
}

static int sync_directory(const struct config *c)
{
	int fd = open(c->key_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd >= 0 && fsync(fd) == 0 ? 0 : RXP_ERR_IO;

	if (fd >= 0)
		close(fd);
	return rc;
}

static int destroy_file(const struct config *c, const char *name)
{
	char path[FILES_KEY_PATH];
	int rc;

	snprintf(path, sizeof path, "%s/%s", c->key_dir, name);
	rc = overwrite(path);
	if (rc == 0 && unlink(path) != 0)
		rc = RXP_ERR_IO;
	return rc;
}

int epochs_sweep(const struct config *c)
{
	DIR *dir = opendir(c->key_dir);
	const struct dirent *entry;
	bool any = false;
	int rc = 0;

	if (dir == NULL)
		return RXP_ERR_IO;
	while (rc == 0 && (entry = readdir(dir)) != NULL)
		if (is_over(entry->d_name)) {
			rc = destroy_file(c, entry->d_name);
			any = true;
		}
	closedir(dir);
	return rc == 0 && any ? sync_directory(c) : rc;
}

int epochs_destroy(const struct config *c, unsigned number)
{
	char path[FILES_KEY_PATH], over[FILES_KEY_PATH + sizeof OVER];
	int rc;

	epochs_path(path, c, number);
	snprintf(over, sizeof over, "%s" OVER, path);
	rc = rename(path, over) == 0 ? sync_directory(c) : RXP_ERR_IO;
	return rc == 0 ? epochs_sweep(c) : rc;
}
