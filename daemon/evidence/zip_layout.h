/*
 * zip_layout - the structure of a ZIP file as a container of evidence has it (RXP-EVI-015): one entry behind
 * the other from the first octet on, then the central directory, then its end, and nothing between them, so
 * that no two readers see different entries.
 */
#ifndef EVIDENCE_ZIP_LAYOUT_H
#define EVIDENCE_ZIP_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/evidence/container_zip.h"

struct zip_layout_entry {
	char name[RXP_ENTRY_TEXT];
	size_t octets; /* unpacked, as the entry says and its name allows */
};

/* An entry, in the order of the file; fn's error ends the walk. */
typedef int zip_layout_fn(void *arg, const struct zip_layout_entry *entry);

/* Errors as container_zip_read(). */
int zip_layout_walk(
    const uint8_t *octets, size_t len, struct container_fault *why, zip_layout_fn *fn, void *arg);

#endif
