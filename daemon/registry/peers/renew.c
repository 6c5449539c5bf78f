#include "daemon/registry/peers/renew.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/limits.h"

struct renewal {
	struct store_item item;
	struct renew_config config;
	char party[4];
	struct rxp_buf descriptor, records;
	struct store_peer row;
	renew_done *done;
	void *arg;
};

static void end(struct renewal *r, int result)
{
	r->done(r->arg, result);
	rxp_buf_free(&r->descriptor);
	rxp_buf_free(&r->records);
	free(r);
}

static int apply(void *arg, struct db *db)
{
	const struct renewal *r = arg;

	return store_peer_put(db, &r->row, true);
}

static void committed(void *arg, int result)
{
	struct renewal *r = arg;

	if (result == 0) {
		int rc = peers_take(r->config.peers, &r->row);

		if (rc != 0)
			node_fail(r->config.node, "peers", rc);
		log_event(LOG_PEER_RENEWED, LOG_S(r->party));
		publish_all(r->config.publish);
	}
	end(r, result);
}

/* May it take the place of what is known now? The peer may have changed while a sealer looked at it. */
static int judge(const struct renewal *r, const struct msg_descriptor_renewed *m)
{
	const struct peer *peer = peers_active(r->config.peers, r->party);

	if (peer == NULL)
		return RXP_ERR_STATE;
	if (peer->identity_serial != r->row.identity_serial ||
	    m->working_created_ms <= peer->working_created_ms)
		return RXP_ERR_EXISTS;
	return 0;
}

static void renewed(void *arg, int result, const struct link_message *answer)
{
	struct renewal *r = arg;
	const struct msg_descriptor_renewed *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == 0)
		rc = judge(r, m);
	if (rc == 0) {
		rxp_buf_reset(&r->descriptor);
		rxp_buf_put(&r->descriptor, m->descriptor.data, m->descriptor.len);
		rxp_buf_put(&r->records, m->rows.data, m->rows.len);
		rc = rxp_buf_error(&r->descriptor);
	}
	if (rc == 0)
		rc = rxp_buf_error(&r->records);
	if (rc != 0) {
		end(r, rc);
		return;
	}
	r->row.working_created_ms = m->working_created_ms;
	r->row.descriptor = (struct bytes){.data = r->descriptor.data, .len = r->descriptor.len};
	r->row.records = (struct bytes){.data = r->records.data, .len = r->records.len};
	r->item = (struct store_item){.apply = apply, .done = committed, .arg = r};
	store_submit(r->config.node->store, &r->item);
}

int renew_begin(const struct renew_config *config, const struct peer *peer, struct bytes working,
    renew_done *done, void *arg)
{
	struct msg_renew_descriptor q = {.working = working};
	struct renewal *r = calloc(1, sizeof *r);
	int rc;

	if (r == NULL)
		return RXP_ERR_NOMEM;
	r->config = *config;
	r->done = done;
	r->arg = arg;
	memcpy(r->party, peer->party, sizeof r->party);
	memcpy(r->row.party, peer->party, sizeof r->row.party);
	r->row.active = true;
	memcpy(r->row.root, peer->root, sizeof r->row.root);
	r->row.identity_serial = peer->identity_serial;
	memcpy(r->row.identity, peer->identity, sizeof r->row.identity);
	rxp_buf_init(&r->descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	rxp_buf_init(&r->records, REGISTRY_PEER_ROWS_MAX);
	memcpy(q.root, peer->root, sizeof q.root);
	rc = store_peer_descriptor(store_db(config->node->store), &r->descriptor, peer->party);
	q.descriptor = (struct bytes){.data = r->descriptor.data, .len = r->descriptor.len};
	if (rc == 0)
		rc = work_submit(config->node->work, IPC_renew_descriptor, &q, NULL, 0, renewed, r);
	if (rc != 0) {
		rxp_buf_free(&r->descriptor);
		rxp_buf_free(&r->records);
		free(r);
	}
	return rc;
}
