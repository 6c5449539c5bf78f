/*
 * close and open: what QRA closes opens at QRB, with the same fingerprint, evidence and content key.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_opened.h"

#include "daemon/sealer/digest.h"
#include "daemon/sealer/rekey.h"
#include "daemon/sealer/warmup.h"
#include "protocol/document/document.h"
#include "protocol/envelope/envelope.h"
#include "protocol/message/answer.h"

static void close_ping(struct reply *closed)
{
	struct msg_close q = {.register_number = 1,
	    .peer = "QRB",
	    .created_ms = NOW_MS,
	    .expires_ms = LATER_MS,
	    .type = "Ping",
	    .from_office = "NODE",
	    .to_office = "NODE"};

	memcpy(q.key_id, b.key.body.key_made.key_id, sizeof q.key_id);
	assert_int_equal(rxp_id_make_v7(q.message_id, NOW_MS, &a.node->random), 0);
	reply_init(closed);
	assert_int_equal(close_handle(a.node, &q, closed), 0);
	assert_int_equal(closed->body.closed.result, 0);
}

static bool same(struct bytes x, struct bytes y)
{
	return x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
}

static void round_trip(void **state)
{
	struct reply closed;
	struct reply opened;
	const struct msg_closed *out = &closed.body.closed;
	const struct msg_opened *in = &opened.body.opened;
	uint8_t digest[32];

	(void)state;
	close_ping(&closed);
	open_received(&opened, "QRA", out->envelope, NOW_MS);
	assert_int_equal(in->refusal, 0);
	assert_int_equal(in->opened, 1);
	assert_string_equal(in->from, "QRA");
	assert_string_equal(in->to, "QRB");
	assert_string_equal(in->type, "Ping");
	assert_int_equal(in->created_ms, NOW_MS);
	assert_int_equal(in->expires_ms, LATER_MS);
	assert_int_equal(in->place.len, 0);
	assert_memory_equal(in->fingerprint, out->fingerprint, 32);
	assert_memory_equal(in->envelope_digest, out->envelope_digest, 32);
	assert_int_equal(digest_make(digest, out->envelope.data, out->envelope.len), 0);
	assert_memory_equal(in->envelope_digest, digest, 32);
	assert_true(same(in->evidence, out->evidence));
	reply_clear(&closed);
	reply_clear(&opened);
}

/* Both sides keep the same content key, and each only for this message. */
static void content_key_is_kept(void **state)
{
	struct reply closed;
	struct reply opened;
	struct rxp_outer outer = {.from = "QRA", .to = "QRB"};
	uint8_t ours[RXP_KEY_OCTETS];
	uint8_t theirs[RXP_KEY_OCTETS];
	const struct bytes *wrapped = &closed.body.closed.wrapped_key;

	(void)state;
	close_ping(&closed);
	open_received(&opened, "QRA", closed.body.closed.envelope, NOW_MS);
	memcpy(outer.message_id, opened.body.opened.message_id, sizeof outer.message_id);
	assert_int_equal(keys_unwrap_content(ours, a.node, &outer, wrapped->data, wrapped->len), 0);
	assert_int_equal(
	    keys_unwrap_content(theirs, b.node, &outer, opened.body.opened.wrapped_key.data,
		opened.body.opened.wrapped_key.len),
	    0);
	assert_memory_equal(ours, theirs, sizeof ours);
	outer.message_id[15] ^= 1;
	assert_int_equal(keys_unwrap_content(ours, a.node, &outer, wrapped->data, wrapped->len),
	    RXP_ERR_DECRYPT);
	reply_clear(&closed);
	reply_clear(&opened);
}

/* RXP-ENV-015: other octets, the same document; and only of an envelope of ours to this peer. */
static void wrapped_anew(void **state)
{
	struct msg_rekey q = {.register_number = 1, .peer = "QRB"};
	struct reply closed, anew, opened;
	const struct msg_rekeyed *r = &anew.body.rekeyed;

	(void)state;
	close_ping(&closed);
	memcpy(q.key_id, b.key.body.key_made.key_id, sizeof q.key_id);
	q.envelope = closed.body.closed.envelope;
	q.wrapped_key = closed.body.closed.wrapped_key;
	reply_init(&anew);
	assert_int_equal(rekey_handle(a.node, &q, &anew), 0);
	assert_int_equal(r->result, 0);
	assert_false(same(r->envelope, closed.body.closed.envelope));
	open_received(&opened, "QRA", r->envelope, NOW_MS);
	assert_int_equal(opened.body.opened.refusal, 0);
	assert_memory_equal(
	    opened.body.opened.fingerprint, closed.body.closed.fingerprint, RXP_DIGEST_OCTETS);
	assert_memory_equal(
	    opened.body.opened.envelope_digest, r->envelope_digest, RXP_DIGEST_OCTETS);
	reply_clear(&opened);
	reply_clear(&anew);

	q.key_id[0] ^= 1;
	reply_init(&anew);
	assert_int_equal(rekey_handle(a.node, &q, &anew), 0);
	assert_int_equal((int)r->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(r->envelope.len, 0);
	q.key_id[0] ^= 1;
	reply_clear(&anew);
	reply_init(&anew);
	assert_int_equal(rekey_handle(b.node, &q, &anew), 0);
	assert_int_not_equal(r->result, 0);
	reply_clear(&anew);

	introduce(&a, &c, 2, 0); /* a peer as well, and not the one that it is for */
	snprintf(q.peer, sizeof q.peer, "QRC");
	memcpy(q.key_id, c.key.body.key_made.key_id, sizeof q.key_id);
	reply_init(&anew);
	assert_int_equal(rekey_handle(a.node, &q, &anew), 0);
	assert_int_equal((int)r->result, RXP_ERR_MISMATCH);
	assert_int_equal(r->envelope.len, 0);
	introduce(&a, &b, 3, 0);
	reply_clear(&anew);
	reply_clear(&closed);
}

/* The evidence of both sides is that of the seal: SHA-256 of SignedInfo is the fingerprint. */
static void evidence_gives_fingerprint(void **state)
{
	struct reply closed;
	struct rec_evidence e;
	uint8_t digest[32];
	const struct bytes *octets = &closed.body.closed.evidence;

	(void)state;
	close_ping(&closed);
	assert_int_equal(record_decode(&e, &record_evidence, octets->data, octets->len), 0);
	assert_int_equal(digest_make(digest, e.signed_info.data, e.signed_info.len), 0);
	assert_memory_equal(digest, closed.body.closed.fingerprint, 32);
	rxp_cert_digest(a.node->cert, digest);
	assert_memory_equal(digest, e.seal_cert, 32);
	assert_int_equal(e.value.len, 64);
	reply_clear(&closed);
}

/* --- documents made by hand, one difference each --------------------------------------------- */

/* Octets that are no Envelope claim nothing. */
static void no_envelope(void **state)
{
	static const char *const texts[] = {"", "x", "<Envelope xmlns=\"urn:rxp:1:envelope\"/>"};
	static const uint8_t zeros[16];
	struct reply opened;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct bytes octets = {(const uint8_t *)texts[i], strlen(texts[i])};

		open_received(&opened, "QRA", octets, NOW_MS);
		assert_int_equal(opened.body.opened.refusal, 1 + RXP_REFUSAL_UNOPENABLE);
		assert_memory_equal(opened.body.opened.message_id, zeros, sizeof zeros);
		assert_string_equal(opened.body.opened.from, "");
		reply_clear(&opened);
	}
}

static void other_suite(void **state)
{
	struct reply closed;
	struct reply opened;
	struct rxp_buf *envelope = &closed.octets[0];
	uint8_t *suite;

	(void)state;
	close_ping(&closed);
	suite = memmem(envelope->data, envelope->len, "RXP-1-P256", 10);
	assert_non_null(suite);
	suite[4] = '2';
	open_received(&opened, "QRA", closed.body.closed.envelope, NOW_MS);
	assert_int_equal(opened.body.opened.refusal, 1 + RXP_REFUSAL_UNSUPPORTED);
	assert_int_equal(opened.body.opened.opened, 0);
	reply_clear(&opened);
	reply_clear(&closed);
}

/* Requests that a correct registry does not make, and a key that the peer does not have. */
static void close_requests(void **state)
{
	const struct msg_close good = {.register_number = 1,
	    .peer = "QRB",
	    .message_id = {0, 0, 0, 0, 0, 0, 0x70, 0, 0x80},
	    .created_ms = NOW_MS,
	    .expires_ms = LATER_MS,
	    .type = "Ping",
	    .from_office = "NODE",
	    .to_office = "NODE"};
	struct msg_close bad[5] = {good, good, good, good, good};
	struct reply reply;

	(void)state;
	snprintf(bad[0].peer, sizeof bad[0].peer, "qrb");
	snprintf(bad[1].type, sizeof bad[1].type, "Pong");
	snprintf(bad[2].to_office, sizeof bad[2].to_office, "ASYLUM");
	bad[3].expires_ms = NOW_MS;
	bad[4].draft = (struct bytes){(const uint8_t *)"x", 1};
	reply_init(&reply);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(close_handle(a.node, &bad[i], &reply), RXP_ERR_STATE);
	assert_int_equal(close_handle(a.node, &good, &reply), 0);
	assert_int_equal((int)reply.body.closed.result, RXP_ERR_NOT_FOUND);
	assert_int_equal(reply.body.closed.envelope.len, 0);
	reply_clear(&reply);
}

static void warm_up(void **state)
{
	(void)state;
	assert_int_equal(warmup_run(a.node), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(warm_up),
	    cmocka_unit_test(round_trip),
	    cmocka_unit_test(content_key_is_kept),
	    cmocka_unit_test(wrapped_anew),
	    cmocka_unit_test(evidence_gives_fingerprint),
	    cmocka_unit_test(no_envelope),
	    cmocka_unit_test(other_suite),
	    cmocka_unit_test(close_requests),
	};

	return cmocka_run_group_tests(tests, set_up_peers, tear_down);
}
