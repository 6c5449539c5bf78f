/*
 * xml - the hardened parser, exclusive canonicalization and the walk over a parsed document.
 *
 * A parsed document satisfies the strict profile of section "XML" of spec/rxp-1.md (RXP-XML-001 to
 * 007): UTF-8, XML 1.0, elements and text only, bounded depth, attributes and elements, no
 * attribute in a namespace, no `Id` or `ID` outside the sealed shape. Nothing outside this profile
 * leaves a tree behind.
 *
 * The tree is libxml2's; its node type appears here by name only. Nodes are borrowed from their
 * document and live as long as it does.
 */
#ifndef RXP_XML_H
#define RXP_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct _xmlNode;
struct rxp_buf;
struct rxp_xml;
struct rxp_xml_fault;

enum rxp_xml_kind {
	RXP_XML_ENVELOPE, /* an XML declaration is allowed (RXP-XML-002) */
	RXP_XML_SEALED, /* no declaration: the first octet opens the root element (RXP-XML-002) */
	RXP_XML_BODY, /* a typed body from the ministry's own desk; declaration allowed */
};

/*
 * Parse len octets, at most max. On success the caller owns *out.
 * RXP_ERR_BOUND (len > max), RXP_ERR_SYNTAX (not well-formed, NUL, trailing octets, not UTF-8),
 * RXP_ERR_STRICT (outside the profile), RXP_ERR_NOMEM.
 */
int rxp_xml_parse(
    struct rxp_xml **out, const uint8_t *octets, size_t len, size_t max, enum rxp_xml_kind kind);
/* The same, and after RXP_ERR_SYNTAX or _STRICT *fault says what was wrong first, and where. */
int rxp_xml_parse_told(struct rxp_xml **out, const uint8_t *octets, size_t len, size_t max,
    enum rxp_xml_kind kind, struct rxp_xml_fault *fault);
void rxp_xml_free(struct rxp_xml *xml);

struct _xmlNode *rxp_xml_root(const struct rxp_xml *xml);

/* Name and namespace of an element; "" for an element in no namespace. Borrowed. */
const char *rxp_xml_name(const struct _xmlNode *element);
const char *rxp_xml_namespace(const struct _xmlNode *element);
/* Line of the element in the octets parsed, 1 for the first. */
unsigned long rxp_xml_line(const struct _xmlNode *element);

bool rxp_xml_is(const struct _xmlNode *element, const char *ns, const char *name);

/* First child element, next sibling element; NULL if there is none. Text between is skipped. */
struct _xmlNode *rxp_xml_first(const struct _xmlNode *element);
struct _xmlNode *rxp_xml_next(const struct _xmlNode *element);
/* The first child of this name; NULL if there is none, or if element is NULL. */
struct _xmlNode *rxp_xml_child(const struct _xmlNode *element, const char *ns, const char *name);

/* The element after this one, in document order, among those below root; NULL after the last. Begin
 * with root itself. */
struct _xmlNode *rxp_xml_below(const struct _xmlNode *root, const struct _xmlNode *element);

/* The text of a leaf, which the parser leaves in one piece; "" if it has none, or for NULL. Borrowed. */
const char *rxp_xml_leaf(const struct _xmlNode *element);

/* Value of the attribute in no namespace, or NULL. Borrowed. */
const char *rxp_xml_attribute(const struct _xmlNode *element, const char *name);

/* Put one element, which these octets are, in the place of all that an element holds. For typed content that
 * a desk gave, before it is sealed. Errors of rxp_xml_parse(). */
int rxp_xml_refill(
    struct rxp_xml *xml, struct _xmlNode *element, const uint8_t *octets, size_t len);

/*
 * Give content that its schema admits the one form of markup that tells nothing of who wrote it (RXP-DOC-016): no
 * prefix, each namespace declared as the default one where it begins, and between elements a line feed and two spaces
 * for each level. RXP_ERR_STRUCTURE (an element in no namespace), RXP_ERR_NOMEM; after a failure the tree is of no use.
 */
int rxp_xml_plain(struct rxp_xml *xml);

/* Take out the child elements Person whose attribute key is P1 to P24 and whose bit (key - 1) is in the mask. For
 * content that is shown, and never for what is sealed or verified. */
void rxp_xml_hide_persons(struct _xmlNode *content, uint32_t persons);
/* Is it an element Person that these would take out? */
bool rxp_xml_is_person(const struct _xmlNode *element, uint32_t persons);

/* Append the element's text; RXP_ERR_STRUCTURE if it has child elements. The buffer's errors. */
int rxp_xml_text(struct rxp_buf *out, const struct _xmlNode *element);

/* Append the exclusive canonical form without comments (RFC 3741) of the subtree, as it stands in
 * its document. RXP_ERR_NOMEM, RXP_ERR_BOUND, RXP_ERR_CRYPTO (libxml2 failed). */
int rxp_xml_c14n(struct rxp_buf *out, struct rxp_xml *xml, struct _xmlNode *element);

/*
 * walk - read the children of one element strictly in order, as the schema lists them.
 *
 * Errors are sticky: after the first mismatch every call fails, so a reader may be written as one
 * chain and checked once. Each take consumes one child element.
 */
struct rxp_walk {
	struct _xmlNode *next; /* the child to be taken, NULL at the end */
	const char *ns; /* namespace that every child must have */
	int error; /* 0, RXP_ERR_STRUCTURE or RXP_ERR_SYNTAX */
};

void rxp_walk_init(struct rxp_walk *w, const struct _xmlNode *parent, const char *ns);
/* Is the next child this element? Consumes nothing; false after an error. */
bool rxp_walk_at(const struct rxp_walk *w, const char *name);
/* Consume the child of this name; NULL and a sticky error if it is another. */
struct _xmlNode *rxp_walk_element(struct rxp_walk *w, const char *name);
/* Its text of at most out_size - 1 octets, NUL-terminated. */
int rxp_walk_text(struct rxp_walk *w, const char *name, char *out, size_t out_size);
int rxp_walk_time(struct rxp_walk *w, const char *name, int64_t *out);
int rxp_walk_id(struct rxp_walk *w, const char *name, uint8_t out[16], int version);
int rxp_walk_party(struct rxp_walk *w, const char *name, char out[4]);
/* Base64 of exactly out_len octets. */
int rxp_walk_octets(struct rxp_walk *w, const char *name, uint8_t *out, size_t out_len);
/* Base64 of any length within the buffer's bound, appended. */
int rxp_walk_base64(struct rxp_walk *w, const char *name, struct rxp_buf *out);
/* Decimal without sign or leading zero, 0..max. */
int rxp_walk_number(struct rxp_walk *w, const char *name, uint64_t *out, uint64_t max);
/* No child may be left. The walk's error, or RXP_ERR_STRUCTURE. */
int rxp_walk_end(struct rxp_walk *w);

#endif
