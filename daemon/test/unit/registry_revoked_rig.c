#include "daemon/test/unit/registry_revoked_rig.h"

#define VOID "Void"

struct fake_envelope again(const struct fake_envelope *e)
{
	struct fake_envelope other = *e;

	other.salt += 77;
	return other;
}

struct fake_answer revoked_receipt(const struct fake_envelope *e)
{
	struct fake_answer f = own_receipt(e);

	f.checked.revoked_ms = f.checked.created_ms + 1;
	return f;
}

void void_of(struct fake_envelope *v, const struct fake_envelope *e)
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

int confirms(struct world *w, uint64_t n)
{
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER, .unproved = n};

	return (int)world_ask(w, IPC_recovery_confirm, &confirm)->result;
}

void stands(struct world *w, uint64_t n)
{
	assert_int_equal(confirms(w, n - 1), RXP_ERR_MISMATCH);
	assert_int_equal(recovery_of(w).unproved, n);
	assert_int_equal(confirms(w, n), 0);
	assert_int_equal(recovery_of(w).unproved, 0);
	assert_true(recovery_holds(recovery_of(w).stage));
	assert_true(peer_of(w)->recovering);
}

void waits(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, HTTP_BUSY);
	assert_int_equal(w->last_seal.kind, RXP_ANSWER_REFUSAL);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY);
	assert_true(w->last_seal.retry_ms >= clock_wall_ms() + 9000);
	assert_int_equal(w->last_seal.received_ms, 0);
}

void one_copy(struct world *w, unsigned n, int64_t revoked_ms)
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

void receipted_at(struct world *w, unsigned n, int64_t received_ms)
{
	struct fake_answer f =
	    first_receipt(&w->deliveries[n - 1], &history_back.of[0], received_ms);

	world_deliver(w, &w->deliveries[n - 1], HTTP_OK, &f);
}
