#include "daemon/registry/out/flight_halt.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/flight.h"
#include "daemon/registry/out/flight_end.h"
#include "daemon/registry/out/pace.h"
#include "protocol/base/err.h"

#define BY_NODE "node" /* who gave it up, in the log */

int flight_halt_check(struct flight *f, struct db *db)
{
	int rc;

	if (!node_may_send(f->all->node, f->row.peer))
		return RXP_ERR_FULL;
	if (f->again)
		return 0;
	rc = halt_judge_going(&f->halt, db, f->all->node->own, &f->row);
	if (rc == RXP_ERR_NOT_FOUND)
		return RXP_ERR_DAMAGED;
	return rc == 0 && f->halt != HALT_NONE ? RXP_ERR_STATE : rc;
}

static int give_up_apply(void *arg, struct db *db)
{
	struct flight *f = arg;
	int rc = drop_read(&f->drop, db);

	if (rc == 0 && !drop_may(&f->drop))
		rc = RXP_ERR_DAMAGED; /* nobody else moves what is in work */
	return rc != 0 ? rc
		       : drop_apply(&f->drop, db, f->all->clocks, NULL, halt_words(f->halt),
			     clock_wall_ms());
}

static void give_up_done(void *arg, int result)
{
	struct flight *f = arg;
	struct flights *all = f->all;

	if (result != 0) {
		flight_end_rest(f);
		return;
	}
	drop_done(&f->drop, all->node, all->renew.peers, all->changed, all->changed_arg);
	log_event(LOG_MESSAGE_DISCARDED, LOG_S(f->row.peer), LOG_S(f->id_text), LOG_S(BY_NODE));
	pace_kick(all->pace);
	flight_left(f);
}

void flight_halt_end(struct flight *f)
{
	if (f->row.attempts > 0) {
		flight_end_park(
		    f, f->halt == HALT_HOLD
			   ? "a hold stops it, in doubt: void it, or requeue and withdraw"
			   : "a stop stops it, in doubt: void it, or requeue and withdraw");
		return;
	}
	memcpy(f->drop.row.local_id, f->row.local_id, sizeof f->drop.row.local_id);
	flight_commit(f, give_up_apply, give_up_done);
}
