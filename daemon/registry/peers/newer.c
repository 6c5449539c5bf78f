#include "daemon/registry/peers/newer.h"

#include <string.h>

#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "protocol/err.h"

int newer_judge(const struct node *n, const struct peer *known, const uint8_t root[32],
    const struct msg_descriptor_checked *m, const char **problem)
{
	if (strcmp(m->party, n->own) == 0) {
		*problem = "it is the descriptor of this node";
		return RXP_ERR_CONFIG;
	}
	if ((m->test_node != 0) != (n->config.test_node != 0)) { /* RXP-MSG-003 */
		*problem = "a test node and a live node are never peers";
		return RXP_ERR_CONFIG;
	}
	if (known == NULL)
		return 0;
	if (known->active && memcmp(known->root, root, sizeof known->root) != 0) {
		*problem = "the party is known under another root key";
		return RXP_ERR_EXISTS;
	}
	if (memcmp(known->root, root, sizeof known->root) != 0)
		return 0; /* distrusted before: people compared the new root */
	if (m->identity_serial < known->identity_serial ||
	    (m->identity_serial == known->identity_serial &&
		m->working_created_ms < known->working_created_ms)) {
		*problem = "a newer descriptor of the party is known";
		return RXP_ERR_STATE;
	}
	if (m->identity_serial == known->identity_serial &&
	    memcmp(m->identity, known->identity, sizeof known->identity) != 0) {
		*problem = "another identity part of this serial number is known";
		return RXP_ERR_EXISTS;
	}
	return 0;
}

bool newer_is_known(
    const struct peer *known, const uint8_t root[32], const struct msg_descriptor_checked *m)
{
	return known != NULL && known->active && known->identity_serial == m->identity_serial &&
	       known->working_created_ms == m->working_created_ms &&
	       memcmp(known->root, root, sizeof known->root) == 0;
}
