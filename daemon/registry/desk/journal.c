#include "daemon/registry/desk/journal.h"

#include <string.h>

#include "daemon/base/link.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"

void journal_list(struct node *n, uint64_t request, const struct msg_journal_list *m)
{
	static const uint8_t any[RXP_ID_OCTETS];
	struct store_journal_of of = {.after = m->after,
	    .since_ms = m->since_ms,
	    .user = m->user,
	    .peer = m->peer,
	    .case_id = memcmp(m->case_id, any, sizeof any) != 0 ? m->case_id : NULL,
	    .limit = m->limit};
	struct msg_journal_listed a = {0};
	struct rxp_buf rows;
	bool more = false;
	int rc;

	if (of.limit == 0 || of.limit > REGISTRY_PAGE_MAX)
		of.limit = REGISTRY_PAGE_MAX;
	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	rc = store_journal_page(store_db(n->store), &rows, &more, &of);
	a.result = (uint32_t)rc;
	if (rc == 0) {
		a.more = more;
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	}
	link_answer(n->desk, IPC_journal_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}
