#include "protocol/envelope/encrypted_shape.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/xml/xml.h"

#define MAX_ATTRIBUTES 4
#define MAX_DEPTH 11

enum space { XENC, XENC11, DS, DSIG11 };

static const struct {
	const char *prefix;
	const char *uri;
} spaces[] = {
    [XENC] = {"xenc", "http://www.w3.org/2001/04/xmlenc#"},
    [XENC11] = {"xenc11", "http://www.w3.org/2009/xmlenc11#"},
    [DS] = {"ds", "http://www.w3.org/2000/09/xmldsig#"},
    [DSIG11] = {"dsig11", "http://www.w3.org/2009/xmldsig11#"},
};

/* An attribute with a fixed value, or with the text of a slot. */
struct attribute {
	const char *name;
	const char *value;
	enum rxp_encrypted_slot slot;
};

/* Every element occurs once. The rows are in document order; depth says who is whose child. An
 * element has the text of its slot, or children, or nothing. */
static const struct row {
	unsigned depth;
	enum space space;
	const char *name;
	bool declares; /* its namespace, when written */
	enum rxp_encrypted_slot slot;
	struct attribute attribute[MAX_ATTRIBUTES]; /* exactly these */
} rows[] = {
#define AT(below, ns, local) .depth = (below), .space = (ns), .name = (local)
#define ALGORITHM(uri) .attribute = {{"Algorithm", uri, RXP_SLOT_NONE}}
#define TEXT(name) .slot = RXP_SLOT_##name
    {AT(0, XENC, "EncryptedData"), .declares = true,
	.attribute = {{"Type", "http://www.w3.org/2001/04/xmlenc#Element", RXP_SLOT_NONE}}},
    {AT(1, XENC, "EncryptionMethod"), ALGORITHM("http://www.w3.org/2009/xmlenc11#aes256-gcm")},
    {AT(1, DS, "KeyInfo"), .declares = true},
    {AT(2, XENC, "EncryptedKey")},
    {AT(3, XENC, "EncryptionMethod"), ALGORITHM("http://www.w3.org/2001/04/xmlenc#kw-aes256")},
    {AT(3, DS, "KeyInfo")},
    {AT(4, XENC, "AgreementMethod"), ALGORITHM("http://www.w3.org/2009/xmlenc11#ECDH-ES")},
    {AT(5, XENC11, "KeyDerivationMethod"), .declares = true,
	ALGORITHM("http://www.w3.org/2009/xmlenc11#ConcatKDF")},
    {AT(6, XENC11, "ConcatKDFParams"),
	.attribute = {{"AlgorithmID", NULL, RXP_SLOT_ALGORITHM_ID},
	    {"PartyUInfo", NULL, RXP_SLOT_PARTY_U}, {"PartyVInfo", NULL, RXP_SLOT_PARTY_V},
	    {"SuppPubInfo", NULL, RXP_SLOT_SUPP_PUB}}},
    {AT(7, DS, "DigestMethod"), ALGORITHM("http://www.w3.org/2001/04/xmlenc#sha256")},
    {AT(5, XENC, "OriginatorKeyInfo")},
    {AT(6, DS, "KeyValue")},
    {AT(7, DSIG11, "ECKeyValue"), .declares = true},
    {AT(8, DSIG11, "NamedCurve"),
	.attribute = {{"URI", "urn:oid:1.2.840.10045.3.1.7", RXP_SLOT_NONE}}},
    {AT(8, DSIG11, "PublicKey"), TEXT(POINT)},
    {AT(5, XENC, "RecipientKeyInfo")},
    {AT(6, DS, "KeyName"), TEXT(KEY_NAME)},
    {AT(3, XENC, "CipherData")},
    {AT(4, XENC, "CipherValue"), TEXT(WRAPPED)},
    {AT(1, XENC, "CipherData")},
    {AT(2, XENC, "CipherValue"), TEXT(CIPHER)},
#undef AT
#undef ALGORITHM
#undef TEXT
};
#define ROWS (sizeof rows / sizeof rows[0])

static void put_name(struct rxp_buf *out, const struct row *row)
{
	rxp_buf_puts(out, spaces[row->space].prefix);
	rxp_buf_putc(out, ':');
	rxp_buf_puts(out, row->name);
}

static void put_attribute(struct rxp_buf *out, const char *name, const char *value)
{
	rxp_buf_putc(out, ' ');
	rxp_buf_puts(out, name);
	rxp_buf_puts(out, "=\"");
	rxp_buf_puts(out, value);
	rxp_buf_putc(out, '"');
}

static void put_declaration(struct rxp_buf *out, enum space space)
{
	rxp_buf_puts(out, " xmlns:");
	rxp_buf_puts(out, spaces[space].prefix);
	rxp_buf_puts(out, "=\"");
	rxp_buf_puts(out, spaces[space].uri);
	rxp_buf_putc(out, '"');
}

static void put_start(struct rxp_buf *out, const struct row *row, const char *const *slots)
{
	rxp_buf_putc(out, '<');
	put_name(out, row);
	if (row->declares)
		put_declaration(out, row->space);
	for (size_t i = 0; i < MAX_ATTRIBUTES && row->attribute[i].name != NULL; i++) {
		const struct attribute *a = &row->attribute[i];

		put_attribute(out, a->name, a->value != NULL ? a->value : slots[a->slot]);
	}
	rxp_buf_putc(out, '>');
	if (row->slot != RXP_SLOT_NONE)
		rxp_buf_puts(out, slots[row->slot]);
}

static void put_end(struct rxp_buf *out, const struct row *row)
{
	rxp_buf_puts(out, "</");
	put_name(out, row);
	rxp_buf_putc(out, '>');
}

int rxp_encrypted_shape_write(struct rxp_buf *out, const char *const slots[RXP_SLOT_COUNT])
{
	const struct row *open[MAX_DEPTH];
	unsigned depth = 0;

	for (size_t i = 0; i < ROWS; i++) {
		while (depth > rows[i].depth)
			put_end(out, open[--depth]);
		put_start(out, &rows[i], slots);
		open[depth++] = &rows[i];
	}
	while (depth > 0)
		put_end(out, open[--depth]);
	return rxp_buf_error(out);
}

static bool is_row(const xmlNode *node, const struct row *row)
{
	return node != NULL && node->type == XML_ELEMENT_NODE &&
	       rxp_xml_is(node, spaces[row->space].uri, row->name);
}

static bool take_attributes(const char **slots, const xmlNode *element, const struct row *row)
{
	size_t want = 0;
	size_t have = 0;

	for (const xmlAttr *a = element->properties; a != NULL; a = a->next)
		have++;
	for (; want < MAX_ATTRIBUTES && row->attribute[want].name != NULL; want++) {
		const struct attribute *a = &row->attribute[want];
		const char *value = rxp_xml_attribute(element, a->name);

		if (value == NULL || (a->value != NULL && strcmp(value, a->value) != 0))
			return false;
		if (a->slot != RXP_SLOT_NONE)
			slots[a->slot] = value;
	}
	return have == want;
}

/* The single text of a leaf; the parser leaves it in one node. */
static bool take_text(const char **slots, const xmlNode *element, const struct row *row)
{
	const xmlNode *child = element->children;

	if (child == NULL || child->type != XML_TEXT_NODE || child->next != NULL)
		return false;
	slots[row->slot] = (const char *)child->content;
	return true;
}

/* Row i is matched to the node that document order gives: the first child of the row before, its
 * next sibling, or that of one of its parents, which then has no further child. */
static const xmlNode *step(const xmlNode *at, unsigned from, unsigned to)
{
	if (to > from)
		return at->children;
	for (; from > to; from--) {
		if (at->next != NULL)
			return NULL;
		at = at->parent;
	}
	return at->next;
}

static bool read_rows(const char **slots, const xmlNode *root)
{
	const xmlNode *at = root;

	for (size_t i = 0; i < ROWS; i++) {
		bool leaf = i + 1 == ROWS || rows[i + 1].depth <= rows[i].depth;

		if (i > 0)
			at = step(at, rows[i - 1].depth, rows[i].depth);
		if (!is_row(at, &rows[i]) || !take_attributes(slots, at, &rows[i]))
			return false;
		if (rows[i].slot != RXP_SLOT_NONE && !take_text(slots, at, &rows[i]))
			return false;
		if (leaf && rows[i].slot == RXP_SLOT_NONE && at->children != NULL)
			return false;
	}
	for (; at != root; at = at->parent)
		if (at->next != NULL)
			return false;
	return true;
}

int rxp_encrypted_shape_read(const char *slots[RXP_SLOT_COUNT], const struct _xmlNode *data)
{
	return read_rows(slots, data) ? 0 : RXP_ERR_STRUCTURE;
}
