#include "protocol/base/codec.h"

#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

int rxp_base64_put(struct rxp_buf *out, const uint8_t *octets, size_t len)
{
	uint8_t *room;
	size_t text_len = RXP_BASE64_LENGTH(len);
	int rc;

	if (len == 0)
		return rxp_buf_error(out);
	/* EVP_EncodeBlock writes a NUL behind its text: take one octet more and give it back. */
	rc = rxp_buf_room(out, text_len + 1, &room);
	if (rc != 0)
		return rc;
	EVP_EncodeBlock(room, octets, (int)len);
	out->len--;
	return 0;
}

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	return -1;
}

/* The octets of a group of four characters: 1 to 3, or 0 if it is not canonical. */
static size_t decode_group(uint8_t out[3], const char *four, bool last)
{
	int v[4];
	size_t n = 3;

	if (last && four[3] == '=')
		n = four[2] == '=' ? 1 : 2;
	for (size_t i = 0; i < 4; i++) {
		v[i] = i <= n ? sextet(four[i]) : 0;
		if (v[i] < 0)
			return 0;
	}
	if ((n == 1 && (v[1] & 0x0f) != 0) || (n == 2 && (v[2] & 0x03) != 0))
		return 0;
	out[0] = (uint8_t)(v[0] << 2 | v[1] >> 4);
	out[1] = (uint8_t)(v[1] << 4 | v[2] >> 2);
	out[2] = (uint8_t)(v[2] << 6 | v[3]);
	return n;
}

/* Octets that a text of whole groups stands for, if it is base64. */
static size_t decoded_length(const char *text, size_t text_len)
{
	size_t padding = 0;

	if (text[text_len - 1] == '=')
		padding = text[text_len - 2] == '=' ? 2 : 1;
	return text_len / 4 * 3 - padding;
}

/* The octets that whole groups stand for; unless out is NULL, they are written there. False: not base64,
 * and then out may hold some of them. */
static bool decode(uint8_t *out, const char *text, size_t text_len)
{
	for (size_t i = 0; i < text_len; i += 4) {
		uint8_t group[3];
		size_t n = decode_group(group, text + i, i + 4 == text_len);

		if (n == 0)
			return false;
		if (out != NULL)
			memcpy(out + i / 4 * 3, group, n);
	}
	return true;
}

int rxp_base64_get(struct rxp_buf *out, const char *text, size_t text_len)
{
	size_t before = out->len;
	uint8_t *room;
	int rc;

	if (text_len % 4 != 0)
		return RXP_ERR_SYNTAX;
	if (text_len == 0)
		return rxp_buf_error(out);
	rc = rxp_buf_room(out, decoded_length(text, text_len), &room);
	if (rc == 0 && !decode(room, text, text_len)) {
		rxp_buf_cut(out, before);
		rc = RXP_ERR_SYNTAX;
	}
	return rc;
}

int rxp_base64_get_exact(uint8_t *out, size_t out_len, const char *text)
{
	size_t text_len = strlen(text);

	if (text_len == 0 || text_len % 4 != 0 || decoded_length(text, text_len) != out_len ||
	    !decode(NULL, text, text_len))
		return RXP_ERR_SYNTAX;
	decode(out, text, text_len);
	return 0;
}

void rxp_hex_put(char *out, const uint8_t *octets, size_t len, bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[octets[i] >> 4];
		out[2 * i + 1] = digits[octets[i] & 15];
	}
	out[2 * len] = '\0';
}

#define NO_DIGIT 16u

/* 0 to 15, or NO_DIGIT. */
static unsigned hex_digit(char c, bool upper)
{
	char a = upper ? 'A' : 'a';

	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= a && c <= a + 5 ? (unsigned)(c - a) + 10 : NO_DIGIT;
}

int rxp_hex_get(uint8_t *out, size_t out_len, const char *text, bool upper)
{
	if (strlen(text) != 2 * out_len)
		return RXP_ERR_SYNTAX;
	for (size_t i = 0; i < 2 * out_len; i++)
		if (hex_digit(text[i], upper) == NO_DIGIT)
			return RXP_ERR_SYNTAX;
	for (size_t i = 0; i < out_len; i++)
		out[i] = (uint8_t)(hex_digit(text[2 * i], upper) << 4 |
				   hex_digit(text[2 * i + 1], upper));
	return 0;
}

uint32_t rxp_u32_get(const uint8_t octets[4])
{
	return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
	       octets[3];
}

uint64_t rxp_u64_get(const uint8_t octets[8])
{
	return (uint64_t)rxp_u32_get(octets) << 32 | rxp_u32_get(octets + 4);
}
