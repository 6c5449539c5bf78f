#include "protocol/evidence/dossier_document.h"

#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* Its entries. */
struct files {
	const struct rxp_entry *entry[RXP_EVIDENCE_FILES]; /* NULL: not there */
	enum rxp_evidence_file answer; /* which of the two is there */
	char path[RXP_EVIDENCE_FILES][RXP_ENTRY_TEXT];
};

bool rxp_dossier_wrong(struct rxp_dossier_work *w, const char *entry, const char *text)
{
	w->out->n_problems++;
	w->fn(w->arg, entry, text);
	return false;
}

bool rxp_dossier_error(struct rxp_dossier_work *w, const char *entry, int rc, const char *text)
{
	if (rc != RXP_ERR_NOMEM && rc != RXP_ERR_CRYPTO)
		return rxp_dossier_wrong(w, entry, text != NULL ? text : rxp_err_text(rc));
	w->failed = rc;
	return false;
}

/* Exactly one of the two answers. */
static bool find_answer(struct rxp_dossier_work *w, struct files *f)
{
	bool receipt = f->entry[RXP_EVIDENCE_FILE_RECEIPT] != NULL;
	bool refusal = f->entry[RXP_EVIDENCE_FILE_REFUSAL] != NULL;

	if (!receipt && !refusal)
		return rxp_dossier_wrong(
		    w, f->path[RXP_EVIDENCE_FILE_RECEIPT], "missing, and no refusal.xml either");
	if (receipt && refusal)
		return rxp_dossier_wrong(
		    w, f->path[RXP_EVIDENCE_FILE_REFUSAL], "one document has one answer");
	f->answer = receipt ? RXP_EVIDENCE_FILE_RECEIPT : RXP_EVIDENCE_FILE_REFUSAL;
	return true;
}

static bool files_find(struct rxp_dossier_work *w, struct files *f, const char *folder)
{
	bool good = true;

	for (int i = 0; i < RXP_EVIDENCE_FILES; i++) {
		rxp_evidence_path(f->path[i], folder, (enum rxp_evidence_file)i);
		f->entry[i] = rxp_container_find(w->container, f->path[i]);
		if (i <= RXP_EVIDENCE_FILE_CERTIFICATE && f->entry[i] == NULL)
			good = rxp_dossier_wrong(w, f->path[i], "missing");
	}
	return find_answer(w, f) && good;
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
	return NULL;
}

/* The pieces, under the one certificate, which is the sender's. */
static bool check_pieces(struct rxp_dossier_work *w, struct rxp_dossier_document *d,
    const struct files *f, const struct rxp_cert *cert)
{
	const uint8_t *fingerprint = d->answer.has_fingerprint ? d->answer.fingerprint : NULL;
	enum rxp_evidence_piece piece = RXP_EVIDENCE_PROPERTIES;
	struct rxp_evidence evidence;
	int rc;

	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++) {
		evidence.piece[i].data = f->entry[i]->octets.data;
		evidence.piece[i].len = f->entry[i]->octets.len;
		if (evidence.piece[i].len == 0)
			return rxp_dossier_wrong(w, f->path[i], "empty");
	}
	rc = rxp_evidence_verify(&d->proof, &piece, &evidence, &cert, 1, fingerprint);
	return rc == 0 ||
	       rxp_dossier_error(w, f->path[piece], rc, piece_problem(rc, fingerprint != NULL));
}

/* What the pieces say against what stands around them. */
static bool check_facts(struct rxp_dossier_work *w, const struct rxp_dossier_document *d,
    const struct files *f, const struct rxp_evidence_party *receiver)
{
	const struct rxp_header *h = &d->proof.header;
	const char *answer = f->path[f->answer];
	bool receipt = d->answer.kind == RXP_ANSWER_RECEIPT;
	char folder[RXP_EVIDENCE_FOLDER_TEXT];

	rxp_evidence_folder(folder, d->number, h->type, h->outer.from);
	if (strcmp(folder, d->folder) != 0)
		return rxp_dossier_wrong(
		    w, f->path[RXP_EVIDENCE_FILE_HEADER], "not what the folder's name says");
	if (strcmp(h->outer.to, receiver->party) != 0)
		return rxp_dossier_wrong(w, f->path[RXP_EVIDENCE_FILE_HEADER],
		    "for a party whose descriptor is not here");
	if (receipt != (f->answer == RXP_EVIDENCE_FILE_RECEIPT))
		return rxp_dossier_wrong(w, answer, "an answer of the other kind");
	if (rxp_evidence_answered(&d->proof, &d->answer) != 0)
		return rxp_dossier_wrong(
		    w, answer, "does not answer this document finally, or came before it");
	return true;
}

/* RXP-EVI-019. */
static bool check_body(
    struct rxp_dossier_work *w, struct rxp_dossier_document *d, const struct files *f)
{
	const struct rxp_entry *body = f->entry[RXP_EVIDENCE_FILE_BODY];
	uint8_t digest[RXP_DIGEST_OCTETS];

	if (body == NULL)
		return true;
	if (rxp_entry_digest(digest, body) != 0)
		return rxp_dossier_error(w, body->name, RXP_ERR_CRYPTO, NULL);
	if (memcmp(digest, d->proof.body_digest, sizeof digest) != 0)
		return rxp_dossier_wrong(w, body->name, "not what was sealed");
	d->has_body = true;
	return true;
}

/* Of the pieces, the certificate and the answer, whichever it is. */
static int digest_sealed(uint8_t out[RXP_DIGEST_OCTETS], const struct files *f)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int rc = c == NULL                                       ? RXP_ERR_NOMEM
		 : EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1 ? 0
								 : RXP_ERR_CRYPTO;

	for (int i = 0; rc == 0 && i <= RXP_EVIDENCE_FILE_CERTIFICATE + 1; i++) {
		const struct rxp_buf *b =
		    &f->entry[i <= RXP_EVIDENCE_FILE_CERTIFICATE ? i : (int)f->answer]->octets;

		if (EVP_DigestUpdate(c, &b->len, sizeof b->len) != 1 ||
		    EVP_DigestUpdate(c, b->data, b->len) != 1)
			rc = RXP_ERR_CRYPTO;
	}
	if (rc == 0 && EVP_DigestFinal_ex(c, out, NULL) != 1)
		rc = RXP_ERR_CRYPTO;
	EVP_MD_CTX_free(c);
	return rc;
}

/* One before it with the same octets, from the same State; NULL: none. */
static const struct rxp_dossier_document *same_before(
    const struct rxp_dossier_work *w, const struct rxp_dossier_document *d)
{
	for (const struct rxp_dossier_document *e = w->out->documents; e != NULL && e < d; e++)
		if (memcmp(e->files, d->files, sizeof d->files) == 0 &&
		    strcmp(e->from, d->from) == 0)
			return e;
	return NULL;
}

/* Whoever fills a container with one document has its seals verified once. */
static bool as_before(struct rxp_dossier_work *w, struct rxp_dossier_document *d,
    const struct rxp_dossier_document *e, const struct files *f)
{
	if (!e->sealed || e->answer.working.len > 0)
		return rxp_dossier_wrong(w, f->path[RXP_EVIDENCE_FILE_HEADER],
		    "the same as of an earlier document, which does not hold");
	d->proof = e->proof;
	d->answer = e->answer;
	rxp_buf_init(&d->answer.working, 0);
	return true;
}

static bool check_seals(struct rxp_dossier_work *w, struct rxp_dossier_document *d,
    const struct files *f, const struct rxp_evidence_party *sender,
    const struct rxp_evidence_party *receiver)
{
	const struct rxp_buf *answer = &f->entry[f->answer]->octets;
	const struct rxp_dossier_document *before;
	const struct rxp_cert *cert;
	int rc = digest_sealed(d->files, f);

	if (rc != 0)
		return rxp_dossier_error(w, f->path[RXP_EVIDENCE_FILE_HEADER], rc, NULL);
	before = same_before(w, d);
	if (before != NULL)
		return as_before(w, d, before, f);
	rc = rxp_answer_open(&d->answer, answer->data, answer->len, receiver->certs, receiver->n);
	if (rc != 0)
		return rxp_dossier_error(w, f->path[f->answer], rc, NULL);
	cert = find_cert(sender, &f->entry[RXP_EVIDENCE_FILE_CERTIFICATE]->octets);
	if (cert == NULL)
		return rxp_dossier_wrong(
		    w, f->path[RXP_EVIDENCE_FILE_CERTIFICATE], "no seal of this party");
	return check_pieces(w, d, f, cert);
}

static bool check_files(
    struct rxp_dossier_work *w, struct rxp_dossier_document *d, const struct files *f)
{
	bool first = strcmp(w->out->parties[0]->party, d->from) == 0;
	const struct rxp_evidence_party *sender = w->out->parties[first ? 0 : 1];
	const struct rxp_evidence_party *receiver = w->out->parties[first ? 1 : 0];

	if (strcmp(sender->party, d->from) != 0)
		return rxp_dossier_wrong(w, f->path[RXP_EVIDENCE_FILE_HEADER],
		    "of a party whose descriptor is not here");
	d->sealed = check_seals(w, d, f, sender, receiver);
	return d->sealed && check_facts(w, d, f, receiver) && check_body(w, d, f);
}

void rxp_dossier_read(struct rxp_dossier_work *w, struct rxp_dossier_document *d)
{
	struct files f = {.answer = RXP_EVIDENCE_FILE_RECEIPT};

	if (!files_find(w, &f, d->folder) || !check_files(w, d, &f))
		return;
	d->verified = true;
	w->out->n_verified++;
	w->out->n_receipts += d->answer.kind == RXP_ANSWER_RECEIPT;
}
