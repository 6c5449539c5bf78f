/*
 * envelope_key - the key information of an Envelope, made by the sender and checked by the
 * receiver alike; and what a parsed Envelope is made of. For the envelope modules only.
 */
#ifndef RXP_ENVELOPE_KEY_H
#define RXP_ENVELOPE_KEY_H

#include "protocol/agreement.h"
#include "protocol/buf.h"
#include "protocol/envelope.h"

#define RXP_POINT_OCTETS 65 /* RXP-ENV-008 */
#define RXP_WRAPPED_OCTETS 40 /* RFC 3394 adds 8 octets to the content key */
#define RXP_CIPHER_EXTRA_OCTETS (RXP_IV_OCTETS + RXP_TAG_OCTETS)

struct rxp_envelope {
	struct rxp_outer outer;
	uint8_t key_id[RXP_DIGEST_OCTETS];
	uint8_t point[RXP_POINT_OCTETS];
	uint8_t wrapped[RXP_WRAPPED_OCTETS];
	struct rxp_buf cipher; /* IV, ciphertext, tag */
};

#define RXP_INFO_PARTS 4
#define RXP_INFO_PART_TEXT 40 /* 17 octets in hexBinary and a NUL */

/* The KDF's info and, for each of its four parts, the attribute value (RXP-ENV-007). */
struct rxp_envelope_info {
	uint8_t octets[64];
	size_t len;
	char part[RXP_INFO_PARTS][RXP_INFO_PART_TEXT];
};

void rxp_envelope_info(struct rxp_envelope_info *info, const struct rxp_outer *outer);

#endif
