#include "daemon/registry/in/arrival.h"

#include "daemon/base/record.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_pending.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

/* CompleteAt is when the last octet had arrived and was verified (RXP-ATT-017). */
static int tell(struct db *db, struct node *n, const struct store_file *file,
    const uint8_t local_id[RXP_ID_OCTETS])
{
	struct rec_node_attachments says;
	uint8_t said[RXP_ID_OCTETS];
	int rc = store_pending_names(db, &says, local_id);

	if (rc == 0)
		rc = rxp_id_make_v7(said, file->since_ms, &n->random);
	if (rc != 0)
		return rc;
	says.complete_ms = file->since_ms;
	rc = store_outbox_say(db, said, file->party, RXP_TYPE_ATTACHMENTS_RECEIVED,
	    REC_node_attachments, &says, file->since_ms);
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
		rc = tell(db, n, file, local_id);
	if (rc == 0)
		*completes = all;
	return rc;
}
