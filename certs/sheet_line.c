#include "certs/sheet_line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define GROUP 4UL
#define GROUPS 6UL /* that carry octets */
#define CHARACTERS (GROUPS * GROUP)
#define CHECK_BITS 20 /* one group more */
#define BITS 5 /* of a character */

_Static_assert(CHARACTERS *BITS == SHEET_LINE_OCTETS * 8, "characters and octets of a line");
_Static_assert(CHECK_BITS == GROUP * BITS, "a group proves a line");

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* -1: no character of a sheet. */
static int value_of(char c)
{
	const char *at;
	int upper = toupper((unsigned char)c);

	if (upper == 'O')
		upper = '0';
	else if (upper == 'I' || upper == 'L')
		upper = '1';
	at = upper == '\0' ? NULL : strchr(alphabet, upper);
	return at == NULL ? -1 : (int)(at - alphabet);
}

/* What proves a line, as the values of the characters of the last group. */
static void check_of(uint8_t out[GROUP], unsigned number, const uint8_t octets[SHEET_LINE_OCTETS],
    const uint8_t first[SHEET_LINE_OCTETS])
{
	uint8_t text[1 + 2 * SHEET_LINE_OCTETS];
	uint8_t digest[SHA256_DIGEST_LENGTH];
	uint32_t bits;

	text[0] = (uint8_t)number;
	memcpy(text + 1, first, SHEET_LINE_OCTETS);
	memcpy(text + 1 + SHEET_LINE_OCTETS, octets, SHEET_LINE_OCTETS);
	SHA256(text, sizeof text, digest);
	bits = (uint32_t)digest[0] << 16 | (uint32_t)digest[1] << 8 | digest[2];
	bits >>= 24 - CHECK_BITS;
	for (unsigned i = 0; i < GROUP; i++)
		out[i] = bits >> (CHECK_BITS - BITS * (i + 1)) & 31;
	OPENSSL_cleanse(text, sizeof text);
	OPENSSL_cleanse(digest, sizeof digest);
}

static void values_of(uint8_t out[CHARACTERS], const uint8_t octets[SHEET_LINE_OCTETS])
{
	for (unsigned i = 0; i < CHARACTERS; i++) {
		unsigned bit = i * BITS;
		unsigned two = (unsigned)octets[bit / 8] << 8;

		if (bit / 8 + 1 < SHEET_LINE_OCTETS)
			two |= octets[bit / 8 + 1];
		out[i] = two >> (16 - BITS - bit % 8) & 31;
	}
}

static void octets_of(uint8_t out[SHEET_LINE_OCTETS], const uint8_t values[CHARACTERS])
{
	unsigned held = 0;
	unsigned n_held = 0;
	size_t n = 0;

	for (unsigned i = 0; i < CHARACTERS; i++) {
		held = held << BITS | values[i];
		n_held += BITS;
		if (n_held >= 8) {
			n_held -= 8;
			out[n++] = (uint8_t)(held >> n_held);
		}
	}
}

int sheet_line_put(struct rxp_buf *out, unsigned number, const uint8_t octets[SHEET_LINE_OCTETS],
    const uint8_t first[SHEET_LINE_OCTETS])
{
	uint8_t values[CHARACTERS + GROUP];
	char text[8];

	values_of(values, octets);
	check_of(values + CHARACTERS, number, octets, first);
	snprintf(text, sizeof text, "%4u ", number);
	rxp_buf_puts(out, text);
	for (unsigned i = 0; i < sizeof values; i++) {
		if (i % GROUP == 0)
			rxp_buf_puts(out, i == CHARACTERS ? "   " : " ");
		rxp_buf_putc(out, (uint8_t)alphabet[values[i]]);
	}
	OPENSSL_cleanse(values, sizeof values);
	return rxp_buf_putc(out, '\n');
}

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r");
}

/* The digits at the start, if they are one or two and stand alone. */
static size_t number_length(const char *line)
{
	size_t len = strspn(line, "0123456789");

	return len <= 2 && (line[len] == ' ' || line[len] == '\t') ? len : 0;
}

bool sheet_line_is_numbered(const char *line)
{
	return number_length(skip_space(line)) != 0;
}

/* One group; *at is moved behind it. */
static int read_group(uint8_t out[GROUP], const char **at, unsigned group, char why[SHEET_WHY])
{
	const char *text = skip_space(*at);
	size_t len = strcspn(text, " \t\r");

	if (len == 0) {
		snprintf(why, SHEET_WHY, "group %u is missing", group);
		return RXP_ERR_SYNTAX;
	}
	if (len != GROUP) {
		snprintf(
		    why, SHEET_WHY, "group %u has %zu characters, and not %lu", group, len, GROUP);
		return RXP_ERR_SYNTAX;
	}
	for (size_t i = 0; i < GROUP; i++) {
		int value = value_of(text[i]);

		if (value < 0) {
			snprintf(
			    why, SHEET_WHY, "group %u has a character that no sheet has", group);
			return RXP_ERR_SYNTAX;
		}
		out[i] = (uint8_t)value;
	}
	*at = text + len;
	return 0;
}

static int read_number(const char **line, unsigned number, char why[SHEET_WHY])
{
	const char *at = skip_space(*line);
	size_t len = number_length(at);

	if (len != 0 && strtoul(at, NULL, 10) != number) {
		snprintf(why, SHEET_WHY, "line %u was to be here", number);
		return RXP_ERR_SYNTAX;
	}
	*line = at + len;
	return 0;
}

int sheet_line_get(uint8_t out[SHEET_LINE_OCTETS], unsigned number, const char *line,
    const uint8_t *first, char why[SHEET_WHY])
{
	uint8_t values[CHARACTERS + GROUP];
	uint8_t octets[SHEET_LINE_OCTETS];
	uint8_t check[GROUP];
	int rc = read_number(&line, number, why);

	for (unsigned i = 0; rc == 0 && i <= GROUPS; i++)
		rc = read_group(values + (size_t)i * GROUP, &line, i + 1, why);
	if (rc == 0 && *skip_space(line) != '\0') {
		snprintf(why, SHEET_WHY, "there is something behind group %lu", GROUPS + 1);
		rc = RXP_ERR_SYNTAX;
	}
	if (rc != 0)
		goto done;
	octets_of(octets, values);
	check_of(check, number, octets, first == NULL ? octets : first);
	if (memcmp(check, values + CHARACTERS, GROUP) != 0) {
		snprintf(
		    why, SHEET_WHY, "a character of it is wrong, or it is a line of another sheet");
		rc = RXP_ERR_SYNTAX;
		goto done;
	}
	memcpy(out, octets, sizeof octets);
done:
	OPENSSL_cleanse(values, sizeof values);
	OPENSSL_cleanse(octets, sizeof octets);
	return rc;
}
