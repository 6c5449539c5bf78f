#include "daemon/verify/say.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/base/fingerprint.h"
#include "protocol/base/codec.h"
#include "protocol/base/timestamp.h"
#include "daemon/verify/say_withheld.h"
#include "protocol/evidence/dossier.h"

bool say_compared(const struct rxp_dossier *d)
{
	return d->compared[0] && d->compared[1];
}

/* Roots of chains that nothing joins to the one in force (RXP-EVI-028). */
static void say_former(FILE *out, const struct rxp_evidence_party *p)
{
	for (size_t chain = 1; chain < p->n_chains; chain++) {
		char hex[RXP_DIGEST_HEX] = "", grouped[FINGERPRINT_GROUPED];

		for (size_t i = 0; i < p->n_roots; i++)
			if (p->roots[i].chain == chain)
				rxp_hex_put(
				    hex, p->roots[i].digest, sizeof(p->roots[i].digest), false);
		fingerprint_group(grouped, hex);
		fprintf(out, "     before, and with nothing that joins it: root key %s\n     %s\n",
		    grouped,
		    p->compared[chain]
			? "which was given too, and counts for what was sealed under it"
			: "NOT COMPARED: what was sealed under it is not proved; give it as another --root");
	}
}

static void say_parties(FILE *out, const struct rxp_dossier *d)
{
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++) {
		char hex[RXP_DIGEST_HEX], grouped[FINGERPRINT_GROUPED];

		rxp_hex_put(hex, d->parties[i]->root, sizeof(d->parties[i]->root), false);
		fingerprint_group(grouped, hex);
		fprintf(out, "%s  root key %s\n     %s\n", d->parties[i]->party, grouped,
		    d->compared[i]
			? "which is the one given, or follows from it"
			: "NOT COMPARED: nothing here says that this is the State's key; give "
			  "--root");
		say_former(out, d->parties[i]);
	}
}

/* Why it is not proved. */
static void say_doubt(FILE *out, enum rxp_dossier_doubt doubt, int64_t revoked_ms)
{
	char time[RXP_TIME_TEXT];

	fprintf(out, "%s", rxp_dossier_doubt_meaning(doubt));
	if (doubt != RXP_DOUBT_REVOKED)
		return;
	rxp_time_text(time, revoked_ms);
	fprintf(out, ";\n    it is revoked since %s, and whoever stole it can have dated it back",
	    time);
}

/* --- proved ---------------------------------------------------------------------------------------- */

/* What the receipt binds its State to beside the document (RXP-EVI-018). */
static void say_log(FILE *out, const struct rxp_answer *a)
{
	char id[RXP_ID_TEXT], head[RXP_DIGEST_HEX];

	rxp_id_text(id, a->log_id);
	rxp_hex_put(head, a->log_head, sizeof(a->log_head), false);
	fprintf(out,
	    "    By that it stands to the first %" PRIu64 " entries of its log %s, up to %.16s.\n",
	    a->log_count, id, head);
}

static void say_receipt(FILE *out, const struct rxp_answer *a)
{
	char received[RXP_TIME_TEXT], created[RXP_TIME_TEXT];

	rxp_time_text(received, a->received_ms);
	rxp_time_text(created, a->created_ms);
	fprintf(out, "    %s sealed, at %s, that it had received all of it at %s", a->from, created,
	    received);
	for (size_t i = 0; i < RXP_MAX_FLAGS && a->flags[i][0] != '\0'; i++)
		fprintf(out, "%s%s", i == 0 ? ", and flagged it " : " ", a->flags[i]);
	fprintf(out, ".\n");
	say_log(out, a);
}

static void say_refusal(FILE *out, const struct rxp_answer *a)
{
	char created[RXP_TIME_TEXT];

	rxp_time_text(created, a->created_ms);
	fprintf(out, "    %s sealed, at %s, that it refuses it: %s.\n", a->from, created,
	    rxp_refusal_row(a->refusal)->wire);
}

/* An answer whose seal does not stand (RXP-EVI-029): what the log proves of it, or nothing. */
static void say_doubtful_answer(FILE *out, const struct rxp_dossier_document *d)
{
	const struct rxp_answer *a = &d->answer;
	bool receipt = a->kind == RXP_ANSWER_RECEIPT;
	char time[RXP_TIME_TEXT];

	rxp_time_text(time, receipt ? a->received_ms : a->created_ms);
	if (d->logged)
		fprintf(out,
		    "    %s sealed its log, in which it %s at %s. That is proved; of the answer that "
		    "is here\n    it is NOT PROVED that %s sealed it: ",
		    a->from, receipt ? "had received all of it" : "refused it", time, a->from);
	else
		fprintf(out,
		    "    NOT PROVED that %s answered it. The answer that is here says that it %s at "
		    "%s, but\n    ",
		    a->from, receipt ? "had received all of it" : "refuses it", time);
	say_doubt(out, d->answer_seal, d->answer_revoked_ms);
	fprintf(out, ".\n");
	if (d->seen_in != 0)
		fprintf(out, "    Yet %s sealed document %02u, which names it as seen.\n", a->from,
		    d->seen_in);
}

static void say_answer(FILE *out, const struct rxp_dossier_document *d)
{
	if (d->answer_seal != RXP_DOUBT_NONE)
		say_doubtful_answer(out, d);
	else if (d->answer.kind == RXP_ANSWER_RECEIPT)
		say_receipt(out, &d->answer);
	else
		say_refusal(out, &d->answer);
	if (d->contradicted)
		fprintf(out,
		    "    Yet %s names it as seen in a later document, so it keeps its place; the two "
		    "contradict each other.\n",
		    d->answer.from);
}

/* RXP-EVI-024 */
static void say_entry(FILE *out, const struct rxp_dossier_document *d)
{
	const bool other = d->answer.kind == RXP_ANSWER_RECEIPT && !d->log_named;

	if (d->log_n == 0)
		return;
	fprintf(out,
	    "    That is entry %" PRIu64 " of %s of %s, as its page logs/%02u-%s.xml has it",
	    d->log_n, other ? "another log than the receipt names, one" : "the log", d->answer.from,
	    d->log_page, d->answer.from);
	if (d->log_bound != 0)
		fprintf(out,
		    ";\n    the receipt of document %02u stands to that log with this entry in it",
		    d->log_bound);
	if (other)
		fprintf(out,
		    ";\n    it was put there when the answer had come back to %s, and does not show that it was given",
		    d->answer.from);
	else if (d->answer.kind == RXP_ANSWER_REFUSAL && !d->log_then &&
		 d->answer_seal != RXP_DOUBT_NONE)
		fprintf(out,
		    ";\n    it names no log, and nothing here shows that this one was there then, so that it may have "
		    "come back\n    to %s later",
		    d->answer.from);
	fprintf(out, ".\n");
}

/* RXP-EVI-025 */
static void say_contradictions(FILE *out, const struct rxp_dossier *d)
{
	if (d->n_contradictions == 0)
		return;
	fprintf(out,
	    "\nCONTRADICTIONS\n"
	    "Each of these is proved, and does not go with what the same State sealed elsewhere here:\n"
	    "its log, or its answer, was changed.\n");
	for (size_t i = 0; i < d->n_contradictions && i < RXP_DOSSIER_CONTRADICTIONS_MAX; i++)
		fprintf(out, "- %s, %s: %s%s.\n", d->contradictions[i].owner,
		    d->contradictions[i].entry, d->contradictions[i].text,
		    d->contradictions[i].doubtful
			? "; but one of the two is under a seal that does not stand, so who stole "
			  "that can have\n  made it, and this is NOT PROVED"
			: "");
	if (d->n_contradictions > RXP_DOSSIER_CONTRADICTIONS_MAX)
		fprintf(
		    out, "- and %zu more.\n", d->n_contradictions - RXP_DOSSIER_CONTRADICTIONS_MAX);
}

/* Who sealed it; or that this is not proved, what it says of itself, and what others say of it (RXP-EVI-030). */
static void say_sealed(FILE *out, const struct rxp_dossier_document *d)
{
	const struct rxp_header *h = &d->proof.header;
	const char *from = h->outer.from;
	char sealed[RXP_TIME_TEXT], id[RXP_ID_TEXT];

	rxp_time_text(sealed, d->proof.signing_time_ms);
	if (d->seal != RXP_DOUBT_NONE) {
		fprintf(out, "    NOT PROVED that %s sealed it: ", from);
		say_doubt(out, d->seal, d->seal_revoked_ms);
		fprintf(out, ".\n    It says of itself that %s", from);
	} else {
		fprintf(out, "    %s", from);
	}
	fprintf(out, " sealed it for %s at %s", h->outer.to, sealed);
	if (h->in_case) {
		rxp_id_text(id, h->case_id);
		fprintf(out, ", as its document %" PRIu64 " in case %s", h->position, id);
	}
	fprintf(out, ".\n");
	if (d->seal == RXP_DOUBT_NONE)
		return;
	if (d->owned_in != 0)
		fprintf(out,
		    "    Yet %s sealed document %02u, which names it as its own one before.\n",
		    from, d->owned_in);
	if (rxp_dossier_answered(d))
		fprintf(out, "    What follows proves that %s had it as one of %s, to the octet.\n",
		    h->outer.to, from);
}

static void say_document(FILE *out, const struct rxp_dossier_document *d)
{
	char id[RXP_ID_TEXT];

	fprintf(out, "%02u  %s\n", d->number, d->proof.header.type);
	say_sealed(out, d);
	if (d->erased) {
		rxp_id_text(id, d->erased_case);
		fprintf(out,
		    "    It says that nothing of the content of case %s is left at %s since %s.\n",
		    id, d->from, d->erased_day);
	} else if (d->has_body)
		fprintf(out, "    body.xml is what %s, to the octet.\n",
		    d->seal == RXP_DOUBT_NONE ? "it sealed" : "this seal is about");
	say_answer(out, d);
	say_entry(out, d);
}

static void say_order(FILE *out, const struct rxp_dossier *d)
{
	char time[RXP_TIME_TEXT];

	if (d->n == 1 && d->documents[0].proof.header.position > 1)
		fprintf(out, "    What came before it in its case is not here.\n");
	else if (d->n > d->n_erased + 1 && !d->rooted)
		fprintf(out, "    What came before some of them in their case is not here.\n");
	else if (d->n > d->n_erased + 1)
		fprintf(out,
		    "These are documents of one case, and none that came before any of "
		    "them is missing%s.\n",
		    d->n_withheld > 0 ? ", but for those that are NOT GIVEN" : "");
	say_withheld(out, d);
	rxp_time_text(time, d->signed_ms);
	fprintf(out, "%s put these files together and sealed that they are these, at %s.\n",
	    d->signer->party, time);
}

/* RXP-EVI-021 */
static void say_stamp(FILE *out, const struct rxp_dossier *d)
{
	char time[RXP_TIME_TEXT], hex[RXP_DIGEST_HEX];

	if (!d->stamped)
		return;
	rxp_time_text(time, d->stamp.not_later_ms);
	rxp_hex_put(hex, d->stamp.cert, sizeof(d->stamp.cert), false);
	fprintf(out,
	    "All of it was there not later than %s, by its clock, says the time-stamp of\n    %s\n"
	    "    certificate %.16s, %s\n",
	    time, d->stamp.name, hex,
	    d->stamp.trusted ? "which follows from an authority that was given."
			     : "NOT JUDGED: anybody can make such a name; give --authority.");
}

/* --- not proved ------------------------------------------------------------------------------------ */

static size_t without_body(const struct rxp_dossier *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += !d->documents[i].has_body;
	return n;
}

static void say_limits(FILE *out, const struct rxp_dossier *d)
{
	size_t n = without_body(d);

	if (d->n_doubtful > 0)
		fprintf(out,
		    "- Of %zu of %zu documents who sealed them, or that they were answered: each says it "
		    "above.\n",
		    d->n_doubtful, d->n);
	if (d->n_withheld > 0)
		fprintf(out,
		    "- What %zu documents are of which it says that they are NOT GIVEN, nor that there are no others: it "
		    "is %s\n  alone that says so.\n",
		    d->n_withheld, d->signer->party);
	if (n > 0)
		fprintf(out,
		    "- What %zu of %zu documents said: their content is not here; it was left out, or "
		    "is erased. Only\n  that a content of a known fingerprint was sealed is proved.\n",
		    n, d->n);
	fprintf(out,
	    d->stamped
		? "- That the clocks of the States were right: the time-stamp says only that "
		  "nothing here is later.\n"
		  "- That the certificate of the time-stamp was not revoked: this was NOT CHECKED, neither in a list\n"
		  "  (CRL) nor by asking (OCSP). Its authority knows. Nor that its key was not stolen.\n"
		: "- That the clocks of the States were right: no third party has stamped these "
		  "times.\n");
	if (d->n_erased > 0)
		fprintf(out,
		    "- That it is so where a State says that nothing is left: only that it said so.\n");
	fprintf(out, "- That nothing was sent after these documents, or in another case.\n"
		     "- That what a document says is true.\n");
	if (d->n_pages > 0)
		fprintf(out,
		    "- That the logs have no other entries about the same: these pages show only theirs.\n");
	if (!say_compared(d))
		fprintf(out, "- Whose keys these are, where a root key was not compared.\n");
}

void say_dossier(FILE *out, const struct rxp_dossier *d)
{
	say_parties(out, d);
	fprintf(out, "\nPROVED%s\n", say_compared(d) ? "" : ", if these are the States' root keys");
	for (size_t i = 0; i < d->n; i++)
		say_document(out, &d->documents[i]);
	say_order(out, d);
	say_stamp(out, d);
	say_contradictions(out, d);
	fprintf(out, "\nNOT PROVED\n");
	say_limits(out, d);
}
