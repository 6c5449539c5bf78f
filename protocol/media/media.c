#include "protocol/media/media.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/media/media_machine.h"

const struct rxp_media_row rxp_media_table[] = {
#define MEDIA(name, type, magic, title, cleans) \
	{#name, type, title, (const uint8_t *)(magic), sizeof(magic) - 1, cleans, \
	    &rxp_media_##name},
#include "protocol/media/media.def"
#undef MEDIA
};

const size_t rxp_media_count = sizeof(rxp_media_table) / sizeof(rxp_media_table[0]);

const struct rxp_media_row *rxp_media_row(const char *type)
{
	for (size_t i = 0; i < rxp_media_count; i++)
		if (strcmp(rxp_media_table[i].type, type) == 0)
			return &rxp_media_table[i];
	return NULL;
}

const struct rxp_media_row *rxp_media_of(const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < rxp_media_count; i++) {
		const struct rxp_media_row *row = &rxp_media_table[i];

		if (len >= row->magic_len && memcmp(octets, row->magic, row->magic_len) == 0)
			return row;
	}
	return NULL;
}

int rxp_media_new(struct rxp_media **out, const struct rxp_media_row *row)
{
	struct rxp_media *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return RXP_ERR_NOMEM;
	m->format = row->format;
	m->want = row->format->want;
	m->own = calloc(1, row->format->octets);
	if (m->own == NULL) {
		free(m);
		return RXP_ERR_NOMEM;
	}
	*out = m;
	return 0;
}

void rxp_media_free(struct rxp_media *m)
{
	if (m == NULL)
		return;
	rxp_media_free(m->child);
	explicit_bzero(m->own, m->format->octets);
	free(m->own);
	explicit_bzero(m->head, sizeof(m->head));
	free(m);
}

const struct rxp_media_finding *rxp_media_finding(const struct rxp_media *m)
{
	return &m->finding;
}

/* --- driving -------------------------------------------------------------------------------------- */
/* Gather; a full head steps. Says how many octets it took. */
static size_t gather(struct rxp_media *m, const uint8_t *octets, size_t len)
{
	size_t n = m->want - m->have < len ? m->want - m->have : len;

	memcpy(m->head + m->have, octets, n);
	m->have += n;
	m->at += n;
	if (m->have == m->want) {
		size_t gathered = m->have;

		m->want = 0;
		m->have = 0;
		m->error = m->format->step(m, m->head, gathered);
	}
	return n;
}

static size_t let_pass(struct rxp_media *m, const uint8_t *octets, size_t len)
{
	size_t n = m->pass < len ? (size_t)m->pass : len, taken = n;

	if (m->looks)
		m->error = m->format->look(m, octets, n, &taken);
	m->at += taken;
	if (m->pass != RXP_MEDIA_PASS_ALL && m->pass > 0)
		m->pass -= taken;
	if (m->error == 0 && m->pass == 0 && m->want == 0)
		m->error = m->format->step(m, m->head, 0);
	return taken;
}

int rxp_media_put(struct rxp_media *m, const uint8_t *octets, size_t len)
{
	while (len > 0 && m->error == 0) {
		size_t n = len;

		if (m->pass > 0) {
			n = let_pass(m, octets, len);
		} else if (m->want > 0) {
			n = gather(m, octets, len);
		} else {
			m->error = rxp_media_strike(m, "octets after the end", m->at, len);
			m->at += len;
		}
		octets += n;
		len -= n;
	}
	return m->error;
}

int rxp_media_end(struct rxp_media *m)
{
	bool ended = m->pass == 0 && m->want == 0;

	if (m->error == 0 && !ended && !(m->may_end && m->have == 0)) {
		m->part = m->at;
		m->error = rxp_media_broken(m, "the file ends too early");
	}
	return m->error;
}

/* --- what machines use ---------------------------------------------------------------------------- */
void rxp_media_want(struct rxp_media *m, size_t octets)
{
	assert(octets > 0 && octets <= RXP_MEDIA_HEAD_MAX);
	m->want = octets;
}

void rxp_media_pass(struct rxp_media *m, uint64_t octets, bool looks)
{
	m->pass = octets;
	m->looks = looks;
}

int rxp_media_broken(struct rxp_media *m, const char *what)
{
	m->finding = (struct rxp_media_finding){m->part, what};
	return RXP_ERR_SYNTAX;
}

/* Offsets of a picture inside count from its own beginning. */
static uint64_t base_of(const struct rxp_media *m)
{
	return m->parent != NULL ? m->parent->part : 0;
}

static int change(
    struct rxp_media *m, enum rxp_media_change how, const char *what, uint64_t at, uint64_t octets)
{
	struct rxp_media *top = m->parent != NULL ? m->parent : m;
	struct rxp_media_edit edit = {
	    .change = how, .part = {base_of(m) + at, what}, .octets = octets};

	m->finding = (struct rxp_media_finding){at, what};
	return top->edit == NULL ? RXP_ERR_UNSUPPORTED : top->edit(top->arg, &edit);
}

static int lessen(const struct rxp_media *m, const struct rxp_media_length *length, uint64_t amount)
{
	const struct rxp_media *top = m->parent != NULL ? m->parent : m;
	struct rxp_media_edit edit = {
	    .change = RXP_MEDIA_LESS, .octets = amount, .length = *length};

	edit.length.at += base_of(m);
	return top->edit == NULL ? 0 : top->edit(top->arg, &edit);
}

int rxp_media_strike(struct rxp_media *m, const char *what, uint64_t at, uint64_t octets)
{
	int rc = change(m, RXP_MEDIA_CUT, what, at, octets);

	for (const struct rxp_media *around = m; around != NULL; around = around->parent)
		for (size_t i = 0; i < around->n_enclosures && rc == 0; i++)
			rc = lessen(around, &around->enclosures[i], octets);
	return rc;
}

int rxp_media_blank(struct rxp_media *m, const char *what, uint64_t at, uint64_t octets)
{
	return change(m, RXP_MEDIA_BLANK, what, at, octets);
}

int rxp_media_less(struct rxp_media *m, const struct rxp_media_length *number)
{
	return lessen(m, number, 1);
}

void rxp_media_enclose(struct rxp_media *m, uint64_t at, uint8_t width, bool text)
{
	assert(m->n_enclosures < RXP_MEDIA_ENCLOSURES_MAX);
	m->enclosures[m->n_enclosures++] = (struct rxp_media_length){at, width, text};
}

void rxp_media_leave(struct rxp_media *m)
{
	assert(m->n_enclosures > 0);
	m->n_enclosures--;
}

/* --- a picture inside ------------------------------------------------------------------------------ */
int rxp_media_child(struct rxp_media *m, const struct rxp_media_row *row)
{
	int rc;

	assert(m->parent == NULL && m->child == NULL);
	rc = rxp_media_new(&m->child, row);
	if (rc != 0)
		return rc;
	m->child->parent = m;
	m->part = m->at;
	return 0;
}

static int settle(struct rxp_media *m, int rc)
{
	if (rc != 0)
		m->finding = (struct rxp_media_finding){
		    m->part + m->child->finding.at, m->child->finding.what};
	return rc;
}

int rxp_media_child_put(struct rxp_media *m, const uint8_t *octets, size_t len)
{
	return settle(m, rxp_media_put(m->child, octets, len));
}

int rxp_media_child_end(struct rxp_media *m)
{
	int rc = settle(m, rxp_media_end(m->child));

	rxp_media_free(m->child);
	m->child = NULL;
	return rc;
}

uint32_t rxp_media_number(const uint8_t *octets, size_t width)
{
	uint32_t value = 0;

	for (size_t i = 0; i < width; i++)
		value = value << 8 | octets[i];
	return value;
}
