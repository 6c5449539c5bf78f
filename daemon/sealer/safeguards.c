#include "daemon/sealer/safeguards.h"

#include <stddef.h>

#include "daemon/sealer/node.h"
#include "protocol/document/document.h"
#include "protocol/peering/descriptor.h"
#include "protocol/safeguard/safeguard.h"

int safeguards_judge(const struct node *node, const struct rxp_document *d)
{
	const struct rxp_safeguard_context context = {.judged = RXP_SAFEGUARD_BOTH,
	    .created_ms = d->header.outer.created_ms,
	    .test_node = node->own->identity.test};

	return rxp_safeguards_check(&context, d->content, d->attachments, NULL, NULL);
}
