#include "daemon/sealer/ticket.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "daemon/base/clock.h"
#include "protocol/envelope.h"
#include "protocol/err.h"
#include "protocol/limits.h"
#include "protocol/xml.h"
#include "daemon/sealer/box.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/keys.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"

#define NS_DOCUMENT "urn:rxp:1:document"
#define NS_BODY "urn:rxp:1:body"

static struct box_context ticket_context(enum ipc_type type)
{
	const char *name = ipc_row(type)->name;
	struct box_context c = {.len = strlen(name)};

	if (c.len > sizeof c.octets)
		abort();
	memcpy(c.octets, name, c.len);
	return c;
}

int ticket_seal(struct rxp_buf *out, const struct node *node, enum ipc_type type,
    const void *permit, int64_t until_ms)
{
	struct box_context context = ticket_context(type);
	struct rxp_buf octets;
	int rc;

	if (until_ms > clock_mono_ms() + TICKET_LIFE_MAX_MS)
		return RXP_ERR_BOUND;
	rxp_buf_init(&octets, TICKET_MAX_OCTETS - BOX_OVERHEAD_OCTETS);
	rc = record_encode(&octets, &ipc_row(type)->type, permit);
	if (rc == 0)
		rc = box_seal(out, node->set_key, BOX_TICKET, &context, octets.data, octets.len,
		    &node->random);
	rxp_buf_free(&octets);
	return rc;
}

int ticket_open(void *permit, struct rxp_buf *box, const struct node *node, enum ipc_type type,
    struct bytes ticket)
{
	struct box_context context = ticket_context(type);
	int rc = box_open(box, node->set_key, BOX_TICKET, &context, ticket.data, ticket.len);

	if (rc == 0)
		rc = record_decode(permit, &ipc_row(type)->type, box->data, box->len);
	return rc == 0 || rc == RXP_ERR_NOMEM ? rc : RXP_ERR_SEAL;
}

bool ticket_expired(int64_t until_ms)
{
	return clock_mono_ms() >= until_ms;
}

int ticket_make_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_ticket *q = request;
	struct msg_ticket_made *a = &reply->body.ticket_made;
	struct rxp_buf *ticket = &reply->octets[0];
	int rc = ticket_seal(ticket, node, IPC_ticket, q, q->until_ms);

	if (rc == 0)
		a->ticket = reply_bytes(ticket);
	a->result = (uint32_t)rc;
	return 0;
}

/* The permit in the ticket, if it is one and holds for these octets now; its BYTES live as long as
 * the content of box. */
static int use(
    struct msg_ticket *out, struct rxp_buf *box, const struct node *node, const struct msg_read *q)
{
	struct msg_ticket permit;
	uint8_t digest[RXP_DIGEST_OCTETS];
	int rc = ticket_open(&permit, box, node, IPC_ticket, q->ticket);

	if (rc != 0)
		return rc;
	if (ticket_expired(permit.until_ms))
		return RXP_ERR_TIMEOUT;
	rc = digest_make(digest, q->envelope.data, q->envelope.len);
	if (rc != 0)
		return rc;
	if (memcmp(digest, permit.envelope_digest, sizeof digest) != 0)
		return RXP_ERR_MISMATCH;
	*out = permit;
	return 0;
}

/* The octets of the Document, which were verified before. */
static int decrypt(struct rxp_buf *document, const struct node *node, struct bytes envelope,
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

/* The typed content of a Document: what follows Salt in Body. NULL if it has none. */
static struct _xmlNode *find_content(const struct rxp_xml *xml)
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

static int put_content(struct rxp_buf *content, const struct rxp_buf *document, uint32_t hidden)
{
	struct rxp_xml *xml = NULL;
	struct _xmlNode *element = NULL;
	int rc;

	rc = rxp_xml_parse(
	    &xml, document->data, document->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED);
	if (rc == 0)
		element = find_content(xml);
	if (rc == 0 && element == NULL)
		rc = RXP_ERR_DAMAGED;
	if (rc == 0) {
		rxp_xml_hide_persons(element, hidden);
		rc = rxp_xml_c14n(content, xml, element);
	}
	rxp_xml_free(xml);
	return rc;
}

/* Nobody can be left out of what is sealed. */
static int put_whole(struct rxp_buf *out, const struct rxp_buf *document, uint32_t hidden)
{
	return hidden != 0 ? RXP_ERR_STATE : rxp_buf_put(out, document->data, document->len);
}

/* Failures of this machine keep their code; any other means that what is stored is not whole. */
static int damage(int rc)
{
	return rc == 0 || rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO ? rc : RXP_ERR_DAMAGED;
}

int ticket_read_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_read *q = request;
	struct msg_content *a = &reply->body.content;
	struct rxp_buf *content = &reply->octets[0];
	struct msg_ticket permit;
	struct rxp_buf box;
	struct rxp_buf document;
	int rc;

	rxp_buf_init(&box, TICKET_MAX_OCTETS);
	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	rc = use(&permit, &box, node, q);
	if (rc != 0)
		goto done;
	rc = damage(decrypt(&document, node, q->envelope, permit.wrapped_key));
	if (rc == 0 && q->whole == 0)
		rc = damage(put_content(content, &document, permit.hidden));
	else if (rc == 0)
		rc = put_whole(content, &document, permit.hidden);
	if (rc == 0)
		a->content = reply_bytes(content);
done:
	a->result = (uint32_t)rc;
	rxp_buf_free(&document);
	rxp_buf_free(&box);
	return 0;
}
