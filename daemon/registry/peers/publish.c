#include "daemon/registry/peers/publish.h"

#include <string.h>

#include "daemon/base/link.h"
#include "daemon/base/memfile.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "protocol/buf.h"
#include "protocol/err.h"

/* Copy those records of the active peers whose tags are wanted. They were decoded before they were
 * stored, so one that does not decode is damage. */
static int put_peers(struct rxp_buf *out, struct node *n, uint16_t tag_a, uint16_t tag_b)
{
	struct peer *peer;

	for (size_t i = 0; (peer = peers_at(n->peers, i)) != NULL; i++) {
		struct record_cursor c = {.at = peer->records.data, .left = peer->records.len};
		const uint8_t *start = c.at;
		struct bytes fields;
		uint16_t tag;
		int rc;

		while (peer->active && (rc = record_list_next(&c, &tag, &fields)) != 0) {
			if (rc < 0)
				return RXP_ERR_DAMAGED;
			if (tag == tag_a || tag == tag_b)
				rxp_buf_put(out, start, (size_t)(c.at - start));
			start = c.at;
		}
	}
	return rxp_buf_error(out);
}

static int put_register(struct rxp_buf *out, struct node *n, uint64_t number)
{
	struct rec_register_head head = {.number = number, .test_node = n->config.own.test_node};
	int rc;

	memcpy(head.own, n->own, sizeof head.own);
	rc = record_list_put(out, REC_register_head, &record_register_head, &head);
	if (rc == 0)
		rc = keys_put(n->keys, out);
	return rc != 0 ? rc : put_peers(out, n, REC_seal_cert, REC_peer_key);
}

int publish_register(int *out, struct node *n, uint64_t number)
{
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, REGISTRY_REGISTER_MAX);
	rc = put_register(&octets, n, number);
	if (rc == 0)
		rc = memfile_make(out, "register", octets.data, octets.len);
	rxp_buf_free(&octets);
	return rc;
}

int publish_pins(struct node *n)
{
	struct msg_pins m;
	struct rxp_buf rows;
	int rc;

	rxp_buf_init(&rows, REGISTRY_PINS_MAX);
	rc = put_peers(&rows, n, REC_pin, REC_endpoint);
	m.rows = (struct bytes){.data = rows.data, .len = rows.len};
	if (rc == 0)
		rc = link_request(n->gateway, IPC_pins, &m, NULL, 0, NULL);
	rxp_buf_free(&rows);
	return rc;
}
