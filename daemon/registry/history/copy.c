#include "daemon/registry/history/copy.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/document/document.h"

/* Until it is answered. The row of the request stands before it. */
static int note(struct db *db, const struct store_given *row, uint64_t number,
    const uint8_t *source, const uint8_t local_id[RXP_ID_OCTETS])
{
	struct store_copy c = {.number = number, .has_source = source != NULL};

	memcpy(c.peer, row->peer, sizeof c.peer);
	memcpy(c.copy, local_id, sizeof c.copy);
	memcpy(c.request, row->request, sizeof c.request);
	memcpy(c.case_id, row->case_id, sizeof c.case_id);
	if (source != NULL)
		memcpy(c.source, source, sizeof c.source);
	return store_copy_add(db, &c);
}

/* Its draft is the copy to be closed; facts that outlive it there are none. */
int copy_write(struct db *db, const struct store_given *row,
    const struct rec_node_history_copy *says, const uint8_t *source,
    const uint8_t local_id[RXP_ID_OCTETS], int64_t now_ms)
{
	const struct rxp_type_row *type = rxp_type_row(RXP_TYPE_HISTORY_COPY);
	struct store_outbox m = {.state = STATE_WAITING};
	struct store_draft d = {.key = NULL};
	struct rxp_buf draft;
	int rc;

	memcpy(m.local_id, local_id, sizeof m.local_id);
	memcpy(m.peer, row->peer, sizeof m.peer);
	snprintf(m.type, sizeof m.type, "%s", type->wire);
	snprintf(m.from_office, sizeof m.from_office, "%s", type->asking_office);
	snprintf(m.to_office, sizeof m.to_office, "%s", type->asked_office);
	rxp_buf_init(&draft, IPC_MESSAGE_MAX);
	rc = record_list_put(&draft, REC_node_history_copy, &record_node_history_copy, says);
	d.draft = (struct bytes){.data = draft.data, .len = draft.len};
	if (rc == 0)
		rc = store_outbox_add(db, &m, &d, now_ms);
	rxp_buf_free(&draft);
	return rc != 0 ? rc : note(db, row, says->number, source, local_id);
}
