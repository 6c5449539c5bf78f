/* Backups: what the registry puts together is begun, looked at, fetched and ended (RXP-RET-017). */
#include "daemon/desk/api.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/base/ipc.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/http_request.h"
#include "daemon/desk/outgoing.h"
#include "daemon/desk/problem.h"
#include "daemon/desk/reply.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"

static const char no_escrow[] =
    "there is no escrow.pub in the key directory: readmit-pki escrow new makes one; then reload";

static void told(struct http_request *r, const struct link_message *answer)
{
	const struct msg_backup_is *m = answer->body;
	char made[RXP_TIME_TEXT] = "";

	if (m->result != 0) {
		problem_reply_result(
		    r, m->result, (int)m->result == RXP_ERR_CONFIG ? no_escrow : NULL);
		return;
	}
	if (m->made_ms > 0)
		rxp_time_text(made, m->made_ms);
	reply_json(r, json_pack("{s:s, s:I, s:I, s:s, s:i, s:s*, s:I}", "state", m->state, "done",
			  (json_int_t)m->done, "total", (json_int_t)m->total, "own", m->own,
			  "schema", (int)m->schema, "made", made[0] != '\0' ? made : NULL,
			  "erasures", (json_int_t)m->erasures));
}

static void ask(struct http_request *r, enum ipc_backup what)
{
	struct msg_backup m = {.what = (uint32_t)what};

	snprintf(m.user, sizeof(m.user), "%s", http_user(r));
	ask_put(http_api(r)->ask, r, IPC_backup, &m, false, told);
}

void api_backup_begin(struct http_request *r)
{
	ask(r, IPC_BACKUP_BEGIN);
}

void api_backup_show(struct http_request *r)
{
	ask(r, IPC_BACKUP_LOOK);
}

void api_backup_end(struct http_request *r)
{
	ask(r, IPC_BACKUP_END);
}

static void file_given(struct http_request *r, const struct link_message *answer)
{
	const struct msg_backup_file_given *m = answer->body;

	if (answer->type == IPC_backup_file_denied)
		problem_reply_result(
		    r, ((const struct msg_backup_file_denied *)answer->body)->result, NULL);
	else
		outgoing_reply(r, answer->fds[0], m->length);
}

/* Names as in the data directory, but for the folders: NAME of the backup, PARTY-DIGEST or DIGEST of an attachment. */
static int read_name(struct msg_backup_file *m, const char *name)
{
	static const char *const names[IPC_BACKUP_ATTACHMENT] = {
	    [IPC_BACKUP_DATABASE] = "readmit.db",
	    [IPC_BACKUP_LIST] = "attachments",
	    [IPC_BACKUP_ERASURES] = "erasures",
	    [IPC_BACKUP_KEYS] = "keys",
	};
	const size_t len = strlen(name);

	for (uint32_t i = 0; i < IPC_BACKUP_ATTACHMENT; i++)
		if (strcmp(name, names[i]) == 0) {
			m->kind = i;
			return 0;
		}
	m->kind = IPC_BACKUP_ATTACHMENT;
	if (len == RXP_PARTY_TEXT + RXP_DIGEST_HEX - 1 && name[RXP_PARTY_TEXT - 1] == '-') {
		memcpy(m->party, name, RXP_PARTY_TEXT - 1);
		if (!rxp_party_valid(m->party))
			return RXP_ERR_SYNTAX;
		name += RXP_PARTY_TEXT;
	}
	return rxp_hex_get(m->digest, sizeof(m->digest), name, false);
}

void api_backup_file(struct http_request *r)
{
	struct msg_backup_file m = {0};
	const char *name = http_query(r, "name");

	if (name == NULL || read_name(&m, name) != 0)
		problem_reply(r, PROBLEM_QUERY,
		    "name is readmit.db, attachments, erasures, keys or that of an attachment");
	else
		ask_put(http_api(r)->ask, r, IPC_backup_file, &m, false, file_given);
}
