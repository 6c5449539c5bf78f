#include "daemon/parent/inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/token_uri.h"
#include "daemon/parent/address.h"
#include "daemon/parent/allow.h"
#include "daemon/parent/epochs.h"
#include "daemon/parent/files.h"
#include "protocol/base/err.h"

#define PORT_WAIT_MS 3000 /* for a port that is in use … */
#define PORT_PAUSE_MS 50 /* … looked at so often */
#define OTHERS_MODE 077 /* what group and others may never have on keys and data */
#define PATH_ROOM (CONFIG_TEXT_MAX + 64) /* a path of the configuration and a name in it */
#define WORDS_ROOM (PATH_ROOM + 256)

struct inspection {
	const struct config *c;
	const struct config *running;
	config_report *report;
	void *arg;
	unsigned wrong;
};

__attribute__((format(printf, 5, 6))) static void say(struct inspection *i, unsigned about,
    unsigned long line, const char *where, const char *format, ...)
{
	char words[WORDS_ROOM];
	va_list values;

	va_start(values, format);
	vsnprintf(words, sizeof words, format, values);
	va_end(values);
	i->wrong |= about;
	i->report(i->arg, line, where, words);
}

/* The directory that holds path. */
static void folder_of(char out[PATH_ROOM], const char *path)
{
	char copy[PATH_ROOM];

	snprintf(copy, sizeof copy, "%s", path);
	snprintf(out, PATH_ROOM, "%s", dirname(copy));
}

/* --- user and keys -------------------------------------------------------------------------------- */

static void inspect_user(struct inspection *i)
{
	uint32_t uid, gid;

	if (i->c->user[0] != '\0' && files_user(i->c, &uid, &gid) != 0)
		say(i, INSPECT_USER, i->c->user_line, "node/@user",
		    "no such user; make one (adduser --system --group %s), or name another",
		    i->c->user);
}

static void inspect_file(struct inspection *i, unsigned long line, const char *path, mode_t never)
{
	struct stat st;

	if (stat(path, &st) != 0)
		say(i, INSPECT_KEYS, line, path, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		say(i, INSPECT_KEYS, line, path, "not a regular file");
	else if ((st.st_mode & never) != 0)
		say(i, INSPECT_KEYS, line, path, "others than the owner may use it; chmod 600 %s",
		    path);
	else if (access(path, R_OK) != 0)
		say(i, INSPECT_KEYS, line, path, "%s; chown it to the user who starts the daemon",
		    strerror(errno));
}

/* One for each living epoch; if there is none, the first is missing. */
static void inspect_storage(struct inspection *i)
{
	struct epochs e = {.n = 1, .numbers = {1}};
	char path[FILES_KEY_PATH];

	if (epochs_list(&e, i->c) == RXP_ERR_FULL)
		say(i, INSPECT_KEYS, i->c->key_dir_line, i->c->key_dir,
		    "more than %d storage keys; an epoch begins when older ones have ended",
		    SEALER_STORAGE_KEYS);
	else
		for (size_t k = 0; k < e.n; k++) {
			epochs_path(path, i->c, e.numbers[k]);
			inspect_file(i, i->c->key_dir_line, path, OTHERS_MODE);
		}
}

static void inspect_keys(struct inspection *i)
{
	char path[FILES_KEY_PATH];

	if (i->c->key_dir[0] == '\0')
		return;
	for (enum files_key key = 0; key < FILES_KEYS; key++) {
		files_key_path(path, i->c, key);
		if (files_key_wanted(i->c, key))
			inspect_file(
			    i, i->c->key_dir_line, path, files_key_secret(key) ? OTHERS_MODE : 0);
	}
	inspect_storage(i);
}

/* A file for its owner alone, or a credential of systemd, which may let the service in by an access list: that shows as
 * rights of the group. */
static void inspect_secret(
    struct inspection *i, const char *secret, unsigned long line, const char *where)
{
	char path[FILES_KEY_PATH];

	if (files_secret_path(path, secret) != 0)
		say(i, INSPECT_KEYS, line, where,
		    "systemd gives no credentials to this process; LoadCredential= in the unit");
	else
		inspect_file(
		    i, line, path, strncmp(secret, "file:", 5) == 0 ? OTHERS_MODE : S_IRWXO);
}

static void inspect_passphrases(struct inspection *i)
{
	const struct config *c = i->c;

	if (c->tls_passphrase[0] != '\0')
		inspect_secret(
		    i, c->tls_passphrase, c->tls_passphrase_line, "keys/@tls-passphrase");
	if (c->seal_passphrase[0] != '\0')
		inspect_secret(
		    i, c->seal_passphrase, c->seal_passphrase_line, "keys/@seal-passphrase");
	if (c->storage_passphrase[0] != '\0')
		inspect_secret(i, c->storage_passphrase, c->storage_passphrase_line,
		    "keys/@storage-passphrase");
}

/* What can be seen without the token: its PIN is tried by the signer alone, once. */
static void inspect_token(struct inspection *i)
{
	const struct config *c = i->c;
	struct token_uri uri;

	if (c->token_module[0] == '\0') {
		if (c->token_key[0] != '\0' || c->token_pin[0] != '\0')
			say(i, INSPECT_OTHER, c->token_module_line, "token/@module",
			    "must be given with the key of a token");
		return;
	}
	if (access(c->token_module, R_OK) != 0)
		say(i, INSPECT_OTHER, c->token_module_line, c->token_module, "%s", strerror(errno));
	if (token_uri_read(&uri, c->token_key) != 0)
		say(i, INSPECT_OTHER, c->token_key_line, "token/@key",
		    "must name a private key: pkcs11: with token or serial, and object or id; "
		    "no PIN and no module in it");
	if (c->token_pin[0] == '\0')
		say(i, INSPECT_OTHER, c->token_pin_line, "token/@pin",
		    "must be given with the key of a token");
	else
		inspect_secret(i, c->token_pin, c->token_pin_line, "token/@pin");
}

/* --- data ----------------------------------------------------------------------------------------- */

/* What the registry keeps in the data directory, if it is there. */
static const struct {
	const char *name;
	bool directory;
} kept[] = {
    {"readmit.db", false},
    {"readmit.db-wal", false},
    {"readmit.lock", false},
    {"attachments", true},
    {"attachments/staging", true},
    {"attachments/out", true},
    {"attachments/in", true},
};

/* Whom the processes become must own it, and be let by its mode. */
static void inspect_owned(
    struct inspection *i, const char *path, const struct stat *st, bool directory)
{
	const mode_t need = directory ? S_IRWXU : S_IRUSR | S_IWUSR;
	const char *name = i->c->user;
	uint32_t uid, gid;

	if (files_user(i->c, &uid, &gid) != 0)
		return; /* said by inspect_user */
	if (uid == UINT32_MAX) {
		const struct passwd *p = getpwuid(geteuid());

		uid = geteuid();
		name = p != NULL ? p->pw_name : "OWNER";
	}
	if (st->st_uid != uid)
		say(i, INSPECT_DATA, i->c->data_dir_line, path, "belongs to user %lu; chown %s %s",
		    (unsigned long)st->st_uid, name, path);
	else if ((st->st_mode & need) != need)
		say(i, INSPECT_DATA, i->c->data_dir_line, path,
		    "its owner may not %s it; chmod %s %s", directory ? "use" : "read and write",
		    directory ? "u+rwx" : "u+rw", path);
}

static void inspect_kept(struct inspection *i)
{
	for (size_t k = 0; k < sizeof kept / sizeof kept[0]; k++) {
		char path[PATH_ROOM];
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", i->c->data_dir, kept[k].name);
		if (lstat(path, &st) == 0)
			inspect_owned(i, path, &st, kept[k].directory);
		else if (errno != ENOENT)
			say(i, INSPECT_DATA, i->c->data_dir_line, path, "%s", strerror(errno));
	}
}

/* It will be made: the one above it must be there, and let us. */
static void inspect_above(struct inspection *i)
{
	char folder[PATH_ROOM];
	struct stat st;

	folder_of(folder, i->c->data_dir);
	if (stat(folder, &st) != 0)
		say(i, INSPECT_DATA, i->c->data_dir_line, "node/@data",
		    "cannot be made: %s: %s; mkdir -p %s", folder, strerror(errno), folder);
	else if (!S_ISDIR(st.st_mode) || access(folder, W_OK | X_OK) != 0)
		say(i, INSPECT_DATA, i->c->data_dir_line, "node/@data",
		    "cannot be made in %s; make it, for the user of the daemon", folder);
}

static void inspect_directory(struct inspection *i)
{
	unsigned long line = i->c->data_dir_line;
	const char *path = i->c->data_dir;
	struct stat st;

	if (path[0] == '\0')
		return;
	if (stat(path, &st) != 0) {
		if (errno == ENOENT)
			inspect_above(i);
		else
			say(i, INSPECT_DATA, line, path, "%s", strerror(errno));
		return;
	}
	if (!S_ISDIR(st.st_mode)) {
		say(i, INSPECT_DATA, line, path, "not a directory");
		return;
	}
	if ((st.st_mode & OTHERS_MODE) != 0)
		say(i, INSPECT_DATA, line, path, "others than the owner may enter it; chmod 700 %s",
		    path);
	inspect_owned(i, path, &st, true);
	inspect_kept(i);
}

/* --- addresses ------------------------------------------------------------------------------------ */

/* Another daemon, or this configuration's own, works with the data: then it has the ports too. */
static bool data_used(const struct config *c)
{
	int fd = open(c->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool used = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0;

	if (fd >= 0)
		close(fd); /* the lock goes with it */
	return used;
}

/* May the port be in use because the daemon that is to take this configuration uses it? */
static bool port_ours(const struct inspection *i, const struct sockaddr_storage *a)
{
	struct sockaddr_storage other;
	socklen_t len;

	if (i->running == NULL)
		return data_used(i->c);
	for (size_t k = 0; k < i->running->n_listen; k++)
		if (address_parse(&other, &len, i->running->listen[k].text) == 0 &&
		    address_port(&other) == address_port(a))
			return true;
	return false;
}

/* Bound and not listening: nobody can connect to a socket that is only tried. */
static int try_bind(const struct sockaddr_storage *a, socklen_t len)
{
	int one = 1, failed = 0;
	int fd = socket(a->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
	    bind(fd, (const struct sockaddr *)a, len) != 0)
		failed = errno;
	if (fd >= 0)
		close(fd);
	return failed;
}

/* Processes of a daemon that was killed just now may need a moment to end. */
static int try_bind_awhile(
    const struct inspection *i, const struct sockaddr_storage *a, socklen_t len)
{
	const struct timespec pause = {.tv_nsec = PORT_PAUSE_MS * 1000000L};
	int failed = try_bind(a, len);

	for (int waited = 0; failed == EADDRINUSE && waited < PORT_WAIT_MS;
	     waited += PORT_PAUSE_MS) {
		if (port_ours(i, a))
			return 0;
		nanosleep(&pause, NULL);
		failed = try_bind(a, len);
	}
	return failed;
}

static void inspect_address(struct inspection *i, const struct config_address *at)
{
	struct sockaddr_storage a;
	socklen_t len;
	int failed;

	if (address_parse(&a, &len, at->text) != 0) {
		say(i, INSPECT_OTHER, at->line, at->text,
		    "not an address and a port from 1 to 65535");
		return;
	}
	for (const struct config_address *b = i->c->listen; b != at; b++) {
		struct sockaddr_storage other;
		socklen_t other_len;

		if (address_parse(&other, &other_len, b->text) == 0 && address_same(&a, &other)) {
			say(i, INSPECT_OTHER, at->line, at->text, "given twice; take one out");
			return;
		}
	}
	failed = try_bind_awhile(i, &a, len);
	if (failed == EADDRNOTAVAIL)
		say(i, INSPECT_OTHER, at->line, at->text,
		    "not an address of this machine; `ip address` shows those");
	else if (failed == EADDRINUSE)
		say(i, INSPECT_OTHER, at->line, at->text,
		    "the port is in use by another program; `ss -ltnp` shows which");
	else if (failed != 0)
		say(i, INSPECT_OTHER, at->line, at->text, "%s", strerror(failed));
}

/* --- local interface ------------------------------------------------------------------------------ */

static void inspect_api(struct inspection *i)
{
	unsigned long line = i->c->api_socket_line;
	const char *path = i->c->api_socket;
	struct sockaddr_un address;
	char folder[PATH_ROOM];
	struct stat st;

	if (path[0] == '\0')
		return;
	folder_of(folder, path);
	if (strlen(path) >= sizeof address.sun_path)
		say(i, INSPECT_OTHER, line, "api/@socket",
		    "longer than %zu characters; name a shorter path", sizeof address.sun_path - 1);
	else if (stat(folder, &st) != 0)
		say(i, INSPECT_OTHER, line, "api/@socket", "%s: %s; mkdir -p %s", folder,
		    strerror(errno), folder);
	else if (!S_ISDIR(st.st_mode) || access(folder, W_OK | X_OK) != 0)
		say(i, INSPECT_OTHER, line, "api/@socket", "no socket can be made in %s", folder);
	else if (lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode))
		say(i, INSPECT_OTHER, line, "api/@socket",
		    "something that is no socket stands there; remove it, or name another path");
	if (i->c->api_group[0] != '\0' && getgrnam(i->c->api_group) == NULL)
		say(i, INSPECT_OTHER, i->c->api_group_line, "api/@group",
		    "no such group; make one (addgroup --system %s), or name another",
		    i->c->api_group);
}

static void say_allow(void *arg, unsigned long line, const char *where, const char *what)
{
	say(arg, INSPECT_OTHER, line, where, "%s", what);
}

/* --- all ------------------------------------------------------------------------------------------- */

unsigned inspect(
    const struct config *c, const struct config *running, config_report *report, void *arg)
{
	struct inspection i = {.c = c, .running = running, .report = report, .arg = arg};

	inspect_user(&i);
	inspect_keys(&i);
	inspect_passphrases(&i);
	inspect_token(&i);
	inspect_directory(&i);
	for (size_t k = 0; k < c->n_listen; k++)
		inspect_address(&i, &c->listen[k]);
	inspect_api(&i);
	allow_check(c, say_allow, &i);
	if (c->clock_file[0] != '\0' && access(c->clock_file, R_OK) != 0)
		say(&i, INSPECT_OTHER, c->clock_file_line, "test/@clock", "%s: %s", c->clock_file,
		    strerror(errno));
	return i.wrong;
}

unsigned inspect_data(const struct config *c, config_report *report, void *arg)
{
	struct inspection i = {.c = c, .report = report, .arg = arg};

	inspect_directory(&i);
	return i.wrong;
}
