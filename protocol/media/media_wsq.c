/* WSQ, wavelet scalar quantization of fingerprints (IAFIS-IC-0110). RXP-ATT-025. */
#include <string.h>

#include "protocol/media/media_marker.h"

#define FRAME_OCTETS 15
#define FILTER_OCTETS 6 /* of one coefficient */
#define FILTER_TAPS_MAX 32 /* of one of the two filters */
#define QUANTIZATION_OCTETS 387
#define HUFFMAN_MAX 2184 /* eight tables */
#define COMMENT_MAX 1024
#define VALUE_MAX 12 /* characters */

static bool is_filters(const uint8_t *body, size_t len)
{
	size_t taps = ((size_t)body[0] + 1) / 2 + ((size_t)body[1] + 1) / 2;

	return body[0] <= FILTER_TAPS_MAX && body[1] <= FILTER_TAPS_MAX &&
	       len == 2 + taps * FILTER_OCTETS;
}

/* --- the comment of NIST: lines of a known key and a number or a known word ------------------------ */
/* A key and the words that its value may be; NULL: a number. */
static const struct key {
	const char *name, *words;
} KEYS[] = {
    {"NIST_COM", NULL},
    {"PIX_WIDTH", NULL},
    {"PIX_HEIGHT", NULL},
    {"PIX_DEPTH", NULL},
    {"PPI", NULL},
    {"LOSSY", NULL},
    {"WSQ_BITRATE", NULL},
    {"COLORSPACE", "|GRAY|RGB|YCbCr|"},
    {"COMPRESSION", "|WSQ|NONE|"},
};

#define KEYS_COUNT (sizeof(KEYS) / sizeof(KEYS[0]))

static bool is_number(const char *text, size_t len)
{
	size_t digits = 0, points = 0;

	for (size_t i = 0; i < len; i++) {
		digits += text[i] >= '0' && text[i] <= '9';
		points += text[i] == '.';
	}
	digits += len > 0 && text[0] == '-';
	return digits > 0 && points <= 1 && digits + points == len && len <= VALUE_MAX;
}

static bool is_word_of(const char *words, const char *text, size_t len)
{
	for (const char *at = words; (at = strchr(at, '|')) != NULL && at[1] != '\0'; at++)
		if (strcspn(at + 1, "|") == len && memcmp(at + 1, text, len) == 0)
			return true;
	return false;
}

/* The key of a line, once. */
static bool is_line(const char *line, size_t len, unsigned *seen)
{
	for (size_t i = 0; i < KEYS_COUNT; i++) {
		size_t name = strlen(KEYS[i].name);

		if (len <= name || memcmp(line, KEYS[i].name, name) != 0 || line[name] != ' ')
			continue;
		if ((*seen & 1U << i) != 0)
			return false;
		*seen |= 1U << i;
		line += name + 1;
		len -= name + 1;
		return KEYS[i].words == NULL ? is_number(line, len)
					     : is_word_of(KEYS[i].words, line, len);
	}
	return false;
}

static bool is_nist_comment(const uint8_t *body, size_t len)
{
	const char *text = (const char *)body;
	unsigned seen = 0;

	if (memchr(body, '\0', len) != NULL)
		return false;
	for (size_t n; len > 0; text += n, len -= n) {
		const char *end = memchr(text, '\n', len);

		if (end == NULL || !is_line(text, (size_t)(end - text), &seen))
			return false;
		n = (size_t)(end - text) + 1;
	}
	return (seen & 1) != 0;
}

static const struct rxp_marker_row ROWS[] = {
    {0xa2, 0xa2, "SOF", RXP_MARKER_FRAME, FRAME_OCTETS, FRAME_OCTETS, NULL},
    {0xa3, 0xa3, "SOB", RXP_MARKER_SCAN, 1, 1, NULL},
    {0xa4, 0xa4, "DTT", RXP_MARKER_TABLE, 2, 2 + (FILTER_TAPS_MAX + 1) * FILTER_OCTETS, is_filters},
    {0xa5, 0xa5, "DQT", RXP_MARKER_TABLE, QUANTIZATION_OCTETS, QUANTIZATION_OCTETS, NULL},
    {0xa6, 0xa6, "DHT", RXP_MARKER_TABLE, 17, HUFFMAN_MAX, rxp_marker_is_huffman},
    {0xa7, 0xa7, "DRI", RXP_MARKER_TABLE, 2, 2, NULL},
    {0xa8, 0xa8, "COM (a comment)", RXP_MARKER_SPARE, 1, COMMENT_MAX, is_nist_comment},
};

static const struct rxp_marker_kind KIND = {
    0xa0, 0xa1, 0xb0, 0xb7, ROWS, sizeof(ROWS) / sizeof(ROWS[0])};

static int step(struct rxp_media *m, const uint8_t *head, size_t len)
{
	return rxp_marker_step(m, &KIND, head, len);
}

static int look(struct rxp_media *m, const uint8_t *octets, size_t len, size_t *taken)
{
	return rxp_marker_look(m, &KIND, octets, len, taken);
}

const struct rxp_media_format rxp_media_wsq = {sizeof(struct rxp_marker_state), 2, step, look};
