#include "daemon/sealer/draft.h"

#include <string.h>

#include "daemon/sealer/box.h"
#include "daemon/sealer/node.h"
#include "protocol/base/buf.h"
#include "protocol/document/document.h"

_Static_assert(RXP_TYPE_TEXT - 1 <= BOX_MAX_CONTEXT_OCTETS, "every type is a context");

static struct box_context draft_context(const char *type)
{
	struct box_context c = {.len = strnlen(type, RXP_TYPE_TEXT - 1)};

	memcpy(c.octets, type, c.len);
	return c;
}

int draft_seal(
    struct rxp_buf *out, const struct node *node, const char *type, const struct rxp_buf *content)
{
	struct box_context context = draft_context(type);

	return box_seal(
	    out, &node->storage, BOX_DRAFT, &context, content->data, content->len, &node->random);
}

int draft_open(
    struct rxp_buf *content, const struct node *node, const char *type, struct bytes draft)
{
	struct box_context context = draft_context(type);

	return box_open(content, &node->storage, BOX_DRAFT, &context, draft.data, draft.len);
}
