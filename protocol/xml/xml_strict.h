/*
 * xml_strict - the strict profile (RXP-XML-001 to RXP-XML-005), before and after the parser.
 *
 * The octets are checked first for all that leaves no mark in a tree or costs the parser more than
 * linear time; the tree is checked for the rest. What is wrong first is noted in *fault.
 */
#ifndef RXP_XML_STRICT_H
#define RXP_XML_STRICT_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/xml/xml.h"
#include "protocol/xml/xml_fault.h"

struct _xmlDoc;

/* RXP_ERR_SYNTAX (not UTF-8 of XML characters, octets before or behind the root element),
 * RXP_ERR_STRICT (byte order mark, declaration, markup other than elements, attribute flood). */
int rxp_xml_strict_octets(
    const uint8_t *octets, size_t len, enum rxp_xml_kind kind, struct rxp_xml_fault *fault);

/* RXP_ERR_STRICT. Afterwards an element's text is never split over neighbouring text nodes and an
 * attribute's value is at most one text node. */
int rxp_xml_strict_tree(
    const struct _xmlDoc *doc, enum rxp_xml_kind kind, struct rxp_xml_fault *fault);

#endif
