#include "daemon/registry/desk/offer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_offer.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/buf.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* One offer of ours on its way to its commit. */
struct offering {
	struct store_item item;
	const struct offer *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	char peer[RXP_PARTY_TEXT];
	char party[RXP_PARTY_TEXT]; /* who sealed it */
	char id[RXP_PROFILE_TEXT]; /* "": a calendar */
	uint32_t version;
	int64_t at_ms;
	struct rec_node_offer says; /* its file: in octets */
	struct rxp_buf octets;
	const char *problem;
};

static void offering_free(struct offering *o)
{
	rxp_buf_free(&o->octets);
	free(o);
}

static void end(struct offering *o, int result)
{
	struct msg_offer_made m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", result != 0 ? o->problem : "");
	link_answer(o->by->node->desk, IPC_offer_made, o->request, &m, NULL, 0);
	offering_free(o);
}

/* --- what is offered ------------------------------------------------------------------------------ */

static void say_from(struct offering *o, int64_t ms)
{
	char day[RXP_DAY_TEXT];

	rxp_day_text(day, (int32_t)(ms / RXP_DAY_MS));
	snprintf(o->says.from, sizeof o->says.from, "%s", day);
	snprintf(o->says.version, sizeof o->says.version, "%u", (unsigned)o->version);
}

static int find_profile(struct offering *o, const struct msg_offer_make *m)
{
	const struct shelf_profile *p;
	int rc = terms_named(&p, o->by->terms, m->publisher, m->id, m->version, &o->problem);

	if (rc != 0)
		return rc;
	memcpy(o->party, p->sealed.publisher, sizeof o->party);
	snprintf(o->id, sizeof o->id, "%s", m->id);
	o->version = m->version;
	snprintf(o->says.name, sizeof o->says.name, "%s", m->id);
	say_from(o, p->sealed.starts_ms);
	return 0;
}

static int find_calendar(struct offering *o)
{
	struct rxp_calendars held =
	    shelf_calendars(terms_shelf(o->by->terms), terms_own(o->by->terms));

	if (held.n == 0) {
		o->problem = "this node holds no calendar of its own";
		return RXP_ERR_NOT_FOUND;
	}
	snprintf(o->party, sizeof o->party, "%s", terms_own(o->by->terms));
	o->version = held.versions[held.n - 1]->version;
	o->says.calendar = 1;
	snprintf(o->says.name, sizeof o->says.name, "%s", o->party);
	say_from(o, held.versions[held.n - 1]->effective_ms);
	return 0;
}

/* The profile of the specification belongs to every node, and was sealed by nobody. */
static int take_file(struct offering *o)
{
	int rc = store_offer_sealed(
	    store_db(o->by->node->store), &o->octets, o->party, o->id, o->version);

	if (rc == RXP_ERR_NOT_FOUND)
		o->problem = "it belongs to the specification, and the peer holds it";
	o->says.file = (struct bytes){.data = o->octets.data, .len = o->octets.len};
	return rc;
}

static int check_peer(struct offering *o)
{
	const struct peer *peer = peers_find(o->by->peers, o->peer);

	if (peer == NULL) {
		o->problem = "the party is no peer";
		return RXP_ERR_NOT_FOUND;
	}
	if (peer->active)
		return 0;
	o->problem = "the peer is not trusted any more";
	return RXP_ERR_STATE;
}

/* --- the commit ----------------------------------------------------------------------------------- */

static int say(void *arg, struct db *db)
{
	struct offering *o = arg;
	char what[RECORD_NAME_MAX];
	uint8_t local_id[16];
	int rc = rxp_id_make_v7(local_id, o->at_ms, &o->by->node->random);

	snprintf(what, sizeof what, "%.48s/%u", o->says.name, (unsigned)o->version);
	if (rc == 0)
		rc = store_outbox_say(db, local_id, o->peer, RXP_TYPE_NODE_NOTICE, REC_node_offer,
		    &o->says, o->at_ms);
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = o->at_ms,
					       .user = o->user,
					       .action = JOURNAL_OFFER_MAKE,
					       .reason = what,
					       .peer = o->peer,
					       .local_id = local_id});
}

static void said(void *arg, int result)
{
	struct offering *o = arg;

	if (result == 0) {
		peers_count(peers_find(o->by->peers, o->peer), STATE_NONE, STATE_WAITING);
		log_event(LOG_OFFER_MADE, LOG_S(o->peer),
		    LOG_S(o->says.calendar != 0 ? "calendar" : "profile"), LOG_S(o->says.name),
		    LOG_S(o->says.version), LOG_S(o->user));
		pace_kick(o->by->pace);
	}
	end(o, result);
}

void offer_make(const struct offer *by, uint64_t request, const struct msg_offer_make *m)
{
	struct offering *o = calloc(1, sizeof *o);
	const struct msg_offer_made no_memory = {.result = (uint32_t)RXP_ERR_NOMEM};
	int rc;

	if (o == NULL) {
		link_answer(by->node->desk, IPC_offer_made, request, &no_memory, NULL, 0);
		return;
	}
	*o = (struct offering){
	    .by = by, .request = request, .at_ms = clock_wall_ms(), .problem = ""};
	rxp_buf_init(&o->octets, RXP_MAX_TERMS_OCTETS);
	memcpy(o->user, m->user, sizeof o->user);
	memcpy(o->peer, m->peer, sizeof o->peer);
	rc = check_peer(o);
	if (rc == 0)
		rc = m->id[0] != '\0' ? find_profile(o, m) : find_calendar(o);
	if (rc == 0)
		rc = take_file(o);
	if (rc != 0) {
		end(o, rc);
		return;
	}
	o->item = (struct store_item){.apply = say, .done = said, .arg = o};
	store_submit(by->node->store, &o->item);
}

/* --- what peers offer ----------------------------------------------------------------------------- */

void offer_list(const struct offer *by, uint64_t request, const struct msg_offer_list *m)
{
	struct msg_offer_listed a = {0};
	const struct peer *peer;
	struct rxp_buf rows;
	int rc = 0;

	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	for (size_t i = 0; rc == 0 && (peer = peers_at(by->peers, i)) != NULL; i++)
		if (m->peer[0] == '\0' || strcmp(m->peer, peer->party) == 0)
			rc = store_offer_rows(store_db(by->node->store), &rows, peer->party);
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.rows = (struct bytes){.data = rows.data, .len = rows.len};
	link_answer(by->node->desk, IPC_offer_listed, request, &a, NULL, 0);
	rxp_buf_free(&rows);
}

void offer_get(const struct offer *by, uint64_t request, const struct msg_offer_get *m)
{
	struct msg_offer_got a = {0};
	struct rxp_buf file;
	int rc;

	rxp_buf_init(&file, RXP_MAX_TERMS_OCTETS);
	rc = store_offer_file(store_db(by->node->store), &file, m->offer_id);
	a.result = (uint32_t)rc;
	if (rc == 0)
		a.file = (struct bytes){.data = file.data, .len = file.len};
	link_answer(by->node->desk, IPC_offer_got, request, &a, NULL, 0);
	rxp_buf_free(&file);
}
