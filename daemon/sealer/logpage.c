#include "daemon/sealer/logpage.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/entries.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/register.h"
#include "daemon/sealer/reply.h"
#include "protocol/base/err.h"
#include "protocol/log/logpage.h"

/* --- ours ------------------------------------------------------------------------------------- */

static int read_request(
    struct rxp_log_page *page, const struct msg_seal_log_page *q, const char *own)
{
	if (!rxp_party_valid(q->peer))
		return RXP_ERR_STATE;
	memcpy(page->owner, own, sizeof page->owner);
	memcpy(page->peer, q->peer, sizeof page->peer);
	ENTRIES_COPY(page, q);
	return entries_take(page, q->rows);
}

int logpage_seal_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_seal_log_page *q = request;
	struct msg_log_page_sealed *a = &reply->body.log_page_sealed;
	struct rxp_log_page *page = calloc(1, sizeof *page);
	int rc;

	if (page == NULL) {
		a->result = (uint32_t)RXP_ERR_NOMEM;
		return 0;
	}
	rc = read_request(page, q, node_party(node));
	if (rc == 0) {
		a->result = (uint32_t)rxp_log_page_seal(
		    &reply->octets[0], page, q->created_ms, &node->signer);
		if (a->result == 0)
			a->octets = reply_bytes(&reply->octets[0]);
	}
	free(page);
	return rc != 0 ? RXP_ERR_STATE : 0;
}

/* --- the peers' ------------------------------------------------------------------------------- */

static int write_facts(
    struct msg_log_page_checked *a, const struct rxp_log_page *page, struct rxp_buf *rows)
{
	ENTRIES_COPY(a, page);
	for (size_t i = 0; i < page->n_entries; i++)
		entries_put(rows, &page->entries[i]);
	a->rows = reply_bytes(rows);
	return rxp_buf_error(rows);
}

int logpage_check_handle(struct node *node, const void *request, struct reply *reply)
{
	const struct msg_check_log_page *q = request;
	struct register_seals seals;
	struct rxp_log_page *page;
	int rc = RXP_ERR_NOMEM;

	if (!rxp_party_valid(q->peer))
		return RXP_ERR_STATE;
	register_seals(node->peers, q->peer, INT64_MAX, &seals);
	page = calloc(1, sizeof *page);
	if (page != NULL)
		rc = rxp_log_page_open(page, q->octets.data, q->octets.len, seals.certs, seals.n);
	if (rc == 0 && !register_seals_good(&seals, page->cert, page->created_ms, 0))
		rc = RXP_ERR_SIGNER;
	if (rc == 0 &&
	    (strcmp(page->owner, q->peer) != 0 || strcmp(page->peer, node_party(node)) != 0))
		rc = RXP_ERR_MISMATCH;
	if (rc == 0)
		rc = write_facts(&reply->body.log_page_checked, page, &reply->octets[0]);
	reply->body.log_page_checked.result = (uint32_t)rc;
	free(page);
	return 0;
}
