/* evidence export: fetch what proves a case or a message, let the State seal it, write the container. */
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/evidence_row.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/timestamp.h"
#include "daemon/evidence/container_zip.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/dossier_make.h"
#include "protocol/peering/identity_known.h"

#define PATH_TEXT 128
#define EXPORT_TRIES 4

/* Of both States, borrowed. */
struct papers {
	struct rxp_dossier_papers of[RXP_DOSSIER_PARTIES];
	struct rxp_evidence_descriptor former[RXP_DOSSIER_PARTIES][RXP_EVIDENCE_FORMER_MAX];
};

struct export
{
	struct ctl *c;
	char reason[CTL_REASON_TEXT];
	struct rxp_container container;
	struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES];
	struct rxp_identity_known *known; /* what was read of their descriptors, in any try */
	struct rxp_buf in_force[RXP_DOSSIER_PARTIES]; /* descriptors: ours, then the peer's … */
	struct rxp_buf former[RXP_DOSSIER_PARTIES]
			     [RXP_EVIDENCE_FORMER_MAX]; /* … and those before */
	size_t n_former[RXP_DOSSIER_PARTIES];
	struct papers papers; /* made of these */
	unsigned n; /* documents … */
	unsigned rows; /* … with those that are not given … */
	struct rxp_dossier_left left; /* … and with those of which nothing is held */
	unsigned pages; /* pages of logs … */
	unsigned left_out; /* … and pages that are none */
	unsigned tries; /* the present one included */
	bool changed; /* what was sealed is not what was read before */
	bool unstamped; /* a time-stamp was wanted, and there is none */
	bool gave_less; /* not all documents are in the container */
	char bodies[RXP_EVIDENCE_DOCUMENTS_MAX + 1]; /* a digit for each, 1: its body is there */
};

static void problem(void *arg, const char *entry, const char *text)
{
	const struct export *x = arg;

	if (x->tries == EXPORT_TRIES)
		ctl_complain(x->c, "%s: %s", entry, text);
}

static enum exit_status failed(struct export *x, const char *what, int rc)
{
	if (rc == RXP_ERR_SYNTAX)
		ctl_complain(x->c, "the daemon's answer is no evidence: is it of this version?");
	else if (rc != RXP_ERR_MISMATCH) /* its problems were told */
		ctl_complain(x->c, "%s: %s", what, rxp_err_text(rc));
	return EXIT_FAILED;
}

/* --- what the daemon gives ------------------------------------------------------------------------- */

/* Whose case it is stands at the end. */
static void path_of(const struct export *x, char out[PATH_TEXT], const char *rest)
{
	const char *id = x->c->args.argument[0], *peer = x->c->args.options[OPT_PEER];
	uint8_t octets[RXP_ID_OCTETS];

	snprintf(out, PATH_TEXT, "/v1/%s/%s/evidence%s%s%s",
	    rxp_id_parse(octets, id, 4) == 0 ? "cases" : "messages", id, rest,
	    peer == NULL ? "" : (strchr(rest, '?') != NULL ? "&peer=" : "?peer="),
	    peer != NULL ? peer : "");
}

static int keep_former(struct export *x, const json_t *item)
{
	const json_t *own = json_object_get(item, "own");
	size_t at = json_is_true(own) ? 0 : 1;
	struct rxp_buf *octets;

	if (!json_is_boolean(own) || x->n_former[at] == RXP_EVIDENCE_FORMER_MAX)
		return RXP_ERR_SYNTAX;
	octets = &x->former[at][x->n_former[at]++];
	rxp_buf_init(octets, RXP_MAX_DESCRIPTOR_OCTETS);
	return evidence_octets(octets, item, "octets");
}

/* They come before the documents. */
static enum exit_status keep_descriptors(struct export *x, const json_t *page)
{
	const json_t *former = json_object_get(page, "former_descriptors");
	int rc = 0;

	if (x->in_force[0].len == 0) {
		rxp_buf_init(&x->in_force[0], RXP_MAX_DESCRIPTOR_OCTETS);
		rxp_buf_init(&x->in_force[1], RXP_MAX_DESCRIPTOR_OCTETS);
		rc = evidence_octets(&x->in_force[0], page, "own_descriptor");
		if (rc == 0)
			rc = evidence_octets(&x->in_force[1], page, "peer_descriptor");
	}
	for (size_t i = 0; rc == 0 && i < json_array_size(former); i++)
		rc = keep_former(x, json_array_get(former, i));
	return rc == 0 ? EXIT_OK : failed(x, "the descriptors", rc);
}

static void papers_of(struct papers *p, const struct export *x)
{
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++) {
		for (size_t k = 0; k < x->n_former[i]; k++)
			p->former[i][k] = (struct rxp_evidence_descriptor){
			    x->former[i][k].data, x->former[i][k].len};
		p->of[i] = (struct rxp_dossier_papers){
		    .in_force = {x->in_force[i].data, x->in_force[i].len},
		    .former = p->former[i],
		    .n_former = x->n_former[i]};
	}
}

/* Of the two States of a document the one that is not this node's; "" if it names no such. */
static const char *other_of(const struct export *x, const json_t *item)
{
	const char *own = x->parties[0]->party;
	const char *from = json_string_value(json_object_get(item, "from"));
	const char *to = json_string_value(json_object_get(item, "to"));
	const char *other = from != NULL && strcmp(from, own) == 0 ? to : from;

	return other != NULL ? other : "";
}

/* With which nothing can be proved (RXP-EVI-032). */
static enum exit_status not_taken(struct export *x, const json_t *item, int rc)
{
	if (rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO)
		return failed(x, "the descriptors", rc);
	if (x->parties[0] == NULL)
		ctl_complain(
		    x->c, "the descriptor of this node does not verify: %s", rxp_err_text(rc));
	else
		ctl_complain(x->c,
		    "what this node keeps as the descriptor of %.3s is not what was taken, so that nothing with it can be given: "
		    "readmitctl peer update %.3s FILE, with its descriptor, puts it right",
		    other_of(x, item), other_of(x, item));
	return EXIT_FAILED;
}

static enum exit_status put_parties(struct export *x, const json_t *first)
{
	struct rxp_dossier_papers *of = x->papers.of;
	int rc;

	papers_of(&x->papers, x);
	rc = rxp_dossier_put_parties(&x->container, x->parties, x->known, &of[0], &of[1]);
	if (rc == 0 && of[0].n_former + of[1].n_former < x->n_former[0] + x->n_former[1])
		ctl_complain(x->c,
		    "a former descriptor that this node keeps does not verify, and is left out");
	return rc == 0 ? EXIT_OK : not_taken(x, first, rc);
}

static enum exit_status put_former(struct export *x)
{
	const struct rxp_dossier_papers *of = x->papers.of;
	int rc = rxp_dossier_put_former(&x->container, x->parties, &of[0], &of[1]);

	return rc == 0 ? EXIT_OK : failed(x, "the descriptors", rc);
}

/* What a document says, if the daemon has it still and may show all of it; it says why not. */
static enum exit_status put_body(
    struct export *x, const struct rxp_dossier_row *row, const json_t *item)
{
	const char *id = json_string_value(json_object_get(item, "local_id"));
	char path[PATH_TEXT];
	struct rxp_buf document;
	int rc;

	snprintf(path, sizeof(path), "/v1/messages/%.36s/document", id == NULL ? "" : id);
	if (ctl_fetch(x->c,
		&(struct call_request){
		    .method = "GET", .path = path, .headers = {x->reason}, .optional = true},
		&document) != EXIT_OK) {
		ctl_say(x->c, "what document %02u says is left out", x->n);
		return EXIT_OK;
	}
	rc = rxp_dossier_put_body(&x->container, x->n, row, &document);
	rxp_buf_free(&document);
	if (rc == RXP_ERR_MISMATCH) {
		ctl_complain(x->c,
		    "what is stored of what document %02u says is not what was sealed: it is left out",
		    x->n);
		return EXIT_OK;
	}
	x->bodies[x->n - 1] = '1';
	return rc == 0 ? EXIT_OK : failed(x, "a document", rc);
}

static enum exit_status put_row(
    struct export *x, const struct rxp_dossier_row *row, const json_t *item)
{
	const unsigned before = x->n;
	int rc = rxp_dossier_put_document(&x->container, x->parties, &x->n, &x->left, row);

	if (rc != 0)
		return failed(x, "a document", rc);
	x->rows++;
	if (x->n == before) {
		if (x->tries == 1)
			evidence_row_tell(x->c, row, item, x->left.last);
		return EXIT_OK;
	}
	x->bodies[x->n - 1] = '0';
	return row->body_len == 0 && x->c->args.options[OPT_CONTENT] != NULL
		   ? put_body(x, row, item)
		   : EXIT_OK;
}

static enum exit_status put_document(struct export *x, const json_t *item)
{
	struct evidence_row r;
	int rc = evidence_row_read(&r, item, x->c->args.argument[0]);
	enum exit_status status = rc == 0 ? put_row(x, &r.row, item) : failed(x, "a document", rc);

	evidence_row_clear(&r);
	return status;
}

static enum exit_status put_log_page(struct export *x, const json_t *item)
{
	const char *owner = json_string_value(json_object_get(item, "owner"));
	const unsigned before = x->pages;
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_LOG_PAGE_OCTETS);
	rc = owner == NULL ? RXP_ERR_SYNTAX : evidence_octets(&octets, item, "octets");
	if (rc == 0)
		rc = rxp_dossier_put_log_page(
		    &x->container, x->parties, &x->pages, owner, octets.data, octets.len);
	if (rc == 0 && x->pages == before) {
		x->left_out++;
		ctl_complain(x->c,
		    "a page of the log of %s that this node keeps does not verify, and is left out",
		    owner);
	}
	rxp_buf_free(&octets);
	return rc == 0 ? EXIT_OK : failed(x, "a page of a log", rc);
}

static enum exit_status fetch(struct export *x, json_t **page)
{
	char rest[PATH_TEXT / 2], path[PATH_TEXT];
	enum exit_status status;

	snprintf(rest, sizeof(rest), "?after=%zu",
	    x->n_former[0] + x->n_former[1] + x->rows + x->pages + x->left_out);
	path_of(x, path, rest);
	status = ctl_call(x->c,
	    &(struct call_request){.method = "GET", .path = path, .headers = {x->reason}}, page);
	if (status == EXIT_OK && !json_is_array(json_object_get(*page, "items")))
		status = failed(x, "", RXP_ERR_SYNTAX);
	return status;
}

static enum exit_status put_page(struct export *x, const json_t *page, bool *more)
{
	const json_t *items = json_object_get(page, "items");
	const json_t *logs = json_object_get(page, "log_pages");
	size_t n = json_array_size(items), n_logs = json_array_size(logs);
	size_t n_former = json_array_size(json_object_get(page, "former_descriptors"));
	enum exit_status status;

	*more = json_is_integer(json_object_get(page, "next"));
	if (!*more && x->rows + n == 0) {
		ctl_complain(x->c, "no document has an answer yet: there is nothing to prove");
		return EXIT_FAILED;
	}
	if (*more && n_former + n + n_logs == 0)
		return failed(x, "", RXP_ERR_SYNTAX);
	if (x->rows + n > RXP_EVIDENCE_DOCUMENTS_MAX) {
		ctl_complain(x->c,
		    "the case has more than %u documents, with those that were refused, and no container holds more: export messages alone",
		    (unsigned)RXP_EVIDENCE_DOCUMENTS_MAX);
		return EXIT_FAILED;
	}
	status = keep_descriptors(x, page);
	if (status == EXIT_OK && x->rows == 0 && n > 0)
		status = put_parties(x, json_array_get(items, 0));
	for (size_t i = 0; status == EXIT_OK && i < n; i++)
		status = put_document(x, json_array_get(items, i));
	for (size_t i = 0; status == EXIT_OK && i < n_logs; i++)
		status = put_log_page(x, json_array_get(logs, i));
	return status;
}

static enum exit_status put_pages(struct export *x)
{
	enum exit_status status = EXIT_OK;
	bool more = true;

	while (status == EXIT_OK && more) {
		json_t *page = NULL;

		status = fetch(x, &page);
		if (status == EXIT_OK)
			status = put_page(x, page, &more);
		json_decref(page);
	}
	return status == EXIT_OK ? put_former(x) : status;
}

/* --- the container ---------------------------------------------------------------------------------- */

/* By the service that was named, or the one that is configured; a container is no worse without (RXP-EVI-020). */
static void stamp(struct export *x, struct rxp_buf *signatures, const char *configured)
{
	const char *named = x->c->args.options[OPT_TIMESTAMP];
	const char *url = named != NULL ? named : configured;

	if (url == NULL || strcmp(url, ARGS_NO_SERVICE) == 0)
		return;
	x->unstamped = !timestamp_put(x->c, url, signatures);
}

/* Its answer is freed by the caller. */
static enum exit_status ask_seal(struct export *x, json_t **answer)
{
	char path[PATH_TEXT + sizeof(x->bodies)];
	size_t used;

	path_of(x, path, "/seal");
	used = strlen(path);
	if (strchr(x->bodies, '1') != NULL)
		snprintf(path + used, sizeof(path) - used, "%cbodies=%s",
		    strchr(path, '?') != NULL ? '&' : '?', x->bodies);
	return ctl_call(x->c,
	    &(struct call_request){.method = "POST", .path = path, .headers = {x->reason}}, answer);
}

/* The daemon makes the same container of what it holds now, and signs that. */
static enum exit_status put_seal(struct export *x)
{
	struct rxp_buf signatures;
	json_t *answer = NULL;
	enum exit_status status = ask_seal(x, &answer);
	int rc;

	if (status != EXIT_OK)
		return status;
	rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rc = evidence_octets(&signatures, answer, "signatures");
	if (rc == 0)
		stamp(x, &signatures, json_string_value(json_object_get(answer, "timestamp")));
	if (rc == 0)
		rc = rxp_dossier_put_seal(&x->container, &signatures);
	rxp_buf_free(&signatures);
	json_decref(answer);
	return rc == 0 ? EXIT_OK : failed(x, "the container", rc);
}

/* All of it is withheld. The daemon is asked all the same: it refuses, and alarms its operator (RXP-EVI-032). */
static enum exit_status give_nothing(struct export *x)
{
	json_t *answer = NULL;
	enum exit_status status = ask_seal(x, &answer);

	json_decref(answer);
	x->changed = status == EXIT_OK; /* it has something now */
	if (status != EXIT_FAILED)
		return x->changed ? EXIT_FAILED : status;
	ctl_complain(
	    x->c, "nothing of it can be given: there is no other document; nothing is written");
	return EXIT_IN_PART;
}

/* What was made, verified as whoever gets it will do. */
static enum exit_status verify(struct export *x)
{
	struct rxp_dossier d = {0};
	enum exit_status status = EXIT_OK;
	int rc =
	    rxp_dossier_check(&d, &x->container, RXP_DOSSIER_WHOLE, x->known, NULL, 0, problem, x);

	if (rc != 0) {
		status = failed(x, "the container", rc);
	} else if (d.n_problems > 0) {
		x->changed = true;
		status = EXIT_FAILED;
	} else {
		ctl_say(x->c, "%zu documents, %zu receipts in %s", d.n_verified, d.n_receipts,
		    x->c->args.options[OPT_OUT]);
		x->gave_less = d.n_withheld > 0;
		if (x->left.by[RXP_WITHHELD_MISSING] > 0)
			ctl_complain(x->c,
			    "of %u documents nothing is stored, though others speak of them: they are named, and not given",
			    x->left.by[RXP_WITHHELD_MISSING]);
		if (d.n_doubtful > 0)
			ctl_say(x->c,
			    "not all of it is proved: readmit-verify says of which documents, and why");
	}
	rxp_dossier_clear(&d);
	return status;
}

static enum exit_status write_file(struct export *x)
{
	struct rxp_buf octets;
	enum exit_status status;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_CONTAINER_OCTETS);
	rc = container_zip_write(&octets, &x->container);
	status = rc == 0 ? file_write(x->c, x->c->args.options[OPT_OUT], FILE_PRIVATE, &octets)
			 : failed(x, x->c->args.options[OPT_OUT], rc);
	rxp_buf_free(&octets);
	return status;
}

static enum exit_status make(struct export *x)
{
	enum exit_status status = put_pages(x);
	int rc;

	if (status != EXIT_OK)
		return status;
	if (x->n == 0)
		return give_nothing(x);
	rc = rxp_dossier_put_chronology(&x->container, x->known, &x->left, NULL, problem, x);
	x->changed = rc == RXP_ERR_MISMATCH;
	if (rc != 0)
		return failed(x, "the container", rc);
	status = put_seal(x);
	if (status == EXIT_OK)
		status = verify(x);
	if (status == EXIT_OK)
		status = write_file(x);
	if (status == EXIT_OK && x->gave_less)
		return EXIT_IN_PART;
	return status == EXIT_OK && x->unstamped ? EXIT_UNSTAMPED : status;
}

/* What the daemon seals is about what it holds then; a document that was answered since its entries were read, or a page of
 * a log that came, makes the container anew. */
static enum exit_status make_once(struct export *x)
{
	struct export one = *x;
	enum exit_status status;

	rxp_container_init(&one.container);
	status = make(&one);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(one.parties[i]);
	rxp_container_clear(&one.container);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++) {
		rxp_buf_free(&one.in_force[i]);
		for (size_t k = 0; k < one.n_former[i]; k++)
			rxp_buf_free(&one.former[i][k]);
	}
	x->changed = one.changed;
	return status;
}

enum exit_status ctl_evidence_export(struct ctl *c)
{
	struct export x = {.c = c, .tries = 1};
	enum exit_status status;

	if (c->args.options[OPT_OUT] == NULL) {
		ctl_complain(c, "--out is missing: the file to write, which must be new");
		return EXIT_USAGE;
	}
	if (!ctl_reason(c, x.reason))
		return EXIT_USAGE;
	if (!ctl_library(c))
		return EXIT_FAILED;
	x.known = rxp_identity_known_new();
	if (x.known == NULL)
		return failed(&x, "the container", RXP_ERR_NOMEM);
	do {
		status = make_once(&x);
	} while (x.changed && x.tries++ < EXPORT_TRIES);
	rxp_identity_known_free(x.known);
	if (x.changed)
		ctl_complain(c, "if another document was answered meanwhile, export it again");
	return status;
}
