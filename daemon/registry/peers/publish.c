#include "daemon/registry/peers/publish.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/link.h"
#include "daemon/base/memfile.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_former.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

struct publish {
	struct node *node;
	struct peers *peers;
	const struct keys *keys;
	uint64_t number; /* of the register */
	int register_fd; /* owned; -1 before the first */
};

/* Which of a peer's records the sealers need, and which the gateway. */
static const bool in_register[REC_COUNT] = {
    [REC_seal_cert] = true, [REC_peer_key] = true, [REC_office_key] = true};
static const bool in_pins[REC_COUNT] = {
    [REC_pin] = true, [REC_former_pin] = true, [REC_endpoint] = true};

/* Copy those records of the active peers, in their order. They were decoded before they were stored, so one
 * that does not decode is damage. */
static int put_peers(struct rxp_buf *out, struct peers *peers, const bool wanted[REC_COUNT])
{
	struct peer *peer;

	for (size_t i = 0; (peer = peers_at(peers, i)) != NULL; i++) {
		struct record_cursor c = {.at = peer->records.data, .left = peer->records.len};
		const uint8_t *start = c.at;
		struct bytes fields;
		uint16_t tag;
		int rc;

		while (peer->active && (rc = record_list_next(&c, &tag, &fields)) != 0) {
			if (rc < 0)
				return RXP_ERR_DAMAGED;
			if (tag < REC_COUNT && wanted[tag])
				rxp_buf_put(out, start, (size_t)(c.at - start));
			start = c.at;
		}
	}
	return rxp_buf_error(out);
}

/* For the gateway: how fast files may go to whom. */
static int put_rates(struct rxp_buf *out, struct peers *peers)
{
	struct peer *peer;
	int rc = 0;

	for (size_t i = 0; rc == 0 && (peer = peers_at(peers, i)) != NULL; i++) {
		struct rec_rate row = {.bits = peer->line.rate};

		memcpy(row.party, peer->party, sizeof row.party);
		if (peer->active && row.bits != 0)
			rc = record_list_put(out, REC_rate, &record_rate, &row);
	}
	return rc;
}

static int put_register(struct rxp_buf *out, const struct publish *p, uint64_t number)
{
	const struct node *n = p->node;
	struct rec_register_head head = {.number = number, .test_node = n->config.test_node};
	int rc;

	memcpy(head.own, n->own, sizeof head.own);
	rc = record_list_put(out, REC_register_head, &record_register_head, &head);
	if (rc == 0)
		rc = keys_put(p->keys, out);
	/* seals that our chain has outgrown, under which something of ours may come back */
	if (rc == 0)
		rc = store_former_rows(store_db(p->node->store), out, p->node->own);
	return rc != 0 ? rc : put_peers(out, p->peers, in_register);
}

/* A memory file with all seals, records as record.def says. */
static int make_register(int *out, const struct publish *p, uint64_t number)
{
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, REGISTRY_REGISTER_MAX);
	rc = put_register(&octets, p, number);
	if (rc == 0)
		rc = memfile_make(out, "register", octets.data, octets.len);
	rxp_buf_free(&octets);
	return rc;
}

static int tell_pins(const struct publish *p)
{
	struct msg_pins m;
	struct rxp_buf rows;
	int rc;

	rxp_buf_init(&rows, REGISTRY_PINS_MAX);
	rc = put_peers(&rows, p->peers, in_pins);
	if (rc == 0)
		rc = put_rates(&rows, p->peers);
	m.rows = (struct bytes){.data = rows.data, .len = rows.len};
	if (rc == 0)
		rc = link_request(p->node->gateway, IPC_pins, &m, NULL, 0, NULL);
	rxp_buf_free(&rows);
	return rc;
}

void publish_all(struct publish *p)
{
	int fd = -1;
	int rc = make_register(&fd, p, p->number + 1);

	if (rc == 0) {
		if (p->register_fd >= 0)
			close(p->register_fd);
		p->register_fd = fd;
		p->number++;
		rc = tell_pins(p);
	}
	if (rc != 0)
		node_fail(p->node, "peer register", rc);
}

uint64_t publish_register(const struct publish *p, int *fd)
{
	*fd = p->register_fd;
	return p->number;
}

int publish_new(struct publish **out, struct node *n, struct peers *peers, const struct keys *keys)
{
	struct publish *p = calloc(1, sizeof *p);

	if (p == NULL)
		return RXP_ERR_NOMEM;
	*p = (struct publish){.node = n, .peers = peers, .keys = keys, .register_fd = -1};
	*out = p;
	return 0;
}

void publish_free(struct publish *p)
{
	if (p == NULL)
		return;
	if (p->register_fd >= 0)
		close(p->register_fd);
	free(p);
}
