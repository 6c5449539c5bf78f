#include "daemon/base/ipc.h"

#define F(kind, name) RECORD_FIELD(kind, name)
#define IPC(name, from, to, answers, window, descriptors, list) RECORD_FIELDS(msg_, name, list)
#include "daemon/base/ipc.def"
#undef IPC
#undef F

static const struct ipc_row rows[IPC_TYPES] = {
#define F(kind, name)
#define IPC(row_name, row_from, row_to, row_answers, row_window, row_descriptors, list) \
	[IPC_##row_name] = { \
	    .name = #row_name, \
	    .from = IPC_##row_from, \
	    .to = IPC_##row_to, \
	    .answers = IPC_##row_answers, \
	    .window = (row_window), \
	    .descriptors = (row_descriptors), \
	    .type = RECORD_TYPE(msg_, row_name), \
	},
#include "daemon/base/ipc.def"
#undef IPC
#undef F
};

const struct ipc_row *ipc_row(enum ipc_type type)
{
	return (unsigned)type > IPC_NONE && (unsigned)type < IPC_TYPES ? &rows[type] : NULL;
}

const char *ipc_role_name(enum ipc_role role)
{
	static const char *const names[IPC_ROLES] = {
	    [IPC_PARENT] = "parent",
	    [IPC_GATEWAY] = "gateway",
	    [IPC_SEALER] = "sealer",
	    [IPC_REGISTRY] = "registry",
	    [IPC_DESK] = "desk",
	    [IPC_SIGNER] = "signer",
	};

	return (unsigned)role < IPC_ROLES ? names[role] : "unknown";
}
