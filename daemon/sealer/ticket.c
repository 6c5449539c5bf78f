#include "daemon/sealer/ticket.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/sealer/box.h"
#include "daemon/sealer/corrections.h"
#include "daemon/sealer/digest.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "daemon/sealer/stored.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/xml/xml.h"

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
		rc = box_seal(
		    out, &node->set, BOX_TICKET, &context, octets.data, octets.len, &node->random);
	rxp_buf_free(&octets);
	return rc;
}

int ticket_open(void *permit, struct rxp_buf *box, const struct node *node, enum ipc_type type,
    struct bytes ticket)
{
	struct box_context context = ticket_context(type);
	int rc = box_open(box, &node->set, BOX_TICKET, &context, ticket.data, ticket.len);

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
	rc = digest_make(digest, q->corrections.data, q->corrections.len);
	if (rc != 0)
		return rc;
	if (memcmp(digest, permit.corrections, sizeof digest) != 0)
		return RXP_ERR_MISMATCH;
	*out = permit;
	return 0;
}

static int put_content(struct rxp_buf *content, struct rxp_buf *corrected, const struct node *node,
    const struct rxp_buf *document, uint32_t hidden, struct bytes corrections)
{
	struct rxp_xml *xml = NULL;
	struct _xmlNode *element = NULL;
	int rc;

	rc = rxp_xml_parse(
	    &xml, document->data, document->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED);
	if (rc == 0)
		element = stored_content(xml);
	if (rc == 0 && element == NULL)
		rc = RXP_ERR_DAMAGED;
	if (rc == 0)
		rc = corrections_show(corrected, node, element, corrections, hidden);
	if (rc == 0) {
		rxp_xml_hide_persons(element, hidden);
		rc = rxp_xml_c14n(content, xml, element);
	}
	rxp_xml_free(xml);
	return rc;
}

/* Nothing can be left out of what is sealed. */
static int put_whole(
    struct rxp_buf *out, const struct rxp_buf *document, uint32_t hidden, struct bytes corrections)
{
	return hidden != 0 || corrections_part(corrections)
		   ? RXP_ERR_STATE
		   : rxp_buf_put(out, document->data, document->len);
}

int ticket_read_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_read *q = request;
	struct msg_content *a = &reply->body.content;
	struct rxp_buf *content = &reply->octets[0];
	struct rxp_buf *corrected = &reply->octets[1];
	struct msg_ticket permit;
	struct rxp_buf box;
	struct rxp_buf document;
	int rc;

	rxp_buf_init(&box, TICKET_MAX_OCTETS);
	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	rc = use(&permit, &box, node, q);
	if (rc != 0)
		goto done;
	rc = stored_damage(stored_decrypt(&document, node, q->envelope, permit.wrapped_key));
	if (rc == 0 && q->whole == 0)
		rc = stored_damage(put_content(
		    content, corrected, node, &document, permit.hidden, q->corrections));
	else if (rc == 0)
		rc = put_whole(content, &document, permit.hidden, q->corrections);
	if (rc == 0) {
		a->content = reply_bytes(content);
		a->corrected = reply_bytes(corrected);
	}
done:
	a->result = (uint32_t)rc;
	rxp_buf_free(&document);
	rxp_buf_free(&box);
	return 0;
}
