/* chronology.html, whose every octet the specification fixes (RXP-EVI-026): the chronology as a page for people, with what
 * types, flags and refusals mean. It has no script and loads nothing. */
#include "protocol/evidence/dossier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/evidence/dossier_moment.h"
#include "protocol/message/type.h"

#define DAY_MS (86400 * 1000LL)
#define NUMBER_TEXT 24
#define HOUR_AT 11 /* in a time as text */
#define HOUR_LENGTH 8

/* The hash in the policy is that of the style: a browser takes this one and nothing else. */
#define STYLE \
	"body{font-family:serif;max-width:60em;margin:2em auto;line-height:1.4}" \
	"table{border-collapse:collapse;width:100%}" \
	"th,td{border:1px solid;padding:.3em .5em;text-align:left;vertical-align:top}" \
	"code{overflow-wrap:anywhere}"
#define POLICY \
	"default-src 'none'; style-src 'sha256-PuIf1Drjs/mvYNwYVHy5PQpwJ1y2IIlW8tj29w/KmLM='; " \
	"base-uri 'none'; form-action 'none'"

static void put_all(struct rxp_buf *out, const char *const *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rxp_buf_put_xml(out, texts[i]);
}

/* Texts that are escaped; markup goes by rxp_buf_puts(). */
#define PUT(out, ...) \
	put_all(out, (const char *const[]){__VA_ARGS__}, \
	    sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static void put_number(struct rxp_buf *out, unsigned number)
{
	char text[NUMBER_TEXT];

	snprintf(text, sizeof text, "%02u", number);
	PUT(out, text);
}

/* --- its head ---------------------------------------------------------------------------------------- */

static void put_title(struct rxp_buf *out, const struct rxp_dossier *d)
{
	PUT(out, "What ", d->parties[0]->party, " and ", d->parties[1]->party, " exchanged");
}

static void put_head(struct rxp_buf *out, const struct rxp_dossier *d)
{
	rxp_buf_puts(out,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"" POLICY "\">\n<title>");
	put_title(out, d);
	rxp_buf_puts(out, "</title>\n<style>" STYLE "</style>\n</head>\n<body>\n<h1>");
	put_title(out, d);
	rxp_buf_puts(out, "</h1>\n");
}

static void put_case(struct rxp_buf *out, const struct rxp_header *h)
{
	char id[RXP_ID_TEXT];

	if (!h->in_case)
		return;
	rxp_id_text(id, h->case_id);
	rxp_buf_puts(out, "<p>Case <code>");
	PUT(out, id);
	rxp_buf_puts(out, "</code>, under the agreement ");
	PUT(out, h->profile_id, "/", h->profile_version, ".");
	rxp_buf_puts(out, "</p>\n");
}

/* --- what happened ----------------------------------------------------------------------------------- */

/* What it is, and by which rule: what an agreement derives from silence, too, is claimed by a document. */
static void put_meaning(struct rxp_buf *out, const char *wire)
{
	enum rxp_type type;

	PUT(out, wire, ".");
	if (rxp_type_parse(&type, wire) == 0)
		PUT(out, " It ", rxp_type_row(type)->meaning, " (rule ",
		    rxp_type_row(type)->requirement, ").");
}

static const char *flag_meaning(const char *word)
{
	static const struct {
		const char *word, *meaning;
	} rows[] = {
#define FLAG(name, word, requirement, meaning) {(word), (meaning)},
#include "protocol/message/flag.def"
#undef FLAG
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].meaning;
	return "a flag that this specification does not have";
}

static void put_answer(struct rxp_buf *out, const struct rxp_dossier_document *d)
{
	const struct rxp_answer *a = &d->answer;
	const struct rxp_refusal_row *row = rxp_refusal_row(a->refusal);

	PUT(out, a->kind == RXP_ANSWER_REFUSAL ? "refused document " : "had received document ");
	put_number(out, d->number);
	if (a->kind == RXP_ANSWER_REFUSAL) {
		PUT(out, ": ", row->wire, ", ", row->meaning, ".");
		return;
	}
	PUT(out, ", all of it.");
	for (size_t i = 0; i < RXP_MAX_FLAGS && a->flags[i][0] != '\0'; i++)
		PUT(out, " It flagged it ", a->flags[i], ": ", flag_meaning(a->flags[i]), ".");
}

/* RXP-EVI-030. */
static void put_doubt(struct rxp_buf *out, enum rxp_dossier_doubt doubt)
{
	if (doubt != RXP_DOUBT_NONE)
		PUT(out, " NOT PROVED: ", rxp_dossier_doubt_meaning(doubt), ".");
}

/* The seal of the document, and what it says. */
static void put_sealing(struct rxp_buf *out, const struct rxp_dossier_document *d)
{
	PUT(out, "sealed document ");
	put_number(out, d->number);
	PUT(out, " for ", d->proof.header.outer.to, ": ");
	put_meaning(out, d->proof.header.type);
	if (d->erased)
		PUT(out, " Nothing of the content of the case is left at ", d->from, " since ",
		    d->erased_day, ".");
	put_doubt(out, d->seal);
}

static void put_moment(
    struct rxp_buf *out, const struct rxp_dossier *d, const struct rxp_dossier_moment *m)
{
	const struct rxp_dossier_document *document = &d->documents[m->at];
	int32_t day = (int32_t)(m->ms / DAY_MS);
	char date[RXP_DAY_TEXT], time[RXP_TIME_TEXT];

	rxp_day_text(date, day);
	rxp_time_text(time, m->ms);
	time[HOUR_AT + HOUR_LENGTH] = '\0';
	rxp_buf_puts(out, "<tr><td>");
	PUT(out, date, ", ", rxp_weekday_name(rxp_day_weekday(day)));
	rxp_buf_puts(out, "</td><td>");
	PUT(out, time + HOUR_AT);
	rxp_buf_puts(out, "</td><td>");
	PUT(out, m->answered ? document->answer.from : document->from);
	rxp_buf_puts(out, "</td><td>");
	if (m->answered) {
		put_answer(out, document);
		put_doubt(
		    out, rxp_dossier_answered(document) ? RXP_DOUBT_NONE : document->answer_seal);
	} else {
		put_sealing(out, document);
	}
	rxp_buf_puts(out, "</td></tr>\n");
}

static int put_moments(struct rxp_buf *out, const struct rxp_dossier *d)
{
	struct rxp_dossier_moment *moments = NULL;
	size_t n = 0;
	int rc = rxp_dossier_moments(&moments, &n, d);

	if (rc != 0)
		return rc;
	rxp_buf_puts(out,
	    "<h2>What happened</h2>\n<table>\n<tr><th>Day</th><th>Hour</th><th>State</th>"
	    "<th>What it did</th></tr>\n");
	for (size_t i = 0; i < n; i++)
		put_moment(out, d, &moments[i]);
	rxp_buf_puts(out, "</table>\n");
	free(moments);
	for (size_t i = 0; i < d->n; i++)
		if (d->documents[i].contradicted) {
			rxp_buf_puts(out, "<p>");
			PUT(out, d->documents[i].answer.from, " refused document ");
			put_number(out, d->documents[i].number);
			PUT(out,
			    " and names it as seen in a later document: it keeps its place, and the "
			    "two contradict each other.");
			rxp_buf_puts(out, "</p>\n");
		}
	return 0;
}

/* --- what there is ----------------------------------------------------------------------------------- */

static void put_document(struct rxp_buf *out, const struct rxp_dossier_document *d)
{
	const struct rxp_header *h = &d->proof.header;
	char id[RXP_ID_TEXT], position[NUMBER_TEXT];

	rxp_buf_puts(out, "<tr><td>");
	put_number(out, d->number);
	rxp_buf_puts(out, "</td><td>");
	PUT(out, h->type);
	rxp_buf_puts(out, "</td><td>");
	PUT(out, h->outer.from);
	rxp_buf_puts(out, "</td><td>");
	PUT(out, h->outer.to);
	rxp_buf_puts(out, "</td><td>");
	if (h->in_case) {
		snprintf(position, sizeof position, "%" PRIu64, h->position);
		PUT(out, "document ", position, " of ", h->outer.from);
	}
	rxp_id_text(id, h->outer.message_id);
	rxp_buf_puts(out, "</td><td><code>");
	PUT(out, id);
	rxp_buf_puts(out, "</code></td></tr>\n");
}

static void put_party(struct rxp_buf *out, const struct rxp_evidence_party *p)
{
	char hex[RXP_DIGEST_HEX];

	rxp_hex_put(hex, p->root, sizeof p->root, false);
	rxp_buf_puts(out, "<tr><td>");
	PUT(out, p->party);
	rxp_buf_puts(out, "</td><td><code>");
	PUT(out, hex);
	rxp_buf_puts(out, "</code></td></tr>\n");
}

static void put_tables(struct rxp_buf *out, const struct rxp_dossier *d)
{
	rxp_buf_puts(out,
	    "<h2>The documents</h2>\n<table>\n<tr><th>No.</th><th>Type</th><th>From</th>"
	    "<th>To</th><th>Place in the case</th><th>Message</th></tr>\n");
	for (size_t i = 0; i < d->n; i++)
		put_document(out, &d->documents[i]);
	rxp_buf_puts(out, "</table>\n");
	for (size_t i = 0; i < d->n_withheld; i++) {
		rxp_buf_puts(out, "<p>");
		PUT(out, "Not here: ", d->withheld[i].type, " from ", d->withheld[i].from, ". ",
		    rxp_withheld_words(d->withheld[i].why)->says);
		rxp_buf_puts(out, "</p>\n");
	}
	rxp_buf_puts(out, "<h2>The States</h2>\n<table>\n<tr><th>State</th>"
			  "<th>Fingerprint of its root key</th></tr>\n");
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		put_party(out, d->parties[i]);
	rxp_buf_puts(out, "</table>\n");
}

static void put_limits(struct rxp_buf *out, const struct rxp_dossier *d)
{
	rxp_buf_puts(out,
	    "<h2>What the files prove</h2>\n<ul>\n"
	    "<li>Which State sealed which document for the other, of which type, at which place of a "
	    "case, and when by its own clock.</li>\n"
	    "<li>That the other State sealed that it had received all of it, or that it refused it, and "
	    "when by its own clock.</li>\n");
	if (d->n > d->n_erased + 1 && d->n_withheld == 0 && d->rooted)
		rxp_buf_puts(out,
		    "<li>That no document of the case which came before one of these is "
		    "missing.</li>\n");
	rxp_buf_puts(out, "</ul>\n<h2>What they do not prove</h2>\n<ul>\n");
	if (d->n_doubtful > 0)
		rxp_buf_puts(
		    out, "<li>That a State sealed, or answered, what is NOT PROVED above.</li>\n");
	if (d->n_withheld > 0)
		rxp_buf_puts(out,
		    "<li>What the documents are that are not here, and that there are no others: the State that put "
		    "these files together alone says so.</li>\n");
	rxp_buf_puts(out,
	    "<li>What a document says whose folder has no body.xml.</li>\n"
	    "<li>That the clocks of the States were right.</li>\n"
	    "<li>That nothing was sent after these documents, or in another case.</li>\n"
	    "<li>That what a document says is true.</li>\n"
	    "</ul>\n</body>\n</html>\n");
}

int rxp_dossier_page(struct rxp_buf *out, const struct rxp_dossier *d)
{
	int rc;

	put_head(out, d);
	if (d->n > 0)
		put_case(out, &d->documents[0].proof.header);
	rxp_buf_puts(out,
	    "<p>This page proves nothing by itself: the program readmit-verify says what the other files "
	    "prove. Days and hours are UTC, by the clock of the State that is named.</p>\n");
	rc = put_moments(out, d);
	if (rc != 0)
		return rc;
	put_tables(out, d);
	put_limits(out, d);
	return rxp_buf_error(out);
}
