#include "daemon/ctl/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum exit_status file_read(struct ctl *c, const char *path, const char *what, struct rxp_buf *out)
{
	FILE *f = strcmp(path, "-") == 0 ? c->in : fopen(path, "rbe");
	enum exit_status status = EXIT_FAILED;
	char octets[4096];
	size_t n;

	if (f == NULL) {
		ctl_complain(c, "%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	while ((n = fread(octets, 1, sizeof(octets), f)) > 0 && rxp_buf_put(out, octets, n) == 0)
		;
	if (rxp_buf_error(out) != 0) {
		ctl_complain(c, "%s is larger than %s may be", path, what);
		status = EXIT_INVALID;
	} else if (ferror(f)) {
		ctl_complain(c, "%s cannot be read", path);
	} else if (out->len == 0) {
		ctl_complain(c, "%s is empty", path);
		status = EXIT_INVALID;
	} else {
		status = EXIT_OK;
	}
	if (f != c->in)
		fclose(f);
	return status;
}

FILE *file_new(struct ctl *c, const char *path, unsigned mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	if (f == NULL) {
		ctl_complain(c, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	return f;
}

enum exit_status file_close(struct ctl *c, FILE *f, const char *path, bool whole)
{
	if (fclose(f) != 0 && whole) {
		ctl_complain(c, "%s: %s", path, strerror(errno));
		whole = false;
	}
	if (!whole)
		unlink(path);
	return whole ? EXIT_OK : EXIT_FAILED;
}

enum exit_status file_write(
    struct ctl *c, const char *path, unsigned mode, const struct rxp_buf *octets)
{
	FILE *f = path != NULL ? file_new(c, path, mode) : c->out;
	bool written;

	if (f == NULL)
		return EXIT_FAILED;
	written = fwrite(octets->data, 1, octets->len, f) == octets->len;
	if (!written)
		ctl_complain(c, "%s: %s", path != NULL ? path : "output", strerror(errno));
	if (path != NULL)
		return file_close(c, f, path, written);
	return written ? EXIT_OK : EXIT_FAILED;
}
