#include "daemon/registry/desk/collect.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/work.h"
#include "daemon/registry/cases/handover.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/retention/corrections.h"
#include "daemon/registry/retention/show.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_correction.h"
#include "daemon/registry/store/store_inbox.h"
#include "daemon/registry/store/store_journal.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define WRAPPED_KEY_MAX 1024 /* octets: a content key in its box */

struct collect {
	struct node *node;
	struct peers *peers;
	const struct terms *terms;
	struct pace *pace;
	struct reading *first; /* at most the window of the request */
};

/* --- content ------------------------------------------------------------------------------------ */

struct reading {
	struct store_item item;
	struct collect *collect;
	struct reading *next;
	uint64_t request;
	int64_t at_ms;
	char user[RECORD_NAME_MAX], reason[RECORD_NAME_MAX];
	uint8_t local_id[16];
	struct show show;
	struct store_readable message;
	struct rxp_buf wrapped_key, envelope;
	struct rxp_buf corrections; /* laid on it when it is shown */
	bool parted; /* they take something out */
	uint32_t asked; /* what they do not do yet */
};

static void free_reading(struct reading *r)
{
	rxp_buf_free(&r->wrapped_key);
	rxp_buf_free(&r->envelope);
	rxp_buf_free(&r->corrections);
	free(r);
}

static void unlink_reading(struct collect *c, const struct reading *r)
{
	struct reading **at = &c->first;

	while (*at != NULL && *at != r)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every reading in work is in the list */
	*at = r->next;
}

/* Answer and forget it. */
static void end_reading(struct reading *r, int result, struct bytes ticket)
{
	struct msg_content_ticket a = {.result = (uint32_t)result, .hidden = r->show.hidden};

	if (r->show.problem != NULL)
		snprintf(a.problem, sizeof a.problem, "%s", r->show.problem);
	if (result == 0) {
		a.ticket = ticket;
		a.envelope = (struct bytes){.data = r->envelope.data, .len = r->envelope.len};
		a.corrections =
		    (struct bytes){.data = r->corrections.data, .len = r->corrections.len};
		a.parted = r->parted;
		a.asked = r->asked;
	}
	link_answer(r->collect->node->desk, IPC_content_ticket, r->request, &a, NULL, 0);
	unlink_reading(r->collect, r);
	free_reading(r);
}

static const struct bytes nothing;

static void ticket_made(void *arg, int result, const struct link_message *answer)
{
	const struct msg_ticket_made *m = answer != NULL ? answer->body : NULL;

	if (result != 0 || m == NULL)
		end_reading(arg, RXP_ERR_DAMAGED, nothing);
	else
		end_reading(arg, (int)(int32_t)m->result, m->ticket);
}

static int reading_apply(void *arg, struct db *db)
{
	const struct reading *r = arg;

	return store_journal(
	    db, &(struct store_journal_entry){.at_ms = r->at_ms,
		    .user = r->user,
		    .action = r->show.blocked ? JOURNAL_BLOCKED_READ : JOURNAL_CONTENT_READ,
		    .reason = r->reason,
		    .peer = r->message.peer,
		    .local_id = r->local_id});
}

/* Only now: who reads stands in the journal whatever happens next. */
static void reading_done(void *arg, int result)
{
	struct reading *r = arg;
	struct msg_ticket q = {.until_ms = clock_mono_ms() + REGISTRY_TICKET_MS,
	    .hidden = r->show.hidden,
	    .wrapped_key = {.data = r->wrapped_key.data, .len = r->wrapped_key.len}};

	memcpy(q.local_id, r->local_id, sizeof q.local_id);
	memcpy(q.user, r->user, sizeof q.user);
	memcpy(q.envelope_digest, r->message.envelope_digest, sizeof q.envelope_digest);
	if (result == 0)
		result = node_digest(q.corrections, r->corrections.data, r->corrections.len);
	if (result == 0)
		result =
		    work_submit(r->collect->node->work, IPC_ticket, &q, NULL, 0, ticket_made, r);
	if (result != 0)
		end_reading(r, result, nothing);
}

/* What is blocked of it alone is as blocked as the whole. */
static int gather_corrections(struct reading *r, bool disputes)
{
	struct store_correction_of of = {.document = r->local_id,
	    .own = r->collect->node->own,
	    .peer = r->message.peer,
	    .blocked = disputes};
	struct db *db = store_db(r->collect->node->store);
	bool blocked = false;
	int rc = store_correction_parts(db, &r->corrections, &r->parted, &of);

	if (rc == 0 && disputes)
		rc = store_correction_blocks(db, &blocked, r->local_id);
	r->show.blocked = r->show.blocked || blocked;
	if (rc == 0)
		rc = corrections_open(&r->asked, r->collect->node, r->collect->terms, r->local_id);
	return rc;
}

void collect_content(struct collect *c, uint64_t request, const struct msg_content_get *m)
{
	struct node *n = c->node;
	const struct msg_content_ticket no_memory = {.result = (uint32_t)RXP_ERR_NOMEM};
	struct reading *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL) {
		link_answer(n->desk, IPC_content_ticket, request, &no_memory, NULL, 0);
		return;
	}
	r->collect = c;
	r->next = c->first;
	c->first = r;
	r->request = request;
	r->at_ms = clock_wall_ms();
	memcpy(r->user, m->user, sizeof r->user);
	memcpy(r->reason, m->reason, sizeof r->reason);
	memcpy(r->local_id, m->local_id, sizeof r->local_id);
	rxp_buf_init(&r->wrapped_key, WRAPPED_KEY_MAX);
	rxp_buf_init(&r->envelope, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&r->corrections, IPC_MESSAGE_MAX / 2);
	rc = r->user[0] == '\0' || !journal_reason_is(r->reason) ? RXP_ERR_SYNTAX : 0;
	if (rc == 0)
		rc = show_judge(&r->show, n, c->terms, r->local_id, m->disputes != 0);
	r->show.blocked = r->show.blocked && m->disputes != 0;
	if (rc == 0)
		rc = store_case_readable(
		    store_db(n->store), &r->message, &r->wrapped_key, &r->envelope, r->local_id);
	if (rc == 0)
		rc = gather_corrections(r, m->disputes != 0);
	if (rc != 0) {
		end_reading(r, rc, nothing);
		return;
	}
	r->item = (struct store_item){.apply = reading_apply, .done = reading_done, .arg = r};
	store_submit(n->store, &r->item);
}

/* --- taking over -------------------------------------------------------------------------------- */

struct taking {
	struct store_item item;
	const struct collect *collect;
	uint64_t request;
	int64_t at_ms;
	char user[RECORD_NAME_MAX];
	uint8_t local_id[16];
	struct store_inbox_where message;
	enum state after;
	struct handover handover;
};

static void answer_ack(struct node *n, uint64_t request, int result)
{
	const struct msg_inbox_acked a = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_inbox_acked, request, &a, NULL, 0);
}

/* RXP-HND-004. To a peer that nobody trusts nothing is said. */
static int write_handover(struct taking *t, struct db *db)
{
	const struct collect *c = t->collect;

	if (!t->message.in_case || peers_active(c->peers, t->message.peer) == NULL)
		return 0;
	return handover_write(
	    &t->handover, db, c->node->own, t->message.peer, t->message.case_id, t->at_ms);
}

/* Read inside the transaction, since two requests may share a round. */
static int ack_apply(void *arg, struct db *db)
{
	struct taking *t = arg;
	int rc = store_inbox_where(db, &t->message, t->local_id);

	t->after = t->message.state;
	if (rc != 0 || t->message.state == STATE_HANDED_OVER)
		return rc;
	if (!state_allows(t->message.state, EVENT_COLLECT))
		return RXP_ERR_STATE;
	t->after = state_next(t->message.state, EVENT_COLLECT);
	rc = store_inbox_move(db, t->local_id, t->after);
	if (rc == 0)
		rc = store_journal(db, &(struct store_journal_entry){.at_ms = t->at_ms,
					   .user = t->user,
					   .action = JOURNAL_INBOX_ACK,
					   .peer = t->message.peer,
					   .local_id = t->local_id});
	return rc != 0 ? rc : write_handover(t, db);
}

static void ack_done(void *arg, int result)
{
	struct taking *t = arg;
	struct peer *peer;

	if (result == 0 && t->after != t->message.state) {
		peer = peers_find(t->collect->peers, t->message.peer);
		peers_count(peer, t->message.state, t->after);
		if (t->handover.written) {
			peers_count(peer, STATE_NONE, t->handover.state);
			pace_kick(t->collect->pace);
		}
	}
	answer_ack(t->collect->node, t->request, result);
	free(t);
}

void collect_ack(struct collect *c, uint64_t request, const struct msg_inbox_ack *m)
{
	struct node *n = c->node;
	struct taking *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL) {
		answer_ack(n, request, RXP_ERR_NOMEM);
		return;
	}
	t->collect = c;
	t->request = request;
	t->at_ms = clock_wall_ms();
	memcpy(t->user, m->user, sizeof t->user);
	memcpy(t->local_id, m->local_id, sizeof t->local_id);
	rc = rxp_id_make_v7(t->handover.local_id, t->at_ms, &n->random);
	if (rc != 0) {
		answer_ack(n, request, rc);
		free(t);
		return;
	}
	t->item = (struct store_item){.apply = ack_apply, .done = ack_done, .arg = t};
	store_submit(n->store, &t->item);
}

/* --- the module --------------------------------------------------------------------------------- */

int collect_new(struct collect **out, struct node *n, struct peers *peers,
    const struct terms *terms, struct pace *pace)
{
	struct collect *c = calloc(1, sizeof *c);

	if (c == NULL)
		return RXP_ERR_NOMEM;
	c->node = n;
	c->peers = peers;
	c->terms = terms;
	c->pace = pace;
	*out = c;
	return 0;
}

void collect_free(struct collect *c)
{
	if (c == NULL)
		return;
	while (c->first != NULL) {
		struct reading *r = c->first;

		c->first = r->next;
		free_reading(r);
	}
	free(c);
}
