#include "daemon/registry/out/flight_again.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/flight_end.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_left.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/err.h"

#define HTTP_LOST 201
#define HTTP_NOTHING 204
#define HTTP_SERVER_FAILS 500

/* The log of a peer that was read before is read first after a start: it may say that something is lost. */
static bool is_unsure(const struct flight *f)
{
	const struct peer *p = f->peer;

	return p->compared_ms != 0 && !p->read_since_start && !p->pulls &&
	       clock_mono_ms() - f->all->node->started_mono < REGISTRY_UNSURE_MS;
}

bool flight_again_held(struct flight *f)
{
	const char *why = NULL;
	int64_t again_ms = REGISTRY_HELD_MS;

	if (f->again || !f->row.place.in_case || f->row.first_attempt_ms != 0)
		return false;
	if (f->peer->recovering || f->peer->loss_noted) {
		why = "held until both nodes know the same: readmitctl recovery list";
	} else if (store_left_of(
		       store_db(f->all->node->store), f->row.peer, f->row.place.case_id)) {
		why = "held until what was left of its case is back: readmitctl history list";
	} else if (is_unsure(f)) {
		why = "the log of the peer is read first";
		again_ms = REGISTRY_UNSURE_AGAIN_MS;
	}
	if (why != NULL)
		flight_end_held(f, why, again_ms);
	return why != NULL;
}

int flight_again_bring(struct flight *f, void (*go_on)(struct flight *f))
{
	struct link *gateway = f->all->node->gateway;
	struct msg_post q = {.what = IPC_POST_ANSWER};
	struct rxp_buf answer;
	int rc;

	if (!link_has_room(gateway, IPC_post))
		return RXP_ERR_FULL;
	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	rc = store_outbox_answer(store_db(f->all->node->store), &answer, f->row.local_id);
	memcpy(q.peer, f->row.peer, sizeof q.peer);
	q.octets = (struct bytes){.data = answer.data, .len = answer.len};
	f->go_on = go_on;
	f->began_mono = clock_mono_ms();
	if (rc == 0)
		rc = link_request(gateway, IPC_post, &q, NULL, 0, &f->bringing);
	rxp_buf_free(&answer);
	return rc;
}

bool flight_again_posted(struct flights *all, uint64_t request, const struct msg_posted *m)
{
	struct flight *f = all->first;
	char why[RECORD_NAME_MAX];

	while (f != NULL && f->bringing != request)
		f = f->next;
	if (f == NULL)
		return false;
	f->bringing = 0;
	snprintf(why, sizeof why, "its receipt is not taken back, HTTP status %u",
	    (unsigned)m->http_status);
	if (m->outcome != 0) {
		flight_end_with_peer(f, m->transport);
	} else if (m->http_status >= HTTP_SERVER_FAILS) {
		flight_end_with_peer(f, why);
	} else {
		/* What it does not take it will answer as it sees fit: our first answer stands. */
		if (m->http_status != HTTP_NOTHING && m->http_status != HTTP_LOST)
			log_event(LOG_ANSWER_NOT_TAKEN, LOG_S(f->row.peer), LOG_S(f->id_text),
			    LOG_N(m->http_status));
		f->lacked = m->http_status == HTTP_LOST;
		f->go_on(f);
	}
	return true;
}
