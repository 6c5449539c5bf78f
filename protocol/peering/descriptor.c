#include "protocol/peering/descriptor.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/peering/identity.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define NS_DESCRIPTOR "urn:rxp:1:descriptor"

int rxp_descriptor_write(
    struct rxp_buf *out, const struct rxp_buf *identities, size_t n, const struct rxp_buf *working)
{
	struct rxp_buf whole;
	int rc;

	if (n == 0 || n > RXP_MAX_IDENTITY_PARTS)
		return RXP_ERR_BOUND;
	rxp_buf_init(&whole, RXP_MAX_DESCRIPTOR_OCTETS);
	rxp_buf_puts(&whole, "<Descriptor xmlns=\"" NS_DESCRIPTOR "\">");
	for (size_t i = 0; i < n; i++)
		rxp_write_base64(&whole, "Identity", identities[i].data, identities[i].len);
	if (working != NULL)
		rxp_write_base64(&whole, "Working", working->data, working->len);
	rc = rxp_buf_puts(&whole, "</Descriptor>");
	if (rc == 0)
		rc = rxp_buf_put(out, whole.data, whole.len);
	rxp_buf_free(&whole);
	return rc;
}

/* Takes the parts out of a parsed descriptor; returns how many identity parts there are. */
static int read_parts(struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS], size_t *n,
    struct rxp_buf *working, const struct rxp_xml *xml)
{
	struct rxp_walk w;
	size_t count = 0;
	int rc;

	rxp_walk_init(&w, rxp_xml_root(xml), NS_DESCRIPTOR);
	while (count < RXP_MAX_IDENTITY_PARTS && rxp_walk_at(&w, "Identity"))
		rxp_walk_base64(&w, "Identity", &identities[count++]);
	if (rxp_walk_at(&w, "Working"))
		rxp_walk_base64(&w, "Working", working);
	rc = rxp_walk_end(&w);
	if (rc == 0)
		*n = count;
	return rc;
}

int rxp_descriptor_split(struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS], size_t *n,
    struct rxp_buf *working, const uint8_t *octets, size_t len)
{
	struct rxp_xml *xml = NULL;
	int rc;

	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_init(&identities[i], RXP_MAX_PART_OCTETS);
	rxp_buf_init(working, RXP_MAX_PART_OCTETS);
	if ((rc = rxp_xml_parse(&xml, octets, len, RXP_MAX_DESCRIPTOR_OCTETS, RXP_XML_ENVELOPE)) !=
	    0)
		return rc;
	if (strcmp(rxp_xml_namespace(rxp_xml_root(xml)), NS_DESCRIPTOR) != 0)
		rc = RXP_ERR_STRUCTURE;
	else if ((rc = rxp_schema_validate(xml, NULL, NULL)) == 0)
		rc = read_parts(identities, n, working, xml);
	rxp_xml_free(xml);
	return rc;
}

/* What one part of the chain hands on to the next. */
struct link {
	struct rxp_identity_part part;
	int64_t announced_ms; /* since when this next root is announced without a gap; 0: none is */
};

static bool same_digest(const uint8_t a[RXP_DIGEST_OCTETS], const uint8_t b[RXP_DIGEST_OCTETS])
{
	return memcmp(a, b, RXP_DIGEST_OCTETS) == 0;
}

int rxp_identity_follows(
    const struct rxp_identity_part *next, const struct rxp_identity_part *before)
{
	const struct rxp_identity *i = &next->identity;

	if (before == NULL)
		return i->has_previous == (i->serial > 1) ? 0 : RXP_ERR_MISMATCH;
	if (!same_digest(next->root.digest, before->root.digest) &&
	    !(before->identity.has_next_root &&
		same_digest(next->root.digest, before->identity.next_root)))
		return RXP_ERR_SIGNER;
	if (strcmp(i->party, before->identity.party) != 0 ||
	    i->serial != before->identity.serial + 1 || !i->has_previous ||
	    !same_digest(i->previous, before->fingerprint))
		return RXP_ERR_MISMATCH;
	return i->created_ms >= before->identity.created_ms ? 0 : RXP_ERR_DATES;
}

/* A part that announces what the one before announced goes on with it (RXP-DSC-025). */
static int64_t announced_since(const struct link *link, const struct link *before)
{
	const struct rxp_identity *i = &link->part.identity;

	if (!i->has_next_root)
		return 0;
	return before != NULL && before->part.identity.has_next_root &&
		       same_digest(i->next_root, before->part.identity.next_root)
		   ? before->announced_ms
		   : i->created_ms;
}

/* Verifies the chain; link holds its last part then, and anything after a failure. */
static int read_chain(struct link *link, const struct rxp_buf *parts, size_t n)
{
	struct link *before = calloc(1, sizeof *before);
	int rc = before == NULL ? RXP_ERR_NOMEM : 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		if (i > 0) {
			rxp_identity_clear(&before->part.identity);
			*before = *link;
			rxp_identity_init(&link->part.identity);
		}
		rc = rxp_identity_read(&link->part.identity, &link->part.root,
		    link->part.fingerprint, parts[i].data, parts[i].len,
		    i == 0 ? NULL : &before->part.identity);
		if (rc == 0)
			rc = rxp_identity_follows(&link->part, i == 0 ? NULL : &before->part);
		if (rc == 0)
			link->announced_ms = announced_since(link, i == 0 ? NULL : before);
	}
	if (before != NULL)
		rxp_identity_clear(&before->part.identity);
	free(before);
	return rc;
}

static int open_parts(struct rxp_descriptor *d, const struct rxp_buf *identities, size_t n,
    const struct rxp_buf *working, const uint8_t *root)
{
	struct link *link = calloc(1, sizeof *link);
	int rc;

	if (link == NULL)
		return RXP_ERR_NOMEM;
	rxp_identity_init(&link->part.identity);
	rc = read_chain(link, identities, n);
	if (rc == 0 && root != NULL && !same_digest(link->part.root.digest, root))
		rc = RXP_ERR_SIGNER; /* RXP-DSC-005 */
	if (rc != 0)
		goto done;
	d->identity = link->part.identity;
	rxp_identity_init(&link->part.identity);
	memcpy(d->identity_digest, link->part.fingerprint, sizeof d->identity_digest);
	memcpy(d->root, link->part.root.digest, sizeof d->root);
	d->root_until_ms = link->part.root.until_ms;
	d->announced_ms = link->announced_ms;
	d->has_working = working->len > 0;
	if (d->has_working)
		rc = rxp_working_open(
		    &d->working, working->data, working->len, &d->identity, d->identity_digest);
done:
	rxp_identity_clear(&link->part.identity);
	free(link);
	return rc;
}

int rxp_descriptor_open(struct rxp_descriptor **out, const uint8_t *octets, size_t len,
    const uint8_t root[RXP_DIGEST_OCTETS])
{
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS];
	struct rxp_buf working;
	struct rxp_descriptor *d = calloc(1, sizeof *d);
	size_t n = 0;
	int rc;

	if (d == NULL)
		return RXP_ERR_NOMEM;
	rxp_identity_init(&d->identity);
	rxp_working_init(&d->working);
	rc = rxp_descriptor_split(identities, &n, &working, octets, len);
	if (rc == 0)
		rc = open_parts(d, identities, n, &working, root);
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&identities[i]);
	rxp_buf_free(&working);
	if (rc != 0) {
		rxp_descriptor_free(d);
		return rc;
	}
	*out = d;
	return 0;
}

void rxp_descriptor_free(struct rxp_descriptor *d)
{
	if (d == NULL)
		return;
	rxp_identity_clear(&d->identity);
	rxp_working_clear(&d->working);
	free(d);
}
