#include "protocol/envelope_key.h"

#include <string.h>

#include "protocol/codec.h"

static void put_part(struct rxp_envelope_info *info, int part, const void *octets, size_t len)
{
	uint8_t padded[1 + RXP_ID_OCTETS] = {0}; /* the first octet counts padding bits: none */

	memcpy(padded + 1, octets, len);
	rxp_hex_put(info->part[part], padded, 1 + len, true);
	memcpy(info->octets + info->len, octets, len);
	info->len += len;
}

void rxp_envelope_info(struct rxp_envelope_info *info, const struct rxp_outer *outer)
{
	info->len = 0;
	put_part(info, 0, rxp_suite_p256.name, strlen(rxp_suite_p256.name));
	put_part(info, 1, outer->from, RXP_PARTY_TEXT - 1);
	put_part(info, 2, outer->to, RXP_PARTY_TEXT - 1);
	put_part(info, 3, outer->message_id, RXP_ID_OCTETS);
}
