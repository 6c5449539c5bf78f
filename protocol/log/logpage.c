#include "protocol/log/logpage.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/seal/seal.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/write.h"
#include "protocol/xml/xml.h"

#define MAX_HEADER_OCTETS 256
#define MAX_COUNT ((uint64_t)INT64_MAX) /* xs:long in log.xsd */
#define OUTCOME_TEXT 8

/* What the schema cannot say (RXP-LOG-006, RXP-LOG-007). */
static int check_rules(const struct rxp_log_page *p)
{
	if (p->count > MAX_COUNT || p->after > p->count ||
	    p->n_entries > RXP_MAX_LOG_PAGE_ENTRIES || p->n_entries > p->count - p->after ||
	    (p->n_entries == 0 && p->after != p->count))
		return RXP_ERR_SCHEMA;
	if (p->after == p->count && memcmp(p->after_head, p->head, sizeof p->head) != 0)
		return RXP_ERR_SCHEMA;
	return strcmp(p->owner, p->peer) == 0 ? RXP_ERR_SCHEMA : 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_entry(struct rxp_buf *out, const struct rxp_log_entry *e)
{
	rxp_buf_puts(out, "<Entry>");
	rxp_write_id(out, "MessageId", e->message_id);
	rxp_write_base64(out, "Fingerprint", e->fingerprint, sizeof e->fingerprint);
	rxp_write_time(out, "ReceivedAt", e->received_ms);
	rxp_write_text(out, "Outcome", rxp_outcome_word(e->outcome));
	rxp_buf_puts(out, "</Entry>");
}

static void write_body(struct rxp_buf *out, const struct rxp_log_page *p)
{
	rxp_write_id(out, "LogId", p->log_id);
	rxp_write_number(out, "LogCount", p->count);
	rxp_write_base64(out, "LogHead", p->head, sizeof p->head);
	rxp_write_number(out, "After", p->after);
	rxp_write_base64(out, "AfterHead", p->after_head, sizeof p->after_head);
	for (size_t i = 0; i < p->n_entries; i++)
		write_entry(out, &p->entries[i]);
}

int rxp_log_page_seal(struct rxp_buf *out, const struct rxp_log_page *p, int64_t now_ms,
    const struct rxp_signer *signer)
{
	struct rxp_buf header, body, whole;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int rc = check_rules(p);

	for (size_t i = 0; rc == 0 && i < p->n_entries; i++)
		if (rxp_outcome_word(p->entries[i].outcome) == NULL)
			rc = RXP_ERR_SCHEMA;
	if (rc != 0)
		return rc;
	rxp_buf_init(&header, MAX_HEADER_OCTETS);
	rxp_buf_init(&body, RXP_MAX_LOG_PAGE_OCTETS);
	rxp_buf_init(&whole, RXP_MAX_LOG_PAGE_OCTETS);
	rxp_write_text(&header, "Owner", p->owner);
	rxp_write_text(&header, "Peer", p->peer);
	rxp_write_time(&header, "Created", p->created_ms);
	write_body(&body, p);
	if ((rc = rxp_buf_error(&header)) == 0 && (rc = rxp_buf_error(&body)) == 0 &&
	    (rc = rxp_seal_sign(
		 &whole, RXP_KIND_LOG_PAGE, &header, &body, now_ms, signer, fingerprint)) == 0)
		rc = rxp_buf_put(out, whole.data, whole.len);
	rxp_buf_free(&header);
	rxp_buf_free(&body);
	rxp_buf_free(&whole);
	return rc;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int read_header(struct rxp_log_page *p, const struct _xmlNode *header, const char *ns)
{
	struct rxp_walk w;

	rxp_walk_init(&w, header, ns);
	rxp_walk_party(&w, "Owner", p->owner);
	rxp_walk_party(&w, "Peer", p->peer);
	rxp_walk_time(&w, "Created", &p->created_ms);
	return rxp_walk_end(&w);
}

static int read_entry(struct rxp_log_entry *out, const struct _xmlNode *entry, const char *ns)
{
	char word[OUTCOME_TEXT];
	struct rxp_walk w;
	int rc;

	rxp_walk_init(&w, entry, ns);
	rxp_walk_id(&w, "MessageId", out->message_id, 7);
	rxp_walk_octets(&w, "Fingerprint", out->fingerprint, sizeof out->fingerprint);
	rxp_walk_time(&w, "ReceivedAt", &out->received_ms);
	rxp_walk_text(&w, "Outcome", word, sizeof word);
	rc = rxp_walk_end(&w);
	if (rc == 0)
		out->outcome = strcmp(word, rxp_outcome_word(RXP_OUTCOME_RECEIPT)) == 0
				   ? RXP_OUTCOME_RECEIPT
				   : RXP_OUTCOME_REFUSAL; /* the schema knows no third */
	return rc;
}

static int read_body(struct rxp_log_page *p, const struct _xmlNode *body, const char *ns)
{
	struct rxp_walk w;
	int rc;

	rxp_walk_init(&w, body, ns);
	rxp_walk_id(&w, "LogId", p->log_id, 4);
	rxp_walk_number(&w, "LogCount", &p->count, MAX_COUNT);
	rxp_walk_octets(&w, "LogHead", p->head, sizeof p->head);
	rxp_walk_number(&w, "After", &p->after, MAX_COUNT);
	rxp_walk_octets(&w, "AfterHead", p->after_head, sizeof p->after_head);
	while (p->n_entries < RXP_MAX_LOG_PAGE_ENTRIES && rxp_walk_at(&w, "Entry")) {
		rc = read_entry(&p->entries[p->n_entries++], rxp_walk_element(&w, "Entry"), ns);
		if (rc != 0)
			return rc;
	}
	rc = rxp_walk_end(&w);
	return rc != 0 ? rc : check_rules(p);
}

static int open_into(struct rxp_log_page *p, const uint8_t *octets, size_t len,
    const struct rxp_cert *const *certs, size_t n)
{
	const char *ns = rxp_kind_namespace(RXP_KIND_LOG_PAGE);
	struct rxp_xml *xml = NULL;
	struct rxp_seal seal = {0};
	int rc;

	if ((rc = rxp_xml_parse(&xml, octets, len, RXP_MAX_LOG_PAGE_OCTETS, RXP_XML_SEALED)) == 0 &&
	    (rc = rxp_seal_verify(&seal, xml, RXP_KIND_LOG_PAGE, certs, n)) == 0 &&
	    (rc = rxp_schema_validate(xml, NULL, NULL)) == 0 &&
	    (rc = read_header(p, seal.header, ns)) == 0)
		rc = read_body(p, seal.body, ns);
	p->cert = seal.cert;
	rxp_seal_clear(&seal);
	rxp_xml_free(xml);
	return rc;
}

int rxp_log_page_open(struct rxp_log_page *out, const uint8_t *octets, size_t len,
    const struct rxp_cert *const *certs, size_t n)
{
	struct rxp_log_page *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	rc = open_into(p, octets, len, certs, n);
	if (rc == 0)
		*out = *p;
	free(p);
	return rc;
}
