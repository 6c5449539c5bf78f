/*
 * Goals of taking a message back, with everything around the registry played. At its sender: it is never sent again;
 * the answer to the Void is its final answer, whichever came first, and the case goes on from there; what is no
 * answer to it changes nothing; a Void that was refused leaves it to a person; a crash at any point changes none of
 * this. At its receiver: what was answered is answered again; what was not is refused from then on, once; another
 * fingerprint is a conflict.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#define VOID "Void"

static const struct world_answer *ask_void(struct world *w, const uint8_t id[16])
{
	struct msg_message_void m = {.user = "officer"};

	memcpy(m.local_id, id, sizeof m.local_id);
	return world_ask(w, IPC_message_void, &m);
}

static void taken_back(struct world *w, const uint8_t id[16], uint8_t void_id[16])
{
	const struct world_answer *a = ask_void(w, id);

	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	memcpy(void_id, a->id, sizeof a->id);
}

static void not_taken_back(struct world *w, const uint8_t id[16], int result, const char *words)
{
	const struct world_answer *a = ask_void(w, id);

	assert_string_equal(a->words, words);
	assert_int_equal((int)a->result, result);
}

/* The attempt of the n-th delivery ends without an answer; the peer is tried again at once. */
static struct world_delivery lost(struct world *w, unsigned n, const uint8_t id[16])
{
	const struct world_delivery *d = world_delivered(w, n);
	struct world_delivery copy = *d;
	struct rec_message_row row;

	world_deliver(w, d, 404, NULL);
	world_until_state(w, id, "in-doubt", &row);
	return copy;
}

static const struct world_delivery *void_delivered(
    struct world *w, unsigned n, const struct world_delivery *of)
{
	const struct world_delivery *d = world_delivered(w, n);
	struct record_cursor c = {.at = d->envelope.facts, .left = d->envelope.facts_len};
	struct rec_node_void says;
	struct bytes fields;
	uint16_t tag;

	assert_string_equal(d->envelope.type, VOID);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(tag, REC_node_void);
	assert_int_equal(record_decode(&says, &record_node_void, fields.data, fields.len), 0);
	assert_memory_equal(says.message_id, of->envelope.message_id, sizeof says.message_id);
	assert_memory_equal(says.fingerprint, of->envelope.fingerprint, sizeof says.fingerprint);
	return d;
}

/* `voided`, with the digest of the Void's Envelope (RXP-VOI-002). */
static struct fake_answer voided(const struct world_delivery *of, const struct world_delivery *by)
{
	struct fake_answer f = world_refusal(of, RXP_REFUSAL_VOIDED, true);

	memcpy(f.checked.envelope_digest, by->digest, sizeof by->digest);
	return f;
}

/* An application in doubt, a withdrawal behind it. */
static struct world_delivery in_doubt(
    struct world *w, uint8_t case_id[16], uint8_t id[16], uint8_t behind[16])
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), behind);
	return lost(w, 1, id);
}

static void test_did_not_arrive(void **state)
{
	struct world *w = *state;
	struct facts apply = case_facts("apply", 1, 2, NULL);
	uint8_t case_id[16], id[16], behind[16], void_id[16];
	struct world_delivery of = in_doubt(w, case_id, id, behind);
	const struct world_delivery *by;
	struct rec_message_row row;
	struct fake_answer f;
	struct peer *peer;

	taken_back(w, id, void_id);
	world_show(w, id, &row);
	assert_string_equal(row.state, "voiding");
	by = void_delivered(w, 2, &of);
	f = voided(&of, by);
	world_deliver(w, by, 409, &f);
	world_until_state(w, id, "refused", &row);
	assert_string_equal(row.refusal, "voided");
	world_until_state(w, void_id, "delivered", &row);
	/* The case does not know the persons any more, so the withdrawal has no turn. */
	world_until_state(w, behind, "refused", &row);
	/* Its Position is free (RXP-CHN-002). */
	assert_int_equal(case_submit(w, "key-3", case_id, APPLICATION, &apply)->result, 0);
	world_delivered(w, 3);
	assert_int_equal(w->last_close.position, 1);
	peer = peers_find(w->assembly->peers, PEER);
	assert_int_equal(peer->counts[STATE_VOIDING], 0);
	assert_int_equal(peer->counts[STATE_REFUSED], 2);
	assert_int_equal(peer->counts[STATE_DELIVERED], 1);
}

static void test_had_arrived(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], behind[16], void_id[16];
	struct world_delivery of = in_doubt(w, case_id, id, behind);
	const struct world_delivery *by;
	struct rec_message_row row;
	struct fake_answer f;
	struct shown s;

	taken_back(w, id, void_id);
	by = void_delivered(w, 2, &of);
	f = world_receipt(&of);
	world_deliver(w, by, 200, &f);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(row.log_count, 4);
	world_until_state(w, void_id, "delivered", &row);
	world_delivered(w, 3);
	assert_string_equal(w->last_close.type, WITHDRAWAL);
	assert_int_equal(w->last_close.position, 2);
	assert_memory_equal(w->last_close.previous, of.envelope.fingerprint, 32);
	case_receipt(w, 3, behind);
	case_show(w, case_id, &s);
	assert_string_equal(s.persons[1], "withdrawn");
	assert_string_equal(s.persons[2], "received");
}

/* RXP-VOI-001, RXP-VOI-004: the Void is sent again, over starts and hours, the message never. */
static void test_never_again(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], behind[16], void_id[16];
	struct world_delivery of = in_doubt(w, case_id, id, behind);
	const struct world_delivery *by;
	struct rec_message_row row;
	struct fake_answer f;

	taken_back(w, id, void_id);
	not_taken_back(w, id, RXP_ERR_STATE, "it is being taken back already");
	lost(w, 2, void_id);
	world_move_clock(w, REGISTRY_RETRY_EXPIRED_MS);
	void_delivered(w, 3, &of);
	world_restart(w);
	by = void_delivered(w, 1, &of);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->n_deliveries, 1);
	world_show(w, id, &row);
	assert_string_equal(row.state, "voiding");
	f = voided(&of, by);
	world_deliver(w, by, 409, &f);
	world_until_state(w, id, "refused", &row);
	/* Its end is committed with that of the Void. */
	world_restart(w);
	world_show(w, void_id, &row);
	assert_string_equal(row.state, "delivered");
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->n_deliveries, 0);
}

/* Each is the right answer but for one thing. */
static void test_false_answers(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], behind[16], void_id[16];
	struct world_delivery of = in_doubt(w, case_id, id, behind);
	const struct world_delivery *by;
	struct rec_message_row row;
	struct fake_answer f;

	taken_back(w, id, void_id);
	for (unsigned i = 0; i < 2; i++) {
		by = void_delivered(w, 2 + i, &of);
		f = voided(&of, by);
		if (i == 0)
			f.checked.fingerprint[0] ^= 1;
		else
			f = world_receipt(by); /* of the Void itself */
		world_deliver(w, by, 409, &f);
		world_until_state(w, void_id, "in-doubt", &row);
		assert_string_equal(row.last_error, "answer to something else");
		world_show(w, id, &row);
		assert_string_equal(row.state, "voiding");
		world_move_clock(w, (i + 1) * REGISTRY_RETRY_LAST_MS);
	}
	by = void_delivered(w, 4, &of);
	f = voided(&of, by);
	world_deliver(w, by, 409, &f);
	world_until_state(w, id, "refused", &row);
}

/* It was taken back before, by a Void that was lost since with what its sender had: the stored answer names the Envelope of that, which
 * nobody here knows (RXP-VOI-004). */
static struct fake_answer voided_before(const struct world_delivery *of)
{
	struct fake_answer f = voided(of, of);

	memset(f.checked.envelope_digest, 0x6e, sizeof f.checked.envelope_digest);
	return f;
}

static void test_void_lost(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], behind[16], void_id[16];
	struct world_delivery of = in_doubt(w, case_id, id, behind);
	const struct world_delivery *by;
	struct rec_message_row row;
	struct fake_answer f = voided_before(&of);

	taken_back(w, id, void_id);
	by = void_delivered(w, 2, &of);
	world_deliver(w, by, 409, &f);
	world_until_state(w, id, "refused", &row);
	assert_string_equal(row.refusal, "voided");
	world_until_state(w, void_id, "delivered", &row);
}

/* The same to the message, which is sent again. */
static void test_void_lost_unknown(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], behind[16];
	struct world_delivery of = in_doubt(w, case_id, id, behind);
	struct rec_message_row row;
	struct fake_answer f = voided_before(&of), other = f;

	other.checked.refusal = 1 + (uint32_t)RXP_REFUSAL_STATE;
	world_deliver(w, world_delivered(w, 2), 409, &other);
	world_until_state(w, id, "in-doubt", &row);
	assert_string_equal(row.last_error, "answer to something else");
	world_move_clock(w, REGISTRY_RETRY_LAST_MS);
	world_deliver(w, world_delivered(w, 3), 409, &f);
	world_until_state(w, id, "refused", &row);
	assert_string_equal(row.refusal, "voided");
}

/* RXP-VOI-006 */
static void test_void_refused(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], behind[16], void_id[16];
	struct world_delivery of = in_doubt(w, case_id, id, behind);
	struct msg_message_requeue again = {.user = "officer"};
	const struct world_delivery *by;
	struct rec_message_row row;
	struct fake_answer f;

	taken_back(w, id, void_id);
	by = void_delivered(w, 2, &of);
	f = world_refusal(by, RXP_REFUSAL_UNSUPPORTED, true);
	world_deliver(w, by, 422, &f);
	world_until_state(w, void_id, "refused", &row);
	world_show(w, id, &row);
	assert_string_equal(row.state, "parked");
	assert_string_equal(row.last_error, "the peer refused to take it back: unsupported");
	memcpy(again.local_id, id, sizeof again.local_id);
	assert_int_equal(world_ask(w, IPC_message_requeue, &again)->result, 0);
	case_receipt(w, 3, id);
}

/* RXP-VOI-007: the peer has named the withdrawal as seen, and answers its Void with a refusal of it. */
static void test_refused_though_seen(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, reply;
	uint8_t case_id[16], id[16], void_id[16];
	struct world_delivery of;
	const struct world_delivery *by;
	struct rec_message_row row;
	struct fake_answer f;
	struct shown s;

	application = case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), id);
	of = lost(w, 2, id);
	reply = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 2, 2, application.fingerprint));
	case_seen(&reply, &of.envelope);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	taken_back(w, id, void_id);
	by = void_delivered(w, 3, &of);
	f = world_refusal(&of, RXP_REFUSAL_STATE, true);
	world_deliver(w, by, 409, &f);
	world_until_state(w, void_id, "delivered", &row);
	world_restart(w);
	world_show(w, id, &row);
	assert_string_equal(row.state, "refused");
	assert_string_equal(row.refusal, "state");
	assert_int_equal(row.flags.len, strlen("contradicts-seen"));
	assert_memory_equal(row.flags.data, "contradicts-seen", row.flags.len);
	case_show(w, case_id, &s);
	assert_int_equal(s.n, 3);
	assert_string_equal(s.persons[1], "withdrawn");
	assert_string_equal(s.persons[2], "accepted");
	/* What comes next stands behind it. */
	case_accepted(w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), id);
	world_delivered(w, 1);
	assert_int_equal(w->last_close.position, 3);
	assert_memory_equal(w->last_close.previous, of.envelope.fingerprint, 32);
}

static void test_not_to_be_taken_back(void **state)
{
	struct world *w = *state;
	struct msg_message_discard discard = {.user = "officer"};
	uint8_t case_id[16], id[16], behind[16], void_id[16], none[16] = {1};
	struct world_delivery of = in_doubt(w, case_id, id, behind);
	const struct world_delivery *by;
	struct rec_message_row row;
	struct fake_answer f;

	not_taken_back(w, none, RXP_ERR_NOT_FOUND, "");
	not_taken_back(w, behind, RXP_ERR_STATE, "it was never sent: it can be discarded");
	taken_back(w, id, void_id);
	not_taken_back(w, void_id, RXP_ERR_STATE, "it takes back another message itself");
	memcpy(discard.local_id, void_id, sizeof discard.local_id);
	assert_int_equal((int)world_ask(w, IPC_message_discard, &discard)->result, RXP_ERR_STATE);
	by = void_delivered(w, 2, &of);
	f = voided(&of, by);
	world_deliver(w, by, 409, &f);
	world_until_state(w, id, "refused", &row);
	not_taken_back(w, id, RXP_ERR_STATE, "it has its end already");
}

static void test_in_work(void **state)
{
	struct world *w = *state;
	uint8_t id[16], void_id[16];

	world_begin(w, id);
	world_delivered(w, 1);
	not_taken_back(w, id, RXP_ERR_STATE, "it is being worked on now: try again in a moment");
	lost(w, 1, id);
	taken_back(w, id, void_id);
}

/* --- at the receiver ------------------------------------------------------------------------------ */

static struct fake_envelope void_of(uint8_t id, const struct fake_envelope *e)
{
	struct fake_envelope v = world_envelope(id);
	struct rec_node_void says;
	struct rxp_buf list;

	snprintf(v.type, sizeof v.type, VOID);
	memcpy(says.message_id, e->message_id, sizeof says.message_id);
	memcpy(says.fingerprint, e->fingerprint, sizeof says.fingerprint);
	rxp_buf_init(&list, sizeof v.facts);
	assert_int_equal(record_list_put(&list, REC_node_void, &record_node_void, &says), 0);
	memcpy(v.facts, list.data, list.len);
	v.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return v;
}

static uint64_t log_count(struct world *w)
{
	return peers_find(w->assembly->peers, PEER)->log.count;
}

static void test_before_it(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, v, next;
	struct world_answer first;
	struct msg_list all = {.list = "messages"};
	uint8_t digest[32];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	e = case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	v = void_of(2, &e);
	first = *world_admit(w, &v);
	assert_int_equal(first.http_status, 409);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_VOIDED);
	assert_memory_equal(w->last_seal.message_id, e.message_id, 16);
	assert_int_equal(w->last_seal.has_fingerprint, 1);
	assert_memory_equal(w->last_seal.fingerprint, e.fingerprint, 32);
	node_digest(digest, &v, sizeof v);
	assert_memory_equal(w->last_seal.envelope_digest, digest, 32);
	assert_int_equal(log_count(w), 1);
	/* The message comes later, and the Void again: the stored octets, also in other octets of either. */
	for (int i = 0; i < 2; i++) {
		const struct world_answer *a = world_admit(w, i == 0 ? &e : &v);

		assert_int_equal(a->http_status, 409);
		assert_int_equal(a->len, first.len);
		assert_memory_equal(a->octets, first.octets, first.len);
	}
	v.salt = e.salt = 1;
	world_restart(w);
	assert_memory_equal(world_admit(w, &e)->octets, first.octets, first.len);
	assert_memory_equal(world_admit(w, &v)->octets, first.octets, first.len);
	assert_int_equal(log_count(w), 1);
	assert_int_equal(case_listed(w, &all), 0);
	/* Its Position is not taken. */
	next = case_document(3, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	assert_int_equal(world_admit(w, &next)->http_status, 200);
	assert_int_equal(log_count(w), 2);
}

static void test_behind_it(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, v;
	struct world_answer first;
	const struct world_answer *a;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	e = case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	v = void_of(2, &e);
	first = *world_admit(w, &e);
	assert_int_equal(first.http_status, 200);
	a = world_admit(w, &v);
	assert_int_equal(a->http_status, 200);
	assert_int_equal(a->len, first.len);
	assert_memory_equal(a->octets, first.octets, first.len);
	assert_int_equal(log_count(w), 1);
	/* Also when it expired meanwhile. */
	world_move_clock(w, RXP_DEFAULT_LIFETIME_MS + DAY);
	v.salt = 1;
	assert_memory_equal(world_admit(w, &v)->octets, first.octets, first.len);
}

/* RXP-VOI-003; the twin is test_behind_it. */
static void test_other_fingerprint(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1), other = e, v;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	other.fingerprint[0] ^= 0x80;
	v = void_of(2, &other);
	assert_int_equal(world_admit(w, &v)->http_status, 409);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_CONFLICT);
	assert_memory_equal(w->last_seal.message_id, e.message_id, 16);
	assert_memory_equal(w->last_seal.fingerprint, other.fingerprint, 32);
	/* The first stands. */
	e.salt = 1;
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

/* Gone before the commit: no trace. Gone after it: the stored octets. */
static void test_crash_at_receiver(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1), v = void_of(2, &e);
	unsigned sealed;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	world_send(w, &v);
	pump_for(w->loop, 20);
	world_restart(w);
	assert_int_equal(log_count(w), 0);
	link_pause(w->gateway, true);
	world_send(w, &v);
	pump_while(w->loop, log_count(w) == 0);
	world_restart(w);
	assert_int_equal(log_count(w), 1);
	sealed = w->sealed;
	assert_int_equal(world_admit(w, &v)->http_status, 409);
	assert_int_equal(world_admit(w, &e)->http_status, 409);
	assert_int_equal(w->sealed, sealed);
}

/* What a sealer must have found is not there: nothing is decided. */
static void test_no_record(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1), v = void_of(2, &e);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	v.facts_len--;
	assert_int_equal(world_admit(w, &v)->http_status, 503);
	assert_int_equal(log_count(w), 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_did_not_arrive),
	    WORLD_TEST(test_had_arrived),
	    WORLD_TEST(test_never_again),
	    WORLD_TEST(test_false_answers),
	    WORLD_TEST(test_void_lost),
	    WORLD_TEST(test_void_lost_unknown),
	    WORLD_TEST(test_void_refused),
	    WORLD_TEST(test_refused_though_seen),
	    WORLD_TEST(test_not_to_be_taken_back),
	    WORLD_TEST(test_in_work),
	    WORLD_TEST(test_before_it),
	    WORLD_TEST(test_behind_it),
	    WORLD_TEST(test_other_fingerprint),
	    WORLD_TEST(test_crash_at_receiver),
	    WORLD_TEST(test_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
