#include "daemon/evidence/container_zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zip.h>

#include "daemon/evidence/zip_layout.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_name.h"

/* One day for all, the first that a ZIP file can name: when it was made is in the signature. */
#define DOS_TIME 0
#define DOS_DATE 0x21
#define FILE_MODE 0100600U /* who met whom about whom is nobody else's business */

/* --- written ------------------------------------------------------------------------------------- */

static int add_entry(zip_t *zip, const struct rxp_entry *entry, int method)
{
	zip_source_t *source = zip_source_buffer(zip, entry->octets.data, entry->octets.len, 0);
	zip_int64_t at;

	if (source == NULL)
		return RXP_ERR_NOMEM;
	at = zip_file_add(zip, entry->name, source, ZIP_FL_ENC_UTF_8);
	if (at < 0) {
		zip_source_free(source);
		return RXP_ERR_NOMEM;
	}
	return zip_set_file_compression(zip, (zip_uint64_t)at, method, 0) != 0 ||
		       zip_file_set_dostime(zip, (zip_uint64_t)at, DOS_TIME, DOS_DATE, 0) != 0 ||
		       zip_file_set_external_attributes(
			   zip, (zip_uint64_t)at, 0, ZIP_OPSYS_UNIX, FILE_MODE << 16) != 0
		   ? RXP_ERR_NOMEM
		   : 0;
}

static int add_all(zip_t *zip, const struct rxp_container *c)
{
	const struct rxp_entry *first = rxp_container_find(c, RXP_EVIDENCE_MIMETYPE);
	int rc = first == NULL ? RXP_ERR_NOT_FOUND : add_entry(zip, first, ZIP_CM_STORE);

	for (size_t i = 0; rc == 0 && i < c->n; i++)
		if (&c->entries[i] != first)
			rc = add_entry(zip, &c->entries[i], ZIP_CM_DEFLATE);
	return rc;
}

static int copy_out(struct rxp_buf *out, zip_source_t *source)
{
	uint8_t chunk[16384];
	zip_int64_t n;
	int rc = 0;

	if (zip_source_open(source) != 0)
		return RXP_ERR_NOMEM;
	while (rc == 0 && (n = zip_source_read(source, chunk, sizeof chunk)) > 0)
		rc = rxp_buf_put(out, chunk, (size_t)n);
	zip_source_close(source);
	return rc;
}

int container_zip_write(struct rxp_buf *out, const struct rxp_container *c)
{
	zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_TRUNCATE, NULL);
	int rc;

	if (zip == NULL) {
		zip_source_free(source);
		return RXP_ERR_NOMEM;
	}
	zip_source_keep(source);
	rc = add_all(zip, c);
	if (rc == 0 && zip_close(zip) == 0) {
		rc = copy_out(out, source);
	} else {
		zip_discard(zip);
		rc = rc == 0 ? RXP_ERR_NOMEM : rc;
	}
	zip_source_free(source);
	return rc;
}

/* --- read ------------------------------------------------------------------------------------------ */

struct reading {
	struct rxp_container *out;
	struct container_fault *why;
	zip_t *zip;
	zip_uint64_t next; /* entry; both walk in the order of the central directory */
};

static int fault(struct reading *r, const char *name, int rc, const char *text)
{
	snprintf(r->why->entry, sizeof r->why->entry, "%s", name);
	r->why->text = text;
	return rc;
}

/* Exactly as many octets as the entry says; libzip compares their CRC at the end. */
static int unpack(zip_file_t *file, uint8_t *octets, size_t len)
{
	size_t have = 0;
	uint8_t beyond;
	zip_int64_t n;

	while (have < len && (n = zip_fread(file, octets + have, len - have)) > 0)
		have += (size_t)n;
	return have == len && zip_fread(file, &beyond, 1) == 0 ? 0 : RXP_ERR_DAMAGED;
}

static int take_entry(void *arg, const struct zip_layout_entry *entry)
{
	struct reading *r = arg;
	zip_file_t *file = zip_fopen_index(r->zip, r->next++, 0);
	uint8_t *octets = malloc(entry->octets + 1);
	int rc = RXP_ERR_NOMEM;

	if (file == NULL)
		rc = fault(r, entry->name, RXP_ERR_DAMAGED, "does not unpack");
	else if (octets != NULL && (rc = unpack(file, octets, entry->octets)) != 0)
		fault(r, entry->name, rc, "does not unpack to what it should be");
	if (rc == 0)
		rc = rxp_container_add(r->out, entry->name, octets, entry->octets);
	if (rc == RXP_ERR_EXISTS)
		fault(r, entry->name, rc, "is there twice");
	if (file != NULL)
		zip_fclose(file);
	free(octets);
	return rc;
}

static int nothing(void *arg, const struct zip_layout_entry *entry)
{
	(void)arg;
	(void)entry;
	return 0;
}

int container_zip_read(
    struct rxp_container *out, struct container_fault *why, const uint8_t *octets, size_t len)
{
	struct reading r = {.out = out, .why = why};
	zip_source_t *source;
	int rc;

	*why = (struct container_fault){.text = ""};
	/* All of its structure first, so that libzip never sees another. */
	rc = zip_layout_walk(octets, len, why, nothing, NULL);
	if (rc != 0)
		return rc;
	source = zip_source_buffer_create(octets, len, 0, NULL);
	r.zip = source == NULL ? NULL : zip_open_from_source(source, ZIP_RDONLY, NULL);
	if (r.zip == NULL) {
		zip_source_free(source);
		return fault(&r, "", RXP_ERR_DAMAGED, "no ZIP file that can be read");
	}
	rc = zip_layout_walk(octets, len, why, take_entry, &r);
	zip_discard(r.zip);
	return rc;
}
