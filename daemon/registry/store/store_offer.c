#include "daemon/registry/store/store_offer.h"

#include <stdio.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

int store_offer_put(struct db *db, const uint8_t offer_id[RXP_ID_OCTETS], const char *peer,
    const struct rec_node_offer *o, int64_t offered_ms)
{
	int rc = db_run(db, SQL_OFFER_PUT,
	    DB_VALUES(DB_O(offer_id, RXP_ID_OCTETS), DB_T(peer), DB_N(o->calendar != 0),
		DB_T(o->name), DB_T(o->version), DB_T(o->from), DB_O(o->digest, sizeof o->digest),
		DB_B(o->file), DB_N(offered_ms)));

	return rc != 0
		   ? rc
		   : db_run(db, SQL_OFFER_TRIM, DB_VALUES(DB_T(peer), DB_N(REGISTRY_OFFERS_MAX)));
}

struct put_rows {
	struct rxp_buf *rows;
	const char *peer;
};

static int put_row(void *arg, struct db *db, enum sql q)
{
	const struct put_rows *of = arg;
	struct rec_offer_row r = {.offered_ms = db_number(db, q, 6)};

	snprintf(r.peer, sizeof r.peer, "%s", of->peer);
	snprintf(r.kind, sizeof r.kind, "%s", db_number(db, q, 1) != 0 ? "calendar" : "profile");
	if (!db_fill(db, q, 0, r.offer_id, sizeof r.offer_id) ||
	    !db_name(db, q, 2, r.name, sizeof r.name) ||
	    !db_name(db, q, 3, r.version, sizeof r.version) ||
	    !db_name(db, q, 4, r.from_day, sizeof r.from_day) ||
	    !db_fill(db, q, 5, r.digest, sizeof r.digest))
		return RXP_ERR_DAMAGED;
	return record_list_put(of->rows, REC_offer_row, &record_offer_row, &r);
}

int store_offer_rows(struct db *db, struct rxp_buf *rows, const char *peer)
{
	const enum sql q = SQL_OFFER_ALL;
	struct put_rows of = {rows, peer};

	return db_each(db, q, db_first(db, q, DB_VALUES(DB_T(peer))), put_row, &of);
}

/* The one value of the row that db_first() found, or not. */
static int take_file(struct db *db, enum sql q, int first, struct rxp_buf *file)
{
	struct bytes octets;
	int rc;

	if (first != 1)
		return first == 0 ? RXP_ERR_NOT_FOUND : first;
	octets = db_octets(db, q, 0);
	rc = rxp_buf_put(file, octets.data, octets.len);
	db_end(db, q);
	return rc;
}

int store_offer_file(struct db *db, struct rxp_buf *file, const uint8_t offer_id[RXP_ID_OCTETS])
{
	const enum sql q = SQL_OFFER_FILE;

	return take_file(db, q, db_first(db, q, DB_VALUES(DB_O(offer_id, RXP_ID_OCTETS))), file);
}

int store_offer_sealed(
    struct db *db, struct rxp_buf *file, const char *party, const char *id, uint32_t version)
{
	if (id[0] == '\0')
		return take_file(db, SQL_CALENDAR_SEALED,
		    db_first(db, SQL_CALENDAR_SEALED, DB_VALUES(DB_T(party), DB_N(version))), file);
	return take_file(db, SQL_PROFILE_SEALED,
	    db_first(db, SQL_PROFILE_SEALED, DB_VALUES(DB_T(party), DB_T(id), DB_N(version))),
	    file);
}
