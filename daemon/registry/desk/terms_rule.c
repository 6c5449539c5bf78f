#include "daemon/registry/desk/terms_rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/terms/shelf.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/err.h"

/* --- an attestation ------------------------------------------------------------------------------- */

struct attesting {
	struct store_item item;
	const struct terms_rule *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	struct store_profile row;
};

static void answer_attest(
    struct node *n, uint64_t request, int result, const struct store_profile *row, const char *why)
{
	struct msg_profile_attested m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", why);
	if (row != NULL && result == 0) {
		memcpy(m.publisher, row->publisher, sizeof m.publisher);
		memcpy(m.digest, row->digest, sizeof m.digest);
		m.attested_ms = row->attested_ms;
	}
	link_answer(n->desk, IPC_profile_attested, request, &m, NULL, 0);
}

static int attest_apply(void *arg, struct db *db)
{
	const struct attesting *a = arg;
	char what[RECORD_NAME_MAX];
	int rc = store_profile_attest(db, &a->row);

	snprintf(what, sizeof what, "by %.16s: %.32s/%u", a->row.officer, a->row.id,
	    (unsigned)a->row.version);
	return rc != 0
		   ? rc
		   : store_journal(db, &(struct store_journal_entry){.at_ms = a->row.attested_ms,
					   .user = a->user,
					   .action = JOURNAL_PROFILE_ATTEST,
					   .reason = what,
					   .peer = a->row.publisher});
}

static void attest_done(void *arg, int result)
{
	struct attesting *a = arg;

	if (result == 0) {
		shelf_attested(terms_shelf(a->by->terms), &a->row);
		log_event(LOG_PROFILE_ATTESTED, LOG_S(a->row.publisher), LOG_S(a->row.id),
		    LOG_N(a->row.version), LOG_X(a->row.digest, sizeof a->row.digest),
		    LOG_S(a->row.officer), LOG_S(a->user));
	}
	answer_attest(a->by->node, a->request, result, &a->row,
	    result == RXP_ERR_EXISTS ? "it was attested already" : "");
	free(a);
}

/* May it be attested, and needs it? The specification's own has no publisher who could be wrong. */
static int judge_attest(const struct shelf_profile *p, const char **why)
{
	if (p->laid.publisher[0] == '\0' || p->laid.status != RXP_STATUS_UNVERIFIED) {
		*why = "only what is unverified is attested";
		return RXP_ERR_STATE;
	}
	if (p->attested_ms != 0) {
		*why = "it was attested already";
		return RXP_ERR_EXISTS;
	}
	return 0;
}

void terms_rule_attest(
    const struct terms_rule *by, uint64_t request, const struct msg_profile_attest *m)
{
	const struct shelf_profile *p = NULL;
	struct attesting *a = NULL;
	const char *why = "";
	int rc = terms_named(&p, by->terms, m->publisher, m->id, m->version, &why);

	if (rc == 0)
		rc = judge_attest(p, &why);
	if (rc == 0 && (a = calloc(1, sizeof *a)) == NULL)
		rc = RXP_ERR_NOMEM;
	if (rc != 0) {
		answer_attest(by->node, request, rc, NULL, why);
		free(a);
		return;
	}
	a->item = (struct store_item){.apply = attest_apply, .done = attest_done, .arg = a};
	a->by = by;
	a->request = request;
	memcpy(a->user, m->user, sizeof a->user);
	memcpy(a->row.publisher, p->laid.publisher, sizeof a->row.publisher);
	memcpy(a->row.id, p->laid.id, sizeof a->row.id);
	a->row.version = p->laid.version;
	memcpy(a->row.digest, p->laid.digest, sizeof a->row.digest);
	memcpy(a->row.officer, m->officer, sizeof a->row.officer);
	a->row.attested_ms = clock_wall_ms();
	store_submit(by->node->store, &a->item);
}

/* --- a choice ------------------------------------------------------------------------------------- */

struct choosing {
	struct store_item item;
	const struct terms_rule *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	int64_t at_ms;
	struct store_choice row;
};

static void answer_use(
    struct node *n, uint64_t request, int result, int64_t from_ms, const char *why)
{
	struct msg_profile_used m = {.result = (uint32_t)result, .from_ms = from_ms};

	snprintf(m.problem, sizeof m.problem, "%s", why);
	link_answer(n->desk, IPC_profile_used, request, &m, NULL, 0);
}

static int use_apply(void *arg, struct db *db)
{
	const struct choosing *c = arg;
	char what[RECORD_NAME_MAX];
	int rc = store_choice_put(db, &c->row);

	snprintf(what, sizeof what, "%.48s/%u", c->row.id, (unsigned)c->row.version);
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = c->at_ms,
					       .user = c->user,
					       .action = JOURNAL_PROFILE_USE,
					       .reason = what,
					       .peer = c->row.peer});
}

static void use_done(void *arg, int result)
{
	struct choosing *c = arg;

	if (result == 0) {
		if (terms_chosen(c->by->terms, &c->row) != 0)
			abort(); /* there was room, and requests for it come one at a time */
		log_event(LOG_PROFILE_CHOSEN, LOG_S(c->row.peer), LOG_S(c->row.id),
		    LOG_N(c->row.version), LOG_S(c->user));
	}
	answer_use(c->by->node, c->request, result, c->row.from_ms, "");
	free(c);
}

static int judge_use(
    const struct terms_rule *by, const struct store_choice *row, int64_t now_ms, const char **why)
{
	struct terms_of_case found;
	struct store_case c = {.requesting = true};

	if (peers_find(by->peers, row->peer) == NULL) {
		*why = "the party is no peer";
		return RXP_ERR_NOT_FOUND;
	}
	memcpy(c.peer, row->peer, sizeof c.peer);
	memcpy(c.profile_id, row->id, sizeof c.profile_id);
	snprintf(c.profile_version, sizeof c.profile_version, "%u", (unsigned)row->version);
	if (terms_find(&found, by->terms, &c) != 0) {
		*why = "no such profile is held for the two";
		return RXP_ERR_NOT_FOUND;
	}
	if (row->from_ms < now_ms) {
		*why = "a choice is for later cases: from lies in the past";
		return RXP_ERR_STATE;
	}
	return terms_choices_full(by->terms) ? RXP_ERR_FULL : 0;
}

void terms_rule_use(const struct terms_rule *by, uint64_t request, const struct msg_profile_use *m)
{
	struct store_choice row = {.from_ms = m->from_ms, .version = m->version};
	int64_t now_ms = clock_wall_ms();
	struct choosing *c = NULL;
	const char *why = "";
	int rc;

	memcpy(row.peer, m->peer, sizeof row.peer);
	memcpy(row.id, m->id, sizeof row.id);
	if (row.from_ms == 0)
		row.from_ms = now_ms;
	rc = judge_use(by, &row, now_ms, &why);
	if (rc == 0 && (c = calloc(1, sizeof *c)) == NULL)
		rc = RXP_ERR_NOMEM;
	if (rc != 0) {
		answer_use(by->node, request, rc, 0, why);
		free(c);
		return;
	}
	c->item = (struct store_item){.apply = use_apply, .done = use_done, .arg = c};
	c->by = by;
	c->request = request;
	c->at_ms = now_ms;
	c->row = row;
	memcpy(c->user, m->user, sizeof c->user);
	store_submit(by->node->store, &c->item);
}
