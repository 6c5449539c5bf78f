/*
 * page - one page of a peer's log, held against what this node knows, inside a transaction (RXP-LOG-009, RXP-LOG-010).
 */
#ifndef REGISTRY_WATCH_PAGE_H
#define REGISTRY_WATCH_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/watch/found.h"

struct db;

/* Where one reading of a log stands. */
struct page_pass {
	const char *own, *peer;
	struct store_watch watch; /* as stored, and to be */
	struct rxp_log_point at; /* behind the last page */
	bool begun; /* there is a row of it, or was a page */
	bool
	    another; /* the last page was of another log than this: nothing else can be said of it (RXP-LOG-027) */
	uint64_t differences; /* found so far */
	bool unknown; /* it names a message of ours that we do not know */
	uint8_t asked_log
	    [RXP_ID_OCTETS]; /* up to an entry of this log messages of ours were asked for, … */
	uint64_t asked_n; /* … so that one that is not known makes no other loss (RXP-RCV-001), … */
	bool lost; /* … and is no difference, for what was lost here is proved (RXP-LOG-023) */
};

/*
 * Compare, keep what the entries say and how far all agree. found: gets the differences. *over: nothing more of this log
 * can be compared, or this was its last page. RXP_ERR_PEER: not the page that was asked for. RXP_ERR_NOMEM,
 * RXP_ERR_CRYPTO, errors as in db.h.
 */
int page_compare(struct page_pass *pass, struct db *db, const struct rxp_log_page *page,
    struct found *found, bool *over);

#endif
