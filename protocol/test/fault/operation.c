#include "protocol/test/fault/operation.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/case/case.h"
#include "protocol/document/document.h"
#include "protocol/document/facts.h"
#include "protocol/document/rules.h"
#include "protocol/envelope/agreement.h"
#include "protocol/envelope/attachment.h"
#include "protocol/envelope/envelope.h"
#include "protocol/evidence/evidence.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/log/logpage.h"
#include "protocol/message/answer.h"
#include "protocol/peering/descriptor.h"
#include "protocol/test/fault/operation_container.h"
#include "protocol/test/fault/workpieces.h"
#include "protocol/test/must.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

static struct workpieces w;

/* --- the operations ------------------------------------------------------------------------------ */

static int seal_document(void)
{
	struct rxp_signer signer = rxp_key_signer_interface(w.key.signer);
	uint8_t fingerprint[32] = {0x5a};
	struct rxp_buf out;
	int rc;

	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	rc = rxp_document_seal(&out, &w.header,
	    &(struct rxp_draft){.content = &w.content, .attachments = &w.manifest}, FIXTURE_TIME_MS,
	    &workpieces_random, &signer, fingerprint);
	MUST(rc == 0 || (out.len == 0 && fingerprint[0] == 0x5a && fingerprint[1] == 0));
	rxp_buf_free(&out);
	return rc;
}

static int close_envelope(void)
{
	uint8_t cek[RXP_KEY_OCTETS] = {0x5a};
	struct rxp_buf out;
	int rc;

	rxp_buf_init(&out, RXP_MAX_ENVELOPE_OCTETS);
	rc = rxp_envelope_close(&out, &w.header.outer, w.document.data, w.document.len, w.spki.data,
	    w.spki.len, &workpieces_random, cek);
	MUST(rc == 0 || (out.len == 0 && cek[0] == 0x5a && cek[1] == 0));
	rxp_buf_free(&out);
	return rc;
}

static int parse_envelope(void)
{
	struct rxp_envelope *e = NULL;
	int rc = rxp_envelope_parse(&e, w.envelope.data, w.envelope.len);

	MUST((rc == 0) == (e != NULL));
	rxp_envelope_free(e);
	return rc;
}

static int decrypt_envelope(void)
{
	uint8_t cek[RXP_KEY_OCTETS] = {0x5a};
	struct rxp_buf out;
	int rc;

	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	rc = rxp_envelope_decrypt(&out, w.parsed, w.agreement, cek);
	MUST(rc == 0 || (out.len == 0 && cek[0] == 0x5a && cek[1] == 0));
	rxp_buf_free(&out);
	return rc;
}

static int rekey_envelope(void)
{
	static const uint8_t cek[RXP_KEY_OCTETS];
	struct rxp_buf out;
	int rc;

	rxp_buf_init(&out, RXP_MAX_ENVELOPE_OCTETS);
	rc = rxp_envelope_rekey(&out, w.parsed, cek, w.spki.data, w.spki.len, &workpieces_random);
	MUST(rc == 0 || out.len == 0);
	rxp_buf_free(&out);
	return rc;
}

static int open_document(void)
{
	struct rxp_document *d = NULL;
	int rc = rxp_document_open(&d, w.document.data, w.document.len, &w.header.outer,
	    (const struct rxp_cert *const[]){w.key.cert}, 1);

	MUST((rc == 0) == (d != NULL));
	rxp_document_free(d);
	return rc;
}

static int check_document(void)
{
	struct rxp_case_document facts;
	struct rxp_buf place;
	int rc;

	rxp_buf_init(&place, RXP_PLACE_TEXT);
	rc = rxp_document_check(w.opened, &place);
	if (rc == 0)
		rc = rxp_facts_read(&facts, w.opened);
	rxp_buf_free(&place);
	return rc;
}

static int check_content(void)
{
	struct rxp_xml *xml = NULL;
	int rc =
	    rxp_xml_parse(&xml, w.alone.data, w.alone.len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY);

	MUST((rc == 0) == (xml != NULL));
	if (rc == 0)
		rc = rxp_schema_validate(xml, NULL, NULL);
	if (rc == 0)
		rc = rxp_rules_check(rxp_xml_root(xml), NULL, NULL, NULL);
	rxp_xml_free(xml);
	return rc;
}

static int seal_answer(const struct rxp_answer *a)
{
	struct rxp_signer signer = rxp_key_signer_interface(w.key.signer);
	struct rxp_buf out;
	int rc;

	rxp_buf_init(&out, RXP_MAX_ANSWER_OCTETS);
	rc = rxp_answer_seal(&out, a, FIXTURE_TIME_MS, &signer);
	MUST(rc == 0 || out.len == 0);
	rxp_buf_free(&out);
	return rc;
}

static int seal_receipt(void)
{
	struct rxp_answer a = workpieces_receipt(&w);

	return seal_answer(&a);
}

static int seal_refusal(void)
{
	struct rxp_answer a = workpieces_refusal(&w);

	return seal_answer(&a);
}

static int open_answer(const struct rxp_buf *octets)
{
	struct rxp_answer a = {.log_count = 77};
	int rc = rxp_answer_open(
	    &a, octets->data, octets->len, (const struct rxp_cert *const[]){w.key.cert}, 1);

	if (rc == 0)
		rxp_answer_clear(&a);
	else
		MUST(a.log_count == 77 && a.working.data == NULL);
	return rc;
}

static int open_receipt(void)
{
	return open_answer(&w.receipt);
}

static int open_refusal(void)
{
	return open_answer(&w.refusal);
}

/* Of one entry. */
static int seal_log_page(void)
{
	struct rxp_signer signer = rxp_key_signer_interface(w.key.signer);
	struct rxp_log_page p = workpieces_log_page(&w);
	struct rxp_buf out;
	int rc;

	rxp_buf_init(&out, RXP_MAX_LOG_PAGE_OCTETS);
	rc = rxp_log_page_seal(&out, &p, FIXTURE_TIME_MS, &signer);
	MUST(rc == 0 || out.len == 0);
	rxp_buf_free(&out);
	return rc;
}

static int open_log_page(void)
{
	struct rxp_log_page p = {.count = 77};
	int rc = rxp_log_page_open(
	    &p, w.log_page.data, w.log_page.len, (const struct rxp_cert *const[]){w.key.cert}, 1);

	MUST(rc == 0 || p.count == 77);
	return rc;
}

static int open_descriptor(void)
{
	struct rxp_descriptor *d = NULL;
	int rc = rxp_descriptor_open(&d, w.descriptor.data, w.descriptor.len, NULL);

	MUST((rc == 0) == (d != NULL));
	rxp_descriptor_free(d);
	return rc;
}

static int open_evidence_party(void)
{
	struct rxp_evidence_party *p = NULL;
	int rc = rxp_evidence_party_open(&p, w.descriptor.data, w.descriptor.len, NULL);

	MUST((rc == 0) == (p != NULL));
	rxp_evidence_party_free(p);
	return rc;
}

static int verify_evidence(void)
{
	struct rxp_evidence_proof proof = {.signing_time_ms = 77};
	int rc = rxp_evidence_verify(
	    &proof, NULL, &w.evidence, (const struct rxp_cert *const[]){w.key.cert}, 1, NULL);

	MUST((rc == 0) == (proof.signing_time_ms != 77));
	return rc;
}

static int replay_case(void)
{
	const struct rxp_case_document next =
	    story_next(&w.story, STORY_Q, RXP_CASE_EVENT_WITHDRAW, 1);
	struct rxp_case_verdict verdict;
	struct rxp_case *c = NULL;
	int rc = rxp_case_replay(&c, w.story.docs, w.story.n, STORY_Q);

	MUST((rc == 0) == (c != NULL));
	if (rc == 0)
		rc = rxp_case_check(&verdict, c, &next, RXP_CASE_SEALING);
	rxp_case_free(c);
	return rc;
}

static int run_segment(void)
{
	static const uint8_t key[RXP_ATTACHMENT_KEY_OCTETS] = {7}, octets[1000];
	struct rxp_buf sealed, plain;
	int rc;

	rxp_buf_init(&sealed, RXP_SEALED_SEGMENT_OCTETS);
	rxp_buf_init(&plain, RXP_SEGMENT_OCTETS);
	rc = rxp_attachment_encrypt(&sealed, key, 0, true, octets, sizeof octets);
	MUST(rc == 0 || sealed.len == 0);
	if (rc == 0) {
		rc = rxp_attachment_decrypt(&plain, key, 0, true, sealed.data, sealed.len);
		MUST(rc == 0 || plain.len == 0);
	}
	rxp_buf_free(&sealed);
	rxp_buf_free(&plain);
	return rc;
}

static int open_signer(void)
{
	struct rxp_key_signer *s = NULL;
	int rc = rxp_key_signer_open(&s, w.pem.data, w.pem.len, w.key.cert);

	MUST((rc == 0) == (s != NULL));
	rxp_key_signer_free(s);
	return rc;
}

static int parse_certificate(void)
{
	struct rxp_cert *cert = NULL;
	size_t len;
	const uint8_t *der = rxp_cert_der(w.key.cert, &len);
	int rc = rxp_cert_parse(&cert, der, len);

	MUST((rc == 0) == (cert != NULL));
	rxp_cert_free(cert);
	return rc;
}

static int make_agreement_key(void)
{
	struct rxp_agreement_key *key = NULL;
	int rc = rxp_agreement_key_make(&key, &rxp_suite_p256, &workpieces_random);

	MUST((rc == 0) == (key != NULL));
	rxp_agreement_key_free(key);
	return rc;
}

static int import_agreement_key(void)
{
	struct rxp_agreement_key *key = NULL;
	struct rxp_buf scalar;
	int rc = rxp_agreement_key_import(&key, &rxp_suite_p256, w.scalar, sizeof w.scalar);

	MUST((rc == 0) == (key != NULL));
	rxp_buf_init(&scalar, 64);
	if (rc == 0)
		rc = rxp_agreement_key_export(key, &scalar);
	MUST(rc == 0 || scalar.len == 0);
	rxp_buf_free(&scalar);
	rxp_agreement_key_free(key);
	return rc;
}

void operation_start(void)
{
	workpieces_make(&w);
	operation_container_start(&w.key, w.opened, &w.evidence);
}

void operation_stop(void)
{
	operation_container_stop();
	workpieces_clear(&w);
}

#define CRYPTO RXP_ERR_CRYPTO
#define KEY RXP_ERR_KEY
#define SEAL RXP_ERR_SEAL
#define STRUCTURE RXP_ERR_STRUCTURE
#define DECRYPT RXP_ERR_DECRYPT

const struct operation operations[] = {
    {"seal a Document", seal_document, {CRYPTO}},
    {"close an Envelope", close_envelope, {KEY, CRYPTO}},
    {"parse an Envelope", parse_envelope, {0}},
    {"decrypt an Envelope", decrypt_envelope, {DECRYPT}},
    {"wrap for another key", rekey_envelope, {KEY, CRYPTO}},
    {"open a Document", open_document, {CRYPTO, SEAL}},
    {"check a Document", check_document, {0}},
    {"check typed content", check_content, {0}},
    {"seal a Receipt", seal_receipt, {CRYPTO}},
    {"seal a Refusal", seal_refusal, {CRYPTO}},
    {"open a Receipt", open_receipt, {CRYPTO, SEAL}},
    {"open a Refusal", open_refusal, {CRYPTO, SEAL}},
    {"seal a page of a log", seal_log_page, {CRYPTO}},
    {"open a page of a log", open_log_page, {CRYPTO, SEAL}},
    {"open a descriptor", open_descriptor, {KEY, CRYPTO, SEAL, STRUCTURE}},
    {"open a State's seals", open_evidence_party, {KEY, CRYPTO, SEAL, STRUCTURE}},
    {"verify evidence", verify_evidence, {CRYPTO, SEAL}},
    {"make a container", operation_container_make, {KEY, CRYPTO, SEAL, RXP_ERR_MISMATCH}},
    {"seal a container", operation_container_seal, {CRYPTO}},
    {"judge a container", operation_container_judge, {CRYPTO, SEAL}},
    {"replay a case", replay_case, {0}},
    {"encrypt and decrypt a segment", run_segment, {CRYPTO, DECRYPT}},
    {"open a signer", open_signer, {KEY, RXP_ERR_MISMATCH}},
    {"parse a certificate", parse_certificate, {KEY}},
    {"make an agreement key", make_agreement_key, {0}},
    {"import an agreement key", import_agreement_key, {KEY, CRYPTO}},
};
const size_t operation_count = sizeof operations / sizeof operations[0];
