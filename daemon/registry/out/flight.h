/*
 * flight - one message to a peer while it is in work (see outbox.h for the steps).
 */
#ifndef REGISTRY_FLIGHT_H
#define REGISTRY_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/cases/halt.h"
#include "daemon/registry/out/drop.h"
#include "daemon/registry/peers/renew.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/message/answer.h"

struct flight;
struct clocks;
struct node;
struct outbox;
struct pace;
struct peer;
struct refresh;
struct terms;

/* A message to a peer is in another state now. */
typedef void flight_changed(void *arg, const uint8_t local_id[16]);

/* How one goes: pushed by the gateway; fetched by the peer, or put into a bundle; or not at all, for an answer
 * came. */
enum flight_way { FLIGHT_PUSH, FLIGHT_FETCH, FLIGHT_ANSWER };

/* Who hears of a flight that is not a push. */
struct flight_caller {
	void (*give)(
	    void *arg, struct bytes envelope); /* of FLIGHT_FETCH: these octets may leave */
	/* It is no more in work. result: 0 if it was given, or what the answer means is stored; RXP_ERR_MISMATCH if
	 * it is no answer to the message; else it is to be tried again. */
	void (*left)(void *arg, int result);
	void *arg;
};

/* All that are in work, and what they share. */
struct flights {
	struct node *node; /* borrowed, as the rest */
	struct clocks *clocks;
	struct pace *pace;
	struct renew_config renew;
	struct refresh *refresh;
	const struct terms *terms;
	flight_changed *changed;
	void *changed_arg;
	struct flight *first; /* at most REGISTRY_ACTIVE_MAX */
};

/* What an attempt led to, before it is committed. */
struct flight_end {
	enum state_event event;
	char why[RECORD_NAME_MAX]; /* for people; "" with a final answer */
	bool lacks_files; /* refused, since it went before its attachments */
	bool waits_for_key; /* as many others: said once, by the seal key's own line */
	bool strike; /* counts towards REGISTRY_STRIKES_MAX */
	bool quiet; /* nothing was tried, so that the log says nothing */
	bool unheard; /* any other message would be parked: people are told (RXP-RCV-017) */
	int64_t next_try_ms; /* if another try is planned */
	uint64_t lacks_from; /* first Position that the peer lacks; 0: not said */
	uint64_t resend_from; /* the same, if sending again is to begin there; 0: no */
	struct store_outcome outcome; /* of a final answer; points into the flight */
	/* a Void was answered with the end of the message that it names */
	bool answers_voided;
	bool went_back; /* its receipt shows that the peer has lost what it had (flight_back.h) */
	enum state_event voided;
	struct store_outcome voided_outcome;
};

struct flight {
	struct flights *all;
	struct outbox *outbox; /* whose steps it goes through */
	enum flight_way way;
	struct flight_caller caller; /* nobody of a push */
	int result; /* for it */
	struct flight *next;
	struct peer *peer;
	struct store_outbox row, changed; /* as committed; as the item under way makes it */
	bool files; /* it has attachments */
	bool late; /* it goes before its attachments (flight_late.h) */
	bool again; /* the peer has lost it: sent again as it is, its stored answer stays */
	bool
	    resealed; /* it got the answer that it has under another seal: unless it says so, the peer has lost nothing */
	struct rxp_buf envelope;
	char id_text[RXP_ID_TEXT]; /* of the message id, or of the local id before it is closed */
	/* closing */
	struct rxp_buf made; /* envelope, evidence and wrapped key of `closed` */
	struct bytes made_envelope, made_evidence, made_key;
	struct rxp_buf facts; /* of a document of a case, as submitted */
	void (*go_on)(struct flight *
		f); /* what follows when there is a key, or it is closed, or encrypted for another */
	/* an attempt */
	uint64_t request; /* at the gateway; 0 if there is none */
	uint64_t bringing; /* the same of its answer, which is brought back (flight_again.h) */
	bool lacked; /* the peer said then that it had lost something of it */
	int64_t began_mono;
	int64_t attempt_ms, answered_ms;
	int64_t
	    vain_ms; /* when it was tried and got no signed answer (RXP-CLK-013); 0: it was not */
	uint32_t http_status;
	bool asked; /* the peer, since the seal of the answer is not known */
	struct rxp_buf answer;
	struct msg_answer_checked checked; /* its BYTES are not kept */
	char flags[(RXP_MAX_FLAGS + 1) * RXP_FLAG_TEXT]; /* the peer's, and our own */
	struct flight_end end;
	/* being kept back (flight_halt.h) */
	enum halt halt; /* what was found */
	struct drop drop;
	bool promoted; /* the commit lets this draft come to the head of the case */
	uint8_t promoted_id[16];
	struct store_outbox voided; /* of a Void: the message that it names (flight_void.h) … */
	bool voided_moves; /* … and whether the commit ends it or lets it wait */
	struct store_item item;
};

/* Load the row, and put it among them. Errors as in db.h, RXP_ERR_NOMEM. */
int flight_new(
    struct flight **out, struct flights *all, struct peer *peer, const uint8_t local_id[16]);
/* Take it from among them, and free it; as if it had never been in work. */
void flight_free(struct flight *f);

/* It is no more in work, and freed: it goes on from its row, when that is due. */
void flight_left(struct flight *f);

/* Store one step; done is called with the result, and says flight_committed() if that is 0: memory then
 * follows f->changed, and whoever listens hears of it. */
void flight_commit(struct flight *f, store_apply *apply, store_done *done);
void flight_committed(struct flight *f);

/* Keep what a sealer made: all of `closed`, or another envelope. RXP_ERR_NOMEM, RXP_ERR_BOUND. */
int flight_keep_closed(struct flight *f, const struct msg_closed *m);
int flight_keep_envelope(struct flight *f, struct bytes envelope);

/*
 * What a verified answer means for message m, into f->end (RXP-ANS-012 to RXP-ANS-015): f->row, or of a Void that
 * which it names (flight_void.h). Returns RXP_ERR_MISMATCH if it is no answer to m. own: our party; now_ms: wall time.
 */
int flight_judge(struct flight *f, const struct store_outbox *m, const struct msg_answer_checked *a,
    const char *own, int64_t now_ms);

#endif
