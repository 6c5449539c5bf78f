#include "daemon/sealer/rewrap.h"

#include <string.h>

#include "daemon/base/ipc.h"
#include "daemon/sealer/box.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "daemon/sealer/stored.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

static int make(struct rxp_buf *out, const struct node *node, const struct msg_rewrap *q)
{
	const enum box_purpose purpose = (enum box_purpose)q->purpose;
	struct box_context place = {.len = q->context.len};
	struct rxp_buf secret;
	int rc;

	if (q->purpose >= BOX_KEPT || q->context.len > sizeof place.octets)
		return RXP_ERR_DAMAGED;
	if (q->context.len > 0)
		memcpy(place.octets, q->context.data, q->context.len);
	rxp_buf_init(&secret, BOX_MAX_SECRET_OCTETS);
	rc = box_open(&secret, &node->storage, purpose, &place, q->box.data, q->box.len);
	if (rc == 0)
		rc = box_seal(
		    out, &node->storage, purpose, &place, secret.data, secret.len, &node->random);
	rxp_buf_free(&secret);
	return stored_damage(rc);
}

int rewrap_handle(struct node *node, const void *request, struct reply *reply)
{
	struct rxp_buf *box = &reply->octets[0];
	int rc = make(box, node, request);

	if (rc == 0)
		reply->body.rewrapped.box = reply_bytes(box);
	reply->body.rewrapped.result = (uint32_t)rc;
	return 0;
}
