#include "daemon/registry/store/store_contact.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

#define EMAIL_TEXT 101 /* an address with its NUL */

int store_contact_put(
    struct db *db, const char *peer, const struct rec_node_contact *c, int64_t told_ms)
{
	char email[EMAIL_TEXT];

	if (c->email.len >= sizeof email)
		return RXP_ERR_DAMAGED;
	snprintf(email, sizeof email, "%.*s", (int)c->email.len,
	    c->email.len > 0 ? (const char *)c->email.data : "");
	return db_run(db, SQL_CONTACT_PUT,
	    DB_VALUES(DB_T(peer), DB_T(c->office), DB_T(c->telephone), DB_T(email), DB_N(told_ms)));
}

static int put_row(struct db *db, struct rxp_buf *rows)
{
	const enum sql q = SQL_CONTACT_ALL;
	struct rec_contact_row r = {.told_ms = db_number(db, q, 4)};
	const char *email = db_words(db, q, 3);

	if (!db_name(db, q, 0, r.peer, sizeof r.peer) ||
	    !db_name(db, q, 1, r.office, sizeof r.office) ||
	    !db_name(db, q, 2, r.telephone, sizeof r.telephone))
		return RXP_ERR_DAMAGED;
	r.email = (struct bytes){.data = (const uint8_t *)email, .len = strlen(email)};
	return record_list_put(rows, REC_contact_row, &record_contact_row, &r);
}

int store_contact_rows(struct db *db, struct rxp_buf *rows)
{
	const enum sql q = SQL_CONTACT_ALL;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		int put = put_row(db, rows);

		if (put != 0) {
			db_end(db, q);
			return put;
		}
		rc = db_next(db, q);
	}
	return rc;
}
