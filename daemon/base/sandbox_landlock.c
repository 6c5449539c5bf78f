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

/* What a module has no use for. */
#define FS_MODULE \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
	    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
	    LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)

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

/* The version that the kernel has, or RXP_ERR_*. */
static int version(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	if (abi >= 0)
		return (int)abi;
	return errno == ENOSYS || errno == EOPNOTSUPP ? RXP_ERR_UNSUPPORTED : RXP_ERR_IO;
}

static int restrict_self(const struct ruleset *rules, int files_fd)
{
	int fd = (int)syscall(SYS_landlock_create_ruleset, rules, sizeof *rules, 0);
	int rc = 0;

	if (fd < 0)
		return RXP_ERR_IO;
	if (files_fd >= 0)
		rc = allow_below(fd, files_fd, rules->fs);
	if (rc == 0 && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		rc = RXP_ERR_IO;
	close(fd);
	return rc;
}

int sandbox_landlock(int files_fd, bool connect)
{
	int abi = version();
	struct ruleset rules;

	if (abi < 0)
		return abi;
	rules = handled(abi, connect);
	return restrict_self(&rules, files_fd);
}

int sandbox_landlock_module(void)
{
	int abi = version();
	struct ruleset rules;

	if (abi < 0)
		return abi;
	rules = handled(abi, true);
	rules.fs = FS_MODULE;
	return restrict_self(&rules, -1);
}
