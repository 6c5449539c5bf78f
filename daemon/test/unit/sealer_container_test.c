/*
 * sealer_container_test - goals (RXP-EVI-013, RXP-EVI-014):
 *   what a sealer signs is the container that these rows make, and verifies with it
 *   a body is signed by the digest that its document's seal names
 *   a row of which anything is changed, the descriptor of a third State: nothing is signed, and it is counted (RXP-EVI-032), unless
 *     it waits for a person
 *   one more descriptor is held against those of its party that are known (RXP-EVI-034): one that says nothing more is, that of another
 *     State, garbage and a file without the one in force are not; whoever knows none has nothing to join
 *   a request that the registry does not make ends the sealer; one whose rows nobody can read is not sealed
 * links: sealer certs
 */
#include <stdlib.h>
#include <unistd.h>

#include "daemon/test/unit/sealer_states.h"

#include "daemon/base/memfile.h"
#include "daemon/sealer/answer.h"
#include "daemon/sealer/container.h"
#include "daemon/sealer/former.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier_make.h"
#include "protocol/message/answer.h"
#include "protocol/peering/identity_known.h"

#define SEALED_MS (NOW_MS + 86400000)

/* A Ping of QRA that QRB received. */
struct exchange {
	struct reply closed, opened, answer;
	struct rec_evidence_row row;
};

static void make(struct exchange *x)
{
	struct msg_close close = {.register_number = 1,
	    .peer = "QRB",
	    .created_ms = NOW_MS,
	    .expires_ms = LATER_MS,
	    .type = "Ping",
	    .from_office = "NODE",
	    .to_office = "NODE"};
	struct msg_seal_answer receipt = {.kind = RXP_ANSWER_RECEIPT,
	    .to = "QRA",
	    .created_ms = NOW_MS,
	    .has_fingerprint = 1,
	    .received_ms = NOW_MS,
	    .log_id = {9, 8, 7, 6, 5, 4, 0x40, 2, 0x80}};
	const struct msg_opened *o = &x->opened.body.opened;

	memcpy(close.key_id, b.key.body.key_made.key_id, sizeof close.key_id);
	assert_int_equal(rxp_id_make_v7(close.message_id, NOW_MS, &a.node->random), 0);
	assert_int_equal(close_at_a(&x->closed, &close), 0);
	open_at_b(&x->opened, x->closed.body.closed.envelope);
	memcpy(receipt.message_id, o->message_id, sizeof receipt.message_id);
	memcpy(receipt.fingerprint, o->fingerprint, sizeof receipt.fingerprint);
	memcpy(receipt.envelope_digest, o->envelope_digest, sizeof receipt.envelope_digest);
	reply_init(&x->answer);
	assert_int_equal(answer_seal_handle(b.node, &receipt, &x->answer), 0);
	x->row = (struct rec_evidence_row){.from = "QRA",
	    .to = "QRB",
	    .type = "Ping",
	    .evidence = x->closed.body.closed.evidence,
	    .answer = x->answer.body.answer_sealed.octets};
	memcpy(x->row.message_id, o->message_id, sizeof x->row.message_id);
	memcpy(x->row.fingerprint, o->fingerprint, sizeof x->row.fingerprint);
}

static void clear(struct exchange *x)
{
	reply_clear(&x->closed);
	reply_clear(&x->opened);
	reply_clear(&x->answer);
}

/* Hand over a request with these rows in its file. */
static int handle(
    struct reply *reply, const struct msg_seal_container *q, const struct rxp_buf *rows)
{
	int rc;

	reply_init(reply);
	assert_int_equal(memfile_make(&reply->file, "rows", rows->data, rows->len), 0);
	rc = container_seal_handle(a.node, q, reply);
	close(reply->file);
	return rc;
}

static int seal(
    struct reply *reply, const struct rec_evidence_row *row, const struct test_state *peer)
{
	struct msg_seal_container q = {.created_ms = SEALED_MS,
	    .own_descriptor = reply_bytes(&a.identity),
	    .peer_descriptor = reply_bytes(&peer->identity)};
	struct rxp_buf rows;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX);
	assert_int_equal(record_list_put(&rows, REC_evidence_row, &record_evidence_row, row), 0);
	assert_int_equal(handle(reply, &q, &rows), 0);
	rxp_buf_free(&rows);
	return (int)reply->body.container_sealed.result;
}

static void no_problem(void *arg, const char *entry, const char *text)
{
	(void)arg;
	fail_msg("%s: %s", entry, text);
}

/* The container as it is made outside, with this signature. */
static void assert_verifies(const struct rec_evidence_row *row, struct bytes signatures)
{
	struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES] = {NULL};
	struct rxp_identity_known *known = rxp_identity_known_new();
	struct rxp_dossier_row r = {.type = row->type,
	    .from = row->from,
	    .answer = row->answer.data,
	    .answer_len = row->answer.len};
	struct rxp_dossier d;
	struct rxp_dossier_left left = {.n = 0};
	unsigned n = 0;
	struct rec_evidence e;
	struct rxp_container made;
	struct rxp_buf octets;

	assert_int_equal(
	    record_decode(&e, &record_evidence, row->evidence.data, row->evidence.len), 0);
	memcpy(r.seal_cert, e.seal_cert, sizeof r.seal_cert);
	r.evidence = (struct rxp_evidence){
	    .piece = {{e.header.data, e.header.len}, {e.properties.data, e.properties.len},
		{e.signed_info.data, e.signed_info.len}, {e.value.data, e.value.len}}};
	rxp_container_init(&made);
	rxp_buf_init(&octets, RXP_MAX_CONTAINER_TEXT_OCTETS);
	assert_int_equal(rxp_buf_put(&octets, signatures.data, signatures.len), 0);
	assert_int_equal(
	    rxp_dossier_put_parties(&made, parties, known,
		&(struct rxp_dossier_papers){.in_force = {a.identity.data, a.identity.len}},
		&(struct rxp_dossier_papers){.in_force = {b.identity.data, b.identity.len}}),
	    0);
	assert_int_equal(rxp_dossier_put_document(&made, parties, &n, &left, &r), 0);
	assert_int_equal(n, 1);
	assert_int_equal(rxp_dossier_put_chronology(&made, NULL, &left, NULL, no_problem, NULL), 0);
	assert_int_equal(rxp_dossier_put_seal(&made, &octets), 0);
	assert_int_equal(
	    rxp_dossier_check(&d, &made, RXP_DOSSIER_WHOLE, NULL, NULL, 0, no_problem, NULL), 0);
	assert_int_equal(d.n_problems, 0);
	assert_string_equal(d.signer->party, "QRA");
	assert_true(d.signed_ms == SEALED_MS);
	rxp_dossier_clear(&d);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(parties[i]);
	rxp_container_clear(&made);
	rxp_identity_known_free(known);
	rxp_buf_free(&octets);
}

static void signs_what_verifies(void **state)
{
	struct exchange x;
	struct reply reply;

	(void)state;
	make(&x);
	assert_int_equal(seal(&reply, &x.row, &b), 0);
	assert_verifies(&x.row, reply.body.container_sealed.signatures);
	reply_clear(&reply);
	clear(&x);
}

/* The digest of a body is signed without the body; of a document that is not there nothing is. */
static void signs_a_body_by_its_digest(void **state)
{
	static const uint8_t there[] = {1, 1};
	struct exchange x;
	struct reply with, without;
	struct msg_seal_container q = {.created_ms = SEALED_MS};
	struct rxp_buf rows;

	(void)state;
	make(&x);
	assert_int_equal(seal(&without, &x.row, &b), 0);
	rxp_buf_init(&rows, IPC_MESSAGE_MAX);
	assert_int_equal(record_list_put(&rows, REC_evidence_row, &record_evidence_row, &x.row), 0);
	q.own_descriptor = reply_bytes(&a.identity);
	q.peer_descriptor = reply_bytes(&b.identity);
	q.bodies = (struct bytes){there, 1};
	assert_int_equal(handle(&with, &q, &rows), 0);
	assert_int_equal(with.body.container_sealed.result, 0);
	assert_non_null(memmem(with.octets[0].data, with.octets[0].len, "body.xml", 8));
	assert_null(memmem(without.octets[0].data, without.octets[0].len, "body.xml", 8));
	reply_clear(&with);
	q.bodies.len = 2;
	assert_int_equal(handle(&with, &q, &rows), 0);
	assert_int_equal((int)with.body.container_sealed.result, RXP_ERR_MISMATCH);
	reply_clear(&with);
	reply_clear(&without);
	rxp_buf_free(&rows);
	clear(&x);
}

static void assert_unsigned(
    const struct rec_evidence_row *row, const struct test_state *peer, int want)
{
	struct reply reply;

	assert_int_equal(seal(&reply, row, peer), want);
	assert_int_equal(reply.body.container_sealed.signatures.len, 0);
	assert_int_equal(reply.body.container_sealed.withheld, row->unproved == 0);
	reply_clear(&reply);
}

static void signs_nothing_else(void **state)
{
	struct exchange x;
	struct rec_evidence_row row;
	uint8_t *octets;

	(void)state;
	make(&x);
	row = x.row;
	snprintf(row.type, sizeof row.type, "NodeNotice");
	assert_unsigned(&row, &b, RXP_ERR_MISMATCH);
	snprintf(row.type, sizeof row.type, "../Ping");
	assert_unsigned(&row, &b, RXP_ERR_MISMATCH);
	row = x.row;
	memcpy(row.from, "QRB", sizeof row.from);
	assert_unsigned(&row, &b, RXP_ERR_MISMATCH);
	row = x.row;
	row.answer.len--;
	assert_unsigned(&row, &b, RXP_ERR_MISMATCH);
	row.answer.len = 0;
	row.unproved = 1;
	assert_unsigned(&row, &b, RXP_ERR_STATE);
	row = x.row;
	row.message_id[0] ^= 1;
	assert_unsigned(&row, &b, RXP_ERR_MISMATCH);
	row = x.row;
	row.fingerprint[0] ^= 1;
	assert_unsigned(&row, &b, RXP_ERR_MISMATCH);
	row = x.row;
	row.case_id[0] = 1; /* a Ping is of no case */
	assert_unsigned(&row, &b, RXP_ERR_MISMATCH);
	row = x.row;
	row.evidence.len--;
	assert_unsigned(&row, &b, RXP_ERR_MISMATCH);
	assert_unsigned(&x.row, &c, RXP_ERR_MISMATCH);
	row = x.row;
	for (size_t i = 0; i < x.row.evidence.len; i += 97) {
		struct reply reply;

		octets =
		    memcpy(malloc(x.row.evidence.len), x.row.evidence.data, x.row.evidence.len);
		octets[i] ^= 1;
		row.evidence = (struct bytes){octets, x.row.evidence.len};
		assert_int_not_equal(seal(&reply, &row, &b), 0);
		assert_int_equal(reply.body.container_sealed.signatures.len, 0);
		reply_clear(&reply);
		free(octets);
	}
	clear(&x);
}

static void a_wrong_request(void **state)
{
	struct msg_seal_container q = {.created_ms = -1};
	struct reply reply;

	(void)state;
	reply_init(&reply);
	assert_int_equal(container_seal_handle(a.node, &q, &reply), RXP_ERR_STATE);
	q.created_ms = RXP_MAX_TIME_MS + 1;
	assert_int_equal(container_seal_handle(a.node, &q, &reply), RXP_ERR_STATE);
	q.created_ms = NOW_MS;
	assert_int_equal(container_seal_handle(a.node, &q, &reply), 0);
	assert_int_not_equal(reply.body.container_sealed.result, 0);
	reply_clear(&reply);
}

/* Rows of these descriptors, that in force first, and one more. */
static int join(const struct rxp_buf *const *known, size_t n, const struct rxp_buf *one)
{
	const struct msg_join_descriptor q = {.octets = {one->data, one->len}};
	struct reply reply;
	struct rxp_buf rows;
	int result;

	rxp_buf_init(&rows, IPC_CONTAINER_ROWS_MAX);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    record_list_put(&rows, REC_evidence_former, &record_evidence_former,
			&(struct rec_evidence_former){.octets = {known[i]->data, known[i]->len}}),
		    0);
	reply_init(&reply);
	assert_int_equal(memfile_make(&reply.file, "rows", rows.data, rows.len), 0);
	assert_int_equal(former_join_handle(a.node, &q, &reply), 0);
	close(reply.file);
	result = (int)(int32_t)reply.body.descriptor_joined.result;
	reply_clear(&reply);
	rxp_buf_free(&rows);
	return result;
}

static void joins_what_goes_back(void **state)
{
	const struct rxp_buf *const known[] = {&a.identity, &a.identity};
	struct rxp_buf odd;

	(void)state;
	assert_int_equal(join(known, 1, &a.identity), RXP_ERR_EXISTS);
	assert_int_equal(join(known, 2, &a.identity), RXP_ERR_EXISTS);
	assert_int_equal(join(known, 1, &b.identity), RXP_ERR_MISMATCH);
	assert_int_not_equal(join(known, 0, &a.identity), 0);
	rxp_buf_init(&odd, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_buf_puts(&odd, "garbage"), 0);
	assert_int_equal(join(known, 1, &odd), RXP_ERR_SYNTAX);
	rxp_buf_free(&odd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(signs_what_verifies, set_up_peers, tear_down),
	    cmocka_unit_test_setup_teardown(signs_a_body_by_its_digest, set_up_peers, tear_down),
	    cmocka_unit_test_setup_teardown(signs_nothing_else, set_up_peers, tear_down),
	    cmocka_unit_test_setup_teardown(joins_what_goes_back, set_up_peers, tear_down),
	    cmocka_unit_test_setup_teardown(a_wrong_request, set_up_peers, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
