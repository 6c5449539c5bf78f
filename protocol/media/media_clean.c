#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/media/media_machine.h"

#define EDITS_MAX 65536 /* of one file */
#define EDITS_FIRST 64
#define BLANK 'X'

/* Offsets in edits are those of the file as it was given: all are made before octets move. */
struct work {
	uint8_t *octets;
	size_t len;
	struct rxp_media_edit *edits;
	size_t n, room;
	rxp_media_removed_fn *fn;
	void *arg;
};

static int keep(void *arg, const struct rxp_media_edit *edit)
{
	struct work *w = arg;

	if (w->n == EDITS_MAX)
		return RXP_ERR_BOUND;
	if (w->n == w->room) {
		size_t room = w->room == 0 ? EDITS_FIRST : 2 * w->room;
		struct rxp_media_edit *edits = realloc(w->edits, room * sizeof(*edits));

		if (edits == NULL)
			return RXP_ERR_NOMEM;
		w->edits = edits;
		w->room = room;
	}
	w->edits[w->n++] = *edit;
	if (edit->change != RXP_MEDIA_LESS)
		w->fn(w->arg, &edit->part, edit->octets);
	return 0;
}

static bool inside(const struct work *w, uint64_t at, uint64_t octets)
{
	return at <= w->len && octets <= w->len - at;
}

/* A number keeps its width; in digits, it gets leading zeros. */
static int lessen(struct work *w, const struct rxp_media_edit *e)
{
	const struct rxp_media_length *l = &e->length;
	unsigned base = l->text ? 10 : 256, zero = l->text ? '0' : 0;
	uint64_t value = 0;
	uint8_t *at;

	if (!inside(w, l->at, l->width))
		return RXP_ERR_SYNTAX;
	at = w->octets + l->at;
	for (size_t i = 0; i < l->width; i++)
		value = value * base + (at[i] - zero);
	if (value < e->octets)
		return RXP_ERR_SYNTAX;
	value -= e->octets;
	for (size_t i = l->width; i-- > 0; value /= base)
		at[i] = (uint8_t)(zero + value % base);
	return 0;
}

static int change(struct work *w)
{
	int rc = 0;

	for (size_t i = 0; i < w->n && rc == 0; i++) {
		const struct rxp_media_edit *e = &w->edits[i];

		if (e->change == RXP_MEDIA_LESS)
			rc = lessen(w, e);
		else if (!inside(w, e->part.at, e->octets))
			rc = RXP_ERR_SYNTAX;
		else if (e->change == RXP_MEDIA_BLANK)
			memset(w->octets + e->part.at, BLANK, e->octets);
	}
	return rc;
}

/* The cuts stand in the order of the file and do not overlap, as a scan goes forward. */
static int cut(struct work *w)
{
	size_t from = 0, to = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct rxp_media_edit *e = &w->edits[i];

		if (e->change != RXP_MEDIA_CUT)
			continue;
		if (e->part.at < from)
			return RXP_ERR_SYNTAX;
		memmove(w->octets + to, w->octets + from, e->part.at - from);
		to += e->part.at - from;
		from = e->part.at + e->octets;
	}
	memmove(w->octets + to, w->octets + from, w->len - from);
	w->len = to + (w->len - from);
	return 0;
}

static int scan(const struct rxp_media_row *row, struct work *w, rxp_media_edit_fn *edit,
    struct rxp_media_finding *finding)
{
	struct rxp_media *m = NULL;
	int rc = rxp_media_new(&m, row);

	if (rc != 0)
		return rc;
	m->edit = edit;
	m->arg = w;
	rc = rxp_media_put(m, w->octets, w->len);
	if (rc == 0)
		rc = rxp_media_end(m);
	if (rc != 0)
		*finding = *rxp_media_finding(m);
	rxp_media_free(m);
	return rc;
}

int rxp_media_clean(const struct rxp_media_row *row, uint8_t *octets, size_t *len,
    struct rxp_media_finding *finding, rxp_media_removed_fn *fn, void *arg)
{
	struct work w = {.octets = octets, .len = *len, .fn = fn, .arg = arg};
	struct rxp_media_finding found = {0, "parts that do not fit together"};
	int rc;

	assert(row->cleans);
	rc = scan(row, &w, keep, &found);
	if (rc == 0)
		rc = change(&w);
	if (rc == 0)
		rc = cut(&w);
	if (rc == 0)
		rc = scan(row, &w, NULL, &found);
	if (rc == 0)
		*len = w.len;
	else
		*finding = found;
	free(w.edits);
	return rc;
}
