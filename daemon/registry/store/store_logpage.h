/*
 * store_logpage - pages of logs, as sealed, that are kept as evidence (RXP-LOG-016): of the log that a peer keeps for us
 * those that were read, of the one that we keep for it those that we gave.
 *
 * Pages that begin behind a multiple of RXP_MAX_LOG_PAGE_ENTRIES are kept, of each the one that shows most: so what is kept
 * grows with the entries and not with the days, 256 octets for each.
 */
#ifndef REGISTRY_STORE_LOGPAGE_H
#define REGISTRY_STORE_LOGPAGE_H

#include <stdbool.h>

#include "daemon/base/record.h"
#include "protocol/log/logpage.h"

struct db;

struct store_logpage {
	const char *peer;
	bool own; /* of the log that we keep for it */
	const struct rxp_log_page *page;
	struct bytes octets; /* the same as sealed */
};

/* Is this one to be kept? */
bool store_logpage_fits(const struct rxp_log_page *page);

/* In a store_apply: keep it, if it is one of those and shows no less than what is kept: a seal that was revoked proves
 * nothing, so the page is that of the newest. Errors as in db.h. */
int store_logpage_keep(struct db *db, const struct store_logpage *p);

#endif
