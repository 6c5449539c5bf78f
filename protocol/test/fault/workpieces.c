#include "protocol/test/fault/workpieces.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/limits.h"
#include "protocol/case/case.h"
#include "protocol/peering/descriptor.h"
#include "protocol/test/example.h"
#include "protocol/test/must.h"

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 7, len);
	return 0;
}

const struct rxp_random workpieces_random = {fill, NULL};

struct rxp_answer workpieces_receipt(const struct workpieces *w)
{
	struct rxp_answer a = {.kind = RXP_ANSWER_RECEIPT,
	    .from = "QRB",
	    .to = "QRA",
	    .created_ms = FIXTURE_TIME_MS,
	    .has_fingerprint = true,
	    .received_ms = FIXTURE_TIME_MS,
	    .log_count = 12,
	    .flags = {"late"}};

	memcpy(a.message_id, w->header.outer.message_id, sizeof a.message_id);
	memcpy(a.log_id, w->header.case_id, sizeof a.log_id);
	return a;
}

struct rxp_answer workpieces_refusal(const struct workpieces *w)
{
	struct rxp_answer a = workpieces_receipt(w);

	a.kind = RXP_ANSWER_REFUSAL;
	a.refusal = RXP_REFUSAL_GAP;
	a.has_view = true;
	a.view[0] = (struct rxp_answer_last){.party = "QRB"};
	a.view[1] = (struct rxp_answer_last){.party = "QRA", .position = 7};
	memset(a.flags, 0, sizeof a.flags);
	return a;
}

struct rxp_log_page workpieces_log_page(const struct workpieces *w)
{
	struct rxp_log_page p = {.owner = "QRB",
	    .peer = "QRA",
	    .created_ms = FIXTURE_TIME_MS,
	    .count = 1,
	    .n_entries = 1,
	    .entries = {{.received_ms = FIXTURE_TIME_MS, .outcome = RXP_OUTCOME_RECEIPT}}};

	memcpy(p.log_id, w->header.case_id, sizeof p.log_id);
	memcpy(p.entries[0].message_id, w->header.outer.message_id, RXP_ID_OCTETS);
	return p;
}

static void make_header(struct workpieces *w)
{
	struct rxp_header *h = &w->header;

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

static void make_keys(struct workpieces *w)
{
	fixture_key_make(&w->key, RXP_SEAL_ECDSA_P256);
	rxp_buf_init(&w->pem, 8192);
	fixture_pem(&w->pem, w->key.pkey);
	memset(w->scalar, 7, sizeof w->scalar);
	MUST(rxp_agreement_key_import(
		 &w->agreement, &rxp_suite_p256, w->scalar, sizeof w->scalar) == 0);
	rxp_buf_init(&w->spki, 128);
	MUST(rxp_agreement_key_spki(w->agreement, &w->spki) == 0);
}

static void make_message(struct workpieces *w, const struct rxp_signer *signer)
{
	uint8_t fingerprint[32], cek[RXP_KEY_OCTETS];
	const struct rxp_seal *seal;

	rxp_buf_init(&w->document, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&w->envelope, RXP_MAX_ENVELOPE_OCTETS);
	MUST(rxp_document_seal(&w->document, &w->header,
		 &(struct rxp_draft){.content = &w->content, .attachments = &w->manifest},
		 FIXTURE_TIME_MS, &workpieces_random, signer, fingerprint) == 0);
	MUST(rxp_envelope_close(&w->envelope, &w->header.outer, w->document.data, w->document.len,
		 w->spki.data, w->spki.len, &workpieces_random, cek) == 0);
	MUST(rxp_envelope_parse(&w->parsed, w->envelope.data, w->envelope.len) == 0);
	MUST(rxp_document_open(&w->opened, w->document.data, w->document.len, &w->header.outer,
		 (const struct rxp_cert *const[]){w->key.cert}, 1) == 0);
	seal = &w->opened->seal;
	w->evidence = (struct rxp_evidence){{{seal->header_octets.data, seal->header_octets.len},
	    {seal->properties_octets.data, seal->properties_octets.len},
	    {seal->signed_info_octets.data, seal->signed_info_octets.len},
	    {seal->value.data, seal->value.len}}};
}

static void make_answers(struct workpieces *w, const struct rxp_signer *signer)
{
	struct rxp_answer a = workpieces_receipt(w);

	rxp_buf_init(&w->receipt, RXP_MAX_ANSWER_OCTETS);
	rxp_buf_init(&w->refusal, RXP_MAX_ANSWER_OCTETS);
	MUST(rxp_answer_seal(&w->receipt, &a, FIXTURE_TIME_MS, signer) == 0);
	a = workpieces_refusal(w);
	MUST(rxp_answer_seal(&w->refusal, &a, FIXTURE_TIME_MS, signer) == 0);
}

static void make_log_page(struct workpieces *w, const struct rxp_signer *signer)
{
	struct rxp_log_page p = workpieces_log_page(w);

	rxp_buf_init(&w->log_page, RXP_MAX_LOG_PAGE_OCTETS);
	MUST(rxp_log_page_seal(&w->log_page, &p, FIXTURE_TIME_MS, signer) == 0);
}

/* The test's own key is root and seal alike. */
static void make_identity(const struct workpieces *w, struct rxp_buf *out, uint8_t fingerprint[32],
    unsigned serial, const struct rxp_signer *root)
{
	struct rxp_identity i;
	size_t len;
	const uint8_t *der = rxp_cert_der(w->key.cert, &len);

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

static void make_descriptor(struct workpieces *w, const struct rxp_signer *signer)
{
	uint8_t fingerprint[32] = {0};
	struct rxp_buf parts[2], working;
	struct rxp_working k;

	make_identity(w, &parts[0], fingerprint, 1, signer);
	make_identity(w, &parts[1], fingerprint, 2, signer);
	rxp_working_init(&k);
	memcpy(k.party, "QRA", sizeof k.party);
	k.identity_serial = 2;
	memcpy(k.identity, fingerprint, sizeof k.identity);
	k.created_ms = k.keys[0].from_ms = FIXTURE_TIME_MS;
	k.keys[0].until_ms = FIXTURE_TIME_MS + 1;
	k.n_keys = 1;
	MUST(rxp_buf_put(&k.keys[0].spki, w->spki.data, w->spki.len) == 0);
	rxp_buf_init(&working, RXP_MAX_PART_OCTETS);
	MUST(rxp_working_seal(&working, &k, FIXTURE_TIME_MS, signer) == 0);
	rxp_buf_init(&w->descriptor, RXP_MAX_DESCRIPTOR_OCTETS);
	MUST(rxp_descriptor_write(&w->descriptor, parts, 2, &working) == 0);
	rxp_working_clear(&k);
	rxp_buf_free(&parts[0]);
	rxp_buf_free(&parts[1]);
	rxp_buf_free(&working);
}

void workpieces_make(struct workpieces *w)
{
	struct rxp_signer signer;

	make_header(w);
	w->content = bare_example("application-family.xml");
	w->manifest = bare_example("application-family.attachments.xml");
	w->alone = bare_example("application-single.xml");
	make_keys(w);
	signer = rxp_key_signer_interface(w->key.signer);
	make_message(w, &signer);
	make_answers(w, &signer);
	make_log_page(w, &signer);
	make_descriptor(w, &signer);
	story_tell(&w->story, STORY_Q, RXP_CASE_EVENT_APPLY, 7);
	story_tell(&w->story, STORY_D, RXP_CASE_EVENT_ACCEPT, 6);
}

void workpieces_clear(struct workpieces *w)
{
	rxp_document_free(w->opened);
	rxp_envelope_free(w->parsed);
	rxp_agreement_key_free(w->agreement);
	fixture_key_clear(&w->key);
	rxp_buf_free(&w->pem);
	rxp_buf_free(&w->spki);
	rxp_buf_free(&w->content);
	rxp_buf_free(&w->manifest);
	rxp_buf_free(&w->alone);
	rxp_buf_free(&w->document);
	rxp_buf_free(&w->envelope);
	rxp_buf_free(&w->receipt);
	rxp_buf_free(&w->refusal);
	rxp_buf_free(&w->log_page);
	rxp_buf_free(&w->descriptor);
}
