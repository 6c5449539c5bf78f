#include "conformance/state/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define MAX_PATH 4096
#define PIECE_OCTETS 16384

static int path_of(char out[MAX_PATH], const char *dir, const char *name)
{
	int n = dir == NULL ? snprintf(out, MAX_PATH, "%s", name)
			    : snprintf(out, MAX_PATH, "%s/%s", dir, name);

	return n < 0 || n >= MAX_PATH ? RXP_ERR_BOUND : 0;
}

int files_read(struct rxp_buf *out, const char *dir, const char *name)
{
	char path[MAX_PATH];
	uint8_t piece[PIECE_OCTETS];
	int rc = path_of(path, dir, name);
	FILE *file;
	size_t n;

	if (rc != 0)
		return rc;
	file = fopen(path, "re");
	if (file == NULL)
		return errno == ENOENT ? RXP_ERR_NOT_FOUND : RXP_ERR_IO;
	while (rc == 0 && (n = fread(piece, 1, sizeof piece, file)) > 0)
		rc = rxp_buf_put(out, piece, n);
	if (rc == 0 && ferror(file))
		rc = RXP_ERR_IO;
	(void)fclose(file);
	return rc;
}

int files_write(const char *dir, const char *name, const struct rxp_buf *octets)
{
	char path[MAX_PATH];
	int rc = path_of(path, dir, name);
	FILE *file;
	int fd;

	if (rc != 0)
		return rc;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (file == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return RXP_ERR_IO;
	}
	if (octets->len > 0 && fwrite(octets->data, 1, octets->len, file) != octets->len)
		rc = RXP_ERR_IO;
	return fclose(file) != 0 ? RXP_ERR_IO : rc;
}
