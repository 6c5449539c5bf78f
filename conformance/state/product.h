/*
 * product - the implementation under test, as its descriptor describes it.
 */
#ifndef CONFORM_PRODUCT_H
#define CONFORM_PRODUCT_H

#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/peering/descriptor.h"

struct rxp_cert;

struct product {
	struct rxp_descriptor *descriptor;
	struct rxp_buf octets; /* of it */
	size_t n_certs;
	struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];
};

/*
 * From a descriptor's octets, under the root fingerprint that the product's people gave. On success the caller owns
 * *out. Errors of rxp_descriptor_open(), RXP_ERR_KEY.
 */
int product_open(
    struct product **out, const uint8_t *octets, size_t len, const uint8_t root[RXP_DIGEST_OCTETS]);
void product_free(struct product *p);

const char *product_party(const struct product *p);
/* The agreement key in use at that time; NULL: there is none. */
const struct rxp_working_key *product_key(const struct product *p, int64_t now_ms);

#endif
