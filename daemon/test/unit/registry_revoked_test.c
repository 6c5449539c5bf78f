/*
 * Goals of what bears a seal that was revoked since, with everything around the registry played:
 * - an answer and a document of ours under such a seal come back while their peer is held, and at no other time
 *   (RXP-RCV-013), if it is sure that something was lost; the hold waits for a person then (RXP-RCV-014);
 * - until a person lets it stand such an answer is none: it is not given, in no log, and sealed anew for nobody; one under a
 *   good seal takes its place; to its message, and to what is built on such a document, the answer is `busy` (RXP-RCV-014);
 *   what the person was not shown does not stand (RXP-RCV-016);
 * - what came back while its seal was in force, and since which that is revoked, is unproved from the start on that knows it, and
 *   named (RXP-RCV-018);
 * - a document of the peer under such a seal gets the answer that it had, is taken under a receipt that was brought back, and
 *   does not open if it was never receipted (RXP-DSC-043).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_history_rig.h"
#include "daemon/test/unit/registry_recovery_rig.h"

#include "daemon/registry/recovery/recovery.h"

#define VOID "Void"

/* --- our answers ---------------------------------------------------------------------------------- */

/* The same document in other octets. */
static struct fake_envelope again(const struct fake_envelope *e)
{
	struct fake_envelope other = *e;

	other.salt += 77;
	return other;
}

/* Under a seal that is revoked since, a millisecond after the answer was given. */
static struct fake_answer revoked_receipt(const struct fake_envelope *e)
{
	struct fake_answer f = own_receipt(e);

	f.checked.revoked_ms = f.checked.created_ms + 1;
	return f;
}

/* v takes back e. */
static void void_of(struct fake_envelope *v, const struct fake_envelope *e)
{
	struct rec_node_void names;
	struct rxp_buf list;

	memcpy(names.message_id, e->message_id, sizeof names.message_id);
	memcpy(names.fingerprint, e->fingerprint, sizeof names.fingerprint);
	snprintf(v->type, sizeof v->type, VOID);
	rxp_buf_init(&list, sizeof v->facts);
	assert_int_equal(record_list_put(&list, REC_node_void, &record_node_void, &names), 0);
	memcpy(v->facts, list.data, list.len);
	v->facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
}

/* A person was shown n of them, and says that people have compared. */
static int confirms(struct world *w, uint64_t n)
{
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER, .unproved = n};

	return (int)world_ask(w, IPC_recovery_confirm, &confirm)->result;
}

/* They stand, and the hold goes on. */
static void stands(struct world *w, uint64_t n)
{
	assert_int_equal(confirms(w, n - 1), RXP_ERR_MISMATCH);
	assert_int_equal(recovery_of(w).unproved, n);
	assert_int_equal(confirms(w, n), 0);
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_true(recovery_holds(recovery_of(w).stage));
	assert_true(peer_of(w)->recovering);
}

/* Busy, until then and not for the whole node (RXP-ANS-024); nothing of the answer is in that. */
static void waits(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, HTTP_BUSY);
	assert_int_equal(w->last_seal.kind, RXP_ANSWER_REFUSAL);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY);
	assert_true(w->last_seal.retry_ms >= clock_wall_ms() + 9000);
	assert_int_equal(w->last_seal.received_ms, 0);
}

static void test_answer(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer f = revoked_receipt(&e);
	uint64_t count;

	brought(w, &f, HTTP_UNPROCESSABLE); /* it proves no loss */
	assert_false(peer_of(w)->recovering);
	assert_int_equal(peer_of(w)->log.count, 0);
	recovery_put_back(w);
	brought(w, &f, HTTP_LOST);
	assert_int_equal(recovery_of(w).answers, 1);
	assert_int_equal(recovery_of(w).unproved, 1);
	count = peer_of(w)->log.count;
	waits(w, &e);
	brought(w, &f, HTTP_LOST); /* the peer may ask as often as it likes */
	assert_int_equal(recovery_of(w).answers, 1);
	recovery_restart(w);
	waits(w, &e);
	assert_int_equal(peer_of(w)->log.count, count);
	stands(w, 1);
	assert_int_equal(peer_of(w)->log.count, count + 1);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	assert_int_equal(recovery_of(w).documents, 1);
	assert_int_equal(confirms(w, 0), 0);
	assert_int_equal(recovery_of(w).stage, RECOVERY_OVER);
	assert_false(peer_of(w)->recovering);
}

/* Also a final Refusal, which lacks nothing, and what its sender says of a message with such an answer. */
static void test_answer_kinds(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), v = world_envelope(5),
			     other = world_envelope(3);
	struct fake_answer f = revoked_receipt(&e);

	recovery_put_back(w);
	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + (uint32_t)RXP_REFUSAL_STATE;
	brought(w, &f, HTTP_LOST);
	waits(w, &e);
	other.fingerprint[0]++;
	other.salt += 7;
	waits(w, &other); /* what is proved of this message is for people to say */
	void_of(&v, &e);
	waits(w, &v);
	w->lapsed_seal = true;
	waits(w, &e);
	w->lapsed_seal = false;
	stands(w, 1);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY); /* no other since */
}

/* The same, or another one, under the seal in force. */
static void test_answer_proved(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), same = world_envelope(4);
	struct fake_answer f = revoked_receipt(&e), good = own_receipt(&e);
	uint64_t count;

	recovery_put_back(w);
	f.checked.received_ms -= 5000;
	f.checked.created_ms -= 5000;
	brought(w, &f, HTTP_LOST);
	f.checked.received_ms += 1000; /* another date */
	brought(w, &f, HTTP_UNPROCESSABLE);
	count = peer_of(w)->log.count;
	brought(w, &good, HTTP_LOST);
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_int_equal(peer_of(w)->log.count, count + 1);
	assert_memory_equal(world_admit(w, &e)->octets, &good, sizeof good);
	f = revoked_receipt(&same);
	brought(w, &f, HTTP_LOST);
	good = own_receipt(&same);
	good.checked.received_ms = f.checked.received_ms;
	good.checked.created_ms = f.checked.created_ms;
	brought(w, &good, HTTP_LOST);
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_memory_equal(world_admit(w, &same)->octets, &good, sizeof good);
}

/* What was answered here gets its answer, whatever is brought for another document under its id. */
static void test_answer_beside(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), same = again(&e), other = again(&same);
	struct fake_answer f;
	uint32_t len;

	len = (uint32_t)world_admit(w, &e)->len;
	recovery_put_back(w);
	other.fingerprint[0]++;
	f = revoked_receipt(&other);
	brought(w, &f, HTTP_LOST);
	assert_int_equal(recovery_of(w).unproved, 1);
	waits(w, &other);
	assert_int_equal(world_admit(w, &same)->http_status, HTTP_OK);
	assert_int_equal(world_admit(w, &same)->len, len);
}

/* All of our documents are back, and answers under such a seal may still come: the hold does not end before they do not. */
static void test_answer_late(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	struct fake_answer f;
	uint8_t request_id[16];

	w->has_revoked = true;
	recovery_put_back(w);
	recovery_receipt(w, 1);
	until_stage(w, RECOVERY_ASKED);
	recovery_receipt(w, 2);
	memcpy(request_id, w->deliveries[1].envelope.message_id, sizeof request_id);
	e = copy_of(60, request_id, 1, NULL);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	pump_for(w->loop, 100);
	assert_true(peer_of(w)->recovering);
	e = world_envelope(3);
	f = revoked_receipt(&e);
	brought(w, &f, HTTP_LOST);
	stands(w, 1);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	recovery_receipt(w, 3);
	memcpy(request_id, w->deliveries[2].envelope.message_id, sizeof request_id);
	e = copy_of(61, request_id, 1, NULL);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
	until_stage(w, RECOVERY_OVER);
}

/* Of two made up ones to one message, and of one whose envelope was answered otherwise meanwhile. */
static void test_answer_made_up(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), true_one = world_envelope(4);
	struct fake_answer f;
	uint64_t count;

	recovery_put_back(w);
	f = revoked_receipt(&true_one);
	memset(f.checked.message_id, 0x77, sizeof f.checked.message_id);
	brought(w, &f, HTTP_LOST);
	assert_int_equal(world_admit(w, &true_one)->http_status, HTTP_OK);
	f = revoked_receipt(&e);
	brought(w, &f, HTTP_LOST);
	count = peer_of(w)->log.count;
	stands(w, 2);
	assert_int_equal(peer_of(w)->log.count, count + 1);
	assert_int_equal(world_admit(w, &true_one)->http_status, HTTP_OK);
}

/* Held, because the log of the peer names what this node does not know: that is the peer's word alone. */
static void test_answer_unsure(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer good = own_receipt(&e), f;
	uint8_t id[16];

	world_ping(w, id);
	recovery_receipt(w, 1); /* there is a past with this peer */
	recovery_suspect(w->assembly->recovery, peer_of(w));
	for (unsigned i = 0; i < 400 && !peer_of(w)->recovering; i++)
		pump_for(w->loop, 5);
	assert_true(peer_of(w)->recovering);
	e = world_envelope(4);
	f = revoked_receipt(&e);
	brought(w, &f, HTTP_UNPROCESSABLE);
	assert_int_equal(recovery_of(w).answers, 0);
	brought(w, &good, HTTP_LOST); /* under the seal in force: something was lost */
	brought(w, &f, HTTP_LOST);
	assert_int_equal(recovery_of(w).answers, 2);
	assert_int_equal(recovery_of(w).unproved, 1);
	waits(w, &e);
}

/* --- our documents -------------------------------------------------------------------------------- */

/* Held, and asked; the peer gives one document, which goes again as the n-th delivery. */
static void one_copy(struct world *w, unsigned n, int64_t revoked_ms)
{
	struct fake_envelope e;
	uint8_t request_id[16];

	recovery_put_back(w);
	w->other = history_restore;
	recovery_receipt(w, n);
	until_stage(w, RECOVERY_ASKED);
	recovery_receipt(w, n + 1);
	memcpy(request_id, w->deliveries[n].envelope.message_id, sizeof request_id);
	lose();
	history_back.n = 1;
	history_back.revoked_ms = revoked_ms;
	e = copy_of(60, request_id, 1, &history_back.of[0]);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	e = copy_of(61, request_id, 2, NULL);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	world_until(w, &w->n_deliveries, n + 2);
	assert_int_equal(recovery_of(w).own, 1);
	assert_int_equal(recovery_of(w).unproved, revoked_ms != 0);
}

static void receipted_at(struct world *w, unsigned n, int64_t received_ms)
{
	struct fake_answer f =
	    first_receipt(&w->deliveries[n - 1], &history_back.of[0], received_ms);

	world_deliver(w, &w->deliveries[n - 1], HTTP_OK, &f);
}

/* A Receipt that is older than the revocation proves nothing either: the peer may have the key. */
static void test_document(void **state)
{
	struct world *w = *state;
	struct fake_envelope reply;

	one_copy(w, 1, clock_wall_ms() - LOST_MS);
	receipted_at(w, 3, history_back.revoked_ms - 1);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	/* Something came since it was asked for: it is asked for once more. */
	world_until(w, &w->n_deliveries, 4);
	assert_int_equal(recovery_of(w).unproved, 1);
	assert_true(peer_of(w)->recovering);
	/* The peer builds on it. */
	reply = case_document(
	    70, other_case, REPLY, 1, case_facts("accept", 1, 1, history_back.of[0].fingerprint));
	case_seen(&reply, &history_back.of[0]);
	waits(w, &reply);
	stands(w, 1);
	assert_int_equal(world_admit(w, &reply)->http_status, HTTP_OK);
	/* It is asked for once more, when what waited for it has had time to come; a start after it knows that too. */
	recovery_restart(w);
	recovery_receipt(w, 1);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	world_until(w, &w->n_deliveries, 2);
	assert_true(peer_of(w)->recovering);
	assert_int_equal(recovery_of(w).unproved, 0);
}

/* Asked for by a person while nothing is held: whoever has the key could begin a case of ours so. */
static void test_document_unheld(void **state)
{
	struct world *w = *state;
	struct msg_history_ask ask = {.user = "operator", .peer = PEER};
	const struct msg_history_list list = {.unused = 0};
	struct fake_envelope e;
	uint8_t request_id[16];
	struct rec_history_row r;
	struct record_cursor c;
	struct bytes fields;
	const struct world_answer *a;
	uint16_t tag;

	w->other = history_restore;
	assert_int_equal(world_ask(w, IPC_history_ask, &ask)->result, 0);
	recovery_receipt(w, 1);
	memcpy(request_id, w->deliveries[0].envelope.message_id, sizeof request_id);
	lose();
	history_back.revoked_ms = clock_wall_ms();
	e = copy_of(60, request_id, 1, &history_back.of[0]);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	pump_for(w->loop, 100);
	a = world_ask(w, IPC_history_list, &list);
	c = (struct record_cursor){a->octets, a->len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&r, &record_history_row, fields.data, fields.len), 0);
	assert_int_equal(r.spoilt, 1);
	assert_int_equal(r.taken, 0);
}

/* --- a seal that is revoked later ----------------------------------------------------------------- */

static const uint8_t SEAL[RXP_DIGEST_OCTETS] = {0x5e}, OTHER_SEAL[RXP_DIGEST_OCTETS] = {0x5f};

/* From this start on that seal is revoked since then. */
static void revoked_since(struct world *w, const uint8_t *seal, int64_t since_ms)
{
	static struct rxp_buf rows;
	struct rec_own_revoked r = {.since_ms = since_ms};

	rxp_buf_free(&rows);
	rxp_buf_init(&rows, 256);
	memcpy(r.seal, seal, sizeof r.seal);
	assert_int_equal(record_list_put(&rows, REC_own_revoked, &record_own_revoked, &r), 0);
	w->revoked = (struct bytes){rows.data, rows.len};
	recovery_restart(w);
	w->revoked = (struct bytes){NULL, 0};
	rxp_buf_free(&rows);
}

/* The only one that is listed. */
static void named(struct world *w, const char *what, const uint8_t *message_id, const char *proof)
{
	const struct msg_unproved_list list = {.peer = PEER};
	const struct world_answer *a = world_ask(w, IPC_unproved_list, &list);
	struct record_cursor c = {a->octets, a->len};
	struct rec_unproved_row r;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&r, &record_unproved_row, fields.data, fields.len), 0);
	assert_string_equal(r.what, what);
	assert_memory_equal(r.message_id, message_id, sizeof r.message_id);
	assert_string_equal(r.proof, proof);
	assert_int_equal(record_list_next(&c, &tag, &fields), 0);
}

/* An answer is back under SEAL, its message is here, and the hold is over. */
static struct fake_answer back_and_over(struct world *w, const struct fake_envelope *e)
{
	struct fake_answer f = own_receipt(e);

	memcpy(f.checked.seal, SEAL, sizeof f.checked.seal);
	recovery_put_back(w);
	brought(w, &f, HTTP_LOST);
	assert_memory_equal(world_admit(w, e)->octets, &f, sizeof f);
	assert_int_equal(confirms(w, 0), 0);
	assert_false(peer_of(w)->recovering);
	return f;
}

static void test_revoked_later(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3), same = again(&e), after = world_envelope(4);
	int64_t before = clock_wall_ms();
	struct fake_answer f = back_and_over(w, &e);
	uint64_t count = peer_of(w)->log.count;

	revoked_since(w, SEAL, clock_wall_ms() + 1); /* what came before that was made before it */
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	revoked_since(w, SEAL, before);
	assert_int_equal(recovery_of(w).unproved, 1);
	assert_int_equal(recovery_of(w).stage, RECOVERY_STUCK);
	assert_true(peer_of(w)->recovering);
	named(w, "answer", e.message_id, "log");
	waits(w, &e);
	waits(w, &same);
	assert_int_equal(world_admit(w, &after)->http_status, HTTP_OK); /* of no case */
	assert_int_equal(peer_of(w)->log.count, count + 1);
	revoked_since(w, SEAL, before); /* the next start finds nothing new */
	stands(w, 1);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	revoked_since(w, SEAL, before); /* and a person is asked once */
	assert_int_equal(recovery_of(w).unproved, 0);
}

/* All of our documents are asked for, as the n-th delivery, and there are none. */
static void asked_in_vain(struct world *w, unsigned n, uint8_t id)
{
	struct fake_envelope e;
	uint8_t request_id[16];

	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
	recovery_receipt(w, n);
	memcpy(request_id, w->deliveries[n - 1].envelope.message_id, sizeof request_id);
	e = copy_of(id, request_id, 1, NULL);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
}

/* The same answer under a seal in force proves it, and the hold ends by itself; under the revoked one it says nothing new.
 * Also the seal that proved it may be revoked later. */
static void test_revoked_later_proved(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	int64_t before = clock_wall_ms();
	struct fake_answer f = back_and_over(w, &e), good = f;

	revoked_since(w, SEAL, before);
	f.checked.revoked_ms = before;
	brought(w, &f, HTTP_NOTHING);
	assert_int_equal(recovery_of(w).unproved, 1);
	memcpy(good.checked.seal, OTHER_SEAL, sizeof good.checked.seal);
	recovery_receipt(w, 1); /* the notice */
	asked_in_vain(w, 2, 60);
	until_stage(w, RECOVERY_STUCK);
	brought(w, &good, HTTP_NOTHING);
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	asked_in_vain(w, 3, 61);
	until_stage(w, RECOVERY_OVER);
	revoked_since(w, OTHER_SEAL, before);
	assert_int_equal(recovery_of(w).unproved, 1);
	waits(w, &e);
}

/* Also in the hold of another loss, in which nothing came back. */
static void test_proved_in_another(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	int64_t before = clock_wall_ms();
	struct fake_answer f = back_and_over(w, &e);

	recovery_put_back(w);
	revoked_since(w, SEAL, before);
	assert_int_equal(recovery_of(w).unproved, 1);
	recovery_receipt(w, 2); /* the notice of this loss, behind that of the first */
	asked_in_vain(w, 3, 60);
	until_stage(w, RECOVERY_STUCK);
	assert_int_equal(recovery_of(w).answers, 0);
	memcpy(f.checked.seal, OTHER_SEAL, sizeof f.checked.seal);
	brought(w, &f, HTTP_NOTHING);
	assert_int_equal(recovery_of(w).unproved, 0);
	asked_in_vain(w, 4, 61);
	until_stage(w, RECOVERY_OVER);
}

/* The peer had refused what was said of the loss, and a person has ended that hold: in this one nothing is disputed. */
static void test_revoked_later_disputed(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	int64_t before = clock_wall_ms();
	struct fake_answer f = own_receipt(&e), refusal;

	memcpy(f.checked.seal, SEAL, sizeof f.checked.seal);
	recovery_put_back(w);
	brought(w, &f, HTTP_LOST);
	world_until(w, &w->n_deliveries, 1);
	refusal = world_refusal(&w->deliveries[0], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[0], 409, &refusal);
	until_stage(w, RECOVERY_STUCK);
	assert_true(recovery_of(w).disputed);
	assert_int_equal(confirms(w, 0), 0);
	revoked_since(w, SEAL, before);
	assert_int_equal(recovery_of(w).stage, RECOVERY_STUCK);
	assert_int_equal(recovery_of(w).unproved, 1);
	assert_false(recovery_of(w).disputed);
}

static void until_delivered(struct world *w, const uint8_t *message_id)
{
	struct store_outbox row = {.state = STATE_NONE};
	uint8_t local_id[RXP_ID_OCTETS];

	assert_int_equal(store_outbox_of_message(db_of(w), local_id, message_id), 0);
	for (unsigned i = 0; i < 400 && row.state != STATE_DELIVERED; i++) {
		pump_for(w->loop, 5);
		assert_int_equal(store_outbox_get(db_of(w), &row, NULL, local_id), 0);
	}
	assert_int_equal(row.state, STATE_DELIVERED);
}

static void test_document_revoked_later(void **state)
{
	struct world *w = *state;
	struct fake_envelope reply;
	int64_t before = clock_wall_ms();

	memcpy(history_back.seal, SEAL, sizeof history_back.seal);
	one_copy(w, 1, 0);
	receipted_at(w, 3, clock_wall_ms() - LOST_MS);
	until_delivered(w, history_back.of[0].message_id);
	until_stage(w, RECOVERY_OVER);
	assert_int_equal(recovery_of(w).unproved, 0);
	revoked_since(w, SEAL, before);
	w->other = history_restore;
	assert_int_equal(recovery_of(w).unproved, 1);
	named(w, "document", history_back.of[0].message_id, "receipt");
	reply = case_document(
	    70, other_case, REPLY, 1, case_facts("accept", 1, 1, history_back.of[0].fingerprint));
	case_seen(&reply, &history_back.of[0]);
	waits(w, &reply);
	stands(w, 1);
	assert_int_equal(world_admit(w, &reply)->http_status, HTTP_OK);
}

/* --- documents of the peer ------------------------------------------------------------------------ */

static void test_receipted_before(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1), other = again(&e), unknown = world_envelope(2);
	struct world_answer first = *world_admit(w, &e);
	const struct world_answer *a;

	assert_int_equal(first.http_status, HTTP_OK);
	w->lapsed_seal = true;
	a = world_admit(w, &other);
	assert_int_equal(a->http_status, HTTP_OK);
	assert_int_equal(a->len, first.len);
	assert_memory_equal(a->octets, first.octets, first.len);
	/* What was not receipted does not open, also if it names the message of another. */
	assert_int_equal(world_admit(w, &unknown)->http_status, HTTP_UNPROCESSABLE);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_UNOPENABLE);
	assert_int_equal(w->last_seal.has_fingerprint, 0);
	other = again(&other);
	other.fingerprint[0]++;
	assert_int_equal(world_admit(w, &other)->http_status, HTTP_UNPROCESSABLE);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_UNOPENABLE);
	assert_int_equal(peer_of(w)->log.count, 1);
	assert_int_equal(w->fetches, 0); /* nobody is asked for a seal that is known */
	w->lapsed_seal = false;
	assert_int_equal(world_admit(w, &unknown)->http_status, HTTP_OK);
}

/* A Void gets the answer that what it names has, also if that was given to this Void; where there is none it voids nothing. */
static void test_void(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1), v = world_envelope(2);
	struct fake_envelope other = world_envelope(3), early = world_envelope(4);
	struct world_answer first = *world_admit(w, &e), voided;
	const struct world_answer *a;

	assert_int_equal(first.http_status, HTTP_OK);
	void_of(&v, &e);
	void_of(&early, &other);
	w->lapsed_seal = true;
	a = world_admit(w, &v);
	assert_int_equal(a->http_status, HTTP_OK);
	assert_memory_equal(a->octets, first.octets, first.len);
	assert_int_equal(world_admit(w, &early)->http_status, HTTP_UNPROCESSABLE);
	assert_memory_equal(w->last_seal.message_id, early.message_id, RXP_ID_OCTETS);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_UNOPENABLE);
	assert_int_equal(w->last_seal.has_fingerprint, 0);
	w->lapsed_seal = false;
	voided = *world_admit(w, &early);
	w->lapsed_seal = true;
	a = world_admit(w, &early); /* its answer was lost, and its seal revoked */
	assert_int_equal(a->http_status, voided.http_status);
	assert_int_equal(a->len, voided.len);
	assert_memory_equal(a->octets, voided.octets, voided.len);
	w->lapsed_seal = false;
}

static void test_brought_back(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer f = own_receipt(&e);

	w->lapsed_seal = true;
	brought(w, &f, HTTP_LOST);
	assert_memory_equal(world_admit(w, &e)->octets, &f, sizeof f);
	assert_int_equal(recovery_of(w).documents, 1);
	brought(w, &f, HTTP_NOTHING); /* the message is here too */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, recovery_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_answer),
	    TEST(test_answer_kinds),
	    TEST(test_answer_proved),
	    TEST(test_answer_beside),
	    TEST(test_answer_late),
	    TEST(test_answer_made_up),
	    TEST(test_answer_unsure),
	    TEST(test_document),
	    TEST(test_document_unheld),
	    TEST(test_revoked_later),
	    TEST(test_revoked_later_proved),
	    TEST(test_proved_in_another),
	    TEST(test_revoked_later_disputed),
	    TEST(test_document_revoked_later),
	    TEST(test_receipted_before),
	    TEST(test_void),
	    TEST(test_brought_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
