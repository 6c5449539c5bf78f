/*
 * Goals of retention, with everything around the registry played (RXP-RET-001 to 011):
 * - nothing goes a millisecond before it is due, and all of it goes then: content keys, envelopes, drafts, digests
 *   of what the desk sent, attachments and their keys; no octet of an envelope stays in the files;
 * - what proves a document stays, and the case is folded from it as before;
 * - a document stays until its last person may go; one on its way stays; a profile that says nothing erases
 *   nothing;
 * - what is erased is journalled, counted back to the peer's share, and stays erased over a start.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>
#include <time.h>

#include "daemon/registry/retention/plan.h"
#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"

#define MARK "octets-of-an-envelope-and-of-nothing-else"
#define MARK_AT 400 /* behind the facts, in the envelope alone */
#define MONTH (31 * DAY)

/* The profile of the specification says nothing of retention; here it does: a test puts the words in its place. */
static void say(struct world *w, enum rxp_word after, uint32_t months)
{
	const struct rxp_profile *fixed =
	    &shelf_profile_at(terms_shelf(w->assembly->terms), 0)->laid;
	struct rxp_profile *p;

	memcpy(&p, &fixed, sizeof(void *));
	p->retention.rows[p->retention.n].after = after;
	p->retention.rows[p->retention.n].source = RXP_SOURCE_INVENTED;
	p->retention.rows[p->retention.n++].months = months;
}

static void restart(struct world *w)
{
	world_restart(w);
	say(w, RXP_RETENTION_REFUSED, 1);
	say(w, RXP_RETENTION_WITHDRAWN, 2);
}

static int64_t on_disk(struct world *w, const char *query)
{
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;
	int64_t n;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, query, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	say(w, RXP_RETENTION_REFUSED, 1);
	say(w, RXP_RETENTION_WITHDRAWN, 2);
	return n;
}

/* Do the files of the running registry hold the octets? */
static bool in_files(const char *octets)
{
	static const char *const files[] = {"readmit.db", "readmit.db-wal"};
	bool found = false;

	for (size_t i = 0; i < 2; i++) {
		FILE *f = fopen(files[i], "rb");
		char *all = malloc(1 << 22);
		size_t n;

		assert_non_null(all);
		if (f == NULL) {
			free(all);
			continue;
		}
		n = fread(all, 1, 1 << 22, f);
		fclose(f);
		assert_true(n < 1 << 22);
		found = found || memmem(all, n, octets, strlen(octets)) != NULL;
		free(all);
	}
	return found;
}

static struct plan plan_of(struct world *w, const uint8_t case_id[16])
{
	struct db *db = store_db(w->assembly->node.store);
	struct store_case row;
	struct plan p;

	assert_int_equal(store_case_get(db, &row, PEER, case_id), 0);
	assert_int_equal(
	    plan_make(&p, &w->assembly->node, w->assembly->terms, db, &row, clock_wall_ms()), 0);
	return p;
}

static unsigned count(struct world *w, const uint8_t case_id[16], enum plan_content content)
{
	struct plan p = plan_of(w, case_id);
	unsigned n = 0;

	for (size_t i = 0; i < p.n; i++)
		n += p.documents[i].content == content;
	plan_clear(&p);
	return n;
}

/* Run the ticks that a moved clock brings. */
static void pass(struct world *w, int64_t ms)
{
	world_move_clock(w, ms);
	pump_for(w->loop, 3 * REGISTRY_TEST_TICK_MS);
}

/* The peer opens a case of n persons and withdraws them one by one. */
static struct fake_envelope their_application(unsigned n)
{
	struct fake_envelope e =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, n, NULL));

	memcpy(e.facts + MARK_AT, MARK, sizeof MARK);
	return e;
}

static struct fake_envelope withdraw(struct world *w, uint8_t id, uint64_t position,
    const struct fake_envelope *before, unsigned person)
{
	struct fake_envelope e = case_document(
	    id, their_case, WITHDRAWAL, position, case_facts("withdraw", person, person, NULL));

	case_previous(&e, before);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	return e;
}

static int64_t due_of_case(struct world *w, const uint8_t case_id[16])
{
	struct plan p = plan_of(w, case_id);
	int64_t due_ms = p.n > 0 ? p.documents[0].due_ms : RXP_DUE_NEVER;

	plan_clear(&p);
	return due_ms;
}

static void test_received(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = their_application(1);
	struct shown before, after;
	int64_t octets, until_ms;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM case_ WHERE look_ms IS NULL"), 1);
	withdraw(w, 2, 2, &application, 1);
	case_show(w, their_case, &before);
	assert_string_equal(before.row.state, "ended");
	assert_true(in_files(MARK));
	octets = on_disk(w, "SELECT octets FROM peer");
	until_ms = due_of_case(w, their_case) - clock_wall_ms();
	assert_true(until_ms > 58 * DAY && until_ms < 64 * DAY);
	pass(w, until_ms - 10000);
	assert_int_equal(count(w, their_case, PLAN_BLOCKED), 1);
	assert_int_equal(count(w, their_case, PLAN_HELD), 1); /* the withdrawal */
	assert_true(in_files(MARK));
	pass(w, until_ms);
	assert_int_equal(count(w, their_case, PLAN_ERASED), 2);
	assert_false(in_files(MARK));
	case_show(w, their_case, &after);
	assert_string_equal(after.row.state, "erased");
	assert_string_equal(after.persons[1], "withdrawn");
	assert_int_equal(after.n, before.n);
	for (size_t i = 0; i < before.n; i++) {
		assert_memory_equal(after.timeline[i].fingerprint, before.timeline[i].fingerprint,
		    sizeof after.timeline[i].fingerprint);
		assert_string_equal(after.timeline[i].effect, before.timeline[i].effect);
		assert_int_equal(after.timeline[i].received_ms, before.timeline[i].received_ms);
	}
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM inbox WHERE envelope IS NULL AND "
				    "wrapped_key IS NULL AND evidence IS NOT NULL AND facts IS NOT "
				    "NULL AND state = 'handed-over'"),
	    2);
	assert_true(on_disk(w, "SELECT octets FROM peer") < octets - (int64_t)sizeof application);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'content-erase' "
				    "AND user = 'node' AND role = 'node' AND reason = 'retention' "
				    "AND case_id = (SELECT case_id FROM case_)"),
	    2);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM answer WHERE LENGTH(octets) > 0"), 2);
	/* The peer repeats itself: the stored receipt, and nothing comes back. */
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	assert_false(in_files(MARK));
	assert_int_equal(count(w, their_case, PLAN_ERASED), 2);
}

/* Whoever withdrew is not shown while the application is kept for the other; alone, they block all of it. */
static void test_blocked(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = their_application(2), first;
	struct msg_content_get m = {.user = "uid:7", .reason = "review"};
	struct plan p;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	p = plan_of(w, their_case);
	memcpy(m.local_id, p.documents[0].local_id, sizeof m.local_id);
	plan_clear(&p);
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	assert_int_equal(w->last_ticket.hidden, 0);
	first = withdraw(w, 2, 2, &application, 2);
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	assert_int_equal(w->last_ticket.hidden, 2);
	m.disputes = 1;
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	assert_int_equal(w->last_ticket.hidden, 0);
	withdraw(w, 3, 3, &first, 1);
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	m.disputes = 0;
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_STATE);
	assert_int_equal(w->tickets, 4);
	pass(w, 4 * MONTH);
	m.disputes = 1;
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'content-read'"), 2);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'blocked-read' "
				    "AND role = 'dispute'"),
	    2);
}

/* --- the sheet ------------------------------------------------------------------------------------ */

static size_t sheet(struct world *w, unsigned person, struct rec_sheet_row rows[8])
{
	struct msg_case_sheet m = {.user = "uid:7", .reason = "person-request", .person = person};
	const struct world_answer *a;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;
	size_t n = 0;

	memcpy(m.case_id, their_case, sizeof m.case_id);
	a = world_ask(w, IPC_case_sheet, &m);
	if (a->result != 0)
		return 0;
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1)
		assert_int_equal(
		    record_decode(&rows[n++], &record_sheet_row, fields.data, fields.len), 0);
	return n;
}

/* RXP-INF-001: what speaks of the person and nothing else, and never unseen. */
static void test_sheet(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = their_application(2);
	struct msg_case_sheet m = {.user = "uid:7", .person = 1};
	struct rec_sheet_row rows[8] = {{.position = 0}};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	withdraw(w, 2, 2, &application, 2);
	assert_int_equal(sheet(w, 1, rows), 1);
	assert_string_equal(rows[0].type, APPLICATION);
	assert_string_equal(rows[0].from, PEER);
	assert_string_equal(rows[0].to, OWN);
	assert_string_equal(rows[0].office, "READMISSION");
	assert_true(rows[0].at_ms > 0);
	assert_int_equal(sheet(w, 2, rows), 2);
	assert_string_equal(rows[1].office, "READMISSION");
	assert_int_equal(sheet(w, 3, rows), 0);
	assert_int_equal(sheet(w, 25, rows), 0);
	memcpy(m.case_id, their_case, sizeof m.case_id);
	assert_int_equal((int)world_ask(w, IPC_case_sheet, &m)->result, RXP_ERR_SYNTAX);
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'sheet-print' AND "
		       "reason = 'person-request' AND role = 'receive' AND number > 0"),
	    2);
}

/* --- statistics ----------------------------------------------------------------------------------- */

/* RXP-STA-007: case by case, of the quarter in which it was received. */
static void test_statistics(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = their_application(2);
	struct msg_statistics_count m = {.period = "2026-Q9"};
	const struct world_answer *a;
	struct rec_statistic_row row;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;
	uint64_t persons = 0;
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct tm utc;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	assert_int_equal((int)world_ask(w, IPC_statistics_count, &m)->result, RXP_ERR_SYNTAX);
	assert_non_null(gmtime_r(&now, &utc));
	snprintf(m.period, sizeof m.period, "%04d-Q%d", utc.tm_year + 1900, utc.tm_mon / 3 + 1);
	a = world_ask(w, IPC_statistics_count, &m);
	assert_int_equal(a->result, 0);
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_statistic_row, fields.data, fields.len), 0);
		assert_string_equal(row.role, "requested");
		assert_memory_equal(row.case_id, their_case, sizeof row.case_id);
		persons += strcmp(row.counter, "persons") == 0 ? row.count : 0;
	}
	assert_int_equal(persons, 2);
	snprintf(m.period, sizeof m.period, "%04d-Q%d", utc.tm_year + 1899, utc.tm_mon / 3 + 1);
	assert_int_equal(world_ask(w, IPC_statistics_count, &m)->len, 0);
}

/* --- corrections ---------------------------------------------------------------------------------- */

static const struct world_answer *correct(struct world *w, const uint8_t id[16], const char *what)
{
	struct msg_content_correct m = {.user = "uid:9"};

	snprintf(m.what, sizeof m.what, "%s", what);
	memcpy(m.local_id, id, sizeof m.local_id);
	return world_ask(w, IPC_content_correct, &m);
}

static int hold(struct world *w, const uint8_t case_id[16], bool lift)
{
	struct msg_case_legal_hold m = {.user = "uid:9", .lift = lift};

	memcpy(m.case_id, case_id, sizeof m.case_id);
	return (int)world_ask(w, IPC_case_legal_hold, &m)->result;
}

static void first_document(struct world *w, uint8_t id[16])
{
	struct plan p = plan_of(w, their_case);

	memcpy(id, p.documents[0].local_id, 16);
	plan_clear(&p);
}

static void test_correction(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = their_application(1);
	struct msg_content_get read = {.user = "uid:7", .reason = "case-work"};
	uint8_t id[16], unknown[16] = {0};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	first_document(w, id);
	memcpy(read.local_id, id, sizeof read.local_id);
	assert_int_equal((int)correct(w, unknown, "erase")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)correct(w, id, "forget")->result, RXP_ERR_SYNTAX);
	assert_int_equal((int)correct(w, id, "unblock")->result, RXP_ERR_STATE);
	assert_int_equal(correct(w, id, "block")->result, 0);
	assert_int_equal((int)correct(w, id, "block")->result, RXP_ERR_STATE);
	assert_int_equal((int)world_ask(w, IPC_content_get, &read)->result, RXP_ERR_STATE);
	assert_int_equal(correct(w, id, "unblock")->result, 0);
	assert_int_equal(world_ask(w, IPC_content_get, &read)->result, 0);
	assert_true(in_files(MARK));
	assert_int_equal(correct(w, id, "erase")->result, 0);
	assert_false(in_files(MARK));
	assert_int_equal(count(w, their_case, PLAN_ERASED), 1);
	assert_int_equal((int)correct(w, id, "erase")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)correct(w, id, "block")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)world_ask(w, IPC_content_get, &read)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'content-erase' "
		       "AND user = 'uid:9' AND role = 'dispute' AND reason = 'correction'"),
	    1);
}

/* Under a legal hold nothing is erased: neither what is due nor what a correction asks for. */
static void test_legal_hold(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = their_application(1);
	const struct world_answer *a;
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	withdraw(w, 2, 2, &application, 1);
	first_document(w, id);
	assert_int_equal(hold(w, their_case, true), RXP_ERR_STATE);
	assert_int_equal(hold(w, their_case, false), 0);
	assert_int_equal(hold(w, their_case, false), RXP_ERR_STATE);
	a = correct(w, id, "erase");
	assert_int_equal(a->result, 0);
	assert_string_equal(a->words, "the case is under a legal hold");
	pass(w, 4 * MONTH);
	restart(w);
	assert_int_equal(count(w, their_case, PLAN_BLOCKED), 2);
	assert_true(in_files(MARK));
	assert_int_equal(hold(w, their_case, true), 0);
	pass(w, 4 * MONTH + 1);
	assert_int_equal(count(w, their_case, PLAN_ERASED), 2);
	assert_false(in_files(MARK));
}

static void test_last_person_decides(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = their_application(2), first;
	struct plan p;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	first = withdraw(w, 2, 2, &application, 2);
	pass(w, 4 * MONTH);
	p = plan_of(w, their_case);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.documents[0].content, PLAN_HELD); /* of both */
	assert_int_equal(p.documents[0].persons, 3);
	assert_int_equal(p.documents[0].hidden, 2);
	assert_true(p.documents[0].due_ms == RXP_DUE_NEVER);
	assert_int_equal(p.documents[1].content, PLAN_ERASED); /* of P2 alone */
	plan_clear(&p);
	assert_true(in_files(MARK));
	withdraw(w, 3, 3, &first, 1);
	pass(w, 8 * MONTH);
	assert_int_equal(count(w, their_case, PLAN_ERASED), 3);
	assert_false(in_files(MARK));
}

static void test_sent(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], waits[16];
	struct msg_content_get read = {.user = "uid:7", .reason = "review"};
	struct msg_case_hold hold = {.user = "uid:7", .persons = 1, .reason = "health"};
	struct facts withdraw_one = case_facts("withdraw", 1, 1, NULL);
	struct rec_message_row row;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	case_receipt(w, 1, id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, withdraw_one, waits);
	case_delivered(w, 2);
	pass(w, 4 * MONTH);
	assert_int_equal(count(w, case_id, PLAN_ON_ITS_WAY), 1);
	assert_int_equal(count(w, case_id, PLAN_HELD), 1);
	memcpy(hold.case_id, case_id, sizeof hold.case_id);
	assert_int_equal(world_ask(w, IPC_case_hold, &hold)->result, 0);
	case_receipt(w, 2, NULL);
	world_until_state(w, waits, "delivered-late", &row);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM hold WHERE reason = 'health'"), 1);
	pass(w, 8 * MONTH);
	assert_int_equal(count(w, case_id, PLAN_ERASED), 2);
	/* RXP-JRN-004: that somebody was held stays, and why does not. */
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM hold"), 0);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'case-hold'"), 1);
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM journal WHERE reason LIKE '%health%'"), 0);
	assert_int_equal((int)world_ask(w, IPC_case_hold, &hold)->result, RXP_ERR_STATE);
	memcpy(read.local_id, id, sizeof read.local_id);
	assert_int_not_equal(world_ask(w, IPC_content_get, &read)->result, 0);
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM outbox WHERE COALESCE(wrapped_key, "
		       "envelope, draft, idem_key, body_digest) IS NULL AND evidence "
		       "IS NOT NULL AND answer IS NOT NULL AND state LIKE 'delivered%'"),
	    2);
}

/* RXP-RET-009, RXP-RET-010: a receipt with a false time erases nothing that the true one would keep, and keeps
 * nothing that it would erase. */
static void false_time(struct world *w, int64_t received_ms)
{
	const struct world_delivery *d;
	struct rec_message_row row;
	uint8_t case_id[16], id[16];
	struct fake_answer f;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	case_receipt(w, 1, id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), id);
	d = case_delivered(w, 2);
	f = world_receipt(d);
	f.checked.received_ms = received_ms;
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "delivered", &row);
	pump_for(w->loop, 3 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(count(w, case_id, PLAN_ERASED), 0);
	pass(w, 4 * MONTH);
	assert_int_equal(count(w, case_id, PLAN_ERASED), 2);
}

static void test_before_it_was_made(void **state)
{
	false_time(*state, 1000);
}

static void test_long_after_it_came(void **state)
{
	false_time(*state, clock_wall_ms() + 1000 * MONTH);
}

#define KEYED "SELECT COUNT(*) FROM outbox WHERE COALESCE(idem_key, body_digest) IS NOT NULL"

/* RXP-RET-011: also of what was given up, and of what is on its way. */
static void test_keys(void **state)
{
	struct world *w = *state;
	struct facts withdraw_one = case_facts("withdraw", 1, 1, NULL);
	struct msg_message_discard discard = {.user = "uid:7"};
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	case_receipt(w, 1, id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, withdraw_one, id);
	case_delivered(w, 2);
	case_accepted(
	    w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), discard.local_id);
	assert_int_equal(world_ask(w, IPC_message_discard, &discard)->result, 0);
	pass(w, 90 * DAY - 60000);
	assert_int_equal(on_disk(w, KEYED), 3);
	pass(w, 90 * DAY + 60000);
	assert_int_equal(on_disk(w, KEYED), 0);
}

/* RXP-RET-011: the repeated request of a client that did not hear of it. */
static void test_key_of_erased(void **state)
{
	struct world *w = *state;
	struct facts apply = case_facts("apply", 1, 1, NULL);
	struct facts withdraw_one = case_facts("withdraw", 1, 1, NULL);
	char text[RXP_ID_TEXT], words[RECORD_NAME_MAX];
	const struct world_answer *a;
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, apply, id);
	case_receipt(w, 1, id);
	assert_int_equal(case_submit(w, "key-1", NULL, APPLICATION, &apply)->more, 1);
	assert_int_equal(correct(w, id, "erase")->result, 0);
	rxp_id_text(text, id);
	snprintf(words, sizeof words, "done as %s, which is erased", text);
	a = case_submit(w, "key-1", NULL, APPLICATION, &apply);
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, words);
	a = case_submit(w, "key-1", case_id, WITHDRAWAL, &withdraw_one);
	assert_int_equal((int)a->result, RXP_ERR_MISMATCH);
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM outbox WHERE body_digest IS NOT NULL"), 0);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM outbox"), 1);
}

/* The negative twin: the same case and time, and a profile without the word. */
static void test_without_a_word(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = their_application(1);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	world_restart(w);
	say(w, RXP_RETENTION_REFUSED, 1);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	withdraw(w, 2, 2, &application, 1);
	pass(w, 100 * MONTH);
	assert_int_equal(count(w, their_case, PLAN_ERASED), 0);
	assert_true(in_files(MARK));
	say(w, RXP_RETENTION_WITHDRAWN, 2); /* it comes: at the next look, within a day */
	pass(w, 100 * MONTH + DAY + 1);
	assert_int_equal(count(w, their_case, PLAN_ERASED), 2);
}

static void test_refused_for_good(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	uint8_t case_id[16], id[16];
	struct fake_answer f;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	d = case_delivered(w, 1);
	f = world_refusal(d, RXP_REFUSAL_SCHEMA, true);
	world_deliver(w, d, 422, &f);
	world_until_state(w, id, "refused", &row);
	pass(w, MONTH);
	assert_int_equal(count(w, case_id, PLAN_HELD), 1);
	pass(w, 4 * MONTH);
	assert_int_equal(count(w, case_id, PLAN_ERASED), 1);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_received),
	    WORLD_TEST(test_blocked),
	    WORLD_TEST(test_sheet),
	    WORLD_TEST(test_statistics),
	    WORLD_TEST(test_correction),
	    WORLD_TEST(test_legal_hold),
	    WORLD_TEST(test_last_person_decides),
	    WORLD_TEST(test_sent),
	    WORLD_TEST(test_before_it_was_made),
	    WORLD_TEST(test_long_after_it_came),
	    WORLD_TEST(test_keys),
	    WORLD_TEST(test_key_of_erased),
	    WORLD_TEST(test_without_a_word),
	    WORLD_TEST(test_refused_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
