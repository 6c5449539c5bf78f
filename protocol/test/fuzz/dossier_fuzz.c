/*
 * Input: entries of a container of evidence, parted by empty lines; each is its name, a line end, and its
 * octets, in base64 if the name is followed by a space. Their documents are judged as they are, and all once more with a list
 * of contents and a signature that are right for them.
 * Promise: nothing is called verified that has a problem.
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/container_seal.h"
#include "protocol/evidence/dossier.h"
#include "protocol/evidence/dossier_make.h"
#include "protocol/test/fuzz/fuzz.h"

static void no_matter(void *arg, const char *entry, const char *text)
{
	MUST(entry[0] != '\0' && text[0] != '\0');
	(*(size_t *)arg)++;
}

static void judge(const struct rxp_container *c, enum rxp_dossier_extent extent)
{
	struct rxp_dossier d;
	size_t told = 0;

	if (rxp_dossier_check(&d, c, extent, NULL, NULL, 0, no_matter, &told) != 0)
		return;
	MUST(told == d.n_problems);
	MUST(d.n_problems > 0 ||
	     (d.n_verified == d.n && (extent == RXP_DOSSIER_DOCUMENTS || d.signer != NULL)));
	rxp_dossier_clear(&d);
}

static void add_entry(struct rxp_container *c, struct fuzz_part part)
{
	const char *end = memchr(part.data, '\n', part.len);
	char name[RXP_ENTRY_TEXT] = "";
	struct rxp_buf decoded;
	size_t len, rest;

	if (end == NULL)
		return;
	len = (size_t)(end - (const char *)part.data);
	rest = part.len - len - 1;
	rxp_buf_init(&decoded, part.len);
	if (len > 0 && len < sizeof name && memchr(part.data, '\0', len) == NULL) {
		memcpy(name, part.data, len);
		if (name[len - 1] != ' ') {
			rxp_container_add(c, name, end + 1, rest);
		} else if (rxp_base64_get(&decoded, end + 1, rest) == 0) {
			name[len - 1] = '\0';
			rxp_container_add(c, name, decoded.data, decoded.len);
		}
	}
	rxp_buf_free(&decoded);
}

/* META-INF is made anew; the rest stays. */
static void seal_anew(const struct rxp_container *c, const struct fuzz_state *state)
{
	struct rxp_container sealed;
	struct rxp_buf signatures;

	rxp_container_init(&sealed);
	rxp_buf_init(&signatures, RXP_MAX_CONTAINER_TEXT_OCTETS);
	for (size_t i = 0; i < c->n; i++) {
		struct rxp_evidence_name name;

		if (rxp_evidence_name_parse(&name, c->entries[i].name) == 0 &&
		    name.kind != RXP_EVIDENCE_NAME_META && name.kind != RXP_EVIDENCE_NAME_MIMETYPE)
			rxp_container_add(&sealed, c->entries[i].name, c->entries[i].octets.data,
			    c->entries[i].octets.len);
	}
	if (rxp_container_seal(&signatures, &sealed, state->outer.created_ms, &state->signer) ==
		0 &&
	    rxp_dossier_put_seal(&sealed, &signatures) == 0) {
		const struct rxp_cert *const certs[] = {state->cert};
		struct rxp_container_seal seal;

		MUST(rxp_container_seal_verify(&seal, &sealed, &signatures, certs, 1) == 0);
		judge(&sealed, RXP_DOSSIER_WHOLE);
	}
	rxp_buf_free(&signatures);
	rxp_container_clear(&sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const struct fuzz_state *state = fuzz_state();
	struct fuzz_part rest = {octets, len};
	struct rxp_container c;

	rxp_container_init(&c);
	while (rest.len > 0)
		add_entry(&c, fuzz_take(&rest));
	judge(&c, RXP_DOSSIER_DOCUMENTS);
	seal_anew(&c, state);
	rxp_container_clear(&c);
	return 0;
}
