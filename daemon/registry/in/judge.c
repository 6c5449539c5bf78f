#include "daemon/registry/in/judge.h"

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/type.h"

#define HTTP_RECEIPT 200

void judge_refuse(
    struct verdict *v, const struct msg_opened *facts, enum rxp_refusal code, const char *why)
{
	const struct rxp_refusal_row *row = rxp_refusal_row(code);

	*v = (struct verdict){.refusal = row->wire,
	    .code = code,
	    .final = facts->opened != 0 && row->class != RXP_CLASS_LATER,
	    .http_status = row->http_status,
	    .why = why,
	    .requirement = ""};
}

/* What the sealer found in it once it was open. */
static void judge_content(struct verdict *v, const struct msg_opened *facts, enum rxp_refusal code)
{
	switch (code) {
	case RXP_REFUSAL_NOT_ACCEPTABLE:
		judge_refuse(v, facts, code, JUDGE_SAFEGUARD);
		break;
	case RXP_REFUSAL_OFFICE_KEY:
		judge_refuse(v, facts, code, "a compartment is for a key that we do not publish");
		v->requirement = "RXP-CMP-007";
		break;
	default:
		judge_refuse(v, facts, code, "content");
	}
}

/* Whoever takes something back says so until it is answered, however long that takes (RXP-VOI-005). */
static bool has_expired(const struct msg_opened *facts, int64_t received_ms)
{
	enum rxp_type type;

	return facts->expires_ms <= received_ms &&
	       (rxp_type_parse(&type, facts->type) != 0 || type != RXP_TYPE_VOID);
}

int judge_message(
    struct verdict *out, const struct msg_opened *facts, bool conflict, int64_t received_ms)
{
	if (facts->refusal > RXP_REFUSAL_COUNT || (!facts->opened && facts->refusal == 0))
		return RXP_ERR_DAMAGED;
	*out = (struct verdict){
	    .final = true, .http_status = HTTP_RECEIPT, .why = "", .requirement = ""};
	if (!facts->opened) {
		judge_refuse(out, facts, (enum rxp_refusal)(facts->refusal - 1), "before opening");
	} else if (conflict) {
		judge_refuse(out, facts, RXP_REFUSAL_CONFLICT, "message id of another document");
	} else if (has_expired(facts, received_ms)) {
		judge_refuse(out, facts, RXP_REFUSAL_EXPIRED, "first received after Expires");
	} else if (facts->created_ms > received_ms + RXP_MAX_CLOCK_AHEAD_MS) {
		judge_refuse(out, facts, RXP_REFUSAL_FUTURE, "Created is ahead of our clock");
		out->retry_ms = facts->created_ms - RXP_MAX_CLOCK_AHEAD_MS;
	} else if (facts->refusal != 0) {
		judge_content(out, facts, (enum rxp_refusal)(facts->refusal - 1));
	}
	return 0;
}
