/* Files beside a Document, as ciphertext under a key that is given (section 14). */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "conformance/message/attached.h"
#include "conformance/package/kinds.h"
#include "conformance/package/reading.h"
#include "conformance/state/chance.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/attachment.h"

#define MAX_FILE_OCTETS (4UL * 1024 * 1024)
#define NAME_TEXT 96
#define KEY_HEX (2 * RXP_ATTACHMENT_KEY_OCTETS + 1)

/* A file and its ciphertext in the making. */
struct sealing {
	struct rxp_buf plain, ciphertext;
	uint8_t key[RXP_ATTACHMENT_KEY_OCTETS]; /* that is given */
};

static int encrypt(struct sealing *s, uint64_t counter, bool ends)
{
	size_t at = 0;
	int rc;

	rxp_buf_reset(&s->ciphertext);
	do {
		size_t left = s->plain.len - at;
		size_t n = left < RXP_SEGMENT_OCTETS ? left : RXP_SEGMENT_OCTETS;

		rc = rxp_attachment_encrypt(
		    &s->ciphertext, s->key, counter++, ends && n == left, s->plain.data + at, n);
		at += n;
	} while (rc == 0 && at < s->plain.len);
	return rc;
}

/* --- changes ---------------------------------------------------------------------------------- */

static int nothing(struct sealing *s)
{
	(void)s;
	return 0;
}
static int last_bit(struct sealing *s)
{
	s->ciphertext.data[s->ciphertext.len - 1] ^= 1;
	return 0;
}
static int first_bit(struct sealing *s)
{
	s->ciphertext.data[0] ^= 0x80;
	return 0;
}
static int shorter(struct sealing *s)
{
	rxp_buf_cut(&s->ciphertext, s->ciphertext.len - 1);
	return 0;
}
static int longer(struct sealing *s)
{
	return rxp_buf_putc(&s->ciphertext, 0);
}
static int other_key(struct sealing *s)
{
	s->key[0] ^= 1;
	return 0;
}
/* Only a full segment may be one of several: this one is filled up, and the last is left out. */
static int not_last(struct sealing *s)
{
	static const uint8_t zeros[RXP_SEGMENT_OCTETS];
	struct rxp_buf file = s->plain;
	int rc;

	rxp_buf_init(&s->plain, MAX_FILE_OCTETS);
	rc = rxp_buf_put(&s->plain, zeros, sizeof zeros);
	if (rc == 0)
		rc = encrypt(s, 0, false);
	rxp_buf_free(&s->plain);
	s->plain = file;
	return rc;
}
static int counted_from_one(struct sealing *s)
{
	return encrypt(s, 1, true);
}
static int cut_at_segment(struct sealing *s)
{
	rxp_buf_cut(&s->ciphertext, RXP_SEALED_SEGMENT_OCTETS);
	return 0;
}

static const struct {
	const char *id, *requirement;
	size_t octets;
	int (*change)(struct sealing *s);
	const char *result, *words;
} rows[] = {
#define ATTACHED(requirement, number, octets, change, result, words) \
	{requirement "." number, "RXP-" requirement, octets, change, result, words},
#include "conformance/package/attachment.def"
#undef ATTACHED
};

/* --- on the shelf ----------------------------------------------------------------------------- */

static int make(struct sealing *s, size_t i)
{
	uint8_t *room;
	int rc;

	making_begin(rows[i].id);
	rc = rxp_buf_room(&s->plain, rows[i].octets, &room);
	if (rc == 0 && rows[i].octets > 0)
		rc = chance()->fill(chance()->arg, room, rows[i].octets);
	if (rc == 0)
		rc = chance()->fill(chance()->arg, s->key, sizeof s->key);
	if (rc == 0)
		rc = encrypt(s, 0, true);
	return rc == 0 ? rows[i].change(s) : rc;
}

static int put(const struct making *m, size_t i, const struct sealing *s)
{
	bool opens = strcmp(rows[i].result, "opens") == 0;
	char ciphertext[NAME_TEXT], file[NAME_TEXT], key[KEY_HEX];
	int rc;

	(void)snprintf(ciphertext, sizeof ciphertext, "attachment/%s.ciphertext", rows[i].id);
	(void)snprintf(file, sizeof file, "attachment/%s.file", rows[i].id);
	rxp_hex_put(key, s->key, sizeof s->key, false);
	rc = shelf_file(m->shelf, ciphertext, &s->ciphertext);
	if (rc == 0 && opens)
		rc = shelf_file(m->shelf, file, &s->plain);
	return rc != 0 ? rc
		       : shelf_add(m->shelf, &(struct shelf_vector){rows[i].id, "attachment",
						 rows[i].requirement, rows[i].words, m->now_ms,
						 json_pack("{s:s, s:s*}", "ciphertext", ciphertext,
						     "file", opens ? file : NULL),
						 json_pack("{s:s}", "key", key),
						 json_pack("{s:s}", "result", rows[i].result)});
}

int put_attachments(const struct making *m)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && rc == 0; i++) {
		struct sealing s;

		rxp_buf_init(&s.plain, MAX_FILE_OCTETS);
		rxp_buf_init(&s.ciphertext, MAX_FILE_OCTETS);
		rc = make(&s, i);
		if (rc == 0)
			rc = put(m, i, &s);
		rxp_buf_free(&s.plain);
		rxp_buf_free(&s.ciphertext);
	}
	return rc;
}

/* --- read back -------------------------------------------------------------------------------- */

json_t *weigh_attachment(const struct reading *r)
{
	uint8_t key[RXP_ATTACHMENT_KEY_OCTETS];
	struct rxp_buf ciphertext, plain, file;
	const char *hex = reading_word(r, "key"), *result = NULL;
	int rc = hex == NULL ? RXP_ERR_SYNTAX : rxp_hex_get(key, sizeof key, hex, false);

	rxp_buf_init(&ciphertext, MAX_FILE_OCTETS);
	rxp_buf_init(&plain, MAX_FILE_OCTETS);
	rxp_buf_init(&file, MAX_FILE_OCTETS);
	if (rc == 0)
		rc = reading_file(&ciphertext, r, "ciphertext");
	if (rc == 0 && attached_open(&plain, &ciphertext, key) != 0)
		result = "closed";
	else if (rc == 0)
		result = reading_file(&file, r, "file") == 0 && file.len == plain.len &&
				 (file.len == 0 || memcmp(file.data, plain.data, file.len) == 0)
			     ? "opens"
			     : "another file";
	rxp_buf_free(&ciphertext);
	rxp_buf_free(&plain);
	rxp_buf_free(&file);
	return result == NULL ? NULL : json_pack("{s:s}", "result", result);
}
