#include "protocol/base/ident.h"

#include <string.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/random.h"

static void set_version(uint8_t id[RXP_ID_OCTETS], int version)
{
	id[6] = (uint8_t)((id[6] & 0x0f) | version << 4);
	id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}

int rxp_id_make_v7(uint8_t out[RXP_ID_OCTETS], int64_t now_ms, const struct rxp_random *random)
{
	uint8_t id[RXP_ID_OCTETS];

	if (random->fill(random->arg, id, sizeof id) != 0)
		return RXP_ERR_CRYPTO;
	for (int i = 0; i < 6; i++)
		id[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
	set_version(id, 7);
	memcpy(out, id, sizeof id);
	return 0;
}

int rxp_id_make_v4(uint8_t out[RXP_ID_OCTETS], const struct rxp_random *random)
{
	uint8_t id[RXP_ID_OCTETS];

	if (random->fill(random->arg, id, sizeof id) != 0)
		return RXP_ERR_CRYPTO;
	set_version(id, 4);
	memcpy(out, id, sizeof id);
	return 0;
}

static const uint8_t hyphen_before[] = {4, 6, 8, 10};

void rxp_id_text(char out[RXP_ID_TEXT], const uint8_t id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < RXP_ID_OCTETS; i++) {
		if (memchr(hyphen_before, (int)i, sizeof hyphen_before) != NULL)
			*out++ = '-';
		rxp_hex_put(out, id + i, 1, false);
		out += 2;
	}
}

int rxp_id_parse(uint8_t out[RXP_ID_OCTETS], const char *text, int version)
{
	uint8_t id[RXP_ID_OCTETS];

	if (strlen(text) != RXP_ID_TEXT - 1)
		return RXP_ERR_SYNTAX;
	for (size_t i = 0; i < RXP_ID_OCTETS; i++) {
		char two[3];

		if (memchr(hyphen_before, (int)i, sizeof hyphen_before) != NULL && *text++ != '-')
			return RXP_ERR_SYNTAX;
		memcpy(two, text, 2);
		two[2] = '\0';
		if (rxp_hex_get(id + i, 1, two, false) != 0)
			return RXP_ERR_SYNTAX;
		text += 2;
	}
	if (id[6] >> 4 != version || id[8] >> 6 != 2)
		return RXP_ERR_SYNTAX;
	memcpy(out, id, sizeof id);
	return 0;
}

bool rxp_party_valid(const char *text)
{
	for (int i = 0; i < RXP_PARTY_TEXT - 1; i++)
		if (text[i] < 'A' || text[i] > 'Z')
			return false;
	return text[RXP_PARTY_TEXT - 1] == '\0';
}

bool rxp_party_is_test(const char *party)
{
	return rxp_party_valid(party) && party[0] == 'Q' && party[1] >= 'M';
}
