#include "conformance/state/parts.h"

#include <string.h>

#include "protocol/peering/descriptor.h"

int parts_split(struct parts *out, const struct rxp_buf *descriptor)
{
	return rxp_descriptor_split(
	    out->identities, &out->n, &out->working, descriptor->data, descriptor->len);
}

void parts_clear(struct parts *p)
{
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&p->identities[i]);
	rxp_buf_free(&p->working);
}

int parts_join(struct rxp_buf *out, const struct parts *p, size_t first)
{
	return rxp_descriptor_write(out, p->identities + first, p->n - first, &p->working);
}

struct rxp_buf *parts_next(struct parts *p)
{
	if (p->n == RXP_MAX_IDENTITY_PARTS) {
		struct rxp_buf first = p->identities[0];

		p->n--;
		memmove(p->identities, p->identities + 1, p->n * sizeof first);
		rxp_buf_reset(&first);
		p->identities[p->n] = first;
	}
	return &p->identities[p->n++];
}
