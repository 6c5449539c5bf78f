#include "daemon/test/unit/registry_history_rig.h"

#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_recovery.h"

#define COPY "HistoryCopy"
#define REQUEST "HistoryRequest"

const uint8_t other_case[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89};

struct history_back history_back;

static struct msg_restored found_in(const struct fake_envelope *e)
{
	struct msg_restored a = {.created_ms = e->created_ms,
	    .expires_ms = e->expires_ms,
	    .from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .profile_id = "customary",
	    .profile_version = "1"};

	memcpy(a.message_id, e->message_id, sizeof a.message_id);
	memcpy(a.fingerprint, e->fingerprint, sizeof a.fingerprint);
	memcpy(a.type, e->type, sizeof e->type);
	memcpy(a.case_id, e->place.case_id, sizeof a.case_id);
	a.position = e->place.position;
	a.revoked_ms = history_back.revoked_ms;
	memcpy(a.seal, history_back.seal, sizeof a.seal);
	a.has_previous = e->place.has_previous;
	a.has_seen = e->place.has_seen;
	memcpy(a.previous, e->place.previous, sizeof a.previous);
	memcpy(a.seen, e->place.seen, sizeof a.seen);
	return a;
}

void history_restore(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_restore *q = m->body;
	struct rec_node_history_copy copy;
	struct msg_restored a = {.result = (uint32_t)RXP_ERR_SIGNER};
	struct fake_envelope wrapping, e;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;

	(void)w;
	history_back.seconds += q->second.len > 0;
	assert_int_equal(q->first.len, sizeof wrapping);
	memcpy(&wrapping, q->first.data, sizeof wrapping);
	c = (struct record_cursor){.at = wrapping.facts, .left = wrapping.facts_len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(
	    record_decode(&copy, &record_node_history_copy, fields.data, fields.len), 0);
	for (unsigned i = 0; i < history_back.n; i++) {
		if (memcmp(history_back.of[i].message_id, copy.message_id,
			sizeof copy.message_id) != 0)
			continue;
		e = history_back.of[i];
		e.salt += 5000;
		a = found_in(&e);
		assert_int_equal(node_digest(a.envelope_digest, &e, sizeof e), 0);
		a.envelope = (struct bytes){(const uint8_t *)&e, sizeof e};
		a.evidence = (struct bytes){(const uint8_t *)"evidence", 8};
		a.wrapped_key = (struct bytes){(const uint8_t *)"wrapped", 7};
		a.facts = (struct bytes){e.facts, e.facts_len};
	}
	link_answer(l, IPC_restored, m->request, &a, NULL, 0);
}

struct fake_envelope piece_of(uint8_t id, const uint8_t request_id[16], uint64_t number,
    const struct fake_envelope *document, uint32_t piece, uint32_t pieces)
{
	struct rec_node_history_copy says = {
	    .number = number, .last = document == NULL && pieces == 0};
	struct fake_envelope e = world_envelope(id);
	struct rxp_buf list;

	snprintf(e.type, sizeof e.type, COPY);
	memcpy(says.request, request_id, sizeof says.request);
	if (document != NULL) {
		says.piece = piece;
		says.pieces = pieces;
		memcpy(says.message_id, document->message_id, sizeof says.message_id);
		assert_int_equal(node_digest(says.receipted, document, sizeof *document), 0);
	}
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(
	    record_list_put(&list, REC_node_history_copy, &record_node_history_copy, &says), 0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return e;
}

struct fake_envelope copy_of(
    uint8_t id, const uint8_t request_id[16], uint64_t number, const struct fake_envelope *document)
{
	return piece_of(id, request_id, number, document, 1, document != NULL);
}

struct fake_envelope none_of(uint8_t id, const uint8_t request_id[16], uint64_t number)
{
	return piece_of(id, request_id, number, NULL, 0, 1);
}

void lose(void)
{
	history_back.n = 2;
	history_back.revoked_ms = 0;
	history_back.of[0] =
	    case_document(50, other_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	history_back.of[1] =
	    case_document(51, other_case, "Supplement", 2, case_facts("supplement", 1, 1, NULL));
	case_previous(&history_back.of[1], &history_back.of[0]);
}

struct fake_answer first_receipt(
    const struct world_delivery *d, const struct fake_envelope *document, int64_t received_ms)
{
	struct fake_answer f = world_receipt(d);

	assert_int_equal(node_digest(f.checked.envelope_digest, document, sizeof *document), 0);
	f.checked.received_ms = received_ms;
	return f;
}

void history_asks(struct world *w, unsigned n, const uint8_t *case_id, uint8_t message_id[16])
{
	struct msg_history_ask m = {.user = "operator", .peer = PEER};
	const struct world_answer *a;

	w->other = history_restore;
	if (case_id != NULL)
		memcpy(m.case_id, case_id, sizeof m.case_id);
	a = world_ask(w, IPC_history_ask, &m);
	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	assert_string_equal(world_delivered(w, n)->envelope.type, REQUEST);
	memcpy(message_id, w->deliveries[n - 1].envelope.message_id, 16);
	case_receipt(w, n, a->id);
}

void history_comes(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, 200);
}

struct rec_history_row history_shown(struct world *w)
{
	const struct msg_history_list m = {.unused = 0};
	const struct world_answer *a = world_ask(w, IPC_history_list, &m);
	struct record_cursor c = {a->octets, a->len};
	struct rec_history_row r;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&r, &record_history_row, fields.data, fields.len), 0);
	return r;
}

struct rec_history_row history_counted(struct world *w, uint64_t sum)
{
	struct rec_history_row r = {.taken = 0};

	for (int i = 0; i < 400; i++) {
		r = history_shown(w);
		if (r.taken + r.held + r.left_out + r.forked + r.spoilt == sum)
			return r;
		pump_for(w->loop, 5);
		w->n_answers = 0;
	}
	fail_msg("not looked at: %u", (unsigned)sum);
	return r;
}

void history_hold(struct world *w, uint8_t message_id[16])
{
	struct fake_answer a;

	assert_int_equal(store_put_back_mark(store_db(w->assembly->node.store), 1), 0);
	world_restart(w);
	w->other = history_restore;
	world_until(w, &w->n_deliveries, 1);
	a = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &a);
	assert_string_equal(world_delivered(w, 2)->envelope.type, REQUEST);
	memcpy(message_id, w->deliveries[1].envelope.message_id, 16);
	a = world_receipt(&w->deliveries[1]);
	world_deliver(w, &w->deliveries[1], 200, &a);
}
