/*
 * Input: the content of a Document's Header, an empty line, the content of its Body; sealed here, then
 * opened as a receiver does, with schema, rules, facts, manifest and evidence.
 * Promise: what passes rxp_document_check() has facts and a manifest that can be read, and every opened
 * Document leaves evidence that verifies.
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/document/facts.h"
#include "protocol/envelope/attachment.h"
#include "protocol/evidence/evidence.h"
#include "protocol/test/fuzz/fuzz.h"

static void leaves_evidence(const struct rxp_document *d, const struct rxp_cert *const *certs)
{
	const struct rxp_evidence evidence = {
	    {{d->seal.header_octets.data, d->seal.header_octets.len},
		{d->seal.properties_octets.data, d->seal.properties_octets.len},
		{d->seal.signed_info_octets.data, d->seal.signed_info_octets.len},
		{d->seal.value.data, d->seal.value.len}}};
	struct rxp_evidence_proof proof;

	MUST(rxp_evidence_verify(&proof, NULL, &evidence, certs, 1, d->seal.fingerprint) == 0);
	MUST(memcmp(&proof.header.outer, &d->header.outer, sizeof proof.header.outer) == 0);
}

static void read_checked(const struct rxp_document *d)
{
	static struct rxp_attachment rows[RXP_MAX_ATTACHMENTS];
	struct rxp_case_document facts;
	size_t n = 0;

	MUST(rxp_facts_read(&facts, d) == (d->header.in_case ? 0 : RXP_ERR_UNSUPPORTED));
	if (d->attachments != NULL)
		MUST(rxp_attachment_read(rows, &n, d->attachments) == 0 && n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const struct fuzz_state *state = fuzz_state();
	const struct rxp_cert *const certs[] = {state->cert};
	struct rxp_document *d = NULL;
	struct rxp_buf sealed, place;
	int rc;

	rxp_buf_init(&place, RXP_PLACE_TEXT);
	if (fuzz_seal(&sealed, RXP_KIND_DOCUMENT, octets, len) == 0 &&
	    rxp_document_open(&d, sealed.data, sealed.len, &state->outer, certs, 1) == 0) {
		leaves_evidence(d, certs);
		rc = rxp_document_check(d, &place);
		MUST((rc == RXP_ERR_SCHEMA) == (place.len > 0));
		if (rc == 0)
			read_checked(d);
	}
	rxp_document_free(d);
	rxp_buf_free(&place);
	rxp_buf_free(&sealed);
	return 0;
}
