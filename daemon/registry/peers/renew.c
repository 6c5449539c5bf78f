#include "daemon/registry/peers/renew.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/journal.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/newer.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_outbox.h"
#include "daemon/registry/store/store_peer.h"
#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/store/tally.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

struct renewal {
	struct store_item item;
	struct renew_config config;
	char party[4];
	struct rxp_buf descriptor, records;
	bool new_identity;
	bool newer; /* than what is known */
	bool
	    told; /* that what is stored of the peer was altered by hand; of what a person brings alone */
	bool mends; /* what a person brings puts right what is stored */
	struct store_peer
	    known; /* its number, identity part and time: as this node has them, or where they may be altered
				    as the stored descriptor says */
	char mark[STORE_PEER_MARK]; /* what stands in their place */
	int64_t revoked_since_ms; /* seals of the peer, as it says now; 0: none more */
	struct store_peer row;
	char user[RECORD_NAME_MAX]; /* "" if the peer itself gave it */
	const char *problem; /* "" */
	renew_done *done;
	void *arg;
};

static void renewal_free(struct renewal *r)
{
	rxp_buf_free(&r->descriptor);
	rxp_buf_free(&r->records);
	free(r);
}

static void end(struct renewal *r, int result)
{
	r->done(r->arg, result, r->problem);
	renewal_free(r);
}

/* Tables whose rows of a party say what its descriptor does, but for its log, which is held against the answers (RXP-LOG-013), and
 * what is counted of it. */
static const uint64_t described[] = {TALLY_peer + 1, TALLY_pin + 1};
#define DESCRIBED (sizeof described / sizeof described[0])

/* What was done to them is undone by a person, who need not note it. */
static int put(const struct renewal *r, struct db *db)
{
	int rc = r->mends ? store_peer_renumber(db, &r->known, r->mark) : 0;

	if (rc == 0)
		rc = r->newer ? store_peer_renew(db, &r->row) : store_peer_mend(db, &r->row);
	for (size_t i = 0; rc == 0 && r->mends && i < DESCRIBED; i++)
		rc = store_difference_mended(db, r->party, described[i], r->user, clock_wall_ms());
	return rc;
}

static int apply(void *arg, struct db *db)
{
	const struct renewal *r = arg;
	int rc = put(r, db);

	if (rc == 0 && r->revoked_since_ms != 0)
		rc = store_outbox_ask_again(
		    db, r->party, r->revoked_since_ms, clock_wall_ms()); /* RXP-DSC-042 */
	if (rc != 0 || r->user[0] == '\0')
		return rc;
	return store_journal(db, &(struct store_journal_entry){.at_ms = clock_wall_ms(),
				     .user = r->user,
				     .action = JOURNAL_PEER_UPDATE,
				     .peer = r->party});
}

static void recount(const struct renewal *r)
{
	struct peer *peer = peers_find(r->config.peers, r->party);

	(void)store_difference_open(store_db(r->config.node->store), &peer->differences, r->party);
}

static void committed(void *arg, int result)
{
	struct renewal *r = arg;

	if (result == RXP_ERR_MISMATCH)
		r->problem = NEWER_PIN_OF_ANOTHER;
	if (result == RXP_ERR_EXISTS && peers_active(r->config.peers, r->party) == NULL)
		result = RXP_ERR_STATE; /* distrusted just before it */
	else if (result == RXP_ERR_EXISTS)
		r->problem = NEWER_BY_NOW;
	if (result == 0) {
		int rc = peers_take(r->config.peers, &r->row);

		if (rc != 0)
			node_fail(r->config.node, "peers", rc);
		if (r->mends)
			recount(r);
		log_event(r->mends ? LOG_PEER_MENDED : LOG_PEER_RENEWED, LOG_S(r->party));
		if (r->new_identity)
			log_event(LOG_PEER_IDENTITY, LOG_S(r->party), LOG_N(r->row.identity_serial),
			    LOG_X(r->row.root, sizeof r->row.root));
		publish_all(r->config.publish);
	}
	end(r, result);
}

/* What a sealer verified, and the descriptor, into the row that is to be stored. */
static int keep(struct renewal *r, struct bytes rows, int64_t created_ms)
{
	int rc = rxp_buf_put(&r->records, rows.data, rows.len);

	r->row.working_created_ms = created_ms;
	r->row.descriptor = (struct bytes){.data = r->descriptor.data, .len = r->descriptor.len};
	r->row.records = (struct bytes){.data = r->records.data, .len = r->records.len};
	return rc;
}

static void store(struct renewal *r, int rc)
{
	if (rc != 0) {
		end(r, rc);
		return;
	}
	r->item = (struct store_item){.apply = apply, .done = committed, .arg = r};
	store_submit(r->config.node->store, &r->item);
}

static int renewal_new(struct renewal **out, const struct renew_config *config,
    const struct peer *peer, renew_done *done, void *arg)
{
	struct renewal *r = calloc(1, sizeof *r);

	if (r == NULL)
		return RXP_ERR_NOMEM;
	r->config = *config;
	r->done = done;
	r->problem = "";
	r->arg = arg;
	memcpy(r->party, peer->party, sizeof r->party);
	memcpy(r->row.party, peer->party, sizeof r->row.party);
	r->row.active = true;
	memcpy(r->row.root, peer->root, sizeof r->row.root);
	r->row.identity_serial = peer->identity_serial;
	memcpy(r->row.identity, peer->identity, sizeof r->row.identity);
	r->known = r->row;
	r->known.working_created_ms = peer->working_created_ms;
	r->newer = true;
	rxp_buf_init(&r->descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	rxp_buf_init(&r->records, REGISTRY_PEER_ROWS_MAX);
	*out = r;
	return 0;
}

/* --- a working part ------------------------------------------------------------------------------- */

/* May it take the place of what is known now? The peer may have changed while a sealer looked at it. */
static int judge_working(const struct renewal *r, const struct msg_descriptor_renewed *m)
{
	const struct peer *peer = peers_active(r->config.peers, r->party);

	if (peer == NULL)
		return RXP_ERR_STATE;
	if (m->working_created_ms > clock_wall_ms() + RXP_MAX_PART_AHEAD_MS)
		return RXP_ERR_DATES; /* RXP-DSC-038 */
	if (peer->identity_serial != r->row.identity_serial ||
	    m->working_created_ms <= peer->working_created_ms)
		return RXP_ERR_EXISTS;
	return 0;
}

static void working_renewed(void *arg, int result, const struct link_message *answer)
{
	struct renewal *r = arg;
	const struct msg_descriptor_renewed *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == 0)
		rc = judge_working(r, m);
	if (rc == 0) {
		rxp_buf_reset(&r->descriptor);
		rc = rxp_buf_put(&r->descriptor, m->descriptor.data, m->descriptor.len);
	}
	if (rc == 0)
		rc = keep(r, m->rows, m->working_created_ms);
	store(r, rc);
}

int renew_working(const struct renew_config *config, const struct peer *peer, struct bytes working,
    renew_done *done, void *arg)
{
	struct msg_renew_descriptor q = {.working = working};
	struct renewal *r = NULL;
	int rc = renewal_new(&r, config, peer, done, arg);

	if (rc != 0)
		return rc;
	memcpy(q.root, peer->root, sizeof q.root);
	rc = store_peer_descriptor(store_db(config->node->store), &r->descriptor, peer->party);
	q.descriptor = (struct bytes){.data = r->descriptor.data, .len = r->descriptor.len};
	if (rc == 0)
		rc = work_submit(
		    config->node->work, IPC_renew_descriptor, &q, NULL, 0, working_renewed, r);
	if (rc != 0)
		renewal_free(r);
	return rc;
}

/* --- a descriptor --------------------------------------------------------------------------------- */

static int look_told(struct renewal *r)
{
	uint64_t told = 0;
	int rc = 0;

	for (size_t i = 0; rc == 0 && told == 0 && i < DESCRIBED; i++)
		rc = store_difference_of_table(
		    store_db(r->config.node->store), &told, r->party, described[i]);
	r->told = told > 0;
	return rc;
}

/* Is there something to put right? Whoever altered what is stored has not the keys of what was brought, which verifies. */
static int look_altered(struct renewal *r)
{
	struct db *db = store_db(r->config.node->store);
	bool is = true;
	int rc = r->newer ? 0 : store_peer_is(db, &is, &r->row);

	r->mends = r->told || !is;
	if (rc == 0 && r->mends)
		rc = store_peer_mark(db, r->mark, r->party);
	return rc;
}

static struct peer as_known(const struct renewal *r, const struct peer *peer)
{
	struct peer known = *peer;

	known.identity_serial = r->known.identity_serial;
	memcpy(known.identity, r->known.identity, sizeof known.identity);
	known.working_created_ms = r->known.working_created_ms;
	return known;
}

static int judge_whole(struct renewal *r, const struct msg_descriptor_checked *m)
{
	const struct peer *peer = peers_active(r->config.peers, r->party);
	struct peer known;
	int rc;

	if (peer == NULL)
		return RXP_ERR_STATE;
	if (strcmp(m->party, r->party) != 0) {
		r->problem = NEWER_OF_ANOTHER;
		return RXP_ERR_MISMATCH;
	}
	if (r->user[0] == '\0' && peer->records.len == 0) {
		r->problem = "what is stored of the peer was altered by hand: a person brings it";
		return RXP_ERR_MISMATCH;
	}
	known = r->told ? as_known(r, peer) : *peer;
	rc = newer_judge(r->config.node, r->config.peers, &known, m, &r->problem);
	if (rc == RXP_ERR_STATE)
		return RXP_ERR_EXISTS;
	if (rc != 0)
		return RXP_ERR_MISMATCH;
	r->newer = !newer_is_known(&known, m);
	if (r->user[0] == '\0') /* the peer gives what is known again and again */
		return r->newer ? 0 : RXP_ERR_EXISTS;
	rc = look_altered(r);
	return rc != 0 || r->newer || r->mends ? rc : RXP_ERR_EXISTS;
}

static void whole_checked(void *arg, int result, const struct link_message *answer)
{
	struct renewal *r = arg;
	const struct msg_descriptor_checked *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc != 0)
		r->problem = newer_problem(rc);
	else
		rc = keep(r, m->rows, m->working_created_ms);
	if (rc == 0) {
		memcpy(r->row.root, m->root, sizeof r->row.root);
		r->row.identity_serial = m->identity_serial;
		memcpy(r->row.identity, m->identity, sizeof r->row.identity);
		rc = judge_whole(r, m);
	}
	if (rc == 0) {
		r->revoked_since_ms = newer_revokes(peers_find(r->config.peers, r->party), m);
		r->new_identity = r->known.identity_serial != m->identity_serial;
	}
	store(r, rc);
}

static int check_brought(struct renewal *r)
{
	struct msg_check_descriptor q = {.any_root = 1,
	    .known_serial = r->known.identity_serial,
	    .octets = {.data = r->descriptor.data, .len = r->descriptor.len}};

	memcpy(q.known, r->known.identity, sizeof q.known);
	return work_submit(
	    r->config.node->work, IPC_check_descriptor, &q, NULL, 0, whole_checked, r);
}

/* What the stored descriptor says of itself is signed, and what was noted beside it is not; but it must hang together with that by the
 * root, or by the identity part. */
static void stored_checked(void *arg, int result, const struct link_message *answer)
{
	struct renewal *r = arg;
	const struct msg_descriptor_checked *m = answer != NULL ? answer->body : NULL;
	int rc;

	if (result == 0 && m != NULL && m->result == 0 && strcmp(m->party, r->party) == 0 &&
	    (memcmp(m->root, r->known.root, sizeof r->known.root) == 0 ||
		memcmp(m->identity, r->known.identity, sizeof r->known.identity) == 0)) {
		r->known.identity_serial = m->identity_serial;
		memcpy(r->known.identity, m->identity, sizeof r->known.identity);
		r->known.working_created_ms = m->working_created_ms;
	}
	rc = check_brought(r);
	if (rc != 0)
		end(r, rc);
}

static int check_stored(struct renewal *r)
{
	struct msg_check_descriptor q = {.any_root = 1};
	struct rxp_buf stored;
	int rc;

	rxp_buf_init(&stored, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = store_peer_descriptor(store_db(r->config.node->store), &stored, r->party);
	q.octets = (struct bytes){.data = stored.data, .len = stored.len};
	if (rc == 0)
		rc = work_submit(
		    r->config.node->work, IPC_check_descriptor, &q, NULL, 0, stored_checked, r);
	else if (rc == RXP_ERR_BOUND) /* of a hand: it says nothing */
		rc = check_brought(r);
	rxp_buf_free(&stored);
	return rc;
}

int renew_whole(const struct renew_config *config, const struct peer *peer, struct bytes descriptor,
    const char *user, renew_done *done, void *arg)
{
	struct renewal *r = NULL;
	int rc = renewal_new(&r, config, peer, done, arg);

	if (rc != 0)
		return rc;
	if (user != NULL)
		snprintf(r->user, sizeof r->user, "%s", user);
	rc = rxp_buf_put(&r->descriptor, descriptor.data, descriptor.len);
	if (rc == 0 && user != NULL)
		rc = look_told(r);
	if (rc == 0)
		rc = r->told ? check_stored(r) : check_brought(r);
	if (rc != 0)
		renewal_free(r);
	return rc;
}
