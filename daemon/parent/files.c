#include "daemon/parent/files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/parent/address.h"
#include "protocol/base/err.h"

#define LISTEN_BACKLOG 128
#define LOCK_WAIT_MS 3000
#define LOCK_PAUSE_MS 50

static const struct {
	const char *name;
	bool secret;
} key_files[FILES_KEYS] = {
    [FILES_TLS_KEY] = {"tls.key", true},
    [FILES_TLS_CERT] = {"tls.crt", false},
    [FILES_TLS_FORMER_KEY] = {"tls-former.key", true},
    [FILES_TLS_FORMER_CERT] = {"tls-former.crt", false},
    [FILES_SEAL_KEY] = {"seal.key", true},
    [FILES_SEAL_CERT] = {"seal.crt", false},
    [FILES_IDENTITY] = {"identity.xml", false},
};

struct report {
	config_report *fn;
	void *arg;
	unsigned problems;
};

static void say(struct report *r, unsigned long line, const char *where, const char *what)
{
	r->problems++;
	r->fn(r->arg, line, where, what);
}

static void say_errno(struct report *r, unsigned long line, const char *where)
{
	say(r, line, where, strerror(errno));
}

void files_init(struct files *f)
{
	*f = (struct files){
	    .uid = UINT32_MAX, .gid = UINT32_MAX, .data = -1, .clock = -1, .api = -1};
}

void files_close(struct files *f)
{
	int *single[] = {&f->data, &f->clock, &f->api};

	for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
		if (*single[i] >= 0)
			close(*single[i]);
	for (size_t i = 0; i < f->n_listen; i++)
		close(f->listen[i]);
	files_init(f);
}

int files_user(const struct config *c, uint32_t *uid, uint32_t *gid)
{
	const struct passwd *p = geteuid() == 0 ? getpwnam(c->user) : NULL;

	if (geteuid() == 0 && p == NULL)
		return RXP_ERR_NOT_FOUND;
	*uid = p != NULL ? p->pw_uid : UINT32_MAX;
	*gid = p != NULL ? p->pw_gid : UINT32_MAX;
	return 0;
}

void files_key_path(char out[FILES_KEY_PATH], const struct config *c, enum files_key key)
{
	snprintf(out, FILES_KEY_PATH, "%s/%s", c->key_dir, key_files[key].name);
}

bool files_key_secret(enum files_key key)
{
	return key_files[key].secret;
}

bool files_key_wanted(const struct config *c, enum files_key key)
{
	const bool in_token = c->token_module[0] != '\0';
	char path[FILES_KEY_PATH];

	if (key == FILES_TLS_FORMER_KEY || key == FILES_TLS_FORMER_CERT) {
		files_key_path(path, c, key);
		return access(path, F_OK) == 0;
	}
	return key == FILES_SEAL_KEY ? !in_token : key != FILES_SEAL_CERT || in_token;
}

int files_secret_path(char out[FILES_KEY_PATH], const char *secret)
{
	static const char file[] = "file:", credential[] = "credential:";
	const char *folder;

	if (strncmp(secret, file, strlen(file)) == 0) {
		snprintf(out, FILES_KEY_PATH, "%s", secret + strlen(file));
		return 0;
	}
	folder = getenv("CREDENTIALS_DIRECTORY");
	if (folder == NULL || strlen(folder) > CONFIG_TEXT_MAX / 2)
		return RXP_ERR_NOT_FOUND;
	snprintf(out, FILES_KEY_PATH, "%s/%.*s", folder, CONFIG_TEXT_MAX / 2,
	    secret + strlen(credential));
	return 0;
}

/* Processes of a daemon that was killed just now may need a moment to end. */
static bool lock_data(int fd)
{
	const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};

	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += LOCK_PAUSE_MS) {
		if (waited >= LOCK_WAIT_MS)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* The lock goes with the descriptor, which the registry shares: it lasts as long as either lives. */
static void open_data(struct files *f, const struct config *c, struct report *r)
{
	if (mkdir(c->data_dir, 0700) == 0 && f->uid != UINT32_MAX &&
	    chown(c->data_dir, f->uid, f->gid) != 0)
		say_errno(r, c->data_dir_line, "node/@data");
	f->data = open(c->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->data < 0)
		say_errno(r, c->data_dir_line, "node/@data");
	else if (!lock_data(f->data))
		say(r, c->data_dir_line, "node/@data", "another daemon works with this directory");
}

static void open_listener(struct files *f, const struct config_address *a, struct report *r)
{
	struct sockaddr_storage address;
	socklen_t len = 0;
	int one = 1, fd = -1;

	if (address_parse(&address, &len, a->text) == 0)
		fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
	    bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
		say_errno(r, a->line, a->text);
		if (fd >= 0)
			close(fd);
		return;
	}
	f->listen[f->n_listen++] = fd;
}

/* The socket's own mode decides who may connect; it is bound under a mask that lets nobody. */
static void open_api(struct files *f, const struct config *c, struct report *r)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const struct group *g = c->api_group[0] != '\0' ? getgrnam(c->api_group) : NULL;
	mode_t before;
	int fd, failed;

	if (strlen(c->api_socket) >= sizeof address.sun_path) {
		say(r, c->api_socket_line, "api/@socket", "longer than 107 characters");
		return;
	}
	snprintf(address.sun_path, sizeof address.sun_path, "%.107s", c->api_socket);
	unlink(c->api_socket);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	before = umask(0777);
	failed = fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0;
	umask(before);
	if (failed || (g != NULL && chown(c->api_socket, (uid_t)-1, g->gr_gid) != 0) ||
	    chmod(c->api_socket, (mode_t)c->api_mode) != 0 || listen(fd, LISTEN_BACKLOG) != 0) {
		say_errno(r, c->api_socket_line, "api/@socket");
		if (fd >= 0)
			close(fd);
		return;
	}
	f->api = fd;
}

int files_open(struct files *f, const struct config *c, config_report *report, void *arg)
{
	struct report r = {report, arg, 0};

	files_init(f);
	if (files_user(c, &f->uid, &f->gid) != 0)
		say(&r, c->user_line, "node/@user", "no such user");
	else
		open_data(f, c, &r);
	if (r.problems > 0)
		goto done;
	if (c->clock_file[0] != '\0') {
		f->clock = open(c->clock_file, O_RDONLY | O_CLOEXEC);
		if (f->clock < 0)
			say_errno(&r, c->clock_file_line, "test/@clock");
	}
	for (size_t i = 0; i < c->n_listen; i++)
		open_listener(f, &c->listen[i], &r);
	open_api(f, c, &r);
done:
	if (r.problems == 0)
		return 0;
	files_close(f);
	return RXP_ERR_CONFIG;
}

static int open_small(const char *path, const char *name)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		log_event(LOG_ROLE_FAILED, LOG_S(name), LOG_S(strerror(errno)));
	return fd;
}

int files_open_key(const struct config *c, enum files_key key)
{
	char path[FILES_KEY_PATH];

	files_key_path(path, c, key);
	return open_small(path, key_files[key].name);
}

int files_open_secret(const char *secret)
{
	char path[FILES_KEY_PATH];

	if (files_secret_path(path, secret) == 0)
		return open_small(path, secret);
	log_event(LOG_ROLE_FAILED, LOG_S(secret), LOG_S("this process got no credentials"));
	return -1;
}
