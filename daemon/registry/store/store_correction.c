#include "daemon/registry/store/store_correction.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

int store_correction_put(struct db *db, const struct store_correction *c)
{
	return db_run(db, SQL_CORRECTION_PUT,
	    DB_VALUES(DB_O(c->correction, sizeof c->correction), DB_N(c->item),
		DB_O(c->document, sizeof c->document), DB_T(rxp_asked_word(c->done)),
		DB_N(c->attachment), DB_N(c->own), DB_N(c->at_ms),
		c->box.len > 0 ? DB_B(c->box) : DB_NONE));
}

static int read_item(struct db *db, struct store_carried_out out[RXP_MAX_CORRECTION_ITEMS])
{
	const enum sql q = SQL_CORRECTION_ITEMS;
	int64_t item = db_number(db, q, 0);
	struct store_carried_out c = {.at_ms = db_number(db, q, 2)};

	if (item < 1 || item > RXP_MAX_CORRECTION_ITEMS ||
	    rxp_asked_parse(&c.done, db_words(db, q, 1)) != 0)
		return RXP_ERR_DAMAGED;
	out[item - 1] = c;
	return 0;
}

int store_correction_items(struct db *db, struct store_carried_out out[RXP_MAX_CORRECTION_ITEMS],
    const uint8_t correction[16])
{
	const enum sql q = SQL_CORRECTION_ITEMS;
	int rc = db_first(db, q, DB_VALUES(DB_O(correction, 16)));

	memset(out, 0, RXP_MAX_CORRECTION_ITEMS * sizeof *out);
	while (rc == 1) {
		int read = read_item(db, out);

		if (read != 0) {
			db_end(db, q);
			return read;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_correction_count(struct db *db, uint64_t *n, const uint8_t document[16])
{
	int rc = db_first(db, SQL_CORRECTION_COUNT, DB_VALUES(DB_O(document, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*n = (uint64_t)db_number(db, SQL_CORRECTION_COUNT, 0);
	db_end(db, SQL_CORRECTION_COUNT);
	return 0;
}

/* --- what is shown ---------------------------------------------------------------------------------- */

static int put_part(
    struct db *db, struct rxp_buf *parts, bool *parted, const struct store_correction_of *of)
{
	const enum sql q = SQL_CORRECTION_SHOWN;
	struct rec_correction_part part = {.at_ms = db_number(db, q, 2),
	    .item = (uint32_t)db_number(db, q, 3),
	    .box = db_octets(db, q, 5)};
	enum rxp_asked done;

	if (!db_fill(db, q, 0, part.correction, sizeof part.correction) ||
	    rxp_asked_parse(&done, db_words(db, q, 4)) != 0)
		return RXP_ERR_DAMAGED;
	if (done == RXP_ASKED_BLOCK && of->blocked)
		return 0;
	*parted = *parted || done != RXP_ASKED_RECTIFY;
	snprintf(part.from, sizeof part.from, "%s", db_number(db, q, 1) != 0 ? of->own : of->peer);
	snprintf(part.done, sizeof part.done, "%s", rxp_asked_word(done));
	return record_list_put(parts, REC_correction_part, &record_correction_part, &part);
}

int store_correction_parts(
    struct db *db, struct rxp_buf *parts, bool *parted, const struct store_correction_of *of)
{
	const enum sql q = SQL_CORRECTION_SHOWN;
	int rc = db_first(db, q, DB_VALUES(DB_O(of->document, 16), DB_N(RXP_MAX_CORRECTED)));

	*parted = false;
	while (rc == 1) {
		int put = put_part(db, parts, parted, of);

		if (put != 0) {
			db_end(db, q);
			return put;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_correction_blocks(struct db *db, bool *out, const uint8_t document[16])
{
	int rc = db_first(db, SQL_CORRECTION_BLOCKS,
	    DB_VALUES(DB_O(document, 16), DB_T(rxp_asked_word(RXP_ASKED_BLOCK))));

	if (rc < 0)
		return rc;
	if (rc == 1)
		db_end(db, SQL_CORRECTION_BLOCKS);
	*out = rc == 1;
	return 0;
}

int store_correction_file(
    struct db *db, bool *erased, const uint8_t document[16], uint32_t attachment)
{
	const enum sql q = SQL_CORRECTION_HIDES_FILE;
	int rc = db_first(db, q,
	    DB_VALUES(DB_O(document, 16), DB_N(attachment), DB_N(RXP_CORRECTION_EVERY_FILE),
		DB_T(rxp_asked_word(RXP_ASKED_RECTIFY))));
	bool any = false;

	if (rc == 0)
		return RXP_ERR_NOT_FOUND;
	for (; rc == 1; rc = db_next(db, q))
		any = any || strcmp(db_words(db, q, 0), rxp_asked_word(RXP_ASKED_ERASE)) == 0;
	if (rc == 0)
		*erased = any;
	return rc;
}

/* --- what is forgotten ------------------------------------------------------------------------------ */

int store_correction_forget(struct db *db, const uint8_t local_id[16])
{
	int rc = db_run(db, SQL_CORRECTION_FORGET,
	    DB_VALUES(DB_O(local_id, 16), DB_T(rxp_asked_word(RXP_ASKED_RECTIFY))));

	return rc != 0 ? rc : db_run(db, SQL_CORRECTION_FORGET_OF, DB_VALUES(DB_O(local_id, 16)));
}

int store_correction_facts(struct db *db, struct rxp_buf *facts, const uint8_t local_id[16])
{
	const enum sql q = SQL_CORRECTION_FACTS;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));
	struct bytes octets;

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 0);
	rc = rxp_buf_put(facts, octets.data, octets.len);
	db_end(db, q);
	return rc;
}
