/* What the State lost, and has back: answers of its own that the product brings, and messages that come again (section 44). */
#include <string.h>

#include "conformance/hear/ear_inside.h"
#include "conformance/state/ledger.h"
#include "conformance/state/moment.h"
#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"

int ear_bring(struct ear *e, const struct rxp_buf *octets)
{
	static const int statuses[] = {
	    [LEDGER_NONE] = 422, [LEDGER_HAD] = 204, [LEDGER_LOST] = 201};
	enum ledger_back back = LEDGER_NONE;
	uint8_t id[RXP_ID_OCTETS];
	struct heard *h = heard_id(id, octets) ? ear_find(e, id) : NULL;

	e->counts.moments++;
	if (h != NULL && h->untaken > 0) {
		h->untaken--;
		return 422;
	}
	ear_fail(e, ledger_bring(e->ledger, octets->data, octets->len, &back));
	if (h != NULL && back != LEDGER_NONE)
		h->brought++;
	if (h != NULL && back == LEDGER_LOST) {
		h->back_at = e->counts.moments;
		h->ended = true; /* it need not come again: nobody waits for it */
	}
	return statuses[back];
}

/* What is lost is sent again, for another reason than a case had before. */
int ear_lose(struct ear *e, size_t n)
{
	int rc = ledger_lose(e->ledger, n);

	for (struct heard *h = e->first; rc == 0 && h != NULL; h = h->next)
		if (h->ended && ear_stored(e, h) == NULL) {
			h->ended = false;
			h->lost = true;
			h->back_at = h->came_at = 0;
		}
	return rc;
}

void ear_leave(struct ear *e, const struct heard *h)
{
	ear_own(e, h)->untaken++;
}

int ear_reseal(struct ear *e, const struct rxp_cert *former)
{
	struct rxp_signer seal = keypair_signer(&e->parties->own->seal);
	int rc = 0;

	for (struct heard *h = e->first; rc == 0 && h != NULL; h = h->next) {
		rc = ledger_reseal(e->ledger, h->message_id, former, moment_now_ms(), &seal);
		if (rc == 0) {
			h->differs = false;
			h->lost = true;
		} else if (rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_SIGNER)
			rc = 0; /* it is not one of those, or left no trace (RXP-VOI-002) */
	}
	return rc;
}

void ear_forgive_since(struct ear *e, int64_t since_ms)
{
	for (struct heard *h = e->first; h != NULL; h = h->next)
		heard_forgive_since(h, since_ms);
}
