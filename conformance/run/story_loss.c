/* Stories of a State that says that it lost something (section 44). */
#include <string.h>

#include "conformance/message/restored.h"
#include "conformance/run/both.h"
#include "conformance/run/desk.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/chance.h"
#include "conformance/state/ledger.h"
#include "conformance/state/moment.h"

#define TOO_MUCH (UINT64_C(1) << 40)

static int receipt_one(struct teller *t)
{
	struct history h = {.n = 0};
	struct draft wanted = {0};
	int rc = saying_begin(&wanted, t->line.target->parties, RXP_CASE_EVENT_APPLY,
	    RXP_CASE_REQUESTING, moment_now_ms());

	if (rc == 0)
		rc = both_product_says(t, &h, &wanted);
	draft_clear(&wanted);
	return rc;
}

/* What the Receipt of the product's last document says of the log: that it has the entries before it, of which there are some
 * (RXP-ANS-007). */
static int receipts(struct teller *t, struct restored *out)
{
	const struct ledger *l;
	int rc = receipt_one(t);

	if (rc != 0)
		return rc;
	l = desk_ledger(t->line.target->desk);
	if (ledger_count(l) < 2)
		rc = receipt_one(t);
	memcpy(out->log_id, l->log_id, sizeof out->log_id);
	out->n = ledger_count(l) - 1;
	return rc == 0 ? ledger_head(l, out->n, out->head) : rc;
}

/* Refused with `state`. */
static int must_not_be(struct teller *t, const struct restored *e)
{
	static const struct expect state = {EXPECT_REFUSAL, RXP_REFUSAL_STATE};
	struct draft *d = teller_draft(t);
	struct told *got = teller_told(t);
	int rc = both_own_lost(t, d, e, got);

	return rc == 0 ? teller_show(t, d, &got->octets, &got->seen, &state) : rc;
}

int tell_lost_other_log(struct teller *t)
{
	struct restored e = {.n = 0};
	int rc = receipts(t, &e);

	if (rc == 0)
		rc = rxp_id_make_v4(e.log_id, chance());
	return rc == 0 ? must_not_be(t, &e) : rc;
}

int tell_lost_too_much(struct teller *t)
{
	struct restored e = {.n = 0};
	int rc = receipts(t, &e);

	e.n = TOO_MUCH;
	return rc == 0 ? must_not_be(t, &e) : rc;
}

int tell_lost_other_head(struct teller *t)
{
	struct restored e = {.n = 0};
	int rc = receipts(t, &e);

	e.head[0] ^= 1;
	return rc == 0 ? must_not_be(t, &e) : rc;
}
