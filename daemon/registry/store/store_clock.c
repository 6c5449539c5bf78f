#include "daemon/registry/store/store_clock.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

/* As the column `said` has them. */
static const char *const said_words[] = {
    [STORE_CLOCK_NOTHING] = "",
    [STORE_CLOCK_WARNED] = "warned",
    [STORE_CLOCK_TOLD] = "told",
};
#define SAID_COUNT (sizeof said_words / sizeof said_words[0])

/* --- of one case -------------------------------------------------------------------------------- */

static int64_t instant(struct db *db, enum sql q, int column)
{
	int64_t ms = db_number(db, q, column);

	return ms != 0 ? ms : RXP_DUE_NEVER;
}

static struct db_value of_instant(int64_t ms)
{
	return ms != RXP_DUE_NEVER ? DB_N(ms) : DB_NONE;
}

static bool read_words(struct db *db, enum sql q, struct store_clock *c)
{
	size_t said = 0;

	while (said < SAID_COUNT && strcmp(said_words[said], db_words(db, q, 11)) != 0)
		said++;
	c->said = (enum store_clock_said)said;
	return said < SAID_COUNT && rxp_clock_parse(&c->clock, db_words(db, q, 1)) == 0 &&
	       rxp_clock_status_parse(&c->status, db_words(db, q, 2)) == 0 &&
	       db_name(db, q, 10, c->local, sizeof c->local);
}

/* The columns of CLOCK_ROW in sql_case.def. */
static int read_clock(struct db *db, enum sql q, struct store_clock *out)
{
	struct store_clock c = {.person = (uint32_t)db_number(db, q, 0),
	    .own = db_number(db, q, 3) != 0,
	    .open = db_number(db, q, 4) != 0,
	    .first = db_number(db, q, 12) != 0,
	    .provisional = db_number(db, q, 5) != 0,
	    .start_ms = instant(db, q, 6),
	    .due_ms = instant(db, q, 7),
	    .warn_ms = instant(db, q, 8),
	    .off_ms = db_number(db, q, 9)};

	if (!read_words(db, q, &c))
		return RXP_ERR_DAMAGED;
	*out = c;
	return 0;
}

struct each_clock {
	store_clock_fn *fn;
	void *arg;
};

static int one_clock(void *arg, struct db *db, enum sql q)
{
	const struct each_clock *of = arg;
	struct store_clock c;
	int rc = read_clock(db, q, &c);

	return rc != 0 ? rc : of->fn(of->arg, &c);
}

int store_clock_each(
    struct db *db, const char *peer, const uint8_t case_id[16], store_clock_fn *fn, void *arg)
{
	const enum sql q = SQL_CLOCK_ALL;
	struct each_clock of = {fn, arg};

	return db_each(
	    db, q, db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, 16))), one_clock, &of);
}

int store_clock_clear(struct db *db, const char *peer, const uint8_t case_id[16])
{
	return db_run(db, SQL_CLOCK_CLEAR, DB_VALUES(DB_T(peer), DB_O(case_id, 16)));
}

int store_clock_put(
    struct db *db, const char *peer, const uint8_t case_id[16], const struct store_clock *c)
{
	return db_run(db, SQL_CLOCK_PUT,
	    DB_VALUES(DB_T(peer), DB_O(case_id, 16), DB_N(c->person),
		DB_T(rxp_clock_row(c->clock)->word), DB_T(rxp_clock_status_word(c->status)),
		DB_N(c->own), DB_N(c->open), DB_N(c->provisional), of_instant(c->start_ms),
		of_instant(c->due_ms), of_instant(c->warn_ms), DB_N(c->off_ms), DB_T(c->local),
		DB_T(said_words[c->said]), DB_N(c->first)));
}

int store_clock_first(
    struct db *db, struct store_clock *out, const char *peer, const uint8_t case_id[16])
{
	const enum sql q = SQL_CLOCK_FIRST;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = read_clock(db, q, out);
	db_end(db, q);
	return rc;
}

/* --- of all cases ------------------------------------------------------------------------------- */

/* Peer, case id and instant in the first columns of each row. */
static int read_cases(struct db *db, enum sql q, struct store_clock_case *out, int first)
{
	int rc = first, n = 0;

	while (rc == 1) {
		if (!db_name(db, q, 0, out[n].peer, sizeof out[n].peer) ||
		    !db_fill(db, q, 1, out[n].case_id, sizeof out[n].case_id)) {
			db_end(db, q);
			return RXP_ERR_DAMAGED;
		}
		out[n++].at_ms = db_number(db, q, 2);
		rc = db_next(db, q);
	}
	return rc != 0 ? rc : n;
}

int store_clock_due(
    struct db *db, struct store_clock_case *out, size_t max, const struct store_clock_asked *asked)
{
	const bool any = asked->peer[0] == '\0';
	const enum sql q = any ? SQL_CLOCK_DUE : SQL_CLOCK_DUE_PEER;
	const struct due_place *after = &asked->after;
	const struct db_value values[] = {DB_N(asked->until_ms), DB_N(after->due_ms),
	    DB_O(after->case_id, sizeof after->case_id), DB_T(after->peer), DB_N(max),
	    DB_N(asked->unseen), DB_T(asked->peer)};

	return read_cases(db, q, out, db_first(db, q, values, any ? 6 : 7));
}

static int read_count(struct db *db, enum sql q, struct store_clock_count *out)
{
	struct store_clock_count c = {.running = (uint64_t)db_number(db, q, 2),
	    .due = (uint64_t)db_number(db, q, 3),
	    .overdue = (uint64_t)db_number(db, q, 4)};

	if (!db_name(db, q, 0, c.peer, sizeof c.peer) ||
	    rxp_clock_parse(&c.clock, db_words(db, q, 1)) != 0)
		return RXP_ERR_DAMAGED;
	*out = c;
	return 0;
}

struct each_count {
	store_clock_count_fn *fn;
	void *arg;
};

static int one_count(void *arg, struct db *db, enum sql q)
{
	const struct each_count *of = arg;
	struct store_clock_count c;
	int rc = read_count(db, q, &c);

	return rc != 0 ? rc : of->fn(of->arg, &c);
}

int store_clock_counts(
    struct db *db, int64_t now_ms, int64_t soon_ms, store_clock_count_fn *fn, void *arg)
{
	const enum sql q = SQL_CLOCK_COUNTS;
	struct each_count of = {fn, arg};

	return db_each(
	    db, q, db_first(db, q, DB_VALUES(DB_N(now_ms), DB_N(soon_ms))), one_count, &of);
}

/* --- looks -------------------------------------------------------------------------------------- */

int store_clock_look(struct db *db, const char *peer, const uint8_t case_id[16], int64_t at_ms)
{
	if (at_ms == RXP_DUE_NEVER)
		return 0;
	return db_run(db, SQL_LOOK_BY, DB_VALUES(DB_T(peer), DB_O(case_id, 16), DB_N(at_ms)));
}

int store_clock_looked(struct db *db, const struct store_clock_case *c, int64_t next_ms)
{
	const enum sql q = next_ms == RXP_DUE_NEVER ? SQL_LOOK_DROP : SQL_LOOK_NEXT;
	const struct db_value values[] = {
	    DB_T(c->peer), DB_O(c->case_id, sizeof c->case_id), DB_N(c->at_ms), DB_N(next_ms)};

	return db_run(db, q, values, next_ms == RXP_DUE_NEVER ? 3 : 4);
}

int store_clock_look_all(struct db *db, const char *peer)
{
	if (peer[0] == '\0')
		return db_run(db, SQL_LOOK_ALL, NULL, 0);
	return db_run(db, SQL_LOOK_PEER, DB_VALUES(DB_T(peer)));
}

int store_clock_looks(struct db *db, struct store_clock_case *out, size_t max, int64_t now_ms)
{
	const enum sql q = SQL_LOOK_DUE;

	return read_cases(db, q, out, db_first(db, q, DB_VALUES(DB_N(now_ms), DB_N(max))));
}
