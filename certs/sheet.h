/*
 * sheet - one escrow sheet: a text of one page with a share of a key in numbered lines.
 *
 * A line is up to six groups of four characters and one more that proves it: 20 bits of a digest of the line, its
 * number and the first line of the sheet, so that a typing error, a line in another's place and a line of another sheet
 * are noticed at the line. The characters are those of Crockford's base 32: no I, L, O and U; capitals do not matter,
 * and an O is read as 0, an I or L as 1. The lines hold all that the sheet says; the words above them are for people.
 */
#ifndef CERTS_SHEET_H
#define CERTS_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"

struct rxp_buf;

enum sheet_kind {
#define KIND(name, code, words) SHEET_##name = (code),
#include "certs/sheet_kind.def"
#undef KIND
};

#define SHEET_MAX 16 /* sheets of a set */
#define SHEET_LINES 40UL /* at most; with the words it is a page */
#define SHEET_LINE_OCTETS 15UL
#define SHEET_OCTETS (SHEET_LINES * SHEET_LINE_OCTETS)
#define SHEET_HEAD_OCTETS 64 /* all but the share */
#define SHEET_SHARE_OCTETS (SHEET_OCTETS - SHEET_HEAD_OCTETS)
#define SHEET_NAME 16 /* characters */
#define SHEET_SET_OCTETS 4

/* What all sheets of a set say alike. */
struct sheet_head {
	enum sheet_kind kind;
	unsigned needed, sheets; /* any `needed` of so many */
	uint8_t set[SHEET_SET_OCTETS]; /* random: tells the set from others of the same key */
	unsigned day; /* since 1970-01-01 */
	char party[RXP_PARTY_TEXT];
	char name[SHEET_NAME + 1]; /* of the file: a-z 0-9 . - */
	uint8_t fingerprint[RXP_DIGEST_OCTETS]; /* of the key */
	size_t len; /* octets of a share: 1 to SHEET_SHARE_OCTETS */
};

struct sheet {
	struct sheet_head head;
	unsigned number; /* 1 to head.sheets */
	uint8_t share[SHEET_SHARE_OCTETS]; /* head.len of them */
};

/* A name of a file as a sheet has it? */
bool sheet_name_valid(const char *name);

/* Append the octets of the head, which differ between two sets in something always. The buffer's errors. */
int sheet_head_put(struct rxp_buf *out, const struct sheet_head *head);

/* The words that name the key, as the sheet has them: party, key, fingerprint, date and set. The buffer's errors. */
int sheet_words(struct rxp_buf *out, const struct sheet_head *head);

/* Append the page. The buffer's errors. */
int sheet_print(struct rxp_buf *out, const struct sheet *s);

void sheet_wipe(struct sheet *s);

/* --- reading: one line after another ------------------------------------------------------------- */

struct sheet_reader {
	uint8_t octets[SHEET_OCTETS];
	size_t lines; /* that were taken */
	size_t want; /* how many there are; 0: not known yet */
};

#define SHEET_WHY 96

/* Take the next line; its number may stand before it. RXP_ERR_SYNTAX: what is wrong is in why, without a character of
 * the line; nothing was taken. */
int sheet_take(struct sheet_reader *r, const char *line, char why[SHEET_WHY]);

/* The sheet, once all lines were taken. RXP_ERR_SYNTAX and why: they prove themselves, but are not those of a sheet. */
int sheet_finish(struct sheet *out, const struct sheet_reader *r, char why[SHEET_WHY]);

void sheet_reader_wipe(struct sheet_reader *r);

#endif
