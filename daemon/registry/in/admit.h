/*
 * admit - journey in: an envelope that a peer sent becomes a stored message and a stored answer.
 *
 * Each envelope in work is one admission; it goes through these stages, each left by one event:
 *
 *   OPEN      with a sealer           → verdict of the sealer
 *   ASK       its seal is not known, and the peer is asked for its descriptor → it is opened once more (RXP-DSC-036).
 *             Few of one peer may be here, and none keeps the gateway's link at rest: the descriptor comes by that
 *   WAIT      another admission has the same message id of the same party, or is of the same case →
 *             that one ends
 *   SEAL      the answer is with a sealer. `busy` it is, and nothing that was answered is looked at, if the answer that
 *             it had is not proved (RXP-RCV-014)
 *   COMMIT    message, evidence, receipt and log entry wait for the transaction (RXP-ANS-004)
 *
 * The same octets arriving meanwhile join it and get the same answer. What a peer has in work, and what it
 * made this node store, is bounded (RXP-ANS-021): beyond that it is answered 503 at once. Gone before the commit: no
 * trace, the peer sends again. Gone after it: it sends again and gets the stored octets.
 */
#ifndef REGISTRY_ADMIT_H
#define REGISTRY_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct admit;
struct clocks;
struct keys;
struct node;
struct peers;
struct publish;
struct refresh;
struct share;
struct terms;

/* What became of envelopes since the start; every admission counts in one. */
struct admit_counts {
	uint64_t receipted, refused, repeated, later, busy, quarantined;
};

/* All are borrowed. */
struct admit_config {
	struct node *node;
	struct peers *peers;
	const struct keys *keys;
	const struct publish *publish;
	struct refresh *refresh;
	const struct terms *terms;
	struct clocks *clocks;
	struct share *share;
	void (*received)(void *arg); /* a message of a peer was stored */
	void *arg;
};

/* What became of one envelope. */
struct admit_answer {
	uint32_t http_status;
	struct bytes octets; /* the signed answer, if there is one */
	const uint8_t *message_id; /* that it names; NULL: not known */
	struct bytes
	    attachments; /* instead: records attachment_row of its document, of which one is missing */
};

/* Who brought it. */
struct admit_asker {
	bool brings; /* it is the peer, and brings what is missing (RXP-ATT-019) */
	bool
	    fetches; /* it can fetch what is missing, and is told that instead of the refusal `attachment` */
	/* Begins no other admission. */
	void (*answered)(void *arg, uint64_t request, const struct admit_answer *a);
	void *arg;
	uint64_t request;
};

int admit_new(struct admit **out, const struct admit_config *config); /* RXP_ERR_NOMEM */
void admit_free(struct admit *a); /* NULL is allowed */

/* An envelope, whichever way it came: the one way in. asker->answered is called once, perhaps inside. */
void admit_bring(struct admit *a, const struct admit_asker *asker, const struct msg_admit *m);

/* Request `admit` of the gateway; it is answered on its link. */
void admit_take(struct admit *a, uint64_t request, const struct msg_admit *m);

/* At the end of a round: open what waits for a free sealer. */
void admit_round(struct admit *a);

struct admit_counts admit_counted(const struct admit *a);

#endif
