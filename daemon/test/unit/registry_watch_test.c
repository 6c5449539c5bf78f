/*
 * Goals of logs that watch each other, with everything around the registry played (RXP-LOG-008 to 015):
 * - a peer's log is asked for once a day and not before, hourly if that failed, page after page from where the last one
 *   ended, and goes on after a start from what was agreed; what is agreed is stored; nothing differs if nothing does;
 * - refusals count as receipts do, by the time that their Created names (RXP-ANS-018);
 * - an answer of ours that is in no entry, and an entry that was there and is not, are found behind the last page;
 * - a difference is counted and told each day until a person notes it; what was noted stays noted;
 * - a page that is not what was asked for, not under the seal or not a page at all changes nothing; a peer that
 *   shows nothing for three days is told of once a day;
 * - a peer that pulls is not asked: it posts its pages, and is told which one is wanted next; the first only says that it is
 *   there; one that is not due, one too many, two at once and one that is none change nothing; one that stops in the middle
 *   begins anew, one that shows nothing is told of (RXP-PUL-010 to 012);
 * - a log that people know to be another is read anew, and what was answered before is not missed in it.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_watch_rig.h"

#include "daemon/base/entries.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/log/logcompare.h"

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

/* What the peer hears of a page that it posts. */
static struct {
	unsigned n;
	uint32_t status, of[REGISTRY_PAGES_MINUTE_MAX + 2];
	uint64_t after;
} heard;

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
	const struct msg_log_taken *t = m->body;

	(void)w;
	if (m->type == IPC_log_taken) {
		heard.status = t->http_status;
		heard.after = t->after;
		heard.of[heard.n++ % (sizeof heard.of / sizeof heard.of[0])] = t->http_status;
		return;
	}
	assert_int_equal(m->type, IPC_check_log_page);
	check_page(l, m);
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&theirs, 0, sizeof theirs);
	memset(&heard, 0, sizeof heard);
	watch_moved = 0;
	theirs.page_max = 2;
	memset(theirs.log_id, 0x44, sizeof theirs.log_id);
	w->other = other;
	w->proves_nothing = true;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	watch_peer(w)->read_since_start = true; /* what a start finds is registry_recovery_test's */
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
	int64_t before = watch_peer(w)->compared_ms;

	watch_later(w, DAY);
	world_until(w, &w->log_fetches, asked + 1);
	assert_int_equal(w->log_after, from);
	while (watch_peer(w)->compared_ms == before) {
		asked = w->log_fetches;
		fetched(w);
		for (unsigned i = 0;
		     i < 200 && w->log_fetches == asked && watch_peer(w)->compared_ms == before;
		     i++)
			pump_for(w->loop, 5);
		assert_true(w->log_fetches > asked || watch_peer(w)->compared_ms != before);
	}
}

static struct store_watch stored(struct world *w)
{
	struct store_watch row;

	assert_int_equal(store_watch_get(store_db(w->assembly->node.store), &row, PEER), 0);
	return row;
}

static void test_agrees(void **state)
{
	struct world *w = *state;

	begin(w);
	tick(w);
	assert_int_equal(w->log_fetches, 0); /* not before a day has passed */
	a_day_later(w, 0);
	assert_int_equal(w->log_fetches, 2);
	assert_int_equal(watch_peer(w)->differences, 0);
	assert_int_equal(stored(w).agreed.n, 4);
	answered(w, false);
	tick(w);
	assert_int_equal(w->log_fetches, 2);
	watch_restart(w);
	a_day_later(w, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
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
	watch_later(w, DAY);
	world_until(w, &w->log_fetches, 1);
	failed(w, RXP_ERR_IO, 0);
	tick(w);
	assert_int_equal(w->log_fetches, 1); /* not at once */
	watch_later(w, HOUR);
	world_until(w, &w->log_fetches, 2);
	failed(w, 0, 404);
	watch_later(w, HOUR);
	world_until(w, &w->log_fetches, 3);
	assert_int_equal(watch_peer(w)->differences, 0);
	theirs.check_result = RXP_ERR_SEAL;
	fetched(w);
	tick(w);
	watch_assert_found(w, "page-false", 0); /* RXP-LOG-024 */
	watch_later(w, HOUR);
	world_until(w, &w->log_fetches, 4);
	theirs.check_result = 0;
	theirs.skew = 1;
	fetched(w);
	tick(w);
	theirs.skew = 0;
	assert_true(watch_peer(w)->compared_ms == 0);
	assert_int_equal(watch_peer(w)->differences, 1);
	assert_int_equal(watch_peer(w)->blind_told_ms, 0);
	watch_peer(w)->last_contact_ms = clock_wall_ms() + 2 * DAY;
	watch_later(w, 2 * DAY);
	world_until(w, &w->log_fetches, 5);
	failed(w, 0, 503);
	assert_true(watch_peer(w)->blind_told_ms != 0); /* RXP-LOG-012 */
	watch_later(w, HOUR);
	world_until(w, &w->log_fetches, 6);
	fetched(w);
	world_until(w, &w->log_fetches, 7);
	fetched(w);
	tick(w);
	assert_int_equal(stored(w).agreed.n, 4);
}

/* RXP-DSC-036: a page under a seal that is not known is judged again when the peer has said which seals it has. */
static void test_unknown_seal(void **state)
{
	struct msg_descriptor_fetched gives = {
	    .http_status = 200, .octets = {(const uint8_t *)"descriptor", 10}};
	struct world *w = *state;

	w->fetch_by_hand = true;
	begin(w);
	watch_later(w, DAY);
	world_until(w, &w->log_fetches, 1);
	theirs.check_result = RXP_ERR_SIGNER;
	fetched(w);
	world_until(w, &w->fetches, 1);
	theirs.check_result = 0;
	w->descriptor.identity_serial++;
	w->descriptor.working_created_ms++;
	assert_int_equal(
	    link_answer(w->gateway, IPC_descriptor_fetched, w->fetch, &gives, NULL, 0), 0);
	world_until(w, &w->log_fetches, 2); /* it goes on with the next page */
	/* Not known all the same: it is given up, and the peer asked once. */
	theirs.check_result = RXP_ERR_SIGNER;
	fetched(w);
	world_until(w, &w->fetches, 2);
	assert_int_equal(
	    link_answer(w->gateway, IPC_descriptor_fetched, w->fetch, &gives, NULL, 0), 0);
	tick(w);
	assert_int_equal(w->fetches, 2);
	assert_int_equal(w->log_fetches, 2);
	assert_true(watch_peer(w)->compared_ms == 0);
	assert_int_equal(watch_peer(w)->differences, 0); /* it need not be the peer's */
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
	watch_assert_found(w, "time-differs", 3);
	assert_int_equal(stored(w).agreed.n, 4); /* it was agreed once */
	assert_true(watch_peer(w)->differences > 0);
	watch_restart(w);
	assert_true(watch_peer(w)->differences > 0);
	one.one = 1;
	one.entry = 99;
	assert_int_equal((int)world_ask(w, IPC_log_note, &one)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	a_day_later(w, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	theirs.entries[0].outcome = RXP_OUTCOME_REFUSAL;
	a_day_later(w, 0);
	watch_assert_found(w, "outcome-differs", 1);
	assert_true(watch_peer(w)->differences > 0);
}

static void test_removed(void **state)
{
	struct world *w = *state;

	begin(w);
	a_day_later(w, 0);
	memmove(&theirs.entries[1], &theirs.entries[2], 2 * sizeof theirs.entries[0]);
	theirs.n--;
	a_day_later(w, 0);
	watch_assert_found(w, "entry-removed", 2);
	watch_assert_found(w, "entry-moved", 2);
	watch_assert_found(w, "log-short", 3);
}

/* An answer that was never in the log: nothing was shown that could be removed. */
static void test_missing(void **state)
{
	struct world *w = *state;

	begin(w);
	theirs.n--;
	a_day_later(w, 0);
	watch_assert_found(w, "answer-missing", 0);
	assert_int_equal(watch_peer(w)->differences, 1);
}

static void test_unknown(void **state)
{
	struct world *w = *state;

	begin(w);
	theirs.entries[4] = theirs.entries[3];
	theirs.entries[4].message_id[15] ^= 1;
	theirs.n++;
	a_day_later(w, 0);
	watch_assert_found(w, "entry-unknown", 5);
	assert_int_equal(watch_peer(w)->differences, 1);
	assert_int_equal(stored(w).agreed.n, 4); /* up to the page that holds it */
}

static void test_own_rows(void **state)
{
	struct world *w = *state;

	begin(w);
	a_day_later(w, 0);
	watch_by_hand(w, "UPDATE outbox SET received_ms = received_ms - 1 WHERE log_count = 1");
	a_day_later(w, 0);
	watch_assert_found(w, "own-record", 2);
	watch_by_hand(
	    w, "UPDATE outbox SET refused_ms = refused_ms + 1 WHERE refused_ms IS NOT NULL");
	a_day_later(w, 0);
	watch_assert_found(w, "own-record", 3);
	watch_by_hand(w, "UPDATE watched SET fingerprint = x'00' WHERE n = 1");
	a_day_later(w, 0);
	watch_assert_found(w, "own-copy", 1);
	watch_by_hand(w, "UPDATE outbox SET log_head = x'' WHERE log_count = 0");
	a_day_later(w, 0);
	watch_assert_found(w, "receipt-differs", 0);
	watch_by_hand(w, "DELETE FROM outbox WHERE log_count = 3");
	a_day_later(w, 0);
	watch_assert_found(w, "own-message-gone", 4);
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
	watch_assert_found(w, "log-id", 0);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
	watch_later(w, 1);
	answered(w, false);
	a_day_later(w, 0);
	assert_int_equal(watch_peer(w)->differences, 0);
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

/* --- one that posts ------------------------------------------------------------------------------- */

static void post(struct world *w, const uint64_t *after)
{
	const struct msg_log_posted m = {
	    .party = PEER, .octets = {(const uint8_t *)after, sizeof *after}};

	assert_int_equal(link_request(w->gateway, IPC_log_posted, &m, NULL, 0, NULL), 0);
}

/* It posts the page behind that entry, and hears this; next: which page is wanted, of 202. */
static void posts(struct world *w, uint64_t after, uint32_t status, uint64_t next)
{
	unsigned n = heard.n;

	post(w, &after);
	world_until(w, &heard.n, n + 1);
	assert_int_equal(heard.status, status);
	if (status == 202)
		assert_int_equal(heard.after, next);
}

/* Four entries, and the peer pulls from now on; a day later. */
static void begin_posting(struct world *w)
{
	begin(w);
	watch_peer(w)->pulls = true;
	watch_later(w, DAY);
	tick(w);
	assert_int_equal(w->log_fetches, 0);
}

static void test_posted(void **state)
{
	struct world *w = *state;
	const struct msg_log_check check = {.peer = PEER};

	begin(w);
	watch_peer(w)->pulls = true;
	posts(w, 4, 204, 0); /* not before a day has passed */
	watch_later(w, DAY);
	tick(w);
	posts(w, 4, 202, 0);
	posts(w, 4, 202, 0); /* it may say again that it is there */
	posts(w, 0, 202, 2);
	posts(w, 0, 202, 2); /* not the one that is wanted */
	posts(w, 2, 204, 0);
	assert_int_equal(stored(w).agreed.n, 4);
	assert_int_equal(watch_peer(w)->differences, 0);
	posts(w, 4, 204, 0);
	assert_int_equal(stored(w).pass, 1);
	assert_int_equal(world_ask(w, IPC_log_check, &check)->result, 0);
	theirs.entries[3].received_ms++;
	posts(w, 4, 202, 0);
	posts(w, 0, 202, 2);
	posts(w, 2, 204, 0);
	watch_assert_found(w, "time-differs", 4);
	assert_int_equal(w->log_fetches, 0);
}

/* What was receipted after the page was made is not missing in it. */
static void test_posted_first(void **state)
{
	struct world *w = *state;

	answered(w, false);
	watch_peer(w)->pulls = true;
	watch_later(w, DAY);
	tick(w);
	theirs.n = 0; /* as the peer had it when it made the page */
	posts(w, 0, 202, 0);
	theirs.n = 1;
	posts(w, 0, 204, 0);
	assert_int_equal(stored(w).agreed.n, 1);
	assert_int_equal(watch_peer(w)->differences, 0);
}

static void test_posted_short(void **state)
{
	struct world *w = *state;

	begin_posting(w);
	posts(w, 4, 202, 0);
	posts(w, 0, 202, 2);
	theirs.n = 1;
	posts(w, 2, 204, 0);
	watch_assert_found(w, "log-short", 1);
}

static void test_posted_wrong(void **state)
{
	struct world *w = *state;
	const uint64_t zero = 0;
	const struct fake_envelope e = world_envelope(1);
	const struct msg_log_posted empty = {.party = PEER}, stranger = {.party = "QRZ"};
	unsigned n;

	begin_posting(w);
	assert_int_equal(link_request(w->gateway, IPC_log_posted, &empty, NULL, 0, NULL), 0);
	world_until(w, &heard.n, 1);
	assert_int_equal(heard.status, 422);
	assert_int_equal(link_request(w->gateway, IPC_log_posted, &stranger, NULL, 0, NULL), 0);
	world_until(w, &heard.n, 2);
	assert_int_equal(heard.status, 503);
	theirs.check_result = RXP_ERR_SEAL;
	posts(w, 4, 422, 0);
	theirs.check_result = 0;
	posts(w, 4, 202, 0);
	posts(w, 0, 202, 2);
	n = heard.n;
	post(w, &zero);
	post(w, &zero);
	world_until(w, &heard.n, n + 2);
	assert_int_equal(heard.of[n], 503); /* while the first is being read */
	assert_int_equal(heard.of[n + 1], 202);
	for (n = 0; n < REGISTRY_PAGES_MINUTE_MAX && heard.status == 202; n++) {
		post(w, &zero);
		world_until(w, &heard.n, heard.n + 1);
	}
	assert_int_equal(heard.status, 503);
	assert_true(n > REGISTRY_PAGES_MINUTE_MAX / 2);
	assert_true(watch_peer(w)->compared_ms == 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200); /* messages go on */
}

static void test_posted_stops(void **state)
{
	struct world *w = *state;

	begin_posting(w);
	posts(w, 4, 202, 0);
	posts(w, 0, 202, 2);
	watch_later(w, REGISTRY_SHOWN_MS);
	tick(w);
	posts(w, 2, 202, 0);
	assert_int_equal(watch_peer(w)->blind_told_ms, 0);
	watch_later(w, REGISTRY_SHOWN_MS);
	watch_peer(w)->last_contact_ms = clock_wall_ms() + 2 * DAY;
	watch_later(w, 2 * DAY);
	tick(w);
	assert_true(watch_peer(w)->blind_told_ms != 0); /* RXP-LOG-012 */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_agrees),
	    TEST(test_long),
	    TEST(test_failed),
	    TEST(test_unknown_seal),
	    TEST(test_changed),
	    TEST(test_removed),
	    TEST(test_missing),
	    TEST(test_unknown),
	    TEST(test_own_rows),
	    TEST(test_restart_reading),
	    TEST(test_check_now),
	    TEST(test_posted),
	    TEST(test_posted_first),
	    TEST(test_posted_short),
	    TEST(test_posted_wrong),
	    TEST(test_posted_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
