#include "protocol/xml/xml.h"

#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/timestamp.h"

void rxp_walk_init(struct rxp_walk *w, const struct _xmlNode *parent, const char *ns)
{
	*w = (struct rxp_walk){.next = rxp_xml_first(parent), .ns = ns};
}

bool rxp_walk_at(const struct rxp_walk *w, const char *name)
{
	return w->error == 0 && w->next != NULL && rxp_xml_is(w->next, w->ns, name);
}

struct _xmlNode *rxp_walk_element(struct rxp_walk *w, const char *name)
{
	struct _xmlNode *element = w->next;

	if (w->error != 0)
		return NULL;
	if (!rxp_walk_at(w, name)) {
		w->error = RXP_ERR_STRUCTURE;
		return NULL;
	}
	w->next = rxp_xml_next(element);
	return element;
}

/* The text of the next child, borrowed from the document; NULL after an error. The parser leaves
 * the text of a leaf in one node. */
static const char *take_text(struct rxp_walk *w, const char *name)
{
	const struct _xmlNode *element = rxp_walk_element(w, name);
	const xmlNode *child;

	if (element == NULL)
		return NULL;
	child = element->children;
	if (child == NULL)
		return "";
	if (child->type != XML_TEXT_NODE || child->next != NULL) {
		w->error = RXP_ERR_STRUCTURE;
		return NULL;
	}
	return (const char *)child->content;
}

/* Makes the result of a decoder sticky. */
static int settle(struct rxp_walk *w, int rc)
{
	if (w->error == 0)
		w->error = rc;
	return w->error;
}

int rxp_walk_text(struct rxp_walk *w, const char *name, char *out, size_t out_size)
{
	const char *text = take_text(w, name);
	size_t len;

	if (text == NULL)
		return w->error;
	len = strlen(text);
	if (len >= out_size)
		return settle(w, RXP_ERR_SYNTAX);
	memcpy(out, text, len + 1);
	return 0;
}

int rxp_walk_time(struct rxp_walk *w, const char *name, int64_t *out)
{
	const char *text = take_text(w, name);

	return text == NULL ? w->error : settle(w, rxp_time_parse(out, text));
}

int rxp_walk_id(struct rxp_walk *w, const char *name, uint8_t out[16], int version)
{
	const char *text = take_text(w, name);

	return text == NULL ? w->error : settle(w, rxp_id_parse(out, text, version));
}

int rxp_walk_party(struct rxp_walk *w, const char *name, char out[4])
{
	const char *text = take_text(w, name);

	if (text == NULL)
		return w->error;
	if (!rxp_party_valid(text))
		return settle(w, RXP_ERR_SYNTAX);
	memcpy(out, text, RXP_PARTY_TEXT);
	return 0;
}

int rxp_walk_octets(struct rxp_walk *w, const char *name, uint8_t *out, size_t out_len)
{
	const char *text = take_text(w, name);

	return text == NULL ? w->error : settle(w, rxp_base64_get_exact(out, out_len, text));
}

int rxp_walk_base64(struct rxp_walk *w, const char *name, struct rxp_buf *out)
{
	const char *text = take_text(w, name);

	return text == NULL ? w->error : settle(w, rxp_base64_get(out, text, strlen(text)));
}

int rxp_walk_number(struct rxp_walk *w, const char *name, uint64_t *out, uint64_t max)
{
	const char *text = take_text(w, name);
	uint64_t value = 0;

	if (text == NULL)
		return w->error;
	if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return settle(w, RXP_ERR_SYNTAX);
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(unsigned char)*text - '0';

		if (digit > 9 || value > (max - digit) / 10 || digit > max)
			return settle(w, RXP_ERR_SYNTAX);
		value = value * 10 + digit;
	}
	*out = value;
	return 0;
}

int rxp_walk_end(struct rxp_walk *w)
{
	return settle(w, w->next == NULL ? 0 : RXP_ERR_STRUCTURE);
}
