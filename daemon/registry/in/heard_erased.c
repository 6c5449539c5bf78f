#include "daemon/registry/in/heard_erased.h"

#include <string.h>

#include "daemon/base/log.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_confirmation.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

int heard_erased_act(struct db *db, const char *party, const struct msg_opened *facts,
    const struct rec_node_erased *r, int64_t received_ms)
{
	const struct store_confirmation c = {.peer = party,
	    .case_id = r->case_id,
	    .message_id = facts->message_id,
	    .day = r->day,
	    .received_ms = received_ms,
	    .evidence = facts->evidence,
	    .body = facts->body};
	struct store_case row;
	int rc = store_case_get(db, &row, party, r->case_id);

	if (rc == 0)
		rc = store_confirmation_add(db, &c);
	return rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_EXISTS ? 0 : rc;
}

void heard_erased_tell(struct db *db, const char *party, const struct rec_node_erased *r)
{
	char id[RXP_ID_TEXT], day[RXP_DAY_TEXT];

	rxp_id_text(id, r->case_id);
	if (store_confirmation_get(db, day, party, r->case_id) != 0)
		log_event(LOG_ERASED_UNKNOWN, LOG_S(party), LOG_S(id));
	else if (strcmp(day, r->day) != 0)
		log_event(LOG_ERASED_TWICE, LOG_S(party), LOG_S(id), LOG_S(day), LOG_S(r->day));
	else
		log_event(LOG_ERASED_TOLD, LOG_S(party), LOG_S(id), LOG_S(r->day));
}
