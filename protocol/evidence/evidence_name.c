#include "protocol/evidence/evidence_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence.h"
#include "protocol/evidence/evidence_party.h"

#define DOCUMENTS "documents/"
#define DESCRIPTORS "descriptors/"
#define DESCRIPTOR_END ".xml"
#define LOGS "logs/"
#define WITHHELD "withheld/"
#define WITHHELD_END ".txt"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define NUMBERED_FORM "00-QRA.xml" /* two digits and the party */

static const struct {
	const char *name;
	size_t octets;
} files[RXP_EVIDENCE_FILES] = {
#define EVIDENCE_FILE(name, file, octets) [RXP_EVIDENCE_FILE_##name] = {(file), (octets)},
#include "protocol/evidence/evidence_file.def"
#undef EVIDENCE_FILE
};

static const struct {
	const char *name;
	enum rxp_evidence_name_kind kind;
	size_t octets;
} fixed[] = {
    {RXP_EVIDENCE_MIMETYPE, RXP_EVIDENCE_NAME_MIMETYPE, sizeof RXP_EVIDENCE_MIMETYPE_VALUE - 1},
    {RXP_EVIDENCE_MANIFEST, RXP_EVIDENCE_NAME_META, RXP_MAX_CONTAINER_TEXT_OCTETS},
    {RXP_EVIDENCE_SIGNATURES, RXP_EVIDENCE_NAME_META, RXP_MAX_CONTAINER_TEXT_OCTETS},
    {RXP_EVIDENCE_CHRONOLOGY, RXP_EVIDENCE_NAME_CHRONOLOGY, RXP_MAX_CONTAINER_TEXT_OCTETS},
    {RXP_EVIDENCE_PAGE, RXP_EVIDENCE_NAME_CHRONOLOGY, RXP_MAX_CONTAINER_TEXT_OCTETS},
};

static const struct rxp_withheld_words withheld[RXP_WITHHELD_REASONS] = {
#define WITHHELD_REASON(name, line, since, says) \
	[RXP_WITHHELD_##name] = {line "\n", (since), (says)},
#include "protocol/evidence/withheld.def"
#undef WITHHELD_REASON
};

const struct rxp_withheld_words *rxp_withheld_words(enum rxp_withheld why)
{
	return &withheld[why];
}

/* --- made ---------------------------------------------------------------------------------------- */

const char *rxp_evidence_type(const char *stored)
{
	size_t n = strspn(stored, LETTERS);

	return n > 0 && n < RXP_TYPE_TEXT && stored[n] == '\0' ? stored : RXP_EVIDENCE_TYPE_LOST;
}

void rxp_evidence_folder(
    char out[RXP_EVIDENCE_FOLDER_TEXT], unsigned number, const char *type, const char *from)
{
	snprintf(
	    out, RXP_EVIDENCE_FOLDER_TEXT, "%02u-%.*s-%.3s", number, RXP_TYPE_TEXT - 1, type, from);
}

void rxp_evidence_path(char out[RXP_ENTRY_TEXT], const char *folder, enum rxp_evidence_file file)
{
	snprintf(out, RXP_ENTRY_TEXT, DOCUMENTS "%.*s/%s", RXP_EVIDENCE_FOLDER_TEXT - 1, folder,
	    files[file].name);
}

void rxp_evidence_descriptor_path(char out[RXP_ENTRY_TEXT], const char *party)
{
	snprintf(out, RXP_ENTRY_TEXT, DESCRIPTORS "%.3s" DESCRIPTOR_END, party);
}

void rxp_evidence_former_path(char out[RXP_ENTRY_TEXT], unsigned number, const char *party)
{
	snprintf(out, RXP_ENTRY_TEXT, DESCRIPTORS "%02u-%.3s" DESCRIPTOR_END, number, party);
}

void rxp_evidence_log_path(char out[RXP_ENTRY_TEXT], unsigned number, const char *owner)
{
	snprintf(out, RXP_ENTRY_TEXT, LOGS "%02u-%.3s.xml", number, owner);
}

void rxp_evidence_withheld_path(char out[RXP_ENTRY_TEXT], const char *folder)
{
	snprintf(out, RXP_ENTRY_TEXT, WITHHELD "%.*s" WITHHELD_END, RXP_EVIDENCE_FOLDER_TEXT - 1,
	    folder);
}

/* --- taken apart ----------------------------------------------------------------------------------- */

/* NN-TYPE-FROM; a type has letters alone. */
static bool parse_folder(struct rxp_evidence_name *out, const char *text, size_t len)
{
	size_t digits, type;

	if (len >= sizeof out->folder)
		return false;
	memcpy(out->folder, text, len);
	out->folder[len] = '\0';
	digits = strspn(out->folder, "0123456789");
	if (digits < 2 || digits > 4 || out->folder[digits] != '-')
		return false;
	type = strspn(out->folder + digits + 1, LETTERS);
	if (type == 0 || type >= sizeof out->type || out->folder[digits + 1 + type] != '-' ||
	    !rxp_party_valid(out->folder + digits + type + 2))
		return false;
	out->number = (unsigned)strtoul(out->folder, NULL, 10);
	memcpy(out->party, out->folder + digits + type + 2, sizeof out->party);
	memcpy(out->type, out->folder + digits + 1, type);
	out->type[type] = '\0';
	return true;
}

static bool parse_document(struct rxp_evidence_name *out, const char *rest)
{
	const char *slash = strchr(rest, '/');

	out->kind = RXP_EVIDENCE_NAME_DOCUMENT;
	if (slash == NULL || !parse_folder(out, rest, (size_t)(slash - rest)))
		return false;
	for (int i = 0; i < RXP_EVIDENCE_FILES; i++)
		if (strcmp(slash + 1, files[i].name) == 0) {
			out->file = (enum rxp_evidence_file)i;
			out->octets = files[i].octets;
			return true;
		}
	return false;
}

/* NN-TYPE-FROM.txt */
static bool parse_withheld(struct rxp_evidence_name *out, const char *rest)
{
	size_t len = strlen(rest), end = strlen(WITHHELD_END);

	out->kind = RXP_EVIDENCE_NAME_WITHHELD;
	for (int i = 0; i < RXP_WITHHELD_REASONS; i++)
		if (out->octets < strlen(withheld[i].entry))
			out->octets = strlen(withheld[i].entry);
	return len > end && strcmp(rest + len - end, WITHHELD_END) == 0 &&
	       parse_folder(out, rest, len - end);
}

/* NN-PARTY.xml, NN from 01 to max. */
static bool parse_numbered(struct rxp_evidence_name *out, const char *rest, unsigned max)
{
	if (strlen(rest) != strlen(NUMBERED_FORM) || strspn(rest, "0123456789") != 2 ||
	    rest[2] != '-' || strcmp(rest + 6, ".xml") != 0)
		return false;
	out->number = (unsigned)strtoul(rest, NULL, 10);
	memcpy(out->party, rest + 3, 3);
	out->party[3] = '\0';
	return out->number >= 1 && out->number <= max && rxp_party_valid(out->party);
}

static bool parse_descriptor(struct rxp_evidence_name *out, const char *rest)
{
	out->octets = RXP_MAX_DESCRIPTOR_OCTETS;
	out->kind = RXP_EVIDENCE_NAME_FORMER;
	if (parse_numbered(out, rest, RXP_EVIDENCE_FORMER_MAX))
		return true;
	out->kind = RXP_EVIDENCE_NAME_DESCRIPTOR;
	if (strlen(rest) != 3 + strlen(DESCRIPTOR_END) || strcmp(rest + 3, DESCRIPTOR_END) != 0)
		return false;
	memcpy(out->party, rest, 3);
	out->party[3] = '\0';
	return rxp_party_valid(out->party);
}

static bool parse_log(struct rxp_evidence_name *out, const char *rest)
{
	out->kind = RXP_EVIDENCE_NAME_LOG;
	out->octets = RXP_MAX_LOG_PAGE_OCTETS;
	return parse_numbered(out, rest, RXP_EVIDENCE_PAGES_MAX);
}

int rxp_evidence_name_parse(struct rxp_evidence_name *out, const char *name)
{
	struct rxp_evidence_name n = {0};
	bool good = false;

	for (size_t i = 0; i < sizeof fixed / sizeof fixed[0] && !good; i++)
		if (strcmp(name, fixed[i].name) == 0) {
			n.kind = fixed[i].kind;
			n.octets = fixed[i].octets;
			good = true;
		}
	if (!good && strncmp(name, DOCUMENTS, strlen(DOCUMENTS)) == 0)
		good = parse_document(&n, name + strlen(DOCUMENTS));
	else if (!good && strncmp(name, DESCRIPTORS, strlen(DESCRIPTORS)) == 0)
		good = parse_descriptor(&n, name + strlen(DESCRIPTORS));
	else if (!good && strncmp(name, LOGS, strlen(LOGS)) == 0)
		good = parse_log(&n, name + strlen(LOGS));
	else if (!good && strncmp(name, WITHHELD, strlen(WITHHELD)) == 0)
		good = parse_withheld(&n, name + strlen(WITHHELD));
	if (!good)
		return RXP_ERR_SYNTAX;
	*out = n;
	return 0;
}

const char *rxp_evidence_media(const char *name)
{
	static const struct {
		const char *end, *media;
	} rows[] = {{".xml", "text/xml"}, {".txt", "text/plain"}, {".html", "text/html"},
	    {".der", "application/pkix-cert"}};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (len > strlen(rows[i].end) &&
		    strcmp(name + len - strlen(rows[i].end), rows[i].end) == 0)
			return rows[i].media;
	return "application/octet-stream";
}
