#include "daemon/registry/store/store_line.h"

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

static int read_one(struct db *db, enum sql q, store_line_fn *fn, void *arg)
{
	struct store_line line = {
	    .rate = (uint64_t)db_number(db, q, 1), .urgent_waits = db_number(db, q, 4) != 0};

	if (hours_parse(&line.window, db_words(db, q, 2)) != 0 ||
	    hours_parse(&line.files, db_words(db, q, 3)) != 0)
		return RXP_ERR_DAMAGED;
	return fn(arg, db_words(db, q, 0), &line);
}

int store_line_each(struct db *db, store_line_fn *fn, void *arg)
{
	const enum sql q = SQL_LINE_ALL;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		int called = read_one(db, q, fn, arg);

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_line_put(struct db *db, const char *party, const struct store_line *line)
{
	char window[HOURS_TEXT], files[HOURS_TEXT];

	hours_text(window, &line->window);
	hours_text(files, &line->files);
	return db_run(db, SQL_LINE_PUT,
	    DB_VALUES(DB_T(party), DB_N(line->rate), DB_T(window), DB_T(files),
		DB_N(line->urgent_waits)));
}
