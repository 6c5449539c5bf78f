/* JPEG (ITU-T T.81), in the file format JFIF or that of Adobe. RXP-ATT-022. */
#include <string.h>

#include "protocol/media/media_marker.h"

#define JFIF_OCTETS 14
#define ADOBE_OCTETS 12
#define TABLES_MAX 4 /* of one kind */
#define COEFFICIENTS 64
#define QUANTIZATION_MAX (TABLES_MAX * (1 + 2 * COEFFICIENTS))
#define HUFFMAN_MAX (2 * TABLES_MAX * (1 + 16 + 256))
#define COMPONENTS_MAX 4

static bool is_jfif(const uint8_t *body, size_t len)
{
	return len == JFIF_OCTETS && memcmp(body, "JFIF", 5) == 0 && body[12] == 0 && body[13] == 0;
}

static bool is_adobe(const uint8_t *body, size_t len)
{
	return len == ADOBE_OCTETS && memcmp(body, "Adobe", 5) == 0;
}

static bool is_quantization(const uint8_t *body, size_t len)
{
	while (len > 0) {
		size_t octets = 1 + (body[0] >> 4 == 0 ? 1 : 2) * COEFFICIENTS;

		if (body[0] >> 4 > 1 || (body[0] & 15) >= TABLES_MAX || len < octets)
			return false;
		body += octets;
		len -= octets;
	}
	return true;
}

static bool is_frame(const uint8_t *body, size_t len)
{
	return body[5] >= 1 && body[5] <= COMPONENTS_MAX && len == 6 + 3 * (size_t)body[5];
}

static bool is_scan(const uint8_t *body, size_t len)
{
	return body[0] >= 1 && body[0] <= COMPONENTS_MAX && len == 4 + 2 * (size_t)body[0];
}

static const struct rxp_marker_row ROWS[] = {
    {0xc0, 0xc3, "SOF", RXP_MARKER_FRAME, 9, 6 + 3 * COMPONENTS_MAX, is_frame},
    {0xc4, 0xc4, "DHT", RXP_MARKER_TABLE, 17, HUFFMAN_MAX, rxp_marker_is_huffman},
    {0xda, 0xda, "SOS", RXP_MARKER_SCAN, 6, 4 + 2 * COMPONENTS_MAX, is_scan},
    {0xdb, 0xdb, "DQT", RXP_MARKER_TABLE, 1 + COEFFICIENTS, QUANTIZATION_MAX, is_quantization},
    {0xdd, 0xdd, "DRI", RXP_MARKER_TABLE, 2, 2, NULL},
    {0xe0, 0xe0, "APP0 (JFIF with a thumbnail, or other)", RXP_MARKER_SPARE, JFIF_OCTETS,
	JFIF_OCTETS, is_jfif},
    {0xe1, 0xe1, "APP1 (Exif, XMP)", RXP_MARKER_OFF, 0, 0, NULL},
    {0xe2, 0xe2, "APP2 (ICC, MPF)", RXP_MARKER_OFF, 0, 0, NULL},
    {0xed, 0xed, "APP13 (IPTC)", RXP_MARKER_OFF, 0, 0, NULL},
    {0xee, 0xee, "APP14 (not Adobe's)", RXP_MARKER_SPARE, ADOBE_OCTETS, ADOBE_OCTETS, is_adobe},
    {0xe3, 0xef, "APPn", RXP_MARKER_OFF, 0, 0, NULL},
    {0xfe, 0xfe, "COM", RXP_MARKER_OFF, 0, 0, NULL},
};

static const struct rxp_marker_kind KIND = {
    0xd8, 0xd9, 0xd0, 0xd7, ROWS, sizeof(ROWS) / sizeof(ROWS[0])};

static int step(struct rxp_media *m, const uint8_t *head, size_t len)
{
	return rxp_marker_step(m, &KIND, head, len);
}

static int look(struct rxp_media *m, const uint8_t *octets, size_t len, size_t *taken)
{
	return rxp_marker_look(m, &KIND, octets, len, taken);
}

const struct rxp_media_format rxp_media_jpeg = {sizeof(struct rxp_marker_state), 2, step, look};
