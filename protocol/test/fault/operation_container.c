#include "protocol/test/fault/operation_container.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier_make.h"
#include "protocol/message/answer.h"
#include "protocol/peering/descriptor.h"
#include "protocol/peering/identity_known.h"
#include "protocol/test/must.h"

static struct {
	const struct fixture_key *key;
	struct rxp_buf descriptors[RXP_DOSSIER_PARTIES], receipt;
	struct rxp_dossier_row row;
	struct rxp_container bare, whole; /* before it is sealed, and sealed */
} w;

/* Want of memory is no problem of what is judged. */
static void problem(void *arg, const char *entry, const char *text)
{
	(void)arg;
	(void)entry;
	MUST(strcmp(text, rxp_err_text(RXP_ERR_NOMEM)) != 0);
}

/* --- the operations ------------------------------------------------------------------------------ */

static int make(struct rxp_container *c)
{
	struct rxp_evidence_party *parties[RXP_DOSSIER_PARTIES] = {NULL};
	struct rxp_identity_known *known = rxp_identity_known_new();
	struct rxp_dossier_papers papers[RXP_DOSSIER_PARTIES];
	struct rxp_dossier_left left = {.n = 0};
	unsigned n = 0;
	struct rxp_evidence_descriptor former = {
	    w.descriptors[0].data, w.descriptors[0].len}; /* joins: says the same */
	int rc;

	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		papers[i] = (struct rxp_dossier_papers){
		    .in_force = {w.descriptors[i].data, w.descriptors[i].len},
		    .former = &former,
		    .n_former = i == 0 ? 1 : 0};
	rc = known == NULL ? RXP_ERR_NOMEM
			   : rxp_dossier_put_parties(c, parties, known, &papers[0], &papers[1]);
	if (rc == 0)
		rc = rxp_dossier_put_document(c, parties, &n, &left, &w.row);
	if (rc == 0)
		rc = rxp_dossier_put_former(c, parties, &papers[0], &papers[1]);
	if (rc == 0)
		rc = rxp_dossier_put_chronology(c, known, &left, NULL, problem, NULL);
	rxp_identity_known_free(known);
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_evidence_party_free(parties[i]);
	return rc;
}

int operation_container_make(void)
{
	struct rxp_container c;
	int rc;

	rxp_container_init(&c);
	rc = make(&c);
	rxp_container_clear(&c);
	return rc;
}

static int seal(struct rxp_container *c)
{
	struct rxp_signer signer = rxp_key_signer_interface(w.key->signer);
	struct rxp_buf signatures;
	int rc;

	rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rc = rxp_container_seal(&signatures, c, FIXTURE_TIME_MS, &signer);
	if (rc == 0)
		rc = rxp_dossier_put_seal(c, &signatures);
	rxp_buf_free(&signatures);
	return rc;
}

int operation_container_seal(void)
{
	struct rxp_container c;
	int rc = 0;

	rxp_container_init(&c);
	for (size_t i = 0; rc == 0 && i < w.bare.n; i++)
		rc = rxp_container_add(&c, w.bare.entries[i].name, w.bare.entries[i].octets.data,
		    w.bare.entries[i].octets.len);
	if (rc == 0)
		rc = seal(&c);
	rxp_container_clear(&c);
	return rc;
}

int operation_container_judge(void)
{
	struct rxp_dossier d = {.n_problems = 77};
	int rc = rxp_dossier_check(&d, &w.whole, RXP_DOSSIER_WHOLE, NULL, NULL, 0, problem, NULL);

	MUST((rc == 0) == (d.n_problems != 77));
	if (rc != 0)
		return rc;
	rc = d.n_problems > 0 ? RXP_ERR_SEAL : 0;
	MUST(rc != 0 || (d.n_verified == 1 && d.signer != NULL));
	rxp_dossier_clear(&d);
	return rc;
}

/* --- the objects --------------------------------------------------------------------------------- */

static void make_descriptor(struct rxp_buf *out, const char *party, const struct rxp_signer *root)
{
	struct rxp_identity i;
	struct rxp_buf part;
	uint8_t fingerprint[32];
	size_t len;
	const uint8_t *der = rxp_cert_der(w.key->cert, &len);

	rxp_identity_init(&i);
	memcpy(i.party, party, sizeof i.party);
	i.serial = 1;
	i.created_ms = FIXTURE_TIME_MS;
	i.test = true;
	i.n_certs = i.n_pins = i.n_offices = 1;
	MUST(rxp_buf_put(&i.certs[0], der, len) == 0);
	memcpy(i.offices[0], "NODE", sizeof "NODE");
	i.levels = 1U << RXP_LEVEL_CORE;
	rxp_buf_init(&part, RXP_MAX_PART_OCTETS);
	MUST(rxp_identity_seal(&part, &i, FIXTURE_TIME_MS, root, fingerprint) == 0);
	rxp_buf_init(out, RXP_MAX_DESCRIPTOR_OCTETS);
	MUST(rxp_descriptor_write(out, &part, 1, NULL) == 0);
	rxp_buf_free(&part);
	rxp_identity_clear(&i);
}

static void make_receipt(const struct rxp_document *document, const struct rxp_signer *signer)
{
	struct rxp_answer a = {.kind = RXP_ANSWER_RECEIPT,
	    .from = "QRB",
	    .to = "QRA",
	    .created_ms = FIXTURE_TIME_MS,
	    .has_fingerprint = true,
	    .received_ms = FIXTURE_TIME_MS};

	memcpy(a.message_id, document->header.outer.message_id, sizeof a.message_id);
	memcpy(a.log_id, document->header.case_id, sizeof a.log_id);
	memcpy(a.fingerprint, document->seal.fingerprint, sizeof a.fingerprint);
	rxp_buf_init(&w.receipt, RXP_MAX_ANSWER_OCTETS);
	MUST(rxp_answer_seal(&w.receipt, &a, FIXTURE_TIME_MS, signer) == 0);
}

void operation_container_start(const struct fixture_key *key, const struct rxp_document *document,
    const struct rxp_evidence *evidence)
{
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);

	w.key = key;
	make_descriptor(&w.descriptors[0], "QRA", &signer);
	make_descriptor(&w.descriptors[1], "QRB", &signer);
	make_receipt(document, &signer);
	w.row = (struct rxp_dossier_row){.type = document->header.type,
	    .from = "QRA",
	    .evidence = *evidence,
	    .answer = w.receipt.data,
	    .answer_len = w.receipt.len};
	rxp_cert_digest(key->cert, w.row.seal_cert);
	rxp_container_init(&w.bare);
	rxp_container_init(&w.whole);
	MUST(make(&w.bare) == 0 && make(&w.whole) == 0);
	MUST(seal(&w.whole) == 0);
}

void operation_container_stop(void)
{
	for (size_t i = 0; i < RXP_DOSSIER_PARTIES; i++)
		rxp_buf_free(&w.descriptors[i]);
	rxp_buf_free(&w.receipt);
	rxp_container_clear(&w.bare);
	rxp_container_clear(&w.whole);
}
