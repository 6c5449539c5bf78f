/*
 * admit_inner - what the files of admit share: admit.c has the stages and takes envelopes in, admit_decide.c decides and
 * stores, admit_end.c answers. Nobody else includes it.
 */
#ifndef REGISTRY_ADMIT_INNER_H
#define REGISTRY_ADMIT_INNER_H

#include <stdbool.h>

#include "daemon/base/record.h"
#include "daemon/registry/in/admission.h"
#include "daemon/registry/in/admit.h"
#include "protocol/message/answer.h"

struct known;
struct reseal;

struct admit {
	struct admit_config config;
	struct reseal *reseal; /* owned, as known */
	struct known *known;
	struct admission *first; /* all that are in work */
	bool paused; /* the gateway's link rests */
	struct admit_counts count;
};

/* --- admit_end: each of these but the first two ends an admission, which is gone afterwards -------- */

void admit_answer_busy(struct admit *a, const struct admit_asker *asker);

/* Once for each answer that is given, and only when it is: nothing is said of what a failed commit takes
 * back, or of a stored answer that is given again. */
void admit_log_refusal(const struct admission *m);

/* Answer everybody who asked, and forget it. Without octets they hear which attachments are missing, if it is those. */
void admit_end(struct admission *m, int status, struct bytes answer);

/* Not decided, and no word of a peer is needed for the reason: it sends again. */
void admit_end_busy(struct admission *m);

/* A refusal that cannot be sealed, since there is no message id to name. */
void admit_end_unsigned(struct admission *m, enum rxp_refusal code);

/* Sealers died of it: it is kept, so that a repetition costs none. */
void admit_quarantine(struct admission *m);

/* --- admit_decide --------------------------------------------------------------------------------- */

/* In stage DECIDE: it goes on to WAIT, SEAL or COMMIT, or ends. */
void admit_decide(struct admission *m);

#endif
