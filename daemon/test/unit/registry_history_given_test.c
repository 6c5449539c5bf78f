/*
 * Goals of histories that a peer asks for, with everything around the registry played: its own documents of the cases
 * named or of all, in their order, one at a time, the last copy empty; nothing that is erased, blocked or of who is
 * hidden, also if that came while a copy waited; one request at a time and so many a day; a refusal ends it; a
 * crash changes nothing; in bundles up to sixteen at once, as long as no line is there (RXP-BND-014).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>

#include "daemon/registry/store/store_history.h"

#define REQUEST "HistoryRequest"
#define COPY "HistoryCopy"

static const uint8_t other_case[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89};

/* --- a peer that asks ------------------------------------------------------------------------------ */

/* For all, or for n cases, one id behind the other. */
static struct fake_envelope request(uint8_t id, const uint8_t *cases, size_t n)
{
	struct rec_node_history_request says = {.cases = {cases, n * 16}};
	struct fake_envelope e = world_envelope(id);
	struct rxp_buf list;

	snprintf(e.type, sizeof e.type, REQUEST);
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(
	    record_list_put(&list, REC_node_history_request, &record_node_history_request, &says),
	    0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	return e;
}

static void asks(struct world *w, uint8_t id, const uint8_t *case_id)
{
	struct fake_envelope e = request(id, case_id, case_id != NULL);

	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

static void asks_in_vain(struct world *w, uint8_t id)
{
	struct fake_envelope e = request(id, NULL, 0);

	assert_int_equal(world_admit(w, &e)->http_status, 503);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY);
	assert_string_equal(w->last_seal.requirement, "RXP-HIS-010");
	assert_true(w->last_seal.retry_ms > clock_wall_ms());
}

static struct rec_node_history_copy given(struct world *w, unsigned n)
{
	const struct world_delivery *d = world_delivered(w, n);
	struct record_cursor c = {.at = d->envelope.facts, .left = d->envelope.facts_len};
	struct rec_node_history_copy says;
	struct bytes fields;
	uint16_t tag;

	assert_string_equal(d->envelope.type, COPY);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(tag, REC_node_history_copy);
	assert_int_equal(
	    record_decode(&says, &record_node_history_copy, fields.data, fields.len), 0);
	return says;
}

/* The n-th delivery gives this document as the copy of that number; it is receipted. */
static void gives(struct world *w, unsigned n, uint64_t number, const struct fake_envelope *e)
{
	struct rec_node_history_copy says = given(w, n);
	uint8_t digest[32];

	assert_int_equal(node_digest(digest, e, sizeof *e), 0);
	assert_int_equal(says.number, number);
	assert_int_equal(says.last, 0);
	assert_int_equal(says.piece, 1);
	assert_int_equal(says.pieces, 1);
	assert_memory_equal(says.message_id, e->message_id, sizeof says.message_id);
	assert_memory_equal(says.receipted, digest, sizeof digest);
	case_receipt(w, n, NULL);
}

static void ends(struct world *w, unsigned n, uint64_t number, uint8_t request_id)
{
	struct rec_node_history_copy says = given(w, n);

	assert_int_equal(says.number, number);
	assert_int_equal(says.last, 1);
	assert_int_equal(says.pieces, 0);
	assert_int_equal(says.request[0], request_id);
	case_receipt(w, n, NULL);
}

/* Two documents of a case of the peer, and one of another. */
struct shelf {
	struct fake_envelope application, supplement, other;
};

static void fill(struct world *w, struct shelf *s)
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	s->application =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	s->supplement =
	    case_document(2, their_case, "Supplement", 2, case_facts("supplement", 1, 1, NULL));
	case_previous(&s->supplement, &s->application);
	s->other = case_document(3, other_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	assert_int_equal(world_admit(w, &s->other)->http_status, 200);
	assert_int_equal(world_admit(w, &s->application)->http_status, 200);
	assert_int_equal(world_admit(w, &s->supplement)->http_status, 200);
}

static void test_given(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	asks(w, 10, their_case);
	gives(w, 1, 1, &s.application);
	gives(w, 2, 2, &s.supplement);
	ends(w, 3, 3, 10);
	asks(w, 11, NULL);
	gives(w, 4, 1, &s.application);
	gives(w, 5, 2, &s.supplement);
	gives(w, 6, 3, &s.other);
	ends(w, 7, 4, 11);
}

/* However they are named (RXP-HIS-008). */
static void test_order(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	uint8_t cases[3][16] = {{0xff}, {0}, {0}};
	struct shelf s;

	fill(w, &s);
	memcpy(cases[1], other_case, sizeof cases[1]);
	memcpy(cases[2], their_case, sizeof cases[2]);
	e = request(10, cases[0], 3);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	gives(w, 1, 1, &s.application);
	gives(w, 2, 2, &s.supplement);
	gives(w, 3, 3, &s.other);
	ends(w, 4, 4, 10);
}

/* RXP-HIS-006; of a case of ours there is nothing either, for all in it that we sealed (RXP-HIS-003). */
static void test_nothing(void **state)
{
	struct world *w = *state;
	uint8_t ours[16];

	case_asked(w, ours);
	asks(w, 10, their_case);
	ends(w, 2, 1, 10);
	asks(w, 11, ours);
	ends(w, 3, 1, 11);
	asks(w, 12, NULL);
	ends(w, 4, 1, 12);
}

static void test_one_at_a_time(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	asks(w, 10, other_case);
	given(w, 1);
	asks_in_vain(w, 11);
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, 1);
	case_receipt(w, 1, NULL);
	ends(w, 2, 2, 10);
	asks(w, 11, other_case);
	gives(w, 3, 1, &s.other);
}

static void test_so_many_a_day(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < REGISTRY_HISTORIES_DAY; i++) {
		asks(w, (uint8_t)(10 + i), NULL);
		ends(w, i + 1, 1, (uint8_t)(10 + i));
	}
	asks_in_vain(w, 100);
	assert_true(w->last_seal.retry_ms > clock_wall_ms());
	assert_true(w->last_seal.retry_ms <= clock_wall_ms() + DAY);
	world_move_clock(w, DAY);
	asks(w, 100, NULL);
}

/* RXP-HIS-010: what is too much for a day goes on the day after. */
static void test_so_many_copies_a_day(void **state)
{
	const char *const query = "UPDATE history_given SET copies = 1023";
	const struct msg_log_note note = {.peer = PEER, .user = "officer"};
	struct world *w = *state;
	sqlite3 *db = NULL;
	struct shelf s;

	fill(w, &s);
	asks(w, 10, their_case);
	gives(w, 1, 1, &s.application);
	given(w, 2);
	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, query, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	w->n_deliveries = 0;
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0); /* RXP-LOG-032 */
	gives(w, 1, 2, &s.supplement);
	ends(w, 2, 3, 10); /* the 1,024th */
	asks(w, 11, other_case);
	pump_for(w->loop, 100);
	assert_int_equal(w->n_deliveries, 2);
	world_move_clock(w, DAY);
	world_restart(w);
	w->n_deliveries = 0;
	gives(w, 1, 1, &s.other);
}

/* RXP-HIS-008: no more is given for the request, and the next one is taken. */
static void test_refused(void **state)
{
	struct world *w = *state;
	struct fake_answer refusal;
	struct shelf s;

	fill(w, &s);
	asks(w, 10, their_case);
	given(w, 1);
	refusal = world_refusal(&w->deliveries[0], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[0], 409, &refusal);
	pump_for(w->loop, 100);
	assert_int_equal(w->n_deliveries, 1);
	asks(w, 11, other_case);
	gives(w, 2, 1, &s.other);
}

static void test_crash(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	link_pause(w->sealer, true);
	world_restart(w);
	asks(w, 10, their_case);
	given(w, 1);
	world_restart(w);
	w->n_deliveries = 0;
	gives(w, 1, 1, &s.application);
	given(w, 2);
	world_restart(w);
	w->n_deliveries = 0;
	gives(w, 1, 2, &s.supplement);
	ends(w, 2, 3, 10);
}

/* --- what is not given ------------------------------------------------------------------------------ */

static uint8_t first_id[16]; /* of the peer's first document of their_case */

static int note_first(void *arg, const struct store_document *d)
{
	(void)arg;
	if (!d->own && d->place.position == 1)
		memcpy(first_id, d->local_id, sizeof first_id);
	return 0;
}

static void correct_in(struct world *w, const uint8_t *case_id, const char *what)
{
	struct msg_content_correct m = {.user = "uid:9"};

	assert_int_equal(store_case_documents(
			     store_db(w->assembly->node.store), PEER, case_id, note_first, NULL),
	    0);
	snprintf(m.what, sizeof m.what, "%s", what);
	memcpy(m.local_id, first_id, sizeof m.local_id);
	assert_int_equal(world_ask(w, IPC_content_correct, &m)->result, 0);
}

static void correct(struct world *w, const char *what)
{
	correct_in(w, their_case, what);
}

static void test_blocked_and_erased(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	correct(w, "block");
	asks(w, 10, their_case);
	gives(w, 1, 1, &s.supplement);
	ends(w, 2, 2, 10);
	correct(w, "unblock");
	asks(w, 11, their_case);
	gives(w, 3, 1, &s.application);
	gives(w, 4, 2, &s.supplement);
	ends(w, 5, 3, 11);
	correct(w, "erase");
	asks(w, 12, their_case);
	gives(w, 6, 1, &s.supplement);
	ends(w, 7, 2, 12);
}

/* RXP-RET-006: of who withdrew nothing is shown but that. */
static void test_hidden(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	struct shelf s;

	fill(w, &s);
	e = case_document(4, their_case, WITHDRAWAL, 3, case_facts("withdraw", 1, 1, NULL));
	case_previous(&e, &s.supplement);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	asks(w, 10, NULL);
	gives(w, 1, 1, &e);
	gives(w, 2, 2, &s.other);
	ends(w, 3, 3, 10);
}

/* Our message with the n-th copy. */
static void copy_id(struct world *w, uint8_t id[16], unsigned n)
{
	const struct world_delivery *d = &w->deliveries[n - 1];

	assert_int_equal(
	    store_outbox_of_message(store_db(w->assembly->node.store), id, d->envelope.message_id),
	    0);
}

/* The n-th delivery is a Void of the message of that one, which the peer never got. */
static void takes_back(struct world *w, unsigned n, const struct world_delivery *of)
{
	const struct world_delivery *d = world_delivered(w, n);
	struct fake_answer voided = world_refusal(of, RXP_REFUSAL_VOIDED, true);

	assert_string_equal(d->envelope.type, "Void");
	world_deliver(w, d, 409, &voided);
}

/* The n-th delivery is a copy without a document, which is not the last. */
static void gives_none(struct world *w, unsigned n, uint64_t number)
{
	struct rec_node_history_copy says = given(w, n);

	assert_int_equal(says.number, number);
	assert_int_equal(says.last, 0);
	assert_int_equal(says.pieces, 0);
	case_receipt(w, n, NULL);
}

/* RXP-HIS-009, 015: with the document goes the copy of it that is under way, and its Number goes once more. */
static void gone_while_it_waits(struct world *w, const char *what)
{
	struct world_delivery first;
	struct rec_message_row row;
	struct rxp_buf octets;
	struct store_outbox m;
	unsigned is_void; /* the two go at once */
	uint8_t id[16];
	struct shelf s;

	fill(w, &s);
	asks(w, 10, their_case);
	given(w, 1);
	first = w->deliveries[0];
	copy_id(w, id, 1);
	rxp_buf_init(&octets, RXP_MAX_ENVELOPE_OCTETS);
	assert_int_equal(store_outbox_get(store_db(w->assembly->node.store), &m, &octets, id), 0);
	assert_true(octets.len > 0);
	correct(w, what);
	rxp_buf_reset(&octets);
	assert_int_equal(store_outbox_get(store_db(w->assembly->node.store), &m, &octets, id), 0);
	assert_int_equal(octets.len, 0);
	world_deliver(w, &first, 404, NULL);
	world_until_state(w, id, "voiding", &row);
	world_delivered(w, 3);
	is_void = strcmp(w->deliveries[1].envelope.type, "Void") == 0 ? 2 : 3;
	gives_none(w, 5 - is_void, 1);
	takes_back(w, is_void, &first);
	world_until_state(w, id, "refused", &row);
	gives(w, 4, 2, &s.supplement);
	ends(w, 5, 3, 10);
	rxp_buf_free(&octets);
}

/* RXP-HIS-015: what a person takes back, or gives up, ends nothing. */
static void test_taken_back(void **state)
{
	struct world *w = *state;
	struct msg_message_void m = {.user = "officer"};
	struct world_delivery first;
	struct rec_message_row row;
	unsigned is_void;
	struct shelf s;

	fill(w, &s);
	asks(w, 10, their_case);
	given(w, 1);
	first = w->deliveries[0];
	copy_id(w, m.local_id, 1);
	world_deliver(w, &first, 404, NULL);
	world_until_state(w, m.local_id, "in-doubt", &row);
	assert_int_equal(world_ask(w, IPC_message_void, &m)->result, 0);
	world_delivered(w, 3);
	is_void = strcmp(w->deliveries[1].envelope.type, "Void") == 0 ? 2 : 3;
	gives_none(w, 5 - is_void, 1);
	takes_back(w, is_void, &first);
	world_until_state(w, m.local_id, "refused", &row);
	gives(w, 4, 2, &s.supplement);
	ends(w, 5, 3, 10);
}

static void test_erased_while_it_waits(void **state)
{
	gone_while_it_waits(*state, "erase");
}

static void test_blocked_while_it_waits(void **state)
{
	gone_while_it_waits(*state, "block");
}

static void edit(struct world *w, const char *query)
{
	const struct msg_log_note note = {.peer = PEER, .user = "officer"};
	sqlite3 *db = NULL;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, query, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	w->n_deliveries = 0;
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0); /* RXP-LOG-032 */
}

/* Who has the first piece of a document gets something under the next Number, also if that is given no more. */
static void test_second_piece(void **state)
{
	struct rec_node_history_copy says;
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	asks(w, 10, their_case);
	given(w, 1);
	edit(w, "UPDATE history_given SET pieces = 2");
	gives(w, 1, 1, &s.application);
	says = given(w, 2);
	assert_int_equal(says.number, 2);
	assert_int_equal(says.piece, 2);
	assert_memory_equal(says.message_id, s.application.message_id, sizeof says.message_id);
	case_receipt(w, 2, NULL);
	gives(w, 3, 3, &s.supplement);
	ends(w, 4, 4, 10);
}

static void test_second_piece_gone(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	asks(w, 10, their_case);
	given(w, 1);
	edit(w,
	    "UPDATE history_given SET pieces = 2; UPDATE history_copy SET source = zeroblob(16)");
	given(w, 1);
	correct(w, "block");
	gives(w, 1, 1, &s.application);
	gives_none(w, 2, 2);
	gives(w, 3, 3, &s.supplement);
	ends(w, 4, 4, 10);
}

/* --- in bundles ------------------------------------------------------------------------------------- */

#define CASES 20

/* What the last bundle had, … */
static struct {
	struct world_delivery of[2 * REGISTRY_HISTORY_BUNDLE_MAX];
	unsigned n, heard;
	uint8_t after[16];
	bool over;
} bag;

static void on_desk(void *arg, struct link *l, const struct link_message *m)
{
	const struct msg_bundle_given *g = m->body;

	if (m->type == IPC_bundle_given) {
		bag.heard++;
		assert_int_equal(g->result, 0);
		memcpy(bag.after, g->local_id, sizeof bag.after);
		bag.over = memcmp(g->local_id, (uint8_t[16]){0}, 16) == 0;
		if (g->envelope.len == 0)
			return;
		assert_true(bag.n < sizeof bag.of / sizeof bag.of[0]);
		memcpy(&bag.of[bag.n].envelope, g->envelope.data, sizeof bag.of[0].envelope);
		node_digest(bag.of[bag.n++].digest, g->envelope.data, g->envelope.len);
	} else if (m->type == IPC_bundle_brought) {
		bag.heard++;
		assert_int_equal(((const struct msg_bundle_brought *)m->body)->http_status, 204);
	} else {
		world_on_desk(arg, l, m);
	}
}

/* … as readmitctl asks for it. */
static void export(struct world *w)
{
	struct msg_bundle_next m = {.user = "officer", .peer = PEER};
	unsigned before;

	memset(&bag, 0, sizeof bag);
	do {
		before = bag.heard;
		memcpy(m.after, bag.after, sizeof m.after);
		assert_int_equal(link_request(w->desk, IPC_bundle_next, &m, NULL, 0, NULL), 0);
		world_until(w, &bag.heard, before + 1);
	} while (!bag.over);
}

static struct rec_node_history_copy copy_in(unsigned i)
{
	struct record_cursor c = {
	    .at = bag.of[i].envelope.facts, .left = bag.of[i].envelope.facts_len};
	struct rec_node_history_copy says;
	struct bytes fields;
	uint16_t tag;

	assert_string_equal(bag.of[i].envelope.type, COPY);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(
	    record_decode(&says, &record_node_history_copy, fields.data, fields.len), 0);
	return says;
}

static void carries(unsigned i, uint64_t number, bool last)
{
	struct rec_node_history_copy says = copy_in(i);

	assert_int_equal(says.number, number);
	assert_int_equal(says.last, last);
}

static void comes_back(struct world *w, const struct fake_answer *f)
{
	struct msg_bundle_bring m = {.user = "officer",
	    .peer = PEER,
	    .kind = "answer",
	    .octets = {(const uint8_t *)f, sizeof *f}};
	unsigned before = bag.heard;

	assert_int_equal(link_request(w->desk, IPC_bundle_bring, &m, NULL, 0, NULL), 0);
	world_until(w, &bag.heard, before + 1);
}

static void receipted(struct world *w, unsigned i)
{
	struct fake_answer f = world_receipt(&bag.of[i]);

	comes_back(w, &f);
}

static struct peer *alone_with_bundles(struct world *w)
{
	struct peer *peer;

	w->desk_handler = on_desk;
	world_restart(w);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	peer = peers_find(w->assembly->peers, PEER);
	peer->pulls = true;
	for (uint8_t i = 0; i < CASES; i++) {
		uint8_t id[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89, i};
		struct fake_envelope e = case_document(
		    (uint8_t)(20 + i), id, APPLICATION, 1, case_facts("apply", 1, 1, NULL));

		assert_int_equal(world_admit(w, &e)->http_status, 200);
	}
	asks(w, 10, NULL);
	pump_for(w->loop, 50);
	peer->last_contact_ms = 0;
	return peer;
}

static void test_in_a_bundle(void **state)
{
	struct world *w = *state;
	struct peer *peer = alone_with_bundles(w);
	uint8_t id[16];

	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	for (unsigned i = 0; i < bag.n; i++)
		carries(i, i + 1, false);
	export(w); /* the first was lost on its way */
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	asks_in_vain(w, 11);
	peer->last_contact_ms = 0;
	memcpy(id, bag.of[15].envelope.message_id, sizeof id);
	for (unsigned i = 0; i < 15; i++)
		receipted(w, i);
	export(w); /* the last one was cut out; with it all the others, and the end */
	assert_int_equal(bag.n, 6);
	assert_memory_equal(bag.of[0].envelope.message_id, id, sizeof id);
	for (unsigned i = 0; i < 6; i++)
		carries(i, 16 + i, i == 5);
	for (unsigned i = 0; i < 6; i++)
		receipted(w, i);
	pump_for(w->loop, 50);
	asks(w, 11, NULL);
}

/* On a line one at a time; as many were in a bundle before as there were. */
static void test_a_line_again(void **state)
{
	struct world *w = *state;
	struct peer *peer = alone_with_bundles(w);

	peer->last_contact_ms = clock_wall_ms() + 1;
	export(w);
	assert_int_equal(bag.n, 1);
	peer->last_contact_ms = 0;
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	peer->last_contact_ms = clock_wall_ms() + 1;
	receipted(w, 0);
	pump_for(w->loop, 50);
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX - 1);
}

/* A line that was there a moment before the first copy, so that a later one is not stored for a minute, or that has been there for long,
 * counts from when something came over it. */
static void test_a_line_since(void **state)
{
	struct world *w = *state;
	struct peer *peer = alone_with_bundles(w);
	const struct msg_contact contact = {.party = PEER};

	peer->last_contact_ms = clock_wall_ms() - 1;
	world_move_clock(w, 1000);
	assert_int_equal(link_request(w->gateway, IPC_contact, &contact, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
	export(w);
	assert_int_equal(bag.n, 1);
	/* So it does after a start. */
	world_restart(w);
	peer = peers_find(w->assembly->peers, PEER);
	peer->pulls = true;
	export(w);
	assert_int_equal(bag.n, 1);
	peer->last_contact_ms = 0;
	asks_in_vain(w, 11);
	export(w);
	assert_int_equal(bag.n, 1);
	peer->last_contact_ms = 0;
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
}

/* RXP-HIS-008: what was given before has its answers, and nothing more is given. */
static void test_refused_in_a_bundle(void **state)
{
	struct world *w = *state;
	struct fake_answer refusal;

	alone_with_bundles(w);
	export(w);
	refusal = world_refusal(&bag.of[3], RXP_REFUSAL_STATE, true);
	comes_back(w, &refusal);
	pump_for(w->loop, 50);
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX - 1);
	asks(w, 11, NULL);
	pump_for(w->loop, 50);
	export(w);
	carries(15, 1, false);
}

static unsigned voids(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < bag.n; i++)
		n += strcmp(bag.of[i].envelope.type, "Void") == 0;
	return n;
}

/* RXP-HIS-015: never in a bundle, the node gives it up by itself. */
static void test_never_sent(void **state)
{
	struct world *w = *state;
	const uint8_t first[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89};

	alone_with_bundles(w);
	correct_in(w, first, "block");
	export(w);
	assert_int_equal(bag.n, REGISTRY_HISTORY_BUNDLE_MAX);
	for (unsigned i = 0; i < REGISTRY_HISTORY_BUNDLE_MAX; i++)
		carries(i, i + 1, false);
	assert_int_equal(copy_in(0).pieces, 0);
	assert_int_equal(voids(), 0);
}

/* RXP-HIS-009, 015: each copy goes with its document, and its Number comes in its place. */
static void test_erased_in_a_bundle(void **state)
{
	struct world *w = *state;
	const uint8_t third[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 2};

	alone_with_bundles(w);
	export(w);
	correct_in(w, third, "erase");
	export(w);
	assert_true(bag.n > REGISTRY_HISTORY_BUNDLE_MAX);
	for (unsigned i = 0; i < REGISTRY_HISTORY_BUNDLE_MAX; i++)
		carries(i, i + 1, false);
	assert_int_equal(copy_in(2).pieces, 0);
	assert_int_equal(copy_in(3).pieces, 1);
	assert_int_equal(voids(), 1); /* behind them, as word of the erasure */
	for (unsigned i = 0; i < REGISTRY_HISTORY_BUNDLE_MAX; i++)
		receipted(w, i);
	pump_for(w->loop, 50);
	export(w); /* the rest, and what takes back the third */
	for (unsigned i = 0; i < 5; i++)
		carries(bag.n - 5 + i, REGISTRY_HISTORY_BUNDLE_MAX + 1 + i, i == 4);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_given),
	    WORLD_TEST(test_order),
	    WORLD_TEST(test_nothing),
	    WORLD_TEST(test_one_at_a_time),
	    WORLD_TEST(test_so_many_a_day),
	    WORLD_TEST(test_so_many_copies_a_day),
	    WORLD_TEST(test_refused),
	    WORLD_TEST(test_crash),
	    WORLD_TEST(test_blocked_and_erased),
	    WORLD_TEST(test_hidden),
	    WORLD_TEST(test_erased_while_it_waits),
	    WORLD_TEST(test_taken_back),
	    WORLD_TEST(test_never_sent),
	    WORLD_TEST(test_second_piece),
	    WORLD_TEST(test_second_piece_gone),
	    WORLD_TEST(test_blocked_while_it_waits),
	    WORLD_TEST(test_in_a_bundle),
	    WORLD_TEST(test_a_line_again),
	    WORLD_TEST(test_a_line_since),
	    WORLD_TEST(test_refused_in_a_bundle),
	    WORLD_TEST(test_erased_in_a_bundle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
