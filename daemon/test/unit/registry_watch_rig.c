#include "daemon/test/unit/registry_watch_rig.h"

#include <sqlite3.h>

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

void watch_by_hand(struct world *w, const char *sql)
{
	void (*other)(struct world *, struct link *, const struct link_message *) = w->other;
	sqlite3 *db;
	char *why = NULL;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s", why);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	w->other = other;
	watch_peer(w)->read_since_start = true;
}

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
		found = found || (strcmp(r.what, what) == 0 && r.n == n);
	}
	rxp_buf_free(&rows);
	return found;
}

void watch_assert_found(struct world *w, const char *what, uint64_t n)
{
	if (!watch_found(w, what, n))
		fail_msg("%s was not found at entry %u", what, (unsigned)n);
}
