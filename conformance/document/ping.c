#include "conformance/document/ping.h"

#include <string.h>

#include "conformance/state/chance.h"
#include "conformance/state/state.h"
#include "protocol/base/limits.h"
#include "protocol/document/document.h"

int ping_seal(struct rxp_buf *out, struct rxp_header *h, const struct state *own,
    const struct state *other, int64_t now_ms)
{
	struct rxp_signer seal = keypair_signer(&own->seal);
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	struct rxp_buf content;
	int rc;

	*h = (struct rxp_header){.type = "Ping", .from_office = "NODE", .to_office = "NODE"};
	rc = rxp_id_make_v7(h->outer.message_id, now_ms, chance());
	memcpy(h->outer.from, own->party, sizeof h->outer.from);
	memcpy(h->outer.to, other->party, sizeof h->outer.to);
	h->outer.created_ms = now_ms;
	h->outer.expires_ms = now_ms + RXP_DEFAULT_LIFETIME_MS;
	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	(void)rxp_buf_puts(&content, "<Ping xmlns=\"urn:rxp:1:body\"></Ping>");
	if (rc == 0)
		rc = rxp_document_seal(out, h, &(struct rxp_draft){.content = &content}, now_ms,
		    chance(), &seal, fingerprint);
	rxp_buf_free(&content);
	return rc;
}
