/*
 * Goals of HistoryRequest and HistoryCopy at the sealer: what a record says travels and is heard again; a document that
 * the other State gives back, in one piece or two, is opened under our own seal alone and closed anew with the
 * fingerprint that it had; nothing that is not our own sealed document for that State comes back, each case one change
 * away from one that does; no document is plain in a record.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_states.h"

#include "daemon/sealer/answer.h"
#include "daemon/sealer/check.h"
#include "daemon/sealer/restore.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/message/answer.h"
#include "protocol/seal/cert.h"

/* A document of QRA as QRB has it: what a copy is made of. */
struct given {
	struct reply closed, opened;
	struct rec_node_history_copy record;
};

/* QRC knows QRA. */
static int set_up(void **state)
{
	set_up_peers(state);
	introduce(&c, &a, 1, 0);
	return 0;
}

static void close_at(struct reply *out, struct test_state *s, const struct msg_close *q)
{
	reply_init(out);
	assert_int_equal(close_handle(s->node, q, out), 0);
	assert_int_equal(out->body.closed.result, 0);
}

static void open_at(
    struct reply *out, struct test_state *s, const char *party, struct bytes envelope)
{
	struct msg_open q = {.register_number = 1, .received_ms = NOW_MS, .envelope = envelope};

	snprintf(q.party, sizeof q.party, "%s", party);
	reply_init(out);
	assert_int_equal(open_handle(s->node, &q, out), 0);
	assert_int_equal(out->body.opened.result, 0);
	assert_int_equal(out->body.opened.refusal, 0);
}

/* The withdrawal of an officer of one State for the other. */
static void close_document_of(
    struct reply *out, struct test_state *from, const struct test_state *to)
{
	struct rxp_buf body = example("withdrawal.xml");
	struct msg_check check = content_check(reply_bytes(&body), (struct bytes){NULL, 0});
	struct reply checked;
	struct msg_close q;

	memcpy(check.peer, to->party, sizeof check.peer);
	reply_init(&checked);
	assert_int_equal(check_handle(from->node, &check, &checked), 0);
	assert_int_equal(checked.body.checked.result, 0);
	q = case_close(from, to, checked.body.checked.type, checked.body.checked.draft);
	close_at(out, from, &q);
	reply_clear(&checked);
	rxp_buf_free(&body);
}

/* QRA's document at QRB, which gives it so. */
static void give(struct given *g, uint32_t piece, uint32_t pieces)
{
	const struct msg_opened *o;

	close_document_of(&g->closed, &a, &b);
	open_at(&g->opened, &b, "QRA", g->closed.body.closed.envelope);
	o = &g->opened.body.opened;
	g->record = (struct rec_node_history_copy){.number = 7,
	    .piece = piece,
	    .pieces = pieces,
	    .octets = g->closed.body.closed.envelope,
	    .wrapped_key = o->wrapped_key};
	assert_int_equal(rxp_id_make_v7(g->record.request, NOW_MS, &b.node->random), 0);
	memcpy(g->record.message_id, o->message_id, sizeof g->record.message_id);
	memcpy(g->record.receipted, o->envelope_digest, sizeof g->record.receipted);
}

static void given_clear(struct given *g)
{
	reply_clear(&g->opened);
	reply_clear(&g->closed);
}

/* QRB closes what the record gives for QRA; its result. */
static int close_copy(struct reply *out, const struct rec_node_history_copy *record)
{
	struct rxp_buf draft;
	struct msg_close q;

	rxp_buf_init(&draft, IPC_MESSAGE_MAX);
	assert_int_equal(
	    record_list_put(&draft, REC_node_history_copy, &record_node_history_copy, record), 0);
	q = case_close(&b, &a, "HistoryCopy", reply_bytes(&draft));
	q.in_case = 0;
	q.position = q.has_previous = q.has_seen = 0;
	snprintf(q.from_office, sizeof q.from_office, "NODE");
	snprintf(q.to_office, sizeof q.to_office, "NODE");
	reply_init(out);
	assert_int_equal(close_handle(b.node, &q, out), 0);
	rxp_buf_free(&draft);
	return (int)out->body.closed.result;
}

/* The copy at QRA: its envelope as made, and what QRA keeps of it. */
struct come {
	struct reply closed, opened;
};

static void come(struct come *out, const struct rec_node_history_copy *record)
{
	assert_int_equal(close_copy(&out->closed, record), 0);
	open_at(&out->opened, &a, "QRB", out->closed.body.closed.envelope);
}

static void come_clear(struct come *m)
{
	reply_clear(&m->opened);
	reply_clear(&m->closed);
}

static struct msg_restore restore_of(const struct come *first, const struct come *second)
{
	struct msg_restore q = {.register_number = 1,
	    .peer = "QRB",
	    .first = first->closed.body.closed.envelope,
	    .first_key = first->opened.body.opened.wrapped_key};

	memcpy(q.key_id, b.key.body.key_made.key_id, sizeof q.key_id);
	if (second != NULL) {
		q.second = second->closed.body.closed.envelope;
		q.second_key = second->opened.body.opened.wrapped_key;
	}
	return q;
}

static int restore(struct reply *out, const struct msg_restore *q)
{
	reply_init(out);
	assert_int_equal(restore_handle(a.node, q, out), 0);
	return (int)out->body.restored.result;
}

/* --- what comes back ------------------------------------------------------------------------------ */

/* It is the document that it was, and the other State opens it as such. */
static void assert_is_back(const struct msg_restored *r, const struct given *g)
{
	const struct msg_opened *was = &g->opened.body.opened;
	struct reply again;

	assert_memory_equal(r->message_id, was->message_id, sizeof r->message_id);
	assert_memory_equal(r->fingerprint, was->fingerprint, sizeof r->fingerprint);
	assert_memory_equal(r->case_id, was->case_id, sizeof r->case_id);
	assert_memory_equal(r->previous, was->previous, sizeof r->previous);
	assert_memory_equal(r->seen, was->seen, sizeof r->seen);
	assert_string_equal(r->type, "Withdrawal");
	assert_string_equal(r->from_office, "RETURNS");
	assert_string_equal(r->profile_version, "1.2");
	assert_int_equal(r->position, 3);
	assert_int_equal(r->created_ms, was->created_ms);
	assert_int_equal(r->expires_ms, was->expires_ms);
	assert_int_equal(r->facts.len, was->facts.len);
	assert_memory_equal(r->facts.data, was->facts.data, was->facts.len);
	assert_memory_equal(r->evidence.data, was->evidence.data, was->evidence.len);
	assert_memory_not_equal(r->envelope_digest, was->envelope_digest, 32);
	open_at(&again, &b, "QRA", r->envelope);
	assert_memory_equal(again.body.opened.fingerprint, was->fingerprint, 32);
	reply_clear(&again);
}

static void in_one_piece(void **state)
{
	struct rec_node_history_copy heard;
	struct record_cursor at;
	struct bytes fields;
	struct msg_restore q;
	struct given g;
	struct reply back;
	struct come m;
	uint16_t tag;

	(void)state;
	give(&g, 1, 1);
	come(&m, &g.record);
	at =
	    (struct record_cursor){m.opened.body.opened.facts.data, m.opened.body.opened.facts.len};
	assert_int_equal(record_list_next(&at, &tag, &fields), 1);
	assert_int_equal(
	    record_decode(&heard, &record_node_history_copy, fields.data, fields.len), 0);
	assert_memory_equal(heard.request, g.record.request, sizeof heard.request);
	assert_memory_equal(heard.message_id, g.record.message_id, sizeof heard.message_id);
	assert_memory_equal(heard.receipted, g.record.receipted, sizeof heard.receipted);
	assert_int_equal(heard.number, 7);
	assert_int_equal(heard.last, 0);
	assert_int_equal(heard.piece, 1);
	assert_int_equal(heard.pieces, 1);
	assert_int_equal(heard.octets.len, 0);
	assert_int_equal(heard.wrapped_key.len, 0);
	q = restore_of(&m, NULL);
	assert_int_equal(restore(&back, &q), 0);
	assert_is_back(&back.body.restored, &g);
	reply_clear(&back);
	come_clear(&m);
	given_clear(&g);
}

static void in_two_pieces(void **state)
{
	struct come first, second;
	struct msg_restore q;
	struct reply back;
	struct given g;

	(void)state;
	give(&g, 1, 2);
	come(&first, &g.record);
	g.record.piece = 2;
	g.record.number++;
	come(&second, &g.record);
	q = restore_of(&first, &second);
	assert_int_equal(restore(&back, &q), 0);
	assert_is_back(&back.body.restored, &g);
	reply_clear(&back);
	q = restore_of(&second, &first);
	assert_int_not_equal(restore(&back, &q), 0);
	reply_clear(&back);
	q = restore_of(&first, NULL);
	assert_int_not_equal(restore(&back, &q), 0);
	reply_clear(&back);
	come_clear(&second);
	come_clear(&first);
	given_clear(&g);
}

/* --- what does not -------------------------------------------------------------------------------- */

/* A document that QRB itself sealed (RXP-HIS-004). */
static void not_of_our_seal(void **state)
{
	struct msg_restore q;
	struct given g, theirs;
	struct reply back;
	struct come m;

	(void)state;
	give(&g, 1, 1);
	close_document_of(&theirs.closed, &b, &a);
	g.record.octets = theirs.closed.body.closed.envelope;
	g.record.wrapped_key = theirs.closed.body.closed.wrapped_key;
	come(&m, &g.record);
	q = restore_of(&m, NULL);
	assert_int_equal(restore(&back, &q), RXP_ERR_SIGNER);
	assert_int_equal(back.body.restored.envelope.len, 0);
	reply_clear(&back);
	come_clear(&m);
	reply_clear(&theirs.closed);
	given_clear(&g);
}

/* A seal of ours that was retired later is ours; one that is revoked is said with its time (RXP-RCV-013). */
static void of_a_former_seal(void **state)
{
	static const struct {
		int64_t retired_ms, revoked_ms; /* after the document was made */
		int result;
	} rows[] = {{0, 0, 0}, {1, 0, 0}, {-1, 0, RXP_ERR_SIGNER}, {1, 1, 0}, {1, -1, 0},
	    {-1, 1, RXP_ERR_SIGNER}};
	struct rxp_evidence_party *own = a.node->seals;
	uint8_t key
	    [RXP_DIGEST_OCTETS]; /* by which it is known when it is revoked later (RXP-RCV-018) */
	struct msg_restore q;
	struct given g;
	struct reply back;
	struct come m;

	(void)state;
	rxp_cert_spki_digest(own->certs[0], key);
	give(&g, 1, 1);
	come(&m, &g.record);
	q = restore_of(&m, NULL);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		own->retired_ms[0] = rows[i].retired_ms != 0 ? NOW_MS + rows[i].retired_ms : 0;
		own->revoked_ms[0] = rows[i].revoked_ms != 0 ? NOW_MS + rows[i].revoked_ms : 0;
		assert_int_equal(restore(&back, &q), rows[i].result);
		if (rows[i].result == 0) {
			assert_int_equal(back.body.restored.revoked_ms, own->revoked_ms[0]);
			assert_memory_equal(back.body.restored.seal, key, sizeof key);
		}
		reply_clear(&back);
	}
	own->retired_ms[0] = own->revoked_ms[0] = 0;
	come_clear(&m);
	given_clear(&g);
}

/* A chain of which the first part alone lists the seal of then: that in force begins behind it, and a former one joins. */
struct chain {
	struct test_pair root, seals[2];
	struct rxp_buf parts[3], first, former, in_force;
	struct node *then, *now;
};

static struct node *node_of(const struct rxp_buf *identity, const struct test_pair *seal)
{
	static const char storage[] =
	    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";
	struct rxp_buf storage_key;
	struct node *node = NULL;
	enum unfit why;

	rxp_buf_init(&storage_key, NODE_STORAGE_OCTETS);
	assert_int_equal(rxp_buf_puts(&storage_key, storage), 0);
	assert_int_equal(
	    node_new(&node,
		&(struct node_files){
		    .seal_key = &seal->pem, .storage_keys = &storage_key, .identity = identity},
		&why),
	    0);
	memset(node->set.keys[0].octets, a.party[2], BOX_KEY_OCTETS);
	rxp_buf_free(&storage_key);
	return node;
}

static void write_chain(struct rxp_buf *out, const struct rxp_buf *parts, size_t n)
{
	rxp_buf_init(out, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_descriptor_write(out, parts, n, NULL), 0);
}

static void chain_new(struct chain *k)
{
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	struct rxp_signer root;

	pair_new(&k->root, CERTIFICATE_ROOT, a.party);
	root = rxp_key_signer_interface(k->root.signer);
	for (size_t i = 0; i < 2; i++)
		pair_new(&k->seals[i], CERTIFICATE_SEAL, a.party);
	for (size_t i = 0; i < 3; i++) {
		struct rxp_identity part;

		fill_identity(&part, a.party, &k->seals[i > 0]);
		part.serial = i + 1;
		part.created_ms = NOW_MS + (int64_t)i * 1000;
		part.has_previous = i > 0;
		if (part.has_previous)
			memcpy(part.previous, fingerprint, sizeof part.previous);
		rxp_buf_init(&k->parts[i], RXP_MAX_PART_OCTETS);
		assert_int_equal(
		    rxp_identity_seal(&k->parts[i], &part, part.created_ms, &root, fingerprint), 0);
		rxp_identity_clear(&part);
	}
	write_chain(&k->first, k->parts, 1);
	write_chain(&k->former, k->parts, 2);
	write_chain(&k->in_force, k->parts + 1, 2);
	k->then = node_of(&k->first, &k->seals[0]);
	k->now = node_of(&k->in_force, &k->seals[1]);
}

static void chain_free(struct chain *k)
{
	node_free(k->then);
	node_free(k->now);
	rxp_buf_free(&k->first);
	rxp_buf_free(&k->former);
	rxp_buf_free(&k->in_force);
	for (size_t i = 0; i < 3; i++)
		rxp_buf_free(&k->parts[i]);
	for (size_t i = 0; i < 2; i++)
		pair_free(&k->seals[i]);
	pair_free(&k->root);
}

/* QRA's register has such former descriptors too. */
static void introduce_with(uint64_t number, const struct rxp_buf *const *former, size_t n)
{
	struct rxp_buf rows;
	int fd;

	rxp_buf_init(&rows, REGISTER_MAX_OCTETS);
	put_head(&rows, a.party, number);
	put_own_key(&rows, &a);
	put_peer(&rows, &b, 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    record_list_put(&rows, REC_evidence_former, &record_evidence_former,
			&(struct rec_evidence_former){.octets = {former[i]->data, former[i]->len}}),
		    0);
	fd = memory_file(&rows, ALL_SEALS);
	assert_int_equal(register_use(a.node->peers, fd, number), 0);
	close(fd);
	rxp_buf_free(&rows);
}

/* A Receipt of QRA's for QRB. */
static void answer_of_then(struct reply *out)
{
	struct msg_seal_answer q = {.kind = RXP_ANSWER_RECEIPT,
	    .message_id = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80},
	    .to = "QRB",
	    .created_ms = NOW_MS,
	    .has_fingerprint = 1,
	    .received_ms = NOW_MS,
	    .log_id = {9, 8, 7, 6, 5, 4, 0x40, 2, 0x80},
	    .log_count = 77};

	reply_init(out);
	assert_int_equal(answer_seal_handle(a.node, &q, out), 0);
	assert_int_equal(out->body.answer_sealed.result, 0);
}

/* That a document and an answer of ours come back, and with what result. */
static void come_back(const struct msg_restore *document, const struct given *of,
    const struct reply *answer, int result)
{
	struct msg_check_answer q = {
	    .own = 1, .peer = "QRB", .octets = answer->body.answer_sealed.octets};
	struct reply back;

	assert_int_equal(restore(&back, document), result);
	if (result == 0)
		assert_is_back(&back.body.restored, of);
	reply_clear(&back);
	reply_init(&back);
	assert_int_equal(answer_check_handle(a.node, &q, &back), 0);
	assert_int_equal((int)back.body.answer_checked.result, result);
	if (result == 0)
		assert_int_equal(back.body.answer_checked.log_count, 77);
	reply_clear(&back);
}

/* The chain in force lists their seal no more (RXP-DSC-026): they are ours by a former descriptor that is kept, and by no other
 * (RXP-EVI-034). */
static void under_an_outgrown_seal(void **state)
{
	struct node *own = a.node;
	struct msg_restore q;
	struct reply answer;
	struct chain k;
	struct given g;
	struct come m;

	(void)state;
	chain_new(&k);
	a.node = k.then;
	introduce(&a, &b, 1, 0);
	introduce(&b, &a, 2, 0);
	give(&g, 1, 1);
	come(&m, &g.record);
	q = restore_of(&m, NULL);
	answer_of_then(&answer);
	a.node = k.now;
	introduce(&a, &b, 1, 0);
	come_back(&q, &g, &answer, RXP_ERR_SIGNER);
	introduce_with(2, (const struct rxp_buf *[]){&b.identity}, 1);
	come_back(&q, &g, &answer, RXP_ERR_SIGNER);
	introduce_with(3, (const struct rxp_buf *[]){&k.former}, 1);
	come_back(&q, &g, &answer, 0);
	introduce_with(4, (const struct rxp_buf *[]){&b.identity, &k.former, &b.identity}, 3);
	come_back(&q, &g, &answer, 0); /* one that joins nothing spoils no other */
	introduce(&a, &b, 5, 0);
	come_back(&q, &g, &answer, RXP_ERR_SIGNER);
	a.node = own;
	reply_clear(&answer);
	come_clear(&m);
	given_clear(&g);
	chain_free(&k);
}

/* QRA's own, but for QRC: QRB cannot have receipted it. */
static void not_for_that_state(void **state)
{
	struct msg_restore q;
	struct given g;
	struct reply back;
	struct come m;

	(void)state;
	give(&g, 1, 1);
	come(&m, &g.record);
	introduce(&a, &c, 2, 0);
	q = restore_of(&m, NULL);
	snprintf(q.peer, sizeof q.peer, "QRC");
	memcpy(q.key_id, c.key.body.key_made.key_id, sizeof q.key_id);
	assert_int_equal(restore(&back, &q), RXP_ERR_MISMATCH);
	reply_clear(&back);
	introduce(&a, &b, 3, 0);
	q = restore_of(&m, NULL);
	assert_int_equal(restore(&back, &q), 0);
	reply_clear(&back);
	come_clear(&m);
	given_clear(&g);
}

/* The key of another message opens nothing, and nothing is given of it. */
static void not_without_its_key(void **state)
{
	struct given g, other;
	struct reply out;

	(void)state;
	give(&g, 1, 1);
	give(&other, 1, 1);
	g.record.wrapped_key = other.record.wrapped_key;
	assert_int_not_equal(close_copy(&out, &g.record), 0);
	assert_int_equal(out.body.closed.envelope.len, 0);
	reply_clear(&out);
	given_clear(&other);
	given_clear(&g);
}

static void no_such_piece(void **state)
{
	static const struct {
		uint32_t piece, pieces;
		int result;
	} rows[] = {{1, 1, 0}, {2, 2, 0}, {2, 1, RXP_ERR_STATE}, {0, 1, RXP_ERR_STATE},
	    {1, 3, RXP_ERR_STATE}};
	struct reply out;
	struct given g;

	(void)state;
	give(&g, 1, 1);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		g.record.piece = rows[i].piece;
		g.record.pieces = rows[i].pieces;
		assert_int_equal(close_copy(&out, &g.record), rows[i].result);
		reply_clear(&out);
	}
	given_clear(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(in_one_piece), cmocka_unit_test(in_two_pieces),
	    cmocka_unit_test(not_of_our_seal), cmocka_unit_test(of_a_former_seal),
	    cmocka_unit_test(not_for_that_state), cmocka_unit_test(not_without_its_key),
	    cmocka_unit_test(no_such_piece),
	    cmocka_unit_test(under_an_outgrown_seal), /* the last: QRB knows another QRA then */
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
