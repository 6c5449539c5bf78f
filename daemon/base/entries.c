#include "daemon/base/entries.h"

#include <string.h>

#include "protocol/base/err.h"

int entries_put(struct rxp_buf *rows, const struct rxp_log_entry *e)
{
	struct rec_log_entry r = {.received_ms = e->received_ms, .outcome = (uint32_t)e->outcome};

	memcpy(r.message_id, e->message_id, sizeof r.message_id);
	memcpy(r.fingerprint, e->fingerprint, sizeof r.fingerprint);
	return record_list_put(rows, REC_log_entry, &record_log_entry, &r);
}

int entries_take(struct rxp_log_page *page, struct bytes rows)
{
	struct record_cursor cursor = {.at = rows.data, .left = rows.len};
	struct bytes fields;
	uint16_t tag;
	int rc;

	page->n_entries = 0;
	while ((rc = record_list_next(&cursor, &tag, &fields)) == 1) {
		struct rxp_log_entry *e = &page->entries[page->n_entries];
		struct rec_log_entry r;

		if (page->n_entries == RXP_MAX_LOG_PAGE_ENTRIES || tag != REC_log_entry ||
		    record_decode(&r, &record_log_entry, fields.data, fields.len) != 0)
			return RXP_ERR_DAMAGED;
		memcpy(e->message_id, r.message_id, sizeof e->message_id);
		memcpy(e->fingerprint, r.fingerprint, sizeof e->fingerprint);
		e->received_ms = r.received_ms;
		e->outcome = (enum rxp_outcome)r.outcome;
		page->n_entries++;
	}
	return rc == 0 ? 0 : RXP_ERR_DAMAGED;
}

int entries_checked(struct rxp_log_page *page, const struct msg_log_page_checked *m)
{
	ENTRIES_COPY(page, m);
	return entries_take(page, m->rows);
}
