/* Files beside a Document, as their desk has them (section 14.1). */
#include <stdlib.h>
#include <string.h>

#include "conformance/judge/judge_inside.h"
#include "protocol/base/err.h"
#include "protocol/media/media.h"

#define BEHIND "octets after the end"
#define NO_KIND "it is no file of that MediaType, by how it begins"

/* The list that it must follow. */
static const char *requirement_of(const struct rxp_media_row *row)
{
	static const struct {
		const char *type, *requirement;
	} rows[] = {
#define JUDGE_FILE(type, requirement) {type, requirement},
#include "conformance/judge/judge_file.def"
#undef JUDGE_FILE
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].type, row->type) == 0)
			return rows[i].requirement;
	abort(); /* each kind has its list */
}

/* Of octets behind the end of a PDF: do they change it? Then it has a second body. */
static bool goes_on(const uint8_t *octets, size_t len, uint64_t at)
{
	return at < len && memmem(octets + at, len - (size_t)at, "startxref", 9) != NULL;
}

static void wrong(struct judgement *out, const struct rxp_media_row *row,
    const struct rxp_media_finding *finding, const uint8_t *octets, size_t len)
{
	bool behind = strncmp(finding->what, BEHIND, sizeof BEHIND - 1) == 0 &&
		      !goes_on(octets, len, finding->at);

	judge_wrong(out, behind ? "RXP-ATT-021" : requirement_of(row), NULL, finding->what);
}

bool judge_is_file(const uint8_t *octets, size_t len)
{
	return len > 0 && rxp_media_of(octets, len) != NULL;
}

int judge_file(
    struct judgement *out, const uint8_t *octets, size_t len, const struct judge_known *known)
{
	const struct rxp_media_row *row = len == 0 ? NULL : rxp_media_of(octets, len);
	struct rxp_media *scan = NULL;
	int rc;

	if (row == NULL ||
	    (known->media_type != NULL && strcmp(known->media_type, row->type) != 0)) {
		judge_wrong(out, "RXP-ATT-020", NULL, NO_KIND);
		return 0;
	}
	rc = rxp_media_new(&scan, row);
	if (rc != 0)
		return rc;
	(void)rxp_media_put(scan, octets, len);
	rc = rxp_media_end(scan);
	if (rc != 0 && rc != RXP_ERR_NOMEM) {
		wrong(out, row, rxp_media_finding(scan), octets, len);
		rc = 0;
	}
	rxp_media_free(scan);
	return rc;
}
