/*
 * Goals: evidence of a message has its pieces, its answer and both descriptors, and nothing before it has
 * an answer; an unknown message or case is not found; every request stands in the journal, whatever page
 * it asks for; evidence of a case is both sides' documents in the order in which they were answered, the
 * refused ones too, page by page without a gap or a repetition; a page ends when it holds enough octets;
 * what is stored of another peer is damage; what is sealed is all of a case or the one message, by the
 * sealers, and each request for it stands in the journal; of what came back and is unproved no answer is given
 * (RXP-RCV-018), and a stored type that is none keeps nothing back (RXP-EVI-032).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_evidence_rig.h"

#include "daemon/base/memfile.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_evidence.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/store/store_unproved.h"

static const struct world_answer *get(
    struct world *w, const uint8_t *of_case, const uint8_t *local_id, uint32_t after)
{
	struct msg_evidence_get m = {.user = "uid:1000", .reason = "review", .after = after};

	if (of_case != NULL)
		memcpy(m.case_id, of_case, sizeof m.case_id);
	if (local_id != NULL)
		memcpy(m.local_id, local_id, sizeof m.local_id);
	return world_ask(w, IPC_evidence_get, &m);
}

static void assert_octets(struct bytes is, const char *text)
{
	assert_int_equal(is.len, strlen(text));
	assert_memory_equal(is.data, text, is.len);
}

static void test_sent(void **state)
{
	struct world *w = *state;
	const struct world_answer *a;
	struct rec_evidence_row row;
	struct rec_message_row shown;
	struct fake_answer receipt;
	uint8_t id[16];

	world_begin(w, id);
	world_until(w, &w->n_deliveries, 1);
	a = get(w, NULL, id, 0);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->len, 0);
	receipt = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &receipt);
	world_until_state(w, id, "delivered", &shown);
	a = get(w, NULL, id, 0);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 0);
	assert_int_equal(evidence_rows(&row, 1, a->octets, a->len), 1);
	assert_string_equal(row.from, OWN);
	assert_string_equal(row.to, PEER);
	assert_string_equal(row.type, "Ping");
	assert_memory_equal(row.message_id, shown.message_id, sizeof row.message_id);
	assert_memory_equal(row.fingerprint, shown.fingerprint, sizeof row.fingerprint);
	assert_octets(row.evidence, "evidence");
	assert_int_equal(row.answer.len, sizeof receipt);
	assert_string_equal(a->words, "descriptor/d");
	assert_int_equal(get(w, NULL, id, 1)->len, 0);
}

static struct fake_envelope application(uint8_t id)
{
	struct rec_fact_person r = {.person = 1, .event = "apply"};
	struct fake_envelope e = world_envelope(id);
	struct rxp_buf b;

	rxp_buf_init(&b, sizeof e.facts);
	assert_int_equal(record_list_put(&b, REC_fact_person, &record_fact_person, &r), 0);
	memcpy(e.facts, b.data, b.len);
	e.facts_len = (uint32_t)b.len;
	rxp_buf_free(&b);
	strcpy(e.type, "ReadmissionApplication");
	e.place.in_case = true;
	e.place.position = 1;
	memcpy(e.place.case_id, evidence_case_id, sizeof evidence_case_id);
	return e;
}

/* The first message of all, and its receipt's length. */
static size_t receive(struct world *w, const struct fake_envelope *e, uint8_t local_id[16])
{
	struct msg_list list = {.list = "messages", .limit = 1};
	struct rec_message_row shown;
	const struct world_answer *a;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;
	size_t sealed;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	a = world_admit(w, e);
	assert_int_equal(a->http_status, 200);
	sealed = a->len;
	a = world_ask(w, IPC_list, &list);
	c = (struct record_cursor){a->octets, a->len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&shown, &record_message_row, fields.data, fields.len), 0);
	memcpy(local_id, shown.local_id, sizeof shown.local_id);
	return sealed;
}

static void test_received(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = application(1);
	struct rec_evidence_row row;
	const struct world_answer *a;
	uint8_t id[16];
	size_t sealed = receive(w, &e, id);

	a = get(w, NULL, id, 0);
	assert_int_equal(a->result, 0);
	assert_int_equal(evidence_rows(&row, 1, a->octets, a->len), 1);
	assert_string_equal(row.from, PEER);
	assert_string_equal(row.to, OWN);
	assert_memory_equal(row.message_id, e.message_id, sizeof row.message_id);
	assert_octets(row.evidence, "evidence");
	assert_int_equal(row.answer.len, sealed);
}

static int journalled(struct world *w)
{
	return world_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'evidence-read' "
				"AND user = 'uid:1000' AND peer = '" PEER "'");
}

/* RXP-ANS-020: of a Ping the receiver keeps the receipt and no octet besides, and gives it again. */
static void test_ping_received(void **state)
{
	static const char kept[] =
	    "SELECT SUM(COALESCE(LENGTH(envelope), 0) "
	    "+ COALESCE(LENGTH(evidence), 0) + COALESCE(LENGTH(wrapped_key), 0)) "
	    "FROM inbox";
	struct world *w = *state;
	struct fake_envelope e = world_envelope(1), other = e, twin = application(2);
	const struct world_answer *a;
	uint8_t id[16];
	size_t sealed = receive(w, &e, id);

	a = get(w, NULL, id, 0);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->len, 0);
	assert_int_equal(world_on_disk(w, kept), 0);
	assert_int_equal(world_admit(w, &e)->len, sealed); /* after a start: the same octets … */
	other.salt = 1;
	assert_int_equal(world_admit(w, &other)->len, sealed); /* … and the same document */
	assert_int_equal(w->receipts, 1);
	assert_int_equal(world_admit(w, &twin)->http_status, 200);
	assert_true(world_on_disk(w, kept) > (int)sizeof twin);
}

static void test_journal(void **state)
{
	struct world *w = *state;
	const uint8_t unknown[16] = {1};
	uint8_t id[16];

	world_begin(w, id);
	assert_int_equal((int)get(w, NULL, unknown, 0)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)get(w, evidence_case_id, NULL, 0)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(get(w, NULL, id, 0)->result, 0);
	assert_int_equal(get(w, NULL, id, 7)->result, 0);
	assert_int_equal(journalled(w), 2);
}

/* --- a case ----------------------------------------------------------------------------------------- */

static void test_case(void **state)
{
	struct world *w = *state;
	struct rec_evidence_row rows[2 * PAIRS];
	const struct world_answer *a;

	evidence_case(w);
	a = get(w, evidence_case_id, NULL, 0);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 0);
	assert_int_equal(evidence_rows(rows, 2 * PAIRS, a->octets, a->len), 2 * PAIRS);
	for (size_t i = 0; i < 2 * PAIRS; i++) {
		assert_int_equal(rows[i].message_id[0], i % 2 == 0 ? 0x20 : 0x30);
		assert_int_equal(rows[i].message_id[1], i / 2);
		assert_int_equal(rows[i].local_id[0], i % 2 == 0 ? 0x10 : 0x40);
		assert_int_equal(rows[i].local_id[1], i / 2);
		assert_string_equal(rows[i].from, i % 2 == 0 ? OWN : PEER);
		assert_octets(rows[i].answer, i % 2 == 0 ? "answer" : "receipt");
	}
}

/* Of each box one that is unproved; and one that came back and is proved. */
static int put_back(void *arg, struct db *db)
{
	static const struct {
		bool own, unproved;
		uint8_t i;
	} rows[] = {{false, false, 0}, {false, true, 1}, {true, true, 2}};
	int rc = 0;

	(void)arg;
	for (size_t k = 0; rc == 0 && k < sizeof rows / sizeof rows[0]; k++) {
		const uint8_t base = rows[k].own ? 0x20 : 0x30;
		const uint8_t id[16] = {base, rows[k].i};
		const uint8_t fingerprint[32] = {base + 1U, rows[k].i};

		rc = store_back_put(db, &(struct store_back_row){.peer = PEER,
					    .own = rows[k].own,
					    .message_id = id,
					    .fingerprint = fingerprint,
					    .seal = fingerprint,
					    .back_ms = AT_MS,
					    .unproved = rows[k].unproved});
	}
	return rc;
}

static void test_unproved(void **state)
{
	struct world *w = *state;
	unsigned done = 0;
	struct store_item item = {.apply = put_back, .done = evidence_put_done, .arg = &done};
	struct rec_evidence_row rows[2 * PAIRS];
	const struct world_answer *a;

	evidence_case(w);
	store_submit(w->assembly->node.store, &item);
	store_round(w->assembly->node.store);
	assert_int_equal(done, 1);
	a = get(w, evidence_case_id, NULL, 0);
	assert_int_equal(a->result, 0);
	assert_int_equal(evidence_rows(rows, 2 * PAIRS, a->octets, a->len), 2 * PAIRS);
	for (size_t i = 0; i < 2 * PAIRS; i++) {
		const bool unproved = i == 3 || i == 4; /* theirs of number 1, ours of number 2 */

		assert_int_equal(rows[i].unproved, unproved);
		assert_octets(rows[i].answer, unproved ? "" : i % 2 == 0 ? "answer" : "receipt");
		assert_string_equal(rows[i].type, i % 2 == 0          ? "Withdrawal"
						  : i + 1 < 2 * PAIRS ? "ReadmissionReply"
								      : "Document");
	}
}

static void test_pages(void **state)
{
	struct world *w = *state;
	const struct store_evidence of = {.own = OWN, .peer = PEER, .case_id = evidence_case_id};
	struct store_evidence_bounds bounds = {.rows = 3, .enough = SIZE_MAX};
	struct rec_evidence_row rows[2 * PAIRS];
	struct rxp_buf octets;
	uint32_t on_page;
	bool more = true;
	size_t n;

	evidence_case(w);
	rxp_buf_init(&octets, 4096);
	while (more) {
		rxp_buf_reset(&octets);
		assert_int_equal(store_evidence_page(store_db(w->assembly->node.store), &octets,
				     &on_page, &more, &of, &bounds),
		    0);
		n = evidence_rows(rows, 2 * PAIRS, octets.data, octets.len);
		assert_int_equal(n, more ? 3 : 1);
		assert_int_equal(on_page, n);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(rows[i].message_id[1], (bounds.after + i) / 2);
		bounds.after += (uint32_t)n;
	}
	assert_int_equal(bounds.after, 2 * PAIRS);
	bounds = (struct store_evidence_bounds){.rows = 100, .enough = 1};
	rxp_buf_reset(&octets);
	assert_int_equal(store_evidence_page(store_db(w->assembly->node.store), &octets, &on_page,
			     &more, &of, &bounds),
	    0);
	assert_int_equal(evidence_rows(rows, 2 * PAIRS, octets.data, octets.len), 1);
	assert_true(more);
	rxp_buf_free(&octets);
}

/* --- sealed --------------------------------------------------------------------------------------------- */

static struct {
	size_t rows;
	char descriptors[64];
	int64_t created_ms;
	int result;
} sealing;

static void on_seal(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_seal_container *q = m->body;
	struct rec_evidence_row rows[2 * PAIRS];
	struct msg_container_sealed a = {.result = (uint32_t)sealing.result};
	uint8_t *octets;
	size_t len;

	(void)w;
	assert_int_equal(m->type, IPC_seal_container);
	assert_int_equal(m->n_fds, 1);
	assert_int_equal(memfile_map(&octets, &len, m->fds[0], IPC_CONTAINER_ROWS_MAX), 0);
	sealing.rows = evidence_rows(rows, 2 * PAIRS, octets, len);
	memfile_unmap(octets, len);
	sealing.created_ms = q->created_ms;
	assert_int_equal(q->bodies.len, 3);
	assert_memory_equal(q->bodies.data, "\1\0\1", 3);
	snprintf(sealing.descriptors, sizeof sealing.descriptors, "%.*s/%.*s",
	    (int)q->own_descriptor.len, (const char *)q->own_descriptor.data,
	    (int)q->peer_descriptor.len, (const char *)q->peer_descriptor.data);
	if (sealing.result == 0)
		a.signatures = OCTETS("<Signatures/>");
	assert_int_equal(link_answer(l, IPC_container_sealed, m->request, &a, NULL, 0), 0);
}

static const struct world_answer *seal(
    struct world *w, const uint8_t *of_case, const uint8_t *local_id, const char *reason)
{
	struct msg_evidence_seal m = {.user = "uid:1000", .bodies = {(const uint8_t *)"\1\0\1", 3}};

	snprintf(m.reason, sizeof m.reason, "%s", reason);
	if (of_case != NULL)
		memcpy(m.case_id, of_case, sizeof m.case_id);
	if (local_id != NULL)
		memcpy(m.local_id, local_id, sizeof m.local_id);
	return world_ask(w, IPC_evidence_seal, &m);
}

/* The sealer gets all of the case, whatever a page may hold, and both descriptors; the desk its signature. */
static void test_sealed(void **state)
{
	static const uint8_t ours[16] = {0x10, 0}, unknown[16] = {9};
	struct world *w = *state;
	const struct world_answer *a;

	w->other = on_seal;
	evidence_case(w);
	sealing.result = 0;
	a = seal(w, evidence_case_id, NULL, "review");
	assert_int_equal(a->result, 0);
	assert_int_equal(a->len, strlen("<Signatures/>"));
	assert_memory_equal(a->octets, "<Signatures/>", a->len);
	assert_int_equal(sealing.rows, 2 * PAIRS);
	assert_string_equal(sealing.descriptors, "descriptor/d");
	assert_true(sealing.created_ms > AT_MS);
	assert_int_equal(seal(w, NULL, ours, "review")->result, 0);
	assert_int_equal(sealing.rows, 1);
	sealing.result = RXP_ERR_MISMATCH;
	a = seal(w, evidence_case_id, NULL, "review");
	assert_int_equal((int)a->result, RXP_ERR_MISMATCH);
	assert_int_equal(a->len, 0);
	sealing.rows = 99;
	assert_int_equal((int)seal(w, unknown, NULL, "review")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)seal(w, evidence_case_id, NULL, "because")->result, RXP_ERR_SYNTAX);
	assert_int_equal(sealing.rows, 99);
	assert_int_equal(
	    world_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'evidence-seal' AND "
			     "user = 'uid:1000' AND peer = '" PEER "' AND reason = 'review'"),
	    3);
	assert_int_equal(journalled(w), 0);
}

/* A case of which a document has that much to be proved. */
static int seal_large(struct world *w, size_t len)
{
	uint8_t *octets = calloc(1, len);
	int result;

	assert_non_null(octets);
	w->other = on_seal;
	evidence_case_of(w, (struct bytes){octets, len});
	sealing.result = 0;
	sealing.rows = 99;
	result = (int)seal(w, evidence_case_id, NULL, "review")->result;
	free(octets);
	return result;
}

/* More than any message between two processes holds. */
static void test_much_to_seal(void **state)
{
	assert_int_equal(seal_large(*state, 2 * IPC_MESSAGE_MAX / (2 * PAIRS)), 0);
	assert_int_equal(sealing.rows, 2 * PAIRS);
}

/* What no document has in it is a hand's, and keeps nothing back (RXP-EVI-032). */
static void test_too_large(void **state)
{
	assert_int_equal(seal_large(*state, REGISTRY_EVIDENCE_MAX), 0);
	assert_int_equal(sealing.rows, 2 * PAIRS);
}

/* Nothing has an answer yet: there is nothing to seal. */
static void test_nothing_to_seal(void **state)
{
	struct world *w = *state;
	uint8_t id[16];

	w->other = on_seal;
	world_begin(w, id);
	sealing.rows = 99;
	assert_int_equal((int)seal(w, NULL, id, "review")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(sealing.rows, 99);
}

/* Another party has no documents of this case, and a message of another party is damage. */
static void test_other_peer(void **state)
{
	static const uint8_t theirs[16] = {0x40, 0};
	struct world *w = *state;
	struct store_evidence of = {.own = OWN, .peer = "QRC", .case_id = evidence_case_id};
	const struct store_evidence_bounds bounds = {.rows = 3, .enough = SIZE_MAX};
	struct rxp_buf octets;
	uint32_t on_page;
	bool more;

	evidence_case(w);
	rxp_buf_init(&octets, 4096);
	assert_int_equal(store_evidence_page(store_db(w->assembly->node.store), &octets, &on_page,
			     &more, &of, &bounds),
	    0);
	assert_int_equal(octets.len, 0);
	of.case_id = NULL;
	of.local_id = theirs;
	assert_int_equal(store_evidence_page(store_db(w->assembly->node.store), &octets, &on_page,
			     &more, &of, &bounds),
	    RXP_ERR_DAMAGED);
	assert_int_equal(store_peer_descriptor(store_db(w->assembly->node.store), &octets, "QRC"),
	    RXP_ERR_NOT_FOUND);
	rxp_buf_free(&octets);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sent),
	    TEST(received),
	    TEST(ping_received),
	    TEST(journal),
	    TEST(case),
	    TEST(unproved),
	    TEST(pages),
	    TEST(sealed),
	    TEST(nothing_to_seal),
	    TEST(much_to_seal),
	    TEST(too_large),
	    TEST(other_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
