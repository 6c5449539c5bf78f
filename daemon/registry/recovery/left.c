#include "daemon/registry/recovery/left.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store_left.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/err.h"

static bool is_over(enum state state)
{
	return state == STATE_REFUSED || state == STATE_PARKED || state == STATE_DISCARDED ||
	       state == STATE_EXPIRED;
}

enum left_asking left_asking(struct store_asked *last, struct db *db, const char *peer)
{
	struct store_outbox request;
	uint64_t pieces = 0;

	if (store_asked_get(db, last, peer) != 0 ||
	    store_outbox_get(db, &request, NULL, last->request) != 0)
		return LEFT_NONE;
	if (is_over(request.state))
		return request.state == STATE_EXPIRED && request.expires_ms <= clock_wall_ms()
			   ? LEFT_OUTLIVED
			   : LEFT_VAIN;
	return last->ended_ms == 0 || store_piece_count(db, &pieces, peer) != 0 || pieces > 0
		   ? LEFT_OPEN
		   : LEFT_ENDED;
}

int left_find(struct store_asked *out, struct db *db, const char *peer)
{
	struct store_asked last = {.number = 0};
	enum left_asking now = left_asking(&last, db, peer);
	int rc;

	*out = (struct store_asked){.forked = last.forked, .spoilt = last.spoilt};
	snprintf(out->peer, sizeof out->peer, "%s", peer);
	if (now == LEFT_NONE || now == LEFT_OPEN)
		return RXP_ERR_NOT_FOUND;
	rc = store_left_due(db, &out->cases, peer, now == LEFT_OUTLIVED);
	return rc == 0 && out->cases.n == 0 ? RXP_ERR_NOT_FOUND : rc;
}

int left_ask(struct store_asked *out, struct db *db, struct node *n, int64_t now_ms)
{
	int rc = rxp_id_make_v7(out->request, now_ms, &n->random);

	out->asked_ms = now_ms;
	return rc != 0 ? rc : store_asked_begin(db, out);
}
