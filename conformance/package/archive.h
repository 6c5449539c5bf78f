/*
 * archive - the entries of a container of evidence as the octets of a ZIP file (RXP-EVI-012), as it must be or with one thing that
 * is not so. No library has a part in it, so that the octets are the same everywhere.
 */
#ifndef CONFORM_ARCHIVE_H
#define CONFORM_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

struct rxp_buf;
struct rxp_container;

/* How an entry differs from what it must be; the others are as they must be. */
struct archive_oddity {
	const char *entry; /* whose; NULL: none */
	bool deflated; /* though it is the mimetype */
	bool extra, comment; /* it has an extra field, a comment (the record of the directory) */
	bool twice; /* it is there once more, behind the last */
	const char *renamed; /* the name that the directory says; NULL: its own */
	bool last; /* it stands behind the others */
	uint16_t flags; /* besides */
	uint16_t mode; /* in the place of that of a plain file; 0: not */
	uint16_t method; /* in the place of its own; 0: not */
	uint32_t crc; /* xor */
	int32_t longer; /* than it is, as both headers say */
};

struct archive_manner {
	bool deflated; /* all but the mimetype; else stored */
	struct archive_oddity odd;
	const char *before, *between,
	    *behind; /* octets before the first entry, before the directory, at the end; or NULL */
	const char *stray; /* the name of an entry more, empty; or NULL */
	uint32_t cut; /* so many octets of the end are not there */
};

/* Append the file. The buffer's errors. */
int archive_write(
    struct rxp_buf *out, const struct rxp_container *c, const struct archive_manner *m);

#endif
