/* evidence verify: the whole folder, offline; what was found, line by line. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/evidence_check.h"
#include "daemon/ctl/fingerprint.h"
#include "protocol/codec.h"
#include "protocol/err.h"
#include "protocol/timestamp.h"

struct told {
	struct ctl *c;
	json_t *problems;
};

static void problem(void *arg, const char *file, const char *text)
{
	struct told *t = arg;

	ctl_complain(t->c, "%s: %s", file, text);
	json_array_append_new(t->problems, json_pack("{s:s, s:s}", "file", file, "problem", text));
}

/* The values of --root, whose form args_parse() has checked. */
static size_t read_roots(const struct args *a, struct evidence_root roots[ARGS_REPEATED_MAX])
{
	for (size_t i = 0; i < a->n_repeated; i++) {
		char hex[RXP_DIGEST_HEX] = {0};

		memcpy(roots[i].party, a->repeated[i].value, RXP_PARTY_TEXT - 1);
		roots[i].party[RXP_PARTY_TEXT - 1] = '\0';
		fingerprint_parse(hex, a->repeated[i].value + RXP_PARTY_TEXT);
		rxp_hex_get(roots[i].digest, sizeof(roots[i].digest), hex, false);
	}
	return a->n_repeated;
}

/* --- text ---------------------------------------------------------------------------------------- */

static void print_document(struct ctl *c, const struct evidence_document *d)
{
	const struct rxp_header *h = &d->proof.header;
	char sealed[RXP_TIME_TEXT], answered[RXP_TIME_TEXT];
	bool receipt = d->answer.kind == RXP_ANSWER_RECEIPT;

	if (!d->verified) {
		fprintf(c->out, "%s  NOT VERIFIED\n", d->name);
		return;
	}
	rxp_time_text(sealed, d->proof.signing_time_ms);
	rxp_time_text(answered, receipt ? d->answer.received_ms : d->answer.created_ms);
	fprintf(c->out, "%s  ", d->name);
	if (h->in_case)
		fprintf(c->out, "position %" PRIu64 "  ", h->position);
	fprintf(c->out, "sealed %s  %s by %s %s%s\n", sealed, receipt ? "received" : "refused",
	    d->answer.from, answered, d->contradicted ? "  contradicts-seen" : "");
}

static void print_party(struct ctl *c, const struct evidence_check *e, size_t i)
{
	char hex[RXP_DIGEST_HEX], grouped[FINGERPRINT_GROUPED];

	rxp_hex_put(hex, e->parties[i]->root, sizeof(e->parties[i]->root), false);
	fingerprint_group(grouped, hex);
	fprintf(c->out, "%s root %s%s\n", e->parties[i]->party, grouped,
	    e->compared[i] ? "" : "  (not compared: give it with --root)");
}

static void print_all(struct ctl *c, const struct evidence_check *e)
{
	for (size_t i = 0; i < e->n_parties; i++)
		print_party(c, e, i);
	for (size_t i = 0; i < e->n; i++)
		print_document(c, &e->documents[i]);
	if (e->n == 1 && e->documents[0].verified && e->documents[0].proof.header.position > 1)
		ctl_say(c, "the documents before this one are not in the folder");
	if (e->n_problems == 0)
		fprintf(
		    c->out, "%zu documents, %zu receipts verified\n", e->n_verified, e->n_receipts);
}

/* --- JSON ---------------------------------------------------------------------------------------- */

static json_t *document_json(const struct evidence_document *d)
{
	const struct rxp_header *h = &d->proof.header;
	char sealed[RXP_TIME_TEXT], answered[RXP_TIME_TEXT], id[RXP_ID_TEXT], hex[RXP_DIGEST_HEX];
	bool receipt = d->answer.kind == RXP_ANSWER_RECEIPT;

	if (!d->verified)
		return json_pack("{s:s, s:b}", "folder", d->name, "verified", 0);
	rxp_time_text(sealed, d->proof.signing_time_ms);
	rxp_time_text(answered, receipt ? d->answer.received_ms : d->answer.created_ms);
	rxp_id_text(id, h->outer.message_id);
	rxp_hex_put(hex, d->proof.fingerprint, sizeof(d->proof.fingerprint), false);
	return json_pack("{s:s, s:b, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:o}", "folder",
	    d->name, "verified", 1, "from", h->outer.from, "to", h->outer.to, "type", h->type,
	    "message_id", id, "position",
	    h->in_case ? json_integer((json_int_t)h->position) : json_null(), "fingerprint", hex,
	    "sealed", sealed, "received", receipt ? json_string(answered) : json_null(), "refusal",
	    receipt ? json_null() : json_string(rxp_refusal_row(d->answer.refusal)->wire));
}

static json_t *party_json(const struct evidence_check *e, size_t i)
{
	char hex[RXP_DIGEST_HEX];

	rxp_hex_put(hex, e->parties[i]->root, sizeof(e->parties[i]->root), false);
	return json_pack("{s:s, s:s, s:b}", "party", e->parties[i]->party, "root", hex, "compared",
	    (int)e->compared[i]);
}

static void print_json(struct ctl *c, const struct evidence_check *e, json_t *problems)
{
	json_t *parties = json_array(), *documents = json_array(), *all;

	for (size_t i = 0; i < e->n_parties; i++)
		json_array_append_new(parties, party_json(e, i));
	for (size_t i = 0; i < e->n; i++)
		json_array_append_new(documents, document_json(&e->documents[i]));
	all = json_pack("{s:b, s:o, s:o, s:I, s:O}", "verified", (int)(e->n_problems == 0),
	    "parties", parties, "documents", documents, "receipts", (json_int_t)e->n_receipts,
	    "problems", problems);
	ctl_json(c, all);
	json_decref(all);
}

enum exit_status ctl_evidence_verify(struct ctl *c)
{
	struct evidence_root roots[ARGS_REPEATED_MAX];
	struct told told = {.c = c, .problems = json_array()};
	struct evidence_check e = {0};
	enum exit_status status = EXIT_FAILED;
	int dir = -1, rc;

	if (evidence_folder_open(&dir, c->args.argument[0]) != 0) {
		ctl_complain(c, "%s: %s", c->args.argument[0], strerror(errno));
		goto done;
	}
	if (!ctl_library(c))
		goto done;
	rc = evidence_check_run(&e, dir, roots, read_roots(&c->args, roots), true, problem, &told);
	if (rc != 0) {
		ctl_complain(c, "%s", rxp_err_text(rc));
		goto done;
	}
	if (c->args.options[OPT_JSON] != NULL)
		print_json(c, &e, told.problems);
	else
		print_all(c, &e);
	if (e.n_problems == 0)
		status = EXIT_OK;
	evidence_check_clear(&e);
done:
	json_decref(told.problems);
	if (dir >= 0)
		close(dir);
	return status;
}
