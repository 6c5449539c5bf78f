#include "daemon/sealer/dispatch.h"

#include <stddef.h>

#include "daemon/base/link.h"
#include "daemon/sealer/answer.h"
#include "daemon/sealer/attachment.h"
#include "daemon/sealer/check.h"
#include "daemon/sealer/close.h"
#include "daemon/sealer/container.h"
#include "daemon/sealer/corrections.h"
#include "daemon/sealer/descriptor.h"
#include "daemon/sealer/escrow.h"
#include "daemon/sealer/former.h"
#include "daemon/sealer/keys.h"
#include "daemon/sealer/logpage.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/open.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/rekey.h"
#include "daemon/sealer/reply.h"
#include "daemon/sealer/restore.h"
#include "daemon/sealer/rewrap.h"
#include "daemon/sealer/terms.h"
#include "daemon/sealer/ticket.h"
#include "protocol/base/err.h"

/* What each request is answered with, and by whom. */
static const struct {
	enum ipc_type answer;
	reply_handler *handler;
} rows[IPC_TYPES] = {
    [IPC_make_key] = {IPC_key_made, keys_make_handle},
    [IPC_seal_working] = {IPC_working_sealed, descriptor_seal_handle},
    [IPC_check_descriptor] = {IPC_descriptor_checked, descriptor_check_handle},
    [IPC_renew_descriptor] = {IPC_descriptor_renewed, descriptor_renew_handle},
    [IPC_escrow] = {IPC_escrowed, escrow_handle},
    [IPC_rewrap] = {IPC_rewrapped, rewrap_handle},
    [IPC_open] = {IPC_opened, open_handle},
    [IPC_seal_answer] = {IPC_answer_sealed, answer_seal_handle},
    [IPC_reseal_answer] = {IPC_answer_resealed, answer_reseal_handle},
    [IPC_close] = {IPC_closed, close_handle},
    [IPC_rekey] = {IPC_rekeyed, rekey_handle},
    [IPC_restore] = {IPC_restored, restore_handle},
    [IPC_check_answer] = {IPC_answer_checked, answer_check_handle},
    [IPC_seal_log_page] = {IPC_log_page_sealed, logpage_seal_handle},
    [IPC_check_log_page] = {IPC_log_page_checked, logpage_check_handle},
    [IPC_ticket] = {IPC_ticket_made, ticket_make_handle},
    [IPC_check] = {IPC_checked, check_handle},
    [IPC_read] = {IPC_content, ticket_read_handle},
    [IPC_read_correction] = {IPC_correction_read, corrections_read_handle},
    [IPC_attachment_key] = {IPC_attachment_keyed, attachment_key_handle},
    [IPC_attachment_ticket] = {IPC_attachment_ticketed, attachment_ticket_handle},
    [IPC_segment_seal] = {IPC_segment_sealed, attachment_segment_seal_handle},
    [IPC_segment_open] = {IPC_segment_opened, attachment_segment_open_handle},
    [IPC_open_terms] = {IPC_terms_opened, terms_open_handle},
    [IPC_seal_container] = {IPC_container_sealed, container_seal_handle},
    [IPC_join_descriptor] = {IPC_descriptor_joined, former_join_handle},
};

/* The descriptor that these carry is their own. */
static const bool own_file[IPC_TYPES] = {[IPC_seal_container] = true, [IPC_join_descriptor] = true};

/* Every other request that carries a descriptor carries the register; its number comes first in it. */
_Static_assert(offsetof(struct msg_open, register_number) == 0, "first field");
_Static_assert(offsetof(struct msg_close, register_number) == 0, "first field");
_Static_assert(offsetof(struct msg_rekey, register_number) == 0, "first field");
_Static_assert(offsetof(struct msg_restore, register_number) == 0, "first field");
_Static_assert(offsetof(struct msg_check_answer, register_number) == 0, "first field");
_Static_assert(offsetof(struct msg_check_log_page, register_number) == 0, "first field");
_Static_assert(offsetof(struct msg_open_terms, register_number) == 0, "first field");

static int use_descriptor(struct node *node, const struct link_message *m, struct reply *reply)
{
	const uint64_t *number = m->body;

	if (ipc_row(m->type)->descriptors == 0)
		return 0;
	if (m->n_fds != 1)
		return RXP_ERR_STATE;
	if (!own_file[m->type])
		return register_use(node->peers, m->fds[0], *number);
	reply->file = m->fds[0];
	return 0;
}

/* The first word to the client that asked. */
static int say_taken(uint32_t number, struct link *l, const struct link_message *m)
{
	const struct msg_taken taken = {.number = number};
	const struct msg_desk_taken desk_taken = {.number = number};

	if (ipc_row(m->type)->from == IPC_DESK)
		return link_answer(l, IPC_desk_taken, m->request, &desk_taken, NULL, 0);
	return link_answer(l, IPC_taken, m->request, &taken, NULL, 0);
}

bool dispatch_knows(enum ipc_type type)
{
	return type > IPC_NONE && type < IPC_TYPES && rows[type].handler != NULL;
}

int dispatch_request(
    struct node *node, uint32_t number, struct link *l, const struct link_message *m)
{
	struct reply reply;
	int rc;

	if (!dispatch_knows(m->type))
		return RXP_ERR_STATE;
	rc = say_taken(number, l, m);
	if (rc != 0)
		return rc;
	reply_init(&reply);
	rc = use_descriptor(node, m, &reply);
	if (rc == 0)
		rc = rows[m->type].handler(node, m->body, &reply);
	if (rc == 0)
		rc = link_answer(l, rows[m->type].answer, m->request, &reply.body, NULL, 0);
	reply_clear(&reply);
	return rc;
}
