#include "daemon/sealer/evidence.h"

#include "daemon/base/record.h"
#include "daemon/sealer/reply.h"
#include "protocol/seal/seal.h"

int evidence_put(struct rxp_buf *out, const struct rxp_seal *seal)
{
	struct rec_evidence e = {
	    .header = reply_bytes(&seal->header_octets),
	    .properties = reply_bytes(&seal->properties_octets),
	    .signed_info = reply_bytes(&seal->signed_info_octets),
	    .value = reply_bytes(&seal->value),
	};

	rxp_cert_digest(seal->cert, e.seal_cert);
	return record_encode(out, &record_evidence, &e);
}
