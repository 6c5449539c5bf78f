#include "conformance/run/form.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/envelope/envelope.h"
#include "protocol/log/logpage.h"

#define FIRST_ERROR 400 /* the first status that says that the request was not done */

static const char *descriptor_fault(const struct product *p, const struct rxp_buf *body)
{
	struct rxp_descriptor *d = NULL;
	const char *fault = NULL;

	if (rxp_descriptor_open(&d, body->data, body->len, p->descriptor->root) != 0)
		return "it is no descriptor under the root that is known";
	if (strcmp(d->identity.party, product_party(p)) != 0)
		fault = "it is the descriptor of another party";
	rxp_descriptor_free(d);
	return fault;
}

/* RXP-LOG-001, 002, 007: where the page has the first entries, its heads can be computed. */
static const char *chain_fault(const struct rxp_log_page *page)
{
	uint8_t head[RXP_DIGEST_OCTETS];

	if (page->after != 0)
		return NULL;
	if (rxp_logchain_start(head, page->owner, page->peer, page->log_id) != 0 ||
	    memcmp(head, page->after_head, sizeof head) != 0)
		return "its AfterHead is not head(0)";
	for (size_t i = 0; i < page->n_entries; i++)
		if (rxp_logchain_extend(head, i + 1, &page->entries[i]) != 0)
			return "its entries have no heads";
	if (page->n_entries == page->count && memcmp(head, page->head, sizeof head) != 0)
		return "its entries do not lead to its LogHead";
	return NULL;
}

static const char *entries_fault(const struct rxp_log_page *page)
{
	if (page->after > page->count || page->n_entries > page->count - page->after)
		return "it has more entries than its LogCount";
	if (page->n_entries == 0 && page->after < page->count)
		return "it has no entry although there are more";
	return chain_fault(page);
}

const char *form_page(
    const struct parties *parties, const struct rxp_buf *body, struct rxp_log_page **out)
{
	const struct product *p = parties->product;
	const struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];
	struct rxp_log_page *page = calloc(1, sizeof *page);
	const char *fault;

	if (page == NULL)
		return "the suite is out of memory";
	for (size_t i = 0; i < p->n_certs; i++)
		certs[i] = p->certs[i];
	if (rxp_log_page_open(page, body->data, body->len, certs, p->n_certs) != 0)
		fault = "it is no page of a log under the product's seal";
	else if (strcmp(page->owner, product_party(p)) != 0 ||
		 strcmp(page->peer, parties->own->party) != 0)
		fault = "it is a page of another log";
	else
		fault = entries_fault(page);
	if (fault == NULL)
		*out = page;
	else
		free(page);
	return fault;
}

static const char *page_fault(
    enum form form, const struct parties *parties, const struct rxp_buf *body)
{
	struct rxp_log_page *page = NULL;
	const char *fault = form_page(parties, body, &page);

	if (fault == NULL && page->after != (form == FORM_LOG_FIRST ? 0 : page->count))
		fault = "it begins behind another entry than was asked for";
	free(page);
	return fault;
}

/* RXP-PUL-002: for the party that asks, of the one that is asked. */
static const char *envelope_fault(const struct parties *parties, const struct wire_response *r)
{
	struct rxp_envelope *e = NULL;
	const char *fault = NULL;

	if (r->status != 200)
		return r->body.len == 0 ? NULL : "it has a body";
	if (rxp_envelope_parse(&e, r->body.data, r->body.len) != 0)
		return "it is no Envelope";
	if (strcmp(rxp_envelope_outer(e)->from, product_party(parties->product)) != 0 ||
	    strcmp(rxp_envelope_outer(e)->to, parties->own->party) != 0)
		fault = "it is an Envelope between others";
	rxp_envelope_free(e);
	return fault;
}

const char *form_fault(
    enum form form, const struct parties *parties, const struct wire_response *response)
{
	const struct rxp_buf *body = &response->body;

	/* No requirement names what such a status says in its body, which may be a page for people. */
	if (response->status >= FIRST_ERROR)
		return NULL;
	if (body->len > 0 && form != FORM_ANY && form != FORM_EMPTY &&
	    strcmp(response->content_type, "application/rxp+xml") != 0)
		return "its content type is not application/rxp+xml";
	switch (form) {
	case FORM_EMPTY:
		return body->len == 0 ? NULL : "it has a body";
	case FORM_ENVELOPE:
		return envelope_fault(parties, response);
	case FORM_DESCRIPTOR:
		return descriptor_fault(parties->product, body);
	case FORM_LOG_FIRST:
	case FORM_LOG_END:
		return page_fault(form, parties, body);
	default:
		return NULL;
	}
}
