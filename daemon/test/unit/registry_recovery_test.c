/*
 * Goals of a node that lost something, and of its peer, with everything around the registry played (spec/rxp-1.md
 * section 44):
 * - a database that was put back: its log for each peer ends and another begins, the peer is told first, documents of
 *   cases wait and nothing else does, the mark is gone, and a second start changes nothing (RXP-RCV-001 to 003);
 * - an answer of ours that comes back is stored at its time and in its octets, begins the same if nobody knew, and is asked
 *   for no twice, nor under another seal (RXP-DSC-035); one to another party, one that was not final, another one to the
 *   same document are not taken (RXP-RCV-004);
 * - the message under it is received at that time and gets those octets, though it expired; before its place is there it
 *   waits, and is not refused, and what waits of one peer holds up no other (RXP-RCV-005);
 * - the log of a peer that names what we do not know is found at the start, and before anything new is sealed, also where
 *   the logs of several say so at once (RXP-RCV-001, 003);
 * - a peer that lost something: what it cannot have had is refused, too often is not now (RXP-RCV-006); it gets the answers
 *   and then the messages, each behind its receipt, also after a start and a line that was down (RXP-RCV-007, 008, 010);
 *   when it loses more meanwhile, all is brought anew.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include "daemon/registry/recovery/recovery.h"
#include "daemon/registry/recovery/tray.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_recovery.h"
#include "protocol/log/logchain.h"

#define AT_MS 1793664000000LL
#define NOTICE "NodeNotice"
#define LOST_MS 60000 /* before now: when the lost message was received */
#define HTTP_OK 200
#define HTTP_LOST 201
#define HTTP_NOTHING 204
#define HTTP_UNPROCESSABLE 422
#define HTTP_BUSY 503

/* What the gateway was told besides. */
static struct {
	unsigned returns, posts;
	uint32_t return_status;
	uint64_t post;
	struct fake_answer posted;
} told;

static struct db *db_of(struct world *w)
{
	return store_db(w->assembly->node.store);
}

static struct peer *peer_of(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static void take(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	(void)l;
	if (m->type == IPC_return_taken) {
		told.returns++;
		told.return_status = ((const struct msg_return_taken *)m->body)->http_status;
	} else {
		const struct msg_post *p = m->body;

		assert_int_equal(m->type, IPC_post);
		told.posts++;
		told.post = m->request;
		assert_int_equal(p->octets.len, sizeof told.posted);
		memcpy(&told.posted, p->octets.data, sizeof told.posted);
	}
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&told, 0, sizeof told);
	w->other = take;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return rc;
}

static void restart(struct world *w)
{
	world_restart(w);
	w->other = take;
}

/* Another peer, before the first in the order of parties. */
static struct peer *beside(struct world *w)
{
	snprintf(w->descriptor.party, sizeof w->descriptor.party, "%s", CASE_OTHER);
	w->pin = 2;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return peers_find(w->assembly->peers, CASE_OTHER);
}

static struct store_recovery recovery_of(struct world *w)
{
	struct store_recovery r;

	assert_int_equal(store_recovery_get(db_of(w), &r, PEER), 0);
	return r;
}

static void until_stage(struct world *w, enum recovery_stage stage)
{
	for (int i = 0; i < 400 && recovery_of(w).stage != stage; i++)
		pump_for(w->loop, 5);
	assert_int_equal(recovery_of(w).stage, stage);
}

/* --- what this node lost -------------------------------------------------------------------------- */

static void put_back(struct world *w)
{
	assert_int_equal(store_put_back_mark(db_of(w), AT_MS), 0);
	restart(w);
}

static struct rec_node_restored said(const struct world_delivery *d)
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

/* One message of the peer, so that the log has an entry. */
static void one_entry(struct world *w)
{
	struct fake_envelope e = world_envelope(1);

	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	assert_int_equal(peer_of(w)->log.count, 1);
}

static void test_put_back(void **state)
{
	struct world *w = *state;
	struct store_log_of former = {.peer = PEER};
	uint8_t before[RXP_ID_OCTETS], head[RXP_DIGEST_OCTETS], id[RXP_ID_OCTETS];
	struct rec_node_restored r;
	struct rec_message_row row;
	struct facts f = case_facts("apply", 1, 1, NULL);
	unsigned keys = w->made_keys;
	int64_t at_ms;
	uint64_t n;

	one_entry(w);
	memcpy(before, peer_of(w)->log_id, sizeof before);
	put_back(w);
	assert_int_equal(store_put_back_get(db_of(w), &at_ms), RXP_ERR_NOT_FOUND);
	assert_memory_not_equal(peer_of(w)->log_id, before, sizeof before);
	assert_int_equal(peer_of(w)->log.count, 0);
	assert_int_equal(store_log_former(db_of(w), &former, &n, head), 0);
	assert_memory_equal(former.log_id, before, sizeof before);
	assert_int_equal(n, 1);
	/* It is told, a Ping goes, and a case waits. */
	world_until(w, &w->n_deliveries, 1);
	r = said(&w->deliveries[0]);
	assert_memory_equal(r.log_id, before, sizeof before);
	assert_int_equal(r.count, 1);
	assert_memory_equal(r.head, head, sizeof head);
	assert_int_equal(case_submit(w, "held", NULL, APPLICATION, &f)->result, 0);
	world_ping(w, id);
	world_until(w, &w->n_deliveries, 2);
	pump_for(w->loop, 100);
	assert_int_equal(w->n_deliveries, 2);
	assert_string_equal(w->deliveries[1].envelope.type, ""); /* a Ping */
	/* Peers may know of a later key. */
	world_until(w, &w->made_keys, keys + 1);
	memcpy(before, peer_of(w)->log_id, sizeof before);
	restart(w);
	assert_memory_equal(peer_of(w)->log_id, before, sizeof before);
	assert_true(peer_of(w)->recovering);
	world_show(w, id, &row);
}

/* Told, asked, and over when the last copy says that there is none; then the document goes. */
static void test_over(void **state)
{
	struct world *w = *state;
	struct facts f = case_facts("apply", 1, 1, NULL);
	struct rec_node_history_copy copy = {.number = 1, .last = 1};
	struct fake_envelope last = world_envelope(9);
	struct rxp_buf list;
	struct fake_answer a;

	put_back(w);
	assert_int_equal(case_submit(w, "held", NULL, APPLICATION, &f)->result, 0);
	world_until(w, &w->n_deliveries, 1);
	a = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], HTTP_OK, &a);
	until_stage(w, RECOVERY_ASKED);
	world_until(w, &w->n_deliveries, 2);
	assert_string_equal(w->deliveries[1].envelope.type, "HistoryRequest");
	memcpy(copy.request, w->deliveries[1].envelope.message_id, sizeof copy.request);
	a = world_receipt(&w->deliveries[1]);
	world_deliver(w, &w->deliveries[1], HTTP_OK, &a);
	snprintf(last.type, sizeof last.type, "HistoryCopy");
	rxp_buf_init(&list, sizeof last.facts);
	assert_int_equal(
	    record_list_put(&list, REC_node_history_copy, &record_node_history_copy, &copy), 0);
	memcpy(last.facts, list.data, list.len);
	last.facts_len = (uint32_t)list.len;
	rxp_buf_free(&list);
	assert_int_equal(world_admit(w, &last)->http_status, HTTP_OK);
	until_stage(w, RECOVERY_OVER);
	assert_false(peer_of(w)->recovering);
	world_until(w, &w->n_deliveries, 3);
	assert_string_equal(w->deliveries[2].envelope.type, APPLICATION);
}

/* A peer that refuses the notice for what it says needs a person; one that knows no such notice does not. */
static void test_notice_refused(void **state)
{
	struct world *w = *state;
	struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct fake_answer a;

	put_back(w);
	world_until(w, &w->n_deliveries, 1);
	a = world_refusal(&w->deliveries[0], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[0], 409, &a);
	until_stage(w, RECOVERY_STUCK);
	assert_true(peer_of(w)->recovering);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_false(peer_of(w)->recovering);
	assert_int_equal(recovery_of(w).stage, RECOVERY_OVER);
	assert_int_equal(
	    (int)world_ask(w, IPC_recovery_confirm, &confirm)->result, RXP_ERR_NOT_FOUND);
	put_back(w);
	world_until(w, &w->n_deliveries, 1);
	a = world_refusal(&w->deliveries[0], RXP_REFUSAL_UNSUPPORTED, true);
	world_deliver(w, &w->deliveries[0], 422, &a);
	until_stage(w, RECOVERY_ASKED);
}

/* --- its own answers ------------------------------------------------------------------------------ */

/* A receipt of ours for a message of the peer. */
static struct fake_answer own_receipt(const struct fake_envelope *e)
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

static void brought(struct world *w, const struct fake_answer *f, uint32_t status)
{
	struct msg_returned m = {.party = PEER,
	    .received_ms = clock_wall_ms(),
	    .answer = {(const uint8_t *)f, sizeof *f}};
	unsigned before = told.returns;

	assert_int_equal(link_request(w->gateway, IPC_returned, &m, NULL, 0, NULL), 0);
	world_until(w, &told.returns, before + 1);
	assert_int_equal(told.return_status, status);
}

static void test_answer_came_back(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer f = own_receipt(&e);
	const struct world_answer *a;
	uint8_t log_id[RXP_ID_OCTETS];

	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	e.expires_ms = clock_wall_ms() - 1; /* long since, but not when it was received */
	f = own_receipt(&e);
	brought(w, &f, HTTP_LOST);
	assert_true(peer_of(w)->recovering);
	assert_memory_not_equal(peer_of(w)->log_id, log_id, sizeof log_id);
	assert_int_equal(peer_of(w)->log.count, 1);
	memcpy(log_id, peer_of(w)->log_id, sizeof log_id);
	brought(w, &f, HTTP_LOST); /* the message is not back */
	assert_int_equal(peer_of(w)->log.count, 1);
	a = world_admit(w, &e);
	assert_int_equal(a->http_status, HTTP_OK);
	assert_int_equal(a->len, sizeof f);
	assert_memory_equal(a->octets, &f, sizeof f);
	assert_int_equal(w->sealed, 0); /* it needs no other answer */
	brought(w, &f, HTTP_NOTHING);
	assert_memory_equal(peer_of(w)->log_id, log_id, sizeof log_id);
	a = world_admit(w, &e);
	assert_memory_equal(a->octets, &f, sizeof f);
	restart(w);
	a = world_admit(w, &e);
	assert_memory_equal(a->octets, &f, sizeof f);
}

/* Each differs in one thing from the first, which is taken. */
static void test_answers_not_taken(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer good = own_receipt(&e), f = good;

	memcpy(f.checked.to, CASE_OTHER, sizeof f.checked.to);
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.checked.has_fingerprint = 0;
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + RXP_REFUSAL_GAP;
	f.checked.final = 0;
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.result = (uint32_t)RXP_ERR_SIGNER; /* edited, or under another seal */
	brought(w, &f, HTTP_UNPROCESSABLE);
	assert_false(peer_of(w)->recovering);
	assert_int_equal(peer_of(w)->log.count, 0);
	brought(w, &good, HTTP_LOST);
	f = good;
	f.checked.received_ms++;
	brought(w, &f, HTTP_UNPROCESSABLE); /* another one stands */
	assert_int_equal(peer_of(w)->log.count, 1);
}

/* The same under another seal is no other answer (RXP-DSC-035); one that says another thing is. */
static void test_another_seal(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(3);
	struct fake_answer good = own_receipt(&e), f;

	snprintf(good.flags, sizeof good.flags, "%s", rxp_flag_word(RXP_FLAG_PENDING));
	brought(w, &good, HTTP_LOST);
	assert_memory_equal(world_admit(w, &e)->octets, &good, sizeof good);
	f = good;
	f.words[0] = 's'; /* in other octets */
	brought(w, &f, HTTP_NOTHING);
	assert_memory_equal(world_admit(w, &e)->octets, &good, sizeof good);
	f = good;
	f.flags[0] = '\0';
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.checked.envelope_digest[0]++;
	brought(w, &f, HTTP_UNPROCESSABLE);
	f = good;
	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + RXP_REFUSAL_STATE;
	brought(w, &f, HTTP_UNPROCESSABLE);
	assert_int_equal(peer_of(w)->log.count, 1);
}

/* A final refusal lacks nothing: it is there at once. */
static void test_refusal_came_back(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = world_envelope(4);
	struct fake_answer f = own_receipt(&e);
	const struct world_answer *a;

	f.checked.kind = RXP_ANSWER_REFUSAL;
	f.checked.refusal = 1 + RXP_REFUSAL_STATE;
	f.checked.final = 1;
	brought(w, &f, HTTP_LOST);
	brought(w, &f, HTTP_NOTHING);
	a = world_admit(w, &e);
	assert_int_equal(a->http_status, 409);
	assert_memory_equal(a->octets, &f, sizeof f);
	assert_int_equal(w->opened, 0);
}

/* The second document of a case before the first: it waits, and is placed when the first is there. */
static void test_waits_for_its_place(void **state)
{
	struct world *w = *state;
	struct fake_envelope first = case_document(
				 5, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL)),
			     second = case_document(
				 6, their_case, WITHDRAWAL, 2, case_facts("withdraw", 1, 1, NULL));
	struct fake_answer r1 = own_receipt(&first), r2;
	struct shown s;

	case_previous(&second, &first);
	r2 = own_receipt(&second);
	brought(w, &r1, HTTP_LOST);
	brought(w, &r2, HTTP_LOST);
	assert_memory_equal(world_admit(w, &second)->octets, &r2, sizeof r2);
	assert_int_equal(recovery_of(w).waiting, 1);
	assert_int_equal(recovery_of(w).documents, 0);
	restart(w);
	assert_memory_equal(world_admit(w, &first)->octets, &r1, sizeof r1);
	for (int i = 0; i < 400 && recovery_of(w).waiting > 0; i++)
		pump_for(w->loop, 5);
	assert_int_equal(recovery_of(w).waiting, 0);
	assert_int_equal(recovery_of(w).documents, 2);
	case_show(w, their_case, &s);
	assert_int_equal(s.row.documents, 2);
	assert_int_equal(w->sealed, 0);
}

/* What finds no place, of a peer with which something was lost. */
static void keep_waiting(struct world *w, const char *party)
{
	static const uint8_t key_id[RXP_DIGEST_OCTETS] = {1}; /* the first that was made */
	struct store_recovery r = {.why = RECOVERY_WHY_RECEIPT, .stage = RECOVERY_OVER};
	static const uint8_t id[RXP_ID_OCTETS] = {7}, octet[1];
	const struct store_trayed t = {.peer = party,
	    .message_id = id,
	    .case_id = id,
	    .envelope = {octet, 1},
	    .key_id = key_id};

	snprintf(r.peer, sizeof r.peer, "%s", party);
	assert_int_equal(store_recovery_put(db_of(w), &r), 0);
	assert_int_equal(store_tray_put(db_of(w), &t), 0);
}

/* Is what waits of the peer due? It is not any more then. */
static bool was_due(struct world *w, const char *party)
{
	uint8_t id[RXP_ID_OCTETS];
	struct rxp_buf envelope;
	int rc;

	rxp_buf_init(&envelope, 1);
	rc = store_tray_next(db_of(w), id, &envelope, party);
	rxp_buf_free(&envelope);
	if (rc == 0)
		assert_int_equal(store_tray_tried(db_of(w), party, id), 0);
	return rc == 0;
}

/* Each minute another peer has its turn, though nothing of the former found its place. */
static void test_turns(void **state)
{
	static const char *const turns[] = {CASE_OTHER, PEER, CASE_OTHER, PEER};
	struct world *w = *state;
	struct tray *tray = NULL;
	int64_t minute = 60000;

	world_until(w, &w->log_fetches, 1); /* its own tray had its turn */
	beside(w);
	keep_waiting(w, CASE_OTHER);
	keep_waiting(w, PEER);
	assert_int_equal(
	    tray_new(&tray, &w->assembly->node, w->assembly->peers, w->assembly->admit), 0);
	for (unsigned i = 0; i < sizeof turns / sizeof turns[0]; i++) {
		tray_tick(tray, (i + 1) * minute);
		tray_tick(tray, (i + 2) * minute - 1); /* not yet */
		pump_for(w->loop, 20);
		assert_int_equal(was_due(w, CASE_OTHER), strcmp(turns[i], CASE_OTHER) == 0);
		assert_int_equal(was_due(w, PEER), strcmp(turns[i], PEER) == 0);
	}
	tray_free(tray);
}

/* --- a peer that lost something ------------------------------------------------------------------- */

static struct fake_envelope restored(uint8_t id, const struct rec_node_restored *says)
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

/* A Ping of ours is receipted; the receipt names the log of the peer with so many entries. */
static struct fake_answer receipted(struct world *w, uint64_t count, uint8_t id[16])
{
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	unsigned n = w->n_deliveries;

	world_ping(w, id);
	world_until(w, &w->n_deliveries, n + 1);
	d = &w->deliveries[n];
	f = world_receipt(d);
	f.checked.received_ms = clock_wall_ms();
	f.checked.log_count = count;
	memset(f.checked.log_id, 0x44, sizeof f.checked.log_id);
	memset(f.checked.log_head, (int)count, sizeof f.checked.log_head);
	world_deliver(w, d, HTTP_OK, &f);
	world_until_state(w, id, "delivered", &row);
	return f;
}

static void refused(struct world *w, uint8_t id, struct rec_node_restored says, uint32_t status)
{
	struct fake_envelope e = restored(id, &says);
	struct store_bringing b;

	assert_int_equal(world_admit(w, &e)->http_status, status);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), RXP_ERR_NOT_FOUND);
}

static void test_restored_refused(void **state)
{
	struct world *w = *state;
	struct rec_node_restored good = {.count = 1}, r;
	struct fake_envelope e;
	uint8_t id[16];

	receipted(w, 0, id);
	receipted(w, 1, id);
	memset(good.log_id, 0x44, sizeof good.log_id);
	memset(good.head, 1, sizeof good.head);
	r = good;
	r.log_id[0]++; /* a log that it never kept */
	refused(w, 1, r, 409);
	r = good;
	r.count = 3; /* more than we ever sent */
	refused(w, 2, r, 409);
	r = good;
	r.head[0]++; /* not the head that a receipt names */
	refused(w, 3, r, 409);
	r = good;
	r.count = 0; /* all is lost, but not so */
	refused(w, 4, r, 409);
	e = restored(5, &good);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	world_until(w, &told.posts, 1);
	e = restored(6, &good); /* while it is under way */
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_BUSY);
}

static void post_answer(struct world *w, uint32_t outcome, uint32_t status)
{
	const struct msg_posted m = {.outcome = outcome, .http_status = status};

	assert_int_equal(link_answer(w->gateway, IPC_posted, told.post, &m, NULL, 0), 0);
}

static bool is_open(struct world *w)
{
	struct store_bringing b;

	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	return b.open;
}

static void until_closed(struct world *w)
{
	for (int i = 0; i < 400 && is_open(w); i++)
		pump_for(w->loop, 5);
	assert_false(is_open(w));
}

static void test_too_often(void **state)
{
	struct world *w = *state;
	struct rec_node_restored all = {.count = 0};
	struct fake_envelope e;

	memset(all.log_id, 0x44, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	for (unsigned i = 0; i < REGISTRY_RESTORES_DAY; i++) {
		e = restored((uint8_t)(10 + i), &all);
		assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
		until_closed(w);
	}
	e = restored(50, &all);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_BUSY);
}

/* Two answers are brought, the line being down in between and the node started anew; then the message of a case goes
 * again, and before it its receipt. */
static void test_brought(void **state)
{
	struct world *w = *state;
	struct rec_node_restored all = {.count = 0};
	uint8_t ping[16], case_id[16], id[16];
	struct fake_answer first, second;
	struct fake_envelope e;
	unsigned n;

	memset(all.log_id, 0x44, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	first = receipted(w, 0, ping);
	n = w->n_deliveries;
	case_accepted(w, "sent", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	case_receipt(w, n + 1, id);
	e = restored(5, &all);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	world_until(w, &told.posts, 1);
	assert_memory_equal(told.posted.checked.message_id, first.checked.message_id, 16);
	post_answer(w, (uint32_t)RXP_ERR_IO, 0);
	world_until(w, &told.posts, 2); /* again */
	assert_memory_equal(told.posted.checked.message_id, first.checked.message_id, 16);
	restart(w);
	world_until(w, &told.posts, 3);
	assert_memory_equal(told.posted.checked.message_id, first.checked.message_id, 16);
	post_answer(w, 0, HTTP_NOTHING); /* it has that one */
	world_until(w, &told.posts, 4);
	second = told.posted;
	assert_memory_not_equal(second.checked.message_id, first.checked.message_id, 16);
	post_answer(w, 0, HTTP_LOST);
	world_until(w, &told.posts, 5);
	assert_false(is_open(w));
	assert_memory_equal(&told.posted, &second, sizeof second);
	assert_int_equal(w->n_deliveries, 0); /* not before it has the receipt */
	post_answer(w, 0, HTTP_LOST);
	world_until(w, &w->n_deliveries, 1);
	assert_memory_equal(
	    w->deliveries[0].envelope.message_id, second.checked.message_id, RXP_ID_OCTETS);
}

/* RXP-RCV-007: a receipt of fewer entries than one that was here before; of as many it says nothing. */
static void test_peer_went_back(void **state)
{
	struct world *w = *state;
	struct store_bringing b;
	uint8_t id[16];

	receipted(w, 5, id);
	world_move_clock(w, 1000);
	receipted(w, 5, id);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), RXP_ERR_NOT_FOUND);
	world_move_clock(w, 2000);
	receipted(w, 4, id);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_true(b.seen);
	world_until(w, &told.posts, 1);
}

/* While an answer is on its way to it the peer says that it lost more: that stands, and all is brought anew. */
static void test_lost_more(void **state)
{
	struct world *w = *state;
	struct rec_node_restored all = {.count = 0};
	struct store_bringing b;
	struct fake_envelope e;
	uint8_t id[16];

	receipted(w, 5, id);
	world_move_clock(w, 1000);
	receipted(w, 4, id);
	world_until(w, &told.posts, 1);
	world_move_clock(w, 2000);
	memset(all.log_id, 0x44, sizeof all.log_id);
	assert_int_equal(rxp_logchain_start(all.head, PEER, OWN, all.log_id), 0);
	e = restored(5, &all);
	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	post_answer(w, 0, HTTP_NOTHING);
	world_until(w, &told.posts, 2);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_memory_equal(b.log_id, all.log_id, sizeof b.log_id);
	assert_true(b.open && !b.seen);
	assert_int_equal(b.brought, 0);
	post_answer(w, 0, HTTP_NOTHING);
	world_until(w, &told.posts, 3);
	assert_int_equal(store_bringing_get(db_of(w), &b, PEER), 0);
	assert_int_equal(b.brought, 1);
}

/* The log of the peer is read at the start. */
static void test_read_at_start(void **state)
{
	struct world *w = *state;

	world_until(w, &w->log_fetches, 1);
	recovery_suspect(w->assembly->recovery, peer_of(w));
	for (int i = 0; i < 400 && !peer_of(w)->recovering; i++)
		pump_for(w->loop, 5);
	assert_int_equal(recovery_of(w).why, RECOVERY_WHY_LOG);
	assert_false(recovery_of(w).proven);
	world_until(w, &w->n_deliveries, 1);
	assert_int_equal(said(&w->deliveries[0]).count, 0);
}

/* Two logs are read to their ends at once: each peer is held from then on, and each is told. */
static void test_two_logs(void **state)
{
	struct world *w = *state;
	struct facts f = case_facts("apply", 1, 1, NULL);
	struct store_recovery r;
	struct peer *other;

	other = beside(w);
	recovery_suspect(w->assembly->recovery, other);
	recovery_suspect(w->assembly->recovery, peer_of(w));
	assert_true(other->loss_noted && peer_of(w)->loss_noted);
	assert_int_equal(case_submit(w, "held", NULL, APPLICATION, &f)->result, 0);
	world_until(w, &w->n_deliveries, 2);
	pump_for(w->loop, 100);
	assert_int_equal(w->n_deliveries, 2);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(said(&w->deliveries[i]).count, 0);
	assert_int_equal(recovery_of(w).why, RECOVERY_WHY_LOG);
	assert_int_equal(store_recovery_get(db_of(w), &r, CASE_OTHER), 0);
	assert_int_equal(r.why, RECOVERY_WHY_LOG);
	assert_true(other->recovering && peer_of(w)->recovering);
	assert_false(other->loss_noted || peer_of(w)->loss_noted);
}

/* Nothing is sealed for a peer while its hold waits for its commit. */
static void test_noted_holds(void **state)
{
	struct world *w = *state;
	struct facts f = case_facts("apply", 1, 1, NULL);

	peer_of(w)->loss_noted = true; /* and nobody has looked yet */
	assert_int_equal(case_submit(w, "held", NULL, APPLICATION, &f)->result, 0);
	pump_for(w->loop, 100);
	for (unsigned i = 0; i < w->n_deliveries; i++)
		assert_string_equal(w->deliveries[i].envelope.type, NOTICE);
}

/* After a start, of a peer whose log was read before, nothing is sealed until it is read; of any other, at once. */
static void test_read_first(void **state)
{
	struct world *w = *state;
	struct facts f = case_facts("apply", 1, 1, NULL);

	peer_of(w)->compared_ms = clock_wall_ms();
	peer_of(w)->read_since_start = false;
	assert_int_equal(case_submit(w, "first", NULL, APPLICATION, &f)->result, 0);
	pump_for(w->loop, 2 * REGISTRY_UNSURE_AGAIN_MS);
	assert_int_equal(w->n_deliveries, 0);
	peer_of(w)->read_since_start = true;
	world_until(w, &w->n_deliveries, 1);
	assert_string_equal(w->deliveries[0].envelope.type, APPLICATION);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_put_back),
	    TEST(test_over),
	    TEST(test_notice_refused),
	    TEST(test_answer_came_back),
	    TEST(test_answers_not_taken),
	    TEST(test_another_seal),
	    TEST(test_refusal_came_back),
	    TEST(test_waits_for_its_place),
	    TEST(test_turns),
	    TEST(test_restored_refused),
	    TEST(test_too_often),
	    TEST(test_brought),
	    TEST(test_peer_went_back),
	    TEST(test_lost_more),
	    TEST(test_read_at_start),
	    TEST(test_two_logs),
	    TEST(test_noted_holds),
	    TEST(test_read_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
