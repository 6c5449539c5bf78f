#include "daemon/evidence/zip_layout.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_name.h"

/* APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16: octets of the fixed parts, and places in them. */
#define LOCAL_OCTETS 30
#define CENTRAL_OCTETS 46
#define END_OCTETS 22
#define METHOD_STORED 0
#define METHOD_DEFLATED 8
#define FLAGS_EFFORT UINT32_C(0x06)

#define LOCAL_SIGNATURE UINT32_C(0x04034b50)
#define CENTRAL_SIGNATURE UINT32_C(0x02014b50)
#define END_SIGNATURE UINT32_C(0x06054b50)

struct walk {
	const uint8_t *octets;
	size_t len;
	struct container_fault *why;
	size_t central; /* where the next central header stands … */
	size_t central_end; /* … and where the last ends */
	size_t local; /* where the next entry must begin */
	size_t unpacked; /* octets of all so far */
};

static uint32_t u16(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t u32(const uint8_t *at)
{
	return u16(at) | u16(at + 2) << 16;
}

static int fault(struct walk *w, int rc, const char *name, const char *text)
{
	snprintf(w->why->entry, sizeof w->why->entry, "%s", name);
	w->why->text = text;
	return rc;
}

/* --- the end of the file ------------------------------------------------------------------------- */

static int read_end(struct walk *w, size_t *entries)
{
	const uint8_t *end;
	size_t size, offset;

	if (w->len > RXP_MAX_CONTAINER_OCTETS)
		return fault(w, RXP_ERR_BOUND, "", "the file is too large");
	if (w->len < END_OCTETS)
		return fault(w, RXP_ERR_STRUCTURE, "", "no ZIP file, or cut off");
	end = w->octets + w->len - END_OCTETS;
	if (u32(end) != END_SIGNATURE || u16(end + 20) != 0)
		return fault(w, RXP_ERR_STRUCTURE, "",
		    "no ZIP file, cut off, or with something behind its end");
	*entries = u16(end + 10);
	size = u32(end + 12);
	offset = u32(end + 16);
	if (u16(end + 4) != 0 || u16(end + 6) != 0 || u16(end + 8) != *entries ||
	    size > w->len - END_OCTETS || offset != w->len - END_OCTETS - size)
		return fault(w, RXP_ERR_STRUCTURE, "",
		    "the central directory is not where the end of the file says");
	if (*entries > RXP_MAX_CONTAINER_ENTRIES)
		return fault(w, RXP_ERR_BOUND, "", "too many entries");
	w->central = offset;
	w->central_end = offset + size;
	return 0;
}

/* --- one entry ------------------------------------------------------------------------------------- */

/* The name as people may see it. */
static void copy_name(char out[RXP_ENTRY_TEXT], const uint8_t *octets, size_t len)
{
	size_t n = len < RXP_ENTRY_TEXT ? len : RXP_ENTRY_TEXT - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = (char)(octets[i] > ' ' && octets[i] < 0x7f ? octets[i] : '?');
	out[n] = '\0';
}

/* Do local header and central header say the same? */
static bool same_head(const uint8_t *local, const uint8_t *central)
{
	/* flags, method, time, date, CRC, both sizes, length of the name */
	return memcmp(local + 6, central + 8, 22) == 0 &&
	       memcmp(local + LOCAL_OCTETS, central + CENTRAL_OCTETS, u16(central + 28)) == 0;
}

/* What only the local header can say: it begins where the one before ended, and is as short as it can be. */
static int read_local(struct walk *w, const uint8_t *central, const char *name)
{
	size_t name_len = u16(central + 28), packed = u32(central + 20);
	const uint8_t *local = w->octets + w->local;

	if (u32(central + 42) != w->local)
		return fault(w, RXP_ERR_STRUCTURE, name, "is not where the entry before it ends");
	if (w->len - w->local < LOCAL_OCTETS + name_len ||
	    w->len - w->local - LOCAL_OCTETS - name_len < packed)
		return fault(w, RXP_ERR_STRUCTURE, name, "reaches beyond the file");
	if (u32(local) != LOCAL_SIGNATURE || u16(local + 28) != 0 || !same_head(local, central))
		return fault(w, RXP_ERR_STRUCTURE, name,
		    "its own header is not what the central directory says");
	w->local += LOCAL_OCTETS + name_len + packed;
	return 0;
}

/* Stored or deflated, with no flag but how hard the packer tried, and a regular file if it has a mode. */
static bool plain_head(const uint8_t *central)
{
	uint32_t flags = u16(central + 8), method = u16(central + 10);
	uint32_t mode = u16(central + 40);

	return (method == METHOD_STORED
		       ? flags == 0
		       : method == METHOD_DEFLATED && (flags & ~FLAGS_EFFORT) == 0) &&
	       ((mode & S_IFMT) == 0 || S_ISREG(mode));
}

static int judge_entry(struct walk *w, const uint8_t *central, struct zip_layout_entry *entry)
{
	size_t name_len = u16(central + 28);
	struct rxp_evidence_name name;

	copy_name(entry->name, central + CENTRAL_OCTETS, name_len);
	entry->octets = u32(central + 24);
	if (name_len >= RXP_ENTRY_TEXT || rxp_evidence_name_parse(&name, entry->name) != 0)
		return fault(w, RXP_ERR_SYNTAX, entry->name, "no entry of evidence has this name");
	if (!plain_head(central))
		return fault(w, RXP_ERR_STRUCTURE, entry->name,
		    "encrypted, packed in another way, or no plain file");
	if (u16(central + 30) != 0 || u16(central + 32) != 0)
		return fault(w, RXP_ERR_STRUCTURE, entry->name, "has an extra field or a comment");
	if (entry->octets > name.octets)
		return fault(w, RXP_ERR_BOUND, entry->name, "larger than such an entry may be");
	if (entry->octets > RXP_MAX_CONTAINER_OCTETS - w->unpacked)
		return fault(w, RXP_ERR_BOUND, entry->name, "all entries together are too large");
	if ((name.kind == RXP_EVIDENCE_NAME_MIMETYPE) != (w->local == 0) ||
	    (w->local == 0 && u16(central + 10) != METHOD_STORED))
		return fault(w, RXP_ERR_STRUCTURE, entry->name,
		    "the first entry must be mimetype, and stored");
	w->unpacked += entry->octets;
	return read_local(w, central, entry->name);
}

static int next_entry(struct walk *w, struct zip_layout_entry *entry)
{
	const uint8_t *central = w->octets + w->central;
	size_t left = w->central_end - w->central, whole;

	if (left < CENTRAL_OCTETS || u32(central) != CENTRAL_SIGNATURE)
		return fault(w, RXP_ERR_STRUCTURE, "", "the central directory is malformed");
	whole = CENTRAL_OCTETS + u16(central + 28) + u16(central + 30) + u16(central + 32);
	if (left < whole)
		return fault(w, RXP_ERR_STRUCTURE, "", "the central directory is malformed");
	w->central += whole;
	return judge_entry(w, central, entry);
}

int zip_layout_walk(
    const uint8_t *octets, size_t len, struct container_fault *why, zip_layout_fn *fn, void *arg)
{
	struct walk w = {.octets = octets, .len = len, .why = why};
	size_t entries = 0, begin;
	int rc = read_end(&w, &entries);

	begin = w.central;
	for (size_t i = 0; rc == 0 && i < entries; i++) {
		struct zip_layout_entry entry;

		rc = next_entry(&w, &entry);
		if (rc == 0)
			rc = fn(arg, &entry);
	}
	if (rc == 0 && (w.central != w.central_end || w.local != begin))
		rc = fault(&w, RXP_ERR_STRUCTURE, "", "holds octets that belong to no entry");
	return rc;
}
