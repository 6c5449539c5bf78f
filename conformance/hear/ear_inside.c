#include "conformance/hear/ear_inside.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/state/ledger.h"

void ear_fail(struct ear *e, int rc)
{
	if (rc != 0 && e->counts.failed == 0)
		e->counts.failed = rc;
}

struct heard *ear_find(const struct ear *e, const uint8_t id[RXP_ID_OCTETS])
{
	struct heard *h = e->first;

	while (h != NULL && memcmp(h->message_id, id, sizeof h->message_id) != 0)
		h = h->next;
	return h;
}

struct heard *ear_own(const struct ear *e, const struct heard *h)
{
	struct heard *own = ear_find(e, h->message_id);

	if (own == NULL)
		abort(); /* the ear has heard it */
	return own;
}

const struct ledger_entry *ear_stored(const struct ear *e, const struct heard *h)
{
	const struct ledger_entry *own = ledger_find(e->ledger, h->message_id);

	return own == NULL && h->is_void ? ledger_find(e->ledger, h->voids) : own;
}
