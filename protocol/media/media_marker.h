/*
 * media_marker - files made of marker segments: the octet ff, a code, and mostly a length and a body
 * (JPEG, WSQ); for the two machines that are.
 */
#ifndef RXP_MEDIA_MARKER_H
#define RXP_MEDIA_MARKER_H

#include "protocol/media/media_machine.h"

enum rxp_marker_duty {
	RXP_MARKER_TABLE, /* must be of its form */
	RXP_MARKER_FRAME, /* once, before any scan */
	RXP_MARKER_SCAN, /* coded data follows it */
	RXP_MARKER_SPARE, /* off the list unless it is of its form */
	RXP_MARKER_OFF, /* off the list */
};

/* The markers `first` to `last`, and what a body must be: its octets, and its form. */
struct rxp_marker_row {
	uint8_t first, last;
	const char *name;
	enum rxp_marker_duty duty;
	uint16_t min, max;
	bool (*is)(const uint8_t *body, size_t len); /* NULL: any */
};

struct rxp_marker_kind {
	uint8_t soi, eoi, rst_first, rst_last;
	const struct rxp_marker_row *rows;
	size_t n_rows;
};

enum rxp_marker_place {
	RXP_MARKER_AT_START,
	RXP_MARKER_AT_MARKER,
	RXP_MARKER_AT_LENGTH,
	RXP_MARKER_AT_BODY,
	RXP_MARKER_IN_DATA,
};

struct rxp_marker_state {
	enum rxp_marker_place place;
	const struct rxp_marker_row *row; /* of the segment in work */
	bool frame, scan; /* seen */
	bool ff; /* the last octet of the coded data was ff */
	uint8_t code; /* that ended the coded data */
};

/* The step and the look of a machine (media_machine.h) whose own state is a struct rxp_marker_state; kind is constant data. Errors as
 * there. */
int rxp_marker_step(
    struct rxp_media *m, const struct rxp_marker_kind *kind, const uint8_t *head, size_t len);
int rxp_marker_look(struct rxp_media *m, const struct rxp_marker_kind *kind, const uint8_t *octets,
    size_t len, size_t *taken);

/* Huffman tables, which both kinds write alike. */
bool rxp_marker_is_huffman(const uint8_t *body, size_t len);

#endif
