#include "conformance/run/control.h"

#include "conformance/state/moment.h"
#include "protocol/base/err.h"

bool control(
    struct outcome *out, struct line *l, enum base base, enum verdict otherwise, const char *when)
{
	struct seen seen;
	struct draft d;
	int64_t sent_ms = moment_now_ms();
	int rc = draft_begin(&d, l->target->parties, base, sent_ms);

	if (rc == 0) {
		rc = line_send_valid(l, &d, &seen, NULL);
		draft_clear(&d);
	}
	if (rc == RXP_ERR_KEY) {
		outcome_rule(
		    out, VERDICT_NA, "the product has no key for an office of the content");
		return false;
	}
	if (rc != 0) {
		outcome_rule(out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
		return false;
	}
	if (seen.what.kind == EXPECT_RECEIPT) {
		l->clock = (struct draft_clock){
		    seen.received_ms - moment_now_ms(), seen.received_ms - sent_ms};
		return true;
	}
	if (l->is_busy)
		otherwise = VERDICT_INCOMPLETE;
	seen_rule_control(out, otherwise, when, &seen);
	return false;
}
