#include "daemon/base/locked_fd.h"

#include <string.h>

#include "daemon/base/locked.h"
#include "daemon/base/role.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

int locked_read_fd(struct rxp_buf *out, int fd, const struct rxp_buf *passphrase)
{
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, LOCKED_MAX_OCTETS);
	rc = role_read_fd(&file, fd);
	if (rc == 0 && !locked_is(&file))
		rc = rxp_buf_put(out, file.data, file.len);
	else if (rc == 0)
		rc = passphrase->len == 0 ? RXP_ERR_NOT_FOUND : locked_open(out, &file, passphrase);
	rxp_buf_free(&file);
	return rc;
}

int locked_passphrase_fd(struct rxp_buf *out, int fd)
{
	struct rxp_buf file;
	const uint8_t *end;
	int rc = 0;

	if (!role_fd_open(fd))
		return 0;
	rxp_buf_init(&file, LOCKED_MAX_PASSPHRASE);
	rc = role_read_fd(&file, fd);
	end = rc == 0 && file.len > 0 ? memchr(file.data, '\n', file.len) : NULL;
	if (rc == 0)
		rc =
		    rxp_buf_put(out, file.data, end != NULL ? (size_t)(end - file.data) : file.len);
	rxp_buf_free(&file);
	return rc;
}
