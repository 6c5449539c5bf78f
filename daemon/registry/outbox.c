#include "daemon/registry/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/desk.h"
#include "daemon/registry/ferry.h"
#include "daemon/registry/flight.h"
#include "daemon/registry/flight_case.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers.h"
#include "daemon/registry/schedule.h"
#include "protocol/answer.h"
#include "protocol/err.h"
#include "protocol/limits.h"

#define HTTP_SERVER_FAILS 500 /* from here on the peer's node fails, and not this message */

struct outbox {
	struct node *node;
	struct flight *first; /* all that are in work: at most REGISTRY_ACTIVE_MAX */
	struct outbox_counts count;
};

static int step(struct flight *f);

/* --- flights ------------------------------------------------------------------------------------- */

bool outbox_in_work(const struct outbox *o, const uint8_t local_id[16])
{
	for (const struct flight *f = o->first; f != NULL; f = f->next)
		if (memcmp(f->row.local_id, local_id, sizeof f->row.local_id) == 0)
			return true;
	return false;
}

/* It goes on from its row, when that is due. */
static void leave(struct flight *f)
{
	struct flight **at = &f->outbox->first;

	while (*at != NULL && *at != f)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every flight is in the list */
	*at = f->next;
	schedule_ended(f->outbox->node->schedule, f->peer);
	flight_free(f);
}

/* Something of this machine failed: the row stays as it is, and all sending rests a moment. */
static void leave_and_rest(struct flight *f)
{
	schedule_rest(f->outbox->node->schedule);
	leave(f);
}

static void commit(struct flight *f, store_apply *apply, store_done *done)
{
	f->item = (struct store_item){.apply = apply, .done = done, .arg = f};
	store_submit(f->outbox->node->store, &f->item);
}

/* The commit is done: memory follows, and the desk hears of it. */
static void committed(struct flight *f)
{
	struct node *n = f->outbox->node;

	peers_count(f->peer, f->row.state, f->changed.state);
	f->row = f->changed;
	desk_changed(n->desk, f->row.local_id);
}

/* --- the end of a try ---------------------------------------------------------------------------- */

/* Does it end the sending of the message? */
static bool is_last(enum state_event event)
{
	return event == EVENT_RECEIPT || event == EVENT_RECEIPT_LATE || event == EVENT_REFUSAL ||
	       event == EVENT_REFUSAL_EXPIRED || event == EVENT_OVERTAKEN;
}

static int end_apply(void *arg, struct db *db)
{
	struct flight *f = arg;
	int rc;

	if (is_last(f->end.event) && !f->again)
		rc = store_outbox_finish(db, &f->changed, &f->end.outcome);
	else
		rc = store_outbox_plan(db, &f->changed, f->end.next_try_ms, f->end.why);
	return rc != 0 ? rc : flight_case_end(f, db, f->outbox->node->own, clock_wall_ms());
}

static void log_end(const struct flight *f)
{
	switch (f->end.event) {
	case EVENT_RECEIPT:
	case EVENT_RECEIPT_LATE:
		log_event(LOG_MESSAGE_DELIVERED, LOG_S(f->row.peer), LOG_S(f->id_text),
		    LOG_S(f->row.type));
		break;
	case EVENT_REFUSAL:
	case EVENT_REFUSAL_EXPIRED:
		log_event(LOG_MESSAGE_REFUSED, LOG_S(f->row.peer), LOG_S(f->id_text),
		    LOG_S(f->end.outcome.refusal));
		break;
	case EVENT_OVERTAKEN:
		log_event(LOG_MESSAGE_OVERTAKEN, LOG_S(f->row.peer), LOG_S(f->id_text),
		    LOG_S(f->end.why));
		break;
	case EVENT_PARK:
		log_event(
		    LOG_MESSAGE_PARKED, LOG_S(f->row.peer), LOG_S(f->id_text), LOG_S(f->end.why));
		break;
	default:
		log_event(
		    LOG_DELIVERY_FAILED, LOG_S(f->row.peer), LOG_S(f->id_text), LOG_S(f->end.why));
		break;
	}
}

static void park(struct flight *f, const char *why);

static void end_done(void *arg, int result)
{
	struct flight *f = arg;

	if (result == RXP_ERR_STATE && f->end.event != EVENT_PARK) {
		park(f, "the peer refused a document that it had named as seen");
		return;
	}
	if (result != 0) {
		leave_and_rest(f);
		return;
	}
	committed(f);
	if (f->promoted) {
		peers_count(f->peer, STATE_DRAFT, STATE_WAITING);
		desk_changed(f->outbox->node->desk, f->promoted_id);
	}
	log_end(f);
	leave(f);
}

/* After Expires hourly, as a question (RXP-ANS-014); before it, never later than Expires. */
static int64_t next_try(const struct flight *f, int64_t delay_ms, int64_t now)
{
	bool expired = f->row.expires_ms != 0 && now > f->row.expires_ms;

	return now + (expired ? REGISTRY_RETRY_EXPIRED_MS : delay_ms);
}

/* End this try with f->end. delay_ms: until the next one, unless the end names a time itself. */
static void end_try(struct flight *f, int64_t delay_ms)
{
	int64_t now = clock_wall_ms();

	f->changed = f->row;
	if (f->end.strike && ++f->changed.strikes >= REGISTRY_STRIKES_MAX)
		f->end.event = EVENT_PARK;
	if (!f->again)
		f->changed.state = state_next(f->row.state, f->end.event);
	if (f->end.event == EVENT_PARK || is_last(f->end.event))
		f->end.next_try_ms = 0;
	else if (f->end.next_try_ms == 0)
		f->end.next_try_ms = next_try(f, delay_ms, now);
	if (f->again && f->end.next_try_ms == 0)
		f->changed.strikes = 0; /* it may be lost once more */
	commit(f, end_apply, end_done);
}

/* Until a person says so. */
static void park(struct flight *f, const char *why)
{
	f->end = (struct flight_end){.event = EVENT_PARK};
	snprintf(f->end.why, sizeof f->end.why, "%s", why);
	end_try(f, 0);
}

/* No answer to this try; a strike says that it is about this message and not about the peer. */
static void end_without_answer(struct flight *f, bool strike, int64_t delay_ms, const char *why)
{
	f->end = (struct flight_end){.event = EVENT_NO_ANSWER, .strike = strike};
	snprintf(f->end.why, sizeof f->end.why, "%s", why);
	end_try(f, delay_ms);
}

static int64_t own_delay(const struct flight *f)
{
	unsigned tries = f->row.attempts > f->row.strikes ? f->row.attempts : f->row.strikes + 1;

	return schedule_backoff(f->outbox->node, tries);
}

/* The peer failed and not this message: it stays due, and the peer's back-off, which a contact ends,
 * says when. */
static void end_with_peer(struct flight *f, const char *why)
{
	schedule_failed(f->outbox->node->schedule, f->peer, f->began_mono);
	end_without_answer(f, false, 0, why);
}

/* --- closing ------------------------------------------------------------------------------------- */

static int close_apply(void *arg, struct db *db)
{
	struct flight *f = arg;

	return store_outbox_close(db, &f->changed, f->made_envelope, f->made_evidence, f->made_key);
}

static void close_done(void *arg, int result)
{
	struct flight *f = arg;

	if (result != 0 ||
	    rxp_buf_put(&f->envelope, f->made_envelope.data, f->made_envelope.len) != 0) {
		leave_and_rest(f);
		return;
	}
	committed(f);
	rxp_buf_reset(&f->made);
	rxp_id_text(f->id_text, f->row.message_id);
	schedule_kick(f->outbox->node->schedule); /* there is room at the sealers again */
	if (step(f) != 0)
		leave_and_rest(f);
}

static void closed(void *arg, int result, const struct link_message *answer)
{
	struct flight *f = arg;
	const struct msg_closed *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;
	char why[RECORD_NAME_MAX];

	if (rc == 0)
		rc = flight_keep_closed(f, m);
	if (rc == RXP_ERR_NOMEM) {
		leave_and_rest(f);
		return;
	}
	if (rc != 0) {
		snprintf(why, sizeof why, "cannot be closed: %s", rxp_err_text(rc));
		end_without_answer(f, true, own_delay(f), why);
		return;
	}
	/* The facts that the case was checked with are those of the sealed document (RXP-CAS-004). */
	if (m->facts.len != f->facts.len ||
	    (f->facts.len > 0 && memcmp(m->facts.data, f->facts.data, f->facts.len) != 0)) {
		park(f, "the facts of the sealed document differ from those submitted");
		return;
	}
	memcpy(f->changed.envelope_digest, m->envelope_digest, sizeof f->changed.envelope_digest);
	memcpy(f->changed.fingerprint, m->fingerprint, sizeof f->changed.fingerprint);
	f->changed.strikes = 0;
	f->changed.state = state_next(f->row.state, EVENT_CLOSE);
	commit(f, close_apply, close_done);
}

/* MessageId, Created and Expires are given here and count from the commit of `closed` on. */
static int start_close(struct flight *f)
{
	struct node *n = f->outbox->node;
	struct msg_close q = {.created_ms = clock_wall_ms()};
	struct rxp_buf draft;
	int fd, rc;

	if (!work_has_room(n->work, IPC_close))
		return RXP_ERR_FULL;
	if (peers_agreement_key(f->peer, q.created_ms, q.key_id) != 0) {
		end_without_answer(f, true, own_delay(f), "the peer has no agreement key");
		return 0;
	}
	rc = rxp_id_make_v7(q.message_id, q.created_ms, &n->random);
	if (rc != 0)
		return rc;
	q.expires_ms = q.created_ms + RXP_DEFAULT_LIFETIME_MS;
	q.register_number = peers_register(n->peers, &fd);
	memcpy(q.peer, f->row.peer, sizeof q.peer);
	memcpy(q.type, f->row.type, sizeof f->row.type);
	memcpy(q.from_office, f->row.from_office, sizeof f->row.from_office);
	memcpy(q.to_office, f->row.to_office, sizeof f->row.to_office);
	f->changed = f->row;
	f->changed.created_ms = q.created_ms;
	f->changed.expires_ms = q.expires_ms;
	memcpy(f->changed.message_id, q.message_id, sizeof q.message_id);
	rxp_buf_init(&draft, IPC_MESSAGE_MAX);
	if (f->row.place.in_case)
		rc = flight_case_place(f, &q, &draft, store_db(n->store), n->own, q.created_ms);
	if (rc == 0)
		rc = work_submit(n->work, IPC_close, &q, &fd, 1, closed, f);
	rxp_buf_free(&draft);
	if (rc != RXP_ERR_STATE)
		return rc;
	end_try(f, 0); /* as flight_case_place() says */
	return 0;
}

/* --- an attempt ---------------------------------------------------------------------------------- */

static int attempt_apply(void *arg, struct db *db)
{
	struct flight *f = arg;

	return store_outbox_attempt(db, &f->changed, f->attempt_ms);
}

/* Only now may the octets leave: the row says that they may be on the line. */
static void attempt_done(void *arg, int result)
{
	struct flight *f = arg;
	struct node *n = f->outbox->node;
	struct msg_deliver q = {.envelope = {.data = f->envelope.data, .len = f->envelope.len}};

	if (result != 0) {
		leave_and_rest(f);
		return;
	}
	committed(f);
	memcpy(q.peer, f->row.peer, sizeof q.peer);
	f->began_mono = clock_mono_ms();
	if (link_request(n->gateway, IPC_deliver, &q, NULL, 0, &f->request) != 0)
		leave_and_rest(f);
}

static int start_attempt(struct flight *f)
{
	if (!link_has_room(f->outbox->node->gateway, IPC_deliver))
		return RXP_ERR_FULL;
	f->attempt_ms = clock_wall_ms();
	f->changed = f->row;
	f->changed.attempts++;
	if (f->changed.first_attempt_ms == 0)
		f->changed.first_attempt_ms = f->attempt_ms;
	if (!f->again)
		f->changed.state = state_next(f->row.state, EVENT_ATTEMPT);
	commit(f, attempt_apply, attempt_done);
	return 0;
}

/* --- attachments, before it ---------------------------------------------------------------------- */

static void ferried(void *arg, enum ferry_outcome outcome, const char *why)
{
	struct flight *f = arg;

	switch (outcome) {
	case FERRY_ALL:
		if (start_attempt(f) != 0)
			leave_and_rest(f);
		break;
	case FERRY_PEER:
		f->outbox->count.transport++;
		end_with_peer(f, why);
		break;
	case FERRY_MESSAGE:
		end_without_answer(f, true, own_delay(f), why);
		break;
	case FERRY_OWN:
		leave_and_rest(f);
		break;
	}
}

/* RXP-ATT-014. The state stays as it is until the document itself leaves: what the peer gets before
 * cannot be read without it. */
static int start_ferry(struct flight *f)
{
	int rc;

	f->began_mono = clock_mono_ms();
	rc = ferry_begin(f->outbox->node->ferry, f->row.peer, f->row.local_id, ferried, f);
	if (rc < 0)
		return rc;
	return rc == 0 ? start_attempt(f) : 0;
}

static int step(struct flight *f)
{
	return f->row.state == STATE_WAITING ? start_close(f) : start_ferry(f);
}

int outbox_start(struct outbox *o, struct peer *peer, const uint8_t local_id[16])
{
	struct flight *f = NULL;
	int rc = flight_new(&f, o, peer, store_db(o->node->store), local_id);

	if (rc != 0)
		return rc;
	f->next = o->first;
	o->first = f;
	rc = step(f);
	if (rc != 0) {
		o->first = f->next;
		flight_free(f);
	}
	return rc;
}

/* --- the answer ---------------------------------------------------------------------------------- */

static void answer_false(struct flight *f, const char *why)
{
	f->outbox->count.false_answer++;
	log_event(LOG_ANSWER_FALSE, LOG_S(f->row.peer), LOG_S(f->id_text), LOG_S(why));
	end_without_answer(f, true, own_delay(f), why);
}

static void count_answer(struct outbox *o, enum state_event event)
{
	if (event == EVENT_RECEIPT || event == EVENT_RECEIPT_LATE)
		o->count.receipt++;
	else if (is_last(event))
		o->count.refusal++;
	else
		o->count.later++;
}

static void checked(void *arg, int result, const struct link_message *answer)
{
	struct flight *f = arg;
	struct node *n = f->outbox->node;
	const struct msg_answer_checked *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == RXP_ERR_NOMEM) {
		leave_and_rest(f);
		return;
	}
	f->end = (struct flight_end){.event = EVENT_NO_ANSWER};
	if (rc == 0)
		rc = flight_judge(f, m, n->own, clock_wall_ms());
	if (rc == 0 && flight_case_judge(f, m, store_db(n->store), n->own) != 0) {
		leave_and_rest(f);
		return;
	}
	if (rc != 0) {
		answer_false(
		    f, rc == RXP_ERR_MISMATCH ? "answer to something else" : rxp_err_text(rc));
		return;
	}
	count_answer(f->outbox, f->end.event);
	/* `busy` is about the peer's node; every other signed answer shows that it works. */
	if (!is_last(f->end.event) && m->refusal == 1 + RXP_REFUSAL_BUSY) {
		schedule_failed(n->schedule, f->peer, f->began_mono);
		end_try(f, 0);
		return;
	}
	schedule_contact(n->schedule, f->peer);
	end_try(f, own_delay(f));
}

static void check_answer(struct flight *f)
{
	struct node *n = f->outbox->node;
	struct msg_check_answer q = {.octets = {.data = f->answer.data, .len = f->answer.len}};
	int fd;

	memcpy(q.peer, f->row.peer, sizeof q.peer);
	q.register_number = peers_register(n->peers, &fd);
	if (work_submit(n->work, IPC_check_answer, &q, &fd, 1, checked, f) != 0)
		end_without_answer(f, false, own_delay(f), "no room to verify the answer");
}

static struct flight *of_request(struct outbox *o, uint64_t request)
{
	struct flight *f = o->first;

	while (f != NULL && f->request != request)
		f = f->next;
	return f;
}

static void no_signed_answer(struct flight *f, const struct msg_delivery *m)
{
	char why[RECORD_NAME_MAX];

	f->outbox->count.no_answer++;
	snprintf(why, sizeof why, "no signed answer, HTTP status %u", (unsigned)m->http_status);
	if (m->http_status >= HTTP_SERVER_FAILS)
		end_with_peer(f, why);
	else
		end_without_answer(f, true, own_delay(f), why);
}

void outbox_delivery(struct outbox *o, uint64_t request, const struct msg_delivery *m)
{
	struct flight *f = of_request(o, request);

	if (f == NULL)
		abort(); /* the link passes on answers to open requests only */
	f->request = 0;
	f->http_status = m->http_status;
	f->answered_ms = m->answered_ms != 0 ? m->answered_ms : clock_wall_ms();
	if (m->outcome != 0) {
		o->count.transport++;
		end_with_peer(f, m->transport);
	} else if (m->answer.len == 0) {
		no_signed_answer(f, m);
	} else if (rxp_buf_put(&f->answer, m->answer.data, m->answer.len) != 0) {
		answer_false(f, "answer too large");
	} else {
		check_answer(f);
	}
}

/* --- the module ---------------------------------------------------------------------------------- */

int outbox_new(struct outbox **out, struct node *n)
{
	struct outbox *o = calloc(1, sizeof *o);

	if (o == NULL)
		return RXP_ERR_NOMEM;
	o->node = n;
	*out = o;
	return 0;
}

void outbox_free(struct outbox *o)
{
	if (o == NULL)
		return;
	while (o->first != NULL) {
		struct flight *f = o->first;

		o->first = f->next;
		flight_free(f);
	}
	free(o);
}

struct outbox_counts outbox_counted(const struct outbox *o)
{
	return o->count;
}
