#include "conformance/run/pair_log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/state/product.h"
#include "protocol/log/logpage.h"

#define MAX_PAGES 64

/* The entries of one page, by the head that the page before came to. */
static bool take_page(struct pair_log *out, const struct pair *p, const struct rxp_log_page *page,
    uint8_t head[RXP_DIGEST_OCTETS], const uint8_t id[RXP_ID_OCTETS])
{
	const char *owner = pair_party(p, PAIR_RECEIVER), *peer = pair_party(p, PAIR_SENDER);

	if (strcmp(page->owner, owner) != 0 || strcmp(page->peer, peer) != 0 ||
	    page->after != out->count ||
	    (out->count == 0 && rxp_logchain_start(head, owner, peer, page->log_id) != 0) ||
	    memcmp(head, page->after_head, RXP_DIGEST_OCTETS) != 0)
		return false;
	for (size_t i = 0; i < page->n_entries; i++) {
		const struct rxp_log_entry *e = &page->entries[i];

		if (rxp_logchain_extend(head, ++out->count, e) != 0)
			return false;
		if (memcmp(e->message_id, id, RXP_ID_OCTETS) != 0)
			continue;
		out->entries++;
		out->last = *e;
	}
	return out->count < page->count
		   ? page->n_entries > 0
		   : out->count == page->count && memcmp(head, page->head, RXP_DIGEST_OCTETS) == 0;
}

static const char *ask_page(struct rxp_log_page *page, bool *broken, struct pair *p, uint64_t after)
{
	const struct product *owner = p->products[PAIR_RECEIVER].product;
	const struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];
	struct wire_response response;
	const char *why = NULL;
	enum wire_end end;
	char path[64];

	for (size_t i = 0; i < owner->n_certs; i++)
		certs[i] = owner->certs[i];
	(void)snprintf(path, sizeof path, "/rxp/1/log?after=%" PRIu64, after);
	wire_response_init(&response);
	end = through_ask(p->through, path, &response);
	if (end != WIRE_NONE)
		why = wire_end_words(end);
	else if (response.status != 200)
		why = "the log is not given";
	else
		*broken = rxp_log_page_open(page, response.body.data, response.body.len, certs,
			      owner->n_certs) != 0;
	wire_response_clear(&response);
	return why;
}

const char *pair_log_read(
    struct pair_log *out, struct pair *p, const uint8_t message_id[RXP_ID_OCTETS])
{
	struct rxp_log_page *page = calloc(1, sizeof *page);
	uint8_t head[RXP_DIGEST_OCTETS];
	const char *why = page == NULL ? "no memory" : NULL;
	bool more = why == NULL;

	*out = (struct pair_log){0};
	for (unsigned i = 0; more && i < MAX_PAGES; i++) {
		why = ask_page(page, &out->broken, p, out->count);
		if (why == NULL && !out->broken)
			out->broken = !take_page(out, p, page, head, message_id);
		more = why == NULL && !out->broken && out->count < page->count;
	}
	free(page);
	return why;
}
