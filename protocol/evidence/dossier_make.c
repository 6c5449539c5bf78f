#include "protocol/evidence/dossier_make.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier_document.h"
#include "protocol/evidence/dossier_erased.h"
#include "protocol/evidence/dossier_log.h"
#include "protocol/seal/cert.h"
#include "protocol/xml/xml.h"

static int open_party(struct rxp_evidence_party **party, size_t *bad,
    struct rxp_identity_known *known, const struct rxp_dossier_papers *papers)
{
	return rxp_evidence_party_open_all(
	    party, bad, known, &papers->in_force, papers->former, papers->n_former);
}

/* What a hand made of a former one must not keep all evidence back: it is left out. */
static int put_party(struct rxp_container *c, struct rxp_evidence_party **party,
    struct rxp_identity_known *known, struct rxp_dossier_papers *papers)
{
	char path[RXP_ENTRY_TEXT];
	size_t bad = 0;
	int rc = open_party(party, &bad, known, papers);

	while (rc != 0 && rc != RXP_ERR_NOMEM && rc != RXP_ERR_CRYPTO && bad < papers->n_former) {
		papers->n_former--;
		memmove(&papers->former[bad], &papers->former[bad + 1],
		    (papers->n_former - bad) * sizeof papers->former[0]);
		rc = open_party(party, &bad, known, papers);
	}
	if (rc != 0)
		return rc;
	rxp_evidence_descriptor_path(path, (*party)->party);
	return rxp_container_add(c, path, papers->in_force.data, papers->in_force.len);
}

int rxp_dossier_put_parties(struct rxp_container *c,
    struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES], struct rxp_identity_known *known,
    struct rxp_dossier_papers *own, struct rxp_dossier_papers *peer)
{
	int rc = put_party(c, &parties[0], known, own);

	return rc != 0 ? rc : put_party(c, &parties[1], known, peer);
}

static int put_former(struct rxp_container *c, const struct rxp_evidence_party *party,
    const struct rxp_dossier_papers *papers)
{
	char path[RXP_ENTRY_TEXT];
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < party->n_needed; i++) {
		rxp_evidence_former_path(path, (unsigned)i + 1, party->party);
		rc = rxp_container_add(c, path, papers->former[i].data, papers->former[i].len);
	}
	return rc;
}

int rxp_dossier_put_former(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES],
    const struct rxp_dossier_papers *own, const struct rxp_dossier_papers *peer)
{
	int rc = put_former(c, parties[0], own);

	return rc != 0 ? rc : put_former(c, parties[1], peer);
}

/* What this one sealed is in the container: so are the descriptors that name it. */
static void need(struct rxp_evidence_party *party, size_t cert)
{
	if (party->n_needed < party->n_former[cert])
		party->n_needed = party->n_former[cert];
}

/* The certificate by its digest, among those of either State: a digest says no more than itself. */
static const struct rxp_cert *find_cert(
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES],
    const uint8_t digest[RXP_DIGEST_OCTETS])
{
	uint8_t is[RXP_DIGEST_OCTETS];

	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		for (size_t k = 0; k < parties[i]->n; k++) {
			rxp_cert_digest(parties[i]->certs[k], is);
			if (memcmp(is, digest, sizeof is) == 0) {
				need(parties[i], k);
				return parties[i]->certs[k];
			}
		}
	return NULL;
}

/* The file that the answer belongs in. RXP_ERR_NOMEM; RXP_ERR_SIGNER: it is an answer, and no descriptor names its certificate. */
static int answer_file(enum rxp_evidence_file *out,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES],
    const struct rxp_dossier_row *row)
{
	struct rxp_answer a;
	size_t strangers = 0;

	*out = RXP_EVIDENCE_FILE_RECEIPT;
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++) {
		int rc = rxp_answer_open(
		    &a, row->answer, row->answer_len, parties[i]->certs, parties[i]->n);

		if (rc == RXP_ERR_NOMEM)
			return rc;
		strangers += rc == RXP_ERR_SIGNER;
		if (rc != 0)
			continue;
		if (a.kind == RXP_ANSWER_REFUSAL)
			*out = RXP_EVIDENCE_FILE_REFUSAL;
		need(parties[i], rxp_evidence_party_find(parties[i], a.cert));
		rxp_answer_clear(&a);
	}
	return strangers == RXP_DOSSIER_PARTIES ? RXP_ERR_SIGNER : 0;
}

static int put_entry(struct rxp_container *c, const char *path, const uint8_t *octets, size_t len)
{
	struct rxp_evidence_name name;

	if (rxp_evidence_name_parse(&name, path) != 0)
		return RXP_ERR_SYNTAX;
	return len > name.octets ? RXP_ERR_BOUND : rxp_container_add(c, path, octets, len);
}

static int put_file(struct rxp_container *c, const char *folder, enum rxp_evidence_file file,
    const uint8_t *octets, size_t len)
{
	char path[RXP_ENTRY_TEXT];

	rxp_evidence_path(path, folder, file);
	return put_entry(c, path, octets, len);
}

/* What a hand made of a page that is kept must not keep all other evidence back. */
static int judge_log_page(struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES],
    const char *owner, const uint8_t *octets, size_t len)
{
	int rc = RXP_ERR_SIGNER;
	size_t cert;

	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		if (strcmp(parties[i]->party, owner) == 0) {
			rc = rxp_dossier_log_verify(
			    &cert, parties[i], parties[1 - i]->party, octets, len);
			if (rc == 0)
				need(parties[i], cert);
		}
	return rc;
}

int rxp_dossier_put_log_page(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], unsigned *n, const char *owner,
    const uint8_t *octets, size_t len)
{
	char path[RXP_ENTRY_TEXT];
	int rc;

	if (!rxp_party_valid(owner))
		return RXP_ERR_SYNTAX;
	rc = judge_log_page(parties, owner, octets, len);
	if (rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO)
		return rc;
	if (rc != 0)
		return 0;
	rxp_evidence_log_path(path, *n + 1, owner);
	rc = put_entry(c, path, octets, len);
	*n += rc == 0;
	return rc;
}

/* All its files. RXP_ERR_SIGNER: no descriptor has the certificate that sealed it, or its answer; RXP_ERR_MISMATCH: one is empty. */
static int put_files(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], const char *folder,
    const struct rxp_dossier_row *row)
{
	const struct rxp_cert *cert = find_cert(parties, row->seal_cert);
	enum rxp_evidence_file answer;
	const uint8_t *der;
	size_t len;
	int rc = 0;

	for (int i = 0; rc == 0 && i < RXP_EVIDENCE_PIECES; i++)
		rc = row->evidence.piece[i].len == 0
			 ? RXP_ERR_MISMATCH
			 : put_file(c, folder, (enum rxp_evidence_file)i,
			       row->evidence.piece[i].data, row->evidence.piece[i].len);
	if (rc != 0)
		return rc;
	if (cert == NULL)
		return RXP_ERR_SIGNER;
	der = rxp_cert_der(cert, &len);
	if (rc == 0)
		rc = put_file(c, folder, RXP_EVIDENCE_FILE_CERTIFICATE, der, len);
	if (rc == 0 && row->body_len > 0)
		rc = put_file(c, folder, RXP_EVIDENCE_FILE_BODY, row->body, row->body_len);
	if (rc == 0)
		rc = answer_file(&answer, parties, row);
	return rc != 0 ? rc : put_file(c, folder, answer, row->answer, row->answer_len);
}

static void ignore(void *arg, const char *entry, const char *text)
{
	(void)arg;
	(void)entry;
	(void)text;
}

static bool same(const uint8_t *kept_for, const uint8_t *is, size_t len)
{
	return kept_for == NULL || memcmp(kept_for, is, len) == 0;
}

/* What it says of itself is what it is kept for: one that a hand put into the place of another verifies too. */
static bool is_of_row(
    struct rxp_dossier_work *w, struct rxp_dossier_document *d, const struct rxp_dossier_row *row)
{
	const struct rxp_header *h = &d->proof.header;

	if (!same(row->message_id, h->outer.message_id, sizeof h->outer.message_id) ||
	    !same(row->fingerprint, d->proof.fingerprint, sizeof d->proof.fingerprint))
		return false;
	if (row->case_id == NULL)
		return true;
	if (!h->in_case)
		rxp_dossier_read_erased_of(w, d);
	return h->in_case ? same(row->case_id, h->case_id, sizeof h->case_id)
			  : d->erased && same(row->case_id, d->erased_case, sizeof d->erased_case);
}

/* As whoever gets its files will verify them. RXP_ERR_MISMATCH: something is wrong. */
static int judge_files(const struct rxp_container *files,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], unsigned number,
    const char *folder, const struct rxp_dossier_row *row)
{
	bool good;
	struct rxp_dossier e = {.parties = {parties[0], parties[1]}};
	struct rxp_dossier_work w = {.out = &e, .container = files, .fn = ignore};
	struct rxp_dossier_document d = {.number = number};

	snprintf(d.folder, sizeof d.folder, "%s", folder);
	snprintf(d.from, sizeof d.from, "%s", row->from);
	rxp_answer_init(&d.answer);
	rxp_dossier_read(&w, &d);
	good = d.verified && is_of_row(&w, &d, row);
	rxp_answer_clear(&d.answer);
	if (w.failed != 0)
		return w.failed;
	return good ? 0 : RXP_ERR_MISMATCH;
}

static int put_withheld(struct rxp_container *c, struct rxp_dossier_left *left, const char *type,
    const char *from, enum rxp_withheld why)
{
	const char *octets = rxp_withheld_words(why)->entry;
	char folder[RXP_EVIDENCE_FOLDER_TEXT], path[RXP_ENTRY_TEXT];
	int rc;

	rxp_evidence_folder(folder, left->n + 1, rxp_evidence_type(type), from);
	rxp_evidence_withheld_path(path, folder);
	rc = put_entry(c, path, (const uint8_t *)octets, strlen(octets));
	if (rc != 0)
		return rc;
	left->n++;
	left->by[why]++;
	left->last = why;
	return 0;
}

static int copy_files(struct rxp_container *c, const struct rxp_container *files)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < files->n; i++)
		rc = rxp_container_add(c, files->entries[i].name, files->entries[i].octets.data,
		    files->entries[i].octets.len);
	return rc;
}

/* Into files of its own, judged. RXP_ERR_SIGNER: no descriptor names a certificate; RXP_ERR_MISMATCH, RXP_ERR_BOUND: it is none. */
static int make_files(struct rxp_container *files,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], unsigned number,
    const struct rxp_dossier_row *row)
{
	char folder[RXP_EVIDENCE_FOLDER_TEXT];
	int rc;

	rxp_evidence_folder(folder, number, rxp_evidence_type(row->type), row->from);
	rc = put_files(files, parties, folder, row);
	return rc != 0 ? rc : judge_files(files, parties, number, folder, row);
}

int rxp_dossier_put_document(struct rxp_container *c,
    struct rxp_evidence_party *const parties[RXP_DOSSIER_PARTIES], unsigned *n,
    struct rxp_dossier_left *left, const struct rxp_dossier_row *row)
{
	struct rxp_container files;
	int rc = 0;

	left->of_case = left->of_case || row->case_id != NULL;
	rxp_container_init(&files);
	if (row->unproved)
		rc = put_withheld(c, left, row->type, row->from, RXP_WITHHELD_UNPROVED);
	else if ((rc = make_files(&files, parties, *n + 1, row)) == 0) {
		rc = copy_files(c, &files);
		*n += rc == 0;
	} else if (rc == RXP_ERR_SIGNER) {
		rc = put_withheld(c, left, row->type, row->from, RXP_WITHHELD_UNNAMED);
	} else if (rc == RXP_ERR_MISMATCH || rc == RXP_ERR_BOUND) {
		rc = put_withheld(c, left, row->type, row->from, RXP_WITHHELD_ALTERED);
	}
	rxp_container_clear(&files);
	return rc;
}

/* Its SignedInfo, which was verified, has the digest. RXP_ERR_MISMATCH. */
static int is_sealed(const struct rxp_dossier_row *row, const struct rxp_buf *body)
{
	uint8_t digest[RXP_DIGEST_OCTETS];
	struct rxp_buf text;
	int rc = EVP_Digest(body->data, body->len, digest, NULL, EVP_sha256(), NULL) == 1
		     ? 0
		     : RXP_ERR_CRYPTO;

	rxp_buf_init(&text, RXP_DIGEST_HEX);
	if (rc == 0)
		rc = rxp_base64_put(&text, digest, sizeof digest);
	if (rc == 0 &&
	    memmem(row->evidence.piece[RXP_EVIDENCE_SIGNED_INFO].data,
		row->evidence.piece[RXP_EVIDENCE_SIGNED_INFO].len, text.data, text.len) == NULL)
		rc = RXP_ERR_MISMATCH;
	rxp_buf_free(&text);
	return rc;
}

int rxp_dossier_put_body(struct rxp_container *c, unsigned number,
    const struct rxp_dossier_row *row, const struct rxp_buf *document)
{
	char folder[RXP_EVIDENCE_FOLDER_TEXT];
	struct rxp_xml *xml = NULL;
	struct rxp_buf body;
	struct _xmlNode *header;
	int rc = rxp_xml_parse(
	    &xml, document->data, document->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_SEALED);

	if (rc != 0)
		return rc == RXP_ERR_NOMEM ? rc : RXP_ERR_MISMATCH;
	rxp_buf_init(&body, RXP_EVIDENCE_MAX_OCTETS);
	rxp_evidence_folder(folder, number, row->type, row->from);
	header = rxp_xml_first(rxp_xml_root(xml));
	rc = header == NULL || rxp_xml_next(header) == NULL
		 ? RXP_ERR_MISMATCH
		 : rxp_xml_c14n(&body, xml, rxp_xml_next(header));
	if (rc == 0)
		rc = is_sealed(row, &body);
	if (rc == 0)
		rc = put_file(c, folder, RXP_EVIDENCE_FILE_BODY, body.data, body.len);
	rxp_buf_free(&body);
	rxp_xml_free(xml);
	return rc;
}

static int put_digests(
    struct rxp_container *c, const struct rxp_dossier *d, const struct rxp_dossier_bodies *bodies)
{
	char path[RXP_ENTRY_TEXT];
	int rc = bodies->n > d->n ? RXP_ERR_MISMATCH : 0;

	for (size_t i = 0; rc == 0 && i < bodies->n; i++) {
		if (bodies->there[i] == 0)
			continue;
		rxp_evidence_path(path, d->documents[i].folder, RXP_EVIDENCE_FILE_BODY);
		rc = rxp_container_add_digest(c, path, d->documents[i].proof.body_digest);
	}
	return rc;
}

typedef int make_fn(struct rxp_buf *out, const struct rxp_dossier *d);

static int put_made(
    struct rxp_container *c, const struct rxp_dossier *d, const char *name, make_fn *make)
{
	struct rxp_buf text;
	int rc;

	rxp_buf_init(&text, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rc = make(&text, d);
	if (rc == 0)
		rc = rxp_container_add(c, name, text.data, text.len);
	rxp_buf_free(&text);
	return rc;
}

/* What is missing takes Positions, and a case has few enough of those. */
_Static_assert(2 * RXP_MAX_CASE_DOCUMENTS <= RXP_EVIDENCE_DOCUMENTS_MAX, "RXP-CHN-013");

/* Named behind those of which something is held. RXP_ERR_BOUND: more than a container may name, which takes hundreds that were refused
 * and that do not verify. */
static int put_missing(struct rxp_container *c, struct rxp_dossier_left *left,
    const struct rxp_evidence_withheld *missing)
{
	int rc = 0;

	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		for (size_t k = 0; rc == 0 && k < missing->n[i]; k++)
			rc = left->n == RXP_EVIDENCE_DOCUMENTS_MAX
				 ? RXP_ERR_BOUND
				 : put_withheld(c, left, RXP_EVIDENCE_TYPE_LOST, missing->from[i],
				       RXP_WITHHELD_MISSING);
	return rc;
}

/* Again with what is missing named, which it is once. */
static int judge(struct rxp_dossier *d, struct rxp_container *c, struct rxp_identity_known *known,
    struct rxp_dossier_left *left, rxp_dossier_problem_fn *fn, void *arg)
{
	enum rxp_dossier_extent extent = left->of_case ? RXP_DOSSIER_CASE : RXP_DOSSIER_DOCUMENTS;
	struct rxp_evidence_withheld missing;
	int rc = rxp_dossier_check(d, c, extent, known, NULL, 0, fn, arg);

	if (rc != 0 || d->n_problems > 0 || d->missing.n[0] + d->missing.n[1] == 0)
		return rc;
	missing = d->missing;
	rxp_dossier_clear(d);
	rc = put_missing(c, left, &missing);
	return rc != 0 ? rc : rxp_dossier_check(d, c, extent, known, NULL, 0, fn, arg);
}

int rxp_dossier_put_chronology(struct rxp_container *c, struct rxp_identity_known *known,
    struct rxp_dossier_left *left, const struct rxp_dossier_bodies *bodies,
    rxp_dossier_problem_fn *fn, void *arg)
{
	struct rxp_dossier d = {0};
	int rc = judge(&d, c, known, left, fn, arg);

	if (rc == 0 && (d.n_problems > 0 || d.missing.n[0] + d.missing.n[1] > 0))
		rc = RXP_ERR_MISMATCH;
	if (rc == 0 && bodies != NULL)
		rc = put_digests(c, &d, bodies);
	if (rc == 0)
		rc = put_made(c, &d, RXP_EVIDENCE_CHRONOLOGY, rxp_dossier_chronology);
	if (rc == 0)
		rc = put_made(c, &d, RXP_EVIDENCE_PAGE, rxp_dossier_page);
	rxp_dossier_clear(&d);
	return rc;
}

int rxp_dossier_put_seal(struct rxp_container *c, const struct rxp_buf *signatures)
{
	struct rxp_buf manifest;
	int rc;

	rxp_buf_init(&manifest, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rc = rxp_container_manifest(&manifest, c);
	if (rc == 0)
		rc = rxp_container_add(c, RXP_EVIDENCE_MANIFEST, manifest.data, manifest.len);
	if (rc == 0)
		rc = rxp_container_add(
		    c, RXP_EVIDENCE_SIGNATURES, signatures->data, signatures->len);
	if (rc == 0)
		rc = rxp_container_add(c, RXP_EVIDENCE_MIMETYPE, RXP_EVIDENCE_MIMETYPE_VALUE,
		    strlen(RXP_EVIDENCE_MIMETYPE_VALUE));
	rxp_buf_free(&manifest);
	return rc;
}
