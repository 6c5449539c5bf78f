#include "daemon/ctl/evidence_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/evidence_readme.h"
#include "protocol/buf.h"
#include "protocol/err.h"

#define DOCUMENTS "documents"
#define DESCRIPTORS "descriptors"
#define TEXT_MAX 128

struct check {
	struct evidence_check *out;
	int dir;
	const struct evidence_root *roots;
	size_t n_roots;
	evidence_problem_fn *fn;
	void *arg;
};

/* Tell a problem; the name lets a caller end with it. */
static bool wrong(struct check *c, const char *file, const char *text)
{
	c->out->n_problems++;
	c->fn(c->arg, file, text);
	return false;
}

static bool read_file(struct check *c, struct rxp_buf *out, const char *path)
{
	int rc = evidence_folder_read(out, c->dir, path);

	return rc == 0 || wrong(c, path, rc == RXP_ERR_NOT_FOUND ? "missing" : rxp_err_text(rc));
}

/* --- the two States ----------------------------------------------------------------------------- */

static const struct evidence_root *root_of(const struct check *c, const char *party)
{
	for (size_t i = 0; i < c->n_roots; i++)
		if (strcmp(c->roots[i].party, party) == 0)
			return &c->roots[i];
	return NULL;
}

static struct rxp_evidence_party *party_of(const struct check *c, const char *party)
{
	for (size_t i = 0; i < c->out->n_parties; i++)
		if (strcmp(c->out->parties[i]->party, party) == 0)
			return c->out->parties[i];
	return NULL;
}

/* The one that is not this. */
static struct rxp_evidence_party *other_party(
    const struct check *c, const struct rxp_evidence_party *party)
{
	return c->out->parties[c->out->parties[0] == party];
}

static bool read_party(struct check *c, const char *path, const char *named)
{
	struct evidence_check *e = c->out;
	const struct evidence_root *root = root_of(c, named);
	struct rxp_evidence_party *party = NULL;
	struct rxp_buf octets;
	bool good;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	good = read_file(c, &octets, path);
	if (good) {
		rc = rxp_evidence_party_open(
		    &party, octets.data, octets.len, root == NULL ? NULL : root->digest);
		if (rc != 0)
			good = wrong(c, path,
			    rc == RXP_ERR_SIGNER && root != NULL
				? "not sealed under the root given, or another root in its chain"
				: rxp_err_text(rc));
		else if (strcmp(party->party, named) != 0)
			good = wrong(c, path, "the descriptor of another party");
	}
	rxp_buf_free(&octets);
	if (!good) {
		rxp_evidence_party_free(party);
		return false;
	}
	e->compared[e->n_parties] = root != NULL;
	e->parties[e->n_parties++] = party;
	return true;
}

struct names {
	char party[EVIDENCE_PARTIES][RXP_PARTY_TEXT];
	size_t n;
};

static int add_party_name(void *arg, const char *name)
{
	struct names *names = arg;

	if (strlen(name) != strlen("QRA.xml") || strcmp(name + 3, ".xml") != 0 ||
	    names->n == EVIDENCE_PARTIES)
		return RXP_ERR_STRUCTURE;
	snprintf(names->party[names->n], RXP_PARTY_TEXT, "%.3s", name);
	return rxp_party_valid(names->party[names->n++]) ? 0 : RXP_ERR_STRUCTURE;
}

static int by_party(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool read_parties(struct check *c)
{
	struct names names = {0};
	bool good = true;
	int rc = evidence_folder_each(c->dir, DESCRIPTORS, add_party_name, &names);

	if (rc == 0 && names.n != EVIDENCE_PARTIES)
		rc = RXP_ERR_STRUCTURE;
	if (rc != 0)
		return wrong(c, DESCRIPTORS,
		    rc == RXP_ERR_STRUCTURE   ? "must hold the descriptors of two parties alone"
		    : rc == RXP_ERR_NOT_FOUND ? "missing"
					      : rxp_err_text(rc));
	qsort(names.party, names.n, sizeof(names.party[0]), by_party);
	for (size_t i = 0; i < names.n; i++) {
		char path[EVIDENCE_PATH_TEXT];

		evidence_folder_descriptor(path, names.party[i]);
		good = read_party(c, path, names.party[i]) && good;
	}
	for (size_t i = 0; i < c->n_roots; i++)
		if (strcmp(c->roots[i].party, names.party[0]) != 0 &&
		    strcmp(c->roots[i].party, names.party[1]) != 0)
			good =
			    wrong(c, DESCRIPTORS, "a root is given for a party that is not here");
	return good;
}

/* --- one document ------------------------------------------------------------------------------- */

/* Its files in memory. */
struct files {
	struct rxp_buf octets[EVIDENCE_FILES];
	enum evidence_file answer; /* which of the two is there */
	char path[EVIDENCE_FILES][EVIDENCE_PATH_TEXT];
};

static size_t bound_of(enum evidence_file file)
{
	if (file == EVIDENCE_RECEIPT || file == EVIDENCE_REFUSAL)
		return RXP_MAX_ANSWER_OCTETS;
	return file == EVIDENCE_CERTIFICATE ? RXP_MAX_CERTIFICATE_OCTETS : RXP_EVIDENCE_MAX_OCTETS;
}

/* Exactly one of the two answers. */
static bool read_answer(struct check *c, struct files *f)
{
	int rc[EVIDENCE_FILES] = {0};

	for (int i = EVIDENCE_RECEIPT; i <= EVIDENCE_REFUSAL; i++) {
		rc[i] = evidence_folder_read(&f->octets[i], c->dir, f->path[i]);
		if (rc[i] != 0 && rc[i] != RXP_ERR_NOT_FOUND)
			return wrong(c, f->path[i], rxp_err_text(rc[i]));
	}
	if (rc[EVIDENCE_RECEIPT] != 0 && rc[EVIDENCE_REFUSAL] != 0)
		return wrong(c, f->path[EVIDENCE_RECEIPT], "missing, and no refusal.xml either");
	if (rc[EVIDENCE_RECEIPT] == rc[EVIDENCE_REFUSAL])
		return wrong(c, f->path[EVIDENCE_REFUSAL], "one document has one answer");
	f->answer = rc[EVIDENCE_RECEIPT] == 0 ? EVIDENCE_RECEIPT : EVIDENCE_REFUSAL;
	return true;
}

static bool files_read(struct check *c, struct files *f, const char *name)
{
	bool good = true;

	for (int i = 0; i < EVIDENCE_FILES; i++) {
		rxp_buf_init(&f->octets[i], bound_of((enum evidence_file)i));
		evidence_folder_path(f->path[i], name, (enum evidence_file)i);
	}
	for (int i = 0; i < EVIDENCE_RECEIPT; i++)
		good = read_file(c, &f->octets[i], f->path[i]) && good;
	return read_answer(c, f) && good;
}

static void files_free(struct files *f)
{
	for (int i = 0; i < EVIDENCE_FILES; i++)
		rxp_buf_free(&f->octets[i]);
}

static const struct rxp_cert *find_cert(
    const struct rxp_evidence_party *party, const struct rxp_buf *der)
{
	for (size_t i = 0; i < party->n; i++) {
		size_t len;
		const uint8_t *octets = rxp_cert_der(party->certs[i], &len);

		if (len == der->len && memcmp(octets, der->data, len) == 0)
			return party->certs[i];
	}
	return NULL;
}

static const char *piece_problem(int rc, bool answered)
{
	if (rc == RXP_ERR_MISMATCH && answered)
		return "not what the answer names";
	if (rc == RXP_ERR_SIGNER)
		return "names another certificate";
	return rxp_err_text(rc);
}

/* The five pieces, under the one certificate, which is the sender's. */
static bool check_pieces(
    struct check *c, struct evidence_document *d, struct files *f, const struct rxp_cert *cert)
{
	const uint8_t *fingerprint = d->answer.has_fingerprint ? d->answer.fingerprint : NULL;
	enum rxp_evidence_piece piece = RXP_EVIDENCE_PROPERTIES;
	struct rxp_evidence evidence;
	int rc;

	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++) {
		evidence.piece[i].data = f->octets[i].data;
		evidence.piece[i].len = f->octets[i].len;
		if (evidence.piece[i].len == 0)
			return wrong(c, f->path[i], "empty");
	}
	rc = rxp_evidence_verify(&d->proof, &piece, &evidence, &cert, 1, fingerprint);
	return rc == 0 || wrong(c, f->path[piece], piece_problem(rc, fingerprint != NULL));
}

/* What the pieces say against what stands around them. */
static bool check_facts(struct check *c, struct evidence_document *d, struct files *f,
    const struct rxp_evidence_party *sender, const struct rxp_evidence_party *receiver)
{
	const struct rxp_header *h = &d->proof.header;
	const char *answer = f->path[f->answer];
	int64_t revoked_ms = rxp_evidence_party_revoked(sender, d->proof.cert);
	bool receipt = d->answer.kind == RXP_ANSWER_RECEIPT;
	char name[EVIDENCE_NAME_TEXT];

	evidence_folder_name(name, d->number, h->type, h->outer.from);
	if (strcmp(name, d->name) != 0)
		return wrong(c, f->path[EVIDENCE_HEADER], "not what the folder's name says");
	if (strcmp(h->outer.to, receiver->party) != 0)
		return wrong(
		    c, f->path[EVIDENCE_HEADER], "for a party whose descriptor is not here");
	if (receipt != (f->answer == EVIDENCE_RECEIPT))
		return wrong(c, answer, "an answer of the other kind");
	if (rxp_evidence_answered(&d->proof, &d->answer) != 0)
		return wrong(c, answer, "does not answer this document finally, or came before it");
	if (revoked_ms != 0 &&
	    (receipt ? d->answer.received_ms : d->answer.created_ms) >= revoked_ms)
		return wrong(
		    c, f->path[EVIDENCE_CERTIFICATE], "revoked before the document was answered");
	return true;
}

static bool check_files(struct check *c, struct evidence_document *d, struct files *f)
{
	const struct rxp_evidence_party *sender = party_of(c, d->from), *receiver;
	const struct rxp_buf *answer = &f->octets[f->answer];
	const struct rxp_cert *cert;
	int rc;

	if (sender == NULL)
		return wrong(
		    c, f->path[EVIDENCE_HEADER], "of a party whose descriptor is not here");
	receiver = other_party(c, sender);
	rc = rxp_evidence_party_answer(&d->answer, receiver, answer->data, answer->len);
	if (rc != 0)
		return wrong(c, f->path[f->answer], rxp_err_text(rc));
	cert = find_cert(sender, &f->octets[EVIDENCE_CERTIFICATE]);
	if (cert == NULL)
		return wrong(c, f->path[EVIDENCE_CERTIFICATE], "no seal of this party");
	return check_pieces(c, d, f, cert) && check_facts(c, d, f, sender, receiver);
}

static void check_document(struct check *c, struct evidence_document *d)
{
	struct files f;

	if (files_read(c, &f, d->name))
		d->verified = check_files(c, d, &f);
	files_free(&f);
	if (!d->verified)
		return;
	c->out->n_verified++;
	c->out->n_receipts += d->answer.kind == RXP_ANSWER_RECEIPT;
}

/* --- all documents ------------------------------------------------------------------------------ */

static int add_document(void *arg, const char *name)
{
	struct check *c = arg;
	struct evidence_check *e = c->out;
	struct evidence_document d = {0};

	if (evidence_folder_name_parse(&d.number, d.from, name) != 0) {
		wrong(c, DOCUMENTS, "holds what is no document of evidence");
		return 0;
	}
	if (e->n == EVIDENCE_DOCUMENTS_MAX)
		return RXP_ERR_BOUND;
	snprintf(d.name, sizeof(d.name), "%s", name);
	rxp_answer_init(&d.answer);
	e->documents[e->n++] = d;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct evidence_document *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

static bool list_documents(struct check *c)
{
	struct evidence_check *e = c->out;
	int rc = evidence_folder_each(c->dir, DOCUMENTS, add_document, c);

	if (rc == 0 && e->n == 0)
		rc = RXP_ERR_NOT_FOUND;
	if (rc != 0)
		return wrong(c, DOCUMENTS,
		    rc == RXP_ERR_NOT_FOUND ? "no document is here" : rxp_err_text(rc));
	qsort(e->documents, e->n, sizeof(e->documents[0]), by_number);
	for (size_t i = 0; i < e->n; i++)
		if (e->documents[i].number != i + 1) {
			char text[TEXT_MAX];

			snprintf(text, sizeof(text), "number %zu is missing or there twice", i + 1);
			return wrong(c, DOCUMENTS, text);
		}
	return true;
}

/* The chain of what takes a place; asked only if every document is good. */
static int check_chain(struct check *c)
{
	struct evidence_check *e = c->out;
	struct rxp_evidence_place *places = calloc(e->n, sizeof(*places));
	const char *requirement = NULL;
	size_t at = 0;
	int rc;

	if (places == NULL)
		return RXP_ERR_NOMEM;
	for (size_t i = 0; i < e->n; i++) {
		places[i].proof = &e->documents[i].proof;
		places[i].refused = e->documents[i].answer.kind == RXP_ANSWER_REFUSAL;
	}
	rc = rxp_evidence_chain(&at, &requirement, places, e->n);
	if (rc == RXP_ERR_MISMATCH) {
		char path[EVIDENCE_PATH_TEXT], text[TEXT_MAX];

		evidence_folder_path(path, e->documents[at].name, EVIDENCE_HEADER);
		snprintf(text, sizeof(text), "does not fit the other documents of its case (%s)",
		    requirement);
		wrong(c, path, text);
		rc = 0;
	}
	for (size_t i = 0; i < e->n; i++)
		e->documents[i].contradicted = places[i].contradicted;
	free(places);
	return rc;
}

static int check_readme(struct check *c)
{
	struct rxp_buf is, should;
	int rc;

	rxp_buf_init(&is, EVIDENCE_README_MAX);
	rxp_buf_init(&should, EVIDENCE_README_MAX);
	rc = evidence_readme_put(&should, c->out);
	if (rc == 0 && read_file(c, &is, EVIDENCE_README) &&
	    (is.len != should.len || memcmp(is.data, should.data, is.len) != 0))
		wrong(c, EVIDENCE_README, "not what the documents say");
	rxp_buf_free(&is);
	rxp_buf_free(&should);
	return rc;
}

int evidence_check_run(struct evidence_check *out, int dir, const struct evidence_root *roots,
    size_t n_roots, bool readme, evidence_problem_fn *fn, void *arg)
{
	struct evidence_check e = {
	    .documents = calloc(EVIDENCE_DOCUMENTS_MAX, sizeof(*e.documents))};
	struct check c = {
	    .out = &e, .dir = dir, .roots = roots, .n_roots = n_roots, .fn = fn, .arg = arg};
	int rc = 0;

	if (e.documents == NULL)
		return RXP_ERR_NOMEM;
	if (read_parties(&c) && list_documents(&c))
		for (size_t i = 0; i < e.n; i++)
			check_document(&c, &e.documents[i]);
	if (e.n_problems == 0)
		rc = check_chain(&c);
	if (rc == 0 && e.n_problems == 0 && readme)
		rc = check_readme(&c);
	if (rc != 0)
		evidence_check_clear(&e);
	else
		*out = e;
	return rc;
}

void evidence_check_clear(struct evidence_check *e)
{
	for (size_t i = 0; i < e->n; i++)
		rxp_answer_clear(&e->documents[i].answer);
	for (size_t i = 0; i < e->n_parties; i++)
		rxp_evidence_party_free(e->parties[i]);
	free(e->documents);
	*e = (struct evidence_check){0};
}
