#include "daemon/registry/out/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/ferry.h"
#include "daemon/registry/out/flight.h"
#include "daemon/registry/out/flight_again.h"
#include "daemon/registry/out/flight_case.h"
#include "daemon/registry/out/flight_close.h"
#include "daemon/registry/out/flight_end.h"
#include "daemon/registry/out/flight_halt.h"
#include "daemon/registry/out/flight_late.h"
#include "daemon/registry/out/flight_rekey.h"
#include "daemon/registry/out/flight_void.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/peers/refresh.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/answer.h"

#define HTTP_SERVER_FAILS 500 /* from here on the peer's node fails, and not this message */

struct outbox {
	struct node *node;
	struct ferry *ferry;
	struct flights flights;
	struct outbox_counts count;
};

bool outbox_in_work(const struct outbox *o, const uint8_t local_id[16])
{
	for (const struct flight *f = o->flights.first; f != NULL; f = f->next)
		if (memcmp(f->row.local_id, local_id, sizeof f->row.local_id) == 0)
			return true;
	return false;
}

/* --- an attempt ---------------------------------------------------------------------------------- */

static int attempt_apply(void *arg, struct db *db)
{
	struct flight *f = arg;
	int rc = flight_halt_check(f, db);

	/* What was fetched rests a moment, so that one that nobody can answer keeps back no other. */
	int64_t rest_ms = f->way == FLIGHT_FETCH ? REGISTRY_GIVEN_MS : 0;

	if (rc == 0)
		rc = flight_late_attempt(f, db);
	return rc != 0
		   ? rc
		   : store_outbox_attempt(db, &f->changed, f->attempt_ms, f->attempt_ms + rest_ms);
}

/* Only now may the octets leave: the row says that they may be on the line. */
static void attempt_done(void *arg, int result)
{
	struct flight *f = arg;
	struct node *n = f->outbox->node;
	struct msg_deliver q = {.envelope = {.data = f->envelope.data, .len = f->envelope.len}};

	if (result == RXP_ERR_STATE) {
		flight_halt_end(f);
		return;
	}
	if (result != 0) {
		flight_end_rest(f);
		return;
	}
	flight_committed(f);
	if (!f->peer->active) {
		flight_end_unanswered(
		    f, false, flight_end_delay(f), "not sent: the peer was distrusted");
		return;
	}
	if (f->way == FLIGHT_FETCH) {
		f->result = 0;
		f->caller.give(f->caller.arg, q.envelope);
		flight_left(f);
		return;
	}
	memcpy(q.peer, f->row.peer, sizeof q.peer);
	f->began_mono = clock_mono_ms();
	if (link_request(n->gateway, IPC_deliver, &q, NULL, 0, &f->request) != 0)
		flight_end_rest(f);
}

static int start_attempt(struct flight *f)
{
	if (!f->peer->active)
		return RXP_ERR_STATE;
	if (f->way == FLIGHT_PUSH && !link_has_room(f->outbox->node->gateway, IPC_deliver))
		return RXP_ERR_FULL;
	f->attempt_ms = clock_wall_ms();
	f->changed = f->row;
	f->changed.attempts++;
	f->changed.ordered = f->row.ordered && f->way == FLIGHT_FETCH;
	if (f->changed.first_attempt_ms == 0)
		f->changed.first_attempt_ms = f->attempt_ms;
	if (!f->again)
		f->changed.state = state_next(f->row.state, EVENT_ATTEMPT);
	flight_commit(f, attempt_apply, attempt_done);
	return 0;
}

/* --- attachments, before it ---------------------------------------------------------------------- */

static void ferried(void *arg, enum ferry_outcome outcome, const char *why)
{
	struct flight *f = arg;

	switch (outcome) {
	case FERRY_ALL:
		if (start_attempt(f) != 0)
			flight_end_rest(f);
		break;
	case FERRY_PEER:
	case FERRY_FURTHER:
		f->vain_ms = clock_wall_ms();
		f->outbox->count.transport++;
		if (outcome == FERRY_FURTHER)
			flight_end_further(f, why);
		else
			flight_end_with_peer(f, why);
		break;
	case FERRY_MESSAGE:
		f->vain_ms = clock_wall_ms();
		flight_end_unanswered(f, true, flight_end_delay(f), why);
		break;
	case FERRY_OWN:
		flight_end_rest(f);
		break;
	}
}

/* RXP-ATT-014, RXP-ATT-019. The state stays as it is until the document itself leaves: what the peer gets before
 * cannot be read without it. */
static int start_ferry(struct flight *f)
{
	int rc;

	if (f->way == FLIGHT_FETCH)
		return start_attempt(f);
	rc = flight_late(f);
	f->late = rc == 1;
	if (rc != 0)
		return rc < 0 ? rc : start_attempt(f);
	f->began_mono = clock_mono_ms();
	rc = ferry_begin(f->outbox->ferry, f->peer, f->row.local_id, ferried, f);
	if (rc < 0)
		return rc;
	return rc == 0 ? start_attempt(f) : 0;
}

static void brought(struct flight *f)
{
	if (start_ferry(f) != 0)
		flight_end_rest(f);
}

/* Whoever fetches it cannot be brought anything. */
static int start(struct flight *f)
{
	if (f->again && f->way == FLIGHT_PUSH)
		return flight_again_bring(f, brought);
	return start_ferry(f);
}

static int step(struct flight *f);

static void next(struct flight *f)
{
	if (step(f) != 0)
		flight_end_rest(f);
}

static int step(struct flight *f)
{
	int rc = flight_halt_check(f, store_db(f->outbox->node->store));

	if (rc == RXP_ERR_STATE)
		flight_halt_end(f);
	if (rc != 0)
		return rc == RXP_ERR_STATE ? 0 : rc;
	if (f->row.state != STATE_WAITING && !f->again && f->envelope.len == 0) {
		flight_close_gone(f);
		return 0;
	}
	if (flight_again_held(f))
		return 0;
	return f->row.state == STATE_WAITING ? flight_close(f, next) : start(f);
}

static int begin(struct outbox *o, struct peer *peer, const uint8_t local_id[16],
    enum flight_way way, const struct flight_caller *caller)
{
	struct flight *f = NULL;
	int rc = flight_new(&f, &o->flights, peer, local_id);

	if (rc != 0)
		return rc;
	f->outbox = o;
	f->way = way;
	if (caller != NULL)
		f->caller = *caller;
	rc = step(f);
	if (rc != 0)
		flight_free(f);
	return rc;
}

int outbox_start(struct outbox *o, struct peer *peer, const uint8_t local_id[16])
{
	return begin(o, peer, local_id, FLIGHT_PUSH, NULL);
}

int outbox_fetch(struct outbox *o, struct peer *peer, const uint8_t local_id[16],
    const struct flight_caller *caller)
{
	return begin(o, peer, local_id, FLIGHT_FETCH, caller);
}

/* --- the answer ---------------------------------------------------------------------------------- */

/* One that nobody waited for says nothing of the message. */
static void answer_false(struct flight *f, const char *why)
{
	f->outbox->count.false_answer++;
	log_event(LOG_ANSWER_FALSE, LOG_S(f->row.peer), LOG_S(f->id_text), LOG_S(why));
	if (f->way == FLIGHT_ANSWER) {
		f->result = RXP_ERR_MISMATCH;
		flight_left(f);
		return;
	}
	f->vain_ms = f->attempt_ms;
	flight_end_unanswered(f, true, flight_end_delay(f), why);
}

static void count_answer(struct outbox *o, enum state_event event)
{
	if (event == EVENT_RECEIPT || event == EVENT_RECEIPT_LATE)
		o->count.receipt++;
	else if (flight_end_is_last(event))
		o->count.refusal++;
	else
		o->count.later++;
}

/* In another envelope now (RXP-ENV-015). */
static void attempt_anew(struct flight *f)
{
	if (f->way != FLIGHT_PUSH) {
		f->result = 0; /* it waits to be fetched */
		flight_left(f);
	} else if (start_attempt(f) != 0)
		flight_end_rest(f);
}

/* false: it ended. */
static bool look_at_voided(struct flight *f)
{
	int rc = flight_void_look(f, store_db(f->outbox->node->store));

	if (rc == RXP_ERR_DAMAGED && f->way == FLIGHT_ANSWER)
		answer_false(f, "answer to something else");
	else if (rc == RXP_ERR_DAMAGED)
		flight_end_park(f, "the message that it takes back is not there as it was");
	else if (rc != 0)
		flight_end_rest(f);
	return rc == 0;
}

/* What a sealer found in it, or why it found nothing (rc). */
static void judge(struct flight *f, const struct msg_answer_checked *m, int rc)
{
	struct node *n = f->outbox->node;

	if (rc == RXP_ERR_NOMEM) {
		flight_end_rest(f);
		return;
	}
	f->end = (struct flight_end){.event = EVENT_NO_ANSWER};
	if (rc == 0 && !look_at_voided(f))
		return;
	if (rc == 0)
		rc = flight_void_is(&f->row) ? flight_void_judge(f, m, n->own, clock_wall_ms())
					     : flight_judge(f, &f->row, m, n->own, clock_wall_ms());
	if (rc == 0 && flight_case_judge(f, m, store_db(n->store), n->own) != 0) {
		flight_end_rest(f);
		return;
	}
	if (rc != 0) {
		answer_false(
		    f, rc == RXP_ERR_MISMATCH ? "answer to something else" : rxp_err_text(rc));
		return;
	}
	count_answer(f->outbox, f->end.event);
	/* `busy` is about the peer's node unless it says until when (RXP-ANS-024); every other signed answer shows that it
	 * works. */
	if (!flight_end_is_last(f->end.event) && m->refusal == 1 + RXP_REFUSAL_BUSY &&
	    m->retry_ms == 0) {
		pace_failed(f->all->pace, f->peer, f->began_mono);
		pace_node_failed(f->peer);
		flight_end_try(f, 0);
		return;
	}
	pace_answered(f->all->pace, f->peer);
	if (!flight_end_is_last(f->end.event) && m->refusal == 1 + RXP_REFUSAL_REKEY)
		flight_rekey(f, m->working, attempt_anew);
	else
		flight_end_try(f, flight_end_delay(f));
}

static void check_answer(struct flight *f);

static void descriptor_came(void *arg, enum refresh_outcome outcome, const char *why)
{
	(void)outcome; /* what is known then is what it is judged by */
	(void)why;
	check_answer(arg);
}

/* Once, if its seal is not known, or may not be good any more (RXP-DSC-036, RXP-DSC-040). If the peer cannot be asked, or was asked
 * in vain a moment ago, it is not judged at all: the message goes again, and has the same answer then. */
static bool ask_for_seal(struct flight *f, int rc)
{
	struct refresh *refresh = f->all->refresh;
	int asked = 0;

	if (f->asked || !f->peer->active)
		return false;
	if (rc == RXP_ERR_SIGNER)
		asked = refresh_suspect(refresh, f->peer, descriptor_came, f);
	else if (rc == 0)
		asked = refresh_first(refresh, f->peer, descriptor_came, f);
	if (asked < 0 || (asked == 0 && rc == RXP_ERR_SIGNER && !f->peer->pulls)) {
		flight_end_unanswered(f, false, flight_end_delay(f),
		    asked < 0 ? "no room to ask the peer for its descriptor"
			      : "answer under a seal that the peer did not list a moment ago");
		return true;
	}
	f->asked = rc == RXP_ERR_SIGNER || asked == 1;
	return asked != 0;
}

static void checked(void *arg, int result, const struct link_message *answer)
{
	const struct msg_answer_checked *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (!ask_for_seal(arg, rc))
		judge(arg, m, rc);
}

static void check_answer(struct flight *f)
{
	struct node *n = f->outbox->node;
	struct msg_check_answer q = {.octets = {.data = f->answer.data, .len = f->answer.len}};
	int fd;

	memcpy(q.peer, f->row.peer, sizeof q.peer);
	q.register_number = publish_register(f->all->renew.publish, &fd);
	if (work_submit(n->work, IPC_check_answer, &q, &fd, 1, checked, f) != 0)
		flight_end_unanswered(
		    f, false, flight_end_delay(f), "no room to verify the answer");
}

static struct flight *of_request(struct outbox *o, uint64_t request)
{
	struct flight *f = o->flights.first;

	while (f != NULL && f->request != request)
		f = f->next;
	return f;
}

static void no_signed_answer(struct flight *f, const struct msg_delivery *m)
{
	char why[RECORD_NAME_MAX];

	f->vain_ms = f->attempt_ms;
	f->outbox->count.no_answer++;
	snprintf(why, sizeof why, "no signed answer, HTTP status %u", (unsigned)m->http_status);
	if (m->http_status >= HTTP_SERVER_FAILS) {
		pace_node_failed(f->peer);
		flight_end_with_peer(f, why);
	} else {
		flight_end_unanswered(f, true, flight_end_delay(f), why);
	}
}

void outbox_delivery(struct outbox *o, uint64_t request, const struct msg_delivery *m)
{
	struct flight *f = of_request(o, request);

	if (f == NULL)
		abort(); /* the link passes on answers to open requests only */
	f->request = 0;
	f->http_status = m->http_status;
	f->answered_ms = node_time_told(m->answered_ms, f->attempt_ms);
	if (m->outcome == 0)
		peers_met(o->flights.renew.peers, f->peer, f->answered_ms);
	if (m->outcome != 0) {
		f->vain_ms = f->attempt_ms;
		o->count.transport++;
		if ((int32_t)m->outcome == RXP_ERR_TIMEOUT ||
		    (int32_t)m->outcome == RXP_ERR_EXISTS) {
			flight_end_with_line(
			    f, (int32_t)m->outcome == RXP_ERR_EXISTS, m->transport);
			return;
		}
		pace_node_failed(f->peer);
		flight_end_with_peer(f, m->transport);
	} else if (m->answer.len == 0) {
		no_signed_answer(f, m);
	} else if (rxp_buf_put(&f->answer, m->answer.data, m->answer.len) != 0) {
		answer_false(f, "answer too large");
	} else {
		check_answer(f);
	}
}

bool outbox_posted(struct outbox *o, uint64_t request, const struct msg_posted *m)
{
	return flight_again_posted(&o->flights, request, m);
}

/* --- an answer by another way -------------------------------------------------------------------- */

static bool is_final_answer(const struct msg_answer_checked *m)
{
	return m->kind == RXP_ANSWER_RECEIPT || m->final != 0;
}

/* 0: there is something that it can end or move. */
static int judge_row(const struct store_outbox *row, const struct msg_answer_checked *m)
{
	if (state_final(row->state) && !row->planned)
		return RXP_ERR_EXISTS; /* the first one stands */
	if (row->first_attempt_ms == 0)
		return RXP_ERR_MISMATCH;
	/* What a person is to decide, or took back, only an end takes from them. */
	if (row->state == STATE_VOIDING || (row->state == STATE_PARKED && !is_final_answer(m)))
		return RXP_ERR_EXISTS;
	return 0;
}

int outbox_answer(struct outbox *o, struct peer *peer, const uint8_t local_id[16],
    struct bytes octets, const struct msg_answer_checked *m, const struct flight_caller *caller)
{
	struct flight *f = NULL;
	int rc = outbox_in_work(o, local_id) ? RXP_ERR_FULL
					     : flight_new(&f, &o->flights, peer, local_id);

	if (rc != 0)
		return rc;
	rc = judge_row(&f->row, m);
	if (rc == 0)
		rc = rxp_buf_put(&f->answer, octets.data, octets.len);
	if (rc != 0) {
		flight_free(f);
		return rc;
	}
	f->outbox = o;
	f->way = FLIGHT_ANSWER;
	f->caller = *caller;
	f->began_mono = clock_mono_ms();
	f->attempt_ms = f->answered_ms = clock_wall_ms();
	pace_started(f->all->pace, peer);
	judge(f, m, 0);
	return 0;
}

/* --- the module ---------------------------------------------------------------------------------- */

int outbox_new(struct outbox **out, const struct outbox_config *config)
{
	struct outbox *o = calloc(1, sizeof *o);

	if (o == NULL)
		return RXP_ERR_NOMEM;
	o->node = config->node;
	o->ferry = config->ferry;
	o->flights = (struct flights){.node = config->node,
	    .clocks = config->clocks,
	    .pace = config->pace,
	    .renew = {.node = config->node, .peers = config->peers, .publish = config->publish},
	    .refresh = config->refresh,
	    .terms = config->terms,
	    .changed = config->changed,
	    .changed_arg = config->changed_arg};
	*out = o;
	return 0;
}

void outbox_free(struct outbox *o)
{
	if (o == NULL)
		return;
	while (o->flights.first != NULL)
		flight_free(o->flights.first);
	free(o);
}

void outbox_tell(const struct outbox *o, const uint8_t local_id[16])
{
	o->flights.changed(o->flights.changed_arg, local_id);
}

struct outbox_counts outbox_counted(const struct outbox *o)
{
	return o->count;
}
