/*
 * ustar - the headers of a bundle: a POSIX ustar archive (POSIX.1-2017, pax, "ustar Interchange Format") of regular
 * files whose names are of ustar.def and nothing else (RXP-BND-001, RXP-BND-002).
 *
 * A header is judged by itself: no state, no memory, no file. What is not one of these is refused, so that nothing
 * of a hostile archive is ever used as a path. Users: readmitctl, and the fuzzer.
 */
#ifndef BASE_USTAR_H
#define BASE_USTAR_H

#include <stdint.h>

#include "protocol/base/limits.h"

#define USTAR_BLOCK 512 /* octets; headers and contents fill whole blocks */
#define USTAR_NAME_TEXT 101 /* a name and its NUL */
#define USTAR_ID_TEXT 65 /* the middle of a name and its NUL */
#define USTAR_FILE_OCTETS 67108864 /* of an attachment: the default profile's bound */
#define USTAR_CIPHERTEXT_MAX (USTAR_FILE_OCTETS + USTAR_FILE_OCTETS / RXP_SEGMENT_OCTETS * 16)

enum ustar_kind {
#define USTAR(name, folder, ending, of, octets, word) USTAR_##name,
#include "daemon/base/ustar.def"
#undef USTAR
	USTAR_KINDS
};

struct ustar_entry {
	enum ustar_kind kind;
	char name[USTAR_NAME_TEXT];
	char id[USTAR_ID_TEXT]; /* its name without folder and ending */
	uint64_t size;
};

/* What a kind is called at the local interface. */
const char *ustar_word(enum ustar_kind kind);

/* Read a header. RXP_ERR_NOT_FOUND: nothing but zeros, as at the end. RXP_ERR_SYNTAX: none that a bundle has.
 * RXP_ERR_BOUND: it is larger than one of its kind may be, or empty. */
int ustar_parse(struct ustar_entry *out, const uint8_t block[USTAR_BLOCK]);

/* Write one for so many octets of that kind; id as in an entry, which aborts if it is none. */
void ustar_write(uint8_t block[USTAR_BLOCK], enum ustar_kind kind, const char *id, uint64_t size);

/* Octets behind so many, up to the end of their last block. */
unsigned ustar_padding(uint64_t size);

#endif
