/*
 * judge - what the registry answers to a message that is not known yet: the rule part of the journey
 * in, without any state (RXP-ANS-011, RXP-TIM-003, RXP-TIM-004).
 */
#ifndef REGISTRY_JUDGE_H
#define REGISTRY_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "protocol/message/answer.h"

struct verdict {
	const char *refusal; /* wire code, a fixed string; NULL: receipt */
	enum rxp_refusal code; /* valid if refusal is not NULL */
	bool final; /* to be stored and logged (RXP-ANS-009); always for a receipt */
	int http_status; /* RXP-HTTP-004 */
	int64_t retry_ms; /* 0 if there is none */
	const char *why; /* fixed words for our log */
	const char *requirement; /* fixed string; "" for none */
	bool has_view; /* with gap and fork (RXP-CHN-011) */
	struct rxp_answer_last view[2]; /* of ours, then of the sender */
	unsigned flags; /* of a receipt: a mask of enum rxp_flag */
};

/* What our log says of a safeguard, whichever it was and whoever found it (RXP-SAF-003). */
#define JUDGE_SAFEGUARD "a safeguard forbids it"

/* facts: the sealer's, with refusal and opened as in ipc.def. conflict: the message id is known with
 * another fingerprint. RXP_ERR_DAMAGED: a sealer that says what none of this node does. */
int judge_message(
    struct verdict *out, const struct msg_opened *facts, bool conflict, int64_t received_ms);

/* Refuse it with that code. The rest of the verdict is for the caller to add. */
void judge_refuse(
    struct verdict *out, const struct msg_opened *facts, enum rxp_refusal code, const char *why);

#endif
