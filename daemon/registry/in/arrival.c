#include "daemon/registry/in/arrival.h"

#include "daemon/base/record.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_pending.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

int arrival_tell(struct db *db, struct node *n, const char *party,
    const uint8_t local_id[RXP_ID_OCTETS], int64_t complete_ms)
{
	struct rec_node_attachments says;
	uint8_t said[RXP_ID_OCTETS];
	int rc = store_pending_names(db, &says, local_id);

	if (rc == 0)
		rc = rxp_id_make_v7(said, complete_ms, &n->random);
	if (rc != 0)
		return rc;
	says.complete_ms = complete_ms;
	rc = store_outbox_say(db, said, party, RXP_TYPE_ATTACHMENTS_RECEIVED, REC_node_attachments,
	    &says, complete_ms);
	return rc != 0 ? rc : store_pending_say(db, local_id, said, says.complete_ms);
}

int arrival_take(bool *completes, struct db *db, struct node *n, const struct store_file *file)
{
	uint8_t local_id[RXP_ID_OCTETS];
	bool all = false;
	int rc = store_pending_arrived(db, local_id, &all, file->party, file->ciphertext_digest);

	if (rc == RXP_ERR_NOT_FOUND)
		return 0;
	if (rc == 0 && all)
		rc = arrival_tell(db, n, file->party, local_id, file->since_ms);
	if (rc == 0)
		*completes = all;
	return rc;
}
