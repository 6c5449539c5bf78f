#include "protocol/xml/xml_strict.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include <libxml/tree.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* --- octets -------------------------------------------------------------------------------- */

struct cursor {
	const uint8_t *at;
	const uint8_t *end;
};

static bool take(struct cursor *c, const char *text)
{
	size_t len = strlen(text);

	if ((size_t)(c->end - c->at) < len || memcmp(c->at, text, len) != 0)
		return false;
	c->at += len;
	return true;
}

static bool take_space(struct cursor *c)
{
	const uint8_t *start = c->at;

	while (
	    c->at < c->end && (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '\n'))
		c->at++;
	return c->at > start;
}

/* White space, then name="value" as it occurs in an XML declaration; value in any case. */
static bool take_pseudo_attribute(struct cursor *c, const char *name, const char *value)
{
	struct cursor at = *c;
	size_t len = strlen(value);
	uint8_t quote;

	if (!take_space(&at) || !take(&at, name))
		return false;
	take_space(&at);
	if (!take(&at, "="))
		return false;
	take_space(&at);
	if ((size_t)(at.end - at.at) < len + 2 || (*at.at != '"' && *at.at != '\''))
		return false;
	quote = *at.at++;
	if (strncasecmp((const char *)at.at, value, len) != 0 || at.at[len] != quote)
		return false;
	at.at += len + 1;
	*c = at;
	return true;
}

/* The declaration, if there is one, and the white space behind it. `standalone` says nothing where no DTD may be. */
static bool take_declaration(struct cursor *c)
{
	if (!take(c, "<?xml"))
		return true;
	if (!take_pseudo_attribute(c, "version", "1.0"))
		return false;
	take_pseudo_attribute(c, "encoding", "UTF-8");
	if (!take_pseudo_attribute(c, "standalone", "yes"))
		take_pseudo_attribute(c, "standalone", "no");
	take_space(c);
	if (!take(c, "?>"))
		return false;
	take_space(c);
	return true;
}

static bool is_char(uint32_t c)
{
	return c >= 0x20
		   ? c <= 0xd7ff || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff)
		   : c == '\t' || c == '\n' || c == '\r';
}

/* Octets of the character at p: 1 to 4, or 0 if it is not the shortest UTF-8 form of a character
 * that XML 1.0 allows. */
static size_t char_length(const uint8_t *p, size_t left)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t c = p[0];
	size_t n = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf8 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	if (n > 1)
		c &= 0x7fU >> n;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	return c >= smallest[n] && is_char(c) ? n : 0;
}

/* Where in a tag the scan is. In well-formed octets without comments, CDATA and processing
 * instructions every `<` opens a tag, so this is exact; the parser stops at the first error. */
struct tag {
	bool inside;
	uint8_t quote; /* 0 outside an attribute value */
	unsigned attributes; /* namespace declarations included */
};

/* What `<!` or `<?` at c begins. */
static enum rxp_xml_wrong markup_at(const uint8_t *c, const uint8_t *end)
{
	struct cursor at = {c, end};

	if (take(&at, "<?"))
		return RXP_XML_WRONG_INSTRUCTION;
	if (take(&at, "<!--"))
		return RXP_XML_WRONG_COMMENT;
	return take(&at, "<![CDATA[") ? RXP_XML_WRONG_CDATA : RXP_XML_WRONG_DOCTYPE;
}

/* One octet at c, in front of end. */
static enum rxp_xml_wrong scan_octet(struct tag *tag, const uint8_t *c, const uint8_t *end)
{
	if (*c == '<' && c + 1 < end && (c[1] == '!' || c[1] == '?'))
		return markup_at(c, end);
	if (!tag->inside) {
		if (*c == '<')
			*tag = (struct tag){.inside = true};
	} else if (tag->quote != 0) {
		if (*c == tag->quote)
			tag->quote = 0;
	} else if (*c == '"' || *c == '\'') {
		tag->quote = *c;
	} else if (*c == '>') {
		tag->inside = false;
	} else if (*c == '=' && ++tag->attributes > RXP_MAX_XML_ATTRIBUTES) {
		/* libxml2 compares each attribute with all before it, before any callback. */
		return RXP_XML_WRONG_ATTRIBUTES;
	}
	return RXP_XML_RIGHT;
}

/* An allowed ASCII character that means nothing to the scan: most octets of any document. */
static bool is_plain(uint8_t c)
{
#define BIT(c) (1ULL << (c))
	static const uint64_t plain[4] = {
	    BIT('\t') | BIT('\n') | BIT('\r') |
		(~(BIT(' ') - 1) & ~(BIT('<') | BIT('>') | BIT('"') | BIT('\'') | BIT('='))),
	    UINT64_MAX,
	};
#undef BIT
	return (plain[c >> 6] >> (c & 63) & 1) != 0;
}

static unsigned long line_of(const uint8_t *octets, const uint8_t *at)
{
	unsigned long line = 1;

	while (octets < at)
		line += *octets++ == '\n';
	return line;
}

/* What is wrong first, and where: c->at. */
static enum rxp_xml_wrong scan(struct cursor *c)
{
	struct tag tag = {0};

	while (c->at < c->end) {
		enum rxp_xml_wrong wrong;
		size_t n;

		if (is_plain(*c->at)) {
			c->at++;
			continue;
		}
		n = char_length(c->at, (size_t)(c->end - c->at));
		if (n == 0)
			return RXP_XML_WRONG_CHARACTER;
		wrong = scan_octet(&tag, c->at, c->end);
		if (wrong != RXP_XML_RIGHT)
			return wrong;
		c->at += n;
	}
	return RXP_XML_RIGHT;
}

int rxp_xml_strict_octets(
    const uint8_t *octets, size_t len, enum rxp_xml_kind kind, struct rxp_xml_fault *fault)
{
	struct cursor c = {octets, octets + len};
	enum rxp_xml_wrong wrong;

	if (take(&c, "\xef\xbb\xbf"))
		return rxp_xml_fault_set(fault, RXP_XML_WRONG_MARK, 1);
	if (kind != RXP_XML_SEALED && !take_declaration(&c))
		return rxp_xml_fault_set(fault, RXP_XML_WRONG_DECLARATION, 1);
	if (c.at == c.end || *c.at != '<')
		return rxp_xml_fault_set(fault, RXP_XML_WRONG_OUTSIDE, line_of(octets, c.at));
	if (c.end[-1] != '>')
		return rxp_xml_fault_set(fault, RXP_XML_WRONG_CUT, line_of(octets, c.end));
	wrong = scan(&c);
	return wrong == RXP_XML_RIGHT ? 0 : rxp_xml_fault_set(fault, wrong, line_of(octets, c.at));
}

/* --- tree ---------------------------------------------------------------------------------- */

static const char *const sealed_ids[] = {"header", "body", "seal", "sig", "ref-header", "ref-body"};

static bool is_sealed_id(const char *value)
{
	for (size_t i = 0; i < sizeof sealed_ids / sizeof sealed_ids[0]; i++)
		if (strcmp(value, sealed_ids[i]) == 0)
			return true;
	return false;
}

static enum rxp_xml_wrong attribute_wrong(const xmlAttr *attribute, enum rxp_xml_kind kind)
{
	const char *name = (const char *)attribute->name;
	const xmlNode *value = attribute->children;

	if (attribute->ns != NULL)
		return RXP_XML_WRONG_QUALIFIED;
	if (value != NULL && (value->type != XML_TEXT_NODE || value->next != NULL))
		return RXP_XML_WRONG_ENTITY;
	if (strcmp(name, "ID") == 0)
		return RXP_XML_WRONG_ID;
	if (strcmp(name, "Id") != 0)
		return RXP_XML_RIGHT;
	return kind == RXP_XML_SEALED && value != NULL && is_sealed_id((const char *)value->content)
		   ? RXP_XML_RIGHT
		   : RXP_XML_WRONG_ID;
}

/* Nodes of other kinds than elements and text have been refused as octets, but for entities. */
static enum rxp_xml_wrong node_wrong(const xmlNode *node, enum rxp_xml_kind kind)
{
	enum rxp_xml_wrong wrong = RXP_XML_RIGHT;

	if (node->type == XML_TEXT_NODE)
		return node->next == NULL || node->next->type != XML_TEXT_NODE
			   ? RXP_XML_RIGHT
			   : RXP_XML_WRONG_ENTITY;
	if (node->type != XML_ELEMENT_NODE)
		return RXP_XML_WRONG_ENTITY;
	for (const xmlAttr *a = node->properties; a != NULL && wrong == RXP_XML_RIGHT; a = a->next)
		wrong = attribute_wrong(a, kind);
	return wrong;
}

int rxp_xml_strict_tree(
    const struct _xmlDoc *doc, enum rxp_xml_kind kind, struct rxp_xml_fault *fault)
{
	const xmlNode *root = doc->children;
	const xmlNode *node = root;

	if (doc->intSubset != NULL || doc->extSubset != NULL)
		return rxp_xml_fault_set(fault, RXP_XML_WRONG_DOCTYPE, 1);
	if (root == NULL || root->type != XML_ELEMENT_NODE || root->next != NULL)
		return rxp_xml_fault_set(fault, RXP_XML_WRONG_INSTRUCTION, 1);
	while (node != NULL) {
		enum rxp_xml_wrong wrong = node_wrong(node, kind);

		if (wrong != RXP_XML_RIGHT)
			return rxp_xml_fault_set(fault, wrong, (unsigned long)xmlGetLineNo(node));
		if (node->type == XML_ELEMENT_NODE && node->children != NULL) {
			node = node->children;
			continue;
		}
		while (node != root && node->next == NULL)
			node = node->parent;
		node = node == root ? NULL : node->next;
	}
	return doc->ids != NULL || doc->refs != NULL ? rxp_xml_fault_set(fault, RXP_XML_WRONG_ID, 1)
						     : 0;
}
