/*
 * answers: a receipt and every kind of refusal that QRB seals is read by QRA with equal fields; a
 * changed octet never changes a fact; another State's seal or a revoked certificate is not accepted, nor a seal of another
 * party than it says, nor one of ours that was for another;
 * malformed requests are refused as programming errors.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include "daemon/base/record.h"
#include "daemon/sealer/answer.h"
#include "daemon/sealer/own_seal.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/message/answer.h"

static struct msg_seal_answer receipt(void)
{
	struct msg_seal_answer q = {.kind = RXP_ANSWER_RECEIPT,
	    .message_id = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80},
	    .to = "QRA",
	    .created_ms = LATER_MS,
	    .has_fingerprint = 1,
	    .received_ms = NOW_MS,
	    .log_id = {9, 8, 7, 6, 5, 4, 0x40, 2, 0x80},
	    .log_count = 77};

	memset(q.envelope_digest, 1, sizeof q.envelope_digest);
	memset(q.fingerprint, 2, sizeof q.fingerprint);
	memset(q.log_head, 3, sizeof q.log_head);
	return q;
}

static struct msg_seal_answer refusal(enum rxp_refusal code)
{
	struct msg_seal_answer q = {.kind = RXP_ANSWER_REFUSAL,
	    .message_id = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80},
	    .to = "QRA",
	    .created_ms = LATER_MS,
	    .refusal = 1 + (uint32_t)code};

	memset(q.envelope_digest, 1, sizeof q.envelope_digest);
	return q;
}

static void seal_at(struct test_state *s, const struct msg_seal_answer *q, struct reply *sealed)
{
	reply_init(sealed);
	assert_int_equal(answer_seal_handle(s->node, q, sealed), 0);
	assert_int_equal((int)sealed->body.answer_sealed.result, 0);
}

static int check_at_a(struct bytes octets, struct reply *checked)
{
	struct msg_check_answer q = {.register_number = 1, .peer = "QRB", .octets = octets};

	reply_init(checked);
	assert_int_equal(answer_check_handle(a.node, &q, checked), 0);
	return (int)checked->body.answer_checked.result;
}

static void assert_equal(const struct msg_seal_answer *q, const struct msg_answer_checked *r)
{
	assert_int_equal(r->kind, q->kind);
	assert_memory_equal(r->message_id, q->message_id, sizeof r->message_id);
	assert_string_equal(r->from, "QRB");
	assert_string_equal(r->to, "QRA");
	assert_int_equal(r->created_ms, q->created_ms);
	assert_memory_equal(r->envelope_digest, q->envelope_digest, 32);
	assert_int_equal(r->has_fingerprint, q->has_fingerprint);
	assert_memory_equal(r->fingerprint, q->fingerprint, 32);
	assert_int_equal(r->received_ms, q->received_ms);
	assert_memory_equal(r->log_id, q->log_id, 16);
	assert_int_equal(r->log_count, q->log_count);
	assert_memory_equal(r->log_head, q->log_head, 32);
	assert_int_equal(r->flags.len, q->flags.len);
	if (q->flags.len > 0)
		assert_memory_equal(r->flags.data, q->flags.data, q->flags.len);
	assert_int_equal(r->refusal, q->refusal);
	assert_string_equal(r->requirement, q->requirement);
	assert_int_equal(r->retry_ms, q->retry_ms);
	assert_int_equal(r->place.len, q->place.len);
	assert_int_equal(r->working.len, q->working.len);
	assert_int_equal(r->has_view, q->has_view);
	assert_int_equal(r->own_position, q->own_position);
	assert_memory_equal(r->own_fingerprint, q->own_fingerprint, 32);
	assert_int_equal(r->peer_position, q->peer_position);
	assert_memory_equal(r->peer_fingerprint, q->peer_fingerprint, 32);
}

static void round_trip(const struct msg_seal_answer *q, bool final)
{
	struct reply sealed;
	struct reply checked;

	seal_at(&b, q, &sealed);
	assert_int_equal(check_at_a(sealed.body.answer_sealed.octets, &checked), 0);
	assert_equal(q, &checked.body.answer_checked);
	assert_int_equal(checked.body.answer_checked.final, final);
	reply_clear(&checked);
	reply_clear(&sealed);
}

static struct bytes words(const char *text)
{
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

/* Four flags of the greatest length there may be (RXP-ANS-019). */
static void receipts(void **state)
{
	struct msg_seal_answer q = receipt();

	(void)state;
	round_trip(&q, true);
	q.flags = words("late early");
	round_trip(&q, true);
	q.flags = words("abcdefghijklmnopqrstuvw bcdefghijklmnopqrstuvwx cdefghijklmnopqrstuvwxy "
			"d-f-h-j-l-n-p-r-t-v-x-z");
	round_trip(&q, true);
}

static void refusals(void **state)
{
	static const char place[] = "Document/Body/Ping";
	static const uint8_t working[] = "octets of a working part";
	struct msg_seal_answer schema = refusal(RXP_REFUSAL_SCHEMA);
	struct msg_seal_answer future = refusal(RXP_REFUSAL_FUTURE);
	struct msg_seal_answer rekey = refusal(RXP_REFUSAL_REKEY);
	struct msg_seal_answer gap = refusal(RXP_REFUSAL_GAP);
	struct msg_seal_answer unopenable = refusal(RXP_REFUSAL_UNOPENABLE);

	(void)state;
	schema.has_fingerprint = 1;
	memset(schema.fingerprint, 2, sizeof schema.fingerprint);
	snprintf(schema.requirement, sizeof schema.requirement, "RXP-DOC-005");
	schema.place = (struct bytes){(const uint8_t *)place, strlen(place)};
	round_trip(&schema, true);
	future.retry_ms = LATER_MS + 5;
	round_trip(&future, false);
	rekey.working = (struct bytes){working, sizeof working};
	round_trip(&rekey, false);
	round_trip(&unopenable, false);
	gap.has_view = 1;
	gap.peer_position = 4;
	memset(gap.peer_fingerprint, 5, sizeof gap.peer_fingerprint);
	round_trip(&gap, false);
}

static void not_accepted(void **state)
{
	struct msg_seal_answer q = receipt();
	struct reply sealed;
	struct reply checked;
	struct bytes octets;
	size_t tried = 0;
	size_t refused = 0;

	(void)state;
	seal_at(&c, &q, &sealed);
	assert_int_not_equal(check_at_a(sealed.body.answer_sealed.octets, &checked), 0);
	reply_clear(&checked);
	reply_clear(&sealed);

	seal_at(&b, &q, &sealed);
	octets = sealed.body.answer_sealed.octets;
	for (size_t i = 0; i < octets.len; i += 7) {
		tried++;
		sealed.octets[0].data[i] ^= 1;
		/* Only what the canonical form leaves out, a spare declaration, may go unseen. */
		if (check_at_a(octets, &checked) == 0)
			assert_equal(&q, &checked.body.answer_checked);
		else
			refused++;
		reply_clear(&checked);
		sealed.octets[0].data[i] ^= 1;
	}
	assert_in_range(tried - refused, 0, tried / 20);
	introduce(&a, &b, 2, NOW_MS);
	assert_int_not_equal(check_at_a(octets, &checked), 0);
	reply_clear(&checked);
	introduce(&a, &b, 3, 0);
	assert_int_equal(check_at_a(octets, &checked), 0);
	reply_clear(&checked);
	/* RXP-DSC-027: made before its seal was retired, whenever it comes. */
	b.retired_ms = q.created_ms + 1;
	introduce(&a, &b, 4, 0);
	assert_int_equal(check_at_a(octets, &checked), 0);
	reply_clear(&checked);
	b.retired_ms = q.created_ms;
	introduce(&a, &b, 5, 0);
	assert_int_equal(check_at_a(octets, &checked), RXP_ERR_SIGNER);
	reply_clear(&checked);
	b.retired_ms = 0;
	introduce(&a, &b, 6, 0);
	reply_clear(&sealed);
}

static int check_own(struct bytes octets, struct reply *checked)
{
	struct msg_check_answer q = {.own = 1, .octets = octets};

	memcpy(q.peer, "QRA", sizeof q.peer);
	reply_init(checked);
	assert_int_equal(answer_check_handle(b.node, &q, checked), 0);
	return (int)checked->body.answer_checked.result;
}

/* What the registry keeps of the seal is what it is told of one that is revoked (RXP-RCV-018). */
static void assert_named(const struct msg_answer_checked *checked)
{
	struct rec_own_revoked r;
	struct record_cursor at;
	struct rxp_buf rows;
	struct bytes fields;
	uint16_t tag;

	rxp_buf_init(&rows, 256);
	assert_int_equal(own_seal_revoked(&rows, b.node), 0);
	at = (struct record_cursor){rows.data, rows.len};
	assert_int_equal(record_list_next(&at, &tag, &fields), 1);
	assert_int_equal(record_decode(&r, &record_own_revoked, fields.data, fields.len), 0);
	assert_int_equal(r.since_ms, checked->revoked_ms);
	assert_memory_equal(r.seal, checked->seal, sizeof r.seal);
	assert_int_equal(record_list_next(&at, &tag, &fields), 0);
	rxp_buf_free(&rows);
}

/* One of our own that comes back: of a seal that is revoked it says since when (RXP-RCV-013), of one that was retired before
 * the answer was given it is none. */
static void own_under_former_seals(void **state)
{
	const struct msg_seal_answer q = receipt();
	struct rxp_evidence_party *own = b.node->seals;
	struct reply sealed, checked;
	struct bytes octets;

	(void)state;
	seal_at(&b, &q, &sealed);
	octets = sealed.body.answer_sealed.octets;
	assert_int_equal(check_own(octets, &checked), 0);
	assert_int_equal(checked.body.answer_checked.revoked_ms, 0);
	reply_clear(&checked);
	own->revoked_ms[0] = q.created_ms - 1;
	assert_int_equal(check_own(octets, &checked), 0);
	assert_int_equal(checked.body.answer_checked.revoked_ms, q.created_ms - 1);
	assert_named(&checked.body.answer_checked);
	assert_equal(&q, &checked.body.answer_checked);
	reply_clear(&checked);
	own->retired_ms[0] = q.created_ms;
	assert_int_equal(check_own(octets, &checked), RXP_ERR_SIGNER);
	reply_clear(&checked);
	own->revoked_ms[0] = own->retired_ms[0] = 0;
	reply_clear(&sealed);
}

/* A Receipt under the seal of QRB, whatever it says of who gives it. */
static void seal_as(struct rxp_buf *out, const char *from, const char *to)
{
	const struct msg_seal_answer q = receipt();
	struct rxp_answer answer;

	rxp_buf_init(out, RXP_MAX_ANSWER_OCTETS);
	rxp_answer_init(&answer);
	answer.kind = RXP_ANSWER_RECEIPT;
	memcpy(answer.message_id, q.message_id, sizeof answer.message_id);
	snprintf(answer.from, sizeof answer.from, "%s", from);
	snprintf(answer.to, sizeof answer.to, "%s", to);
	answer.created_ms = q.created_ms;
	answer.received_ms = q.received_ms;
	answer.has_fingerprint = true;
	answer.log_count = q.log_count;
	memcpy(answer.log_id, q.log_id, sizeof answer.log_id);
	assert_int_equal(rxp_answer_seal(out, &answer, q.created_ms, &b.node->signer), 0);
	rxp_answer_clear(&answer);
}

/* Whose seal it bears is the party that it is from; one of ours comes back from the party that it was for, and only where those are
 * asked for. */
static void parties(void **state)
{
	static const struct {
		const char *from, *to;
		bool own; /* asked of QRB, of what QRA brings, else of QRA */
		bool asked;
		int result;
	} rows[] = {
	    {"QRB", "QRA", false, false, 0},
	    {"QRC", "QRA", false, false, RXP_ERR_MISMATCH},
	    {"QRB", "QRA", true, true, 0},
	    {"QRB", "QRA", true, false, RXP_ERR_SIGNER},
	    {"QRC", "QRA", true, true, RXP_ERR_MISMATCH},
	    {"QRB", "QRC", true, true, RXP_ERR_MISMATCH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct msg_check_answer q = {.own = rows[i].asked};
		struct rxp_buf octets;
		struct reply checked;

		seal_as(&octets, rows[i].from, rows[i].to);
		q.octets = (struct bytes){octets.data, octets.len};
		snprintf(q.peer, sizeof q.peer, "%s", rows[i].own ? "QRA" : "QRB");
		reply_init(&checked);
		assert_int_equal(
		    answer_check_handle(rows[i].own ? b.node : a.node, &q, &checked), 0);
		assert_int_equal((int)checked.body.answer_checked.result, rows[i].result);
		reply_clear(&checked);
		rxp_buf_free(&octets);
	}
}

static void malformed_requests(void **state)
{
	struct msg_seal_answer bad[] = {receipt(), receipt(), receipt(), receipt(), receipt(),
	    receipt(), refusal(RXP_REFUSAL_COUNT), refusal(RXP_REFUSAL_SCHEMA)};
	char place[RXP_PLACE_TEXT];
	struct reply reply;

	(void)state;
	memset(place, 'x', sizeof place);
	bad[0].kind = 2;
	bad[1].has_fingerprint = 0;
	bad[2].refusal = 1;
	memcpy(bad[3].to, "", 1);
	bad[4].flags = words("late  early");
	bad[5].flags = words("a b c d e f g h i");
	bad[7].place = (struct bytes){(const uint8_t *)place, sizeof place};
	reply_init(&reply);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(answer_seal_handle(b.node, &bad[i], &reply), RXP_ERR_STATE);
	reply_clear(&reply);
}

/* A time that cannot be written is no fault of the process that asks. */
static void unwritable_times(void **state)
{
	struct msg_seal_answer bad[] = {receipt(), receipt(), receipt(), receipt()};
	struct reply reply;

	(void)state;
	bad[0].created_ms = -1;
	bad[1].received_ms = RXP_MAX_TIME_MS + 1;
	bad[2].received_ms = INT64_MIN;
	bad[3].retry_ms = INT64_MAX;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		reply_init(&reply);
		assert_int_equal(answer_seal_handle(b.node, &bad[i], &reply), 0);
		assert_int_equal((int)reply.body.answer_sealed.result, RXP_ERR_BOUND);
		reply_clear(&reply);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(receipts),
	    cmocka_unit_test(refusals),
	    cmocka_unit_test(not_accepted),
	    cmocka_unit_test(own_under_former_seals),
	    cmocka_unit_test(parties),
	    cmocka_unit_test(malformed_requests),
	    cmocka_unit_test(unwritable_times),
	};

	return cmocka_run_group_tests(tests, set_up_peers, tear_down);
}
