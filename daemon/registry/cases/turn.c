#include "daemon/registry/cases/turn.h"

#include "daemon/registry/store/store_case.h"
#include "protocol/base/err.h"

int turn_of_new(struct db *db, enum state *out, const char *peer, const uint8_t case_id[16])
{
	uint8_t head[16];
	enum state state;
	int rc = store_case_head(db, head, &state, peer, case_id);

	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	*out = rc == 0 ? STATE_DRAFT : state_next(STATE_DRAFT, EVENT_HEAD);
	return 0;
}

int turn_next(struct db *db, uint8_t local_id[16], const char *peer, const uint8_t case_id[16],
    int64_t now_ms)
{
	enum state state;
	int rc = store_case_head(db, local_id, &state, peer, case_id);

	if (rc == RXP_ERR_NOT_FOUND || (rc == 0 && state != STATE_DRAFT))
		return 0;
	if (rc == 0)
		rc = store_case_promote(db, local_id, state_next(state, EVENT_HEAD), now_ms);
	return rc != 0 ? rc : 1;
}
