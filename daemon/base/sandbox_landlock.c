#include "daemon/base/sandbox_landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "protocol/base/err.h"

/* The kernel's interface by its own version numbers; headers of older systems lack the later ones. */
enum {
	ABI_REFER = 2,
	ABI_TRUNCATE = 3,
	ABI_NET = 4,
	ABI_IOCTL = 5,
	ABI_SCOPE = 6,
};

#define FS_FIRST ((UINT64_C(1) << 13) - 1) /* all rights of version 1 */
#define FS_REFER (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL (UINT64_C(1) << 15)
#define NET_BIND UINT64_C(1)
#define NET_CONNECT UINT64_C(2)
#define SCOPE_ALL UINT64_C(3) /* abstract Unix sockets, signals */

#define FS_BELOW \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	    LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
	    LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_REFER | FS_TRUNCATE)

/* struct landlock_ruleset_attr as of ABI_SCOPE; older kernels accept it while the rest is zero. */
struct ruleset {
	uint64_t fs, net, scoped;
};

static struct ruleset handled(int abi, bool connect)
{
	struct ruleset r = {.fs = FS_FIRST};

	if (abi >= ABI_REFER)
		r.fs |= FS_REFER;
	if (abi >= ABI_TRUNCATE)
		r.fs |= FS_TRUNCATE;
	if (abi >= ABI_IOCTL)
		r.fs |= FS_IOCTL;
	if (abi >= ABI_NET)
		r.net = NET_BIND | (connect ? 0 : NET_CONNECT);
	if (abi >= ABI_SCOPE)
		r.scoped = SCOPE_ALL;
	return r;
}

static int allow_below(int ruleset_fd, int files_fd, uint64_t known)
{
	struct landlock_path_beneath_attr beneath = {
	    .allowed_access = FS_BELOW & known,
	    .parent_fd = files_fd,
	};

	return syscall(
		   SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0
		   ? 0
		   : RXP_ERR_IO;
}

int sandbox_landlock(int files_fd, bool connect)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules;
	int rc = 0;
	int fd;

	if (abi < 0)
		return errno == ENOSYS || errno == EOPNOTSUPP ? RXP_ERR_UNSUPPORTED : RXP_ERR_IO;
	rules = handled((int)abi, connect);
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
	if (fd < 0)
		return RXP_ERR_IO;
	if (files_fd >= 0)
		rc = allow_below(fd, files_fd, rules.fs);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		rc = RXP_ERR_IO;
	close(fd);
	return rc;
}
