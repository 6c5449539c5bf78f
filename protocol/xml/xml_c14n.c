#include "protocol/xml/xml.h"

#include <libxml/c14n.h>
#include <libxml/tree.h>
#include <libxml/xmlIO.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/xml/xml_doc.h"

/* A namespace declaration comes as an xmlNs cast to a node; its element is then the parent. */
static int is_visible(void *arg, xmlNode *node, xmlNode *parent)
{
	const xmlNode *at = node->type == XML_ELEMENT_NODE ? node : parent;

	while (at != NULL && at != arg)
		at = at->parent;
	return at != NULL;
}

static int put(void *arg, const char *octets, int len)
{
	return rxp_buf_put(arg, octets, (size_t)len) == 0 ? len : -1;
}

int rxp_xml_c14n(struct rxp_buf *out, struct rxp_xml *xml, struct _xmlNode *element)
{
	xmlOutputBuffer *sink = xmlOutputBufferCreateIO(put, NULL, out, NULL);
	int written;
	int closed;

	if (sink == NULL)
		return RXP_ERR_NOMEM;
	written =
	    xmlC14NExecute(xml->doc, is_visible, element, XML_C14N_EXCLUSIVE_1_0, NULL, 0, sink);
	closed = xmlOutputBufferClose(sink);
	if (rxp_buf_error(out) != 0)
		return rxp_buf_error(out);
	return written < 0 || closed < 0 ? RXP_ERR_CRYPTO : 0;
}
