/*
 * picture - small whole files of every kind of protocol/media/media.def, and parts off the allow-lists that
 * may be planted in them.
 *
 * A failure here aborts: it is a fault of the test, not of what is tested.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"

/* The kinds of places where a part may be planted. */
enum picture_spot {
	PICTURE_JPEG, /* between the segments of a JPEG, also one inside another file */
	PICTURE_PNG, /* between chunks */
	PICTURE_JP2_TOP, /* between boxes before the codestream */
	PICTURE_JP2_HEADER, /* between those inside jp2h, behind the first */
	PICTURE_JP2_STREAM, /* between the segments of the codestream's headers */
	PICTURE_WSQ, /* between segments, also of one inside another file */
	PICTURE_ITL_RECORD, /* between records; the contents name it */
	PICTURE_ITL_FIELD, /* at the end of the fields that this number may follow */
	PICTURE_ITL_NAME, /* in place of a blanked value */
	PICTURE_PDF_ENTRY, /* between the entries of dictionaries */
	PICTURE_PDF_OBJECT, /* between objects */
	PICTURE_END, /* behind the whole file, of any kind */
};

struct picture_plant {
	enum picture_spot spot;
	const char *name;
	void (*put)(struct rxp_buf *out); /* holds PICTURE_MARK */
};

#define PICTURE_MARK "MARK of a secret"
#define PICTURE_MAX 65536

extern const struct picture_plant picture_plants[];
extern const size_t picture_plants_count;

/* Append a file of this media type, with the plant at its legal place number `at` (from 0), or without
 * it if plant is NULL. where (may be NULL) receives the offset of what the plant put. Returns how many
 * legal places there are. */
unsigned picture_make(struct rxp_buf *out, const char *media, const struct picture_plant *plant,
    unsigned at, size_t *where);

/* A seed for picture_random() from DICE_SEED in the environment, or from the time; print it. */
void picture_seed(void);
uint32_t picture_random(size_t below); /* 0 .. below - 1 */

#endif
