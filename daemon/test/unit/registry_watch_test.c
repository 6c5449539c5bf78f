/*
 * Goals of logs that watch each other, with everything around the registry played (RXP-LOG-004 to 015):
 * - our own log for a peer is given in pages that follow one another, with the heads of its entries, one at a time and
 *   64 in a minute; a page behind the end begins at the end; where an entry is missing in the database the page ends;
 * - a peer's log is asked for once a day and not before, hourly if that failed, page after page from where the last one
 *   ended, and goes on after a start from what was agreed; what is agreed is stored; nothing differs if nothing does;
 * - refusals count as receipts do, by the time that their Created names (RXP-ANS-018);
 * - an answer of ours that is in no entry, and an entry that was there and is not, are found behind the last page;
 * - a difference is counted and told each day until a person notes it; what was noted stays noted;
 * - a page that is not what was asked for, not under the seal or not a page at all changes nothing; a peer that
 *   shows nothing for three days is told of once a day;
 * - our own database: each entry, the gap, the end and the inbox, at the start and once a day;
 * - a log that people know to be another is read anew, and what was answered before is not missed in it.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include <sqlite3.h>

#include "daemon/base/entries.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/logcompare.h"

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)
#define ENTRIES_MAX 8

/* The log that the peer keeps for us, as it shows it. */
static struct {
	uint8_t log_id[16];
	size_t n;
	struct rxp_log_entry entries[ENTRIES_MAX];
	size_t page_max; /* entries of one page */
	int check_result;
	uint64_t skew; /* added to After: not the page asked for */
} theirs;

/* What the sealers were asked to make of ours. */
static struct {
	unsigned pages;
	struct msg_seal_log_page last;
	size_t rows;
} ours;

static unsigned statuses[128];
static unsigned n_given;

static void head_of(uint8_t head[32], uint64_t n)
{
	assert_int_equal(rxp_logchain_start(head, PEER, OWN, theirs.log_id), 0);
	for (uint64_t i = 1; i <= n; i++)
		assert_int_equal(rxp_logchain_extend(head, i, &theirs.entries[i - 1]), 0);
}

/* A sealer reads the page that the octets (a number) stand for. */
static void check_page(struct link *l, const struct link_message *m)
{
	const struct msg_check_log_page *q = m->body;
	struct msg_log_page_checked a = {
	    .result = (uint32_t)theirs.check_result, .created_ms = clock_wall_ms()};
	uint64_t after = 0;
	struct rxp_buf rows;

	assert_int_equal(q->octets.len, sizeof after);
	memcpy(&after, q->octets.data, sizeof after);
	if (after > theirs.n)
		after = theirs.n;
	a.after = after + theirs.skew;
	a.count = theirs.n;
	memcpy(a.log_id, theirs.log_id, sizeof a.log_id);
	head_of(a.head, theirs.n);
	head_of(a.after_head, after);
	rxp_buf_init(&rows, 65536);
	for (uint64_t i = after; i < theirs.n && i < after + theirs.page_max; i++)
		entries_put(&rows, &theirs.entries[i]);
	a.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(l, IPC_log_page_checked, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	if (m->type == IPC_check_log_page) {
		check_page(l, m);
	} else if (m->type == IPC_seal_log_page) {
		const struct msg_log_page_sealed a = {.octets = {(const uint8_t *)"page", 4}};

		ours.last = *(const struct msg_seal_log_page *)m->body;
		ours.rows = ours.last.rows.len;
		ours.pages++;
		link_answer(l, IPC_log_page_sealed, m->request, &a, NULL, 0);
	} else if (m->type == IPC_log_got) {
		statuses[n_given++] = ((const struct msg_log_got *)m->body)->http_status;
	}
}

static struct peer *the_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

static int64_t moved; /* the clock, since the start of the test */

static void later(struct world *w, int64_t ms)
{
	moved += ms;
	world_move_clock(w, moved);
}

static void restart(struct world *w)
{
	world_restart(w);
	w->other = other;
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&theirs, 0, sizeof theirs);
	memset(&ours, 0, sizeof ours);
	n_given = 0;
	moved = 0;
	theirs.page_max = 2;
	memset(theirs.log_id, 0x44, sizeof theirs.log_id);
	w->other = other;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return rc;
}

static void tick(struct world *w)
{
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
}

/* --- a peer's log ------------------------------------------------------------------------------- */

/* The peer answers a Ping of ours, as its log says it does. */
static void answered(struct world *w, bool refused)
{
	struct rxp_log_entry *e = &theirs.entries[theirs.n];
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];
	unsigned n = w->n_deliveries;

	world_ping(w, id);
	world_until(w, &w->n_deliveries, n + 1);
	d = &w->deliveries[n];
	f = refused ? world_refusal(d, RXP_REFUSAL_UNSUPPORTED, true) : world_receipt(d);
	*e = (struct rxp_log_entry){.received_ms = clock_wall_ms(),
	    .outcome = refused ? RXP_OUTCOME_REFUSAL : RXP_OUTCOME_RECEIPT};
	memcpy(e->message_id, d->envelope.message_id, sizeof e->message_id);
	memcpy(e->fingerprint, d->envelope.fingerprint, sizeof e->fingerprint);
	f.checked.created_ms = e->received_ms;
	if (!refused) {
		f.checked.received_ms = e->received_ms;
		f.checked.log_count = theirs.n;
		memcpy(f.checked.log_id, theirs.log_id, sizeof f.checked.log_id);
		head_of(f.checked.log_head, theirs.n);
	}
	theirs.n++;
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, refused ? "refused" : "delivered", &row);
}

static void begin(struct world *w)
{
	answered(w, false);
	answered(w, false);
	answered(w, true);
	answered(w, false);
}

/* The gateway gives the page that was asked for. */
static void fetched(struct world *w)
{
	const struct msg_log_fetched m = {
	    .http_status = 200, .octets = {(const uint8_t *)&w->log_after, sizeof w->log_after}};

	assert_int_equal(link_answer(w->gateway, IPC_log_fetched, w->log_fetch, &m, NULL, 0), 0);
}

static void failed(struct world *w, int outcome, unsigned status)
{
	struct msg_log_fetched m = {.outcome = (uint32_t)outcome, .http_status = status};

	snprintf(m.transport, sizeof m.transport, "%s", outcome != 0 ? "line is down" : "");
	assert_int_equal(link_answer(w->gateway, IPC_log_fetched, w->log_fetch, &m, NULL, 0), 0);
	pump_for(w->loop, 20);
}

/* A day later the whole log is read; from: where the reading must begin. */
static void a_day_later(struct world *w, uint64_t from)
{
	unsigned asked = w->log_fetches;
	int64_t before = the_peer(w)->compared_ms;

	later(w, DAY);
	world_until(w, &w->log_fetches, asked + 1);
	assert_int_equal(w->log_after, from);
	while (the_peer(w)->compared_ms == before) {
		asked = w->log_fetches;
		fetched(w);
		for (unsigned i = 0;
		     i < 200 && w->log_fetches == asked && the_peer(w)->compared_ms == before; i++)
			pump_for(w->loop, 5);
		assert_true(w->log_fetches > asked || the_peer(w)->compared_ms != before);
	}
}

static struct store_watch stored(struct world *w)
{
	struct store_watch row;

	assert_int_equal(store_watch_get(store_db(w->assembly->node.store), &row, PEER), 0);
	return row;
}

/* The one difference, or none. */
static void assert_found(struct world *w, const char *what, uint64_t n)
{
	struct rxp_buf rows;
	struct record_cursor cursor;
	struct rec_difference_row r;
	struct bytes fields;
	uint16_t tag;
	bool found = false;

	rxp_buf_init(&rows, 65536);
	assert_int_equal(store_difference_rows(store_db(w->assembly->node.store), &rows, PEER), 0);
	cursor = (struct record_cursor){rows.data, rows.len};
	while (record_list_next(&cursor, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&r, &record_difference_row, fields.data, fields.len), 0);
		found = found || (strcmp(r.what, what) == 0 && r.n == n);
	}
	rxp_buf_free(&rows);
	assert_true(found);
}

/* The node is stopped meanwhile, whose lock keeps others out. */
static void by_hand(struct world *w, const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	w->other = other;
}

static void test_agrees(void **state)
{
	struct world *w = *state;

	begin(w);
	tick(w);
	assert_int_equal(w->log_fetches, 0); /* not before a day has passed */
	a_day_later(w, 0);
	assert_int_equal(w->log_fetches, 2);
	assert_int_equal(the_peer(w)->differences, 0);
	assert_int_equal(stored(w).agreed.n, 4);
	answered(w, false);
	tick(w);
	assert_int_equal(w->log_fetches, 2);
	restart(w);
	a_day_later(w, 0);
	assert_int_equal(the_peer(w)->differences, 0);
	assert_int_equal(stored(w).agreed.n, 5);
	assert_int_equal(stored(w).pass, 2);
}

/* RXP-LOG-008: a long log is read from where it was agreed, and weekly from the first entry. */
static void test_long(void **state)
{
	struct world *w = *state;

	begin(w);
	a_day_later(w, 0);
	assert_int_equal(stored(w).agreed.n, 4);
	for (int day = 0; day < 6; day++)
		a_day_later(w, 0);
	assert_true(stored(w).whole_ms == stored(w).compared_ms);
}

static void test_failed(void **state)
{
	struct world *w = *state;

	begin(w);
	later(w, DAY);
	world_until(w, &w->log_fetches, 1);
	failed(w, RXP_ERR_IO, 0);
	tick(w);
	assert_int_equal(w->log_fetches, 1); /* not at once */
	later(w, HOUR);
	world_until(w, &w->log_fetches, 2);
	failed(w, 0, 404);
	later(w, HOUR);
	world_until(w, &w->log_fetches, 3);
	theirs.check_result = RXP_ERR_SEAL;
	fetched(w);
	tick(w);
	later(w, HOUR);
	world_until(w, &w->log_fetches, 4);
	theirs.check_result = 0;
	theirs.skew = 1;
	fetched(w);
	tick(w);
	theirs.skew = 0;
	assert_true(the_peer(w)->compared_ms == 0);
	assert_int_equal(the_peer(w)->differences, 0);
	assert_int_equal(the_peer(w)->blind_told_ms, 0);
	the_peer(w)->last_contact_ms = clock_wall_ms() + 2 * DAY;
	later(w, 2 * DAY);
	world_until(w, &w->log_fetches, 5);
	failed(w, 0, 503);
	assert_true(the_peer(w)->blind_told_ms != 0); /* RXP-LOG-012 */
	later(w, HOUR);
	world_until(w, &w->log_fetches, 6);
	fetched(w);
	world_until(w, &w->log_fetches, 7);
	fetched(w);
	tick(w);
	assert_int_equal(stored(w).agreed.n, 4);
}

static void test_changed(void **state)
{
	struct world *w = *state;
	const struct msg_log_note note = {.user = "uid:7", .peer = PEER};
	struct msg_log_note one = note;

	begin(w);
	a_day_later(w, 0);
	theirs.entries[2].received_ms++;
	a_day_later(w, 0);
	assert_found(w, "time-differs", 3);
	assert_int_equal(stored(w).agreed.n, 4); /* it was agreed once */
	assert_true(the_peer(w)->differences > 0);
	restart(w);
	assert_true(the_peer(w)->differences > 0);
	one.one = 1;
	one.entry = 99;
	assert_int_equal((int)world_ask(w, IPC_log_note, &one)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0);
	assert_int_equal(the_peer(w)->differences, 0);
	a_day_later(w, 0);
	assert_int_equal(the_peer(w)->differences, 0);
	theirs.entries[0].outcome = RXP_OUTCOME_REFUSAL;
	a_day_later(w, 0);
	assert_found(w, "outcome-differs", 1);
	assert_true(the_peer(w)->differences > 0);
}

static void test_removed(void **state)
{
	struct world *w = *state;

	begin(w);
	a_day_later(w, 0);
	memmove(&theirs.entries[1], &theirs.entries[2], 2 * sizeof theirs.entries[0]);
	theirs.n--;
	a_day_later(w, 0);
	assert_found(w, "entry-removed", 2);
	assert_found(w, "entry-moved", 2);
	assert_found(w, "log-short", 3);
}

/* An answer that was never in the log: nothing was shown that could be removed. */
static void test_missing(void **state)
{
	struct world *w = *state;

	begin(w);
	theirs.n--;
	a_day_later(w, 0);
	assert_found(w, "answer-missing", 0);
	assert_int_equal(the_peer(w)->differences, 1);
}

static void test_unknown(void **state)
{
	struct world *w = *state;

	begin(w);
	theirs.entries[4] = theirs.entries[3];
	theirs.entries[4].message_id[15] ^= 1;
	theirs.n++;
	a_day_later(w, 0);
	assert_found(w, "entry-unknown", 5);
	assert_int_equal(the_peer(w)->differences, 1);
	assert_int_equal(stored(w).agreed.n, 4); /* up to the page that holds it */
}

static void test_own_rows(void **state)
{
	struct world *w = *state;

	begin(w);
	a_day_later(w, 0);
	by_hand(w, "UPDATE outbox SET received_ms = received_ms - 1 WHERE log_count = 1");
	a_day_later(w, 0);
	assert_found(w, "own-record", 2);
	by_hand(w, "UPDATE outbox SET refused_ms = refused_ms + 1 WHERE refused_ms IS NOT NULL");
	a_day_later(w, 0);
	assert_found(w, "own-record", 3);
	by_hand(w, "UPDATE watched SET fingerprint = x'00' WHERE n = 1");
	a_day_later(w, 0);
	assert_found(w, "own-copy", 1);
	by_hand(w, "UPDATE outbox SET log_head = x'' WHERE log_count = 0");
	a_day_later(w, 0);
	assert_found(w, "receipt-differs", 0);
	by_hand(w, "DELETE FROM outbox WHERE log_count = 3");
	a_day_later(w, 0);
	assert_found(w, "own-message-gone", 4);
}

static void test_restart_reading(void **state)
{
	struct world *w = *state;
	const struct msg_log_note note = {.user = "uid:7", .peer = PEER, .restart = 1};

	begin(w);
	a_day_later(w, 0);
	theirs.log_id[0] ^= 1;
	theirs.n = 0;
	a_day_later(w, 0);
	assert_found(w, "log-id", 0);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0);
	assert_int_equal(the_peer(w)->differences, 0);
	later(w, 1);
	answered(w, false);
	a_day_later(w, 0);
	assert_int_equal(the_peer(w)->differences, 0);
	assert_int_equal(stored(w).agreed.n, 1);
	assert_memory_equal(stored(w).agreed.log_id, theirs.log_id, 16);
}

static void test_check_now(void **state)
{
	struct world *w = *state;
	struct msg_log_check check = {.peer = PEER};
	const struct msg_peer_distrust distrust = {.user = "officer", .party = PEER};

	begin(w);
	assert_int_equal(world_ask(w, IPC_log_check, &check)->result, 0);
	world_until(w, &w->log_fetches, 1);
	assert_int_equal(world_ask(w, IPC_log_check, &check)->result, 0);
	pump_for(w->loop, 20);
	assert_int_equal(w->log_fetches, 1); /* it is under way */
	failed(w, RXP_ERR_IO, 0);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	assert_int_equal((int)world_ask(w, IPC_log_check, &check)->result, RXP_ERR_STATE);
	strcpy(check.peer, "QRZ");
	assert_int_equal((int)world_ask(w, IPC_log_check, &check)->result, RXP_ERR_NOT_FOUND);
}

/* --- ours --------------------------------------------------------------------------------------- */

static void ask_ours(struct world *w, uint64_t after)
{
	const struct msg_log_get m = {.party = PEER, .after = after};

	assert_int_equal(link_request(w->gateway, IPC_log_get, &m, NULL, 0, NULL), 0);
}

static void given(struct world *w, unsigned status)
{
	unsigned n = n_given;

	for (unsigned i = 0; i < 200 && n_given == n; i++)
		pump_for(w->loop, 5);
	assert_int_equal(n_given, n + 1);
	assert_int_equal(statuses[n], status);
}

static void receive(struct world *w, unsigned n)
{
	for (unsigned i = 1; i <= n; i++) {
		struct fake_envelope e = world_envelope((uint8_t)i);

		assert_int_equal(world_admit(w, &e)->http_status, 200);
	}
}

static void assert_page(struct world *w, uint64_t after, uint64_t count, size_t entries)
{
	uint8_t head[32];
	size_t one;

	ask_ours(w, after);
	given(w, 200);
	assert_int_equal(ours.last.after, after < count ? after : count);
	assert_int_equal(ours.last.count, count);
	assert_memory_equal(ours.last.log_id, the_peer(w)->log_id, 16);
	if (ours.last.after == 0) {
		assert_int_equal(rxp_logchain_start(head, OWN, PEER, the_peer(w)->log_id), 0);
		assert_memory_equal(ours.last.after_head, head, 32);
	}
	if (entries == 0)
		assert_memory_equal(ours.last.after_head, ours.last.head, 32);
	one = entries > 0 ? ours.rows / entries : 0;
	assert_int_equal(one * entries, ours.rows);
}

static void test_given(void **state)
{
	struct world *w = *state;

	assert_page(w, 0, 0, 0);
	receive(w, 3);
	assert_page(w, 0, 3, 3);
	assert_memory_equal(ours.last.head, the_peer(w)->log.head, 32);
	assert_page(w, 2, 3, 1);
	assert_page(w, 3, 3, 0);
	assert_memory_equal(ours.last.head, the_peer(w)->log.head, 32);
	assert_page(w, 77, 3, 0);
	by_hand(w, "PRAGMA foreign_keys = OFF; DELETE FROM answer WHERE log_n = 2");
	assert_page(w, 0, 1, 1);
	ask_ours(w, 1);
	given(w, 200);
	assert_int_equal(ours.last.count, 1);
	assert_int_equal(ours.rows, 0);
}

static void test_not_too_many(void **state)
{
	struct world *w = *state;

	receive(w, 1);
	for (unsigned i = 0; i < REGISTRY_PAGES_MINUTE_MAX; i++) {
		ask_ours(w, 0);
		given(w, 200);
	}
	ask_ours(w, 0);
	given(w, 503);
	the_peer(w)->pages_since_mono -= 60000;
	ask_ours(w, 0);
	given(w, 200);
}

/* --- our own database --------------------------------------------------------------------------- */

static void checked_again(struct world *w)
{
	the_peer(w)->own_checked_ms = 0;
	for (unsigned i = 0; i < 400 && the_peer(w)->own_checked_ms == 0; i++)
		pump_for(w->loop, 5);
	assert_true(the_peer(w)->own_checked_ms != 0);
}

static void test_own_sound(void **state)
{
	struct world *w = *state;

	receive(w, 3);
	checked_again(w);
	assert_int_equal(the_peer(w)->differences, 0);
	later(w, DAY - HOUR);
	tick(w);
	assert_true(the_peer(w)->own_checked_ms < clock_wall_ms() - HOUR);
	later(w, HOUR + 1000);
	tick(w);
	assert_true(the_peer(w)->own_checked_ms > clock_wall_ms() - HOUR);
	assert_int_equal(the_peer(w)->differences, 0);
}

static void test_own_changed(void **state)
{
	static const struct {
		const char *sql, *what;
		uint64_t n;
	} rows[] = {
	    {"UPDATE answer SET received_ms = received_ms + 1 WHERE log_n = 2", "own-entry-changed",
		2},
	    {"UPDATE answer SET log_head = x'00' WHERE log_n = 3", "own-entry-changed", 3},
	    {"UPDATE inbox SET received_ms = 1", "own-inbox-differs", 1},
	    {"UPDATE inbox SET evidence = x'0102'", "own-inbox-differs", 2},
	    {"UPDATE peer SET log_count = 2", "own-end-differs", 3},
	    {"PRAGMA foreign_keys = OFF; DELETE FROM answer WHERE log_n = 1", "own-entry-missing",
		1},
	    {"PRAGMA foreign_keys = OFF; DELETE FROM answer WHERE log_n = 3", "own-inbox-differs",
		0},
	};
	struct world *w = *state;

	receive(w, 3);
	checked_again(w);
	assert_int_equal(the_peer(w)->differences, 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		by_hand(w, rows[i].sql);
		checked_again(w);
		assert_found(w, rows[i].what, rows[i].n);
	}
}

/* --- the desk ----------------------------------------------------------------------------------- */

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_agrees),
	    TEST(test_long),
	    TEST(test_failed),
	    TEST(test_changed),
	    TEST(test_removed),
	    TEST(test_missing),
	    TEST(test_unknown),
	    TEST(test_own_rows),
	    TEST(test_restart_reading),
	    TEST(test_check_now),
	    TEST(test_given),
	    TEST(test_not_too_many),
	    TEST(test_own_sound),
	    TEST(test_own_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
