#include "daemon/registry/desk/outage.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_disturbance.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"

/* One declaration on its way to its commit. */
struct declaring {
	struct store_item item;
	const struct outage *by;
	uint64_t request;
	bool ends;
	char user[RECORD_NAME_MAX];
	char peer[RXP_PARTY_TEXT]; /* "": all */
	int64_t at_ms, from_ms, until_ms; /* 0: as ipc.def says */
	uint8_t outage_id[RXP_ID_OCTETS]; /* of one that begins */
	const char *problem;
	uint32_t n;
	struct store_outage told[REGISTRY_PEERS_MAX]; /* n of them */
};

static void answer(struct declaring *d, int result)
{
	struct node *n = d->by->node;
	struct msg_outage_begun begun = {.result = (uint32_t)result, .peers = d->n};
	struct msg_outage_ended ended = {.result = (uint32_t)result, .peers = d->n};

	snprintf(begun.problem, sizeof begun.problem, "%s", d->problem);
	snprintf(ended.problem, sizeof ended.problem, "%s", d->problem);
	if (d->ends)
		link_answer(n->desk, IPC_outage_ended, d->request, &ended, NULL, 0);
	else
		link_answer(n->desk, IPC_outage_begun, d->request, &begun, NULL, 0);
}

/* --- the transaction ------------------------------------------------------------------------------ */

static int say(struct declaring *d, struct db *db, const struct store_outage *o)
{
	struct rec_node_outage says = {.from_ms = o->from_ms,
	    .until_ms = d->ends ? o->until_ms : d->until_ms,
	    .ends = d->ends};
	uint8_t local_id[16];
	int rc = rxp_id_make_v7(local_id, d->at_ms, &d->by->node->random);

	if (rc != 0)
		return rc;
	memcpy(says.outage_id, o->outage_id, sizeof says.outage_id);
	rc = store_outage_put(db, o);
	if (rc == 0)
		rc = store_outbox_say(
		    db, local_id, o->peer, RXP_TYPE_NODE_NOTICE, REC_node_outage, &says, d->at_ms);
	if (rc == 0)
		rc = store_journal(
		    db, &(struct store_journal_entry){.at_ms = d->at_ms,
			    .user = d->user,
			    .action = d->ends ? JOURNAL_OUTAGE_END : JOURNAL_OUTAGE_BEGIN,
			    .peer = o->peer,
			    .local_id = local_id});
	if (rc == 0)
		d->told[d->n++] = *o;
	return rc;
}

static int begin_with(struct declaring *d, struct db *db, const char *party)
{
	struct store_outage o = {.own = true,
	    .from_ms = d->from_ms != 0 ? d->from_ms : d->at_ms,
	    .until_ms = RXP_DUE_NEVER};

	snprintf(o.peer, sizeof o.peer, "%s", party);
	memcpy(o.outage_id, d->outage_id, sizeof o.outage_id);
	return say(d, db, &o);
}

static int end_with(struct declaring *d, struct db *db, struct store_outage o)
{
	if (d->from_ms != 0)
		o.from_ms = d->from_ms;
	o.until_ms = d->until_ms != 0 ? d->until_ms : d->at_ms;
	if (o.until_ms >= o.from_ms)
		return say(d, db, &o);
	d->problem = "it would end before it began";
	return RXP_ERR_SYNTAX;
}

/* One lasts at a time: it is ended, or none begins beside it. */
static int declare_to(struct declaring *d, struct db *db, const char *party)
{
	struct store_outage lasts;
	int rc = store_outage_own(db, &lasts, party);

	if (rc == RXP_ERR_NOT_FOUND)
		return d->ends ? 0 : begin_with(d, db, party);
	return rc != 0 || !d->ends ? rc : end_with(d, db, lasts);
}

static int declare(void *arg, struct db *db)
{
	struct declaring *d = arg;
	const struct peer *peer;
	int rc = 0;

	d->n = 0;
	for (size_t i = 0; rc == 0 && (peer = peers_at(d->by->peers, i)) != NULL; i++) {
		if (!peer->active || (d->peer[0] != '\0' && strcmp(d->peer, peer->party) != 0))
			continue;
		rc = declare_to(d, db, peer->party);
	}
	if (rc != 0 || d->n > 0)
		return rc;
	d->problem = d->ends ? "no outage lasts that this node declared"
			     : "an outage is declared already, or there is no peer to tell";
	return RXP_ERR_STATE;
}

/* --- after it ------------------------------------------------------------------------------------- */

static void tell(const struct declaring *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const struct store_outage *o = &d->told[i];
		int64_t until_ms = d->ends ? o->until_ms : d->until_ms;
		char from[RXP_TIME_TEXT], until[RXP_TIME_TEXT] = "";

		rxp_time_text(from, o->from_ms);
		if (until_ms != 0)
			rxp_time_text(until, until_ms);
		peers_count(peers_find(d->by->peers, o->peer), STATE_NONE, STATE_WAITING);
		log_event(LOG_OUTAGE_DECLARED, LOG_S(o->peer), LOG_S(d->ends ? "ends" : "begins"),
		    LOG_S(from), LOG_S(until), LOG_S(d->user));
	}
	pace_kick(d->by->pace);
}

static void done(void *arg, int result)
{
	struct declaring *d = arg;

	if (result == 0)
		tell(d);
	else
		d->n = 0;
	answer(d, result);
	free(d);
}

/* --- requests ------------------------------------------------------------------------------------- */

static int check(struct declaring *d)
{
	if (d->peer[0] != '\0' && peers_find(d->by->peers, d->peer) == NULL) {
		d->problem = "the party is no peer";
		return RXP_ERR_NOT_FOUND;
	}
	if (d->from_ms >= 0 && d->until_ms >= 0 && d->from_ms <= RXP_MAX_TIME_MS &&
	    d->until_ms <= RXP_MAX_TIME_MS &&
	    (d->until_ms == 0 ||
		d->until_ms >= (d->from_ms != 0 || d->ends ? d->from_ms : d->at_ms)))
		return rxp_id_make_v4(d->outage_id, &d->by->node->random);
	d->problem = "it would end before it began";
	return RXP_ERR_SYNTAX;
}

static void take(struct declaring *d)
{
	int rc = check(d);

	if (rc != 0) {
		answer(d, rc);
		free(d);
		return;
	}
	d->item = (struct store_item){.apply = declare, .done = done, .arg = d};
	store_submit(d->by->node->store, &d->item);
}

static struct declaring *declaring_new(
    const struct outage *by, uint64_t request, const char *user, const char *peer)
{
	struct declaring *d = calloc(1, sizeof *d);

	if (d == NULL)
		return NULL;
	d->by = by;
	d->request = request;
	d->at_ms = clock_wall_ms();
	d->problem = "";
	snprintf(d->user, sizeof d->user, "%s", user);
	snprintf(d->peer, sizeof d->peer, "%s", peer);
	return d;
}

void outage_begin(const struct outage *by, uint64_t request, const struct msg_outage_begin *m)
{
	struct declaring *d = declaring_new(by, request, m->user, m->peer);
	const struct msg_outage_begun no_memory = {.result = (uint32_t)RXP_ERR_NOMEM};

	if (d == NULL) {
		link_answer(by->node->desk, IPC_outage_begun, request, &no_memory, NULL, 0);
		return;
	}
	d->from_ms = m->from_ms;
	d->until_ms = m->until_ms;
	take(d);
}

void outage_end(const struct outage *by, uint64_t request, const struct msg_outage_end *m)
{
	struct declaring *d = declaring_new(by, request, m->user, m->peer);
	const struct msg_outage_ended no_memory = {.result = (uint32_t)RXP_ERR_NOMEM};

	if (d == NULL) {
		link_answer(by->node->desk, IPC_outage_ended, request, &no_memory, NULL, 0);
		return;
	}
	d->ends = true;
	d->from_ms = m->from_ms;
	d->until_ms = m->until_ms;
	take(d);
}

/* --- the list ------------------------------------------------------------------------------------- */

struct listing {
	struct rxp_buf rows;
	const char *own;
};

static int put_row(void *arg, const struct store_outage *o)
{
	struct listing *l = arg;
	struct rec_outage_row r = {
	    .from_ms = o->from_ms, .until_ms = o->until_ms != RXP_DUE_NEVER ? o->until_ms : 0};

	memcpy(r.peer, o->peer, sizeof r.peer);
	snprintf(r.declared_by, sizeof r.declared_by, "%s", o->own ? l->own : o->peer);
	memcpy(r.outage_id, o->outage_id, sizeof r.outage_id);
	return record_list_put(&l->rows, REC_outage_row, &record_outage_row, &r);
}

void outage_list(const struct outage *by, uint64_t request, const struct msg_outage_list *m)
{
	struct node *n = by->node;
	struct listing l = {.own = n->own};
	struct msg_outage_listed a = {0};
	const struct peer *peer;
	int rc = 0;

	rxp_buf_init(&l.rows, IPC_MESSAGE_MAX / 2);
	for (size_t i = 0; rc == 0 && (peer = peers_at(by->peers, i)) != NULL; i++)
		if (m->peer[0] == '\0' || strcmp(m->peer, peer->party) == 0)
			rc = store_outage_each(
			    store_db(n->store), peer->party, 0, REGISTRY_PAGE_MAX, put_row, &l);
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = l.rows.data, .len = l.rows.len};
	link_answer(n->desk, IPC_outage_listed, request, &a, NULL, 0);
	rxp_buf_free(&l.rows);
}
