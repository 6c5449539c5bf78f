#include "certs/lock.h"

#include "certs/file.h"
#include "certs/keypair.h"
#include "certs/options.h"
#include "certs/report.h"
#include "daemon/base/locked.h"
#include "protocol/base/buf.h"

typedef int change_fn(
    struct rxp_buf *out, const struct rxp_buf *file, const struct rxp_buf *passphrase);

static int change(const struct options *o, change_fn *fn)
{
	const char *passphrase_file = options_value(o, OPTION_PASSPHRASE_FILE);
	const char *out = options_value(o, OPTION_OUT);
	struct rxp_buf passphrase;
	struct rxp_buf file;
	struct rxp_buf changed;
	int rc;

	rxp_buf_init(&passphrase, KEYPAIR_MAX_PASSPHRASE);
	rxp_buf_init(&file, LOCKED_MAX_OCTETS);
	rxp_buf_init(&changed, LOCKED_MAX_OCTETS);
	rc = report_failure(passphrase_file, keypair_passphrase(&passphrase, passphrase_file));
	if (rc == 0)
		rc = report_failure(o->file, file_read(&file, o->file));
	if (rc == 0)
		rc = report_failure(o->file, fn(&changed, &file, &passphrase));
	if (rc == 0)
		rc = report_failure(out, file_create(out, &changed));
	rxp_buf_free(&passphrase);
	rxp_buf_free(&file);
	rxp_buf_free(&changed);
	return rc;
}

int lock_encrypt(const struct options *o)
{
	return change(o, locked_make);
}

int lock_decrypt(const struct options *o)
{
	return change(o, locked_open);
}
