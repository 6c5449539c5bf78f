#include "daemon/sealer/corrections.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/sealer/box.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/reply.h"
#include "daemon/sealer/stored.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/case/correction.h"
#include "protocol/document/document.h"
#include "protocol/xml/xml.h"

#define NS_BODY "urn:rxp:1:body"
#define TEXT_MAX 4096 /* octets of a field and a value, by the schema */

static struct box_context context_of(const uint8_t correction[RXP_ID_OCTETS], uint32_t item)
{
	struct box_context c = {.len = RXP_ID_OCTETS + 1};

	memcpy(c.octets, correction, RXP_ID_OCTETS);
	c.octets[RXP_ID_OCTETS] = (uint8_t)item;
	return c;
}

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* --- what a correction asks for ------------------------------------------------------------------ */

static int seal_text(struct rxp_buf *box, const struct node *node,
    const uint8_t correction[RXP_ID_OCTETS], uint32_t number,
    const struct rxp_correction_item *item)
{
	struct box_context context = context_of(correction, number);
	struct rec_correction_text text = {
	    .field = text_bytes(item->field), .value = text_bytes(item->value)};
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, TEXT_MAX);
	rc = record_encode(&octets, &record_correction_text, &text);
	if (rc == 0)
		rc = box_seal(box, &node->storage, BOX_CORRECTION, &context, octets.data,
		    octets.len, &node->random);
	rxp_buf_free(&octets);
	return rc;
}

static int put_asked(struct rxp_buf *items, const struct node *node,
    const struct msg_read_correction *q, uint32_t number, const struct rxp_correction_item *item)
{
	struct rec_correction_asked asked = {.item = number};
	struct rxp_buf box;
	int rc = 0;

	rxp_buf_init(&box, TEXT_MAX + BOX_OVERHEAD_OCTETS);
	snprintf(asked.asked, sizeof asked.asked, "%s", rxp_asked_word(item->asked));
	if (item->field != NULL) {
		asked.attachment = rxp_correction_file(item->field);
		rc = seal_text(&box, node, q->correction, number, item);
		asked.box = reply_bytes(&box);
	}
	if (rc == 0)
		rc = record_list_put(items, REC_correction_asked, &record_correction_asked, &asked);
	rxp_buf_free(&box);
	return rc;
}

static int put_all_asked(struct rxp_buf *items, const struct node *node,
    const struct msg_read_correction *q, const struct _xmlNode *content)
{
	struct rxp_correction_item asked[RXP_MAX_CORRECTION_ITEMS];
	size_t n = 0;
	int rc;

	if (!rxp_xml_is(content, NS_BODY, rxp_type_row(RXP_TYPE_DATA_CORRECTION)->wire))
		return RXP_ERR_UNSUPPORTED;
	rc = stored_damage(rxp_correction_read(asked, &n, content));
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = put_asked(items, node, q, (uint32_t)i + 1, &asked[i]);
	return rc;
}

int corrections_read_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_read_correction *q = request;
	struct msg_correction_read *a = &reply->body.correction_read;
	struct rxp_buf *items = &reply->octets[0];
	struct _xmlNode *content;
	struct rxp_xml *xml = NULL;
	struct rxp_buf document;
	int rc;

	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	rc = stored_damage(stored_decrypt(&document, node, q->envelope, q->wrapped_key));
	if (rc == 0)
		rc = stored_damage(rxp_xml_parse(
		    &xml, document.data, document.len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED));
	if (rc == 0) {
		content = stored_content(xml);
		rc = content == NULL ? RXP_ERR_DAMAGED : put_all_asked(items, node, q, content);
	}
	if (rc == 0)
		a->items = reply_bytes(items);
	a->result = (uint32_t)rc;
	rxp_xml_free(xml);
	rxp_buf_free(&document);
	return 0;
}

/* --- what is shown ------------------------------------------------------------------------------- */

/* One item, with its texts as they came out of its box. */
struct part {
	struct rec_correction_part record;
	char *field, *value;
};

struct showing {
	struct part *parts;
	struct rxp_corrected *corrected;
	size_t n;
	struct rxp_buf *rows;
};

static int open_text(struct part *p, const struct node *node)
{
	struct box_context context = context_of(p->record.correction, p->record.item);
	struct rec_correction_text text;
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, TEXT_MAX);
	rc = box_open(&octets, &node->storage, BOX_CORRECTION, &context, p->record.box.data,
	    p->record.box.len);
	if (rc == 0)
		rc = record_decode(&text, &record_correction_text, octets.data, octets.len);
	if (rc == 0) {
		p->field = strndup((const char *)text.field.data, text.field.len);
		p->value = strndup(
		    text.value.len > 0 ? (const char *)text.value.data : "", text.value.len);
		rc = p->field == NULL || p->value == NULL ? RXP_ERR_NOMEM : 0;
	}
	rxp_buf_free(&octets);
	return rc;
}

static int take_part(struct showing *s, const struct node *node, uint16_t tag, struct bytes fields)
{
	struct part *p = &s->parts[s->n];
	struct rxp_corrected *c = &s->corrected[s->n];
	int rc;

	if (tag != REC_correction_part ||
	    record_decode(&p->record, &record_correction_part, fields.data, fields.len) != 0 ||
	    rxp_asked_parse(&c->done, p->record.done) != 0)
		return RXP_ERR_STRUCTURE;
	s->n++; /* its texts are to be freed from here on */
	rc = open_text(p, node);
	c->field = p->field;
	c->value = p->value;
	return rc;
}

static void tell(void *arg, size_t i, const char *was)
{
	const struct showing *s = arg;
	const struct part *p = &s->parts[i];
	struct rec_corrected_row row = {.item = p->record.item,
	    .carried_out_ms = p->record.at_ms,
	    .field = text_bytes(p->field),
	    .was = text_bytes(was != NULL ? was : ""),
	    .value = text_bytes(p->value),
	    .known = was != NULL || rxp_correction_file(p->field) != 0};

	memcpy(row.correction, p->record.correction, sizeof row.correction);
	memcpy(row.from, p->record.from, sizeof row.from);
	memcpy(row.done, p->record.done, sizeof row.done);
	record_list_put(s->rows, REC_corrected_row, &record_corrected_row, &row);
}

static int show_all(struct showing *s, const struct node *node, struct _xmlNode *content,
    struct bytes parts, uint32_t hidden)
{
	struct record_cursor c = {.at = parts.data, .left = parts.len};
	struct bytes fields;
	uint16_t tag;
	int rc;

	while ((rc = record_list_next(&c, &tag, &fields)) == 1) {
		rc = s->n == RXP_MAX_CORRECTED ? RXP_ERR_BOUND : take_part(s, node, tag, fields);
		if (rc != 0)
			return rc;
	}
	if (rc == 0)
		rc = rxp_correction_show(content, s->corrected, s->n, hidden, tell, s);
	return rc != 0 ? rc : rxp_buf_error(s->rows);
}

int corrections_show(struct rxp_buf *corrected, const struct node *node, struct _xmlNode *content,
    struct bytes parts, uint32_t hidden)
{
	struct showing s = {.rows = corrected};
	int rc = RXP_ERR_NOMEM;

	if (parts.len == 0)
		return 0;
	s.parts = calloc(RXP_MAX_CORRECTED, sizeof *s.parts);
	s.corrected = calloc(RXP_MAX_CORRECTED, sizeof *s.corrected);
	if (s.parts != NULL && s.corrected != NULL)
		rc = show_all(&s, node, content, parts, hidden);
	for (size_t i = 0; s.parts != NULL && i < s.n; i++) {
		free(s.parts[i].field);
		free(s.parts[i].value);
	}
	free(s.parts);
	free(s.corrected);
	return rc;
}

bool corrections_part(struct bytes parts)
{
	struct record_cursor c = {.at = parts.data, .left = parts.len};
	struct rec_correction_part part;
	enum rxp_asked done;
	struct bytes fields;
	uint16_t tag;
	int rc;

	while ((rc = record_list_next(&c, &tag, &fields)) == 1)
		if (tag != REC_correction_part ||
		    record_decode(&part, &record_correction_part, fields.data, fields.len) != 0 ||
		    rxp_asked_parse(&done, part.done) != 0 || done != RXP_ASKED_RECTIFY)
			return true;
	return rc != 0;
}
