#include "daemon/base/sandbox_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <seccomp.h>

#include "protocol/base/err.h"

enum { GATEWAY = 1, SEALER = 2, REGISTRY = 4, DESK = 8, SIGNER = 16, ALL = 31 };

#define SELF UINT64_MAX /* as a value of the table: the process's own number */

struct rule {
	int number;
	unsigned roles;
	bool conditional;
	bool absent; /* answered as if the kernel did not know it */
	unsigned argument;
	uint64_t mask, value;
};

static const struct rule rules[] = {
#define SYSCALL(name, roles) {SCMP_SYS(name), roles, false, false, 0, 0, 0},
#define SYSCALL_IF(name, roles, argument, mask, value) \
	{SCMP_SYS(name), roles, true, false, argument, mask, value},
#define SYSCALL_ABSENT(name, roles) {SCMP_SYS(name), roles, false, true, 0, 0, 0},
#include "daemon/base/sandbox.def"
#undef SYSCALL
#undef SYSCALL_IF
#undef SYSCALL_ABSENT
};

static unsigned role_bit(const char *role)
{
	static const struct {
		const char *name;
		unsigned bit;
	} roles[] = {
	    {"gateway", GATEWAY},
	    {"sealer", SEALER},
	    {"registry", REGISTRY},
	    {"desk", DESK},
	    {"signer", SIGNER},
	};

	for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
		if (strcmp(roles[i].name, role) == 0)
			return roles[i].bit;
	abort();
}

/* A call that this machine does not have is left out. */
static int add(scmp_filter_ctx filter, const struct rule *rule)
{
	uint64_t value = rule->value == SELF ? (uint64_t)getpid() : rule->value;
	struct scmp_arg_cmp condition =
	    SCMP_CMP64(rule->argument, SCMP_CMP_MASKED_EQ, rule->mask, value);

	if (rule->number < 0)
		return 0;
	return seccomp_rule_add_array(filter,
	    rule->absent ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW, rule->number,
	    rule->conditional ? 1 : 0, &condition);
}

int sandbox_filter_load(const char *role)
{
	unsigned bit = role_bit(role);
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = 0;

	if (filter == NULL)
		return RXP_ERR_NOMEM;
	if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0)
		rc = RXP_ERR_IO;
	for (size_t i = 0; rc == 0 && i < sizeof rules / sizeof rules[0]; i++)
		if ((rules[i].roles & bit) != 0 && add(filter, &rules[i]) != 0)
			rc = RXP_ERR_IO;
	if (rc == 0 && seccomp_load(filter) != 0)
		rc = RXP_ERR_IO;
	seccomp_release(filter);
	return rc;
}
