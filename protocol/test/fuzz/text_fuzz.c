/*
 * Input: a text that is to be a time, an id, base64, hexadecimal or a word of a closed list.
 * Promise: what is accepted has no other form: writing what was read gives the text.
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/ident.h"
#include "protocol/base/timestamp.h"
#include "protocol/message/answer.h"
#include "protocol/test/fuzz/fuzz.h"

#define MAX_OCTETS 4096
#define MAX_HEX_OCTETS 64

static void read_time(const char *text)
{
	char again[RXP_TIME_TEXT];
	int64_t ms;

	if (rxp_time_parse(&ms, text) != 0)
		return;
	rxp_time_text(again, ms);
	MUST(strcmp(again, text) == 0);
}

static void read_id(const char *text, int version)
{
	uint8_t id[RXP_ID_OCTETS];
	char again[RXP_ID_TEXT];

	if (rxp_id_parse(id, text, version) != 0)
		return;
	rxp_id_text(again, id);
	MUST(strcmp(again, text) == 0);
}

static void read_hex(const char *text, bool upper)
{
	uint8_t octets[MAX_HEX_OCTETS];
	char again[2 * MAX_HEX_OCTETS + 1];
	size_t len = strlen(text) / 2;

	if (len > MAX_HEX_OCTETS || rxp_hex_get(octets, len, text, upper) != 0)
		return;
	rxp_hex_put(again, octets, len, upper);
	MUST(strcmp(again, text) == 0);
}

static void read_base64(const char *text, size_t len)
{
	struct rxp_buf octets, again;

	rxp_buf_init(&octets, MAX_OCTETS);
	rxp_buf_init(&again, MAX_OCTETS);
	if (rxp_base64_get(&octets, text, len) == 0) {
		MUST(rxp_base64_put(&again, octets.data, octets.len) == 0);
		MUST(again.len == len && (len == 0 || memcmp(again.data, text, len) == 0));
	} else
		MUST(octets.len == 0);
	rxp_buf_free(&octets);
	rxp_buf_free(&again);
}

static void read_words(const char *text)
{
	enum rxp_refusal refusal;
	enum rxp_level level;
	enum rxp_type type;

	if (rxp_refusal_parse(&refusal, text) == 0)
		MUST(strcmp(rxp_refusal_row(refusal)->wire, text) == 0);
	if (rxp_level_parse(&level, text) == 0)
		MUST(strcmp(rxp_level_name(level), text) == 0);
	if (rxp_type_parse(&type, text) == 0)
		MUST(strcmp(rxp_type_row(type)->wire, text) == 0);
	rxp_office_valid(text);
	if (rxp_party_valid(text))
		MUST(strlen(text) == RXP_PARTY_TEXT - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	char text[MAX_OCTETS];

	if (len >= sizeof text)
		return 0;
	if (len > 0)
		memcpy(text, octets, len);
	text[len] = '\0';
	read_time(text);
	read_id(text, 4);
	read_id(text, 7);
	read_hex(text, false);
	read_hex(text, true);
	read_base64(text, len);
	read_words(text);
	return 0;
}
