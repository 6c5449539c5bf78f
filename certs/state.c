#include "certs/state.h"

#include "protocol/err.h"
#include "certs/file.h"
#include "certs/identity.h"
#include "certs/make.h"
#include "certs/options.h"
#include "certs/report.h"

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

/* The command with another folder, and with or without the root's passphrase. */
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

	for_node.count[OPTION_PASSPHRASE_FILE] = 0;
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

int state_new(const struct options *o)
{
	const char *out = options_value(o, OPTION_OUT);
	char root[FILE_MAX_PATH];
	char node[FILE_MAX_PATH];
	int rc;

	rc = identity_check(o);
	if (rc != 0)
		return rc;
	if ((rc = file_path(root, out, "root")) != 0 || (rc = file_path(node, out, "node")) != 0 ||
	    (rc = file_folder(out)) != 0)
		return report_failure(out, rc);
	rc = make_all(o, root, node);
	return rc != 0 ? rc : sign_identity(o, out);
}
