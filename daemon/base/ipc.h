/*
 * ipc - the table of messages between the processes (ipc.def) as C: one struct per message
 * (struct msg_<name>), one type number (IPC_<name>), and the row that link and tests walk.
 */
#ifndef BASE_IPC_H
#define BASE_IPC_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"

enum ipc_role {
	IPC_PARENT,
	IPC_GATEWAY,
	IPC_SEALER,
	IPC_REGISTRY,
	IPC_DESK,
	IPC_SIGNER,
	IPC_ROLES
};

enum ipc_type {
	IPC_NONE = 0,
#define F(kind, name)
#define IPC(name, from, to, answers, window, descriptors, fields) IPC_##name,
#include "daemon/base/ipc.def"
#undef IPC
	IPC_TYPES
#undef F
};

#define F(kind, name) FIELD_##kind(name);
#define IPC(name, from, to, answers, window, descriptors, fields) \
	struct msg_##name { \
		fields \
	};
#include "daemon/base/ipc.def"
#undef IPC
#undef F

#define IPC_FDS_MAX 2 /* descriptors of one message, its memory file apart */
#define IPC_INLINE_MAX 16384 /* octets of a packet; more go into a sealed memory file */
#define IPC_MESSAGE_MAX ((size_t)2 * 1024 * 1024) /* octets of any message */
#define IPC_CONTAINER_ROWS_MAX \
	((size_t)32 * 1024 * 1024) /* octets of the file of a seal_container */

/* What is posted to a peer (RXP-PUL-006, 008, 010). */
enum ipc_backup { IPC_BACKUP_LOOK, IPC_BACKUP_BEGIN, IPC_BACKUP_END };
/* What a backup is made of: a copy of the database, the list of attachments, that of erasures, the storage keys. */
enum ipc_backup_file {
	IPC_BACKUP_DATABASE,
	IPC_BACKUP_LIST,
	IPC_BACKUP_ERASURES,
	IPC_BACKUP_KEYS,
	IPC_BACKUP_ATTACHMENT
};

enum ipc_post { IPC_POST_ANSWER, IPC_POST_DESCRIPTOR, IPC_POST_LOG };

struct ipc_row {
	const char *name;
	enum ipc_role from, to;
	enum ipc_type answers; /* IPC_NONE: a request or a notice */
	unsigned window; /* unanswered requests of this type on one link; 0: no answer */
	size_t descriptors;
	struct record_type type;
};

/* The row of a type, 1 <= type < IPC_TYPES; NULL otherwise. */
const struct ipc_row *ipc_row(enum ipc_type type);
const char *ipc_role_name(enum ipc_role role);

#endif
