#include "daemon/registry/peers/newer.h"

#include <string.h>

#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "protocol/base/err.h"

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

const char *newer_problem(int result)
{
	static const struct {
		int code;
		const char *words;
	} rows[] = {
	    {RXP_ERR_SIGNER, "it is sealed under another key than those that are trusted"},
	    {RXP_ERR_MISMATCH, "its chain is broken, or lacks the identity part that is known"},
	    {RXP_ERR_KEY, "a key in it is too weak, or of a kind that is not allowed"},
	    {RXP_ERR_DATES, "dates in it that must follow one another do not"},
	    {RXP_ERR_SEAL, "a seal in it does not verify"},
	    {RXP_ERR_STRUCTURE, "it is no whole descriptor"},
	    {RXP_ERR_SYNTAX, "it is no whole descriptor"},
	    {RXP_ERR_STRICT, "it is no whole descriptor"},
	    {RXP_ERR_SCHEMA, "it is no whole descriptor"},
	    {RXP_ERR_BOUND, "it is larger than a descriptor may be"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].code == result)
			return rows[i].words;
	return "";
}

bool newer_is_known(
    const struct peer *known, const uint8_t root[32], const struct msg_descriptor_checked *m)
{
	return known != NULL && known->active && known->identity_serial == m->identity_serial &&
	       known->working_created_ms == m->working_created_ms &&
	       memcmp(known->root, root, sizeof known->root) == 0;
}
