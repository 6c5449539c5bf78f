#include "daemon/ctl/evidence_readme.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "daemon/ctl/evidence_check.h"
#include "daemon/ctl/fingerprint.h"
#include "protocol/buf.h"
#include "protocol/codec.h"
#include "protocol/timestamp.h"

#define LINE_TEXT 256

static void put(struct rxp_buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct rxp_buf *out, const char *format, ...)
{
	char line[LINE_TEXT];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	rxp_buf_puts(out, line);
}

static void put_party(struct rxp_buf *out, const struct rxp_evidence_party *p)
{
	char hex[RXP_DIGEST_HEX], grouped[FINGERPRINT_GROUPED];

	rxp_hex_put(hex, p->root, sizeof(p->root), false);
	fingerprint_group(grouped, hex);
	put(out, "%s  %s\n", p->party, grouped);
}

static void put_document(struct rxp_buf *out, const struct evidence_document *d)
{
	const struct rxp_header *h = &d->proof.header;
	const struct rxp_answer *a = &d->answer;
	char id[RXP_ID_TEXT], sealed[RXP_TIME_TEXT], answered[RXP_TIME_TEXT];
	bool receipt = a->kind == RXP_ANSWER_RECEIPT;

	rxp_id_text(id, h->outer.message_id);
	rxp_time_text(sealed, d->proof.signing_time_ms);
	rxp_time_text(answered, receipt ? a->received_ms : a->created_ms);
	put(out, "\n%02u  %s\n", d->number, h->type);
	put(out, "    message %s\n", id);
	if (h->in_case) {
		rxp_id_text(id, h->case_id);
		put(out, "    case %s, position %" PRIu64 " of %s\n", id, h->position,
		    h->outer.from);
	}
	put(out, "    %s  sealed by %s for %s\n", sealed, h->outer.from, h->outer.to);
	if (receipt)
		put(out, "    %s  received by %s\n", answered, a->from);
	else
		put(out, "    %s  refused by %s: %s\n", answered, a->from,
		    rxp_refusal_row(a->refusal)->wire);
	if (d->contradicted)
		put(out,
		    "    contradicts-seen: %s names it as seen in a later document, so it stands\n",
		    a->from);
}

int evidence_readme_put(struct rxp_buf *out, const struct evidence_check *e)
{
	rxp_buf_puts(out,
	    "Evidence of documents that two States exchanged under RXP/1.\n\n"
	    "It proves who sealed each document, for whom, of what type, when, and when it was\n"
	    "received. It does not hold what the documents say. All times are UTC.\n"
	    "Verify it with: readmitctl evidence verify FOLDER\n\n"
	    "Fingerprints of the States' root keys, to be compared with those on record:\n");
	for (size_t i = 0; i < e->n_parties; i++)
		put_party(out, e->parties[i]);
	for (size_t i = 0; i < e->n; i++)
		if (e->documents[i].verified)
			put_document(out, &e->documents[i]);
	return rxp_buf_error(out);
}
