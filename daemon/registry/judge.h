/*
 * judge - what the registry answers to a message that is not known yet: the rule part of the journey
 * in, without any state (RXP-ANS-011, RXP-TIM-003, 004).
 */
#ifndef REGISTRY_JUDGE_H
#define REGISTRY_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "protocol/answer.h"

struct verdict {
	const char *refusal; /* wire code, a fixed string; NULL: receipt */
	enum rxp_refusal code; /* valid if refusal is not NULL */
	bool final; /* to be stored and logged (RXP-ANS-009); always for a receipt */
	int http_status; /* RXP-HTTP-004 */
	int64_t retry_ms; /* 0 if there is none */
	const char *why; /* fixed words for our log */
};

/* facts: the sealer's, with refusal and opened as in ipc.def. conflict: the message id is known with
 * another fingerprint. */
void judge_message(
    struct verdict *out, const struct msg_opened *facts, bool conflict, int64_t received_ms);

#endif
