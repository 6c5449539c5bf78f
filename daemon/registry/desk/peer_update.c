#include "daemon/registry/desk/peer_update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/link.h"
#include "daemon/base/work.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/newer.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* One request on its way. */
struct asked {
	const struct peer_update *by;
	uint64_t request;
	char party[4];
};

static int asked_new(
    struct asked **out, const struct peer_update *by, uint64_t request, const char party[4])
{
	struct asked *a = calloc(1, sizeof *a);

	if (a == NULL)
		return RXP_ERR_NOMEM;
	a->by = by;
	a->request = request;
	memcpy(a->party, party, sizeof a->party);
	*out = a;
	return 0;
}

/* --- what it changes ------------------------------------------------------------------------------ */

static void answer_diff(const struct peer_update *by, uint64_t request, struct msg_peer_differs *m,
    int result, const char *problem)
{
	m->result = (uint32_t)result;
	snprintf(m->problem, sizeof m->problem, "%s", problem);
	link_answer(by->renew.node->desk, IPC_peer_differs, request, m, NULL, 0);
}

/* Would it be taken? The words say why not. */
static const char *judge(
    const struct peer_update *by, const struct peer *known, const struct msg_descriptor_checked *m)
{
	const char *problem = "";

	if (newer_judge(by->renew.node, by->renew.peers, known, m, &problem) != 0)
		return problem;
	if (known != NULL && !known->active)
		return "the peer is distrusted: it can only be added anew";
	return newer_is_known(known, m) ? "it is what is known already" : "";
}

static void diff_checked(void *arg, int result, const struct link_message *answer)
{
	struct asked *a = arg;
	const struct msg_descriptor_checked *m = answer != NULL ? answer->body : NULL;
	const struct peer *known = peers_find(a->by->renew.peers, a->party);
	struct msg_peer_differs out = {.known_serial = known != NULL ? known->identity_serial : 0};
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;
	const char *problem = newer_problem(rc);

	if (rc == 0 && strcmp(m->party, a->party) != 0) {
		problem = NEWER_OF_ANOTHER;
		rc = RXP_ERR_MISMATCH;
	}
	if (rc == 0) {
		snprintf(out.refused, sizeof out.refused, "%s", judge(a->by, known, m));
		out.serial = m->identity_serial;
		memcpy(out.root, m->root, sizeof out.root);
		out.rows = m->changes;
	}
	answer_diff(a->by, a->request, &out, rc, problem);
	free(a);
}

void peer_update_diff(const struct peer_update *by, uint64_t request, const struct msg_peer_diff *m)
{
	struct msg_check_descriptor q = {.any_root = 1, .differ = 1, .octets = m->descriptor};
	const struct peer *known = peers_find(by->renew.peers, m->party);
	struct asked *a = NULL;
	struct rxp_buf earlier;
	int rc;

	rxp_buf_init(&earlier, RXP_MAX_DESCRIPTOR_OCTETS);
	rc = asked_new(&a, by, request, m->party);
	if (rc == 0 && known != NULL)
		rc = store_peer_descriptor(store_db(by->renew.node->store), &earlier, m->party);
	if (rc == 0 && known != NULL)
		q.earlier = (struct bytes){.data = earlier.data, .len = earlier.len};
	if (rc == 0 && known != NULL && known->active) {
		q.known_serial = known->identity_serial;
		memcpy(q.known, known->identity, sizeof q.known);
	}
	if (rc == 0)
		rc = work_submit(
		    by->renew.node->work, IPC_check_descriptor, &q, NULL, 0, diff_checked, a);
	if (rc != 0) {
		answer_diff(by, request, &(struct msg_peer_differs){0}, rc, "");
		free(a);
	}
	rxp_buf_free(&earlier);
}

/* --- taking it ------------------------------------------------------------------------------------ */

static void answer_update(
    const struct peer_update *by, uint64_t request, int result, const char *problem)
{
	struct msg_peer_updated m = {.result = (uint32_t)result};

	snprintf(m.problem, sizeof m.problem, "%s", problem);
	link_answer(by->renew.node->desk, IPC_peer_updated, request, &m, NULL, 0);
}

static void updated(void *arg, int result, const char *problem)
{
	struct asked *a = arg;

	if (result == RXP_ERR_EXISTS && problem[0] == '\0')
		problem = "it is what is known already";
	if (result == 0)
		pace_kick(a->by->pace);
	answer_update(a->by, a->request, result, problem);
	free(a);
}

void peer_update_take(
    const struct peer_update *by, uint64_t request, const struct msg_peer_update *m)
{
	const struct peer *peer = peers_find(by->renew.peers, m->party);
	struct asked *a = NULL;
	const char *problem = "";
	int rc = peer == NULL ? RXP_ERR_NOT_FOUND : 0;

	if (rc == 0 && !peer->active) {
		problem = "the peer is distrusted: it can only be added anew";
		rc = RXP_ERR_STATE;
	}
	if (rc == 0)
		rc = asked_new(&a, by, request, m->party);
	if (rc == 0)
		rc = renew_whole(&by->renew, peer, m->descriptor, m->user, updated, a);
	if (rc != 0) {
		answer_update(by, request, rc, problem);
		free(a);
	}
}
