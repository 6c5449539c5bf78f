/*
 * Goals of our own log for a peer, with everything around the registry played (RXP-LOG-004 to 007, 013):
 * - it is given in pages that follow one another, with the heads of its entries, one at a time and 64 in a minute; a page
 *   behind the end begins at the end; where an entry is missing in the database the page ends;
 * - the page that is given is kept (RXP-LOG-016);
 * - it is held against our own database, at the start and once a day: each entry, the gap, the end, both boxes;
 * - a clock that went back is told as that, and a row of our reading that a hand wrote as one;
 * - a row fits its evidence in each field that the evidence has, and not if one of them is another.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_watch_rig.h"

#include <sys/mman.h>
#include <unistd.h>

#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/tally.h"
#include "daemon/registry/watch/fit.h"
#include "protocol/base/codec.h"

#define DAY INT64_C(86400000)
#define HOUR INT64_C(3600000)

/* What the sealers were asked to make of ours. */
static struct {
	unsigned pages;
	struct msg_seal_log_page last;
	size_t rows;
} ours;

static unsigned statuses[128];
static unsigned n_given;

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	(void)w;
	if (m->type == IPC_seal_log_page) {
		const struct msg_log_page_sealed a = {.octets = {(const uint8_t *)"page", 4}};

		ours.last = *(const struct msg_seal_log_page *)m->body;
		ours.rows = ours.last.rows.len;
		ours.pages++;
		link_answer(l, IPC_log_page_sealed, m->request, &a, NULL, 0);
	} else if (m->type == IPC_log_got) {
		statuses[n_given++] = ((const struct msg_log_got *)m->body)->http_status;
	}
}

static int set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&ours, 0, sizeof ours);
	n_given = 0;
	watch_moved = 0;
	w->other = other;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return rc;
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

	pump_while(w->loop, n_given == n);
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
	assert_memory_equal(ours.last.log_id, watch_peer(w)->log_id, 16);
	if (ours.last.after == 0) {
		assert_int_equal(rxp_logchain_start(head, OWN, PEER, watch_peer(w)->log_id), 0);
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
	assert_memory_equal(ours.last.head, watch_peer(w)->log.head, 32);
	assert_page(w, 2, 3, 1);
	assert_page(w, 3, 3, 0);
	assert_memory_equal(ours.last.head, watch_peer(w)->log.head, 32);
	assert_page(w, 77, 3, 0);
	watch_by_hand(w, "PRAGMA foreign_keys = OFF; DELETE FROM answer WHERE log_n = 2");
	assert_page(w, 0, 1, 1);
	ask_ours(w, 1);
	given(w, 200);
	assert_int_equal(ours.last.count, 1);
	assert_int_equal(ours.rows, 0);
}

/* RXP-LOG-016: the page that shows an answer of ours is evidence, and its seal is of that day. */
static void test_page_kept(void **state)
{
	struct world *w = *state;
	uint64_t commits;

	receive(w, 3);
	commits = store_counts(w->assembly->node.store).commits;
	assert_page(w, 0, 3, 3);
	pump_while(w->loop, store_counts(w->assembly->node.store).commits == commits);
	assert_int_equal(
	    world_on_disk(w, "SELECT COUNT(*) FROM log_page WHERE own = 1 AND n = 3 AND "
			     "octets = CAST('page' AS BLOB)"),
	    1);
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
	watch_peer(w)->pages_given.since_mono -= 60000;
	ask_ours(w, 0);
	given(w, 200);
}

/* --- our own database --------------------------------------------------------------------------- */

static void checked_again(struct world *w)
{
	watch_peer(w)->own_checked_ms = 0;
	pump_while(w->loop, watch_peer(w)->own_checked_ms == 0);
	assert_true(watch_peer(w)->own_checked_ms != 0);
}

static void test_own_sound(void **state)
{
	struct world *w = *state;

	receive(w, 3);
	checked_again(w);
	assert_int_equal(watch_peer(w)->differences, 0);
	watch_later(w, DAY - HOUR);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_true(watch_peer(w)->own_checked_ms < clock_wall_ms() - HOUR);
	watch_later(w, HOUR + 1000);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_true(watch_peer(w)->own_checked_ms > clock_wall_ms() - HOUR);
	assert_int_equal(watch_peer(w)->differences, 0);
}

/* The log in which such a difference is found: of what no entry names, in none (RXP-LOG-028). */
static const uint8_t *own_log(struct world *w, const char *what, uint64_t n)
{
	static const uint8_t none[RXP_ID_OCTETS];

	return strcmp(what, "own-inbox-differs") == 0 && n == 0 ? none : watch_peer(w)->log_id;
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
	    {"UPDATE answer SET envelope_digest = randomblob(32) WHERE log_n = 3",
		"own-inbox-differs", 3},
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
	assert_int_equal(watch_peer(w)->differences, 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		watch_by_hand(w, rows[i].sql);
		checked_again(w);
		watch_assert_found(w, rows[i].what, rows[i].n);
		assert_memory_equal(
		    watch_shown.log_id, own_log(w, rows[i].what, rows[i].n), RXP_ID_OCTETS);
	}
}

/* --- what was noted of the reading of a log (RXP-LOG-029) ------------------------------------------- */

/* Does the node say, while it looks, that its clock went back? */
static bool says_clock_back(struct world *w)
{
	static char text[64UL * 1024];
	int log = memfd_create("log", 0), before = dup(STDERR_FILENO);
	ssize_t n;

	assert_int_equal(dup2(log, STDERR_FILENO), STDERR_FILENO);
	checked_again(w);
	dup2(before, STDERR_FILENO);
	n = pread(log, text, sizeof text - 1, 0);
	close(before);
	close(log);
	assert_true(n >= 0);
	text[n] = '\0';
	return strstr(text, "\"clock_went_back\"") != NULL;
}

static bool table_differs(struct world *w)
{
	return watch_found(w, "own-table-differs", TALLY_watch + 1);
}

/* What a hand wrote is found by the sum of the table. */
static void test_own_watch(void **state)
{
	static const char *const columns[] = {"compared_ms", "whole_ms", "since_ms", "made_ms"};
	struct world *w = *state;
	char sql[256];

	for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
		for (int ahead = 200; ahead <= 400; ahead += 200) {
			watch_by_hand(w,
			    "DELETE FROM watch; DELETE FROM log_difference;"
			    "INSERT OR REPLACE INTO bringing VALUES ('QRB', x'11111111111111111111111111111111', 0, 0, 1, zeroblob(16), 0, 0, 0, 0, 0, 0, 0, 0);"
			    "INSERT INTO watch VALUES ('QRB', zeroblob(16), 0, zeroblob(32), 0, 0, 0, 0, 0)");
			snprintf(sql, sizeof sql,
			    "UPDATE watch SET %s = %lld; UPDATE bringing SET began_ms = (SELECT since_ms FROM watch)",
			    columns[i], (long long)(clock_wall_ms() + ahead * 1000LL));
			watch_by_hand(w, sql);
			assert_int_equal(says_clock_back(w), ahead == 400);
			assert_false(watch_found(w, "own-watch-differs", 0));
			pump_while(w->loop, !table_differs(w));
			assert_true(table_differs(w));
		}
	}
}

/* A person has the log read anew; then the clock goes back, while the node works and while it does not. */
static void test_clock_back(void **state)
{
	const struct msg_log_note anew = {.user = "uid:7", .peer = PEER, .restart = 1};
	static const int64_t steps[] = {0, 200, 400, 86400};
	struct world *w = *state;

	assert_int_equal(world_ask(w, IPC_log_note, &anew)->result, 0);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		for (int restarts = 0; restarts < 2; restarts++) {
			world_move_clock(w, -steps[i] * 1000);
			if (restarts)
				watch_restart(w);
			assert_int_equal(says_clock_back(w), steps[i] >= 400);
			assert_int_equal(watch_peer(w)->differences, 0);
		}
	}
}

/* A log is the present one since something began it: a restart by a person, a notice of the peer, what was brought to it;
 * of that the last is known, and what is of no log took the place of another. */
static void test_own_watch_since(void **state)
{
	static const char *const ways[] = {"journal SET action = 'log-restart', at_ms",
	    "inbox SET received_ms", "bringing SET began_ms",
	    "bringing SET log_id = zeroblob(16), began_ms"};
	struct world *w = *state;
	char sql[512];

	receive(w, 1);
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		for (int known = 0; known < 2; known++) {
			snprintf(sql, sizeof sql,
			    "DELETE FROM watch; DELETE FROM log_difference;"
			    "INSERT OR REPLACE INTO bringing VALUES ('QRB', x'11111111111111111111111111111111', 0, 0, 1, zeroblob(16), 0, 0, 0, 0, 0, 0, 0, 0);"
			    "INSERT INTO watch VALUES ('QRB', zeroblob(16), 0, zeroblob(32), 0, 0, 0, 777, 0);"
			    "UPDATE inbox SET type = 'NodeNotice'; UPDATE journal SET peer = 'QRB'; UPDATE %s = %d;"
			    "UPDATE bringing SET began_ms = 999 WHERE log_id = zeroblob(16) AND began_ms = 777",
			    ways[i], 776 + known);
			watch_by_hand(w, sql);
			checked_again(w);
			assert_int_equal(watch_found(w, "own-watch-differs", 0), known == 0);
		}
		watch_by_hand(w, "UPDATE inbox SET received_ms = 1; UPDATE journal SET at_ms = 1");
	}
}

/* --- a row and its evidence --------------------------------------------------------------------- */

#define MESSAGE "01020304-0506-7008-8000-000000000000"
#define CASE "11020304-0506-4008-8000-000000000000"
#define DIGEST_OF_7 "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
#define HEADER \
	"<Header Id=\"header\"><MessageId>" MESSAGE \
	"</MessageId><Created>1970-01-01T00:00:01.000Z</Created><Expires>1970-01-01T00:00:02.000Z</Expires><Type>Withdrawal</Type><CaseId>" CASE \
	"</CaseId><Position>2</Position><Previous>" DIGEST_OF_7 "</Previous></Header>"

static struct rxp_buf evidence;

static void put_digest(struct rxp_buf *out, const char *octets)
{
	uint8_t digest[32];

	assert_int_equal(node_digest(digest, octets, strlen(octets)), 0);
	rxp_base64_put(out, digest, sizeof digest);
}

/* The row of HEADER, whose evidence has this header. */
static struct store_log_row row_with(const char *header, const char *signed_header)
{
	struct store_log_row r = {.message_id = {1, 2, 3, 4, 5, 6, 0x70, 8, 0x80},
	    .type = "Withdrawal",
	    .created_ms = 1000,
	    .expires_ms = 2000,
	    .place = {.in_case = true,
		.case_id = {0x11, 2, 3, 4, 5, 6, 0x40, 8, 0x80},
		.position = 2,
		.has_previous = true}};
	struct rec_evidence e = {.header = {(const uint8_t *)header, strlen(header)},
	    .properties = {(const uint8_t *)"<P/>", 4}};
	struct rxp_buf signed_info;

	memset(r.place.previous, 7, sizeof r.place.previous);
	rxp_buf_init(&signed_info, 1024);
	put_digest(&signed_info, signed_header);
	put_digest(&signed_info, "<P/>");
	e.signed_info = (struct bytes){signed_info.data, signed_info.len};
	assert_int_equal(node_digest(r.fingerprint, signed_info.data, signed_info.len), 0);
	rxp_buf_free(&evidence);
	rxp_buf_init(&evidence, 4096);
	assert_int_equal(record_encode(&evidence, &record_evidence, &e), 0);
	rxp_buf_free(&signed_info);
	r.evidence = (struct bytes){evidence.data, evidence.len};
	return r;
}

static void test_fits(void **state)
{
	struct store_log_row good = row_with(HEADER, HEADER), r = good;

	(void)state;
	assert_true(fit_row(&r));
	r.message_id[15] ^= 1;
	assert_false(fit_row(&r));
	r = good;
	r.fingerprint[0] ^= 1;
	assert_false(fit_row(&r));
	r = good;
	r.type[0] = 'w';
	assert_false(fit_row(&r));
	r = good;
	r.created_ms++;
	assert_false(fit_row(&r));
	r = good;
	r.expires_ms--;
	assert_false(fit_row(&r));
	r = good;
	r.place.case_id[0] ^= 1;
	assert_false(fit_row(&r));
	r = good;
	r.place.position = 1;
	assert_false(fit_row(&r));
	r = good;
	r.place.previous[31] ^= 1;
	assert_false(fit_row(&r));
	r = good;
	r.place.has_previous = false;
	assert_false(fit_row(&r));
	r = good;
	r.place.has_seen = true;
	assert_false(fit_row(&r));
	r = good;
	r.place.in_case = false;
	assert_false(fit_row(&r));
	r = good;
	r.evidence.len--;
	assert_false(fit_row(&r));
	r.evidence.len = 0;
	assert_true(fit_row(&r)); /* it proves nothing */
	r = row_with(HEADER, "<Header>another</Header>");
	assert_false(fit_row(&r));
	rxp_buf_free(&evidence);
}

/* The Receipt says each field, and no flag besides but the one that is ours. */
static void test_answer_fits(void **state)
{
	struct fake_answer f = {.checked = {.message_id = {1},
				    .fingerprint = {2},
				    .received_ms = 3000,
				    .log_id = {4},
				    .log_count = 5,
				    .log_head = {6},
				    .envelope_digest = {7}},
	    .flags = "late early"};
	struct store_log_row good = {.message_id = {1},
				 .fingerprint = {2},
				 .received_ms = 3000,
				 .sent = true,
				 .log_id = {4},
				 .log_count = 5,
				 .log_head = {6},
				 .envelope_digest = {7},
				 .flags = "late early time-disputed"},
			     r;

	(void)state;
	world_say(&f);
	good.answer = (struct bytes){(const uint8_t *)f.words, strlen(f.words)};
	assert_true(fit_answer(&good));
	r = good;
	r.message_id[0] ^= 1;
	assert_false(fit_answer(&r));
	r = good;
	r.fingerprint[31] ^= 1;
	assert_false(fit_answer(&r));
	r = good;
	r.received_ms++;
	assert_false(fit_answer(&r));
	r = good;
	r.flags = "late";
	assert_false(fit_answer(&r));
	r.flags = "late early unplanned";
	assert_false(fit_answer(&r));
	r = good;
	r.answer.len = 0;
	assert_false(fit_answer(&r));
	r = good;
	r.log_count = 0;
	assert_false(fit_answer(&r));
	r.sent = false; /* of an answer of ours the log itself is held against its heads */
	assert_true(fit_answer(&r));
	r.envelope_digest[0] ^= 1;
	assert_false(fit_answer(&r));
	r.sent = true; /* of one that came the Envelope may be another since (RXP-ENV-015) */
	r.log_count = 5;
	assert_true(fit_answer(&r));
	r = good;
	r.log_head[0] ^= 1;
	assert_false(fit_answer(&r));
	r = good;
	r.log_id[0] ^= 1;
	assert_false(fit_answer(&r));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_given),
	    TEST(test_page_kept),
	    TEST(test_not_too_many),
	    TEST(test_own_sound),
	    TEST(test_own_changed),
	    TEST(test_own_watch),
	    TEST(test_clock_back),
	    TEST(test_own_watch_since),
	    cmocka_unit_test(test_fits),
	    cmocka_unit_test(test_answer_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
