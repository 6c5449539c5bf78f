#include "protocol/test/fuzz/fuzz.h"

#include <string.h>

#include "protocol/base/codec.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/agreement_key.h"
#include "protocol/init.h"
#include "protocol/test/fixture.h"

#define SEAL_SCALAR "3C0F9B62E1D84A7755B0C6E9127F34AD8E61F0257BD9C348A1069E5D72BF8A14"
#define AGREEMENT_SCALAR "A61670B8A35B4139A95DC8E49CF52AD9EFB312E07ED25A4F79A60DC207BF18DD"
#define MESSAGE_ID "019aafe2-5c00-7d31-9a0e-2f6b1c9d7e55"
#define SCALAR_OCTETS 32

static const char certificate[] =
    "MIIBEzCBuaADAgECAgEHMAoGCCqGSM49BAMCMBMxETAPBgNVBAMMCFFSQSBzZWFsMB4XDTI2MDEwMTAwMDAwMFoX"
    "DTI4MDEwMTAwMDAwMFowEzERMA8GA1UEAwwIUVJBIHNlYWwwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQxIjox"
    "ieU0ynry4WmogM21Eep7EobhmM3CZ68/c5vVWp5ESfoV9lShMTTp31CyDQqxhTJzf0IyRzOqsxIvR9w9MAoGCCqG"
    "SM49BAMCA0kAMEYCIQCzdkxYK5HJg7785zhGtZ16DLPHkWP2Yl9KZjyQltWd/gIhALXRsPhyUZxlEiUw0R7Hhkth"
    "ocGHHix0vtsAH7lcmwc7";

static struct rxp_agreement_key *key_of(const char *hex)
{
	struct rxp_agreement_key *key = NULL;
	uint8_t scalar[SCALAR_OCTETS];

	MUST(rxp_hex_get(scalar, sizeof scalar, hex, true) == 0);
	MUST(rxp_agreement_key_import(&key, &rxp_suite_p256, scalar, sizeof scalar) == 0);
	return key;
}

/* The seal key is on the same curve, so that its scalar may be read in the same way. */
static void make_signer(struct fuzz_state *state)
{
	static struct rxp_key_signer *signer;
	struct rxp_agreement_key *key = key_of(SEAL_SCALAR);
	struct rxp_buf der, pem;

	rxp_buf_init(&der, RXP_MAX_CERTIFICATE_OCTETS);
	rxp_buf_init(&pem, RXP_MAX_CERTIFICATE_OCTETS);
	MUST(rxp_base64_get(&der, certificate, strlen(certificate)) == 0);
	MUST(rxp_cert_parse(&state->cert, der.data, der.len) == 0);
	fixture_pem(&pem, key->pkey);
	MUST(rxp_key_signer_open(&signer, pem.data, pem.len, state->cert) == 0);
	state->signer = rxp_key_signer_interface(signer);
	rxp_agreement_key_free(key);
	rxp_buf_free(&der);
	rxp_buf_free(&pem);
}

const struct fuzz_state *fuzz_state(void)
{
	static struct fuzz_state state;

	if (state.cert != NULL)
		return &state;
	MUST(rxp_init() == 0);
	make_signer(&state);
	state.agreement_key = key_of(AGREEMENT_SCALAR);
	state.outer = (struct rxp_outer){.from = "QRA",
	    .to = "QRB",
	    .created_ms = FIXTURE_TIME_MS,
	    .expires_ms = FIXTURE_TIME_MS + RXP_DEFAULT_LIFETIME_MS};
	MUST(rxp_id_parse(state.outer.message_id, MESSAGE_ID, 7) == 0);
	return &state;
}

struct fuzz_part fuzz_take(struct fuzz_part *rest)
{
	struct fuzz_part part = *rest;
	const uint8_t *end = rest->len == 0 ? NULL : memmem(rest->data, rest->len, "\n\n", 2);

	if (end == NULL) {
		rest->len = 0;
		return part;
	}
	part.len = (size_t)(end - part.data);
	rest->data += part.len + 2;
	rest->len -= part.len + 2;
	return part;
}

int fuzz_seal(struct rxp_buf *out, enum rxp_kind kind, const uint8_t *octets, size_t len)
{
	const struct fuzz_state *state = fuzz_state();
	struct fuzz_part rest = {octets, len};
	struct fuzz_part half[2] = {fuzz_take(&rest), rest};
	struct rxp_buf inner[2];
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int rc;

	rxp_buf_init(out, 4UL * RXP_MAX_DOCUMENT_OCTETS);
	for (int i = 0; i < 2; i++) {
		rxp_buf_init(&inner[i], RXP_MAX_DOCUMENT_OCTETS);
		rxp_buf_put(&inner[i], half[i].data, half[i].len);
	}
	rc = rxp_buf_error(&inner[0]) | rxp_buf_error(&inner[1]);
	if (rc == 0)
		rc = rxp_seal_sign(
		    out, kind, &inner[0], &inner[1], FIXTURE_TIME_MS, &state->signer, fingerprint);
	rxp_buf_free(&inner[0]);
	rxp_buf_free(&inner[1]);
	return rc;
}
