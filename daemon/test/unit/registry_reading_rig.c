#include "daemon/test/unit/registry_reading_rig.h"

#define DAY INT64_C(86400000)

static void other(struct world *w, struct link *l, const struct link_message *m)
{
	if (m->type == IPC_check_log_page)
		watch_log_check(l, m);
	else
		recovery_hear(w, l, m);
}

void reading_ask(struct world *w)
{
	unsigned before = w->log_fetches;

	watch_later(w, DAY);
	world_until(w, &w->log_fetches, before + 1);
}

void reading_whole(struct world *w)
{
	int64_t before = watch_peer(w)->compared_ms;

	reading_ask(w);
	watch_log_comes(w);
	pump_while(w->loop, watch_peer(w)->compared_ms == before);
	assert_true(watch_peer(w)->compared_ms != before);
}

void reading_settle(struct world *w)
{
	for (unsigned i = 0; i < 20; i++)
		pump_for(w->loop, 5);
}

uint64_t reading_open(struct world *w)
{
	uint64_t open = 0;

	assert_int_equal(store_difference_open(db_of(w), &open, PEER), 0);
	return open;
}

struct rec_node_restored reading_end_of_log(uint64_t n)
{
	struct rec_node_restored r = {.count = n};

	memcpy(r.log_id, watch_log.log_id, sizeof r.log_id);
	watch_log_head(r.head, n);
	return r;
}

void reading_begin_another(void)
{
	watch_log.log_id[0]++;
	watch_log.n = 0;
}

void reading_says(struct world *w, uint8_t id, struct rec_node_restored r)
{
	const struct fake_envelope e = recovery_restored(id, &r);

	assert_int_equal(world_admit(w, &e)->http_status, HTTP_OK);
	assert_int_equal(
	    watch_peer(w)->differences, reading_open(w)); /* what stands is counted anew */
}

int reading_set_up(void **state)
{
	int rc = world_set_up(state);
	struct world *w = *state;

	memset(&told, 0, sizeof told);
	watch_log_empty();
	watch_log.page_max = WATCH_ENTRIES_MAX;
	w->other = other;
	w->proves_nothing = true;
	w->log_is_read = true; /* what a start finds is registry_recovery_test's */
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	watch_log_begin(w);
	reading_whole(w);
	assert_int_equal(reading_open(w), 0);
	return rc;
}
