#include "daemon/registry/desk/former.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/memfile.h"
#include "daemon/base/work.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/newer.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_former.h"
#include "daemon/registry/store/store_journal.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

/* One request on its way. */
struct keeping {
	struct store_item item;
	struct node *node;
	struct publish *publish;
	uint64_t request;
	char party[RXP_PARTY_TEXT], user[RECORD_NAME_MAX];
	struct rxp_buf octets; /* of the descriptor */
	uint64_t first, last;
	int64_t at_ms;
};

static void free_keeping(struct keeping *k)
{
	rxp_buf_free(&k->octets);
	free(k);
}

static void answer(struct keeping *k, int result, const char *problem)
{
	struct msg_descriptor_kept m = {
	    .result = (uint32_t)result, .first = k->first, .last = k->last};

	snprintf(m.problem, sizeof m.problem, "%s", problem);
	link_answer(k->node->desk, IPC_descriptor_kept, k->request, &m, NULL, 0);
	free_keeping(k);
}

static const char *problem_of(int result, bool newest)
{
	switch (result) {
	case RXP_ERR_MISMATCH:
		return NEWER_OF_ANOTHER;
	case RXP_ERR_STATE:
		return newest ? "it is later than the one in force: peer update takes such a one"
			      : "it joins no identity part that is known";
	case RXP_ERR_FULL:
		return "as many are kept of it as a container may have";
	case RXP_ERR_EXISTS:
		return "";
	default:
		return newer_problem(result);
	}
}

/* Of no room now or later. */
static void answer_judged(struct keeping *k, int result, bool newest)
{
	answer(k, result == RXP_ERR_FULL ? RXP_ERR_STATE : result, problem_of(result, newest));
}

/* --- kept ------------------------------------------------------------------------------------------ */

static int keep_apply(void *arg, struct db *db)
{
	const struct keeping *k = arg;
	int rc =
	    store_former_give(db, k->party, k->last, (struct bytes){k->octets.data, k->octets.len});

	return rc != 0 ? rc
		       : store_journal(db, &(struct store_journal_entry){.at_ms = k->at_ms,
					       .user = k->user,
					       .action = JOURNAL_DESCRIPTOR_KEEP,
					       .peer = k->party});
}

static void kept(void *arg, int result)
{
	struct keeping *k = arg;

	if (result == 0 && strcmp(k->party, k->node->own) == 0)
		publish_all(k->publish);
	if (result == 0)
		log_event(LOG_DESCRIPTOR_KEPT, LOG_S(k->party), LOG_N(k->first), LOG_N(k->last),
		    LOG_S(k->user));
	answer_judged(k, result, false);
}

/* --- judged ---------------------------------------------------------------------------------------- */

static void joined(void *arg, int result, const struct link_message *m)
{
	struct keeping *k = arg;
	const struct msg_descriptor_joined *a = m != NULL ? m->body : NULL;
	int rc = result != 0 || a == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)a->result;

	if (a != NULL) {
		k->first = a->first;
		k->last = a->last;
	}
	if (rc != 0) {
		answer_judged(k, rc, a != NULL && a->newest != 0);
		return;
	}
	k->item = (struct store_item){.apply = keep_apply, .done = kept, .arg = k};
	store_submit(k->node->store, &k->item);
}

/* --- asked ----------------------------------------------------------------------------------------- */

/* That in force first, then what is kept already. */
static int put_known(struct rxp_buf *rows, const struct keeping *k, const struct keys *keys)
{
	struct db *db = store_db(k->node->store);
	struct rec_evidence_former in_force = {.own = strcmp(k->party, k->node->own) == 0};
	uint8_t root[RXP_DIGEST_OCTETS];
	struct rxp_buf peer;
	int rc = 0;

	rxp_buf_init(&peer, RXP_MAX_DESCRIPTOR_OCTETS);
	if (in_force.own != 0) {
		in_force.octets = keys_descriptor(keys, root);
	} else {
		rc = store_peer_descriptor(db, &peer, k->party);
		in_force.octets = (struct bytes){peer.data, peer.len};
	}
	if (rc == 0 && in_force.octets.len == 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc == 0)
		rc = record_list_put(rows, REC_evidence_former, &record_evidence_former, &in_force);
	if (rc == 0)
		rc = store_former_rows(db, rows, k->party);
	rxp_buf_free(&peer);
	return rc;
}

static int submit(struct keeping *k, const struct keys *keys)
{
	const struct msg_join_descriptor q = {.octets = {k->octets.data, k->octets.len}};
	struct rxp_buf rows;
	int file = -1, rc;

	rxp_buf_init(&rows, IPC_CONTAINER_ROWS_MAX);
	rc = put_known(&rows, k, keys);
	if (rc == 0)
		rc = memfile_make(&file, "former", rows.data, rows.len);
	if (rc == 0)
		rc = work_submit(k->node->work, IPC_join_descriptor, &q, &file, 1, joined, k);
	if (file >= 0)
		close(file);
	rxp_buf_free(&rows);
	return rc;
}

void former_keep(struct node *n, const struct keys *keys, struct publish *publish, uint64_t request,
    const struct msg_descriptor_keep *m)
{
	struct msg_descriptor_kept refused = {.result = (uint32_t)RXP_ERR_NOMEM};
	struct keeping *k = calloc(1, sizeof *k);
	int rc;

	if (k == NULL) {
		link_answer(n->desk, IPC_descriptor_kept, request, &refused, NULL, 0);
		return;
	}
	k->node = n;
	k->publish = publish;
	k->request = request;
	k->at_ms = clock_wall_ms();
	memcpy(k->party, m->party, sizeof k->party);
	memcpy(k->user, m->user, sizeof k->user);
	rxp_buf_init(&k->octets, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = rxp_buf_put(&k->octets, m->descriptor.data, m->descriptor.len);
	if (rc == 0)
		rc = submit(k, keys);
	if (rc != 0)
		answer(k, rc, "");
}
