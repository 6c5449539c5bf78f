#include "conformance/document/part.h"

#include <string.h>

#include "protocol/base/ident.h"
#include "protocol/base/limits.h"
#include "protocol/seal/seal.h"
#include "protocol/xml/xml.h"

void part_fingerprint(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_buf *part)
{
	const struct rxp_cert *certs[1];
	struct rxp_cert *claimed = NULL;
	struct rxp_seal seal = {0};
	struct rxp_xml *xml = NULL;

	memset(out, 0, RXP_DIGEST_OCTETS);
	if (rxp_xml_parse(&xml, part->data, part->len, RXP_MAX_PART_OCTETS, RXP_XML_SEALED) == 0 &&
	    rxp_seal_claimed_cert(&claimed, xml, RXP_KIND_IDENTITY) == 0) {
		certs[0] = claimed;
		if (rxp_seal_verify(&seal, xml, RXP_KIND_IDENTITY, certs, 1) == 0)
			memcpy(out, seal.fingerprint, RXP_DIGEST_OCTETS);
	}
	rxp_seal_clear(&seal);
	rxp_cert_free(claimed);
	rxp_xml_free(xml);
}
