#include "daemon/sealer/draft.h"

#include <string.h>

#include "daemon/sealer/box.h"
#include "daemon/sealer/node.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/document/document.h"

#define PARTY_OCTETS (RXP_PARTY_TEXT - 1)

_Static_assert(RXP_TYPE_TEXT - 1 + PARTY_OCTETS <= BOX_MAX_CONTEXT_OCTETS,
    "every type has room beside a party");

/* All parties are of one length: no two places make one context. */
static struct box_context draft_context(const char *type, const char *peer)
{
	struct box_context c = {.len = strnlen(type, RXP_TYPE_TEXT - 1)};

	memcpy(c.octets, type, c.len);
	memcpy(c.octets + c.len, peer, PARTY_OCTETS);
	c.len += PARTY_OCTETS;
	return c;
}

int draft_seal(struct rxp_buf *out, const struct node *node, const char *type, const char *peer,
    const struct rxp_buf *content)
{
	struct box_context context = draft_context(type, peer);

	return box_seal(
	    out, &node->storage, BOX_DRAFT, &context, content->data, content->len, &node->random);
}

int draft_open(struct rxp_buf *content, const struct node *node, const char *type, const char *peer,
    struct bytes draft)
{
	struct box_context context = draft_context(type, peer);

	return box_open(content, &node->storage, BOX_DRAFT, &context, draft.data, draft.len);
}
