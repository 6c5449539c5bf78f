#include "daemon/registry/desk/peering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/newer.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/log/logchain.h"

#define JUST_DISTRUSTED "it was distrusted meanwhile: add it again if it is to be trusted"

/* --- adding ------------------------------------------------------------------------------------- */

/* One request on its way: checked by a sealer, then committed. */
struct adding {
	struct store_item item;
	const struct peering *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	struct rxp_buf descriptor, records;
	uint64_t distrusts; /* so many were ordered when it was asked for */
	struct store_peer row;
	int (*put)(struct db *db, const struct store_peer *peer);
	int64_t revoked_since_ms; /* seals of the party, as it says now; 0: none more */
	bool chain_checked; /* that it holds the part that is known (RXP-DSC-039) */
};

static void adding_free(struct adding *a)
{
	if (a == NULL)
		return;
	rxp_buf_free(&a->descriptor);
	rxp_buf_free(&a->records);
	free(a);
}

static void answer_add(
    struct node *n, uint64_t request, int result, const char *problem, const char *party)
{
	struct msg_peer_added m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", problem);
	snprintf(m.party, sizeof m.party, "%s", party);
	link_answer(n->desk, IPC_peer_added, request, &m, NULL, 0);
}

static int add_apply(void *arg, struct db *db)
{
	struct adding *a = arg;
	int rc = a->put(db, &a->row);

	if (rc == 0 && a->revoked_since_ms != 0)
		rc = store_outbox_ask_again(
		    db, a->row.party, a->revoked_since_ms, clock_wall_ms()); /* RXP-DSC-042 */
	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = clock_wall_ms(),
					       .user = a->user,
					       .action = JOURNAL_PEER_ADD,
					       .peer = a->row.party});
}

static void add_done(void *arg, int result)
{
	struct adding *a = arg;
	const struct peering *by = a->by;
	const char *problem = "";

	if (result == RXP_ERR_MISMATCH)
		problem = NEWER_PIN_OF_ANOTHER;
	if (result == RXP_ERR_EXISTS && peers_active(by->peers, a->row.party) != NULL)
		problem = NEWER_BY_NOW;
	else if (result == RXP_ERR_EXISTS)
		problem = JUST_DISTRUSTED;
	if (result == 0) {
		int rc = peers_take(by->peers, &a->row);

		if (rc != 0)
			node_fail(by->node, "peers", rc);
		log_event(LOG_PEER_ADDED, LOG_S(a->row.party),
		    LOG_X(a->row.root, sizeof a->row.root), LOG_S(a->user));
		publish_all(by->publish);
		pace_kick(by->pace);
	}
	answer_add(by->node, a->request, result, problem, result == 0 ? a->row.party : "");
	adding_free(a);
}

/* The log with a new peer begins at head(0) under a random id (RXP-LOG-001). */
static int begin_log(struct node *n, struct store_peer *row)
{
	int rc = rxp_id_make_v4(row->log_id, &n->random);

	return rc != 0 ? rc : rxp_logchain_start(row->log_head, n->own, row->party, row->log_id);
}

static int prepare_row(struct adding *a, const struct msg_descriptor_checked *m)
{
	struct node *n = a->by->node;
	struct store_peer *row = &a->row;
	int rc = rxp_buf_put(&a->records, m->rows.data, m->rows.len);

	memcpy(row->party, m->party, sizeof row->party);
	row->active = true;
	row->identity_serial = m->identity_serial;
	memcpy(row->identity, m->identity, sizeof row->identity);
	row->working_created_ms = m->working_created_ms;
	row->added_ms = clock_wall_ms();
	row->records = (struct bytes){.data = a->records.data, .len = a->records.len};
	row->descriptor = (struct bytes){.data = a->descriptor.data, .len = a->descriptor.len};
	return rc != 0 ? rc : begin_log(n, row);
}

static void add_checked(void *arg, int result, const struct link_message *answer);

/* The same again, of a party that is trusted already: 0, and add_checked() is called once more. */
static int check_chain(struct adding *a, const struct peer *known)
{
	struct msg_check_descriptor q = {.any_root = 1,
	    .known_serial = known->identity_serial,
	    .octets = {.data = a->descriptor.data, .len = a->descriptor.len}};

	a->chain_checked = true;
	memcpy(q.known, known->identity, sizeof q.known);
	return work_submit(a->by->node->work, IPC_check_descriptor, &q, NULL, 0, add_checked, a);
}

static void add_checked(void *arg, int result, const struct link_message *answer)
{
	struct adding *a = arg;
	const struct peering *by = a->by;
	const struct msg_descriptor_checked *m = answer != NULL ? answer->body : NULL;
	const struct peer *known = NULL;
	const char *problem = "", *party = "";
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	problem = rc == RXP_ERR_SIGNER ? "the root of its latest part has another fingerprint"
				       : newer_problem(rc);
	if (rc == 0) {
		known = peers_find(by->peers, m->party);
		if (known != NULL && known->active && !a->chain_checked) {
			rc = check_chain(a, known);
			if (rc == 0)
				return;
		}
	}
	if (rc == 0 && known != NULL && !known->active && known->distrusted > a->distrusts) {
		problem = JUST_DISTRUSTED; /* RXP-DSC-044 */
		rc = RXP_ERR_STATE;
	}
	if (rc == 0)
		rc = newer_judge(by->node, by->peers, known, m, &problem);
	if (rc == 0)
		rc = prepare_row(a, m);
	if (rc == 0 && newer_is_known(known, m)) {
		party = a->row.party;
		rc = RXP_ERR_EXISTS;
	}
	if (rc == 0 && known == NULL && peers_at(by->peers, REGISTRY_PEERS_MAX - 1) != NULL)
		rc = RXP_ERR_FULL;
	if (rc != 0) {
		answer_add(by->node, a->request, rc, problem, party);
		adding_free(a);
		return;
	}
	a->put = known == NULL   ? store_peer_add
		 : known->active ? store_peer_renew
				 : store_peer_trust_anew;
	a->revoked_since_ms = newer_revokes(known, m);
	store_submit(by->node->store, &a->item);
}

void peering_add(const struct peering *by, uint64_t request, const struct msg_peer_add *m)
{
	struct msg_check_descriptor check = {.octets = m->descriptor};
	struct adding *a = calloc(1, sizeof *a);
	int rc = RXP_ERR_NOMEM;

	if (a == NULL)
		goto done;
	a->by = by;
	a->request = request;
	a->distrusts = by->node->distrusts;
	a->item = (struct store_item){.apply = add_apply, .done = add_done, .arg = a};
	memcpy(a->user, m->user, sizeof a->user);
	memcpy(a->row.root, m->root, sizeof a->row.root);
	memcpy(check.root, m->root, sizeof check.root);
	rxp_buf_init(&a->descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	rxp_buf_init(&a->records, REGISTRY_PEER_ROWS_MAX);
	rc = rxp_buf_put(&a->descriptor, m->descriptor.data, m->descriptor.len);
	if (rc == 0)
		rc = work_submit(
		    by->node->work, IPC_check_descriptor, &check, NULL, 0, add_checked, a);
done:
	if (rc != 0) {
		answer_add(by->node, request, rc, "", "");
		adding_free(a);
	}
}

/* --- distrusting -------------------------------------------------------------------------------- */

struct distrusting {
	struct store_item item;
	const struct peering *by;
	uint64_t request;
	char user[RECORD_NAME_MAX];
	char party[4];
};

static void answer_distrust(struct node *n, uint64_t request, int result)
{
	struct msg_peer_distrusted m = {.result = (uint32_t)result};

	link_answer(n->desk, IPC_peer_distrusted, request, &m, NULL, 0);
}

static int distrust_apply(void *arg, struct db *db)
{
	struct distrusting *d = arg;
	int rc = store_peer_distrust(db, d->party);

	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = clock_wall_ms(),
					       .user = d->user,
					       .action = JOURNAL_PEER_DISTRUST,
					       .peer = d->party});
}

static void distrust_done(void *arg, int result)
{
	struct distrusting *d = arg;
	struct peer *peer = peers_find(d->by->peers, d->party);

	if (result == 0) {
		peer->active = false;
		peer->distrusted = ++d->by->node->distrusts;
		log_event(LOG_PEER_DISTRUSTED, LOG_S(d->party), LOG_S(d->user));
		publish_all(d->by->publish);
	}
	answer_distrust(d->by->node, d->request, result);
	free(d);
}

void peering_distrust(const struct peering *by, uint64_t request, const struct msg_peer_distrust *m)
{
	const struct peer *peer = peers_find(by->peers, m->party);
	struct distrusting *d = NULL;
	int rc = RXP_ERR_NOT_FOUND;

	if (peer != NULL)
		rc = peer->active ? 0 : RXP_ERR_STATE;
	if (rc == 0 && (d = calloc(1, sizeof *d)) == NULL)
		rc = RXP_ERR_NOMEM;
	if (rc != 0) {
		answer_distrust(by->node, request, rc);
		free(d);
		return;
	}
	d->item = (struct store_item){.apply = distrust_apply, .done = distrust_done, .arg = d};
	d->by = by;
	d->request = request;
	memcpy(d->user, m->user, sizeof d->user);
	memcpy(d->party, m->party, sizeof d->party);
	store_submit(by->node->store, &d->item);
}
