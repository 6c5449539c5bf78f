#include "protocol/terms/terms.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/xml/only.h"
#include "protocol/xml/place.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define MAX_HEADER_OCTETS 256
#define MAX_CANONICAL_OCTETS (4UL * RXP_MAX_TERMS_OCTETS) /* empty elements get an end tag */

/* --- reasons ------------------------------------------------------------------------------- */

int rxp_terms_refuse_at(
    const struct rxp_terms *t, enum rxp_terms_fault fault, const struct _xmlNode *element)
{
	int rc = rxp_terms_refuse(t->reason, fault);

	if (t->reason != NULL && element != NULL) {
		t->reason->line = rxp_xml_line(element);
		rxp_place_write(t->reason->place, t->root, element);
	}
	return rc;
}

int rxp_terms_day(
    const struct rxp_terms *t, int32_t *out, const struct _xmlNode *element, const char *attribute)
{
	const char *text = rxp_xml_attribute(element, attribute);

	*out = -1;
	if (text != NULL && rxp_day_parse(out, text) != 0)
		return rxp_terms_refuse_at(t, RXP_TERMS_DATE, element);
	return 0;
}

static void first_violation(void *arg, unsigned long line, const char *path, const char *text)
{
	struct rxp_reason *reason = arg;
	size_t len = strlen(path);

	if (reason == NULL || reason->text != NULL)
		return;
	reason->requirement = "RXP-PRF-002";
	reason->text = text;
	reason->line = line;
	memcpy(reason->place, path, len < RXP_PLACE_TEXT ? len + 1 : 0);
}

static int check_schema(const struct rxp_xml *xml, struct rxp_reason *reason)
{
	int rc;

	if (reason != NULL)
		*reason = (struct rxp_reason){0};
	rc = rxp_schema_validate(xml, first_violation, reason);
	if (reason != NULL && reason->text == NULL)
		rxp_terms_refuse(reason, RXP_TERMS_ROOT);
	return rc;
}

/* --- opening ------------------------------------------------------------------------------- */

static const char *draft_root(enum rxp_kind kind)
{
	return kind == RXP_KIND_PROFILE ? "ProfileDraft" : "CalendarDraft";
}

static void clear(struct rxp_terms *t)
{
	rxp_xml_free(t->xml);
	*t = (struct rxp_terms){0};
}

static int read_header(struct rxp_terms *t, enum rxp_kind kind, const struct _xmlNode *header)
{
	struct rxp_walk w;

	rxp_walk_init(&w, header, rxp_kind_namespace(kind));
	rxp_walk_party(&w, "Party", t->party);
	rxp_walk_time(&w, "Created", &t->created_ms);
	return rxp_walk_end(&w);
}

static int body_digest(struct rxp_terms *t)
{
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, MAX_CANONICAL_OCTETS);
	rc = rxp_xml_c14n(&octets, t->xml, t->content);
	if (rc == 0 &&
	    EVP_Digest(octets.data, octets.len, t->digest, NULL, EVP_sha256(), NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	rxp_buf_free(&octets);
	return rc;
}

/* RXP-PRF-002: between the elements of a sealed Body there is no text. */
static int check_layout(const struct rxp_terms *t)
{
	bool tight = rxp_only_elements(t->content);

	for (const struct _xmlNode *e = rxp_xml_first(t->content); tight && e != NULL;
	     e = rxp_xml_next(e))
		tight = rxp_xml_first(e) == NULL || rxp_only_elements(e);
	return tight ? 0 : rxp_terms_refuse_at(t, RXP_TERMS_ROOT, t->content);
}

/* The caller clears *t, also on failure. */
static int open_sealed(struct rxp_terms *t, enum rxp_kind kind, const uint8_t *octets, size_t len,
    const struct rxp_terms_seals *by)
{
	struct rxp_seal seal = {0};
	int rc;

	if ((rc = rxp_xml_parse(&t->xml, octets, len, RXP_MAX_TERMS_OCTETS, RXP_XML_SEALED)) != 0)
		goto done;
	t->root = rxp_xml_root(t->xml);
	t->sealed = true;
	if ((rc = rxp_seal_verify(&seal, t->xml, kind, by->certs, by->n)) != 0) {
		if (rc == RXP_ERR_SIGNER || rc == RXP_ERR_SEAL)
			rxp_terms_refuse(t->reason, RXP_TERMS_SEAL);
		goto done;
	}
	t->content = seal.body;
	if ((rc = check_schema(t->xml, t->reason)) != 0 || (rc = check_layout(t)) != 0 ||
	    (rc = body_digest(t)) != 0)
		goto done;
	if ((rc = read_header(t, kind, seal.header)) != 0)
		rxp_terms_refuse(t->reason, RXP_TERMS_DATE);
	else if (strcmp(t->party, by->party) != 0)
		rc = rxp_terms_refuse(t->reason, RXP_TERMS_SEAL);
done:
	rxp_seal_clear(&seal);
	return rc;
}

/* The same. */
static int open_draft(struct rxp_terms *t, enum rxp_kind kind, const uint8_t *octets, size_t len)
{
	int rc = rxp_xml_parse(&t->xml, octets, len, RXP_MAX_TERMS_OCTETS, RXP_XML_BODY);

	if (rc != 0)
		return rc;
	t->root = rxp_xml_root(t->xml);
	t->content = t->root;
	if (!rxp_xml_is(t->root, rxp_kind_namespace(kind), draft_root(kind)))
		return RXP_ERR_SCHEMA;
	return check_schema(t->xml, t->reason);
}

int rxp_terms_read(void *out, enum rxp_kind kind, const uint8_t *octets, size_t len,
    const struct rxp_terms_seals *by, struct rxp_reason *reason, rxp_terms_reader *read)
{
	struct rxp_terms t = {.reason = reason};
	int rc;

	rxp_terms_refuse(reason, RXP_TERMS_ROOT);
	rc =
	    by != NULL ? open_sealed(&t, kind, octets, len, by) : open_draft(&t, kind, octets, len);
	if (rc == 0)
		rc = read(out, &t);
	clear(&t);
	return rc;
}

/* --- sealing ------------------------------------------------------------------------------- */

/*
 * The canonical content of the draft without its root's tags and without white space between
 * elements. In canonical form `<` occurs only where a tag begins, and no value of these schemas is
 * white space alone, so a run of it between `>` and `<` is layout.
 */
static int tight_content(struct rxp_buf *out, const struct rxp_terms *t)
{
	struct rxp_buf whole;
	const uint8_t *at, *end;
	size_t gap = 0;
	bool behind_tag = true;
	int rc;

	rxp_buf_init(&whole, MAX_CANONICAL_OCTETS);
	if ((rc = rxp_xml_c14n(&whole, t->xml, t->root)) != 0)
		goto done;
	at = (const uint8_t *)memchr(whole.data, '>', whole.len) + 1;
	end = (const uint8_t *)memrchr(whole.data, '<', whole.len);
	for (; at <= end; at++) {
		if (behind_tag && (*at == ' ' || *at == '\t' || *at == '\n')) {
			gap++;
			continue;
		}
		if (*at != '<')
			rxp_buf_put(out, at - gap, gap);
		gap = 0;
		if (at < end)
			rxp_buf_putc(out, *at);
		behind_tag = *at == '>';
	}
	rc = rxp_buf_error(out);
done:
	rxp_buf_free(&whole);
	return rc;
}

int rxp_terms_seal(struct rxp_buf *out, enum rxp_kind kind, const uint8_t *octets, size_t len,
    const char *party, int64_t now_ms, const struct rxp_signer *seal, struct rxp_reason *reason)
{
	struct rxp_terms draft = {.reason = reason};
	struct rxp_buf header, body, whole;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int rc;

	rxp_buf_init(&header, MAX_HEADER_OCTETS);
	rxp_buf_init(&body, RXP_MAX_TERMS_OCTETS);
	rxp_buf_init(&whole, RXP_MAX_TERMS_OCTETS);
	rxp_terms_refuse(reason, RXP_TERMS_ROOT);
	if ((rc = open_draft(&draft, kind, octets, len)) != 0)
		goto done;
	rxp_write_text(&header, "Party", party);
	rxp_write_time(&header, "Created", now_ms);
	if ((rc = rxp_buf_error(&header)) == 0 && (rc = tight_content(&body, &draft)) == 0 &&
	    (rc = rxp_seal_sign(&whole, kind, &header, &body, now_ms, seal, fingerprint)) == 0)
		rc = rxp_buf_put(out, whole.data, whole.len);
done:
	clear(&draft);
	rxp_buf_free(&header);
	rxp_buf_free(&body);
	rxp_buf_free(&whole);
	return rc;
}
