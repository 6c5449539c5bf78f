#include "daemon/test/unit/registry_retention_rig.h"

#include <sqlite3.h>

#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"

void retention_say(struct world *w, enum rxp_word after, uint32_t months)
{
	const struct rxp_profile *fixed =
	    &shelf_profile_at(terms_shelf(w->assembly->terms), 0)->laid;
	struct rxp_profile *p;

	memcpy(&p, &fixed, sizeof(void *));
	p->retention.rows[p->retention.n].after = after;
	p->retention.rows[p->retention.n].source = RXP_SOURCE_INVENTED;
	p->retention.rows[p->retention.n++].months = months;
}

void retention_restart(struct world *w)
{
	world_restart(w);
	retention_say(w, RXP_RETENTION_REFUSED, 1);
	retention_say(w, RXP_RETENTION_WITHDRAWN, 2);
}

int64_t retention_on_disk(struct world *w, const char *query)
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
	retention_say(w, RXP_RETENTION_REFUSED, 1);
	retention_say(w, RXP_RETENTION_WITHDRAWN, 2);
	return n;
}

bool retention_in_files(const char *octets)
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

struct plan retention_plan_of(struct world *w, const uint8_t case_id[16])
{
	struct db *db = store_db(w->assembly->node.store);
	struct store_case row;
	struct plan p;

	assert_int_equal(store_case_get(db, &row, PEER, case_id), 0);
	assert_int_equal(
	    plan_make(&p, &w->assembly->node, w->assembly->terms, db, &row, clock_wall_ms()), 0);
	return p;
}

unsigned retention_count(struct world *w, const uint8_t case_id[16], enum plan_content content)
{
	struct plan p = retention_plan_of(w, case_id);
	unsigned n = 0;

	for (size_t i = 0; i < p.n; i++)
		n += p.documents[i].content == content;
	plan_clear(&p);
	return n;
}

void retention_pass(struct world *w, int64_t ms)
{
	world_move_clock(w, ms);
	pump_for(w->loop, 3 * REGISTRY_TEST_TICK_MS);
}

struct fake_envelope retention_their_application(unsigned n)
{
	struct fake_envelope e =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, n, NULL));

	memcpy(e.facts + MARK_AT, MARK, sizeof MARK);
	return e;
}

struct fake_envelope retention_withdraw(struct world *w, uint8_t id, uint64_t position,
    const struct fake_envelope *before, unsigned person)
{
	struct fake_envelope e = case_document(
	    id, their_case, WITHDRAWAL, position, case_facts("withdraw", person, person, NULL));

	case_previous(&e, before);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	return e;
}

int64_t retention_due_of_case(struct world *w, const uint8_t case_id[16])
{
	struct plan p = retention_plan_of(w, case_id);
	int64_t due_ms = p.n > 0 ? p.documents[0].due_ms : RXP_DUE_NEVER;

	plan_clear(&p);
	return due_ms;
}

const struct world_answer *retention_correct(
    struct world *w, const uint8_t id[16], const char *what)
{
	struct msg_content_correct m = {.user = "uid:9"};

	snprintf(m.what, sizeof m.what, "%s", what);
	memcpy(m.local_id, id, sizeof m.local_id);
	return world_ask(w, IPC_content_correct, &m);
}
