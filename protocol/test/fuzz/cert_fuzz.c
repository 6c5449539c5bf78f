/*
 * Input: a certificate or a SubjectPublicKeyInfo in DER, as descriptors carry them.
 * Promise: a certificate that is accepted is kept as it is, and its key has a seal algorithm.
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/seal/cert.h"
#include "protocol/test/fuzz/fuzz.h"

static void read_certificate(const uint8_t *octets, size_t len)
{
	struct rxp_cert *cert = NULL;
	int64_t from, until;
	const uint8_t *der;
	size_t der_len;

	if (rxp_cert_parse(&cert, octets, len) != 0) {
		MUST(cert == NULL);
		return;
	}
	der = rxp_cert_der(cert, &der_len);
	MUST(der_len == len && memcmp(der, octets, len) == 0);
	MUST(rxp_cert_alg(cert) < RXP_SEAL_ALG_COUNT);
	MUST(rxp_cert_value_length(cert) <= RXP_MAX_SIGNATURE_OCTETS);
	rxp_cert_validity(cert, &from, &until);
	MUST(from >= 0 && until >= 0 && from <= RXP_MAX_TIME_MS && until <= RXP_MAX_TIME_MS);
	rxp_cert_free(cert);
}

static void read_spki(const uint8_t *octets, size_t len)
{
	struct rxp_buf point;

	rxp_buf_init(&point, RXP_MAX_POINT_OCTETS);
	if (rxp_agreement_spki_point(&point, &rxp_suite_p256, octets, len) == 0)
		MUST(point.len == 1 + 2 * rxp_suite_p256.field_octets && point.data[0] == 4);
	else
		MUST(point.len == 0);
	rxp_buf_free(&point);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	fuzz_state();
	read_certificate(octets, len);
	read_spki(octets, len);
	return 0;
}
