#include "daemon/test/unit/registry_watch_rig.h"

#include <sqlite3.h>

#include "daemon/base/entries.h"
#include "daemon/registry/store/store_watch.h"

int64_t watch_moved;

struct peer *watch_peer(struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

void watch_later(struct world *w, int64_t ms)
{
	watch_moved += ms;
	world_move_clock(w, watch_moved);
}

void watch_restart(struct world *w)
{
	void (*other)(struct world *, struct link *, const struct link_message *) = w->other;

	world_restart(w);
	w->other = other;
	watch_peer(w)->read_since_start = true;
}

void watch_write(const char *sql)
{
	sqlite3 *db;
	char *why = NULL;

	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
}

void watch_by_hand(struct world *w, const char *sql)
{
	void (*other)(struct world *, struct link *, const struct link_message *) = w->other;

	world_stop(w);
	watch_write(sql);
	assert_int_equal(world_start(w), 0);
	w->other = other;
	watch_peer(w)->read_since_start = true;
}

struct rec_difference_row watch_shown;

bool watch_found(struct world *w, const char *what, uint64_t n)
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
		if (strcmp(r.what, what) != 0 || r.n != n)
			continue;
		watch_shown = r;
		found = true;
	}
	rxp_buf_free(&rows);
	return found;
}

void watch_assert_found(struct world *w, const char *what, uint64_t n)
{
	if (!watch_found(w, what, n))
		fail_msg("%s was not found at entry %u", what, (unsigned)n);
}

/* --- the log of the peer ---------------------------------------------------------------------------- */

struct watch_log watch_log;

void watch_log_empty(void)
{
	memset(&watch_log, 0, sizeof watch_log);
	watch_log.page_max = 2;
	memset(watch_log.log_id, 0x44, sizeof watch_log.log_id);
	watch_moved = 0;
}

struct store_watch watch_stored(struct world *w)
{
	struct store_watch row = {.pass = 0};
	int rc = store_watch_get(store_db(w->assembly->node.store), &row, PEER);

	assert_true(rc == 0 || rc == RXP_ERR_NOT_FOUND);
	return row;
}

void watch_log_head(uint8_t head[32], uint64_t n)
{
	assert_int_equal(rxp_logchain_start(head, PEER, OWN, watch_log.log_id), 0);
	for (uint64_t i = 1; i <= n; i++)
		assert_int_equal(rxp_logchain_extend(head, i, &watch_log.entries[i - 1]), 0);
}

void watch_log_check(struct link *l, const struct link_message *m)
{
	const struct msg_check_log_page *q = m->body;
	struct msg_log_page_checked a = {.result = (uint32_t)watch_log.check_result,
	    .created_ms = watch_log.made_ms != 0 ? watch_log.made_ms : clock_wall_ms()};
	uint64_t after = 0;
	struct rxp_buf rows;

	assert_int_equal(q->octets.len, sizeof after);
	memcpy(&after, q->octets.data, sizeof after);
	if (after > watch_log.n)
		after = watch_log.n;
	a.after = after + watch_log.skew;
	a.count = watch_log.n;
	memcpy(a.log_id, watch_log.log_id, sizeof a.log_id);
	watch_log_head(a.head, watch_log.n);
	watch_log_head(a.after_head, after);
	rxp_buf_init(&rows, 65536);
	for (uint64_t i = after; i < watch_log.n && i < after + watch_log.page_max; i++)
		entries_put(&rows, &watch_log.entries[i]);
	a.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(l, IPC_log_page_checked, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

void watch_log_comes(struct world *w)
{
	const struct msg_log_fetched m = {
	    .http_status = 200, .octets = {(const uint8_t *)&w->log_after, sizeof w->log_after}};

	assert_int_equal(link_answer(w->gateway, IPC_log_fetched, w->log_fetch, &m, NULL, 0), 0);
}

void watch_log_answers(struct world *w, bool refused)
{
	struct rxp_log_entry *e = &watch_log.entries[watch_log.n];
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
		f.checked.log_count = watch_log.n;
		memcpy(f.checked.log_id, watch_log.log_id, sizeof f.checked.log_id);
		watch_log_head(f.checked.log_head, watch_log.n);
	}
	watch_log.n++;
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, refused ? "refused" : "delivered", &row);
}

void watch_log_begin(struct world *w)
{
	watch_log_answers(w, false);
	watch_log_answers(w, false);
	watch_log_answers(w, true);
	watch_log_answers(w, false);
}
