#include "certs/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define CHUNK_OCTETS 4096

int file_folder(const char *path)
{
	struct stat st;

	if (mkdir(path, 0700) == 0)
		return 0;
	return errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? 0 : RXP_ERR_IO;
}

static int write_all(int fd, const struct rxp_buf *octets)
{
	size_t done = 0;

	while (done < octets->len) {
		ssize_t n = write(fd, octets->data + done, octets->len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return RXP_ERR_IO;
		done += (size_t)n;
	}
	return fsync(fd) == 0 ? 0 : RXP_ERR_IO;
}

/* Make the entry of the new file durable. */
int file_sync_folder(const char *path)
{
	char folder[FILE_MAX_PATH];
	const char *slash = strrchr(path, '/');
	int rc = RXP_ERR_IO;
	int fd;

	if (slash == NULL)
		snprintf(folder, sizeof folder, ".");
	else
		snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return rc;
	if (fsync(fd) == 0)
		rc = 0;
	close(fd);
	return rc;
}

int file_create(const char *path, const struct rxp_buf *octets)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc;

	if (fd < 0)
		return errno == EEXIST ? RXP_ERR_EXISTS : RXP_ERR_IO;
	rc = write_all(fd, octets);
	if (close(fd) != 0 && rc == 0)
		rc = RXP_ERR_IO;
	if (rc == 0)
		rc = file_sync_folder(path);
	if (rc != 0)
		unlink(path);
	return rc;
}

int file_read(struct rxp_buf *out, const char *path)
{
	uint8_t chunk[CHUNK_OCTETS];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = 0;

	if (fd < 0)
		return errno == ENOENT ? RXP_ERR_NOT_FOUND : RXP_ERR_IO;
	while (rc == 0) {
		ssize_t n = read(fd, chunk, sizeof chunk);

		if (n == 0)
			break;
		if (n > 0)
			rc = rxp_buf_put(out, chunk, (size_t)n);
		else if (errno != EINTR)
			rc = RXP_ERR_IO;
	}
	OPENSSL_cleanse(chunk, sizeof chunk);
	close(fd);
	return rc;
}

int file_path(char out[FILE_MAX_PATH], const char *folder, const char *name)
{
	int len = snprintf(out, FILE_MAX_PATH, "%s/%s", folder, name);

	return len > 0 && len < FILE_MAX_PATH ? 0 : RXP_ERR_BOUND;
}
