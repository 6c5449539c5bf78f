#include "protocol/test/fault/operation.h"

#include <stdio.h>
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
#include "protocol/test/example.h"
#include "protocol/test/fault/operation_container.h"
#include "protocol/test/fixture.h"
#include "protocol/test/story.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

#define MUST(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

static struct {
	struct fixture_key key;
	struct rxp_buf pem, spki;
	struct rxp_agreement_key *agreement;
	uint8_t scalar[32];
	struct rxp_header header;
	struct rxp_buf content, manifest; /* of an application */
	struct rxp_buf alone; /* one without attachments */
	struct rxp_buf document, envelope, receipt, refusal, log_page, descriptor;
	struct rxp_envelope *parsed;
	struct rxp_document *opened;
	struct rxp_evidence evidence; /* of the opened document */
	struct story story;
} w;

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 7, len);
	return 0;
}

static const struct rxp_random source = {fill, NULL};

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
	    &source, &signer, fingerprint);
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
	    w.spki.len, &source, cek);
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
	rc = rxp_envelope_rekey(&out, w.parsed, cek, w.spki.data, w.spki.len, &source);
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

static struct rxp_answer receipt(void)
{
	struct rxp_answer a = {.kind = RXP_ANSWER_RECEIPT,
	    .from = "QRB",
	    .to = "QRA",
	    .created_ms = FIXTURE_TIME_MS,
	    .has_fingerprint = true,
	    .received_ms = FIXTURE_TIME_MS,
	    .log_count = 12,
	    .flags = {"late"}};

	memcpy(a.message_id, w.header.outer.message_id, sizeof a.message_id);
	memcpy(a.log_id, w.header.case_id, sizeof a.log_id);
	return a;
}

static struct rxp_answer refusal(void)
{
	struct rxp_answer a = receipt();

	a.kind = RXP_ANSWER_REFUSAL;
	a.refusal = RXP_REFUSAL_GAP;
	a.has_view = true;
	a.view[0] = (struct rxp_answer_last){.party = "QRB"};
	a.view[1] = (struct rxp_answer_last){.party = "QRA", .position = 7};
	memset(a.flags, 0, sizeof a.flags);
	return a;
}

static int seal_receipt(void)
{
	struct rxp_answer a = receipt();

	return seal_answer(&a);
}

static int seal_refusal(void)
{
	struct rxp_answer a = refusal();

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
static struct rxp_log_page log_page(void)
{
	struct rxp_log_page p = {.owner = "QRB",
	    .peer = "QRA",
	    .created_ms = FIXTURE_TIME_MS,
	    .count = 1,
	    .n_entries = 1,
	    .entries = {{.received_ms = FIXTURE_TIME_MS, .outcome = RXP_OUTCOME_RECEIPT}}};

	memcpy(p.log_id, w.header.case_id, sizeof p.log_id);
	memcpy(p.entries[0].message_id, w.header.outer.message_id, RXP_ID_OCTETS);
	return p;
}

static int seal_log_page(void)
{
	struct rxp_signer signer = rxp_key_signer_interface(w.key.signer);
	struct rxp_log_page p = log_page();
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
	int rc = rxp_agreement_key_make(&key, &rxp_suite_p256, &source);

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

/* --- what they work on ----------------------------------------------------------------------------- */

static void make_header(void)
{
	struct rxp_header *h = &w.header;

	*h = (struct rxp_header){.outer = {.from = "QRA",
				     .to = "QRB",
				     .created_ms = FIXTURE_TIME_MS,
				     .expires_ms = FIXTURE_TIME_MS + RXP_DEFAULT_LIFETIME_MS},
	    .type = "ReadmissionApplication",
	    .from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .in_case = true,
	    .position = 1,
	    .profile_id = "model",
	    .profile_version = "1"};
	memset(h->outer.message_id, 0x77, sizeof h->outer.message_id);
	h->outer.message_id[8] = 0x87;
	memset(h->case_id, 0x44, sizeof h->case_id);
	h->case_id[8] = 0x84;
}

/* An example without its declaration, as it stands in a Body. */
static struct rxp_buf bare_example(const char *name)
{
	struct rxp_buf octets = example_read(name);
	uint8_t *end = memmem(octets.data, octets.len, "?>\n", 3);

	if (end != NULL) {
		octets.len -= (size_t)(end + 3 - octets.data);
		memmove(octets.data, end + 3, octets.len);
	}
	return octets;
}

static void make_keys(void)
{
	fixture_key_make(&w.key, RXP_SEAL_ECDSA_P256);
	rxp_buf_init(&w.pem, 8192);
	fixture_pem(&w.pem, w.key.pkey);
	memset(w.scalar, 7, sizeof w.scalar);
	MUST(rxp_agreement_key_import(&w.agreement, &rxp_suite_p256, w.scalar, sizeof w.scalar) ==
	     0);
	rxp_buf_init(&w.spki, 128);
	MUST(rxp_agreement_key_spki(w.agreement, &w.spki) == 0);
}

static void make_message(const struct rxp_signer *signer)
{
	uint8_t fingerprint[32], cek[RXP_KEY_OCTETS];
	const struct rxp_seal *seal;

	rxp_buf_init(&w.document, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&w.envelope, RXP_MAX_ENVELOPE_OCTETS);
	MUST(rxp_document_seal(&w.document, &w.header,
		 &(struct rxp_draft){.content = &w.content, .attachments = &w.manifest},
		 FIXTURE_TIME_MS, &source, signer, fingerprint) == 0);
	MUST(rxp_envelope_close(&w.envelope, &w.header.outer, w.document.data, w.document.len,
		 w.spki.data, w.spki.len, &source, cek) == 0);
	MUST(rxp_envelope_parse(&w.parsed, w.envelope.data, w.envelope.len) == 0);
	MUST(rxp_document_open(&w.opened, w.document.data, w.document.len, &w.header.outer,
		 (const struct rxp_cert *const[]){w.key.cert}, 1) == 0);
	seal = &w.opened->seal;
	w.evidence = (struct rxp_evidence){{{seal->header_octets.data, seal->header_octets.len},
	    {seal->properties_octets.data, seal->properties_octets.len},
	    {seal->signed_info_octets.data, seal->signed_info_octets.len},
	    {seal->value.data, seal->value.len}}};
}

static void make_answers(const struct rxp_signer *signer)
{
	struct rxp_answer a = receipt();

	rxp_buf_init(&w.receipt, RXP_MAX_ANSWER_OCTETS);
	rxp_buf_init(&w.refusal, RXP_MAX_ANSWER_OCTETS);
	MUST(rxp_answer_seal(&w.receipt, &a, FIXTURE_TIME_MS, signer) == 0);
	a = refusal();
	MUST(rxp_answer_seal(&w.refusal, &a, FIXTURE_TIME_MS, signer) == 0);
}

static void make_log_page(const struct rxp_signer *signer)
{
	struct rxp_log_page p = log_page();

	rxp_buf_init(&w.log_page, RXP_MAX_LOG_PAGE_OCTETS);
	MUST(rxp_log_page_seal(&w.log_page, &p, FIXTURE_TIME_MS, signer) == 0);
}

/* The test's own key is root and seal alike. */
static void make_identity(
    struct rxp_buf *out, uint8_t fingerprint[32], unsigned serial, const struct rxp_signer *root)
{
	struct rxp_identity i;
	size_t len;
	const uint8_t *der = rxp_cert_der(w.key.cert, &len);

	rxp_identity_init(&i);
	memcpy(i.party, "QRA", sizeof i.party);
	i.serial = serial;
	i.has_previous = serial > 1;
	memcpy(i.previous, fingerprint, sizeof i.previous);
	i.created_ms = FIXTURE_TIME_MS;
	i.test = true;
	i.n_certs = i.n_pins = i.n_offices = 1;
	MUST(rxp_buf_put(&i.certs[0], der, len) == 0);
	memcpy(i.offices[0], "NODE", sizeof "NODE");
	i.levels = 1U << RXP_LEVEL_CORE;
	rxp_buf_init(out, RXP_MAX_PART_OCTETS);
	MUST(rxp_identity_seal(out, &i, FIXTURE_TIME_MS, root, fingerprint) == 0);
	rxp_identity_clear(&i);
}

static void make_descriptor(const struct rxp_signer *signer)
{
	uint8_t fingerprint[32] = {0};
	struct rxp_buf parts[2], working;
	struct rxp_working k;

	make_identity(&parts[0], fingerprint, 1, signer);
	make_identity(&parts[1], fingerprint, 2, signer);
	rxp_working_init(&k);
	memcpy(k.party, "QRA", sizeof k.party);
	k.identity_serial = 2;
	memcpy(k.identity, fingerprint, sizeof k.identity);
	k.created_ms = k.keys[0].from_ms = FIXTURE_TIME_MS;
	k.keys[0].until_ms = FIXTURE_TIME_MS + 1;
	k.n_keys = 1;
	MUST(rxp_buf_put(&k.keys[0].spki, w.spki.data, w.spki.len) == 0);
	rxp_buf_init(&working, RXP_MAX_PART_OCTETS);
	MUST(rxp_working_seal(&working, &k, FIXTURE_TIME_MS, signer) == 0);
	rxp_buf_init(&w.descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	MUST(rxp_descriptor_write(&w.descriptor, parts, 2, &working) == 0);
	rxp_working_clear(&k);
	rxp_buf_free(&parts[0]);
	rxp_buf_free(&parts[1]);
	rxp_buf_free(&working);
}

void operation_start(void)
{
	struct rxp_signer signer;

	make_header();
	w.content = bare_example("application-family.xml");
	w.manifest = bare_example("application-family.attachments.xml");
	w.alone = bare_example("application-single.xml");
	make_keys();
	signer = rxp_key_signer_interface(w.key.signer);
	make_message(&signer);
	make_answers(&signer);
	make_log_page(&signer);
	make_descriptor(&signer);
	operation_container_start(&w.key, w.opened, &w.evidence);
	story_tell(&w.story, STORY_Q, RXP_CASE_EVENT_APPLY, 7);
	story_tell(&w.story, STORY_D, RXP_CASE_EVENT_ACCEPT, 6);
}

void operation_stop(void)
{
	operation_container_stop();
	rxp_document_free(w.opened);
	rxp_envelope_free(w.parsed);
	rxp_agreement_key_free(w.agreement);
	fixture_key_clear(&w.key);
	rxp_buf_free(&w.pem);
	rxp_buf_free(&w.spki);
	rxp_buf_free(&w.content);
	rxp_buf_free(&w.manifest);
	rxp_buf_free(&w.alone);
	rxp_buf_free(&w.document);
	rxp_buf_free(&w.envelope);
	rxp_buf_free(&w.receipt);
	rxp_buf_free(&w.refusal);
	rxp_buf_free(&w.log_page);
	rxp_buf_free(&w.descriptor);
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
