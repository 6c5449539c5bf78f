#include "daemon/test/unit/registry_recovery_rig.h"

#include "daemon/registry/limits.h"

#define AT_MS 1793664000000LL

struct recovery_told told;

struct db *db_of(struct world *w)
{
	return store_db(w->assembly->node.store);
}

struct peer *peer_of(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static void picked_up(const struct msg_picked_up *p)
{
	told.picks++;
	told.pick_status = p->http_status;
	told.gave_own = p->envelope.len == sizeof told.own;
	if (p->envelope.len == 0)
		return;
	if (told.gave_own) {
		memcpy(&told.own, p->envelope.data, sizeof told.own);
		return;
	}
	assert_int_equal(p->envelope.len, sizeof told.message.envelope);
	memcpy(&told.message.envelope, p->envelope.data, sizeof told.message.envelope);
	node_digest(told.message.digest, p->envelope.data, p->envelope.len);
}

void recovery_hear(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	(void)l;
	if (m->type == IPC_return_taken) {
		told.returns++;
		told.return_status = ((const struct msg_return_taken *)m->body)->http_status;
	} else if (m->type == IPC_picked_up) {
		picked_up(m->body);
	} else {
		const struct msg_post *p = m->body;

		assert_int_equal(m->type, IPC_post);
		told.posts++;
		told.post = m->request;
		assert_int_equal(p->octets.len, sizeof told.posted);
		memcpy(&told.posted, p->octets.data, sizeof told.posted);
	}
}

static int set_up(void **state, bool pulls)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&told, 0, sizeof told);
	w->other = recovery_hear;
	w->peer_pulls = pulls;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return rc;
}

int recovery_set_up(void **state)
{
	return set_up(state, false);
}

int recovery_set_up_pulls(void **state)
{
	return set_up(state, true);
}

void recovery_restart(struct world *w)
{
	world_restart(w);
	w->other = recovery_hear;
}

struct peer *recovery_beside(struct world *w)
{
	snprintf(w->descriptor.party, sizeof w->descriptor.party, "%s", CASE_OTHER);
	w->pin = 2;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return peers_find(w->assembly->peers, CASE_OTHER);
}

void recovery_has(struct world *w, uint32_t status)
{
	const struct msg_posted m = {.http_status = status};

	told.answered = told.posts;
	assert_int_equal(link_answer(w->gateway, IPC_posted, told.post, &m, NULL, 0), 0);
}

static bool is_brought_all(struct world *w, uint32_t status)
{
	struct store_bringing b;

	if (told.posts > told.answered)
		recovery_has(w, status);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	return !b.open;
}

void recovery_has_all(struct world *w, uint32_t status)
{
	pump_while(w->loop, !is_brought_all(w, status));
	assert_true(is_brought_all(w, status));
}

struct store_recovery recovery_of(struct world *w)
{
	struct store_recovery r;

	assert_int_equal(store_recovery_get(db_of(w), &r, PEER), 0);
	return r;
}

void until_stage(struct world *w, enum recovery_stage stage)
{
	pump_while(w->loop, recovery_of(w).stage != stage);
	assert_int_equal(recovery_of(w).stage, stage);
}

void recovery_put_back(struct world *w)
{
	assert_int_equal(store_put_back_mark(db_of(w), AT_MS), 0);
	recovery_restart(w);
}

struct fake_envelope recovery_restored(uint8_t id, const struct rec_node_restored *says)
{
	struct fake_envelope e = world_envelope(id);
	struct rxp_buf list;

	snprintf(e.type, sizeof e.type, NOTICE);
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(record_list_put(&list, REC_node_restored, &record_node_restored, says), 0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return e;
}

struct rec_node_restored recovery_said(const struct world_delivery *d)
{
	struct record_cursor c = {.at = d->envelope.facts, .left = d->envelope.facts_len};
	struct rec_node_restored r;
	struct bytes fields;
	uint16_t tag;

	assert_string_equal(d->envelope.type, NOTICE);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(tag, REC_node_restored);
	assert_int_equal(record_decode(&r, &record_node_restored, fields.data, fields.len), 0);
	return r;
}

void recovery_receipt(struct world *w, unsigned n)
{
	struct fake_answer a;

	world_until(w, &w->n_deliveries, n);
	a = world_receipt(&w->deliveries[n - 1]);
	world_deliver(w, &w->deliveries[n - 1], HTTP_OK, &a);
}

struct fake_answer own_receipt(const struct fake_envelope *e)
{
	struct fake_answer f;
	int64_t now = clock_wall_ms();

	memset(&f, 0, sizeof f);
	f.checked = (struct msg_answer_checked){.kind = RXP_ANSWER_RECEIPT,
	    .from = OWN,
	    .to = PEER,
	    .created_ms = now - LOST_MS,
	    .received_ms = now - LOST_MS,
	    .has_fingerprint = 1,
	    .final = 1};
	memcpy(f.checked.message_id, e->message_id, sizeof f.checked.message_id);
	memcpy(f.checked.fingerprint, e->fingerprint, sizeof f.checked.fingerprint);
	node_digest(f.checked.envelope_digest, (const uint8_t *)e, sizeof *e);
	return f;
}

void brings(struct world *w, const struct fake_answer *f)
{
	struct msg_returned m = {.party = PEER,
	    .received_ms = clock_wall_ms(),
	    .answer = {(const uint8_t *)f, sizeof *f}};

	assert_int_equal(link_request(w->gateway, IPC_returned, &m, NULL, 0, NULL), 0);
}

void brought(struct world *w, const struct fake_answer *f, uint32_t status)
{
	unsigned before = told.returns;

	brings(w, f);
	world_until(w, &told.returns, before + 1);
	assert_int_equal(told.return_status, status);
}

void recovery_unopenable(struct world *w, unsigned n)
{
	const struct world_delivery *d;
	struct fake_answer a;

	world_until(w, &w->n_deliveries, n);
	d = &w->deliveries[n - 1];
	a = world_refusal(d, RXP_REFUSAL_UNOPENABLE, false);
	world_deliver(w, d, 422, &a);
	/* Its next try is planned by the clock of when the refusal is stored. */
	pump_while(w->loop, peers_find(w->assembly->peers, PEER)->in_work > 0);
	assert_int_equal(w->n_deliveries, n);
	world_move_clock(w, n * (int64_t)REGISTRY_RETRY_EXPIRED_MS);
}
