#include "certs/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "certs/file.h"
#include "certs/identity.h"
#include "certs/make.h"
#include "certs/options.h"
#include "certs/report.h"
#include "protocol/base/err.h"

/* Files that the identity part is made of and written to, by option. */
static const struct {
	enum option option;
	const char *name;
} files[] = {
    {OPTION_ROOT_KEY, "root/root.key"},
    {OPTION_ROOT_CERT, "root/root.crt"},
    {OPTION_SEAL_CERT, "node/seal.crt"},
    {OPTION_TLS_CERT, "node/tls.crt"},
    {OPTION_OUT, "node/identity.xml"},
};

#define N_FILES (sizeof files / sizeof files[0])

/* The command with another folder. */
static struct options with_folder(const struct options *o, const char *folder)
{
	struct options changed = *o;

	changed.values[OPTION_OUT][0] = folder;
	changed.count[OPTION_OUT] = 1;
	return changed;
}

static int make_all(const struct options *o, const char *root, const char *node)
{
	struct options for_root = with_folder(o, root);
	struct options for_node = with_folder(o, node);
	int rc;

	for_node.count[OPTION_PASSPHRASE_FILE] = o->count[OPTION_NODE_PASSPHRASE];
	for_node.values[OPTION_PASSPHRASE_FILE][0] = options_value(o, OPTION_NODE_PASSPHRASE);
	if ((rc = make_root(&for_root)) != 0 || (rc = make_seal(&for_node)) != 0 ||
	    (rc = make_tls(&for_node)) != 0)
		return rc;
	return make_storage(&for_node);
}

static int sign_identity(const struct options *o, const char *out)
{
	struct options for_identity = *o;
	char paths[N_FILES][FILE_MAX_PATH];
	int rc = 0;

	for_identity.count[OPTION_OUT] = 0;
	for (size_t i = 0; i < N_FILES && rc == 0; i++) {
		rc = file_path(paths[i], out, files[i].name);
		if (rc == 0)
			rc = options_add(&for_identity, files[i].option, paths[i]);
	}
	return rc != 0 ? report_failure(out, rc) : identity_sign(&for_identity);
}

/* All that state_new() makes, files before their folders. */
static const char *const made[] = {"root/root.key", "root/root.crt", "root", "node/seal.key",
    "node/seal.crt", "node/tls.key", "node/tls.crt", "node/storage.key", "node/identity.xml",
    "node"};

/* A beginning of ours: what is not there needs no removing. */
static void remove_beginning(const char *folder)
{
	char path[FILE_MAX_PATH];

	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
		if (file_path(path, folder, made[i]) == 0)
			(void)remove(path);
	(void)remove(folder);
}

/* "OUT.XXXXXX": beside OUT, so that it can take its name. */
static int make_beginning(char out[FILE_MAX_PATH], const char *path)
{
	size_t len = strlen(path);
	int n;

	while (len > 1 && path[len - 1] == '/')
		len--;
	n = snprintf(out, FILE_MAX_PATH, "%.*s.XXXXXX", (int)len, path);
	if (n <= 0 || n >= FILE_MAX_PATH)
		return report_failure(path, RXP_ERR_BOUND);
	return mkdtemp(out) != NULL ? 0 : report_errno(path);
}

/* An empty folder gives way; one with anything in it does not. */
static int give_name(const char *beginning, const char *out)
{
	if (rename(beginning, out) == 0)
		return file_sync_folder(out);
	if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
		return report_failure(out, RXP_ERR_EXISTS);
	return report_errno(out);
}

int state_new(const struct options *o)
{
	const char *out = options_value(o, OPTION_OUT);
	char beginning[FILE_MAX_PATH];
	char root[FILE_MAX_PATH];
	char node[FILE_MAX_PATH];
	int rc;

	rc = identity_check(o);
	if (rc != 0)
		return rc;
	rc = make_beginning(beginning, out);
	if (rc != 0)
		return rc;
	if ((rc = file_path(root, beginning, "root")) != 0 ||
	    (rc = file_path(node, beginning, "node")) != 0)
		report_failure(out, rc);
	if (rc == 0)
		rc = make_all(o, root, node);
	if (rc == 0)
		rc = sign_identity(o, beginning);
	if (rc == 0)
		rc = give_name(beginning, out);
	if (rc != 0)
		remove_beginning(beginning);
	return rc;
}
