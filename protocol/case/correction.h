/*
 * correction - what a DataCorrection asks for, what its reply says, and how corrected content is shown (section 28).
 *
 * Content is corrected for people who read it, in a tree of its own: what is sealed is never touched (RXP-COR-009).
 */
#ifndef RXP_CORRECTION_H
#define RXP_CORRECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/limits.h"

struct _xmlNode;

enum rxp_asked {
#define ASKED(name, element, word) RXP_ASKED_##name,
#include "protocol/case/correction_asked.def"
#undef ASKED
	RXP_ASKED_COUNT
};

enum rxp_answered {
#define ANSWERED(name, element, word) RXP_ANSWERED_##name,
#include "protocol/case/correction_answered.def"
#undef ANSWERED
	RXP_ANSWERED_COUNT
};

const char *rxp_asked_word(enum rxp_asked asked);
const char *rxp_answered_word(enum rxp_answered answered);
/* RXP_ERR_NOT_FOUND: no such word. */
int rxp_asked_parse(enum rxp_asked *out, const char *word);
int rxp_answered_parse(enum rxp_answered *out, const char *word);

/* One item of a correction; its number is its place, from 1. Texts are borrowed from the content. */
struct rxp_correction_item {
	enum rxp_asked asked;
	const char *field; /* NULL: All */
	const char *value; /* of Rectify, "" otherwise */
};

/* The items of a DataCorrection, or of a DataCorrectionReply, that satisfies its schema and the rules. n: of them.
 * RXP_ERR_SCHEMA: it does not. */
int rxp_correction_read(struct rxp_correction_item items[RXP_MAX_CORRECTION_ITEMS], size_t *n,
    const struct _xmlNode *content);
int rxp_correction_reply_read(
    enum rxp_answered items[RXP_MAX_CORRECTION_ITEMS], size_t *n, const struct _xmlNode *content);

/* Which attachment a Field is, or lies within: its number, RXP_CORRECTION_EVERY_FILE for `Attachments`, 0 for none. */
#define RXP_CORRECTION_EVERY_FILE (RXP_MAX_ATTACHMENTS + 1)
unsigned rxp_correction_file(const char *field);

/* An item that was carried out on this content; the order is that in which they were. */
struct rxp_corrected {
	enum rxp_asked done;
	const char *field, *value; /* borrowed */
};

/* Told of each that is to be shown, by its place, before it is changed. was: what stands there, "" if it is taken out;
 * NULL: it corrects nothing, since the content has no such element, or it holds others. */
typedef void rxp_corrected_fn(void *arg, size_t i, const char *was);

/*
 * Change the content as they say: all fields are looked for in what was sealed, then values are put and elements
 * taken out. Of persons who are to be hidden (bit key - 1), which is the caller's to do behind this, nothing is told.
 * n is at most RXP_MAX_CORRECTED. RXP_ERR_NOMEM; RXP_ERR_BOUND.
 */
int rxp_correction_show(struct _xmlNode *content, const struct rxp_corrected *corrected, size_t n,
    uint32_t hidden, rxp_corrected_fn *told, void *arg);

#endif
