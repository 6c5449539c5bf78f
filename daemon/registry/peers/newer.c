#include "daemon/registry/peers/newer.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* A TLS pin or a seal certificate, which are of one party alone. */
struct named {
	uint16_t tag;
	uint8_t pin[32];
	struct bytes der;
};

/* The next one in a list of records; false at the end. */
static bool next_named(struct named *out, struct record_cursor *c)
{
	struct rec_pin pin;
	struct rec_seal_cert cert;
	struct bytes fields;

	while (record_list_next(c, &out->tag, &fields) == 1) {
		if (out->tag == REC_pin &&
		    record_decode(&pin, &record_pin, fields.data, fields.len) == 0) {
			memcpy(out->pin, pin.spki_digest, sizeof out->pin);
			return true;
		}
		if (out->tag == REC_seal_cert &&
		    record_decode(&cert, &record_seal_cert, fields.data, fields.len) == 0) {
			out->der = cert.der;
			return true;
		}
	}
	return false;
}

static bool is_named(const struct named *what, struct bytes rows)
{
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct named n;

	while (next_named(&n, &c)) {
		if (n.tag != what->tag)
			continue;
		if (n.tag == REC_pin ? memcmp(n.pin, what->pin, sizeof n.pin) == 0
				     : n.der.len == what->der.len &&
					   memcmp(n.der.data, what->der.data, n.der.len) == 0)
			return true;
	}
	return false;
}

/* Is something in it named by a peer that is another party? */
static bool is_of_another(
    struct peers *peers, const struct msg_descriptor_checked *m, const char **problem)
{
	const struct peer *peer;

	for (size_t i = 0; (peer = peers_at(peers, i)) != NULL; i++) {
		struct record_cursor c = {.at = peer->records.data, .left = peer->records.len};
		struct named n;

		if (!peer->active || strcmp(peer->party, m->party) == 0)
			continue;
		while (next_named(&n, &c)) {
			if (!is_named(&n, m->rows))
				continue;
			*problem = n.tag == REC_pin ? NEWER_PIN_OF_ANOTHER : NEWER_SEAL_OF_ANOTHER;
			return true;
		}
	}
	return false;
}

int newer_judge(const struct node *n, struct peers *peers, const struct peer *known,
    const struct msg_descriptor_checked *m, const char **problem)
{
	int64_t latest_ms = clock_wall_ms() + RXP_MAX_PART_AHEAD_MS;

	if (strcmp(m->party, n->own) == 0) {
		*problem = "it is the descriptor of this node";
		return RXP_ERR_CONFIG;
	}
	if ((m->test_node != 0) != (n->config.test_node != 0)) { /* RXP-MSG-003 */
		*problem = "a test node and a live node are never peers";
		return RXP_ERR_CONFIG;
	}
	if (is_of_another(peers, m, problem))
		return RXP_ERR_MISMATCH;
	if (m->identity_created_ms > latest_ms || m->working_created_ms > latest_ms) {
		*problem = "it was signed later than this node's clock says it is now";
		return RXP_ERR_DATES;
	}
	if (known == NULL)
		return 0;
	if (!known->active && memcmp(known->root, m->root, sizeof known->root) != 0)
		return 0; /* people compared the new root */
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
	    {RXP_ERR_SCHEMA,
		"something in it is missing, named twice, or of a form that is not allowed"},
	    {RXP_ERR_PEER, "it names a key of this node"},
	    {RXP_ERR_BOUND, "it is larger than a descriptor may be"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].code == result)
			return rows[i].words;
	return "";
}

/* Was it revoked by what is known? */
static bool was_revoked(const struct peer *known, const struct rec_seal_cert *cert)
{
	struct record_cursor c = {.at = known->records.data, .left = known->records.len};
	struct rec_seal_cert before;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_seal_cert &&
		    record_decode(&before, &record_seal_cert, fields.data, fields.len) == 0 &&
		    before.der.len == cert->der.len &&
		    memcmp(before.der.data, cert->der.data, cert->der.len) == 0)
			return before.revoked_ms != 0 && before.revoked_ms <= cert->revoked_ms;
	return false;
}

int64_t newer_revokes(const struct peer *known, const struct msg_descriptor_checked *m)
{
	struct record_cursor c = {.at = m->rows.data, .left = m->rows.len};
	struct rec_seal_cert cert;
	struct bytes fields;
	int64_t since_ms = 0;
	uint16_t tag;

	while (known != NULL && record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_seal_cert &&
		    record_decode(&cert, &record_seal_cert, fields.data, fields.len) == 0 &&
		    cert.revoked_ms != 0 && !was_revoked(known, &cert) &&
		    (since_ms == 0 || cert.revoked_ms < since_ms))
			since_ms = cert.revoked_ms;
	return since_ms;
}

bool newer_is_known(const struct peer *known, const struct msg_descriptor_checked *m)
{
	return known != NULL && known->active && known->identity_serial == m->identity_serial &&
	       known->working_created_ms == m->working_created_ms;
}
