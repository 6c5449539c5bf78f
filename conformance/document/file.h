/*
 * file - files as a desk has them, sound or with octets changed, and what a manifest says that they are (section 14.1): rows of
 * file.def.
 */
#ifndef CONFORM_FILE_H
#define CONFORM_FILE_H

#include <stddef.h>

#include "conformance/cases/facts.h"

struct rxp_buf;

enum file_base {
#define FILE_BASE(name, type, words, octets) FILE_##name,
#include "conformance/document/file_base.def"
#undef FILE_BASE
	FILE_BASE_COUNT
};

#define FILE_MAX_EDITS 4

struct file_edit {
	const char *find, *put; /* octets; find NULL: all of the file, whatever it is */
	size_t find_len, put_len;
};

struct file_case {
	struct case_facts facts;
	enum file_base base;
	const char *said; /* the MediaType of its manifest; NULL: that of the base */
	size_t n_edits;
	struct file_edit edits[FILE_MAX_EDITS];
};

size_t file_total(void);
const struct file_case *file_at(size_t i);

const char *file_words(const struct file_case *f); /* what it is before its change */
const char *file_said(const struct file_case *f); /* the MediaType of its manifest */

/* Append its octets. RXP_ERR_NOT_FOUND: an edit finds no place, which is a fault of its row; the buffer's errors. */
int file_make(struct rxp_buf *out, const struct file_case *f);

#endif
