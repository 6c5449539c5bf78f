#include "conformance/message/restored.h"

#include <stdio.h>

#include "protocol/base/codec.h"

int restored_begin(
    struct draft *d, const struct parties *parties, const struct restored *r, int64_t now_ms)
{
	char id[RXP_ID_TEXT], log_id[64], count[64], head[128];
	struct edit edits[] = {{"<LogId>", "</LogId>", log_id},
	    {"<LogCount>", "</LogCount>", count}, {"<LogHead>", "</LogHead>", head},
	    {NULL, NULL, NULL}};
	struct rxp_buf base64;
	int rc;

	rxp_buf_init(&base64, sizeof head);
	rc = rxp_base64_put(&base64, r->head, sizeof r->head);
	rxp_id_text(id, r->log_id);
	(void)snprintf(log_id, sizeof log_id, "<LogId>%s</LogId>", id);
	(void)snprintf(count, sizeof count, "<LogCount>%llu</LogCount>", (unsigned long long)r->n);
	(void)snprintf(head, sizeof head, "<LogHead>%.*s</LogHead>", (int)base64.len,
	    (const char *)base64.data);
	if (rc == 0)
		rc = draft_begin_example(d, parties, "node-notice-restored.xml", edits, now_ms);
	rxp_buf_free(&base64);
	return rc;
}
