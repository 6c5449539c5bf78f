/*
 * registry_world - a registry with everything around it played: gateway, desk and sealers on socket
 * pairs, a data directory of its own, a clock that the test moves.
 *
 * The sealers' fake formats are C structs as octets, so a test writes its envelopes and answers as
 * initialisers.
 */
#ifndef UNIT_REGISTRY_WORLD_H
#define UNIT_REGISTRY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/registry/assembly.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/test/unit/pump.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/answer.h"
#include "protocol/terms/profile.h"

#define OWN "QRA"
#define PEER "QRB"
#define ANSWERS_MAX 256
#define DELIVERIES_MAX 256
#define WORLD_ANSWER_MAX 8192
#define WORLD_FACTS_MAX 512
#define WORLD_RESEALED 1000 /* numbers of answers that were sealed anew */

/* What a fake sealer finds in an envelope. */
struct fake_envelope {
	uint8_t message_id[16];
	uint8_t fingerprint[32];
	int64_t created_ms, expires_ms;
	uint32_t refusal; /* 0 or 1 + enum rxp_refusal */
	uint32_t unopened;
	uint32_t salt; /* other octets of the same document */
	/* of a document of a case; "" is a Ping outside any */
	char type[RXP_TYPE_TEXT];
	struct store_place place;
	uint32_t facts_len;
	uint8_t facts[WORLD_FACTS_MAX];
};

/* What a fake sealer finds in an answer that the peer gave. */
#define WORLD_WORDS 1024

struct fake_answer {
	uint32_t result;
	struct msg_answer_checked checked; /* BYTES empty */
	char flags[RXP_MAX_FLAGS * RXP_FLAG_TEXT];
	char words[WORLD_WORDS]; /* what a Receipt says of it, filled in when it is given */
};

/* An answer of ours: the request to seal it, and what a Receipt says of it. */
struct fake_sealed {
	struct msg_seal_answer q;
	char words[WORLD_WORDS];
};

/* What wraps the private part of the own agreement key with that number, from 1 on. */
#define WORLD_OWN_KEY "private part of key %u"

struct world_answer {
	uint64_t request;
	enum ipc_type type;
	uint32_t http_status, result, final, more;
	uint8_t id[16];
	uint8_t case_id[16];
	char words[RECORD_NAME_MAX];
	char party[4];
	size_t row_len,
	    persons_len; /* of a case: the first parts of octets; of a status row_len: behind them, what ends */
	size_t len;
	uint8_t octets[WORLD_ANSWER_MAX];
};

struct world_delivery {
	uint64_t request;
	struct fake_envelope envelope; /* closed: message id and fingerprint */
	uint8_t digest[32];
	unsigned octets;
};

struct world {
	char directory[64];
	int clock_fd;
	uint64_t peer_octets; /* of the configuration, at the next start */
	struct bytes revoked; /* records own_revoked, the same */
	struct bytes
	    storage; /* of the storage keys, at the next start; none: world_storage alone */
	uint8_t epoch_over[32]; /* the last key that the registry said nothing needs, … */
	unsigned epochs_over; /* … of so many */
	struct loop *loop;
	struct assembly *assembly;
	enum unfit unfit; /* why it did not start */
	struct link *gateway, *desk, *sealer;
	int sealer_fd;
	unsigned ended;
	int end_status;
	/* the sealers */
	unsigned made_keys, sealed, opened, closed, checked, receipts;
	unsigned listed_keys; /* in the last working part */
	bool strange_seal; /* what the peer sealed bears a seal that is not known */
	bool lapsed_seal; /* its documents bear one that is revoked */
	struct msg_seal_answer last_seal; /* BYTES not kept */
	char last_flags[RXP_MAX_FLAGS * RXP_FLAG_TEXT];
	struct msg_close last_close; /* BYTES not kept */
	struct bytes attachments; /* what the next documents opened name */
	const struct rxp_profile *profile; /* theirs; NULL: that of the specification */
	size_t closed_rows; /* octets of the attachments of the last document closed */
	/* gets what only tests of attachments, or of profiles, know */
	void (*other)(struct world *w, struct link *l, const struct link_message *m);
	int close_result; /* of the sealer */
	bool has_revoked; /* a seal of this node is revoked, at the next start */
	bool reseals; /* what is given again bears it, and is sealed anew */
	uint32_t reseal_result;
	unsigned reseals_asked;
	bool production; /* no test node, at the next start */
	bool
	    proves_nothing; /* what is closed or opened comes without evidence; else with a word that does not fit */
	bool
	    log_is_read; /* of a peer that is added, as if since a start: no tick of the registry comes before that is set */
	bool other_facts; /* what is closed says something else than was submitted */
	unsigned tickets;
	struct msg_ticket last_ticket; /* BYTES not kept */
	uint64_t commits_at_ticket;
	const char *place; /* that the next documents opened are at fault in; NULL: none */
	const char *office; /* of which the peer publishes a key; NULL: of none */
	bool takes_all; /* the peer takes documents of every level, and not of two alone */
	link_handler *desk_handler; /* at the next start; NULL: world_on_desk */
	bool pulls; /* this node, at the next start: nobody can connect to it */
	uint8_t
	    parts_before; /* so many identity parts came before that of this node, at the next start */
	bool peer_pulls; /* the peer names no endpoint */
	uint8_t peer_key; /* of the agreement key that the peer offers … */
	int64_t key_from_ms,
	    key_until_ms; /* … from now on and for ever, unless these say otherwise */
	uint32_t renew_result; /* what the next working part is found to be … */
	int64_t renewed_ms; /* … and when it was made */
	unsigned renewed, rekeyed;
	struct msg_descriptor_checked descriptor; /* what the next check gives; rows from it */
	unsigned descriptors_checked;
	void (*checking)(
	    struct world *w); /* what happens just before it is looked at; NULL: nothing */
	bool chain_lost; /* it holds no part that is asked for */
	uint8_t
	    changed_root; /* first octet of the root that the check tells; 0: the one asked for */
	struct msg_check_descriptor last_check; /* BYTES not kept */
	uint8_t pin;
	const char *seal; /* of the peer; NULL: one of its own */
	int64_t revoked_ms; /* its seal, which another has replaced; 0: it is in force */
	/* the gateway */
	struct world_answer admitted[ANSWERS_MAX];
	unsigned n_admitted, pins_told, own_told;
	size_t pin_rows;
	struct world_delivery deliveries[DELIVERIES_MAX];
	unsigned n_deliveries;
	unsigned fetches; /* questions for the peer's descriptor */
	uint64_t fetch; /* the last */
	bool
	    fetch_by_hand; /* the test answers it; otherwise nobody is there, and it is answered so at once */
	unsigned log_fetches; /* questions for a page of its log */
	uint64_t log_fetch, log_after; /* the last, likewise */
	/* the desk */
	struct world_answer answers[ANSWERS_MAX];
	unsigned n_answers;
};

/* --- what is played around it (registry_played.c) ---------------------------------------------------------- */

void world_on_sealer(void *arg, struct link *l, const struct link_message *m);
void world_on_gateway(void *arg, struct link *l, const struct link_message *m);
void world_on_desk(void *arg, struct link *l, const struct link_message *m);
void world_on_closed(void *arg, struct link *l, int why);

/* --- the world --------------------------------------------------------------------------------- */

void world_on_end(void *arg, int status);
void world_on_unfit(void *arg, enum unfit why);
void world_on_epoch_over(void *arg, const uint8_t check[32]);

/* What tells the storage key of the data. */
extern const uint8_t world_storage[32];

/* One end of a new link for the registry, the other on the loop. */
int world_join(struct world *w, struct link **out, enum ipc_role self, bool shared,
    link_handler *handler, int *kept);

/* Start the registry, and what is around it; RXP_ERR_* of assembly_new. */
int world_start(struct world *w);

/* As a crash: what is not committed is gone, and nobody is told anything. */
void world_stop(struct world *w);
void world_restart(struct world *w);
void world_move_clock(struct world *w, int64_t ms);
int world_set_up(void **state);
/* The same, and the test answers who asks for the descriptor of the peer. */
int world_set_up_by_hand(void **state);
int world_tear_down(void **state);

/* Run until a counter has reached a value. */
void world_until(struct world *w, const unsigned *counter, unsigned value);
const struct world_answer *world_ask(struct world *w, enum ipc_type type, const void *body);
/* The id of a case that is new, as a sealer chooses one for a draft. */
void world_new_case(uint8_t id[RXP_ID_OCTETS]);
const struct world_answer *world_add_peer(struct world *w, uint8_t root);
void world_send(struct world *w, const struct fake_envelope *e);
const struct world_answer *world_admit(struct world *w, const struct fake_envelope *e);
struct fake_envelope world_envelope(uint8_t id);

/* Order a Ping and give its local id. */
void world_ping(struct world *w, uint8_t id[16]);
/* The same of a peer that is added for it. */
void world_begin(struct world *w, uint8_t id[16]);
void world_show(struct world *w, const uint8_t id[16], struct rec_message_row *row);

/* Run until the message is in this state. */
void world_until_state(
    struct world *w, const uint8_t id[16], const char *state, struct rec_message_row *row);

/* Run until the gateway was asked for the n-th delivery, counted from 1. */
const struct world_delivery *world_delivered(struct world *w, unsigned n);

/* The right answer to a delivery: a receipt, to be changed in one thing by a negative test. */
/* Fill in its words, from what it is. */
void world_say(struct fake_answer *f);
void world_say_sealed(struct fake_sealed *s, const char *flags);
struct fake_answer world_receipt(const struct world_delivery *d);
struct fake_answer world_refusal(const struct world_delivery *d, enum rxp_refusal code, bool final);

/* End a delivery: with octets of an answer, or f NULL for an empty body. */
void world_deliver(
    struct world *w, const struct world_delivery *d, uint32_t status, const struct fake_answer *f);
/* Its receipt is committed. */
void world_until_delivered(struct world *w, const uint8_t message_id[16]);
void world_deliver_fault(struct world *w, const struct world_delivery *d);

/* A number that the database gives, as it is on the disk: the registry is started anew for that. */
int world_on_disk(struct world *w, const char *query);

/* How many own keys the database has. */
unsigned world_stored_keys(struct world *w);
/* How many records with that tag, as REC_own_key, the sealers are told of. */
unsigned world_published(struct world *w, uint16_t tag);

#endif
