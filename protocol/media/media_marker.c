#include "protocol/media/media_marker.h"

#define LENGTH_OCTETS 2 /* of a length, which counts itself */
#define HUFFMAN_LENGTHS 16
#define HUFFMAN_VALUES_MAX 256

bool rxp_marker_is_huffman(const uint8_t *body, size_t len)
{
	while (len > HUFFMAN_LENGTHS) {
		size_t values = 0;

		for (size_t i = 1; i <= HUFFMAN_LENGTHS; i++)
			values += body[i];
		if (values > HUFFMAN_VALUES_MAX || len < 1 + HUFFMAN_LENGTHS + values)
			return false;
		body += 1 + HUFFMAN_LENGTHS + values;
		len -= 1 + HUFFMAN_LENGTHS + values;
	}
	return len == 0;
}

static const struct rxp_marker_row *row_of(const struct rxp_marker_kind *kind, uint8_t code)
{
	for (size_t i = 0; i < kind->n_rows; i++)
		if (code >= kind->rows[i].first && code <= kind->rows[i].last)
			return &kind->rows[i];
	return NULL;
}

static int next_marker(struct rxp_media *m, struct rxp_marker_state *s)
{
	s->place = RXP_MARKER_AT_MARKER;
	rxp_media_want(m, 2);
	return 0;
}

/* ff before a marker is legal, and off the list; the last one begins the marker. */
static int fill(struct rxp_media *m, struct rxp_marker_state *s)
{
	m->head[0] = 0xff;
	m->have = 1;
	next_marker(m, s);
	return rxp_media_strike(m, "a fill octet", m->part, 1);
}

/* A marker that begins at m->part. */
static int marker(struct rxp_media *m, const struct rxp_marker_kind *kind, uint8_t code)
{
	struct rxp_marker_state *s = m->own;

	if (code == 0xff)
		return fill(m, s);
	if (code == kind->eoi)
		return s->scan ? 0 : rxp_media_broken(m, "no picture before the end");
	s->row = row_of(kind, code);
	if (s->row == NULL)
		return rxp_media_broken(m, "unknown marker");
	if (s->row->duty == RXP_MARKER_FRAME && s->frame)
		return rxp_media_broken(m, "a second frame");
	if (s->row->duty == RXP_MARKER_SCAN && !s->frame)
		return rxp_media_broken(m, "a scan without a frame");
	s->place = RXP_MARKER_AT_LENGTH;
	rxp_media_want(m, LENGTH_OCTETS);
	return 0;
}

static int strike(struct rxp_media *m, size_t body)
{
	struct rxp_marker_state *s = m->own;

	return rxp_media_strike(m, s->row->name, m->part, 2 + LENGTH_OCTETS + body);
}

static int length(struct rxp_media *m, const uint8_t *head)
{
	struct rxp_marker_state *s = m->own;
	size_t octets = rxp_media_number(head, LENGTH_OCTETS), body = octets - LENGTH_OCTETS;
	bool off = s->row->duty == RXP_MARKER_OFF;

	if (octets < LENGTH_OCTETS)
		return rxp_media_broken(m, "a segment of no length");
	if (off || body < s->row->min || body > s->row->max) {
		int rc = off || s->row->duty == RXP_MARKER_SPARE
			     ? strike(m, body)
			     : rxp_media_broken(m, "a segment of a wrong length");

		rxp_media_pass(m, body, false);
		return rc != 0 ? rc : next_marker(m, s);
	}
	s->place = RXP_MARKER_AT_BODY;
	rxp_media_want(m, body);
	return 0;
}

static int body(struct rxp_media *m, const uint8_t *head, size_t len)
{
	struct rxp_marker_state *s = m->own;
	int rc = 0;

	if (s->row->is != NULL && !s->row->is(head, len))
		rc = s->row->duty == RXP_MARKER_SPARE ? strike(m, len)
						      : rxp_media_broken(m, "a malformed segment");
	if (rc != 0 || s->row->duty != RXP_MARKER_SCAN) {
		s->frame = s->frame || s->row->duty == RXP_MARKER_FRAME;
		return rc != 0 ? rc : next_marker(m, s);
	}
	s->scan = true;
	s->ff = false;
	s->place = RXP_MARKER_IN_DATA;
	rxp_media_pass(m, RXP_MEDIA_PASS_ALL, true);
	return 0;
}

int rxp_marker_step(
    struct rxp_media *m, const struct rxp_marker_kind *kind, const uint8_t *head, size_t len)
{
	struct rxp_marker_state *s = m->own;

	switch (s->place) {
	case RXP_MARKER_AT_START:
		if (head[0] != 0xff || head[1] != kind->soi)
			return rxp_media_broken(m, "not a file of this kind");
		return next_marker(m, s);
	case RXP_MARKER_AT_MARKER:
		m->part = m->at - 2;
		return head[0] == 0xff ? marker(m, kind, head[1])
				       : rxp_media_broken(m, "no marker where one must be");
	case RXP_MARKER_AT_LENGTH:
		return length(m, head);
	case RXP_MARKER_AT_BODY:
		return body(m, head, len);
	case RXP_MARKER_IN_DATA:
		m->part = m->at - 2;
		return marker(m, kind, s->code);
	}
	return rxp_media_broken(m, "unknown marker");
}

/* In coded data ff is followed by 00, or begins a marker; a restart marker has no body. */
int rxp_marker_look(struct rxp_media *m, const struct rxp_marker_kind *kind, const uint8_t *octets,
    size_t len, size_t *taken)
{
	struct rxp_marker_state *s = m->own;

	for (size_t i = 0; i < len; i++) {
		uint8_t octet = octets[i];
		bool restart = octet >= kind->rst_first && octet <= kind->rst_last;

		if (s->ff && octet != 0 && !restart) {
			s->code = octet;
			m->pass = 0;
			*taken = i + 1;
			return 0;
		}
		s->ff = octet == 0xff;
	}
	return 0;
}
