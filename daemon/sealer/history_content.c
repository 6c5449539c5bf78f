#include "daemon/sealer/history_content.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/sealer/stored.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/xml/write.h"

#define NS_BODY "urn:rxp:1:body"
#define YES "true"
#define NO "false"
#define COPY_TEXT 192 /* room for a Copy's name with its attributes, or for one of them */

/* --- the request ---------------------------------------------------------------------------------- */

void history_write_request(struct rxp_buf *out, const void *record)
{
	const struct rec_node_history_request *r = record;

	if (r->cases.len == 0)
		rxp_buf_puts(out, "<All/>");
	for (size_t at = 0; at + RXP_ID_OCTETS <= r->cases.len; at += RXP_ID_OCTETS)
		rxp_write_id(out, "CaseId", r->cases.data + at);
}

int history_read_request(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_history_request *r = record;
	uint8_t id[RXP_ID_OCTETS];

	if (rxp_walk_at(w, "All"))
		rxp_walk_element(w, "All");
	while (rxp_walk_at(w, "CaseId") && rxp_walk_id(w, "CaseId", id, 4) == 0)
		rxp_buf_put(octets, id, sizeof id);
	r->cases = (struct bytes){.data = octets->data, .len = octets->len};
	return rxp_buf_error(octets);
}

/* --- a copy --------------------------------------------------------------------------------------- */

void history_write_copy(struct rxp_buf *out, const void *record)
{
	const struct rec_node_history_copy *r = record;
	char id[RXP_ID_TEXT], name[COPY_TEXT];
	struct rxp_buf digest;

	rxp_write_id(out, "Request", r->request);
	rxp_write_number(out, "Number", r->number);
	rxp_write_text(out, "Last", r->last != 0 ? YES : NO);
	if (r->pieces == 0)
		return;
	rxp_id_text(id, r->message_id);
	rxp_buf_init(&digest, COPY_TEXT);
	rxp_base64_put(&digest, r->receipted, sizeof r->receipted);
	snprintf(name, sizeof name,
	    "Copy messageId=\"%s\" envelope=\"%.*s\" piece=\"%u\" pieces=\"%u\"", id,
	    (int)digest.len, (const char *)digest.data, (unsigned)r->piece, (unsigned)r->pieces);
	rxp_write_base64(out, name, r->octets.data, r->octets.len);
	rxp_buf_free(&digest);
}

/* The schema has seen that it is 1 or 2. */
static uint32_t piece_number(const struct _xmlNode *element, const char *name)
{
	const char *text = rxp_xml_attribute(element, name);

	return text != NULL && strcmp(text, "2") == 0 ? 2 : 1;
}

int history_read_copy(void *record, struct rxp_walk *w, struct rxp_buf *octets)
{
	struct rec_node_history_copy *r = record;
	const struct _xmlNode *element;
	const char *id, *digest;
	char last[sizeof NO];

	(void)octets; /* a document is plain in no other process */
	rxp_walk_id(w, "Request", r->request, 7);
	rxp_walk_number(w, "Number", &r->number, UINT32_MAX);
	if (rxp_walk_text(w, "Last", last, sizeof last) != 0)
		return RXP_ERR_SCHEMA;
	r->last = strcmp(last, YES) == 0;
	if (!rxp_walk_at(w, "Copy"))
		return 0;
	element = rxp_walk_element(w, "Copy");
	id = rxp_xml_attribute(element, "messageId");
	digest = rxp_xml_attribute(element, "envelope");
	if (id == NULL || digest == NULL || r->last != 0 ||
	    rxp_id_parse(r->message_id, id, 7) != 0 ||
	    rxp_base64_get_exact(r->receipted, sizeof r->receipted, digest) != 0)
		return RXP_ERR_SCHEMA;
	r->piece = piece_number(element, "piece");
	r->pieces = piece_number(element, "pieces");
	return 0;
}

/* RXP-HIS-005: of two, the first has the odd octet. */
static int cut(struct rec_node_history_copy *r, const struct rxp_buf *document)
{
	size_t first = r->pieces == 2 ? document->len - document->len / 2 : document->len;

	if (r->piece < 1 || r->piece > r->pieces || r->pieces > 2 || document->len < 2 ||
	    first > RXP_MAX_COPY_OCTETS)
		return RXP_ERR_STATE;
	r->octets = r->piece == 1 ? (struct bytes){.data = document->data, .len = first}
				  : (struct bytes){.data = document->data + first,
					.len = document->len - first};
	return 0;
}

int history_fill_copy(void *record, const struct node *node, struct rxp_buf *octets)
{
	struct rec_node_history_copy *r = record;
	int rc;

	if (r->pieces == 0)
		return 0;
	rc = stored_decrypt(octets, node, r->octets, r->wrapped_key);
	return rc != 0 ? rc : cut(r, octets);
}

int history_copied(struct rxp_buf *octets, const struct _xmlNode *content)
{
	char last[sizeof NO];
	struct rxp_walk w;
	uint64_t number;
	uint8_t id[RXP_ID_OCTETS];

	rxp_walk_init(&w, content, NS_BODY);
	rxp_walk_id(&w, "Request", id, 7);
	rxp_walk_number(&w, "Number", &number, UINT32_MAX);
	rxp_walk_text(&w, "Last", last, sizeof last);
	if (!rxp_walk_at(&w, "Copy"))
		return RXP_ERR_DAMAGED;
	return rxp_walk_base64(&w, "Copy", octets);
}
