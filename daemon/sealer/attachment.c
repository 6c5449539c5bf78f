#include "daemon/sealer/attachment.h"

#include <stdint.h>

#include <openssl/crypto.h>

#include "daemon/sealer/box.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "daemon/sealer/ticket.h"
#include "protocol/base/err.h"
#include "protocol/envelope/attachment.h"

_Static_assert(RXP_SEALED_SEGMENT_OCTETS < IPC_MESSAGE_MAX, "a segment is one message");

static int open_key(uint8_t key[RXP_ATTACHMENT_KEY_OCTETS], const struct node *node,
    enum box_purpose purpose, struct bytes box)
{
	return box_open_exact(key, RXP_ATTACHMENT_KEY_OCTETS, &node->storage, purpose,
	    &box_no_context, box.data, box.len);
}

int attachment_key_handle(struct node *node, const void *request, struct reply *reply)
{
	struct msg_attachment_keyed *a = &reply->body.attachment_keyed;
	struct rxp_buf *box = &reply->octets[0];
	uint8_t key[RXP_ATTACHMENT_KEY_OCTETS];
	int rc = node->random.fill(node->random.arg, key, sizeof key);

	(void)request;
	if (rc == 0)
		rc = box_seal(box, &node->storage, BOX_OWN_ATTACHMENT, &box_no_context, key,
		    sizeof key, &node->random);
	if (rc == 0)
		a->key = reply_bytes(box);
	a->result = (uint32_t)rc;
	OPENSSL_cleanse(key, sizeof key);
	return 0;
}

int attachment_segment_seal_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_segment_seal *q = request;
	struct msg_segment_sealed *a = &reply->body.segment_sealed;
	struct rxp_buf *sealed = &reply->octets[0];
	uint8_t key[RXP_ATTACHMENT_KEY_OCTETS];
	int rc;

	if (q->last > 1)
		return RXP_ERR_STATE;
	rc = open_key(key, node, BOX_OWN_ATTACHMENT, q->key);
	if (rc == 0)
		rc = rxp_attachment_encrypt(
		    sealed, key, q->counter, q->last != 0, q->octets.data, q->octets.len);
	if (rc == 0)
		a->octets = reply_bytes(sealed);
	a->result = (uint32_t)rc;
	OPENSSL_cleanse(key, sizeof key);
	return 0;
}

int attachment_ticket_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_attachment_ticket *q = request;
	struct msg_attachment_ticketed *a = &reply->body.attachment_ticketed;
	struct msg_attachment_ticket permit = *q;
	struct rxp_buf *ticket = &reply->octets[0];
	uint8_t key[RXP_ATTACHMENT_KEY_OCTETS];
	int rc = open_key(key, node, BOX_OWN_ATTACHMENT, q->key);

	if (rc == RXP_ERR_DECRYPT)
		rc = open_key(key, node, BOX_PEER_ATTACHMENT, q->key);
	permit.key = (struct bytes){.data = key, .len = sizeof key};
	if (rc == 0)
		rc = ticket_seal(ticket, node, IPC_attachment_ticket, &permit, q->until_ms);
	if (rc == 0)
		a->ticket = reply_bytes(ticket);
	a->result = (uint32_t)rc;
	OPENSSL_cleanse(key, sizeof key);
	return 0;
}

int attachment_segment_open_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_segment_open *q = request;
	struct msg_segment_opened *a = &reply->body.segment_opened;
	struct rxp_buf *opened = &reply->octets[0];
	struct msg_attachment_ticket permit;
	struct rxp_buf box;
	int rc;

	if (q->last > 1)
		return RXP_ERR_STATE;
	rxp_buf_init(&box, TICKET_MAX_OCTETS);
	rc = ticket_open(&permit, &box, node, IPC_attachment_ticket, q->ticket);
	if (rc == 0 && ticket_expired(permit.until_ms))
		rc = RXP_ERR_TIMEOUT;
	if (rc == 0 && permit.key.len != RXP_ATTACHMENT_KEY_OCTETS)
		rc = RXP_ERR_SEAL;
	if (rc == 0)
		rc = rxp_attachment_decrypt(opened, permit.key.data, q->counter, q->last != 0,
		    q->octets.data, q->octets.len);
	if (rc == 0)
		a->octets = reply_bytes(opened);
	a->result = (uint32_t)rc;
	rxp_buf_free(&box);
	return 0;
}
