#include "daemon/base/sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/sandbox_filter.h"
#include "daemon/base/sandbox_landlock.h"
#include "protocol/base/err.h"

#ifdef READMIT_SANITIZED
#define CONFINED false
#else
#define CONFINED true
#endif

/* A directory that is open but was removed: nothing is in it and nothing can be made in it. */
static int empty_directory(void)
{
	char paths[][24] = {"/run/readmitd-XXXXXX", "/tmp/readmitd-XXXXXX"};
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < sizeof paths / sizeof paths[0]; i++) {
		if (mkdtemp(paths[i]) == NULL)
			continue;
		fd = open(paths[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)rmdir(paths[i]);
	}
	return fd;
}

static int change_root(int root_fd)
{
	int fd = root_fd >= 0 ? root_fd : empty_directory();
	int rc = 0;

	if (fd < 0 || fchdir(fd) != 0 || chroot(".") != 0)
		rc = RXP_ERR_IO;
	if (fd >= 0 && fd != root_fd)
		close(fd);
	return rc;
}

/* Become the role's user for good. */
static int change_user(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(uid, uid, uid) != 0)
		return RXP_ERR_IO;
	return uid != 0 && setresuid(0, 0, 0) == 0 ? RXP_ERR_IO : 0;
}

int sandbox_harden(void)
{
	const struct rlimit none = {0, 0};

	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return RXP_ERR_IO;
	return CONFINED && prctl(PR_SET_DUMPABLE, 0) != 0 ? RXP_ERR_IO : 0;
}

static int restrict_files(const struct sandbox *s)
{
	int rc = s->module ? sandbox_landlock_module()
			   : sandbox_landlock(s->files ? s->root_fd : -1, s->sockets);

	if (rc != RXP_ERR_UNSUPPORTED)
		return rc;
	log_event(LOG_SANDBOX_PARTIAL, LOG_S("landlock"));
	return 0;
}

int sandbox_become(uid_t uid, gid_t gid)
{
	return geteuid() == 0 && uid != (uid_t)-1 ? change_user(uid, gid) : 0;
}

int sandbox_enter(const struct sandbox *s)
{
	bool change = geteuid() == 0 && s->uid != (uid_t)-1;
	int rc = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : RXP_ERR_IO;

	if (rc == 0 && s->root_fd >= 0 && fchdir(s->root_fd) != 0)
		rc = RXP_ERR_IO;
	if (rc == 0 && change && CONFINED)
		rc = change_root(s->root_fd);
	if (rc == 0 && change)
		rc = change_user(s->uid, s->gid);
	if (rc == 0)
		rc = sandbox_harden(); /* again: the change of user resets it */
	if (rc == 0 && CONFINED)
		rc = restrict_files(s);
	if (rc == 0 && CONFINED)
		rc = sandbox_filter_load(s->role);
	return rc;
}
