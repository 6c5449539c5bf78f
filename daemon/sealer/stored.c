#include "daemon/sealer/stored.h"

#include <string.h>

#include <openssl/crypto.h>

#include "daemon/sealer/keys.h"
#include "daemon/sealer/node.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/envelope/envelope.h"
#include "protocol/xml/xml.h"

#define NS_DOCUMENT "urn:rxp:1:document"
#define NS_BODY "urn:rxp:1:body"

int stored_decrypt(struct rxp_buf *document, const struct node *node, struct bytes envelope,
    struct bytes wrapped_key)
{
	struct rxp_envelope *e = NULL;
	uint8_t cek[RXP_KEY_OCTETS];
	int rc;

	rc = rxp_envelope_parse(&e, envelope.data, envelope.len);
	if (rc == 0)
		rc = keys_unwrap_content(
		    cek, node, rxp_envelope_outer(e), wrapped_key.data, wrapped_key.len);
	if (rc == 0)
		rc = rxp_envelope_decrypt_with(document, e, cek);
	OPENSSL_cleanse(cek, sizeof cek);
	rxp_envelope_free(e);
	return rc;
}

struct _xmlNode *stored_content(const struct rxp_xml *xml)
{
	const struct _xmlNode *body;
	struct rxp_walk w;

	rxp_walk_init(&w, rxp_xml_root(xml), NS_DOCUMENT);
	rxp_walk_element(&w, "Header");
	body = rxp_walk_element(&w, "Body");
	if (body == NULL)
		return NULL;
	rxp_walk_init(&w, body, NS_DOCUMENT);
	if (rxp_walk_element(&w, "Salt") == NULL || w.next == NULL)
		return NULL;
	return strcmp(rxp_xml_namespace(w.next), NS_BODY) == 0 ? w.next : NULL;
}

int stored_damage(int rc)
{
	return rc == 0 || rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO ? rc : RXP_ERR_DAMAGED;
}
