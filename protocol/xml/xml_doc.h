/*
 * xml_doc - what a parsed document is made of; for the xml and seal modules only.
 */
#ifndef RXP_XML_DOC_H
#define RXP_XML_DOC_H

struct _xmlDoc;

struct rxp_xml {
	struct _xmlDoc *doc; /* owned */
	unsigned elements; /* in the whole document */
};

#endif
