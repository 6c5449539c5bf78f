/* chronology.txt, whose every octet the specification fixes (RXP-EVI-003): States, types, places, times. */
#include "protocol/evidence/dossier.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/evidence/dossier_moment.h"

#define LINE_TEXT 384

static void put(struct rxp_buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void put(struct rxp_buf *out, const char *format, ...)
{
	char line[LINE_TEXT];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof line, format, list);
	va_end(list);
	rxp_buf_puts(out, line);
}

static void put_party(struct rxp_buf *out, const struct rxp_evidence_party *p)
{
	char hex[RXP_DIGEST_HEX];

	rxp_hex_put(hex, p->root, sizeof p->root, false);
	put(out, "%s %s\n", p->party, hex);
}

static void put_document(struct rxp_buf *out, const struct rxp_dossier_document *d)
{
	const struct rxp_header *h = &d->proof.header;
	char id[RXP_ID_TEXT], case_id[RXP_ID_TEXT];

	rxp_id_text(id, h->outer.message_id);
	put(out, "%02u %s, from %s to %s, message %s", d->number, h->type, h->outer.from,
	    h->outer.to, id);
	if (h->in_case) {
		rxp_id_text(case_id, h->case_id);
		put(out, ", document %" PRIu64 " of %s in case %s", h->position, h->outer.from,
		    case_id);
	}
	if (d->erased) {
		rxp_id_text(case_id, d->erased_case);
		put(out, ", that nothing of case %s is left at %s since %s", case_id, h->outer.from,
		    d->erased_day);
	}
	rxp_buf_puts(out, "\n");
}

static void put_answer(struct rxp_buf *out, const struct rxp_dossier_document *d)
{
	const struct rxp_answer *a = &d->answer;

	if (a->kind == RXP_ANSWER_REFUSAL) {
		put(out, "%s refused document %02u: %s", a->from, d->number,
		    rxp_refusal_row(a->refusal)->wire);
		return;
	}
	put(out, "%s had received document %02u", a->from, d->number);
	for (size_t i = 0; i < RXP_MAX_FLAGS && a->flags[i][0] != '\0'; i++)
		put(out, ", flag %s", a->flags[i]);
}

/* RXP-EVI-030. */
static void put_doubt(struct rxp_buf *out, enum rxp_dossier_doubt doubt)
{
	if (doubt != RXP_DOUBT_NONE)
		put(out, ", NOT PROVED: %s", rxp_dossier_doubt_meaning(doubt));
	rxp_buf_puts(out, "\n");
}

static void put_moment(
    struct rxp_buf *out, const struct rxp_dossier *d, const struct rxp_dossier_moment *moment)
{
	const struct rxp_dossier_document *document = &d->documents[moment->at];
	char time[RXP_TIME_TEXT];

	rxp_time_text(time, moment->ms);
	put(out, "%s ", time);
	if (moment->answered) {
		put_answer(out, document);
		put_doubt(
		    out, rxp_dossier_answered(document) ? RXP_DOUBT_NONE : document->answer_seal);
	} else {
		put(out, "%s sealed document %02u", document->from, document->number);
		put_doubt(out, document->seal);
	}
}

static void put_contradictions(struct rxp_buf *out, const struct rxp_dossier *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->documents[i].contradicted)
			put(out,
			    "%s refused document %02u and names it as seen in a later document: "
			    "it keeps its place\n",
			    d->documents[i].answer.from, d->documents[i].number);
}

int rxp_dossier_chronology(struct rxp_buf *out, const struct rxp_dossier *d)
{
	struct rxp_dossier_moment *moments = NULL;
	size_t n = 0;
	int rc = rxp_dossier_moments(&moments, &n, d);

	if (rc != 0)
		return rc;
	rxp_buf_puts(out,
	    "Evidence of documents that two States exchanged under RXP/1.\n"
	    "This text proves nothing by itself: readmit-verify says what the other\n"
	    "files prove, and what they do not. Times are UTC, by the clock of the\n"
	    "State that is named.\n\nThe States, each with the fingerprint of its root key\n");
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		put_party(out, d->parties[i]);
	rxp_buf_puts(out, "\nThe documents\n");
	for (size_t i = 0; i < d->n; i++)
		put_document(out, &d->documents[i]);
	for (size_t i = 0; i < d->n_withheld; i++)
		put(out, "Not here: %s from %s, since %s\n", d->withheld[i].type,
		    d->withheld[i].from, rxp_withheld_words(d->withheld[i].why)->since);
	rxp_buf_puts(out, "\nWhat happened\n");
	for (size_t i = 0; i < n; i++)
		put_moment(out, d, &moments[i]);
	put_contradictions(out, d);
	free(moments);
	return rxp_buf_error(out);
}
