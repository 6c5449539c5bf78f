#include "daemon/sealer/rekey.h"

#include <string.h>

#include <openssl/crypto.h>

#include "daemon/sealer/digest.h"
#include "daemon/sealer/keys.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/err.h"
#include "protocol/envelope/envelope.h"

static int wrap_anew(struct node *node, const struct msg_rekey *q, const struct rxp_envelope *e,
    struct bytes spki, struct reply *reply)
{
	const struct rxp_outer *outer = rxp_envelope_outer(e);
	struct msg_rekeyed *a = &reply->body.rekeyed;
	struct rxp_buf *envelope = &reply->octets[0];
	uint8_t cek[RXP_KEY_OCTETS];
	int rc;

	if (strcmp(outer->from, node_party(node)) != 0 || strcmp(outer->to, q->peer) != 0)
		return RXP_ERR_MISMATCH;
	rc = keys_unwrap_content(cek, node, outer, q->wrapped_key.data, q->wrapped_key.len);
	if (rc == 0)
		rc = rxp_envelope_rekey(envelope, e, cek, spki.data, spki.len, &node->random);
	OPENSSL_cleanse(cek, sizeof cek);
	if (rc == 0)
		rc = digest_make(a->envelope_digest, envelope->data, envelope->len);
	if (rc == 0)
		a->envelope = reply_bytes(envelope);
	return rc;
}

int rekey_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_rekey *q = request;
	struct rxp_envelope *e = NULL;
	struct bytes spki;
	int rc;

	if (!rxp_party_valid(q->peer))
		return RXP_ERR_STATE;
	rc = register_peer_key(node->peers, q->peer, q->key_id, &spki);
	if (rc == 0)
		rc = rxp_envelope_parse(&e, q->envelope.data, q->envelope.len);
	if (rc == 0)
		rc = wrap_anew(node, q, e, spki, reply);
	reply->body.rekeyed.result = (uint32_t)rc;
	rxp_envelope_free(e);
	return 0;
}
