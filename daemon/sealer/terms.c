#include "daemon/sealer/terms.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/terms.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/peering/descriptor.h"
#include "protocol/terms/terms.h"
#include "protocol/xml/xml.h"

#define NS_PROFILE "urn:rxp:1:profile"
#define NS_CALENDAR "urn:rxp:1:calendar"

/* The certificates that may have sealed, those of our own chain owned. */
struct signers {
	struct register_seals seals;
	struct rxp_evidence_party *own; /* NULL for a peer */
};

/* What the object says of itself before its seal is verified; only to look up what to verify it with. */
struct claim {
	bool is_calendar;
	char party[RXP_PARTY_TEXT];
};

static int read_claim(struct claim *out, const struct msg_open_terms *q)
{
	struct claim c = {.is_calendar = false};
	struct rxp_xml *xml = NULL;
	struct rxp_walk w;
	const struct _xmlNode *root;
	int rc = rxp_xml_parse(&xml, q->octets.data, q->octets.len, RXP_MAX_TERMS_OCTETS,
	    q->draft != 0 ? RXP_XML_BODY : RXP_XML_SEALED);

	if (rc != 0)
		return rc;
	root = rxp_xml_root(xml);
	c.is_calendar = strcmp(rxp_xml_namespace(root), NS_CALENDAR) == 0;
	if (!c.is_calendar && strcmp(rxp_xml_namespace(root), NS_PROFILE) != 0)
		rc = RXP_ERR_UNSUPPORTED;
	if (rc == 0 && q->draft == 0) {
		const struct _xmlNode *header = rxp_xml_first(root);

		if (header == NULL)
			rc = RXP_ERR_STRUCTURE;
		else {
			rxp_walk_init(&w, header, rxp_xml_namespace(root));
			rc = rxp_walk_text(&w, "Party", c.party, sizeof c.party);
		}
	}
	rxp_xml_free(xml);
	if (rc == 0)
		*out = c;
	return rc;
}

/* As many as are kept of a peer, the latest first. */
static int take_own(struct signers *s, const struct node *node, int64_t at_ms)
{
	struct register_seals *seals = &s->seals;
	int rc = rxp_evidence_party_open(&s->own, node->identity.data, node->identity.len, NULL);

	if (rc != 0)
		return rc;
	for (size_t i = s->own->n; i-- > 0 && seals->n < REGISTER_MAX_PARTY_CERTS;) {
		if (s->own->revoked_ms[i] != 0 && s->own->revoked_ms[i] <= at_ms)
			continue;
		seals->retired_ms[seals->n] = s->own->retired_ms[i];
		seals->certs[seals->n++] = s->own->certs[i];
	}
	return 0;
}

static int find_signers(
    struct signers *s, const struct node *node, const char *party, int64_t at_ms)
{
	if (strcmp(party, node_party(node)) == 0)
		return take_own(s, node, at_ms);
	register_seals(node->peers, party, at_ms, &s->seals);
	return s->seals.n > 0 ? 0 : RXP_ERR_SIGNER;
}

static int read_profile(struct rxp_buf *rows, const struct msg_open_terms *q, const char *party,
    const struct signers *s, struct rxp_reason *reason)
{
	struct rxp_profile p;
	int rc = RXP_ERR_SIGNER;

	if (q->draft != 0)
		rc = rxp_profile_draft(&p, q->octets.data, q->octets.len, reason);
	for (size_t i = 0; q->draft == 0 && i < s->seals.n && rc == RXP_ERR_SIGNER; i++) {
		rc = rxp_profile_open(
		    &p, q->octets.data, q->octets.len, party, &s->seals.certs[i], 1, reason);
		if (rc == 0 && !register_seals_good(&s->seals, s->seals.certs[i], p.created_ms, 0))
			return RXP_ERR_SIGNER;
	}
	return rc != 0 ? rc : terms_put_profile(rows, &p);
}

static int read_calendar(struct rxp_buf *rows, const struct msg_open_terms *q, const char *party,
    const struct signers *s, struct rxp_reason *reason)
{
	struct rxp_calendar c;
	int rc = RXP_ERR_SIGNER;

	if (q->draft != 0)
		rc = rxp_calendar_draft(&c, q->octets.data, q->octets.len, reason);
	for (size_t i = 0; q->draft == 0 && i < s->seals.n && rc == RXP_ERR_SIGNER; i++) {
		rc = rxp_calendar_open(
		    &c, q->octets.data, q->octets.len, party, &s->seals.certs[i], 1, reason);
		if (rc == 0 && !register_seals_good(&s->seals, s->seals.certs[i], c.created_ms, 0))
			return RXP_ERR_SIGNER;
	}
	return rc != 0 ? rc : terms_put_calendar(rows, &c);
}

/* The reason is of fixed strings and of names of elements that a schema declares. */
static void put_reason(struct reply *reply, const struct rxp_reason *reason)
{
	struct msg_terms_opened *a = &reply->body.terms_opened;

	if (reason->text == NULL)
		return;
	snprintf(a->requirement, sizeof a->requirement, "%s", reason->requirement);
	rxp_buf_puts(&reply->octets[1], reason->text);
	rxp_buf_puts(&reply->octets[2], reason->place);
	a->text = reply_bytes(&reply->octets[1]);
	a->place = reply_bytes(&reply->octets[2]);
	a->line = (uint32_t)reason->line;
}

int terms_open_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_open_terms *q = request;
	struct msg_terms_opened *a = &reply->body.terms_opened;
	struct rxp_reason reason = {.text = NULL};
	struct signers s = {.own = NULL};
	struct claim claim;
	int rc = read_claim(&claim, q);

	if (rc == 0 && q->draft == 0)
		rc = find_signers(&s, node, claim.party, q->at_ms);
	if (rc == 0)
		rc = claim.is_calendar
			 ? read_calendar(&reply->octets[0], q, claim.party, &s, &reason)
			 : read_profile(&reply->octets[0], q, claim.party, &s, &reason);
	if (rc == 0) {
		snprintf(a->root, sizeof a->root, "%s", claim.is_calendar ? "Calendar" : "Profile");
		a->rows = reply_bytes(&reply->octets[0]);
	} else {
		put_reason(reply, &reason);
	}
	a->result = (uint32_t)rc;
	rxp_evidence_party_free(s.own);
	return 0;
}
