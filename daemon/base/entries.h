/*
 * entries - the entries of a page of a log (section 8 of the protocol) as records log_entry, between registry and
 * sealers.
 */
#ifndef BASE_ENTRIES_H
#define BASE_ENTRIES_H

#include <string.h>

#include "daemon/base/ipc.h"
#include "daemon/base/record.h"
#include "protocol/log/logpage.h"

struct rxp_buf;

#define ENTRIES_OCTETS \
	((size_t)RXP_MAX_LOG_PAGE_ENTRIES * 128) /* of the records of a page, at most */

/* What a page and each message about one have by the same names, from either to the other. */
#define ENTRIES_COPY(to, from) \
	do { \
		(to)->created_ms = (from)->created_ms; \
		memcpy((to)->log_id, (from)->log_id, sizeof(to)->log_id); \
		(to)->count = (from)->count; \
		memcpy((to)->head, (from)->head, sizeof(to)->head); \
		(to)->after = (from)->after; \
		memcpy((to)->after_head, (from)->after_head, sizeof(to)->after_head); \
	} while (0)

/* Append one. The buffer's errors. */
int entries_put(struct rxp_buf *rows, const struct rxp_log_entry *entry);

/* All of the list, in the place of those that the page has. RXP_ERR_DAMAGED: records of another kind, or too many. */
int entries_take(struct rxp_log_page *page, struct bytes rows);

/* All that a sealer found in a page, but for its owner and peer, which it compared. The same error. */
int entries_checked(struct rxp_log_page *page, const struct msg_log_page_checked *m);

#endif
