/*
 * Goals of answers that are given again (RXP-DSC-035): one under a seal that is revoked, or that the chain lists no more,
 * is sealed anew and says the same in every field, first ReceivedAt and Created included; one under a seal in force or
 * retired stays as it is; nothing that is not this State's answer is sealed.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_fixture.h"

#include "daemon/sealer/answer.h"
#include "protocol/init.h"
#include "protocol/message/answer.h"

#define DAY_MS (86400 * INT64_C(1000))
#define MADE_MS (NOW_MS + DAY_MS)
#define CHANGED_MS (NOW_MS + 2 * DAY_MS)
#define AGAIN_MS (NOW_MS + 3 * DAY_MS)

/* A root and two seals of one State, and its identity parts. */
static struct test_pair root, first_seal, second_seal;
static struct rxp_buf parts[2];

static void make_part(size_t at, const struct test_pair *seal, int64_t created_ms,
    int64_t revoked_since_ms, const uint8_t *previous, uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	struct rxp_signer signer = rxp_key_signer_interface(root.signer);
	struct rxp_identity i;

	fill_identity(&i, "QRB", seal);
	i.serial = at + 1;
	i.created_ms = created_ms;
	i.revoked_since_ms = revoked_since_ms;
	i.has_previous = previous != NULL;
	if (previous != NULL)
		memcpy(i.previous, previous, sizeof i.previous);
	rxp_buf_init(&parts[at], RXP_MAX_PART_OCTETS);
	assert_int_equal(rxp_identity_seal(&parts[at], &i, created_ms, &signer, fingerprint), 0);
	rxp_identity_clear(&i);
}

/* The node that has this key and these parts of the chain. */
static struct node *node_with(const struct test_pair *seal, size_t from, size_t n)
{
	static const char storage[] =
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
	struct rxp_buf chain, storage_key;
	struct node *node = NULL;
	enum unfit why;

	rxp_buf_init(&chain, RXP_MAX_DESCRIPTOR_OCTETS);
	rxp_buf_init(&storage_key, NODE_STORAGE_OCTETS);
	assert_int_equal(rxp_buf_puts(&storage_key, storage), 0);
	assert_int_equal(rxp_descriptor_write(&chain, parts + from, n, NULL), 0);
	assert_int_equal(
	    node_new(&node,
		&(struct node_files){
		    .seal_key = &seal->pem, .storage_keys = &storage_key, .identity = &chain},
		&why),
	    0);
	rxp_buf_free(&storage_key);
	rxp_buf_free(&chain);
	return node;
}

/* before: as it was; now: with the second seal, and the first one left out. */
struct rolled {
	struct node *before, *now;
	struct reply sealed;
};

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	pair_new(&root, CERTIFICATE_ROOT, "QRB");
	pair_new(&first_seal, CERTIFICATE_SEAL, "QRB");
	pair_new(&second_seal, CERTIFICATE_SEAL, "QRB");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pair_free(&second_seal);
	pair_free(&first_seal);
	pair_free(&root);
	rxp_cleanup();
	return 0;
}

static void roll(struct rolled *r, const struct msg_seal_answer *q, int64_t revoked_since_ms)
{
	uint8_t fingerprint[RXP_DIGEST_OCTETS], latest[RXP_DIGEST_OCTETS];

	make_part(0, &first_seal, NOW_MS, 0, NULL, fingerprint);
	make_part(1, &second_seal, CHANGED_MS, revoked_since_ms, fingerprint, latest);
	r->before = node_with(&first_seal, 0, 1);
	r->now = node_with(&second_seal, 0, 2);
	reply_init(&r->sealed);
	assert_int_equal(answer_seal_handle(r->before, q, &r->sealed), 0);
	assert_int_equal(r->sealed.body.answer_sealed.result, 0);
}

static void rolled_clear(struct rolled *r)
{
	reply_clear(&r->sealed);
	node_free(r->now);
	node_free(r->before);
	rxp_buf_free(&parts[1]);
	rxp_buf_free(&parts[0]);
}

/* The result; octets: borrowed from the reply. */
static int reseal_at(struct node *node, struct bytes octets, struct reply *out)
{
	const struct msg_reseal_answer q = {.now_ms = AGAIN_MS, .octets = octets};

	reply_init(out);
	assert_int_equal(answer_reseal_handle(node, &q, out), 0);
	return (int)out->body.answer_resealed.result;
}

static struct msg_seal_answer receipt(void)
{
	struct msg_seal_answer q = {.kind = RXP_ANSWER_RECEIPT,
	    .message_id = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80},
	    .to = "QRA",
	    .created_ms = MADE_MS + 7,
	    .has_fingerprint = 1,
	    .received_ms = MADE_MS,
	    .log_id = {9, 8, 7, 6, 5, 4, 0x40, 2, 0x80},
	    .log_count = 77,
	    .flags = {(const uint8_t *)"late unplanned", 14}};

	memset(q.envelope_digest, 1, sizeof q.envelope_digest);
	memset(q.fingerprint, 2, sizeof q.fingerprint);
	memset(q.log_head, 3, sizeof q.log_head);
	return q;
}

static struct msg_seal_answer refusal(void)
{
	struct msg_seal_answer q = receipt();

	q.kind = RXP_ANSWER_REFUSAL;
	q.created_ms = MADE_MS;
	q.refusal = 1 + RXP_REFUSAL_SCHEMA;
	snprintf(q.requirement, sizeof q.requirement, "RXP-DOC-005");
	q.place = (struct bytes){(const uint8_t *)"Document/Body", 13};
	q.received_ms = 0;
	q.log_count = 0;
	memset(q.log_id, 0, sizeof q.log_id);
	memset(q.log_head, 0, sizeof q.log_head);
	q.flags = (struct bytes){NULL, 0};
	return q;
}

static void open_under(struct rxp_answer *out, struct bytes octets, const struct test_pair *seal)
{
	const struct rxp_cert *certs[] = {seal->cert};

	rxp_answer_init(out);
	assert_int_equal(rxp_answer_open(out, octets.data, octets.len, certs, 1), 0);
}

/* What lies between the first octet and the signature: Header and Body as written. */
static size_t signed_part(struct bytes octets)
{
	const uint8_t *at = memmem(octets.data, octets.len, "<ds:Signature", 13);

	assert_non_null(at);
	return (size_t)(at - octets.data);
}

static void assert_same(struct bytes before, struct bytes now)
{
	struct rxp_answer x, y;

	open_under(&x, before, &first_seal);
	open_under(&y, now, &second_seal);
	assert_int_equal(y.created_ms, x.created_ms);
	assert_int_equal(y.received_ms, x.received_ms);
	assert_int_equal(signed_part(now), signed_part(before));
	assert_memory_equal(now.data, before.data, signed_part(before));
	rxp_answer_clear(&y);
	rxp_answer_clear(&x);
}

/* RXP-DSC-035 */
static void revoked(void **state)
{
	const struct msg_seal_answer answers[] = {receipt(), refusal()};

	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		struct bytes before, now;
		struct rolled r;
		struct reply anew, again;

		roll(&r, &answers[i], NOW_MS);
		before = r.sealed.body.answer_sealed.octets;
		assert_true(node_reseals(r.now));
		assert_false(node_reseals(r.before));
		assert_int_equal(reseal_at(r.now, before, &anew), 0);
		now = anew.body.answer_resealed.octets;
		assert_same(before, now);
		/* What bears a seal in force stays. */
		assert_int_equal(reseal_at(r.now, now, &again), 0);
		assert_int_equal(again.body.answer_resealed.octets.len, 0);
		reply_clear(&again);
		reply_clear(&anew);
		rolled_clear(&r);
	}
}

/* Of a chain that has grown too long the first part is left out (RXP-DSC-026). */
static void no_longer_listed(void **state)
{
	const struct msg_seal_answer q = receipt();
	struct node *late;
	struct rolled r;
	struct reply anew;

	(void)state;
	roll(&r, &q, 0);
	late = node_with(&second_seal, 1, 1);
	assert_int_equal(reseal_at(late, r.sealed.body.answer_sealed.octets, &anew), 0);
	assert_same(r.sealed.body.answer_sealed.octets, anew.body.answer_resealed.octets);
	reply_clear(&anew);
	node_free(late);
	rolled_clear(&r);
}

/* RXP-DSC-027: what a retired seal sealed stands. */
static void retired(void **state)
{
	const struct msg_seal_answer q = receipt();
	struct rolled r;
	struct reply anew;

	(void)state;
	roll(&r, &q, 0);
	assert_false(node_reseals(r.now));
	assert_int_equal(reseal_at(r.now, r.sealed.body.answer_sealed.octets, &anew), 0);
	assert_int_equal(anew.body.answer_resealed.octets.len, 0);
	reply_clear(&anew);
	rolled_clear(&r);
}

static void not_ours(void **state)
{
	const struct msg_seal_answer q = receipt();
	struct test_state other;
	struct rolled r;
	struct reply sealed, anew;
	struct bytes octets;

	(void)state;
	roll(&r, &q, NOW_MS);
	state_new(&other, "QRC");
	reply_init(&sealed);
	assert_int_equal(answer_seal_handle(other.node, &q, &sealed), 0);
	assert_int_equal(
	    reseal_at(r.now, sealed.body.answer_sealed.octets, &anew), RXP_ERR_MISMATCH);
	reply_clear(&anew);
	/* One octet of what it says. */
	octets = r.sealed.body.answer_sealed.octets;
	r.sealed.octets[0].data[signed_part(octets) - 60] ^= 1;
	assert_int_not_equal(reseal_at(r.now, octets, &anew), 0);
	assert_int_equal(anew.body.answer_resealed.octets.len, 0);
	reply_clear(&anew);
	assert_int_not_equal(reseal_at(r.now, (struct bytes){NULL, 0}, &anew), 0);
	reply_clear(&anew);
	reply_clear(&sealed);
	state_free(&other);
	rolled_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(revoked),
	    cmocka_unit_test(no_longer_listed),
	    cmocka_unit_test(retired),
	    cmocka_unit_test(not_ours),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
